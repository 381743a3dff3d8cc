/*
 * Table-valued functions: eponymous virtual tables whose hidden columns are the arguments. bibd_rows(name, n, n
 * arguments, name, ...) answers the rows of several functions side by side, NULL where one has no more; the
 * others are a single function each, and stand in views that an older bibd wrote. Source: sqlite.org/vtab.html,
 * "Table-valued functions".
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/eponymous.h"
#include "workers/sqlite/functions/set.h"

/* Of bibd_rows: v0, k0, v1, ... and how many arguments there may be. */
#define ROWS_SETS_MAX FUNCTION_SETS_MAX
#define ROWS_ARGUMENTS_MAX FUNCTION_SETS_ARGUMENTS_MAX

/* Columns of a table of one function, and of bibd_rows. */
enum { SINGLE_VALUE, SINGLE_ORDINALITY, SINGLE_SUBSCRIPT, SINGLE_ARGUMENT };
enum { ROWS_ORDINALITY, ROWS_VALUE, ROWS_ARGUMENT = ROWS_VALUE + 2 * ROWS_SETS_MAX };

struct table {
	sqlite3_vtab base;
	struct sql_context *context;
	const struct set_kind *kind; /* NULL: bibd_rows */
};

struct cursor {
	sqlite3_vtab_cursor base;
	int64_t ordinality;
	bool done;
	struct set *sets;
	unsigned n;
};

static int
connect(sqlite3 *db, struct sql_context *context, const struct set_kind *kind, const char *declaration,
    sqlite3_vtab **out)
{
	struct table *table = sqlite3_malloc(sizeof(*table));
	int status = sqlite3_declare_vtab(db, declaration);

	if (table == NULL || status != SQLITE_OK) {
		sqlite3_free(table);
		return table == NULL ? SQLITE_NOMEM : status;
	}
	*table = (struct table) { .context = context, .kind = kind };
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
	return connect(db, context, set_kind_find("series"),
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
	return connect(db, context, set_kind_find("unnest"),
	    "CREATE TABLE x(value, ordinality INTEGER, subscript INTEGER, a HIDDEN, b HIDDEN)", out);
}

static int
connect_rows(sqlite3 *db, void *context, int argc, const char *const *argv, sqlite3_vtab **out, char **error)
{
	sqlite3_str *text = sqlite3_str_new(db);
	char *declaration;
	int status;

	(void)argc;
	(void)argv;
	(void)error;
	sqlite3_str_appendall(text, "CREATE TABLE x(ordinality INTEGER");
	for (int i = 0; i < ROWS_SETS_MAX; i++)
		sqlite3_str_appendf(text, ", v%d, k%d", i, i);
	for (int i = 0; i < ROWS_ARGUMENTS_MAX; i++)
		sqlite3_str_appendf(text, ", a%d HIDDEN", i);
	sqlite3_str_appendall(text, ")");
	if ((declaration = sqlite3_str_finish(text)) == NULL)
		return SQLITE_NOMEM;
	status = connect(db, context, NULL, declaration, out);
	sqlite3_free(declaration);
	return status;
}

static int
best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	int first = ((const struct table *)base)->kind == NULL ? ROWS_ARGUMENT : SINGLE_ARGUMENT;

	return eponymous_best_index(info, first, 10, 100);
}

static int
open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
	(void)table;
	return eponymous_open(sizeof(struct cursor), out);
}

static void
reset(struct cursor *cursor)
{
	for (unsigned i = 0; i < cursor->n; i++)
		set_close(&cursor->sets[i]);
	cursor->n = 0;
	cursor->ordinality = 1;
	cursor->done = true;
}

