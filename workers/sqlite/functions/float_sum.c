/*
 * sum of floats over a group, in the order of its rows and in the type's own precision, as PostgreSQL adds them. Frames
 * that lose rows are moving.c's.
 */
#include <math.h>

#include "workers/sqlite/functions/functions.h"

struct float_sum {
	bool some, failed;
	double sum;
};

static void
add(sqlite3_context *c, sqlite3_value *value, bool single)
{
	struct float_sum *s = sqlite3_aggregate_context(c, sizeof(*s));
	double x, sum;

	if (s == NULL || s->failed || sqlite3_value_type(value) == SQLITE_NULL)
		return;
	x = type_real_of(value);
	sum = s->some ? s->sum + x : x; /* a sum of -0 is -0 */
	sum = single ? (double)(float)sum : sum;
	s->failed = isinf(sum) && !isinf(x) && !(s->some && isinf(s->sum));
	if (s->failed)
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow");
	s->some = true;
	s->sum = sum;
}

void
double_sum_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	add(c, argv[0], false);
}

void
single_sum_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	add(c, argv[0], true);
}

void
float_sum_value(sqlite3_context *c)
{
	const struct float_sum *s = sqlite3_aggregate_context(c, 0);

	if (s != NULL && s->some && !s->failed)
		type_result_real(c, s->sum);
}
