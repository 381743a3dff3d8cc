/*
 * Intervals: months, days and microseconds, which are not made into each other. Read as numbers with units ("1 day 2
 * hours"), a clock time, or both; kept as the text that PostgreSQL shows (IntervalStyle postgres), which is one and the
 * same for the same three numbers. Compared as if a month had 30 days and a day 24 hours.
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/types/codec.h"

#define DAYS_OF_MONTH 30
#define MONTHS_OF_YEAR 12
#define INTERVAL_TEXT 128

/* A unit is a number of months, days or microseconds; the rest of a fraction goes into the next smaller. */
static const struct {
	const char *name;
	int64_t months, days, us;
} units[] = {
	{ "year", 12, 0, 0 },
	{ "yr", 12, 0, 0 },
	{ "y", 12, 0, 0 },
	{ "month", 1, 0, 0 },
	{ "mon", 1, 0, 0 },
	{ "week", 0, 7, 0 },
	{ "w", 0, 7, 0 },
	{ "day", 0, 1, 0 },
	{ "d", 0, 1, 0 },
	{ "hour", 0, 0, 3600000000 },
	{ "hr", 0, 0, 3600000000 },
	{ "h", 0, 0, 3600000000 },
	{ "minute", 0, 0, 60000000 },
	{ "min", 0, 0, 60000000 },
	{ "m", 0, 0, 60000000 },
	{ "second", 0, 0, 1000000 },
	{ "sec", 0, 0, 1000000 },
	{ "s", 0, 0, 1000000 },
	{ "millisecond", 0, 0, 1000 },
	{ "msec", 0, 0, 1000 },
	{ "ms", 0, 0, 1000 },
	{ "microsecond", 0, 0, 1 },
	{ "usec", 0, 0, 1 },
	{ "us", 0, 0, 1 },
	{ "decade", 120, 0, 0 },
	{ "century", 1200, 0, 0 },
	{ "centurie", 1200, 0, 0 },
	{ "c", 1200, 0, 0 },
	{ "millennium", 12000, 0, 0 },
	{ "millennia", 12000, 0, 0 },
	{ "mil", 12000, 0, 0 },
};
#define NUNITS (sizeof(units) / sizeof(units[0]))

/* ---- reading ---- */

static void
add_days(struct type_interval *out, double days)
{
	double whole = trunc(days);

	out->days += (int64_t)whole;
	out->us += (int64_t)llrint((days - whole) * (double)TYPE_USECS_PER_DAY);
}

/* Half a month is 15 days; but of a year only whole months count. */
static void
add_months(struct type_interval *out, double quantity, int64_t months)
{
	double whole = trunc(quantity);

	out->months += (int64_t)whole * months;
	if (months == 1)
		add_days(out, (quantity - whole) * DAYS_OF_MONTH);
	else
		out->months += (int64_t)llrint((quantity - whole) * (double)months);
}

static bool
name_is(const char *name, const char *text, size_t n)
{
	return strlen(name) == n && strncasecmp(name, text, n) == 0;
}

static bool
add_unit(struct type_interval *out, double quantity, const char *name, size_t n)
{
	size_t i = 0;

	if (n > 2 && (name[n - 1] == 's' || name[n - 1] == 'S'))
		n--;
	while (i < NUNITS && !name_is(units[i].name, name, n))
		i++;
	if (i == NUNITS || !(fabs(quantity) <= (double)INT32_MAX * 1e6))
		return false;
	if (units[i].months > 0)
		add_months(out, quantity, units[i].months);
	else if (units[i].days > 0)
		add_days(out, quantity * (double)units[i].days);
	else
		out->us += (int64_t)llrint(quantity * (double)units[i].us);
	return fabs(quantity * (double)units[i].us) < 9.2e18;
}

/* [-]hh:mm[:ss.ffffff], mm:ss.ffffff. NULL: it is none. */
static const char *
read_clock(const char *p, struct type_interval *out)
{
	double sign = *p == '-' ? -1 : 1, fields[3] = { 0 }, seconds;
	size_t n = 0, length;
	bool fraction = false;

	p += *p == '-' || *p == '+';
	for (; n < 3; n++) {
		length = strspn(p, "0123456789");
		if (length == 0 || length > 10 || fraction)
			return NULL;
		fraction = p[length] == '.';
		fields[n] = strtod(p, NULL);
		p += length + (fraction ? 1 + strspn(p + length + 1, "0123456789") : 0);
		if (*p != ':')
			break;
		p++;
	}
	if (n == 0 || n == 3 || (n == 2 && fields[1] >= 60) || fields[n] >= 60 + (n == 2))
		return NULL;
	seconds = n == 1 && fraction ? fields[0] * 60 + fields[1] : fields[0] * 3600 + fields[1] * 60 + fields[2];
	if (seconds > 9e12)
		return NULL;
	out->us += (int64_t)llrint(sign * seconds * 1e6);
	return p;
}

/* A number, and its unit: seconds when it has none and is the last. NULL: neither. */
static const char *
read_quantity(const char *p, struct type_interval *out)
{
	double quantity;
	char *end;
	size_t n = 0;

	if (strspn(p, "+-.0123456789") == 0)
		return NULL;
	quantity = strtod(p, &end);
	if (end == p)
		return NULL;
	p = end + strspn(end, " \t\n");
	while (isalpha((unsigned char)p[n]))
		n++;
	if (n == 0 && *p != '\0')
		return NULL;
	return add_unit(out, quantity, n == 0 ? "s" : p, n == 0 ? 1 : n) ? p + n : NULL;
}

