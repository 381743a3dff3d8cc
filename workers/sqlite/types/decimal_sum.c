/*
 * Adds decimals up, takes them off again, and writes the sum.
 */
#include "workers/sqlite/types/decimal_sum.h"

#include <stdlib.h>
#include <string.h>

void
decimal_sum_free(struct decimal_sum *d)
{
	free(d->digits);
	*d = (struct decimal_sum) { 0 };
}

static bool
reserve(struct decimal_sum *d, size_t n)
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
widen(struct decimal_sum *d, size_t scale)
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
add_digit(struct decimal_sum *d, size_t at, unsigned digit)
{
	while (digit > 0 && reserve(d, at + 1)) {
		digit += d->digits[at];
		d->digits[at] = (uint8_t)(digit % 10);
		digit /= 10;
		if (++at > d->n)
			d->n = at;
	}
}

/* What is pending may grow by any number of few digits from there, however they are scaled. */
static const decimal_wide pending_most = (decimal_wide)1000000000000000000 * 1000000000000000000;

/* Brings what is pending to the digits. */
static void
settle(struct decimal_sum *d)
{
	decimal_wide rest = d->pending;
	size_t at;

	if (!widen(d, d->pending_scale))
		return;
	at = d->scale - d->pending_scale;
	for (; rest > 0; rest /= 10)
		add_digit(d, at++, (unsigned)(rest % 10));
	d->pending = 0;
}

void
decimal_sum_add_small(struct decimal_sum *d, const struct decimal_small *x)
{
	decimal_wide value = x->value, power;

	if (d->pending > pending_most)
		settle(d);
	if (x->scale > d->pending_scale) {
		power = decimal_small_power(x->scale - d->pending_scale);
		if (d->pending > pending_most / power)
			settle(d);
		d->pending *= power;
		d->pending_scale = x->scale;
	} else if (x->scale < d->pending_scale)
		value *= decimal_small_power(d->pending_scale - x->scale);
	d->pending += value;
}

void
decimal_sum_add(struct decimal_sum *d, const char *text, size_t length)
{
	struct decimal_small small;
	size_t whole = 0, end, at;

	if (length > 0 && *text != '-' && decimal_small_read(text, length, &small)) {
		decimal_sum_add_small(d, &small);
		return;
	}
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
compare(const struct decimal_sum *a, const struct decimal_sum *b)
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
write_difference(const struct decimal_sum *a, const struct decimal_sum *b)
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
decimal_sum_difference(struct decimal_sum *a, struct decimal_sum *b, bool *negative)
{
	settle(a);
	settle(b);
	if (!widen(a, b->scale) || !widen(b, a->scale) || a->failed || b->failed)
		return NULL;
	*negative = compare(a, b) < 0;
	return *negative ? write_difference(b, a) : write_difference(a, b);
}
