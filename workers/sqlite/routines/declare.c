/*
 * A block's variables: what their types are, and what they begin with.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/routines/run.h"

static int
describe(struct run *run, const char *before, const char *what, const char *after, struct routine_rows *rows)
{
	struct routine_call call = { .describes = true, .bytes_left = ROUTINE_ROWS_BYTES };
	char *sql;
	int status;

	if (asprintf(&sql, "%s%s%s", before, what, after) < 0)
		return report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	call.sql = sql;
	status = run->host->run(run->host->arg, &call, rows, run->report);
	free(sql);
	run->report->position = 0;
	if (status == 0 && (rows->ncolumns == 0 || rows->columns == NULL)) {
		(void)report_set(run->report, SQLSTATE_SYNTAX_ERROR, "syntax error at or near \"%s\"", what);
		return -1;
	}
	return status;
}

/* A domain is shown as the type below it: what it is, is asked for. The query answers one oid. */
static int
find_domain(struct run *run, const char *sql, struct datum *datum)
{
	struct routine_call call = { .sql = sql, .bytes_left = ROUTINE_ROWS_BYTES };
	struct routine_rows rows = { 0 };
	int status = run->host->run(run->host->arg, &call, &rows, run->report);

	if (status == 0 && rows.nrows == 1 && type_is_domain((uint32_t)rows.cells[0].integer)) {
		if (type_class(datum->scalar.oid) == TYPE_CLASS_COMPOSITE)
			status = report_set(run->report, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "a variable of a domain over a composite type in PL/pgSQL is not supported on SQLite");
		datum->scalar.oid = (uint32_t)rows.cells[0].integer;
		datum->scalar.typmod = -1;
	}
	routine_rows_free(&rows);
	return status;
}

/* A row type is a relation's, too, which no regtype has. */
static int
find_domain_of_type(struct run *run, const char *type, struct datum *datum)
{
	bool composite = type_class(datum->scalar.oid) == TYPE_CLASS_COMPOSITE;
	char *sql = malloc(2 * strlen(type) + 64), *out;
	int status;

	if (sql == NULL)
		return report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	out = stpcpy(sql, composite ? "SELECT CAST(pg_typeof(CAST(CAST(NULL AS text) AS " : "SELECT CAST(CAST('");
	for (; *type != '\0'; type++) {
		if (*type == '\'' && !composite)
			*out++ = '\'';
		*out++ = *type;
	}
	(void)stpcpy(out, composite ? ")) AS oid)" : "' AS regtype) AS oid)");
	status = find_domain(run, sql, datum);
	free(sql);
	return status;
}

static int
find_domain_of_column(struct run *run, const char *table, const char *column, struct datum *datum)
{
	char *whole;
	int status;

	if (asprintf(&whole, "SELECT CAST(pg_typeof(x.%s) AS oid) FROM (SELECT 1) o LEFT JOIN %s x ON false", column,
		table) < 0)
		return report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	status = find_domain(run, whole, datum);
	free(whole);
	return status;
}

/* "name" or "label.name", in the folded form. */
static bool
is_named(const struct routine_name *n, const char *name)
{
	size_t label = n->label == NULL ? 0 : strlen(n->label);

	if (strcmp(n->name, name) == 0)
		return true;
	return label > 0 && strncmp(n->label, name, label) == 0 && name[label] == '.' &&
	    strcmp(n->name, name + label + 1) == 0;
}

/* Of the type of another, with nothing in it. */
static int
be_like(struct run *run, const struct datum *other, struct datum *datum)
{
	datum->scalar.oid = other->scalar.oid;
	datum->scalar.typmod = other->scalar.typmod;
	datum->record = other->record;
	datum->fixed = other->fixed;
	datum->composite = other->composite;
	if (!other->fixed)
		return 0;
	return routine_rows_describe(&datum->row, &other->row, run->report) == -1 ? -1
										  : run_add_nulls(run, &datum->row);
}

/* table.column%TYPE is that column's type, variable%TYPE that variable's. */
static int
resolve_like(struct run *run, const struct routine_variable *variable, struct datum *datum)
{
	const char *percent = strrchr(variable->type, '%'), *dot;
	struct routine_rows rows = { 0 };
	char *name = strndup(variable->type, (size_t)(percent - variable->type)), *sql = NULL;
	int status = -1;

	for (const struct routine_name *n = variable->names; n != NULL; n = n->outer)
		if (name != NULL && is_named(n, name)) {
			free(name);
			return be_like(run, &run->slots[n->slot], datum);
		}
	dot = name == NULL ? NULL : strrchr(name, '.');
	if (dot == NULL)
		(void)report_set(run->report, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s is not supported on SQLite",
		    variable->type);
	else if (asprintf(&sql, "SELECT %s FROM %.*s", dot + 1, (int)(dot - name), name) >= 0 &&
	    describe(run, "", sql, "", &rows) == 0 && rows.columns != NULL) {
		datum->scalar.oid = rows.columns[0].oid;
		datum->scalar.typmod = rows.columns[0].typmod;
		name[dot - name] = '\0';
		status = find_domain_of_column(run, name, dot + 1, datum);
	}
	routine_rows_free(&rows);
	free(sql);
	free(name);
	return status;
}

