/*
 * Intervals: months, days and microseconds, which are not made into each other. Kept as the text that PostgreSQL shows
 * (IntervalStyle postgres), which is one and the same for the same three numbers. Compared as if a month had 30 days
 * and a day 24 hours.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"

#define DAYS_OF_MONTH 30
#define MONTHS_OF_YEAR 12
#define INTERVAL_TEXT 128

/* ---- reading what is stored ---- */

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

/* The stored form; false: it is another. */
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

int
type_parse_interval(const char *data, size_t length, struct type_interval *out, struct report *r)
{
	const struct type_interval_reading plain = { .fields = INTERVAL_ALL_FIELDS };
	char text[INTERVAL_TEXT];

	if (length > 0 && length < sizeof(text)) {
		memcpy(text, data, length);
		text[length] = '\0';
		if (read_stored(text, out))
			return 0;
	}
	return type_read_interval(&plain, data, length, out, r);
}

/* ---- fields and precision ---- */

static int64_t
cut(int64_t us, int64_t unit)
{
	return us / unit * unit;
}

void
type_interval_typmod(int32_t typmod, struct type_interval *interval)
{
	int fields = INTERVAL_FIELDS(typmod), digits = INTERVAL_DIGITS(typmod);
	int64_t unit = 1;

	if (fields != INTERVAL_ALL_FIELDS) {
		if (fields == INTERVAL_YEAR)
			interval->months = interval->months / MONTHS_OF_YEAR * MONTHS_OF_YEAR;
		if ((fields & ~(INTERVAL_YEAR | INTERVAL_MONTH)) == 0)
			interval->days = 0;
		if ((fields & (INTERVAL_HOUR | INTERVAL_MINUTE | INTERVAL_SECOND)) == 0)
			interval->us = 0;
		else if ((fields & (INTERVAL_MINUTE | INTERVAL_SECOND)) == 0)
			interval->us = cut(interval->us, TYPE_USECS_PER_HOUR);
		else if ((fields & INTERVAL_SECOND) == 0)
			interval->us = cut(interval->us, TYPE_USECS_PER_MINUTE);
	}
	for (int i = digits; i < 6; i++)
		unit *= 10;
	if (digits <= 6 && unit > 1 && interval->us < INT64_MAX - unit && interval->us > INT64_MIN + unit)
		interval->us = cut(interval->us + (interval->us < 0 ? -unit / 2 : unit / 2), unit);
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
