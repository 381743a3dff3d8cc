/*
 * The end of SQLite's transaction: it is committed or rolled back, and the connection, the right to write and all else
 * that it took are given back.
 */
#include "workers/sqlite/session/transaction.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/sequences/sequences.h"
#include "workers/sqlite/session/on_commit.h"
#include "workers/sqlite/session/repository.h"
#include "workers/sqlite/session/session.h"

/* What it has written is to be on the disk before its client is told of the end, and so is what it built on. */
static void
transaction_give_lease(struct session *session)
{
	bool wrote = pool_has_lease(&session->sqlite->pool, &session->task);

	if (wrote && session->transaction.stored)
		repository_note_commit(session);
	session->transaction.stored = false;
	session_answer_needs(session, pool_give_lease(&session->sqlite->pool, &session->task));
}

void
transaction_after_statement(struct session *session)
{
	struct transaction *t = &session->transaction;

	/* Nor is it over where a cursor's rows are put by for the sake of a write: the lease is that one's. */
	if (session->routine_nested > 0 || session->holding)
		return;
	if (t->block == TRANSACTION_NONE)
		advisory_give_all(&session->sqlite->advisory, session->pid, false, true);
	if (t->begun)
		return;
	/* What it wrote is committed: others are told before the next writer commits. */
	if (session->notify.nactions > 0 && pool_has_lease(&session->sqlite->pool, &session->task))
		notify_commit(session);
	if (session->connection != NULL && !connection_in_transaction(session->connection) &&
	    atomic_load_explicit(&session->sqlite->audit.queue.pending, memory_order_relaxed) > 0 &&
	    pool_has_lease(&session->sqlite->pool, &session->task))
		audit_flush(&session->sqlite->audit, session->connection);
	session->transaction.stored = repository_is_waited_for(session);
	transaction_give_lease(session);
}

/* Everything that a transaction took, but for its block's state. */
static void
transaction_let_go(struct session *session)
{
	struct transaction *t = &session->transaction;

	t->begun = false;
	if (t->writes && session->connection != NULL)
		audit_flush(&session->sqlite->audit, session->connection);
	t->writes = false;
	if (t->pinned) {
		t->pinned = false;
		if (!session_is_pinned(session))
			pool_unpin(&session->sqlite->pool);
	}
	transaction_give_lease(session);
}

void
transaction_forget_savepoints(struct transaction *t, unsigned keep)
{
	while (t->nsavepoints > keep)
		free(t->savepoints[--t->nsavepoints].name);
	if (keep == 0) {
		free(t->savepoints);
		t->savepoints = NULL;
	}
}

static void
transaction_reset(struct session *session)
{
	struct transaction *t = &session->transaction;

	transaction_let_go(session);
	late_forget(&session->late);
	advisory_give_all(&session->sqlite->advisory, session->pid, false, true);
	transaction_forget_savepoints(t, 0);
	t->block = TRANSACTION_NONE;
	t->number++;
	t->used = t->read_only = t->defined = t->immediate = false;
	t->isolation = ISOLATION_READ_COMMITTED;
}

void
transaction_forget_notes(struct session *session)
{
	if (session->sqlite->store.file.sequences != NULL && pool_has_lease(&session->sqlite->pool, &session->task))
		sequences_forget_notes(session->sqlite->store.file.sequences);
}

void
transaction_rollback(struct session *session)
{
	if (session->transaction.begun && connection_in_transaction(session->connection)) {
		(void)connection_run(session->connection, COMMAND_ROLLBACK);
		session->connection->own_definitions += session->transaction.defined;
	}
	transaction_forget_notes(session);
	settings_rollback(session->settings);
	notify_rollback(session);
	transaction_reset(session);
}

static int
commit(struct session *session, struct report *r)
{
	struct transaction *t = &session->transaction;
	int code;

	/* What holds no lease writes nothing of the file: this would be a fault of bibd's own. */
	if (t->begun && !t->writes && sqlite3_txn_state(session->connection->db, "public") == SQLITE_TXN_WRITE) {
		transaction_rollback(session);
		return report_set(r, SQLSTATE_INTERNAL_ERROR,
		    "a transaction without the write lease has changed the database");
	}
	if (t->begun && connection_check_late(session->connection, &session->late.transaction, NULL, r) == -1) {
		transaction_rollback(session);
		return -1;
	}
	if (t->begun && session->on_commit && on_commit_run(session, r) == -1) {
		transaction_rollback(session);
		return -1;
	}
	if (t->begun) {
		if (t->defined && t->writes)
			commit_note_definition(&session->sqlite->store.file.commit);
		if ((code = connection_run(session->connection, COMMAND_COMMIT)) != SQLITE_OK) {
			(void)connection_report(session->connection, code, NULL, r);
			store_note_result(&session->sqlite->store, code, r->state);
			transaction_rollback(session);
			return -1;
		}
		if (t->writes)
			atomic_fetch_add(&session->sqlite->store.file.commits, 1);
		/* Of the session's own tables no other connection knows. */
		if (t->defined && t->writes)
			atomic_fetch_add(&session->sqlite->store.file.definitions, 1);
		if (t->writes)
			store_note_result(&session->sqlite->store, SQLITE_OK, SQLSTATE_SUCCESSFUL_COMPLETION);
	}
	t->stored = repository_is_waited_for(session);
	settings_commit(session->settings);
	notify_commit(session);
	transaction_reset(session);
	return 0;
}

int
transaction_commit(struct session *session, struct report *r)
{
	int result = commit(session, r);

	session_settle_portals(session, result == 0);
	return result;
}

int
transaction_end_implicit(struct session *session, struct report *r)
{
	if (session->transaction.block != TRANSACTION_IMPLICIT)
		return 0;
	if (session_end_portals(session, true) == -1) {
		transaction_rollback(session);
		return -1;
	}
	return transaction_commit(session, r);
}

void
transaction_fail(struct session *session)
{
	struct transaction *t = &session->transaction;

	session_close_portals(session);
	if (t->block != TRANSACTION_OPEN && t->block != TRANSACTION_FAILED) {
		transaction_rollback(session);
		return;
	}
	t->block = TRANSACTION_FAILED;
	transaction_forget_notes(session);
	/* With no savepoint to return to there is nothing to keep: others may write. */
	if (t->nsavepoints > 0 && t->begun)
		return;
	if (t->begun && connection_in_transaction(session->connection))
		(void)connection_run(session->connection, COMMAND_ROLLBACK);
	if (t->defined && session->connection != NULL)
		session->connection->own_definitions++;
	transaction_let_go(session);
}

void
transaction_abandon(struct session *session)
{
	transaction_rollback(session);
}
