/*
 * Decimal arithmetic as PostgreSQL's numeric has it: the one way that numerics are calculated with, rounded and
 * written, with the scales that PostgreSQL gives results (manual, 8.1.2; for division its select_div_scale: 16
 * significant digits at least).
 */
#ifndef BIBD_SQLITE_DECIMAL_H
#define BIBD_SQLITE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Digits are 0 to 9, the most significant first; the last `scale` of them stand behind the point. */
struct decimal {
	uint8_t *digits; /* malloc'ed; NULL: none yet */
	size_t n, scale;
	bool negative, special; /* special: NaN or an infinity, which nothing here calculates with */
};

void decimal_free(struct decimal *x);

/* Reads a numeric's stored text. False: out of memory, as in all of these. */
bool decimal_read(const char *text, size_t length, struct decimal *x);
/* a operator b, of + - * / %; b is not 0 where it divides. It may change the signs of both. */
bool decimal_operate(char op, struct decimal *a, struct decimal *b, struct decimal *out);

/* At a half away from zero; towards zero; up; down. */
enum decimal_rounding { DECIMAL_HALF, DECIMAL_CUT, DECIMAL_UP, DECIMAL_DOWN };
/* So many places behind the point, or before it when below 0; where there are fewer, zeros are added. */
bool decimal_round(struct decimal *x, int64_t places, enum decimal_rounding how);

bool decimal_is_zero(const struct decimal *x);
/* As it is stored; malloc'ed, NUL-terminated. NULL: out of memory. */
char *decimal_write(const struct decimal *x, size_t *length);

/* A text of digits divided by n > 0, written; malloc'ed. */
char *decimal_divide(const char *text, uint64_t n);

#endif
