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

int
run_check(struct run *run)
{
	if (++run->steps % STEPS_BETWEEN_CHECKS != 0)
		return 0;
	return run->host->check(run->host->arg, run->report);
}

/* ---- blocks ---- */

/* What PostgreSQL would have done is not known after a refusal: no handler may go on as if it had failed there. */
static bool
is_refusal(const struct report *r)
{
	return r->state == SQLSTATE_FEATURE_NOT_SUPPORTED && r->code[0] == '\0';
}

/* What the block did is undone, and a handler goes on. */
static enum flow
handle(struct run *run, const struct routine_statement *block)
{
	struct report caught = { 0 }, *before = run->caught;
	const struct routine_branch *branch = block->branches;
	const char *code = report_code(run->report);
	enum flow flow;

	while (branch != NULL && (is_refusal(run->report) || !routine_condition_matches(branch->conditions, code)))
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
	bool row = datum->record && statement->targets[0].field == NULL,
	     scalar = !datum->record && statement->targets[0].field == NULL;
	const struct datum *record;
	int status;

	if (statement->part) {
		if ((status = run_part(run, statement->sql, &statement->targets[0], &value)) == 0)
			status = run_assign(run, &statement->targets[0], &value);
	} else if (row && run_names_record(run, statement->sql, &record)) {
		if ((status = run_copy_row(run, record, &rows)) == 0)
			status = run_assign_row(run, statement->targets, 1, &rows, 0);
	} else if (row) {
		status = run_fields(run, statement->sql, &rows);
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
	[ROUTINE_OPEN] = run_open_statement,
	[ROUTINE_FETCH] = run_fetch,
	[ROUTINE_CLOSE] = run_close,
	[ROUTINE_FOR_CURSOR] = run_for_cursor,
};
_Static_assert(sizeof(statements) / sizeof(statements[0]) == ROUTINE_KINDS, "one function for each kind");

enum flow
run_statements(struct run *run, const struct routine_statement *list)
{
	enum flow flow = FLOW_ON;

	for (; list != NULL && flow == FLOW_ON; list = list->next)
		flow = run_check(run) == -1 ? FLOW_FAILED : statements[list->kind](run, list);
	return flow;
}

/* ---- a call ---- */

/* A composite value is kept as a record of its fields. */
static int
explode_parameter(struct run *run, struct datum *datum)
{
	int status = run_explode(run, &datum->scalar, &datum->row);

	datum->composite = datum->scalar.oid;
	routine_value_free(&datum->scalar);
	datum->scalar = (struct routine_value) { .value = { .kind = SQLITE_NULL }, .typmod = -1 };
	datum->record = datum->fixed = true;
	return status;
}

static int
set_parameters(struct run *run, const struct routine_value *arguments)
{
	const struct routine *routine = run->routine;

	for (unsigned i = 0; i < routine->nparameters; i++) {
		struct datum *datum = &run->slots[1 + i];

		datum->name = routine->parameters[i].name;
		datum->scalar.oid = routine->parameters[i].oid;
		if (routine->parameters[i].in && routine_value_copy(arguments++, &datum->scalar, run->report) == -1)
			return -1;
		if (routine->parameters[i].in && type_class(datum->scalar.oid) == TYPE_CLASS_COMPOSITE &&
		    explode_parameter(run, datum) == -1)
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
	if (routine->returns == ROUTINE_RETURNS_TRIGGER && !run->returned)
		return report_set(run->report, SQLSTATE_FUNCTION_EXECUTED_NO_RETURN_STATEMENT,
		    "control reached end of trigger procedure without RETURN");
	if (routine->returns != ROUTINE_RETURNS_VALUE)
		return 0;
	if (routine_has_out_parameters(routine))
		return run_return_parameters(run);
	if (run->returned)
		return 0;
	return report_set(run->report, SQLSTATE_FUNCTION_EXECUTED_NO_RETURN_STATEMENT,
	    "control reached end of function without RETURN");
}

int
run_begin(struct run *run)
{
	run->slots = calloc(run->routine->nslots, sizeof(*run->slots));
	if (run->slots == NULL)
		return report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < run->routine->nslots; i++)
		run_free_datum(&run->slots[i]);
	run->slots[ROUTINE_SLOT_FOUND].scalar =
	    (struct routine_value) { .value = { .kind = SQLITE_INTEGER }, .oid = TYPE_BOOL, .typmod = -1 };
	return 0;
}

void
run_end(struct run *run)
{
	for (unsigned i = 0; run->slots != NULL && i < run->routine->nslots; i++)
		run_free_datum(&run->slots[i]);
	free(run->slots);
	run->slots = NULL;
}

int
run_whole(struct run *run)
{
	return finish(run, run_block(run, run->routine->body));
}

int
routine_run(const struct routine *routine, const struct routine_host *host, const struct routine_value *arguments,
    struct routine_rows *result, struct report *r)
{
	struct run run = { .routine = routine, .host = host, .report = r, .result = result };
	int status = run_begin(&run);

	if (status == 0)
		status = set_parameters(&run, arguments);
	if (status == 0)
		status = run_whole(&run);
	run_end(&run);
	return status;
}
