/*
 * The table-valued function bibd_transition(i), which answers the rows of a transition table of the trigger whose
 * function runs (sql_context.transitions) as the columns c0, c1, ... The translator alone writes its name.
 */
#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/functions/kept_rows.h"

static const void *
find(const struct sql_context *context, unsigned i)
{
	return i < context->ntransitions ? &context->transitions[i] : NULL;
}

static size_t
count(const void *rows, unsigned i)
{
	(void)i;
	return ((const struct sql_transition *)rows)->nrows;
}

static void
put(sqlite3_context *c, const void *rows, unsigned i, size_t row, unsigned column)
{
	const struct sql_transition *from = rows;
	struct type_value value;

	(void)i;
	if (column >= from->ncolumns)
		return;
	value = from->row(from->rows, row)[column];
	value.owned = NULL;
	if (value.kind == SQLITE_FLOAT)
		type_result_real(c, value.real);
	else
		function_result_value(c, &value);
}

int
transition_table_register(sqlite3 *db, struct sql_context *context)
{
	static const struct kept_rows kind = { .name = "bibd_transition",
		.columns = SQL_TRANSITION_COLUMNS_MAX,
		.find = find,
		.count = count,
		.put = put };

	return kept_rows_register(db, context, &kind);
}
