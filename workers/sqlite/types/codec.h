/*
 * What the files types*.c share and nothing else uses: parsers and printers of single types. A parser takes bytes that
 * are not NUL-terminated and fills the report as PostgreSQL 15 words the error; a printer appends to a buffer.
 */
#ifndef BIBD_SQLITE_TYPES_CODEC_H
#define BIBD_SQLITE_TYPES_CODEC_H

#include "workers/sqlite/types/types.h"

/* ---- types.c ---- */
/* "smallint", "timestamp with time zone": how errors name a type. */
const char *type_error_name(uint32_t oid);

/* ---- declare.c ---- */
#define TYPE_TYPMOD_HEADER 4 /* varchar, char and numeric typmods are offset by this */

/* ---- text.c ---- */
/* Fails with 22021 at a NUL byte or at what is not UTF-8. */
int type_check_utf8(const char *data, size_t length, struct report *r);
int type_out_of_memory(struct report *r);
/* 22P02, 22007: invalid input syntax for type ...: "..." */
int type_bad_syntax(struct report *r, uint32_t oid, const char *data, size_t length);
bool type_is_blank(char c);
void type_trim(const char **data, size_t *length);
/* An owned copy as a TEXT value; -1 when memory is out. */
int type_value_copy(struct type_value *out, const char *data, size_t length, struct report *r);
/* A value of "char": a byte beyond ASCII is kept as PostgreSQL shows it, \377; the byte 0 is an empty text. */
int type_value_char(int byte, struct type_value *out, struct report *r);
void type_value_text(struct type_value *out, const char *data, size_t length);
int type_parse_bytea(const char *data, size_t length, struct type_value *out, struct report *r);
void type_put_bytea(struct pgwire_buffer *out, const uint8_t *data, size_t length, bool escape);
int type_parse_uuid(const char *data, size_t length, uint8_t uuid[16], struct report *r);
#define TYPE_UUID_TEXT 36
void type_write_uuid(const uint8_t uuid[16], char text[TYPE_UUID_TEXT]);

/* ---- datetime_style.c: where DateStyle is not ISO ---- */
#define TYPE_STYLED_TEXT 96
/* Both return the length. zone: the name of the zone then, behind the time; NULL: none. us: on the wall clock. */
size_t type_write_styled_date(int32_t days, const struct type_settings *settings, char text[TYPE_STYLED_TEXT]);
size_t type_write_styled_timestamp(int64_t us, const char *zone, const struct type_settings *settings,
    char text[TYPE_STYLED_TEXT]);

/* ---- bits.c: bit and bit varying ---- */
#define TYPE_BITS_MAX 83886080 /* of a declared length; longer ones are PostgreSQL's, and refused here */
/* Digits, or b and binary or x and hexadecimal digits; `out` owns its text. 22P02, 54000. */
int type_parse_bits(const char *data, size_t length, struct type_value *out, struct report *r);
/* The last n bits of a number in two's complement. */
int type_bits_from_integer(int64_t value, size_t n, struct type_value *out, struct report *r);
/* To a declared length: 22026 for bit and 22001 for bit varying, unless the cast is written. `out` owns its text. */
int type_bits_coerce(uint32_t oid, int32_t typmod, bool explicit_cast, const struct type_value *in,
    struct type_value *out, struct report *r);
int type_bits_from_binary(struct pgwire_reader *in, struct type_value *out, struct report *r);
void type_bits_to_binary(struct pgwire_buffer *out, const char *bits, size_t length);

/* ---- textsearch.c: tsvector and tsquery ---- */
struct tsvector;
struct tsquery;
int type_parse_text_search(uint32_t oid, const char *data, size_t length, struct type_value *out, struct report *r);
int type_text_search_from_binary(uint32_t oid, struct pgwire_reader *in, struct type_value *out, struct report *r);
/* From the kept text. */
int type_put_text_search(struct pgwire_buffer *out, uint32_t oid, const char *data, size_t length, bool binary,
    struct report *r);
