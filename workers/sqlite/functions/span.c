/*
 * Reads intervals, times and zones, exactly and as they are kept.
 */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/functions/span.h"

/* "03:04:05.678", with its sign: microseconds. A double would not hold them all. */
static const char *
read_clock(const char *p, int64_t *us)
{
	bool negative = *p == '-';
	uint64_t hours, minutes, seconds, fraction = 0, total;
	char *end;
	int places = 0;

	p += *p == '-' || *p == '+';
	hours = strtoull(p, &end, 10);
	if (*end != ':')
		return NULL;
	minutes = strtoull(end + 1, &end, 10);
	if (*end != ':')
		return NULL;
	seconds = strtoull(end + 1, &end, 10);
	if (*end == '.')
		for (end++; isdigit((unsigned char)*end); end++, places++)
			fraction = places < 6 ? fraction * 10 + (uint64_t)(*end - '0') : fraction;
	for (; places < 6; places++)
		fraction *= 10;
	if (hours > 2562047788 || minutes > 59 || seconds > 59)
		return NULL;
	total = ((hours * 60 + minutes) * 60 + seconds) * (uint64_t)TYPE_USECS_PER_SECOND + fraction;
	*us = negative ? (int64_t)-total : (int64_t)total;
	return end;
}

/* The stored form; false: it is another, which type_parse_interval knows. */
static bool
read_stored(const char *p, struct type_interval *out)
{
	static const struct {
		const char *unit;
		int64_t months, days;
	} units[] = { { "year", 12, 0 }, { "mon", 1, 0 }, { "day", 0, 1 } };

	*out = (struct type_interval) { 0 };
	while (*p != '\0') {
		size_t digits, i = 0, n;
		int64_t value;
		char *end;

		p += *p == ' ';
		digits = strspn(p + (*p == '-' || *p == '+'), "0123456789") + (*p == '-' || *p == '+');
		if (p[digits] == ':')
			return (p = read_clock(p, &out->us)) != NULL && *p == '\0';
		value = strtoll(p, &end, 10);
		if (digits == 0 || digits > 12 || *end++ != ' ')
			return false;
		while (i < 3 && strncmp(units[i].unit, end, strlen(units[i].unit)) != 0)
			i++;
		if (i == 3)
			return false;
		n = strlen(units[i].unit);
		out->months += value * units[i].months;
		out->days += value * units[i].days;
		p = end + n + (end[n] == 's');
		if (*p != ' ' && *p != '\0')
			return false;
	}
	return true;
}

bool
span_take(sqlite3_context *c, sqlite3_value *value, struct type_interval *out)
{
	struct report r = { 0 };
	size_t length;
	const char *text = function_text(value, &length);

	if (length > 0 && read_stored(text, out))
		return true;
	if (type_parse_interval(text, length, out, &r) == 0)
		return true;
	function_fail_report(c, &r);
	return false;
}

void
span_fail_range(sqlite3_context *c)
{
	function_fail(c, SQLSTATE_DATETIME_FIELD_OVERFLOW, "interval out of range");
}

void
span_give(sqlite3_context *c, const struct type_interval *span)
{
	struct type_value out = { 0 };
	struct report r = { 0 };

	if (span->months < INT32_MIN || span->months > INT32_MAX || span->days < INT32_MIN || span->days > INT32_MAX)
		span_fail_range(c);
	else if (type_interval_to_text(span, &out, &r) == -1)
		function_fail_report(c, &r);
	else
		function_result_value(c, &out);
}

void
span_justify_hours(struct type_interval *span)
{
	span->days += span->us / TYPE_USECS_PER_DAY;
	span->us %= TYPE_USECS_PER_DAY;
	if (span->days > 0 && span->us < 0) {
		span->us += TYPE_USECS_PER_DAY;
		span->days--;
	} else if (span->days < 0 && span->us > 0) {
		span->us -= TYPE_USECS_PER_DAY;
		span->days++;
	}
}

bool
span_is_infinite(int64_t us)
{
	return us == TYPE_TIMESTAMP_INFINITY || us == TYPE_TIMESTAMP_MINUS_INFINITY;
}

bool
span_take_timestamp(sqlite3_context *c, sqlite3_value *value, uint32_t oid, int64_t *us)
{
	struct report r = { 0 };
	size_t length;
	const char *text = function_text(value, &length);

	if (type_parse_timestamp(text, length, oid == TYPE_TIMESTAMPTZ, &function_session(c)->types, us, &r) == 0)
		return true;
	function_fail_report(c, &r);
	return false;
}

