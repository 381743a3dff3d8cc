/*
 * Numeric arithmetic in decimal, with the scales that PostgreSQL gives results (manual, 8.1.2; for division its
 * select_div_scale: 16 significant digits at least).
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/codec.h"

/* Digits a result may take, and steps that one operation may cost. */
#define DIGITS_MAX 131072
#define WORK_MAX 200000000
#define MIN_SIGNIFICANT 16
#define SCALE_MAX 1000

/* Digits are 0 to 9, the most significant first; the last `scale` of them stand behind the point. */
struct number {
	uint8_t *digits;
	size_t n, scale;
	bool negative, special; /* special: NaN or an infinity */
};

static bool
number_alloc(struct number *x, size_t n, size_t scale)
{
	*x = (struct number){.digits = calloc(n + 1, 1), .n = n, .scale = scale};
	return x->digits != NULL;
}

/* Reads a stored numeric, or an integer or float that was computed. */
static bool
number_read(sqlite3_value *value, struct number *x)
{
	struct type_value in = type_value_of(value), text = {0};
	size_t n = 0;
	bool point = false;

	if (type_coerce(TYPE_NUMERIC, -1, false, &in, &text, NULL) < 0 || !number_alloc(x, text.length, 0)) {
		type_value_free(&text);
		return false;
	}
	for (size_t i = 0; i < text.length; i++) {
		char c = text.bytes[i];

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
	type_value_free(&text);
	return true;
}

/* The digit of 10^(place); 0 beyond either end. */
static int
digit_at(const struct number *x, long place)
{
	long i = (long)x->n - 1 - (place + (long)x->scale);

	return i >= 0 && i < (long)x->n ? x->digits[i] : 0;
}

static size_t
whole_digits(const struct number *x)
{
	return x->n - x->scale;
}

static int
compare_magnitudes(const struct number *a, const struct number *b)
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
combine(const struct number *a, const struct number *b, int sign, struct number *out)
{
	size_t scale = a->scale > b->scale ? a->scale : b->scale;
	size_t whole = (whole_digits(a) > whole_digits(b) ? whole_digits(a) : whole_digits(b)) + 1;
	int carry = 0;

	if (!number_alloc(out, whole + scale, scale))
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
add(const struct number *a, const struct number *b, struct number *out)
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
multiply(const struct number *a, const struct number *b, struct number *out)
{
	if (!number_alloc(out, a->n + b->n, a->scale + b->scale))
		return false;
	for (size_t i = a->n; i-- > 0;) {
		int carry = 0;

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
first_group(const struct number *x, int *value)
{
	long place = (long)whole_digits(x) - 1, weight;

	while (place > -(long)x->scale && digit_at(x, place) == 0)
		place--;
	weight = place >= 0 ? place / 4 : -((-place + 3) / 4);
	*value = 0;
	for (long i = weight * 4 + 3; i >= weight * 4; i--)
		*value = *value * 10 + digit_at(x, i);
	return weight;
}

static size_t
division_scale(const struct number *a, const struct number *b)
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
divide(const struct number *a, const struct number *b, size_t scale, bool round, struct number *out)
{
	size_t extra = scale + b->scale + (round ? 1 : 0), steps = a->n + extra, width = b->n + 1;
	uint8_t *remainder = calloc(width, 1), *divisor = calloc(width, 1);
	bool ok = remainder != NULL && divisor != NULL && number_alloc(out, steps, scale + a->scale + (round ? 1 : 0));

	if (ok) {
		memcpy(divisor + 1, b->digits, b->n);
		for (size_t i = 0; i < steps; i++) {
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

/* Cuts to a scale, rounding half away from zero. */
static bool
set_scale(struct number *x, size_t scale, bool round)
{
	size_t keep = x->n - (x->scale - scale);
	bool up = round && x->digits[keep] >= 5;
	struct number one = {.digits = (uint8_t[]){1}, .n = 1, .scale = 0}, cut = {0};
	bool ok;

	if (x->scale <= scale)
		return true;
	x->n = keep;
	x->scale = scale;
	if (!up)
		return true;
	/* One in the last place: the digits are taken as a whole number for this. */
	x->scale = 0;
	ok = combine(x, &one, 1, &cut);
	cut.negative = x->negative;
	cut.scale = scale;
	free(x->digits);
	*x = cut;
	return ok;
}

static void
give(sqlite3_context *c, const struct number *x)
{
	size_t whole = whole_digits(x), first = 0, n = 0;
	char *text = malloc(x->n + 4);
	bool zero = true;

	if (text == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	for (size_t i = 0; i < x->n; i++)
		zero = zero && x->digits[i] == 0;
	while (first + 1 < whole && x->digits[first] == 0)
		first++;
	if (x->negative && !zero)
		text[n++] = '-';
	if (whole == 0)
		text[n++] = '0';
	for (size_t i = first; i < x->n; i++) {
		if (i == whole)
			text[n++] = '.';
		text[n++] = (char)('0' + x->digits[i]);
	}
	sqlite3_result_text64(c, text, n, free, SQLITE_UTF8);
}

static bool
operate(sqlite3_context *c, char operator, struct number *a, struct number *b, struct number *out)
{
	struct number quotient = {0}, product = {0};
	size_t scale = a->scale > b->scale ? a->scale : b->scale;
	bool ok;

	(void)c;
	switch (operator) {
	case '-':
		b->negative = !b->negative;
		return add(a, b, out);
	case '*':
		return multiply(a, b, out);
	case '/':
		scale = division_scale(a, b);
		return divide(a, b, scale, true, out) && set_scale(out, scale, true);
	case '%': /* a - trunc(a / b) * b */
		ok = divide(a, b, 0, false, &quotient) && set_scale(&quotient, 0, false) && multiply(&quotient, b,
		    &product);
		product.negative = !product.negative;
		ok = ok && add(a, &product, out) && set_scale(out, scale, false);
		free(quotient.digits);
		free(product.digits);
		return ok;
	default:
		return add(a, b, out);
	}
}

static bool
is_zero(const struct number *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->digits[i] != 0)
			return false;
	return true;
}

/* With a NaN or an infinity on either side, floats give the answer. */
static void
operate_special(sqlite3_context *c, char operator, sqlite3_value **argv)
{
	(void)operator;
	(void)argv;
	sqlite3_result_text(c, "NaN", 3, SQLITE_STATIC);
}

void
numeric_calculate(sqlite3_context *c, sqlite3_value **argv, char operator)
{
	struct number a = {0}, b = {0}, out = {0};
	bool divides = operator == '/' || operator == '%';

	if (sqlite3_value_type(argv[0]) == SQLITE_NULL || sqlite3_value_type(argv[1]) == SQLITE_NULL)
		return;
	if (!number_read(argv[0], &a) || !number_read(argv[1], &b))
		function_fail(c, SQLSTATE_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type numeric");
	else if (a.special || b.special)
		operate_special(c, operator, argv);
	else if (divides && is_zero(&b))
		function_fail(c, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
	else if (a.n + b.n > DIGITS_MAX || (operator == '*' && a.n * b.n > WORK_MAX) ||
	    (divides && (a.n + b.scale + SCALE_MAX) * b.n > WORK_MAX / 10))
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format");
	else if (operate(c, operator, &a, &b, &out))
		give(c, &out);
	else
		sqlite3_result_error_nomem(c);
	free(a.digits);
	free(b.digits);
	free(out.digits);
}

#define CALCULATE(name, operator) \
	void name(sqlite3_context *c, int argc, sqlite3_value **argv) { (void)argc; numeric_calculate(c, argv, operator); }
CALCULATE(operator_numeric_add, '+')
CALCULATE(operator_numeric_subtract, '-')
CALCULATE(operator_numeric_multiply, '*')
CALCULATE(operator_numeric_divide, '/')
CALCULATE(operator_numeric_modulo, '%')
#undef CALCULATE

static void
extreme(sqlite3_context *c, int argc, sqlite3_value **argv, int sign)
{
	sqlite3_value *best = NULL;

	for (int i = 0; i < argc; i++) {
		struct type_value a = type_value_of(argv[i]), b;

		if (a.kind != SQLITE_TEXT)
			continue;
		if (best != NULL) {
			b = type_value_of(best);
			if (type_compare_numeric(a.bytes, a.length, b.bytes, b.length) * sign <= 0)
				continue;
		}
		best = argv[i];
	}
	if (best != NULL)
		sqlite3_result_value(c, best);
}

void
operator_numeric_greatest(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	extreme(c, argc, argv, 1);
}

void
operator_numeric_least(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	extreme(c, argc, argv, -1);
}
