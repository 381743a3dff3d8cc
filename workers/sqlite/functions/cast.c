/*
 * Casts at run time.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/utf8.h"
#include "workers/sqlite/functions/functions.h"

/* bibd_x(value[, typmod]), bibd_to_x(value[, typmod]). */
void
operator_cast(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	bool is_explicit;
	uint32_t oid = function_cast_type(c, &is_explicit);
	struct type_value in = type_value_of(argv[0]), out = { 0 };
	struct report report = { 0 };
	int32_t typmod = argc > 1 ? sqlite3_value_int(argv[1]) : -1;

	if (in.kind == SQLITE_NULL)
		return;
	if (type_coerce_in(&function_session(c)->types, oid, typmod, is_explicit, &in, &out, &report) < 0)
		function_fail_report(c, &report);
	else
		function_result_value(c, &out);
	report_reset(&report);
}

/* bibd_read_integer(text, oid): unlike a numeric, which is kept as a text too, a text has no fraction to round away. */
void
operator_read_integer(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct type_value in = type_value_of(argv[0]), out = { 0 };
	struct report report = { 0 };
	uint32_t oid = (uint32_t)sqlite3_value_int64(argv[1]);

	(void)argc;
	if (in.kind == SQLITE_NULL)
		return;
	if (type_decode(oid, TYPE_FORMAT_TEXT, in.bytes, in.length, &out, &report) < 0)
		function_fail_report(c, &report);
	else
		function_result_value(c, &out);
	report_reset(&report);
}

/* bibd_text(value, oid): the text form of a value of that type. */
void
operator_text(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct pgwire_buffer text = { 0 };
	struct report report = { 0 };

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL)
		return;
	if (sqlite3_value_int64(argv[1]) == TYPE_BOOL) { /* 't' on the wire, 'true' as a text */
		sqlite3_result_text(c, sqlite3_value_int(argv[0]) ? "true" : "false", -1, SQLITE_STATIC);
		return;
	}
	if (type_put_text(&text, argv[0], (uint32_t)sqlite3_value_int64(argv[1]), &function_session(c)->types,
		&report) < 0)
		function_fail_report(c, &report);
	else if (text.failed)
		sqlite3_result_error_nomem(c);
	else
		sqlite3_result_text64(c, text.data == NULL ? "" : (const char *)text.data + text.start,
		    pgwire_buffer_length(&text), SQLITE_TRANSIENT, SQLITE_UTF8);
	pgwire_buffer_free(&text);
	report_reset(&report);
}

/* bibd_fill(value, n): with blanks at its end up to n characters, as char(n) keeps it; those beyond n are taken off. */
void
operator_fill(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct type_value in = type_value_of(argv[0]);
	size_t wanted = (size_t)sqlite3_value_int(argv[1]), have, fill;
	char *text;

	(void)argc;
	if (in.kind != SQLITE_TEXT)
		return;
	while (in.length > 0 && in.bytes[in.length - 1] == ' ')
		in.length--;
	have = utf8_count(in.bytes, in.length);
	fill = have < wanted ? wanted - have : 0;
	if ((text = malloc(in.length + fill + 1)) == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	memcpy(text, in.bytes, in.length);
	memset(text + in.length, ' ', fill);
	sqlite3_result_text64(c, text, in.length + fill, free, SQLITE_UTF8);
}