static int
close_cursor(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	reset(cursor);
	free(cursor->sets);
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

static int
make_room(struct cursor *cursor, unsigned n)
{
	struct set *sets = realloc(cursor->sets, n * sizeof(*sets));

	if (sets == NULL)
		return SQLITE_NOMEM;
	cursor->sets = sets;
	return SQLITE_OK;
}

static int
open_set(struct cursor *cursor, const struct set_kind *kind, int argc, sqlite3_value **argv)
{
	struct set *set = &cursor->sets[cursor->n++];
	struct report report = { 0 };

	*set = (struct set) { .session = ((const struct table *)cursor->base.pVtab)->context };
	if (set_open(set, kind, argc, argv, &report) < 0)
		return fail(cursor, &report);
	cursor->done = cursor->done && set->done;
	return SQLITE_OK;
}

static int
filter_single(sqlite3_vtab_cursor *base, int number, const char *string, int argc, sqlite3_value **argv)
{
	struct cursor *cursor = (struct cursor *)base;

	(void)number;
	(void)string;
	reset(cursor);
	if (make_room(cursor, 1) != SQLITE_OK)
		return SQLITE_NOMEM;
	return open_set(cursor, ((const struct table *)base->pVtab)->kind, argc, argv);
}

/* ---- many arguments as one: SQLite compares those behind the sixteenth with a column again ---- */

#define PACKED "bibd_arguments"

struct packed {
	int n;
	sqlite3_value *values[];
};

static void
free_packed(void *arg)
{
	struct packed *packed = arg;

	for (int i = 0; i < packed->n; i++)
		sqlite3_value_free(packed->values[i]);
	free(packed);
}

/* bibd_arguments(argument, ...) */
void
rows_arguments(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct packed *packed = calloc(1, sizeof(*packed) + (size_t)argc * sizeof(sqlite3_value *));

	if (packed == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	for (; packed->n < argc; packed->n++)
		if ((packed->values[packed->n] = sqlite3_value_dup(argv[packed->n])) == NULL) {
			free_packed(packed);
			sqlite3_result_error_nomem(c);
			return;
		}
	sqlite3_result_pointer(c, packed, PACKED, free_packed);
}

static int
filter_rows(sqlite3_vtab_cursor *base, int number, const char *string, int argc, sqlite3_value **argv)
{
	struct cursor *cursor = (struct cursor *)base;
	int status = make_room(cursor, ROWS_SETS_MAX), n;
	struct packed *packed = argc == 1 ? sqlite3_value_pointer(argv[0], PACKED) : NULL;

	(void)number;
	(void)string;
	reset(cursor);
	if (packed != NULL) {
		argc = packed->n;
		argv = packed->values;
	}
	for (int i = 0; status == SQLITE_OK && i + 1 < argc; i += 2 + n) {
		const char *name = (const char *)sqlite3_value_text(argv[i]);
		const struct set_kind *kind = name == NULL ? NULL : set_kind_find(name);

		n = sqlite3_value_int(argv[i + 1]);
		if (kind == NULL || n < 0 || n > argc - i - 2 || cursor->n == ROWS_SETS_MAX)
			return SQLITE_MISUSE;
		status = open_set(cursor, kind, n, argv + i + 2);
	}
	return status;
}

static int
next(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;
	struct report report = { 0 };

	cursor->ordinality++;
	cursor->done = true;
	for (unsigned i = 0; i < cursor->n; i++) {
		if (!cursor->sets[i].done && set_next(&cursor->sets[i], &report) < 0)
			return fail(cursor, &report);
		cursor->done = cursor->done && cursor->sets[i].done;
	}
	return SQLITE_OK;
}

static void
give(sqlite3_context *c, const struct set *set, bool key)
{
	struct type_value value = key ? set->key : set->value;

	value.owned = NULL;
	if (!set->done)
		function_result_value(c, &value);
}

static int
column_single(sqlite3_vtab_cursor *base, sqlite3_context *c, int column)
{
	const struct cursor *cursor = (const struct cursor *)base;

	if (column == SINGLE_ORDINALITY)
		sqlite3_result_int64(c, cursor->ordinality);
	else if (column < SINGLE_ARGUMENT && cursor->n > 0)
		give(c, &cursor->sets[0], column == SINGLE_SUBSCRIPT);
	return SQLITE_OK;
}

static int
column_rows(sqlite3_vtab_cursor *base, sqlite3_context *c, int column)
{
	const struct cursor *cursor = (const struct cursor *)base;
	unsigned i = (unsigned)(column - ROWS_VALUE) / 2;

	if (column == ROWS_ORDINALITY)
		sqlite3_result_int64(c, cursor->ordinality);
	else if (i < cursor->n)
		give(c, &cursor->sets[i], (column - ROWS_VALUE) % 2 != 0);
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

#define MODULE(connects, filters, columns) \
	{ \
		.xConnect = (connects), .xBestIndex = best_index, .xDisconnect = eponymous_disconnect, \
		.xOpen = open_cursor, .xClose = close_cursor, .xFilter = (filters), .xNext = next, .xEof = at_end, \
		.xColumn = (columns), .xRowid = row_number \
	}
static const struct {
	const char *name;
	sqlite3_module module;
} modules[] = {
	{ "bibd_generate_series", MODULE(connect_series, filter_single, column_single) },
	{ "bibd_unnest", MODULE(connect_unnest, filter_single, column_single) },
	{ "bibd_rows", MODULE(connect_rows, filter_rows, column_rows) },
};

int
set_tables_register(sqlite3 *db, struct sql_context *context)
{
	int status = SQLITE_OK;

	for (size_t i = 0; status == SQLITE_OK && i < sizeof(modules) / sizeof(modules[0]); i++)
		status = sqlite3_create_module_v2(db, modules[i].name, &modules[i].module, context, NULL);
	return status;
}
