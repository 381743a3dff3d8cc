/*
 * Functions of numbers. A numeric comes as text and goes back as text; the rest is SQLite's INTEGER and REAL.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/functions/value_order.h"
#include "workers/sqlite/types/codec.h"

static double
real(sqlite3_value *value)
{
	return type_real_of(value);
}

void
math_abs(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *text;

	(void)argc;
	switch (sqlite3_value_type(argv[0])) {
	case SQLITE_INTEGER:
		if (sqlite3_value_int64(argv[0]) == INT64_MIN)
			function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "bigint out of range");
		else
			sqlite3_result_int64(c, llabs(sqlite3_value_int64(argv[0])));
		break;
	case SQLITE_FLOAT:
		sqlite3_result_double(c, fabs(real(argv[0])));
		break;
	default:
		text = function_text(argv[0], &length);
		function_result_text(c, text + (*text == '-'), length - (*text == '-'));
	}
}

/* Integers with places below 0: tens, hundreds. */
static void
round_value(sqlite3_context *c, int argc, sqlite3_value **argv, enum decimal_rounding how, double (*function)(double))
{
	int64_t places = argc > 1 ? sqlite3_value_int64(argv[1]) : 0;
	int kind = sqlite3_value_type(argv[0]);

	if (kind == SQLITE_FLOAT && argc == 1)
		sqlite3_result_double(c, function(real(argv[0])));
	else if (kind == SQLITE_INTEGER && places >= 0)
		sqlite3_result_value(c, argv[0]);
	else
		numeric_round(c, argv[0], places, how);
}

void
math_round(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	round_value(c, argc, argv, DECIMAL_HALF, rint);
}

void
math_trunc(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	round_value(c, argc, argv, DECIMAL_CUT, trunc);
}

void
math_ceil(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	round_value(c, argc, argv, DECIMAL_UP, ceil);
}

void
math_floor(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	round_value(c, argc, argv, DECIMAL_DOWN, floor);
}

void
math_sign(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	double value = real(argv[0]);

	(void)argc;
	sqlite3_result_int(c, (value > 0) - (value < 0));
}

void
math_mod(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t divisor = sqlite3_value_int64(argv[1]);

	(void)argc;
	/* A numeric is exact: as the operator %. */
	if (sqlite3_value_type(argv[0]) == SQLITE_TEXT || sqlite3_value_type(argv[1]) == SQLITE_TEXT) {
		numeric_calculate(c, argv, '%');
		return;
	}
	if (real(argv[1]) == 0) {
		function_fail(c, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
		return;
	}
	if (sqlite3_value_type(argv[0]) == SQLITE_INTEGER && sqlite3_value_type(argv[1]) == SQLITE_INTEGER) {
		sqlite3_result_int64(c, divisor == -1 ? 0 : sqlite3_value_int64(argv[0]) % divisor);
		return;
	}
	sqlite3_result_double(c, fmod(real(argv[0]), real(argv[1])));
}

/* Of what is finite only what is finite comes, and zero only where `zero` says so. */
static void
result_real(sqlite3_context *c, double value, bool finite, bool zero)
{
	if (finite && isinf(value))
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow");
	else if (finite && !zero && fpclassify(value) == FP_ZERO)
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: underflow");
	else
		type_result_real(c, value);
}

void
math_power(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	double base = real(argv[0]), exponent = real(argv[1]);

	(void)argc;
	if (base == 0 && exponent < 0)
		function_fail(c, SQLSTATE_INVALID_ARGUMENT_FOR_POWER_FUNCTION,
		    "zero raised to a negative power is undefined");
	else if (base < 0 && isfinite(exponent) && exponent != trunc(exponent))
		function_fail(c, SQLSTATE_INVALID_ARGUMENT_FOR_POWER_FUNCTION,
		    "a negative number raised to a non-integer power yields a complex result");
	else
		result_real(c, pow(base, exponent), isfinite(base) && isfinite(exponent), fpclassify(base) == FP_ZERO);
}

void
math_sqrt(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	if (real(argv[0]) < 0)
		function_fail(c, SQLSTATE_INVALID_ARGUMENT_FOR_POWER_FUNCTION,
		    "cannot take square root of a negative number");
	else
		type_result_real(c, sqrt(real(argv[0])));
}

void
math_exp(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	result_real(c, exp(real(argv[0])), isfinite(real(argv[0])), false);
}

static void
logarithm(sqlite3_context *c, sqlite3_value *value, double (*function)(double))
{
	if (real(value) <= 0)
		function_fail(c, SQLSTATE_INVALID_ARGUMENT_FOR_LOGARITHM, "cannot take logarithm of %s",
		    real(value) == 0 ? "zero" : "a negative number");
	else
		type_result_real(c, function(real(value)));
}

void
math_ln(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	logarithm(c, argv[0], log);
}

void
math_log(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	logarithm(c, argv[0], log10);
}

void
math_pi(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	sqlite3_result_double(c, M_PI);
}

static void
trigonometry(sqlite3_context *c, sqlite3_value *value, double (*function)(double))
{
	if (isinf(real(value)))
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "input is out of range");
	else
		type_result_real(c, function(real(value)));
}

void
math_sin(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	trigonometry(c, argv[0], sin);
}

void
math_cos(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	trigonometry(c, argv[0], cos);
}

void
math_tan(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	trigonometry(c, argv[0], tan);
}

void
math_atan2(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	type_result_real(c, atan2(real(argv[0]), real(argv[1])));
}

void
math_random(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	sqlite3_uint64 bits;

	(void)argc;
	(void)argv;
	sqlite3_randomness(sizeof(bits), &bits);
	sqlite3_result_double(c, (double)(bits >> 11) * 0x1p-53);
}

/* Version 4 of RFC 4122. */
void
math_uuid(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	uint8_t uuid[16];
	char text[TYPE_UUID_TEXT];

	(void)argc;
	(void)argv;
	if (getrandom(uuid, sizeof(uuid), 0) != (ssize_t)sizeof(uuid)) {
		function_fail(c, SQLSTATE_SYSTEM_ERROR, "could not generate random values");
		return;
	}
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
	type_write_uuid(uuid, text);
	function_result_text(c, text, sizeof(text));
}

/* The first argument is the type of the others. */
static void
extreme(sqlite3_context *c, int argc, sqlite3_value **argv, int sign)
{
	uint32_t oid = (uint32_t)sqlite3_value_int64(argv[0]);
	sqlite3_value *best = NULL;

	for (int i = 1; i < argc; i++) {
		if (sqlite3_value_type(argv[i]) == SQLITE_NULL)
			continue;
		if (best == NULL || value_order(oid, argv[i], best) * sign > 0)
			best = argv[i];
	}
	if (best != NULL)
		sqlite3_result_value(c, best);
}

void
math_greatest(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	extreme(c, argc, argv, 1);
}

void
math_least(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	extreme(c, argc, argv, -1);
}
