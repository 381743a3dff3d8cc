/*
 * Declares, fetches from, holds and closes cursors, and ends portals with their transaction.
 */
#include "workers/sqlite/session/cursor.h"

#include <stdint.h>
#include <string.h>

#include "workers/sqlite/session/kept_cursor.h"
#include "workers/sqlite/session/scroll.h"
#include "workers/sqlite/session/session.h"

/* What DECLARE said. Without SCROLL or NO SCROLL it scrolls where PostgreSQL's own plan would. */
static int
cursor_describe(struct session *session, struct portal *cursor, const struct portal *declare, struct report *r)
{
	const struct dialect_plan *plan = declare->shared->plan;
	const struct dialect_plan *query = cursor->shared->plan;

	if (plan->u.cursor.scroll && !query->read_only)
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "a cursor that scrolls over a query that locks "
		    "rows or changes the database is not supported on SQLite");
	cursor->is_cursor = true;
	cursor->made_us = session->connection == NULL ? 0 : session->connection->context.statement_time_us;
	if ((cursor->declaration = strndup(declare->text->sql, declare->text->length)) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	cursor->binary = plan->u.cursor.binary;
	cursor->declared_scroll = plan->u.cursor.scroll;
	cursor->scrolls = plan->u.cursor.scroll || (!plan->u.cursor.no_scroll && query->read_only && query->rescans);
	return 0;
}

/* What DECLARE was given for its query. */
static void
cursor_take_values(struct portal *cursor, struct portal *portal)
{
	cursor->values = portal->values;
	cursor->nvalues = portal->nvalues;
	portal->values = NULL;
	portal->nvalues = 0;
}

enum portal_result
cursor_declare(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	struct prepared *source;
	struct portal *cursor;
	enum portal_result result;

	if ((session->transaction.block == TRANSACTION_NONE || session->transaction.block == TRANSACTION_IMPLICIT) &&
	    !plan->u.cursor.hold) {
		(void)report_set(r, SQLSTATE_NO_ACTIVE_SQL_TRANSACTION,
		    "DECLARE CURSOR can only be used in transaction blocks");
		return PORTAL_FAILED;
	}
	if (session_find_portal(session, plan->u.cursor.name) != NULL) {
		(void)report_set(r, SQLSTATE_DUPLICATE_CURSOR, "cursor \"%s\" already exists", plan->u.cursor.name);
		return PORTAL_FAILED;
	}
	if (portal->nvalues != plan->nparams) {
		(void)report_set(r, SQLSTATE_UNDEFINED_PARAMETER, "there is no parameter $%u", portal->nvalues + 1);
		return PORTAL_FAILED;
	}
	if ((source = prepared_new("", plan->u.cursor.query, plan->param_oids, plan->nparams, r)) == NULL)
		return PORTAL_FAILED;
	cursor = portal_new(session, plan->u.cursor.name, source, r);
	prepared_release(source);
	if (cursor == NULL)
		return PORTAL_FAILED;
	cursor->hold = plan->u.cursor.hold;
	LIST_INSERT_HEAD(&session->portals, cursor, entry);
	if ((result = portal_open(session, cursor, r)) != PORTAL_DONE ||
	    cursor_describe(session, cursor, portal, r) == -1) {
		portal_free(session, cursor);
		return result == PORTAL_DONE ? PORTAL_FAILED : result;
	}
	cursor_take_values(cursor, portal);
	if (cursor->shared->plan->nsteps > 0) {
		portal_free(session, cursor);
		(void)report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "DECLARE CURSOR must not contain data-modifying statements in WITH");
		return PORTAL_FAILED;
	}
	if (cursor->shared->plan->kind == DIALECT_CALL) {
		portal_free(session, cursor);
		(void)report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "a cursor over a function of one's own is not supported on SQLite");
		return PORTAL_FAILED;
	}
	/* A cursor WITH HOLD outside a transaction is filled when its own statement's transaction ends: now. */
	if (cursor->hold && session->transaction.block == TRANSACTION_NONE && cursor_hold(session, cursor, r) == -1) {
		portal_free(session, cursor);
		return PORTAL_FAILED;
	}
	cursor->survives = cursor->hold && session->transaction.block == TRANSACTION_NONE;
	/* It holds no connection until it is read from. */
	portal_release_statement(session, cursor);
	portal->done = true;
	return PORTAL_DONE;
}

