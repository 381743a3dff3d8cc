/* Timestamps, dates and times: from text to PostgreSQL's numbers. */
#include <string.h>

#include "common/clock.h"
#include "workers/sqlite/types/codec.h"

#define UNIX_SHIFT_US (TYPE_EPOCH_SHIFT_DAYS * TYPE_USECS_PER_DAY)

/* The zone that is not known is the word with a slash in it; it is told in lower case. */
static int
unknown_zone(const char *data, size_t length, struct report *r)
{
	char zone[256];
	const char *slash = memchr(data, '/', length), *p = slash == NULL ? data : slash;
	size_t n = 0;

	while (p > data && !type_is_blank(p[-1]))
		p--;
	for (; p + n < data + length && n < sizeof(zone) - 1 && !type_is_blank(p[n]); n++)
		zone[n] = p[n] >= 'A' && p[n] <= 'Z' ? (char)(p[n] - 'A' + 'a') : p[n];
	zone[n] = '\0';
	return report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE, "time zone \"%s\" not recognized", zone);
}

static int
datetime_error(enum type_datetime_result result, uint32_t oid, const char *data, size_t length, struct report *r)
{
	int shown = (int)(length < 256 ? length : 256);

	switch (result) {
	case TYPE_DATETIME_RANGE:
		return report_set(r, SQLSTATE_DATETIME_FIELD_OVERFLOW, "date/time field value out of range: \"%.*s\"",
		    shown, data);
	case TYPE_DATETIME_DAY_RANGE:
		report_set(r, SQLSTATE_DATETIME_FIELD_OVERFLOW, "date/time field value out of range: \"%.*s\"", shown,
		    data);
		report_hint(r, "Perhaps you need a different \"datestyle\" setting.");
		return -1;
	case TYPE_DATETIME_ZONE_RANGE:
		return report_set(r, SQLSTATE_INVALID_TIME_ZONE_DISPLACEMENT_VALUE,
		    "time zone displacement out of range: \"%.*s\"", shown, data);
	case TYPE_DATETIME_ZONE_UNKNOWN:
		return unknown_zone(data, length, r);
	default:
		return type_bad_syntax(r, oid, data, length);
	}
}

static int
out_of_range(const char *what, const char *data, size_t length, struct report *r)
{
	return report_set(r, SQLSTATE_DATETIME_FIELD_OVERFLOW, "%s out of range: \"%.*s\"", what,
	    (int)(length < 256 ? length : 256), data);
}

static int
session_offset_at_utc(const struct type_settings *settings, int64_t unix_s)
{
	int offset = 0;

	if (settings == NULL)
		return 0;
	if (settings->timezone == NULL)
		return settings->timezone_offset_s;
	(void)type_zone_offset_at_utc(settings->timezone, unix_s, &offset);
	return offset;
}

