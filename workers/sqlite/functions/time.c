/*
 * The time: now() and its relatives, and waiting.
 */
#include <math.h>
#include <time.h>

#include "workers/sqlite/functions/moment.h"

#define SLEEP_STEP_US 20000
#define SLEEP_MAX_S 86400.0

static int64_t
clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * TYPE_USECS_PER_SECOND + now.tv_nsec / 1000;
}

void
moment_result(sqlite3_context *c, uint32_t oid, int64_t value)
{
	struct type_value out = { 0 };
	struct report r = { 0 };

	if (type_datetime_to_text(oid, value, &out, &r) == -1) {
		function_fail_report(c, &r);
		return;
	}
	function_result_text(c, out.bytes, out.length);
	type_value_free(&out);
}

static void
result_unix(sqlite3_context *c, int64_t us)
{
	moment_result(c, TYPE_TIMESTAMPTZ, us - UNIX_EPOCH_SHIFT);
}

void
time_now(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t us = function_session(c)->transaction_time_us;

	(void)argc;
	(void)argv;
	result_unix(c, us != 0 ? us : clock_us());
}

void
time_statement(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t us = function_session(c)->statement_time_us;

	(void)argc;
	(void)argv;
	result_unix(c, us != 0 ? us : clock_us());
}

void
time_clock(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	result_unix(c, clock_us());
}

void
time_of_day(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t us = clock_us();
	time_t seconds = (time_t)(us / TYPE_USECS_PER_SECOND);
	char text[64], whole[96];
	struct tm tm;

	(void)argc;
	(void)argv;
	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%a %b %d %H:%M:%S", &tm);
	(void)snprintf(whole, sizeof(whole), "%s.%06d %d UTC", text, (int)(us % TYPE_USECS_PER_SECOND),
	    tm.tm_year + 1900);
	function_result_string(c, whole);
}

/* now() on the session's wall clock, microseconds since 2000. */
static int64_t
local_now(sqlite3_context *c, int *offset)
{
	const struct sql_context *session = function_session(c);
	int64_t us = session->transaction_time_us != 0 ? session->transaction_time_us : clock_us();

	*offset = session->types.timezone_offset_s;
	if (session->types.timezone != NULL)
		(void)type_zone_offset_at_utc(session->types.timezone, us / TYPE_USECS_PER_SECOND, offset);
	return us - UNIX_EPOCH_SHIFT + *offset * TYPE_USECS_PER_SECOND;
}

void
time_current_date(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int offset;

	(void)argc;
	(void)argv;
	moment_result(c, TYPE_DATE, moment_floor(local_now(c, &offset), TYPE_USECS_PER_DAY));
}

static int64_t
time_of_local_day(sqlite3_context *c, int *offset)
{
	int64_t us = local_now(c, offset);

	return us - moment_floor(us, TYPE_USECS_PER_DAY) * TYPE_USECS_PER_DAY;
}

void
time_current_time(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	char text[2 * TYPE_DATETIME_TEXT];
	int offset;
	size_t n = type_write_time(time_of_local_day(c, &offset), text);

	(void)argc;
	(void)argv;
	n += type_write_offset(offset, text + n);
	function_result_text(c, text, n);
}

void
time_local_time(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int offset;

	(void)argc;
	(void)argv;
	moment_result(c, TYPE_TIME, time_of_local_day(c, &offset));
}

void
time_local_timestamp(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int offset;

	(void)argc;
	(void)argv;
	moment_result(c, TYPE_TIMESTAMP, local_now(c, &offset));
}

void
time_to_timestamp(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	double seconds = type_real_of(argv[0]);

	(void)argc;
	if (isnan(seconds)) {
		function_fail(c, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp cannot be NaN");
		return;
	}
	if (isinf(seconds)) {
		moment_result(c, TYPE_TIMESTAMPTZ,
		    seconds < 0 ? TYPE_TIMESTAMP_MINUS_INFINITY : TYPE_TIMESTAMP_INFINITY);
		return;
	}
	if (!(fabs(seconds) < 9e12)) {
		function_fail(c, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
		return;
	}
	result_unix(c, (int64_t)(rint(seconds * 1e6)));
}

void
time_make_date(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t year = sqlite3_value_int64(argv[0]), month = sqlite3_value_int64(argv[1]);
	int64_t day = sqlite3_value_int64(argv[2]);

	(void)argc;
	if (year < 0) /* BC, which has no year 0 */
		year++;
	else if (year == 0)
		year = INT64_MAX;
	if (year < -4712 || year > 5000000 || month < 1 || month > 12 || day < 1 ||
	    day > type_days_in_month(year, (int)month)) {
		function_fail(c, SQLSTATE_DATETIME_FIELD_OVERFLOW, "date field value out of range: %lld-%02lld-%02lld",
		    (long long)year, (long long)month, (long long)day);
		return;
	}
	moment_result(c, TYPE_DATE, type_days_from_civil(year, (int)month, (int)day));
}

/* Sleeps in short steps, so that a cancelled statement ends soon. */
void
time_sleep(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct sql_context *context = function_session(c);
	double seconds = sqlite3_value_double(argv[0]);
	int64_t end = clock_us() +
	    (int64_t)((seconds > SLEEP_MAX_S ? SLEEP_MAX_S
			      : seconds > 0  ? seconds
					     : 0) *
		1e6),
		left;

	(void)argc;
	while ((left = end - clock_us()) > 0) {
		struct timespec step = { .tv_nsec = (left < SLEEP_STEP_US ? left : SLEEP_STEP_US) * 1000 };

		nanosleep(&step, NULL);
		if (context->must_stop != NULL && context->must_stop(context->must_stop_arg)) {
			sqlite3_result_error_code(c, SQLITE_INTERRUPT);
			return;
		}
	}
	function_result_string(c, "");
}
