/*
 * to_date and to_timestamp of a text and a format: the moment that the fields say.
 */
#include <stdio.h>

#include "workers/sqlite/functions/read_time.h"

static void
fail_range(struct reader *r)
{
	read_time_fail(r, SQLSTATE_DATETIME_FIELD_OVERFLOW, "date/time field value out of range: \"%s\"%s", r->text,
	    "");
}

static bool
read_clock(struct reader *r, int64_t *us)
{
	int64_t *v = r->values, fraction = v[FIELD_MILLISECOND] * 1000 + v[FIELD_MICROSECOND];
	char hour[24];

	if (v[FIELD_SECOND_OF_DAY] != 0) {
		v[FIELD_HOUR] = v[FIELD_SECOND_OF_DAY] / 3600;
		v[FIELD_MINUTE] = v[FIELD_SECOND_OF_DAY] / 60 % 60;
		v[FIELD_SECOND] = v[FIELD_SECOND_OF_DAY] % 60;
	}
	if (r->halves) {
		if (v[FIELD_HOUR] < 1 || v[FIELD_HOUR] > 12) {
			(void)snprintf(hour, sizeof(hour), "%lld", (long long)v[FIELD_HOUR]);
			read_time_fail(r, SQLSTATE_INVALID_DATETIME_FORMAT,
			    "hour \"%s\" is invalid for the 12-hour clock%s", hour, "");
			return false;
		}
		v[FIELD_HOUR] = v[FIELD_HOUR] % 12 + (r->afternoon ? 12 : 0);
	}
	*us = ((v[FIELD_HOUR] * 60 + v[FIELD_MINUTE]) * 60 + v[FIELD_SECOND]) * TYPE_USECS_PER_SECOND + fraction;
	return v[FIELD_HOUR] >= 0 && v[FIELD_HOUR] < 24 && v[FIELD_MINUTE] >= 0 && v[FIELD_MINUTE] < 60 &&
	    v[FIELD_SECOND] >= 0 && v[FIELD_SECOND] < 60 && fraction >= 0 && fraction < TYPE_USECS_PER_SECOND;
}

/* False: out of range, or the call failed. */
static bool
read_days(struct reader *r, int64_t *days)
{
	int64_t *v = r->values, year = v[FIELD_YEAR], month = v[FIELD_MONTH], day = v[FIELD_DAY];

	if (r->before_christ)
		year = -year;
	year += year < 0;
	if (v[FIELD_JULIAN] != 0) {
		*days = v[FIELD_JULIAN] - 2451545;
		return *days >= TYPE_DATE_MIN;
	}
	if (v[FIELD_DAY_OF_YEAR] != 0 && (month == 0 || day == 0)) {
		if (v[FIELD_YEAR] == 0 && !r->before_christ) {
			read_time_fail(r, SQLSTATE_INVALID_DATETIME_FORMAT,
			    "cannot calculate day of year without year information%s%s", "", "");
			return false;
		}
		if (month != 0 || day != 0 || v[FIELD_DAY_OF_YEAR] < 1 ||
		    v[FIELD_DAY_OF_YEAR] > 337 + type_days_in_month(year, 2))
			return false;
		*days = type_days_from_civil(year, 1, 1) + v[FIELD_DAY_OF_YEAR] - 1;
		return true;
	}
	month = month == 0 ? 1 : month;
	day = day == 0 ? 1 : day;
	if (month < 1 || month > 12 || day < 1 || day > type_days_in_month(year, (int)month))
		return false;
	*days = type_days_from_civil(year, (int)month, (int)day);
	return true;
}

/* The days and the time that the text says; false: the call failed. The first failure is the one reported. */
static bool
read_moment(struct reader *r, sqlite3_context *c, sqlite3_value **argv, int64_t *days, int64_t *us)
{
	size_t length;

	*r = (struct reader) { .c = c,
		.text = function_text(argv[0], &length),
		.format = function_text(argv[1], &length) };
	r->at = r->text;
	read_time_fields(r);
	if (r->failed)
		return false;
	if (read_days(r, days) && read_clock(r, us))
		return true;
	fail_range(r);
	return false;
}

void
time_to_date(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct reader r;
	int64_t days, us;

	(void)argc;
	if (!read_moment(&r, c, argv, &days, &us))
		return;
	if (days < TYPE_DATE_MIN || days >= TYPE_DATE_END)
		read_time_fail(&r, SQLSTATE_DATETIME_FIELD_OVERFLOW, "date out of range: \"%s\"%s", r.text, "");
	else
		moment_result(c, TYPE_DATE, days);
}

/* Without a zone it is the session's. */
void
time_read_timestamp(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct type_settings *types = &function_session(c)->types;
	struct reader r;
	int64_t days, us, clock;
	int offset_s = types->timezone_offset_s;

	(void)argc;
	if (!read_moment(&r, c, argv, &days, &clock))
		return;
	if (__builtin_mul_overflow(days, TYPE_USECS_PER_DAY, &us) || us < TYPE_TIMESTAMP_MIN ||
	    us >= TYPE_TIMESTAMP_END) {
		function_fail(c, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
		return;
	}
	us += clock;
	if (r.zoned) {
		if (r.values[FIELD_ZONE_HOUR] < 0 || r.values[FIELD_ZONE_HOUR] > 15 ||
		    r.values[FIELD_ZONE_MINUTE] < 0 || r.values[FIELD_ZONE_MINUTE] > 59) {
			read_time_fail(&r, SQLSTATE_INVALID_TIME_ZONE_DISPLACEMENT_VALUE,
			    "time zone displacement out of range: \"%s\"%s", r.text, "");
			return;
		}
		offset_s = r.zone_sign * (int)(r.values[FIELD_ZONE_HOUR] * 3600 + r.values[FIELD_ZONE_MINUTE] * 60);
	} else if (types->timezone != NULL)
		(void)type_zone_offset_at_local(types->timezone,
		    moment_floor(us, TYPE_USECS_PER_SECOND) + UNIX_EPOCH_SHIFT / TYPE_USECS_PER_SECOND, &offset_s);
	moment_result(c, TYPE_TIMESTAMPTZ, us - offset_s * TYPE_USECS_PER_SECOND);
}
