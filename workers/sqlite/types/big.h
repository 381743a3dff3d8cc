/*
 * Numbers of any length for what cannot be calculated digit by digit: roots, powers, logarithms. They float: so many
 * limbs of nine decimal digits, times a power of 10^9.
 */
#ifndef BIBD_SQLITE_BIG_H
#define BIBD_SQLITE_BIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/sqlite/types/decimal.h"

#define BIG_BASE UINT32_C(1000000000)
#define BIG_DIGITS 9 /* of a limb */

/* Where all limbs of a calculation live; freed at once. Zeroed memory is an empty one. */
struct big_pool {
	struct big_chunk *chunks;
	size_t bytes; /* taken so far */
	bool failed;  /* out of memory, or beyond the bound: every result since is 0 */
};
void big_pool_free(struct big_pool *pool);

/* limbs[0] is the least significant, and counts 10^(9 * exponent); no zeros at either end. n = 0: zero. */
struct big {
	const uint32_t *limbs;
	size_t n;
	long exponent;
	bool negative;
};

struct big big_of_integer(struct big_pool *pool, int64_t value);
struct big big_of_decimal(struct big_pool *pool, const struct decimal *x);
/* A value that is read back into a double: 15 digits or more. */
struct big big_of_double(struct big_pool *pool, double value);
double big_to_double(const struct big *x, long *exponent); /* x = result * 10^(9 * *exponent), 1 <= |result| < 10^9 */
/* Rounded half away from zero to so many places; false: out of memory. */
bool big_to_decimal(const struct big *x, size_t scale, struct decimal *out);

/* `limbs`: how many the result may have, the rest is cut off; 0: all of them. */
struct big big_add(struct big_pool *pool, struct big a, struct big b, size_t limbs);
struct big big_subtract(struct big_pool *pool, struct big a, struct big b, size_t limbs);
struct big big_multiply(struct big_pool *pool, struct big a, struct big b, size_t limbs);
/* b is not 0, limbs neither. */
struct big big_divide(struct big_pool *pool, struct big a, struct big b, size_t limbs);
/* The power of 10^9 of the first limb. */
long big_top(const struct big *x);

/* big_functions.c: accurate to all but the last two limbs, of the result or, for a logarithm, of max(1, result). */
struct big big_root(struct big_pool *pool, struct big x, size_t limbs);
struct big big_exp(struct big_pool *pool, struct big x, size_t limbs);
struct big big_ln(struct big_pool *pool, struct big x, size_t limbs);
struct big big_power(struct big_pool *pool, struct big x, uint64_t exponent, size_t limbs);

#endif
