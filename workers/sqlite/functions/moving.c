/*
 * sum and avg of floats over a window: what leaves the frame can't be subtracted again, since a float has lost digits
 * by then, or was an infinity. The frame's values are kept, and added anew in their order, as PostgreSQL does.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"

/* The frame is values[first..n). */
struct moving {
	double *values;
	size_t first, n, capacity;
	double sum; /* of all of them, unless `stale` */
	bool stale;
};

static void
add_value(double *sum, double value, bool single)
{
	*sum = single ? (double)(float)(*sum + value) : *sum + value;
}

/* What has left is moved over once it is half of what there is. */
static bool
make_room(struct moving *m)
{
	size_t capacity = m->capacity == 0 ? 16 : m->capacity * 2;
	double *grown;

	if (m->n < m->capacity)
		return true;
	if (m->first > m->n / 2) {
		memmove(m->values, m->values + m->first, (m->n - m->first) * sizeof(*m->values));
		m->n -= m->first;
		m->first = 0;
		return true;
	}
	if ((grown = realloc(m->values, capacity * sizeof(*grown))) == NULL)
		return false;
	m->values = grown;
	m->capacity = capacity;
	return true;
}

/* NaN is kept as a text. */
static double
value_of(sqlite3_value *value)
{
	return sqlite3_value_type(value) == SQLITE_TEXT ? (double)NAN : sqlite3_value_double(value);
}

static void
step(sqlite3_context *c, sqlite3_value *value, bool single)
{
	struct moving *m = sqlite3_aggregate_context(c, sizeof(*m));

	if (m == NULL || sqlite3_value_type(value) == SQLITE_NULL)
		return;
	if (!make_room(m)) {
		sqlite3_result_error_nomem(c);
		return;
	}
	m->values[m->n++] = value_of(value);
	if (m->n - m->first == 1)
		m->sum = m->values[m->first];
	else if (!m->stale)
		add_value(&m->sum, m->values[m->n - 1], single);
	m->stale = m->stale && m->n - m->first > 1;
}

void
moving_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	step(c, argv[0], false);
}

void
moving_single_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	step(c, argv[0], true);
}

void
moving_inverse(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct moving *m = sqlite3_aggregate_context(c, sizeof(*m));

	(void)argc;
	if (m == NULL || sqlite3_value_type(argv[0]) == SQLITE_NULL || m->first == m->n)
		return;
	m->first++;
	m->stale = true;
}

/* False: the frame has no values, or the sum is too large, and reported. */
static bool
add_up(sqlite3_context *c, struct moving *m, bool single)
{
	bool infinite = false;

	if (m == NULL || m->first == m->n)
		return false;
	if (m->stale) {
		m->sum = m->values[m->first];
		for (size_t i = m->first + 1; i < m->n; i++)
			add_value(&m->sum, m->values[i], single);
		m->stale = false;
	}
	if (!isinf(m->sum))
		return true;
	for (size_t i = m->first; i < m->n; i++)
		infinite |= isinf(m->values[i]) != 0;
	if (!infinite)
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow");
	return infinite;
}

void
moving_sum_value(sqlite3_context *c)
{
	struct moving *m = sqlite3_aggregate_context(c, 0);

	if (add_up(c, m, false))
		type_result_real(c, m->sum);
}

void
moving_single_sum_value(sqlite3_context *c)
{
	struct moving *m = sqlite3_aggregate_context(c, 0);

	if (add_up(c, m, true))
		type_result_real(c, m->sum);
}

void
moving_avg_value(sqlite3_context *c)
{
	struct moving *m = sqlite3_aggregate_context(c, 0);

	if (add_up(c, m, false))
		type_result_real(c, m->sum / (double)(m->n - m->first));
}

static void
release(sqlite3_context *c)
{
	struct moving *m = sqlite3_aggregate_context(c, 0);

	if (m == NULL)
		return;
	free(m->values);
	*m = (struct moving) { .values = NULL };
}

void
moving_sum_final(sqlite3_context *c)
{
	moving_sum_value(c);
	release(c);
}

void
moving_single_sum_final(sqlite3_context *c)
{
	moving_single_sum_value(c);
	release(c);
}

void
moving_avg_final(sqlite3_context *c)
{
	moving_avg_value(c);
	release(c);
}
