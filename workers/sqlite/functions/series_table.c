/*
 * Table-valued functions: bibd_generate_series(start, stop[, step]) and bibd_unnest(array, oid). Eponymous virtual
 * tables whose hidden columns are the arguments. Source: sqlite.org/vtab.html, "Table-valued functions".
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/array_reader.h"

enum column { COLUMN_VALUE, COLUMN_ORDINALITY, COLUMN_SUBSCRIPT, COLUMN_ARGUMENT };
#define ARGUMENTS 3

struct table {
	sqlite3_vtab base;
	struct sql_context *context;
};

struct cursor {
	sqlite3_vtab_cursor base;
	int64_t ordinality;
	bool done;
	/* generate_series */
	int64_t value, stop, step;
	/* unnest */
	char *array; /* the text that the reader reads */
	struct array_reader reader;
	uint32_t oid;
	struct type_value element;
};

static int
connect(sqlite3 *db, void *context, const char *declaration, sqlite3_vtab **out)
{
	struct table *table = sqlite3_malloc(sizeof(*table));
	int status = sqlite3_declare_vtab(db, declaration);

	if (table == NULL || status != SQLITE_OK) {
		sqlite3_free(table);
		return table == NULL ? SQLITE_NOMEM : status;
	}
	*table = (struct table) { .context = context };
	sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
	*out = &table->base;
	return SQLITE_OK;
}

static int
connect_series(sqlite3 *db, void *context, int argc, const char *const *argv, sqlite3_vtab **out, char **error)
{
	(void)argc;
	(void)argv;
	(void)error;
	return connect(db, context,
	    "CREATE TABLE x(value INTEGER, ordinality INTEGER, subscript INTEGER, a HIDDEN, "
	    "b HIDDEN, c HIDDEN)",
	    out);
}

static int
connect_unnest(sqlite3 *db, void *context, int argc, const char *const *argv, sqlite3_vtab **out, char **error)
{
	(void)argc;
	(void)argv;
	(void)error;
	return connect(db, context, "CREATE TABLE x(value, ordinality INTEGER, subscript INTEGER, a HIDDEN, b HIDDEN)",
	    out);
}

static int
disconnect(sqlite3_vtab *table)
{
	sqlite3_free(table);
	return SQLITE_OK;
}

/* Arguments are equalities with the hidden columns; idxNum has a bit for each that there is. */
static int
best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
	int at[ARGUMENTS] = { -1, -1, -1 }, argv = 0;

	(void)table;
	for (int i = 0; i < info->nConstraint; i++) {
		int argument = info->aConstraint[i].iColumn - COLUMN_ARGUMENT;

		if (argument < 0 || info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
			continue;
		if (!info->aConstraint[i].usable)
			return SQLITE_CONSTRAINT;
		if (argument < ARGUMENTS)
			at[argument] = i;
	}
	for (int i = 0; i < ARGUMENTS; i++)
		if (at[i] >= 0) {
			info->aConstraintUsage[at[i]].argvIndex = ++argv;
			info->aConstraintUsage[at[i]].omit = 1;
			info->idxNum |= 1 << i;
		}
	info->estimatedCost = 10;
	info->estimatedRows = 100;
	return SQLITE_OK;
}

static int
open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
	struct cursor *cursor = sqlite3_malloc(sizeof(*cursor));

	(void)table;
	if (cursor == NULL)
		return SQLITE_NOMEM;
	memset(cursor, 0, sizeof(*cursor));
	*out = &cursor->base;
	return SQLITE_OK;
}

static void
reset(struct cursor *cursor)
{
	array_reader_close(&cursor->reader);
	free(cursor->array);
	cursor->array = NULL;
	type_value_free(&cursor->element);
	cursor->element = (struct type_value) { 0 };
	cursor->ordinality = 1;
	cursor->done = false;
}

static int
close_cursor(sqlite3_vtab_cursor *base)
{
	reset((struct cursor *)base);
	sqlite3_free(base);
	return SQLITE_OK;
}

static int
fail(struct cursor *cursor, struct report *r)
{
	struct table *table = (struct table *)cursor->base.pVtab;

	sqlite3_free(table->base.zErrMsg);
	table->base.zErrMsg = sqlite3_mprintf("%s", r->message == NULL ? "out of memory" : r->message);
	report_move(&table->context->report, r);
	return SQLITE_ERROR;
}

/* ---- generate_series ---- */

static int
filter_series(sqlite3_vtab_cursor *base, int number, const char *string, int argc, sqlite3_value **argv)
{
	struct cursor *cursor = (struct cursor *)base;
	struct report report = { 0 };

	(void)string;
	reset(cursor);
	cursor->done = (number & 3) != 3;
	for (int i = 0; i < argc; i++)
		cursor->done = cursor->done || sqlite3_value_type(argv[i]) == SQLITE_NULL;
	if (cursor->done)
		return SQLITE_OK;
	cursor->value = sqlite3_value_int64(argv[0]);
	cursor->stop = sqlite3_value_int64(argv[1]);
	cursor->step = (number & 4) != 0 ? sqlite3_value_int64(argv[2]) : 1;
	if (cursor->step == 0) {
		(void)report_set(&report, SQLSTATE_INVALID_PARAMETER_VALUE, "step size cannot equal zero");
		return fail(cursor, &report);
	}
	cursor->done = cursor->step > 0 ? cursor->value > cursor->stop : cursor->value < cursor->stop;
	return SQLITE_OK;
}

