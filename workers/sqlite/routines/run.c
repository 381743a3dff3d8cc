/*
 * Runs a routine: blocks, branches, loops, and what it returns.
 */
#include "workers/sqlite/routines/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"

/* How many statements run between two looks at whether to go on. Those with SQL are looked at while they run. */
#define STEPS_BETWEEN_CHECKS 64

typedef enum flow statement_fn(struct run *run, const struct routine_statement *statement);

static int
check(struct run *run)
{
	if (++run->steps % STEPS_BETWEEN_CHECKS != 0)
		return 0;
	return run->host->check(run->host->arg, run->report);
}

/* ---- blocks ---- */

/* The text before an error is a savepoint's: what the block did is undone, and a handler goes on. */
static enum flow
handle(struct run *run, const struct routine_statement *block)
{
	struct report caught = { 0 }, *before = run->caught;
	const struct routine_branch *branch = block->branches;
	const char *code = report_code(run->report);
	enum flow flow;

	while (branch != NULL && !routine_condition_matches(branch->conditions, code))
		branch = branch->next;
	report_move(&caught, run->report);
	if (run->host->rollback(run->host->arg, run->report) == -1) {
		report_move(run->report, &caught);
		return FLOW_FAILED;
	}
	if (branch == NULL) {
		report_move(run->report, &caught);
		return FLOW_FAILED;
	}
	run->caught = &caught;
	flow = run_set_caught(run, block) == -1 ? FLOW_FAILED : run_statements(run, branch->body);
	run->caught = before;
	report_reset(&caught);
	return flow;
}

static enum flow
run_guarded(struct run *run, const struct routine_statement *block)
{
	enum flow flow;

	/* What fails among the declarations is not the block's to handle. */
	if (run_declare(run, block->variables) == -1)
		return FLOW_FAILED;
	if (run->host->savepoint(run->host->arg, run->report) == -1)
		return FLOW_FAILED;
	flow = run_statements(run, block->body);
	if (flow == FLOW_FAILED)
		return handle(run, block);
	return run->host->release(run->host->arg, run->report) == -1 ? FLOW_FAILED : flow;
}

static enum flow
run_block(struct run *run, const struct routine_statement *block)
{
	enum flow flow;

	if (block->branches != NULL)
		flow = run_guarded(run, block);
	else
		flow = run_declare(run, block->variables) == -1 ? FLOW_FAILED : run_statements(run, block->body);
	if (flow == FLOW_EXIT && run->label != NULL && block->label != NULL && strcmp(run->label, block->label) == 0)
		return FLOW_ON;
	return flow;
}

/* ---- branches ---- */

static enum flow
run_assignment(struct run *run, const struct routine_statement *statement)
{
	const struct datum *datum = &run->slots[statement->targets[0].slot];
	struct routine_value value = { .value = { .kind = SQLITE_NULL }, .typmod = -1 };
	struct routine_rows rows = { 0 };
	bool row = datum->record && statement->targets[0].field == NULL, scalar = !datum->record;
	int status;

	if (row) {
		status = run_sql(run, statement->sql, TYPE_UNKNOWN, -1, 1, &rows);
		if (status == 0)
			status = run_assign_row(run, statement->targets, 1, &rows, 0);
	} else if ((status = run_value(run, statement->sql, scalar ? datum->scalar.oid : (uint32_t)TYPE_UNKNOWN,
			scalar ? datum->scalar.typmod : -1, &value)) == 0)
		status = run_assign(run, &statement->targets[0], &value);
	routine_value_free(&value);
	routine_rows_free(&rows);
	return status == -1 ? FLOW_FAILED : FLOW_ON;
}

static enum flow
run_branches(struct run *run, const struct routine_statement *statement)
{
	bool holds = false;

	for (const struct routine_branch *branch = statement->branches; branch != NULL; branch = branch->next) {
		if (run_condition(run, branch->when, &holds) == -1)
			return FLOW_FAILED;
		if (holds)
			return run_statements(run, branch->body);
	}
	if (statement->kind == ROUTINE_IF || statement->has_otherwise)
		return run_statements(run, statement->otherwise);
	(void)report_set(run->report, SQLSTATE_CASE_NOT_FOUND, "case not found");
	report_hint(run->report, "CASE statement is missing ELSE part.");
	return FLOW_FAILED;
}

static enum flow
run_case(struct run *run, const struct routine_statement *statement)
{
	if (statement->sql != NULL) {
		struct datum *datum = &run->slots[statement->slot];

		run_free_datum(datum);
		datum->name = "CASE";
		if (run_value(run, statement->sql, TYPE_UNKNOWN, -1, &datum->scalar) == -1)
			return FLOW_FAILED;
	}
	return run_branches(run, statement);
}

/* ---- loops ---- */

