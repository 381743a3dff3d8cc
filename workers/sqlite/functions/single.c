/*
 * bibd_single(value): the value of the only row, or NULL when there is none; a second row is PostgreSQL's 21000.
 */
#include "workers/sqlite/functions/functions.h"

struct single {
	sqlite3_value *value; /* NULL: no row yet */
};

void
single_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct single *single = sqlite3_aggregate_context(c, sizeof(*single));

	(void)argc;
	if (single != NULL && single->value != NULL)
		function_fail(c, SQLSTATE_CARDINALITY_VIOLATION,
		    "more than one row returned by a subquery used as an expression");
	else if (single == NULL || (single->value = sqlite3_value_dup(argv[0])) == NULL)
		sqlite3_result_error_nomem(c);
}

void
single_final(sqlite3_context *c)
{
	struct single *single = sqlite3_aggregate_context(c, 0);

	if (single == NULL || single->value == NULL)
		return;
	sqlite3_result_value(c, single->value);
	sqlite3_value_free(single->value);
	single->value = NULL;
}
