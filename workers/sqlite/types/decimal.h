/*
 * Sums of numerics, and their averages: decimal digits, as many as there are.
 */
#ifndef BIBD_SQLITE_CATALOG_DECIMAL_H
#define BIBD_SQLITE_CATALOG_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Digits below and above the point, the least significant first; never negative. Zeroed memory is 0. */
struct decimal {
	uint8_t *digits;
	size_t n, capacity;
	size_t scale; /* how many of them stand behind the point */
	bool failed;  /* out of memory */
};

void decimal_free(struct decimal *d);
/* Adds digits with at most one point ("12.50"); anything else in the text ends it. */
void decimal_add(struct decimal *d, const char *text, size_t length);
/* |a - b| as text, with the larger scale; *negative: b was the larger. malloc'ed; NULL: out of memory. */
char *decimal_difference(struct decimal *a, struct decimal *b, bool *negative);
/* A text of digits divided by n > 0, with as many digits behind the point as PostgreSQL's numeric division gives
 * (select_div_scale). malloc'ed. */
char *decimal_divide(const char *text, uint64_t n);

#endif
