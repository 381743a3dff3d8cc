/*
 * Keeps what triggers after rows are told, and the rows of REFERENCING, and fires those triggers.
 */
#include "workers/sqlite/session/fire.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/session/cursor.h"
#include "workers/sqlite/session/fire_rows.h"
#include "workers/sqlite/session/routine.h"
#include "workers/sqlite/session/fire_run.h"

/* Each is asked now whether it fires, and runs when all rows are done. */
int
fire_note_later(struct fire *fire, const struct row *row)
{
	struct member *member = row->member;
	struct routine_rows old = fire_rows_of(member, fire_tell(member, row->old, 0)),
			    new = fire_rows_of(member, fire_tell(member, row->new, 1));
	size_t kept_old = 0, kept_new = 0;

	for (unsigned i = 0; i < member->triggers.n; i++) {
		struct fire_trigger *trigger = &member->triggers.list[i];
		bool holds;

		if (!fire_trigger_is(trigger, true, 0, row->event))
			continue;
		if (fire_trigger_asks(&member->triggers, trigger, row->event, row->old == NULL ? NULL : &old,
			row->new == NULL ? NULL : &new, &holds, fire->report) == -1)
			return -1;
		if (!holds)
			continue;
		if (row->old != NULL && kept_old == 0 &&
		    (kept_old = fire_rows_keep(&member->kept, old.cells, fire->report)) == 0)
			return -1;
		if (row->new != NULL && kept_new == 0 &&
		    (kept_new = fire_rows_keep(&member->kept, new.cells, fire->report)) == 0)
			return -1;
		if (fire->nlaters == fire->capacity) {
			size_t capacity = 2 * fire->capacity + 16;
			struct later *grown = reallocarray(fire->laters, capacity, sizeof(*grown));

			if (grown == NULL || memory_would_refuse(capacity * sizeof(*grown)))
				return report_set(fire->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
			fire->laters = grown;
			fire->capacity = capacity;
		}
		fire->laters[fire->nlaters++] = (struct later) { .member = member,
			.trigger = i,
			.event = row->event,
			.old = kept_old,
			.new = kept_new };
	}
	return 0;
}

/* The row as the relation has it, for REFERENCING. */
static int
keep_transition(struct fire *fire, const struct row *row, int which, const struct type_value *cells)
{
	const unsigned *places = row->member->what->places;
	struct type_value *own;
	int status;

	if (!fire->tables.wanted[which] || cells == NULL)
		return 0;
	if (places == NULL)
		return fire_rows_keep(&fire->tables.rows[which], fire_tell(&fire->members[0], cells, 0),
			   fire->report) == 0
		    ? -1
		    : 0;
	if ((own = calloc(fire->tables.ncolumns + 1, sizeof(*own))) == NULL)
		return report_set(fire->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < fire->tables.ncolumns; i++)
		own[i] = cells[places[i]];
	status = fire_rows_keep(&fire->tables.rows[which], own, fire->report) == 0 ? -1 : 0;
	free(own);
	return status;
}

int
fire_keep_transitions(struct fire *fire, const struct row *row)
{
	bool update = row->event == TRIGGER_UPDATE;

	return keep_transition(fire, row, update ? FIRE_UPDATED_OLD : FIRE_DELETED, row->old) == -1
	    ? -1
	    : keep_transition(fire, row, update ? FIRE_UPDATED_NEW : FIRE_INSERTED, row->new);
}

int
fire_run_laters(struct fire *fire)
{
	for (size_t i = 0; i < fire->nlaters; i++) {
		const struct later *later = &fire->laters[i];
		struct member *member = later->member;
		const struct fire_row *rows = member->kept.rows;
		struct routine_rows old = fire_rows_of(member, later->old == 0 ? NULL : rows[later->old - 1].cells),
				    new = fire_rows_of(member, later->new == 0 ? NULL : rows[later->new - 1].cells);

		if (fire_trigger_run(&member->triggers, &member->triggers.list[later->trigger], later->event,
			later->old == 0 ? NULL : &old, later->new == 0 ? NULL : &new, NULL, fire->report) == -1)
			return -1;
	}
	return 0;
}

/* One statement changes all rows, with no trigger between. */
int
fire_run_at_once(struct fire *fire)
{
	const struct sql_row none = { .n = 0 };
	sqlite3_stmt *stmt = fire->statement->stmt;
	int code, status = 0;

	while (status == 0 && (code = fire_step(fire, &fire->members[0], stmt, &none, true)) == SQLITE_ROW)
		status = fire_put_row(fire, stmt);
	if (status == 0 && code != SQLITE_DONE)
		status = fire_step_failed(fire, &fire->members[0], code);
	fire->portal->changes = (uint64_t)sqlite3_changes64(fire->session->connection->db);
	(void)sqlite3_reset(stmt);
	return status;
}
