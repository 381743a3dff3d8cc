/*
 * A text that is read under a format of to_date or to_timestamp: its fields, as numbers.
 */
#ifndef BIBD_SQLITE_READ_TIME_H
#define BIBD_SQLITE_READ_TIME_H

#include "workers/sqlite/functions/time_pattern.h"

enum field {
	FIELD_YEAR,
	FIELD_MONTH,
	FIELD_DAY,
	FIELD_DAY_OF_YEAR,
	FIELD_HOUR,
	FIELD_MINUTE,
	FIELD_SECOND,
	FIELD_SECOND_OF_DAY,
	FIELD_MILLISECOND,
	FIELD_MICROSECOND,
	FIELD_JULIAN,
	FIELD_ZONE_HOUR,
	FIELD_ZONE_MINUTE,
	FIELD_IGNORED,
	FIELDS
};

struct reader {
	sqlite3_context *c;
	const char *text, *at, *format;
	int64_t values[FIELDS];
	bool halves, afternoon, before_christ, zoned, failed;
	int zone_sign;
	int skipped; /* characters that were skipped and no part of the format has asked for */
};

/* Fails once: the first words are what is said. Two arguments of the format, "" for one that it does not show. */
void read_time_fail(struct reader *r, enum sqlstate state, const char *format, const char *what, const char *name);
/* Reads text under format, both set, to the end of either. */
void read_time_fields(struct reader *r);

#endif
