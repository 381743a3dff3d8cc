/*
 * Times with a zone: microseconds of the day on a clock that is so many seconds east of UTC. Kept as PostgreSQL's text;
 * compared by the instant of a day, and then by the zone, the western one last.
 */
#include <string.h>

#include "common/clock.h"
#include "workers/sqlite/types/codec.h"

#define UNIX_SHIFT_S (TYPE_EPOCH_SHIFT_DAYS * INT64_C(86400))

int
type_timetz_to_text(const struct type_timetz *value, struct type_value *out, struct report *r)
{
	char text[TYPE_DATETIME_TEXT];
	size_t n = type_write_time(value->us, text);

	n += type_write_offset(value->offset_s, text + n);
	return type_value_copy(out, text, n, r);
}

/* What the session's clock is ahead of UTC at that time of the date, or of today. */
static int
session_offset(const struct type_datetime *t, const struct type_settings *settings)
{
	int64_t now_us = settings != NULL && settings->now_us != 0 ? settings->now_us : clock_realtime_us();
	int64_t now_s = now_us / TYPE_USECS_PER_SECOND, local_s;
	int offset_s = 0;

	if (settings == NULL)
		return 0;
	if (settings->timezone == NULL)
		return settings->timezone_offset_s;
	(void)type_zone_offset_at_utc(settings->timezone, now_s, &offset_s);
	if (t->special == TYPE_DATETIME_NOW)
		return offset_s;
	local_s = t->has_date ? type_days_from_civil(t->year, t->month, t->day) * 86400 + UNIX_SHIFT_S
			      : (now_s + offset_s) / 86400 * 86400;
	(void)type_zone_offset_at_local(settings->timezone, local_s + t->time_us / TYPE_USECS_PER_SECOND, &offset_s);
	return offset_s;
}

/* A named zone needs a date, unless it has no summer time. */
static bool
zone_offset(const struct type_datetime *t, int *offset_s)
{
	int64_t local_s = type_days_from_civil(t->year, t->month, t->day) * 86400 + UNIX_SHIFT_S;

	if (t->abbreviation != NULL) {
		local_s = t->has_date ? local_s : clock_realtime_us() / TYPE_USECS_PER_SECOND;
		return type_zone_abbreviated(t->zone, t->abbreviation, local_s, offset_s) ||
		    type_zone_offset_at_utc(t->zone, local_s, offset_s);
	}
	if (!t->has_date)
		return type_zone_is_fixed(t->zone, offset_s);
	return type_zone_offset_at_local(t->zone, local_s + t->time_us / TYPE_USECS_PER_SECOND, offset_s);
}

int
type_parse_timetz(const char *data, size_t length, const struct type_settings *settings, struct type_timetz *out,
    struct report *r)
{
	struct type_datetime t;
	int64_t now;

	if (type_scan_time(TYPE_TIMETZ, data, length, settings, &t, r) != 0)
		return -1;
	out->us = t.time_us;
	out->offset_s = t.offset_s;
	if (t.zone[0] != '\0')
		return zone_offset(&t, &out->offset_s) ? 0 : type_bad_syntax(r, TYPE_TIMETZ, data, length);
	if (!t.has_offset)
		out->offset_s = session_offset(&t, settings);
	if (t.special != TYPE_DATETIME_NOW)
		return 0;
	now = settings != NULL && settings->now_us != 0 ? settings->now_us : clock_realtime_us();
	out->us = (now + out->offset_s * TYPE_USECS_PER_SECOND) % TYPE_USECS_PER_DAY;
	return 0;
}

int
type_compare_timetz(const char *a, size_t a_length, const char *b, size_t b_length)
{
	struct type_timetz left = { 0 }, right = { 0 };
	struct report r = { 0 };
	int64_t difference;

	(void)type_parse_timetz(a, a_length, NULL, &left, &r);
	(void)type_parse_timetz(b, b_length, NULL, &right, &r);
	report_reset(&r);
	difference =
	    (left.us - left.offset_s * TYPE_USECS_PER_SECOND) - (right.us - right.offset_s * TYPE_USECS_PER_SECOND);
	if (difference != 0)
		return difference < 0 ? -1 : 1;
	return (left.offset_s < right.offset_s) - (left.offset_s > right.offset_s);
}
