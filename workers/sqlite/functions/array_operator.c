/*
 * Arrays at run time.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/array_value.h"
#include "workers/sqlite/functions/ts_value.h"

int
array_put_sqlite_value(struct pgwire_buffer *out, sqlite3_value *value, uint32_t oid, bool first, struct report *r)
{
	struct pgwire_buffer text = { 0 };
	bool null = sqlite3_value_type(value) == SQLITE_NULL;
	const char *name = null ? NULL : ts_name_of(oid, sqlite3_value_int64(value));
	int status = null || name != NULL ? 0 : type_put_text(&text, value, oid, NULL, r);

	if (name != NULL) /* an array has names: nothing shows its elements one by one */
		pgwire_put_bytes(&text, name, strlen(name));
	if (status == 0)
		array_put_text(out, text.data == NULL ? "" : (const char *)text.data + text.start,
		    pgwire_buffer_length(&text), null, first);
	out->failed |= text.failed;
	pgwire_buffer_free(&text);
	return status;
}

/* bibd_vector(number, ...): an int2vector or oidvector. */
void
array_vector(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	sqlite3_str *text = sqlite3_str_new(sqlite3_context_db_handle(c));
	bool has_null = false;

	for (int i = 0; i < argc; i++) {
		has_null |= sqlite3_value_type(argv[i]) == SQLITE_NULL;
		sqlite3_str_appendf(text, i == 0 ? "%lld" : " %lld", sqlite3_value_int64(argv[i]));
	}
	if (sqlite3_str_errcode(text) != SQLITE_OK)
		sqlite3_result_error_nomem(c);
	else if (has_null)
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED, "a NULL in a vector is not supported on SQLite");
	else
		sqlite3_result_text(c, sqlite3_str_value(text), sqlite3_str_length(text), SQLITE_TRANSIENT);
	sqlite3_free(sqlite3_str_finish(text));
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
