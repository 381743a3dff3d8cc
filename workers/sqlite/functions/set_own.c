/*
 * Calls of the file's own functions within a statement: as a value, and as a set of rows. The session runs the function
 * (sql_context.call); what comes back of several columns is one blob a row, out of which bibd_own_part() takes each.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/native.h"
#include "workers/sqlite/functions/own_type.h"
#include "workers/sqlite/functions/set.h"
#include "workers/sqlite/types/codec.h"

/* Before the function's own arguments: its OID, and the types of its columns. */
#define OWN_ARGUMENTS 2

static void
free_rows(struct sql_rows *rows)
{
	for (size_t i = 0; rows->cells != NULL && i < rows->nrows * rows->ncolumns; i++)
		type_value_free(&rows->cells[i]);
	free(rows->cells);
	free(rows->oids);
	*rows = (struct sql_rows) { 0 };
}

static int
run(const struct sql_context *context, int argc, sqlite3_value **argv, struct sql_rows *rows, struct report *r)
{
	struct sql_call call = { .argc = argc - OWN_ARGUMENTS, .argv = argv + OWN_ARGUMENTS };

	*rows = (struct sql_rows) { 0 };
	if (context->call == NULL || argc < OWN_ARGUMENTS)
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "a function of one's own outside of a client's session is not supported on SQLite");
	call.oid = (uint32_t)sqlite3_value_int64(argv[0]);
	if ((call.types = (const char *)sqlite3_value_text(argv[1])) == NULL)
		return type_out_of_memory(r);
	return context->call(context->session, &call, rows, r);
}

/* ---- a row as a blob: of each cell its type, its kind, and its number or its length and bytes ---- */

#define CELL_HEAD (sizeof(uint32_t) + 1)

static size_t
cell_size(const struct type_value *cell)
{
	if (cell->kind == SQLITE_TEXT || cell->kind == SQLITE_BLOB)
		return CELL_HEAD + sizeof(cell->length) + cell->length;
	return CELL_HEAD + sizeof(cell->integer);
}

static char *
put_cell(char *at, const struct type_value *cell, uint32_t oid)
{
	memcpy(at, &oid, sizeof(oid));
	at += sizeof(oid);
	*at++ = (char)cell->kind;
	if (cell->kind == SQLITE_TEXT || cell->kind == SQLITE_BLOB) {
		memcpy(at, &cell->length, sizeof(cell->length));
		if (cell->length > 0)
			memcpy(at + sizeof(cell->length), cell->bytes, cell->length);
		return at + sizeof(cell->length) + cell->length;
	}
	if (cell->kind == SQLITE_FLOAT)
		memcpy(at, &cell->real, sizeof(cell->real));
	else
		memcpy(at, &cell->integer, sizeof(cell->integer));
	return at + sizeof(cell->integer);
}

static int
pack_row(const struct sql_rows *rows, size_t number, struct type_value *row, struct report *r)
{
	const struct type_value *cells = &rows->cells[number * rows->ncolumns];
	unsigned n = rows->ncolumns;
	size_t size = 0;
	char *at;

	for (unsigned i = 0; i < n; i++)
		size += cell_size(&cells[i]);
	if (size > FUNCTION_RESULT_MAX)
		return report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "a row of a function is too large");
	if ((at = malloc(size + 1)) == NULL)
		return type_out_of_memory(r);
	*row = (struct type_value) { .kind = SQLITE_BLOB, .bytes = at, .owned = at, .length = size };
	for (unsigned i = 0; i < n; i++)
		at = put_cell(at, &cells[i], rows->oids[i]);
	return 0;
}

/* Reads the cell at *at and moves behind it; false: the blob ends before. Its bytes are the blob's. */
static bool
read_cell(const char **at, const char *end, struct type_value *cell, uint32_t *oid)
{
	*cell = (struct type_value) { .kind = SQLITE_NULL };
	if ((size_t)(end - *at) < CELL_HEAD + sizeof(cell->integer))
		return false;
	memcpy(oid, *at, sizeof(*oid));
	*at += sizeof(*oid);
	cell->kind = (unsigned char)*(*at)++;
	if (cell->kind == SQLITE_TEXT || cell->kind == SQLITE_BLOB) {
		memcpy(&cell->length, *at, sizeof(cell->length));
		*at += sizeof(cell->length);
		if ((size_t)(end - *at) < cell->length)
			return false;
		cell->bytes = *at;
		*at += cell->length;
		return true;
	}
	if (cell->kind == SQLITE_FLOAT)
		memcpy(&cell->real, *at, sizeof(cell->real));
	else
		memcpy(&cell->integer, *at, sizeof(cell->integer));
	*at += sizeof(cell->integer);
	return true;
}

