/*
 * Begins SQLite's transaction when a statement of the session's needs it, and takes the right to write for it.
 */
#include "workers/sqlite/session/transaction.h"

#include <stdio.h>

#include "workers/sqlite/session/session.h"

/* A connection that stays with the session between messages counts against the cap. */
static int
transaction_pin(struct session *session, struct report *r)
{
	struct transaction *t = &session->transaction;

	if (t->pinned)
		return 0;
	if (!session_pin(session))
		return report_set(r, SQLSTATE_TOO_MANY_CONNECTIONS,
		    "too many transactions hold a database connection; see max_open_conns in bibd.yaml(5)");
	t->pinned = true;
	return 0;
}

bool
transaction_lacks_pin(struct session *session)
{
	const struct transaction *t = &session->transaction;

	return t->block == TRANSACTION_OPEN && t->isolation != ISOLATION_READ_COMMITTED && !t->begun &&
	    !session_is_pinned(session) && !pool_may_pin(&session->sqlite->pool, &session->task);
}

/* Pinned, or it waits until another is not any more; meanwhile it holds nothing that the others need to end. */
static enum transaction_result
transaction_await_pin(struct session *session, struct report *r)
{
	struct transaction *t = &session->transaction;

	if (t->pinned)
		return TRANSACTION_READY;
	if ((t->pinned = session_pin(session))) {
		session_got(session, POOL_WAIT_PIN);
		return TRANSACTION_READY;
	}
	pool_give_lease(&session->sqlite->pool, &session->task);
	session_spare_connection(session);
	return session_wait(session, POOL_WAIT_PIN, r);
}

static int
transaction_start(struct session *session, enum connection_command command, struct report *r)
{
	struct transaction *t = &session->transaction;
	int code;

	if (transaction_pin(session, r) == -1)
		return -1;
	connection_drop_snapshot(session->connection);
	if ((code = connection_run(session->connection, command)) != SQLITE_OK)
		return connection_report(session->connection, code, NULL, r);
	t->begun = true;
	/* The snapshot is that of the first statement, be it one that reads nothing of the file. */
	if (t->isolation != ISOLATION_READ_COMMITTED)
		connection_take_snapshot(session->connection);
	for (unsigned i = 0; i < t->nsavepoints; i++)
		if (transaction_savepoint_script(session, "SAVEPOINT", i, r) == -1)
			return -1;
	return 0;
}

enum transaction_result
transaction_before_read(struct session *session, struct report *r)
{
	struct transaction *t = &session->transaction;
	bool starts = !t->begun && t->block == TRANSACTION_OPEN && t->isolation != ISOLATION_READ_COMMITTED;
	enum transaction_result result = starts ? transaction_await_pin(session, r) : TRANSACTION_READY;
	int code;

	if (session->routine_nested > 0)
		return TRANSACTION_READY;
	if (result != TRANSACTION_READY || (result = session_need_connection(session, r)) != TRANSACTION_READY)
		return result;
	session_refresh(session);
	t->used = true;
	if (t->begun)
		return TRANSACTION_READY;
	if (starts)
		return transaction_start(session, COMMAND_BEGIN, r) == -1 ? TRANSACTION_ERROR : TRANSACTION_READY;
	if ((code = connection_hold_snapshot(session->connection)) != SQLITE_OK) {
		(void)connection_report(session->connection, code, NULL, r);
		return TRANSACTION_ERROR;
	}
	return TRANSACTION_READY;
}

int
transaction_savepoint_script(struct session *session, const char *verb, unsigned number, struct report *r)
{
	char sql[64];

	(void)snprintf(sql, sizeof(sql), "%s s%u", verb, number);
	return connection_script(session->connection, sql, true, r);
}

static int
transaction_begin_writing(struct session *session, struct report *r)
{
	struct transaction *t = &session->transaction;

	if (session_hold_portals(session, r) == -1 ||
	    (!t->begun && transaction_start(session, COMMAND_BEGIN_IMMEDIATE, r) == -1))
		return -1;
	t->writes = true;
	return 0;
}

/* READ ONLY is about the database: rows of temporary tables may change, as in PostgreSQL. */
int
transaction_check_writable(struct session *session, unsigned what, struct report *r)
{
	const struct transaction *t = &session->transaction;
	bool read_only = t->read_only ||
	    (t->block != TRANSACTION_OPEN && settings_values(session->settings)->default_transaction_read_only);

	if (!read_only || (what & (TRANSACTION_LOCAL | TRANSACTION_DEFINES)) == TRANSACTION_LOCAL)
		return 0;
	return report_set(r, SQLSTATE_READ_ONLY_SQL_TRANSACTION,
	    "cannot execute a statement that writes in a read-only transaction");
}

