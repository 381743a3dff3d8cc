/*
 * What a routine returns.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/routines/run.h"

/* Whether a column can be one of the result's: of its type, and of its length where it has one. */
static bool
fits(const struct routine_column *column, const struct routine_column *expected)
{
	return column->oid == expected->oid && (expected->typmod < 0 || column->typmod == expected->typmod);
}

/* Rows into the result, whose columns must be of the same types. */
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
		if (!fits(&rows->columns[i], &result->columns[i])) {
			(void)report_set(run->report, SQLSTATE_DATATYPE_MISMATCH,
			    "structure of query does not match function result type");
			return -1;
		}
	for (size_t row = 0; row < rows->nrows; row++)
		if (routine_rows_add(result, rows, row, run->report) == -1)
			return -1;
	return 0;
}

/* A row whose fields must be of the types of the result's columns. */
static int
return_row(struct run *run, const struct routine_rows *row)
{
	struct routine_rows *result = run->result;
	bool same = row->ncolumns == result->ncolumns || result->columns == NULL;

	for (unsigned i = 0; same && result->columns != NULL && i < row->ncolumns; i++)
		same = fits(&row->columns[i], &result->columns[i]);
	if (same)
		return routine_rows_add(result, row, 0, run->report);
	(void)report_set(run->report, SQLSTATE_DATATYPE_MISMATCH,
	    "returned record type does not match expected record type");
	if (row->ncolumns != result->ncolumns)
		report_detail(run->report, "Number of returned columns (%u) does not match expected column count (%u).",
		    row->ncolumns, result->ncolumns);
	return -1;
}

/* NULL for a row: one of nulls in a set, else none. */
static int
return_null_row(struct run *run, bool set)
{
	struct routine_rows *result = run->result;
	struct routine_rows one = { .ncolumns = result->ncolumns, .columns = result->columns, .nrows = 1 };
	int status;

	if (!set)
		return 0;
	if ((one.cells = calloc(one.ncolumns + 1, sizeof(*one.cells))) == NULL)
		return report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < one.ncolumns; i++)
		one.cells[i].kind = SQLITE_NULL;
	status = routine_rows_add(result, &one, 0, run->report);
	free(one.cells);
	return status;
}

/* One that was not assigned is a null where the function returns it, and nothing that could be put into a set. */
static int
return_record(struct run *run, const struct datum *datum, bool set)
{
	if ((datum->row.ncolumns == 0 || datum->row.null_row) && !set)
		return 0;
	if (datum->row.ncolumns == 0) {
		(void)report_set(run->report, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
		    "record \"%s\" is not assigned yet", datum->name == NULL ? "" : datum->name);
		report_detail(run->report, "The tuple structure of a not-yet-assigned record is indeterminate.");
		return -1;
	}
	return return_row(run, &datum->row);
}

static int
return_fields(struct run *run, const struct routine_sql *sql)
{
	struct routine_rows row = { 0 };
	int status = run_fields(run, sql, &row);

	if (status == 0)
		status = return_row(run, &row);
	routine_rows_free(&row);
	return status;
}

/* One value, brought to the type of the result. */
static int
return_scalar(struct run *run, const struct routine_sql *sql)
{
	struct routine_rows *result = run->result, one = { .ncolumns = 1, .nrows = 1 };
	struct routine_value value;
	int status = run_value(run, sql, result->columns[0].oid, -1, &value);

	one.columns = result->columns;
	one.cells = &value.value;
	if (status == 0)
		status = routine_rows_add(result, &one, 0, run->report);
	routine_value_free(&value);
	return status;
}

static int
return_value(struct run *run, const struct routine_statement *statement)
{
	const struct datum *datum = statement->ntargets == 1 ? &run->slots[statement->targets[0].slot] : NULL;

	if (datum != NULL && datum->record)
		return return_record(run, datum, statement->kind == ROUTINE_RETURN_NEXT);
	if (statement->row)
		return return_fields(run, statement->sql);
	if (run->result->ncolumns != 1 && strcasecmp(statement->sql->text, "SELECT NULL") == 0)
		return return_null_row(run, statement->kind == ROUTINE_RETURN_NEXT);
	if (run->result->ncolumns != 1)
		return return_fields(run, statement->sql);
	return return_scalar(run, statement->sql);
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

/* Of a trigger: a row of the relation, or NULL. */
static int
return_trigger(struct run *run, const struct routine_sql *sql)
{
	struct routine_rows *result = run->result;
	const struct datum *record;
	bool same;

	if (!run_names_record(run, sql, &record)) {
		if (run_is_null_literal(sql))
			return 0;
		return report_set(run->report, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "RETURN of an expression in a trigger's function is not supported on SQLite");
	}
	if (result == NULL || record->row.nrows == 0)
		return 0;
	same = record->row.ncolumns == result->ncolumns;
	for (unsigned i = 0; same && i < result->ncolumns; i++)
		same = record->row.columns[i].oid == result->columns[i].oid;
	if (same)
		return routine_rows_add(result, &record->row, 0, run->report);
	(void)report_set(run->report, SQLSTATE_DATATYPE_MISMATCH,
	    "returned row structure does not match the structure of the triggering table");
	if (record->row.ncolumns != result->ncolumns)
		report_detail(run->report, "Number of returned columns (%u) does not match expected column count (%u).",
		    record->row.ncolumns, result->ncolumns);
	return -1;
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
	} else if (run->routine->returns == ROUTINE_RETURNS_TRIGGER)
		status = return_trigger(run, statement->sql);
	else if (statement->sql != NULL)
		status = return_value(run, statement);
	else if (statement->kind == ROUTINE_RETURN_NEXT)
		status = run_return_parameters(run);
	if (status == -1)
		return FLOW_FAILED;
	if (statement->kind != ROUTINE_RETURN)
		return FLOW_ON;
	run->returned = true;
	return FLOW_RETURN;
}
