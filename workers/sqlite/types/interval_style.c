/*
 * Intervals as IntervalStyle wants them shown: postgres_verbose, iso_8601 and sql_standard. What is stored is in the
 * style postgres.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"

struct parts {
	int64_t years, months, days, hours, minutes, seconds, us;
};

static struct parts
take_apart(const struct type_interval *interval)
{
	struct parts parts = { .years = interval->months / 12,
		.months = interval->months % 12,
		.days = interval->days };
	int64_t us = interval->us;

	parts.hours = us / TYPE_USECS_PER_HOUR;
	us -= parts.hours * TYPE_USECS_PER_HOUR;
	parts.minutes = us / TYPE_USECS_PER_MINUTE;
	us -= parts.minutes * TYPE_USECS_PER_MINUTE;
	parts.seconds = us / TYPE_USECS_PER_SECOND;
	parts.us = us % TYPE_USECS_PER_SECOND;
	return parts;
}

/* Seconds without a sign, and their fraction without the zeros at its end. */
static void
put_seconds(struct pgwire_buffer *out, const struct parts *parts)
{
	char text[48];
	int n =
	    snprintf(text, sizeof(text), "%lld.%06lld", llabs((long long)parts->seconds), llabs((long long)parts->us));

	while (text[n - 1] == '0')
		n--;
	pgwire_put_bytes(out, text, (size_t)(text[n - 1] == '.' ? n - 1 : n));
}

static void
put_text(struct pgwire_buffer *out, const char *text)
{
	pgwire_put_bytes(out, text, strlen(text));
}

static void
put_designated(struct pgwire_buffer *out, int64_t value, char designator)
{
	char text[32];

	if (value != 0)
		pgwire_put_bytes(out, text,
		    (size_t)snprintf(text, sizeof(text), "%lld%c", (long long)value, designator));
}

static void
put_iso_8601(struct pgwire_buffer *out, const struct parts *p)
{
	bool has_seconds = p->seconds != 0 || p->us != 0;

	put_text(out, "P");
	put_designated(out, p->years, 'Y');
	put_designated(out, p->months, 'M');
	put_designated(out, p->days, 'D');
	if (p->hours != 0 || p->minutes != 0 || has_seconds)
		put_text(out, "T");
	put_designated(out, p->hours, 'H');
	put_designated(out, p->minutes, 'M');
	if (!has_seconds)
		return;
	put_text(out, p->seconds < 0 || p->us < 0 ? "-" : "");
	put_seconds(out, p);
	put_text(out, "S");
}

/* "ago" turns the signs of all when the first one is negative. */
struct verbose {
	struct pgwire_buffer *out;
	bool any, ago;
};

static void
put_unit(struct verbose *v, int64_t value, const char *unit)
{
	char text[64];

	if (value == 0)
		return;
	if (!v->any) {
		v->ago = value < 0;
		value = llabs(value);
	} else if (v->ago)
		value = -value;
	v->any = true;
	pgwire_put_bytes(v->out, text,
	    (size_t)snprintf(text, sizeof(text), " %lld %s%s", (long long)value, unit, value == 1 ? "" : "s"));
}

static void
put_verbose_seconds(struct verbose *v, const struct parts *p)
{
	bool negative = p->seconds < 0 || (p->seconds == 0 && p->us < 0);

	if (p->seconds == 0 && p->us == 0)
		return;
	if (!v->any)
		v->ago = negative;
	put_text(v->out, v->any && negative != v->ago ? " -" : " ");
	v->any = true;
	put_seconds(v->out, p);
	put_text(v->out, llabs(p->seconds) != 1 || p->us != 0 ? " secs" : " sec");
}

static void
put_verbose(struct pgwire_buffer *out, const struct parts *p)
{
	struct verbose v = { .out = out };

	put_text(out, "@");
	put_unit(&v, p->years, "year");
	put_unit(&v, p->months, "mon");
	put_unit(&v, p->days, "day");
	put_unit(&v, p->hours, "hour");
	put_unit(&v, p->minutes, "min");
	put_verbose_seconds(&v, p);
	put_text(out, v.any ? "" : " 0");
	put_text(out, v.ago ? " ago" : "");
}

/* ---- sql_standard ---- */

enum { SOME_NEGATIVE = 1, SOME_POSITIVE = 2 };

static int
sign_of(int64_t value)
{
	return value < 0 ? SOME_NEGATIVE : value > 0 ? SOME_POSITIVE : 0;
}

static void put_format(struct pgwire_buffer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
put_format(struct pgwire_buffer *out, const char *format, ...)
{
	char text[96];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	pgwire_put_bytes(out, text, (size_t)n);
}

static void
put_hours(struct pgwire_buffer *out, const struct parts *p)
{
	put_format(out, "%lld:%02lld:%s", llabs((long long)p->hours), llabs((long long)p->minutes),
	    llabs((long long)p->seconds) < 10 ? "0" : "");
	put_seconds(out, p);
}

/* The standard has either years and months or days and a time, under one sign; all else is written with every sign. */
static void
put_sql_standard(struct pgwire_buffer *out, const struct type_interval *interval, const struct parts *p)
{
	int signs = sign_of(interval->months) | sign_of(interval->days) | sign_of(interval->us);
	bool of_days = interval->days != 0 || interval->us != 0;

	if (signs == 0) {
		put_text(out, "0");
	} else if (signs == (SOME_NEGATIVE | SOME_POSITIVE) || (interval->months != 0 && of_days)) {
		put_format(out, "%c%lld-%lld %c%lld %c", interval->months < 0 ? '-' : '+', llabs((long long)p->years),
		    llabs((long long)p->months), interval->days < 0 ? '-' : '+', llabs((long long)p->days),
		    interval->us < 0 ? '-' : '+');
		put_hours(out, p);
	} else {
		put_text(out, signs == SOME_NEGATIVE ? "-" : "");
		if (interval->months != 0)
			put_format(out, "%lld-%lld", llabs((long long)p->years), llabs((long long)p->months));
		if (interval->days != 0)
			put_format(out, "%lld ", llabs((long long)p->days));
		if (of_days)
			put_hours(out, p);
	}
}

void
type_put_interval(struct pgwire_buffer *out, const struct type_interval *interval, enum type_interval_style style)
{
	struct parts parts = take_apart(interval);
	bool zero = interval->months == 0 && interval->days == 0 && interval->us == 0;

	if (style == TYPE_INTERVAL_SQL_STANDARD)
		put_sql_standard(out, interval, &parts);
	else if (style == TYPE_INTERVAL_VERBOSE)
		put_verbose(out, &parts);
	else if (zero)
		put_text(out, "PT0S");
	else
		put_iso_8601(out, &parts);
}
