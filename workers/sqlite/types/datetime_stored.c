/*
 * Dates and times as they are kept: PostgreSQL's text in ISO style, a timestamptz in UTC with "+00", so that comparing
 * texts compares values. Years of four digits are written so; others would sort wrong and have a form of their own,
 * which no one else sees: a year beyond 9999 is "A" and seven digits ("A" is above the digits and below "infinity"), a
 * year BC is "." and 9999 for 1 BC, 9998 for 2 BC ("." is below the digits and above "-infinity"). No date that
 * PostgreSQL reads begins like that.
 */
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"

#define BEFORE '.'
#define FAR 'A'
#define YEAR_OF_BC 9999
#define FAR_DIGITS 7

static bool
read_digits(const char **p, int n, int64_t *value)
{
	*value = 0;
	for (; n > 0; n--, ++*p) {
		if (**p < '0' || **p > '9')
			return false;
		*value = *value * 10 + (**p - '0');
	}
	return true;
}

static bool
skip(const char **p, char c)
{
	return *(*p)++ == c;
}

/* NULL: what stands there is no stored date. */
static const char *
read_days(const char *p, int64_t *days)
{
	char form = *p == FAR || *p == BEFORE ? *p++ : '\0';
	int64_t year, month, day;

	if (!read_digits(&p, form == FAR ? FAR_DIGITS : 4, &year) || !skip(&p, '-') || !read_digits(&p, 2, &month) ||
	    !skip(&p, '-') || !read_digits(&p, 2, &day))
		return NULL;
	if (form == BEFORE)
		year -= YEAR_OF_BC;
	else if (year == 0)
		return NULL;
	if (month < 1 || month > 12 || day < 1 || day > type_days_in_month(year, (int)month))
		return NULL;
	*days = type_days_from_civil(year, (int)month, (int)day);
	return p;
}

static const char *
read_clock(const char *p, int64_t *us)
{
	int64_t hour, minute, second;

	if (!read_digits(&p, 2, &hour) || !skip(&p, ':') || !read_digits(&p, 2, &minute) || !skip(&p, ':') ||
	    !read_digits(&p, 2, &second) || hour > 23 || minute > 59 || second > 59)
		return NULL;
	*us = ((hour * 60 + minute) * 60 + second) * TYPE_USECS_PER_SECOND;
	if (*p != '.')
		return p;
	p++;
	for (int64_t unit = 100000; unit > 0 && *p >= '0' && *p <= '9'; unit /= 10)
		*us += unit * (*p++ - '0');
	return p;
}

bool
type_read_stored_date(const char *data, size_t length, int64_t *days)
{
	char text[TYPE_DATETIME_TEXT];
	const char *end;

	if (length < 10 || length >= sizeof(text))
		return false;
	memcpy(text, data, length);
	text[length] = '\0';
	end = read_days(text, days);
	return end != NULL && *end == '\0' && *days >= TYPE_DATE_MIN && *days < TYPE_DATE_END;
}

bool
type_read_stored_timestamp(const char *data, size_t length, bool with_zone, int64_t *us)
{
	char text[TYPE_DATETIME_TEXT];
	const char *p;
	int64_t days, clock;

	if (length < 19 || length >= sizeof(text))
		return false;
	memcpy(text, data, length);
	text[length] = '\0';
	if ((p = read_days(text, &days)) == NULL || *p != ' ' || (p = read_clock(p + 1, &clock)) == NULL ||
	    strcmp(p, with_zone ? "+00" : "") != 0)
		return false;
	return !__builtin_mul_overflow(days, TYPE_USECS_PER_DAY, us) && !__builtin_add_overflow(*us, clock, us) &&
	    *us >= TYPE_TIMESTAMP_MIN && *us < TYPE_TIMESTAMP_END;
}

bool
type_has_stored_year(const char *data, size_t length)
{
	return length > 0 && (*data == FAR || *data == BEFORE);
}

/* What is written for people, with another year in front; its era goes. */
static size_t
put_year(char text[TYPE_DATETIME_TEXT], size_t n)
{
	size_t digits = strspn(text, "0123456789");
	bool bc = n > 3 && memcmp(&text[n - 3], " BC", 3) == 0;
	char rest[TYPE_DATETIME_TEXT], year[24];
	long long value = 0;

	if (digits == 0 || (digits == 4 && !bc))
		return n;
	n -= bc ? 3 : 0;
	memcpy(rest, text + digits, n - digits);
	for (size_t i = 0; i < digits; i++)
		value = value * 10 + (text[i] - '0');
	if (bc)
		(void)snprintf(year, sizeof(year), "%c%04lld", BEFORE, YEAR_OF_BC + 1 - value);
	else
		(void)snprintf(year, sizeof(year), "%c%0*lld", FAR, FAR_DIGITS, value);
	memcpy(text, year, strlen(year));
	memcpy(text + strlen(year), rest, n - digits);
	return strlen(year) + n - digits;
}

int
type_datetime_to_text(uint32_t oid, int64_t value, struct type_value *out, struct report *r)
{
	char text[TYPE_DATETIME_TEXT];
	size_t n;

	if (oid == TYPE_TIME)
		return type_value_copy(out, text, type_write_time(value, text), r);
	n = oid == TYPE_DATE ? type_write_date((int32_t)value, text) : type_write_timestamp(value, text);
	n = put_year(text, n);
	if (oid == TYPE_TIMESTAMPTZ && value != TYPE_TIMESTAMP_INFINITY && value != TYPE_TIMESTAMP_MINUS_INFINITY) {
		text[n++] = '+';
		text[n++] = '0';
		text[n++] = '0';
	}
	return type_value_copy(out, text, n, r);
}
