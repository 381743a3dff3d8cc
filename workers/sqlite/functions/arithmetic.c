/*
 * Arithmetic at run time: what SQLite lets pass and PostgreSQL does not.
 */
#include <math.h>

#include "workers/sqlite/functions/functions.h"

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
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "%s", message);
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
		function_fail(c, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
	else if (a == INT64_MIN && b == -1)
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "bigint out of range");
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
		function_fail(c, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
	else
		sqlite3_result_int64(c, b == -1 ? 0 : a % b);
}

/* Of what is finite only what is finite comes, and zero of nothing that is none. */
static void
finish_float(sqlite3_context *c, double value, bool finite, bool zero)
{
	if (finite && isinf(value))
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow");
	else if (!zero && fpclassify(value) == FP_ZERO)
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: underflow");
	else
		type_result_real(c, value);
}

static void
compute_float(sqlite3_context *c, sqlite3_value **argv, char op)
{
	double a = type_real_of(argv[0]), b = type_real_of(argv[1]);
	bool finite = isfinite(a) && isfinite(b), zero = fpclassify(a) == FP_ZERO || fpclassify(b) == FP_ZERO;

	if (either_is_null(argv))
		return;
	switch (op) {
	case '+':
		finish_float(c, a + b, finite, true);
		return;
	case '-':
		finish_float(c, a - b, finite, true);
		return;
	case '*':
		finish_float(c, a * b, finite, zero);
		return;
	default:
		if (fpclassify(b) == FP_ZERO && !isnan(a))
			function_fail(c, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
		else
			finish_float(c, a / b, finite, fpclassify(a) == FP_ZERO || isinf(b));
	}
}

#define COMPUTE(name, op) \
	void name(sqlite3_context *c, int argc, sqlite3_value **argv) \
	{ \
		(void)argc; \
		compute_float(c, argv, op); \
	}
COMPUTE(operator_float_add, '+')
COMPUTE(operator_float_subtract, '-')
COMPUTE(operator_float_multiply, '*')
COMPUTE(operator_divide_float, '/')
#undef COMPUTE

void
operator_float_negate(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	if (sqlite3_value_type(argv[0]) != SQLITE_NULL)
		type_result_real(c, -type_real_of(argv[0]));
}

void
operator_power(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	double base = type_real_of(argv[0]), exponent = type_real_of(argv[1]);

	(void)argc;
	if (either_is_null(argv))
		return;
	if (fpclassify(base) == FP_ZERO && exponent < 0)
		function_fail(c, SQLSTATE_INVALID_ARGUMENT_FOR_POWER_FUNCTION,
		    "zero raised to a negative power is undefined");
	else if (base < 0 && isfinite(exponent) && fpclassify(exponent - trunc(exponent)) != FP_ZERO)
		function_fail(c, SQLSTATE_INVALID_ARGUMENT_FOR_POWER_FUNCTION,
		    "a negative number raised to a non-integer power yields a complex result");
	else
		finish_float(c, pow(base, exponent), isfinite(base) && isfinite(exponent),
		    fpclassify(base) == FP_ZERO || !isfinite(base) || !isfinite(exponent));
}

void
operator_xor(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	if (!either_is_null(argv))
		sqlite3_result_int64(c, sqlite3_value_int64(argv[0]) ^ sqlite3_value_int64(argv[1]));
}

/* PostgreSQL leaves it to the processor, which counts a smallint's bits as an integer's and looks at the low bits of
 * the distance alone; what is shifted out is lost. argv: value, distance, bits. */
static void
shift(sqlite3_context *c, sqlite3_value **argv, bool to_the_left)
{
	int bits = sqlite3_value_int(argv[2]);
	unsigned distance = (unsigned)sqlite3_value_int64(argv[1]) & (bits == 64 ? 63U : 31U);
	int64_t value = sqlite3_value_int64(argv[0]);

	if (either_is_null(argv))
		return;
	value = to_the_left ? (int64_t)((uint64_t)value << distance) : value >> distance;
	if (bits == 16)
		value = (int16_t)value;
	else if (bits == 32)
		value = (int32_t)value;
	sqlite3_result_int64(c, value);
}

void
operator_shift_left(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	shift(c, argv, true);
}

void
operator_shift_right(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	shift(c, argv, false);
}

static void
count(sqlite3_context *c, sqlite3_value *value, int64_t null, enum sqlstate state, const char *message)
{
	int64_t v = sqlite3_value_type(value) == SQLITE_NULL ? null : sqlite3_value_int64(value);

	if (v < 0 && sqlite3_value_type(value) != SQLITE_NULL)
		function_fail(c, state, "%s", message);
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
