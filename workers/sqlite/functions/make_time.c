/*
 * Times and intervals that are made of numbers, brought to another zone, or put into bins.
 */
#include <math.h>
#include <string.h>

#include "workers/sqlite/functions/span.h"

/* The last instant of a day is its 24:00. False: the call failed. */
static bool
make_clock(sqlite3_context *c, sqlite3_value **argv, int64_t *us)
{
	int hour = sqlite3_value_int(argv[0]), minute = sqlite3_value_int(argv[1]);
	double second = type_real_of(argv[2]);
	bool beyond = hour < 0 || hour > 24 || minute < 0 || minute > 59 || isnan(second) || second < 0 || second > 60;

	*us = 0;
	if (!beyond) {
		*us = (hour * INT64_C(60) + minute) * 60 * TYPE_USECS_PER_SECOND + (int64_t)rint(second * 1e6);
		beyond = *us > TYPE_USECS_PER_DAY;
	}
	if (beyond && isnan(second))
		function_fail(c, SQLSTATE_DATETIME_FIELD_OVERFLOW, "time field value out of range: %d:%02d:NaN", hour,
		    minute);
	else if (beyond)
		function_fail(c, SQLSTATE_DATETIME_FIELD_OVERFLOW, "time field value out of range: %d:%02d:%02g", hour,
		    minute, second);
	return !beyond;
}

void
make_time(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t us;

	(void)argc;
	if (make_clock(c, argv, &us))
		moment_result(c, TYPE_TIME, us);
}

/* `counted`: how a year BC is shown in an error, from 0 on or as it was given. */
static bool
make_days(sqlite3_context *c, sqlite3_value **argv, bool counted, int64_t *days)
{
	int year = sqlite3_value_int(argv[0]), month = sqlite3_value_int(argv[1]), day = sqlite3_value_int(argv[2]);
	int64_t at = year < 0 ? (int64_t)year + 1 : year;

	if (year == 0 || month < 1 || month > 12 || day < 1 || day > type_days_in_month(at, month)) {
		function_fail(c, SQLSTATE_DATETIME_FIELD_OVERFLOW, "date field value out of range: %d-%02d-%02d",
		    counted ? (int)at : year, month, day);
		return false;
	}
	*days = type_days_from_civil(at, month, day);
	if (*days >= TYPE_DATE_MIN && *days < TYPE_DATE_END)
		return true;
	function_fail(c, SQLSTATE_DATETIME_FIELD_OVERFLOW, "date out of range: %d-%02d-%02d", counted ? (int)at : year,
	    month, day);
	return false;
}

static bool
make_local(sqlite3_context *c, sqlite3_value **argv, int64_t *us)
{
	int64_t days, time;

	if (!make_days(c, argv, false, &days) || !make_clock(c, argv + 3, &time))
		return false;
	if (!__builtin_mul_overflow(days, TYPE_USECS_PER_DAY, us) && !__builtin_add_overflow(*us, time, us) &&
	    *us >= TYPE_TIMESTAMP_MIN && *us < TYPE_TIMESTAMP_END)
		return true;
	function_fail(c, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range: %d-%02d-%02d %d:%02d:%02g",
	    sqlite3_value_int(argv[0]), sqlite3_value_int(argv[1]), sqlite3_value_int(argv[2]),
	    sqlite3_value_int(argv[3]), sqlite3_value_int(argv[4]), type_real_of(argv[5]));
	return false;
}

void
make_date(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t days;

	(void)argc;
	if (make_days(c, argv, true, &days))
		moment_result(c, TYPE_DATE, days);
}

void
make_timestamp(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t us;

	(void)argc;
	if (make_local(c, argv, &us))
		moment_result(c, TYPE_TIMESTAMP, us);
}

static void
give_timestamp(sqlite3_context *c, uint32_t oid, int64_t us)
{
	if (!span_is_infinite(us) && (us < TYPE_TIMESTAMP_MIN || us >= TYPE_TIMESTAMP_END))
		function_fail(c, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
	else
		moment_result(c, oid, us);
}

/* An instant by a clock in that zone; of the other way round, the clock at an instant. */
static void
give_in_zone(sqlite3_context *c, int64_t us, const char *zone, bool local)
{
	int offset_s;

	if (!span_is_infinite(us)) {
		if (!span_zone_offset(c, zone, us, local, &offset_s))
			return;
		us += (local ? -1 : 1) * offset_s * TYPE_USECS_PER_SECOND;
	}
	give_timestamp(c, local ? TYPE_TIMESTAMPTZ : TYPE_TIMESTAMP, us);
}

/* In the zone of the seventh argument, or the session's. "+3" is a number of hours here, and not as POSIX has it. */
void
make_timestamptz(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct type_settings *types = &function_session(c)->types;
	size_t length = 0;
	const char *zone = argc > 6 ? function_text(argv[6], &length) : types->timezone;
	enum type_datetime_result found;
	int offset_s = types->timezone_offset_s;
	int64_t us;

	if (!make_local(c, argv, &us))
		return;
	found = argc > 6 ? type_scan_offset(zone, &offset_s) : TYPE_DATETIME_SYNTAX;
	if (found == TYPE_DATETIME_ZONE_RANGE)
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "numeric time zone \"%s\" out of range", zone);
	else if (zone == NULL || found == TYPE_DATETIME_OK)
		give_timestamp(c, TYPE_TIMESTAMPTZ, us - offset_s * TYPE_USECS_PER_SECOND);
	else if (argc > 6 && *zone >= '0' && *zone <= '9')
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "invalid input syntax for type numeric time zone: \"%s\"", zone);
	else
		give_in_zone(c, us, zone, true);
}

