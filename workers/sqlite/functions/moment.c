/*
 * Fields of a timestamp. It is text in its stored form; a timestamptz ends in "+00", and the same functions serve both:
 * fields are those of the session's wall clock, and the result has the zone if the argument had it.
 */
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/functions/moment_unit.h"
#include "workers/sqlite/functions/span.h"

int64_t
moment_floor(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static bool
is_zoned(const char *text)
{
	const char *clock = strchr(text, ' ');

	return clock != NULL && strpbrk(clock, "+-") != NULL;
}

static void
take_apart(struct moment *m)
{
	m->days = moment_floor(m->us, TYPE_USECS_PER_DAY);
	m->time_us = m->us - m->days * TYPE_USECS_PER_DAY;
	type_civil_from_days(m->days, &m->year, &m->month, &m->day);
}

static int
session_offset(sqlite3_context *c, int64_t us)
{
	const struct sql_context *session = function_session(c);
	int offset = session->types.timezone_offset_s;

	if (session->types.timezone != NULL)
		(void)type_zone_offset_at_utc(session->types.timezone,
		    moment_floor(us, TYPE_USECS_PER_SECOND) + UNIX_EPOCH_SHIFT / TYPE_USECS_PER_SECOND, &offset);
	return offset;
}

bool
moment_read(sqlite3_context *c, sqlite3_value *value, struct moment *m)
{
	struct report r = { 0 };
	size_t length;
	const char *text = function_text(value, &length);

	*m = (struct moment) { .zoned = is_zoned(text), .dated = strchr(text, ' ') == NULL };
	if (type_parse_timestamp(text, length, m->zoned, NULL, &m->us, &r) == -1) {
		if (type_has_stored_year(text, length)) { /* a date may be farther away than any timestamp */
			report_reset(&r);
			(void)report_set(&r, SQLSTATE_DATETIME_FIELD_OVERFLOW, "date out of range for timestamp");
		}
		function_fail_report(c, &r);
		return false;
	}
	if (m->us == TYPE_TIMESTAMP_INFINITY || m->us == TYPE_TIMESTAMP_MINUS_INFINITY) {
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED, "infinity is not supported here on SQLite");
		return false;
	}
	if (m->zoned) {
		m->offset_s = session_offset(c, m->us);
		m->us += m->offset_s * TYPE_USECS_PER_SECOND;
	}
	take_apart(m);
	return true;
}

/* The value of an argument that is read on the session's clock where it names no zone; false: the call failed. */
static bool
read_instant(sqlite3_context *c, sqlite3_value *value, int64_t *us)
{
	struct report r = { 0 };
	size_t length;
	const char *text = function_text(value, &length);

	if (type_parse_timestamp(text, length, true, &function_session(c)->types, us, &r) == 0)
		return true;
	function_fail_report(c, &r);
	return false;
}

void
time_local(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t us;

	(void)argc;
	if (!read_instant(c, argv[0], &us))
		return;
	if (us != TYPE_TIMESTAMP_INFINITY && us != TYPE_TIMESTAMP_MINUS_INFINITY)
		us += session_offset(c, us) * TYPE_USECS_PER_SECOND;
	moment_result(c, TYPE_TIMESTAMP, us);
}

void
time_instant(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t us;

	(void)argc;
	if (read_instant(c, argv[0], &us))
		moment_result(c, TYPE_TIMESTAMPTZ, us);
}

/* Of an instant the time on the session's clock, and how far that is from UTC then. Infinity has none. */
void
time_timetz(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct type_timetz out;
	struct type_value text;
	struct report r = { 0 };
	int64_t us;

	(void)argc;
	if (!read_instant(c, argv[0], &us) || us == TYPE_TIMESTAMP_INFINITY || us == TYPE_TIMESTAMP_MINUS_INFINITY)
		return;
	out.offset_s = session_offset(c, us);
	us += out.offset_s * TYPE_USECS_PER_SECOND;
	out.us = us - moment_floor(us, TYPE_USECS_PER_DAY) * TYPE_USECS_PER_DAY;
	if (type_timetz_to_text(&out, &text, &r) != 0)
		function_fail_report(c, &r);
	else
		function_result_value(c, &text);
}

int
moment_day_of_week(const struct moment *m)
{
	return (int)(((m->days + 6) % 7 + 7) % 7); /* 2000-01-01 was a Saturday */
}

int
moment_iso_week(const struct moment *m, int64_t *year)
{
	int64_t thursday = m->days - (moment_day_of_week(m) + 6) % 7 + 3;
	int month, day;

	type_civil_from_days(thursday, year, &month, &day);
	return (int)((thursday - type_days_from_civil(*year, 1, 1)) / 7) + 1;
}

