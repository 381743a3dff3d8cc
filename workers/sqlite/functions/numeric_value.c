/*
 * Reads numerics into digits, and writes them back.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/numeric_value.h"

static enum numeric_kind
kind_of(const char *text)
{
	if (*text == 'N')
		return NUMERIC_NAN;
	if (*text == 'I')
		return NUMERIC_INFINITY;
	return strncmp(text, "-I", 2) == 0 ? NUMERIC_MINUS_INFINITY : NUMERIC_DIGITS;
}

/* Reads a stored numeric, or an integer or float that was computed. */
static bool
take_one(sqlite3_context *c, sqlite3_value *value, struct numeric *x)
{
	struct type_value in = type_value_of(value), text = { 0 };
	struct report r = { 0 };
	bool ok = true;

	*x = (struct numeric) { .kind = NUMERIC_DIGITS };
	if (type_coerce(TYPE_NUMERIC, -1, false, &in, &text, &r) == -1) {
		function_fail_report(c, &r);
		return false;
	}
	x->kind = text.length > 0 ? kind_of(text.bytes) : NUMERIC_NAN;
	if (x->kind == NUMERIC_DIGITS && !decimal_read(text.bytes, text.length, &x->digits)) {
		sqlite3_result_error_nomem(c);
		ok = false;
	}
	type_value_free(&text);
	return ok;
}

bool
numeric_take(sqlite3_context *c, sqlite3_value **argv, struct numeric *x, int n)
{
	for (int i = 0; i < n; i++)
		if (!take_one(c, argv[i], &x[i])) {
			numeric_free(x, i);
			return false;
		}
	return true;
}

void
numeric_free(struct numeric *x, int n)
{
	for (int i = 0; i < n; i++)
		decimal_free(&x[i].digits);
}

int
numeric_sign(const struct numeric *x)
{
	if (x->kind != NUMERIC_DIGITS)
		return x->kind == NUMERIC_INFINITY ? 1 : x->kind == NUMERIC_MINUS_INFINITY ? -1 : 0;
	if (decimal_is_zero(&x->digits))
		return 0;
	return x->digits.negative ? -1 : 1;
}

bool
numeric_is_integer(const struct decimal *x)
{
	for (size_t i = 1; i <= x->scale; i++)
		if (x->digits[x->n - i] != 0)
			return false;
	return true;
}

void
numeric_fail_overflow(sqlite3_context *c)
{
	function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format");
}

void
numeric_give(sqlite3_context *c, struct decimal *x)
{
	size_t length;
	char *text = NULL;

	if (x->n - x->scale > NUMERIC_WHOLE_MAX && numeric_weight(x) * 4 >= NUMERIC_WHOLE_MAX)
		numeric_fail_overflow(c);
	else if ((text = decimal_write(x, &length)) == NULL)
		sqlite3_result_error_nomem(c);
	else
		sqlite3_result_text64(c, text, length, free, SQLITE_UTF8);
	decimal_free(x);
}

void
numeric_give_kind(sqlite3_context *c, enum numeric_kind kind)
{
	function_result_string(c,
	    kind == NUMERIC_INFINITY		 ? "Infinity"
		: kind == NUMERIC_MINUS_INFINITY ? "-Infinity"
						 : "NaN");
}

void
numeric_give_big(sqlite3_context *c, struct big_pool *pool, struct big x, long scale)
{
	struct decimal out = { .digits = NULL };

	if (pool->failed)
		sqlite3_result_error_nomem(c);
	else if (x.n > 0 && big_top(&x) >= NUMERIC_WHOLE_MAX / BIG_DIGITS + 1)
		numeric_fail_overflow(c);
	else if (!big_to_decimal(&x, (size_t)scale, &out)) {
		decimal_free(&out);
		sqlite3_result_error_nomem(c);
	} else
		numeric_give(c, &out);
	big_pool_free(pool);
}

/* The digit of 10^place; 0 beyond either end. */
static int
digit_at(const struct decimal *x, long place)
{
	long i = (long)x->n - 1 - (place + (long)x->scale);

	return i >= 0 && i < (long)x->n ? x->digits[i] : 0;
}

long
numeric_weight(const struct decimal *x)
{
	long place = (long)(x->n - x->scale) - 1;

	while (place > -(long)x->scale && digit_at(x, place) == 0)
		place--;
	if (digit_at(x, place) == 0)
		return 0;
	return place >= 0 ? place / 4 : -((3 - place) / 4);
}

int
numeric_group(const struct decimal *x, long weight)
{
	int value = 0;

	for (long place = weight * 4 + 3; place >= weight * 4; place--)
		value = value * 10 + digit_at(x, place);
	return value;
}

long
numeric_result_scale(long decimal_weight, size_t least)
{
	long scale = NUMERIC_SIGNIFICANT - decimal_weight;

	if (scale < (long)least)
		scale = (long)least;
	return scale < 0 ? 0 : scale > NUMERIC_SCALE_MAX ? NUMERIC_SCALE_MAX : scale;
}

size_t
numeric_limbs(long whole, long scale)
{
	long digits = (whole > 0 ? whole : 0) + scale;

	return (size_t)(digits / BIG_DIGITS) + 6;
}
