/* An interval added to a timestamp: months first, then days, then the time. */
#include "workers/sqlite/functions/moment.h"

/* A day that the month does not have is its last. */
int
moment_add(int64_t *us, const struct type_interval *interval, int sign, struct report *r)
{
	int64_t days = *us / TYPE_USECS_PER_DAY, time = *us % TYPE_USECS_PER_DAY, year, months;
	int month, day;

	if (time < 0) {
		time += TYPE_USECS_PER_DAY;
		days--;
	}
	if (interval->months != 0) {
		type_civil_from_days(days, &year, &month, &day);
		months = year * 12 + month - 1 + sign * interval->months;
		year = months >= 0 ? months / 12 : -((11 - months) / 12);
		month = (int)(months - year * 12) + 1;
		if (year < -5000 || year > 300000)
			return report_set(r, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
		if (day > type_days_in_month(year, month))
			day = type_days_in_month(year, month);
		days = type_days_from_civil(year, month, day);
	}
	if (__builtin_mul_overflow(days + sign * interval->days, TYPE_USECS_PER_DAY, us) ||
	    __builtin_add_overflow(*us, time, us) || __builtin_add_overflow(*us, sign * interval->us, us) ||
	    *us < TYPE_TIMESTAMP_MIN || *us >= TYPE_TIMESTAMP_END)
		return report_set(r, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
	return 0;
}

/* The session's offset at an instant, or at that time on its clock. */
static int64_t
session_offset(const struct type_settings *types, int64_t us, bool local)
{
	int64_t seconds =
	    us / TYPE_USECS_PER_SECOND - (us % TYPE_USECS_PER_SECOND < 0) + TYPE_EPOCH_SHIFT_DAYS * INT64_C(86400);
	int offset_s = types->timezone_offset_s;

	if (types->timezone != NULL)
		(void)(local ? type_zone_offset_at_local(types->timezone, seconds, &offset_s)
			     : type_zone_offset_at_utc(types->timezone, seconds, &offset_s));
	return offset_s * TYPE_USECS_PER_SECOND;
}

/* Months and days are those of the session's clock, on which a day may have 23 hours; hours are hours. */
int
moment_add_in_zone(const struct type_settings *types, int64_t *us, const struct type_interval *interval, int sign,
    struct report *r)
{
	struct type_interval dates = { interval->months, interval->days, 0 }, clock = { 0, 0, interval->us };

	if (dates.months != 0 || dates.days != 0) {
		*us += session_offset(types, *us, false);
		if (moment_add(us, &dates, sign, r) == -1)
			return -1;
		*us -= session_offset(types, *us, true);
	}
	return moment_add(us, &clock, sign, r);
}