/* After a loop's body: whether the loop goes on. *flow becomes what the loop comes to. */
static bool
goes_on(struct run *run, const struct routine_statement *loop, enum flow *flow)
{
	bool mine = run->label == NULL || (loop->label != NULL && strcmp(run->label, loop->label) == 0);

	if (*flow == FLOW_ON || (*flow == FLOW_CONTINUE && mine)) {
		*flow = check(run) == -1 ? FLOW_FAILED : FLOW_ON;
		return *flow == FLOW_ON;
	}
	if (*flow == FLOW_EXIT && mine)
		*flow = FLOW_ON;
	return false;
}

static enum flow
run_loop(struct run *run, const struct routine_statement *statement)
{
	enum flow flow;
	bool holds = true;

	do {
		if (statement->sql != NULL && run_condition(run, statement->sql, &holds) == -1)
			return FLOW_FAILED;
		if (!holds)
			return FLOW_ON;
		flow = run_statements(run, statement->body);
	} while (goes_on(run, statement, &flow));
	return flow;
}

static int
integer_bound(struct run *run, const struct routine_sql *sql, const char *what, int64_t *bound)
{
	struct routine_value value;

	if (run_value(run, sql, TYPE_INT4, -1, &value) == -1)
		return -1;
	if (value.value.kind == SQLITE_NULL)
		return report_set(run->report, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "%s of FOR loop cannot be null", what);
	*bound = value.value.integer;
	return 0;
}

static enum flow
run_for_integer(struct run *run, const struct routine_statement *statement)
{
	struct datum *datum = &run->slots[statement->slot];
	int64_t at = 0, to = 0, by = 1;
	enum flow flow = FLOW_ON;
	bool found = false;

	if (integer_bound(run, statement->sql, "lower bound", &at) == -1 ||
	    integer_bound(run, statement->to, "upper bound", &to) == -1 ||
	    (statement->by != NULL && integer_bound(run, statement->by, "BY value", &by) == -1))
		return FLOW_FAILED;
	if (by <= 0) {
		(void)report_set(run->report, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "BY value of FOR loop must be greater than zero");
		return FLOW_FAILED;
	}
	for (; (statement->reverse ? at >= to : at <= to) && at >= INT32_MIN && at <= INT32_MAX;
	     at += statement->reverse ? -by : by) {
		run_free_datum(datum);
		datum->scalar = (struct routine_value) { .value = { .kind = SQLITE_INTEGER, .integer = at },
			.oid = TYPE_INT4,
			.typmod = -1 };
		found = true;
		flow = run_statements(run, statement->body);
		if (!goes_on(run, statement, &flow))
			break;
	}
	if (flow != FLOW_FAILED)
		run_set_found(run, found);
	return flow;
}

static enum flow
run_over_rows(struct run *run, const struct routine_statement *statement, const struct routine_rows *rows)
{
	enum flow flow = FLOW_ON;
	size_t row = 0;

	if (rows->nrows == 0 && run_assign_row(run, statement->targets, statement->ntargets, rows, 0) == -1)
		return FLOW_FAILED;
	for (; row < rows->nrows; row++) {
		if (run_assign_row(run, statement->targets, statement->ntargets, rows, row) == -1)
			return FLOW_FAILED;
		flow = run_statements(run, statement->body);
		if (!goes_on(run, statement, &flow))
			break;
	}
	if (flow != FLOW_FAILED)
		run_set_found(run, rows->nrows > 0);
	return flow;
}

static enum flow
run_for_query(struct run *run, const struct routine_statement *statement)
{
	struct routine_rows rows = { 0 };
	enum flow flow;

	if (run_query(run, statement, &rows) == -1) {
		routine_rows_free(&rows);
		return FLOW_FAILED;
	}
	run->held += rows.bytes;
	flow = run_over_rows(run, statement, &rows);
	run->held -= rows.bytes;
	routine_rows_free(&rows);
	return flow;
}

/* The elements come as rows of unnest(), which goes through an array of several dimensions as FOREACH does. */
static enum flow
run_foreach(struct run *run, const struct routine_statement *statement)
{
	struct routine_rows rows = { 0 };
	struct routine_sql sql = { .names = statement->sql->names };
	struct routine_value array;
	enum flow flow = FLOW_FAILED;
	char *text;

	if (run_value(run, statement->sql, TYPE_UNKNOWN, -1, &array) == -1)
		return FLOW_FAILED;
	if (!type_is_array(array.oid))
		(void)report_set(run->report, SQLSTATE_DATATYPE_MISMATCH,
		    "FOREACH expression must yield an array, not type %s", type_error_name(array.oid));
	else if (array.value.kind == SQLITE_NULL)
		(void)report_set(run->report, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "FOREACH expression must not be null");
	else if (asprintf(&text, "SELECT unnest(%s)", statement->sql->text + strlen("SELECT ")) >= 0) {
		sql.text = text;
		if (run_sql(run, &sql, TYPE_UNKNOWN, -1, 0, &rows) == 0) {
			run->held += rows.bytes;
			flow = run_over_rows(run, statement, &rows);
			run->held -= rows.bytes;
		}
		free(text);
	}
	routine_value_free(&array);
	routine_rows_free(&rows);
	return flow;
}

