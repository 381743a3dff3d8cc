/*
 * The table-valued function bibd_lateral(text, argument, ...): runs a query with its arguments bound, and answers its
 * rows as the columns c0, c1, ... An eponymous virtual table whose hidden columns are the arguments; it runs what the
 * translator wrote (dialect/lateral.c) and nothing else, since no client can call it by its name. The query is prepared
 * once for a cursor, under the rights of whoever runs the statement around it, and reads in its transaction.
 */
#include <string.h>

#include "workers/sqlite/functions/eponymous.h"
#include "workers/sqlite/functions/functions.h"

#define COLUMNS 250
#define ARGUMENTS 15 /* with the text */

struct table {
	sqlite3_vtab base;
	sqlite3 *db;
};

struct cursor {
	sqlite3_vtab_cursor base;
	sqlite3_stmt *query; /* NULL before the first row */
	sqlite3_int64 row;
	bool done;
};

static int
connect(sqlite3 *db, void *context, int argc, const char *const *argv, sqlite3_vtab **out, char **error)
{
	int code = eponymous_connect(db, COLUMNS, ARGUMENTS, sizeof(struct table), out);

	(void)context;
	(void)argc;
	(void)argv;
	(void)error;
	if (code == SQLITE_OK)
		((struct table *)*out)->db = db;
	return code;
}

/* All arguments are there, or the plan is none. They come first, so that each is one of those that SQLite need not look
 * at again. */
static int
best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
	(void)table;
	return eponymous_best_index(info, COLUMNS, 1000, 25);
}

static int
open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
	(void)table;
	return eponymous_open(sizeof(struct cursor), out);
}

static int
close_cursor(sqlite3_vtab_cursor *base)
{
	sqlite3_finalize(((struct cursor *)base)->query);
	sqlite3_free(base);
	return SQLITE_OK;
}

/* The query's own message, or that of the function in it that failed, becomes that of the statement around it. */
static int
failed(struct cursor *cursor, int code)
{
	struct table *table = (struct table *)cursor->base.pVtab;

	sqlite3_free(table->base.zErrMsg);
	table->base.zErrMsg = sqlite3_mprintf("%s", sqlite3_errmsg(table->db));
	return code;
}

static int
next(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;
	int code = sqlite3_step(cursor->query);

	cursor->row++;
	cursor->done = code != SQLITE_ROW;
	if (code == SQLITE_ROW)
		return SQLITE_OK;
	code = code == SQLITE_DONE ? SQLITE_OK : failed(cursor, code);
	sqlite3_reset(cursor->query);
	return code;
}

static int
prepare(struct cursor *cursor, sqlite3_value *text)
{
	sqlite3 *db = ((struct table *)cursor->base.pVtab)->db;
	const char *sql = (const char *)sqlite3_value_text(text);
	int code;

	if (sql == NULL)
		return SQLITE_NOMEM;
	if (cursor->query != NULL && strcmp(sqlite3_sql(cursor->query), sql) == 0)
		return SQLITE_OK;
	sqlite3_finalize(cursor->query);
	code = sqlite3_prepare_v2(db, sql, -1, &cursor->query, NULL);
	return code == SQLITE_OK ? code : failed(cursor, code);
}

static int
filter(sqlite3_vtab_cursor *base, int number, const char *string, int argc, sqlite3_value **argv)
{
	struct cursor *cursor = (struct cursor *)base;
	int code = argc < 1 ? SQLITE_ERROR : prepare(cursor, argv[0]);

	(void)number;
	(void)string;
	cursor->row = 0;
	cursor->done = true;
	if (code != SQLITE_OK)
		return code;
	sqlite3_reset(cursor->query);
	for (int i = 1; code == SQLITE_OK && i < argc; i++)
		code = sqlite3_bind_value(cursor->query, i, argv[i]);
	return code == SQLITE_OK ? next(base) : failed(cursor, code);
}

static int
column(sqlite3_vtab_cursor *base, sqlite3_context *c, int i)
{
	const struct cursor *cursor = (const struct cursor *)base;

	if (i < sqlite3_column_count(cursor->query))
		sqlite3_result_value(c, sqlite3_column_value(cursor->query, i));
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
	*row = ((const struct cursor *)base)->row;
	return SQLITE_OK;
}

int
lateral_register(sqlite3 *db, struct sql_context *context)
{
	static const sqlite3_module module = { .xConnect = connect,
		.xBestIndex = best_index,
		.xDisconnect = eponymous_disconnect,
		.xOpen = open_cursor,
		.xClose = close_cursor,
		.xFilter = filter,
		.xNext = next,
		.xEof = at_end,
		.xColumn = column,
		.xRowid = row_number };

	return sqlite3_create_module_v2(db, "bibd_lateral", &module, context, NULL);
}