/* One as it is kept; it is freed, whatever comes of it. */
int type_value_tsvector(struct tsvector *v, struct type_value *out, struct report *r);
int type_value_tsquery(struct tsquery *q, struct type_value *out, struct report *r);
/* Of kept texts: <0, 0, >0. */
int type_compare_tsvector(const char *a, size_t a_length, const char *b, size_t b_length);
int type_compare_tsquery(const char *a, size_t a_length, const char *b, size_t b_length);

/* ---- macaddr.c: macaddr (six bytes) and macaddr8 ---- */
#define TYPE_MACADDR_MAX 8
#define TYPE_MACADDR_TEXT (3 * TYPE_MACADDR_MAX)
int type_parse_macaddr(const char *data, size_t length, uint8_t address[TYPE_MACADDR_MAX], struct report *r);
/* Six bytes become eight. */
int type_parse_macaddr8(const char *data, size_t length, uint8_t address[TYPE_MACADDR_MAX], struct report *r);
void type_macaddr_widen(uint8_t address[TYPE_MACADDR_MAX]);
/* Returns the length; no NUL is written. */
size_t type_write_macaddr(const uint8_t *address, size_t n, char text[TYPE_MACADDR_TEXT]);

/* ---- number.c ---- */
#define TYPE_INTEGER_TEXT 20 /* the longest int64 */
#define TYPE_FLOAT_TEXT 32
int type_parse_boolean(const char *data, size_t length, int64_t *value, struct report *r);
int type_parse_integer(uint32_t oid, const char *data, size_t length, int64_t *value, struct report *r);
/* NULL report: only tells whether it fits. */
int type_check_integer(uint32_t oid, int64_t value, struct report *r);
/* Both return the number of characters; no NUL is written. */
size_t type_write_integer(int64_t value, char text[TYPE_INTEGER_TEXT]);
size_t type_write_float(double value, bool single, int extra_float_digits, char text[TYPE_FLOAT_TEXT]);
int type_parse_float(uint32_t oid, const char *data, size_t length, double *value, struct report *r);
/* Nearest integer, halves to even, in the type's range. */
int type_float_to_integer(uint32_t oid, double real, int64_t *value, struct report *r);

/* ---- numeric.c ---- */
/* The canonical text, owned by `out`: points into data when it is canonical already. */
int type_parse_numeric(const char *data, size_t length, struct type_value *out, struct report *r);
/* Rounds and checks a canonical text. */
int type_numeric_typmod(int32_t typmod, struct type_value *value, struct report *r);
/* Rounds half away from zero to an integer in the type's range. */
int type_numeric_to_integer(uint32_t oid, const char *data, size_t length, int64_t *value, struct report *r);
int type_compare_numeric(const char *a, size_t a_length, const char *b, size_t b_length);
bool type_is_numeric(const char *data, size_t length);

/* ---- numeric_binary.c ---- */
int type_numeric_from_binary(struct pgwire_reader *in, struct type_value *out, struct report *r);
int type_numeric_to_binary(struct pgwire_buffer *out, const char *data, size_t length, struct report *r);

