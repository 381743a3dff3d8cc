/*
 * Dates and times as people and programs write them: which field is what, by PostgreSQL's rules. What is ambiguous is
 * decided by the session's order of day, month and year alone.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/datetime_scan.h"

#define BIT(field) (1u << (field))

/* ---- numbers ---- */

int64_t
datetime_number(const char *text, char **end)
{
	long long value;

	errno = 0;
	value = strtoll(text, end, 10);
	if (value < INT32_MIN || value > INT32_MAX)
		errno = ERANGE;
	return value;
}

/* ".123456789" in microseconds, rounded to even as PostgreSQL rounds; a point alone is none. */
static bool
read_fraction(const char *p, int64_t *us)
{
	char *end;
	double fraction = 0;

	errno = 0;
	if (p[1] != '\0') {
		fraction = strtod(p, &end);
		if (*end != '\0' || errno != 0)
			return false;
	}
	*us = (int64_t)rint(fraction * 1e6);
	return true;
}

/* The two digits that end at `end`. */
static int
two_digits(const char *text, size_t end)
{
	return (text[end - 2] - '0') * 10 + (text[end - 1] - '0');
}

/* yymmdd and longer as a date when there is none yet, else hhmm or hhmmss; a fraction is that of seconds. */
static result
scan_run_together(struct scan *s, const char *text, unsigned seen)
{
	const char *point = strchr(text, '.');
	size_t n = point == NULL ? strlen(text) : (size_t)(point - text);

	if (point != NULL && !read_fraction(point, &s->fraction_us))
		return TYPE_DATETIME_SYNTAX;
	if (point == NULL && (seen & SCAN_DATE_BITS) != SCAN_DATE_BITS && n >= 6) {
		s->found = SCAN_DATE_BITS;
		s->day = two_digits(text, n);
		s->month = two_digits(text, n - 2);
		s->year = strtoll(text, NULL, 10) / 10000;
		s->short_year = s->short_year || n == 6;
		return n > 14 || s->year > INT32_MAX ? TYPE_DATETIME_RANGE : TYPE_DATETIME_OK;
	}
	if ((seen & SCAN_TIME_BITS) == SCAN_TIME_BITS || (n != 6 && n != 4))
		return TYPE_DATETIME_SYNTAX;
	s->found = SCAN_TIME_BITS;
	s->hour = two_digits(text, 2);
	s->minute = two_digits(text, 4);
	s->second = n == 6 ? two_digits(text, 6) : 0;
	return TYPE_DATETIME_OK;
}

/* Which of year, month and day a number is, by what has been seen; -1: there is no room for it. */
static int
next_of_date(const struct scan *s, size_t length, unsigned seen, bool text_month)
{
	bool year_first = length >= 3 || s->date_order == 'Y';

	switch (seen & SCAN_DATE_BITS) {
	case 0:
		return year_first ? SCAN_YEAR : s->date_order == 'D' ? SCAN_DAY : SCAN_MONTH;
	case BIT(SCAN_YEAR):
	case BIT(SCAN_DAY):
		return SCAN_MONTH;
	case BIT(SCAN_MONTH):
		return text_month && year_first ? SCAN_YEAR : SCAN_DAY;
	case BIT(SCAN_YEAR) | BIT(SCAN_MONTH):
		return SCAN_DAY;
	case BIT(SCAN_MONTH) | BIT(SCAN_DAY):
		return SCAN_YEAR;
	default:
		return -1;
	}
}

static void
set_of_date(struct scan *s, int field, int64_t value, size_t length, bool text_month)
{
	s->found = BIT(field);
	if (field == SCAN_MONTH)
		s->month = value;
	if (field == SCAN_YEAR) {
		s->year = value;
		s->short_year = length <= 2;
	}
	if (field != SCAN_DAY)
		return;
	/* After "08-Jan" a long number is the year, and what was taken for one the day. */
	if (text_month && length >= 3 && s->short_year && s->year_seen) {
		s->day = s->year;
		s->year = value;
		s->short_year = false;
	} else {
		s->day = value;
	}
}

