/*
 * Reads a date and time field by field: each field's kind, and what stands around it, say what it is.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/datetime_fields.h"
#include "workers/sqlite/types/datetime_scan.h"

#define BIT(field) (1u << (field))
#define JULIAN_OF_2000 2451545

/* ---- zones ---- */

/* A zone's name; false: there is none of it. */
static bool
set_zone(struct scan *s, const char *name)
{
	int ignored;

	if (strlen(name) >= sizeof(s->out->zone) || !type_zone_offset_at_utc(name, 0, &ignored))
		return false;
	memcpy(s->out->zone, name, strlen(name) + 1);
	s->found = SCAN_ZONE_BITS;
	return true;
}

static bool
set_abbreviation(struct scan *s, const char *word)
{
	const struct type_abbreviation *abbreviation = type_zone_abbreviation(word);

	if (abbreviation == NULL)
		return false;
	if (abbreviation->zone != NULL) {
		strncpy(s->out->zone, abbreviation->zone, sizeof(s->out->zone) - 1);
		s->out->abbreviation = abbreviation->name;
	} else {
		s->out->has_offset = true;
		s->out->offset_s = abbreviation->offset_s;
	}
	s->found = SCAN_ZONE_BITS;
	return true;
}

static result
set_offset(struct scan *s, const char *text)
{
	s->out->has_offset = true;
	s->found = SCAN_ZONE_BITS;
	return type_scan_offset(text, &s->out->offset_s);
}

/* ---- fields ---- */

/* hhmmss-zz: digits, and an offset behind them. */
static result
take_time_and_offset(struct scan *s, char *text)
{
	char *minus = strchr(text, '-');
	result status;

	if ((s->seen & SCAN_TIME_BITS) == SCAN_TIME_BITS || minus == NULL)
		return TYPE_DATETIME_SYNTAX;
	if ((status = set_offset(s, minus)) != TYPE_DATETIME_OK)
		return status;
	*minus = '\0';
	status = s->time_only ? scan_digits_after(s, text) : scan_plain_number(s, text);
	s->found |= SCAN_ZONE_BITS;
	return status;
}

static void
set_julian(struct scan *s, int64_t day)
{
	int month, day_of_month;

	type_civil_from_days(day - JULIAN_OF_2000, &s->year, &month, &day_of_month);
	s->month = month;
	s->day = day_of_month;
	s->julian = true;
	s->found = SCAN_DATE_BITS;
}

/* j2451187-08 */
static result
take_julian_and_offset(struct scan *s, const char *text)
{
	char *end;
	int64_t day = datetime_number(text, &end);
	result status;

	if (errno != 0 || day < 0)
		return TYPE_DATETIME_RANGE;
	status = set_offset(s, end);
	set_julian(s, day);
	s->found = SCAN_DATE_BITS | SCAN_TIME_BITS | SCAN_ZONE_BITS;
	s->unit = DATETIME_UNIT_NONE;
	return status;
}

static result
take_date(struct scan *s, char *text, bool may_be_date)
{
	const unsigned month_and_day = BIT(SCAN_MONTH) | BIT(SCAN_DAY);
	bool digits = *text >= '0' && *text <= '9';

	if (s->unit == DATETIME_UNIT_JULIAN)
		return take_julian_and_offset(s, text);
	if (s->time_only ? may_be_date : s->unit == DATETIME_UNIT_NONE && (s->seen & month_and_day) != month_and_day)
		return scan_date(s, text);
	if (!digits && s->unit == DATETIME_UNIT_NONE)
		return set_zone(s, text) ? TYPE_DATETIME_OK : TYPE_DATETIME_ZONE_UNKNOWN;
	if (s->unit != DATETIME_UNIT_NONE && s->unit != DATETIME_UNIT_TIME)
		return TYPE_DATETIME_SYNTAX;
	s->unit = DATETIME_UNIT_NONE;
	return take_time_and_offset(s, text);
}

static result
take_julian(struct scan *s, int64_t day, const char *fraction)
{
	double of_day;

	if (day < 0)
		return TYPE_DATETIME_RANGE;
	set_julian(s, day);
	if (*fraction != '.')
		return TYPE_DATETIME_OK;
	of_day = strtod(fraction, NULL) * (double)TYPE_USECS_PER_DAY;
	s->hour = s->minute = s->second = 0;
	s->fraction_us = (int64_t)of_day;
	s->found |= SCAN_TIME_BITS;
	return TYPE_DATETIME_OK;
}

