/* What a client sends, text or binary, to the stored form. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/record.h"
#include "workers/sqlite/types/jsonpath.h"

#define NAME_LENGTH 63

struct decode_input {
	const struct type_settings *settings;
	uint32_t oid;
	const char *data;
	size_t length;
};

typedef int decode_fn(const struct decode_input *in, struct type_value *out, struct report *r);

static int
set_integer(struct type_value *out, int64_t v)
{
	*out = (struct type_value) { .kind = SQLITE_INTEGER, .integer = v };
	return 0;
}

/* SQLite would take a NaN for null. */
static int
set_real(struct type_value *out, double v)
{
	if (isnan(v))
		type_value_text(out, "NaN", 3);
	else
		*out = (struct type_value) { .kind = SQLITE_FLOAT, .real = v };
	return 0;
}

/* ---- text ---- */

static int
boolean_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	int64_t v;

	return type_parse_boolean(in->data, in->length, &v, r) != 0 ? -1 : set_integer(out, v);
}

static int
integer_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	int64_t v;

	return type_parse_integer(in->oid, in->data, in->length, &v, r) != 0 ? -1 : set_integer(out, v);
}

static int
float_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	double v;

	return type_parse_float(in->oid, in->data, in->length, &v, r) != 0 ? -1 : set_real(out, v);
}

static int
numeric_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	return type_parse_numeric(in->data, in->length, out, r);
}

static int
plain_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	(void)r;
	type_value_text(out, in->data, in->length);
	return 0;
}

static int
name_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	size_t n = in->length;

	(void)r;
	if (n > NAME_LENGTH) {
		for (n = NAME_LENGTH; n > 0 && ((uint8_t)in->data[n] & 0xc0) == 0x80; n--)
			;
	}
	type_value_text(out, in->data, n);
	return 0;
}

static int
bytea_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	return type_parse_bytea(in->data, in->length, out, r);
}

static int
timestamp_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	int64_t us;

	if (type_parse_timestamp(in->data, in->length, in->oid == TYPE_TIMESTAMPTZ, in->settings, &us, r) != 0)
		return -1;
	return type_datetime_to_text(in->oid, us, out, r);
}

static int
date_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	int32_t days;

	if (type_parse_date(in->data, in->length, in->settings, &days, r) != 0)
		return -1;
	return type_datetime_to_text(in->oid, days, out, r);
}

static int
time_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	int64_t us;

	if (type_parse_time(in->data, in->length, in->settings, &us, r) != 0)
		return -1;
	return type_datetime_to_text(in->oid, us, out, r);
}

static int
timetz_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct type_timetz value;

	return type_parse_timetz(in->data, in->length, in->settings, &value, r) != 0
	    ? -1
	    : type_timetz_to_text(&value, out, r);
}

static int
interval_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct type_interval_reading how = { .fields = INTERVAL_ALL_FIELDS };
	struct type_interval interval;

	how.sql_standard = in->settings != NULL && in->settings->interval_style == TYPE_INTERVAL_SQL_STANDARD;
	return type_read_interval(&how, in->data, in->length, &interval, r) != 0
	    ? -1
	    : type_interval_to_text(&interval, out, r);
}

static int
bits_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	return type_parse_bits(in->data, in->length, out, r);
}

static int
network_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	return type_decode_network(in->oid, in->data, in->length, out, r);
}

static int
macaddr_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	bool wide = in->oid == TYPE_MACADDR8;
	uint8_t address[TYPE_MACADDR_MAX];
	char text[TYPE_MACADDR_TEXT];

	if ((wide ? type_parse_macaddr8(in->data, in->length, address, r)
		  : type_parse_macaddr(in->data, in->length, address, r)) != 0)
		return -1;
	return type_value_copy(out, text, type_write_macaddr(address, wide ? TYPE_MACADDR_MAX : 6, text), r);
}

static int
uuid_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	char text[TYPE_UUID_TEXT];
	uint8_t uuid[16];

	if (type_parse_uuid(in->data, in->length, uuid, r) != 0)
		return -1;
	type_write_uuid(uuid, text);
	return type_value_copy(out, text, sizeof(text), r);
}

static int
json_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	if (type_check_json(in->data, in->length, r) != 0)
		return -1;
	type_value_text(out, in->data, in->length);
	return 0;
}

