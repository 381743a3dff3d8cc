/*
 * Values of a routine: what an expression gives, as the type that is wanted, and how it is shown.
 */
#include <string.h>

#include "workers/sqlite/routines/run.h"
#include "workers/sqlite/types/codec.h"

/* Where no assignment leads to the type, the value goes by its text. */
static bool
has_no_cast(const struct report *r)
{
	return r->state == SQLSTATE_DATATYPE_MISMATCH || r->state == SQLSTATE_CANNOT_COERCE;
}

int
run_value(struct run *run, const struct routine_sql *sql, uint32_t oid, int32_t typmod, struct routine_value *value)
{
	struct routine_rows rows = { 0 };
	int status = run_sql(run, sql, oid, typmod, 2, &rows);

	*value = (struct routine_value) { .value = { .kind = SQLITE_NULL }, .typmod = -1 };
	if (status == -1 && oid != TYPE_UNKNOWN && has_no_cast(run->report)) {
		report_reset(run->report);
		routine_rows_free(&rows);
		status = run_sql(run, sql, TYPE_UNKNOWN, -1, 2, &rows);
	}
	if (status == 0 && rows.ncolumns != 1)
		status = report_set(run->report, SQLSTATE_SYNTAX_ERROR, "query returned %u columns", rows.ncolumns);
	if (status == 0 && rows.nrows > 1)
		status = report_set(run->report, SQLSTATE_CARDINALITY_VIOLATION, "query returned more than one row");
	if (status == 0 && rows.columns != NULL) {
		value->oid = rows.columns[0].oid;
		value->typmod = rows.columns[0].typmod;
		if (rows.nrows == 1) {
			value->value = rows.cells[0];
			rows.cells[0] = (struct type_value) { .kind = SQLITE_NULL };
		}
	}
	routine_rows_free(&rows);
	return status == 0 ? run_convert(run, value, oid, typmod) : -1;
}

int
run_explode(struct run *run, const struct routine_value *value, struct routine_rows *rows)
{
	const struct dialect_variable variable = { .name = "v", .oid = value->oid, .typmod = value->typmod };
	struct dialect_variables variables = { .n = 1, .list = &variable };
	const struct routine_value *values[] = { value };
	const struct routine_call call = { .sql = "SELECT (v).*",
		.variables = &variables,
		.values = values,
		.bytes_left = ROUTINE_ROWS_BYTES };

	int status = run->host->run(run->host->arg, &call, rows, run->report);

	rows->null_row = value->value.kind == SQLITE_NULL;
	return status;
}

int
run_fields(struct run *run, const struct routine_sql *sql, struct routine_rows *rows)
{
	struct routine_value value = { .value = { .kind = SQLITE_NULL }, .typmod = -1 };
	int status = run_sql(run, sql, TYPE_UNKNOWN, -1, 1, rows);

	if (status == -1 || rows->ncolumns != 1 || type_class(rows->columns[0].oid) != TYPE_CLASS_COMPOSITE)
		return status;
	value.oid = rows->columns[0].oid;
	if (rows->nrows == 1) {
		value.value = rows->cells[0];
		rows->cells[0] = (struct type_value) { .kind = SQLITE_NULL };
	}
	routine_rows_free(rows);
	status = run_explode(run, &value, rows);
	routine_value_free(&value);
	return status;
}

int
run_condition(struct run *run, const struct routine_sql *sql, bool *holds)
{
	struct routine_value value;

	if (run_value(run, sql, TYPE_BOOL, -1, &value) == -1)
		return -1;
	*holds = value.value.kind == SQLITE_INTEGER && value.value.integer != 0;
	routine_value_free(&value);
	return 0;
}

/* A label of an enum is known to a statement alone. */
static char *
show_by_cast(struct run *run, const struct routine_value *value)
{
	const struct dialect_variable variable = { .name = "v", .oid = value->oid, .typmod = value->typmod };
	struct dialect_variables variables = { .n = 1, .list = &variable };
	const struct routine_value *values[] = { value };
	const struct routine_call call = { .sql = "SELECT CAST(v AS text)",
		.variables = &variables,
		.values = values,
		.bytes_left = ROUTINE_ROWS_BYTES };
	struct routine_rows rows = { 0 };
	char *shown = NULL;

	if (run->host->run(run->host->arg, &call, &rows, run->report) == 0 && rows.nrows == 1 &&
	    rows.cells[0].kind == SQLITE_TEXT && (shown = strndup(rows.cells[0].bytes, rows.cells[0].length)) == NULL)
		(void)report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	routine_rows_free(&rows);
	return shown;
}

char *
run_show(struct run *run, const struct routine_value *value)
{
	struct pgwire_buffer text = { .data = NULL };
	char *shown = NULL;

	if (value->value.kind == SQLITE_NULL)
		return NULL;
	if (type_is_user(value->oid) && type_class(value->oid) != TYPE_CLASS_COMPOSITE)
		return show_by_cast(run, value);
	if (type_put_value_text(&text, &value->value, value->oid, run->host->settings(run->host->arg), run->report) ==
		0 &&
	    (shown = strndup(text.data == NULL ? "" : (const char *)text.data + text.start,
		 pgwire_buffer_length(&text))) == NULL)
		(void)report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	pgwire_buffer_free(&text);
	return shown;
}
