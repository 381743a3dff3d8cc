/*
 * A date and time while it is read. Shared by datetime_scan.c (one field), datetime_read.c (all of them) and
 * datetime_settle.c (what they come to).
 */
#ifndef BIBD_SQLITE_TYPES_DATETIME_SCAN_H
#define BIBD_SQLITE_TYPES_DATETIME_SCAN_H

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/datetime_words.h"

/* What a field may say; no field says again what another has said. */
enum scan_field {
	SCAN_YEAR,
	SCAN_MONTH,
	SCAN_DAY,
	SCAN_DAY_OF_YEAR,
	SCAN_HOUR,
	SCAN_MINUTE,
	SCAN_SECOND,
	SCAN_FRACTION,
	SCAN_ZONE,
	SCAN_SUMMER,
	SCAN_HALF,
	SCAN_ERA,
	SCAN_DAY_OF_WEEK,
};
#define SCAN_DATE_BITS ((1u << SCAN_YEAR) | (1u << SCAN_MONTH) | (1u << SCAN_DAY))
#define SCAN_TIME_BITS ((1u << SCAN_HOUR) | (1u << SCAN_MINUTE) | (1u << SCAN_SECOND) | (1u << SCAN_FRACTION))
#define SCAN_ZONE_BITS (1u << SCAN_ZONE)

typedef enum type_datetime_result result;

struct scan {
	char date_order;
	bool time_only;
	unsigned seen, found; /* bits of enum scan_field: of all fields before; of the one at hand */
	enum datetime_unit unit;
	bool text_month, short_year, year_seen, julian, bc;
	int half; /* 0: none, else 1 am, 2 pm */
	int64_t year, month, day, day_of_year, hour, minute, second, fraction_us;
	struct type_datetime *out;
};

/* A number of 32 bits; errno is ERANGE when it is none. */
int64_t datetime_number(const char *text, char **end);

/* Each takes one field, which it may cut, and sets what it says and `found`. */
result scan_date(struct scan *s, char *text);
result scan_clock(struct scan *s, const char *text);
result scan_plain_number(struct scan *s, char *text);
/* Where only a time is wanted. */
result scan_time_number(struct scan *s, char *text, bool may_be_date);
/* hhmm, hhmmss */
result scan_digits_after(struct scan *s, char *text);

/* What the fields come to, of which all have been seen: fills s->out (datetime_settle.c). */
result datetime_settle(struct scan *s);
/* Whether the time of day is beyond 24:00, or a part of it beyond its own bound. */
bool datetime_clock_overflows(const struct scan *s);

#endif
