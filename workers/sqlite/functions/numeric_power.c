/*
 * Roots, exponentials, logarithms and powers of numerics, with the scales that PostgreSQL gives their results: 16
 * significant digits, and at least as many behind the point as the arguments have.
 */
#include <math.h>
#include <stdlib.h>

#include "workers/sqlite/functions/numeric_value.h"

#define LN_10 2.302585092994046
#define LOG10_E 0.434294481903252
#define EXP_MAX 6000	 /* beyond it e^x is too large, or below it 0 */
#define POWER_MAX 6020.0 /* likewise of b^x, as the logarithm of the result */
#define ROUGH_LIMBS 6
#define ROUGH_TOP_MAX 3 /* what has more limbs before the point is beyond every bound here */

void
numeric_sqrt(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct big_pool pool = { 0 };
	struct numeric x;
	long scale, weight;
	struct big root;

	(void)argc;
	if (!numeric_take(c, argv, &x, 1))
		return;
	if (numeric_sign(&x) < 0)
		function_fail(c, SQLSTATE_INVALID_ARGUMENT_FOR_POWER_FUNCTION,
		    "cannot take square root of a negative number");
	else if (x.kind != NUMERIC_DIGITS)
		numeric_give_kind(c, x.kind);
	else {
		weight = numeric_weight(&x.digits);
		scale = numeric_result_scale(2 * weight + 1, x.digits.scale);
		root = big_root(&pool, big_of_decimal(&pool, &x.digits), numeric_limbs(weight * 2 + 4, scale));
		numeric_give_big(c, &pool, root, scale);
	}
	numeric_free(&x, 1);
}

/* The value as the nearest double, as far as it has so many places; it may be infinite. */
static double
rough(struct big x, size_t places)
{
	struct decimal digits = { .digits = NULL };
	size_t length;
	char *text = NULL;
	double value;

	if (x.n == 0)
		return 0;
	value = x.negative ? -HUGE_VAL : HUGE_VAL;
	if (big_top(&x) < ROUGH_TOP_MAX && big_to_decimal(&x, places, &digits) &&
	    (text = decimal_write(&digits, &length)) != NULL)
		value = strtod(text, NULL);
	free(text);
	decimal_free(&digits);
	return value;
}

void
numeric_exp(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct big_pool pool = { 0 };
	struct numeric x;
	struct big value;
	double exponent, power;
	long scale;

	(void)argc;
	if (!numeric_take(c, argv, &x, 1))
		return;
	if (x.kind == NUMERIC_MINUS_INFINITY)
		function_result_string(c, "0");
	else if (x.kind != NUMERIC_DIGITS)
		numeric_give_kind(c, x.kind);
	else {
		value = big_of_decimal(&pool, &x.digits);
		exponent = rough(value, x.digits.scale);
		power = exponent * LOG10_E;
		power = power > NUMERIC_SCALE_MAX * 2 ? NUMERIC_SCALE_MAX * 2 : power;
		power = power < -NUMERIC_SCALE_MAX * 2 ? -NUMERIC_SCALE_MAX * 2 : power;
		scale = numeric_result_scale((long)power, x.digits.scale);
		if (exponent >= EXP_MAX) {
			big_pool_free(&pool);
			numeric_fail_overflow(c);
		} else {
			if (exponent <= -EXP_MAX)
				value = (struct big) { .n = 0 };
			else
				value = big_exp(&pool, value, numeric_limbs((long)(exponent / LN_10) + 1, scale));
			numeric_give_big(c, &pool, value, scale);
		}
	}
	numeric_free(&x, 1);
}

/* Whether |x| <= 0.1. */
static bool
is_tenth(const struct decimal *x)
{
	size_t whole = x->n - x->scale;

	for (size_t i = 0; i < x->n; i++)
		if ((i < whole && x->digits[i] != 0) || (i == whole && x->digits[i] > 1))
			return false;
	if (x->scale == 0 || x->digits[whole] == 0)
		return true;
	for (size_t i = whole + 1; i < x->n; i++)
		if (x->digits[i] != 0)
			return false;
	return true;
}

