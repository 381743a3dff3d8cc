/*
 * Arrays at run time.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/types/codec.h"

int
array_put_sqlite_value(struct pgwire_buffer *out, sqlite3_value *value, uint32_t oid, bool first,
    const struct type_settings *settings, struct report *r)
{
	struct pgwire_buffer text = { 0 };
	bool null = sqlite3_value_type(value) == SQLITE_NULL;
	int status = null ? 0 : type_put_text(&text, value, oid, settings, r);

	if (status == 0)
		array_put_text(out, text.data == NULL ? "" : (const char *)text.data + text.start,
		    pgwire_buffer_length(&text), null, first);
	out->failed |= text.failed;
	pgwire_buffer_free(&text);
	return status;
}

/* bibd_array(oid, element, ...). */
void
operator_array(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct pgwire_buffer text = { 0 };
	struct report report = { 0 };
	uint32_t oid = argc > 0 ? (uint32_t)sqlite3_value_int64(argv[0]) : 0;

	pgwire_put_byte(&text, '{');
	for (int i = 1; i < argc; i++)
		if (array_put_sqlite_value(&text, argv[i], oid, i == 1, &function_session(c)->types, &report) < 0) {
			function_fail_report(c, &report);
			pgwire_buffer_free(&text);
			return;
		}
	pgwire_put_byte(&text, '}');
	function_result_buffer(c, &text);
}

/* An element's text as a value of its type. */
static int
decode_element(sqlite3_context *c, const struct array_reader *reader, uint32_t oid, struct type_value *value)
{
	struct report report = { 0 };

	*value = (struct type_value) { .kind = SQLITE_NULL };
	if (reader->null)
		return 0;
	if (type_decode_in(&function_session(c)->types, oid, TYPE_FORMAT_TEXT, reader->element, reader->length, value,
		&report) < 0) {
		function_fail_report(c, &report);
		report_reset(&report);
		return -1;
	}
	return 0;
}

/* bibd_array_get(array, index, oid): from 1, the vectors from 0; NULL when there is none. */
void
operator_array_get(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct type_value array = type_value_of(argv[0]), value;
	int64_t index = sqlite3_value_int64(argv[1]);
	struct array_reader reader;

	(void)argc;
	if (array.kind != SQLITE_TEXT || sqlite3_value_type(argv[1]) == SQLITE_NULL)
		return;
	array_reader_open(&reader, array.bytes, array.length);
	if (!reader.vector)
		index--;
	while (index >= 0 && array_reader_next(&reader))
		if (index-- == 0 && decode_element(c, &reader, (uint32_t)sqlite3_value_int64(argv[2]), &value) == 0)
			function_result_value(c, &value);
	if (reader.failed)
		sqlite3_result_error_nomem(c);
	array_reader_close(&reader);
}

static void
copy_elements(struct pgwire_buffer *text, sqlite3_value *array, bool *first)
{
	struct type_value value = type_value_of(array);
	struct array_reader reader;

	if (value.kind != SQLITE_TEXT)
		return;
	array_reader_open(&reader, value.bytes, value.length);
	for (; array_reader_next(&reader); *first = false)
		array_put_text(text, reader.element, reader.length, reader.null, *first);
	text->failed |= reader.failed;
	array_reader_close(&reader);
}

void
operator_array_concatenate(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct pgwire_buffer text = { 0 };
	bool first = true;

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL && sqlite3_value_type(argv[1]) == SQLITE_NULL)
		return;
	pgwire_put_byte(&text, '{');
	copy_elements(&text, argv[0], &first);
	copy_elements(&text, argv[1], &first);
	pgwire_put_byte(&text, '}');
	function_result_buffer(c, &text);
}

/* bibd_record_field(record, i): the i-th number, from 0, of "(1,2)". */
void
operator_record_field(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]);
	int i = sqlite3_value_int(argv[1]);

	(void)argc;
	if (text == NULL)
		return;
	text += strspn(text, "(");
	for (; i > 0 && text != NULL; i--)
		text = (text = strchr(text, ',')) == NULL ? NULL : text + 1;
	if (text != NULL)
		sqlite3_result_int64(c, strtoll(text, NULL, 10));
}