/* In its one form. */
static int
jsonpath_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct jsonpath *path;
	struct pgwire_buffer text = { 0 };
	int result;

	if (type_check_utf8(in->data, in->length, r) != 0 || (path = jsonpath_read(in->data, in->length, r)) == NULL)
		return -1;
	jsonpath_put(&text, path);
	result = text.failed
	    ? type_out_of_memory(r)
	    : type_value_copy(out, (const char *)text.data + text.start, pgwire_buffer_length(&text), r);
	pgwire_buffer_free(&text);
	jsonpath_free(path);
	return result;
}

static int
jsonb_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	return type_parse_jsonb(in->data, in->length, out, r);
}

/* ---- binary ---- */

static int
bad_binary(const struct decode_input *in, struct report *r)
{
	return report_set(r, SQLSTATE_INVALID_BINARY_REPRESENTATION, "incorrect binary data format for type %s",
	    type_error_name(in->oid));
}

static struct pgwire_reader
reader_of(const struct decode_input *in)
{
	return (struct pgwire_reader) { .data = (const uint8_t *)in->data, .length = in->length };
}

static int
boolean_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	return in->length != 1 ? bad_binary(in, r) : set_integer(out, in->data[0] != 0);
}

static int
integer_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = reader_of(in);
	size_t size = in->oid == TYPE_INT2 ? 2 : in->oid == TYPE_INT8 ? 8 : 4;

	if (in->length != size)
		return bad_binary(in, r);
	if (size == 2)
		return set_integer(out, (int16_t)pgwire_get_int16(&body));
	if (size == 8)
		return set_integer(out, (int64_t)pgwire_get_int64(&body));
	if (in->oid == TYPE_INT4)
		return set_integer(out, (int32_t)pgwire_get_int32(&body));
	return set_integer(out, pgwire_get_int32(&body));
}

static int
float4_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = reader_of(in);
	uint32_t bits = pgwire_get_int32(&body);
	float v;

	if (!pgwire_reader_done(&body))
		return bad_binary(in, r);
	memcpy(&v, &bits, sizeof(v));
	return set_real(out, (double)v);
}

static int
float8_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = reader_of(in);
	uint64_t bits = pgwire_get_int64(&body);
	double v;

	if (!pgwire_reader_done(&body))
		return bad_binary(in, r);
	memcpy(&v, &bits, sizeof(v));
	return set_real(out, v);
}

static int
numeric_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = reader_of(in);

	return type_numeric_from_binary(&body, out, r);
}

static int
bytea_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	(void)r;
	*out = (struct type_value) { .kind = SQLITE_BLOB, .bytes = in->data, .length = in->length };
	return 0;
}

static int
text_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	if (type_check_utf8(in->data, in->length, r) != 0)
		return -1;
	return in->oid == TYPE_NAME ? name_text(in, out, r) : plain_text(in, out, r);
}

static int
json_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	if (type_check_utf8(in->data, in->length, r) != 0)
		return -1;
	return json_text(in, out, r);
}

static int
jsonpath_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct decode_input text = *in;

	if (in->length == 0 || in->data[0] != 1)
		return report_set(r, SQLSTATE_INVALID_BINARY_REPRESENTATION, "unsupported jsonpath version number %d",
		    in->length == 0 ? 0 : in->data[0]);
	text.data++;
	text.length--;
	return jsonpath_text(&text, out, r);
}

static int
jsonb_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct decode_input text = *in;

	if (in->length < 1 || in->data[0] != 1)
		return report_set(r, SQLSTATE_INVALID_BINARY_REPRESENTATION, "unsupported jsonb version number %d",
		    in->length > 0 ? in->data[0] : 0);
	text.data++;
	text.length--;
	return type_check_utf8(text.data, text.length, r) != 0 ? -1 : jsonb_text(&text, out, r);
}

static int
timestamp_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = reader_of(in);
	int64_t v = (int64_t)pgwire_get_int64(&body);
	bool infinite = v == TYPE_TIMESTAMP_INFINITY || v == TYPE_TIMESTAMP_MINUS_INFINITY;

	if (!pgwire_reader_done(&body))
		return bad_binary(in, r);
	if (!infinite && (v < TYPE_TIMESTAMP_MIN || v >= TYPE_TIMESTAMP_END))
		return report_set(r, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
	return type_datetime_to_text(in->oid, v, out, r);
}

