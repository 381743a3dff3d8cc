/*
 * Finds the patterns of times in a format.
 */
#include "workers/sqlite/functions/time_pattern.h"

#include <ctype.h>
#include <string.h>

const char *const time_months[] = { "January", "February", "March", "April", "May", "June", "July", "August",
	"September", "October", "November", "December" };
const char *const time_days[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" };
const char *const time_roman_months[] = { "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII" };

/* Names as they are in capitals, the longest first; all small is the same name. `mixed`: "Month" is one too. */
static const struct pattern patterns[] = {
	{ "SSSSS", CODE_SECOND_OF_DAY, 0, false },
	{ "Y,YYY", CODE_YEAR_COMMA, 0, false },
	{ "MONTH", CODE_MONTH_NAME, 0, true },
	{ "HH24", CODE_HOUR_24, 2, false },
	{ "HH12", CODE_HOUR_12, 2, false },
	{ "SSSS", CODE_SECOND_OF_DAY, 0, false },
	{ "A.M.", CODE_HALF_DOTS, 0, false },
	{ "P.M.", CODE_HALF_DOTS, 0, false },
	{ "A.D.", CODE_ERA_DOTS, 0, false },
	{ "B.C.", CODE_ERA_DOTS, 0, false },
	{ "YYYY", CODE_YEAR, 4, false },
	{ "IYYY", CODE_ISO_YEAR, 4, false },
	{ "IDDD", CODE_ISO_DAY_OF_YEAR, 3, false },
	{ "MON", CODE_MONTH_SHORT, 0, true },
	{ "DAY", CODE_DAY_NAME, 0, true },
	{ "DDD", CODE_DAY_OF_YEAR, 3, false },
	{ "YYY", CODE_YEAR, 3, false },
	{ "IYY", CODE_ISO_YEAR, 3, false },
	{ "TZH", CODE_ZONE_HOUR, 0, false },
	{ "TZM", CODE_ZONE_MINUTE, 0, false },
	{ "FF1", CODE_FRACTION, 1, false },
	{ "FF2", CODE_FRACTION, 2, false },
	{ "FF3", CODE_FRACTION, 3, false },
	{ "FF4", CODE_FRACTION, 4, false },
	{ "FF5", CODE_FRACTION, 5, false },
	{ "FF6", CODE_FRACTION, 6, false },
	{ "MS", CODE_FRACTION, 3, false },
	{ "US", CODE_FRACTION, 6, false },
	{ "DY", CODE_DAY_SHORT, 0, true },
	{ "HH", CODE_HOUR_12, 2, false },
	{ "MI", CODE_MINUTE, 2, false },
	{ "SS", CODE_SECOND, 2, false },
	{ "MM", CODE_MONTH, 2, false },
	{ "DD", CODE_DAY, 2, false },
	{ "YY", CODE_YEAR, 2, false },
	{ "IY", CODE_ISO_YEAR, 2, false },
	{ "ID", CODE_ISO_DAY_OF_WEEK, 0, false },
	{ "IW", CODE_ISO_WEEK, 2, false },
	{ "WW", CODE_WEEK_OF_YEAR, 2, false },
	{ "CC", CODE_CENTURY, 2, false },
	{ "RM", CODE_MONTH_ROMAN, 0, false },
	{ "AM", CODE_HALF, 0, false },
	{ "PM", CODE_HALF, 0, false },
	{ "AD", CODE_ERA, 0, false },
	{ "BC", CODE_ERA, 0, false },
	{ "TZ", CODE_ZONE, 0, false },
	{ "OF", CODE_OFFSET, 0, false },
	{ "W", CODE_WEEK_OF_MONTH, 0, false },
	{ "D", CODE_DAY_OF_WEEK, 0, false },
	{ "Q", CODE_QUARTER, 0, false },
	{ "J", CODE_JULIAN, 0, false },
	{ "Y", CODE_YEAR, 1, false },
	{ "I", CODE_ISO_YEAR, 1, false },
};

static bool
matches(const char *format, const struct pattern *p, struct written *w)
{
	size_t n = strlen(p->name);
	bool capitals = true, small = true, mixed = p->mixed;

	for (size_t i = 0; i < n; i++) {
		char lower = (char)tolower((unsigned char)p->name[i]);

		capitals &= format[i] == p->name[i];
		small &= format[i] == lower;
		mixed &= format[i] == (i == 0 ? p->name[i] : lower);
		if (!capitals && !small && !mixed)
			return false;
	}
	w->pattern = p;
	w->small = small && !capitals;
	w->mixed = mixed && !capitals && !small;
	return true;
}

bool
time_pattern_find(const char *format, struct written *w)
{
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if (matches(format, &patterns[i], w))
			return true;
	return false;
}

bool
time_pattern_is_modifier(const char *format, const char *capitals)
{
	bool large = strncmp(format, capitals, 2) == 0;

	return large ||
	    (format[0] == tolower((unsigned char)capitals[0]) && format[1] == tolower((unsigned char)capitals[1]));
}

/* Names have no ordinal, nor have zones. */
bool
time_pattern_is_number(enum code code)
{
	switch (code) {
	case CODE_HALF:
	case CODE_HALF_DOTS:
	case CODE_ERA:
	case CODE_ERA_DOTS:
	case CODE_MONTH_NAME:
	case CODE_MONTH_SHORT:
	case CODE_MONTH_ROMAN:
	case CODE_DAY_NAME:
	case CODE_DAY_SHORT:
	case CODE_ZONE:
	case CODE_ZONE_HOUR:
	case CODE_ZONE_MINUTE:
	case CODE_OFFSET:
		return false;
	default:
		return true;
	}
}
