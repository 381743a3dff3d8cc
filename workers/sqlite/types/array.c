/* One-dimensional arrays between PostgreSQL's text form, {1,"a b",NULL}, and its binary form. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/types/codec.h"

#define ELEMENTS_MAX 0x7ffffff

static const struct array {
	uint32_t oid, element;
} arrays[] = {
	{ TYPE_INT4_ARRAY, TYPE_INT4 },
	{ TYPE_TEXT_ARRAY, TYPE_TEXT },
	{ TYPE_INT8_ARRAY, TYPE_INT8 },
	{ TYPE_INT2_ARRAY, TYPE_INT2 },
	{ TYPE_NAME_ARRAY, TYPE_NAME },
	{ TYPE_OID_ARRAY, TYPE_OID },
	{ TYPE_INT2VECTOR, TYPE_INT2 },
	{ TYPE_OIDVECTOR, TYPE_OID },
	{ 1000, TYPE_BOOL },
	{ 1001, TYPE_BYTEA },
	{ 1002, TYPE_CHAR },
	{ 1014, TYPE_BPCHAR },
	{ 1015, TYPE_VARCHAR },
	{ 1021, TYPE_FLOAT4 },
	{ 1022, TYPE_FLOAT8 },
	{ 1115, TYPE_TIMESTAMP },
	{ 1182, TYPE_DATE },
	{ 1183, TYPE_TIME },
	{ 1185, TYPE_TIMESTAMPTZ },
	{ 1231, TYPE_NUMERIC },
	{ 1187, TYPE_INTERVAL },
	{ 2951, TYPE_UUID },
	{ 199, TYPE_JSON },
	{ 3807, TYPE_JSONB },
};

uint32_t
type_array_element(uint32_t oid)
{
	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++) {
		if (arrays[i].oid == oid)
			return arrays[i].element;
	}
	return 0;
}

static int
bad_array(struct report *r, const char *data, size_t length)
{
	return report_set(r, SQLSTATE_INVALID_TEXT_REPRESENTATION, "malformed array literal: \"%.*s\"",
	    (int)(length < 256 ? length : 256), data);
}

/* ---- text to binary ---- */

/* One element's text, unquoted into `text` (as long as the whole). Returns where it ends, NULL when malformed. */
static const char *
element_read(const char *p, const char *end, char separator, char *text, size_t *length, bool *is_null)
{
	bool quoted = p < end && *p == '"';
	size_t n = 0;

	p += quoted;
	while (p < end && (quoted ? *p != '"' : *p != separator && *p != '}')) {
		if (!quoted && (*p == '{' || *p == '"'))
			return NULL;
		if (*p == '\\' && separator == ',' && ++p == end)
			return NULL;
		text[n++] = *p++;
	}
	if (quoted && p++ == end)
		return NULL;
	while (!quoted && n > 0 && type_is_blank(text[n - 1]))
		n--;
	*is_null = !quoted && separator == ',' && n == 4 && strncasecmp(text, "null", 4) == 0;
	*length = n;
	return quoted || n > 0 ? p : NULL;
}

static int
put_element(struct pgwire_buffer *out, uint32_t element, const char *text, size_t length,
    const struct type_settings *settings, struct report *r)
{
	size_t mark = out->end - out->start;
	struct type_value value;
	uint32_t size;
	int result;

	pgwire_put_int32(out, 0);
	if (type_decode_in(settings, element, TYPE_FORMAT_TEXT, text, length, &value, r) != 0)
		return -1;
	result = type_put_value_binary(out, &value, element, settings, r);
	type_value_free(&value);
	if (result != 0)
		return -1;
	if (out->failed)
		return type_out_of_memory(r);
	size = htobe32((uint32_t)(out->end - out->start - mark - sizeof(size)));
	memcpy(out->data + out->start + mark, &size, sizeof(size));
	return 0;
}

/* The elements up to the closing brace (or the end, of a vector); *count and *nulls are added up. */
static int
put_elements(struct pgwire_buffer *out, uint32_t element, const char *data, size_t length, char *text,
    const struct type_settings *settings, uint32_t *count, bool *nulls, struct report *r)
{
	bool vector = length == 0 || *data != '{', is_null;
	const char *p = data + !vector, *end = data + length - (vector ? 0 : 1);
	char separator = vector ? ' ' : ',';
	size_t n;

	while (p < end && type_is_blank(*p))
		p++;
	while (p < end) {
		if ((p = element_read(p, end, separator, text, &n, &is_null)) == NULL)
			return bad_array(r, data, length);
		if (is_null) {
			pgwire_put_int32(out, UINT32_MAX);
			*nulls = true;
		} else if (put_element(out, element, text, n, settings, r) != 0)
			return -1;
		(*count)++;
		if (p == end)
			break;
		if (*p++ != separator || (p == end && !vector))
			return bad_array(r, data, length);
		while (p < end && type_is_blank(*p))
			p++;
	}
	return 0;
}

static void
patch_int32(struct pgwire_buffer *out, size_t mark, uint32_t v)
{
	if (out->failed)
		return;
	v = htobe32(v);
	memcpy(out->data + out->start + mark, &v, sizeof(v));
}

