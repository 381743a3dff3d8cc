/*
 * A member of a JSON document as a value of a type: what json_to_record and its like make of it.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/json_span.h"

#define LEVELS ARRAY_DIMENSIONS_MAX

/* An array while its text is made. */
struct array_output {
	const struct type_settings *settings;
	struct pgwire_buffer out;
	uint32_t element;
	int32_t typmod;
	const char *key; /* for the hints */
	int dimensions;	 /* 0: not known before the first element that is none itself */
	int64_t sizes[LEVELS];
	json_read_element_fn *read; /* NULL: as the element's type is read */
	void *arg;
	struct report *report;
};

/* A scalar's text, read as the type's. */
static int
read_text(const struct type_settings *settings, const char *text, size_t length, uint32_t oid, int32_t typmod,
    struct type_value *out, struct report *r)
{
	struct type_value value = { 0 }, coerced = { 0 };
	int status = type_decode_in(settings, oid, TYPE_FORMAT_TEXT, text, length, &value, r);

	if (status == 0 && typmod >= 0) {
		status = type_coerce_in(settings, oid, typmod, false, &value, &coerced, r);
		if (status == 0)
			status = coerced.kind != SQLITE_TEXT ? (*out = coerced, 0)
							     : type_value_copy(out, coerced.bytes, coerced.length, r);
	} else if (status == 0 && (value.kind == SQLITE_TEXT || value.kind == SQLITE_BLOB)) {
		int kind = value.kind;

		status = type_value_copy(out, value.bytes, value.length, r);
		out->kind = kind;
	} else if (status == 0)
		*out = value;
	if (out->owned == NULL || out->owned != coerced.owned)
		type_value_free(&coerced);
	type_value_free(&value);
	return status;
}

/* What is read as the type: a string's text, whatever else as it is written; for json every value as it is. */
static int
text_of(struct json_span x, uint32_t oid, struct type_value *text, struct report *r)
{
	if (json_span_kind(x) == '"' && oid != TYPE_JSON && oid != TYPE_JSONB)
		return json_span_unquote(x, text, r);
	type_value_text(text, x.at, x.length);
	return 0;
}

static int
fail_array(struct array_output *to, bool malformed)
{
	(void)report_set(to->report, SQLSTATE_INVALID_TEXT_REPRESENTATION,
	    malformed ? "malformed JSON array" : "expected JSON array");
	if (malformed)
		report_detail(to->report, "Multidimensional arrays must have sub-arrays with matching dimensions.");
	else
		report_hint(to->report, "See the value of key \"%s\".", to->key);
	return -1;
}

static int
put_read(struct array_output *to, struct json_span x, bool first)
{
	struct pgwire_buffer text = { 0 };
	bool null = false;
	int status = to->read(to->arg, x, &text, &null, to->report);

	if (status == 0)
		array_put_text(&to->out, text.data == NULL ? "" : (const char *)text.data + text.start,
		    pgwire_buffer_length(&text), null, first);
	to->out.failed |= text.failed;
	pgwire_buffer_free(&text);
	return status;
}

static int
put_element(struct array_output *to, struct json_span x, bool first)
{
	struct type_value text = { 0 }, value = { 0 };
	int status;

	if (to->read != NULL)
		return put_read(to, x, first);
	if (json_span_kind(x) == 'n') {
		array_put_text(&to->out, "", 0, true, first);
		return 0;
	}
	if ((status = text_of(x, to->element, &text, to->report)) == 0 &&
	    (status = read_text(to->settings, text.bytes, text.length, to->element, to->typmod, &value, to->report)) ==
		0)
		array_put_text(&to->out, to->typmod >= 0 && value.kind == SQLITE_TEXT ? value.bytes : text.bytes,
		    to->typmod >= 0 && value.kind == SQLITE_TEXT ? value.length : text.length, false, first);
	type_value_free(&value);
	type_value_free(&text);
	return status;
}

/* Recurs as deep as an array may have dimensions. */
static int
put_dimension(struct array_output *to, struct json_span array, int level)
{
	struct json_walk w;
	int64_t n = 0;

	if (level == LEVELS)
		return report_set(to->report, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
		    "number of array dimensions exceeds the maximum allowed (%d)", LEVELS);
	pgwire_put_byte(&to->out, '{');
	json_walk_open(&w, array);
	for (; json_walk_next(&w); n++) {
		bool is_array = json_span_kind(w.value) == '[';

		if (is_array && (to->dimensions == 0 || level + 1 < to->dimensions)) {
			if (n > 0)
				pgwire_put_byte(&to->out, ',');
			if (put_dimension(to, w.value, level + 1) < 0)
				return -1;
			continue;
		}
		if (to->dimensions == 0)
			to->dimensions = level + 1;
		if (level + 1 < to->dimensions)
			return fail_array(to, false);
		if (put_element(to, w.value, n == 0) < 0)
			return -1;
	}
	pgwire_put_byte(&to->out, '}');
	if (to->dimensions == 0)
		to->dimensions = level + 1;
	if (to->sizes[level] >= 0 && to->sizes[level] != n)
		return fail_array(to, true);
	to->sizes[level] = n;
	return 0;
}

