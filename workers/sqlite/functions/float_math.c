/*
 * Functions of float8 beyond the operators: inverse, hyperbolic and degree trigonometry. What is exact in degrees is
 * exact here: sines up to 30 and cosines up to 60 degrees are measured against the value at that angle.
 */
#include <math.h>

#include "workers/sqlite/functions/functions.h"

#define RADIANS_PER_DEGREE 0.0174532925199432957692

static void
fail_range(sqlite3_context *c)
{
	function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "input is out of range");
}

/* Gives function(x), where least <= x <= most or x is NaN. */
static void
within(sqlite3_context *c, double x, double least, double most, double (*function)(double))
{
	if (x < least || x > most)
		fail_range(c);
	else
		type_result_real(c, function(x));
}

static void
unless_infinite(sqlite3_context *c, double x, double (*function)(double))
{
	if (isinf(x))
		fail_range(c);
	else
		type_result_real(c, function(x));
}

static double
cotangent(double x)
{
	return 1.0 / tan(x);
}

static double
sign_of(double x)
{
	return x > 0 ? 1 : x < 0 ? -1 : 0;
}

/* ---- degrees ---- */

/* Kept from being calculated by the compiler, whose last digit may be another. */
static double
at(double (*function)(double), double x)
{
	volatile double argument = x;

	return function(argument);
}

static double
small_sine(double x)
{
	return at(sin, x * RADIANS_PER_DEGREE) / at(sin, 30.0 * RADIANS_PER_DEGREE) / 2.0;
}

static double
small_cosine(double x)
{
	volatile double beyond = 1.0 - at(cos, x * RADIANS_PER_DEGREE);

	return 1.0 - (beyond / (1.0 - at(cos, 60.0 * RADIANS_PER_DEGREE))) / 2.0;
}

/* From 0 to 90. */
static double
quarter_sine(double x)
{
	return x <= 30.0 ? small_sine(x) : small_cosine(90.0 - x);
}

static double
quarter_cosine(double x)
{
	return x <= 60.0 ? small_cosine(x) : small_sine(90.0 - x);
}

/* Brings an angle into the first quarter; *sign and *mirrored say how it was turned. */
static double
fold(double x, double *turned, bool *mirrored)
{
	*turned = signbit(x) ? -1 : 1;
	*mirrored = false;
	x = fabs(fmod(x, 360.0));
	if (x > 180.0) {
		x = 360.0 - x;
		*turned = -*turned;
	}
	if (x > 90.0) {
		x = 180.0 - x;
		*mirrored = true;
	}
	return x;
}

static double
sine_of_degrees(double x)
{
	double turned;
	bool mirrored;

	if (isnan(x))
		return x;
	x = fold(x, &turned, &mirrored);
	return turned * quarter_sine(x);
}

static double
cosine_of_degrees(double x)
{
	double turned;
	bool mirrored;

	if (isnan(x))
		return x;
	x = fold(x, &turned, &mirrored);
	return mirrored ? -quarter_cosine(x) : quarter_cosine(x);
}

/* `over` through `under`, so scaled that 45 degrees give 1. */
static double
ratio_of_degrees(double x, double (*over)(double), double (*under)(double))
{
	double turned, value;
	bool mirrored;

	if (isnan(x))
		return x;
	x = fold(x, &turned, &mirrored);
	value = over(x) / under(x) / (over(45.0) / under(45.0));
	value = (mirrored ? -turned : turned) * value;
	return fpclassify(value) == FP_ZERO ? 0 : value;
}

static double
tangent_of_degrees(double x)
{
	return ratio_of_degrees(x, quarter_sine, quarter_cosine);
}

static double
cotangent_of_degrees(double x)
{
	return ratio_of_degrees(x, quarter_cosine, quarter_sine);
}

static double
quarter_arcsine(double x)
{
	return x <= 0.5 ? (at(asin, x) / at(asin, 0.5)) * 30.0 : 90.0 - (at(acos, x) / at(acos, 0.5)) * 60.0;
}

static double
quarter_arccosine(double x)
{
	return x <= 0.5 ? 90.0 - (at(asin, x) / at(asin, 0.5)) * 30.0 : (at(acos, x) / at(acos, 0.5)) * 60.0;
}

static double
arcsine_in_degrees(double x)
{
	return x >= 0 ? quarter_arcsine(x) : -quarter_arcsine(-x);
}

static double
arccosine_in_degrees(double x)
{
	return x >= 0 ? quarter_arccosine(x) : 90.0 + quarter_arcsine(-x);
}

static double
arctangent_in_degrees(double x)
{
	return (at(atan, x) / at(atan, 1.0)) * 45.0;
}

/* ---- what SQLite calls ---- */

#define FUNCTION(name, call, ...) \
	void name(sqlite3_context *c, int argc, sqlite3_value **argv) \
	{ \
		(void)argc; \
		call(c, type_real_of(argv[0]), __VA_ARGS__); \
	}
FUNCTION(float_asin, within, -1, 1, asin)
FUNCTION(float_acos, within, -1, 1, acos)
FUNCTION(float_atan, within, -HUGE_VAL, HUGE_VAL, atan)
FUNCTION(float_sinh, within, -HUGE_VAL, HUGE_VAL, sinh)
FUNCTION(float_cosh, within, -HUGE_VAL, HUGE_VAL, cosh)
FUNCTION(float_tanh, within, -HUGE_VAL, HUGE_VAL, tanh)
FUNCTION(float_asinh, within, -HUGE_VAL, HUGE_VAL, asinh)
FUNCTION(float_acosh, within, 1, HUGE_VAL, acosh)
FUNCTION(float_atanh, within, -1, 1, atanh)
FUNCTION(float_sign, within, -HUGE_VAL, HUGE_VAL, sign_of)
FUNCTION(float_asind, within, -1, 1, arcsine_in_degrees)
FUNCTION(float_acosd, within, -1, 1, arccosine_in_degrees)
FUNCTION(float_atand, within, -HUGE_VAL, HUGE_VAL, arctangent_in_degrees)
FUNCTION(float_cot, unless_infinite, cotangent)
FUNCTION(float_sind, unless_infinite, sine_of_degrees)
FUNCTION(float_cosd, unless_infinite, cosine_of_degrees)
FUNCTION(float_tand, unless_infinite, tangent_of_degrees)
FUNCTION(float_cotd, unless_infinite, cotangent_of_degrees)
#undef FUNCTION

/* Of what is finite only what is finite comes, and 0 only of 0. */
static void
give(sqlite3_context *c, double x, double value)
{
	if (isinf(value) && !isinf(x))
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow");
	else if (fpclassify(value) == FP_ZERO && fpclassify(x) != FP_ZERO)
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: underflow");
	else
		type_result_real(c, value);
}

void
float_cbrt(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	double x = type_real_of(argv[0]);

	(void)argc;
	give(c, x, cbrt(x));
}

void
float_degrees(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	double x = type_real_of(argv[0]);

	(void)argc;
	give(c, x, x / RADIANS_PER_DEGREE);
}

void
float_radians(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	double x = type_real_of(argv[0]);

	(void)argc;
	give(c, x, x * RADIANS_PER_DEGREE);
}

void
float_atan2d(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	type_result_real(c, (atan2(type_real_of(argv[0]), type_real_of(argv[1])) / at(atan, 1.0)) * 45.0);
}
