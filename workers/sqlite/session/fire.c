/*
 * A statement that fires triggers, in the order that PostgreSQL has: all rows are found first, which is the statement's
 * snapshot; then the triggers before it, each row (those before the row, the change, those after it noted), those after
 * the rows, those after the statement. What the triggers' SQL does is seen by those that come later, as there.
 */
#include "workers/sqlite/session/fire.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/session/cursor.h"
#include "workers/sqlite/session/fire_rows.h"
#include "workers/sqlite/session/routine.h"

/* A trigger after a row, and the rows that it is told. */
struct later {
	unsigned trigger;
	int event;
	size_t old, new; /* in `laters`, from 1; 0: there is none */
};

struct fire {
	struct session *session;
	struct portal *portal;
	struct statement *statement;
	const struct dialect_fire *what;
	struct fire_triggers triggers;
	struct fire_rows found; /* old and new, side by side */
	struct fire_rows kept;	/* for triggers after rows */
	struct later *laters;
	size_t nlaters, capacity;
	struct sql_watch watch;
	struct routine_column *columns; /* of the relation */
	struct pgwire_buffer held;	/* what RETURNING answers */
	struct report *report;
};

/* The row at hand. */
struct row {
	int event;
	int64_t rowid;
	const struct type_value *old; /* NULL: none */
	struct type_value *new;	      /* owned; NULL: none */
};

static struct routine_rows
rows_of(const struct fire *fire, const struct type_value *cells)
{
	return (struct routine_rows) { .ncolumns = fire->what->ncolumns,
		.columns = fire->columns,
		.nrows = 1,
		.cells = (struct type_value *)(uintptr_t)cells };
}

/* ---- what is found ---- */

/* The columns of the query: rowid, the row as it is, as it is to be; of an INSERT in its own order. */
static int
take_row(struct fire *fire, struct fire_rows *rows, sqlite3_stmt *stmt, bool ordered, bool has_rowid, bool old,
    bool new)
{
	const struct dialect_fire *what = fire->what;
	unsigned n = ordered ? what->ncolumns : what->nwritten;
	int at = has_rowid ? 1 : 0;
	struct fire_row *row = fire_rows_add(rows, fire->report);

	if (row == NULL)
		return -1;
	row->rowid = has_rowid ? sqlite3_column_int64(stmt, 0) : 0;
	for (unsigned pass = old ? 0 : 1; pass < (new ? 2U : 1U); pass++)
		for (unsigned i = 0; i < n; i++) {
			unsigned column = ordered ? i : what->written[i];
			struct type_value *value = &row->cells[pass * what->ncolumns + column];

			if (routine_take_value(fire->session, stmt, at++, what->columns[column].oid, value,
				fire->report) == -1 ||
			    fire_rows_account(rows, value->length, fire->report) == -1)
				return -1;
		}
	return 0;
}

/* What functions of the file's own run meanwhile is run within the portal's statement. */
static int
step_within(struct fire *fire, sqlite3_stmt *stmt)
{
	struct session *session = fire->session;
	int code;

	fire->portal->around = session->stepping;
	session->stepping = fire->portal;
	code = statement_step(stmt);
	session->stepping = fire->portal->around;
	return code;
}

/* All of them, before anything is changed. */
static int
find_rows(struct fire *fire)
{
	const struct dialect_fire *what = fire->what;
	bool insert = (what->events & TRIGGER_INSERT) != 0, update = (what->events & TRIGGER_UPDATE) != 0;
	sqlite3_stmt *stmt = fire->statement->stmt;
	int code, status = 0;

	while (status == 0 && (code = step_within(fire, stmt)) == SQLITE_ROW)
		status =
		    take_row(fire, &fire->found, stmt, !insert, !insert && !what->instead, !insert, insert || update);
	if (status == 0 && code != SQLITE_DONE) {
		status = connection_report(fire->session->connection, code, fire->portal->shared->plan, fire->report);
		store_note_result(&fire->session->sqlite->store, code, fire->report->state);
	}
	sqlite3_reset(stmt);
	return status;
}

/* ---- one row ---- */

/* What a statement of the plan's changes is bibd's own doing. */
static int
step(struct fire *fire, sqlite3_stmt *stmt, const struct sql_row *row, bool writes)
{
	struct sql_context *context = &fire->session->connection->context;
	struct sql_row *row_before = context->row;
	const char *fires_before = context->fires;
	struct sql_row now = *row;
	int code;

	context->row = &now;
	context->fires = fire->what->relation;
	fire->watch.steps = writes;
	code = step_within(fire, stmt);
	fire->watch.steps = false;
	context->fires = fires_before;
	context->row = row_before;
	return code;
}

