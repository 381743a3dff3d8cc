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

/* Elements of arrays within arrays cannot be told apart here. */
static int
put_array(struct json_output *out, const char *text, size_t length, uint32_t element)
{
	struct array_reader reader;
	bool first = true;

	if (length > 1 && memchr(text + 1, '{', length - 1) != NULL && (type_is_number(element) || text[1] == '{'))
		return report_set(out->report, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "JSON of an array of arrays is not supported");
	array_reader_open(&reader, text, length);
	pgwire_put_byte(&out->text, '[');
	for (; array_reader_next(&reader); first = false) {
		if (!first)
			pgwire_put_byte(&out->text, ',');
		if (reader.null)
			(void)put_as_it_is(out, "null", 4);
		else
			(void)writer_of(element)(out, reader.element, reader.length);
	}
	pgwire_put_byte(&out->text, ']');
	out->text.failed |= reader.failed;
	array_reader_close(&reader);
	return 0;
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

/* bibd_json_value(value, oid); NULL stays NULL. */
void
operator_json_value(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct report report = { 0 };
	struct json_output out = { .settings = &function_session(c)->types, .report = &report };

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL)
		return;
	if (put_value(&out, argv[0], (uint32_t)sqlite3_value_int64(argv[1])) < 0)
		function_fail_report(c, &report);
	else
		sqlite3_result_text64(c, (const char *)out.text.data + out.text.start, pgwire_buffer_length(&out.text),
		    SQLITE_TRANSIENT, SQLITE_UTF8);
	pgwire_buffer_free(&out.text);
	report_reset(&report);
}
