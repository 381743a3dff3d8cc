/*
 * Adds, subtracts and divides decimal numbers of any length, digit by digit.
 */
#include "workers/sqlite/types/decimal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The least significant digits that a division gives, and the most behind the point. */
#define MIN_SIGNIFICANT 16
#define SCALE_MAX 1000

static bool
decimal_alloc(struct decimal *x, size_t n, size_t scale)
{
	*x = (struct decimal) { .digits = calloc(n + 1, 1), .n = n, .scale = scale };
	return x->digits != NULL;
}

void
decimal_free(struct decimal *x)
{
	free(x->digits);
	*x = (struct decimal) { .digits = NULL };
}

bool
decimal_read(const char *text, size_t length, struct decimal *x)
{
	size_t n = 0;
	bool point = false;

	if (!decimal_alloc(x, length, 0))
		return false;
	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		if (c >= '0' && c <= '9') {
			x->digits[n++] = (uint8_t)(c - '0');
			x->scale += point;
		} else if (c == '.')
			point = true;
		else if (c == '-')
			x->negative = true;
		else
			x->special = true;
	}
	x->n = n;
	return true;
}

/* The digit of 10^(place); 0 beyond either end. */
static int
digit_at(const struct decimal *x, long place)
{
	long i = (long)x->n - 1 - (place + (long)x->scale);

	return i >= 0 && i < (long)x->n ? x->digits[i] : 0;
}

static size_t
whole_digits(const struct decimal *x)
{
	return x->n - x->scale;
}

static int
compare_magnitudes(const struct decimal *a, const struct decimal *b)
{
	long top = (long)(whole_digits(a) > whole_digits(b) ? whole_digits(a) : whole_digits(b));
	long bottom = -(long)(a->scale > b->scale ? a->scale : b->scale);

	for (long place = top; place >= bottom; place--) {
		int difference = digit_at(a, place) - digit_at(b, place);

		if (difference != 0)
			return difference;
	}
	return 0;
}

/* |a| + sign * |b|, where |a| >= |b| if sign is -1. */
static bool
combine(const struct decimal *a, const struct decimal *b, int sign, struct decimal *out)
{
	size_t scale = a->scale > b->scale ? a->scale : b->scale;
	size_t whole = (whole_digits(a) > whole_digits(b) ? whole_digits(a) : whole_digits(b)) + 1;
	int carry = 0;

	if (!decimal_alloc(out, whole + scale, scale))
		return false;
	for (size_t i = out->n; i-- > 0;) {
		long place = (long)(out->n - 1 - i) - (long)scale;
		int sum = digit_at(a, place) + sign * digit_at(b, place) + carry;

		carry = sum < 0 ? -1 : sum / 10;
		out->digits[i] = (uint8_t)(sum - carry * 10);
	}
	return true;
}

static bool
add(const struct decimal *a, const struct decimal *b, struct decimal *out)
{
	bool ok, swapped;

	if (a->negative == b->negative) {
		ok = combine(a, b, 1, out);
		out->negative = a->negative;
		return ok;
	}
	swapped = compare_magnitudes(a, b) < 0;
	ok = swapped ? combine(b, a, -1, out) : combine(a, b, -1, out);
	out->negative = swapped ? b->negative : a->negative;
	return ok;
}

static bool
multiply(const struct decimal *a, const struct decimal *b, struct decimal *out)
{
	if (!decimal_alloc(out, a->n + b->n, a->scale + b->scale))
		return false;
	for (size_t i = a->n; i-- > 0;) {
		int carry = 0;

		if (a->digits[i] == 0)
			continue;
		for (size_t j = b->n; j-- > 0;) {
			int sum = out->digits[i + j + 1] + a->digits[i] * b->digits[j] + carry;

			out->digits[i + j + 1] = (uint8_t)(sum % 10);
			carry = sum / 10;
		}
		out->digits[i] = (uint8_t)(out->digits[i] + carry);
	}
	out->negative = a->negative != b->negative;
	return true;
}

/* Weight of the first group of four digits, and its value (PostgreSQL counts in base 10000). */
static long
first_group(const struct decimal *x, int *value)
{
	long place = (long)whole_digits(x) - 1, weight;

	while (place > -(long)x->scale && digit_at(x, place) == 0)
		place--;
	*value = 0;
	if (place <= -(long)x->scale && digit_at(x, place) == 0)
		return 0; /* of zero */
	weight = place >= 0 ? place / 4 : -((-place + 3) / 4);
	for (long i = weight * 4 + 3; i >= weight * 4; i--)
		*value = *value * 10 + digit_at(x, i);
	return weight;
}

static size_t
division_scale(const struct decimal *a, const struct decimal *b)
{
	int first_a, first_b;
	long weight = first_group(a, &first_a) - first_group(b, &first_b), scale;

	if (first_a <= first_b)
		weight--;
	scale = MIN_SIGNIFICANT - weight * 4;
	if (scale < (long)a->scale)
		scale = (long)a->scale;
	if (scale < (long)b->scale)
		scale = (long)b->scale;
	return scale < 0 ? 0 : scale > SCALE_MAX ? SCALE_MAX : (size_t)scale;
}

/* Takes b off the remainder as often as it goes. Both have the same length of digits. */
static int
take_off(uint8_t *remainder, const uint8_t *b, size_t n)
{
	int times = 0;

	while (memcmp(remainder, b, n) >= 0) {
		int borrow = 0;

		for (size_t i = n; i-- > 0;) {
			int d = remainder[i] - b[i] - borrow;

			borrow = d < 0;
			remainder[i] = (uint8_t)(d + borrow * 10);
		}
		times++;
	}
	return times;
}