/* One that has been read to its end, and what it read may be another now: there is no way back. */
static bool
cursor_is_outdated(const struct session *session, const struct portal *cursor)
{
	return cursor->scrolls && cursor->done && !cursor->is_held &&
	    session->transaction.isolation == ISOLATION_READ_COMMITTED &&
	    cursor->commits != atomic_load(&session->sqlite->store.file.commits);
}

/* Runs a cursor to its end and keeps the rows. One that scrolls begins anew, beside the statement that it has: as long
 * as that is not over, SQLite reads what it read. */
static enum portal_result
cursor_put_by(struct session *session, struct portal *cursor, struct report *r)
{
	struct pgwire_buffer saved = session->out;
	uint64_t position = cursor->done ? UINT64_MAX : cursor->rows;
	struct statement *begun = cursor->scrolls && cursor->bound ? cursor->statement : NULL;
	bool done = cursor->done;
	enum portal_result result;

	if (begun != NULL) {
		cursor->statement = NULL;
		cursor->bound = false;
	} else if (cursor->scrolls)
		portal_release_statement(session, cursor);
	if (cursor->scrolls)
		cursor->done = false;
	session->out = (struct pgwire_buffer) { .data = NULL };
	session->holding = cursor->runs = true;
	result = portal_run(session, cursor, 0, r);
	session->holding = cursor->runs = false;
	if (result == PORTAL_WAITS) {
		pgwire_buffer_free(&session->out);
		session->out = saved;
		cursor->done = done;
		cursor->statement = begun;
		cursor->bound = begun != NULL;
		return result;
	}
	if (begun != NULL)
		statement_done(session->connection, begun);
	cursor->held = session->out;
	session->out = saved;
	cursor->is_held = cursor->done = true;
	cursor->sent = 0;
	atomic_fetch_add(&session->sqlite->held_bytes, pgwire_buffer_length(&cursor->held));
	if (result == PORTAL_DONE)
		return cursor->scrolls && scroll_index(cursor, position, r) == -1 ? PORTAL_FAILED : PORTAL_DONE;
	if (r->state == SQLSTATE_SUCCESSFUL_COMPLETION)
		(void)report_set(r, SQLSTATE_INSUFFICIENT_RESOURCES, "cursors hold more than %lu MiB of rows",
		    CURSOR_HOLD_BYTES >> 20);
	return PORTAL_FAILED;
}

int
cursor_hold(struct session *session, struct portal *cursor, struct report *r)
{
	if (cursor->lost || cursor->is_held || (cursor->done && !cursor->scrolls) ||
	    cursor_is_outdated(session, cursor))
		return 0;
	return cursor_put_by(session, cursor, r) == PORTAL_DONE ? 0 : -1;
}

/* Rows are put by as they are now; a function that reads would see in the rest of them what is changed then. */
static bool
cursor_is_lost(struct session *session, struct portal *portal)
{
	if (portal->survives || (portal->done && !portal->scrolls) || portal->shared == NULL ||
	    !portal->shared->plan->reads_anew)
		return portal->lost;
	portal_release_statement(session, portal);
	portal->lost = portal->done = true;
	return true;
}

int
session_hold_portals(struct session *session, struct report *r)
{
	struct portal *portal;

	LIST_FOREACH(portal, &session->portals, entry)
	if (portal != session->resuming && !portal->runs && (portal->bound || portal->is_cursor) &&
	    !cursor_is_lost(session, portal) && cursor_hold(session, portal, r) == -1)
		return -1;
	return 0;
}

