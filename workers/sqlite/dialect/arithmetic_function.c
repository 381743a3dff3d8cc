/*
 * Arithmetic at run time: what SQLite lets pass and PostgreSQL does not.
 */
#include <math.h>

#include "workers/sqlite/dialect/operators.h"

/* A result that overflowed 64 bits has become a float. */
static void
check_range(sqlite3_context *c, sqlite3_value *value, int64_t min, int64_t max, const char *message)
{
	int kind = sqlite3_value_type(value);
	int64_t v;

	if (kind == SQLITE_NULL)
		return;
	v = sqlite3_value_int64(value);
	if (kind != SQLITE_INTEGER || v < min || v > max)
		operator_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, message);
	else
		sqlite3_result_int64(c, v);
}

void
operator_int2_range(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	check_range(c, argv[0], INT16_MIN, INT16_MAX, "smallint out of range");
}

void
operator_int4_range(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	check_range(c, argv[0], INT32_MIN, INT32_MAX, "integer out of range");
}

void
operator_int8_range(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	check_range(c, argv[0], INT64_MIN, INT64_MAX, "bigint out of range");
}

static bool
either_is_null(sqlite3_value **argv)
{
	return sqlite3_value_type(argv[0]) == SQLITE_NULL || sqlite3_value_type(argv[1]) == SQLITE_NULL;
}

void
operator_divide(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t a = sqlite3_value_int64(argv[0]), b = sqlite3_value_int64(argv[1]);

	(void)argc;
	if (either_is_null(argv))
		return;
	if (b == 0)
		operator_fail(c, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
	else if (a == INT64_MIN && b == -1)
		operator_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "bigint out of range");
	else
		sqlite3_result_int64(c, a / b);
}

void
operator_modulo(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t a = sqlite3_value_int64(argv[0]), b = sqlite3_value_int64(argv[1]);

	(void)argc;
	if (either_is_null(argv))
		return;
	if (b == 0)
		operator_fail(c, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
	else
		sqlite3_result_int64(c, b == -1 ? 0 : a % b);
}

void
operator_divide_float(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	double b = sqlite3_value_double(argv[1]);

	(void)argc;
	if (either_is_null(argv))
		return;
	if (fpclassify(b) == FP_ZERO)
		operator_fail(c, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
	else
		sqlite3_result_double(c, sqlite3_value_double(argv[0]) / b);
}

void
operator_power(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	double value;

	(void)argc;
	if (either_is_null(argv))
		return;
	value = pow(sqlite3_value_double(argv[0]), sqlite3_value_double(argv[1]));
	if (isnan(value) || isinf(value))
		operator_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow");
	else
		sqlite3_result_double(c, value);
}

void
operator_xor(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	if (!either_is_null(argv))
		sqlite3_result_int64(c, sqlite3_value_int64(argv[0]) ^ sqlite3_value_int64(argv[1]));
}

static void
count(sqlite3_context *c, sqlite3_value *value, int64_t null, enum sqlstate state, const char *message)
{
	int64_t v = sqlite3_value_type(value) == SQLITE_NULL ? null : sqlite3_value_int64(value);

	if (v < 0 && sqlite3_value_type(value) != SQLITE_NULL)
		operator_fail(c, state, message);
	else
		sqlite3_result_int64(c, v);
}

void
operator_limit(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	count(c, argv[0], -1, SQLSTATE_INVALID_ROW_COUNT_IN_LIMIT_CLAUSE, "LIMIT must not be negative");
}

void
operator_offset(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	count(c, argv[0], 0, SQLSTATE_INVALID_ROW_COUNT_IN_RESULT_OFFSET_CLAUSE, "OFFSET must not be negative");
}
