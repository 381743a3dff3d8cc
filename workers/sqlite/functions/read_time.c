/*
 * Takes a text apart under a format of to_date or to_timestamp. Week dates, centuries, Roman months, FX and TM are
 * refused.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/functions/read_time.h"

void
read_time_fail(struct reader *r, enum sqlstate state, const char *format, const char *what, const char *name)
{
	if (!r->failed) {
		char *text = sqlite3_mprintf(format, what, name);

		function_fail(r->c, state, "%s", text == NULL ? "out of memory" : text);
		sqlite3_free(text);
	}
	r->failed = true;
}

static int
skip_blanks(struct reader *r)
{
	int n = 0;

	for (; isspace((unsigned char)*r->at); r->at++)
		n++;
	return n;
}

/* Whether a number ends by itself there: where no digits can follow. `behind` is the format behind the pattern. */
static bool
ends_itself(const char *behind)
{
	struct written next = { .fill = true };

	if (time_pattern_is_modifier(behind, "TH") || *behind == '\0')
		return true;
	if (time_pattern_is_modifier(behind, "FM"))
		behind += 2;
	if (time_pattern_find(behind, &next))
		return !time_pattern_is_number(next.pattern->code) && next.pattern->code != CODE_ZONE_HOUR &&
		    next.pattern->code != CODE_ZONE_MINUTE;
	return !isdigit((unsigned char)*behind);
}

static void
set(struct reader *r, enum field field, int64_t value, const char *name)
{
	if (field == FIELD_IGNORED)
		return;
	if (r->values[field] != 0 && r->values[field] != value)
		read_time_fail(r, SQLSTATE_INVALID_DATETIME_FORMAT,
		    "conflicting values for \"%s\" field in formatting string%s", name, "");
	r->values[field] = value;
}

/* A number of so many digits, or of all that there are; how many characters it had, 0: the call failed. */
static int
take_number(struct reader *r, size_t digits, bool all, const char *name, int64_t *value)
{
	char part[24], *end;
	const char *start;

	skip_blanks(r);
	start = r->at;
	(void)snprintf(part, sizeof(part), "%.*s", (int)(digits < sizeof(part) - 1 ? digits : sizeof(part) - 1), r->at);
	errno = 0;
	if (all) {
		*value = strtol(r->at, &end, 10);
		r->at = end;
	} else if (strlen(part) < digits) {
		read_time_fail(r, SQLSTATE_INVALID_DATETIME_FORMAT,
		    "source string too short for \"%s\" formatting field%s", name, "");
		return 0;
	} else {
		*value = strtol(part, &end, 10);
		/* Some digits, but not all of them. */
		r->at += end == part + digits ? end - part : 0;
	}
	if (r->at == start)
		read_time_fail(r, SQLSTATE_INVALID_DATETIME_FORMAT, "invalid value \"%s\" for \"%s\"", part, name);
	else if (errno == ERANGE || *value < INT32_MIN || *value > INT32_MAX)
		read_time_fail(r, SQLSTATE_DATETIME_FIELD_OVERFLOW,
		    "value for \"%s\" in source string is out of range%s", name, "");
	return r->failed ? 0 : (int)(r->at - start);
}

/* One of n names, as long as it is or its first `length` characters; -1: the call failed. */
static int
take_name(struct reader *r, const char *const *names, int n, size_t length, const char *name)
{
	char word[64];

	for (int i = 0; i < n; i++) {
		size_t size = strlen(names[i]) < length ? strlen(names[i]) : length;

		if (strncasecmp(r->at, names[i], size) == 0) {
			r->at += size;
			return i;
		}
	}
	(void)snprintf(word, sizeof(word), "%.*s", (int)strcspn(r->at, " \t\n\r\f\v"), r->at);
	read_time_fail(r, SQLSTATE_INVALID_DATETIME_FORMAT, "invalid value \"%s\" for \"%s\"", word, name);
	return -1;
}