/* ---- calendar.c: proleptic Gregorian days and clock time ---- */
#define TYPE_USECS_PER_SECOND INT64_C(1000000)
#define TYPE_USECS_PER_MINUTE (60 * TYPE_USECS_PER_SECOND)
#define TYPE_USECS_PER_HOUR (60 * TYPE_USECS_PER_MINUTE)
#define TYPE_USECS_PER_DAY (INT64_C(86400) * TYPE_USECS_PER_SECOND)
#define TYPE_EPOCH_SHIFT_DAYS 10957 /* from 1970-01-01 to 2000-01-01 */
#define TYPE_TIMESTAMP_INFINITY INT64_MAX
#define TYPE_TIMESTAMP_MINUS_INFINITY INT64_MIN
#define TYPE_DATE_INFINITY INT32_MAX
#define TYPE_DATE_MINUS_INFINITY INT32_MIN
#define TYPE_TIMESTAMP_MIN INT64_C(-211813488000000000)
#define TYPE_TIMESTAMP_END INT64_C(9223371331200000000)
#define TYPE_DATE_MIN (-2451545)
#define TYPE_DATE_END 2145031949
/* Days since 2000-01-01; year 0 is 1 BC. */
int64_t type_days_from_civil(int64_t year, int month, int day);
void type_civil_from_days(int64_t days, int64_t *year, int *month, int *day);
int type_days_in_month(int64_t year, int month);
#define TYPE_DATETIME_TEXT 64
/* Characters written, no NUL. Microseconds since 2000-01-01 UTC, days since then, microseconds of the day. */
size_t type_write_timestamp(int64_t us, char text[TYPE_DATETIME_TEXT]);
size_t type_write_date(int32_t days, char text[TYPE_DATETIME_TEXT]);
size_t type_write_time(int64_t us, char text[TYPE_DATETIME_TEXT]);
/* "+00", "-03:30" */
size_t type_write_offset(int offset_s, char text[TYPE_DATETIME_TEXT]);

/* ---- datetime_read.c: what people write, taken apart ---- */
enum type_datetime_special {
	TYPE_DATETIME_FIELDS,
	TYPE_DATETIME_EPOCH,
	TYPE_DATETIME_INFINITY,
	TYPE_DATETIME_MINUS_INFINITY,
	TYPE_DATETIME_NOW,
};
#define TYPE_ZONE_NAME_MAX 64
struct type_datetime {
	enum type_datetime_special special;
	bool has_date, has_time, has_offset;
	bool relative; /* the date is today's of the session, plus relative_days */
	int relative_days;
	int64_t year; /* 0 is 1 BC */
	int month, day;
	int64_t time_us;
	int offset_s;
	char zone[TYPE_ZONE_NAME_MAX]; /* a zone's name, or "" */
	const char *abbreviation;      /* of the zone's, whose meaning has changed with time; NULL: the zone itself */
};
enum type_datetime_result {
	TYPE_DATETIME_OK,
	TYPE_DATETIME_SYNTAX,
	TYPE_DATETIME_RANGE,
	TYPE_DATETIME_DAY_RANGE, /* of month or day: another order of the fields may have been meant */
	TYPE_DATETIME_ZONE_RANGE,
	TYPE_DATETIME_ZONE_UNKNOWN,
};
/* +hh, +hhmm, +hh:mm[:ss]: seconds east. */
enum type_datetime_result type_scan_offset(const char *text, int *offset_s);
enum type_datetime_kind { TYPE_DATETIME_TIMESTAMP, TYPE_DATETIME_DATE, TYPE_DATETIME_TIME };
/* date_order: as in struct type_settings. */
enum type_datetime_result type_scan_datetime(const char *data, size_t length, char date_order,
    enum type_datetime_kind kind, struct type_datetime *out);

/* ---- datetime.c ---- */
int type_parse_timestamp(const char *data, size_t length, bool with_zone, const struct type_settings *settings,
    int64_t *us, struct report *r);
int type_parse_date(const char *data, size_t length, const struct type_settings *settings, int32_t *days,
    struct report *r);
int type_parse_time(const char *data, size_t length, const struct type_settings *settings, int64_t *us,
    struct report *r);
int64_t type_round_fraction(int64_t us, int digits);

/* A time alone, taken apart; fails as PostgreSQL does for that type. */
int type_scan_time(uint32_t oid, const char *data, size_t length, const struct type_settings *settings,
    struct type_datetime *out, struct report *r);

/* ---- timetz.c ---- */
struct type_timetz {
	int64_t us; /* of the day, on its own clock */
	int offset_s;
};
int type_parse_timetz(const char *data, size_t length, const struct type_settings *settings, struct type_timetz *out,
    struct report *r);
/* TEXT in stored form. */
int type_timetz_to_text(const struct type_timetz *value, struct type_value *out, struct report *r);
/* <0, 0, >0 */
int type_compare_timetz(const char *a, size_t a_length, const char *b, size_t b_length);

