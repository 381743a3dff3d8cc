/*
 * ISO 8601's durations, as PostgreSQL reads them: designators in any order, each number with a sign and a fraction, and
 * the two alternative forms that look like a date and a time.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/interval_sum.h"

#define TEXT_MAX 256
#define NUMBER_MAX 1.0e15

typedef enum type_datetime_result result;

struct duration {
	const char *p;
	struct interval_sum *sum;
	bool in_time, any; /* `any`: something was read since P or T */
	int64_t whole;
	double fraction;
};

static result
read_number(struct duration *d)
{
	double value;
	char *end;

	if (*d->p != '-' && *d->p != '.' && (*d->p < '0' || *d->p > '9'))
		return TYPE_DATETIME_SYNTAX;
	errno = 0;
	value = strtod(d->p, &end);
	if (end == d->p || errno != 0)
		return TYPE_DATETIME_SYNTAX;
	if (isnan(value) || fabs(value) > NUMBER_MAX)
		return TYPE_DATETIME_RANGE;
	d->whole = (int64_t)value;
	d->fraction = value - (double)d->whole;
	d->p = end;
	return TYPE_DATETIME_OK;
}

static size_t
digits_at(const char *p)
{
	return strspn(p + (*p == '-'), "0123456789");
}

static result
range_unless(bool fits)
{
	return fits ? TYPE_DATETIME_OK : TYPE_DATETIME_RANGE;
}

static result
add_designated(struct duration *d, char unit)
{
	switch (unit) {
	case 'Y':
		return range_unless(interval_sum_years(d->sum, d->whole, d->fraction, 1));
	case 'W':
		return range_unless(interval_sum_days(d->sum, d->whole, d->fraction, 7));
	case 'D':
		return range_unless(interval_sum_days(d->sum, d->whole, d->fraction, 1));
	case 'M':
		return range_unless(d->in_time ? interval_sum_us(d->sum, d->whole, d->fraction, TYPE_USECS_PER_MINUTE)
					       : interval_sum_months(d->sum, d->whole, d->fraction));
	case 'H':
		return range_unless(interval_sum_us(d->sum, d->whole, d->fraction, TYPE_USECS_PER_HOUR));
	default:
		return range_unless(interval_sum_us(d->sum, d->whole, d->fraction, TYPE_USECS_PER_SECOND));
	}
}

/* yyyymmdd, hhmmss */
static result
add_compact(struct duration *d)
{
	int64_t first = d->whole / 10000, second = d->whole / 100 % 100, third = d->whole % 100;

	if (d->in_time)
		return range_unless(interval_sum_us(d->sum, first, 0, TYPE_USECS_PER_HOUR) &&
		    interval_sum_us(d->sum, second, 0, TYPE_USECS_PER_MINUTE) &&
		    interval_sum_us(d->sum, third, 0, TYPE_USECS_PER_SECOND) &&
		    interval_sum_us(d->sum, 0, d->fraction, 1));
	return range_unless(interval_sum_years(d->sum, first, 0, 1) && interval_sum_months(d->sum, second, 0) &&
	    interval_sum_days(d->sum, third, d->fraction, 1));
}

/* yyyy-mm-dd, hh:mm:ss, of which the last may be missing; the first number was read. */
static result
read_extended(struct duration *d)
{
	static const char parts[2][4] = { "YMD", "HMS" };
	char separator = d->in_time ? ':' : '-';
	result found;

	if (d->any)
		return TYPE_DATETIME_SYNTAX;
	for (int i = 0;; i++) {
		if ((found = add_designated(d, parts[d->in_time][i])) != TYPE_DATETIME_OK)
			return found;
		if (*d->p == '\0' || (*d->p == 'T' && !d->in_time))
			return TYPE_DATETIME_OK;
		if (*d->p != separator || i == 2)
			return TYPE_DATETIME_SYNTAX;
		d->p++;
		if ((found = read_number(d)) != TYPE_DATETIME_OK)
			return found;
	}
}

static result
read_part(struct duration *d)
{
	size_t digits = digits_at(d->p);
	result found = read_number(d);
	bool ends = *d->p == '\0' || (*d->p == 'T' && !d->in_time);

	if (found != TYPE_DATETIME_OK)
		return found;
	if (!ends && strchr(d->in_time ? "HMS" : "YMWD", *d->p) != NULL) {
		found = add_designated(d, *d->p++);
		d->any = true;
		return found;
	}
	if (ends && !d->any && digits == (d->in_time ? 6 : 8))
		return add_compact(d);
	return read_extended(d);
}

result
interval_read_iso_8601(const char *data, size_t length, struct interval_sum *sum)
{
	char text[TEXT_MAX];
	struct duration d = { .p = text + 1, .sum = sum };
	result found = TYPE_DATETIME_OK;

	*sum = (struct interval_sum) { .us = 0 };
	if (length < 2 || length >= sizeof(text) || *data != 'P')
		return TYPE_DATETIME_SYNTAX;
	memcpy(text, data, length);
	text[length] = '\0';
	while (*d.p != '\0' && found == TYPE_DATETIME_OK) {
		if (*d.p != 'T') {
			found = read_part(&d);
			continue;
		}
		d.in_time = true;
		d.any = false;
		d.p++;
	}
	return found;
}