/* What the word before has named: y2024, j2451187, T101112. */
static result
take_named_number(struct scan *s, char *text)
{
	static const unsigned bits[] = { [DATETIME_UNIT_YEAR] = BIT(SCAN_YEAR),
		[DATETIME_UNIT_MONTH] = BIT(SCAN_MONTH),
		[DATETIME_UNIT_DAY] = BIT(SCAN_DAY),
		[DATETIME_UNIT_HOUR] = BIT(SCAN_HOUR),
		[DATETIME_UNIT_MINUTE] = BIT(SCAN_MINUTE),
		[DATETIME_UNIT_SECOND] = BIT(SCAN_SECOND) };
	int64_t *const places[] = { [DATETIME_UNIT_YEAR] = &s->year,
		[DATETIME_UNIT_MONTH] = &s->month,
		[DATETIME_UNIT_DAY] = &s->day,
		[DATETIME_UNIT_HOUR] = &s->hour,
		[DATETIME_UNIT_MINUTE] = &s->minute,
		[DATETIME_UNIT_SECOND] = &s->second };
	enum datetime_unit unit = s->unit;
	char *end;
	int64_t value = datetime_number(text, &end);

	if (errno != 0)
		return TYPE_DATETIME_RANGE;
	if (*end != '.' && *end != '\0')
		return TYPE_DATETIME_SYNTAX;
	s->unit = DATETIME_UNIT_NONE;
	if (unit == DATETIME_UNIT_JULIAN)
		return take_julian(s, value, end);
	if (unit == DATETIME_UNIT_TIME)
		return scan_digits_after(s, text);
	if (unit == DATETIME_UNIT_OTHER)
		return TYPE_DATETIME_SYNTAX;
	if (unit == DATETIME_UNIT_MONTH && (s->seen & BIT(SCAN_MONTH)) != 0 && (s->seen & BIT(SCAN_HOUR)) != 0)
		unit = DATETIME_UNIT_MINUTE;
	*places[unit] = value;
	s->found = bits[unit];
	if (unit == DATETIME_UNIT_SECOND && *end == '.') {
		s->fraction_us = (int64_t)rint(strtod(end, NULL) * 1e6);
		s->found = SCAN_TIME_BITS & ~(BIT(SCAN_HOUR) | BIT(SCAN_MINUTE));
	}
	return TYPE_DATETIME_OK;
}

static result
take_month(struct scan *s, int month)
{
	s->found = BIT(SCAN_MONTH);
	/* A number that was taken for the month is the day then. */
	if ((s->seen & BIT(SCAN_MONTH)) != 0 && !s->text_month && (s->seen & BIT(SCAN_DAY)) == 0 && s->month >= 1 &&
	    s->month <= 31) {
		s->day = s->month;
		s->found = BIT(SCAN_DAY);
	}
	s->text_month = true;
	s->month = month;
	return TYPE_DATETIME_OK;
}

static result
take_special(struct scan *s, enum datetime_word_kind kind)
{
	static const enum type_datetime_special specials[] = { [WORD_NOW] = TYPE_DATETIME_NOW,
		[WORD_EPOCH] = TYPE_DATETIME_EPOCH,
		[WORD_INFINITY] = TYPE_DATETIME_INFINITY,
		[WORD_MINUS_INFINITY] = TYPE_DATETIME_MINUS_INFINITY };

	if (s->time_only && kind != WORD_NOW)
		return TYPE_DATETIME_SYNTAX;
	s->out->special = specials[kind];
	s->found = s->time_only ? SCAN_TIME_BITS : SCAN_DATE_BITS | SCAN_TIME_BITS | SCAN_ZONE_BITS;
	return TYPE_DATETIME_OK;
}

static result
take_day_word(struct scan *s, int shift)
{
	if (s->time_only)
		return TYPE_DATETIME_SYNTAX;
	s->out->relative = true;
	s->out->relative_days = shift;
	s->found = SCAN_DATE_BITS;
	return TYPE_DATETIME_OK;
}

static result
take_unit(struct scan *s, enum datetime_unit unit, const struct datetime_fields *fields, unsigned i)
{
	bool dated = (s->seen & SCAN_DATE_BITS) == SCAN_DATE_BITS;

	s->unit = unit;
	if (unit != DATETIME_UNIT_TIME || s->time_only)
		return TYPE_DATETIME_OK;
	return dated && i + 1 < fields->n &&
		(fields->at[i + 1].kind == FIELD_NUMBER || fields->at[i + 1].kind == FIELD_TIME ||
		    fields->at[i + 1].kind == FIELD_DATE)
	    ? TYPE_DATETIME_OK
	    : TYPE_DATETIME_SYNTAX;
}

