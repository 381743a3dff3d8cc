/*
 * to_char of integers, numerics and floats: their digits, as many as the picture has, are written under it.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/number_picture.h"
#include "workers/sqlite/functions/numeric_value.h"
#include "workers/sqlite/types/codec.h"

#define ROMAN_MAX 3999
#define DIGITS_MAX 2048

/* Frees the picture. */
static void
give(sqlite3_context *c, struct picture *p, char sign, const char *digits, int padding)
{
	char *text = NULL;
	size_t length;
	FILE *out;

	if (picture_wants_ordinal(p, sign, digits) &&
	    (*digits == '\0' || strchr("0123456789", digits[strlen(digits) - 1]) == NULL)) {
		function_fail(c, SQLSTATE_INVALID_TEXT_REPRESENTATION, "\"%s\" is not a number", digits);
		picture_free(p);
		return;
	}
	if ((out = open_memstream(&text, &length)) == NULL)
		sqlite3_result_error_nomem(c);
	else {
		picture_put(out, p, sign, digits, padding);
		function_result_stream(c, out, &text, &length);
	}
	picture_free(p);
}

/* Digits with their sign; where there are more before the point than the picture has, they are all '#'. */
static void
give_digits(sqlite3_context *c, struct picture *p, const char *text)
{
	char sign = *text == '-' ? '-' : '+', *hashes;
	const char *digits = text + (*text == '-');
	int before = (int)strcspn(digits, ".");

	if (before <= p->before) {
		give(c, p, sign, digits, p->before - before);
		return;
	}
	if ((hashes = malloc((size_t)(p->before + p->behind) + 2)) == NULL) {
		picture_free(p);
		sqlite3_result_error_nomem(c);
		return;
	}
	memset(hashes, '#', (size_t)(p->before + p->behind) + 1);
	hashes[p->before] = '.';
	hashes[p->before + p->behind + 1] = '\0';
	give(c, p, sign, hashes, 0);
	free(hashes);
}

static void
give_roman(sqlite3_context *c, struct picture *p, int64_t value)
{
	static const struct {
		int value;
		const char *digits;
	} romans[] = { { 1000, "M" }, { 900, "CM" }, { 500, "D" }, { 400, "CD" }, { 100, "C" }, { 90, "XC" },
		{ 50, "L" }, { 40, "XL" }, { 10, "X" }, { 9, "IX" }, { 5, "V" }, { 4, "IV" }, { 1, "I" } };
	char text[32] = "###############";
	size_t n = 0;

	for (size_t i = 0; value >= 1 && value <= ROMAN_MAX && i < sizeof(romans) / sizeof(romans[0]); i++)
		for (; value >= romans[i].value; value -= romans[i].value)
			for (const char *digit = romans[i].digits; *digit != '\0'; digit++)
				text[n++] = *digit;
	if (n > 0)
		text[n] = '\0';
	give(c, p, '+', text, 0);
}

/* What has no digits, with EEEE. */
static void
give_no_exponent(sqlite3_context *c, struct picture *p)
{
	size_t n = (size_t)(p->before + p->behind) + 6;
	char *text = malloc(n + 1);

	if (text == NULL) {
		picture_free(p);
		sqlite3_result_error_nomem(c);
		return;
	}
	memset(text, '#', n);
	text[0] = ' ';
	text[p->before + 1] = '.';
	text[n] = '\0';
	give(c, p, '+', text, 0);
	free(text);
}

/* The same digits with the point behind the first that is not 0; *exponent says how far it moved. */
static bool
move_point(const struct decimal *x, struct decimal *out, long *exponent)
{
	size_t zeros = 0;

	while (zeros < x->n && x->digits[zeros] == 0)
		zeros++;
	*out = (struct decimal) { .digits = calloc(x->n - zeros + 2, 1), .n = 1, .negative = x->negative };
	if (out->digits == NULL)
		return false;
	*exponent = zeros == x->n ? 0 : (long)(x->n - x->scale) - 1 - (long)zeros;
	if (zeros < x->n) {
		out->n = x->n - zeros;
		out->scale = out->n - 1;
		memcpy(out->digits, x->digits + zeros, out->n);
	}
	return true;
}

/* So many digits behind the point, and an exponent of two digits at least. 9.99 that is rounded up is 10, and stays so.
 * Freed by the caller. */
static char *
in_exponents(const struct decimal *x, int behind)
{
	struct decimal moved;
	char *text = NULL, *out = NULL;
	size_t length;
	long exponent;

	if (move_point(x, &moved, &exponent) && decimal_round(&moved, behind, DECIMAL_HALF) &&
	    (text = decimal_write(&moved, &length)) != NULL &&
	    asprintf(&out, "%s%se%+03ld", *text == '-' ? "" : " ", text, exponent) < 0)
		out = NULL;
	free(text);
	decimal_free(&moved);
	return out;
}

