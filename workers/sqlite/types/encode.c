/*
 * Values on their way to a client, text form, and the entry points of both forms. What SQLite holds need not be what
 * bibd stored: expressions give other kinds, and files may come from elsewhere.
 */
#include <endian.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/record.h"

typedef int put_fn(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid,
    const struct type_settings *settings, struct report *r);

static int
put_integer(struct pgwire_buffer *out, int64_t v)
{
	uint8_t *p = pgwire_buffer_reserve(out, TYPE_INTEGER_TEXT);

	if (p != NULL)
		out->end += type_write_integer(v, (char *)p);
	return 0;
}

static int
put_float(struct pgwire_buffer *out, double v, bool single, const struct type_settings *settings)
{
	uint8_t *p = pgwire_buffer_reserve(out, TYPE_FLOAT_TEXT);

	if (p != NULL)
		out->end += type_write_float(v, single, settings != NULL ? settings->extra_float_digits : 1, (char *)p);
	return 0;
}

static int
put_bytes(struct pgwire_buffer *out, const struct type_value *value)
{
	pgwire_put_bytes(out, value->bytes, value->length);
	return 0;
}

/* Brings the value to the type's stored form, then puts that. */
static int
put_coerced(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid,
    const struct type_settings *settings, struct report *r)
{
	struct type_value stored;
	int result;

	if (type_coerce_in(settings, oid, -1, false, value, &stored, r) != 0)
		return -1;
	result = type_put_value_text(out, &stored, oid, settings, r);
	type_value_free(&stored);
	return result;
}

static int
text_of_text(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid,
    const struct type_settings *settings, struct report *r)
{
	(void)oid;
	(void)r;
	switch (value->kind) {
	case SQLITE_INTEGER:
		return put_integer(out, value->integer);
	case SQLITE_FLOAT:
		return put_float(out, value->real, false, settings);
	case SQLITE_BLOB:
		type_put_bytea(out, (const uint8_t *)value->bytes, value->length,
		    settings != NULL && settings->bytea_escape);
		return 0;
	default:
		return put_bytes(out, value);
	}
}

static int
text_of_integer(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid,
    const struct type_settings *settings, struct report *r)
{
	if (value->kind != SQLITE_INTEGER)
		return put_coerced(out, value, oid, settings, r);
	if (oid != TYPE_INT8 && type_check_integer(oid, value->integer, r) != 0)
		return -1;
	return put_integer(out, value->integer);
}

static int
text_of_boolean(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid,
    const struct type_settings *settings, struct report *r)
{
	if (value->kind != SQLITE_INTEGER)
		return put_coerced(out, value, oid, settings, r);
	pgwire_put_byte(out, value->integer != 0 ? 't' : 'f');
	return 0;
}

static int
text_of_float(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid,
    const struct type_settings *settings, struct report *r)
{
	if (value->kind == SQLITE_FLOAT)
		return put_float(out, value->real, oid == TYPE_FLOAT4, settings);
	/* the one float that is stored as a text */
	if (value->kind == SQLITE_TEXT && value->length == 3 && memcmp(value->bytes, "NaN", 3) == 0)
		return put_bytes(out, value);
	return put_coerced(out, value, oid, settings, r);
}

static int
text_of_numeric(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid,
    const struct type_settings *settings, struct report *r)
{
	struct type_value canonical;

	if (value->kind == SQLITE_INTEGER)
		return put_integer(out, value->integer);
	if (type_coerce_in(settings, oid, -1, false, value, &canonical, r) != 0)
		return -1;
	(void)put_bytes(out, &canonical);
	type_value_free(&canonical);
	return 0;
}

static int
text_of_bytea(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid,
    const struct type_settings *settings, struct report *r)
{
	if (value->kind != SQLITE_BLOB && value->kind != SQLITE_TEXT)
		return type_cannot_cast(r, value->kind, oid);
	type_put_bytea(out, (const uint8_t *)value->bytes, value->length, settings != NULL && settings->bytea_escape);
	return 0;
}