static enum flow
run_exit(struct run *run, const struct routine_statement *statement)
{
	bool holds = true;

	if (statement->sql != NULL && run_condition(run, statement->sql, &holds) == -1)
		return FLOW_FAILED;
	if (!holds)
		return FLOW_ON;
	run->label = statement->label;
	return statement->kind == ROUTINE_EXIT ? FLOW_EXIT : FLOW_CONTINUE;
}

/* ---- RETURN ---- */

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
		if (run_add_row(run, result, rows, row) == -1)
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
		status = run_add_row(run, result, &one, 0);
	routine_value_free(&value);
	return status;
}

/* The OUT parameters as a row. */
static int
return_parameters(struct run *run)
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
	status = run_add_row(run, run->result, &one, 0);
	free(one.cells);
	return status;
}

static bool
has_out_parameters(const struct routine *routine)
{
	for (unsigned i = 0; i < routine->nparameters; i++)
		if (routine->parameters[i].out)
			return true;
	return false;
}

static enum flow
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
		status = return_parameters(run);
	if (status == -1)
		return FLOW_FAILED;
	if (statement->kind != ROUTINE_RETURN)
		return FLOW_ON;
	run->returned = true;
	return FLOW_RETURN;
}

static enum flow
run_null(struct run *run, const struct routine_statement *statement)
{
	(void)run;
	(void)statement;
	return FLOW_ON;
}

static statement_fn *const statements[] = {
	[ROUTINE_BLOCK] = run_block,
	[ROUTINE_ASSIGN] = run_assignment,
	[ROUTINE_IF] = run_branches,
	[ROUTINE_CASE] = run_case,
	[ROUTINE_LOOP] = run_loop,
	[ROUTINE_WHILE] = run_loop,
	[ROUTINE_FOR_INTEGER] = run_for_integer,
	[ROUTINE_FOR_QUERY] = run_for_query,
	[ROUTINE_FOREACH] = run_foreach,
	[ROUTINE_EXIT] = run_exit,
	[ROUTINE_CONTINUE] = run_exit,
	[ROUTINE_RETURN] = run_return,
	[ROUTINE_RETURN_NEXT] = run_return,
	[ROUTINE_RETURN_QUERY] = run_return,
	[ROUTINE_RAISE] = run_raise,
	[ROUTINE_ASSERT] = run_assert,
	[ROUTINE_SQL] = run_sql_statement,
	[ROUTINE_PERFORM] = run_perform,
	[ROUTINE_EXECUTE] = run_execute,
	[ROUTINE_DIAGNOSTICS] = run_diagnostics,
	[ROUTINE_NULL] = run_null,
};
_Static_assert(sizeof(statements) / sizeof(statements[0]) == ROUTINE_KINDS, "one function for each kind");

enum flow
run_statements(struct run *run, const struct routine_statement *list)
{
	enum flow flow = FLOW_ON;

	for (; list != NULL && flow == FLOW_ON; list = list->next)
		flow = check(run) == -1 ? FLOW_FAILED : statements[list->kind](run, list);
	return flow;
}

/* ---- a call ---- */

static int
set_parameters(struct run *run, const struct routine_value *arguments)
{
	const struct routine *routine = run->routine;

	for (unsigned i = 0; i < routine->nslots; i++)
		run_free_datum(&run->slots[i]);
	run->slots[ROUTINE_SLOT_FOUND].scalar =
	    (struct routine_value) { .value = { .kind = SQLITE_INTEGER }, .oid = TYPE_BOOL, .typmod = -1 };
	for (unsigned i = 0; i < routine->nparameters; i++) {
		struct datum *datum = &run->slots[1 + i];

		datum->name = routine->parameters[i].name;
		datum->scalar.oid = routine->parameters[i].oid;
		if (routine->parameters[i].in && routine_value_copy(arguments++, &datum->scalar, run->report) == -1)
			return -1;
	}
	return 0;
}

/* What a routine that was left without RETURN gives. */
static int
finish(struct run *run, enum flow flow)
{
	const struct routine *routine = run->routine;

	if (flow == FLOW_FAILED)
		return -1;
	if (routine->returns != ROUTINE_RETURNS_VALUE)
		return 0;
	if (has_out_parameters(routine))
		return return_parameters(run);
	if (run->returned)
		return 0;
	return report_set(run->report, SQLSTATE_FUNCTION_EXECUTED_NO_RETURN_STATEMENT,
	    "control reached end of function without RETURN");
}

int
routine_run(const struct routine *routine, const struct routine_host *host, const struct routine_value *arguments,
    struct routine_rows *result, struct report *r)
{
	struct run run = { .routine = routine, .host = host, .report = r, .result = result };
	int status = -1;

	if ((run.slots = calloc(routine->nslots, sizeof(*run.slots))) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	if (set_parameters(&run, arguments) == 0)
		status = finish(&run, run_block(&run, routine->body));
	for (unsigned i = 0; i < routine->nslots; i++)
		run_free_datum(&run.slots[i]);
	free(run.slots);
	return status;
}