/* A number alone. */
static result
scan_number(struct scan *s, const char *text, bool text_month, unsigned seen)
{
	size_t length = strlen(text);
	int64_t value;
	char *end;
	int field;

	s->found = 0;
	value = datetime_number(text, &end);
	if (errno != 0)
		return TYPE_DATETIME_RANGE;
	if (end == text)
		return TYPE_DATETIME_SYNTAX;
	if (*end == '.' && end - text > 2)
		return scan_run_together(s, text, seen | SCAN_DATE_BITS);
	if (*end == '.' ? !read_fraction(end, &s->fraction_us) : *end != '\0')
		return TYPE_DATETIME_SYNTAX;
	if (length == 3 && (seen & SCAN_DATE_BITS) == BIT(SCAN_YEAR) && value >= 1 && value <= 366) {
		s->found = BIT(SCAN_DAY_OF_YEAR) | BIT(SCAN_MONTH) | BIT(SCAN_DAY);
		s->day_of_year = value;
		return TYPE_DATETIME_OK;
	}
	if ((seen & SCAN_DATE_BITS) == SCAN_DATE_BITS)
		return scan_run_together(s, text, seen);
	if ((field = next_of_date(s, length, seen, text_month)) < 0)
		return TYPE_DATETIME_SYNTAX;
	s->year_seen = (seen & BIT(SCAN_YEAR)) != 0;
	set_of_date(s, field, value, length, text_month);
	return TYPE_DATETIME_OK;
}

/* ---- dates ---- */

#define PARTS_MAX 25

/* Cuts at what is neither a letter nor a digit, and between the two. */
static unsigned
split_date(char *text, char *parts[PARTS_MAX])
{
	unsigned n = 0;
	char *p = text;

	while (*p != '\0' && n < PARTS_MAX) {
		const char *class = "0123456789";
		size_t length;

		p += strcspn(p, "0123456789abcdefghijklmnopqrstuvwxyz");
		if (*p == '\0')
			return 0; /* it ends with a separator */
		if (*p >= 'a')
			class = "abcdefghijklmnopqrstuvwxyz";
		parts[n++] = p;
		length = strspn(p, class);
		p += length;
		if (*p != '\0')
			*p++ = '\0';
	}
	return n;
}

/* Takes a month's name out of the parts. */
static result
take_month(struct scan *s, char **parts, unsigned n, unsigned *seen, unsigned *found, bool *text_month)
{
	for (unsigned i = 0; i < n; i++) {
		enum datetime_word_kind kind;
		int value;

		if (*parts[i] < 'a')
			continue;
		kind = datetime_word(parts[i], &value);
		if (kind == WORD_IGNORED)
			continue;
		if (kind != WORD_MONTH || (*seen & BIT(SCAN_MONTH)) != 0)
			return TYPE_DATETIME_SYNTAX;
		s->month = value;
		*text_month = true;
		*seen |= BIT(SCAN_MONTH);
		*found |= BIT(SCAN_MONTH);
		parts[i] = NULL;
	}
	return TYPE_DATETIME_OK;
}

/* 2024-01-02, 1/2/2024, 2-jan-2024, 2024.033 */
result
scan_date(struct scan *s, char *text)
{
	char *parts[PARTS_MAX];
	unsigned n = split_date(text, parts), seen = s->seen, found = 0;
	bool text_month = false;
	result status;

	if (n == 0 || take_month(s, parts, n, &seen, &found, &text_month) != TYPE_DATETIME_OK)
		return TYPE_DATETIME_SYNTAX;
	for (unsigned i = 0; i < n; i++) {
		if (parts[i] == NULL)
			continue;
		if ((status = scan_number(s, parts[i], text_month, seen)) != TYPE_DATETIME_OK)
			return status;
		if ((s->found & seen) != 0)
			return TYPE_DATETIME_SYNTAX;
		seen |= s->found;
		found |= s->found;
	}
	s->found = found;
	return (seen & ~(BIT(SCAN_DAY_OF_YEAR) | BIT(SCAN_ZONE))) == SCAN_DATE_BITS ? TYPE_DATETIME_OK
										    : TYPE_DATETIME_SYNTAX;
}