/* Frees the picture and the digits. */
static void
give_decimal(sqlite3_context *c, struct picture *p, struct decimal *x)
{
	size_t length;
	char *text;

	if (p->exponent)
		text = in_exponents(x, p->behind);
	else
		text = decimal_round(x, p->behind, DECIMAL_HALF) ? decimal_write(x, &length) : NULL;
	if (text == NULL) {
		picture_free(p);
		sqlite3_result_error_nomem(c);
	} else if (p->exponent)
		give(c, p, '+', text, 0);
	else
		give_digits(c, p, text);
	free(text);
	decimal_free(x);
}

/* The point moves: V multiplies. */
static bool
shift(struct picture *p, struct decimal *x)
{
	if (!p->shifted)
		return true;
	p->before += p->shift;
	if (!decimal_round(x, (int64_t)x->scale + p->shift, DECIMAL_HALF))
		return false;
	x->scale -= (size_t)p->shift;
	return true;
}

void
number_format_numeric(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct report r = { 0 };
	struct picture p;
	struct numeric x;
	size_t length;
	int64_t value = 0;

	(void)argc;
	if (!picture_read(c, argv[1], &p))
		return;
	if (!numeric_take(c, argv, &x, 1))
		picture_free(&p);
	else if (p.roman) {
		const char *text = function_text(argv[0], &length);

		numeric_free(&x, 1);
		if (type_numeric_to_integer(TYPE_INT4, text, length, &value, &r) == -1) {
			function_fail_report(c, &r);
			picture_free(&p);
		} else
			give_roman(c, &p, value);
	} else if (x.kind != NUMERIC_DIGITS) {
		p.before += p.shift;
		if (p.exponent)
			give_no_exponent(c, &p);
		else
			give_digits(c, &p,
			    x.kind == NUMERIC_NAN	     ? "NaN"
				: x.kind == NUMERIC_INFINITY ? "Infinity"
							     : "-Infinity");
	} else if (!shift(&p, &x.digits)) {
		numeric_free(&x, 1);
		picture_free(&p);
		sqlite3_result_error_nomem(c);
	} else
		give_decimal(c, &p, &x.digits);
}

/* An integer has zeros behind the point, and overflows where a numeric does not. */
void
number_format_integer(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct picture p;
	struct numeric x;

	(void)argc;
	if (!picture_read(c, argv[1], &p))
		return;
	if (p.roman)
		give_roman(c, &p, sqlite3_value_int64(argv[0]));
	else if (!numeric_take(c, argv, &x, 1))
		picture_free(&p);
	else if (!shift(&p, &x.digits)) {
		numeric_free(&x, 1);
		picture_free(&p);
		sqlite3_result_error_nomem(c);
	} else
		give_decimal(c, &p, &x.digits);
}

static void
format_float(sqlite3_context *c, sqlite3_value **argv, int digits)
{
	char text[DIGITS_MAX];
	struct picture p;
	double x = type_real_of(argv[0]);
	int64_t whole = 0;
	struct report r = { 0 };
	int before;

	if (!picture_read(c, argv[1], &p))
		return;
	if (p.roman) {
		if (type_float_to_integer(TYPE_INT4, x, &whole, &r) == -1)
			whole = 0;
		report_reset(&r);
		give_roman(c, &p, whole);
		return;
	}
	if (p.exponent && (isnan(x) || isinf(x))) {
		give_no_exponent(c, &p);
		return;
	}
	if (p.exponent) {
		(void)snprintf(text, sizeof(text), "%s%.*e", x < 0 ? "" : " ", p.behind < 1000 ? p.behind : 1000, x);
		give(c, &p, '+', text, 0);
		return;
	}
	if (p.shifted) {
		x *= pow(10, p.shift);
		p.before += p.shift;
	}
	if (isnan(x) || isinf(x)) {
		before = isnan(x) ? 3 : 8;
		p.behind = p.behind > digits - before ? (digits > before ? digits - before : 0) : p.behind;
		give_digits(c, &p, isnan(x) ? "NaN" : x < 0 ? "-Infinity" : "Infinity");
		return;
	}
	/* No more digits than a float of that kind is sure of. */
	before = snprintf(text, sizeof(text), "%.0f", fabs(x));
	if (before >= digits)
		p.behind = 0;
	else if (before + p.behind > digits)
		p.behind = digits - before;
	(void)snprintf(text, sizeof(text), "%.*f", p.behind, x);
	give_digits(c, &p, text);
}

void
number_format_float8(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	format_float(c, argv, DBL_DIG);
}

void
number_format_float4(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	format_float(c, argv, FLT_DIG);
}
