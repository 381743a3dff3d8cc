/*
 * to_char of timestamps: PostgreSQL's patterns (src: its manual, "Template Patterns for Date/Time Formatting"). The
 * name of a zone other than UTC is refused.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/functions/span.h"
#include "workers/sqlite/functions/time_pattern.h"

/* A name that is written with a capital, in the case that the pattern has. */
static void
put_name(FILE *out, const struct written *w, const char *name, int length, int width)
{
	int n = 0;

	for (; n < length && name[n] != '\0'; n++)
		fputc(w->mixed	   ? name[n]
			: w->small ? tolower((unsigned char)name[n])
				   : toupper((unsigned char)name[n]),
		    out);
	for (; w->fill && !w->local && n < width; n++)
		fputc(' ', out);
}

static void
put_number(FILE *out, const struct written *w, int64_t value)
{
	int width = w->fill ? w->pattern->digits + (value < 0) : 0;

	fprintf(out, "%0*lld", width, (long long)value);
}

/* The last digits of a year, which has no sign: AD and BC are patterns of their own. */
static void
put_year(FILE *out, const struct written *w, int64_t year)
{
	static const int64_t cuts[] = { 1, 10, 100, 1000 };
	int digits = w->pattern->digits;

	if (year <= 0)
		year = 1 - year;
	put_number(out, w, digits < 4 ? year % cuts[digits] : year);
}

static int64_t
century(int64_t year)
{
	return year > 0 ? (year - 1) / 100 + 1 : year / 100 - 1;
}

static void
put_zone(FILE *out, const struct written *w, const struct moment *m)
{
	int hours = m->offset_s / 3600, minutes = m->offset_s / 60 % 60;
	char sign = m->offset_s < 0 ? '-' : '+';

	hours = hours < 0 ? -hours : hours;
	minutes = minutes < 0 ? -minutes : minutes;
	switch (w->pattern->code) {
	case CODE_ZONE_HOUR:
		fprintf(out, "%c%02d", sign, hours);
		break;
	case CODE_ZONE_MINUTE:
		fprintf(out, "%02d", minutes);
		break;
	case CODE_OFFSET:
		fprintf(out, "%c%0*d", sign, w->fill ? 2 : 0, hours);
		if (minutes != 0)
			fprintf(out, ":%02d", minutes);
		break;
	default:
		put_name(out, w, m->zoned ? "Utc" : "", 3, 0);
	}
}

static void
put_time(FILE *out, const struct written *w, const struct moment *m)
{
	static const int cuts[] = { 1000000, 100000, 10000, 1000, 100, 10, 1 };
	int seconds = (int)(m->time_us / TYPE_USECS_PER_SECOND), hour = seconds / 3600;

	switch (w->pattern->code) {
	case CODE_HOUR_24:
		put_number(out, w, hour);
		break;
	case CODE_HOUR_12:
		put_number(out, w, hour % 12 == 0 ? 12 : hour % 12);
		break;
	case CODE_MINUTE:
		put_number(out, w, seconds / 60 % 60);
		break;
	case CODE_SECOND:
		put_number(out, w, seconds % 60);
		break;
	case CODE_SECOND_OF_DAY:
		put_number(out, w, seconds);
		break;
	case CODE_FRACTION:
		fprintf(out, "%0*d", w->pattern->digits,
		    (int)(m->time_us % TYPE_USECS_PER_SECOND) / cuts[w->pattern->digits]);
		break;
	case CODE_HALF:
		put_name(out, w, hour < 12 ? "Am" : "Pm", 2, 0);
		break;
	case CODE_HALF_DOTS:
		put_name(out, w, hour < 12 ? "A.m." : "P.m.", 4, 0);
		break;
	default:
		put_zone(out, w, m);
	}
}

static void
put_week(FILE *out, const struct written *w, const struct moment *m)
{
	int weekday = moment_day_of_week(m), day_of_year = (int)(m->days - type_days_from_civil(m->year, 1, 1)) + 1;
	int64_t iso_year;
	int iso_week = moment_iso_week(m, &iso_year), iso_day = weekday == 0 ? 7 : weekday;

	switch (w->pattern->code) {
	case CODE_ISO_YEAR:
		put_year(out, w, iso_year);
		break;
	case CODE_DAY_OF_YEAR:
		put_number(out, w, day_of_year);
		break;
	case CODE_ISO_DAY_OF_YEAR:
		put_number(out, w, (iso_week - 1) * 7 + iso_day);
		break;
	case CODE_DAY_OF_WEEK:
		put_number(out, w, weekday + 1);
		break;
	case CODE_ISO_DAY_OF_WEEK:
		put_number(out, w, iso_day);
		break;
	case CODE_DAY_NAME:
		put_name(out, w, time_days[weekday], 9, 9);
		break;
	case CODE_DAY_SHORT:
		put_name(out, w, time_days[weekday], 3, 0);
		break;
	case CODE_WEEK_OF_MONTH:
		put_number(out, w, (m->day - 1) / 7 + 1);
		break;
	case CODE_WEEK_OF_YEAR:
		put_number(out, w, (day_of_year - 1) / 7 + 1);
		break;
	case CODE_ISO_WEEK:
		put_number(out, w, iso_week);
		break;
	default:
		put_time(out, w, m);
	}
}

