/*
 * Changes one row: the triggers before it, the change, into which partition it goes, and what is noted for those after.
 */
#include "workers/sqlite/session/fire.h"

#include <stdlib.h>

#include "workers/sqlite/session/cursor.h"
#include "workers/sqlite/session/fire_rows.h"
#include "workers/sqlite/session/routine.h"
#include "workers/sqlite/session/fire_run.h"

/* The partition that a row is in; NULL: in none. */
static int
find_partition(struct fire *fire, const struct type_value *cells, struct member **found)
{
	const struct sql_row row = { .n = fire->what->members[0].ncolumns, .values = cells };
	sqlite3_stmt *stmt = fire->statement->route;
	int code = fire_step(fire, &fire->members[0], stmt, &row, false);

	*found = NULL;
	if (code == SQLITE_ROW && sqlite3_column_type(stmt, 0) != SQLITE_NULL)
		*found = &fire->members[sqlite3_column_int(stmt, 0)];
	(void)sqlite3_reset(stmt);
	return code == SQLITE_ROW ? 0 : fire_step_failed(fire, &fire->members[0], code);
}

/* No row is stored whose triggers were not asked. */
static int
unknown_partition(struct fire *fire)
{
	return report_set(fire->report, SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "a row whose partition is not known to triggers is not supported on SQLite");
}

/* What triggers before it have made of a new row belongs into the same partition. */
static int
check_partition(struct fire *fire, const struct row *row, const struct fire_trigger *trigger)
{
	const char *name = namespace_relation(row->member->what->relation);
	struct member *found;

	if (fire->statement->route == NULL || row->member == &fire->members[0])
		return 0;
	if (find_partition(fire, row->new, &found) == -1)
		return -1;
	if (found == row->member)
		return 0;
	if (trigger == NULL)
		return report_set(fire->report, SQLSTATE_CHECK_VIOLATION,
		    "new row for relation \"%s\" violates partition constraint", name);
	(void)report_set(fire->report, SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "moving row to another partition during a BEFORE FOR EACH ROW trigger is not supported");
	report_detail(fire->report, "Before executing trigger \"%s\", the row was to be in partition \"%s.%s\".",
	    trigger->name, row->member->triggers.schema, name);
	return -1;
}

/* The triggers before the row, each told what the one before it has made of it. 1: the row is left alone. */
static int
run_before(struct fire *fire, struct row *row, int when)
{
	struct fire_triggers *triggers = &row->member->triggers;
	unsigned n = row->member->what->ncolumns;

	for (unsigned i = 0; i < triggers->n; i++) {
		struct fire_trigger *trigger = &triggers->list[i];
		struct routine_rows old = fire_rows_of(row->member, fire_tell(row->member, row->old, 0)),
				    new = fire_rows_of(row->member, fire_tell(row->member, row->new, 1)), result;
		const struct routine_rows *told_old = row->old == NULL ? NULL : &old;
		const struct routine_rows *told_new = row->new == NULL ? NULL : &new;
		bool holds;

		if (!fire_trigger_is(trigger, true, when, row->event))
			continue;
		if (fire_trigger_asks(triggers, trigger, row->event, told_old, told_new, &holds, fire->report) == -1)
			return -1;
		if (!holds)
			continue;
		result = (struct routine_rows) { .ncolumns = n, .columns = row->member->columns };
		if (fire_trigger_run(triggers, trigger, row->event, told_old, told_new, &result, fire->report) == -1) {
			fire_cells_free(result.cells, n * result.nrows);
			free(result.cells);
			return -1;
		}
		if (result.nrows == 0)
			return 1;
		if (row->new != NULL) {
			fire_cells_free(row->new, n);
			for (unsigned k = 0; k < n; k++)
				row->new[row->member->what->order == NULL ? k : row->member->what->order[k]] =
				    result.cells[k];
		} else
			fire_cells_free(result.cells, n);
		free(result.cells);
		if (row->event == TRIGGER_INSERT && trigger->clone && check_partition(fire, row, trigger) == -1)
			return -1;
	}
	return row->event == TRIGGER_INSERT ? check_partition(fire, row, NULL) : 0;
}

/* The row is stored, or is gone. */
static int
after_change(struct fire *fire, const struct row *row, int64_t rowid)
{
	fire->portal->changes++;
	if (row->new != NULL && row->member->what->generates &&
	    !fire->what->instead &&fire_read_again(fire, row->member, rowid, row->new) == -1)
		return -1;
	return fire_answer_row(fire, row) == -1 || fire_keep_transitions(fire, row) == -1 ? -1
											  : fire_note_later(fire, row);
}

