/*
 * A routine's SQL: run with the variables that it may name, its rows put where they go.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/routines/run.h"
#include "workers/sqlite/types/codec.h"

/* ---- which variables a text may name ---- */

struct visible {
	struct dialect_variable *list;
	const struct routine_value **values;
	struct routine_value *fields; /* of records: what values point to */
	unsigned n, nfields;
};

static void
visible_free(struct visible *v)
{
	free(v->list);
	free(v->values);
	free(v->fields);
}

/* A name that the text does not have cannot be meant. */
static bool
text_has(const char *text, const char *name)
{
	return name[0] != '\0' && (strchr(name, '"') != NULL || strcasestr(text, name) != NULL);
}

static void
add_scalar(struct visible *v, const struct routine_name *n, const struct datum *datum)
{
	v->values[v->n] = &datum->scalar;
	v->list[v->n++] = (struct dialect_variable) { .qualifier = n->label,
		.name = n->name,
		.oid = datum->scalar.oid,
		.typmod = datum->scalar.typmod };
}

/* Its fields, and behind them itself. */
static void
add_record(struct visible *v, const struct routine_name *n, const struct datum *datum)
{
	const struct routine_rows *row = &datum->row;

	for (unsigned i = 0; i < row->ncolumns; i++) {
		struct routine_value *field = &v->fields[v->nfields++];

		*field = (struct routine_value) { .value = { .kind = SQLITE_NULL }, .oid = row->columns[i].oid };
		if (row->nrows > 0)
			field->value = row->cells[i];
		v->values[v->n] = field;
		v->list[v->n++] = (struct dialect_variable) { .qualifier = n->name,
			.name = row->columns[i].name,
			.field = true,
			.oid = row->columns[i].oid,
			.typmod = row->columns[i].typmod };
	}
	/* Of the whole it is known whether it is there. */
	v->values[v->n] = &v->fields[v->nfields];
	v->fields[v->nfields++] =
	    (struct routine_value) { .value = { .kind = row->null_row || row->nrows == 0 ? SQLITE_NULL : SQLITE_INTEGER,
					 .integer = 1 },
		    .oid = TYPE_BOOL,
		    .typmod = -1 };
	v->list[v->n++] = (struct dialect_variable) { .qualifier = n->name,
		.unassigned = row->ncolumns == 0,
		.oid = datum->composite != 0 ? datum->composite : (uint32_t)TYPE_RECORD };
}

static int
find_visible(struct run *run, const struct routine_sql *sql, struct visible *v)
{
	size_t n = 0, fields = 0;

	for (const struct routine_name *name = sql->names; name != NULL; name = name->outer)
		if (text_has(sql->text, name->name)) {
			fields += run->slots[name->slot].row.ncolumns + 1;
			n++;
		}
	*v = (struct visible) { .list = calloc(n + fields + 1, sizeof(*v->list)),
		.values = calloc(n + fields + 1, sizeof(*v->values)),
		.fields = calloc(fields + 1, sizeof(*v->fields)) };
	if (v->list == NULL || v->values == NULL || v->fields == NULL)
		return report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (const struct routine_name *name = sql->names; name != NULL; name = name->outer)
		if (text_has(sql->text, name->name))
			(run->slots[name->slot].record ? add_record : add_scalar)(v, name, &run->slots[name->slot]);
	return 0;
}

/* ---- running ---- */

int
run_sql(struct run *run, const struct routine_sql *sql, uint32_t assigned, int32_t typmod, size_t wanted,
    struct routine_rows *rows)
{
	struct dialect_variables variables = { .assigned = assigned,
		.assigned_typmod = typmod,
		.columns_first = run->routine->columns_first,
		.variables_first = run->routine->variables_first };
	struct routine_call call = { .sql = sql->text, .variables = &variables, .wanted = wanted };
	struct visible v;
	int status;

	if (find_visible(run, sql, &v) == -1) {
		visible_free(&v);
		return -1;
	}
	variables.n = v.n;
	variables.list = v.list;
	call.values = v.values;
	call.bytes_left = ROUTINE_ROWS_BYTES - run->held;
	status = run->host->run(run->host->arg, &call, rows, run->report);
	visible_free(&v);
	if (status == -1)
		run->report->position = 0;
	return status;
}

int
run_text(struct run *run, const char *text, struct routine_sql *const *list, unsigned nlist, size_t wanted,
    struct routine_rows *rows)
{
	struct dialect_variable *named = calloc(nlist + 1, sizeof(*named));
	const struct routine_value **values = calloc(nlist + 1, sizeof(*values));
	struct routine_value *owned = calloc(nlist + 1, sizeof(*owned));
	struct dialect_variables variables = { .n = nlist, .list = named };
	struct routine_call call = { .sql = text, .variables = &variables, .values = values, .wanted = wanted };
	char(*names)[16] = calloc(nlist + 1, sizeof(*names));
	int status = 0;

