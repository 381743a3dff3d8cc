/*
 * sum and avg of integers and numerics, which are added each in their own way and come together at the end. Views of an
 * older bibd add reals with them, too.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/decimal.h"
#include "workers/sqlite/types/decimal_sum.h"

/* Wide enough for any number of rows of int8; SQLite aligns what it gives aggregates to 8 bytes. */
typedef decimal_wide wide;
__extension__ typedef unsigned __int128 unsigned_wide;

struct sum {
	uint64_t count;
	uint64_t reals, texts;			     /* how many of them there are */
	uint64_t nans, infinities, minus_infinities; /* likewise, of texts that are no digits */
	wide integers;
	double real;
	struct decimal_sum plus, minus;
	uint32_t *scales; /* how many of the texts have so many digits behind the point */
	size_t nscales;
};

/* Where a text that is no digits is counted; NULL for digits. */
static uint64_t *
special_count(struct sum *sum, const char *text)
{
	if (*text == 'N')
		return &sum->nans;
	if (*text == 'I')
		return &sum->infinities;
	return *text == '-' && text[1] == 'I' ? &sum->minus_infinities : NULL;
}

/* The sum when such a text is in it; NULL: there is none. */
static const char *
special_sum(const struct sum *sum)
{
	if (sum->nans > 0 || (sum->infinities > 0 && sum->minus_infinities > 0))
		return "NaN";
	if (sum->infinities > 0)
		return "Infinity";
	return sum->minus_infinities > 0 ? "-Infinity" : NULL;
}

/* False: out of memory. */
static bool
count_scale(struct sum *sum, size_t scale, bool add)
{
	if (scale >= sum->nscales) {
		uint32_t *grown = realloc(sum->scales, (scale + 8) * sizeof(*grown));

		if (grown == NULL)
			return false;
		memset(grown + sum->nscales, 0, (scale + 8 - sum->nscales) * sizeof(*grown));
		sum->scales = grown;
		sum->nscales = scale + 8;
	}
	sum->scales[scale] += add ? 1 : (uint32_t)-1;
	return true;
}

/* The digits behind the point are as many as one of those that are left has; what is cut off is zeros. */
static void
cut_scale(const struct sum *sum, char *digits)
{
	char *point = strchr(digits, '.');
	size_t scale = sum->nscales;

	while (scale > 0 && sum->scales[scale - 1] == 0)
		scale--;
	if (point == NULL || sum->nscales == 0)
		return;
	if (scale <= 1)
		*point = '\0';
	else if (strlen(point) > scale)
		point[scale] = '\0';
}

/* Adds the digits to one of the sums; returns how many stand behind the point. */
static size_t
change_digits(struct sum *sum, const char *text, size_t length, bool add)
{
	struct decimal_small small;
	const char *point;
	bool negative = *text == '-';

	if (decimal_small_read(text, length, &small)) {
		small.value = negative ? -small.value : small.value;
		decimal_sum_add_small(negative == add ? &sum->minus : &sum->plus, &small);
		return small.scale;
	}
	decimal_sum_add(negative == add ? &sum->minus : &sum->plus, text + negative, length - negative);
	point = memchr(text, '.', length);
	return point == NULL ? 0 : length - (size_t)(point - text) - 1;
}

static void
change_sum(sqlite3_context *c, sqlite3_value *value, bool add)
{
	struct sum *sum = sqlite3_aggregate_context(c, sizeof(*sum));
	int kind = sqlite3_value_type(value);
	size_t length;
	const char *text;
	uint64_t *special;

	if (sum == NULL || kind == SQLITE_NULL)
		return;
	sum->count += add ? 1 : (uint64_t)-1;
	if (kind == SQLITE_INTEGER) {
		sum->integers += add ? sqlite3_value_int64(value) : -(wide)sqlite3_value_int64(value);
	} else if (kind == SQLITE_FLOAT) {
		sum->reals += add ? 1 : (uint64_t)-1;
		sum->real += add ? sqlite3_value_double(value) : -sqlite3_value_double(value);
	} else {
		text = function_text(value, &length);
		if ((special = special_count(sum, text)) != NULL) {
			*special += add ? 1 : (uint64_t)-1;
			return;
		}
		sum->texts += add ? 1 : (uint64_t)-1;
		if (!count_scale(sum, change_digits(sum, text, length, add), add))
			sqlite3_result_error_nomem(c);
	}
}