static void
put_pattern(FILE *out, const struct written *w, const struct moment *m)
{
	switch (w->pattern->code) {
	case CODE_ERA:
		put_name(out, w, m->year > 0 ? "Ad" : "Bc", 2, 0);
		break;
	case CODE_ERA_DOTS:
		put_name(out, w, m->year > 0 ? "A.d." : "B.c.", 4, 0);
		break;
	case CODE_YEAR:
		put_year(out, w, m->year);
		break;
	case CODE_YEAR_COMMA:
		fprintf(out, "%lld,%03lld", (long long)(m->year > 0 ? m->year : 1 - m->year) / 1000,
		    (long long)(m->year > 0 ? m->year : 1 - m->year) % 1000);
		break;
	case CODE_CENTURY:
		put_number(out, w, century(m->year));
		break;
	case CODE_MONTH:
		put_number(out, w, m->month);
		break;
	case CODE_MONTH_NAME:
		put_name(out, w, time_months[m->month - 1], 9, 9);
		break;
	case CODE_MONTH_SHORT:
		put_name(out, w, time_months[m->month - 1], 3, 0);
		break;
	case CODE_MONTH_ROMAN:
		put_name(out, w, time_roman_months[m->month - 1], 4, 4);
		break;
	case CODE_DAY:
		put_number(out, w, m->day);
		break;
	case CODE_QUARTER:
		put_number(out, w, (m->month - 1) / 3 + 1);
		break;
	case CODE_JULIAN:
		put_number(out, w, m->days + 2451545); /* of 2000-01-01 */
		break;
	default:
		put_week(out, w, m);
	}
}

/* What stands in double quotes is itself. */
static const char *
put_verbatim(FILE *out, const char *format)
{
	for (format++; *format != '\0' && *format != '"'; format++) {
		if (*format == '\\' && format[1] != '\0')
			format++;
		fputc(*format, out);
	}
	return format + (*format == '"');
}

/* What is written, to be looked at again; and what writes a pattern. */
struct sink {
	FILE *out;
	char *text;
	size_t length;
	const struct type_interval *span; /* NULL: it is a moment's */
	bool invalid;			  /* a pattern that no interval has */
};

/* Signs go through all fields, and hours may be more than a day's. */
struct span_fields {
	int64_t years, months, days, hours, minutes, seconds, us;
};

static void
put_roman_months(FILE *out, const struct written *w, const struct span_fields *f)
{
	int64_t month = f->months > 0 ? f->months - 1 : f->months < 0 ? 12 + f->months : f->years >= 0 ? 11 : 0;

	if (f->months != 0 || f->years != 0)
		put_name(out, w, time_roman_months[month], 4, 4);
}

/* The fields that are counted in seconds. False: there is no such pattern among them. */
static bool
put_span_time(FILE *out, const struct written *w, const struct span_fields *f)
{
	static const int cuts[] = { 1000000, 100000, 10000, 1000, 100, 10, 1 };
	bool afternoon = f->hours % 24 >= 12;

	switch (w->pattern->code) {
	case CODE_HOUR_24:
		put_number(out, w, f->hours);
		return true;
	case CODE_HOUR_12:
		fprintf(out, "%0*lld", w->fill ? 2 + (f->hours < 0) : 0,
		    (long long)(f->hours % 12 == 0 ? 12 : f->hours % 12));
		return true;
	case CODE_MINUTE:
		put_number(out, w, f->minutes);
		return true;
	case CODE_SECOND:
		put_number(out, w, f->seconds);
		return true;
	case CODE_SECOND_OF_DAY:
		fprintf(out, "%" PRId64, (f->hours * 60 + f->minutes) * 60 + f->seconds);
		return true;
	case CODE_FRACTION:
		fprintf(out, "%0*lld", w->pattern->digits, (long long)(f->us / cuts[w->pattern->digits]));
		return true;
	case CODE_HALF:
		put_name(out, w, afternoon ? "Pm" : "Am", 2, 0);
		return true;
	case CODE_HALF_DOTS:
		put_name(out, w, afternoon ? "P.m." : "A.m.", 4, 0);
		return true;
	default:
		return false;
	}
}

