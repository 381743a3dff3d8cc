#include "workers/sqlite/cursor.h"

#include <stdint.h>
#include <string.h>

#include "workers/sqlite/session.h"

enum portal_result
cursor_declare(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	struct prepared *source;
	struct portal *cursor;
	enum portal_result result;

	if (session->transaction.block == TRANSACTION_NONE && !plan->u.cursor.hold) {
		(void)report_set(r, SQLSTATE_NO_ACTIVE_SQL_TRANSACTION,
		    "DECLARE CURSOR can only be used in transaction blocks");
		return PORTAL_FAILED;
	}
	if (session_find_portal(session, plan->u.cursor.name) != NULL) {
		(void)report_set(r, SQLSTATE_DUPLICATE_CURSOR, "cursor \"%s\" already exists", plan->u.cursor.name);
		return PORTAL_FAILED;
	}
	if ((source = prepared_new("", plan->u.cursor.query, NULL, 0, r)) == NULL)
		return PORTAL_FAILED;
	cursor = portal_new(session, plan->u.cursor.name, source, r);
	prepared_release(source);
	if (cursor == NULL)
		return PORTAL_FAILED;
	cursor->hold = plan->u.cursor.hold;
	LIST_INSERT_HEAD(&session->portals, cursor, entry);
	if ((result = portal_open(session, cursor, r)) != PORTAL_DONE) {
		portal_free(session, cursor);
		return result;
	}
	/* A cursor WITH HOLD outside a transaction is filled when its own statement's transaction ends: now. */
	if (cursor->hold && session->transaction.block == TRANSACTION_NONE && cursor_hold(session, cursor, r) == -1) {
		portal_free(session, cursor);
		return PORTAL_FAILED;
	}
	portal->done = true;
	return PORTAL_DONE;
}

int
cursor_hold(struct session *session, struct portal *cursor, struct report *r)
{
	struct pgwire_buffer saved = session->out;
	enum portal_result result;

	if (cursor->statement == NULL && cursor->done)
		return 0;
	session->out = cursor->held;
	session->holding = true;
	result = portal_run(session, cursor, 0, r);
	session->holding = false;
	cursor->held = session->out;
	session->out = saved;
	cursor->done = true;
	if (result != PORTAL_DONE && r->state == SQLSTATE_SUCCESSFUL_COMPLETION)
		return report_set(r, SQLSTATE_INSUFFICIENT_RESOURCES, "cursor \"%s\" holds more than %lu MiB of rows",
		    cursor->name, CURSOR_HOLD_BYTES >> 20);
	return result == PORTAL_DONE ? 0 : -1;
}

/* Rows of a cursor that was filled at COMMIT: DataRow messages, one after the other. */
static uint64_t
cursor_take_held(struct session *session, struct portal *cursor, uint64_t max, bool discards)
{
	uint64_t rows = 0;

	while ((max == 0 || rows < max) && pgwire_buffer_length(&cursor->held) >= 5) {
		const uint8_t *at = cursor->held.data + cursor->held.start;
		size_t size = 1 + (((size_t)at[1] << 24) | ((size_t)at[2] << 16) | ((size_t)at[3] << 8) | at[4]);

		if (!discards)
			pgwire_put_bytes(&session->out, at, size);
		pgwire_buffer_consume(&cursor->held, size);
		rows++;
	}
	return rows;
}

static int
cursor_check_direction(const struct dialect_plan *plan, struct report *r)
{
	if (plan->u.cursor.direction == DIALECT_FORWARD || (plan->u.cursor.direction == DIALECT_RELATIVE &&
	    plan->u.cursor.count == 1))
		return 0;
	return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "cursors can only be read forward on SQLite");
}

enum portal_result
cursor_fetch(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	struct portal *cursor = session_find_portal(session, plan->u.cursor.name);
	enum portal_result result = PORTAL_DONE;
	uint64_t max = plan->u.cursor.count == INT64_MAX ? 0 : (uint64_t)plan->u.cursor.count, before;

	if (cursor == NULL) {
		(void)report_set(r, SQLSTATE_INVALID_CURSOR_NAME, "cursor \"%s\" does not exist", plan->u.cursor.name);
		return PORTAL_FAILED;
	}
	if (plan->u.cursor.count < 0 || cursor_check_direction(plan, r) == -1) {
		if (r->state == SQLSTATE_SUCCESSFUL_COMPLETION)
			(void)report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "cursors can only be read forward on SQLite");
		return PORTAL_FAILED;
	}
	before = cursor->rows;
	if (plan->u.cursor.count == 0)
		result = PORTAL_DONE;
	else if (pgwire_buffer_length(&cursor->held) > 0)
		portal->rows += cursor_take_held(session, cursor, max, plan->u.cursor.move);
	else {
		int16_t *formats = cursor->formats;

		if (max != 0)
			max -= portal->rows;
		cursor->formats = portal->formats;
		cursor->discards = plan->u.cursor.move;
		result = portal_run(session, cursor, max, r);
		cursor->formats = formats;
		portal->rows += cursor->rows - before;
	}
	if (result != PORTAL_DONE && result != PORTAL_SUSPENDED)
		return result;
	portal->done = true;
	return PORTAL_DONE;
}

enum portal_result
cursor_close(struct session *session, struct portal *portal, struct report *r)
{
	const char *name = portal->shared->plan->u.cursor.name;
	struct portal *cursor, *next;

	if (name != NULL) {
		if ((cursor = session_find_portal(session, name)) == NULL) {
			(void)report_set(r, SQLSTATE_INVALID_CURSOR_NAME, "cursor \"%s\" does not exist", name);
			return PORTAL_FAILED;
		}
		portal_free(session, cursor);
	} else
		for (cursor = LIST_FIRST(&session->portals); cursor != NULL; cursor = next) {
			next = LIST_NEXT(cursor, entry);
			if (cursor != portal)
				portal_free(session, cursor);
		}
	portal->done = true;
	return PORTAL_DONE;
}

void
session_close_portals(struct session *session)
{
	struct portal *portal, *next;

	for (portal = LIST_FIRST(&session->portals); portal != NULL; portal = next) {
		next = LIST_NEXT(portal, entry);
		if (portal != session->resuming && !(portal->hold && portal->done))
			portal_free(session, portal);
	}
}

void
session_end_portals(struct session *session, bool commit)
{
	struct portal *portal;

	if (commit)
		LIST_FOREACH(portal, &session->portals, entry)
			if (portal->hold && !portal->done)
				(void)cursor_hold(session, portal, &session->report);
	session_close_portals(session);
}
