/*
 * Composite values: put together, taken apart, changed, compared.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/own_type.h"
#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/record.h"

static void
give(sqlite3_context *c, struct record_writer *w)
{
	struct pgwire_buffer out = { 0 };

	record_end(w, &out);
	function_result_buffer(c, &out);
}

/* bibd_row_make('oid,oid', value, ...) */
void
row_make(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct record_writer w = { .n = 0 };
	size_t length;
	const char *types = argc > 0 ? function_text(argv[0], &length) : "";

	for (int i = 1; i < argc; i++) {
		struct type_value value = type_value_of(argv[i]);
		char *end;

		if (!own_write_field(c, &w, (uint32_t)strtoul(types, &end, 10), &value)) {
			record_writer_free(&w);
			return;
		}
		types = *end == ',' ? end + 1 : end;
	}
	give(c, &w);
}

/* bibd_row_field(row, i, oid): the i-th field, from 0, as a value of that type. */
void
row_field(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int i = sqlite3_value_int(argv[1]);
	struct record_reader reader;
	struct report r = { 0 };
	struct type_value value;
	size_t length;
	const char *text = function_text(argv[0], &length);
	bool found = record_reader_open(&reader, text, length);

	(void)argc;
	for (; found && i >= 0; i--)
		found = record_reader_next(&reader);
	if (reader.failed)
		sqlite3_result_error_nomem(c);
	else if (found && !reader.null) {
		if (type_decode(type_kept_as((uint32_t)sqlite3_value_int64(argv[2])), TYPE_FORMAT_TEXT, reader.text,
			reader.length, &value, &r) < 0)
			function_fail_report(c, &r);
		else
			function_result_value(c, &value);
	}
	record_reader_close(&reader);
}

/* A row of that type of nothing but nulls. */
static bool
write_nulls(sqlite3_context *c, struct own_types *types, uint32_t oid, struct record_writer *w)
{
	const struct own_type *own = own_type_of(c, types, oid);

	for (unsigned i = 0; own != NULL && i < own->type.nfields; i++) {
		uint32_t kept = own_kept_type(c, types, own->type.fields[i].oid);

		if (kept == 0)
			return false;
		record_add(w, kept, NULL, 0);
	}
	return own != NULL;
}

/* bibd_row_set(row, oid of its type, i, value): with another i-th field. */
void
row_set(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct own_types *types = own_types_at(c, 1);
	struct record_writer nulls = { .n = 0 }, w = { .n = 0 };
	struct type_value value = type_value_of(argv[3]);
	struct pgwire_buffer empty = { 0 };
	unsigned at = (unsigned)sqlite3_value_int(argv[2]);
	struct record_reader reader;
	size_t length;
	const char *text = function_text(argv[0], &length);
	bool ok = types != NULL;

	(void)argc;
	if (ok && sqlite3_value_type(argv[0]) == SQLITE_NULL) {
		ok = write_nulls(c, types, (uint32_t)sqlite3_value_int64(argv[1]), &nulls);
		record_end(&nulls, &empty);
		text = empty.data == NULL ? "" : (const char *)empty.data + empty.start;
		length = pgwire_buffer_length(&empty);
	}
	(void)record_reader_open(&reader, text, length);
	while (ok && record_reader_next(&reader)) {
		if (w.n == at)
			ok = own_write_field(c, &w, reader.oid, &value);
		else
			record_add(&w, reader.oid, reader.null ? NULL : reader.text, reader.length);
	}
	w.fields.failed |= reader.failed | empty.failed;
	record_reader_close(&reader);
	pgwire_buffer_free(&empty);
	if (ok)
		give(c, &w);
	else
		record_writer_free(&w);
}

