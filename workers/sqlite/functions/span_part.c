/*
 * Fields of intervals and of times of day, and intervals cut off at a field.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/functions/span.h"

#define SECONDS_OF_YEAR 31557600 /* 365.25 days */
#define MONTHS_OF_YEAR 12

__extension__ typedef __int128 wide;

/* Names that PostgreSQL knows, and those that say the same. */
enum unit {
	UNIT_MICROSECOND,
	UNIT_MILLISECOND,
	UNIT_SECOND,
	UNIT_MINUTE,
	UNIT_HOUR,
	UNIT_DAY,
	UNIT_MONTH,
	UNIT_QUARTER,
	UNIT_YEAR,
	UNIT_DECADE,
	UNIT_CENTURY,
	UNIT_MILLENNIUM,
	UNIT_EPOCH,
	UNIT_ZONE,
	UNIT_ZONE_HOUR,
	UNIT_ZONE_MINUTE,
	UNIT_OTHER, /* known, but of no use here */
	UNIT_NONE
};
static const struct {
	const char *name;
	enum unit unit;
} units[] = { { "microseconds", UNIT_MICROSECOND }, { "microsecond", UNIT_MICROSECOND }, { "us", UNIT_MICROSECOND },
	{ "usec", UNIT_MICROSECOND }, { "usecs", UNIT_MICROSECOND }, { "milliseconds", UNIT_MILLISECOND },
	{ "millisecond", UNIT_MILLISECOND }, { "ms", UNIT_MILLISECOND }, { "msec", UNIT_MILLISECOND },
	{ "msecs", UNIT_MILLISECOND }, { "second", UNIT_SECOND }, { "seconds", UNIT_SECOND }, { "sec", UNIT_SECOND },
	{ "secs", UNIT_SECOND }, { "s", UNIT_SECOND }, { "minute", UNIT_MINUTE }, { "minutes", UNIT_MINUTE },
	{ "min", UNIT_MINUTE }, { "mins", UNIT_MINUTE }, { "m", UNIT_MINUTE }, { "hour", UNIT_HOUR },
	{ "hours", UNIT_HOUR }, { "hr", UNIT_HOUR }, { "hrs", UNIT_HOUR }, { "h", UNIT_HOUR }, { "day", UNIT_DAY },
	{ "days", UNIT_DAY }, { "d", UNIT_DAY }, { "month", UNIT_MONTH }, { "months", UNIT_MONTH },
	{ "mon", UNIT_MONTH }, { "mons", UNIT_MONTH }, { "quarter", UNIT_QUARTER }, { "qtr", UNIT_QUARTER },
	{ "year", UNIT_YEAR }, { "years", UNIT_YEAR }, { "yr", UNIT_YEAR }, { "yrs", UNIT_YEAR }, { "y", UNIT_YEAR },
	{ "decade", UNIT_DECADE }, { "decades", UNIT_DECADE }, { "dec", UNIT_DECADE }, { "decs", UNIT_DECADE },
	{ "century", UNIT_CENTURY }, { "centuries", UNIT_CENTURY }, { "cent", UNIT_CENTURY }, { "c", UNIT_CENTURY },
	{ "millennium", UNIT_MILLENNIUM }, { "millennia", UNIT_MILLENNIUM }, { "mil", UNIT_MILLENNIUM },
	{ "mils", UNIT_MILLENNIUM }, { "epoch", UNIT_EPOCH }, { "timezone", UNIT_ZONE },
	{ "timezone_hour", UNIT_ZONE_HOUR }, { "timezone_minute", UNIT_ZONE_MINUTE }, { "week", UNIT_OTHER },
	{ "weeks", UNIT_OTHER }, { "w", UNIT_OTHER }, { "dow", UNIT_OTHER }, { "isodow", UNIT_OTHER },
	{ "doy", UNIT_OTHER }, { "isoyear", UNIT_OTHER }, { "julian", UNIT_OTHER }, { "jd", UNIT_OTHER },
	{ "j", UNIT_OTHER } };

