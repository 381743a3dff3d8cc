/*
 * Dates and times as people and programs write them: ISO 8601 with 'T' or a blank, 20240102T030405, 1/2/2024 (month
 * first), "Jan 2 2024", clock times with AM and PM, offsets, zone names, BC, and PostgreSQL's words.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/types/codec.h"

/* Three numbers, or a month's name among them, wait here until it is clear which is what. */
struct scan {
	const char *p, *end;
	char date_order;
	struct type_datetime *out;
	bool bc, after_t, pm, am;
	bool begun; /* a word or number was read: what parts fields may follow */
	int month_named;
	int64_t numbers[3];
	int digits[3];
	unsigned nnumbers;
	bool compact; /* yyyymmdd was read */
};

typedef enum type_datetime_result result;

static const struct word {
	const char *word;
	enum { WORD_MONTH, WORD_DAY, WORD_HALF, WORD_ERA, WORD_SPECIAL, WORD_OFFSET, WORD_T, WORD_SKIP } kind;
	int value; /* offsets: minutes east */
} words[] = {
	{ "jan", WORD_MONTH, 1 },
	{ "feb", WORD_MONTH, 2 },
	{ "mar", WORD_MONTH, 3 },
	{ "apr", WORD_MONTH, 4 },
	{ "may", WORD_MONTH, 5 },
	{ "jun", WORD_MONTH, 6 },
	{ "jul", WORD_MONTH, 7 },
	{ "aug", WORD_MONTH, 8 },
	{ "sep", WORD_MONTH, 9 },
	{ "sept", WORD_MONTH, 9 },
	{ "oct", WORD_MONTH, 10 },
	{ "nov", WORD_MONTH, 11 },
	{ "dec", WORD_MONTH, 12 },
	{ "january", WORD_MONTH, 1 },
	{ "february", WORD_MONTH, 2 },
	{ "march", WORD_MONTH, 3 },
	{ "april", WORD_MONTH, 4 },
	{ "june", WORD_MONTH, 6 },
	{ "july", WORD_MONTH, 7 },
	{ "august", WORD_MONTH, 8 },
	{ "september", WORD_MONTH, 9 },
	{ "october", WORD_MONTH, 10 },
	{ "november", WORD_MONTH, 11 },
	{ "december", WORD_MONTH, 12 },
	{ "sun", WORD_DAY, 0 },
	{ "mon", WORD_DAY, 0 },
	{ "tue", WORD_DAY, 0 },
	{ "wed", WORD_DAY, 0 },
	{ "thu", WORD_DAY, 0 },
	{ "fri", WORD_DAY, 0 },
	{ "sat", WORD_DAY, 0 },
	{ "sunday", WORD_DAY, 0 },
	{ "monday", WORD_DAY, 0 },
	{ "tuesday", WORD_DAY, 0 },
	{ "wednesday", WORD_DAY, 0 },
	{ "thursday", WORD_DAY, 0 },
	{ "friday", WORD_DAY, 0 },
	{ "saturday", WORD_DAY, 0 },
	{ "am", WORD_HALF, 0 },
	{ "pm", WORD_HALF, 1 },
	{ "ad", WORD_ERA, 0 },
	{ "bc", WORD_ERA, 1 },
	{ "epoch", WORD_SPECIAL, TYPE_DATETIME_EPOCH },
	{ "infinity", WORD_SPECIAL, TYPE_DATETIME_INFINITY },
	{ "now", WORD_SPECIAL, TYPE_DATETIME_NOW },
	{ "today", WORD_SPECIAL, TYPE_DATETIME_TODAY },
	{ "tomorrow", WORD_SPECIAL, TYPE_DATETIME_TOMORROW },
	{ "yesterday", WORD_SPECIAL, TYPE_DATETIME_YESTERDAY },
	{ "t", WORD_T, 0 },
	{ "at", WORD_SKIP, 0 },
	{ "z", WORD_OFFSET, 0 },
	{ "utc", WORD_OFFSET, 0 },
	{ "gmt", WORD_OFFSET, 0 },
	{ "ut", WORD_OFFSET, 0 },
	{ "zulu", WORD_OFFSET, 0 },
	{ "wet", WORD_OFFSET, 0 },
	{ "west", WORD_OFFSET, 60 },
	{ "bst", WORD_OFFSET, 60 },
	{ "cet", WORD_OFFSET, 60 },
	{ "cest", WORD_OFFSET, 120 },
	{ "eet", WORD_OFFSET, 120 },
	{ "eest", WORD_OFFSET, 180 },
	{ "msk", WORD_OFFSET, 180 },
	{ "jst", WORD_OFFSET, 540 },
	{ "est", WORD_OFFSET, -300 },
	{ "edt", WORD_OFFSET, -240 },
	{ "cst", WORD_OFFSET, -360 },
	{ "cdt", WORD_OFFSET, -300 },
	{ "mst", WORD_OFFSET, -420 },
	{ "mdt", WORD_OFFSET, -360 },
	{ "pst", WORD_OFFSET, -480 },
	{ "pdt", WORD_OFFSET, -420 },
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	c |= 0x20;
	return c >= 'a' && c <= 'z';
}