/* The decimal weight of a logarithm's first digit, as near as PostgreSQL estimates it; x > 0. */
static long
ln_weight(const struct decimal *x)
{
	struct decimal one = { .digits = (uint8_t[]) { 1 }, .n = 1 }, copy = *x, beyond = { .digits = NULL };
	long weight = numeric_weight(x);
	int group = 0;
	bool near;

	if (!decimal_operate('-', &copy, &one, &beyond))
		return 0;
	if ((near = is_tenth(&beyond)) && !decimal_is_zero(&beyond)) {
		weight = numeric_weight(&beyond);
		group = numeric_group(&beyond, weight);
	}
	decimal_free(&beyond);
	if (near)
		return group == 0 ? 0 : weight * 4 + (long)log10(group);
	return (long)log10(fabs(
	    log(numeric_group(x, weight) * 10000.0 + numeric_group(x, weight - 1)) + (double)(weight - 1) * 4 * LN_10));
}

/* False: the call failed; of a NaN there is one, if there is any. */
static bool
check_logarithm(sqlite3_context *c, const struct numeric *x, int n)
{
	for (int i = 0; i < n; i++)
		if (x[i].kind == NUMERIC_NAN) {
			numeric_give_kind(c, NUMERIC_NAN);
			return false;
		}
	for (int i = 0; i < n; i++) {
		int sign = numeric_sign(&x[i]);

		/* Of an infinity and zero, the infinity is looked at first. */
		if (sign == 0 && i + 1 < n && x[i + 1].kind == NUMERIC_MINUS_INFINITY)
			sign = -1;
		if (sign <= 0) {
			function_fail(c, SQLSTATE_INVALID_ARGUMENT_FOR_LOGARITHM, "cannot take logarithm of %s",
			    sign < 0 ? "a negative number" : "zero");
			return false;
		}
	}
	return true;
}

/* So many limbs that the logarithm has that many places, and digits enough where it is close to 0. */
static struct big
ln_of(struct big_pool *pool, const struct decimal *x, long scale)
{
	long weight = ln_weight(x);

	return big_ln(pool, big_of_decimal(pool, x), numeric_limbs(0, scale) + (weight < 0 ? (size_t)-weight / 9 : 0));
}

void
numeric_ln(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct big_pool pool = { 0 };
	struct numeric x;
	long scale;

	(void)argc;
	if (!numeric_take(c, argv, &x, 1))
		return;
	if (check_logarithm(c, &x, 1)) {
		if (x.kind == NUMERIC_INFINITY)
			numeric_give_kind(c, x.kind);
		else {
			scale = numeric_result_scale(ln_weight(&x.digits), x.digits.scale);
			numeric_give_big(c, &pool, ln_of(&pool, &x.digits, scale), scale);
		}
	}
	numeric_free(&x, 1);
}