/* Long division of the digits: a * 10^(scale + b->scale - a->scale) / b, one digit more than wanted, then rounded (or
 * not, for the remainder). */
static bool
divide(const struct decimal *a, const struct decimal *b, size_t scale, bool round, struct decimal *out)
{
	size_t extra = scale + b->scale + (round ? 1 : 0), steps = a->n + extra, width = b->n + 1;
	uint8_t *remainder = calloc(width, 1), *divisor = calloc(width, 1);
	bool ok = remainder != NULL && divisor != NULL && decimal_alloc(out, steps, scale + a->scale + (round ? 1 : 0));
	size_t first = b->n;

	if (ok) {
		memcpy(divisor + 1, b->digits, b->n);
		/* What is shorter than the divisor is less: it is in none of those digits. */
		for (size_t i = 0; i < b->n && b->digits[i] == 0; i++)
			first--;
		first = first == 0 ? 0 : first - 1 < a->n ? first - 1 : a->n;
		memcpy(remainder + width - first, a->digits, first);
		memset(out->digits, 0, first);
		for (size_t i = first; i < steps; i++) {
			memmove(remainder, remainder + 1, width - 1);
			remainder[width - 1] = i < a->n ? a->digits[i] : 0;
			out->digits[i] = (uint8_t)take_off(remainder, divisor, width);
		}
		out->negative = a->negative != b->negative;
	}
	free(remainder);
	free(divisor);
	return ok;
}

/* ---- rounding ---- */

static bool
rounds_away(const struct decimal *x, size_t keep, enum decimal_rounding how)
{
	bool any = false;

	for (size_t i = keep; i < x->n; i++)
		any |= x->digits[i] != 0;
	switch (how) {
	case DECIMAL_HALF:
		return x->digits[keep] >= 5;
	case DECIMAL_UP:
		return any && !x->negative;
	case DECIMAL_DOWN:
		return any && x->negative;
	default:
		return false;
	}
}

/* The digits up to `keep`, one more in the last place if `away`, and so many zeros. */
static bool
keep_digits(struct decimal *x, size_t keep, bool away, size_t zeros, size_t scale)
{
	struct decimal out;

	if (!decimal_alloc(&out, keep + 1 + zeros, scale))
		return false;
	out.negative = x->negative;
	memcpy(out.digits + 1, x->digits, keep < x->n ? keep : x->n);
	for (size_t i = keep + 1; away && i-- > 0;) {
		away = out.digits[i] == 9;
		out.digits[i] = away ? 0 : (uint8_t)(out.digits[i] + 1);
	}
	free(x->digits);
	*x = out;
	return true;
}

bool
decimal_round(struct decimal *x, int64_t places, enum decimal_rounding how)
{
	int64_t dropped = (int64_t)x->scale - places;

	if (dropped <= 0)
		return keep_digits(x, x->n, false, (size_t)-dropped, (size_t)places);
	if (dropped > (int64_t)x->n)
		return keep_digits(x, 0, false, 0, 0);
	return keep_digits(x, x->n - (size_t)dropped, rounds_away(x, x->n - (size_t)dropped, how),
	    places < 0 ? (size_t)-places : 0, places < 0 ? 0 : (size_t)places);
}

/* ---- operators ---- */

bool
decimal_operate(char op, struct decimal *a, struct decimal *b, struct decimal *out)
{
	struct decimal quotient = { 0 }, product = { 0 };
	size_t scale = a->scale > b->scale ? a->scale : b->scale;
	bool ok;

	switch (op) {
	case '-':
		b->negative = !b->negative;
		return add(a, b, out);
	case '*':
		return multiply(a, b, out);
	case '/':
		scale = division_scale(a, b);
		return divide(a, b, scale, true, out) && decimal_round(out, (int64_t)scale, DECIMAL_HALF);
	case '%': /* a - trunc(a / b) * b */
		ok = divide(a, b, 0, false, &quotient) && decimal_round(&quotient, 0, DECIMAL_CUT) &&
		    multiply(&quotient, b, &product);
		product.negative = !product.negative;
		ok = ok && add(a, &product, out) && decimal_round(out, (int64_t)scale, DECIMAL_CUT);
		decimal_free(&quotient);
		decimal_free(&product);
		return ok;
	default:
		return add(a, b, out);
	}
}

bool
decimal_is_zero(const struct decimal *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->digits[i] != 0)
			return false;
	return true;
}

char *
decimal_write(const struct decimal *x, size_t *length)
{
	size_t whole = whole_digits(x), first = 0, n = 0;
	char *text = malloc(x->n + 4);

	if (text == NULL)
		return NULL;
	while (first + 1 < whole && x->digits[first] == 0)
		first++;
	if (x->negative && !decimal_is_zero(x))
		text[n++] = '-';
	if (whole == 0)
		text[n++] = '0';
	for (size_t i = first; i < x->n; i++) {
		if (i == whole)
			text[n++] = '.';
		text[n++] = (char)('0' + x->digits[i]);
	}
	text[n] = '\0';
	*length = n;
	return text;
}

char *
decimal_divide(const char *text, uint64_t n)
{
	struct decimal a = { .digits = NULL }, b = { .digits = NULL }, quotient = { .digits = NULL };
	char divisor[24], *result = NULL;
	size_t length;

	(void)snprintf(divisor, sizeof(divisor), "%" PRIu64, n);
	if (decimal_read(text, strlen(text), &a) && decimal_read(divisor, strlen(divisor), &b) &&
	    decimal_operate('/', &a, &b, &quotient))
		result = decimal_write(&quotient, &length);
	decimal_free(&a);
	decimal_free(&b);
	decimal_free(&quotient);
	return result;
}
