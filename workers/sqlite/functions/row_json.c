/*
 * Composite values as JSON objects, whose members are named as the fields of the row's type.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/json_span.h"
#include "workers/sqlite/functions/own_type.h"
#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/record.h"

/* A row whose members are written. */
struct row_json {
	sqlite3_context *c;
	struct own_types *types;
	struct pgwire_buffer out;
};

/* What names the fields: a row type, else texts, else their places. */
struct row_names {
	const struct schema_type *type;
	sqlite3_value **texts;
	int n;
};

static bool put_row(struct row_json *to, const char *text, size_t length, const struct row_names *names);

static void
put_name(struct row_json *to, const struct row_names *names, unsigned i)
{
	char number[16];
	const char *name = number;
	size_t length;

	(void)snprintf(number, sizeof(number), "f%u", i + 1);
	if (names->type != NULL && i < names->type->nfields)
		name = names->type->fields[i].name;
	length = strlen(name);
	if (names->type == NULL && (int)i < names->n)
		name = function_text(names->texts[i], &length);
	type_json_put_string(&to->out, name, length);
}

static bool
put_nested(struct row_json *to, uint32_t oid, const char *text, size_t length)
{
	struct row_names names = { NULL };
	const struct own_type *own = NULL;

	if (oid != TYPE_RECORD && (own = own_type_of(to->c, to->types, oid)) == NULL)
		return false;
	if (own != NULL)
		names.type = &own->type;
	return put_row(to, text, length, &names);
}

static bool
put_plain(struct row_json *to, uint32_t oid, const char *text, size_t length)
{
	struct pgwire_buffer shown = { 0 };
	struct type_value value;
	struct report r = { 0 };
	int result = type_decode(oid, TYPE_FORMAT_TEXT, text, length, &value, &r);

	if (result == 0)
		result = type_put_value_text(&shown, &value, oid, &function_session(to->c)->types, &r);
	type_value_free(&value);
	pgwire_put_byte(&shown, '\0');
	if (result != 0)
		function_fail_report(to->c, &r);
	else if (!shown.failed)
		json_put_text(&to->out, (const char *)shown.data + shown.start, pgwire_buffer_length(&shown) - 1, oid);
	to->out.failed |= shown.failed;
	pgwire_buffer_free(&shown);
	return result == 0;
}

/* An array of rows, whose elements follow each other however many dimensions it has. */
static bool
put_rows(struct row_json *to, uint32_t element, const char *text, size_t length)
{
	struct array_reader reader;
	struct array_shape shape;
	bool ok = true;

	array_read_shape(text, length, &shape);
	if (shape.dimensions > 1) {
		function_fail(to->c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "JSON of an array of rows of several dimensions is not supported on SQLite");
		return false;
	}
	pgwire_put_byte(&to->out, '[');
	array_reader_open(&reader, text, length);
	for (bool first = true; ok && array_reader_next(&reader); first = false) {
		if (!first)
			pgwire_put_byte(&to->out, ',');
		if (reader.null)
			pgwire_put_bytes(&to->out, "null", 4);
		else
			ok = put_nested(to, element, reader.element, reader.length);
	}
	to->out.failed |= reader.failed;
	array_reader_close(&reader);
	pgwire_put_byte(&to->out, ']');
	return ok;
}

static bool
put_value(struct row_json *to, uint32_t oid, const char *text, size_t length)
{
	if (type_is_row(oid))
		return put_nested(to, oid, text, length);
	if (type_is_row(type_element(oid)))
		return put_rows(to, type_element(oid), text, length);
	return put_plain(to, oid, text, length);
}

static bool
put_row(struct row_json *to, const char *text, size_t length, const struct row_names *names)
{
	struct record_reader reader;
	bool ok = true;
	unsigned n = 0;

	(void)record_reader_open(&reader, text, length);
	pgwire_put_byte(&to->out, '{');
	for (; ok && record_reader_next(&reader); n++) {
		if (n > 0)
			pgwire_put_byte(&to->out, ',');
		put_name(to, names, n);
		pgwire_put_byte(&to->out, ':');
		if (reader.null)
			pgwire_put_bytes(&to->out, "null", 4);
		else
			ok = put_value(to, reader.oid, reader.text, reader.length);
	}
	to->out.failed |= reader.failed;
	record_reader_close(&reader);
	pgwire_put_byte(&to->out, '}');
	return ok;
}

/* bibd_row_json(row or array of rows, its type, name, ...): the names of the fields of a record. */
void
row_to_json(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct row_json to = { .c = c, .types = own_types_at(c, 1) };
	struct row_names names = { .texts = argv + 2, .n = argc - 2 };
	uint32_t oid = (uint32_t)sqlite3_value_int64(argv[1]);
	struct pgwire_buffer labelled = { 0 };
	const char *text;
	size_t length;
	bool ok;

	if (to.types == NULL || sqlite3_value_type(argv[0]) == SQLITE_NULL)
		return;
	text = function_text(argv[0], &length);
	ok = own_label_text(c, to.types, oid, text, length, &labelled);
	text = labelled.data == NULL ? "" : (const char *)labelled.data + labelled.start;
	if (ok)
		ok = oid == TYPE_RECORD ? put_row(&to, text, pgwire_buffer_length(&labelled), &names)
					: put_value(&to, oid, text, pgwire_buffer_length(&labelled));
	to.out.failed |= labelled.failed;
	pgwire_buffer_free(&labelled);
	if (ok)
		function_result_buffer(c, &to.out);
	else
		pgwire_buffer_free(&to.out);
}
