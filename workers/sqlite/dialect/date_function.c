/*
 * Dates and times: days added to a date, intervals added to a timestamp. An interval is a text here, read when it is
 * used: numbers with units ("1 day 2 hours"), a clock time, or both.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/dialect/operators.h"
#include "workers/sqlite/types_codec.h"

struct interval {
	int64_t months, days, us;
};

static const struct {
	const char *name;
	int64_t months, days, us;
} units[] = {
	{"year", 12, 0, 0}, {"yr", 12, 0, 0}, {"y", 12, 0, 0}, {"month", 1, 0, 0}, {"mon", 1, 0, 0}, {"week", 0, 7, 0},
	{"w", 0, 7, 0}, {"day", 0, 1, 0}, {"d", 0, 1, 0}, {"hour", 0, 0, 3600000000}, {"hr", 0, 0, 3600000000},
	{"h", 0, 0, 3600000000}, {"minute", 0, 0, 60000000}, {"min", 0, 0, 60000000}, {"m", 0, 0, 60000000},
	{"second", 0, 0, 1000000}, {"sec", 0, 0, 1000000}, {"s", 0, 0, 1000000}, {"millisecond", 0, 0, 1000},
	{"msec", 0, 0, 1000}, {"ms", 0, 0, 1000}, {"microsecond", 0, 0, 1}, {"usec", 0, 0, 1}, {"us", 0, 0, 1},
	{"decade", 120, 0, 0}, {"century", 1200, 0, 0}, {"centurie", 1200, 0, 0},
};

/* No interval that PostgreSQL takes exceeds these; products below stay within 64 bits. */
#define QUANTITY_MAX 178000000.0 * 12

static bool
add_unit(struct interval *out, double quantity, const char *name, size_t n)
{
	if (n > 2 && (name[n - 1] == 's' || name[n - 1] == 'S') && strncasecmp(name, "us", n) != 0)
		n--;
	if (!(fabs(quantity) <= QUANTITY_MAX))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		double whole = trunc(quantity);

		if (strlen(units[i].name) != n || strncasecmp(units[i].name, name, n) != 0)
			continue;
		out->months += (int64_t)whole * units[i].months;
		out->days += (int64_t)whole * units[i].days;
		out->us += (int64_t)llround(quantity * (double)units[i].us);
		if (units[i].days > 0) /* half a day is twelve hours */
			out->us +=
			    (int64_t)llround((quantity - whole) * (double)units[i].days * (double)TYPE_USECS_PER_DAY);
		if (units[i].months > 0)
			out->months += (int64_t)trunc((quantity - whole) * (double)units[i].months);
		return true;
	}
	return false;
}

/* [-]hh:mm[:ss.ffffff] */
static const char *
read_clock(const char *p, struct interval *out)
{
	static const double clock_units[] = {3600, 60, 1};
	double sign = *p == '-' ? -1 : 1, seconds = 0;
	char *end;

	p += *p == '-' || *p == '+';
	for (size_t i = 0; i < sizeof(clock_units) / sizeof(clock_units[0]); i++) {
		seconds += strtod(p, &end) * clock_units[i];
		if (end == p)
			return NULL;
		p = end;
		if (*p != ':')
			break;
		p++;
	}
	if (!(seconds <= QUANTITY_MAX))
		return NULL;
	out->us += (int64_t)llround(sign * seconds * 1e6);
	return p;
}

static bool
read_interval(const char *p, struct interval *out)
{
	bool any = false;

	*out = (struct interval){0};
	for (;;) {
		const char *digits;
		char *end;
		double quantity;
		size_t n = 0;

		p += strspn(p, " \t\n@");
		if (*p == '\0')
			return any;
		if (any && strcasecmp(p, "ago") == 0) {
			*out = (struct interval){-out->months, -out->days, -out->us};
			return true;
		}
		digits = p + (*p == '-' || *p == '+');
		if (digits[strspn(digits, "0123456789")] == ':') {
			if ((p = read_clock(p, out)) == NULL)
				return false;
			any = true;
			continue;
		}
		quantity = strtod(p, &end);
		if (end == p)
			return false;
		p = end + strspn(end, " \t\n");
		while (isalpha((unsigned char)p[n]))
			n++;
		if (!add_unit(out, quantity, n == 0 ? "s" : p, n == 0 ? 1 : n))
			return false;
		p += n;
		any = true;
	}
}

