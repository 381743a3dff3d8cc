/*
 * Opens, reads and closes the cursors of PL/pgSQL.
 */
#include "workers/sqlite/session/kept_cursor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/session/cursor.h"
#include "workers/sqlite/session/routine.h"
#include "workers/sqlite/session/scroll.h"
#include "workers/sqlite/session/session.h"

struct kept_cursor {
	struct routine_rows rows;
	struct report failed; /* what reading the row behind the last one said */
	bool fails, dead;     /* there is such; and it was told */
	size_t position;      /* 0 before the first row, nrows + 1 behind the last */
	unsigned level;	      /* of exception blocks, in which it was opened */
	unsigned pins;	      /* FOR loops over it */
};

void
kept_cursor_free(struct session *session, struct kept_cursor *kept)
{
	if (kept == NULL)
		return;
	atomic_fetch_sub(&session->sqlite->held_bytes, kept->rows.bytes);
	routine_rows_free(&kept->rows);
	report_reset(&kept->failed);
	free(kept);
}

/* ---- opening ---- */

void
kept_cursor_count_unnamed(void *arg)
{
	((struct session *)arg)->unnamed_portals++;
}

static char *
make_name(struct session *session, struct report *r)
{
	char name[64], *copy;

	do
		(void)snprintf(name, sizeof(name), "<unnamed portal %u>", ++session->unnamed_portals);
	while (session_find_portal(session, name) != NULL);
	if ((copy = strdup(name)) == NULL)
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	return copy;
}

/* What is in the data, and not in the query or in the machine: PostgreSQL meets it when it comes to that row. */
static bool
is_of_a_row(const struct kept_cursor *kept, const struct report *r)
{
	static const char *const classes[] = { "21", "22", "23", "P0" };
	const char *code = report_code(r);

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strncmp(code, classes[i], 2) == 0)
			return kept->rows.columns != NULL;
	return false;
}

static int
read_rows(struct session *session, const struct routine_call *call, struct kept_cursor *kept,
    struct statement_plan **plan, struct report *r)
{
	struct routine_call reading = *call;
	size_t held = atomic_load(&session->sqlite->held_bytes);
	int status;

	reading.bytes_left = held < CURSOR_HOLD_BYTES ? CURSOR_HOLD_BYTES - held : 0;
	status = routine_run_planned(session, &reading, &kept->rows, plan, r);
	atomic_fetch_add(&session->sqlite->held_bytes, kept->rows.bytes);
	if (status == 0 || *plan == NULL || !is_of_a_row(kept, r))
		return status;
	kept->fails = true;
	report_move(&kept->failed, r);
	return 0;
}

static int
check_plan(const struct dialect_plan *plan, enum routine_scroll scroll, struct report *r)
{
	if (plan->kind != DIALECT_QUERY && plan->kind != DIALECT_CALL)
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "a cursor over rows that are changed in PL/pgSQL is not supported on SQLite");
	if (plan->draws)
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "a cursor over a query that changes something in PL/pgSQL is not supported on SQLite");
	if (scroll == ROUTINE_SCROLL_YES && plan->kind == DIALECT_QUERY && !plan->read_only)
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "a cursor that scrolls over a query that locks rows is not supported on SQLite");
	return 0;
}

static struct portal *
make_portal(struct session *session, const struct routine_call *call, const char *name, struct report *r)
{
	struct prepared *source = prepared_new("", call->sql, NULL, 0, r);
	struct portal *portal = source == NULL ? NULL : portal_new(session, name, source, r);

	prepared_release(source);
	return portal;
}

