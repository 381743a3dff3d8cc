/*
 * A timestamp taken apart into the fields of a wall clock, for the functions of time.
 */
#ifndef BIBD_SQLITE_CATALOG_MOMENT_H
#define BIBD_SQLITE_CATALOG_MOMENT_H

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/codec.h"

#define UNIX_EPOCH_SHIFT (TYPE_EPOCH_SHIFT_DAYS * TYPE_USECS_PER_DAY)

struct moment {
	int64_t us; /* microseconds since 2000-01-01 on the wall clock */
	int64_t year, days;
	int month, day;
	int64_t time_us;
	bool zoned, dated; /* it was a timestamptz; it was a date */
	int offset_s;
};

/* Takes an argument apart; a timestamptz in the session's time zone. False: the call failed. */
bool moment_read(sqlite3_context *c, sqlite3_value *value, struct moment *m);
/* The day of the week, from 0, which is Sunday. */
int moment_day_of_week(const struct moment *m);
/* The week of ISO 8601, whose week 1 has the year's first Thursday; *year is the year that the week belongs to. */
int moment_iso_week(const struct moment *m, int64_t *year);
/* Adds an interval times `sign` to a timestamp, or to a timestamptz on the session's clock. -1: the report is
 * filled, with 22008 out of range. */
int moment_add(int64_t *us, const struct type_interval *interval, int sign, struct report *r);
int moment_add_in_zone(const struct type_settings *types, int64_t *us, const struct type_interval *interval, int sign,
    struct report *r);
/* Returns a value of that type of date or time, in the form that type_datetime_to_text() takes. */
void moment_result(sqlite3_context *c, uint32_t oid, int64_t value);
/* a / b, rounded down. */
int64_t moment_floor(int64_t a, int64_t b);

#endif