static char
peek(const struct scan *s, size_t ahead)
{
	return (size_t)(s->end - s->p) > ahead ? s->p[ahead] : '\0';
}

/* A run of digits; -1 when there is none or it is longer than any date has use for. */
static int64_t
read_number(struct scan *s, int *digits)
{
	int64_t v = 0;

	for (*digits = 0; is_digit(peek(s, 0)) && *digits < 10; (*digits)++)
		v = v * 10 + (*s->p++ - '0');
	return *digits == 0 || is_digit(peek(s, 0)) ? -1 : v;
}

static int
count_digits(const struct scan *s)
{
	int n = 0;

	while (is_digit(peek(s, (size_t)n)))
		n++;
	return n;
}

/* ".123456789" in microseconds, rounded to even as PostgreSQL rounds. */
static int64_t
read_fraction(struct scan *s)
{
	char text[32] = "0.";
	size_t n = 2;

	if (peek(s, 0) != '.')
		return 0;
	for (s->p++; is_digit(peek(s, 0)); s->p++) {
		if (n < sizeof(text) - 1)
			text[n++] = *s->p;
	}
	return (int64_t)rint(strtod(text, NULL) * 1e6);
}

static result
set_time(struct scan *s, int64_t hour, int64_t minute, int64_t second, int64_t fraction)
{
	if (s->out->has_time)
		return TYPE_DATETIME_SYNTAX;
	s->out->has_time = true;
	s->out->time_us = ((hour * 60 + minute) * 60 + second) * TYPE_USECS_PER_SECOND + fraction;
	if (hour > 24 || minute > 59 || second > 60 || s->out->time_us > TYPE_USECS_PER_DAY)
		return TYPE_DATETIME_RANGE;
	return TYPE_DATETIME_OK;
}

/* hh:mm[:ss[.f]] */
static result
read_clock(struct scan *s)
{
	int64_t hour, minute, second = 0;
	int digits;

	hour = read_number(s, &digits);
	s->p++;
	if (hour < 0 || digits > 2 || (minute = read_number(s, &digits)) < 0)
		return TYPE_DATETIME_SYNTAX;
	if (peek(s, 0) == ':') {
		s->p++;
		if ((second = read_number(s, &digits)) < 0)
			return TYPE_DATETIME_SYNTAX;
	}
	return set_time(s, hour, minute, second, read_fraction(s));
}

/* hhmm or hhmmss[.f], after a 'T' or a date */
static result
read_compact_clock(struct scan *s, int digits)
{
	int64_t v = read_number(s, &digits);

	if (digits <= 2)
		return set_time(s, v, 0, 0, 0);
	if (digits == 4)
		return set_time(s, v / 100, v % 100, 0, 0);
	return set_time(s, v / 10000, v / 100 % 100, v % 100, read_fraction(s));
}

static result
add_number(struct scan *s, int64_t v, int digits)
{
	if (s->nnumbers == 3 || v < 0)
		return TYPE_DATETIME_SYNTAX;
	s->digits[s->nnumbers] = digits;
	s->numbers[s->nnumbers++] = v;
	return TYPE_DATETIME_OK;
}

