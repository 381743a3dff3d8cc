/*
 * Runs the statement that changes one row, and answers that row to RETURNING.
 */
#include "workers/sqlite/session/fire.h"

#include <stdlib.h>

#include "workers/sqlite/session/cursor.h"
#include "workers/sqlite/session/fire_rows.h"
#include "workers/sqlite/session/routine.h"
#include "workers/sqlite/session/fire_run.h"

/* What a statement of the plan's changes is bibd's own doing. */
int
fire_step(struct fire *fire, struct member *member, sqlite3_stmt *stmt, const struct sql_row *row, bool writes)
{
	struct sql_context *context = &fire->session->connection->context;
	struct sql_row *row_before = context->row;
	const char *fires_before = context->fires;
	struct sql_row now = *row;
	int code;

	context->row = &now;
	context->fires = member->what->table;
	member->watched->steps = writes;
	code = fire_step_within(fire, stmt);
	member->watched->steps = false;
	context->fires = fires_before;
	context->row = row_before;
	return code;
}

/* To a client rows go as it asks for them: they are put by until then. */
int
fire_put_row(struct fire *fire, sqlite3_stmt *stmt)
{
	struct portal *portal = fire->portal;
	struct session *session = fire->session;
	struct pgwire_buffer saved = session->out;
	struct statement shown = *fire->statement;
	int status;

	portal->rows++;
	if (portal->discards)
		return 0;
	shown.stmt = stmt;
	portal->statement = &shown;
	session->out = fire->held;
	status = (portal->put_row != NULL ? portal->put_row : portal_put_row)(session, portal, fire->report);
	fire->held = session->out;
	session->out = saved;
	portal->statement = fire->statement;
	if (status == 0 &&
	    pgwire_buffer_length(&fire->held) + atomic_load(&session->sqlite->held_bytes) > CURSOR_HOLD_BYTES)
		return report_set(fire->report, SQLSTATE_OUT_OF_MEMORY, "the rows of RETURNING are too many");
	return status;
}

int
fire_bind(struct fire *fire, sqlite3_stmt *stmt, const int *numbers)
{
	struct portal *portal = fire->portal;

	return statement_bind_other(fire->statement, stmt, numbers, portal->text, portal->values,
	    &fire->session->connection->context.types, fire->report);
}

/* The client is told of the table whose row it is. */
int
fire_step_failed(struct fire *fire, const struct member *member, int code)
{
	struct dialect_plan plan = *fire->portal->shared->plan;

	if (member->what->places != NULL)
		plan.target = member->what->relation;
	(void)connection_report(fire->session->connection, code, &plan, fire->report);
	store_note_result(&fire->session->sqlite->store, code, fire->report->state);
	return -1;
}

/* Runs a statement for the row to its end; the number of rows that it changed, or -1. */
int
fire_run_step(struct fire *fire, struct member *member, sqlite3_stmt *stmt, const int *numbers,
    const struct sql_row *row)
{
	bool answers = fire->portal->shared->plan->has_rows;
	int code, status = fire_bind(fire, stmt, numbers);

	while (
	    status == 0 && (code = fire_step(fire, member, stmt, row, stmt != fire->statement->answer)) == SQLITE_ROW)
		status = answers ? fire_put_row(fire, stmt) : 0;
	if (status == 0 && code != SQLITE_DONE)
		status = fire_step_failed(fire, member, code);
	(void)sqlite3_reset(stmt);
	return status == -1 ? -1 : (int)sqlite3_changes64(fire->session->connection->db);
}

int
fire_already_changed(struct fire *fire, int event)
{
	(void)report_set(fire->report, SQLSTATE_TRIGGERED_DATA_CHANGE_VIOLATION,
	    "tuple to be %s was already modified by an operation triggered by the current command",
	    event == TRIGGER_DELETE ? "deleted" : "updated");
	report_hint(fire->report,
	    "Consider using an AFTER trigger instead of a BEFORE trigger to propagate changes to other rows.");
	return -1;
}

/* The row as it is stored. */
int
fire_read_again(struct fire *fire, struct member *member, int64_t rowid, struct type_value *cells)
{
	const struct dialect_member *what = member->what;
	const struct sql_row row = { .n = what->ncolumns, .values = cells, .rowid = rowid };
	int code = fire_step(fire, member, member->again, &row, false), status = 0;

	if (code != SQLITE_ROW)
		status = fire_step_failed(fire, member, code == SQLITE_DONE ? SQLITE_INTERNAL : code);
	for (unsigned i = 0; status == 0 && i < what->ncolumns; i++) {
		type_value_free(&cells[i]);
		status = routine_take_value(fire->session, member->again, (int)i, what->columns[i].oid, &cells[i],
		    fire->report);
	}
	(void)sqlite3_reset(member->again);
	return status;
}

/* RETURNING, of the relation's columns, tableoid, and what was kept of other tables. */
int
fire_answer_row(struct fire *fire, const struct row *row)
{
	const struct dialect_fire *what = fire->what;
	const struct dialect_member *own = &what->members[0], *member = row->member->what;
	const struct type_value *cells = row->new != NULL ? row->new : row->old;
	struct sql_row shown = { .n = own->ncolumns + 1 + what->nkept };
	struct type_value *values;
	int status;

	if (fire->statement->answer == NULL || cells == NULL)
		return 0;
	if ((values = calloc(shown.n + 1, sizeof(*values))) == NULL)
		return report_set(fire->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < own->ncolumns; i++)
		values[i] = cells[member->places == NULL ? i : member->places[i]];
	values[own->ncolumns] = (struct type_value) { .kind = SQLITE_INTEGER, .integer = row->member->triggers.relid };
	for (unsigned i = 0; i < what->nkept; i++)
		values[own->ncolumns + 1 + i] = row->kept[i];
	shown.values = values;
	status = fire_run_step(fire, row->member, fire->statement->answer, what->answer_numbers, &shown) == -1 ? -1 : 0;
	free(values);
	return status;
}
