/*
 * A timestamp taken apart on its wall clock; shared by the functions of time.
 */
#ifndef BIBD_SQLITE_CATALOG_MOMENT_H
#define BIBD_SQLITE_CATALOG_MOMENT_H

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/codec.h"

#define UNIX_EPOCH_SHIFT (TYPE_EPOCH_SHIFT_DAYS * TYPE_USECS_PER_DAY)

struct moment {
	int64_t us; /* since 2000, on the wall clock */
	int64_t year, days;
	int month, day;
	int64_t time_us;
	bool zoned, dated; /* a timestamptz; a date */
	int offset_s;
};

/* Takes an argument apart, in the session's time zone when it has one; false: the call failed. */
bool moment_read(sqlite3_context *c, sqlite3_value *value, struct moment *m);
/* From 0, Sunday. */
int moment_day_of_week(const struct moment *m);
/* ISO 8601: the week that has the year's first Thursday is week 1. */
int moment_iso_week(const struct moment *m, int64_t *year);
/* Adds an interval times sign, to a timestamp or to an instant on the session's clock; 22008. */
int moment_add(int64_t *us, const struct type_interval *interval, int sign, struct report *r);
int moment_add_in_zone(const struct type_settings *types, int64_t *us, const struct type_interval *interval, int sign,
    struct report *r);
/* The result: a value as type_datetime_to_text wants it. */
void moment_result(sqlite3_context *c, uint32_t oid, int64_t value);
/* Division that rounds down. */
int64_t moment_floor(int64_t a, int64_t b);

#endif
