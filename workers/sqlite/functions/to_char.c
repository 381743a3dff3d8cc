/*
 * to_char of timestamps: PostgreSQL's patterns (src: its manual, "Template Patterns for Date/Time Formatting"). What is
 * not done here is refused, not left as it is written.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/functions/moment.h"

static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July", "August",
	"September", "October", "November", "December" };
static const char *const days[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" };
static const char *const roman_months[] = { "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII" };

enum code {
	CODE_HOUR_24,
	CODE_HOUR_12,
	CODE_MINUTE,
	CODE_SECOND,
	CODE_SECOND_OF_DAY,
	CODE_FRACTION,
	CODE_HALF,
	CODE_HALF_DOTS,
	CODE_ERA,
	CODE_ERA_DOTS,
	CODE_YEAR,
	CODE_YEAR_COMMA,
	CODE_ISO_YEAR,
	CODE_CENTURY,
	CODE_MONTH,
	CODE_MONTH_NAME,
	CODE_MONTH_SHORT,
	CODE_MONTH_ROMAN,
	CODE_DAY,
	CODE_DAY_OF_YEAR,
	CODE_ISO_DAY_OF_YEAR,
	CODE_DAY_OF_WEEK,
	CODE_ISO_DAY_OF_WEEK,
	CODE_DAY_NAME,
	CODE_DAY_SHORT,
	CODE_WEEK_OF_MONTH,
	CODE_WEEK_OF_YEAR,
	CODE_ISO_WEEK,
	CODE_QUARTER,
	CODE_JULIAN,
	CODE_ZONE,
	CODE_ZONE_HOUR,
	CODE_ZONE_MINUTE,
	CODE_OFFSET,
	CODE_REFUSED,
};

/* Names as they are in capitals, the longest first; all small is the same name. `mixed`: "Month" is one too. */
static const struct pattern {
	const char *name;
	enum code code;
	int digits; /* of numbers that are cut or filled up */
	bool mixed;
} patterns[] = {
	{ "SSSSS", CODE_SECOND_OF_DAY, 0, false },
	{ "Y,YYY", CODE_YEAR_COMMA, 0, false },
	{ "MONTH", CODE_MONTH_NAME, 0, true },
	{ "HH24", CODE_HOUR_24, 2, false },
	{ "HH12", CODE_HOUR_12, 2, false },
	{ "SSSS", CODE_SECOND_OF_DAY, 0, false },
	{ "A.M.", CODE_HALF_DOTS, 0, false },
	{ "P.M.", CODE_HALF_DOTS, 0, false },
	{ "A.D.", CODE_ERA_DOTS, 0, false },
	{ "B.C.", CODE_ERA_DOTS, 0, false },
	{ "YYYY", CODE_YEAR, 4, false },
	{ "IYYY", CODE_ISO_YEAR, 4, false },
	{ "IDDD", CODE_ISO_DAY_OF_YEAR, 3, false },
	{ "MON", CODE_MONTH_SHORT, 0, true },
	{ "DAY", CODE_DAY_NAME, 0, true },
	{ "DDD", CODE_DAY_OF_YEAR, 3, false },
	{ "YYY", CODE_YEAR, 3, false },
	{ "IYY", CODE_ISO_YEAR, 3, false },
	{ "TZH", CODE_ZONE_HOUR, 0, false },
	{ "TZM", CODE_ZONE_MINUTE, 0, false },
	{ "FF1", CODE_FRACTION, 1, false },
	{ "FF2", CODE_FRACTION, 2, false },
	{ "FF3", CODE_FRACTION, 3, false },
	{ "FF4", CODE_FRACTION, 4, false },
	{ "FF5", CODE_FRACTION, 5, false },
	{ "FF6", CODE_FRACTION, 6, false },
	{ "MS", CODE_FRACTION, 3, false },
	{ "US", CODE_FRACTION, 6, false },
	{ "DY", CODE_DAY_SHORT, 0, true },
	{ "HH", CODE_HOUR_12, 2, false },
	{ "MI", CODE_MINUTE, 2, false },
	{ "SS", CODE_SECOND, 2, false },
	{ "MM", CODE_MONTH, 2, false },
	{ "DD", CODE_DAY, 2, false },
	{ "YY", CODE_YEAR, 2, false },
	{ "IY", CODE_ISO_YEAR, 2, false },
	{ "ID", CODE_ISO_DAY_OF_WEEK, 0, false },
	{ "IW", CODE_ISO_WEEK, 2, false },
	{ "WW", CODE_WEEK_OF_YEAR, 2, false },
	{ "CC", CODE_CENTURY, 2, false },
	{ "RM", CODE_MONTH_ROMAN, 0, false },
	{ "AM", CODE_HALF, 0, false },
	{ "PM", CODE_HALF, 0, false },
	{ "AD", CODE_ERA, 0, false },
	{ "BC", CODE_ERA, 0, false },
	{ "TZ", CODE_ZONE, 0, false },
	{ "OF", CODE_OFFSET, 0, false },
	{ "TM", CODE_REFUSED, 0, false },
	{ "FX", CODE_REFUSED, 0, false },
	{ "W", CODE_WEEK_OF_MONTH, 0, false },
	{ "D", CODE_DAY_OF_WEEK, 0, false },
	{ "Q", CODE_QUARTER, 0, false },
	{ "J", CODE_JULIAN, 0, false },
	{ "Y", CODE_YEAR, 1, false },
	{ "I", CODE_ISO_YEAR, 1, false },
};