/* Years of fewer than four digits are those nearest to 2020. */
static int64_t
whole_year(int64_t year)
{
	return year < 70  ? year + 2000
	    : year < 100  ? year + 1900
	    : year < 520  ? year + 2000
	    : year < 1000 ? year + 1000
			  : year;
}

static void
take_fraction(struct reader *r, enum field field, int digits, bool all, const char *name)
{
	int64_t value;
	int places = field == FIELD_MILLISECOND ? 3 : 6, n = take_number(r, (size_t)digits, all, name, &value);

	if (n == 0)
		return;
	set(r, field, value, name);
	for (; n < places; n++)
		r->values[field] *= 10;
}

static void
take_zone(struct reader *r, enum field field, bool all, const char *name)
{
	int64_t value;

	r->zoned = true;
	if (field == FIELD_ZONE_HOUR) {
		r->zone_sign =
		    *r->at == '-' || (*r->at != '+' && r->skipped > 0 && r->at > r->text && r->at[-1] == '-') ? -1 : 1;
		r->at += *r->at == '+' || *r->at == '-' || *r->at == ' ';
	} else if (r->zone_sign == 0)
		r->zone_sign = 1;
	if (take_number(r, 2, all, name, &value) > 0)
		set(r, field, value, name);
}

/* Patterns that are a number alone, and how many digits it has. */
static const struct {
	enum code code;
	enum field field;
	int digits;
} numbers[] = { { CODE_YEAR, FIELD_YEAR, 4 }, { CODE_MONTH, FIELD_MONTH, 2 }, { CODE_DAY, FIELD_DAY, 2 },
	{ CODE_DAY_OF_YEAR, FIELD_DAY_OF_YEAR, 3 }, { CODE_HOUR_24, FIELD_HOUR, 2 }, { CODE_HOUR_12, FIELD_HOUR, 2 },
	{ CODE_MINUTE, FIELD_MINUTE, 2 }, { CODE_SECOND, FIELD_SECOND, 2 },
	{ CODE_SECOND_OF_DAY, FIELD_SECOND_OF_DAY, 5 }, { CODE_QUARTER, FIELD_IGNORED, 1 },
	{ CODE_DAY_OF_WEEK, FIELD_IGNORED, 1 }, { CODE_JULIAN, FIELD_JULIAN, 1 } };

/* False: it is none of these. */
static bool
take_plain_number(struct reader *r, const struct written *w, bool all, const char *name)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		int64_t value = 0;
		int digits = numbers[i].digits, n;

		if (numbers[i].code != w->pattern->code)
			continue;
		if (w->pattern->code == CODE_YEAR)
			digits = w->pattern->digits;
		else if (w->pattern->code == CODE_SECOND_OF_DAY)
			digits = (int)strlen(w->pattern->name);
		r->halves |= w->pattern->code == CODE_HOUR_12;
		if ((n = take_number(r, (size_t)digits, all, name, &value)) == 0)
			return true;
		set(r, numbers[i].field, value, name);
		/* Of fewer digits, as it is written, it is another value than the year that it says. */
		if (w->pattern->code == CODE_YEAR && w->pattern->digits < 4 && n < 4)
			r->values[FIELD_YEAR] = whole_year(value);
		return true;
	}
	return false;
}

