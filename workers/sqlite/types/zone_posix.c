/*
 * Zones as POSIX writes them (the TZ variable): standard time, and when summer time begins and ends. West of Greenwich
 * is positive there.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"

#define HOURS_MAX 167
#define USUAL_RULES ",M3.2.0,M11.1.0"

/* A number up to max; -1: none. */
static int
read_number(const char **p, int min, int max)
{
	size_t digits = strspn(*p, "0123456789");
	int value;

	if (digits == 0 || digits > 4)
		return -1;
	value = (int)strtol(*p, NULL, 10);
	*p += digits;
	return value < min || value > max ? -1 : value;
}

/* [+-]h[:m[:s]] in seconds. */
static bool
read_time(const char **p, int *seconds)
{
	int sign = **p == '-' ? -1 : 1, hours, minutes = 0, rest = 0;

	*p += **p == '-' || **p == '+';
	if ((hours = read_number(p, 0, HOURS_MAX)) < 0)
		return false;
	if (**p == ':') {
		++*p;
		if ((minutes = read_number(p, 0, 59)) < 0)
			return false;
		if (**p == ':') {
			++*p;
			if ((rest = read_number(p, 0, 60)) < 0)
				return false;
		}
	}
	*seconds = sign * ((hours * 60 + minutes) * 60 + rest);
	return true;
}

/* Letters, or anything within < and >. */
static bool
skip_name(const char **p)
{
	const char *end;

	if (**p == '<') {
		if ((end = strchr(*p, '>')) == NULL)
			return false;
		*p = end + 1;
	} else {
		*p += strcspn(*p, "0123456789,+-");
	}
	return true;
}

static bool
read_change(const char **p, struct type_posix_change *change)
{
	*change = (struct type_posix_change) { .kind = POSIX_DAY, .time_s = 7200 };
	if (*(*p)++ != ',')
		return false;
	if (**p == 'J') {
		++*p;
		change->kind = POSIX_JULIAN;
		change->day = read_number(p, 1, 365);
	} else if (**p == 'M') {
		++*p;
		change->kind = POSIX_MONTH;
		change->month = read_number(p, 1, 12);
		if (*(*p)++ != '.' || (change->week = read_number(p, 1, 5)) < 0 || *(*p)++ != '.')
			return false;
		change->day = read_number(p, 0, 6);
	} else {
		change->day = read_number(p, 0, 365);
	}
	if (change->day < 0 || change->month < 0)
		return false;
	if (**p != '/')
		return true;
	++*p;
	return read_time(p, &change->time_s);
}

bool
type_posix_zone_parse(const char *name, struct type_posix_zone *out)
{
	const char *p = name;

	*out = (struct type_posix_zone) { .has_summer = false };
	if (strlen(name) >= TYPE_ZONE_NAME_MAX || !skip_name(&p) || *p == '\0' || !read_time(&p, &out->standard_s))
		return false;
	out->standard_s = -out->standard_s;
	if (*p == '\0')
		return true;
	out->has_summer = true;
	out->summer_s = out->standard_s + 3600;
	name = p;
	if (!skip_name(&p) || p == name)
		return false;
	if (*p != '\0' && *p != ',') {
		if (!read_time(&p, &out->summer_s))
			return false;
		out->summer_s = -out->summer_s;
	}
	if (*p == '\0')
		p = USUAL_RULES;
	return read_change(&p, &out->change[0]) && read_change(&p, &out->change[1]) && *p == '\0';
}

/* Local seconds since 1970 of the change in a year. */
static int64_t
change_in(const struct type_posix_change *change, int64_t year)
{
	int64_t first = type_days_from_civil(year, 1, 1), days;
	int weekday, last;

	if (change->kind == POSIX_MONTH) {
		first = type_days_from_civil(year, change->month, 1);
		last = type_days_in_month(year, change->month);
		weekday = (int)(((first + 6) % 7 + 7) % 7); /* 2000-01-01 was a Saturday */
		days = first + (change->day - weekday + 7) % 7 + (change->week - 1) * 7;
		while (days >= first + last)
			days -= 7;
	} else if (change->kind == POSIX_JULIAN) {
		days = first + change->day - 1 + (change->day > 59 && type_days_in_month(year, 2) == 29);
	} else {
		days = first + change->day;
	}
	return (days + TYPE_EPOCH_SHIFT_DAYS) * 86400 + change->time_s;
}

int
type_posix_zone_offset(const struct type_posix_zone *zone, int64_t unix_s)
{
	int64_t local = unix_s + zone->standard_s, year, begins, ends;
	int month, day;

	if (!zone->has_summer)
		return zone->standard_s;
	type_civil_from_days(local / 86400 - (local % 86400 < 0) - TYPE_EPOCH_SHIFT_DAYS, &year, &month, &day);
	begins = change_in(&zone->change[0], year) - zone->standard_s;
	ends = change_in(&zone->change[1], year) - zone->summer_s;
	if (begins < ends)
		return unix_s >= begins && unix_s < ends ? zone->summer_s : zone->standard_s;
	return unix_s >= begins || unix_s < ends ? zone->summer_s : zone->standard_s;
}
