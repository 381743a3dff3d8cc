#include "workers/sqlite/types/decimal.h"

#include <stdlib.h>
#include <string.h>

#define GROUP_DIGITS 4 /* of PostgreSQL's NBASE */
#define LEAST_SIGNIFICANT_DIGITS 16
#define MAX_SCALE 1000

__extension__ typedef unsigned __int128 unsigned_wide;

void
decimal_free(struct decimal *d)
{
	free(d->digits);
	*d = (struct decimal){0};
}

static bool
reserve(struct decimal *d, size_t n)
{
	uint8_t *grown;

	if (n <= d->capacity)
		return !d->failed;
	n += 32;
	if (d->failed || (grown = realloc(d->digits, n)) == NULL) {
		d->failed = true;
		return false;
	}
	memset(grown + d->capacity, 0, n - d->capacity);
	d->digits = grown;
	d->capacity = n;
	return true;
}

/* Makes room below the point. */
static bool
widen(struct decimal *d, size_t scale)
{
	size_t shift = scale - d->scale;

	if (scale <= d->scale)
		return true;
	if (!reserve(d, d->n + shift))
		return false;
	memmove(d->digits + shift, d->digits, d->n);
	memset(d->digits, 0, shift);
	d->n += shift;
	d->scale = scale;
	return true;
}

static void
add_digit(struct decimal *d, size_t at, unsigned digit)
{
	while (digit > 0 && reserve(d, at + 1)) {
		digit += d->digits[at];
		d->digits[at] = (uint8_t)(digit % 10);
		digit /= 10;
		if (++at > d->n)
			d->n = at;
	}
}

void
decimal_add(struct decimal *d, const char *text, size_t length)
{
	size_t whole = 0, end, at;

	while (whole < length && text[whole] >= '0' && text[whole] <= '9')
		whole++;
	end = whole < length && text[whole] == '.' ? whole + 1 : whole;
	while (end < length && text[end] >= '0' && text[end] <= '9')
		end++;
	if (!widen(d, end > whole ? end - whole - 1 : 0))
		return;
	at = d->scale - (end > whole ? end - whole - 1 : 0);
	for (size_t i = end; i-- > 0;) {
		if (text[i] != '.')
			add_digit(d, at++, (unsigned)(text[i] - '0'));
	}
}

static int
compare(const struct decimal *a, const struct decimal *b)
{
	size_t n = a->n > b->n ? a->n : b->n;

	for (size_t i = n; i-- > 0;) {
		int x = i < a->n ? a->digits[i] : 0, y = i < b->n ? b->digits[i] : 0;

		if (x != y)
			return x - y;
	}
	return 0;
}

static char *
write_difference(const struct decimal *a, const struct decimal *b)
{
	size_t n = a->n > a->scale ? a->n : a->scale + 1;
	char *text = malloc(n + 2), *reversed = malloc(n + 2), *put = text;
	size_t top;
	int borrow = 0;

	for (size_t i = 0; text != NULL && reversed != NULL && i < n; i++) {
		int digit = (i < a->n ? a->digits[i] : 0) - (i < b->n ? b->digits[i] : 0) - borrow;

		borrow = digit < 0;
		reversed[i] = (char)('0' + digit + (borrow ? 10 : 0));
	}
	if (text == NULL || reversed == NULL) {
		free(reversed);
		free(text);
		return NULL;
	}
	for (top = n - 1; top > a->scale && reversed[top] == '0'; top--)
		continue;
	for (size_t i = top + 1; i-- > 0;) {
		*put++ = reversed[i];
		if (i == a->scale && i > 0)
			*put++ = '.';
	}
	*put = '\0';
	free(reversed);
	return text;
}

char *
decimal_difference(struct decimal *a, struct decimal *b, bool *negative)
{
	if (!widen(a, b->scale) || !widen(b, a->scale) || a->failed || b->failed)
		return NULL;
	*negative = compare(a, b) < 0;
	return *negative ? write_difference(b, a) : write_difference(a, b);
}

/* The place of the first group of four digits that is not 0, and its value: PostgreSQL's weight. */
static void
first_group(const char *text, long *weight, int *value)
{
	size_t whole = strcspn(text, ".");
	const char *first = text + strspn(text, "0.");
	long exponent;

	*weight = 0;
	*value = 0;
	if (*first == '\0')
		return;
	exponent = first < text + whole ? (long)(text + whole - first) - 1 : -(long)(first - (text + whole));
	*weight = exponent >= 0 ? exponent / GROUP_DIGITS : -((-exponent + GROUP_DIGITS - 1) / GROUP_DIGITS);
	for (long at = exponent; at >= *weight * GROUP_DIGITS; at--) {
		*value *= 10;
		if (*first == '.')
			first++;
		if (*first != '\0')
			*value += *first++ - '0';
	}
}

static size_t
result_scale(const char *text, uint64_t n)
{
	const char *point = strchr(text, '.');
	long scale = point == NULL ? 0 : (long)strlen(point + 1), wanted, weight, divisor_weight;
	char divisor[24];
	size_t at = sizeof(divisor);
	int value, divisor_value;

	divisor[--at] = '\0';
	for (; n > 0; n /= 10)
		divisor[--at] = (char)('0' + n % 10);
	first_group(text, &weight, &value);
	first_group(divisor + at, &divisor_weight, &divisor_value);
	wanted = LEAST_SIGNIFICANT_DIGITS - (weight - divisor_weight - (value <= divisor_value)) * GROUP_DIGITS;
	if (wanted < scale)
		wanted = scale;
	return wanted < 0 ? 0 : wanted > MAX_SCALE ? MAX_SCALE : (size_t)wanted;
}

/* Rounds the digits in text by one more digit. There is room in front for a carry. */
static void
round_up(char *text, size_t length)
{
	for (size_t i = length; i-- > 0;) {
		if (text[i] == '.')
			continue;
		if (text[i]++ != '9')
			return;
		text[i] = '0';
	}
}

char *
decimal_divide(const char *text, uint64_t n)
{
	size_t scale = result_scale(text, n), whole = strcspn(text, "."), length = strlen(text), used = 0;
	char *out = malloc(whole + scale + 3);
	unsigned_wide rest = 0;

	if (out == NULL)
		return NULL;
	out[used++] = '0';
	for (size_t i = 0; i < whole + scale + 1; i++) {
		size_t from = i < whole ? i : i + 1; /* past the point */

		rest = rest * 10 + (from < length ? (unsigned)(text[from] - '0') : 0);
		if (i == whole + scale) {
			if (rest / n >= 5)
				round_up(out, used);
			break;
		}
		if (i == whole)
			out[used++] = '.';
		out[used++] = (char)('0' + (int)(rest / n));
		rest %= n;
	}
	out[used] = '\0';
	used = strspn(out, "0");
	if (out[used] == '.' || out[used] == '\0')
		used--;
	memmove(out, out + used, strlen(out + used) + 1);
	return out;
}
