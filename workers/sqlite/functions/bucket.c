/*
 * width_bucket, and the common divisors and multiples of integers.
 */
#include <math.h>
#include <string.h>

#include "workers/sqlite/functions/numeric_value.h"
#include "workers/sqlite/types/codec.h"

/* False: the call failed. */
static bool
check_count(sqlite3_context *c, int64_t count)
{
	if (count <= 0)
		function_fail(c, SQLSTATE_INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION,
		    "count must be greater than zero");
	return count > 0;
}

static bool
check_bounds(sqlite3_context *c, bool nan, bool infinite, bool equal)
{
	const char *why = nan ? "operand, lower bound, and upper bound cannot be NaN"
	    : infinite	      ? "lower and upper bounds must be finite"
	    : equal	      ? "lower bound cannot equal upper bound"
			      : NULL;

	if (why != NULL)
		function_fail(c, SQLSTATE_INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION, "%s", why);
	return why == NULL;
}

static void
give_bucket(sqlite3_context *c, int64_t bucket)
{
	if (bucket > INT32_MAX)
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range");
	else
		sqlite3_result_int64(c, bucket);
}

void
float_width_bucket(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	double x = type_real_of(argv[0]), low = type_real_of(argv[1]), high = type_real_of(argv[2]);
	int64_t count = sqlite3_value_int64(argv[3]), bucket;
	bool falling = low > high;

	(void)argc;
	if (!check_count(c, count) ||
	    !check_bounds(c, isnan(x) || isnan(low) || isnan(high), isinf(low) || isinf(high),
		!(low < high) && !(low > high)))
		return;
	if (falling ? x > low : x < low)
		bucket = 0;
	else if (falling ? x <= high : x >= high)
		bucket = count + 1;
	else {
		double width = falling ? low - high : high - low, beyond = falling ? low - x : x - low;

		/* A share that rounds up to 1 is beyond the last bucket, and wraps there, on PostgreSQL 15. */
		bucket = isinf(width) ? (int64_t)((double)count *
					    ((falling ? low / 2 - x / 2 : x / 2 - low / 2) /
						(falling ? low / 2 - high / 2 : high / 2 - low / 2)))
				      : (int64_t)((double)count * beyond / width);
		bucket = (int32_t)(uint32_t)(bucket + 1);
		sqlite3_result_int64(c, bucket);
		return;
	}
	give_bucket(c, bucket);
}

/* x, low and high have digits, x is in [low, high); a quotient that rounds up to 1 is beyond the last bucket. */
static bool
bucket_of(struct numeric *x, int64_t count, int64_t *bucket)
{
	struct decimal times = { .digits = NULL }, beyond = times, width = times, share = times, quotient = times;
	char text[24];
	bool ok;

	(void)snprintf(text, sizeof(text), "%lld", (long long)count);
	ok = decimal_read(text, strlen(text), &times) && decimal_operate('-', &x[0].digits, &x[1].digits, &beyond);
	x[1].digits.negative = !x[1].digits.negative; /* as it was before the subtraction */
	ok = ok && decimal_operate('-', &x[2].digits, &x[1].digits, &width) &&
	    decimal_operate('*', &beyond, &times, &share) && decimal_operate('/', &share, &width, &quotient) &&
	    decimal_round(&quotient, 0, DECIMAL_CUT);
	*bucket = 0;
	for (size_t i = 0; ok && i < quotient.n; i++)
		*bucket = *bucket * 10 + quotient.digits[i];
	++*bucket;
	decimal_free(&times);
	decimal_free(&beyond);
	decimal_free(&width);
	decimal_free(&share);
	decimal_free(&quotient);
	return ok;
}

static int
compare(sqlite3_value *a, sqlite3_value *b)
{
	struct type_value x = type_value_of(a), y = type_value_of(b);

	return type_compare_numeric(x.bytes, x.length, y.bytes, y.length);
}

void
numeric_width_bucket(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t count = sqlite3_value_int64(argv[3]), bucket;
	struct numeric x[3];
	int order;
	bool nan = false, infinite = false;

	(void)argc;
	if (!check_count(c, count) || !numeric_take(c, argv, x, 3))
		return;
	for (int i = 0; i < 3; i++) {
		nan |= x[i].kind == NUMERIC_NAN;
		infinite |= i > 0 && x[i].kind != NUMERIC_DIGITS;
	}
	order = compare(argv[1], argv[2]);
	if (check_bounds(c, nan, infinite, order == 0)) {
		if (compare(argv[0], argv[1]) * (order < 0 ? 1 : -1) < 0)
			give_bucket(c, 0);
		else if (compare(argv[0], argv[2]) * (order < 0 ? 1 : -1) >= 0)
			give_bucket(c, count + 1);
		else if (bucket_of(x, count, &bucket))
			give_bucket(c, bucket);
		else
			sqlite3_result_error_nomem(c);
	}
	numeric_free(x, 3);
}

/* ---- integers ---- */

static uint64_t
magnitude(int64_t x)
{
	return x < 0 ? -(uint64_t)x : (uint64_t)x;
}

static void
common(sqlite3_context *c, sqlite3_value **argv, int64_t most, const char *what, bool multiple)
{
	uint64_t first = magnitude(sqlite3_value_int64(argv[0])), second = magnitude(sqlite3_value_int64(argv[1]));
	uint64_t a = first, b = second, result;

	while (b != 0) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	result = a;
	if ((multiple && a != 0 && __builtin_mul_overflow(first / a, second, &result)) || result > (uint64_t)most)
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "%s out of range", what);
	else
		sqlite3_result_int64(c, (sqlite3_int64)result);
}

#define COMMON(name, most, what, multiple) \
	void name(sqlite3_context *c, int argc, sqlite3_value **argv) \
	{ \
		(void)argc; \
		common(c, argv, most, what, multiple); \
	}
COMMON(integer_gcd4, INT32_MAX, "integer", false)
COMMON(integer_gcd8, INT64_MAX, "bigint", false)
COMMON(integer_lcm4, INT32_MAX, "integer", true)
COMMON(integer_lcm8, INT64_MAX, "bigint", true)
#undef COMMON

void
numeric_sign_of(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct numeric x;
	int sign;

	(void)argc;
	if (!numeric_take(c, argv, &x, 1))
		return;
	sign = numeric_sign(&x);
	function_result_string(c, x.kind == NUMERIC_NAN ? "NaN" : sign > 0 ? "1" : sign < 0 ? "-1" : "0");
	numeric_free(&x, 1);
}