/* Whether a text has the shape, 'd' for a digit, of a stored value; a fraction may follow the seconds. */
static bool
has_shape(const char *p, size_t length, const char *shape, const char *suffix)
{
	size_t n = strlen(shape), tail = strlen(suffix);

	if (length < n + tail || memcmp(p + length - tail, suffix, tail) != 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (shape[i] == 'd' ? p[i] < '0' || p[i] > '9' : p[i] != shape[i])
			return false;
	}
	if (n + tail == length)
		return true;
	if (p[n] != '.' || shape[n - 3] != ':' || length - tail - n > 7)
		return false;
	for (size_t i = n + 1; i < length - tail; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
	}
	return true;
}

/* A date or a timestamp without a zone. */
static int
put_styled(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid,
    const struct type_settings *settings, struct report *r)
{
	char text[TYPE_STYLED_TEXT];
	int32_t days;
	int64_t us;
	size_t n;

	if (oid == TYPE_DATE) {
		if (type_parse_date(value->bytes, value->length, settings, &days, r) != 0)
			return -1;
		n = type_write_styled_date(days, settings, text);
	} else {
		if (type_parse_timestamp(value->bytes, value->length, false, settings, &us, r) != 0)
			return -1;
		n = type_write_styled_timestamp(us, NULL, settings, text);
	}
	pgwire_put_bytes(out, text, n);
	return 0;
}

static int
text_of_datetime(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid,
    const struct type_settings *settings, struct report *r)
{
	const char *shape = oid == TYPE_DATE ? "dddd-dd-dd" : oid == TYPE_TIME ? "dd:dd:dd" : "dddd-dd-dd dd:dd:dd";
	char text[TYPE_DATETIME_TEXT];
	int64_t us;
	int32_t days;
	size_t n;

	bool styled = settings != NULL && settings->date_style != TYPE_DATE_ISO && oid != TYPE_TIME;

	if (value->kind != SQLITE_TEXT)
		return type_cannot_cast(r, value->kind, oid);
	if (styled)
		return put_styled(out, value, oid, settings, r);
	if (has_shape(value->bytes, value->length, shape, ""))
		return put_bytes(out, value);
	if (oid == TYPE_DATE) {
		if (type_parse_date(value->bytes, value->length, settings, &days, r) != 0)
			return -1;
		n = type_write_date(days, text);
	} else if (oid == TYPE_TIME) {
		if (type_parse_time(value->bytes, value->length, settings, &us, r) != 0)
			return -1;
		n = type_write_time(us, text);
	} else {
		if (type_parse_timestamp(value->bytes, value->length, false, settings, &us, r) != 0)
			return -1;
		n = type_write_timestamp(us, text);
	}
	pgwire_put_bytes(out, text, n);
	return 0;
}

static int
put_zoned(struct pgwire_buffer *out, int64_t us, const struct type_settings *settings)
{
	char text[TYPE_DATETIME_TEXT], offset_text[TYPE_DATETIME_TEXT];
	int64_t seconds = us / TYPE_USECS_PER_SECOND - (us % TYPE_USECS_PER_SECOND < 0);
	int offset = settings->timezone_offset_s;
	bool bc, infinite = us == TYPE_TIMESTAMP_INFINITY || us == TYPE_TIMESTAMP_MINUS_INFINITY;
	size_t n;

	if (settings->timezone != NULL)
		(void)type_zone_offset_at_utc(settings->timezone, seconds + INT64_C(86400) * TYPE_EPOCH_SHIFT_DAYS,
		    &offset);
	n = type_write_timestamp(infinite ? us : us + offset * TYPE_USECS_PER_SECOND, text);
	bc = n > 3 && memcmp(text + n - 3, " BC", 3) == 0;
	pgwire_put_bytes(out, text, n - (bc ? 3 : 0));
	if (!infinite)
		pgwire_put_bytes(out, offset_text, type_write_offset(offset, offset_text));
	if (bc)
		pgwire_put_bytes(out, " BC", 3);
	return 0;
}

