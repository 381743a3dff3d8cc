/*
 * The pattern of to_char and to_number of numbers, read: its parts in order, and what they say together.
 */
#ifndef BIBD_SQLITE_NUMBER_PICTURE_H
#define BIBD_SQLITE_NUMBER_PICTURE_H

#include "workers/sqlite/functions/functions.h"

enum picture_code {
	PICTURE_LITERAL, /* one byte of text */
	PICTURE_COMMA,
	PICTURE_GROUP,
	PICTURE_POINT,
	PICTURE_NINE,
	PICTURE_ZERO,
	PICTURE_BLANK,
	PICTURE_CURRENCY,
	PICTURE_EXPONENT,
	PICTURE_FILL,
	PICTURE_MINUS,
	PICTURE_PLUS,
	PICTURE_BRACKET,
	PICTURE_ROMAN,
	PICTURE_SMALL_ROMAN,
	PICTURE_SIGN_HERE,
	PICTURE_SIGN,
	PICTURE_ORDINAL,
	PICTURE_SMALL_ORDINAL,
	PICTURE_SHIFT,
	PICTURE_NOTHING, /* read, and without meaning */
};

struct picture_part {
	enum picture_code code;
	char literal;
};

enum picture_sign { PICTURE_SIGN_NONE, PICTURE_SIGN_BEFORE, PICTURE_SIGN_BEHIND };

struct picture {
	struct picture_part *parts; /* malloc'ed */
	size_t n;
	int before, behind; /* digits on either side of the point */
	int shift;	    /* digits behind V */
	bool point, fill, zero, blank, minus, plus, bracket, roman, exponent, shifted, locale_sign;
	int zero_start, zero_end; /* the first and last place that a 0 asks for, from 1 on */
	enum picture_sign sign;
	int sign_place; /* digits that stand before S */
};

/* False: the call failed, with 42601 where the parts contradict each other. */
bool picture_read(sqlite3_context *c, sqlite3_value *format, struct picture *out);
void picture_free(struct picture *p);
/* Whether an ending of the last digit ("1st") is written: only whole numbers that are not negative have one. */
bool picture_wants_ordinal(const struct picture *p, char sign, const char *digits);
/* Writes the digits, "-" or "+" apart from them, under the picture. `padding`: how many places before the point have no
 * digit. */
void picture_put(FILE *out, const struct picture *p, char sign, const char *digits, int padding);

#endif