/* ---- ANY and ALL with an operator ---- */

static int
compare_numbers(const struct type_value *a, const struct type_value *b)
{
	double x, y;

	if (a->kind == SQLITE_INTEGER && b->kind == SQLITE_INTEGER)
		return (a->integer > b->integer) - (a->integer < b->integer);
	x = a->kind == SQLITE_INTEGER ? (double)a->integer : a->real;
	y = b->kind == SQLITE_INTEGER ? (double)b->integer : b->real;
	return (x > y) - (x < y);
}

static int
compare_bytes(const struct type_value *a, const struct type_value *b)
{
	size_t n = a->length < b->length ? a->length : b->length;
	int order = n == 0 ? 0 : memcmp(a->bytes, b->bytes, n);

	return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static int
compare_values(const struct type_value *a, const struct type_value *b, uint32_t oid)
{
	bool bytes = a->bytes != NULL && b->bytes != NULL;

	if (oid == TYPE_NUMERIC && bytes)
		return type_compare_numeric(a->bytes, a->length, b->bytes, b->length);
	return bytes ? compare_bytes(a, b) : compare_numbers(a, b);
}

static bool
holds(const char *op, int order)
{
	switch (op[0]) {
	case '<':
		return op[1] == '=' ? order <= 0 : op[1] == '>' ? order != 0 : order < 0;
	case '>':
		return op[1] == '=' ? order >= 0 : order > 0;
	case '!':
		return order != 0;
	default:
		return order == 0;
	}
}

/* Over all elements: ANY stops at the first that holds, ALL at the first that does not; a NULL leaves it open. */
static void
each_element(sqlite3_context *c, sqlite3_value **argv, bool any)
{
	const char *op = (const char *)sqlite3_value_text(argv[0]);
	struct type_value left = type_value_of(argv[1]), array = type_value_of(argv[2]), value;
	uint32_t oid = (uint32_t)sqlite3_value_int64(argv[3]);
	bool open = false, decided = false;
	struct array_reader reader;

	if (op == NULL || array.kind != SQLITE_TEXT)
		return;
	array_reader_open(&reader, array.bytes, array.length);
	while (!decided && array_reader_next(&reader)) {
		if (reader.null || left.kind == SQLITE_NULL) {
			open = true;
			continue;
		}
		if (decode_element(c, &reader, oid, &value) < 0) {
			array_reader_close(&reader);
			return;
		}
		decided = holds(op, compare_values(&left, &value, oid)) == any;
		type_value_free(&value);
	}
	if (reader.failed)
		sqlite3_result_error_nomem(c);
	else if (decided || !open)
		sqlite3_result_int(c, decided == any);
	array_reader_close(&reader);
}

void
operator_any_of(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	each_element(c, argv, true);
}

void
operator_all_of(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	each_element(c, argv, false);
}

/* ---- ARRAY(SELECT ...): bibd_array_of(value, oid) ---- */

void
operator_array_of_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct pgwire_buffer *text = sqlite3_aggregate_context(c, sizeof(*text));
	struct report report = { 0 };
	bool first;

	(void)argc;
	if (text == NULL)
		return;
	first = text->data == NULL;
	if (first)
		pgwire_put_byte(text, '{');
	if (array_put_sqlite_value(text, argv[0], (uint32_t)sqlite3_value_int64(argv[1]), first,
		&function_session(c)->types, &report) < 0)
		function_fail_report(c, &report);
	report_reset(&report);
}

void
operator_array_of_final(sqlite3_context *c)
{
	struct pgwire_buffer *text = sqlite3_aggregate_context(c, 0);

	if (text == NULL || text->data == NULL) {
		sqlite3_result_text(c, "{}", 2, SQLITE_STATIC);
		return;
	}
	pgwire_put_byte(text, '}');
	function_result_buffer(c, text);
}
