/*
 * What a client sends in PostgreSQL's binary format, to the stored form.
 */
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/record.h"
#include "workers/sqlite/types/jsonpath.h"
#include "workers/sqlite/types/decode.h"

static int
bad_binary(const struct decode_input *in, struct report *r)
{
	return report_set(r, SQLSTATE_INVALID_BINARY_REPRESENTATION, "incorrect binary data format for type %s",
	    type_error_name(in->oid));
}

struct pgwire_reader
decode_reader_of(const struct decode_input *in)
{
	return (struct pgwire_reader) { .data = (const uint8_t *)in->data, .length = in->length };
}

int
decode_boolean_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	return in->length != 1 ? bad_binary(in, r) : decode_set_integer(out, in->data[0] != 0);
}

int
decode_integer_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = decode_reader_of(in);
	size_t size = in->oid == TYPE_INT2 ? 2 : in->oid == TYPE_INT8 ? 8 : 4;

	if (in->length != size)
		return bad_binary(in, r);
	if (size == 2)
		return decode_set_integer(out, (int16_t)pgwire_get_int16(&body));
	if (size == 8)
		return decode_set_integer(out, (int64_t)pgwire_get_int64(&body));
	if (in->oid == TYPE_INT4)
		return decode_set_integer(out, (int32_t)pgwire_get_int32(&body));
	return decode_set_integer(out, pgwire_get_int32(&body));
}

int
decode_float4_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = decode_reader_of(in);
	uint32_t bits = pgwire_get_int32(&body);
	float v;

	if (!pgwire_reader_done(&body))
		return bad_binary(in, r);
	memcpy(&v, &bits, sizeof(v));
	return decode_set_real(out, (double)v);
}

int
decode_float8_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = decode_reader_of(in);
	uint64_t bits = pgwire_get_int64(&body);
	double v;

	if (!pgwire_reader_done(&body))
		return bad_binary(in, r);
	memcpy(&v, &bits, sizeof(v));
	return decode_set_real(out, v);
}

int
decode_numeric_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = decode_reader_of(in);

	return type_numeric_from_binary(&body, out, r);
}

int
decode_bytea_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	(void)r;
	*out = (struct type_value) { .kind = SQLITE_BLOB, .bytes = in->data, .length = in->length };
	return 0;
}

int
decode_text_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	if (type_check_utf8(in->data, in->length, r) != 0)
		return -1;
	return in->oid == TYPE_NAME ? decode_name_text(in, out, r) : decode_plain_text(in, out, r);
}

int
decode_json_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	if (type_check_utf8(in->data, in->length, r) != 0)
		return -1;
	return decode_json_text(in, out, r);
}

int
decode_jsonpath_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct decode_input text = *in;

	if (in->length == 0 || in->data[0] != 1)
		return report_set(r, SQLSTATE_INVALID_BINARY_REPRESENTATION, "unsupported jsonpath version number %d",
		    in->length == 0 ? 0 : in->data[0]);
	text.data++;
	text.length--;
	return decode_jsonpath_text(&text, out, r);
}

int
decode_jsonb_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct decode_input text = *in;

	if (in->length < 1 || in->data[0] != 1)
		return report_set(r, SQLSTATE_INVALID_BINARY_REPRESENTATION, "unsupported jsonb version number %d",
		    in->length > 0 ? in->data[0] : 0);
	text.data++;
	text.length--;
	return type_check_utf8(text.data, text.length, r) != 0 ? -1 : decode_jsonb_text(&text, out, r);
}

int
decode_timestamp_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = decode_reader_of(in);
	int64_t v = (int64_t)pgwire_get_int64(&body);
	bool infinite = v == TYPE_TIMESTAMP_INFINITY || v == TYPE_TIMESTAMP_MINUS_INFINITY;

	if (!pgwire_reader_done(&body))
		return bad_binary(in, r);
	if (!infinite && (v < TYPE_TIMESTAMP_MIN || v >= TYPE_TIMESTAMP_END))
		return report_set(r, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
	return type_datetime_to_text(in->oid, v, out, r);
}

int
decode_date_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = decode_reader_of(in);
	int32_t v = (int32_t)pgwire_get_int32(&body);
	bool infinite = v == TYPE_DATE_INFINITY || v == TYPE_DATE_MINUS_INFINITY;

	if (!pgwire_reader_done(&body))
		return bad_binary(in, r);
	if (!infinite && (v < TYPE_DATE_MIN || v >= TYPE_DATE_END))
		return report_set(r, SQLSTATE_DATETIME_FIELD_OVERFLOW, "date out of range");
	return type_datetime_to_text(in->oid, v, out, r);
}

int
decode_time_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = decode_reader_of(in);
	int64_t v = (int64_t)pgwire_get_int64(&body);

	if (!pgwire_reader_done(&body))
		return bad_binary(in, r);
	if (v < 0 || v > TYPE_USECS_PER_DAY)
		return report_set(r, SQLSTATE_DATETIME_FIELD_OVERFLOW, "time out of range");
	return type_datetime_to_text(in->oid, v, out, r);
}

int
decode_timetz_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = decode_reader_of(in);
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

int
decode_interval_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = decode_reader_of(in);
	struct type_interval interval = { .us = (int64_t)pgwire_get_int64(&body) };

	interval.days = (int32_t)pgwire_get_int32(&body);
	interval.months = (int32_t)pgwire_get_int32(&body);
	return pgwire_reader_done(&body) ? type_interval_to_text(&interval, out, r) : bad_binary(in, r);
}

int
decode_uuid_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	char text[TYPE_UUID_TEXT];

	if (in->length != 16)
		return bad_binary(in, r);
	type_write_uuid((const uint8_t *)in->data, text);
	return type_value_copy(out, text, sizeof(text), r);
}

int
decode_bits_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = decode_reader_of(in);

	return type_bits_from_binary(&body, out, r);
}

int
decode_text_search_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = decode_reader_of(in);

	return type_text_search_from_binary(in->oid, &body, out, r);
}

int
decode_network_binary(const struct decode_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_reader body = decode_reader_of(in);

	return type_network_from_binary(in->oid, &body, out, r);
}

/* Eight bytes, or six: they become eight. */
int
decode_macaddr_binary(const struct decode_input *in, struct type_value *out, struct report *r)
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