/* ---- times ---- */

/* hh:mm[:ss[.f]], mm:ss.f */
result
scan_clock(struct scan *s, const char *text)
{
	int64_t parts[3] = { 0 };
	char *end;
	int n = 0;

	s->fraction_us = 0;
	for (;; text = end + 1) {
		parts[n] = datetime_number(text, &end);
		if (errno != 0)
			return TYPE_DATETIME_RANGE;
		if (n == 2 || *end != ':')
			break;
		n++;
	}
	if (n == 0 || (*end == '.' ? !read_fraction(end, &s->fraction_us) : *end != '\0'))
		return TYPE_DATETIME_SYNTAX;
	if (n == 1 && *end == '.') {
		parts[2] = parts[1];
		parts[1] = parts[0];
		parts[0] = 0;
	}
	if (parts[0] < 0 || parts[1] < 0 || parts[1] > 59 || parts[2] < 0 || parts[2] > 60)
		return TYPE_DATETIME_RANGE;
	s->hour = parts[0];
	s->minute = parts[1];
	s->second = parts[2];
	s->found = SCAN_TIME_BITS;
	return TYPE_DATETIME_OK;
}

result
type_scan_offset(const char *text, int *offset_s)
{
	int64_t hours, minutes = 0, seconds = 0;
	char *end;

	if (*text != '+' && *text != '-')
		return TYPE_DATETIME_SYNTAX;
	hours = datetime_number(text + 1, &end);
	if (errno != 0)
		return TYPE_DATETIME_ZONE_RANGE;
	if (*end == ':') {
		minutes = datetime_number(end + 1, &end);
		if (errno == 0 && *end == ':')
			seconds = datetime_number(end + 1, &end);
		if (errno != 0)
			return TYPE_DATETIME_ZONE_RANGE;
	} else if (*end == '\0' && strlen(text) > 3) {
		minutes = hours % 100;
		hours /= 100;
	}
	if (hours < 0 || hours > 15 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59)
		return TYPE_DATETIME_ZONE_RANGE;
	*offset_s = (int)((hours * 60 + minutes) * 60 + seconds) * (*text == '-' ? -1 : 1);
	return *end == '\0' ? TYPE_DATETIME_OK : TYPE_DATETIME_SYNTAX;
}

result
scan_plain_number(struct scan *s, char *text)
{
	const char *point = strchr(text, '.');
	size_t length = strlen(text), whole = point == NULL ? length : (size_t)(point - text);
	bool dated = (s->seen & SCAN_DATE_BITS) != 0, timed = (s->seen & SCAN_TIME_BITS) != 0;

	if (point != NULL && !dated)
		return scan_date(s, text);
	if (point != NULL && whole > 2)
		return scan_run_together(s, text, s->seen);
	if (point == NULL && length >= 6 && (!dated || !timed))
		return scan_run_together(s, text, s->seen);
	return scan_number(s, text, s->text_month, s->seen);
}

result
scan_time_number(struct scan *s, char *text, bool may_be_date)
{
	const char *point = strchr(text, '.');

	if (point != NULL) {
		if (may_be_date)
			return scan_date(s, text);
		return point - text > 2 ? scan_run_together(s, text, s->seen | SCAN_DATE_BITS) : TYPE_DATETIME_SYNTAX;
	}
	if (strlen(text) > 4)
		return scan_run_together(s, text, s->seen | SCAN_DATE_BITS);
	return scan_number(s, text, false, s->seen | SCAN_DATE_BITS);
}

result
scan_digits_after(struct scan *s, char *text)
{
	return scan_run_together(s, text, s->seen | SCAN_DATE_BITS);
}
