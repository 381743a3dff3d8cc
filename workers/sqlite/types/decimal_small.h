/*
 * Numerics of few digits, as most are: calculated with in a machine word, and written as decimal.h writes them.
 */
#ifndef BIBD_SQLITE_DECIMAL_SMALL_H
#define BIBD_SQLITE_DECIMAL_SMALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DECIMAL_SMALL_DIGITS 18
/* The longest result: a product's digits, a sign, a point and a zero before it. */
#define DECIMAL_SMALL_TEXT (2 * DECIMAL_SMALL_DIGITS + 4)

/* value / 10^scale, of DECIMAL_SMALL_DIGITS digits at most, before and behind the point. */
struct decimal_small {
	int64_t value;
	unsigned scale;
};

/* Wide enough for a sum or product of two. SQLite aligns what it gives aggregates to 8 bytes. */
__extension__ typedef __int128 decimal_wide __attribute__((aligned(8)));

/* False: the text is something else than "-12.50", or has more digits. */
bool decimal_small_read(const char *text, size_t length, struct decimal_small *x);
/* a operator b, of + - *; the length of the text, which has no NUL. 0: another operator. */
size_t decimal_small_operate(char op, const struct decimal_small *a, const struct decimal_small *b,
    char text[DECIMAL_SMALL_TEXT]);
/* 10^n, n <= DECIMAL_SMALL_DIGITS. */
int64_t decimal_small_power(unsigned n);

#endif
