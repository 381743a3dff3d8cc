/*
 * numeric: texts of digits, of any length that PostgreSQL takes. Canonical is a sign only when below zero, at least one
 * digit before the point and no zero too many there, and the digits after the point as they were given.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/types/codec.h"

#define DIGITS_BEFORE_MAX 131072
#define DIGITS_AFTER_MAX 16383
#define EXPONENT_MAX 1000000

enum numeric_kind { NUMERIC_MINUS_INFINITY, NUMERIC_FINITE, NUMERIC_INFINITY, NUMERIC_NAN };

/* A text taken apart; the digits stay where they are. */
struct numeric {
	enum numeric_kind kind;
	bool negative;
	const char *whole;
	size_t nwhole;
	const char *fraction;
	size_t nfraction;
	bool scaled; /* an exponent is written, which may be 0 */
	int exponent;
};

static const struct special {
	const char *word;
	enum numeric_kind kind;
	const char *canonical;
} specials[] = {
	{ "nan", NUMERIC_NAN, "NaN" },
	{ "infinity", NUMERIC_INFINITY, "Infinity" },
	{ "+infinity", NUMERIC_INFINITY, "Infinity" },
	{ "inf", NUMERIC_INFINITY, "Infinity" },
	{ "+inf", NUMERIC_INFINITY, "Infinity" },
	{ "-infinity", NUMERIC_MINUS_INFINITY, "-Infinity" },
	{ "-inf", NUMERIC_MINUS_INFINITY, "-Infinity" },
};

static const struct special *
special_find(const char *data, size_t length)
{
	/* Every finite number begins with a digit, a sign and a digit, or a point. */
	if (length == 0 || (data[length - 1] >= '0' && data[length - 1] <= '9'))
		return NULL;
	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
		if (strlen(specials[i].word) == length && strncasecmp(specials[i].word, data, length) == 0)
			return &specials[i];
	}
	return NULL;
}

static size_t
count_digits(const char *p, const char *end)
{
	const char *start = p;

	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return (size_t)(p - start);
}

/* The exponent after the "e"; false when it is malformed. A large one is cut to what overflows anyway. */
static bool
scan_exponent(const char *p, const char *end, int *exponent)
{
	bool negative = p < end && *p == '-';
	int v = 0;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	if (p == end || count_digits(p, end) != (size_t)(end - p))
		return false;
	for (; p < end; p++)
		v = v < EXPONENT_MAX ? v * 10 + (*p - '0') : v;
	*exponent = negative ? -v : v;
	return true;
}

static bool
numeric_scan(const char *data, size_t length, struct numeric *n)
{
	const struct special *special = special_find(data, length);
	const char *p = data, *end = data + length;

	*n = (struct numeric) { .kind = special != NULL ? special->kind : NUMERIC_FINITE };
	if (special != NULL)
		return true;
	n->negative = p < end && *p == '-';
	if (p < end && (*p == '-' || *p == '+'))
		p++;
	n->whole = p;
	n->nwhole = count_digits(p, end);
	p += n->nwhole;
	if (p < end && *p == '.') {
		n->fraction = ++p;
		n->nfraction = count_digits(p, end);
		p += n->nfraction;
	}
	if (n->nwhole + n->nfraction == 0)
		return false;
	n->scaled = p < end && (*p == 'e' || *p == 'E');
	if (n->scaled)
		return scan_exponent(p + 1, end, &n->exponent);
	while (n->nwhole > 0 && *n->whole == '0') {
		n->whole++;
		n->nwhole--;
	}
	return p == end;
}

bool
type_is_numeric(const char *data, size_t length)
{
	struct numeric n;

	return numeric_scan(data, length, &n);
}

static bool
all_zeros(const char *p, size_t n)
{
	while (n > 0 && *p == '0') {
		p++;
		n--;
	}
	return n == 0;
}

static bool
is_canonical(const char *data, size_t length, const struct numeric *n)
{
	const char *start = data + n->negative;

	if (n->kind != NUMERIC_FINITE || n->scaled || *start == '+' || *start == '.' || data[length - 1] == '.')
		return false;
	if (n->negative && n->nwhole == 0 && all_zeros(n->fraction, n->nfraction))
		return false;
	/* the scan passed over the leading zeros: only the one before the point may be there */
	return n->nwhole > 0 ? n->whole == start : n->fraction == NULL ? length == 1 : n->fraction - start == 2;
}

