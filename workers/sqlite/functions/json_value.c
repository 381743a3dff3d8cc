/*
 * A value of SQL as the text that it is in JSON, by its type.
 */
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/types/codec.h"

struct json_output {
	struct pgwire_buffer text;
	const struct type_settings *settings;
	struct report *report;
	bool pretty; /* a line for each place of an array's first dimension */
};

typedef int json_put_fn(struct json_output *out, const char *text, size_t length);

static int
put_string(struct json_output *out, const char *text, size_t length)
{
	type_json_put_string(&out->text, text, length);
	return 0;
}

static int
put_as_it_is(struct json_output *out, const char *text, size_t length)
{
	pgwire_put_bytes(&out->text, text, length);
	return 0;
}

static int
put_boolean(struct json_output *out, const char *text, size_t length)
{
	(void)length;
	return *text == 't' ? put_as_it_is(out, "true", 4) : put_as_it_is(out, "false", 5);
}

/* NaN and the infinities are no numbers in JSON. */
static int
put_number(struct json_output *out, const char *text, size_t length)
{
	bool is_number = (*text == '-' || (*text >= '0' && *text <= '9')) && text[length - 1] != 'y';

	return is_number ? put_as_it_is(out, text, length) : put_string(out, text, length);
}

/* As XML has it: T between day and time, and minutes in the offset. */
static int
put_moment(struct json_output *out, const char *text, size_t length)
{
	char moment[TYPE_DATETIME_TEXT * 2];
	const char *blank = memchr(text, ' ', length), *sign;
	size_t bc = length > 3 && memcmp(text + length - 3, " BC", 3) == 0 ? 3 : 0;

	if (blank == NULL || length > TYPE_DATETIME_TEXT)
		return put_string(out, text, length);
	memcpy(moment, text, length - bc);
	moment[blank - text] = 'T';
	moment[length - bc] = '\0';
	if ((sign = strpbrk(moment + (blank - text), "+-")) != NULL && strlen(sign) == 3)
		memcpy(moment + (length - bc), ":00", 4);
	if (bc > 0)
		memcpy(moment + strlen(moment), " BC", 4);
	return put_string(out, moment, strlen(moment));
}

static json_put_fn *
writer_of(uint32_t oid)
{
	if (oid == TYPE_BOOL)
		return put_boolean;
	if (type_is_number(oid))
		return put_number;
	if (oid == TYPE_JSON || oid == TYPE_JSONB)
		return put_as_it_is;
	return oid == TYPE_TIMESTAMP || oid == TYPE_TIMESTAMPTZ ? put_moment : put_string;
}

void
json_put_element(struct pgwire_buffer *out, const struct array_reader *reader, uint32_t element)
{
	struct json_output to = { .text = *out };

	(void)(reader->null ? put_as_it_is(&to, "null", 4) : writer_of(element)(&to, reader->element, reader->length));
	*out = to.text;
}

/* Brackets close and open where a dimension's places are used up. n: how many elements stand before. */
static void
put_brackets(struct json_output *out, const struct array_shape *shape, int64_t n, bool close)
{
	int64_t size = 1, counts[ARRAY_DIMENSIONS_MAX] = { 1 };

	for (int i = shape->dimensions; i-- > 0;)
		counts[i] = size *= shape->sizes[i];
	for (int i = shape->dimensions; close && i-- > 0;)
		if (counts[i] > 0 && n % counts[i] == 0)
			pgwire_put_byte(&out->text, ']');
	if (close || n == counts[0])
		return;
	if (n > 0) {
		bool first = shape->dimensions == 1 || counts[1] == 0 || n % counts[1] == 0;

		pgwire_put_bytes(&out->text, ",\n ", out->pretty && first ? 3 : 1);
	}
	for (int i = 0; i < shape->dimensions; i++)
		if (n % counts[i] == 0)
			pgwire_put_byte(&out->text, '[');
}

static int
put_array(struct json_output *out, const char *text, size_t length, uint32_t element)
{
	struct array_reader reader;
	struct array_shape shape;
	int64_t n = 0;

	array_read_shape(text, length, &shape);
	if (shape.dimensions == 0)
		return put_as_it_is(out, "[]", 2);
	array_reader_open(&reader, text, length);
	put_brackets(out, &shape, 0, false);
	while (array_reader_next(&reader)) {
		json_put_element(&out->text, &reader, element);
		put_brackets(out, &shape, ++n, true);
		put_brackets(out, &shape, n, false);
	}
	out->text.failed |= reader.failed;
	array_reader_close(&reader);
	return 0;
}

void
json_put_text(struct pgwire_buffer *out, const char *text, size_t length, uint32_t oid)
{
	struct json_output to = { .text = *out };
	uint32_t element = type_element(oid);

	(void)(element != 0 ? put_array(&to, text, length, element) : writer_of(oid)(&to, text, length));
	*out = to.text;
}

static int
put_value(struct json_output *out, sqlite3_value *value, uint32_t oid)
{
	struct pgwire_buffer text = { 0 };
	uint32_t element = type_element(oid);
	const char *data;
	int result;

	if ((result = type_put_text(&text, value, oid, out->settings, out->report)) == 0) {
		pgwire_put_byte(&text, '\0');
		data = (const char *)text.data + text.start;
		result = text.failed ? type_out_of_memory(out->report)
		    : element != 0   ? put_array(out, data, pgwire_buffer_length(&text) - 1, element)
				     : writer_of(oid)(out, data, pgwire_buffer_length(&text) - 1);
	}
	pgwire_buffer_free(&text);
	return result != 0 ? -1 : out->text.failed ? type_out_of_memory(out->report) : 0;
}

static void
give_value(sqlite3_context *c, sqlite3_value *value, uint32_t oid, bool pretty)
{
	struct report report = { 0 };
	struct type_settings settings = function_session(c)->types;
	struct json_output out = { .settings = &settings, .report = &report, .pretty = pretty };

	settings.date_style = TYPE_DATE_ISO; /* whatever the session sees */
	if (put_value(&out, value, oid) < 0) {
		function_fail_report(c, &report);
		pgwire_buffer_free(&out.text);
	} else
		function_result_buffer(c, &out.text);
	report_reset(&report);
}

/* bibd_json_value(value, oid); NULL stays NULL. */
void
operator_json_value(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	if (sqlite3_value_type(argv[0]) != SQLITE_NULL)
		give_value(c, argv[0], (uint32_t)sqlite3_value_int64(argv[1]), false);
}

/* bibd_array_to_json(array, pretty, type of its elements) */
void
array_to_json(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct type *element = type_by_oid((uint32_t)sqlite3_value_int64(argv[2]));

	(void)argc;
	if (element != NULL)
		give_value(c, argv[0], element->array_oid, sqlite3_value_int(argv[1]) != 0);
}
