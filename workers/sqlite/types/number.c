/* Booleans, integers and floats. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/types/codec.h"

/* ---- boolean ---- */

static const struct boolean_word {
	const char *word;
	size_t least; /* characters that tell it from the others */
	int64_t value;
} boolean_words[] = {
	{ "true", 1, 1 },
	{ "false", 1, 0 },
	{ "yes", 1, 1 },
	{ "no", 1, 0 },
	{ "on", 2, 1 },
	{ "off", 2, 0 },
	{ "1", 1, 1 },
	{ "0", 1, 0 },
};

int
type_parse_boolean(const char *data, size_t length, int64_t *value, struct report *r)
{
	const char *p = data;
	size_t n = length;

	type_trim(&p, &n);
	for (size_t i = 0; i < sizeof(boolean_words) / sizeof(boolean_words[0]); i++) {
		const struct boolean_word *w = &boolean_words[i];

		if (n >= w->least && n <= strlen(w->word) && strncasecmp(p, w->word, n) == 0) {
			*value = w->value;
			return 0;
		}
	}
	return type_bad_syntax(r, TYPE_BOOL, data, length);
}

/* ---- integers ---- */

static void
integer_range(uint32_t oid, int64_t *min, int64_t *max)
{
	*min = oid == TYPE_INT2 ? INT16_MIN : oid == TYPE_INT4 ? INT32_MIN : oid == TYPE_INT8 ? INT64_MIN : 0;
	*max = oid == TYPE_INT2 ? INT16_MAX : oid == TYPE_INT4 ? INT32_MAX : oid == TYPE_INT8 ? INT64_MAX : UINT32_MAX;
}

int
type_check_integer(uint32_t oid, int64_t value, struct report *r)
{
	int64_t min, max;

	integer_range(oid, &min, &max);
	if (value >= min && value <= max)
		return 0;
	return report_set(r, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "%s out of range",
	    oid == TYPE_OID ? "OID" : type_error_name(oid));
}

static int
integer_overflow(uint32_t oid, const char *data, size_t length, struct report *r)
{
	return report_set(r, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value \"%.*s\" is out of range for type %s",
	    (int)(length < 256 ? length : 256), data, type_error_name(oid));
}

int
type_parse_integer(uint32_t oid, const char *data, size_t length, int64_t *value, struct report *r)
{
	const char *p = data, *end;
	bool negative, overflow = false;
	size_t n = length;
	uint64_t v = 0;
	int64_t min, max;

	type_trim(&p, &n);
	end = p + n;
	negative = p < end && *p == '-';
	if (p < end && (*p == '-' || *p == '+'))
		p++;
	if (p == end)
		return type_bad_syntax(r, oid, data, length);
	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		overflow |= __builtin_mul_overflow(v, 10, &v);
		overflow |= __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v);
	}
	if (p < end)
		return type_bad_syntax(r, oid, data, length);
	if (overflow || v > (uint64_t)INT64_MAX + negative)
		return integer_overflow(oid, data, length, r);
	*value = negative ? (int64_t)(0 - v) : (int64_t)v;
	integer_range(oid, &min, &max);
	/* PostgreSQL reads a negative oid as the unsigned number of the same bits. */
	if (oid == TYPE_OID && *value < 0 && *value >= INT32_MIN)
		*value = (uint32_t)*value;
	return *value >= min && *value <= max ? 0 : integer_overflow(oid, data, length, r);
}

static const char digit_pairs[] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243"
    "4445464748495051525354555657585960616263646566676869707172737475767778798081828384858687"
    "888990919293949596979899";

size_t
type_write_integer(int64_t value, char text[TYPE_INTEGER_TEXT])
{
	uint64_t v = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	char digits[TYPE_INTEGER_TEXT], *p = digits + sizeof(digits);
	size_t n;

	for (; v >= 100; v /= 100) {
		p -= 2;
		memcpy(p, digit_pairs + 2 * (v % 100), 2);
	}
	if (v >= 10) {
		p -= 2;
		memcpy(p, digit_pairs + 2 * v, 2);
	} else
		*--p = (char)('0' + v);
	if (value < 0)
		*--p = '-';
	n = (size_t)(digits + sizeof(digits) - p);
	memcpy(text, p, n);
	return n;
}

