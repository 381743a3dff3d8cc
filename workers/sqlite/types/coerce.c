/* Casts and assignments: a stored value of any kind to a type and its typmod. */
#include <float.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/utf8.h"

struct coerce_input {
	const struct type_settings *settings;
	uint32_t oid;
	int32_t typmod;
	bool explicit_cast;
	const struct type_value *value;
};

typedef int coerce_fn(const struct coerce_input *in, struct type_value *out, struct report *r);

int
type_cannot_cast(struct report *r, int kind, uint32_t oid)
{
	static const char *const kinds[] = {
		[SQLITE_INTEGER] = "bigint",
		[SQLITE_FLOAT] = "double precision",
		[SQLITE_TEXT] = "text",
		[SQLITE_BLOB] = "bytea",
		[SQLITE_NULL] = "unknown",
	};
	const struct type *type = type_by_oid(oid);

	return report_set(r, SQLSTATE_CANNOT_COERCE, "cannot cast type %s to %s", kinds[kind],
	    type != NULL ? type->sql_name : "unknown");
}

static int
share(const struct type_value *value, struct type_value *out)
{
	*out = *value;
	out->owned = NULL;
	return 0;
}

static int
decode_text(const struct coerce_input *in, struct type_value *out, struct report *r)
{
	return type_decode_in(in->settings, in->oid, TYPE_FORMAT_TEXT, in->value->bytes, in->value->length, out, r);
}

static int
to_boolean(const struct coerce_input *in, struct type_value *out, struct report *r)
{
	if (in->value->kind == SQLITE_TEXT)
		return decode_text(in, out, r);
	if (in->value->kind != SQLITE_INTEGER)
		return type_cannot_cast(r, in->value->kind, in->oid);
	*out = (struct type_value) { .kind = SQLITE_INTEGER, .integer = in->value->integer != 0 };
	return 0;
}

/* A text may be a numeric's: its fraction is rounded away, and no integer is NaN or infinite. */
static int
text_to_integer(const struct coerce_input *in, int64_t *v, struct report *r)
{
	const char *data = in->value->bytes;
	size_t length = in->value->length;

	type_trim(&data, &length);
	if (length > 0 && (memchr(data, '.', length) != NULL || isalpha((unsigned char)data[length - 1])) &&
	    type_is_numeric(data, length))
		return type_numeric_to_integer(in->oid, data, length, v, r);
	return type_parse_integer(in->oid, in->value->bytes, in->value->length, v, r);
}

static int
to_integer(const struct coerce_input *in, struct type_value *out, struct report *r)
{
	int64_t v = in->value->integer;
	int result;

	switch (in->value->kind) {
	case SQLITE_INTEGER:
		result = type_check_integer(in->oid, v, r);
		break;
	case SQLITE_FLOAT:
		result = type_float_to_integer(in->oid, in->value->real, &v, r);
		break;
	case SQLITE_TEXT:
		result = text_to_integer(in, &v, r);
		break;
	default:
		return type_cannot_cast(r, in->value->kind, in->oid);
	}
	*out = (struct type_value) { .kind = SQLITE_INTEGER, .integer = v };
	return result;
}

