/*
 * The table-valued function bibd_step(set), which answers the rows that a statement in steps has kept (steps/steps.h)
 * as the columns c0, c1, ...; and the functions that read its row at hand and what it has changed. The translator alone
 * writes their names (dialect/steps).
 */

#include "workers/sqlite/functions/eponymous.h"
#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/steps/steps.h"

#define COLUMNS STEPS_COLUMNS_MAX

struct table {
	sqlite3_vtab base;
	struct sql_context *context;
};

struct cursor {
	sqlite3_vtab_cursor base;
	const struct steps *steps;
	unsigned set;
	size_t row;
};

static int
connect(sqlite3 *db, void *context, int argc, const char *const *argv, sqlite3_vtab **out, char **error)
{
	struct table *table = sqlite3_malloc(sizeof(*table));
	int code = table == NULL ? SQLITE_NOMEM : eponymous_declare(db, COLUMNS, 1);

	(void)argc;
	(void)argv;
	(void)error;
	if (code != SQLITE_OK) {
		sqlite3_free(table);
		return code;
	}
	*table = (struct table) { .context = context };
	*out = &table->base;
	return SQLITE_OK;
}

/* The set's number is there, or the plan is none. */
static int
best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
	(void)table;
	return eponymous_best_index(info, COLUMNS, 1000, 1000);
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
	sqlite3_free(base);
	return SQLITE_OK;
}

static int
filter(sqlite3_vtab_cursor *base, int number, const char *string, int argc, sqlite3_value **argv)
{
	struct cursor *cursor = (struct cursor *)base;

	(void)number;
	(void)string;
	cursor->steps = ((struct table *)base->pVtab)->context->steps;
	cursor->set = argc < 1 ? 0 : (unsigned)sqlite3_value_int(argv[0]);
	cursor->row = 0;
	return SQLITE_OK;
}

static int
next(sqlite3_vtab_cursor *base)
{
	((struct cursor *)base)->row++;
	return SQLITE_OK;
}

static int
at_end(sqlite3_vtab_cursor *base)
{
	const struct cursor *cursor = (const struct cursor *)base;

	return cursor->steps == NULL || cursor->row >= steps_nrows(cursor->steps, cursor->set);
}

static int
column(sqlite3_vtab_cursor *base, sqlite3_context *c, int i)
{
	const struct cursor *cursor = (const struct cursor *)base;
	sqlite3_value *value = steps_value(cursor->steps, cursor->set, cursor->row, (unsigned)i);

	if (value != NULL)
		sqlite3_result_value(c, value);
	return SQLITE_OK;
}

static int
row_number(sqlite3_vtab_cursor *base, sqlite3_int64 *row)
{
	*row = (sqlite3_int64)((const struct cursor *)base)->row;
	return SQLITE_OK;
}

int
step_table_register(sqlite3 *db, struct sql_context *context)
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

	return sqlite3_create_module_v2(db, "bibd_step", &module, context, NULL);
}

/* bibd_step_value(column): of the row that the step is run for. */
void
step_value(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct steps *steps = function_session(c)->steps;
	sqlite3_value *value = steps == NULL ? NULL : steps_current(steps, (unsigned)sqlite3_value_int(argv[0]));

	(void)argc;
	if (value == NULL)
		sqlite3_result_error(c, "no row is at hand", -1);
	else
		sqlite3_result_value(c, value);
}

/* bibd_untouched(table, rowid): whether the statement has neither added nor changed that row of the table that it
 * watches under that number. */
void
step_untouched(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct steps *steps = function_session(c)->steps;
	const struct key_touched *touched =
	    steps == NULL ? NULL : steps_watched(steps, (unsigned)sqlite3_value_int(argv[0]));

	(void)argc;
	if (touched == NULL)
		sqlite3_result_error(c, "no such table is watched", -1);
	else if (touched->failed)
		sqlite3_result_error_nomem(c);
	else
		sqlite3_result_int(c, !key_touched_has(touched, sqlite3_value_int64(argv[1])));
}
