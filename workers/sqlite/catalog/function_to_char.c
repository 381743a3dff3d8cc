/*
 * to_char of timestamps: the patterns that people use.
 */
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/catalog/moment.h"

static const char *const months[] = {"January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December"};
static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

/* The longest first. */
static const struct pattern {
	const char *name;
	char code;
} patterns[] = {
    {"HH24", 'H'}, {"HH12", 'I'}, {"YYYY", 'Y'}, {"Month", 'B'}, {"MONTH", 'N'}, {"Mon", 'b'}, {"Day", 'A'},
    {"DDD", 'j'}, {"Dy", 'a'}, {"HH", 'I'}, {"MI", 'M'}, {"SS", 'S'}, {"MS", 's'}, {"US", 'u'}, {"MM", 'm'},
    {"DD", 'd'}, {"YY", 'y'}, {"AM", 'p'}, {"PM", 'p'}, {"Q", 'Q'}, {"D", 'w'}, {"TZ", 'z'},
};

static void
put_upper(FILE *out, const char *text)
{
	int n = 0;

	for (; *text != '\0'; text++, n++)
		fputc(*text >= 'a' && *text <= 'z' ? *text - 32 : *text, out);
	for (; n < 9; n++)
		fputc(' ', out);
}

static void
put_time(FILE *out, char code, const struct moment *m)
{
	int hour = (int)(m->time_us / (3600 * TYPE_USECS_PER_SECOND)), part = (int)(m->time_us % TYPE_USECS_PER_SECOND);
	int seconds = (int)(m->time_us / TYPE_USECS_PER_SECOND);

	switch (code) {
	case 'H':
		fprintf(out, "%02d", hour);
		break;
	case 'I':
		fprintf(out, "%02d", hour % 12 == 0 ? 12 : hour % 12);
		break;
	case 'M':
		fprintf(out, "%02d", seconds / 60 % 60);
		break;
	case 'S':
		fprintf(out, "%02d", seconds % 60);
		break;
	case 's':
		fprintf(out, "%03d", part / 1000);
		break;
	case 'u':
		fprintf(out, "%06d", part);
		break;
	case 'p':
		fputs(hour < 12 ? "AM" : "PM", out);
		break;
	default:
		fputs(m->zoned && m->offset_s == 0 ? "UTC" : "", out);
	}
}

static void
put_date(FILE *out, char code, const struct moment *m)
{
	switch (code) {
	case 'Y':
		fprintf(out, "%04lld", (long long)m->year);
		break;
	case 'y':
		fprintf(out, "%02d", (int)(m->year % 100));
		break;
	case 'B':
		fprintf(out, "%-9s", months[m->month - 1]);
		break;
	case 'N':
		put_upper(out, months[m->month - 1]);
		break;
	case 'b':
		fprintf(out, "%.3s", months[m->month - 1]);
		break;
	case 'A':
		fprintf(out, "%-9s", days[moment_day_of_week(m)]);
		break;
	case 'a':
		fprintf(out, "%.3s", days[moment_day_of_week(m)]);
		break;
	case 'j':
		fprintf(out, "%03d", (int)(m->days - type_days_from_civil(m->year, 1, 1)) + 1);
		break;
	case 'm':
		fprintf(out, "%02d", m->month);
		break;
	case 'd':
		fprintf(out, "%02d", m->day);
		break;
	case 'Q':
		fprintf(out, "%d", (m->month - 1) / 3 + 1);
		break;
	case 'w':
		fprintf(out, "%d", moment_day_of_week(m) + 1);
		break;
	default:
		put_time(out, code, m);
	}
}

static void
put_formatted(FILE *out, const char *format, const struct moment *m)
{
	while (*format != '\0') {
		size_t i = 0, n = sizeof(patterns) / sizeof(patterns[0]);

		if (*format == '"') {
			const char *end = strchr(++format, '"');
			size_t length = end == NULL ? strlen(format) : (size_t)(end - format);

			fwrite(format, 1, length, out);
			format += length + (end != NULL);
			continue;
		}
		while (i < n && strncmp(format, patterns[i].name, strlen(patterns[i].name)) != 0)
			i++;
		if (i < n) {
			put_date(out, patterns[i].code, m);
			format += strlen(patterns[i].name);
		} else {
			fputc(*format++, out);
		}
	}
}

void
time_to_char(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *format = function_text(argv[1], &length);
	char *text = NULL;
	struct moment m;
	FILE *out;

	(void)argc;
	if (sqlite3_value_type(argv[0]) != SQLITE_TEXT) {
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED, "to_char of a number is not supported on SQLite");
		return;
	}
	if (!moment_read(c, argv[0], &m))
		return;
	if ((out = open_memstream(&text, &length)) == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	put_formatted(out, format, &m);
	function_result_stream(c, out, &text, &length);
}
