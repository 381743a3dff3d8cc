/*
 * generate_series of timestamps by an interval, and of numerics.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/moment.h"
#include "workers/sqlite/functions/set.h"

/* ---- moments(start, stop, step), instants(start, stop, step) ---- */

struct moments {
	uint32_t oid;
	int64_t value, stop;
	struct type_interval step;
	int sign;
	bool begun;
};

static int
take_moment(struct set *set, sqlite3_value *value, uint32_t oid, int64_t *us, struct report *r)
{
	size_t length;
	const char *text = function_text(value, &length);

	return type_parse_timestamp(text, length, oid == TYPE_TIMESTAMPTZ, &set->session->types, us, r);
}

static int
open_moments(struct set *set, sqlite3_value **argv, uint32_t oid, struct report *r)
{
	struct moments *m = set->state = calloc(1, sizeof(*m));
	size_t length;
	const char *step = function_text(argv[2], &length);

	if (m == NULL)
		return type_out_of_memory(r);
	m->oid = oid;
	if (take_moment(set, argv[0], oid, &m->value, r) != 0 || take_moment(set, argv[1], oid, &m->stop, r) != 0 ||
	    type_parse_interval(step, length, &m->step, r) != 0)
		return -1;
	m->sign = type_compare_interval(step, length, "00:00:00", 8);
	if (m->sign == 0)
		return report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE, "step size cannot equal zero");
	return 0;
}

static int
moments_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	(void)argc;
	return open_moments(set, argv, TYPE_TIMESTAMP, r);
}

static int
instants_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	(void)argc;
	return open_moments(set, argv, TYPE_TIMESTAMPTZ, r);
}

/* The next value is computed once it is asked for: one beyond all time is an error only then. */
static int
moments_next(struct set *set, struct report *r)
{
	struct moments *m = set->state;
	bool infinite = m->value == TYPE_TIMESTAMP_INFINITY || m->value == TYPE_TIMESTAMP_MINUS_INFINITY;

	if (m->begun && !infinite &&
	    (m->oid == TYPE_TIMESTAMPTZ ? moment_add_in_zone(&set->session->types, &m->value, &m->step, 1, r)
					: moment_add(&m->value, &m->step, 1, r)) != 0)
		return -1;
	m->begun = true;
	set->done = m->sign > 0 ? m->value > m->stop : m->value < m->stop;
	return set->done ? 0 : type_datetime_to_text(m->oid, m->value, &set->value, r);
}

/* ---- numbers(start, stop[, step]) ---- */

struct numbers {
	char *value, *stop, *step;
	int sign;
	bool begun;
};

/* A copy of a numeric argument that is finite. */
static char *
take_number(sqlite3_value *value, const char *what, struct report *r)
{
	size_t length;
	const char *text = function_text(value, &length);
	char *copy;

	if (length > 0 && strchr("-0123456789", *text) != NULL && text[length - 1] != 'y') {
		if ((copy = strndup(text, length)) == NULL)
			(void)type_out_of_memory(r);
		return copy;
	}
	(void)report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE, "%s cannot be %s", what,
	    *text == 'N' ? "NaN" : "infinity");
	return NULL;
}

static int
numbers_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	struct numbers *n = set->state = calloc(1, sizeof(*n));

	if (n == NULL)
		return type_out_of_memory(r);
	if ((n->value = take_number(argv[0], "start value", r)) == NULL ||
	    (n->stop = take_number(argv[1], "stop value", r)) == NULL)
		return -1;
	n->step = argc > 2 ? take_number(argv[2], "step size", r) : strdup("1");
	if (n->step == NULL)
		return argc > 2 ? -1 : type_out_of_memory(r);
	n->sign = type_compare_numeric(n->step, strlen(n->step), "0", 1);
	if (n->sign == 0)
		return report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE, "step size cannot equal zero");
	return 0;
}

static int
add_step(struct numbers *n, struct report *r)
{
	struct decimal a = { 0 }, b = { 0 }, sum = { 0 };
	size_t length;
	char *next = NULL;

	if (decimal_read(n->value, strlen(n->value), &a) && decimal_read(n->step, strlen(n->step), &b) &&
	    decimal_operate('+', &a, &b, &sum))
		next = decimal_write(&sum, &length);
	decimal_free(&a);
	decimal_free(&b);
	decimal_free(&sum);
	if (next == NULL)
		return type_out_of_memory(r);
	free(n->value);
	n->value = next;
	return 0;
}

static int
numbers_next(struct set *set, struct report *r)
{
	struct numbers *n = set->state;
	int order;

	if (n->begun && add_step(n, r) != 0)
		return -1;
	n->begun = true;
	order = type_compare_numeric(n->value, strlen(n->value), n->stop, strlen(n->stop));
	set->done = n->sign > 0 ? order > 0 : order < 0;
	return set->done ? 0 : type_value_copy(&set->value, n->value, strlen(n->value), r);
}

static void
numbers_close(void *state)
{
	struct numbers *n = state;

	free(n->value);
	free(n->stop);
	free(n->step);
}

const struct set_kind set_range_kinds[] = {
	{ "moments", false, moments_open, moments_next, NULL },
	{ "instants", false, instants_open, moments_next, NULL },
	{ "numbers", false, numbers_open, numbers_next, numbers_close },
	{ .name = NULL },
};
