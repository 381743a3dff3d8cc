/*
 * The virtual table behind bibd_step and bibd_transition.
 */
#include "workers/sqlite/functions/kept_rows.h"

#include "workers/sqlite/functions/eponymous.h"

/* What the module is registered with; it goes with the connection. */
struct module_data {
	struct sql_context *context;
	const struct kept_rows *kind;
};

struct table {
	sqlite3_vtab base;
	struct sql_context *context;
	const struct kept_rows *kind;
};

struct cursor {
	struct eponymous_cursor base;
	const void *rows; /* NULL: there are none */
	unsigned number;
};

static int
connect(sqlite3 *db, void *data, int argc, const char *const *argv, sqlite3_vtab **out, char **error)
{
	const struct module_data *module = data;
	int code = eponymous_connect(db, module->kind->columns, 1, sizeof(struct table), out);

	(void)argc;
	(void)argv;
	(void)error;
	if (code == SQLITE_OK) {
		((struct table *)*out)->context = module->context;
		((struct table *)*out)->kind = module->kind;
	}
	return code;
}

/* The number is known, or this is no plan. */
static int
best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
	return eponymous_best_index(info, ((struct table *)table)->kind->columns, 1000, 1000);
}

static int
open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
	(void)table;
	return eponymous_open(sizeof(struct cursor), out);
}

static int
filter(sqlite3_vtab_cursor *base, int number, const char *string, int argc, sqlite3_value **argv)
{
	const struct table *table = (const struct table *)base->pVtab;
	struct cursor *cursor = (struct cursor *)base;

	(void)number;
	(void)string;
	cursor->number = argc < 1 ? 0 : (unsigned)sqlite3_value_int(argv[0]);
	cursor->rows = argc < 1 ? NULL : table->kind->find(table->context, cursor->number);
	cursor->base.row = 0;
	return SQLITE_OK;
}

static int
at_end(sqlite3_vtab_cursor *base)
{
	const struct table *table = (const struct table *)base->pVtab;
	const struct cursor *cursor = (const struct cursor *)base;

	return cursor->rows == NULL || cursor->base.row >= table->kind->count(cursor->rows, cursor->number);
}

static int
column(sqlite3_vtab_cursor *base, sqlite3_context *c, int i)
{
	const struct cursor *cursor = (const struct cursor *)base;

	((const struct table *)base->pVtab)->kind->put(c, cursor->rows, cursor->number, cursor->base.row, (unsigned)i);
	return SQLITE_OK;
}

int
kept_rows_register(sqlite3 *db, struct sql_context *context, const struct kept_rows *kind)
{
	static const sqlite3_module module = { .xConnect = connect,
		.xBestIndex = best_index,
		.xDisconnect = eponymous_disconnect,
		.xOpen = open_cursor,
		.xClose = eponymous_close,
		.xFilter = filter,
		.xNext = eponymous_next,
		.xEof = at_end,
		.xColumn = column,
		.xRowid = eponymous_row_number };
	struct module_data *data = sqlite3_malloc(sizeof(*data));

	if (data == NULL)
		return SQLITE_NOMEM;
	*data = (struct module_data) { .context = context, .kind = kind };
	/* SQLite frees the data also where it fails. */
	return sqlite3_create_module_v2(db, kind->name, &module, data, sqlite3_free);
}
