/*
 * to_char of intervals: what each pattern shows of one.
 */
#include <inttypes.h>
#include <stdio.h>

#include "workers/sqlite/functions/time_pattern.h"

/* Signs go through all fields, and hours may be more than a day's. */
struct span_fields {
	int64_t years, months, days, hours, minutes, seconds, us;
};

static void
put_roman_months(FILE *out, const struct written *w, const struct span_fields *f)
{
	int64_t month = f->months > 0 ? f->months - 1 : f->months < 0 ? 12 + f->months : f->years >= 0 ? 11 : 0;

	if (f->months != 0 || f->years != 0)
		time_put_name(out, w, time_roman_months[month], 4, 4);
}

/* The fields that are counted in seconds. False: there is no such pattern among them. */
static bool
put_span_time(FILE *out, const struct written *w, const struct span_fields *f)
{
	static const int cuts[] = { 1000000, 100000, 10000, 1000, 100, 10, 1 };
	bool afternoon = f->hours % 24 >= 12;

	switch (w->pattern->code) {
	case CODE_HOUR_24:
		time_put_number(out, w, f->hours);
		return true;
	case CODE_HOUR_12:
		fprintf(out, "%0*lld", w->fill ? 2 + (f->hours < 0) : 0,
		    (long long)(f->hours % 12 == 0 ? 12 : f->hours % 12));
		return true;
	case CODE_MINUTE:
		time_put_number(out, w, f->minutes);
		return true;
	case CODE_SECOND:
		time_put_number(out, w, f->seconds);
		return true;
	case CODE_SECOND_OF_DAY:
		fprintf(out, "%" PRId64, (f->hours * 60 + f->minutes) * 60 + f->seconds);
		return true;
	case CODE_FRACTION:
		fprintf(out, "%0*lld", w->pattern->digits, (long long)(f->us / cuts[w->pattern->digits]));
		return true;
	case CODE_HALF:
		time_put_name(out, w, afternoon ? "Pm" : "Am", 2, 0);
		return true;
	case CODE_HALF_DOTS:
		time_put_name(out, w, afternoon ? "P.m." : "A.m.", 4, 0);
		return true;
	default:
		return false;
	}
}

bool
time_put_span(FILE *out, const struct written *w, const struct type_interval *span)
{
	static const int64_t places[] = { 1, 10, 100, 1000, INT64_MAX };
	int64_t seconds = span->us / TYPE_USECS_PER_SECOND;
	const struct span_fields f = { .years = span->months / 12,
		.months = span->months % 12,
		.days = span->days,
		.hours = seconds / 3600,
		.minutes = seconds / 60 % 60,
		.seconds = seconds % 60,
		.us = span->us % TYPE_USECS_PER_SECOND };

	switch (w->pattern->code) {
	case CODE_YEAR:
		time_put_number(out, w, w->pattern->digits < 4 ? f.years % places[w->pattern->digits] : f.years);
		return true;
	case CODE_MONTH:
		time_put_number(out, w, f.months);
		return true;
	case CODE_DAY: /* days have no place for a sign */
		fprintf(out, "%0*lld", w->fill ? 2 : 0, (long long)f.days);
		return true;
	case CODE_DAY_OF_YEAR:
		fprintf(out, "%0*" PRId64, w->fill ? 3 : 0, (f.years * 12 + f.months) * 30 + f.days);
		return true;
	case CODE_MONTH_ROMAN:
		put_roman_months(out, w, &f);
		return true;
	default:
		return put_span_time(out, w, &f);
	}
}