/* r may be NULL: only the answer is wanted. */
static int
cursor_check_direction(const struct dialect_plan *plan, struct report *r)
{
	if ((plan->u.cursor.direction == DIALECT_FORWARD && plan->u.cursor.count > 0) ||
	    (plan->u.cursor.direction == DIALECT_RELATIVE && plan->u.cursor.count == 1))
		return 0;
	if (r == NULL)
		return -1;
	(void)report_set(r, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE, "cursor can only scan forward");
	report_hint(r, "Declare it with SCROLL option to enable backward scan.");
	return -1;
}

/* FETCH 0 of one that stands on no row, and MOVE 0, which counts that row. */
static bool
cursor_stays(const struct dialect_plan *plan, const struct portal *cursor, struct portal *fetch)
{
	bool on_row = cursor->rows > 0 && !cursor->done;

	if (plan->u.cursor.direction != DIALECT_FORWARD || plan->u.cursor.count != 0 ||
	    (on_row && !plan->u.cursor.move))
		return false;
	fetch->rows = on_row;
	return fetch->done = true;
}

/* What is fetched from must be a query, and have the columns that the client was told of. */
static bool
cursor_can_be_fetched(const struct portal *cursor, const struct portal *fetch, struct report *r)
{
	enum dialect_kind kind = cursor->shared->plan->kind;

	if (kind != DIALECT_QUERY && kind != DIALECT_MODIFY)
		(void)report_set(r, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE, "portal \"%s\" cannot be fetched from",
		    cursor->name);
	else if (fetch->formats != NULL && fetch->nformats != cursor->shared->plan->ncolumns)
		(void)report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "cached plan must not change result type");
	else if (fetch->formats != NULL && cursor->is_held)
		for (unsigned i = 0; i < fetch->nformats; i++)
			if (fetch->formats[i] != TYPE_FORMAT_TEXT)
				(void)report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "rows that a cursor has put by can only be read in text format");
	return r->state == SQLSTATE_SUCCESSFUL_COMPLETION;
}

static enum portal_result
cursor_run(struct session *session, struct portal *cursor, struct portal *fetch, struct report *r)
{
	const struct dialect_plan *plan = fetch->shared->plan;
	uint64_t max = plan->u.cursor.count == INT64_MAX ? 0 : (uint64_t)plan->u.cursor.count, before = cursor->rows;
	int16_t *formats = cursor->formats;
	unsigned nformats = cursor->nformats;
	enum portal_result result;

	cursor->formats = fetch->formats;
	cursor->nformats = fetch->nformats;
	cursor->discards = plan->u.cursor.move;
	if (!cursor->bound && !cursor->done)
		cursor->commits = atomic_load(&session->sqlite->store.file.commits);
	cursor->runs = true;
	result = portal_run(session, cursor, max, r);
	cursor->runs = false;
	cursor->formats = formats;
	cursor->nformats = nformats;
	fetch->rows += cursor->rows - before;
	return result;
}

