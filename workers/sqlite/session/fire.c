/*
 * A statement that fires triggers, in the order that PostgreSQL has: all rows are found first, which is the statement's
 * snapshot; then the triggers before it, each row (those before the row, the change, those after it noted), those after
 * the rows, those after the statement. What the triggers' SQL does is seen by those that come later, as there.
 */
#include "workers/sqlite/session/fire.h"

#include <stdlib.h>

#include "workers/sqlite/session/cursor.h"
#include "workers/sqlite/session/fire_rows.h"
#include "workers/sqlite/session/routine.h"
#include "workers/sqlite/session/fire_run.h"

/* The row as triggers of the member see it; `which`: of two at a time. */
const struct type_value *
fire_tell(const struct member *member, const struct type_value *cells, unsigned which)
{
	if (cells == NULL || member->what->order == NULL)
		return cells;
	for (unsigned i = 0; i < member->what->ncolumns; i++)
		member->told[which][i] = cells[member->what->order[i]];
	return member->told[which];
}

struct routine_rows
fire_rows_of(const struct member *member, const struct type_value *cells)
{
	return (struct routine_rows) { .ncolumns = member->what->ncolumns,
		.columns = member->columns,
		.nrows = 1,
		.cells = (struct type_value *)(uintptr_t)cells };
}

int
fire_run_statement_triggers(struct fire *fire, int when)
{
	static const int before[] = { TRIGGER_INSERT, TRIGGER_UPDATE, TRIGGER_DELETE };
	static const int after[] = { TRIGGER_UPDATE, TRIGGER_INSERT, TRIGGER_DELETE };
	const int *order = when == TRIGGER_BEFORE ? before : after;

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		if ((fire->what->events & order[i]) != 0 &&
		    fire_triggers_statement(&fire->members[0].triggers, when, order[i], fire->report) == -1)
			return -1;
	return 0;
}