static int
to_float(const struct coerce_input *in, struct type_value *out, struct report *r)
{
	double v = in->value->kind == SQLITE_INTEGER ? (double)in->value->integer : in->value->real;

	if (in->value->kind == SQLITE_TEXT)
		return decode_text(in, out, r);
	if (in->value->kind == SQLITE_BLOB)
		return type_cannot_cast(r, in->value->kind, in->oid);
	if (in->oid == TYPE_FLOAT4 && !isinf(v)) {
		if (fabs(v) > FLT_MAX && isinf((float)v))
			return report_set(r, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow");
		if (v != 0 && (float)v == 0)
			return report_set(r, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: underflow");
		v = (double)(float)v;
	}
	*out = (struct type_value) { .kind = SQLITE_FLOAT, .real = v };
	return 0;
}

/* The text of any value, owned unless it was a text already. */
static int
any_to_text(const struct coerce_input *in, struct type_value *out, struct report *r)
{
	struct pgwire_buffer text = { 0 };
	int result;

	if (in->value->kind == SQLITE_TEXT)
		return share(in->value, out);
	result = type_put_value_text(&text, in->value, in->value->kind == SQLITE_BLOB ? TYPE_BYTEA : TYPE_TEXT,
	    in->settings, r);
	if (result == 0)
		result = text.failed ? type_out_of_memory(r)
				     : type_value_copy(out, (const char *)text.data, pgwire_buffer_length(&text), r);
	pgwire_buffer_free(&text);
	return result;
}

static int
to_numeric(const struct coerce_input *in, struct type_value *out, struct report *r)
{
	char text[TYPE_FLOAT_TEXT];
	struct type_value parsed;
	int result;
	size_t n;

	switch (in->value->kind) {
	case SQLITE_TEXT:
		if (type_parse_numeric(in->value->bytes, in->value->length, out, r) != 0)
			return -1;
		break;
	case SQLITE_INTEGER:
		if (type_value_copy(out, text, type_write_integer(in->value->integer, text), r) != 0)
			return -1;
		break;
	case SQLITE_FLOAT:
		n = type_write_float(in->value->real, false, 0, text); /* 15 digits: PostgreSQL's float8_numeric */
		if (type_parse_numeric(text, n, &parsed, r) != 0)
			return -1;
		result = type_value_copy(out, parsed.bytes, parsed.length, r);
		type_value_free(&parsed);
		if (result != 0)
			return -1;
		break;
	default:
		return type_cannot_cast(r, in->value->kind, in->oid);
	}
	if (in->typmod >= 0 && type_numeric_typmod(in->typmod, out, r) != 0) {
		type_value_free(out);
		return -1;
	}
	return 0;
}

static bool
all_blanks(const char *p, size_t n)
{
	while (n > 0 && *p == ' ') {
		p++;
		n--;
	}
	return n == 0;
}

static int
pad(struct type_value *value, size_t blanks, struct report *r)
{
	char *text;

	if ((text = malloc(value->length + blanks + 1)) == NULL)
		return type_out_of_memory(r);
	if (value->length > 0)
		memcpy(text, value->bytes, value->length);
	memset(text + value->length, ' ', blanks);
	text[value->length + blanks] = '\0';
	free(value->owned);
	value->bytes = value->owned = text;
	value->length += blanks;
	return 0;
}

/* varchar(n), char(n): too long is an error unless only blanks are too many, or the cast is explicit. */
static int
to_limited_text(const struct coerce_input *in, struct type_value *out, struct report *r)
{
	size_t limit = (size_t)(in->typmod - TYPE_TYPMOD_HEADER), kept, characters;

	if (any_to_text(in, out, r) != 0)
		return -1;
	if (in->typmod < TYPE_TYPMOD_HEADER)
		return 0;
	if (out->length > limit) {
		kept = utf8_offset(out->bytes, out->length, limit);
		if (!in->explicit_cast && !all_blanks(out->bytes + kept, out->length - kept)) {
			type_value_free(out);
			return report_set(r, SQLSTATE_STRING_DATA_RIGHT_TRUNCATION, "value too long for type %s(%zu)",
			    type_error_name(in->oid), limit);
		}
		out->length = kept;
	}
	characters = in->oid == TYPE_BPCHAR ? utf8_count(out->bytes, out->length) : limit;
	if (characters < limit && pad(out, limit - characters, r) != 0) {
		type_value_free(out);
		return -1;
	}
	return 0;
}

static int
to_datetime(const struct coerce_input *in, struct type_value *out, struct report *r)
{
	bool is_time = in->oid == TYPE_TIME;
	int64_t us;

	if (in->value->kind != SQLITE_TEXT)
		return type_cannot_cast(r, in->value->kind, in->oid);
	if (in->typmod < 0 || in->typmod > 6 || in->oid == TYPE_DATE)
		return decode_text(in, out, r);
	if ((is_time ? type_parse_time(in->value->bytes, in->value->length, in->settings, &us, r)
		     : type_parse_timestamp(in->value->bytes, in->value->length, in->oid == TYPE_TIMESTAMPTZ,
			   in->settings, &us, r)) != 0)
		return -1;
	return type_datetime_to_text(in->oid, type_round_fraction(us, in->typmod), out, r);
}

static int
to_timetz(const struct coerce_input *in, struct type_value *out, struct report *r)
{
	struct type_timetz value;

	if (in->value->kind != SQLITE_TEXT)
		return type_cannot_cast(r, in->value->kind, in->oid);
	if (type_parse_timetz(in->value->bytes, in->value->length, in->settings, &value, r) != 0)
		return -1;
	if (in->typmod >= 0)
		value.us = type_round_fraction(value.us, in->typmod);
	return type_timetz_to_text(&value, out, r);
}

static int
to_interval(const struct coerce_input *in, struct type_value *out, struct report *r)
{
	struct type_interval_reading how = { .fields = INTERVAL_FIELDS(in->typmod) };
	struct type_interval interval;

	if (in->value->kind != SQLITE_TEXT)
		return type_cannot_cast(r, in->value->kind, in->oid);
	how.sql_standard = in->settings != NULL && in->settings->interval_style == TYPE_INTERVAL_SQL_STANDARD;
	if (type_read_interval(&how, in->value->bytes, in->value->length, &interval, r) != 0)
		return -1;
	type_interval_typmod(in->typmod, &interval);
	return type_interval_to_text(&interval, out, r);
}

static int
to_bytea(const struct coerce_input *in, struct type_value *out, struct report *r)
{
	if (in->value->kind == SQLITE_TEXT)
		return decode_text(in, out, r);
	return in->value->kind == SQLITE_BLOB ? share(in->value, out) : type_cannot_cast(r, in->value->kind, in->oid);
}

/* A number as bits: of one where no length is said. */
static int
to_bits(const struct coerce_input *in, struct type_value *out, struct report *r)
{
	struct type_value read;
	int result;

	if (in->value->kind == SQLITE_INTEGER && in->oid == TYPE_BIT)
		return type_bits_from_integer(in->value->integer, in->typmod < 1 ? 1 : (size_t)in->typmod, out, r);
	if (in->value->kind != SQLITE_TEXT)
		return type_cannot_cast(r, in->value->kind, in->oid);
	if (decode_text(in, &read, r) != 0)
		return -1;
	result = type_bits_coerce(in->oid, in->typmod, in->explicit_cast, &read, out, r);
	type_value_free(&read);
	return result;
}

/* uuid, json, name: only texts have a way there. */
static int
to_checked_text(const struct coerce_input *in, struct type_value *out, struct report *r)
{
	return in->value->kind == SQLITE_TEXT ? decode_text(in, out, r) : type_cannot_cast(r, in->value->kind, in->oid);
}

/* A typmod is the elements'. */
static int
to_array(const struct coerce_input *in, struct type_value *out, struct report *r)
{
	struct type_value read;
	int result;

	if (in->typmod < 0)
		return decode_text(in, out, r);
	if (decode_text(in, &read, r) != 0)
		return -1;
	result = type_array_coerce(type_element(in->oid), in->typmod, in->explicit_cast, &read, out, r);
	type_value_free(&read);
	return result;
}

/* "char": a text's first byte, or a number's. */
static int
to_char(const struct coerce_input *in, struct type_value *out, struct report *r)
{
	if (in->value->kind == SQLITE_TEXT)
		return decode_text(in, out, r);
	if (in->value->kind != SQLITE_INTEGER)
		return type_cannot_cast(r, in->value->kind, in->oid);
	if (in->value->integer < -128 || in->value->integer > 127)
		return report_set(r, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "\"char\" out of range");
	return type_value_char((int)(in->value->integer & 255), out, r);
}

/* A blob is one already. */
static int
to_network(const struct coerce_input *in, struct type_value *out, struct report *r)
{
	if (in->value->kind == SQLITE_TEXT)
		return decode_text(in, out, r);
	return in->value->kind == SQLITE_BLOB ? share(in->value, out) : type_cannot_cast(r, in->value->kind, in->oid);
}

static const struct coercion {
	uint32_t oid;
	coerce_fn *fn;
} coercions[] = {
	{ TYPE_INT4, to_integer },
	{ TYPE_TEXT, any_to_text },
	{ TYPE_INT8, to_integer },
	{ TYPE_VARCHAR, to_limited_text },
	{ TYPE_BOOL, to_boolean },
	{ TYPE_TIMESTAMPTZ, to_datetime },
	{ TYPE_TIMESTAMP, to_datetime },
	{ TYPE_NUMERIC, to_numeric },
	{ TYPE_FLOAT8, to_float },
	{ TYPE_BPCHAR, to_limited_text },
	{ TYPE_INT2, to_integer },
	{ TYPE_FLOAT4, to_float },
	{ TYPE_DATE, to_datetime },
	{ TYPE_TIME, to_datetime },
	{ TYPE_BYTEA, to_bytea },
	{ TYPE_OID, to_integer },
	{ TYPE_CHAR, to_char },
	{ TYPE_NAME, to_checked_text },
	{ TYPE_REFCURSOR, to_checked_text },
	{ TYPE_UUID, to_checked_text },
	{ TYPE_INTERVAL, to_interval },
	{ TYPE_TIMETZ, to_timetz },
	{ TYPE_BIT, to_bits },
	{ TYPE_VARBIT, to_bits },
	{ TYPE_INET, to_network },
	{ TYPE_CIDR, to_network },
	{ TYPE_MACADDR, to_checked_text },
	{ TYPE_MACADDR8, to_checked_text },
	{ TYPE_JSON, to_checked_text },
	{ TYPE_JSONB, to_checked_text },
	{ TYPE_JSONPATH, to_checked_text },
	{ TYPE_TSVECTOR, to_checked_text },
	{ TYPE_TSQUERY, to_checked_text },
};

int
type_coerce_in(const struct type_settings *settings, uint32_t oid, int32_t typmod, bool explicit_cast,
    const struct type_value *in, struct type_value *out, struct report *r)
{
	const struct coerce_input input = { settings, oid, typmod, explicit_cast, in };

	*out = (struct type_value) { .kind = SQLITE_NULL };
	if (in->kind == SQLITE_NULL)
		return 0;
	for (size_t i = 0; i < sizeof(coercions) / sizeof(coercions[0]); i++) {
		if (coercions[i].oid == oid)
			return coercions[i].fn(&input, out, r);
	}
	if (in->kind == SQLITE_TEXT && type_element(oid) != 0)
		return to_array(&input, out, r);
	return in->kind == SQLITE_TEXT ? share(in, out) : any_to_text(&input, out, r);
}

int
type_coerce(uint32_t oid, int32_t typmod, bool explicit_cast, const struct type_value *in, struct type_value *out,
    struct report *r)
{
	return type_coerce_in(NULL, oid, typmod, explicit_cast, in, out, r);
}
