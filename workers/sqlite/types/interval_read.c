/*
 * Intervals as they are written: numbers with units ("1 day 2 hours"), clock times, "1-2" for years and months, "ago",
 * and ISO 8601's durations. Fields are taken from the right to the left, so that a unit comes before its number.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/datetime_fields.h"
#include "workers/sqlite/types/interval_sum.h"

#define MONTHS_OF_YEAR 12
#define COMPARED_LETTERS 10 /* of a unit's name; what follows them is of no account */

/* ---- units ---- */

/* A unit is not given twice; seconds with a fraction stand for their milliseconds and microseconds, too. */
enum unit {
	UNIT_NONE,
	UNIT_MICROSECOND,
	UNIT_MILLISECOND,
	UNIT_SECOND,
	UNIT_MINUTE,
	UNIT_HOUR,
	UNIT_DAY,
	UNIT_WEEK,
	UNIT_MONTH,
	UNIT_YEAR,
	UNIT_DECADE,
	UNIT_CENTURY,
	UNIT_MILLENNIUM,
	UNIT_AGO,
	UNIT_OTHER, /* known, but no number of it can be given */
};
#define BIT(unit) (1u << (unit))
#define SECOND_BITS (BIT(UNIT_MICROSECOND) | BIT(UNIT_MILLISECOND) | BIT(UNIT_SECOND))
#define CLOCK_BITS (SECOND_BITS | BIT(UNIT_MINUTE) | BIT(UNIT_HOUR))

static const struct {
	const char *name;
	enum unit unit;
} names[] = { { "ago", UNIT_AGO }, { "c", UNIT_CENTURY }, { "cent", UNIT_CENTURY }, { "centuries", UNIT_CENTURY },
	{ "century", UNIT_CENTURY }, { "d", UNIT_DAY }, { "day", UNIT_DAY }, { "days", UNIT_DAY },
	{ "dec", UNIT_DECADE }, { "decade", UNIT_DECADE }, { "decades", UNIT_DECADE }, { "decs", UNIT_DECADE },
	{ "h", UNIT_HOUR }, { "hour", UNIT_HOUR }, { "hours", UNIT_HOUR }, { "hr", UNIT_HOUR }, { "hrs", UNIT_HOUR },
	{ "m", UNIT_MINUTE }, { "microsecon", UNIT_MICROSECOND }, { "mil", UNIT_MILLENNIUM },
	{ "millennia", UNIT_MILLENNIUM }, { "millennium", UNIT_MILLENNIUM }, { "millisecon", UNIT_MILLISECOND },
	{ "mils", UNIT_MILLENNIUM }, { "min", UNIT_MINUTE }, { "mins", UNIT_MINUTE }, { "minute", UNIT_MINUTE },
	{ "minutes", UNIT_MINUTE }, { "mon", UNIT_MONTH }, { "mons", UNIT_MONTH }, { "month", UNIT_MONTH },
	{ "months", UNIT_MONTH }, { "ms", UNIT_MILLISECOND }, { "msec", UNIT_MILLISECOND },
	{ "msecond", UNIT_MILLISECOND }, { "mseconds", UNIT_MILLISECOND }, { "msecs", UNIT_MILLISECOND },
	{ "s", UNIT_SECOND }, { "sec", UNIT_SECOND }, { "second", UNIT_SECOND }, { "seconds", UNIT_SECOND },
	{ "qtr", UNIT_OTHER }, { "quarter", UNIT_OTHER }, { "secs", UNIT_SECOND }, { "us", UNIT_MICROSECOND },
	{ "usec", UNIT_MICROSECOND }, { "usecond", UNIT_MICROSECOND }, { "useconds", UNIT_MICROSECOND },
	{ "usecs", UNIT_MICROSECOND }, { "w", UNIT_WEEK }, { "week", UNIT_WEEK }, { "weeks", UNIT_WEEK },
	{ "y", UNIT_YEAR }, { "year", UNIT_YEAR }, { "years", UNIT_YEAR }, { "yr", UNIT_YEAR }, { "yrs", UNIT_YEAR } };

static enum unit
find_unit(const char *word)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(names[i].name, word, COMPARED_LETTERS) == 0)
			return names[i].unit;
	return UNIT_NONE;
}

static bool
add(struct interval_sum *sum, enum unit unit, int64_t whole, double fraction)
{
	static const int64_t us[] = { [UNIT_MICROSECOND] = 1,
		[UNIT_MILLISECOND] = 1000,
		[UNIT_SECOND] = TYPE_USECS_PER_SECOND,
		[UNIT_MINUTE] = TYPE_USECS_PER_MINUTE,
		[UNIT_HOUR] = TYPE_USECS_PER_HOUR };
	static const int
	    years[] = { [UNIT_YEAR] = 1, [UNIT_DECADE] = 10, [UNIT_CENTURY] = 100, [UNIT_MILLENNIUM] = 1000 };

	if (unit <= UNIT_HOUR)
		return interval_sum_us(sum, whole, fraction, us[unit]);
	if (unit == UNIT_DAY || unit == UNIT_WEEK)
		return interval_sum_days(sum, whole, fraction, unit == UNIT_DAY ? 1 : 7);
	return unit == UNIT_MONTH ? interval_sum_months(sum, whole, fraction)
				  : interval_sum_years(sum, whole, fraction, years[unit]);
}

