/*
 * Functions of numerics that are about digits and whole quotients: div, gcd, lcm, factorial, scale; and what the
 * operators give where an infinity or NaN is on either side.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/numeric_value.h"

#define FACTORIAL_MAX 32177 /* the last that a numeric holds */
#define GCD_STEPS_MAX 1000000

/* As floats have it, but that nothing divides by 0. */
void
numeric_operate_special(sqlite3_context *c, char op, const struct numeric *a, const struct numeric *b)
{
	int sign = numeric_sign(b);
	bool opposite = b->kind == (a->kind == NUMERIC_INFINITY ? NUMERIC_MINUS_INFINITY : NUMERIC_INFINITY);
	enum numeric_kind turned = a->kind == NUMERIC_INFINITY ? NUMERIC_MINUS_INFINITY : NUMERIC_INFINITY;

	if (a->kind == NUMERIC_NAN || b->kind == NUMERIC_NAN) {
		numeric_give_kind(c, NUMERIC_NAN);
		return;
	}
	switch (op) {
	case '+':
	case '-':
		if (a->kind == NUMERIC_DIGITS)
			numeric_give_kind(c,
			    (b->kind == NUMERIC_INFINITY) == (op == '+') ? NUMERIC_INFINITY : NUMERIC_MINUS_INFINITY);
		else if (b->kind != NUMERIC_DIGITS && opposite == (op == '+'))
			numeric_give_kind(c, NUMERIC_NAN);
		else
			numeric_give_kind(c, a->kind);
		return;
	case '*':
		sign *= numeric_sign(a);
		numeric_give_kind(c, sign == 0 ? NUMERIC_NAN : sign > 0 ? NUMERIC_INFINITY : NUMERIC_MINUS_INFINITY);
		return;
	default:
		if (sign == 0)
			function_fail(c, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
		else if (a->kind != NUMERIC_DIGITS)
			numeric_give_kind(c,
			    b->kind != NUMERIC_DIGITS || op == '%' ? NUMERIC_NAN
				: sign > 0			   ? a->kind
								   : turned);
		else if (op == '%') {
			struct decimal same = a->digits;
			size_t length;
			char *text = decimal_write(&same, &length);

			if (text == NULL)
				sqlite3_result_error_nomem(c);
			else
				sqlite3_result_text64(c, text, length, free, SQLITE_UTF8);
		} else
			function_result_string(c, "0");
	}
}

/* The whole part of the quotient. */
void
numeric_div(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct big_pool pool = { 0 };
	struct decimal out = { .digits = NULL };
	struct big quotient = { .n = 0 }, a, b;
	struct numeric x[2];

	(void)argc;
	if (!numeric_take(c, argv, x, 2))
		return;
	if (x[0].kind != NUMERIC_DIGITS || x[1].kind != NUMERIC_DIGITS)
		numeric_operate_special(c, '/', &x[0], &x[1]);
	else if (decimal_is_zero(&x[1].digits))
		function_fail(c, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
	else {
		a = big_of_decimal(&pool, &x[0].digits);
		b = big_of_decimal(&pool, &x[1].digits);
		if (a.n > 0 && big_top(&a) >= big_top(&b))
			quotient = big_divide(&pool, a, b, (size_t)(big_top(&a) - big_top(&b)) + 2);
		if (pool.failed || !big_to_decimal(&quotient, 2 * (size_t)BIG_DIGITS, &out) ||
		    !decimal_round(&out, 0, DECIMAL_CUT)) {
			decimal_free(&out);
			sqlite3_result_error_nomem(c);
		} else
			numeric_give(c, &out);
	}
	big_pool_free(&pool);
	numeric_free(x, 2);
}

/* Zeros in front, which would add up from step to step. */
static void
drop_zeros(struct decimal *x)
{
	size_t zeros = 0;

	while (zeros + x->scale < x->n && x->digits[zeros] == 0)
		zeros++;
	memmove(x->digits, x->digits + zeros, x->n - zeros);
	x->n -= zeros;
}

/* What a digit of a remainder costs, as function_must_end() counts. */
#define DIVISION_WORK 16

/* Euclid's; a takes the result, b is 0 in the end. False: it has failed, and that is the function's result. */
static bool
greatest_divisor(sqlite3_context *c, struct decimal *a, struct decimal *b)
{

	for (int i = 0; i < GCD_STEPS_MAX && !decimal_is_zero(b); i++) {
		struct decimal rest = { .digits = NULL };

		if (!decimal_operate('%', a, b, &rest)) {
			decimal_free(&rest);
			sqlite3_result_error_nomem(c);
			return false;
		}
		if (function_must_end(c, DIVISION_WORK * a->n)) {
			decimal_free(&rest);
			return false;
		}
		drop_zeros(&rest);
		decimal_free(a);
		*a = *b;
		*b = rest;
	}
	a->negative = false;
	return true;
}

static bool
least_multiple(const struct decimal *a, const struct decimal *b, struct decimal *divisor, struct decimal *out)
{
	struct decimal quotient = { .digits = NULL }, x = *a, y = *b;
	bool ok;

	ok = decimal_operate('/', &x, divisor, &quotient) && decimal_round(&quotient, (int64_t)x.scale, DECIMAL_HALF) &&
	    decimal_operate('*', &quotient, &y, out);
	decimal_free(&quotient);
	out->negative = false;
	return ok;
}

/* The digits in x are used up. */
static void
give_common(sqlite3_context *c, struct numeric *x, const struct numeric *whole, bool multiple)
{
	struct decimal out = { .digits = NULL };
	size_t scale = x[0].digits.scale > x[1].digits.scale ? x[0].digits.scale : x[1].digits.scale;
	struct decimal a = whole[0].digits, b = whole[1].digits;
	bool ok = true;

	if (!greatest_divisor(c, &x[0].digits, &x[1].digits))
		return;
	if (multiple && !decimal_is_zero(&a) && !decimal_is_zero(&b))
		ok = least_multiple(&a, &b, &x[0].digits, &out);
	else if (multiple)
		ok = decimal_operate('*', &a, &b, &out);
	else {
		out = x[0].digits;
		x[0].digits.digits = NULL;
	}
	out.negative = false;
	if (ok && decimal_round(&out, (int64_t)scale, DECIMAL_HALF))
		numeric_give(c, &out);
	else {
		decimal_free(&out);
		sqlite3_result_error_nomem(c);
	}
}

static void
common(sqlite3_context *c, sqlite3_value **argv, bool multiple)
{
	struct numeric x[2], whole[2] = { { .kind = NUMERIC_NAN }, { .kind = NUMERIC_NAN } };

	if (!numeric_take(c, argv, x, 2))
		return;
	if (x[0].kind != NUMERIC_DIGITS || x[1].kind != NUMERIC_DIGITS)
		numeric_give_kind(c, NUMERIC_NAN);
	else if (numeric_take(c, argv, whole, 2)) {
		give_common(c, x, whole, multiple);
		numeric_free(whole, 2);
	}
	numeric_free(x, 2);
}

void
numeric_gcd(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	common(c, argv, false);
}

void
numeric_lcm(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	common(c, argv, true);
}

void
numeric_factorial(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct big_pool pool = { 0 };
	int64_t n = sqlite3_value_int64(argv[0]), factor = 1;
	struct big result = big_of_integer(&pool, 1);

	(void)argc;
	if (n < 0)
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "factorial of a negative number is undefined");
	else if (n > FACTORIAL_MAX)
		numeric_fail_overflow(c);
	if (n < 0 || n > FACTORIAL_MAX) {
		big_pool_free(&pool);
		return;
	}
	/* As many factors at once as an int64 holds; the pool starts anew now and then, or it would hold every step. */
	for (int64_t i = 1; i <= n; i++) {
		factor *= i;
		if (factor > INT32_MAX * INT64_C(8000) || i == n) {
			struct big_pool next = { 0 };

			result = big_multiply(&next, result, big_of_integer(&next, factor), 0);
			big_pool_free(&pool);
			pool = next;
			factor = 1;
		}
	}
	numeric_give_big(c, &pool, result, 0);
}

static size_t
least_scale(const struct decimal *x)
{
	size_t zeros = 0;

	while (zeros < x->scale && x->digits[x->n - 1 - zeros] == 0)
		zeros++;
	return x->scale - zeros;
}

static void
give_scale(sqlite3_context *c, sqlite3_value **argv, bool least)
{
	struct numeric x;

	if (!numeric_take(c, argv, &x, 1))
		return;
	if (x.kind == NUMERIC_DIGITS)
		sqlite3_result_int64(c, (sqlite3_int64)(least ? least_scale(&x.digits) : x.digits.scale));
	numeric_free(&x, 1);
}

void
numeric_scale(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_scale(c, argv, false);
}

void
numeric_min_scale(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_scale(c, argv, true);
}

void
numeric_trim_scale(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct numeric x;

	(void)argc;
	if (!numeric_take(c, argv, &x, 1))
		return;
	if (x.kind != NUMERIC_DIGITS)
		numeric_give_kind(c, x.kind);
	else if (!decimal_round(&x.digits, (int64_t)least_scale(&x.digits), DECIMAL_CUT))
		sqlite3_result_error_nomem(c);
	else {
		numeric_give(c, &x.digits);
		x.digits = (struct decimal) { .digits = NULL };
	}
	numeric_free(&x, 1);
}
