/* What a client sends, text or binary, to the stored form. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/record.h"
#include "workers/sqlite/types/jsonpath.h"
#include "workers/sqlite/types/decode.h"

#define NAME_LENGTH 63

int
decode_set_integer(struct type_value *out, int64_t v)
{
	*out = (struct type_value) { .kind = SQLITE_INTEGER, .integer = v };
	return 0;
}

/* SQLite would take a NaN for null. */
int
decode_set_real(struct type_value *out, double v)
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

	return type_parse_boolean(in->data, in->length, &v, r) != 0 ? -1 : decode_set_integer(out, v);
}

static int
integer_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	int64_t v;

	return type_parse_integer(in->oid, in->data, in->length, &v, r) != 0 ? -1 : decode_set_integer(out, v);
}

static int
float_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	double v;

	return type_parse_float(in->oid, in->data, in->length, &v, r) != 0 ? -1 : decode_set_real(out, v);
}

static int
numeric_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	return type_parse_numeric(in->data, in->length, out, r);
}

int
decode_plain_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	(void)r;
	type_value_text(out, in->data, in->length);
	return 0;
}

int
decode_name_text(const struct decode_input *in, struct type_value *out, struct report *r)
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
text_search_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	return type_parse_text_search(in->oid, in->data, in->length, out, r);
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

int
decode_json_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	if (type_check_json(in->data, in->length, r) != 0)
		return -1;
	type_value_text(out, in->data, in->length);
	return 0;
}

/* In its one form. */
int
decode_jsonpath_text(const struct decode_input *in, struct type_value *out, struct report *r)
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

int
decode_jsonb_text(const struct decode_input *in, struct type_value *out, struct report *r)
{
	return type_parse_jsonb(in->data, in->length, out, r);
}

/* ---- binary ---- */

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
	{ TYPE_INT4, integer_text, decode_integer_binary },
	{ TYPE_TEXT, decode_plain_text, decode_text_binary },
	{ TYPE_INT8, integer_text, decode_integer_binary },
	{ TYPE_UNKNOWN, decode_plain_text, decode_text_binary },
	{ TYPE_VARCHAR, decode_plain_text, decode_text_binary },
	{ TYPE_BOOL, boolean_text, decode_boolean_binary },
	{ TYPE_TIMESTAMPTZ, timestamp_text, decode_timestamp_binary },
	{ TYPE_TIMESTAMP, timestamp_text, decode_timestamp_binary },
	{ TYPE_NUMERIC, numeric_text, decode_numeric_binary },
	{ TYPE_FLOAT8, float_text, decode_float8_binary },
	{ TYPE_UUID, uuid_text, decode_uuid_binary },
	{ TYPE_BYTEA, bytea_text, decode_bytea_binary },
	{ TYPE_DATE, date_text, decode_date_binary },
	{ TYPE_INT2, integer_text, decode_integer_binary },
	{ TYPE_FLOAT4, float_text, decode_float4_binary },
	{ TYPE_BPCHAR, decode_plain_text, decode_text_binary },
	{ TYPE_JSON, decode_json_text, decode_json_binary },
	{ TYPE_JSONB, decode_jsonb_text, decode_jsonb_binary },
	{ TYPE_JSONPATH, decode_jsonpath_text, decode_jsonpath_binary },
	{ TYPE_REFCURSOR, decode_plain_text, decode_text_binary },
	{ TYPE_TSVECTOR, text_search_text, decode_text_search_binary },
	{ TYPE_TSQUERY, text_search_text, decode_text_search_binary },
	{ TYPE_REGCONFIG, decode_plain_text, decode_integer_binary },
	{ TYPE_REGDICTIONARY, decode_plain_text, decode_integer_binary },
	{ TYPE_NAME, decode_name_text, decode_text_binary },
	{ TYPE_OID, integer_text, decode_integer_binary },
	{ TYPE_TIME, time_text, decode_time_binary },
	{ TYPE_INTERVAL, interval_text, decode_interval_binary },
	{ TYPE_TIMETZ, timetz_text, decode_timetz_binary },
	{ TYPE_BIT, bits_text, decode_bits_binary },
	{ TYPE_VARBIT, bits_text, decode_bits_binary },
	{ TYPE_INET, network_text, decode_network_binary },
	{ TYPE_CIDR, network_text, decode_network_binary },
	{ TYPE_MACADDR, macaddr_text, decode_macaddr_binary },
	{ TYPE_MACADDR8, macaddr_text, decode_macaddr_binary },
	{ TYPE_UNKNOWN_LITERAL, decode_plain_text, decode_text_binary },
	{ TYPE_CHAR, char_text, decode_text_binary },
	{ TYPE_CITEXT, decode_plain_text, decode_text_binary },
	{ TYPE_REGCLASS, decode_plain_text, decode_integer_binary },
	{ TYPE_REGTYPE, decode_plain_text, decode_integer_binary },
	{ TYPE_REGPROC, decode_plain_text, decode_integer_binary },
	{ TYPE_REGPROCEDURE, decode_plain_text, decode_integer_binary },
	{ TYPE_REGNAMESPACE, decode_plain_text, decode_integer_binary },
	{ TYPE_REGROLE, decode_plain_text, decode_integer_binary },
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
	struct pgwire_reader body = decode_reader_of(in);
	uint32_t element;

	if (decoder != NULL)
		return decoder->binary(in, out, r);
	if (type_class(in->oid) == TYPE_CLASS_ENUM) /* its label */
		return decode_text_binary(in, out, r);
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
	return element != 0 ? type_parse_array(settings, element, data, length, out, r)
			    : decode_plain_text(&in, out, r);
}

int
type_decode(uint32_t oid, int format, const char *data, size_t length, struct type_value *out, struct report *r)
{
	return type_decode_in(NULL, oid, format, data, length, out, r);
}