/* Digit i of the number's digits, counted from the first before the point; beyond both ends there are zeros. */
static char
digit_at(const struct numeric *n, int64_t i)
{
	if (i < 0 || i >= (int64_t)(n->nwhole + n->nfraction))
		return '0';
	return (size_t)i < n->nwhole ? n->whole[i] : n->fraction[(size_t)i - n->nwhole];
}

/* Writes digits [.., point) . [point, point + scale) of n, canonical. */
static int
numeric_write(const struct numeric *n, int64_t point, int64_t scale, struct type_value *out, struct report *r)
{
	int64_t first = 0;
	bool zero = true;
	char *text, *p;

	while (first < point && digit_at(n, first) == '0')
		first++;
	if (point - first > DIGITS_BEFORE_MAX || scale > DIGITS_AFTER_MAX)
		return report_set(r, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format");
	if ((text = p = malloc((size_t)((point > first ? point - first : 0) + scale) + 4)) == NULL)
		return type_out_of_memory(r);
	*p++ = '-';
	if (first >= point)
		*p++ = '0';
	for (int64_t i = first; i < point; i++)
		zero &= (*p++ = digit_at(n, i)) == '0';
	if (scale > 0)
		*p++ = '.';
	for (int64_t i = point; i < point + scale; i++)
		zero &= (*p++ = digit_at(n, i)) == '0';
	if (!n->negative || zero)
		memmove(text, text + 1, (size_t)(--p - text));
	type_value_text(out, text, (size_t)(p - text));
	out->owned = text;
	return 0;
}

int
type_parse_numeric(const char *data, size_t length, struct type_value *out, struct report *r)
{
	const struct special *special;
	const char *p = data;
	size_t size = length;
	struct numeric n;
	int64_t scale;

	type_trim(&p, &size);
	if ((special = special_find(p, size)) != NULL) {
		type_value_text(out, special->canonical, strlen(special->canonical));
		return 0;
	}
	if (!numeric_scan(p, size, &n))
		return type_bad_syntax(r, TYPE_NUMERIC, data, length);
	if (is_canonical(p, size, &n) && n.nwhole <= DIGITS_BEFORE_MAX && n.nfraction <= DIGITS_AFTER_MAX) {
		type_value_text(out, p, size);
		return 0;
	}
	scale = (int64_t)n.nfraction - n.exponent;
	/* A zero has no digits that an exponent could move. */
	if (all_zeros(n.whole, n.nwhole) && all_zeros(n.fraction, n.nfraction))
		return numeric_write(&n, (int64_t)n.nwhole, scale > 0 ? scale : 0, out, r);
	return numeric_write(&n, (int64_t)n.nwhole + n.exponent, scale > 0 ? scale : 0, out, r);
}

/* ---- rounding ---- */

/* Adds one to the last of the digits; true when they all were nines and are zeros now. */
static bool
increment(char *digits, int64_t n)
{
	while (n > 0 && digits[n - 1] == '9')
		digits[--n] = '0';
	if (n == 0)
		return true;
	digits[n - 1]++;
	return false;
}

/* The number with `scale` digits after the point (below zero: that many zeros before it), half away from zero. */
static int
numeric_round(const struct numeric *n, int64_t scale, struct type_value *out, struct report *r)
{
	int64_t kept = (int64_t)n->nwhole + scale;
	struct numeric rounded = { .kind = NUMERIC_FINITE, .negative = n->negative };
	char *digits;
	int result;

	if (kept < 0)
		kept = -1;
	if ((digits = malloc((size_t)kept + 3)) == NULL)
		return type_out_of_memory(r);
	digits[0] = '0'; /* where a carry goes */
	for (int64_t i = 0; i < kept; i++)
		digits[i + 1] = digit_at(n, i);
	if (kept >= 0 && digit_at(n, kept) >= '5')
		(void)increment(digits, kept + 1);
	rounded.whole = digits;
	rounded.nwhole = kept >= 0 ? (size_t)kept + 1 : 1;
	result = numeric_write(&rounded, (int64_t)n->nwhole + 1, scale > 0 ? scale : 0, out, r);
	free(digits);
	return result;
}

/* How many digits stand before the point; below zero: how many zeros follow it. */
static int64_t
numeric_magnitude(const struct numeric *n)
{
	size_t zeros = 0;

	if (n->nwhole > 0)
		return (int64_t)n->nwhole;
	while (zeros < n->nfraction && n->fraction[zeros] == '0')
		zeros++;
	return zeros == n->nfraction ? INT64_MIN : -(int64_t)zeros;
}

static int
numeric_overflow(int precision, int scale, struct report *r)
{
	int digits = precision - scale;

	report_set(r, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "numeric field overflow");
	report_detail(r, "A field with precision %d, scale %d must round to an absolute value less than %s%d.",
	    precision, scale, digits != 0 ? "10^" : "", digits != 0 ? digits : 1);
	return -1;
}

int
type_numeric_typmod(int32_t typmod, struct type_value *value, struct report *r)
{
	int packed = typmod - TYPE_TYPMOD_HEADER, precision = (packed >> 16) & 0xffff;
	int scale = ((packed & 0x7ff) ^ 1024) - 1024;
	struct type_value rounded;
	struct numeric n;

	if (typmod < TYPE_TYPMOD_HEADER || !numeric_scan(value->bytes, value->length, &n) || n.kind == NUMERIC_NAN)
		return 0;
	if (n.kind != NUMERIC_FINITE) {
		report_set(r, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "numeric field overflow");
		report_detail(r, "A field with precision %d, scale %d cannot hold an infinite value.", precision,
		    scale);
		return -1;
	}
	if ((int64_t)n.nfraction != scale) {
		if (numeric_round(&n, scale, &rounded, r) != 0)
			return -1;
		free(value->owned);
		*value = rounded;
		(void)numeric_scan(value->bytes, value->length, &n);
	}
	return numeric_magnitude(&n) > precision - scale ? numeric_overflow(precision, scale, r) : 0;
}

int
type_numeric_to_integer(uint32_t oid, const char *data, size_t length, int64_t *value, struct report *r)
{
	struct type_value rounded = { .kind = SQLITE_NULL };
	struct numeric n;

	if (!numeric_scan(data, length, &n) || n.exponent != 0)
		return type_bad_syntax(r, oid, data, length);
	if (n.kind != NUMERIC_FINITE)
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "cannot convert %s to %s",
		    n.kind == NUMERIC_NAN ? "NaN" : "infinity", type_error_name(oid));
	if (n.nwhole > 19)
		return report_set(r, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "%s out of range", type_error_name(oid));
	if (numeric_round(&n, 0, &rounded, r) != 0)
		return -1;
	if (type_parse_integer(TYPE_INT8, rounded.bytes, rounded.length, value, r) != 0) {
		type_value_free(&rounded);
		return report_set(r, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "%s out of range", type_error_name(oid));
	}
	type_value_free(&rounded);
	return type_check_integer(oid, *value, r);
}