int
fire_run_rows(struct fire *fire)
{
	int status = 0;

	for (size_t i = 0; status == 0 && i < fire->found.nrows; i++)
		if ((status = routine_host(fire->session).check(fire->session, fire->report)) == 0)
			status = fire_run_row(fire, &fire->found.rows[i]);
	for (unsigned i = 0; i < fire->nmembers; i++)
		if (fire->members[i].watch.own.failed || fire->members[i].watch.others.failed)
			return report_set(fire->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	return status;
}

/* Which rows others change is noted while the rows are found and changed. */
void
fire_watch(struct fire *fire, bool on)
{
	struct connection *connection = fire->session->connection;

	for (unsigned i = 0; on && i < fire->nmembers; i++) {
		if (fire->members[i].watched != &fire->members[i].watch)
			continue;
		fire->members[i].watch.outer = connection->context.watches;
		connection->context.watches = &fire->members[i].watch;
	}
	if (!on && connection != NULL)
		connection->context.watches = fire->members[0].watch.outer;
}

int
fire_run_after(struct fire *fire)
{
	if (fire->session->transaction.immediate &&
	    transaction_check_keys(fire->session, fire->portal->shared->plan, fire->report) == -1)
		return -1;
	return fire_run_laters(fire) == -1 ? -1 : fire_run_statement_triggers(fire, 0);
}

int
fire_check_alone(struct fire *fire, bool several)
{
	return several && fire->what->rows && fire->what->alone
	    ? report_set(fire->report, SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "changing several rows of a table with row triggers and a foreign key to itself is not supported on "
		  "SQLite")
	    : 0;
}

static int
run_all(struct fire *fire)
{
	int status;

	if (fire->what->rows && (fire_find_rows(fire) == -1 || fire_check_alone(fire, fire->found.nrows > 1) == -1))
		return -1;
	fire_watch(fire, true);
	status = fire_run_statement_triggers(fire, TRIGGER_BEFORE);
	if (status == 0)
		status = fire->what->rows ? fire_run_rows(fire) : fire_run_at_once(fire);
	fire_watch(fire, false);
	return status == -1 ? -1 : fire_run_after(fire);
}

static int
begin_member(struct fire *fire, unsigned i)
{
	const struct dialect_member *what = &fire->what->members[i];
	struct member *member = &fire->members[i];
	unsigned steps = fire->what->route != NULL ? 0 : i;

	*member = (struct member) { .what = what,
		.kept = { .width = what->ncolumns },
		.watch = { .database = what->database, .table = what->table },
		.watched = &fire->members[steps].watch,
		.columns = calloc(what->ncolumns + 1, sizeof(*member->columns)),
		.step = fire->statement->members[steps].step,
		.again = fire->statement->members[steps].again,
		.numbers = fire->what->members[steps].step_numbers };
	if (member->columns == NULL)
		return report_set(fire->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned k = 0; k < what->ncolumns; k++) {
		const struct dialect_column *column = &what->columns[what->order == NULL ? k : what->order[k]];

		member->columns[k] =
		    (struct routine_column) { .name = column->name, .oid = column->oid, .typmod = column->typmod };
	}
	for (unsigned k = 0; what->order != NULL && k < 2; k++)
		if ((member->told[k] = calloc(what->ncolumns + 1, sizeof(*member->told[k]))) == NULL)
			return report_set(fire->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	return fire_triggers_load(fire->session, fire->what, i, &member->triggers, fire->report);
}

int
fire_begin(struct fire *fire)
{
	const struct dialect_fire *what = fire->what;

	if ((fire->members = calloc(what->nmembers, sizeof(*fire->members))) == NULL)
		return report_set(fire->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (; fire->nmembers < what->nmembers; fire->nmembers++)
		if (begin_member(fire, fire->nmembers) == -1) {
			fire->nmembers++;
			return -1;
		}
	fire->tables.ncolumns = what->members[0].ncolumns;
	if ((fire->tables.columns = calloc(fire->tables.ncolumns + 1, sizeof(*fire->tables.columns))) == NULL)
		return report_set(fire->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < fire->tables.ncolumns; i++)
		fire->tables.columns[i] =
		    what->members[0].columns[what->members[0].order == NULL ? i : what->members[0].order[i]];
	for (unsigned i = 0; i < FIRE_TABLES; i++)
		fire->tables.rows[i].width = fire->tables.ncolumns;
	fire_triggers_want(&fire->members[0].triggers, &fire->tables);
	fire->members[0].triggers.tables = &fire->tables;
	return 0;
}

void
fire_finish(struct fire *fire)
{
	pgwire_buffer_free(&fire->held);
	fire_rows_free(&fire->found);
	for (unsigned i = 0; i < fire->nmembers; i++) {
		struct member *member = &fire->members[i];

		fire_triggers_free(&member->triggers);
		fire_rows_free(&member->kept);
		key_touched_free(&member->watch.own);
		key_touched_free(&member->watch.others);
		free(member->columns);
		free(member->told[0]);
		free(member->told[1]);
	}
	free(fire->tables.columns);
	for (unsigned i = 0; i < FIRE_TABLES; i++)
		fire_rows_free(&fire->tables.rows[i]);
	free(fire->members);
	free(fire->laters);
}

struct fire
fire_of(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_fire *what = portal->shared->plan->fire;

	return (struct fire) { .session = session,
		.portal = portal,
		.statement = portal->statement,
		.what = what,
		.found = { .width = 2 * what->members[0].ncolumns + what->nkept },
		.report = r };
}

enum portal_result
fire_portal(struct session *session, struct portal *portal, struct report *r)
{
	struct statement_plan *shared = statement_plan_share(portal->shared);
	struct fire fire = fire_of(session, portal, r);
	int status = fire_begin(&fire);

	portal->changes = 0;
	if (status == 0)
		status = run_all(&fire);
	portal->done = true;
	portal_release_statement(session, portal);
	if (status == 0 && shared->plan->has_rows && portal->put_row == NULL && !portal->discards) {
		portal->rows = 0;
		portal->held = fire.held;
		portal->is_held = true;
		atomic_fetch_add(&session->sqlite->held_bytes, pgwire_buffer_length(&portal->held));
		fire.held = (struct pgwire_buffer) { .data = NULL };
	}
	fire_finish(&fire);
	statement_plan_release(shared);
	return status == -1 ? PORTAL_FAILED : PORTAL_DONE;
}