static int
date_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = reader_of(in);
	int32_t v = (int32_t)pgwire_get_int32(&body);
	bool infinite = v == TYPE_DATE_INFINITY || v == TYPE_DATE_MINUS_INFINITY;

	if (!pgwire_reader_done(&body))
		return bad_binary(in, r);
	if (!infinite && (v < TYPE_DATE_MIN || v >= TYPE_DATE_END))
		return report_set(r, SQLSTATE_DATETIME_FIELD_OVERFLOW, "date out of range");
	return type_datetime_to_text(in->oid, v, out, r);
}

static int
time_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = reader_of(in);
	int64_t v = (int64_t)pgwire_get_int64(&body);

	if (!pgwire_reader_done(&body))
		return bad_binary(in, r);
	if (v < 0 || v > TYPE_USECS_PER_DAY)
		return report_set(r, SQLSTATE_DATETIME_FIELD_OVERFLOW, "time out of range");
	return type_datetime_to_text(in->oid, v, out, r);
}

static int
timetz_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = reader_of(in);
	struct type_timetz value = { .us = (int64_t)pgwire_get_int64(&body) };

	value.offset_s = -(int32_t)pgwire_get_int32(&body);
	if (!pgwire_reader_done(&body))
		return bad_binary(in, r);
	if (value.us < 0 || value.us > TYPE_USECS_PER_DAY)
		return report_set(r, SQLSTATE_DATETIME_FIELD_OVERFLOW, "time out of range");
	if (value.offset_s <= -16 * 3600 || value.offset_s >= 16 * 3600)
		return report_set(r, SQLSTATE_INVALID_TIME_ZONE_DISPLACEMENT_VALUE,
		    "time zone displacement out of range");
	return type_timetz_to_text(&value, out, r);
}

static int
interval_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = reader_of(in);
	struct type_interval interval = { .us = (int64_t)pgwire_get_int64(&body) };

	interval.days = (int32_t)pgwire_get_int32(&body);
	interval.months = (int32_t)pgwire_get_int32(&body);
	return pgwire_reader_done(&body) ? type_interval_to_text(&interval, out, r) : bad_binary(in, r);
}

static int
uuid_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	char text[TYPE_UUID_TEXT];

	if (in->length != 16)
		return bad_binary(in, r);
	type_write_uuid((const uint8_t *)in->data, text);
	return type_value_copy(out, text, sizeof(text), r);
}

static int
bits_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = reader_of(in);

	return type_bits_from_binary(&body, out, r);
}

static int
network_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = reader_of(in);

	return type_network_from_binary(in->oid, &body, out, r);
}

/* Eight bytes, or six: they become eight. */
static int
macaddr_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	bool wide = in->oid == TYPE_MACADDR8;
	uint8_t address[TYPE_MACADDR_MAX];
	char text[TYPE_MACADDR_TEXT];

	if (in->length != 6 && !(wide && in->length == TYPE_MACADDR_MAX))
		return bad_binary(in, r);
	memcpy(address, in->data, in->length);
	if (wide && in->length == 6)
		type_macaddr_widen(address);
	return type_value_copy(out, text, type_write_macaddr(address, wide ? TYPE_MACADDR_MAX : 6, text), r);
}

/* One byte; \101 says which in octal digits. */
static int
char_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	int byte = in->length > 0 ? (unsigned char)in->data[0] : 0;
	char digits[4];

	if (in->length == 4 && byte == '\\' && strspn(in->data + 1, "01234567") >= 3) {
		memcpy(digits, in->data + 1, 3);
		digits[3] = '\0';
		byte = (int)strtol(digits, NULL, 8) & 255;
	}
	return type_value_char(byte, out, r);
}

