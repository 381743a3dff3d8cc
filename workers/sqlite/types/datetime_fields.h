/*
 * What people write for a date, a time or an interval, cut into fields: numbers, dates with their separators, clock
 * times, offsets and words. Blanks and other punctuation stand between fields and say nothing.
 */
#ifndef BIBD_SQLITE_TYPES_DATETIME_FIELDS_H
#define BIBD_SQLITE_TYPES_DATETIME_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

enum datetime_field_kind {
	FIELD_NUMBER, /* 12, 1.5 */
	FIELD_DATE,   /* 2024-01-02, jan-2-2024; a zone with punctuation, too */
	FIELD_TIME,   /* 10:11:12.13 */
	FIELD_OFFSET, /* +02:00, -1.5: a sign and a digit */
	FIELD_WORD,
	FIELD_SIGNED_WORD, /* -infinity */
};

#define DATETIME_FIELDS_MAX 25
#define DATETIME_FIELDS_ROOM 256

struct datetime_fields {
	struct {
		enum datetime_field_kind kind;
		char *text; /* in `bytes`, NUL-terminated, lower case */
	} at[DATETIME_FIELDS_MAX];
	unsigned n;
	char bytes[DATETIME_FIELDS_ROOM];
};

/* False: too many fields, more than `room` bytes with a NUL behind each, or a byte that belongs nowhere. The limits
 * are PostgreSQL's, which differ by type. */
bool datetime_fields_split(const char *data, size_t length, size_t room, struct datetime_fields *out);

#endif
