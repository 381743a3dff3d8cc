/*
 * Runs loops, and what leaves them.
 */
#include <string.h>

#include "workers/sqlite/routines/run.h"

bool
run_goes_on(struct run *run, const struct routine_statement *loop, enum flow *flow)
{
	bool mine = run->label == NULL || (loop->label != NULL && strcmp(run->label, loop->label) == 0);

	if (*flow == FLOW_ON || (*flow == FLOW_CONTINUE && mine)) {
		*flow = run_check(run) == -1 ? FLOW_FAILED : FLOW_ON;
		return *flow == FLOW_ON;
	}
	if (*flow == FLOW_EXIT && mine)
		*flow = FLOW_ON;
	return false;
}

enum flow
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
	} while (run_goes_on(run, statement, &flow));
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

enum flow
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
		if (!run_goes_on(run, statement, &flow))
			break;
	}
	if (flow != FLOW_FAILED)
		run_set_found(run, found);
	return flow;
}

enum flow
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
		if (!run_goes_on(run, statement, &flow))
			break;
	}
	if (flow != FLOW_FAILED)
		run_set_found(run, rows->nrows > 0);
	return flow;
}

enum flow
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

enum flow
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