/* bibd_row_nulls(row, whether none of its fields is null; else whether all are): IS NOT NULL and IS NULL. */
void
row_nulls(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	bool none = sqlite3_value_int(argv[1]) != 0, holds = true;
	struct record_reader reader;
	size_t length;
	const char *text = function_text(argv[0], &length);

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL) {
		sqlite3_result_int(c, !none);
		return;
	}
	(void)record_reader_open(&reader, text, length);
	while (holds && record_reader_next(&reader))
		holds = reader.null != none;
	record_reader_close(&reader);
	sqlite3_result_int(c, holds);
}

/* ---- compared ---- */

static bool
fail_dissimilar(sqlite3_context *c, uint32_t a, uint32_t b, int column)
{
	char *names[2] = { user_type_format(c, a, -1), user_type_format(c, b, -1) };

	function_fail(c, SQLSTATE_DATATYPE_MISMATCH,
	    "cannot compare dissimilar column types %s and %s at record column %d", names[0] == NULL ? "" : names[0],
	    names[1] == NULL ? "" : names[1], column);
	free(names[0]);
	free(names[1]);
	return false;
}

static bool
fields_compare(sqlite3_context *c, const struct record_reader *a, const struct record_reader *b, int column, bool order)
{
	if (a->oid != b->oid)
		return fail_dissimilar(c, a->oid, b->oid, column);
	if (a->oid != TYPE_JSON && a->oid != TYPE_JSONPATH)
		return true;
	function_fail(c, SQLSTATE_UNDEFINED_FUNCTION,
	    order ? "could not identify a comparison function for type %s"
		  : "could not identify an equality operator for type %s",
	    type_error_name(a->oid));
	return false;
}

/* <0, 0, >0. False: the call failed, by what PostgreSQL finds only when it compares. */
static bool
compare_rows(sqlite3_context *c, sqlite3_value **argv, bool order, bool image, int *result)
{
	struct record_reader a, b;
	size_t lengths[2];
	const char *texts[2] = { function_text(argv[0], &lengths[0]), function_text(argv[1], &lengths[1]) };
	bool more_a, more_b, ok = true;

	(void)record_reader_open(&a, texts[0], lengths[0]);
	(void)record_reader_open(&b, texts[1], lengths[1]);
	*result = 0;
	for (int column = 1; ok && *result == 0; column++) {
		more_a = record_reader_next(&a);
		more_b = record_reader_next(&b);
		if (!more_a || !more_b) {
			ok = more_a == more_b;
			if (!ok)
				function_fail(c, SQLSTATE_DATATYPE_MISMATCH,
				    "cannot compare record types with different numbers of columns");
			break;
		}
		ok = image && a.oid == b.oid ? true : fields_compare(c, &a, &b, column, order);
		if (ok && (a.null || b.null))
			*result = (int)a.null - (int)b.null;
		else if (ok && image)
			*result = a.length != b.length || memcmp(a.text, b.text, a.length) != 0;
		else if (ok)
			*result = type_compare_element(a.oid, a.text, a.length, b.text, b.length);
	}
	record_reader_close(&a);
	record_reader_close(&b);
	return ok;
}

static void
give_order(sqlite3_context *c, sqlite3_value **argv, bool less, bool equal, bool greater)
{
	int order;

	if (compare_rows(c, argv, less != greater, false, &order))
		sqlite3_result_int(c, order < 0 ? less : order == 0 ? equal : greater);
}

void
row_eq(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_order(c, argv, false, true, false);
}

void
row_ne(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_order(c, argv, true, false, true);
}

void
row_lt(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_order(c, argv, true, false, false);
}

void
row_le(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_order(c, argv, true, true, false);
}

void
row_gt(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_order(c, argv, false, false, true);
}

void
row_ge(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_order(c, argv, false, true, true);
}

/* *= and *<>: whether they are kept alike. */
void
row_same(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int order;

	(void)argc;
	if (compare_rows(c, argv, false, true, &order))
		sqlite3_result_int(c, order == 0);
}

void
row_differs(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int order;

	(void)argc;
	if (compare_rows(c, argv, false, true, &order))
		sqlite3_result_int(c, order != 0);
}
