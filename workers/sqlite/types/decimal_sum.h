/*
 * Sums of numerics: decimal digits, as many as there are, added up in place.
 */
#ifndef BIBD_SQLITE_DECIMAL_SUM_H
#define BIBD_SQLITE_DECIMAL_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/sqlite/types/decimal_small.h"

/* Digits below and above the point, the least significant first; never negative. Zeroed memory is 0. What few digits
 * have is added up in `pending` first, with a scale of its own. */
struct decimal_sum {
	decimal_wide pending;
	unsigned pending_scale;
	uint8_t *digits;
	size_t n, capacity;
	size_t scale; /* how many of them stand behind the point */
	bool failed;  /* out of memory */
};

void decimal_sum_free(struct decimal_sum *d);
/* Adds digits with at most one point ("12.50"); anything else in the text ends it. */
void decimal_sum_add(struct decimal_sum *d, const char *text, size_t length);
/* Adds a number that is not negative. */
void decimal_sum_add_small(struct decimal_sum *d, const struct decimal_small *x);
/* |a - b| as text, with the larger scale; *negative: b was the larger. malloc'ed; NULL: out of memory. */
char *decimal_sum_difference(struct decimal_sum *a, struct decimal_sum *b, bool *negative);

#endif
