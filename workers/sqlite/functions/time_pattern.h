/*
 * The patterns of to_char, to_date and to_timestamp, as they are written in a format.
 */
#ifndef BIBD_SQLITE_TIME_PATTERN_H
#define BIBD_SQLITE_TIME_PATTERN_H

#include "workers/sqlite/functions/moment.h"

enum code {
	CODE_HOUR_24,
	CODE_HOUR_12,
	CODE_MINUTE,
	CODE_SECOND,
	CODE_SECOND_OF_DAY,
	CODE_FRACTION,
	CODE_HALF,
	CODE_HALF_DOTS,
	CODE_ERA,
	CODE_ERA_DOTS,
	CODE_YEAR,
	CODE_YEAR_COMMA,
	CODE_ISO_YEAR,
	CODE_CENTURY,
	CODE_MONTH,
	CODE_MONTH_NAME,
	CODE_MONTH_SHORT,
	CODE_MONTH_ROMAN,
	CODE_DAY,
	CODE_DAY_OF_YEAR,
	CODE_ISO_DAY_OF_YEAR,
	CODE_DAY_OF_WEEK,
	CODE_ISO_DAY_OF_WEEK,
	CODE_DAY_NAME,
	CODE_DAY_SHORT,
	CODE_WEEK_OF_MONTH,
	CODE_WEEK_OF_YEAR,
	CODE_ISO_WEEK,
	CODE_QUARTER,
	CODE_JULIAN,
	CODE_ZONE,
	CODE_ZONE_HOUR,
	CODE_ZONE_MINUTE,
	CODE_OFFSET,
};

struct pattern {
	const char *name; /* in capitals */
	enum code code;
	int digits; /* of numbers that are cut or filled up */
	bool mixed; /* "Month" is one too */
};

/* One pattern of a format: how it is written says how names are. */
struct written {
	const struct pattern *pattern;
	bool small, mixed; /* neither: in capitals */
	bool fill;	   /* FM is not before it */
	bool local;	   /* TM is: names are not filled up */
	bool utc;	   /* the session's zone, the only one whose name is known here */
};

/* The pattern that the format begins with; false: none, and it is to be taken as it is. */
bool time_pattern_find(const char *format, struct written *w);
/* Two letters in capitals or small: before a pattern, or behind it. */
bool time_pattern_is_modifier(const char *format, const char *capitals);
/* Whether it is one that an ordinal may follow. */
bool time_pattern_is_number(enum code code);

/* ---- to_char.c, to_char_span.c ---- */

/* Writes a name that is written with a capital, of at most that length, in the case that the pattern has, filled up to
 * a width. */
void time_put_name(FILE *out, const struct written *w, const char *name, int length, int width);
void time_put_number(FILE *out, const struct written *w, int64_t value);
/* Writes what a pattern shows of an interval; false: it has no such field. */
bool time_put_span(FILE *out, const struct written *w, const struct type_interval *span);

extern const char *const time_months[12], *const time_days[7], *const time_roman_months[12];

#endif
