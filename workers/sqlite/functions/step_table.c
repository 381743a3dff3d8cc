/*
 * The table-valued function bibd_step(set), which answers the rows that a statement in steps has kept (steps/steps.h)
 * as the columns c0, c1, ...; and the functions that read its row at hand and what it has changed. The translator alone
 * writes their names (dialect/steps).
 */

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/functions/kept_rows.h"
#include "workers/sqlite/steps/steps.h"

static const void *
find(const struct sql_context *context, unsigned set)
{
	(void)set;
	return context->steps;
}

static size_t
count(const void *steps, unsigned set)
{
	return steps_nrows(steps, set);
}

static void
put(sqlite3_context *c, const void *steps, unsigned set, size_t row, unsigned column)
{
	sqlite3_value *value = steps_value(steps, set, row, column);

	if (value != NULL)
		sqlite3_result_value(c, value);
}

int
step_table_register(sqlite3 *db, struct sql_context *context)
{
	static const struct kept_rows kind = { .name = "bibd_step",
		.columns = STEPS_COLUMNS_MAX,
		.find = find,
		.count = count,
		.put = put };

	return kept_rows_register(db, context, &kind);
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
