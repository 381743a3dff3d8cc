/*
 * Binds parameters and literals, runs a statement row by row into the client's buffer, and finishes it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/memory/memory.h"
#include "workers/sqlite/session/cursor.h"
#include "workers/sqlite/session/fire.h"
#include "workers/sqlite/session/kept_cursor.h"
#include "workers/sqlite/session/portal.h"
#include "workers/sqlite/session/routine.h"
#include "workers/sqlite/session/scroll.h"
#include "workers/sqlite/session/session.h"
#include "workers/sqlite/session/steps_run.h"

static int
portal_bind(struct portal *portal, const struct type_settings *settings, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	sqlite3_stmt *stmt = portal->statement->stmt;
	int number;

	if (portal->nvalues != plan->nparams)
		return report_set(r, SQLSTATE_UNDEFINED_PARAMETER, "there is no parameter $%u", portal->nvalues + 1);
	/* One that the text has no place for is none of SQLite's business: the client named it only. */
	for (unsigned i = 0; i < portal->nvalues; i++)
		if ((number = dialect_parameter(plan, i)) != 0 &&
		    statement_check_bound(type_bind(stmt, number, &portal->values[i], true), r) == -1)
			return -1;
	return statement_bind_literals(portal->statement, portal->text, settings, r);
}

int
portal_bind_now(struct session *session, struct portal *portal, struct report *r)
{
	if (portal_get_statement(session, portal, r) == -1)
		return -1;
	return portal_bind(portal, &session->connection->context.types, r);
}

static enum portal_result
portal_begin(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	bool writes = plan->kind == DIALECT_MODIFY || !plan->read_only;
	bool calls = writes && plan->kind == DIALECT_QUERY && plan->draws;
	enum transaction_result result;

	if (calls && (result = routine_may_write(session, &writes, r)) != TRANSACTION_READY)
		return portal_result_of(result);
	if (writes) {
		enum portal_result renewed = portal_renew(session, portal, r);
		unsigned what;

		if (renewed != PORTAL_DONE)
			return renewed;
		/* Rows may make the client wait, and their end is the commit: a transaction of its own says when. */
		plan = portal->shared->plan;
		what = (plan->local ? TRANSACTION_LOCAL : 0) |
		    (session_statement_is_alone(session) && !plan->has_rows && plan->nsteps == 0 &&
				plan->fire == NULL && !session->on_commit && !plan->late_keys
			    ? TRANSACTION_ALONE
			    : 0);
		/* While it waits for the lease, the connection may go to others. */
		if (!transaction_is_local(session, what))
			portal_release_statement(session, portal);
		result = transaction_before_write(session, what, r);
	} else {
		/* The same, until another transaction ends. */
		if (transaction_lacks_pin(session))
			portal_release_statement(session, portal);
		result = calls ? routine_before_read(session, r) : transaction_before_read(session, r);
	}
	if (result != TRANSACTION_READY)
		return portal_result_of(result);
	if (portal_get_statement(session, portal, r) == -1 || portal->statement == NULL ||
	    portal_bind(portal, &session->connection->context.types, r) == -1)
		return PORTAL_FAILED;
	/* It got its triggers in this very moment. */
	if (portal->shared->plan->fire != NULL && !session->transaction.begun) {
		(void)report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "cached plan must not change result type");
		return PORTAL_FAILED;
	}
	report_reset(&session->connection->context.report);
	key_touched_begin(&session->connection->context.touched,
	    portal->shared->plan->updates_once ? portal->shared->plan->target : NULL);
	portal->bound = true;
	if (portal->shared->plan->nsteps > 0 && steps_run(session, portal, r) == -1) {
		portal_release_statement(session, portal);
		portal->done = true;
		return PORTAL_FAILED;
	}
	return PORTAL_DONE;
}

int
portal_step(struct session *session, struct portal *portal)
{
	int code;

	portal->around = session->stepping;
	session->stepping = portal;
	code = statement_step(portal->statement->stmt);
	session->stepping = portal->around;
	return code;
}