/* A text without braces is an int2vector's or oidvector's, whose first index is 0. */
int
type_array_to_binary(struct pgwire_buffer *out, uint32_t element, const char *data, size_t length,
    const struct type_settings *settings, struct report *r)
{
	bool vector, nulls = false;
	uint32_t count = 0;
	size_t mark;
	char *text;
	int result;

	type_trim(&data, &length);
	vector = length == 0 || *data != '{';
	if (!vector && (length < 2 || data[length - 1] != '}'))
		return bad_array(r, data, length);
	if ((text = malloc(length + 1)) == NULL)
		return type_out_of_memory(r);
	mark = out->end - out->start;
	pgwire_put_int32(out, 1); /* dimensions */
	pgwire_put_int32(out, 0); /* flag: has nulls */
	pgwire_put_int32(out, element);
	pgwire_put_int32(out, 0); /* size */
	pgwire_put_int32(out, vector ? 0 : 1);
	result = put_elements(out, element, data, length, text, settings, &count, &nulls, r);
	free(text);
	if (result != 0)
		return -1;
	patch_int32(out, mark + 4, nulls);
	patch_int32(out, mark + 12, count);
	if (count == 0 && !vector) {
		patch_int32(out, mark, 0);
		out->end -= 8; /* an empty array has no dimensions */
	}
	return 0;
}

/* ---- binary to text ---- */

static bool
is_quoted_element(const char *text, size_t length)
{
	if (length == 0 || (length == 4 && strncasecmp(text, "null", 4) == 0))
		return true;
	for (size_t i = 0; i < length; i++) {
		if (text[i] != '\0' && strchr("{},\"\\", text[i]) != NULL)
			return true;
		if (type_is_blank(text[i]))
			return true;
	}
	return false;
}

static void
put_escaped(struct pgwire_buffer *out, const char *text, size_t length)
{
	pgwire_put_byte(out, '"');
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '"' || text[i] == '\\')
			pgwire_put_byte(out, '\\');
		pgwire_put_byte(out, (uint8_t)text[i]);
	}
	pgwire_put_byte(out, '"');
}

void
type_array_put_element(struct pgwire_buffer *out, const char *text, size_t length)
{
	if (is_quoted_element(text, length))
		put_escaped(out, text, length);
	else
		pgwire_put_bytes(out, text, length);
}

static int
put_element_text(struct pgwire_buffer *out, uint32_t element, const uint8_t *data, size_t length, struct report *r)
{
	struct pgwire_buffer text = { 0 };
	struct type_value value;
	int result;

	if (type_decode(element, TYPE_FORMAT_BINARY, (const char *)data, length, &value, r) != 0)
		return -1;
	result = type_put_value_text(&text, &value, element, NULL, r);
	type_value_free(&value);
	if (result == 0)
		type_array_put_element(out, (const char *)text.data, pgwire_buffer_length(&text));
	out->failed |= text.failed;
	pgwire_buffer_free(&text);
	return result;
}

static int
put_elements_text(struct pgwire_buffer *out, uint32_t element, struct pgwire_reader *in, uint32_t count,
    struct report *r)
{
	for (uint32_t i = 0; i < count && !in->failed; i++) {
		uint32_t size = pgwire_get_int32(in);
		const uint8_t *data;

		if (i > 0)
			pgwire_put_byte(out, ',');
		if (size == UINT32_MAX)
			pgwire_put_bytes(out, "NULL", 4);
		else if ((data = pgwire_get_bytes(in, size)) != NULL &&
		    put_element_text(out, element, data, size, r) != 0)
			return -1;
	}
	return 0;
}

static int
bad_binary(struct report *r)
{
	return report_set(r, SQLSTATE_INVALID_BINARY_REPRESENTATION, "incorrect binary data format for an array");
}

int
type_array_from_binary(uint32_t element, struct pgwire_reader *in, struct type_value *out, struct report *r)
{
	uint32_t dimensions = pgwire_get_int32(in), count = 0;
	struct pgwire_buffer text = { 0 };
	int result;

	(void)pgwire_get_int32(in); /* flag: has nulls */
	if (pgwire_get_int32(in) != element || in->failed)
		return bad_binary(r);
	if (dimensions > 1)
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "arrays of more than one dimension are not supported");
	if (dimensions == 1) {
		count = pgwire_get_int32(in);
		(void)pgwire_get_int32(in); /* lower bound */
	}
	if (count > ELEMENTS_MAX)
		return bad_binary(r);
	pgwire_put_byte(&text, '{');
	result = put_elements_text(&text, element, in, count, r);
	pgwire_put_byte(&text, '}');
	if (result == 0 && !pgwire_reader_done(in))
		result = bad_binary(r);
	if (result == 0 && text.failed)
		result = type_out_of_memory(r);
	if (result == 0)
		result = type_value_copy(out, (const char *)text.data, pgwire_buffer_length(&text), r);
	pgwire_buffer_free(&text);
	return result;
}