/* ---- floats ---- */

static bool
float_returns(const char *text, double value, bool single)
{
	return single ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value;
}

/* Whether a text stands exactly half way to the next value: it reads back by the rule of the even digit alone, and
 * PostgreSQL has one digit more then. Half ways of a float are doubles, and of a double long doubles. */
static bool
float_is_half_way(const char *text, double value, bool single)
{
	char digits[64];
	long double read = strtold(text, NULL),
		    away = single
	    ? (long double)nextafterf((float)value, read > (long double)value ? HUGE_VALF : -HUGE_VALF)
	    : (long double)nextafter(value, read > (long double)value ? HUGE_VAL : -HUGE_VAL);

	if (read - (long double)value != away - read)
		return false;
	(void)snprintf(digits, sizeof(digits), "%.40Le", read);
	return strspn(digits + strspn(digits, "-.0123456789") - 22, "0") >= 22;
}

/* The same digits with one more in the last place; false: there are only nines. */
static bool
float_step_away(char text[TYPE_FLOAT_TEXT])
{
	for (char *p = strchr(text, 'e') - 1; p >= text && (isdigit((unsigned char)*p) || *p == '.'); p--) {
		if (*p == '.')
			continue;
		if (*p != '9') {
			(*p)++;
			return true;
		}
		*p = '0';
	}
	return false;
}

/* The fewest digits that read back as the same value, as d.dddde+dd. Of 15 (6) digits or fewer every number that reads
 * back is the shortest once its zeros are gone, but for denormal ones: those are tried from one digit on. Below a power
 * of two values are denser than above it: what is nearest may not read back where the next digit does. */
static void
float_shortest(double value, bool single, char text[TYPE_FLOAT_TEXT])
{
	int least = single ? 6 : 15, most = single ? 9 : 17, exponent;
	double smallest_normal = single ? 0x1p-126 : 0x1p-1022;
	bool is_power = fabs(frexp(value, &exponent)) <= 0.5;

	if (fabs(value) < smallest_normal)
		least = 1;
	for (int digits = least; digits <= most; digits++) {
		(void)snprintf(text, TYPE_FLOAT_TEXT, "%.*e", digits - 1, value);
		if (float_returns(text, value, single) && (digits == most || !float_is_half_way(text, value, single)))
			return;
		if (is_power && digits < most && float_step_away(text) && float_returns(text, value, single) &&
		    !float_is_half_way(text, value, single))
			return;
	}
}

/* From d.ddde+dd to PostgreSQL's form: plain for exponents from -4 to below 15 (6), trailing zeros dropped. */
static size_t
float_layout(const char *scientific, int most_plain, char text[TYPE_FLOAT_TEXT])
{
	const char *e = strchr(scientific, 'e');
	int exponent = atoi(e + 1), n = 0;
	size_t used = 0;
	char digits[24] = "";

	if (*scientific == '-')
		text[used++] = *scientific++;
	for (; scientific < e; scientific++) {
		if (*scientific != '.')
			digits[n++] = *scientific;
	}
	while (n > 1 && digits[n - 1] == '0')
		n--;
	if (exponent < -4 || exponent >= most_plain) {
		return used +
		    (size_t)snprintf(text + used, TYPE_FLOAT_TEXT - used, "%c%s%.*se%c%02d", digits[0],
			n > 1 ? "." : "", n - 1, digits + 1, exponent < 0 ? '-' : '+', abs(exponent));
	}
	if (exponent < 0) {
		return used +
		    (size_t)snprintf(text + used, TYPE_FLOAT_TEXT - used, "0.%.*s%.*s", -exponent - 1, "000", n,
			digits);
	}
	for (int i = 0; i < n || i <= exponent; i++) {
		if (i == exponent + 1)
			text[used++] = '.';
		text[used++] = i < n ? digits[i] : '0';
	}
	return used;
}

/* A value of few decimals, as most are: of 15 digits or fewer there is one number alone that reads back, and a whole
 * number below 2^53 divided by a power of ten that is exact is that value if anything is. 0: it is not such a one. */