	if (named == NULL || values == NULL || owned == NULL || names == NULL) {
		(void)report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		status = -1;
		nlist = 0;
	}
	for (unsigned i = 0; i < nlist && status == 0; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "$%u", i + 1);
		status = run_value(run, list[i], TYPE_UNKNOWN, -1, &owned[i]);
		named[i] = (struct dialect_variable) { .name = names[i], .oid = owned[i].oid, .typmod = -1 };
		values[i] = &owned[i];
	}
	call.bytes_left = ROUTINE_ROWS_BYTES - run->held;
	if (status == 0 && (status = run->host->run(run->host->arg, &call, rows, run->report)) == -1)
		run->report->position = 0;
	for (unsigned i = 0; i < nlist && owned != NULL; i++)
		routine_value_free(&owned[i]);
	free(names);
	free(owned);
	free(values);
	free(named);
	return status;
}

/* ---- values ---- */

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

/* ---- statements ---- */

static int
too_many_rows(struct run *run)
{
	(void)report_set(run->report, SQLSTATE_TOO_MANY_ROWS, "query returned more than one row");
	report_hint(run->report, "Make sure the query returns a single row, or use LIMIT 1.");
	return -1;
}

static int
put_into(struct run *run, const struct routine_statement *statement, const struct routine_rows *rows)
{
	if (!rows->answers)
		return report_set(run->report, SQLSTATE_SYNTAX_ERROR,
		    "INTO used with a command that cannot return data");
	if (rows->nrows > 1 && (statement->strict || (rows->modifies && statement->kind == ROUTINE_SQL)))
		return too_many_rows(run);
	if (rows->nrows == 0 && statement->strict)
		return report_set(run->report, SQLSTATE_NO_DATA_FOUND, "query returned no rows");
	return run_assign_row(run, statement->targets, statement->ntargets, rows, 0);
}

static int
finish_sql(struct run *run, const struct routine_statement *statement, const struct routine_rows *rows)
{
	run->row_count = rows->processed;
	if (statement->into)
		return put_into(run, statement, rows);
	if (!rows->answers || statement->kind == ROUTINE_EXECUTE)
		return 0;
	(void)report_set(run->report, SQLSTATE_SYNTAX_ERROR, "query has no destination for result data");
	if (rows->query)
		report_hint(run->report, "If you want to discard the results of a SELECT, use PERFORM instead.");
	return -1;
}

/* Of a query with INTO, how many rows are looked at. */
static size_t
wanted_of(const struct routine_statement *statement)
{
	return statement->into ? 1 + statement->strict : 0;
}

enum flow
run_sql_statement(struct run *run, const struct routine_statement *statement)
{
	struct routine_rows rows = { 0 };
	int status = run_sql(run, statement->sql, TYPE_UNKNOWN, -1, wanted_of(statement), &rows);

	if (status == 0 && (rows.query || rows.modifies)) {
		if (rows.query && statement->into && rows.processed > 1)
			rows.processed = 1;
		run_set_found(run, rows.processed > 0);
	}
	if (status == 0)
		status = finish_sql(run, statement, &rows);
	routine_rows_free(&rows);
	return status == -1 ? FLOW_FAILED : FLOW_ON;
}

enum flow
run_perform(struct run *run, const struct routine_statement *statement)
{
	struct routine_rows rows = { .discards = true };
	int status = run_sql(run, statement->sql, TYPE_UNKNOWN, -1, 0, &rows);

	run->row_count = rows.processed;
	if (status == 0)
		run_set_found(run, rows.processed > 0);
	routine_rows_free(&rows);
	return status == -1 ? FLOW_FAILED : FLOW_ON;
}

char *
run_dynamic_text(struct run *run, const struct routine_sql *sql)
{
	struct routine_value value;
	char *text;

	if (run_value(run, sql, TYPE_UNKNOWN, -1, &value) == -1)
		return NULL;
	text = run_show(run, &value);
	if (text == NULL && value.value.kind == SQLITE_NULL)
		(void)report_set(run->report, SQLSTATE_NULL_VALUE_NOT_ALLOWED,
		    "query string argument of EXECUTE is null");
	routine_value_free(&value);
	return text;
}

enum flow
run_execute(struct run *run, const struct routine_statement *statement)
{
	struct routine_rows rows = { .discards = !statement->into };
	char *text = run_dynamic_text(run, statement->sql);
	int status = -1;

	if (text != NULL)
		status = run_text(run, text, statement->list, statement->nlist, wanted_of(statement), &rows);
	if (status == 0 && rows.query && statement->into && rows.processed > 1)
		rows.processed = 1;
	if (status == 0)
		status = finish_sql(run, statement, &rows);
	free(text);
	routine_rows_free(&rows);
	return status == -1 ? FLOW_FAILED : FLOW_ON;
}

int
run_query(struct run *run, const struct routine_statement *statement, struct routine_rows *rows)
{
	char *text;
	int status;

	if (!statement->dynamic)
		status = run_sql(run, statement->sql, TYPE_UNKNOWN, -1, 0, rows);
	else if ((text = run_dynamic_text(run, statement->sql)) == NULL)
		status = -1;
	else {
		status = run_text(run, text, statement->list, statement->nlist, 0, rows);
		free(text);
	}
	if (status == 0 && !rows->answers)
		status = report_set(run->report, SQLSTATE_SYNTAX_ERROR, "cannot open a cursor that answers no rows");
	return status;
}