/* A day that the month does not have is its last. */
static int
add_interval(int64_t *us, const struct interval *interval, int sign, struct report *r)
{
	int64_t days = *us / TYPE_USECS_PER_DAY, time = *us % TYPE_USECS_PER_DAY, year, months;
	int month, day;

	if (time < 0) {
		time += TYPE_USECS_PER_DAY;
		days--;
	}
	if (interval->months != 0) {
		type_civil_from_days(days, &year, &month, &day);
		months = year * 12 + month - 1 + sign * interval->months;
		year = months >= 0 ? months / 12 : -((11 - months) / 12);
		month = (int)(months - year * 12) + 1;
		if (year < -5000 || year > 300000)
			return report_set(r, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
		if (day > type_days_in_month(year, month))
			day = type_days_in_month(year, month);
		days = type_days_from_civil(year, month, day);
	}
	if (__builtin_mul_overflow(days + sign * interval->days, TYPE_USECS_PER_DAY, us) ||
	    __builtin_add_overflow(*us, time, us) || __builtin_add_overflow(*us, sign * interval->us, us) ||
	    *us < TYPE_TIMESTAMP_MIN || *us >= TYPE_TIMESTAMP_END)
		return report_set(r, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
	return 0;
}

static bool
either_is_null(sqlite3_value **argv)
{
	return sqlite3_value_type(argv[0]) == SQLITE_NULL || sqlite3_value_type(argv[1]) == SQLITE_NULL;
}

static void
finish(sqlite3_context *c, int status, uint32_t oid, int64_t value, struct report *r)
{
	struct type_value out = {0};

	if (status == 0)
		status = type_datetime_to_text(oid, value, &out, r);
	if (status < 0)
		operator_fail_report(c, r);
	else
		operator_result(c, &out);
	report_reset(r);
}

static void
shift_timestamp(sqlite3_context *c, sqlite3_value **argv, uint32_t oid, int sign)
{
	struct type_value in = type_value_of(argv[0]);
	struct interval interval;
	struct report report = {0};
	int64_t us = 0;
	int status;

	if (either_is_null(argv))
		return;
	if (in.kind != SQLITE_TEXT || !read_interval((const char *)sqlite3_value_text(argv[1]), &interval)) {
		operator_fail(c, SQLSTATE_INVALID_DATETIME_FORMAT, "invalid input syntax for type interval");
		return;
	}
	status = type_parse_timestamp(in.bytes, in.length, oid == TYPE_TIMESTAMPTZ, &operator_session(c)->types, &us,
	    &report);
	if (status == 0 && us != TYPE_TIMESTAMP_INFINITY && us != TYPE_TIMESTAMP_MINUS_INFINITY)
		status = add_interval(&us, &interval, sign, &report);
	finish(c, status, oid, us, &report);
}

static void
shift_date(sqlite3_context *c, sqlite3_value **argv, int sign)
{
	struct type_value in = type_value_of(argv[0]);
	struct report report = {0};
	int64_t days;
	int32_t date = 0;
	int status;

	if (either_is_null(argv))
		return;
	status = type_parse_date(in.bytes == NULL ? "" : in.bytes, in.length, &operator_session(c)->types, &date,
	    &report);
	days = date;
	if (status == 0 && date != TYPE_DATE_INFINITY && date != TYPE_DATE_MINUS_INFINITY) {
		days = date + sign * (int64_t)sqlite3_value_int(argv[1]);
		if (days < TYPE_DATE_MIN || days >= TYPE_DATE_END)
			status = report_set(&report, SQLSTATE_DATETIME_FIELD_OVERFLOW, "date out of range");
	}
	finish(c, status, TYPE_DATE, days, &report);
}

void
operator_date_difference(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct type_value in[2] = {type_value_of(argv[0]), type_value_of(argv[1])};
	struct report report = {0};
	int32_t date[2] = {0, 0};

	(void)argc;
	if (either_is_null(argv))
		return;
	for (int i = 0; i < 2; i++)
		if (type_parse_date(in[i].bytes == NULL ? "" : in[i].bytes, in[i].length, &operator_session(c)->types,
		    &date[i],
		    &report) < 0) {
			operator_fail_report(c, &report);
			return;
		}
	sqlite3_result_int64(c, (int64_t)date[0] - date[1]);
}

#define SHIFT(name, call, ...) \
	void name(sqlite3_context *c, int argc, sqlite3_value **argv) { (void)argc; call(c, argv, __VA_ARGS__); }
SHIFT(operator_date_add, shift_date, 1)
SHIFT(operator_date_subtract, shift_date, -1)
SHIFT(operator_timestamp_add, shift_timestamp, TYPE_TIMESTAMP, 1)
SHIFT(operator_timestamp_subtract, shift_timestamp, TYPE_TIMESTAMP, -1)
SHIFT(operator_timestamptz_add, shift_timestamp, TYPE_TIMESTAMPTZ, 1)
SHIFT(operator_timestamptz_subtract, shift_timestamp, TYPE_TIMESTAMPTZ, -1)
#undef SHIFT