/* One pattern of a format: how it is written says how names are. */
struct written {
	const struct pattern *pattern;
	bool small, mixed; /* neither: in capitals */
	bool fill;	   /* FM is not before it */
	bool utc;	   /* the session's zone, the only one whose name is known here */
};

static bool
matches(const char *format, const struct pattern *p, struct written *w)
{
	size_t n = strlen(p->name);
	bool capitals = true, small = true, mixed = p->mixed;

	for (size_t i = 0; i < n; i++) {
		char lower = (char)tolower((unsigned char)p->name[i]);

		capitals &= format[i] == p->name[i];
		small &= format[i] == lower;
		mixed &= format[i] == (i == 0 ? p->name[i] : lower);
		if (!capitals && !small && !mixed)
			return false;
	}
	w->pattern = p;
	w->small = small && !capitals;
	w->mixed = mixed && !capitals && !small;
	return true;
}

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
	for (; w->fill && n < width; n++)
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
		put_name(out, w, days[weekday], 9, 9);
		break;
	case CODE_DAY_SHORT:
		put_name(out, w, days[weekday], 3, 0);
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
		put_name(out, w, months[m->month - 1], 9, 9);
		break;
	case CODE_MONTH_SHORT:
		put_name(out, w, months[m->month - 1], 3, 0);
		break;
	case CODE_MONTH_ROMAN:
		put_name(out, w, roman_months[m->month - 1], 4, 4);
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

static bool
is_refused(const struct written *w, const char *behind, const struct moment *m)
{
	if (w->pattern->code == CODE_REFUSED || strncmp(behind, "TH", 2) == 0 || strncmp(behind, "th", 2) == 0 ||
	    strncmp(behind, "SP", 2) == 0)
		return true;
	return w->pattern->code == CODE_ZONE && m->zoned && !w->utc;
}

/* Returns the pattern that is refused, or NULL. */
static const char *
put_formatted(FILE *out, const char *format, const struct moment *m, bool utc)
{
	struct written w = { .fill = true, .utc = utc };

	while (*format != '\0') {
		size_t i = 0, n = sizeof(patterns) / sizeof(patterns[0]);

		if (*format == '"') {
			format = put_verbatim(out, format);
			continue;
		}
		if (strncmp(format, "FM", 2) == 0 || strncmp(format, "fm", 2) == 0) {
			w.fill = false;
			format += 2;
			continue;
		}
		while (i < n && !matches(format, &patterns[i], &w))
			i++;
		if (i == n) {
			format += *format == '\\' && format[1] == '"';
			fputc(*format++, out);
			w.fill = true;
			continue;
		}
		format += strlen(patterns[i].name);
		if (is_refused(&w, format, m))
			return patterns[i].name;
		put_pattern(out, &w, m);
		w.fill = true;
	}
	return NULL;
}

void
time_to_char(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *format = function_text(argv[1], &length), *zone = function_session(c)->types.timezone, *refused;
	char *text = NULL;
	struct moment m;
	FILE *out;

	(void)argc;
	if (length == 0)
		return;
	if (!moment_read(c, argv[0], &m))
		return;
	if ((out = open_memstream(&text, &length)) == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	refused =
	    put_formatted(out, format, &m, zone == NULL || strcmp(zone, "UTC") == 0 || strcmp(zone, "Etc/UTC") == 0);
	function_result_stream(c, out, &text, &length);
	if (refused != NULL)
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "the pattern %s of to_char, or what is added to it, is not supported on SQLite", refused);
}
