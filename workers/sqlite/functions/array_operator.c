/*
 * Arrays at run time.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/array_value.h"

int
array_put_sqlite_value(struct pgwire_buffer *out, sqlite3_value *value, uint32_t oid, bool first, struct report *r)
{
	struct pgwire_buffer text = { 0 };
	bool null = sqlite3_value_type(value) == SQLITE_NULL;
	int status = null ? 0 : type_put_text(&text, value, oid, NULL, r);

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
		if (array_put_sqlite_value(&text, argv[i], oid, i == 1, &report) < 0) {
			function_fail_report(c, &report);
			pgwire_buffer_free(&text);
			return;
		}
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
	struct type_value array = type_value_of(argv[2]);
	uint32_t oid = (uint32_t)sqlite3_value_int64(argv[3]);
	bool open = false, decided = false;
	struct array_reader reader;
	struct array_item left;

	if (op == NULL || array.kind != SQLITE_TEXT || !array_value_item(c, argv[1], oid, &left))
		return;
	array_reader_open(&reader, array.bytes, array.length);
	while (!decided && array_reader_next(&reader)) {
		if (reader.null || left.text == NULL)
			open = true;
		else
			decided = holds(op,
				      type_compare_element(oid, left.text, left.length, reader.element,
					  reader.length)) == any;
	}
	if (reader.failed)
		sqlite3_result_error_nomem(c);
	else if (decided || !open)
		sqlite3_result_int(c, decided == any);
	array_reader_close(&reader);
	free(left.text);
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

/* bibd_element(value, oid): the text under which an array keeps it. */
void
array_element(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct array_item item;

	(void)argc;
	if (!array_value_item(c, argv[0], (uint32_t)sqlite3_value_int64(argv[1]), &item) || item.text == NULL)
		return;
	function_result_text(c, item.text, item.length);
	free(item.text);
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
	if (array_put_sqlite_value(text, argv[0], (uint32_t)sqlite3_value_int64(argv[1]), first, &report) < 0)
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