static result
read_digits(struct scan *s)
{
	int digits = count_digits(s), ignored;
	char after = peek(s, (size_t)digits);

	if (after == ':')
		return read_clock(s);
	if (s->after_t || (s->compact && !s->out->has_time && (digits == 4 || digits == 6)))
		return digits <= 2 || digits == 4 || digits == 6 ? read_compact_clock(s, digits) : TYPE_DATETIME_SYNTAX;
	if (s->nnumbers == 0 && s->month_named == 0 && (digits == 8 || (digits == 6 && after != '-' && after != '/'))) {
		int64_t v = read_number(s, &ignored);

		s->compact = true;
		(void)add_number(s, v / 10000, digits - 4);
		(void)add_number(s, v / 100 % 100, 2);
		return add_number(s, v % 100, 2);
	}
	return add_number(s, read_number(s, &ignored), digits);
}

/* +hh, +hhmm, +hh:mm[:ss] */
static result
read_offset(struct scan *s)
{
	int sign = *s->p++ == '-' ? -1 : 1, digits, ignored;
	int64_t hour, minute = 0, second = 0;

	hour = read_number(s, &digits);
	if (hour < 0 || s->out->has_offset)
		return TYPE_DATETIME_SYNTAX;
	if (digits > 2) {
		minute = digits > 4 ? hour / 100 % 100 : hour % 100;
		second = digits > 4 ? hour % 100 : 0;
		hour = digits > 4 ? hour / 10000 : hour / 100;
	}
	for (int64_t *field = &minute; peek(s, 0) == ':' && field != NULL; field = field == &minute ? &second : NULL) {
		s->p++;
		if ((*field = read_number(s, &ignored)) < 0)
			return TYPE_DATETIME_SYNTAX;
	}
	s->out->has_offset = true;
	s->out->offset_s = (int)(sign * (hour * 3600 + minute * 60 + second));
	return hour > 15 || minute > 59 || second > 59 ? TYPE_DATETIME_ZONE_RANGE : TYPE_DATETIME_OK;
}

static result
set_word(struct scan *s, const struct word *w)
{
	switch (w->kind) {
	case WORD_MONTH:
		if (s->month_named != 0)
			return TYPE_DATETIME_SYNTAX;
		s->month_named = w->value;
		return TYPE_DATETIME_OK;
	case WORD_HALF:
		s->am = w->value == 0;
		s->pm = w->value == 1;
		return TYPE_DATETIME_OK;
	case WORD_ERA:
		s->bc = w->value == 1;
		return TYPE_DATETIME_OK;
	case WORD_SPECIAL:
		s->out->special = (enum type_datetime_special)w->value;
		return TYPE_DATETIME_OK;
	case WORD_OFFSET:
		if (s->out->has_offset)
			return TYPE_DATETIME_SYNTAX;
		s->out->has_offset = true;
		s->out->offset_s = w->value * 60;
		return TYPE_DATETIME_OK;
	case WORD_T:
		s->after_t = true;
		return TYPE_DATETIME_OK;
	default:
		return TYPE_DATETIME_OK;
	}
}

static result
read_word(struct scan *s)
{
	const char *start = s->p;
	size_t n = 0;

	while (is_letter(peek(s, 0)))
		s->p++;
	n = (size_t)(s->p - start);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && peek(s, 0) != '/' && peek(s, 0) != '_'; i++) {
		if (strlen(words[i].word) == n && strncasecmp(words[i].word, start, n) == 0)
			return set_word(s, &words[i]);
	}
	/* A zone's name; it needs a date or time before it, or any word would be one. */
	while (
	    is_letter(peek(s, 0)) || is_digit(peek(s, 0)) || (peek(s, 0) != '\0' && strchr("/_+-", peek(s, 0)) != NULL))
		s->p++;
	n = (size_t)(s->p - start);
	if (n >= sizeof(s->out->zone) || s->out->zone[0] != '\0' || (!s->out->has_time && s->nnumbers == 0))
		return TYPE_DATETIME_SYNTAX;
	memcpy(s->out->zone, start, n);
	return TYPE_DATETIME_OK;
}

