/*
 * What the fields of a date and time come to: the year's century, the day of a month, noon, and whether all that is
 * needed was there.
 */
#include "workers/sqlite/types/datetime_scan.h"

#define BIT(field) (1u << (field))

bool
datetime_clock_overflows(const struct scan *s)
{
	int64_t us = ((s->hour * 60 + s->minute) * 60 + s->second) * TYPE_USECS_PER_SECOND + s->fraction_us;

	return s->hour < 0 || s->hour > 24 || s->minute < 0 || s->minute > 59 || s->second < 0 || s->second > 60 ||
	    us > TYPE_USECS_PER_DAY;
}

static result
settle_year(struct scan *s)
{
	if ((s->seen & BIT(SCAN_YEAR)) == 0 || s->julian)
		return TYPE_DATETIME_OK;
	if (s->short_year && !s->bc && s->year >= 0 && s->year < 100)
		s->year += s->year < 70 ? 2000 : 1900;
	if (s->year <= 0)
		return TYPE_DATETIME_RANGE;
	s->year = s->bc ? 1 - s->year : s->year;
	return TYPE_DATETIME_OK;
}

static result
settle_date(struct scan *s)
{
	result status = settle_year(s);

	if (status != TYPE_DATETIME_OK)
		return status;
	if ((s->seen & BIT(SCAN_DAY_OF_YEAR)) != 0) {
		int month, day;

		type_civil_from_days(type_days_from_civil(s->year, 1, 1) + s->day_of_year - 1, &s->year, &month, &day);
		s->month = month;
		s->day = day;
	}
	if (((s->seen & BIT(SCAN_MONTH)) != 0 && (s->month < 1 || s->month > 12)) ||
	    ((s->seen & BIT(SCAN_DAY)) != 0 && (s->day < 1 || s->day > 31)))
		return TYPE_DATETIME_DAY_RANGE;
	if ((s->seen & SCAN_DATE_BITS) == SCAN_DATE_BITS && s->day > type_days_in_month(s->year, (int)s->month))
		return TYPE_DATETIME_RANGE;
	return TYPE_DATETIME_OK;
}

static result
settle_half(struct scan *s)
{
	if (s->half != 0 && s->hour > 12)
		return TYPE_DATETIME_RANGE;
	if (s->half == 1 && s->hour == 12)
		s->hour = 0;
	else if (s->half == 2 && s->hour != 12)
		s->hour += 12;
	return TYPE_DATETIME_OK;
}

result
datetime_settle(struct scan *s)
{
	struct type_datetime *out = s->out;
	result status = TYPE_DATETIME_OK;

	if (out->special != TYPE_DATETIME_FIELDS)
		return TYPE_DATETIME_OK;
	if (!out->relative && (status = settle_date(s)) != TYPE_DATETIME_OK)
		return status;
	if ((status = settle_half(s)) != TYPE_DATETIME_OK)
		return status;
	if (s->time_only && datetime_clock_overflows(s))
		return TYPE_DATETIME_RANGE;
	out->has_date = (s->seen & SCAN_DATE_BITS) == SCAN_DATE_BITS;
	out->has_time = (s->seen & SCAN_TIME_BITS) == SCAN_TIME_BITS;
	if (s->time_only ? !out->has_time : !out->has_date)
		return TYPE_DATETIME_SYNTAX;
	out->year = s->year;
	out->month = (int)s->month;
	out->day = (int)s->day;
	out->time_us = ((s->hour * 60 + s->minute) * 60 + s->second) * TYPE_USECS_PER_SECOND + s->fraction_us;
	/* An hour of summer time is one more than an offset says, and no zone by itself. */
	return (s->seen & BIT(SCAN_SUMMER)) != 0 && ((s->seen & SCAN_ZONE_BITS) == 0 || out->zone[0] != '\0')
	    ? TYPE_DATETIME_SYNTAX
	    : TYPE_DATETIME_OK;
}