/* To a client rows go as it asks for them: they are put by until then. */
static int
put_row(struct fire *fire, sqlite3_stmt *stmt)
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

static int
bind(struct fire *fire, sqlite3_stmt *stmt, const int *numbers)
{
	struct portal *portal = fire->portal;

	return statement_bind_other(fire->statement, stmt, numbers, portal->text, portal->values,
	    &fire->session->connection->context.types, fire->report);
}

static int
step_failed(struct fire *fire, int code)
{
	(void)connection_report(fire->session->connection, code, fire->portal->shared->plan, fire->report);
	store_note_result(&fire->session->sqlite->store, code, fire->report->state);
	return -1;
}

/* Runs a statement for the row to its end; the number of rows that it changed, or -1. */
static int
run_step(struct fire *fire, sqlite3_stmt *stmt, const int *numbers, const struct sql_row *row)
{
	bool answers = fire->portal->shared->plan->has_rows;
	int code, status = bind(fire, stmt, numbers);

	while (status == 0 && (code = step(fire, stmt, row, true)) == SQLITE_ROW)
		status = answers ? put_row(fire, stmt) : 0;
	if (status == 0 && code != SQLITE_DONE)
		status = step_failed(fire, code);
	(void)sqlite3_reset(stmt);
	return status == -1 ? -1 : (int)sqlite3_changes64(fire->session->connection->db);
}

static int
already_changed(struct fire *fire, int event)
{
	(void)report_set(fire->report, SQLSTATE_TRIGGERED_DATA_CHANGE_VIOLATION,
	    "tuple to be %s was already modified by an operation triggered by the current command",
	    event == TRIGGER_DELETE ? "deleted" : "updated");
	report_hint(fire->report,
	    "Consider using an AFTER trigger instead of a BEFORE trigger to propagate changes to other rows.");
	return -1;
}

/* The triggers before the row, each told what the one before it has made of it. 1: the row is left alone. */
static int
run_before(struct fire *fire, struct row *row, int when)
{
	unsigned n = fire->what->ncolumns;

	for (unsigned i = 0; i < fire->triggers.n; i++) {
		struct fire_trigger *trigger = &fire->triggers.list[i];
		struct routine_rows old = rows_of(fire, row->old), new = rows_of(fire, row->new), result;
		const struct routine_rows *told_old = row->old == NULL ? NULL : &old;
		const struct routine_rows *told_new = row->new == NULL ? NULL : &new;
		bool holds;

		if (!fire_trigger_is(trigger, true, when, row->event))
			continue;
		if (fire_trigger_asks(&fire->triggers, trigger, row->event, told_old, told_new, &holds, fire->report) ==
		    -1)
			return -1;
		if (!holds)
			continue;
		result = (struct routine_rows) { .ncolumns = n, .columns = fire->columns };
		if (fire_trigger_run(&fire->triggers, trigger, row->event, told_old, told_new, &result, fire->report) ==
		    -1) {
			fire_cells_free(result.cells, n * result.nrows);
			free(result.cells);
			return -1;
		}
		if (result.nrows == 0)
			return 1;
		if (row->new != NULL) {
			fire_cells_free(row->new, n);
			memcpy(row->new, result.cells, n * sizeof(*row->new));
		} else
			fire_cells_free(result.cells, n);
		free(result.cells);
	}
	return 0;
}

/* What is stored of the row, where SQLite has computed columns of it. */
static int
read_again(struct fire *fire, int64_t rowid, struct type_value *cells)
{
	const struct dialect_fire *what = fire->what;
	const struct sql_row row = { .n = what->ncolumns, .values = cells, .rowid = rowid };
	int code = step(fire, fire->statement->again, &row, false), status = 0;

	if (code != SQLITE_ROW)
		status = step_failed(fire, code == SQLITE_DONE ? SQLITE_INTERNAL : code);
	for (unsigned i = 0; status == 0 && i < what->ncolumns; i++) {
		type_value_free(&cells[i]);
		status = routine_take_value(fire->session, fire->statement->again, (int)i, what->columns[i].oid,
		    &cells[i], fire->report);
	}
	(void)sqlite3_reset(fire->statement->again);
	return status;
}

