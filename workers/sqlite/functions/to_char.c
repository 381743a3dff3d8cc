/*
 * to_char of timestamps: PostgreSQL's patterns (src: its manual, "Template Patterns for Date/Time Formatting"). The
 * name of a zone other than UTC is refused.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/functions/span.h"
#include "workers/sqlite/functions/time_pattern.h"

void
time_put_name(FILE *out, const struct written *w, const char *name, int length, int width)
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

void
time_put_number(FILE *out, const struct written *w, int64_t value)
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
	time_put_number(out, w, digits < 4 ? year % cuts[digits] : year);
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
		time_put_name(out, w, m->zoned ? "Utc" : "", 3, 0);
	}
}

static void
put_time(FILE *out, const struct written *w, const struct moment *m)
{
	static const int cuts[] = { 1000000, 100000, 10000, 1000, 100, 10, 1 };
	int seconds = (int)(m->time_us / TYPE_USECS_PER_SECOND), hour = seconds / 3600;

	switch (w->pattern->code) {
	case CODE_HOUR_24:
		time_put_number(out, w, hour);
		break;
	case CODE_HOUR_12:
		time_put_number(out, w, hour % 12 == 0 ? 12 : hour % 12);
		break;
	case CODE_MINUTE:
		time_put_number(out, w, seconds / 60 % 60);
		break;
	case CODE_SECOND:
		time_put_number(out, w, seconds % 60);
		break;
	case CODE_SECOND_OF_DAY:
		time_put_number(out, w, seconds);
		break;
	case CODE_FRACTION:
		fprintf(out, "%0*d", w->pattern->digits,
		    (int)(m->time_us % TYPE_USECS_PER_SECOND) / cuts[w->pattern->digits]);
		break;
	case CODE_HALF:
		time_put_name(out, w, hour < 12 ? "Am" : "Pm", 2, 0);
		break;
	case CODE_HALF_DOTS:
		time_put_name(out, w, hour < 12 ? "A.m." : "P.m.", 4, 0);
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
		time_put_number(out, w, day_of_year);
		break;
	case CODE_ISO_DAY_OF_YEAR:
		time_put_number(out, w, (iso_week - 1) * 7 + iso_day);
		break;
	case CODE_DAY_OF_WEEK:
		time_put_number(out, w, weekday + 1);
		break;
	case CODE_ISO_DAY_OF_WEEK:
		time_put_number(out, w, iso_day);
		break;
	case CODE_DAY_NAME:
		time_put_name(out, w, time_days[weekday], 9, 9);
		break;
	case CODE_DAY_SHORT:
		time_put_name(out, w, time_days[weekday], 3, 0);
		break;
	case CODE_WEEK_OF_MONTH:
		time_put_number(out, w, (m->day - 1) / 7 + 1);
		break;
	case CODE_WEEK_OF_YEAR:
		time_put_number(out, w, (day_of_year - 1) / 7 + 1);
		break;
	case CODE_ISO_WEEK:
		time_put_number(out, w, iso_week);
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
		time_put_name(out, w, m->year > 0 ? "Ad" : "Bc", 2, 0);
		break;
	case CODE_ERA_DOTS:
		time_put_name(out, w, m->year > 0 ? "A.d." : "B.c.", 4, 0);
		break;
	case CODE_YEAR:
		put_year(out, w, m->year);
		break;
	case CODE_YEAR_COMMA:
		fprintf(out, "%lld,%03lld", (long long)(m->year > 0 ? m->year : 1 - m->year) / 1000,
		    (long long)(m->year > 0 ? m->year : 1 - m->year) % 1000);
		break;
	case CODE_CENTURY:
		time_put_number(out, w, century(m->year));
		break;
	case CODE_MONTH:
		time_put_number(out, w, m->month);
		break;
	case CODE_MONTH_NAME:
		time_put_name(out, w, time_months[m->month - 1], 9, 9);
		break;
	case CODE_MONTH_SHORT:
		time_put_name(out, w, time_months[m->month - 1], 3, 0);
		break;
	case CODE_MONTH_ROMAN:
		time_put_name(out, w, time_roman_months[m->month - 1], 4, 4);
		break;
	case CODE_DAY:
		time_put_number(out, w, m->day);
		break;
	case CODE_QUARTER:
		time_put_number(out, w, (m->month - 1) / 3 + 1);
		break;
	case CODE_JULIAN:
		time_put_number(out, w, m->days + 2451545); /* of 2000-01-01 */
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
		sink->invalid |= !time_put_span(sink->out, w, sink->span);
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
