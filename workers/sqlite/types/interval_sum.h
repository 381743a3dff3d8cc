/*
 * An interval while it is read: what its fields add up to, each within its bounds; and the reader of ISO 8601's form.
 * Shared by the files interval_*.c alone.
 */
#ifndef BIBD_SQLITE_TYPES_INTERVAL_SUM_H
#define BIBD_SQLITE_TYPES_INTERVAL_SUM_H

#include "workers/sqlite/types/codec.h"

/* Years, months and days are within 32 bits. */
struct interval_sum {
	int64_t years, months, days, us;
};

/* Each adds a number and its fraction, of units of that many of what is counted; what is left of a fraction goes into
 * the next smaller: half a month is 15 days, but of a year only whole months count. False: out of range. */
bool interval_sum_us(struct interval_sum *sum, int64_t whole, double fraction, int64_t scale);
bool interval_sum_days(struct interval_sum *sum, int64_t whole, double fraction, int scale);
bool interval_sum_months(struct interval_sum *sum, int64_t whole, double fraction);
bool interval_sum_years(struct interval_sum *sum, int64_t whole, double fraction, int scale);
bool interval_sum_negate(struct interval_sum *sum);

/* P1Y2M3DT4H5M6S, P0001-02-03T04:05:06, P00010203T040506. */
enum type_datetime_result interval_read_iso_8601(const char *data, size_t length, struct interval_sum *sum);

#endif
