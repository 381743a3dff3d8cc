/*
 * Reads numerics of at most 18 digits, adds, subtracts and multiplies them in 128 bits, and writes what comes of it.
 */
#include "workers/sqlite/types/decimal_small.h"

#include <string.h>

static const int64_t powers[DECIMAL_SMALL_DIGITS + 1] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
	1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000,
	10000000000000000, 100000000000000000, 1000000000000000000 };

int64_t
decimal_small_power(unsigned n)
{
	return powers[n];
}

/* Adds the digits to the value; returns how many there are. */
static inline size_t
read_digits(const char *text, size_t length, int64_t *value)
{
	int64_t v = *value;
	size_t n = 0;

	for (; n < length && n < DECIMAL_SMALL_DIGITS && text[n] >= '0' && text[n] <= '9'; n++)
		v = v * 10 + (text[n] - '0');
	*value = v;
	return n;
}

bool
decimal_small_read(const char *text, size_t length, struct decimal_small *x)
{
	size_t at = length > 0 && *text == '-' ? 1 : 0, whole, part = 0;
	bool negative = at == 1;
	int64_t value = 0;

	/* No more than a sign, a point, and digits that a word has room for however many of them are zeros. */
	if (length - at > DECIMAL_SMALL_DIGITS + 1)
		return false;
	whole = read_digits(text + at, length - at, &value);
	at += whole;
	if (whole > 0 && at < length && text[at] == '.') {
		part = read_digits(text + at + 1, length - at - 1, &value);
		at += part == 0 ? 0 : part + 1;
	}
	if (whole == 0 || at < length || whole + part > DECIMAL_SMALL_DIGITS)
		return false;
	*x = (struct decimal_small) { .value = negative ? -value : value, .scale = (unsigned)part };
	return true;
}

static size_t
write_text(decimal_wide value, unsigned scale, char text[DECIMAL_SMALL_TEXT])
{
	char reversed[DECIMAL_SMALL_TEXT] = "";
	unsigned n = 0;
	bool negative = value < 0;
	size_t length = 0;
	uint64_t word, high;

	if (negative)
		value = -value;
	/* Divisions of 128 bits are slow: there is one at most. */
	word = (uint64_t)(value % powers[DECIMAL_SMALL_DIGITS]);
	high = (uint64_t)(value / powers[DECIMAL_SMALL_DIGITS]);
	do {
		reversed[n++] = (char)('0' + word % 10);
		word /= 10;
		if (n == DECIMAL_SMALL_DIGITS) {
			word = high;
			high = 0;
		}
	} while (word > 0 || high > 0 || n <= scale);
	if (negative)
		text[length++] = '-';
	while (n-- > 0) {
		text[length++] = reversed[n];
		if (n == scale && scale > 0)
			text[length++] = '.';
	}
	return length;
}

size_t
decimal_small_operate(char op, const struct decimal_small *a, const struct decimal_small *b,
    char text[DECIMAL_SMALL_TEXT])
{
	unsigned scale = a->scale > b->scale ? a->scale : b->scale;
	decimal_wide x, y;

	if (op == '*')
		return write_text((decimal_wide)a->value * b->value, a->scale + b->scale, text);
	if (op != '+' && op != '-')
		return 0;
	x = (decimal_wide)a->value * powers[scale - a->scale];
	y = (decimal_wide)b->value * powers[scale - b->scale];
	return write_text(op == '+' ? x + y : x - y, scale, text);
}