/* A minus begins an offset after a time, and parts the fields of a date before it. */
static result
read_next(struct scan *s)
{
	char c = peek(s, 0);

	if (is_digit(c) || is_letter(c)) {
		s->begun = true;
		return is_digit(c) ? read_digits(s) : read_word(s);
	}
	if ((c == '+' || c == '-') && is_digit(peek(s, 1)) && (s->out->has_time || s->nnumbers == 3))
		return read_offset(s);
	if (c == '-' && strncasecmp(s->p, "-infinity", (size_t)(s->end - s->p)) == 0 && s->end - s->p == 9) {
		s->p = s->end;
		s->out->special = TYPE_DATETIME_MINUS_INFINITY;
		return TYPE_DATETIME_OK;
	}
	if (!type_is_blank(c) && (c == '\0' || strchr(",-/.", c) == NULL || !s->begun))
		return TYPE_DATETIME_SYNTAX;
	s->p++;
	return TYPE_DATETIME_OK;
}

static int64_t
full_year(int64_t year, int digits)
{
	if (digits > 2)
		return year;
	return year < 70 ? year + 2000 : year + 1900;
}

/* Which number is what: with four digits in front the year leads, else the order is the session's. */
static result
settle_date(struct scan *s)
{
	static const int ymd[] = { 0, 1, 2 }, mdy[] = { 2, 0, 1 }, dmy[] = { 2, 1, 0 }, named[] = { 1, -1, 0 };
	bool year_first = s->digits[0] > 2 || s->compact || (s->date_order == 'Y' && s->month_named == 0);
	const int *order = s->month_named != 0 ? named : year_first ? ymd : s->date_order == 'D' ? dmy : mdy;
	int year = order[0], day = order[2];

	if (s->nnumbers == 0 && s->month_named == 0)
		return TYPE_DATETIME_OK;
	if (s->nnumbers != (s->month_named != 0 ? 2 : 3))
		return TYPE_DATETIME_SYNTAX;
	if (s->month_named != 0 && year_first) {
		year = 0;
		day = 1;
	}
	s->out->has_date = true;
	s->out->year = full_year(s->numbers[year], s->digits[year]);
	s->out->month = s->month_named != 0 ? s->month_named
	    : s->numbers[order[1]] > 12	    ? 13
					    : (int)s->numbers[order[1]];
	s->out->day = s->numbers[day] > 31 ? 32 : (int)s->numbers[day];
	if (s->out->month < 1 || s->out->month > 12 || s->out->day < 1 || s->out->day > 31)
		return TYPE_DATETIME_DAY_RANGE;
	if (s->out->year == 0)
		return TYPE_DATETIME_RANGE;
	if (s->bc)
		s->out->year = 1 - s->out->year;
	return s->out->day > type_days_in_month(s->out->year, s->out->month) ? TYPE_DATETIME_RANGE : TYPE_DATETIME_OK;
}

static result
settle_time(struct scan *s)
{
	int64_t half = TYPE_USECS_PER_DAY / 2;

	if (!s->am && !s->pm)
		return s->after_t && !s->out->has_time ? TYPE_DATETIME_SYNTAX : TYPE_DATETIME_OK;
	if (!s->out->has_time)
		return TYPE_DATETIME_SYNTAX;
	if (s->out->time_us >= half + TYPE_USECS_PER_DAY / 24)
		return TYPE_DATETIME_RANGE;
	if (s->out->time_us >= half)
		s->out->time_us -= half;
	s->out->time_us += s->pm ? half : 0;
	return TYPE_DATETIME_OK;
}

enum type_datetime_result
type_scan_datetime(const char *data, size_t length, char date_order, struct type_datetime *out)
{
	struct scan s = { .p = data, .end = data + length, .date_order = date_order, .out = out };
	result found = TYPE_DATETIME_OK;

	*out = (struct type_datetime) { 0 };
	while (s.p < s.end) {
		if ((found = read_next(&s)) != TYPE_DATETIME_OK)
			return found;
	}
	if (out->special != TYPE_DATETIME_FIELDS)
		return s.nnumbers == 0 && !out->has_time ? TYPE_DATETIME_OK : TYPE_DATETIME_SYNTAX;
	if ((found = settle_date(&s)) != TYPE_DATETIME_OK)
		return found;
	return settle_time(&s);
}