static result
take_word(struct scan *s, const struct datetime_fields *fields, unsigned i)
{
	const char *word = fields->at[i].text;
	enum datetime_word_kind kind;
	int value;

	if (set_abbreviation(s, word))
		return TYPE_DATETIME_OK;
	switch (kind = datetime_word(word, &value)) {
	case WORD_IGNORED:
		return TYPE_DATETIME_OK;
	case WORD_MONTH:
		return s->time_only ? TYPE_DATETIME_SYNTAX : take_month(s, value);
	case WORD_DAY:
		s->found = BIT(SCAN_DAY_OF_WEEK);
		return s->time_only ? TYPE_DATETIME_SYNTAX : TYPE_DATETIME_OK;
	case WORD_HALF:
		s->half = value + 1;
		s->found = BIT(SCAN_HALF);
		return TYPE_DATETIME_OK;
	case WORD_ERA:
		s->bc = value == 1;
		s->found = BIT(SCAN_ERA);
		return TYPE_DATETIME_OK;
	case WORD_SUMMER:
		s->out->has_offset = true;
		s->out->offset_s += value;
		s->found = BIT(SCAN_SUMMER);
		return TYPE_DATETIME_OK;
	case WORD_UNIT:
		return take_unit(s, (enum datetime_unit)value, fields, i);
	case WORD_TODAY:
		return take_day_word(s, value);
	case WORD_MIDNIGHT:
		s->hour = s->minute = s->second = s->fraction_us = 0;
		s->out->has_offset = true;
		s->out->offset_s = 0;
		s->found = SCAN_TIME_BITS | SCAN_ZONE_BITS;
		return TYPE_DATETIME_OK;
	case WORD_NONE:
		return set_zone(s, word) ? TYPE_DATETIME_OK : TYPE_DATETIME_SYNTAX;
	default:
		return take_special(s, kind);
	}
}

/* A time may have a date in front of it. */
static bool
may_be_date(const struct datetime_fields *fields, unsigned i)
{
	return i == 0 && fields->n >= 2 &&
	    (fields->at[fields->n - 1].kind == FIELD_DATE || fields->at[1].kind == FIELD_TIME);
}

static result
take_clock(struct scan *s, const char *text)
{
	result status;

	if (s->unit != DATETIME_UNIT_NONE && s->unit != DATETIME_UNIT_TIME && !s->time_only)
		return TYPE_DATETIME_SYNTAX;
	s->unit = DATETIME_UNIT_NONE;
	if ((status = scan_clock(s, text)) != TYPE_DATETIME_OK)
		return status;
	return !s->time_only && datetime_clock_overflows(s) ? TYPE_DATETIME_RANGE : TYPE_DATETIME_OK;
}

static result
take_field(struct scan *s, struct datetime_fields *fields, unsigned i)
{
	char *text = fields->at[i].text;

	s->found = 0;
	switch (fields->at[i].kind) {
	case FIELD_DATE:
		return take_date(s, text, may_be_date(fields, i));
	case FIELD_TIME:
		return take_clock(s, text);
	case FIELD_OFFSET:
		return set_offset(s, text);
	case FIELD_NUMBER:
		if (s->unit != DATETIME_UNIT_NONE)
			return take_named_number(s, text);
		return s->time_only ? scan_time_number(s, text,
					  i == 0 && fields->n >= 2 && fields->at[fields->n - 1].kind == FIELD_DATE)
				    : scan_plain_number(s, text);
	default:
		return take_word(s, fields, i);
	}
}

result
type_scan_datetime(const char *data, size_t length, char date_order, enum type_datetime_kind kind,
    struct type_datetime *out)
{
	struct scan s = { .date_order = date_order, .time_only = kind == TYPE_DATETIME_TIME, .out = out };
	struct datetime_fields fields;
	result status;

	*out = (struct type_datetime) { 0 };
	if (!datetime_fields_split(data, length, kind == TYPE_DATETIME_TIMESTAMP ? 153 : 129, &fields))
		return TYPE_DATETIME_SYNTAX;
	for (unsigned i = 0; i < fields.n; i++) {
		if ((status = take_field(&s, &fields, i)) != TYPE_DATETIME_OK)
			return status;
		if ((s.found & s.seen) != 0)
			return TYPE_DATETIME_SYNTAX;
		s.seen |= s.found;
	}
	return datetime_settle(&s);
}
