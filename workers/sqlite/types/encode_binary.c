/* Values on their way to a client, binary form: what PostgreSQL 15's send functions write. */
#include <math.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/record.h"

typedef int put_fn(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid, struct report *r);

static int
binary_of_boolean(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid, struct report *r)
{
	(void)oid;
	(void)r;
	pgwire_put_byte(out, value->integer != 0);
	return 0;
}

static int
binary_of_integer(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid, struct report *r)
{
	(void)r;
	if (oid == TYPE_INT2)
		pgwire_put_int16(out, (uint16_t)value->integer);
	else if (oid == TYPE_INT8)
		pgwire_put_int64(out, (uint64_t)value->integer);
	else
		pgwire_put_int32(out, (uint32_t)value->integer);
	return 0;
}

/* A float that is a TEXT is NaN: coercion has seen to it. */
static int
binary_of_float(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid, struct report *r)
{
	double real = value->kind == SQLITE_TEXT ? (double)NAN : value->real;
	float single = (float)real;
	uint64_t bits;
	uint32_t single_bits;

	(void)r;
	memcpy(&bits, &real, sizeof(bits));
	memcpy(&single_bits, &single, sizeof(single_bits));
	if (oid == TYPE_FLOAT4)
		pgwire_put_int32(out, single_bits);
	else
		pgwire_put_int64(out, bits);
	return 0;
}

static int
binary_of_bytes(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid, struct report *r)
{
	(void)oid;
	(void)r;
	pgwire_put_bytes(out, value->bytes, value->length);
	return 0;
}

static int
binary_of_numeric(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid, struct report *r)
{
	(void)oid;
	return type_numeric_to_binary(out, value->bytes, value->length, r);
}

static int
binary_of_timestamp(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid, struct report *r)
{
	int64_t us;

	if (type_parse_timestamp(value->bytes, value->length, oid == TYPE_TIMESTAMPTZ, NULL, &us, r) != 0)
		return -1;
	pgwire_put_int64(out, (uint64_t)us);
	return 0;
}

static int
binary_of_date(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid, struct report *r)
{
	int32_t days;

	(void)oid;
	if (type_parse_date(value->bytes, value->length, NULL, &days, r) != 0)
		return -1;
	pgwire_put_int32(out, (uint32_t)days);
	return 0;
}

static int
binary_of_time(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid, struct report *r)
{
	int64_t us;

	(void)oid;
	if (type_parse_time(value->bytes, value->length, NULL, &us, r) != 0)
		return -1;
	pgwire_put_int64(out, (uint64_t)us);
	return 0;
}

static int
binary_of_interval(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid, struct report *r)
{
	struct type_interval interval;

	(void)oid;
	if (type_parse_interval(value->bytes, value->length, &interval, r) != 0)
		return -1;
	pgwire_put_int64(out, (uint64_t)interval.us);
	pgwire_put_int32(out, (uint32_t)interval.days);
	pgwire_put_int32(out, (uint32_t)interval.months);
	return 0;
}

static int
binary_of_timetz(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid, struct report *r)
{
	struct type_timetz timetz;

	(void)oid;
	if (type_parse_timetz(value->bytes, value->length, NULL, &timetz, r) != 0)
		return -1;
	pgwire_put_int64(out, (uint64_t)timetz.us);
	pgwire_put_int32(out, (uint32_t)-timetz.offset_s); /* seconds west */
	return 0;
}

static int
binary_of_uuid(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid, struct report *r)
{
	uint8_t uuid[16];

	(void)oid;
	if (type_parse_uuid(value->bytes, value->length, uuid, r) != 0)
		return -1;
	pgwire_put_bytes(out, uuid, sizeof(uuid));
	return 0;
}

static int
binary_of_bits(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid, struct report *r)
{
	(void)oid;
	(void)r;
	type_bits_to_binary(out, value->bytes, value->length);
	return 0;
}

static int
binary_of_network(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid, struct report *r)
{
	return type_network_to_binary(out, oid, value, r);
}

static int
binary_of_macaddr(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid, struct report *r)
{
	bool wide = oid == TYPE_MACADDR8;
	uint8_t address[TYPE_MACADDR_MAX];

	if ((wide ? type_parse_macaddr8(value->bytes, value->length, address, r)
		  : type_parse_macaddr(value->bytes, value->length, address, r)) != 0)
		return -1;
	pgwire_put_bytes(out, address, wide ? TYPE_MACADDR_MAX : 6);
	return 0;
}

static int
binary_of_text_search(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid, struct report *r)
{
	return type_put_text_search(out, oid, value->bytes, value->length, true, r);
}

static int
binary_of_jsonb(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid, struct report *r)
{
	(void)oid;
	(void)r;
	pgwire_put_byte(out, 1);
	pgwire_put_bytes(out, value->bytes, value->length);
	return 0;
}