/* With the zone's abbreviation in place of the offset. */
static int
put_styled_instant(struct pgwire_buffer *out, int64_t us, const struct type_settings *settings, bool utc,
    struct report *r)
{
	int64_t seconds = us / TYPE_USECS_PER_SECOND - (us % TYPE_USECS_PER_SECOND < 0);
	bool infinite = us == TYPE_TIMESTAMP_INFINITY || us == TYPE_TIMESTAMP_MINUS_INFINITY;
	char text[TYPE_STYLED_TEXT];
	const char *zone = utc ? "UTC" : NULL;
	int offset = 0;

	seconds += INT64_C(86400) * TYPE_EPOCH_SHIFT_DAYS;
	if (!utc && !infinite) {
		zone = settings->timezone == NULL ? NULL : type_zone_abbreviation_at(settings->timezone, seconds);
		if (zone == NULL || !type_zone_offset_at_utc(settings->timezone, seconds, &offset))
			return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "the name of the time zone at that time, which DateStyle shows, is not known on SQLite");
	}
	pgwire_put_bytes(out, text,
	    type_write_styled_timestamp(infinite ? us : us + offset * TYPE_USECS_PER_SECOND, zone, settings, text));
	return 0;
}

static int
text_of_timestamptz(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid,
    const struct type_settings *settings, struct report *r)
{
	static const struct type_settings utc = { .timezone = NULL };
	bool is_utc = settings == NULL || (settings->timezone == NULL && settings->timezone_offset_s == 0) ||
	    (settings->timezone != NULL &&
		(strcmp(settings->timezone, "UTC") == 0 || strcmp(settings->timezone, "Etc/UTC") == 0));
	bool styled = settings != NULL && settings->date_style != TYPE_DATE_ISO;
	int64_t us;

	if (value->kind != SQLITE_TEXT)
		return type_cannot_cast(r, value->kind, oid);
	if (is_utc && !styled && has_shape(value->bytes, value->length, "dddd-dd-dd dd:dd:dd", "+00"))
		return put_bytes(out, value);
	if (type_parse_timestamp(value->bytes, value->length, true, settings, &us, r) != 0)
		return -1;
	if (styled)
		return put_styled_instant(out, us, settings, is_utc, r);
	return put_zoned(out, us, is_utc ? &utc : settings);
}

static int
text_of_interval(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid,
    const struct type_settings *settings, struct report *r)
{
	struct type_interval interval;

	(void)oid;
	if (value->kind != SQLITE_TEXT)
		return type_cannot_cast(r, value->kind, oid);
	if (settings == NULL || settings->interval_style == TYPE_INTERVAL_POSTGRES)
		return put_bytes(out, value);
	if (type_parse_interval(value->bytes, value->length, &interval, r) != 0)
		return -1;
	type_put_interval(out, &interval, settings->interval_style);
	return 0;
}

static int
text_of_network(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid,
    const struct type_settings *settings, struct report *r)
{
	(void)settings;
	return type_put_network(out, oid, value, r);
}

static int
text_of_text_search(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid,
    const struct type_settings *settings, struct report *r)
{
	(void)settings;
	if (value->kind != SQLITE_TEXT)
		return type_cannot_cast(r, value->kind, oid);
	return type_put_text_search(out, oid, value->bytes, value->length, false, r);
}