/* ---- order ---- */

static int
compare_bytes(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t n = a_length < b_length ? a_length : b_length;
	int order = n > 0 ? memcmp(a, b, n) : 0;

	return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

static int
compare_magnitude(const struct numeric *a, const struct numeric *b)
{
	size_t a_fraction = a->nfraction, b_fraction = b->nfraction;
	int order;

	if (a->nwhole != b->nwhole)
		return a->nwhole < b->nwhole ? -1 : 1;
	if (a->nwhole > 0 && (order = memcmp(a->whole, b->whole, a->nwhole)) != 0)
		return order;
	while (a_fraction > 0 && a->fraction[a_fraction - 1] == '0')
		a_fraction--;
	while (b_fraction > 0 && b->fraction[b_fraction - 1] == '0')
		b_fraction--;
	return compare_bytes(a->fraction, a_fraction, b->fraction, b_fraction);
}

static int
sign_of(const struct numeric *n)
{
	if (n->nwhole == 0 && all_zeros(n->fraction, n->nfraction))
		return 0;
	return n->negative ? -1 : 1;
}

int
type_compare_numeric(const char *a, size_t a_length, const char *b, size_t b_length)
{
	struct numeric x, y;
	bool x_fits = numeric_scan(a, a_length, &x) && x.exponent == 0;
	bool y_fits = numeric_scan(b, b_length, &y) && y.exponent == 0;
	int x_sign, y_sign;

	/* What is no number comes after all numbers, so that the order stays total. */
	if (!x_fits || !y_fits)
		return x_fits != y_fits ? (x_fits ? -1 : 1) : compare_bytes(a, a_length, b, b_length);
	if (x.kind != NUMERIC_FINITE || y.kind != NUMERIC_FINITE)
		return (int)x.kind - (int)y.kind;
	x_sign = sign_of(&x);
	y_sign = sign_of(&y);
	if (x_sign != y_sign || x_sign == 0)
		return x_sign - y_sign;
	return x_sign > 0 ? compare_magnitude(&x, &y) : compare_magnitude(&y, &x);
}