/* The commonest first: the search is linear. */
static const struct decoder {
	uint32_t oid;
	decode_fn *text;
	decode_fn *binary;
} decoders[] = {
	{ TYPE_INT4, integer_text, integer_binary },
	{ TYPE_TEXT, plain_text, text_binary },
	{ TYPE_INT8, integer_text, integer_binary },
	{ TYPE_UNKNOWN, plain_text, text_binary },
	{ TYPE_VARCHAR, plain_text, text_binary },
	{ TYPE_BOOL, boolean_text, boolean_binary },
	{ TYPE_TIMESTAMPTZ, timestamp_text, timestamp_binary },
	{ TYPE_TIMESTAMP, timestamp_text, timestamp_binary },
	{ TYPE_NUMERIC, numeric_text, numeric_binary },
	{ TYPE_FLOAT8, float_text, float8_binary },
	{ TYPE_UUID, uuid_text, uuid_binary },
	{ TYPE_BYTEA, bytea_text, bytea_binary },
	{ TYPE_DATE, date_text, date_binary },
	{ TYPE_INT2, integer_text, integer_binary },
	{ TYPE_FLOAT4, float_text, float4_binary },
	{ TYPE_BPCHAR, plain_text, text_binary },
	{ TYPE_JSON, json_text, json_binary },
	{ TYPE_JSONB, jsonb_text, jsonb_binary },
	{ TYPE_JSONPATH, jsonpath_text, jsonpath_binary },
	{ TYPE_NAME, name_text, text_binary },
	{ TYPE_OID, integer_text, integer_binary },
	{ TYPE_TIME, time_text, time_binary },
	{ TYPE_INTERVAL, interval_text, interval_binary },
	{ TYPE_TIMETZ, timetz_text, timetz_binary },
	{ TYPE_BIT, bits_text, bits_binary },
	{ TYPE_VARBIT, bits_text, bits_binary },
	{ TYPE_INET, network_text, network_binary },
	{ TYPE_CIDR, network_text, network_binary },
	{ TYPE_MACADDR, macaddr_text, macaddr_binary },
	{ TYPE_MACADDR8, macaddr_text, macaddr_binary },
	{ TYPE_UNKNOWN_LITERAL, plain_text, text_binary },
	{ TYPE_CHAR, char_text, text_binary },
	{ TYPE_CITEXT, plain_text, text_binary },
	{ TYPE_REGCLASS, plain_text, integer_binary },
	{ TYPE_REGTYPE, plain_text, integer_binary },
	{ TYPE_REGPROC, plain_text, integer_binary },
	{ TYPE_REGPROCEDURE, plain_text, integer_binary },
	{ TYPE_REGNAMESPACE, plain_text, integer_binary },
	{ TYPE_REGROLE, plain_text, integer_binary },
};

static const struct decoder *
decoder_find(uint32_t oid)
{
	for (size_t i = 0; i < sizeof(decoders) / sizeof(decoders[0]); i++) {
		if (decoders[i].oid == oid)
			return &decoders[i];
	}
	return NULL;
}

static int
decode_binary(const struct decode_input *in, const struct decoder *decoder, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = reader_of(in);
	uint32_t element;

	if (decoder != NULL)
		return decoder->binary(in, out, r);
	if (type_class(in->oid) == TYPE_CLASS_ENUM) /* its label */
		return text_binary(in, out, r);
	if (type_class(in->oid) == TYPE_CLASS_COMPOSITE)
		return type_record_from_binary(&body, out, r);
	if ((element = type_element(in->oid)) != 0)
		return type_array_from_binary(element, &body, out, r);
	return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "binary input of type %s is not supported",
	    type_error_name(in->oid));
}

int
type_decode_in(const struct type_settings *settings, uint32_t oid, int format, const char *data, size_t length,
    struct type_value *out, struct report *r)
{
	const struct decode_input in = { .settings = settings, .oid = oid, .data = data, .length = length };
	const struct decoder *decoder = decoder_find(oid);
	uint32_t element;

	*out = (struct type_value) { .kind = SQLITE_NULL };
	if (format == TYPE_FORMAT_BINARY)
		return decode_binary(&in, decoder, out, r);
	if (type_check_utf8(data, length, r) != 0)
		return -1;
	if (decoder != NULL)
		return decoder->text(&in, out, r);
	if (oid == TYPE_ACLITEM && type_check_aclitem(data, length, r) != 0)
		return -1;
	/* A vector of the catalog, "1 2", has no braces. */
	element = oid == TYPE_INT2VECTOR || oid == TYPE_OIDVECTOR ? 0 : type_element(oid);
	return element != 0 ? type_parse_array(settings, element, data, length, out, r) : plain_text(&in, out, r);
}

int
type_decode(uint32_t oid, int format, const char *data, size_t length, struct type_value *out, struct report *r)
{
	return type_decode_in(NULL, oid, format, data, length, out, r);
}
