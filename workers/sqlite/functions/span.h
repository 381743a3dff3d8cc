/*
 * An interval as an argument and as a result: months, days and microseconds. Shared by the functions of time.
 */
#ifndef BIBD_SQLITE_SPAN_H
#define BIBD_SQLITE_SPAN_H

#include "workers/sqlite/functions/moment.h"

/* False, as in all of these: the call failed. */
bool span_take(sqlite3_context *c, sqlite3_value *value, struct type_interval *out);
void span_give(sqlite3_context *c, const struct type_interval *span);
void span_fail_range(sqlite3_context *c);
/* Times or divided by a factor: what is not whole of a month goes into days, and of days into the time, never the
 * other way. False: out of range. */
bool span_scale(struct type_interval *span, double factor, bool divide);
/* Whole days out of the microseconds, both with the same sign. */
void span_justify_hours(struct type_interval *span);

/* A timestamp or timestamptz; a date is its midnight. */
bool span_take_timestamp(sqlite3_context *c, sqlite3_value *value, uint32_t oid, int64_t *us);
/* A time, and of a timetz its offset in seconds. */
bool span_take_time(sqlite3_context *c, sqlite3_value *value, int64_t *us, int *offset_s, bool *zoned);
bool span_is_infinite(int64_t us);

/* A zone by its name, abbreviation or offset: seconds east of UTC at an instant, or at that time on its clock. Fails
 * with 22023. */
bool span_zone_offset(sqlite3_context *c, const char *zone, int64_t us, bool local, int *offset_s);

#endif