/* bibd_own_part(row, number from 0) */
void
own_part(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *at = sqlite3_value_blob(argv[0]), *end = at + sqlite3_value_bytes(argv[0]);
	struct type_value cell = { .kind = SQLITE_NULL };
	int wanted = sqlite3_value_int(argv[1]);
	uint32_t oid;

	(void)argc;
	for (int i = 0; i <= wanted; i++)
		if (at == NULL || !read_cell(&at, end, &cell, &oid)) {
			sqlite3_result_error(c, "a row of a function has fewer columns", -1);
			return;
		}
	function_result_value(c, &cell);
}

/* bibd_own_row(row): as a composite value. */
void
own_row(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *at = sqlite3_value_blob(argv[0]), *end = at + sqlite3_value_bytes(argv[0]);
	struct record_writer w = { .n = 0 };
	struct pgwire_buffer out = { 0 };
	struct type_value cell;
	uint32_t oid;

	(void)argc;
	while (at != NULL && at < end)
		if (!read_cell(&at, end, &cell, &oid) || !own_write_field(c, &w, oid, &cell)) {
			record_writer_free(&w);
			return;
		}
	record_end(&w, &out);
	function_result_buffer(c, &out);
}

/* bibd_own_present(row): a null among the rows that a function answers would be taken for a row of nulls. */
void
own_present(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL)
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "a null among the rows of a function in SQL is not supported on SQLite");
	else
		sqlite3_result_value(c, argv[0]);
}

/* bibd_own_writer(oid): stands for the OID where the function may write, which the authorizer is told by this name. */
void
own_writer(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	sqlite3_result_value(c, argv[0]);
}

/* ---- as a value ---- */

static bool
is_row(sqlite3_value **argv)
{
	const char *types = (const char *)sqlite3_value_text(argv[1]);

	return types != NULL && types[0] == 'r';
}

/* An extension's: behind the sign stands what computes it. */
static bool
is_native(sqlite3_value **argv)
{
	const char *types = (const char *)sqlite3_value_text(argv[1]);

	return types != NULL && types[0] == '=';
}

/* bibd_own(oid, types, argument, ...) */
void
own_call(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct type_value row = { .kind = SQLITE_NULL };
	struct report report = { 0 };
	struct sql_rows rows;

	if (argc >= OWN_ARGUMENTS && is_native(argv)) {
		native_call(c, (const char *)sqlite3_value_text(argv[1]) + 1, argc - OWN_ARGUMENTS,
		    argv + OWN_ARGUMENTS);
		return;
	}
	if (run(function_session(c), argc, argv, &rows, &report) == -1 ||
	    (rows.nrows > 0 && is_row(argv) && !rows.null_row && pack_row(&rows, 0, &row, &report) == -1))
		function_fail_report(c, &report);
	else if (rows.nrows > 0 && !is_row(argv))
		function_result_value(c, &rows.cells[0]);
	else
		function_result_value(c, &row);
	free_rows(&rows);
}

/* ---- as a set ---- */

struct own {
	struct sql_rows rows;
	size_t next;
	bool row;
};

static int
own_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	struct own *own = set->state = calloc(1, sizeof(*own));

	if (own == NULL)
		return type_out_of_memory(r);
	own->row = argc > 1 && is_row(argv);
	return run(set->session, argc, argv, &own->rows, r);
}

static int
own_next(struct set *set, struct report *r)
{
	struct own *own = set->state;
	struct type_value *cells = &own->rows.cells[own->next * own->rows.ncolumns];

	set->done = own->next == own->rows.nrows;
	if (set->done)
		return 0;
	if (own->row)
		return pack_row(&own->rows, own->next++, &set->value, r);
	own->next++;
	set->value = *cells;
	*cells = (struct type_value) { .kind = SQLITE_NULL };
	return 0;
}

static void
own_close(void *state)
{
	free_rows(&((struct own *)state)->rows);
}

const struct set_kind set_own_kinds[] = {
	{ "own", true, own_open, own_next, own_close },
	{ .name = NULL },
};