/* In a zone, or the session's. */
struct truncation {
	const char *zone; /* NULL: the session's */
	struct moment m;
};

static void
result_trunc(sqlite3_context *c, const struct truncation *t, int64_t year, int month, int day, int64_t time_us)
{
	int64_t us = type_days_from_civil(year, month, day) * TYPE_USECS_PER_DAY + time_us;
	int offset_s;

	if (!t->m.zoned) {
		moment_result(c, TYPE_TIMESTAMP, us);
		return;
	}
	us -= t->m.offset_s * TYPE_USECS_PER_SECOND;
	/* Past a change of the clocks the offset at the result's own time holds. */
	offset_s = session_offset(c, us);
	if (t->zone != NULL && !span_zone_offset(c, t->zone, us, false, &offset_s))
		return;
	us += (t->m.offset_s - offset_s) * TYPE_USECS_PER_SECOND;
	moment_result(c, TYPE_TIMESTAMPTZ, us);
}

static const struct {
	const char *name;
	int64_t us;
} clock_units[] = {
	{ "microseconds", 1 },
	{ "milliseconds", 1000 },
	{ "second", TYPE_USECS_PER_SECOND },
	{ "minute", 60 * TYPE_USECS_PER_SECOND },
	{ "hour", 3600 * TYPE_USECS_PER_SECOND },
	{ "day", TYPE_USECS_PER_DAY },
};

static void
truncate_moment(sqlite3_context *c, const char *name, const struct truncation *t)
{
	const char *unit = moment_unit(name);
	struct moment m = t->m;

	for (size_t i = 0; i < sizeof(clock_units) / sizeof(clock_units[0]); i++) {
		if (sqlite3_stricmp(clock_units[i].name, unit) == 0) {
			result_trunc(c, t, m.year, m.month, m.day, m.time_us - m.time_us % clock_units[i].us);
			return;
		}
	}
	if (sqlite3_stricmp(unit, "week") == 0) {
		m.days -= (moment_day_of_week(&m) + 6) % 7;
		type_civil_from_days(m.days, &m.year, &m.month, &m.day);
		result_trunc(c, t, m.year, m.month, m.day, 0);
	} else if (sqlite3_stricmp(unit, "month") == 0) {
		result_trunc(c, t, m.year, m.month, 1, 0);
	} else if (sqlite3_stricmp(unit, "quarter") == 0) {
		result_trunc(c, t, m.year, (m.month - 1) / 3 * 3 + 1, 1, 0);
	} else if (sqlite3_stricmp(unit, "year") == 0) {
		result_trunc(c, t, m.year, 1, 1, 0);
	} else if (sqlite3_stricmp(unit, "decade") == 0) {
		result_trunc(c, t, moment_floor(m.year, 10) * 10, 1, 1, 0);
	} else if (sqlite3_stricmp(unit, "century") == 0) {
		result_trunc(c, t, moment_floor(m.year - 1, 100) * 100 + 1, 1, 1, 0);
	} else if (sqlite3_stricmp(unit, "millennium") == 0) {
		result_trunc(c, t, moment_floor(m.year - 1, 1000) * 1000 + 1, 1, 1, 0);
	} else {
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "unit \"%s\" not recognized for type timestamp",
		    unit);
	}
}

/* Infinity stays what it is, whatever the unit. */
static bool
is_infinite(sqlite3_value *value)
{
	size_t length;
	const char *text = function_text(value, &length);

	return strcmp(text, "infinity") == 0 || strcmp(text, "-infinity") == 0;
}

void
time_trunc(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *unit = (const char *)sqlite3_value_text(argv[0]);
	struct truncation t = { .zone = NULL };

	(void)argc;
	if (is_infinite(argv[1]))
		sqlite3_result_value(c, argv[1]);
	else if (unit != NULL && moment_read(c, argv[1], &t.m))
		truncate_moment(c, unit, &t);
}

/* On the clock of a zone that is named. */
void
time_trunc_in_zone(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *unit = (const char *)sqlite3_value_text(argv[0]);
	struct truncation t = { .zone = (const char *)sqlite3_value_text(argv[2]), .m = { .zoned = true } };

	(void)argc;
	if (is_infinite(argv[1])) {
		sqlite3_result_value(c, argv[1]);
		return;
	}
	if (unit == NULL || t.zone == NULL || !span_take_timestamp(c, argv[1], TYPE_TIMESTAMPTZ, &t.m.us) ||
	    !span_zone_offset(c, t.zone, t.m.us, false, &t.m.offset_s))
		return;
	t.m.us += t.m.offset_s * TYPE_USECS_PER_SECOND;
	take_apart(&t.m);
	truncate_moment(c, unit, &t);
}
