/*
 * Dates and times: days added to a date, intervals added to a timestamp.
 */
#include <string.h>

#include "workers/sqlite/functions/moment.h"

static bool
either_is_null(sqlite3_value **argv)
{
	return sqlite3_value_type(argv[0]) == SQLITE_NULL || sqlite3_value_type(argv[1]) == SQLITE_NULL;
}

static void
finish(sqlite3_context *c, int status, uint32_t oid, int64_t value, struct report *r)
{
	struct type_value out = { 0 };

	if (status == 0)
		status = type_datetime_to_text(oid, value, &out, r);
	if (status < 0)
		function_fail_report(c, r);
	else
		function_result_value(c, &out);
	report_reset(r);
}

static void
shift_timestamp(sqlite3_context *c, sqlite3_value **argv, uint32_t oid, int sign)
{
	struct type_value in = type_value_of(argv[0]);
	struct type_value length = type_value_of(argv[1]);
	struct type_interval interval = { 0 };
	struct report report = { 0 };
	int64_t us = 0;
	int status;

	if (either_is_null(argv))
		return;
	status = in.kind != SQLITE_TEXT || length.kind != SQLITE_TEXT
	    ? type_cannot_cast(&report, in.kind != SQLITE_TEXT ? in.kind : length.kind, TYPE_INTERVAL)
	    : type_parse_interval(length.bytes, length.length, &interval, &report);
	if (status == 0)
		status = type_parse_timestamp(in.bytes, in.length, oid == TYPE_TIMESTAMPTZ, &function_session(c)->types,
		    &us, &report);
	if (status == 0 && us != TYPE_TIMESTAMP_INFINITY && us != TYPE_TIMESTAMP_MINUS_INFINITY)
		status = oid == TYPE_TIMESTAMPTZ
		    ? moment_add_in_zone(&function_session(c)->types, &us, &interval, sign, &report)
		    : moment_add(&us, &interval, sign, &report);
	finish(c, status, oid, us, &report);
}

static bool
is_infinite(int32_t date)
{
	return date == TYPE_DATE_INFINITY || date == TYPE_DATE_MINUS_INFINITY;
}

static void
shift_date(sqlite3_context *c, sqlite3_value **argv, int sign)
{
	struct type_value in = type_value_of(argv[0]);
	struct report report = { 0 };
	int64_t days;
	int32_t date = 0;
	int status;

	if (either_is_null(argv))
		return;
	status =
	    type_parse_date(in.bytes == NULL ? "" : in.bytes, in.length, &function_session(c)->types, &date, &report);
	days = date;
	if (status == 0 && !is_infinite(date)) {
		days = date + sign * (int64_t)sqlite3_value_int(argv[1]);
		if (days < TYPE_DATE_MIN || days >= TYPE_DATE_END)
			status = report_set(&report, SQLSTATE_DATETIME_FIELD_OVERFLOW, "date out of range");
	}
	finish(c, status, TYPE_DATE, days, &report);
}

void
operator_date_difference(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct type_value in[2] = { type_value_of(argv[0]), type_value_of(argv[1]) };
	struct report report = { 0 };
	int32_t date[2] = { 0, 0 };

	(void)argc;
	if (either_is_null(argv))
		return;
	for (int i = 0; i < 2; i++)
		if (type_parse_date(in[i].bytes == NULL ? "" : in[i].bytes, in[i].length, &function_session(c)->types,
			&date[i], &report) < 0) {
			function_fail_report(c, &report);
			return;
		}
	if (is_infinite(date[0]) || is_infinite(date[1]))
		function_fail(c, SQLSTATE_DATETIME_FIELD_OVERFLOW, "cannot subtract infinite dates");
	else
		sqlite3_result_int64(c, (int64_t)date[0] - date[1]);
}

#define SHIFT(name, call, ...) \
	void name(sqlite3_context *c, int argc, sqlite3_value **argv) \
	{ \
		(void)argc; \
		call(c, argv, __VA_ARGS__); \
	}
SHIFT(operator_date_add, shift_date, 1)
SHIFT(operator_date_subtract, shift_date, -1)
SHIFT(operator_timestamp_add, shift_timestamp, TYPE_TIMESTAMP, 1)
SHIFT(operator_timestamp_subtract, shift_timestamp, TYPE_TIMESTAMP, -1)
SHIFT(operator_timestamptz_add, shift_timestamp, TYPE_TIMESTAMPTZ, 1)
SHIFT(operator_timestamptz_subtract, shift_timestamp, TYPE_TIMESTAMPTZ, -1)
#undef SHIFT

/* interval + timestamp */
static void
shift_turned(sqlite3_context *c, sqlite3_value **argv, uint32_t oid)
{
	sqlite3_value *turned[] = { argv[1], argv[0] };

	shift_timestamp(c, turned, oid, 1);
}

void
operator_interval_add_timestamp(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	shift_turned(c, argv, TYPE_TIMESTAMP);
}

void
operator_interval_add_timestamptz(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	shift_turned(c, argv, TYPE_TIMESTAMPTZ);
}

/* date + time */
void
operator_date_add_time(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct type_value date = type_value_of(argv[0]), time = type_value_of(argv[1]);
	struct report report = { 0 };
	int64_t us = 0, clock = 0;
	int status;

	(void)argc;
	status = type_parse_timestamp(date.bytes, date.length, false, NULL, &us, &report);
	if (status == 0)
		status = type_parse_time(time.bytes, time.length, NULL, &clock, &report);
	if (status == 0 && us != TYPE_TIMESTAMP_INFINITY && us != TYPE_TIMESTAMP_MINUS_INFINITY)
		us += clock;
	finish(c, status, TYPE_TIMESTAMP, us, &report);
}