static int64_t
rowid_after(const struct row *row)
{
	int key = row->member->what->key;

	return key >= 0 && row->new != NULL && row->new[key].kind == SQLITE_INTEGER ? row->new[key].integer
										    : row->rowid;
}

/* A row that an UPDATE moves is deleted from one partition and inserted into another, as triggers see it. 1: it is left
 * alone. */
static int
before_move(struct fire *fire, const struct row *row, struct member *to)
{
	struct row gone = { .member = row->member, .event = TRIGGER_DELETE, .rowid = row->rowid, .old = row->old },
		   made = { .member = to, .event = TRIGGER_INSERT, .rowid = row->rowid, .new = row->new };
	int result;

	if ((fire->what->events & TRIGGER_INSERT) != 0) {
		(void)report_set(fire->report, SQLSTATE_FEATURE_NOT_SUPPORTED, "invalid ON UPDATE specification");
		report_detail(fire->report,
		    "The result tuple would appear in a different partition than the original tuple.");
		return -1;
	}
	if ((result = run_before(fire, &gone, TRIGGER_BEFORE)) != 0)
		return result;
	if ((result = run_before(fire, &made, TRIGGER_BEFORE)) != 1)
		return result;
	return report_set(fire->report, SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "a BEFORE INSERT trigger that leaves out a row which an UPDATE moves to another partition is not supported "
	    "on SQLite");
}

static int
after_move(struct fire *fire, struct row *row, struct member *to, int64_t rowid)
{
	struct row gone = { .member = row->member, .event = TRIGGER_DELETE, .rowid = row->rowid, .old = row->old },
		   made = { .member = to, .event = TRIGGER_INSERT, .rowid = rowid, .new = row->new };

	fire->portal->changes++;
	row->member = to;
	if (row->member->what->generates && fire_read_again(fire, row->member, rowid, row->new) == -1)
		return -1;
	return fire_answer_row(fire, row) == -1 || fire_keep_transitions(fire, row) == -1 ||
		fire_note_later(fire, &gone) == -1
	    ? -1
	    : fire_note_later(fire, &made);
}

static int
change_existing(struct fire *fire, struct row *row, sqlite3_stmt *stmt, const int *numbers)
{
	struct sql_row stored = { .n = row->member->what->ncolumns, .values = row->new, .rowid = row->rowid };
	const struct key_touched *others = &row->member->watched->others;
	struct member *to = row->member;
	int result;

	if (key_touched_has(others, row->rowid))
		return fire_already_changed(fire, row->event);
	if ((result = run_before(fire, row, TRIGGER_BEFORE)) != 0)
		return result == 1 ? 0 : -1;
	if (key_touched_has(others, row->rowid))
		return fire_already_changed(fire, row->event);
	if (row->new == NULL)
		stored.values = row->old;
	else if (fire->statement->route != NULL && find_partition(fire, row->new, &to) == -1)
		return -1;
	if (to != NULL && to != row->member && (result = before_move(fire, row, to)) != 0)
		return result == 1 ? 0 : -1;
	if ((result = fire_run_step(fire, row->member, stmt, numbers, &stored)) == -1)
		return -1;
	if (result == 0)
		return fire_already_changed(fire, row->event);
	if (to == NULL)
		return unknown_partition(fire);
	if (to != NULL && to != row->member)
		return after_move(fire, row, to, rowid_after(row));
	return after_change(fire, row, rowid_after(row));
}

