/* Days and clock time, proleptic Gregorian, and PostgreSQL's ISO output of them. */
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"

#define DAYS_IN_400_YEARS 146097

/* Counting from 1 March lets the leap day come last: then a day's number in its year is linear in the month. */
int64_t
type_days_from_civil(int64_t year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t cycle = (y >= 0 ? y : y - 399) / 400, of_cycle = y - cycle * 400;
	int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return cycle * DAYS_IN_400_YEARS + of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + of_year - 719468 -
	    TYPE_EPOCH_SHIFT_DAYS;
}

void
type_civil_from_days(int64_t days, int64_t *year, int *month, int *day)
{
	int64_t z = days + 719468 + TYPE_EPOCH_SHIFT_DAYS;
	int64_t cycle = (z >= 0 ? z : z - (DAYS_IN_400_YEARS - 1)) / DAYS_IN_400_YEARS;
	int64_t of_cycle = z - cycle * DAYS_IN_400_YEARS;
	int64_t y = (of_cycle - of_cycle / 1460 + of_cycle / 36524 - of_cycle / 146096) / 365;
	int64_t of_year = of_cycle - (365 * y + y / 4 - y / 100);
	int from_march = (int)((5 * of_year + 2) / 153);

	*day = (int)(of_year - (153 * from_march + 2) / 5 + 1);
	*month = from_march < 10 ? from_march + 3 : from_march - 9;
	*year = y + cycle * 400 + (*month <= 2);
}

int
type_days_in_month(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static char *
write_two(char *p, int v)
{
	p[0] = (char)('0' + v / 10);
	p[1] = (char)('0' + v % 10);
	return p + 2;
}

static char *
write_year(char *p, int64_t year)
{
	char digits[TYPE_INTEGER_TEXT];
	size_t n;

	if (year < 10000) {
		p = write_two(p, (int)(year / 100));
		return write_two(p, (int)(year % 100));
	}
	n = type_write_integer(year, digits);
	memcpy(p, digits, n);
	return p + n;
}

/* Returns whether the year is BC, which the caller says at the end of what it writes. */
static bool
write_day(char **p, int64_t days)
{
	int64_t year;
	int month, day;

	type_civil_from_days(days, &year, &month, &day);
	*p = write_year(*p, year > 0 ? year : 1 - year);
	*(*p)++ = '-';
	*p = write_two(*p, month);
	*(*p)++ = '-';
	*p = write_two(*p, day);
	return year <= 0;
}

static char *
write_clock(char *p, int64_t us)
{
	int seconds = (int)(us / TYPE_USECS_PER_SECOND), fraction = (int)(us % TYPE_USECS_PER_SECOND);

	p = write_two(p, seconds / 3600);
	*p++ = ':';
	p = write_two(p, seconds / 60 % 60);
	*p++ = ':';
	p = write_two(p, seconds % 60);
	if (fraction == 0)
		return p;
	*p++ = '.';
	for (int unit = 100000; fraction > 0; unit /= 10) {
		*p++ = (char)('0' + fraction / unit);
		fraction %= unit;
	}
	return p;
}

static size_t
write_word(const char *word, char *text)
{
	size_t n;

	for (n = 0; word[n] != '\0'; n++)
		text[n] = word[n];
	return n;
}

size_t
type_write_timestamp(int64_t us, char text[TYPE_DATETIME_TEXT])
{
	int64_t days = us / TYPE_USECS_PER_DAY, rest = us % TYPE_USECS_PER_DAY;
	char *p = text;
	bool bc;

	if (us == TYPE_TIMESTAMP_INFINITY || us == TYPE_TIMESTAMP_MINUS_INFINITY)
		return write_word(us > 0 ? "infinity" : "-infinity", text);
	if (rest < 0) {
		rest += TYPE_USECS_PER_DAY;
		days--;
	}
	bc = write_day(&p, days);
	*p++ = ' ';
	p = write_clock(p, rest);
	return (size_t)(p - text) + (bc ? write_word(" BC", p) : 0);
}

size_t
type_write_date(int32_t days, char text[TYPE_DATETIME_TEXT])
{
	char *p = text;
	bool bc;

	if (days == TYPE_DATE_INFINITY || days == TYPE_DATE_MINUS_INFINITY)
		return write_word(days > 0 ? "infinity" : "-infinity", text);
	bc = write_day(&p, days);
	return (size_t)(p - text) + (bc ? write_word(" BC", p) : 0);
}

size_t
type_write_time(int64_t us, char text[TYPE_DATETIME_TEXT])
{
	return (size_t)(write_clock(text, us) - text);
}

size_t
type_write_offset(int offset_s, char text[TYPE_DATETIME_TEXT])
{
	int seconds = offset_s < 0 ? -offset_s : offset_s;
	char *p = text;

	*p++ = offset_s < 0 ? '-' : '+';
	p = write_two(p, seconds / 3600);
	if (seconds % 3600 != 0) {
		*p++ = ':';
		p = write_two(p, seconds / 60 % 60);
	}
	if (seconds % 60 != 0) {
		*p++ = ':';
		p = write_two(p, seconds % 60);
	}
	return (size_t)(p - text);
}

int64_t
type_round_fraction(int64_t us, int digits)
{
	int64_t unit = 1, rest;

	if (us == TYPE_TIMESTAMP_INFINITY || us == TYPE_TIMESTAMP_MINUS_INFINITY)
		return us;
	for (int i = digits; i < 6; i++)
		unit *= 10;
	/* Away from zero, which is 2000-01-01, as PostgreSQL rounds. */
	rest = us % unit;
	if (rest < 0)
		return us - rest - (-2 * rest >= unit ? unit : 0);
	return us - rest + (2 * rest >= unit && unit > 1 ? unit : 0);
}