static enum portal_result
portal_step_failed(struct session *session, struct portal *portal, int code, struct report *r)
{
	(void)connection_report_failed(session->connection, portal->statement->stmt, code, portal->shared->plan, r);
	store_note_result(&session->sqlite->store, code, r->state);
	portal_release_statement(session, portal);
	portal->done = true;
	return PORTAL_FAILED;
}

static enum portal_result
portal_finish(struct session *session, struct portal *portal)
{
	const struct dialect_plan *plan = portal->shared->plan;

	if (!portal->shared->plan->read_only && !session->transaction.begun && !session->connection->context.local)
		atomic_fetch_add(&session->sqlite->store.file.commits, 1);
	if (plan->kind == DIALECT_MODIFY) {
		if (!plan->steps_count)
			portal->changes = (uint64_t)sqlite3_changes64(session->connection->db);
		if (plan->fills_serial && portal->changes > 0)
			sequence_memory_note_unnamed(&session->drawn,
			    sqlite3_last_insert_rowid(session->connection->db));
		if (!session->transaction.begun)
			store_note_result(&session->sqlite->store, SQLITE_OK, SQLSTATE_SUCCESSFUL_COMPLETION);
	}
	portal_release_statement(session, portal);
	portal->done = true;
	transaction_after_statement(session);
	return PORTAL_DONE;
}

/* A connection that waits with a portal between messages counts against the cap. */
static enum portal_result
portal_keep_connection(struct session *session, enum portal_result result, struct report *r)
{
	if (session->transaction.pinned || session->pinned)
		return result;
	if (!session_pin(session)) {
		(void)report_set(r, SQLSTATE_TOO_MANY_CONNECTIONS,
		    "too many portals hold a database connection; see max_open_conns in bibd.yaml(5)");
		return PORTAL_FAILED;
	}
	session->pinned = true;
	return result;
}

/* The answer has grown: off with it, or wait, or, while a cursor's rows are put by, see that they fit. */
static enum portal_result
portal_send(struct session *session, struct report *r)
{
	if (session->holding)
		return pgwire_buffer_length(&session->out) + atomic_load(&session->sqlite->held_bytes) >
			    CURSOR_HOLD_BYTES ||
			memory_would_refuse(pgwire_buffer_length(&session->out))
		    ? PORTAL_FAILED
		    : PORTAL_DONE;
	return session_flush_now(session) == STEP_ON ? PORTAL_DONE : portal_keep_connection(session, PORTAL_BLOCKED, r);
}

static enum portal_result
portal_run_rows(struct session *session, struct portal *portal, uint64_t max, struct report *r)
{
	enum portal_result result;
	bool held = !portal->shared->plan->has_rows;

	statement_set_current(session->connection, portal->statement);
	for (;;) {
		int code;

		if (max != 0 && portal->sent >= max) {
			portal->sent = 0;
			return portal_keep_connection(session, PORTAL_SUSPENDED, r);
		}
		code = portal_step(session, portal);
		/* After the first step there is a snapshot, which is the same to the last one. */
		if (!held)
			session_hold_answer(session);
		held = true;
		if (code == SQLITE_DONE && session->transaction.immediate &&
		    transaction_check_keys(session, portal->shared->plan, r) == -1) {
			portal_release_statement(session, portal);
			return PORTAL_FAILED;
		}
		if (code == SQLITE_DONE)
			return portal_finish(session, portal);
		if (code != SQLITE_ROW)
			return portal_step_failed(session, portal, code, r);
		/* What looks at rows that are written answers some that are no client's. */
		portal->rows++;
		if (!portal->shared->plan->has_rows)
			continue;
		portal->sent++;
		if (portal->discards)
			continue;
		if (portal_check_room(portal, r) == -1 ||
		    (portal->put_row != NULL ? portal->put_row : portal_put_row)(session, portal, r) == -1) {
			portal_release_statement(session, portal);
			return PORTAL_FAILED;
		}
		if (pgwire_buffer_length(&session->out) >= SESSION_HELD_BYTES &&
		    (result = portal_send(session, r)) != PORTAL_DONE) {
			if (result == PORTAL_FAILED)
				portal_release_statement(session, portal);
			return result;
		}
	}
}

