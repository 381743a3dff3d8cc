/*
 * Fields of timestamps and dates: date_part and EXTRACT.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/moment_unit.h"

#define JULIAN_OF_2000 2451545

/* Seconds since 1970 as microseconds are more than an int64 holds at the end of time. */
__extension__ typedef __int128 wide;

static bool
is_infinite(sqlite3_value *value)
{
	size_t length;
	const char *text = function_text(value, &length);

	return strcmp(text, "infinity") == 0 || strcmp(text, "-infinity") == 0;
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

/* A whole number: EXTRACT's numeric, or date_part's double precision. */
static void
result_whole(sqlite3_context *c, int64_t value, bool extract)
{
	if (extract)
		sqlite3_result_int64(c, value);
	else
		type_result_real(c, (double)value);
}

/* Microseconds in units; as EXTRACT's numeric of so many digits behind the point. */
static void
result_fraction(sqlite3_context *c, wide us, int64_t unit, int digits, bool extract)
{
	char text[48];
	wide whole = us < 0 ? -us : us;

	if (!extract) {
		type_result_real(c, (double)us / (double)unit);
		return;
	}
	(void)snprintf(text, sizeof(text), "%s%lld.%0*lld", us < 0 ? "-" : "", (long long)(whole / unit), digits,
	    (long long)(whole % unit));
	function_result_string(c, text);
}

/* EXTRACT of a date knows no hours, and its epoch is a whole number; date_part takes a date for its midnight. */
static bool
fail_field_of_date(sqlite3_context *c, const char *field)
{
	static const char *const refused[] = { "hour", "minute", "second", "milliseconds", "microseconds", "timezone",
		"timezone_hour", "timezone_minute" };

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (sqlite3_stricmp(field, refused[i]) == 0) {
			function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED, "unit \"%s\" not supported for type date",
			    field);
			return true;
		}
	return false;
}

static bool
extract_of_date(sqlite3_context *c, const char *field, const struct moment *m)
{
	if (fail_field_of_date(c, field))
		return true;
	if (sqlite3_stricmp(field, "epoch") != 0)
		return false;
	sqlite3_result_int64(c, (m->days + TYPE_EPOCH_SHIFT_DAYS) * (TYPE_USECS_PER_DAY / TYPE_USECS_PER_SECOND));
	return true;
}

/* The day's number and the part of the day that is over, as a numeric is divided. */
static void
result_julian_numeric(sqlite3_context *c, int64_t day, int64_t time_us)
{
	struct decimal whole = { 0 }, over = { 0 }, of = { 0 }, part = { 0 }, out = { 0 };
	char text[3][32], *written = NULL;
	size_t length = 0;

	(void)snprintf(text[0], sizeof(text[0]), "%lld", (long long)day);
	(void)snprintf(text[1], sizeof(text[1]), "%lld", (long long)time_us);
	(void)snprintf(text[2], sizeof(text[2]), "%lld", (long long)TYPE_USECS_PER_DAY);
	if (decimal_read(text[0], strlen(text[0]), &whole) && decimal_read(text[1], strlen(text[1]), &over) &&
	    decimal_read(text[2], strlen(text[2]), &of) && decimal_operate('/', &over, &of, &part) &&
	    decimal_operate('+', &whole, &part, &out) && (written = decimal_write(&out, &length)) != NULL)
		function_result_text(c, written, length);
	else
		sqlite3_result_error_nomem(c);
	free(written);
	decimal_free(&whole);
	decimal_free(&over);
	decimal_free(&of);
	decimal_free(&part);
	decimal_free(&out);
}

/* The day's number, and what is over of the day. */
static void
result_julian(sqlite3_context *c, const struct moment *m, bool extract)
{
	int64_t day = m->days + JULIAN_OF_2000;

	if (m->dated)
		result_whole(c, day, extract);
	else if (extract)
		result_julian_numeric(c, day, m->time_us);
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
		result_whole(c, value, extract);
	else if (sqlite3_stricmp(field, "second") == 0)
		result_fraction(c, m.time_us % (60 * TYPE_USECS_PER_SECOND), TYPE_USECS_PER_SECOND, 6, extract);
	else if (sqlite3_stricmp(field, "milliseconds") == 0)
		result_fraction(c, m.time_us % (60 * TYPE_USECS_PER_SECOND), 1000, 3, extract);
	else if (sqlite3_stricmp(field, "epoch") == 0)
		result_fraction(c, (wide)m.us - m.offset_s * TYPE_USECS_PER_SECOND + UNIX_EPOCH_SHIFT,
		    TYPE_USECS_PER_SECOND, 6, extract);
	else
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "unit \"%s\" not recognized for type timestamp",
		    field);
}

/* date: the declared type is. */
static void
part(sqlite3_context *c, sqlite3_value **argv, bool extract, bool date)
{
	const char *name = (const char *)sqlite3_value_text(argv[0]);
	const char *field = name == NULL ? "" : moment_unit(name);
	size_t length;
	struct moment m;

	if (is_infinite(argv[1])) {
		if (!moment_give_infinite(c, field, *function_text(argv[1], &length) == '-', extract, date) &&
		    !(date && fail_field_of_date(c, field)))
			function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE,
			    "unit \"%s\" not recognized for type timestamp", field);
		return;
	}
	if (name != NULL && moment_read(c, argv[1], &m))
		result_part(c, field, &m, extract);
}

void
time_part(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	part(c, argv, false, false);
}

void
time_extract(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	part(c, argv, true, false);
}

void
time_extract_date(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	part(c, argv, true, true);
}