/* ---- datetime_stored.c ---- */
/* TEXT in stored form for a timestamp, timestamptz, date or time. */
int type_datetime_to_text(uint32_t oid, int64_t value, struct type_value *out, struct report *r);
/* False: it is in another form, or infinite. */
bool type_read_stored_date(const char *data, size_t length, int64_t *days);
bool type_read_stored_timestamp(const char *data, size_t length, bool with_zone, int64_t *us);
/* Whether the year has the form in which only stored values are: it is never shown. */
bool type_has_stored_year(const char *data, size_t length);

/* ---- interval.c ---- */
struct type_interval {
	int64_t months, days, us;
};
/* What is stored, and what is written without a session's settings. 22007; 22008 and 22015: out of range. */
int type_parse_interval(const char *data, size_t length, struct type_interval *out, struct report *r);
/* Cuts off what the fields of a typmod leave out, and rounds to its digits. */
void type_interval_typmod(int32_t typmod, struct type_interval *interval);
/* interval_read.c: what people write. */
struct type_interval_reading {
	int fields;	   /* INTERVAL_ALL_FIELDS, or which ones a typmod names */
	bool sql_standard; /* a minus in front is that of all fields */
};
int type_read_interval(const struct type_interval_reading *how, const char *data, size_t length,
    struct type_interval *out, struct report *r);
/* TEXT in stored form. */
int type_interval_to_text(const struct type_interval *interval, struct type_value *out, struct report *r);
/* interval_style.c: appends what another style than postgres shows. */
void type_put_interval(struct pgwire_buffer *out, const struct type_interval *interval, enum type_interval_style style);
/* <0, 0, >0; what is no interval counts as none. */
int type_compare_interval(const char *a, size_t a_length, const char *b, size_t b_length);

/* ---- zone.c: the system's time zone files (tzfile(5)) ---- */
/* Seconds east of UTC. A zone that is not known, or whose file cannot be read, is UTC: false. */
bool type_zone_offset_at_utc(const char *zone, int64_t unix_s, int *offset_s);
bool type_zone_offset_at_local(const char *zone, int64_t local_unix_s, int *offset_s);
/* The zone's name as its file has it, and upper case for what POSIX's form has; NULL: there is none. malloc'ed. */
char *type_zone_name(const char *zone);
/* Whether the zone has one offset for all times. */
bool type_zone_is_fixed(const char *zone, int *offset_s);
/* What an abbreviation of the zone's meant then, or if it was not in use, when it last was, or first. False: never. */
bool type_zone_abbreviated(const char *zone, const char *abbreviation, int64_t unix_s, int *offset_s);

/* ---- zone_posix.c ---- */
/* A zone as POSIX writes it: "PST8PDT", "<+02>-2", "EST5EDT,M3.2.0,M11.1.0", and PostgreSQL's "+3" without a name. */
struct type_posix_zone {
	bool has_summer;
	int standard_s, summer_s; /* seconds east */
	struct type_posix_change {
		enum { POSIX_JULIAN, POSIX_DAY, POSIX_MONTH } kind; /* Jn without February 29th; n with it; Mm.w.d */
		int day, month, week;
		int time_s;
	} change[2]; /* into summer, and out of it */
};
bool type_posix_zone_parse(const char *name, struct type_posix_zone *out);
int type_posix_zone_offset(const struct type_posix_zone *zone, int64_t unix_s);

/* The abbreviation that a zone's clock went by then, "PDT", as long as the zone's file lasts. NULL: it is not known. */
const char *type_zone_abbreviation_at(const char *zone, int64_t unix_s);

/* ---- zone_abbreviation.c ---- */
struct type_abbreviation {
	const char *name;
	int offset_s; /* east */
	bool summer;
	const char *zone; /* that knows what it meant when; NULL: always the offset */
};
/* In lower case; NULL: there is none. */
const struct type_abbreviation *type_zone_abbreviation(const char *word);

