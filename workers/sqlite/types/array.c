/* Arrays between the text under which they are kept, {1,"a b",NULL}, and PostgreSQL's binary form. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/types/codec.h"

#define ELEMENTS_MAX 134217727 /* PostgreSQL's own bound */

/* ---- text to binary ---- */

static int
put_element(struct pgwire_buffer *out, uint32_t element, const struct array_reader *reader,
    const struct type_settings *settings, struct report *r)
{
	size_t mark = out->end - out->start;
	struct type_value value;
	uint32_t size;
	int result;

	pgwire_put_int32(out, 0);
	if (type_decode_in(settings, element, TYPE_FORMAT_TEXT, reader->element, reader->length, &value, r) != 0)
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

static int
put_elements(struct pgwire_buffer *out, uint32_t element, struct array_reader *reader, bool *nulls,
    const struct type_settings *settings, struct report *r)
{
	while (array_reader_next(reader)) {
		*nulls |= reader->null;
		if (reader->null)
			pgwire_put_int32(out, UINT32_MAX);
		else if (put_element(out, element, reader, settings, r) != 0)
			return -1;
	}
	return reader->failed ? type_out_of_memory(r) : 0;
}

static void
patch_int32(struct pgwire_buffer *out, size_t mark, uint32_t v)
{
	if (out->failed)
		return;
	v = htobe32(v);
	memcpy(out->data + out->start + mark, &v, sizeof(v));
}

int
type_array_to_binary(struct pgwire_buffer *out, uint32_t element, const char *data, size_t length,
    const struct type_settings *settings, struct report *r)
{
	struct array_reader reader;
	struct array_shape shape;
	bool nulls = false;
	size_t mark = out->end - out->start;
	int result;

	array_read_shape(data, length, &shape);
	array_reader_open(&reader, data, length);
	if (reader.vector && shape.dimensions == 0)
		shape.dimensions = 1; /* an empty vector has one all the same */
	pgwire_put_int32(out, (uint32_t)shape.dimensions);
	pgwire_put_int32(out, 0); /* flag: has nulls */
	pgwire_put_int32(out, element);
	for (int i = 0; i < shape.dimensions; i++) {
		pgwire_put_int32(out, (uint32_t)shape.sizes[i]);
		pgwire_put_int32(out, (uint32_t)shape.lower[i]);
	}
	result = put_elements(out, element, &reader, &nulls, settings, r);
	array_reader_close(&reader);
	if (result == 0)
		patch_int32(out, mark + 4, nulls);
	return result;
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
bad_binary(struct report *r)
{
	return report_set(r, SQLSTATE_INVALID_BINARY_REPRESENTATION, "incorrect binary data format for an array");
}

/* Braces open before an element that is the first of its dimension, and close behind the last. */
static int
put_elements_text(struct pgwire_buffer *out, uint32_t element, const struct array_shape *shape, uint32_t count,
    struct pgwire_reader *in, struct report *r)
{
	for (uint32_t i = 0; i < count && !in->failed; i++) {
		uint32_t size = pgwire_get_int32(in);
		const uint8_t *data;

		if (i > 0)
			pgwire_put_byte(out, ',');
		array_put_braces(out, shape, i, '{');
		if (size == UINT32_MAX)
			pgwire_put_bytes(out, "NULL", 4);
		else if ((data = pgwire_get_bytes(in, size)) == NULL)
			return bad_binary(r);
		else if (put_element_text(out, element, data, size, r) != 0)
			return -1;
		array_put_braces(out, shape, (size_t)i + 1, '}');
	}
	return pgwire_reader_done(in) ? 0 : bad_binary(r);
}

/* The dimensions, and how many elements they have. */
static int
read_shape(struct pgwire_reader *in, uint32_t element, struct array_shape *shape, uint32_t *count, struct report *r)
{
	uint32_t dimensions = pgwire_get_int32(in);
	uint64_t n = dimensions > 0;

	(void)pgwire_get_int32(in); /* flag: has nulls */
	if (pgwire_get_int32(in) != element || in->failed)
		return bad_binary(r);
	if (dimensions > ARRAY_DIMENSIONS_MAX)
		return report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
		    "number of array dimensions (%u) exceeds the maximum allowed (%d)", dimensions,
		    ARRAY_DIMENSIONS_MAX);
	shape->dimensions = (int)dimensions;
	for (uint32_t i = 0; i < dimensions; i++) {
		shape->sizes[i] = (int32_t)pgwire_get_int32(in);
		shape->lower[i] = (int32_t)pgwire_get_int32(in);
		if (shape->sizes[i] < 0)
			return bad_binary(r);
		n *= (uint64_t)shape->sizes[i];
		if (n > ELEMENTS_MAX)
			return report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
			    "array size exceeds the maximum allowed (%d)", ELEMENTS_MAX);
	}
	*count = (uint32_t)n;
	return in->failed ? bad_binary(r) : 0;
}

int
type_array_from_binary(uint32_t element, struct pgwire_reader *in, struct type_value *out, struct report *r)
{
	struct array_shape shape = { .dimensions = 0 };
	struct pgwire_buffer text = { 0 };
	uint32_t count = 0;
	int result;

	if (read_shape(in, element, &shape, &count, r) != 0)
		return -1;
	if (count > 0)
		array_put_bounds(&text, &shape);
	else
		pgwire_put_bytes(&text, "{}", 2);
	result = put_elements_text(&text, element, &shape, count, in, r);
	if (result == 0 && text.failed)
		result = type_out_of_memory(r);
	if (result == 0)
		result = type_value_copy(out, (const char *)text.data + text.start, pgwire_buffer_length(&text), r);
	pgwire_buffer_free(&text);
	return result;
}