int
kept_cursor_open(void *arg, const struct routine_call *call, enum routine_scroll scroll, char **name, struct report *r)
{
	struct session *session = arg;
	struct kept_cursor *kept;
	struct statement_plan *plan = NULL;
	struct portal *portal = NULL;

	if (*name == NULL && (*name = make_name(session, r)) == NULL)
		return -1;
	if (session_find_portal(session, *name) != NULL)
		return report_set(r, SQLSTATE_DUPLICATE_CURSOR, "cursor \"%s\" already in use", *name);
	if ((kept = calloc(1, sizeof(*kept))) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	kept->level = session->routine_savepoints;
	if (read_rows(session, call, kept, &plan, r) == 0 && check_plan(plan->plan, scroll, r) == 0)
		portal = make_portal(session, call, *name, r);
	if (portal == NULL) {
		statement_plan_release(plan);
		kept_cursor_free(session, kept);
		return -1;
	}
	portal->shared = plan;
	portal->kept = kept;
	portal->is_cursor = portal->is_held = true;
	portal->scrolls = scroll == ROUTINE_SCROLL_YES || (scroll == ROUTINE_SCROLL_UNSAID && plan->plan->rescans);
	portal->made_us = session->connection->context.statement_time_us;
	LIST_INSERT_HEAD(&session->portals, portal, entry);
	return 0;
}

/* ---- reading ---- */

/* What a cursor without SCROLL can do: PostgreSQL's own reads on, or begins anew if it has not begun. */
static bool
goes_forward(const struct kept_cursor *kept, enum routine_direction direction, int64_t count)
{
	size_t rows = kept->rows.nrows, position = kept->position > rows ? rows : kept->position;
	bool at_end = kept->position > rows;

	switch (direction) {
	case ROUTINE_ABSOLUTE:
		if (count <= 0 || (uint64_t)(count - 1) <= position / 2)
			return count >= 0 && kept->position == 0;
		return (uint64_t)count > position + at_end;
	case ROUTINE_BACKWARD:
		return count < 0 || (count == 0 && (position == 0 || at_end));
	default:
		return count > 0 || (count == 0 && (position == 0 || at_end));
	}
}

static int
find_move(struct portal *portal, enum routine_direction direction, int64_t count, struct scroll_move *move,
    struct report *r)
{
	static const int directions[] = { [ROUTINE_FORWARD] = DIALECT_FORWARD,
		[ROUTINE_BACKWARD] = DIALECT_BACKWARD,
		[ROUTINE_ABSOLUTE] = DIALECT_ABSOLUTE,
		[ROUTINE_RELATIVE] = DIALECT_RELATIVE };
	struct kept_cursor *kept = portal->kept;

	*move = (struct scroll_move) { 0 };
	if (kept->dead)
		return report_set(r, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE, "portal \"%s\" cannot be run",
		    portal->name);
	if (portal->lost)
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "reading on after a change in a query that calls a volatile function which reads is not supported "
		    "on SQLite");
	if (!portal->scrolls && !goes_forward(kept, direction, count)) {
		(void)report_set(r, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE, "cursor can only scan forward");
		report_hint(r, "Declare it with SCROLL option to enable backward scan.");
		return -1;
	}
	*move = scroll_move_of(directions[direction], count, kept->rows.nrows, kept->position);
	if (!kept->fails || (move->position <= kept->rows.nrows && (direction != ROUTINE_ABSOLUTE || count >= 0)))
		return 0;
	kept->dead = true;
	report_move(r, &kept->failed);
	return -1;
}

/* The rows of a move, as they lie: from the last on where it goes backward. */
static struct routine_rows
row_of(const struct kept_cursor *kept, size_t row, size_t n)
{
	struct routine_rows rows = kept->rows;

	rows.cells = kept->rows.cells + (row - 1) * kept->rows.ncolumns;
	rows.nrows = n;
	return rows;
}

int
kept_cursor_fetch(void *arg, const char *name, const struct routine_fetch *fetch, bool move, struct routine_rows *rows,
    struct report *r)
{
	struct portal *portal = session_find_portal(arg, name);
	struct scroll_move to;

	if (portal == NULL)
		return report_set(r, SQLSTATE_INVALID_CURSOR_NAME, "cursor \"%s\" does not exist", name);
	if (portal->kept == NULL)
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "reading a cursor in PL/pgSQL that it has not opened is not supported on SQLite");
	if (find_move(portal, fetch->direction, fetch->count, &to, r) == -1)
		return -1;
	if (!move && to.count > 0 && routine_rows_add(rows, &portal->kept->rows, to.first - 1, r) == -1)
		return -1;
	if (!move && to.count == 0) {
		struct routine_rows none = portal->kept->rows;

		none.nrows = 0;
		if (routine_rows_describe(rows, &none, r) == -1)
			return -1;
	}
	portal->kept->position = to.position;
	rows->processed = to.count;
	return 0;
}

