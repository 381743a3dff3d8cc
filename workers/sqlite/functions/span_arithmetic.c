/*
 * Arithmetic of intervals: with each other, with numbers, and with times; what lies between two timestamps.
 */
#include <math.h>
#include <string.h>

#include "workers/sqlite/functions/span.h"

#define DAYS_OF_MONTH 30
#define MONTHS_OF_YEAR 12
#define SECONDS_OF_DAY 86400.0

static bool
take_two(sqlite3_context *c, sqlite3_value **argv, struct type_interval *a, struct type_interval *b)
{
	return span_take(c, argv[0], a) && span_take(c, argv[1], b);
}

void
span_add(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct type_interval a, b;

	(void)argc;
	if (!take_two(c, argv, &a, &b))
		return;
	a.months += b.months;
	a.days += b.days;
	if (__builtin_add_overflow(a.us, b.us, &a.us))
		span_fail_range(c);
	else
		span_give(c, &a);
}

void
span_subtract(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct type_interval a, b;

	(void)argc;
	if (!take_two(c, argv, &a, &b))
		return;
	a.months -= b.months;
	a.days -= b.days;
	if (__builtin_sub_overflow(a.us, b.us, &a.us))
		span_fail_range(c);
	else
		span_give(c, &a);
}

void
span_negate(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct type_interval a;

	(void)argc;
	if (!span_take(c, argv[0], &a))
		return;
	if (a.us == INT64_MIN) {
		span_fail_range(c);
		return;
	}
	a = (struct type_interval) { -a.months, -a.days, -a.us };
	span_give(c, &a);
}

static double
scale(double value, double factor, bool divide)
{
	return divide ? value / factor : value * factor;
}

static double
round_to_microseconds(double x)
{
	return rint(x * 1e6) / 1e6;
}

static bool
to_whole(double value, int64_t *whole)
{
	if (isnan(value) || value > INT32_MAX || value < INT32_MIN)
		return false;
	*whole = (int64_t)value;
	return true;
}

bool
span_scale(struct type_interval *span, double factor, bool divide)
{
	struct type_interval in = *span;
	double days, seconds, us;

	if (!to_whole(scale((double)in.months, factor, divide), &span->months) ||
	    !to_whole(scale((double)in.days, factor, divide), &span->days))
		return false;
	days = round_to_microseconds((scale((double)in.months, factor, divide) - (double)span->months) * DAYS_OF_MONTH);
	seconds = round_to_microseconds(
	    (scale((double)in.days, factor, divide) - (double)span->days + days - trunc(days)) * SECONDS_OF_DAY);
	if (fabs(seconds) >= SECONDS_OF_DAY) {
		span->days += (int64_t)(seconds / SECONDS_OF_DAY);
		seconds -= trunc(seconds / SECONDS_OF_DAY) * SECONDS_OF_DAY;
	}
	span->days += (int64_t)days;
	us = rint(scale((double)in.us, factor, divide) + seconds * 1e6);
	if (!(us >= -9223372036854775808.0 && us < 9223372036854775808.0)) /* 2^63; nor a NaN */
		return false;
	span->us = (int64_t)us;
	return true;
}