static void
take_pattern(struct reader *r, const struct written *w, bool all, const char *name)
{
	static const char *const halves[] = { "am", "pm" }, *const dotted_halves[] = { "a.m.", "p.m." };
	static const char *const eras[] = { "ad", "bc" }, *const dotted_eras[] = { "a.d.", "b.c." };
	int i;

	if (take_plain_number(r, w, all, name))
		return;
	switch (w->pattern->code) {
	case CODE_FRACTION:
		take_fraction(r, w->pattern->name[0] == 'M' ? FIELD_MILLISECOND : FIELD_MICROSECOND, w->pattern->digits,
		    all, name);
		break;
	case CODE_MONTH_NAME:
	case CODE_MONTH_SHORT:
		if ((i = take_name(r, time_months, 12, w->pattern->code == CODE_MONTH_NAME ? 16 : 3, name)) >= 0)
			set(r, FIELD_MONTH, i + 1, name);
		break;
	case CODE_DAY_NAME:
	case CODE_DAY_SHORT:
		(void)take_name(r, time_days, 7, w->pattern->code == CODE_DAY_NAME ? 16 : 3, name);
		break;
	case CODE_HALF:
	case CODE_HALF_DOTS:
		r->halves = true;
		r->afternoon = take_name(r, w->pattern->code == CODE_HALF ? halves : dotted_halves, 2, 4, name) == 1;
		break;
	case CODE_ERA:
	case CODE_ERA_DOTS:
		r->before_christ = take_name(r, w->pattern->code == CODE_ERA ? eras : dotted_eras, 2, 4, name) == 1;
		break;
	case CODE_ZONE_HOUR:
	case CODE_ZONE_MINUTE:
		take_zone(r, w->pattern->code == CODE_ZONE_HOUR ? FIELD_ZONE_HOUR : FIELD_ZONE_MINUTE, all, name);
		break;
	case CODE_OFFSET:
	case CODE_ZONE:
		read_time_fail(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "formatting field \"%s\" is only supported in to_char%s", name, "");
		break;
	default:
		read_time_fail(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "the pattern %s of to_date and to_timestamp is not supported on SQLite%s", w->pattern->name, "");
	}
}

static bool
is_separator(char c)
{
	return c > ' ' && c < 0x7f && !isalnum((unsigned char)c);
}

/* A separator of the format takes one of the text if there is one; another character takes one of any kind, if none was
 * skipped already. */
static void
take_literal(struct reader *r, char c, bool quoted)
{
	if (!quoted && (isspace((unsigned char)c) || is_separator(c))) {
		r->skipped--;
		if (isspace((unsigned char)*r->at) || is_separator(*r->at)) {
			r->at++;
			r->skipped++;
		}
	} else if (r->skipped > 0)
		r->skipped--;
	else
		for (r->at++; ((unsigned char)*r->at & 0xc0) == 0x80; r->at++)
			;
}

static const char *
read_pattern(struct reader *r, const char *format, const struct written *w, bool fill)
{
	const char *behind = format + strlen(w->pattern->name);
	char name[16];

	(void)snprintf(name, sizeof(name), "%.*s", (int)strlen(w->pattern->name), format);
	if (w->pattern->code != CODE_ZONE_HOUR)
		r->skipped += skip_blanks(r);
	take_pattern(r, w, !fill || ends_itself(behind), name);
	if (time_pattern_is_modifier(behind, "TH")) {
		for (int i = 0; i < 2 && *r->at != '\0'; i++)
			r->at++;
		behind += 2;
	}
	r->skipped = skip_blanks(r);
	return behind;
}

void
read_time_fields(struct reader *r)
{
	const char *p = r->format;
	struct written w = { .fill = true };
	bool quoted = false;

	r->skipped += skip_blanks(r);
	while (*p != '\0' && *r->at != '\0' && !r->failed) {
		bool fill = quoted || !time_pattern_is_modifier(p, "FM");

		if (!quoted && (time_pattern_is_modifier(p, "FX") || time_pattern_is_modifier(p, "TM"))) {
			read_time_fail(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "FX and TM of to_date and to_timestamp are not supported on SQLite%s%s", "", "");
			return;
		}
		p += fill ? 0 : 2;
		if (!quoted && time_pattern_find(p, &w)) {
			p = read_pattern(r, p, &w, fill);
			continue;
		}
		if (*p == '"') {
			quoted = !quoted;
			p++;
			continue;
		}
		p += *p == '\\' && p[1] != '\0' && (quoted || p[1] == '"');
		take_literal(r, *p, quoted);
		for (p++; ((unsigned char)*p & 0xc0) == 0x80; p++)
			;
	}
}