void
sum_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	change_sum(c, argv[0], true);
}

void
sum_inverse(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	change_sum(c, argv[0], false);
}

/* An integer's digits without a sign. */
static const char *
write_integer(unsigned_wide value, char text[48])
{
	char *at = text + 47;

	*at = '\0';
	do {
		*--at = (char)('0' + (int)(value % 10));
		value /= 10;
	} while (value > 0);
	return at;
}

/* Everything as one decimal; malloc'ed. */
static char *
sum_text(struct sum *sum, bool *negative)
{
	struct decimal_sum plus = { 0 }, minus = { 0 };
	bool below = sum->integers < 0, turned;
	char text[48], *parts, *whole;
	const char *digits = write_integer(below ? -(unsigned_wide)sum->integers : (unsigned_wide)sum->integers, text);

	parts = decimal_sum_difference(&sum->plus, &sum->minus, &turned);
	if (parts == NULL)
		return NULL;
	decimal_sum_add(turned ? &minus : &plus, parts, strlen(parts));
	decimal_sum_add(below ? &minus : &plus, digits, strlen(digits));
	free(parts);
	whole = decimal_sum_difference(&plus, &minus, negative);
	decimal_sum_free(&plus);
	decimal_sum_free(&minus);
	if (whole != NULL)
		cut_scale(sum, whole);
	return whole;
}

/* Frees the digits. */
static void
result_digits(sqlite3_context *c, char *digits, bool negative)
{
	char *text = NULL;

	if (digits == NULL ||
	    asprintf(&text, "%s%s", negative && strspn(digits, "0.") != strlen(digits) ? "-" : "", digits) < 0)
		sqlite3_result_error_nomem(c);
	else
		function_result_string(c, text);
	free(text);
	free(digits);
}

static void
result_sum(sqlite3_context *c, struct sum *sum)
{
	bool negative = false;
	char *digits;

	if (sum == NULL || sum->count == 0)
		return;
	if (special_sum(sum) != NULL)
		function_result_string(c, special_sum(sum));
	else if (sum->reals > 0)
		type_result_real(c, sum->real + (double)sum->integers);
	else if (sum->texts == 0 && sum->integers <= INT64_MAX && sum->integers >= INT64_MIN)
		sqlite3_result_int64(c, (sqlite3_int64)sum->integers);
	else {
		digits = sum_text(sum, &negative);
		result_digits(c, digits, negative);
	}
}

static void
result_average(sqlite3_context *c, struct sum *sum)
{
	bool negative = false;
	char *text, *quotient;

	if (sum == NULL || sum->count == 0)
		return;
	if (special_sum(sum) != NULL) {
		function_result_string(c, special_sum(sum));
		return;
	}
	if (sum->reals > 0) {
		type_result_real(c, (sum->real + (double)sum->integers) / (double)sum->count);
		return;
	}
	text = sum_text(sum, &negative);
	quotient = text == NULL ? NULL : decimal_divide(text, sum->count);
	free(text);
	result_digits(c, quotient, negative);
}

static void
free_sum(struct sum *sum)
{
	if (sum == NULL)
		return;
	decimal_sum_free(&sum->plus);
	decimal_sum_free(&sum->minus);
	free(sum->scales);
	sum->scales = NULL;
}

void
sum_value(sqlite3_context *c)
{
	result_sum(c, sqlite3_aggregate_context(c, 0));
}

void
avg_value(sqlite3_context *c)
{
	result_average(c, sqlite3_aggregate_context(c, 0));
}

void
sum_final(sqlite3_context *c)
{
	struct sum *sum = sqlite3_aggregate_context(c, 0);

	result_sum(c, sum);
	free_sum(sum);
}

void
avg_final(sqlite3_context *c)
{
	struct sum *sum = sqlite3_aggregate_context(c, 0);

	result_average(c, sum);
	free_sum(sum);
}
