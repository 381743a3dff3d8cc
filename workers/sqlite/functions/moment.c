/*
 * Fields of a timestamp. It is text in its stored form; a timestamptz ends in "+00", and the same functions serve both:
 * fields are those of the session's wall clock, and the result has the zone if the argument had it.
 */
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/functions/moment_unit.h"
#include "workers/sqlite/functions/span.h"

#define JULIAN_OF_2000 2451545

/* Seconds since 1970 as microseconds are more than an int64 holds at the end of time. */
__extension__ typedef __int128 wide;

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
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED, "fields of infinity are not supported on SQLite");
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

/* There is no century 0, as there is no year 0. */
static int64_t
of_years(int64_t year, int64_t years)
{
	return year > 0 ? (year + years - 1) / years : -((years - year) / years);
}

/* Whole fields; those with a fraction are in time_part. false: no such field. */
static bool
whole_field(const struct moment *m, const char *field, int64_t *value)
{
	int64_t iso_year, week = moment_iso_week(m, &iso_year);
	const struct {
		const char *name;
		int64_t value;
	} fields[] = {
		{ "year", m->year > 0 ? m->year : m->year - 1 },
		{ "month", m->month },
		{ "day", m->day },
		{ "hour", m->time_us / (3600 * TYPE_USECS_PER_SECOND) },
		{ "minute", m->time_us / (60 * TYPE_USECS_PER_SECOND) % 60 },
		{ "microseconds", m->time_us % (60 * TYPE_USECS_PER_SECOND) },
		{ "dow", moment_day_of_week(m) },
		{ "isodow", moment_day_of_week(m) == 0 ? 7 : moment_day_of_week(m) },
		{ "doy", m->days - type_days_from_civil(m->year, 1, 1) + 1 },
		{ "quarter", (m->month - 1) / 3 + 1 },
		{ "week", week },
		{ "isoyear", iso_year > 0 ? iso_year : iso_year - 1 },
		{ "decade", moment_floor(m->year, 10) },
		{ "century", of_years(m->year, 100) },
		{ "millennium", of_years(m->year, 1000) },
		{ "timezone", m->offset_s },
		{ "timezone_hour", m->offset_s / 3600 },
		{ "timezone_minute", m->offset_s / 60 % 60 },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (sqlite3_stricmp(fields[i].name, field) == 0) {
			*value = fields[i].value;
			return true;
		}
	}
	return false;
}

/* Microseconds as a numeric of so many digits behind the point. */
static void
result_fraction(sqlite3_context *c, wide us, int64_t unit, int digits)
{
	char text[48];
	wide whole = us < 0 ? -us : us;

	(void)snprintf(text, sizeof(text), "%s%lld.%0*lld", us < 0 ? "-" : "", (long long)(whole / unit), digits,
	    (long long)(whole % unit));
	function_result_string(c, text);
}

/* EXTRACT of a date knows no hours, and its epoch is a whole number; date_part takes a date for its midnight. */
static bool
extract_of_date(sqlite3_context *c, const char *field, const struct moment *m)
{
	static const char *const refused[] = { "hour", "minute", "second", "milliseconds", "microseconds", "timezone",
		"timezone_hour", "timezone_minute" };

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (sqlite3_stricmp(field, refused[i]) == 0) {
			function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED, "unit \"%s\" not supported for type date",
			    field);
			return true;
		}
	}
	if (sqlite3_stricmp(field, "epoch") != 0)
		return false;
	sqlite3_result_int64(c, (m->days + TYPE_EPOCH_SHIFT_DAYS) * (TYPE_USECS_PER_DAY / TYPE_USECS_PER_SECOND));
	return true;
}

/* The day's number, and what is over of the day. */
static void
result_julian(sqlite3_context *c, const struct moment *m, bool extract)
{
	int64_t day = m->days + JULIAN_OF_2000;

	if (m->dated)
		sqlite3_result_int64(c, day);
	else if (extract)
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "EXTRACT of the julian day of a timestamp is not supported on SQLite");
	else
		type_result_real(c, (double)day + (double)m->time_us / (double)TYPE_USECS_PER_DAY);
}

static void
result_part(sqlite3_context *c, const char *field, const struct moment *at, bool extract)
{
	struct moment m = *at;
	int64_t value;

	if (extract && m.dated && extract_of_date(c, field, &m))
		return;
	if (!m.zoned && sqlite3_strnicmp(field, "timezone", 8) == 0) {
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "unit \"%s\" not supported for type timestamp without time zone", field);
		return;
	}
	if (sqlite3_stricmp(field, "julian") == 0)
		result_julian(c, &m, extract);
	else if (whole_field(&m, field, &value))
		sqlite3_result_int64(c, value);
	else if (sqlite3_stricmp(field, "second") == 0)
		result_fraction(c, m.time_us % (60 * TYPE_USECS_PER_SECOND), TYPE_USECS_PER_SECOND, 6);
	else if (sqlite3_stricmp(field, "milliseconds") == 0)
		result_fraction(c, m.time_us % (60 * TYPE_USECS_PER_SECOND), 1000, 3);
	else if (sqlite3_stricmp(field, "epoch") == 0)
		result_fraction(c, (wide)m.us - m.offset_s * TYPE_USECS_PER_SECOND + UNIX_EPOCH_SHIFT,
		    TYPE_USECS_PER_SECOND, 6);
	else
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "unit \"%s\" not recognized for type timestamp",
		    field);
}

static void
part(sqlite3_context *c, sqlite3_value **argv, bool extract)
{
	const char *name = (const char *)sqlite3_value_text(argv[0]);
	const char *field = name == NULL ? "" : moment_unit(name);
	size_t length;
	struct moment m;

	if (is_infinite(argv[1]) && moment_give_infinite(c, field, *function_text(argv[1], &length) == '-', extract))
		return;
	if (name != NULL && moment_read(c, argv[1], &m))
		result_part(c, field, &m, extract);
}

void
time_part(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	part(c, argv, false);
}

void
time_extract(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	part(c, argv, true);
}
