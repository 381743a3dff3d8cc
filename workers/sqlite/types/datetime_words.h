/*
 * Words in dates and times: months, weekdays, eras, units, and what is a date by itself. Abbreviations of zones are a
 * list of their own, and come first.
 */
#ifndef BIBD_SQLITE_TYPES_DATETIME_WORDS_H
#define BIBD_SQLITE_TYPES_DATETIME_WORDS_H

#include <stdbool.h>

enum datetime_word_kind {
	WORD_IGNORED,
	WORD_MONTH,
	WORD_DAY,
	WORD_HALF, /* 0 am, 1 pm */
	WORD_ERA,  /* 1: BC */
	WORD_SUMMER,
	WORD_UNIT, /* enum datetime_unit: what the number behind it is */
	WORD_NOW,
	WORD_TODAY, /* plus so many days */
	WORD_MIDNIGHT,
	WORD_EPOCH,
	WORD_INFINITY,
	WORD_MINUS_INFINITY,
	WORD_NONE,
};

enum datetime_unit {
	DATETIME_UNIT_NONE,
	DATETIME_UNIT_YEAR,
	DATETIME_UNIT_MONTH,
	DATETIME_UNIT_DAY,
	DATETIME_UNIT_HOUR,
	DATETIME_UNIT_MINUTE,
	DATETIME_UNIT_SECOND,
	DATETIME_UNIT_JULIAN,
	DATETIME_UNIT_TIME,  /* the T of ISO 8601 */
	DATETIME_UNIT_OTHER, /* known, of no use */
};

/* The word, in lower case; its value as above. */
enum datetime_word_kind datetime_word(const char *word, int *value);

#endif
