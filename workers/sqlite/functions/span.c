/*
 * Reads intervals, times and zones, exactly and as they are kept.
 */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/functions/span.h"

bool
span_take(sqlite3_context *c, sqlite3_value *value, struct type_interval *out)
{
	struct report r = { 0 };
	size_t length;
	const char *text = function_text(value, &length);

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

/* What an abbreviation means then. */
static bool
abbreviation_offset(const char *zone, int64_t seconds, bool local, int *offset_s)
{
	char word[TYPE_ZONE_NAME_MAX];
	const struct type_abbreviation *abbreviation;
	size_t n = strlen(zone);

	if (n >= sizeof(word))
		return false;
	for (size_t i = 0; i <= n; i++)
		word[i] = (char)tolower((unsigned char)zone[i]);
	if ((abbreviation = type_zone_abbreviation(word)) == NULL)
		return false;
	*offset_s = abbreviation->offset_s;
	if (abbreviation->zone == NULL)
		return true;
	if (local && type_zone_offset_at_local(abbreviation->zone, seconds, offset_s))
		seconds -= *offset_s;
	return type_zone_abbreviated(abbreviation->zone, abbreviation->name, seconds, offset_s) ||
	    type_zone_offset_at_utc(abbreviation->zone, seconds, offset_s);
}

bool
span_zone_offset(sqlite3_context *c, const char *zone, int64_t us, bool local, int *offset_s)
{
	int64_t seconds = moment_floor(us, TYPE_USECS_PER_SECOND) + UNIX_EPOCH_SHIFT / TYPE_USECS_PER_SECOND;

	if (abbreviation_offset(zone, seconds, local, offset_s))
		return true;
	if (local ? type_zone_offset_at_local(zone, seconds, offset_s)
		  : type_zone_offset_at_utc(zone, seconds, offset_s))
		return true;
	function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "time zone \"%s\" not recognized", zone);
	return false;
}