static enum unit
find_unit(const char *name)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcasecmp(units[i].name, name) == 0)
			return units[i].unit;
	return UNIT_NONE;
}

static void
fail_unit(sqlite3_context *c, const char *name, enum unit unit, const char *type)
{
	char *lower = sqlite3_mprintf("%s", name);

	for (char *p = lower; p != NULL && *p != '\0'; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
	function_fail(c, unit == UNIT_NONE ? SQLSTATE_INVALID_PARAMETER_VALUE : SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "unit \"%s\" not %s for type %s", lower == NULL ? name : lower,
	    unit == UNIT_NONE ? "recognized" : "supported", type);
	sqlite3_free(lower);
}

/* Microseconds in a unit of 10^digits of them: a numeric with all digits, or a float. */
static void
give_fraction(sqlite3_context *c, wide us, int digits, bool exact)
{
	int64_t unit = digits == 6 ? 1000000 : 1000;
	wide whole = us < 0 ? -us : us;
	char text[48];

	if (!exact) {
		type_result_real(c, (double)us / (double)unit);
		return;
	}
	(void)snprintf(text, sizeof(text), "%s%lld.%0*lld", us < 0 ? "-" : "", (long long)(whole / unit), digits,
	    (long long)(whole % unit));
	function_result_string(c, text);
}

static void
give_whole(sqlite3_context *c, int64_t value, bool exact)
{
	char text[32];

	if (!exact) {
		type_result_real(c, (double)value);
		return;
	}
	(void)snprintf(text, sizeof(text), "%lld", (long long)value);
	function_result_string(c, text);
}

static void
give_epoch(sqlite3_context *c, const struct type_interval *span, bool exact)
{
	int64_t years = span->months / MONTHS_OF_YEAR, months = span->months % MONTHS_OF_YEAR;
	double seconds;

	if (exact) {
		give_fraction(c,
		    ((wide)years * SECONDS_OF_YEAR + ((wide)months * 30 + span->days) * 86400) * TYPE_USECS_PER_SECOND +
			span->us,
		    6, true);
		return;
	}
	seconds = (double)span->us / 1000000.0;
	seconds += (365.25 * 86400.0) * (double)years;
	seconds += (30.0 * 86400.0) * (double)months;
	seconds += 86400.0 * (double)span->days;
	type_result_real(c, seconds);
}

static bool
give_clock(sqlite3_context *c, enum unit unit, int64_t us, bool exact)
{
	int64_t of_minute = us % (60 * TYPE_USECS_PER_SECOND);

	switch (unit) {
	case UNIT_MICROSECOND:
		give_whole(c, of_minute, exact);
		return true;
	case UNIT_MILLISECOND:
		give_fraction(c, of_minute, 3, exact);
		return true;
	case UNIT_SECOND:
		give_fraction(c, of_minute, 6, exact);
		return true;
	case UNIT_MINUTE:
		give_whole(c, us / (60 * TYPE_USECS_PER_SECOND) % 60, exact);
		return true;
	case UNIT_HOUR:
		give_whole(c, us / (3600 * TYPE_USECS_PER_SECOND), exact);
		return true;
	default:
		return false;
	}
}

static void
interval_part(sqlite3_context *c, sqlite3_value **argv, bool exact)
{
	size_t length;
	const char *name = function_text(argv[0], &length);
	enum unit unit = find_unit(name);
	struct type_interval span;

	if (!span_take(c, argv[1], &span) || give_clock(c, unit, span.us, exact))
		return;
	switch (unit) {
	case UNIT_DAY:
		give_whole(c, span.days, exact);
		break;
	case UNIT_MONTH:
		give_whole(c, span.months % MONTHS_OF_YEAR, exact);
		break;
	case UNIT_QUARTER:
		give_whole(c, span.months % MONTHS_OF_YEAR / 3 + 1, exact);
		break;
	case UNIT_YEAR:
		give_whole(c, span.months / MONTHS_OF_YEAR, exact);
		break;
	case UNIT_DECADE:
		give_whole(c, span.months / MONTHS_OF_YEAR / 10, exact);
		break;
	case UNIT_CENTURY:
		give_whole(c, span.months / MONTHS_OF_YEAR / 100, exact);
		break;
	case UNIT_MILLENNIUM:
		give_whole(c, span.months / MONTHS_OF_YEAR / 1000, exact);
		break;
	case UNIT_EPOCH:
		give_epoch(c, &span, exact);
		break;
	default:
		fail_unit(c, name, unit, "interval");
	}
}

void
span_part(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	interval_part(c, argv, false);
}

void
span_extract(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	interval_part(c, argv, true);
}

static void
time_of_day_part(sqlite3_context *c, sqlite3_value **argv, bool zoned, bool exact)
{
	size_t length;
	const char *name = function_text(argv[0], &length);
	enum unit unit = find_unit(name);
	int64_t us;
	int offset_s;
	bool has_zone;

	if (!span_take_time(c, argv[1], &us, &offset_s, &has_zone) || give_clock(c, unit, us, exact))
		return;
	if (unit == UNIT_EPOCH)
		give_fraction(c, us - offset_s * TYPE_USECS_PER_SECOND, 6, exact);
	else if (zoned && unit == UNIT_ZONE)
		give_whole(c, offset_s, exact);
	else if (zoned && unit == UNIT_ZONE_HOUR)
		give_whole(c, offset_s / 3600, exact);
	else if (zoned && unit == UNIT_ZONE_MINUTE)
		give_whole(c, offset_s / 60 % 60, exact);
	else
		fail_unit(c, name, unit, zoned ? "time with time zone" : "time without time zone");
}

#define PART(name, zoned, exact) \
	void name(sqlite3_context *c, int argc, sqlite3_value **argv) \
	{ \
		(void)argc; \
		time_of_day_part(c, argv, zoned, exact); \
	}
PART(span_time_part, false, false)
PART(span_time_extract, false, true)
PART(span_timetz_part, true, false)
PART(span_timetz_extract, true, true)
#undef PART

/* ---- date_trunc ---- */

static int64_t
cut(int64_t value, int64_t unit)
{
	return value / unit * unit;
}

void
span_trunc(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	static const int64_t clock_units[] = { [UNIT_MICROSECOND] = 1,
		[UNIT_MILLISECOND] = 1000,
		[UNIT_SECOND] = 1000000,
		[UNIT_MINUTE] = 60000000,
		[UNIT_HOUR] = 3600000000 };
	static const int64_t month_units[] = { [UNIT_MONTH] = 1,
		[UNIT_QUARTER] = 3,
		[UNIT_YEAR] = 12,
		[UNIT_DECADE] = 120,
		[UNIT_CENTURY] = 1200,
		[UNIT_MILLENNIUM] = 12000 };
	size_t length;
	const char *name = function_text(argv[0], &length);
	enum unit unit = find_unit(name);
	struct type_interval span;

	(void)argc;
	if (!span_take(c, argv[1], &span))
		return;
	if (unit > UNIT_MILLENNIUM) {
		/* What can only be taken out is no unit at all here; a week and a zone are units, but none of these. */
		if (unit == UNIT_EPOCH || (unit == UNIT_OTHER && *name != 'w' && *name != 'W'))
			unit = UNIT_NONE;
		fail_unit(c, name, unit, "interval");
		return;
	}
	if (unit <= UNIT_HOUR)
		span.us = cut(span.us, clock_units[unit]);
	else {
		span.us = 0;
		span.days = unit == UNIT_DAY ? span.days : 0;
		span.months = unit == UNIT_DAY ? span.months : cut(span.months, month_units[unit]);
	}
	span_give(c, &span);
}