/* Rows that were put by: DataRow messages, one after the other. */
static enum portal_result
portal_run_held(struct session *session, struct portal *portal, uint64_t max)
{
	struct pgwire_buffer *held = &portal->held;

	while (pgwire_buffer_length(held) >= 5) {
		const uint8_t *at = held->data + held->start;
		size_t size = 1 + (((size_t)at[1] << 24) | ((size_t)at[2] << 16) | ((size_t)at[3] << 8) | at[4]);

		if (max != 0 && portal->sent >= max) {
			portal->sent = 0;
			return PORTAL_SUSPENDED;
		}
		if (!portal->discards)
			pgwire_put_bytes(&session->out, at, size);
		pgwire_buffer_consume(held, size);
		atomic_fetch_sub(&session->sqlite->held_bytes, size);
		portal->rows++;
		portal->sent++;
	}
	portal->sent = 0;
	return PORTAL_DONE;
}

/* The answers to these say nothing of what the file has. A transaction's end is held by the lease that it gives. */
static bool
portal_tells_nothing(enum dialect_kind kind)
{
	switch (kind) {
	case DIALECT_EMPTY:
	case DIALECT_BEGIN:
	case DIALECT_COMMIT:
	case DIALECT_ROLLBACK:
	case DIALECT_SAVEPOINT:
	case DIALECT_RELEASE:
	case DIALECT_ROLLBACK_TO:
	case DIALECT_SET:
	case DIALECT_SET_TRANSACTION:
		return true;
	default:
		return false;
	}
}

/* What a command answers may be put by, as a routine's rows are. */
static enum portal_result
portal_run_command(struct session *session, struct portal *portal, uint64_t max, struct report *r)
{
	enum portal_result result = session_run_command(session, portal, r);

	if (!portal_tells_nothing(portal->shared->plan->kind))
		session_hold_answer(session);
	return result == PORTAL_DONE && portal->is_held ? portal_run_held(session, portal, max) : result;
}

/* A statement that fires triggers is done at once, and its rows are put by. */
static enum portal_result
portal_run_fire(struct session *session, struct portal *portal, uint64_t max, struct report *r)
{
	enum portal_result result = fire_portal(session, portal, r);

	if (result != PORTAL_DONE)
		return result;
	if (portal->shared->plan->has_rows)
		session_hold_answer(session);
	transaction_after_statement(session);
	return portal->is_held ? portal_run_held(session, portal, max) : PORTAL_DONE;
}

static enum portal_result
portal_run_kind(struct session *session, struct portal *portal, uint64_t max, struct report *r)
{
	enum dialect_kind kind = portal->shared->plan->kind;
	enum portal_result result;

	if (portal->lost) {
		(void)report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "reading on after a change in a query that calls a volatile function which reads is not supported "
		    "on SQLite");
		return PORTAL_FAILED;
	}
	if (portal->kept != NULL)
		return kept_cursor_run(session, portal, max, r);
	if (portal->is_held && portal->scrolls)
		return scroll_run(session, portal, max);
	if (portal->is_held)
		return portal_run_held(session, portal, max);
	if (portal->done)
		return PORTAL_DONE;
	if (kind != DIALECT_QUERY && kind != DIALECT_MODIFY)
		return portal_run_command(session, portal, max, r);
	if (portal->formats != NULL && portal->nformats != portal->shared->plan->ncolumns) {
		(void)report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "cached plan must not change result type");
		return PORTAL_FAILED;
	}
	if (!portal->bound && (result = portal_begin(session, portal, r)) != PORTAL_DONE)
		return result;
	if (portal->shared->plan->fire != NULL)
		return portal_run_fire(session, portal, max, r);
	return portal_run_rows(session, portal, max, r);
}

enum portal_result
portal_run(struct session *session, struct portal *portal, uint64_t max, struct report *r)
{
	struct late_set *around = session->late.statement;
	enum portal_result result;

	session->late.statement = &portal->late;
	result = portal_run_kind(session, portal, max, r);
	session->late.statement = around;
	if (result == PORTAL_DONE && portal->late.count > 0 &&
	    connection_check_late(session->connection, &portal->late, NULL, r) == -1)
		result = PORTAL_FAILED;
	if (result == PORTAL_DONE || result == PORTAL_FAILED)
		late_set_free(&portal->late);
	return result;
}
