/*
 * Where a row would stand among those of a group: rank, dense_rank, percent_rank and cume_dist WITHIN GROUP. A call is
 * (keys, the row's values, ..., the group's, ...); keys as in ordered.c.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/functions/value_order.h"

#define STRIDE 1024

struct standing {
	int64_t rows, before, alike;
	struct value_key keys[VALUE_KEYS_MAX];
	size_t nkeys;
	sqlite3_value **values; /* of the rows before, for dense_rank */
	size_t n, capacity;	/* in rows */
	const struct sql_context *context;
	unsigned asked;
};

static struct standing *
take(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct standing *s = sqlite3_aggregate_context(c, sizeof(*s));
	size_t length;
	int order;

	if (s == NULL)
		return NULL;
	if (s->rows == 0 &&
	    (!value_keys_read(function_text(argv[0], &length), s->keys, &s->nkeys) ||
		(size_t)argc != 1 + 2 * s->nkeys)) {
		function_fail(c, SQLSTATE_INTERNAL_ERROR, "bibd_rank() was called wrongly");
		return NULL;
	}
	s->context = function_session(c);
	s->rows++;
	order = value_keys_order(s->keys, s->nkeys, argv + 1 + s->nkeys, argv + 1);
	s->before += order < 0;
	s->alike += order == 0;
	return order < 0 ? s : NULL;
}

void
hypothetical_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)take(c, argc, argv);
}

/* Keeps what comes before, to count what of it is alike. */
void
hypothetical_dense_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct standing *s = take(c, argc, argv);
	size_t width = s == NULL ? 0 : s->nkeys;

	if (s == NULL)
		return;
	if (s->n == s->capacity) {
		size_t capacity = s->capacity * 2 + 16;
		sqlite3_value **grown = sqlite3_realloc64(s->values, capacity * width * sizeof(sqlite3_value *));

		if (grown == NULL) {
			sqlite3_result_error_nomem(c);
			return;
		}
		s->values = grown;
		s->capacity = capacity;
	}
	/* Where memory runs out in the midst of a row, its other values are NULL, which frees as nothing. */
	for (size_t i = 0; i < width; i++)
		s->values[s->n * width + i] = sqlite3_value_dup(argv[1 + width + i]);
	s->n++;
}

void
hypothetical_rank(sqlite3_context *c)
{
	const struct standing *s = sqlite3_aggregate_context(c, 0);

	sqlite3_result_int64(c, s == NULL ? 1 : s->before + 1);
}

void
hypothetical_percent_rank(sqlite3_context *c)
{
	const struct standing *s = sqlite3_aggregate_context(c, 0);

	sqlite3_result_double(c, s == NULL || s->rows == 0 ? 0 : (double)s->before / (double)s->rows);
}

void
hypothetical_cume_dist(sqlite3_context *c)
{
	const struct standing *s = sqlite3_aggregate_context(c, 0);

	sqlite3_result_double(c, s == NULL ? 1 : (double)(s->before + s->alike + 1) / (double)(s->rows + 1));
}

static bool
has_to_stop(struct standing *s)
{
	return ++s->asked % STRIDE == 0 && s->context->must_stop != NULL &&
	    s->context->must_stop(s->context->must_stop_arg);
}

/* Once the statement has to stop, any order will do. */
static int
compare_rows(const void *a, const void *b, void *arg)
{
	struct standing *s = arg;

	return has_to_stop(s)
	    ? 0
	    : value_keys_order(s->keys, s->nkeys, *(sqlite3_value *const *const *)a, *(sqlite3_value *const *const *)b);
}

static void
give_dense(sqlite3_context *c, struct standing *s)
{
	sqlite3_value ***rows = sqlite3_malloc64((s->n + 1) * sizeof(*rows));
	int64_t rank = 1;

	if (rows == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	for (size_t i = 0; i < s->n; i++)
		rows[i] = s->values + i * s->nkeys;
	qsort_r(rows, s->n, sizeof(rows[0]), compare_rows, s);
	for (size_t i = 0; i < s->n; i++)
		rank += i == 0 || value_keys_order(s->keys, s->nkeys, rows[i - 1], rows[i]) != 0;
	sqlite3_free(rows);
	sqlite3_result_int64(c, rank);
	if (s->context->must_stop != NULL && s->context->must_stop(s->context->must_stop_arg))
		sqlite3_result_error_code(c, SQLITE_INTERRUPT);
}

void
hypothetical_dense_rank(sqlite3_context *c)
{
	struct standing *s = sqlite3_aggregate_context(c, 0);

	if (s == NULL || s->n == 0) {
		sqlite3_result_int64(c, 1);
		return;
	}
	give_dense(c, s);
	for (size_t i = 0; i < s->n * s->nkeys; i++)
		sqlite3_value_free(s->values[i]);
	sqlite3_free(s->values);
	s->values = NULL;
	s->n = 0;
}