/* The row of a child, whose own columns are read first. */
static int
change_child(struct fire *fire, struct row *row, struct type_value *found)
{
	const struct dialect_fire *what = fire->what;
	const struct dialect_member *member = row->member->what;
	struct type_value *cells = calloc(2 * (size_t)member->ncolumns + 1, sizeof(*cells));
	int status = 0;

	if (cells == NULL)
		return report_set(fire->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	if (key_touched_has(&row->member->watched->others, row->rowid))
		status = fire_already_changed(fire, row->event);
	for (unsigned pass = 0; status == 0 && pass < (row->new == NULL ? 1U : 2U); pass++)
		status = fire_read_again(fire, row->member, row->rowid, cells + (size_t)pass * member->ncolumns);
	for (unsigned i = 0; status == 0 && row->new != NULL &&i < what->members[0].ncolumns; i++)
		if (what->set[i]) {
			struct type_value *to = &cells[member->ncolumns + member->places[i]];

			type_value_free(to);
			*to = found[what->members[0].ncolumns + i];
			found[what->members[0].ncolumns + i] = (struct type_value) { .kind = SQLITE_NULL };
		}
	row->old = cells;
	row->new = row->new == NULL ? NULL : cells + member->ncolumns;
	if (status == 0)
		status = change_existing(fire, row, row->member->step, row->member->numbers);
	fire_cells_free(cells, 2 * (size_t)member->ncolumns);
	free(cells);
	return status;
}

/* ON CONFLICT DO UPDATE: the row in the way is changed in place of the new one. 1: there is none. */
static int
change_met(struct fire *fire, const struct row *row)
{
	const struct dialect_fire *what = fire->what;
	unsigned n = row->member->what->ncolumns;
	const struct sql_row excluded = { .n = n, .values = row->new };
	struct fire_rows met = { .width = 2 * n };
	struct row changed = { .member = row->member, .event = TRIGGER_UPDATE };
	sqlite3_stmt *stmt = fire->statement->met;
	bool lets = false;
	int code, status = fire_bind(fire, stmt, what->met_numbers);

	if (status == 0 && (code = fire_step(fire, row->member, stmt, &excluded, false)) == SQLITE_ROW) {
		status = fire_take_row(fire, &met, stmt, true, true, true, true);
		lets = sqlite3_column_int(stmt, (what->nmembers > 1 ? 2 : 1) + 2 * (int)n) != 0;
	} else if (status == 0)
		status = code == SQLITE_DONE ? 1 : fire_step_failed(fire, row->member, code);
	(void)sqlite3_reset(stmt);
	if (status == 0 && met.rows != NULL) {
		changed.rowid = met.rows[0].rowid;
		changed.old = met.rows[0].cells;
		changed.new = met.rows[0].cells + n;
		if (key_touched_has(&row->member->watched->own, changed.rowid)) {
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
	struct sql_row stored = { .n = row->member->what->ncolumns, .values = row->new };
	struct member *in = NULL;
	int result;

	if (fire->statement->route != NULL && find_partition(fire, row->new, &in) == -1)
		return -1;
	/* A row that no partition takes is an error when it is stored. */
	if (in != NULL)
		row->member = in;
	else if (fire->statement->route != NULL)
		return fire_run_step(fire, row->member, row->member->step, row->member->numbers, &stored) == -1
		    ? -1
		    : unknown_partition(fire);
	if ((result = run_before(fire, row, TRIGGER_BEFORE)) != 0)
		return result == 1 ? 0 : -1;
	if (fire->statement->met != NULL && (result = change_met(fire, row)) != 1)
		return result;
	if ((result = fire_run_step(fire, row->member, row->member->step, row->member->numbers, &stored)) <= 0)
		return result;
	row->rowid = sqlite3_last_insert_rowid(fire->session->connection->db);
	return after_change(fire, row, row->rowid);
}

/* Of a view: its triggers have done it, unless one returned NULL. */
static int
instead_row(struct fire *fire, struct row *row)
{
	int result = run_before(fire, row, TRIGGER_INSTEAD);

	if (result != 0)
		return result == 1 ? 0 : -1;
	fire->portal->changes++;
	return fire_answer_row(fire, row);
}

int
fire_run_row(struct fire *fire, struct fire_row *found)
{
	const struct dialect_fire *what = fire->what;
	bool insert = (what->events & TRIGGER_INSERT) != 0, update = (what->events & TRIGGER_UPDATE) != 0;
	unsigned n = what->members[0].ncolumns;
	struct row row = { .member = &fire->members[found->member],
		.event = insert ? TRIGGER_INSERT
		    : update	? TRIGGER_UPDATE
				: TRIGGER_DELETE,
		.rowid = found->rowid,
		.old = insert ? NULL : found->cells,
		.new = insert || update ? found->cells + n : NULL,
		.kept = found->cells + 2 * (size_t)n };

	if (what->instead)
		return instead_row(fire, &row);
	if (insert)
		return insert_row(fire, &row);
	/* Two rows of FROM for one: the first counts. */
	if (key_touched_has(&row.member->watched->own, row.rowid))
		return 0;
	if (row.member->what->places != NULL)
		return change_child(fire, &row, found->cells);
	return change_existing(fire, &row, row.member->step, row.member->numbers);
}