/* P[n]Y[n]M[n]W[n]DT[n]H[n]M[n]S, in that order; each may have a sign and a fraction. */
static bool
read_iso_8601(const char *p, struct type_interval *out)
{
	static const char designators[] = "YMWDHMS", *const names[] = { "y", "mon", "w", "d", "h", "min", "s" };
	bool in_time = false;
	size_t next = 0;
	char *end;

	while (*p != '\0') {
		double quantity;

		if (*p == 'T' && !in_time) {
			in_time = true;
			next = 4;
			if (*++p == '\0')
				break;
		}
		if (strspn(p, "+-.0123456789") == 0)
			return false;
		quantity = strtod(p, &end);
		while (next < 7 && (end == p || designators[next] != *end))
			next++;
		if (next >= 7 || (in_time && next < 4) || (!in_time && next >= 4) ||
		    !add_unit(out, quantity, names[next], strlen(names[next])))
			return false;
		next++;
		p = end + 1;
	}
	return true;
}

static bool
read_interval(const char *p, struct type_interval *out)
{
	bool any = false;

	if (*p == 'P' && p[1] != '\0')
		return read_iso_8601(p + 1, out);
	for (;;) {
		const char *digits;

		p += strspn(p, " \t\n@");
		if (*p == '\0')
			return any;
		if (any && strncasecmp(p, "ago", 3) == 0 && p[3 + strspn(p + 3, " \t\n")] == '\0') {
			*out = (struct type_interval) { -out->months, -out->days, -out->us };
			return true;
		}
		digits = p + (*p == '-' || *p == '+');
		p = digits[strspn(digits, "0123456789")] == ':' ? read_clock(p, out) : read_quantity(p, out);
		if (p == NULL)
			return false;
		any = true;
	}
}

int
type_parse_interval(const char *data, size_t length, struct type_interval *out, struct report *r)
{
	char text[INTERVAL_TEXT * 2];

	*out = (struct type_interval) { 0 };
	if (length >= sizeof(text) || memchr(data, '\0', length) != NULL)
		return type_bad_syntax(r, TYPE_INTERVAL, data, length);
	memcpy(text, data, length);
	text[length] = '\0';
	if (!read_interval(text, out))
		return type_bad_syntax(r, TYPE_INTERVAL, data, length);
	if (out->months < INT32_MIN || out->months > INT32_MAX || out->days < INT32_MIN || out->days > INT32_MAX)
		return report_set(r, SQLSTATE_DATETIME_FIELD_OVERFLOW, "interval field value out of range: \"%s\"",
		    text);
	return 0;
}

/* ---- writing ---- */

struct writer {
	char text[INTERVAL_TEXT];
	size_t length;
	bool before; /* what stands last is negative, so that a plus is shown */
};

static void
put_part(struct writer *w, int64_t value, const char *unit)
{
	if (value == 0)
		return;
	w->length += (size_t)snprintf(w->text + w->length, sizeof(w->text) - w->length, "%s%s%lld %s%s",
	    w->length > 0 ? " " : "", w->before && value > 0 ? "+" : "", (long long)value, unit, value != 1 ? "s" : "");
	w->before = value < 0;
}

static void
put_clock(struct writer *w, int64_t us)
{
	uint64_t left = us < 0 ? -(uint64_t)us : (uint64_t)us;
	unsigned fraction = (unsigned)(left % TYPE_USECS_PER_SECOND), seconds;

	left /= TYPE_USECS_PER_SECOND;
	seconds = (unsigned)(left % 60);
	left /= 60;
	w->length += (size_t)snprintf(w->text + w->length, sizeof(w->text) - w->length, "%s%s%02llu:%02u:%02u",
	    w->length > 0 ? " " : "",
	    us < 0	    ? "-"
		: w->before ? "+"
			    : "",
	    (unsigned long long)(left / 60), (unsigned)(left % 60), seconds);
	if (fraction == 0)
		return;
	w->length += (size_t)snprintf(w->text + w->length, sizeof(w->text) - w->length, ".%06u", fraction);
	while (w->text[w->length - 1] == '0')
		w->length--;
}

int
type_interval_to_text(const struct type_interval *interval, struct type_value *out, struct report *r)
{
	struct writer w = { .length = 0 };

	put_part(&w, interval->months / MONTHS_OF_YEAR, "year");
	put_part(&w, interval->months % MONTHS_OF_YEAR, "mon");
	put_part(&w, interval->days, "day");
	if (w.length == 0 || interval->us != 0)
		put_clock(&w, interval->us);
	return type_value_copy(out, w.text, w.length, r);
}

/* ---- order ---- */

/* Its length as days of 24 hours and the microseconds beyond them, which are never negative. */
static struct type_interval
span_of(const char *data, size_t length)
{
	struct type_interval interval;
	struct report r = { 0 };

	(void)type_parse_interval(data, length, &interval, &r);
	report_reset(&r);
	interval.days += interval.months * DAYS_OF_MONTH + interval.us / TYPE_USECS_PER_DAY;
	interval.us %= TYPE_USECS_PER_DAY;
	if (interval.us < 0) {
		interval.us += TYPE_USECS_PER_DAY;
		interval.days--;
	}
	return interval;
}

int
type_compare_interval(const char *a, size_t a_length, const char *b, size_t b_length)
{
	struct type_interval left = span_of(a, a_length), right = span_of(b, b_length);

	if (left.days != right.days)
		return left.days < right.days ? -1 : 1;
	return (left.us > right.us) - (left.us < right.us);
}