/* A composite value is kept as a record of its fields. */
static int
make_record(struct run *run, struct datum *datum, const char *before, const char *what, const char *after)
{
	datum->record = datum->fixed = true;
	datum->composite = datum->scalar.oid;
	datum->scalar = (struct routine_value) { .value = { .kind = SQLITE_NULL }, .typmod = -1 };
	return describe(run, before, what, after, &datum->row) == -1 ? -1 : run_add_nulls(run, &datum->row);
}

static int
resolve_type(struct run *run, const struct routine_variable *variable, struct datum *datum)
{
	struct routine_rows rows = { 0 };
	int status = -1;

	if (strchr(variable->type, '%') != NULL)
		return resolve_like(run, variable, datum);
	if (describe(run, "SELECT CAST(CAST(NULL AS text) AS ", variable->type, ")", &rows) == 0 &&
	    rows.columns != NULL) {
		datum->scalar.oid = rows.columns[0].oid;
		datum->scalar.typmod = rows.columns[0].typmod;
		status = type_by_name(variable->type) != NULL ? 0 : find_domain_of_type(run, variable->type, datum);
	}
	routine_rows_free(&rows);
	if (status == 0 && type_class(datum->scalar.oid) == TYPE_CLASS_COMPOSITE)
		status = make_record(run, datum, "SELECT (CAST(NULL AS ", variable->type, ")).*");
	return status;
}

/* Types whose values are shown by name, and so not kept as what they are. */
static bool
is_shown_by_name(uint32_t oid)
{
	return oid == TYPE_REGCLASS || oid == TYPE_REGTYPE || oid == TYPE_REGPROC || oid == TYPE_REGPROCEDURE ||
	    oid == TYPE_REGNAMESPACE || oid == TYPE_REGROLE || oid == TYPE_REGCONFIG || oid == TYPE_REGDICTIONARY;
}

/* Of a composite variable. */
static int
assign_initial(struct run *run, const struct routine_variable *variable)
{
	const struct routine_target target = { .slot = variable->slot };
	struct routine_rows rows = { 0 };
	int status = run_fields(run, variable->initial, &rows);

	if (status == 0)
		status = run_assign_row(run, &target, 1, &rows, 0);
	routine_rows_free(&rows);
	return status;
}

/* One that was declared with its query is called as its variable. */
static int
name_cursor(struct run *run, const struct routine_variable *variable, struct datum *datum)
{
	const struct routine_value from = { .oid = TYPE_REFCURSOR,
		.typmod = -1,
		.value = { .kind = SQLITE_TEXT, .bytes = variable->name, .length = strlen(variable->name) } };

	return routine_value_copy(&from, &datum->scalar, run->report);
}

static int
declare_one(struct run *run, const struct routine_variable *variable)
{
	struct datum *datum = &run->slots[variable->slot];
	const struct routine_target target = { .slot = variable->slot };
	struct routine_value value = { .value = { .kind = SQLITE_NULL }, .typmod = -1 };
	int status;

	run_free_datum(datum);
	datum->name = variable->name;
	datum->record = variable->type == NULL;
	datum->fixed = variable->row != NULL;
	if (variable->row != NULL &&
	    (describe(run, "SELECT * FROM ", variable->row, "", &datum->row) == -1 ||
		run_add_nulls(run, &datum->row) == -1))
		return -1;
	if (variable->type != NULL && resolve_type(run, variable, datum) == -1)
		return -1;
	if (datum->record && variable->type != NULL)
		return variable->initial == NULL ? 0 : assign_initial(run, variable);
	if (is_shown_by_name(datum->scalar.oid))
		return report_set(run->report, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "a variable of type %s is not supported on SQLite", variable->type);
	if (variable->cursor != NULL)
		return name_cursor(run, variable, datum);
	/* A domain says whether it takes a null. */
	if (variable->initial == NULL)
		return type_class(datum->scalar.oid) == TYPE_CLASS_DOMAIN
		    ? run_convert(run, &datum->scalar, datum->scalar.oid, -1)
		    : 0;
	datum->not_null = variable->not_null;
	status = run_value(run, variable->initial, datum->scalar.oid, datum->scalar.typmod, &value);
	if (status == 0)
		status = run_assign(run, &target, &value);
	routine_value_free(&value);
	return status;
}

int
run_declare(struct run *run, const struct routine_variable *variables)
{
	for (; variables != NULL; variables = variables->next)
		if (declare_one(run, variables) == -1)
			return -1;
	return 0;
}