/* The commonest first: the search is linear. `kind` is what the stored form has; another one is coerced to it. */
static const struct binary_encoder {
	uint32_t oid;
	int kind;
	put_fn *fn;
} binary_encoders[] = {
	{ TYPE_INT4, SQLITE_INTEGER, binary_of_integer },
	{ TYPE_TEXT, SQLITE_TEXT, binary_of_bytes },
	{ TYPE_INT8, SQLITE_INTEGER, binary_of_integer },
	{ TYPE_VARCHAR, SQLITE_TEXT, binary_of_bytes },
	{ TYPE_BOOL, SQLITE_INTEGER, binary_of_boolean },
	{ TYPE_TIMESTAMPTZ, SQLITE_TEXT, binary_of_timestamp },
	{ TYPE_TIMESTAMP, SQLITE_TEXT, binary_of_timestamp },
	{ TYPE_NUMERIC, SQLITE_TEXT, binary_of_numeric },
	{ TYPE_FLOAT8, SQLITE_FLOAT, binary_of_float },
	{ TYPE_UUID, SQLITE_TEXT, binary_of_uuid },
	{ TYPE_BYTEA, SQLITE_BLOB, binary_of_bytes },
	{ TYPE_NAME, SQLITE_TEXT, binary_of_bytes },
	{ TYPE_OID, SQLITE_INTEGER, binary_of_integer },
	{ TYPE_INT2, SQLITE_INTEGER, binary_of_integer },
	{ TYPE_FLOAT4, SQLITE_FLOAT, binary_of_float },
	{ TYPE_BPCHAR, SQLITE_TEXT, binary_of_bytes },
	{ TYPE_DATE, SQLITE_TEXT, binary_of_date },
	{ TYPE_TIME, SQLITE_TEXT, binary_of_time },
	{ TYPE_INTERVAL, SQLITE_TEXT, binary_of_interval },
	{ TYPE_TIMETZ, SQLITE_TEXT, binary_of_timetz },
	{ TYPE_BIT, SQLITE_TEXT, binary_of_bits },
	{ TYPE_VARBIT, SQLITE_TEXT, binary_of_bits },
	{ TYPE_INET, SQLITE_BLOB, binary_of_network },
	{ TYPE_CIDR, SQLITE_BLOB, binary_of_network },
	{ TYPE_MACADDR, SQLITE_TEXT, binary_of_macaddr },
	{ TYPE_MACADDR8, SQLITE_TEXT, binary_of_macaddr },
	{ TYPE_JSON, SQLITE_TEXT, binary_of_bytes },
	{ TYPE_JSONB, SQLITE_TEXT, binary_of_jsonb },
	{ TYPE_JSONPATH, SQLITE_TEXT, binary_of_jsonb },
	{ TYPE_TSVECTOR, SQLITE_TEXT, binary_of_text_search },
	{ TYPE_TSQUERY, SQLITE_TEXT, binary_of_text_search },
	{ TYPE_CHAR, SQLITE_TEXT, binary_of_bytes },
	{ TYPE_REFCURSOR, SQLITE_TEXT, binary_of_bytes },
	{ TYPE_CITEXT, SQLITE_TEXT, binary_of_bytes },
	{ TYPE_UNKNOWN, SQLITE_TEXT, binary_of_bytes },
	{ TYPE_UNKNOWN_LITERAL, SQLITE_TEXT, binary_of_bytes },
	{ TYPE_VOID, SQLITE_TEXT, binary_of_bytes },
};

static const struct binary_encoder *
binary_encoder_find(uint32_t oid)
{
	for (size_t i = 0; i < sizeof(binary_encoders) / sizeof(binary_encoders[0]); i++) {
		if (binary_encoders[i].oid == oid)
			return &binary_encoders[i];
	}
	return NULL;
}

/* An array, or a type without a binary form here; reg* types are oids when SQLite holds a number. */
static int
put_other(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid, const struct type_settings *settings,
    struct report *r)
{
	const struct type *type = type_by_oid(oid);
	uint32_t element = type_element(oid);

	if (type_class(oid) == TYPE_CLASS_ENUM && value->kind == SQLITE_TEXT) /* its label */
		return binary_of_bytes(out, value, oid, r);
	if (type_is_row(oid) && value->kind == SQLITE_TEXT)
		return type_record_to_binary(out, value->bytes, value->length, settings, r);
	if (element != 0 && value->kind == SQLITE_TEXT)
		return type_array_to_binary(out, element, value->bytes, value->length, settings, r);
	if (value->kind == SQLITE_INTEGER && type != NULL && type->size == 4) {
		pgwire_put_int32(out, (uint32_t)value->integer);
		return 0;
	}
	return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "binary output of type %s is not supported",
	    type_error_name(oid));
}

int
type_put_value_binary(struct pgwire_buffer *out, const struct type_value *value, uint32_t oid,
    const struct type_settings *settings, struct report *r)
{
	const struct binary_encoder *encoder = binary_encoder_find(oid);
	struct type_value stored;
	int result;

	if (encoder == NULL)
		return put_other(out, value, oid, settings, r);
	if (value->kind == encoder->kind && encoder->fn != binary_of_integer)
		return encoder->fn(out, value, oid, r);
	if (oid == TYPE_BYTEA && value->kind == SQLITE_TEXT)
		return binary_of_bytes(out, value, oid, r);
	if (type_coerce_in(settings, oid, -1, false, value, &stored, r) != 0)
		return -1;
	result = encoder->fn(out, &stored, oid, r);
	type_value_free(&stored);
	return result;
}