/* PostgreSQL 15 looks at no bound but that of the seconds: the numbers wrap. */
void
make_interval(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int32_t numbers[6] = { 0 };
	double seconds = argc > 6 ? type_real_of(argv[6]) : 0;
	struct type_interval span;

	for (int i = 0; i < 6 && i < argc; i++)
		numbers[i] = sqlite3_value_int(argv[i]);
	if (isnan(seconds) || isinf(seconds)) {
		span_fail_range(c);
		return;
	}
	seconds = rint(seconds * 1e6);
	span.months = (int32_t)(uint32_t)(numbers[0] * INT64_C(12) + numbers[1]);
	span.days = (int32_t)(uint32_t)(numbers[2] * INT64_C(7) + numbers[3]);
	span.us = fabs(seconds) < 0x1p63 ? (int64_t)seconds : INT64_MIN;
	span.us = (int64_t)((uint64_t)span.us +
	    (uint64_t)((numbers[4] * INT64_C(60) + numbers[5]) * 60 * TYPE_USECS_PER_SECOND));
	span_give(c, &span);
}

/* ---- zones ---- */

static void
zone_by_name(sqlite3_context *c, sqlite3_value **argv, bool local)
{
	size_t length;
	const char *zone = function_text(argv[0], &length);
	int64_t us;

	if (span_take_timestamp(c, argv[1], local ? TYPE_TIMESTAMP : TYPE_TIMESTAMPTZ, &us))
		give_in_zone(c, us, zone, local);
}

void
zone_of_timestamp(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	zone_by_name(c, argv, true);
}

void
zone_of_timestamptz(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	zone_by_name(c, argv, false);
}

static void
zone_by_offset(sqlite3_context *c, sqlite3_value **argv, bool local)
{
	struct type_interval span;
	size_t length;
	int64_t us;

	if (!span_take(c, argv[0], &span) ||
	    !span_take_timestamp(c, argv[1], local ? TYPE_TIMESTAMP : TYPE_TIMESTAMPTZ, &us))
		return;
	if (!span_is_infinite(us)) {
		if (span.months != 0 || span.days != 0) {
			function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE,
			    "interval time zone \"%s\" must not include months or days",
			    function_text(argv[0], &length));
			return;
		}
		us += (local ? -1 : 1) * (span.us / TYPE_USECS_PER_SECOND * TYPE_USECS_PER_SECOND);
	}
	give_timestamp(c, local ? TYPE_TIMESTAMPTZ : TYPE_TIMESTAMP, us);
}

void
zone_offset_of_timestamp(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	zone_by_offset(c, argv, true);
}

void
zone_offset_of_timestamptz(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	zone_by_offset(c, argv, false);
}

/* ---- bins ---- */

static void
give_bin(sqlite3_context *c, sqlite3_value **argv, uint32_t oid)
{
	struct type_interval stride;
	int64_t us, origin, beyond, width, rest;

	if (!span_take(c, argv[0], &stride) || !span_take_timestamp(c, argv[1], oid, &us) ||
	    !span_take_timestamp(c, argv[2], oid, &origin))
		return;
	if (span_is_infinite(us))
		moment_result(c, oid, us);
	else if (span_is_infinite(origin))
		function_fail(c, SQLSTATE_DATETIME_FIELD_OVERFLOW, "origin out of range");
	else if (stride.months != 0)
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "timestamps cannot be binned into intervals containing months or years");
	else if (__builtin_mul_overflow(stride.days, TYPE_USECS_PER_DAY, &width) ||
	    __builtin_add_overflow(width, stride.us, &width) || __builtin_sub_overflow(us, origin, &beyond))
		span_fail_range(c);
	else if (width <= 0)
		function_fail(c, SQLSTATE_DATETIME_FIELD_OVERFLOW, "stride must be greater than zero");
	else {
		rest = beyond % width;
		if (__builtin_sub_overflow(us, rest < 0 ? rest + width : rest, &us) || us < TYPE_TIMESTAMP_MIN)
			function_fail(c, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
		else
			moment_result(c, oid, us);
	}
}

void
bin_of_timestamp(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_bin(c, argv, TYPE_TIMESTAMP);
}

void
bin_of_timestamptz(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_bin(c, argv, TYPE_TIMESTAMPTZ);
}

/* A date, timestamp or timestamptz; an interval of PostgreSQL 15 is finite. */
void
time_is_finite(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *text = function_text(argv[0], &length);

	(void)argc;
	sqlite3_result_int(c, strcmp(text, "infinity") != 0 && strcmp(text, "-infinity") != 0);
}
