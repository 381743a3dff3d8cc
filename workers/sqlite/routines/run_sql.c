/*
 * A routine's SQL: run with the variables that it may name, its rows put where they go.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/routines/run.h"

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
			.of_table = datum->fixed || datum->composite != 0,
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

static bool
is_target(const struct dialect_variable *variable, const char *name, const struct routine_target *target)
{
	if (target->field == NULL)
		return variable->name == name && !variable->field;
	return variable->field && variable->qualifier == name && strcmp(variable->name, target->field) == 0;
}

/* Which of those that are visible the target is, from 1; 0: none, a record has no such field. A parameter has two
 * names. */
static unsigned
find_target(const struct visible *v, const struct routine_sql *sql, const struct routine_target *target)
{
	for (const struct routine_name *n = sql->names; n != NULL; n = n->outer)
		for (unsigned i = 0; n->slot == target->slot && i < v->n; i++)
			if (is_target(&v->list[i], n->name, target))
				return i + 1;
	return 0;
}

/* What is done with a statement: its rows are wanted, or a cursor is opened. */
struct purpose {
	size_t wanted;
	enum routine_use use;
	struct routine_rows *rows;
	enum routine_scroll scroll;
	char **cursor; /* NULL: the rows */
};

static int
run_call(struct run *run, struct routine_call *call, const struct purpose *purpose)
{
	const struct routine_host *host = run->host;

	call->wanted = purpose->wanted;
	call->use = purpose->use;
	call->bytes_left = ROUTINE_ROWS_BYTES - run->held;
	return purpose->cursor != NULL ? host->open(host->arg, call, purpose->scroll, purpose->cursor, run->report)
				       : host->run(host->arg, call, purpose->rows, run->report);
}

/* `part`: the target, to a part of which the statement assigns; NULL: it does not. */
static int
run_sql_for(struct run *run, const struct routine_sql *sql, const struct routine_target *part,
    struct dialect_variables variables, const struct purpose *purpose)
{
	const struct settings_values *settings = run->host->values(run->host->arg);
	struct routine_call call = { .sql = sql->text, .variables = &variables };
	struct visible v;
	int status = find_visible(run, sql, &v);

	variables.ntransitions = run->host->ntransitions;
	variables.transitions = run->host->transitions;
	variables.columns_first =
	    run->routine->says_conflict ? run->routine->columns_first : settings->plpgsql_columns_first;
	variables.variables_first =
	    run->routine->says_conflict ? run->routine->variables_first : settings->plpgsql_variables_first;
	if (status == 0 && part != NULL && (variables.part = find_target(&v, sql, part)) == 0)
		status = run_check_target(run, part);
	if (status == -1) {
		visible_free(&v);
		return -1;
	}
	variables.n = v.n;
	variables.list = v.list;
	call.values = v.values;
	status = run_call(run, &call, purpose);
	visible_free(&v);
	if (status == -1)
		run->report->position = 0;
	return status;
}

int
run_sql(struct run *run, const struct routine_sql *sql, uint32_t assigned, int32_t typmod, size_t wanted,
    struct routine_rows *rows)
{
	const struct dialect_variables variables = { .assigned = assigned, .assigned_typmod = typmod };

	return run_sql_for(run, sql, NULL, variables, &(struct purpose) { .wanted = wanted, .rows = rows });
}

int
run_open(struct run *run, const struct routine_sql *sql, enum routine_scroll scroll, char **name)
{
	const struct dialect_variables variables = { .assigned_typmod = -1 };

	return run_sql_for(run, sql, NULL, variables,
	    &(struct purpose) { .use = ROUTINE_USE_CURSOR, .scroll = scroll, .cursor = name });
}

int
run_part(struct run *run, const struct routine_sql *sql, const struct routine_target *target,
    struct routine_value *value)
{
	const struct dialect_variables variables = { .assigned_typmod = -1 };
	struct routine_rows rows = { 0 };
	int status = run_sql_for(run, sql, target, variables, &(struct purpose) { .wanted = 1, .rows = &rows });

	if (status == 0 && rows.nrows == 1) {
		value->oid = rows.columns[0].oid;
		value->value = rows.cells[0];
		rows.cells[0] = (struct type_value) { .kind = SQLITE_NULL };
	}
	routine_rows_free(&rows);
	return status;
}

static int
run_text_for(struct run *run, const char *text, struct routine_sql *const *list, unsigned nlist,
    const struct purpose *purpose)
{
	struct dialect_variable *named = calloc(nlist + 1, sizeof(*named));
	const struct routine_value **values = calloc(nlist + 1, sizeof(*values));
	struct routine_value *owned = calloc(nlist + 1, sizeof(*owned));
	struct dialect_variables variables = { .n = nlist,
		.list = named,
		.ntransitions = run->host->ntransitions,
		.transitions = run->host->transitions };
	struct routine_call call = { .sql = text, .variables = &variables, .values = values };
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
	if (status == 0 && (status = run_call(run, &call, purpose)) == -1)
		run->report->position = 0;
	for (unsigned i = 0; i < nlist && owned != NULL; i++)
		routine_value_free(&owned[i]);
	free(names);
	free(owned);
	free(values);
	free(named);
	return status;
}

int
run_text(struct run *run, const char *text, struct routine_sql *const *list, unsigned nlist, size_t wanted,
    struct routine_rows *rows)
{
	return run_text_for(run, text, list, nlist, &(struct purpose) { .wanted = wanted, .rows = rows });
}

int
run_open_text(struct run *run, const char *text, const struct routine_statement *statement, char **name)
{
	return run_text_for(run, text, statement->list, statement->nlist,
	    &(struct purpose) { .use = ROUTINE_USE_CURSOR, .scroll = statement->scroll, .cursor = name });
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

int
run_query(struct run *run, const struct routine_statement *statement, struct routine_rows *rows)
{
	const struct dialect_variables variables = { .assigned_typmod = -1 };
	const struct purpose purpose = { .use = statement->kind == ROUTINE_RETURN_QUERY ? ROUTINE_USE_ROWS
											: ROUTINE_USE_CURSOR,
		.rows = rows };
	char *text;
	int status;

	if (statement->kind != ROUTINE_RETURN_QUERY)
		run->host->count_unnamed(run->host->arg);
	if (!statement->dynamic)
		return run_sql_for(run, statement->sql, NULL, variables, &purpose);
	if ((text = run_dynamic_text(run, statement->sql)) == NULL)
		return -1;
	status = run_text_for(run, text, statement->list, statement->nlist, &purpose);
	free(text);
	return status;
}
