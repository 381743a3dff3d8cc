/* Names of the fields of a timestamp, and what they are of infinity. */
#include <math.h>
#include <string.h>

#include "workers/sqlite/functions/moment_unit.h"

static const struct {
	const char *name, *same;
} same[] = { { "microsecond", "microseconds" }, { "us", "microseconds" }, { "usec", "microseconds" },
	{ "usecs", "microseconds" }, { "usecond", "microseconds" }, { "useconds", "microseconds" },
	{ "millisecond", "milliseconds" }, { "ms", "milliseconds" }, { "msec", "milliseconds" },
	{ "msecs", "milliseconds" }, { "msecond", "milliseconds" }, { "mseconds", "milliseconds" },
	{ "seconds", "second" }, { "sec", "second" }, { "secs", "second" }, { "s", "second" }, { "minutes", "minute" },
	{ "min", "minute" }, { "mins", "minute" }, { "m", "minute" }, { "hours", "hour" }, { "hr", "hour" },
	{ "hrs", "hour" }, { "h", "hour" }, { "days", "day" }, { "d", "day" }, { "weeks", "week" }, { "w", "week" },
	{ "months", "month" }, { "mon", "month" }, { "mons", "month" }, { "qtr", "quarter" }, { "years", "year" },
	{ "yr", "year" }, { "yrs", "year" }, { "y", "year" }, { "decades", "decade" }, { "dec", "decade" },
	{ "decs", "decade" }, { "centuries", "century" }, { "cent", "century" }, { "c", "century" },
	{ "millennia", "millennium" }, { "mil", "millennium" }, { "mils", "millennium" }, { "jd", "julian" },
	{ "j", "julian" } };

const char *
moment_unit(const char *name)
{
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (sqlite3_stricmp(same[i].name, name) == 0)
			return same[i].same;
	return name;
}

static bool
is_among(const char *field, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (sqlite3_stricmp(names[i], field) == 0)
			return true;
	return false;
}

/* What comes again and again has no value there; what only grows is infinite itself. */
bool
moment_give_infinite(sqlite3_context *c, const char *field, bool minus, bool exact, bool date)
{
	static const char *const returning[] = { "day", "month", "quarter", "week", "dow", "isodow", "doy" };
	static const char *const of_day[] = { "hour", "minute", "second", "milliseconds", "microseconds", "timezone",
		"timezone_hour", "timezone_minute" };
	static const char *const growing[] = { "year", "decade", "century", "millennium", "julian", "isoyear",
		"epoch" };

	if (is_among(field, returning, sizeof(returning) / sizeof(returning[0])))
		return true;
	if (!date && is_among(field, of_day, sizeof(of_day) / sizeof(of_day[0])))
		return true;
	if (!is_among(field, growing, sizeof(growing) / sizeof(growing[0])))
		return false;
	if (exact)
		function_result_string(c, minus ? "-Infinity" : "Infinity");
	else
		type_result_real(c, minus ? -(double)INFINITY : (double)INFINITY);
	return true;
}