static int
next_series(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	cursor->ordinality++;
	if (__builtin_add_overflow(cursor->value, cursor->step, &cursor->value))
		cursor->done = true;
	else
		cursor->done = cursor->step > 0 ? cursor->value > cursor->stop : cursor->value < cursor->stop;
	return SQLITE_OK;
}

static int
column_series(sqlite3_vtab_cursor *base, sqlite3_context *c, int column)
{
	const struct cursor *cursor = (const struct cursor *)base;

	if (column == COLUMN_VALUE)
		sqlite3_result_int64(c, cursor->value);
	else if (column == COLUMN_ORDINALITY)
		sqlite3_result_int64(c, cursor->ordinality);
	return SQLITE_OK;
}

/* ---- unnest ---- */

static int
take_element(struct cursor *cursor)
{
	const struct table *table = (const struct table *)cursor->base.pVtab;
	struct report report = { 0 };

	type_value_free(&cursor->element);
	cursor->element = (struct type_value) { .kind = SQLITE_NULL };
	cursor->done = !array_reader_next(&cursor->reader);
	if (cursor->reader.failed)
		return SQLITE_NOMEM;
	if (cursor->done || cursor->reader.null)
		return SQLITE_OK;
	if (type_decode_in(&table->context->types, cursor->oid, TYPE_FORMAT_TEXT, cursor->reader.element,
		cursor->reader.length, &cursor->element, &report) < 0)
		return fail(cursor, &report);
	return SQLITE_OK;
}

static int
filter_unnest(sqlite3_vtab_cursor *base, int number, const char *string, int argc, sqlite3_value **argv)
{
	struct cursor *cursor = (struct cursor *)base;
	struct type_value array;

	(void)string;
	(void)argc;
	reset(cursor);
	cursor->done = (number & 3) != 3 || sqlite3_value_type(argv[0]) == SQLITE_NULL;
	if (cursor->done)
		return SQLITE_OK;
	array = type_value_of(argv[0]);
	cursor->oid = (uint32_t)sqlite3_value_int64(argv[1]);
	if (array.kind != SQLITE_TEXT) {
		cursor->done = true;
		return SQLITE_OK;
	}
	if ((cursor->array = malloc(array.length + 1)) == NULL)
		return SQLITE_NOMEM;
	memcpy(cursor->array, array.bytes, array.length);
	array_reader_open(&cursor->reader, cursor->array, array.length);
	return take_element(cursor);
}

static int
next_unnest(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	cursor->ordinality++;
	return take_element(cursor);
}

static int
column_unnest(sqlite3_vtab_cursor *base, sqlite3_context *c, int column)
{
	struct cursor *cursor = (struct cursor *)base;
	struct type_value value = cursor->element;

	value.owned = NULL;
	if (column == COLUMN_VALUE)
		function_result_value(c, &value);
	else if (column == COLUMN_ORDINALITY)
		sqlite3_result_int64(c, cursor->ordinality);
	else if (column == COLUMN_SUBSCRIPT)
		sqlite3_result_int64(c, cursor->ordinality - cursor->reader.vector);
	return SQLITE_OK;
}

static int
at_end(sqlite3_vtab_cursor *base)
{
	return ((const struct cursor *)base)->done;
}

static int
row_number(sqlite3_vtab_cursor *base, sqlite3_int64 *row)
{
	*row = ((const struct cursor *)base)->ordinality;
	return SQLITE_OK;
}

static const sqlite3_module series_module = { .xConnect = connect_series,
	.xBestIndex = best_index,
	.xDisconnect = disconnect,
	.xOpen = open_cursor,
	.xClose = close_cursor,
	.xFilter = filter_series,
	.xNext = next_series,
	.xEof = at_end,
	.xColumn = column_series,
	.xRowid = row_number };
static const sqlite3_module unnest_module = { .xConnect = connect_unnest,
	.xBestIndex = best_index,
	.xDisconnect = disconnect,
	.xOpen = open_cursor,
	.xClose = close_cursor,
	.xFilter = filter_unnest,
	.xNext = next_unnest,
	.xEof = at_end,
	.xColumn = column_unnest,
	.xRowid = row_number };

int
series_register(sqlite3 *db, struct sql_context *context)
{
	int status = sqlite3_create_module_v2(db, "bibd_generate_series", &series_module, context, NULL);

	return status == SQLITE_OK ? sqlite3_create_module_v2(db, "bibd_unnest", &unnest_module, context, NULL)
				   : status;
}