enum portal_result
cursor_fetch(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	struct portal *cursor = session_find_portal(session, plan->u.cursor.name);
	enum portal_result result = PORTAL_DONE;

	if (cursor == NULL) {
		(void)report_set(r, SQLSTATE_INVALID_CURSOR_NAME, "cursor \"%s\" does not exist", plan->u.cursor.name);
		return PORTAL_FAILED;
	}
	if (cursor->kept != NULL)
		return kept_cursor_fetch_for_client(session, cursor, portal, r);
	if (!cursor->scrolls && cursor_stays(plan, cursor, portal))
		return PORTAL_DONE;
	if (!cursor->scrolls && cursor_check_direction(plan, r) == -1)
		return PORTAL_FAILED;
	if (cursor->lost)
		return portal_run(session, cursor, 0, r);
	if (cursor_is_outdated(session, cursor) && cursor_check_direction(plan, NULL) == -1) {
		(void)report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "reading a cursor backward after others have changed the database is not supported on SQLite");
		report_hint(r, "Declare it with SCROLL option: its rows are put by then.");
		return PORTAL_FAILED;
	}
	if (!cursor_can_be_fetched(cursor, portal, r))
		return PORTAL_FAILED;
	if (cursor->scrolls && !cursor->is_held &&
	    (cursor->declared_scroll || cursor_check_direction(plan, NULL) == -1) &&
	    (result = cursor_put_by(session, cursor, r)) != PORTAL_DONE)
		return result;
	if (cursor->scrolls && cursor->is_held) {
		if (!cursor_can_be_fetched(cursor, portal, r))
			return PORTAL_FAILED;
		scroll_fetch(session, cursor, portal);
	} else
		result = cursor_run(session, cursor, portal, r);
	if (result != PORTAL_DONE && result != PORTAL_SUSPENDED)
		return result;
	portal->done = true;
	return PORTAL_DONE;
}

bool
cursor_at(void *arg, size_t i, struct sql_cursor *out)
{
	const struct session *session = arg;
	const struct portal *portal;

	LIST_FOREACH(portal, &session->portals, entry)
	if (portal->source != NULL && i-- == 0) {
		*out = (struct sql_cursor) { .name = portal->name,
			.statement = portal->declaration != NULL ? portal->declaration : portal->source->sql,
			.hold = portal->hold,
			.binary = portal->binary,
			.scroll = portal->scrolls,
			.made_us = portal->made_us };
		return true;
	}
	return false;
}

void
cursor_close_all(struct session *session, const struct portal *besides)
{
	struct portal *portal, *next;

	for (portal = LIST_FIRST(&session->portals); portal != NULL; portal = next) {
		next = LIST_NEXT(portal, entry);
		if (portal != besides && portal != session->resuming)
			portal_free(session, portal);
	}
}

enum portal_result
cursor_close(struct session *session, struct portal *portal, struct report *r)
{
	const char *name = portal->shared->plan->u.cursor.name;
	struct portal *cursor;

	if (name != NULL) {
		if ((cursor = session_find_portal(session, name)) == NULL) {
			(void)report_set(r, SQLSTATE_INVALID_CURSOR_NAME, "cursor \"%s\" does not exist", name);
			return PORTAL_FAILED;
		}
		if (cursor == portal) {
			(void)report_set(r, SQLSTATE_INVALID_CURSOR_STATE,
			    "portal \"%s\" is active: it runs this statement", name);
			return PORTAL_FAILED;
		}
		portal_free(session, cursor);
	} else
		cursor_close_all(session, portal);
	portal->done = true;
	return PORTAL_DONE;
}

void
session_close_portals(struct session *session)
{
	struct portal *portal, *next;

	for (portal = LIST_FIRST(&session->portals); portal != NULL; portal = next) {
		next = LIST_NEXT(portal, entry);
		if (portal != session->resuming && !portal->survives)
			portal_free(session, portal);
	}
}

int
session_end_portals(struct session *session, bool commit)
{
	struct portal *portal;
	int result = 0;

	if (commit)
		LIST_FOREACH(portal, &session->portals, entry)
		{
			if (portal->hold && !portal->survives && (!portal->done || portal->scrolls) && result == 0)
				result = cursor_hold(session, portal, &session->report);
			portal->unsettled |= portal->hold && portal->done && !portal->survives;
			portal->survives |= portal->hold && portal->done;
		}
	session_close_portals(session);
	return result;
}

void
session_settle_portals(struct session *session, bool committed)
{
	struct portal *portal, *next;

	for (portal = LIST_FIRST(&session->portals); portal != NULL; portal = next) {
		next = LIST_NEXT(portal, entry);
		if (portal->unsettled && !committed)
			portal_free(session, portal);
		else
			portal->unsettled = false;
	}
}