static int
session_offset_at_local(const struct type_settings *settings, int64_t local_s)
{
	int offset = 0;

	if (settings == NULL)
		return 0;
	if (settings->timezone == NULL)
		return settings->timezone_offset_s;
	(void)type_zone_offset_at_local(settings->timezone, local_s, &offset);
	return offset;
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Local time of the session, in microseconds since 2000. */
static int64_t
now_local(const struct type_settings *settings)
{
	int64_t now = settings != NULL && settings->now_us != 0 ? settings->now_us : clock_realtime_us();

	return now + session_offset_at_utc(settings, floor_div(now, TYPE_USECS_PER_SECOND)) * TYPE_USECS_PER_SECOND -
	    UNIX_SHIFT_US;
}

static int64_t
unix_seconds(int64_t us)
{
	return floor_div(us, TYPE_USECS_PER_SECOND) + TYPE_EPOCH_SHIFT_DAYS * INT64_C(86400);
}

static int
scan(uint32_t oid, const char *data, size_t length, const struct type_settings *settings, struct type_datetime *t,
    struct report *r)
{
	enum type_datetime_kind kind = oid == TYPE_DATE ? TYPE_DATETIME_DATE
	    : oid == TYPE_TIME || oid == TYPE_TIMETZ	? TYPE_DATETIME_TIME
							: TYPE_DATETIME_TIMESTAMP;
	enum type_datetime_result result =
	    type_scan_datetime(data, length, settings != NULL ? settings->date_order : 'M', kind, t);

	return result == TYPE_DATETIME_OK ? 0 : datetime_error(result, oid, data, length, r);
}

int
type_scan_time(uint32_t oid, const char *data, size_t length, const struct type_settings *settings,
    struct type_datetime *out, struct report *r)
{
	return scan(oid, data, length, settings, out, r);
}

/* The offset that holds for a local time, in seconds. */
static int
offset_of(const struct type_datetime *t, int64_t local_us, const struct type_settings *settings)
{
	int offset_s = t->offset_s;
	int64_t local_s = unix_seconds(local_us);

	if (t->zone[0] != '\0') {
		(void)type_zone_offset_at_local(t->zone, local_s, &offset_s);
		if (t->abbreviation != NULL)
			(void)type_zone_abbreviated(t->zone, t->abbreviation, local_s - offset_s, &offset_s);
		return offset_s;
	}
	return t->has_offset ? t->offset_s : session_offset_at_local(settings, local_s);
}

/* Days since 2000 of the date. */
static int64_t
days_of(const struct type_datetime *t, const struct type_settings *settings)
{
	if (t->relative)
		return floor_div(now_local(settings), TYPE_USECS_PER_DAY) + t->relative_days;
	return type_days_from_civil(t->year, t->month, t->day);
}

static bool
special_timestamp(const struct type_datetime *t, bool with_zone, const struct type_settings *settings, int64_t *us)
{
	int offset;

	switch (t->special) {
	case TYPE_DATETIME_FIELDS:
		return false;
	case TYPE_DATETIME_EPOCH:
		*us = -UNIX_SHIFT_US;
		return true;
	case TYPE_DATETIME_INFINITY:
		*us = TYPE_TIMESTAMP_INFINITY;
		return true;
	case TYPE_DATETIME_MINUS_INFINITY:
		*us = TYPE_TIMESTAMP_MINUS_INFINITY;
		return true;
	default:
		*us = now_local(settings);
		offset = session_offset_at_local(settings, unix_seconds(*us));
		*us -= with_zone ? offset * TYPE_USECS_PER_SECOND : 0;
		return true;
	}
}

/* One that was stored as another type: a date, a timestamp on the session's clock, or an instant without its zone. */
static bool
read_far(const char *data, size_t length, bool with_zone, const struct type_settings *settings, int64_t *us)
{
	int64_t days;

	if (!with_zone && type_read_stored_timestamp(data, length, true, us))
		return true;
	if (!type_read_stored_timestamp(data, length, false, us) &&
	    (!type_read_stored_date(data, length, &days) || __builtin_mul_overflow(days, TYPE_USECS_PER_DAY, us)))
		return false;
	if (with_zone)
		*us -= session_offset_at_local(settings, unix_seconds(*us)) * TYPE_USECS_PER_SECOND;
	return *us >= TYPE_TIMESTAMP_MIN && *us < TYPE_TIMESTAMP_END;
}

int
type_parse_timestamp(const char *data, size_t length, bool with_zone, const struct type_settings *settings, int64_t *us,
    struct report *r)
{
	uint32_t oid = with_zone ? TYPE_TIMESTAMPTZ : TYPE_TIMESTAMP;
	struct type_datetime t;
	int64_t days;

	if (type_read_stored_timestamp(data, length, with_zone, us))
		return 0;
	if (type_has_stored_year(data, length) && read_far(data, length, with_zone, settings, us))
		return 0;
	if (scan(oid, data, length, settings, &t, r) != 0)
		return -1;
	if (special_timestamp(&t, with_zone, settings, us))
		return 0;
	days = days_of(&t, settings);
	if (days < TYPE_DATE_MIN || days > TYPE_TIMESTAMP_END / TYPE_USECS_PER_DAY)
		return out_of_range("timestamp", data, length, r);
	if (__builtin_add_overflow(days * TYPE_USECS_PER_DAY, t.time_us, us))
		return out_of_range("timestamp", data, length, r);
	if (with_zone && __builtin_sub_overflow(*us, offset_of(&t, *us, settings) * TYPE_USECS_PER_SECOND, us))
		return out_of_range("timestamp", data, length, r);
	if (*us < TYPE_TIMESTAMP_MIN || *us >= TYPE_TIMESTAMP_END)
		return out_of_range("timestamp", data, length, r);
	return 0;
}

int
type_parse_date(const char *data, size_t length, const struct type_settings *settings, int32_t *days, struct report *r)
{
	struct type_datetime t;
	int64_t us, day;

	if (type_read_stored_date(data, length, &day)) {
		*days = (int32_t)day;
		return 0;
	}
	if (type_has_stored_year(data, length) && read_far(data, length, false, settings, &us)) {
		*days = (int32_t)floor_div(us, TYPE_USECS_PER_DAY);
		return 0;
	}
	if (scan(TYPE_DATE, data, length, settings, &t, r) != 0)
		return -1;
	if (special_timestamp(&t, false, settings, &us)) {
		*days = us == TYPE_TIMESTAMP_INFINITY	  ? TYPE_DATE_INFINITY
		    : us == TYPE_TIMESTAMP_MINUS_INFINITY ? TYPE_DATE_MINUS_INFINITY
							  : (int32_t)floor_div(us, TYPE_USECS_PER_DAY);
		return 0;
	}
	day = days_of(&t, settings);
	if (day < TYPE_DATE_MIN || day >= TYPE_DATE_END)
		return out_of_range("date", data, length, r);
	*days = (int32_t)day;
	return 0;
}

int
type_parse_time(const char *data, size_t length, const struct type_settings *settings, int64_t *us, struct report *r)
{
	struct type_datetime t;
	int ignored;

	if (scan(TYPE_TIME, data, length, settings, &t, r) != 0)
		return -1;
	if (t.special == TYPE_DATETIME_NOW) {
		*us = now_local(settings);
		*us -= floor_div(*us, TYPE_USECS_PER_DAY) * TYPE_USECS_PER_DAY;
		return 0;
	}
	/* A zone with summer time says nothing without a date. */
	if (t.zone[0] != '\0' && t.abbreviation == NULL && !t.has_date && !type_zone_is_fixed(t.zone, &ignored))
		return type_bad_syntax(r, TYPE_TIME, data, length);
	*us = t.time_us;
	return 0;
}