static size_t
float_write_decimal(double value, char text[TYPE_FLOAT_TEXT])
{
	static const double powers[] = { 1e1, 1e2, 1e3, 1e4, 1e5, 1e6 };
	double positive = fabs(value), scaled;
	uint64_t power = 10, whole, part;
	size_t used = 0;

	if (positive < 1e-4 || positive >= 1e9)
		return 0;
	for (unsigned i = 0; i < sizeof(powers) / sizeof(powers[0]); i++, power *= 10) {
		scaled = rint(positive * powers[i]);
		if (scaled >= 1e15)
			return 0;
		if (scaled / powers[i] != positive)
			continue;
		whole = (uint64_t)scaled / power;
		part = (uint64_t)scaled % power;
		if (value < 0)
			text[used++] = '-';
		used += type_write_integer((int64_t)whole, text + used);
		text[used++] = '.';
		for (unsigned digit = i + 1; digit > 0; digit--, part /= 10)
			text[used + digit - 1] = (char)('0' + part % 10);
		return used + i + 1;
	}
	return 0;
}

size_t
type_write_float(double value, bool single, int extra_float_digits, char text[TYPE_FLOAT_TEXT])
{
	char scientific[TYPE_FLOAT_TEXT];
	int digits;
	size_t n;

	if (isnan(value) || isinf(value)) {
		const char *word = isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity";

		n = strlen(word);
		memcpy(text, word, n);
		return n;
	}
	if (value > -1e15 && value < 1e15 && !single && value == (double)(int64_t)value && extra_float_digits >= 0 &&
	    (value != 0 || !signbit(value)))
		return type_write_integer((int64_t)value, text);
	if (extra_float_digits > 0 && !single && (n = float_write_decimal(value, text)) > 0)
		return n;
	if (extra_float_digits > 0)
		float_shortest(value, single, scientific);
	else {
		digits = (single ? 6 : 15) + extra_float_digits;
		(void)snprintf(scientific, sizeof(scientific), "%.*e", (digits > 1 ? digits : 1) - 1, value);
		return float_layout(scientific, digits > 1 ? digits : 1, text);
	}
	return float_layout(scientific, single ? 6 : 15, text);
}

static int
float_overflow(uint32_t oid, const char *data, size_t length, struct report *r)
{
	return report_set(r, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "\"%.*s\" is out of range for type %s",
	    (int)(length < 512 ? length : 512), data, type_error_name(oid));
}

static int
float_read(uint32_t oid, const char *text, const char *data, size_t length, double *value, struct report *r)
{
	char *end;

	errno = 0;
	*value = oid == TYPE_FLOAT4 ? (double)strtof(text, &end) : strtod(text, &end);
	if (end == text || *end != '\0')
		return type_bad_syntax(r, oid, data, length);
	if (errno == ERANGE && (*value == 0 || isinf(*value)))
		return float_overflow(oid, data, length, r);
	return 0;
}

int
type_parse_float(uint32_t oid, const char *data, size_t length, double *value, struct report *r)
{
	char text[128], *large = NULL;
	const char *p = data;
	size_t n = length;
	int result;

	type_trim(&p, &n);
	if (n >= sizeof(text) && (large = malloc(n + 1)) == NULL)
		return type_out_of_memory(r);
	memcpy(large != NULL ? large : text, p, n);
	(large != NULL ? large : text)[n] = '\0';
	result = float_read(oid, large != NULL ? large : text, data, length, value, r);
	free(large);
	return result;
}

int
type_float_to_integer(uint32_t oid, double real, int64_t *value, struct report *r)
{
	const double end = 9223372036854775808.0; /* 2^63, the first that an int64 does not hold */
	double rounded = rint(real);

	if (isnan(rounded) || !(rounded >= -end && rounded < end))
		return report_set(r, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "%s out of range",
		    oid == TYPE_OID ? "OID" : type_error_name(oid));
	*value = (int64_t)rounded;
	return type_check_integer(oid, *value, r);
}

double
type_real_of(sqlite3_value *value)
{
	const char *text = sqlite3_value_type(value) == SQLITE_TEXT ? (const char *)sqlite3_value_text(value) : NULL;

	return text != NULL ? strtod(text, NULL) : sqlite3_value_double(value);
}

void
type_result_real(sqlite3_context *c, double v)
{
	if (isnan(v))
		sqlite3_result_text(c, "NaN", 3, SQLITE_STATIC);
	else
		sqlite3_result_double(c, v);
}
