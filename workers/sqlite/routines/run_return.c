/*
 * What a routine returns.
 */
#include <stdlib.h>

#include "workers/sqlite/routines/run.h"

/* Rows into the result, each value brought to its column's type. */
static int
return_rows(struct run *run, const struct routine_rows *rows)
{
	struct routine_rows *result = run->result;

	if (rows->ncolumns != result->ncolumns) {
		(void)report_set(run->report, SQLSTATE_DATATYPE_MISMATCH,
		    "structure of query does not match function result type");
		report_detail(run->report, "Number of returned columns (%u) does not match expected column count (%u).",
		    rows->ncolumns, result->ncolumns);
		return -1;
	}
	for (unsigned i = 0; i < rows->ncolumns; i++)
		if (rows->columns[i].oid != result->columns[i].oid) {
			(void)report_set(run->report, SQLSTATE_DATATYPE_MISMATCH,
			    "structure of query does not match function result type");
			return -1;
		}
	for (size_t row = 0; row < rows->nrows; row++)
		if (routine_rows_add(result, rows, row, run->report) == -1)
			return -1;
	return 0;
}

/* One value, brought to the type of the result. */
static int
return_value(struct run *run, const struct routine_sql *sql)
{
	struct routine_rows *result = run->result, one = { .ncolumns = 1, .nrows = 1 };
	struct routine_value value;
	int status;

	if (result->ncolumns != 1)
		return report_set(run->report, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "RETURN of a row in PL/pgSQL is not supported on SQLite");
	status = run_value(run, sql, result->columns[0].oid, -1, &value);
	one.columns = result->columns;
	one.cells = &value.value;
	if (status == 0)
		status = routine_rows_add(result, &one, 0, run->report);
	routine_value_free(&value);
	return status;
}

/* The OUT parameters as a row. */
int
run_return_parameters(struct run *run)
{
	const struct routine *routine = run->routine;
	struct routine_rows one = { .ncolumns = run->result->ncolumns, .nrows = 1, .columns = run->result->columns };
	unsigned n = 0;
	int status;

	if ((one.cells = calloc(one.ncolumns + 1, sizeof(*one.cells))) == NULL)
		return report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < routine->nparameters && n < one.ncolumns; i++)
		if (routine->parameters[i].out)
			one.cells[n++] = run->slots[1 + i].scalar.value;
	status = routine_rows_add(run->result, &one, 0, run->report);
	free(one.cells);
	return status;
}

bool
routine_has_out_parameters(const struct routine *routine)
{
	for (unsigned i = 0; i < routine->nparameters; i++)
		if (routine->parameters[i].out)
			return true;
	return false;
}

enum flow
run_return(struct run *run, const struct routine_statement *statement)
{
	struct routine_rows rows = { 0 };
	int status = 0;

	if (statement->kind == ROUTINE_RETURN_QUERY) {
		if ((status = run_query(run, statement, &rows)) == 0)
			status = return_rows(run, &rows);
		run->row_count = rows.nrows;
		run_set_found(run, rows.nrows > 0);
		routine_rows_free(&rows);
	} else if (statement->sql != NULL)
		status = return_value(run, statement->sql);
	else if (statement->kind == ROUTINE_RETURN_NEXT)
		status = run_return_parameters(run);
	if (status == -1)
		return FLOW_FAILED;
	if (statement->kind != ROUTINE_RETURN)
		return FLOW_ON;
	run->returned = true;
	return FLOW_RETURN;
}