/* The commonest first: the search is linear. What is not here is a text. */
static const struct text_encoder {
	uint32_t oid;
	put_fn *fn;
} text_encoders[] = {
	{ TYPE_INT4, text_of_integer },
	{ TYPE_TEXT, text_of_text },
	{ TYPE_INT8, text_of_integer },
	{ TYPE_VARCHAR, text_of_text },
	{ TYPE_BPCHAR, text_of_text },
	{ TYPE_BOOL, text_of_boolean },
	{ TYPE_TIMESTAMPTZ, text_of_timestamptz },
	{ TYPE_TIMESTAMP, text_of_datetime },
	{ TYPE_NUMERIC, text_of_numeric },
	{ TYPE_FLOAT8, text_of_float },
	{ TYPE_NAME, text_of_text },
	{ TYPE_OID, text_of_integer },
	{ TYPE_INT2, text_of_integer },
	{ TYPE_FLOAT4, text_of_float },
	{ TYPE_BYTEA, text_of_bytea },
	{ TYPE_DATE, text_of_datetime },
	{ TYPE_TIME, text_of_datetime },
	{ TYPE_INTERVAL, text_of_interval },
	{ TYPE_INET, text_of_network },
	{ TYPE_CIDR, text_of_network },
	{ TYPE_TSQUERY, text_of_text_search },
};

int
type_put_value_text(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid,
    const struct type_settings *settings, struct report *r)
{
	for (size_t i = 0; i < sizeof(text_encoders) / sizeof(text_encoders[0]); i++) {
		if (text_encoders[i].oid == oid)
			return text_encoders[i].fn(out, value, oid, settings, r);
	}
	if (value->kind == SQLITE_TEXT && type_is_row(oid))
		return type_record_show(out, value->bytes, value->length, settings, r);
	if (value->kind == SQLITE_TEXT && type_is_array(oid))
		return type_array_show(out, type_element(oid), value->bytes, value->length, settings, r);
	return text_of_text(out, value, oid, settings, r);
}

/* What SQLite holds, in place. */
static void
value_view(sqlite3_value *from, struct type_value *to)
{
	*to = (struct type_value) { .kind = sqlite3_value_type(from) };
	switch (to->kind) {
	case SQLITE_INTEGER:
		to->integer = sqlite3_value_int64(from);
		break;
	case SQLITE_FLOAT:
		to->real = sqlite3_value_double(from);
		break;
	case SQLITE_TEXT:
		to->bytes = (const char *)sqlite3_value_text(from);
		to->length = (size_t)sqlite3_value_bytes(from);
		break;
	case SQLITE_BLOB:
		to->bytes = sqlite3_value_blob(from);
		to->length = (size_t)sqlite3_value_bytes(from);
		break;
	default:
		break;
	}
}

int
type_put_text(struct pgwire_buffer *out, sqlite3_value *value, uint32_t oid, const struct type_settings *settings,
    struct report *r)
{
	struct type_value view;

	value_view(value, &view);
	if (view.kind != SQLITE_NULL && type_put_value_text(out, &view, oid, settings, r) != 0)
		return -1;
	return out->failed ? type_out_of_memory(r) : 0;
}

/* sqlite3_column_value's result is "unprotected": fine, since a connection is one thread's at a time. */
int
type_put_column(struct pgwire_buffer *out, sqlite3_stmt *stmt, int column, uint32_t oid, int format,
    const struct type_settings *settings, struct report *r)
{
	size_t mark = out->end - out->start;
	struct type_value view;
	uint32_t length;
	int result;

	value_view(sqlite3_column_value(stmt, column), &view);
	if (view.kind == SQLITE_NULL) {
		pgwire_put_int32(out, UINT32_MAX);
		return out->failed ? type_out_of_memory(r) : 0;
	}
	pgwire_put_int32(out, 0);
	result = format == TYPE_FORMAT_BINARY ? type_put_value_binary(out, &view, oid, settings, r)
					      : type_put_value_text(out, &view, oid, settings, r);
	if (out->failed)
		return type_out_of_memory(r);
	if (result != 0) {
		out->end = out->start + mark; /* nothing of the field stays */
		return -1;
	}
	length = htobe32((uint32_t)(out->end - out->start - mark - sizeof(length)));
	memcpy(out->data + out->start + mark, &length, sizeof(length));
	return 0;
}