static void
logarithm(sqlite3_context *c, const struct decimal *base, const struct decimal *x)
{
	struct big_pool pool = { 0 };
	size_t least = base->scale > x->scale ? base->scale : x->scale;
	long scale = numeric_result_scale(ln_weight(x) - ln_weight(base), least);
	long work = scale + NUMERIC_SIGNIFICANT + labs(ln_weight(base)) + labs(ln_weight(x));
	struct big divisor = ln_of(&pool, base, work), value = ln_of(&pool, x, work);

	if (divisor.n == 0 && !pool.failed) {
		function_fail(c, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
		big_pool_free(&pool);
		return;
	}
	numeric_give_big(c, &pool, big_divide(&pool, value, divisor, numeric_limbs(0, work)), scale);
}

/* log(base, x); of one argument, to base 10. */
void
numeric_log(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct numeric x[2] = { { .digits = { .digits = (uint8_t[]) { 1, 0 }, .n = 2 } } };
	int first = argc == 1;

	if (!numeric_take(c, argv, x + first, argc))
		return;
	if (check_logarithm(c, x, 2)) {
		if (x[0].kind == NUMERIC_INFINITY && x[1].kind == NUMERIC_INFINITY)
			numeric_give_kind(c, NUMERIC_NAN);
		else if (x[0].kind == NUMERIC_INFINITY)
			function_result_string(c, "0");
		else if (x[1].kind == NUMERIC_INFINITY)
			numeric_give_kind(c, NUMERIC_INFINITY);
		else
			logarithm(c, &x[0].digits, &x[1].digits);
	}
	numeric_free(x + first, argc);
}

/* ---- powers ---- */

/* Whether it is an integer that an int32 holds. */
static bool
small_integer(const struct decimal *x, int64_t *value)
{
	*value = 0;
	if (!numeric_is_integer(x))
		return false;
	for (size_t i = 0; i < x->n - x->scale; i++) {
		*value = *value * 10 + x->digits[i];
		if (*value > (int64_t)INT32_MAX + 1)
			return false;
	}
	if (x->negative)
		*value = -*value;
	return *value <= INT32_MAX;
}

static bool
is_odd(const struct decimal *x)
{
	return x->n > x->scale && (x->digits[x->n - x->scale - 1] & 1) != 0;
}

/* log10 of |x|, as far as a double goes. */
static double
rough_log10(const struct decimal *x)
{
	long weight = numeric_weight(x);

	return log10(numeric_group(x, weight) * 10000.0 + numeric_group(x, weight - 1)) + (double)(weight - 1) * 4;
}

static void
power_of_integer(sqlite3_context *c, const struct decimal *base, int64_t exponent, size_t least)
{
	struct big_pool pool = { 0 };
	uint64_t times = exponent < 0 ? -(uint64_t)exponent : (uint64_t)exponent;
	long scale = numeric_result_scale(0, least), whole;
	double digits = exponent == 0 ? 0 : rough_log10(base) * (double)exponent;
	struct big x, result;
	size_t limbs;

	if (digits > NUMERIC_WHOLE_MAX) {
		numeric_fail_overflow(c);
		return;
	}
	if (digits < -(double)scale - 2 || (decimal_is_zero(base) && exponent != 0)) {
		numeric_give_big(c, &pool, (struct big) { .n = 0 }, scale);
		return;
	}
	whole = (long)fabs(digits) + 2;
	limbs = numeric_limbs(digits < 0 ? 0 : whole, scale);
	x = big_of_decimal(&pool, base);
	if (exponent >= 0)
		result = big_power(&pool, x, times, limbs);
	else
		result = big_divide(&pool, big_of_integer(&pool, 1), big_power(&pool, x, times, limbs), limbs);
	numeric_give_big(c, &pool, result, scale);
}

static void
power_of_fraction(sqlite3_context *c, struct decimal *base, const struct decimal *exponent, size_t least)
{
	struct big_pool pool = { 0 };
	bool negative = base->negative && is_odd(exponent);
	struct big power, result = { .n = 0 };
	double rough_power;
	long scale;

	base->negative = false;
	power = big_multiply(&pool, ln_of(&pool, base, NUMERIC_SIGNIFICANT + labs(ln_weight(base))),
	    big_of_decimal(&pool, exponent), ROUGH_LIMBS);
	rough_power = rough(power, (size_t)numeric_result_scale(ln_weight(base), 0));
	if (rough_power > POWER_MAX) {
		big_pool_free(&pool);
		numeric_fail_overflow(c);
		return;
	}
	if (rough_power < -POWER_MAX)
		scale = NUMERIC_SCALE_MAX;
	else {
		scale = numeric_result_scale((long)(rough_power * LOG10_E), least);
		power = big_multiply(&pool,
		    ln_of(&pool, base, scale + labs((long)rough_power) + labs(numeric_weight(exponent)) * 4 + 8),
		    big_of_decimal(&pool, exponent), 0);
		result = big_exp(&pool, power, numeric_limbs((long)(rough_power / LN_10) + 1, scale));
		result.negative = negative && result.n > 0;
	}
	numeric_give_big(c, &pool, result, scale);
}

/* An infinity or NaN on either side. */
static void
power_special(sqlite3_context *c, const struct numeric *base, const struct numeric *exponent)
{
	struct decimal magnitude = base->digits, one = { .digits = (uint8_t[]) { 1 }, .n = 1 }, difference;
	int sign = numeric_sign(base), power_sign = numeric_sign(exponent);
	bool is_one = false, above = false, is_unit = false;

	if (base->kind == NUMERIC_DIGITS) {
		magnitude.negative = false;
		if (!decimal_operate('-', &magnitude, &one, &difference)) {
			sqlite3_result_error_nomem(c);
			return;
		}
		is_unit = decimal_is_zero(&difference);
		is_one = is_unit && sign > 0;
		above = !is_unit && !difference.negative;
		decimal_free(&difference);
	}
	if (is_one || (exponent->kind == NUMERIC_DIGITS && power_sign == 0) ||
	    (is_unit && exponent->kind != NUMERIC_DIGITS && exponent->kind != NUMERIC_NAN))
		function_result_string(c, "1");
	else if (base->kind == NUMERIC_NAN || exponent->kind == NUMERIC_NAN)
		numeric_give_kind(c, NUMERIC_NAN);
	else if (base->kind == NUMERIC_DIGITS && sign == 0 && power_sign < 0)
		function_fail(c, SQLSTATE_INVALID_ARGUMENT_FOR_POWER_FUNCTION,
		    "zero raised to a negative power is undefined");
	else if (sign < 0 && exponent->kind == NUMERIC_DIGITS && !numeric_is_integer(&exponent->digits))
		function_fail(c, SQLSTATE_INVALID_ARGUMENT_FOR_POWER_FUNCTION,
		    "a negative number raised to a non-integer power yields a complex result");
	else if (base->kind == NUMERIC_DIGITS && above == (power_sign > 0))
		function_result_string(c, "Infinity");
	else if (base->kind == NUMERIC_DIGITS || power_sign < 0)
		function_result_string(c, "0");
	else
		numeric_give_kind(c,
		    sign < 0 && exponent->kind == NUMERIC_DIGITS && is_odd(&exponent->digits) ? NUMERIC_MINUS_INFINITY
											      : NUMERIC_INFINITY);
}

void
numeric_power(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct numeric x[2];
	struct decimal *base, *exponent;
	size_t least;
	int64_t times;

	(void)argc;
	if (!numeric_take(c, argv, x, 2))
		return;
	base = &x[0].digits;
	exponent = &x[1].digits;
	least = base->scale > exponent->scale ? base->scale : exponent->scale;
	if (x[0].kind != NUMERIC_DIGITS || x[1].kind != NUMERIC_DIGITS)
		power_special(c, &x[0], &x[1]);
	else if (decimal_is_zero(base) && numeric_sign(&x[1]) < 0)
		function_fail(c, SQLSTATE_INVALID_ARGUMENT_FOR_POWER_FUNCTION,
		    "zero raised to a negative power is undefined");
	else if (numeric_sign(&x[0]) < 0 && !numeric_is_integer(exponent))
		function_fail(c, SQLSTATE_INVALID_ARGUMENT_FOR_POWER_FUNCTION,
		    "a negative number raised to a non-integer power yields a complex result");
	else if (small_integer(exponent, &times))
		power_of_integer(c, base, times, least);
	else if (decimal_is_zero(base))
		function_result_string(c, "0.0000000000000000");
	else
		power_of_fraction(c, base, exponent, least);
	numeric_free(x, 2);
}
