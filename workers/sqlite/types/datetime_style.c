/* Dates and timestamps in the styles of DateStyle other than ISO. */
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"

/* A moment on its wall clock, as it is written. */
struct shown {
	int64_t days, year; /* the year without its era */
	int month, day;
	bool bc;
	char clock[TYPE_DATETIME_TEXT];
	int clock_length;
};

static void
take_day(struct shown *s, int64_t days)
{
	s->days = days;
	type_civil_from_days(days, &s->year, &s->month, &s->day);
	s->bc = s->year <= 0;
	s->year = s->bc ? 1 - s->year : s->year;
}

static size_t
write_day(const struct shown *s, const struct type_settings *settings, char *text, size_t room)
{
	bool day_first = settings->date_order == 'D' || settings->date_style == TYPE_DATE_GERMAN;
	char mark = settings->date_style == TYPE_DATE_SQL ? '/' : settings->date_style == TYPE_DATE_GERMAN ? '.' : '-';

	return (size_t)snprintf(text, room, "%02d%c%02d%c%04lld", day_first ? s->day : s->month, mark,
	    day_first ? s->month : s->day, mark, (long long)s->year);
}

size_t
type_write_styled_date(int32_t days, const struct type_settings *settings, char text[TYPE_STYLED_TEXT])
{
	struct shown s;
	size_t n;

	if (days == TYPE_DATE_INFINITY || days == TYPE_DATE_MINUS_INFINITY)
		return type_write_date(days, text);
	take_day(&s, days);
	n = write_day(&s, settings, text, TYPE_STYLED_TEXT);
	return n + (size_t)snprintf(text + n, TYPE_STYLED_TEXT - n, "%s", s.bc ? " BC" : "");
}

/* "Wed Jan 02 03:04:05 2024" */
static size_t
write_postgres(const struct shown *s, const struct type_settings *settings, char *text, size_t room)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
		"Nov", "Dec" };
	static const char *const weekdays[] = { "Sat", "Sun", "Mon", "Tue", "Wed", "Thu", "Fri" };
	const char *weekday = weekdays[(s->days % 7 + 7) % 7]; /* day 0 was a Saturday */

	if (settings->date_order == 'D')
		return (size_t)snprintf(text, room, "%s %02d %s %.*s %04lld", weekday, s->day, months[s->month - 1],
		    s->clock_length, s->clock, (long long)s->year);
	return (size_t)snprintf(text, room, "%s %s %02d %.*s %04lld", weekday, months[s->month - 1], s->day,
	    s->clock_length, s->clock, (long long)s->year);
}

size_t
type_write_styled_timestamp(int64_t us, const char *zone, const struct type_settings *settings,
    char text[TYPE_STYLED_TEXT])
{
	struct shown s;
	int64_t days = us / TYPE_USECS_PER_DAY, rest = us % TYPE_USECS_PER_DAY;
	size_t n;

	if (us == TYPE_TIMESTAMP_INFINITY || us == TYPE_TIMESTAMP_MINUS_INFINITY)
		return type_write_timestamp(us, text);
	if (rest < 0) {
		rest += TYPE_USECS_PER_DAY;
		days--;
	}
	take_day(&s, days);
	s.clock_length = (int)type_write_time(rest, s.clock);
	if (settings->date_style == TYPE_DATE_POSTGRES)
		n = write_postgres(&s, settings, text, TYPE_STYLED_TEXT);
	else {
		n = write_day(&s, settings, text, TYPE_STYLED_TEXT);
		n += (size_t)snprintf(text + n, TYPE_STYLED_TEXT - n, " %.*s", s.clock_length, s.clock);
	}
	return n +
	    (size_t)snprintf(text + n, TYPE_STYLED_TEXT - n, "%s%s%s", zone == NULL ? "" : " ",
		zone == NULL ? "" : zone, s.bc ? " BC" : "");
}