static int
read_offset(const char *p)
{
	int sign = *p == '-' ? -1 : 1, parts[3] = { 0 };
	char *end;

	p++;
	for (int i = 0; i < 3; i++) {
		parts[i] = (int)strtol(p, &end, 10);
		if (*end != ':')
			break;
		p = end + 1;
	}
	return sign * ((parts[0] * 60 + parts[1]) * 60 + parts[2]);
}

bool
span_take_time(sqlite3_context *c, sqlite3_value *value, int64_t *us, int *offset_s, bool *zoned)
{
	struct report r = { 0 };
	size_t length;
	const char *text = function_text(value, &length), *sign = strpbrk(text, "+-");

	*zoned = sign != NULL;
	*offset_s = sign == NULL ? 0 : read_offset(sign);
	if (type_parse_time(text, sign == NULL ? length : (size_t)(sign - text), NULL, us, &r) == 0)
		return true;
	function_fail_report(c, &r);
	return false;
}

/* ---- zones ---- */

/* Abbreviations mean an offset, even where a zone of that name has summer time (src: the IANA database's). */
static const struct {
	const char *name;
	int minutes;
} abbreviations[] = { { "UTC", 0 }, { "UT", 0 }, { "GMT", 0 }, { "Z", 0 }, { "ZULU", 0 }, { "WET", 0 }, { "WEST", 60 },
	{ "BST", 60 }, { "CET", 60 }, { "CEST", 120 }, { "MET", 60 }, { "MEST", 120 }, { "EET", 120 }, { "EEST", 180 },
	{ "MSK", 180 }, { "EST", -300 }, { "EDT", -240 }, { "CST", -360 }, { "CDT", -300 }, { "MST", -420 },
	{ "MDT", -360 }, { "PST", -480 }, { "PDT", -420 }, { "AKST", -540 }, { "AKDT", -480 }, { "HST", -600 },
	{ "JST", 540 }, { "KST", 540 }, { "NZST", 720 }, { "NZDT", 780 } };

/* "+3", "-03:30": as POSIX has it, west of UTC is positive. */
static bool
read_posix(const char *zone, int *offset_s)
{
	const char *p = zone;

	while (isalpha((unsigned char)*p))
		p++;
	if (p == zone)
		p = zone;
	else if (p - zone < 3)
		return false;
	if ((*p != '+' && *p != '-') || !isdigit((unsigned char)p[1]) || p[1 + strspn(p + 1, "0123456789:")] != '\0')
		return false;
	*offset_s = -read_offset(p);
	return abs(*offset_s) <= 167 * 3600;
}

/* The zone as its file is named, whatever the case: "Europe/Berlin", "America/New_York". */
static bool
zone_by_any_case(const char *zone, int64_t seconds, bool local, int *offset_s)
{
	char name[TYPE_ZONE_NAME_MAX];
	size_t length = strlen(zone);

	if (length >= sizeof(name))
		return false;
	for (size_t i = 0; i <= length; i++) {
		bool first = i == 0 || zone[i - 1] == '/' || zone[i - 1] == '_' || zone[i - 1] == '-';

		name[i] = (char)(first ? toupper((unsigned char)zone[i]) : tolower((unsigned char)zone[i]));
	}
	return local ? type_zone_offset_at_local(name, seconds, offset_s)
		     : type_zone_offset_at_utc(name, seconds, offset_s);
}

bool
span_zone_offset(sqlite3_context *c, const char *zone, int64_t us, bool local, int *offset_s)
{
	int64_t seconds = moment_floor(us, TYPE_USECS_PER_SECOND) + UNIX_EPOCH_SHIFT / TYPE_USECS_PER_SECOND;

	for (size_t i = 0; i < sizeof(abbreviations) / sizeof(abbreviations[0]); i++)
		if (strcasecmp(abbreviations[i].name, zone) == 0) {
			*offset_s = abbreviations[i].minutes * 60;
			return true;
		}
	if (read_posix(zone, offset_s))
		return true;
	if (local ? type_zone_offset_at_local(zone, seconds, offset_s)
		  : type_zone_offset_at_utc(zone, seconds, offset_s))
		return true;
	if (zone_by_any_case(zone, seconds, local, offset_s))
		return true;
	function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "time zone \"%s\" not recognized", zone);
	return false;
}