/* ---- acl_text.c ---- */

/* 22P02 for what is no aclitem. */
int type_check_aclitem(const char *data, size_t length, struct report *r);

/* ---- network_value.c: inet and cidr, on their way in and out ---- */
int type_decode_network(uint32_t oid, const char *data, size_t length, struct type_value *out, struct report *r);
int type_network_from_binary(uint32_t oid, struct pgwire_reader *in, struct type_value *out, struct report *r);
int type_put_network(struct pgwire_buffer *out, uint32_t oid, const struct type_value *value, struct report *r);
int type_network_to_binary(struct pgwire_buffer *out, uint32_t oid, const struct type_value *value, struct report *r);
/* By their texts. */
int type_compare_network(const char *a, size_t a_length, const char *b, size_t b_length);

/* ---- json.c ---- */
int type_check_json(const char *data, size_t length, struct report *r);

/* ---- json_string.c ---- */
/* What a string in quotes says, to `out`, which has room for `length` bytes. 22P05 for \u0000, 22P02 for half a pair of
 * surrogates. */
int type_json_unescape(const char *text, size_t length, char *out, size_t *n, struct report *r);
/* Whether values of that type have a form of their own in JSON, or are strings there. */
bool type_has_json_form(uint32_t oid);
/* A text as a string in quotes, as PostgreSQL writes it. */
void type_json_put_string(struct pgwire_buffer *out, const char *text, size_t length);

/* ---- jsonb.c ---- */
/* The text under which a document is kept, owned by `out`. */
int type_parse_jsonb(const char *data, size_t length, struct type_value *out, struct report *r);
/* <0, 0, >0: PostgreSQL's order. What is no JSON is compared by its bytes. */
int type_compare_jsonb(const char *a, size_t a_length, const char *b, size_t b_length);

/* ---- array.c ---- */
/* `data` is of the form that is kept; a text without braces is an int2vector's or oidvector's, counted from 0. */
int type_array_to_binary(struct pgwire_buffer *out, uint32_t element, const char *data, size_t length,
    const struct type_settings *settings, struct report *r);
/* An element of an array's text, in quotes where it needs them. */
void type_array_put_element(struct pgwire_buffer *out, const char *text, size_t length);
int type_array_from_binary(uint32_t element, struct pgwire_reader *in, struct type_value *out, struct report *r);

/* ---- array_text.c ---- */
/* The text under which an array is kept, owned by `out`. 22P02, and what the elements' type says. */
int type_parse_array(const struct type_settings *settings, uint32_t element, const char *data, size_t length,
    struct type_value *out, struct report *r);
/* A kept array with each element brought to its type's typmod; `out` owns its text. */
int type_array_coerce(uint32_t element, int32_t typmod, bool explicit_cast, const struct type_value *in,
    struct type_value *out, struct report *r);
/* A kept array as a session sees it: TimeZone, IntervalStyle, bytea_output and extra_float_digits hold for its
 * elements, too. */
int type_array_show(struct pgwire_buffer *out, uint32_t element, const char *data, size_t length,
    const struct type_settings *settings, struct report *r);

/* ---- compare.c ---- */
/* <0, 0, >0: the order of PostgreSQL's btree class, of two texts under which elements of that type are kept. */
int type_compare_element(uint32_t element, const char *a, size_t a_length, const char *b, size_t b_length);
/* By their characters in lower case. */
int type_compare_citext(const char *a, size_t a_length, const char *b, size_t b_length);
/* The same of two kept arrays. */
int type_compare_array(uint32_t element, const char *a, size_t a_length, const char *b, size_t b_length);

/* ---- encode.c, encode_binary.c: a value in whatever form SQLite holds, without a length ---- */
int type_put_value_text(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid,
    const struct type_settings *settings, struct report *r);
int type_put_value_binary(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid,
    const struct type_settings *settings, struct report *r);
/* 42846: what SQLite holds is of a kind that has no way to this type. */
int type_cannot_cast(struct report *r, int kind, uint32_t oid);

#endif