static void
give_scaled(sqlite3_context *c, sqlite3_value *value, double factor, bool divide)
{
	struct type_interval span;

	if (!span_take(c, value, &span))
		return;
	if (divide && fpclassify(factor) == FP_ZERO)
		function_fail(c, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
	else if (span_scale(&span, factor, divide))
		span_give(c, &span);
	else
		span_fail_range(c);
}

/* In either order. */
void
span_multiply(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *text = function_text(argv[0], &length);
	bool first = sqlite3_value_type(argv[0]) == SQLITE_TEXT && *text != 'N';

	(void)argc;
	give_scaled(c, argv[first ? 0 : 1], type_real_of(argv[first ? 1 : 0]), false);
}

void
span_divide(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_scaled(c, argv[0], type_real_of(argv[1]), true);
}

/* ---- justify ---- */

static void
justify_days(struct type_interval *span)
{
	span->months += span->days / DAYS_OF_MONTH;
	span->days %= DAYS_OF_MONTH;
	if (span->months > 0 && span->days < 0) {
		span->days += DAYS_OF_MONTH;
		span->months--;
	} else if (span->months < 0 && span->days > 0) {
		span->days -= DAYS_OF_MONTH;
		span->months++;
	}
}

void
span_justify_days_of(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct type_interval span;

	(void)argc;
	if (!span_take(c, argv[0], &span))
		return;
	justify_days(&span);
	span_give(c, &span);
}

void
span_justify_hours_of(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct type_interval span;

	(void)argc;
	if (!span_take(c, argv[0], &span))
		return;
	span_justify_hours(&span);
	span_give(c, &span);
}

/* All three with the same sign. */
void
span_justify(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct type_interval span;

	(void)argc;
	if (!span_take(c, argv[0], &span))
		return;
	span.days += span.us / TYPE_USECS_PER_DAY;
	span.us %= TYPE_USECS_PER_DAY;
	span.months += span.days / DAYS_OF_MONTH;
	span.days %= DAYS_OF_MONTH;
	if (span.months > 0 && (span.days < 0 || (span.days == 0 && span.us < 0))) {
		span.days += DAYS_OF_MONTH;
		span.months--;
	} else if (span.months < 0 && (span.days > 0 || (span.days == 0 && span.us > 0))) {
		span.days -= DAYS_OF_MONTH;
		span.months++;
	}
	span_justify_hours(&span);
	span_give(c, &span);
}

/* ---- between two times ---- */

static void
difference(sqlite3_context *c, sqlite3_value **argv, uint32_t oid)
{
	struct type_interval span = { 0 };
	int64_t a, b;

	if (!span_take_timestamp(c, argv[0], oid, &a) || !span_take_timestamp(c, argv[1], oid, &b))
		return;
	if (span_is_infinite(a) || span_is_infinite(b))
		function_fail(c, SQLSTATE_DATETIME_FIELD_OVERFLOW, "cannot subtract infinite timestamps");
	else if (__builtin_sub_overflow(a, b, &span.us))
		span_fail_range(c);
	else {
		span_justify_hours(&span);
		span_give(c, &span);
	}
}

void
span_of_timestamps(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	difference(c, argv, TYPE_TIMESTAMP);
}

void
span_of_timestamptzs(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	difference(c, argv, TYPE_TIMESTAMPTZ);
}

/* What is before the other borrows from the next larger field; a month has as many days as the earlier one's. */
static struct type_interval
age_of(const struct moment *a, const struct moment *b)
{
	bool turned = a->us - a->offset_s * TYPE_USECS_PER_SECOND < b->us - b->offset_s * TYPE_USECS_PER_SECOND;
	const struct moment *late = turned ? b : a, *early = turned ? a : b;
	struct type_interval span = { .us = late->time_us - early->time_us, .days = late->day - early->day };

	span.months = (late->year - early->year) * MONTHS_OF_YEAR + late->month - early->month;
	while (span.us < 0) {
		span.us += TYPE_USECS_PER_DAY;
		span.days--;
	}
	while (span.days < 0) {
		span.days += type_days_in_month(early->year, early->month);
		span.months--;
	}
	if (turned)
		span = (struct type_interval) { -span.months, -span.days, -span.us };
	return span;
}

void
span_age(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct moment a, b;
	struct type_interval span;

	(void)argc;
	/* PostgreSQL 15 takes the fields of infinity as they come; they mean nothing, and are refused. */
	if (!moment_read(c, argv[0], &a) || !moment_read(c, argv[1], &b))
		return;
	span = age_of(&a, &b);
	span_give(c, &span);
}

/* From today's midnight on the session's clock. */
void
span_age_of_now(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct moment a, today;
	struct type_interval span;
	const struct sql_context *session = function_session(c);
	int offset = session->types.timezone_offset_s;
	int64_t us = session->transaction_time_us - UNIX_EPOCH_SHIFT;

	(void)argc;
	if (!moment_read(c, argv[0], &a))
		return;
	if (session->types.timezone != NULL && !span_zone_offset(c, session->types.timezone, us, false, &offset))
		return;
	today = (struct moment) { .zoned = a.zoned, .offset_s = offset };
	today.days = moment_floor(us + offset * TYPE_USECS_PER_SECOND, TYPE_USECS_PER_DAY);
	today.us = today.days * TYPE_USECS_PER_DAY;
	today.offset_s = a.zoned ? offset : 0;
	type_civil_from_days(today.days, &today.year, &today.month, &today.day);
	span = age_of(&today, &a);
	span_give(c, &span);
}

/* ---- times of day ---- */

static void
give_time(sqlite3_context *c, int64_t us, int offset_s, bool zoned)
{
	char text[2 * TYPE_DATETIME_TEXT];
	size_t n;

	us %= TYPE_USECS_PER_DAY;
	n = type_write_time(us < 0 ? us + TYPE_USECS_PER_DAY : us, text);
	if (zoned)
		n += type_write_offset(offset_s, text + n);
	function_result_text(c, text, n);
}

static void
shift_time(sqlite3_context *c, sqlite3_value *time, sqlite3_value *length, int sign)
{
	struct type_interval span;
	int64_t us;
	int offset_s;
	bool zoned;

	if (span_take_time(c, time, &us, &offset_s, &zoned) && span_take(c, length, &span))
		give_time(c, (int64_t)((uint64_t)us + (uint64_t)sign * (uint64_t)span.us), offset_s, zoned);
}

void
span_add_to_time(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	shift_time(c, argv[0], argv[1], 1);
}

void
span_time_added(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	shift_time(c, argv[1], argv[0], 1);
}

void
span_subtract_from_time(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	shift_time(c, argv[0], argv[1], -1);
}

void
span_of_times(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct type_interval span = { 0 };
	int64_t a, b;
	int offset_s;
	bool zoned;

	(void)argc;
	if (!span_take_time(c, argv[0], &a, &offset_s, &zoned) || !span_take_time(c, argv[1], &b, &offset_s, &zoned))
		return;
	span.us = a - b;
	span_give(c, &span);
}
