/*
 * Composite values as a session sees them, and in PostgreSQL's binary form.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/record.h"

/* ---- shown ---- */

static int
show_field(struct pgwire_buffer *out, const struct record_reader *field, bool first,
    const struct type_settings *settings, struct report *r)
{
	struct pgwire_buffer text = { 0 };
	struct type_value value;
	int result;

	if (field->null) {
		record_put_field(out, NULL, 0, first);
		return 0;
	}
	if (type_decode(field->oid, TYPE_FORMAT_TEXT, field->text, field->length, &value, r) != 0)
		return -1;
	result = type_put_value_text(&text, &value, field->oid, settings, r);
	if (result == 0)
		record_put_field(out, text.data == NULL ? "" : (const char *)text.data + text.start,
		    pgwire_buffer_length(&text), first);
	out->failed |= text.failed;
	pgwire_buffer_free(&text);
	type_value_free(&value);
	return result;
}

int
type_record_show(struct pgwire_buffer *out, const char *data, size_t length, const struct type_settings *settings,
    struct report *r)
{
	struct record_reader reader;
	bool first = true;
	int result = 0;

	if (settings == NULL || !record_reader_open(&reader, data, length)) {
		pgwire_put_bytes(out, data, length);
		return 0;
	}
	pgwire_put_byte(out, '(');
	for (; result == 0 && record_reader_next(&reader); first = false)
		result = show_field(out, &reader, first, settings, r);
	pgwire_put_byte(out, ')');
	if (reader.failed)
		result = type_out_of_memory(r);
	record_reader_close(&reader);
	return result;
}

/* ---- binary ---- */

static void
patch_int32(struct pgwire_buffer *out, size_t mark, uint32_t v)
{
	if (out->failed)
		return;
	v = htobe32(v);
	memcpy(out->data + out->start + mark, &v, sizeof(v));
}

static int
send_field(struct pgwire_buffer *out, const struct record_reader *field, const struct type_settings *settings,
    struct report *r)
{
	size_t mark;
	struct type_value value;
	int result;

	pgwire_put_int32(out, field->oid);
	mark = out->end - out->start;
	pgwire_put_int32(out, field->null ? UINT32_MAX : 0);
	if (field->null)
		return 0;
	if (type_decode(field->oid, TYPE_FORMAT_TEXT, field->text, field->length, &value, r) != 0)
		return -1;
	result = type_put_value_binary(out, &value, field->oid, settings, r);
	type_value_free(&value);
	if (result == 0)
		patch_int32(out, mark, (uint32_t)(out->end - out->start - mark - sizeof(uint32_t)));
	return result;
}

int
type_record_to_binary(struct pgwire_buffer *out, const char *data, size_t length, const struct type_settings *settings,
    struct report *r)
{
	size_t mark = out->end - out->start;
	struct record_reader reader;
	uint32_t n = 0;
	int result = 0;

	if (!record_reader_open(&reader, data, length))
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "binary output of type %s is not supported",
		    "record");
	pgwire_put_int32(out, 0);
	for (; result == 0 && record_reader_next(&reader); n++)
		result = send_field(out, &reader, settings, r);
	patch_int32(out, mark, n);
	if (reader.failed)
		result = type_out_of_memory(r);
	record_reader_close(&reader);
	return result;
}

static int
bad_binary(struct report *r)
{
	return report_set(r, SQLSTATE_INVALID_BINARY_REPRESENTATION, "incorrect binary data format for a row");
}

static int
receive_field(struct pgwire_buffer *out, struct pgwire_reader *in, bool first, struct report *r)
{
	uint32_t oid = pgwire_get_int32(in), length = pgwire_get_int32(in);
	struct pgwire_buffer text = { 0 };
	struct type_value value;
	const uint8_t *data;
	int result;

	if (length == UINT32_MAX) {
		record_put_field(out, NULL, 0, first);
		return 0;
	}
	if ((data = pgwire_get_bytes(in, length)) == NULL)
		return bad_binary(r);
	if (type_decode(oid, TYPE_FORMAT_BINARY, (const char *)data, length, &value, r) != 0)
		return -1;
	result = type_put_value_text(&text, &value, oid, NULL, r);
	if (result == 0)
		record_put_field(out, text.data == NULL ? "" : (const char *)text.data + text.start,
		    pgwire_buffer_length(&text), first);
	out->failed |= text.failed;
	pgwire_buffer_free(&text);
	type_value_free(&value);
	return result;
}

int
type_record_from_binary(struct pgwire_reader *in, struct type_value *out, struct report *r)
{
	struct pgwire_buffer text = { 0 };
	uint32_t n = pgwire_get_int32(in);
	int result = 0;

	pgwire_put_byte(&text, '(');
	for (uint32_t i = 0; result == 0 && i < n && !in->failed; i++)
		result = receive_field(&text, in, i == 0, r);
	pgwire_put_byte(&text, ')');
	if (result == 0 && !pgwire_reader_done(in))
		result = bad_binary(r);
	if (result == 0 && text.failed)
		result = type_out_of_memory(r);
	if (result == 0)
		result = type_value_copy(out, (const char *)text.data + text.start, pgwire_buffer_length(&text), r);
	pgwire_buffer_free(&text);
	return result;
}