/* Each is asked now whether it fires, and runs when all rows are done. */
static int
note_later(struct fire *fire, const struct row *row)
{
	struct routine_rows old = rows_of(fire, row->old), new = rows_of(fire, row->new);
	size_t kept_old = 0, kept_new = 0;

	for (unsigned i = 0; i < fire->triggers.n; i++) {
		struct fire_trigger *trigger = &fire->triggers.list[i];
		bool holds;

		if (!fire_trigger_is(trigger, true, 0, row->event))
			continue;
		if (fire_trigger_asks(&fire->triggers, trigger, row->event, row->old == NULL ? NULL : &old,
			row->new == NULL ? NULL : &new, &holds, fire->report) == -1)
			return -1;
		if (!holds)
			continue;
		if (row->old != NULL && kept_old == 0 &&
		    (kept_old = fire_rows_keep(&fire->kept, row->old, fire->report)) == 0)
			return -1;
		if (row->new != NULL && kept_new == 0 &&
		    (kept_new = fire_rows_keep(&fire->kept, row->new, fire->report)) == 0)
			return -1;
		if (fire->nlaters == fire->capacity) {
			size_t capacity = 2 * fire->capacity + 16;
			struct later *grown = reallocarray(fire->laters, capacity, sizeof(*grown));

			if (grown == NULL || memory_would_refuse(capacity * sizeof(*grown)))
				return report_set(fire->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
			fire->laters = grown;
			fire->capacity = capacity;
		}
		fire->laters[fire->nlaters++] =
		    (struct later) { .trigger = i, .event = row->event, .old = kept_old, .new = kept_new };
	}
	return 0;
}

/* The row is stored, or is gone. */
static int
after_change(struct fire *fire, const struct row *row, int64_t rowid)
{
	fire->portal->changes++;
	if (row->new != NULL && fire->what->generates && !fire->what->instead &&read_again(fire, rowid, row->new) == -1)
		return -1;
	return note_later(fire, row);
}

static int64_t
rowid_after(const struct fire *fire, const struct row *row)
{
	int key = fire->what->key;

	return key >= 0 && row->new != NULL && row->new[key].kind == SQLITE_INTEGER ? row->new[key].integer
										    : row->rowid;
}

static int
change_existing(struct fire *fire, struct row *row, sqlite3_stmt *stmt, const int *numbers)
{
	struct sql_row stored = { .n = fire->what->ncolumns, .values = row->new, .rowid = row->rowid };
	int result;

	if (key_touched_has(&fire->watch.others, row->rowid))
		return already_changed(fire, row->event);
	if ((result = run_before(fire, row, TRIGGER_BEFORE)) != 0)
		return result == 1 ? 0 : -1;
	if (key_touched_has(&fire->watch.others, row->rowid))
		return already_changed(fire, row->event);
	if (row->new == NULL)
		stored.values = row->old;
	if ((result = run_step(fire, stmt, numbers, &stored)) == -1)
		return -1;
	if (result == 0)
		return already_changed(fire, row->event);
	return after_change(fire, row, rowid_after(fire, row));
}

/* ON CONFLICT DO UPDATE: the row in the way is changed in place of the new one. 1: there is none. */
static int
change_met(struct fire *fire, const struct row *row)
{
	const struct dialect_fire *what = fire->what;
	const struct sql_row excluded = { .n = what->ncolumns, .values = row->new };
	struct fire_rows met = { .width = 2 * what->ncolumns };
	struct row changed = { .event = TRIGGER_UPDATE };
	sqlite3_stmt *stmt = fire->statement->met;
	bool lets = false;
	int code, status = bind(fire, stmt, what->met_numbers);

	if (status == 0 && (code = step(fire, stmt, &excluded, false)) == SQLITE_ROW) {
		status = take_row(fire, &met, stmt, true, true, true, true);
		lets = sqlite3_column_int(stmt, 1 + 2 * (int)what->ncolumns) != 0;
	} else if (status == 0)
		status = code == SQLITE_DONE ? 1 : step_failed(fire, code);
	(void)sqlite3_reset(stmt);
	if (status == 0) {
		changed.rowid = met.rows[0].rowid;
		changed.old = met.rows[0].cells;
		changed.new = met.rows[0].cells + what->ncolumns;
		if (key_touched_has(&fire->watch.own, changed.rowid)) {
			status = report_set(fire->report, SQLSTATE_CARDINALITY_VIOLATION,
			    "ON CONFLICT DO UPDATE command cannot affect row a second time");
			report_hint(fire->report,
			    "Ensure that no rows proposed for insertion within the same command have duplicate "
			    "constrained values.");
		} else if (lets)
			status = change_existing(fire, &changed, fire->statement->update, what->update_numbers);
	}
	fire_rows_free(&met);
	return status;
}

static int
insert_row(struct fire *fire, struct row *row)
{
	struct sql_row stored = { .n = fire->what->ncolumns, .values = row->new };
	int result;

	if ((result = run_before(fire, row, TRIGGER_BEFORE)) != 0)
		return result == 1 ? 0 : -1;
	if (fire->statement->met != NULL && (result = change_met(fire, row)) != 1)
		return result;
	if ((result = run_step(fire, fire->statement->step, fire->what->step_numbers, &stored)) <= 0)
		return result;
	row->rowid = sqlite3_last_insert_rowid(fire->session->connection->db);
	return after_change(fire, row, row->rowid);
}

/* Of a view: its triggers have done it, unless one returned NULL. */
static int
instead_row(struct fire *fire, struct row *row)
{
	struct sql_row shown = { .n = fire->what->ncolumns, .values = row->new };
	int result = run_before(fire, row, TRIGGER_INSTEAD);

	if (result != 0)
		return result == 1 ? 0 : -1;
	if (row->new == NULL)
		shown.values = row->old;
	fire->portal->changes++;
	if (!fire->portal->shared->plan->has_rows)
		return 0;
	return run_step(fire, fire->statement->step, fire->what->step_numbers, &shown) == -1 ? -1 : 0;
}

static int
run_row(struct fire *fire, struct fire_row *found)
{
	const struct dialect_fire *what = fire->what;
	bool insert = (what->events & TRIGGER_INSERT) != 0, update = (what->events & TRIGGER_UPDATE) != 0;
	struct row row = { .event = insert ? TRIGGER_INSERT
		    : update		   ? TRIGGER_UPDATE
					   : TRIGGER_DELETE,
		.rowid = found->rowid,
		.old = insert ? NULL : found->cells,
		.new = insert || update ? found->cells + what->ncolumns : NULL };

	if (what->instead)
		return instead_row(fire, &row);
	if (insert)
		return insert_row(fire, &row);
	/* Two rows of FROM for one: the first counts. */
	if (key_touched_has(&fire->watch.own, row.rowid))
		return 0;
	return change_existing(fire, &row, fire->statement->step, what->step_numbers);
}

/* ---- the whole ---- */

static int
run_statement_triggers(struct fire *fire, int when)
{
	static const int before[] = { TRIGGER_INSERT, TRIGGER_UPDATE, TRIGGER_DELETE };
	static const int after[] = { TRIGGER_UPDATE, TRIGGER_INSERT, TRIGGER_DELETE };
	const int *order = when == TRIGGER_BEFORE ? before : after;

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		if ((fire->what->events & order[i]) != 0 &&
		    fire_triggers_statement(&fire->triggers, when, order[i], fire->report) == -1)
			return -1;
	return 0;
}

static int
run_laters(struct fire *fire)
{
	for (size_t i = 0; i < fire->nlaters; i++) {
		const struct later *later = &fire->laters[i];
		struct routine_rows old = rows_of(fire, later->old == 0 ? NULL : fire->kept.rows[later->old - 1].cells),
				    new = rows_of(fire, later->new == 0 ? NULL : fire->kept.rows[later->new - 1].cells);

		if (fire_trigger_run(&fire->triggers, &fire->triggers.list[later->trigger], later->event,
			later->old == 0 ? NULL : &old, later->new == 0 ? NULL : &new, NULL, fire->report) == -1)
			return -1;
	}
	return 0;
}

/* One statement changes all rows, with no trigger between. */
static int
run_at_once(struct fire *fire)
{
	const struct sql_row none = { .n = 0 };
	sqlite3_stmt *stmt = fire->statement->stmt;
	int code, status = 0;

	while (status == 0 && (code = step(fire, stmt, &none, true)) == SQLITE_ROW)
		status = put_row(fire, stmt);
	if (status == 0 && code != SQLITE_DONE)
		status = step_failed(fire, code);
	fire->portal->changes = (uint64_t)sqlite3_changes64(fire->session->connection->db);
	(void)sqlite3_reset(stmt);
	return status;
}

static int
run_rows(struct fire *fire)
{
	int status = 0;

	for (size_t i = 0; status == 0 && i < fire->found.nrows; i++)
		if ((status = routine_host(fire->session).check(fire->session, fire->report)) == 0)
			status = run_row(fire, &fire->found.rows[i]);
	if (fire->watch.own.failed || fire->watch.others.failed)
		return report_set(fire->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	return status;
}

/* Which rows others change is noted while the rows are found and changed. */
static void
watch(struct fire *fire, bool on)
{
	struct connection *connection = fire->session->connection;

	if (on)
		fire->watch.outer = connection->context.watches;
	if (connection != NULL)
		connection->context.watches = on ? &fire->watch : fire->watch.outer;
}

static int
run_after(struct fire *fire)
{
	if (fire->session->transaction.immediate &&
	    transaction_check_keys(fire->session, fire->portal->shared->plan, fire->report) == -1)
		return -1;
	return run_laters(fire) == -1 ? -1 : run_statement_triggers(fire, 0);
}

static int
check_alone(struct fire *fire, bool several)
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

	if (fire->what->rows && (find_rows(fire) == -1 || check_alone(fire, fire->found.nrows > 1) == -1))
		return -1;
	watch(fire, true);
	status = run_statement_triggers(fire, TRIGGER_BEFORE);
	if (status == 0)
		status = fire->what->rows ? run_rows(fire) : run_at_once(fire);
	watch(fire, false);
	return status == -1 ? -1 : run_after(fire);
}

static int
begin(struct fire *fire)
{
	const struct dialect_fire *what = fire->what;

	if ((fire->columns = calloc(what->ncolumns + 1, sizeof(*fire->columns))) == NULL)
		return report_set(fire->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < what->ncolumns; i++)
		fire->columns[i] = (struct routine_column) { .name = what->columns[i].name,
			.oid = what->columns[i].oid,
			.typmod = what->columns[i].typmod };
	return fire_triggers_load(fire->session, what, &fire->triggers, fire->report);
}

static void
finish(struct fire *fire)
{
	pgwire_buffer_free(&fire->held);
	fire_triggers_free(&fire->triggers);
	fire_rows_free(&fire->found);
	fire_rows_free(&fire->kept);
	key_touched_free(&fire->watch.own);
	key_touched_free(&fire->watch.others);
	free(fire->laters);
	free(fire->columns);
}

static struct fire
fire_of(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_fire *what = portal->shared->plan->fire;

	return (struct fire) { .session = session,
		.portal = portal,
		.statement = portal->statement,
		.what = what,
		.found = { .width = 2 * what->ncolumns },
		.kept = { .width = what->ncolumns },
		.watch = { .table = what->relation },
		.report = r };
}

enum portal_result
fire_portal(struct session *session, struct portal *portal, struct report *r)
{
	struct statement_plan *shared = statement_plan_share(portal->shared);
	struct fire fire = fire_of(session, portal, r);
	int status = begin(&fire);

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
	finish(&fire);
	statement_plan_release(shared);
	return status == -1 ? PORTAL_FAILED : PORTAL_DONE;
}

/* ---- COPY ---- */

struct fire *
fire_copy_begin(struct session *session, struct statement *insert, const struct dialect_text *text, struct report *r)
{
	struct fire *fire = malloc(sizeof(*fire));
	struct portal *portal = calloc(1, sizeof(*portal));
	int status;

	if (fire == NULL || portal == NULL) {
		free(fire);
		free(portal);
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	portal->shared = statement_plan_share(insert->shared);
	portal->statement = insert;
	portal->text = text;
	*fire = fire_of(session, portal, r);
	if ((status = begin(fire)) == 0 && (status = check_alone(fire, true)) == 0) {
		watch(fire, true);
		status = run_statement_triggers(fire, TRIGGER_BEFORE);
		watch(fire, false);
	}
	if (status == 0)
		return fire;
	fire_copy_free(fire);
	return NULL;
}

int
fire_copy_row(struct fire *fire, uint64_t *changed, struct report *r)
{
	int status;

	fire->report = r;
	watch(fire, true);
	if (fire->what->rows)
		status = find_rows(fire) == -1 ? -1 : run_rows(fire);
	else {
		uint64_t before = fire->portal->changes;

		status = run_at_once(fire);
		fire->portal->changes += before;
	}
	watch(fire, false);
	fire_rows_free(&fire->found);
	*changed = fire->portal->changes;
	return status;
}

int
fire_copy_end(struct fire *fire, struct report *r)
{
	fire->report = r;
	return run_after(fire);
}

void
fire_copy_free(struct fire *fire)
{
	if (fire == NULL)
		return;
	finish(fire);
	statement_plan_release(fire->portal->shared);
	free(fire->portal);
	free(fire);
}