static int
read_array(const struct type_settings *settings, struct json_span x, const char *key, uint32_t oid, int32_t typmod,
    struct type_value *value, struct report *r)
{
	struct array_output to = { .settings = settings,
		.element = type_element(oid),
		.typmod = typmod,
		.key = key,
		.report = r };
	int status;

	for (int i = 0; i < LEVELS; i++)
		to.sizes[i] = -1;
	if (json_span_kind(x) != '[')
		return fail_array(&to, false);
	if ((status = put_dimension(&to, x, 0)) == 0 && to.out.failed)
		status = type_out_of_memory(r);
	if (status == 0 && to.dimensions > 0 && to.sizes[to.dimensions - 1] == 0)
		status = type_value_copy(value, "{}", 2, r);
	else if (status == 0)
		status = read_text(settings, (const char *)to.out.data + to.out.start, pgwire_buffer_length(&to.out),
		    oid, -1, value, r);
	pgwire_buffer_free(&to.out);
	return status;
}

int
json_span_read_array(struct json_span x, const char *key, json_read_element_fn *read, void *arg,
    struct type_value *value, struct report *r)
{
	struct array_output to = { .key = key, .typmod = -1, .read = read, .arg = arg, .report = r };
	int status;

	for (int i = 0; i < LEVELS; i++)
		to.sizes[i] = -1;
	if (json_span_kind(x) != '[')
		return fail_array(&to, false);
	if ((status = put_dimension(&to, x, 0)) == 0 && to.out.failed)
		status = type_out_of_memory(r);
	if (status == 0)
		status = to.dimensions > 0 && to.sizes[to.dimensions - 1] == 0
		    ? type_value_copy(value, "{}", 2, r)
		    : type_value_copy(value, (const char *)to.out.data + to.out.start, pgwire_buffer_length(&to.out),
			  r);
	pgwire_buffer_free(&to.out);
	return status;
}

int
json_span_read(const struct type_settings *settings, struct json_span x, const char *key, uint32_t oid, int32_t typmod,
    struct type_value *value, struct report *r)
{
	struct type_value text = { 0 };
	int status;

	*value = (struct type_value) { .kind = SQLITE_NULL };
	if (x.at == NULL || json_span_kind(x) == 'n')
		return 0;
	if (type_element(oid) != 0 && json_span_kind(x) != '"')
		return read_array(settings, x, key, oid, typmod, value, r);
	if ((status = text_of(x, oid, &text, r)) == 0)
		status = read_text(settings, text.bytes, text.length, oid, typmod, value, r);
	type_value_free(&text);
	return status;
}

/* bibd_json_field(object, name, type, typmod) */
void
json_field(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct pgwire_buffer quoted = { 0 };
	struct report report = { 0 };
	struct type_value value;
	size_t length;
	const char *name = function_text(argv[1], &length);
	struct json_span field;

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL)
		return;
	field = json_span_member(json_span_of(argv[0]), json_span_quote(&quoted, name, length));
	if (json_span_read(&function_session(c)->types, field, name, (uint32_t)sqlite3_value_int64(argv[2]),
		sqlite3_value_int(argv[3]), &value, &report) < 0)
		function_fail_report(c, &report);
	else
		function_result_value(c, &value);
	report_reset(&report);
	pgwire_buffer_free(&quoted);
}

/* ---- a row of two columns as a value ---- */

/* As a record's text has it: nothing for a null, quotes where they are needed. */
static void
put_field(struct pgwire_buffer *out, sqlite3_value *value)
{
	size_t length;
	const char *text = function_text(value, &length);
	bool quotes = length == 0;

	if (sqlite3_value_type(value) == SQLITE_NULL)
		return;
	for (size_t i = 0; i < length && !quotes; i++)
		quotes = strchr("\"\\(), \t\n\v\f\r", text[i]) != NULL;
	if (quotes)
		pgwire_put_byte(out, '"');
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '"' || text[i] == '\\')
			pgwire_put_byte(out, (uint8_t)text[i]);
		pgwire_put_byte(out, (uint8_t)text[i]);
	}
	if (quotes)
		pgwire_put_byte(out, '"');
}

void
json_pair(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct pgwire_buffer out = { 0 };

	(void)argc;
	pgwire_put_byte(&out, '(');
	put_field(&out, argv[0]);
	pgwire_put_byte(&out, ',');
	put_field(&out, argv[1]);
	pgwire_put_byte(&out, ')');
	function_result_buffer(c, &out);
}
