/*
 * Binds, runs and counts the steps of a portal's statement.
 */
#include "workers/sqlite/session/steps_run.h"

#include <stdlib.h>

#include "workers/sqlite/session/session.h"
#include "workers/sqlite/steps/steps.h"

struct run {
	struct session *session;
	struct portal *portal;
	struct report *report;
	const struct dialect_plan *plan;
	struct steps *kept;
};

static int
bind(const struct run *run, unsigned i)
{
	const struct portal *portal = run->portal;
	const struct dialect_step *step = &run->plan->steps[i];
	int number;

	for (unsigned j = 0; j < portal->nvalues; j++)
		if ((number = dialect_step_parameter(step, j)) != 0 &&
		    statement_check_bound(type_bind(portal->statement->steps[i], number, &portal->values[j], true),
			run->report) == -1)
			return -1;
	return statement_bind_step_literals(portal->statement, i, portal->text,
	    &run->session->connection->context.types, run->report);
}

/* SQLite's code as what it means to the client, who is told of the step's own table. */
static int
failed(const struct run *run, unsigned i, int code)
{
	struct dialect_plan plan = *run->plan;

	plan.target = run->plan->steps[i].target;
	plan.tag = run->plan->steps[i].tag != NULL ? run->plan->steps[i].tag : plan.tag;
	(void)connection_report(run->session->connection, code, &plan, run->report);
	store_note_result(&run->session->sqlite->store, code, run->report->state);
	return -1;
}

static int
keep_row(const struct run *run, unsigned i)
{
	int code = steps_add_row(run->kept, run->plan->steps[i].set, run->portal->statement->steps[i]);

	if (code == SQLITE_OK)
		return 0;
	return code == SQLITE_NOMEM
	    ? report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory")
	    : report_set(run->report, SQLSTATE_INSUFFICIENT_RESOURCES,
		  "a statement in several steps keeps more than %zu MiB of rows", STEPS_BYTES_MAX >> 20);
}

/* Runs a step to its end. *changed: how many rows. */
static int
run_once(const struct run *run, unsigned i, int64_t *changed)
{
	struct connection *connection = run->session->connection;
	const struct dialect_step *step = &run->plan->steps[i];
	sqlite3_stmt *stmt = run->portal->statement->steps[i];
	int64_t before = sqlite3_total_changes64(connection->db);
	int code;

	key_touched_begin(&connection->context.touched, step->updates_once ? step->target : NULL);
	while ((code = statement_step(stmt)) == SQLITE_ROW)
		if (step->set != 0 && keep_row(run, i) == -1) {
			sqlite3_reset(stmt);
			return -1;
		}
	if (code != SQLITE_DONE) {
		(void)failed(run, i, code);
		sqlite3_reset(stmt);
		return -1;
	}
	*changed = sqlite3_total_changes64(connection->db) == before ? 0 : sqlite3_changes64(connection->db);
	sqlite3_reset(stmt);
	return 0;
}

static int
met_twice(const struct run *run)
{
	(void)report_set(run->report, SQLSTATE_CARDINALITY_VIOLATION, "%s command cannot affect row a second time",
	    run->plan->tag);
	report_hint(run->report, "Ensure that not more than one source row matches any one target row.");
	return -1;
}

/* The step that is run for the row at hand: of those from `first` on, up to `end`; `end`: none. */
static unsigned
step_for(const struct run *run, unsigned first, unsigned end, size_t row)
{
	sqlite3_value *action = steps_value(run->kept, run->plan->steps[first].each, row, 0);
	unsigned i = first;

	while (i < end && (action == NULL || run->plan->steps[i].action != sqlite3_value_int(action)))
		i++;
	return i;
}

static int
run_for_row(const struct run *run, unsigned i, size_t row, struct key_touched *met, int64_t *changed)
{
	const struct dialect_step *step = &run->plan->steps[i];
	int64_t rowid = 0;

	if (step->once) {
		rowid = sqlite3_value_int64(steps_value(run->kept, step->each, row, 1));
		if (key_touched_has(met, rowid))
			return step->first ? 0 : met_twice(run);
		key_touched_add(met, rowid);
		if (met->failed)
			return report_set(run->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	}
	steps_set_current(run->kept, step->each, row);
	if (run_once(run, i, changed) == -1)
		return -1;
	if (step->once && *changed == 0)
		return report_set(run->report, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "a row that %s was to change and another change took away is not supported on SQLite",
		    run->plan->tag);
	return 0;
}

/* All steps from `first` on that are run for each row of the same set. */
static int
run_each(const struct run *run, unsigned first, unsigned end)
{
	struct key_touched met = { 0 };
	int result = 0;

	for (size_t row = 0; result == 0 && row < steps_nrows(run->kept, run->plan->steps[first].each); row++) {
		unsigned i = step_for(run, first, end, row);
		int64_t changed = 0;

		if (i == end)
			continue;
		result = run_for_row(run, i, row, &met, &changed);
		run->portal->changes += run->plan->steps[i].counted ? (uint64_t)changed : 0;
	}
	free(met.rows);
	free(met.used);
	return result;
}

static unsigned
end_of_each(const struct dialect_plan *plan, unsigned first)
{
	unsigned end = first;

	while (end < plan->nsteps && plan->steps[end].each == plan->steps[first].each)
		end++;
	return end;
}

static int
run_all(const struct run *run)
{
	unsigned next;

	for (unsigned i = 0; i < run->plan->nsteps; i++)
		if (bind(run, i) == -1)
			return -1;
	for (unsigned i = 0; i < run->plan->nsteps; i = next) {
		int64_t changed = 0;

		next = run->plan->steps[i].each != 0 ? end_of_each(run->plan, i) : i + 1;
		if (run->plan->steps[i].each != 0 ? run_each(run, i, next) == -1 : run_once(run, i, &changed) == -1)
			return -1;
		run->portal->changes += run->plan->steps[i].counted ? (uint64_t)changed : 0;
	}
	return 0;
}

int
steps_run(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	struct run run = { .session = session,
		.portal = portal,
		.report = r,
		.plan = plan,
		.kept = portal->statement->kept };

	steps_clear(run.kept);
	portal->changes = 0;
	statement_set_current(session->connection, portal->statement);
	if (run_all(&run) == -1)
		return -1;
	/* Its own sql begins as any statement does. */
	key_touched_begin(&session->connection->context.touched, plan->updates_once ? plan->target : NULL);
	return 0;
}
