/*
 * Runs what PL/pgSQL does with cursors, which are the session's: OPEN, FETCH, MOVE, CLOSE, and FOR over one.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/routines/run.h"

/* The name that the variable has; NULL: none, as *status 0, or reported. malloc'ed. */
static char *
read_name(struct run *run, unsigned slot, int *status)
{
	const struct type_value *value = &run->slots[slot].scalar.value;
	char *name;

	*status = 0;
	if (value->kind != SQLITE_TEXT)
		return NULL;
	if ((name = strndup(value->bytes, value->length)) == NULL)
		*status = report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	return name;
}

/* The same where there must be one. */
static char *
need_name(struct run *run, unsigned slot)
{
	int status;
	char *name = read_name(run, slot, &status);

	if (name == NULL && status == 0)
		(void)report_set(run->report, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "cursor variable \"%s\" is null",
		    run->slots[slot].name);
	return name;
}

/* ---- OPEN ---- */

/* The values of the cursor's arguments, which are read before any of them gets its own. */
static int
set_arguments(struct run *run, const struct routine_statement *statement)
{
	const struct routine_cursor *cursor = statement->cursor;
	struct routine_value *values = calloc(cursor->narguments + 1, sizeof(*values));
	const struct routine_variable *v = cursor->arguments;
	int status = 0;

	if (values == NULL)
		return report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < cursor->narguments && status == 0; i++)
		status = run_value(run, statement->list[i], TYPE_UNKNOWN, -1, &values[i]);
	if (status == 0)
		status = run_declare(run, v);
	for (unsigned i = 0; i < cursor->narguments && status == 0; i++, v = v->next)
		status = run_assign(run, &(struct routine_target) { .slot = v->slot }, &values[i]);
	for (unsigned i = 0; i < cursor->narguments; i++)
		routine_value_free(&values[i]);
	free(values);
	return status;
}

static int
open_query(struct run *run, const struct routine_statement *statement, char **name)
{
	const struct routine_cursor *cursor = statement->cursor;
	char *text;
	int status;

	if (cursor != NULL)
		return set_arguments(run, statement) == -1 ? -1 : run_open(run, cursor->query, cursor->scroll, name);
	if (!statement->dynamic)
		return run_open(run, statement->sql, statement->scroll, name);
	if ((text = run_dynamic_text(run, statement->sql)) == NULL)
		return -1;
	status = run_open_text(run, text, statement, name);
	free(text);
	return status;
}

/* A name that was made up is the variable's from then on. */
static int
keep_name(struct run *run, const struct routine_statement *statement, const char *name)
{
	struct datum *datum = &run->slots[statement->slot];
	const struct routine_value from = { .oid = TYPE_REFCURSOR,
		.typmod = -1,
		.value = { .kind = SQLITE_TEXT, .bytes = name, .length = strlen(name) } };

	if (datum->scalar.value.kind != SQLITE_NULL)
		return 0;
	if (statement->constant)
		return report_set(run->report, SQLSTATE_ERROR_IN_ASSIGNMENT, "variable \"%s\" is declared CONSTANT",
		    datum->name);
	return routine_value_copy(&from, &datum->scalar, run->report);
}

enum flow
run_open_statement(struct run *run, const struct routine_statement *statement)
{
	int status;
	char *name = read_name(run, statement->slot, &status);

	if (status == 0 && (status = open_query(run, statement, &name)) == 0)
		status = keep_name(run, statement, name);
	free(name);
	return status == -1 ? FLOW_FAILED : FLOW_ON;
}

/* ---- FETCH, MOVE, CLOSE ---- */

/* How many rows, or where, which may be an expression. */
static int
read_count(struct run *run, const struct routine_statement *statement, struct routine_fetch *fetch)
{
	struct routine_value value;

	*fetch = statement->fetch;
	if (statement->sql == NULL)
		return 0;
	if (run_value(run, statement->sql, TYPE_INT4, -1, &value) == -1)
		return -1;
	if (value.value.kind == SQLITE_NULL)
		return report_set(run->report, SQLSTATE_NULL_VALUE_NOT_ALLOWED,
		    "relative or absolute cursor position is null");
	fetch->count = value.value.integer;
	routine_value_free(&value);
	return 0;
}

enum flow
run_fetch(struct run *run, const struct routine_statement *statement)
{
	struct routine_rows rows = { 0 };
	struct routine_fetch fetch;
	char *name = need_name(run, statement->slot);
	int status = name == NULL || read_count(run, statement, &fetch) == -1 ? -1 : 0;

	if (status == 0)
		status = run->host->fetch(run->host->arg, name, &fetch, statement->move, &rows, run->report);
	if (status == 0 && !statement->move)
		status = run_assign_row(run, statement->targets, statement->ntargets, &rows, 0);
	if (status == 0) {
		run->row_count = rows.processed;
		run_set_found(run, rows.processed > 0);
	}
	routine_rows_free(&rows);
	free(name);
	return status == -1 ? FLOW_FAILED : FLOW_ON;
}

enum flow
run_close(struct run *run, const struct routine_statement *statement)
{
	char *name = need_name(run, statement->slot);
	int status = name == NULL ? -1 : run->host->close(run->host->arg, name, run->report);

	free(name);
	return status == -1 ? FLOW_FAILED : FLOW_ON;
}

/* ---- FOR ---- */

/* The rows are read one by one: the body may read from the cursor, too. */
static enum flow
run_over_cursor(struct run *run, const struct routine_statement *statement, const char *name)
{
	static const struct routine_fetch next = { .direction = ROUTINE_FORWARD, .count = 1 };
	enum flow flow = FLOW_ON;
	bool found = false, goes_on = true;

	while (goes_on) {
		struct routine_rows rows = { 0 };

		if (run->host->fetch(run->host->arg, name, &next, false, &rows, run->report) == -1 ||
		    ((rows.nrows > 0 || !found) &&
			run_assign_row(run, statement->targets, statement->ntargets, &rows, 0) == -1)) {
			routine_rows_free(&rows);
			return FLOW_FAILED;
		}
		goes_on = rows.nrows > 0;
		routine_rows_free(&rows);
		if (!goes_on)
			break;
		found = true;
		flow = run_statements(run, statement->body);
		goes_on = run_goes_on(run, statement, &flow);
	}
	if (flow != FLOW_FAILED)
		run_set_found(run, found);
	return flow;
}

enum flow
run_for_cursor(struct run *run, const struct routine_statement *statement)
{
	struct datum *datum = &run->slots[statement->slot];
	bool unnamed = datum->scalar.value.kind == SQLITE_NULL;
	enum flow flow = FLOW_FAILED;
	int status;
	char *name = read_name(run, statement->slot, &status);

	run_free_datum(&run->slots[statement->targets[0].slot]);
	run->slots[statement->targets[0].slot].record = true;
	if (status == 0 && open_query(run, statement, &name) == 0) {
		if (keep_name(run, statement, name) == 0) {
			run->host->pin(run->host->arg, name, true);
			flow = run_over_cursor(run, statement, name);
			run->host->pin(run->host->arg, name, false);
		}
		if (flow != FLOW_FAILED && run->host->close(run->host->arg, name, run->report) == -1)
			flow = FLOW_FAILED;
		if (unnamed)
			routine_value_free(&datum->scalar);
		datum->scalar.oid = TYPE_REFCURSOR;
	}
	free(name);
	return flow;
}