bool
transaction_is_local(const struct session *session, unsigned what)
{
	const struct transaction *t = &session->transaction;

	if ((what & TRANSACTION_LOCAL) == 0 || t->writes)
		return false;
	if (t->block == TRANSACTION_OPEN)
		return t->isolation != ISOLATION_READ_COMMITTED;
	return t->block == TRANSACTION_NONE && session_statement_is_alone(session);
}

static enum transaction_result
transaction_before_local(struct session *session, unsigned what, struct report *r)
{
	struct transaction *t = &session->transaction;
	bool alone = (what & TRANSACTION_ALONE) != 0 && t->block == TRANSACTION_NONE;
	enum transaction_result result = t->begun || alone ? TRANSACTION_READY : transaction_await_pin(session, r);

	if (result != TRANSACTION_READY || (result = session_need_connection(session, r)) != TRANSACTION_READY)
		return result;
	session_refresh(session);
	session->connection->context.local = true;
	t->used = true;
	if (alone)
		connection_drop_snapshot(session->connection);
	if (session_hold_portals(session, r) == -1)
		return TRANSACTION_ERROR;
	if (alone || t->begun)
		return TRANSACTION_READY;
	transaction_begin_implicit(session);
	return transaction_start(session, COMMAND_BEGIN, r) == -1 ? TRANSACTION_ERROR : TRANSACTION_READY;
}

/* The lease and a connection: what it takes to write. */
static enum transaction_result
transaction_become_writer(struct session *session, struct report *r)
{
	struct transaction *t = &session->transaction;
	enum transaction_result result;

	/* A thread that gives way leaves the session to another: who writes does so at full speed. */
	if (!t->writes && (pool_has_low_thread() || !pool_take_lease(&session->sqlite->pool, &session->task))) {
		/* Who waits for the lease needs no connection meanwhile, unless a snapshot is open on it. */
		session_spare_connection(session);
		return session_wait(session, POOL_WAIT_LEASE, r);
	}
	if (!t->begun)
		session_prefer_writing_connection(session);
	session_got(session, POOL_WAIT_LEASE);
	if ((result = session_need_connection(session, r)) != TRANSACTION_READY)
		return result;
	session_refresh(session);
	session->connection->context.leased = true;
	t->used = true;
	return TRANSACTION_READY;
}

/* A statement of a function's, within another that is under way: what that one took is what there is. */
static enum transaction_result
transaction_within(struct session *session, struct report *r)
{
	if (session->connection->context.leased)
		return TRANSACTION_READY;
	(void)report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "a function that writes where this was not known before is not supported on SQLite");
	return TRANSACTION_ERROR;
}

enum transaction_result
transaction_before_write(struct session *session, unsigned what, struct report *r)
{
	struct transaction *t = &session->transaction;
	enum transaction_result result;

	if (transaction_check_writable(session, what, r) == -1)
		return TRANSACTION_ERROR;
	if (session->routine_nested > 0)
		return transaction_within(session, r);
	if (transaction_is_local(session, what))
		return transaction_before_local(session, what, r);
	if ((result = transaction_become_writer(session, r)) != TRANSACTION_READY)
		return result;
	if (t->writes)
		return session_hold_portals(session, r) == -1 ? TRANSACTION_ERROR : TRANSACTION_READY;
	if ((what & TRANSACTION_ALONE) != 0 && t->block == TRANSACTION_NONE) {
		connection_drop_snapshot(session->connection);
		return TRANSACTION_READY;
	}
	if (!t->begun && (result = transaction_await_pin(session, r)) != TRANSACTION_READY)
		return result;
	transaction_begin_implicit(session);
	return transaction_begin_writing(session, r) == -1 ? TRANSACTION_ERROR : TRANSACTION_READY;
}

void
transaction_begin_implicit(struct session *session)
{
	if (session->transaction.block != TRANSACTION_NONE)
		return;
	session->transaction.block = TRANSACTION_IMPLICIT;
	settings_begin(session->settings);
}

int
transaction_check_keys(struct session *session, const struct dialect_plan *plan, struct report *r)
{
	int broken = 0, highest;

	if (!session->transaction.begun ||
	    sqlite3_db_status(session->connection->db, SQLITE_DBSTATUS_DEFERRED_FKS, &broken, &highest, 0) !=
		SQLITE_OK ||
	    broken == 0)
		return 0;
	return connection_report(session->connection, SQLITE_CONSTRAINT_FOREIGNKEY, plan, r);
}

char
transaction_status(const struct session *session)
{
	switch (session->transaction.block) {
	case TRANSACTION_OPEN:
		return 'T';
	case TRANSACTION_FAILED:
		return 'E';
	default:
		return 'I';
	}
}