/* ---- fields ---- */

typedef enum type_datetime_result result;

struct reading {
	struct interval_sum sum;
	int fields;    /* of a typmod: which field a number without a unit is */
	bool negative; /* sql_standard: one sign for all */
	enum unit unit;
	unsigned seen;
	bool ago;
};

/* What the last number is when nothing else says it. */
static enum unit
unit_of_fields(int fields)
{
	if (fields == INTERVAL_ALL_FIELDS || (fields & INTERVAL_SECOND) != 0)
		return UNIT_SECOND;
	if ((fields & INTERVAL_MINUTE) != 0)
		return UNIT_MINUTE;
	if ((fields & INTERVAL_HOUR) != 0)
		return UNIT_HOUR;
	if ((fields & INTERVAL_DAY) != 0)
		return UNIT_DAY;
	return (fields & INTERVAL_MONTH) != 0 ? UNIT_MONTH : UNIT_YEAR;
}

static result
see(struct reading *r, unsigned bits)
{
	if ((r->seen & bits) != 0)
		return TYPE_DATETIME_SYNTAX;
	r->seen |= bits;
	return TYPE_DATETIME_OK;
}

/* ".5"; a point alone is nothing. */
static bool
read_fraction(const char *p, double *fraction)
{
	char *end;

	*fraction = 0;
	if (p[1] == '\0')
		return true;
	errno = 0;
	*fraction = strtod(p, &end);
	return *end == '\0' && errno == 0;
}

/* h:m, h:m:s, m:s.f; the hours may be many. */
static result
read_clock(const char *text, int fields, int64_t *us)
{
	int64_t parts[3] = { 0 }, fraction_us = 0;
	struct interval_sum sum = { .us = 0 };
	double fraction = 0;
	char *end;
	int n = 0;

	for (errno = 0;; text = end + 1) {
		parts[n] = strtoll(text, &end, 10);
		if (errno != 0 || (n > 0 && parts[n] > INT32_MAX))
			return TYPE_DATETIME_RANGE;
		if (n == 2 || *end != ':')
			break;
		n++;
	}
	if (n == 0 || (*end != '\0' && (*end != '.' || !read_fraction(end, &fraction))))
		return TYPE_DATETIME_SYNTAX;
	fraction_us = (int64_t)rint(fraction * 1e6);
	if (n == 1 && (*end == '.' || fields == (INTERVAL_MINUTE | INTERVAL_SECOND))) {
		parts[2] = parts[1];
		parts[1] = parts[0];
		parts[0] = 0;
	}
	if (parts[0] < 0 || parts[1] < 0 || parts[1] > 59 || parts[2] < 0 || parts[2] > 60 || fraction_us < 0)
		return TYPE_DATETIME_RANGE;
	if (!interval_sum_us(&sum, parts[0], 0, TYPE_USECS_PER_HOUR) ||
	    !interval_sum_us(&sum, parts[1] * 60 + parts[2], 0, TYPE_USECS_PER_SECOND) ||
	    !interval_sum_us(&sum, fraction_us, 0, 1))
		return TYPE_DATETIME_RANGE;
	*us = sum.us;
	return TYPE_DATETIME_OK;
}

/* A time stands for all of the clock: it replaces what was read, which must not have been any of it. */
static result
take_clock(struct reading *r, int64_t us, bool minus)
{
	r->sum.us = minus || (r->negative && us > 0) ? -us : us;
	r->unit = UNIT_DAY;
	return see(r, CLOCK_BITS);
}

/* "1-2" are years and months. */
static result
read_years_months(struct reading *r, const char *text, char *after, int64_t *value)
{
	char *end;
	int64_t months;

	errno = 0;
	months = strtoll(after + 1, &end, 10);
	if (errno != 0 || months < 0 || months >= MONTHS_OF_YEAR)
		return TYPE_DATETIME_RANGE;
	if (*end != '\0')
		return TYPE_DATETIME_SYNTAX;
	r->unit = UNIT_MONTH;
	if (__builtin_mul_overflow(*value, MONTHS_OF_YEAR, value) ||
	    __builtin_add_overflow(*value, *text == '-' ? -months : months, value))
		return TYPE_DATETIME_RANGE;
	return TYPE_DATETIME_OK;
}

