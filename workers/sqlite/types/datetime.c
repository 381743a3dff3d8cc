/* Timestamps, dates and times: from text to PostgreSQL's numbers, and to the stored text. */
#include <string.h>

#include "common/clock.h"
#include "workers/sqlite/types/codec.h"

#define UNIX_SHIFT_US (TYPE_EPOCH_SHIFT_DAYS * TYPE_USECS_PER_DAY)

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

/* The words: local time of the session, in microseconds since 2000. */
static int64_t
special_local(enum type_datetime_special special, const struct type_settings *settings)
{
	int64_t now = settings != NULL && settings->now_us != 0 ? settings->now_us : clock_realtime_us();
	int64_t local = now +
	    session_offset_at_utc(settings, floor_div(now, TYPE_USECS_PER_SECOND)) * TYPE_USECS_PER_SECOND -
	    UNIX_SHIFT_US;
	int64_t midnight = floor_div(local, TYPE_USECS_PER_DAY) * TYPE_USECS_PER_DAY;

	switch (special) {
	case TYPE_DATETIME_TODAY:
		return midnight;
	case TYPE_DATETIME_TOMORROW:
		return midnight + TYPE_USECS_PER_DAY;
	case TYPE_DATETIME_YESTERDAY:
		return midnight - TYPE_USECS_PER_DAY;
	default:
		return local;
	}
}

static int64_t
unix_seconds(int64_t us)
{
	return floor_div(us, TYPE_USECS_PER_SECOND) + TYPE_EPOCH_SHIFT_DAYS * INT64_C(86400);
}

/* Scans, and refuses a zone that is not known: by its name when it looks like one, else as bad syntax. */
static int
scan(uint32_t oid, const char *data, size_t length, const struct type_settings *settings, struct type_datetime *t,
    struct report *r)
{
	enum type_datetime_result result =
	    type_scan_datetime(data, length, settings != NULL ? settings->date_order : 'M', t);
	int ignored;

	if (result != TYPE_DATETIME_OK)
		return datetime_error(result, oid, data, length, r);
	if (t->zone[0] == '\0' || type_zone_offset_at_utc(t->zone, 0, &ignored))
		return 0;
	if (strchr(t->zone, '/') == NULL)
		return type_bad_syntax(r, oid, data, length);
	for (char *p = t->zone; *p != '\0'; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
	return report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE, "time zone \"%s\" not recognized", t->zone);
}

/* The offset that holds for a local time, in seconds. */
static int
offset_of(const struct type_datetime *t, int64_t local_us, const struct type_settings *settings)
{
	int offset_s = 0;
	int64_t local_s = unix_seconds(local_us);

	if (t->zone[0] != '\0') {
		(void)type_zone_offset_at_local(t->zone, local_s, &offset_s);
		return offset_s;
	}
	return t->has_offset ? t->offset_s : session_offset_at_local(settings, local_s);
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
		*us = special_local(t->special, settings);
		offset = session_offset_at_local(settings, unix_seconds(*us));
		*us -= with_zone ? offset * TYPE_USECS_PER_SECOND : 0;
		return true;
	}
}

int
type_parse_timestamp(const char *data, size_t length, bool with_zone, const struct type_settings *settings, int64_t *us,
    struct report *r)
{
	uint32_t oid = with_zone ? TYPE_TIMESTAMPTZ : TYPE_TIMESTAMP;
	struct type_datetime t;
	int64_t days;

	if (scan(oid, data, length, settings, &t, r) != 0)
		return -1;
	if (special_timestamp(&t, with_zone, settings, us))
		return 0;
	if (!t.has_date)
		return type_bad_syntax(r, oid, data, length);
	days = type_days_from_civil(t.year, t.month, t.day);
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

	if (scan(TYPE_DATE, data, length, settings, &t, r) != 0)
		return -1;
	if (special_timestamp(&t, false, settings, &us)) {
		*days = us == TYPE_TIMESTAMP_INFINITY	  ? TYPE_DATE_INFINITY
		    : us == TYPE_TIMESTAMP_MINUS_INFINITY ? TYPE_DATE_MINUS_INFINITY
							  : (int32_t)floor_div(us, TYPE_USECS_PER_DAY);
		return 0;
	}
	if (!t.has_date)
		return type_bad_syntax(r, TYPE_DATE, data, length);
	day = type_days_from_civil(t.year, t.month, t.day);
	if (day < TYPE_DATE_MIN || day >= TYPE_DATE_END)
		return out_of_range("date", data, length, r);
	*days = (int32_t)day;
	return 0;
}

int
type_parse_time(const char *data, size_t length, const struct type_settings *settings, int64_t *us, struct report *r)
{
	struct type_datetime t;

	if (scan(TYPE_TIME, data, length, settings, &t, r) != 0)
		return -1;
	if (t.special == TYPE_DATETIME_NOW) {
		*us = special_local(t.special, settings);
		*us -= floor_div(*us, TYPE_USECS_PER_DAY) * TYPE_USECS_PER_DAY;
		return 0;
	}
	if (!t.has_time)
		return type_bad_syntax(r, TYPE_TIME, data, length);
	*us = t.time_us;
	return 0;
}

int
type_datetime_to_text(uint32_t oid, int64_t value, struct type_value *out, struct report *r)
{
	char text[TYPE_DATETIME_TEXT];
	bool bc;
	size_t n;

	switch (oid) {
	case TYPE_DATE:
		n = type_write_date((int32_t)value, text);
		break;
	case TYPE_TIME:
		n = type_write_time(value, text);
		break;
	default:
		n = type_write_timestamp(value, text);
		break;
	}
	if (oid == TYPE_TIMESTAMPTZ && value != TYPE_TIMESTAMP_INFINITY && value != TYPE_TIMESTAMP_MINUS_INFINITY) {
		bc = n > 3 && memcmp(text + n - 3, " BC", 3) == 0;
		memcpy(text + n - (bc ? 3 : 0), bc ? "+00 BC" : "+00", bc ? 6 : 3);
		n += 3;
	}
	return type_value_copy(out, text, n, r);
}