/* The columns' formats are those of the FETCH that asks. */
static int
put_rows(struct session *session, struct portal *cursor, const struct portal *asks, const struct scroll_move *move,
    struct report *r)
{
	int16_t *formats = cursor->formats;
	size_t step = move->backward ? 1 : move->count;
	int status = 0;

	cursor->formats = asks->formats;
	for (size_t i = 0; i < move->count && status == 0; i += step) {
		const struct routine_rows rows =
		    row_of(cursor->kept, move->backward ? move->first - i : move->first + i, step);

		status = routine_put_rows(session, cursor, &rows, r);
	}
	cursor->formats = formats;
	return status;
}

enum portal_result
kept_cursor_fetch_for_client(struct session *session, struct portal *cursor, struct portal *fetch, struct report *r)
{
	static const enum routine_direction directions[] = { [DIALECT_FORWARD] = ROUTINE_FORWARD,
		[DIALECT_BACKWARD] = ROUTINE_BACKWARD,
		[DIALECT_ABSOLUTE] = ROUTINE_ABSOLUTE,
		[DIALECT_RELATIVE] = ROUTINE_RELATIVE };
	const struct dialect_plan *plan = fetch->shared->plan;
	struct scroll_move move;

	if (fetch->formats != NULL && fetch->nformats != cursor->shared->plan->ncolumns) {
		(void)report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "cached plan must not change result type");
		return PORTAL_FAILED;
	}
	if (find_move(cursor, directions[plan->u.cursor.direction], plan->u.cursor.count, &move, r) == -1 ||
	    (!plan->u.cursor.move && put_rows(session, cursor, fetch, &move, r) == -1))
		return PORTAL_FAILED;
	cursor->kept->position = move.position;
	fetch->rows += move.count;
	fetch->done = true;
	return PORTAL_DONE;
}

enum portal_result
kept_cursor_run(struct session *session, struct portal *portal, uint64_t max, struct report *r)
{
	struct scroll_move move;

	if (find_move(portal, ROUTINE_FORWARD, max == 0 || max > INT64_MAX ? INT64_MAX : (int64_t)max, &move, r) ==
		-1 ||
	    put_rows(session, portal, portal, &move, r) == -1)
		return PORTAL_FAILED;
	portal->kept->position = move.position;
	portal->rows += move.count;
	return move.position > portal->kept->rows.nrows ? PORTAL_DONE : PORTAL_SUSPENDED;
}

/* ---- the end of them ---- */

int
kept_cursor_close(void *arg, const char *name, struct report *r)
{
	struct session *session = arg;
	struct portal *portal = session_find_portal(session, name);

	if (portal == NULL)
		return report_set(r, SQLSTATE_INVALID_CURSOR_NAME, "cursor \"%s\" does not exist", name);
	if (portal->kept != NULL && portal->kept->pins > 0)
		return report_set(r, SQLSTATE_INVALID_CURSOR_STATE, "cannot drop pinned portal \"%s\"", name);
	if (portal == session->resuming || portal->runs || (portal->kept == NULL && !portal->is_cursor))
		return report_set(r, SQLSTATE_INVALID_CURSOR_STATE, "cannot drop active portal \"%s\"", name);
	portal_free(session, portal);
	return 0;
}

void
kept_cursor_pin(void *arg, const char *name, bool pins)
{
	struct portal *portal = session_find_portal(arg, name);

	if (portal != NULL && portal->kept != NULL)
		portal->kept->pins += pins ? 1 : -1U;
}

void
kept_cursor_end_block(struct session *session, bool rolled_back)
{
	struct portal *portal, *next;

	for (portal = LIST_FIRST(&session->portals); portal != NULL; portal = next) {
		next = LIST_NEXT(portal, entry);
		if (portal->kept == NULL || portal->kept->level < session->routine_savepoints)
			continue;
		if (rolled_back)
			portal_free(session, portal);
		else
			portal->kept->level = session->routine_savepoints - 1;
	}
}

void
kept_cursor_note_change(struct session *session)
{
	struct portal *portal;

	LIST_FOREACH(portal, &session->portals, entry)
	if (portal->kept != NULL && portal->shared->plan->reads_anew)
		portal->lost = true;
}