static result
take_number(struct reading *r, const char *text)
{
	double fraction = 0;
	int64_t value;
	char *end;
	result found = TYPE_DATETIME_OK;

	if (r->unit == UNIT_NONE)
		r->unit = unit_of_fields(r->fields);
	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno != 0)
		return TYPE_DATETIME_RANGE;
	if (*end == '-')
		found = read_years_months(r, text, end, &value);
	else if (*end != '\0' && (*end != '.' || !read_fraction(end, &fraction)))
		found = TYPE_DATETIME_SYNTAX;
	if (found != TYPE_DATETIME_OK)
		return found;
	fraction = *text == '-' ? -fraction : fraction;
	if (r->negative) {
		value = value > 0 ? -value : value;
		fraction = fraction > 0 ? -fraction : fraction;
	}
	if (r->unit == UNIT_OTHER)
		return TYPE_DATETIME_SYNTAX;
	if (!add(&r->sum, r->unit, value, fraction))
		return TYPE_DATETIME_RANGE;
	found = see(r, r->unit == UNIT_SECOND && fraction != 0 ? SECOND_BITS : BIT(r->unit));
	if (r->unit == UNIT_HOUR)
		r->unit = UNIT_DAY;
	return found;
}

static result
take_offset(struct reading *r, const char *text)
{
	int64_t us;

	if (strchr(text, ':') != NULL && read_clock(text + 1, r->fields, &us) == TYPE_DATETIME_OK)
		return take_clock(r, us, *text == '-');
	return take_number(r, text);
}

static result
take_word(struct reading *r, const char *word)
{
	r->unit = find_unit(word);
	if (r->unit == UNIT_NONE)
		return TYPE_DATETIME_SYNTAX;
	if (r->unit == UNIT_AGO) {
		r->ago = true;
		r->unit = UNIT_OTHER;
	}
	return TYPE_DATETIME_OK;
}

static result
take_field(struct reading *r, enum datetime_field_kind kind, const char *text)
{
	int64_t us;
	result found;

	switch (kind) {
	case FIELD_TIME:
		found = read_clock(text, r->fields, &us);
		return found == TYPE_DATETIME_OK ? take_clock(r, us, false) : found;
	case FIELD_OFFSET:
		return take_offset(r, text);
	case FIELD_DATE:
	case FIELD_NUMBER:
		return take_number(r, text);
	default:
		return take_word(r, text);
	}
}

static bool
one_sign_for_all(const struct datetime_fields *fields)
{
	if (fields->n == 0 || *fields->at[0].text != '-')
		return false;
	for (unsigned i = 1; i < fields->n; i++)
		if (*fields->at[i].text == '-' || *fields->at[i].text == '+')
			return false;
	return true;
}

static result
read_fields(const struct datetime_fields *fields, const struct type_interval_reading *how, struct interval_sum *out)
{
	struct reading r = { .fields = how->fields, .negative = how->sql_standard && one_sign_for_all(fields) };
	result found = TYPE_DATETIME_OK;

	for (unsigned i = fields->n; i-- > 0 && found == TYPE_DATETIME_OK;)
		found = take_field(&r, fields->at[i].kind, fields->at[i].text);
	if (found == TYPE_DATETIME_OK && r.seen == 0)
		found = TYPE_DATETIME_SYNTAX;
	if (found == TYPE_DATETIME_OK && r.ago && !interval_sum_negate(&r.sum))
		found = TYPE_DATETIME_RANGE;
	*out = r.sum;
	return found;
}

/* ---- the entry ---- */

static int
fail(result found, const char *data, size_t length, struct report *r)
{
	if (found == TYPE_DATETIME_RANGE)
		return report_set(r, SQLSTATE_INTERVAL_FIELD_OVERFLOW, "interval field value out of range: \"%.*s\"",
		    (int)(length < 256 ? length : 256), data);
	return type_bad_syntax(r, TYPE_INTERVAL, data, length);
}

int
type_read_interval(const struct type_interval_reading *how, const char *data, size_t length, struct type_interval *out,
    struct report *r)
{
	struct interval_sum sum = { .us = 0 };
	struct datetime_fields fields;
	result found = TYPE_DATETIME_SYNTAX;

	*out = (struct type_interval) { 0 };
	if (datetime_fields_split(data, length, DATETIME_FIELDS_ROOM, &fields))
		found = read_fields(&fields, how, &sum);
	if (found == TYPE_DATETIME_SYNTAX)
		found = interval_read_iso_8601(data, length, &sum);
	if (found != TYPE_DATETIME_OK)
		return fail(found, data, length, r);
	*out = (struct type_interval) { .months = sum.years * MONTHS_OF_YEAR + sum.months,
		.days = sum.days,
		.us = sum.us };
	if (out->months < INT32_MIN || out->months > INT32_MAX)
		return report_set(r, SQLSTATE_DATETIME_FIELD_OVERFLOW, "interval out of range");
	return 0;
}