static bool
put_span_pattern(FILE *out, const struct written *w, const struct type_interval *span)
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
		put_number(out, w, w->pattern->digits < 4 ? f.years % places[w->pattern->digits] : f.years);
		return true;
	case CODE_MONTH:
		put_number(out, w, f.months);
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

/* "1st" of the number that was written from `start` on. */
static void
put_ordinal(struct sink *sink, size_t start, bool small)
{
	static const char *const endings[] = { "TH", "ST", "ND", "RD" };
	const char *ending;
	int last;

	if (fflush(sink->out) != 0 || sink->length == start)
		return;
	last = sink->text[sink->length - 1] - '0';
	if (last > 3 || last < 0 || (sink->length - start > 1 && sink->text[sink->length - 2] == '1'))
		last = 0;
	ending = endings[last];
	fprintf(sink->out, "%c%c", small ? tolower((unsigned char)ending[0]) : ending[0],
	    small ? tolower((unsigned char)ending[1]) : ending[1]);
}

/* One pattern with what is added to it; returns what follows. */
static const char *
put_with_suffix(struct sink *sink, const char *behind, const struct written *w, const struct moment *m)
{
	size_t start;

	(void)fflush(sink->out);
	start = sink->length;
	if (sink->span == NULL)
		put_pattern(sink->out, w, m);
	else
		sink->invalid |= !put_span_pattern(sink->out, w, sink->span);
	if (time_pattern_is_modifier(behind, "TH")) {
		if (time_pattern_is_number(w->pattern->code))
			put_ordinal(sink, start, *behind == 't');
		return behind + 2;
	}
	return behind + (time_pattern_is_modifier(behind, "SP") ? 2 : 0);
}

static const char *
take_prefix(const char *format, struct written *w)
{
	w->fill = !time_pattern_is_modifier(format, "FM");
	w->local = time_pattern_is_modifier(format, "TM");
	return format + (!w->fill || w->local ? 2 : 0);
}

/* Returns the pattern that is refused, or NULL. */
static const char *
put_formatted(struct sink *sink, const char *format, const struct moment *m, bool utc)
{
	struct written w = { .utc = utc };

	while (*format != '\0') {
		format = take_prefix(format, &w);
		if (time_pattern_is_modifier(format, "FX")) {
			format += 2;
			format +=
			    time_pattern_is_modifier(format, "TH") || time_pattern_is_modifier(format, "SP") ? 2 : 0;
			continue;
		}
		if (time_pattern_find(format, &w)) {
			if (sink->span == NULL && w.pattern->code == CODE_ZONE && m->zoned && !w.utc)
				return w.pattern->name;
			w.local &= w.pattern->code != CODE_MONTH_ROMAN;
			format = put_with_suffix(sink, format + strlen(w.pattern->name), &w, m);
		} else if (*format == '"')
			format = put_verbatim(sink->out, format);
		else if (*format != '\0') {
			format += *format == '\\' && format[1] == '"';
			fputc(*format++, sink->out);
		}
	}
	return NULL;
}

static bool
is_infinite(const char *text)
{
	return strcmp(text, "infinity") == 0 || strcmp(text, "-infinity") == 0;
}

void
time_to_char(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *format = function_text(argv[1], &length), *zone = function_session(c)->types.timezone, *refused;
	struct sink sink = { .out = NULL };
	struct moment m;

	(void)argc;
	/* What has no fields, or no format, is NULL. */
	if (length == 0 || is_infinite(function_text(argv[0], &length)) || !moment_read(c, argv[0], &m))
		return;
	if ((sink.out = open_memstream(&sink.text, &sink.length)) == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	refused =
	    put_formatted(&sink, format, &m, zone == NULL || strcmp(zone, "UTC") == 0 || strcmp(zone, "Etc/UTC") == 0);
	function_result_stream(c, sink.out, &sink.text, &sink.length);
	if (refused != NULL)
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "the pattern %s of to_char is not supported on SQLite in a time zone other than UTC", refused);
}

void
span_to_char(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *format = function_text(argv[1], &length);
	struct type_interval span;
	struct sink sink = { .span = &span };
	const struct moment none = { 0 };

	(void)argc;
	if (length == 0 || !span_take(c, argv[0], &span))
		return;
	if ((sink.out = open_memstream(&sink.text, &sink.length)) == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	(void)put_formatted(&sink, format, &none, true);
	function_result_stream(c, sink.out, &sink.text, &sink.length);
	if (sink.invalid)
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "a pattern of to_char that is no field of an interval is not supported on SQLite");
}

/* Of an interval what is over of whole days. */
void
span_time(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct type_interval span;

	(void)argc;
	if (span_take(c, argv[0], &span))
		moment_result(c, TYPE_TIME, span.us - moment_floor(span.us, TYPE_USECS_PER_DAY) * TYPE_USECS_PER_DAY);
}
