#include "workers/sqlite/transaction.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/session.h"

static const char *const transaction_isolation_names[] = { "read committed", "repeatable read", "serializable" };

/* A connection that stays with the session between messages counts against the cap. */
static int
transaction_pin(struct session *session, struct report *r)
{
	struct transaction *t = &session->transaction;

	if (t->pinned)
		return 0;
	if (!pool_pin(&session->server->pool))
		return report_set(r, SQLSTATE_TOO_MANY_CONNECTIONS,
		    "too many transactions hold a database connection; see max_open_conns in bibd.yaml(5)");
	t->pinned = true;
	return 0;
}

static int
transaction_start(struct session *session, enum connection_command command, struct report *r)
{
	int code;

	if (transaction_pin(session, r) == -1)
		return -1;
	connection_drop_snapshot(session->connection);
	if ((code = connection_run(session->connection, command)) != SQLITE_OK)
		return connection_report(session->connection, code, NULL, r);
	session->transaction.begun = true;
	return 0;
}

enum transaction_result
transaction_before_read(struct session *session, struct report *r)
{
	struct transaction *t = &session->transaction;
	enum transaction_result result = session_need_connection(session, r);
	int code;

	if (result != TRANSACTION_READY)
		return result;
	connection_refresh(session->connection);
	t->used = true;
	if (t->begun)
		return TRANSACTION_READY;
	if (t->block == TRANSACTION_OPEN && t->isolation != ISOLATION_READ_COMMITTED)
		return transaction_start(session, COMMAND_BEGIN, r) == -1 ? TRANSACTION_ERROR : TRANSACTION_READY;
	if ((code = connection_hold_snapshot(session->connection)) != SQLITE_OK) {
		(void)connection_report(session->connection, code, NULL, r);
		return TRANSACTION_ERROR;
	}
	return TRANSACTION_READY;
}

/* SQLite's savepoints bear numbers: PostgreSQL's names may repeat and hide each other. */
static int
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

	if (!t->begun) {
		if (transaction_start(session, COMMAND_BEGIN_IMMEDIATE, r) == -1)
			return -1;
		for (unsigned i = 0; i < t->nsavepoints; i++)
			if (transaction_savepoint_script(session, "SAVEPOINT", i, r) == -1)
				return -1;
	}
	t->writes = true;
	return 0;
}

/* The lease and a connection: what it takes to write. */
static enum transaction_result
transaction_become_writer(struct session *session, struct report *r)
{
	struct transaction *t = &session->transaction;
	enum transaction_result result;

	if (t->read_only) {
		(void)report_set(r, SQLSTATE_READ_ONLY_SQL_TRANSACTION,
		    "cannot execute a statement that writes in a read-only transaction");
		return TRANSACTION_ERROR;
	}
	if (!t->writes && !pool_take_lease(&session->server->pool, session)) {
		/* Who waits for the lease needs no connection meanwhile, unless a snapshot is open on it. */
		session_spare_connection(session);
		return session_wait(session, POOL_WAIT_LEASE, r);
	}
	if (!t->begun)
		session_prefer_writing_connection(session);
	if ((result = session_need_connection(session, r)) != TRANSACTION_READY)
		return result;
	session_wait_over(session);
	connection_refresh(session->connection);
	t->used = true;
	return TRANSACTION_READY;
}

enum transaction_result
transaction_before_write(struct session *session, bool alone, struct report *r)
{
	struct transaction *t = &session->transaction;
	enum transaction_result result = transaction_become_writer(session, r);

	if (result != TRANSACTION_READY || t->writes)
		return result;
	if (alone && t->block == TRANSACTION_NONE) {
		connection_drop_snapshot(session->connection);
		session_begin_long_work(session); /* it ends with an fsync */
		return TRANSACTION_READY;
	}
	return transaction_begin_writing(session, r) == -1 ? TRANSACTION_ERROR : TRANSACTION_READY;
}

void
transaction_after_statement(struct session *session)
{
	struct transaction *t = &session->transaction;

	if (t->begun)
		return;
	if (session->connection != NULL && !connection_in_transaction(session->connection))
		audit_flush(&session->server->audit, session->connection);
	pool_give_lease(&session->server->pool, session);
}

/* Everything that a transaction took, but for its block's state. */
static void
transaction_let_go(struct session *session)
{
	struct transaction *t = &session->transaction;

	t->begun = false;
	if (t->writes && session->connection != NULL)
		audit_flush(&session->server->audit, session->connection);
	t->writes = false;
	if (t->pinned)
		pool_unpin(&session->server->pool);
	t->pinned = false;
	pool_give_lease(&session->server->pool, session);
}

static void
transaction_forget_savepoints(struct transaction *t, unsigned keep)
{
	while (t->nsavepoints > keep)
		free(t->savepoints[--t->nsavepoints]);
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
	transaction_forget_savepoints(t, 0);
	t->block = TRANSACTION_NONE;
	t->used = t->read_only = t->defined = false;
	t->isolation = ISOLATION_READ_COMMITTED;
}

static void
transaction_rollback(struct session *session)
{
	if (session->transaction.begun && connection_in_transaction(session->connection)) {
		(void)connection_run(session->connection, COMMAND_ROLLBACK);
		session->connection->own_definitions += session->transaction.defined;
	}
	settings_rollback(session->settings);
	transaction_reset(session);
}

static int
transaction_commit(struct session *session, struct report *r)
{
	struct transaction *t = &session->transaction;
	int code;

	if (t->begun) {
		if (t->writes)
			session_begin_long_work(session);
		if ((code = connection_run(session->connection, COMMAND_COMMIT)) != SQLITE_OK) {
			(void)connection_report(session->connection, code, NULL, r);
			store_note_result(&session->server->store, code, r->state);
			transaction_rollback(session);
			return -1;
		}
		if (t->writes)
			atomic_fetch_add(&session->server->store.commits, 1);
		if (t->defined)
			atomic_fetch_add(&session->server->store.definitions, 1);
		if (t->writes)
			store_note_result(&session->server->store, SQLITE_OK, SQLSTATE_SUCCESSFUL_COMPLETION);
	}
	settings_commit(session->settings);
	transaction_reset(session);
	return 0;
}

/* ---- commands ---- */

static void
transaction_show(struct session *session)
{
	struct transaction *t = &session->transaction;

	(void)settings_set(session->settings, "transaction_isolation", transaction_isolation_names[t->isolation], true, NULL);
	(void)settings_set(session->settings, "transaction_read_only", t->read_only ? "on" : "off", true, NULL);
}

static void
transaction_open(struct session *session, const struct dialect_plan *plan)
{
	struct transaction *t = &session->transaction;
	const struct settings_values *v = settings_values(session->settings);
	int isolation = plan->u.transaction.isolation, read_only = plan->u.transaction.read_only;

	t->block = TRANSACTION_OPEN;
	t->isolation = (enum transaction_isolation)(isolation >= 0 ? isolation : v->default_transaction_isolation);
	t->read_only = read_only >= 0 ? read_only == 1 : v->default_transaction_read_only;
	t->used = false;
	t->time_us = session->statement_time_us;
	settings_begin(session->settings);
	transaction_show(session);
}

static void
transaction_notice(struct session *session, enum sqlstate state, const char *text)
{
	struct report notice = { .state = SQLSTATE_SUCCESSFUL_COMPLETION };

	(void)report_set(&notice, state, "%s", text);
	pgwire_put_report(&session->out, REPORT_WARNING, &notice);
	report_reset(&notice);
}

static int
transaction_begin(struct session *session, const struct dialect_plan *plan, const char **tag, struct report *r)
{
	(void)r;
	*tag = plan->tag;
	if (session->transaction.block == TRANSACTION_OPEN)
		transaction_notice(session, SQLSTATE_ACTIVE_SQL_TRANSACTION, "there is already a transaction in progress");
	else
		transaction_open(session, plan);
	return 0;
}

/* COMMIT AND CHAIN and ROLLBACK AND CHAIN: the next transaction has this one's characteristics. */
static void
transaction_chain(struct session *session, const struct dialect_plan *plan, enum transaction_isolation isolation,
    bool read_only)
{
	struct dialect_plan next = { .u.transaction = { .isolation = (int)isolation, .read_only = read_only } };

	if (plan->u.transaction.chain)
		transaction_open(session, &next);
}

static int
transaction_end(struct session *session, const struct dialect_plan *plan, const char **tag, struct report *r)
{
	struct transaction *t = &session->transaction;
	enum transaction_isolation isolation = t->isolation;
	bool read_only = t->read_only, commit = plan->kind == DIALECT_COMMIT && t->block != TRANSACTION_FAILED;
	int result = 0;

	*tag = commit ? "COMMIT" : "ROLLBACK";
	if (t->block == TRANSACTION_NONE || t->block == TRANSACTION_IMPLICIT) {
		if (plan->u.transaction.chain)
			return report_set(r, SQLSTATE_NO_ACTIVE_SQL_TRANSACTION,
			    "%s AND CHAIN can only be used in transaction blocks", *tag);
		transaction_notice(session, SQLSTATE_NO_ACTIVE_SQL_TRANSACTION, "there is no transaction in progress");
	}
	session_end_portals(session, commit);
	if (commit)
		result = transaction_commit(session, r);
	else
		transaction_rollback(session);
	if (result == 0)
		transaction_chain(session, plan, isolation, read_only);
	return result;
}

/* The innermost savepoint of that name, or -1. */
static int
transaction_find_savepoint(const struct transaction *t, const char *name)
{
	for (unsigned i = t->nsavepoints; i-- > 0;)
		if (strcmp(t->savepoints[i], name) == 0)
			return (int)i;
	return -1;
}

static int
transaction_savepoint(struct session *session, const char *name, struct report *r)
{
	struct transaction *t = &session->transaction;
	char **grown;

	if (t->block == TRANSACTION_NONE)
		return report_set(r, SQLSTATE_NO_ACTIVE_SQL_TRANSACTION, "SAVEPOINT can only be used in transaction blocks");
	if (t->nsavepoints == TRANSACTION_SAVEPOINTS_MAX)
		return report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "more than %d savepoints", TRANSACTION_SAVEPOINTS_MAX);
	if ((grown = reallocarray(t->savepoints, t->nsavepoints + 1, sizeof(*grown))) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	t->savepoints = grown;
	if ((grown[t->nsavepoints] = strdup(name)) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	if (t->begun && transaction_savepoint_script(session, "SAVEPOINT", t->nsavepoints, r) == -1) {
		free(grown[t->nsavepoints]);
		return -1;
	}
	t->nsavepoints++;
	settings_savepoint(session->settings, t->nsavepoints);
	return 0;
}

static int
transaction_release_or_return(struct session *session, const struct dialect_plan *plan, struct report *r)
{
	struct transaction *t = &session->transaction;
	const char *name = plan->u.transaction.name;
	bool back = plan->kind == DIALECT_ROLLBACK_TO;
	int i;

	if (t->block == TRANSACTION_NONE)
		return report_set(r, SQLSTATE_NO_ACTIVE_SQL_TRANSACTION, "%s can only be used in transaction blocks",
		    back ? "ROLLBACK TO SAVEPOINT" : "RELEASE SAVEPOINT");
	if ((i = transaction_find_savepoint(t, name)) == -1)
		return report_set(r, SQLSTATE_INVALID_SAVEPOINT_SPECIFICATION, "savepoint \"%s\" does not exist", name);
	if (back)
		session_close_portals(session);
	if (t->begun && !connection_in_transaction(session->connection))
		return report_set(r, SQLSTATE_IO_ERROR, "the transaction was lost to an earlier error: roll it back");
	if (t->begun && transaction_savepoint_script(session, back ? "ROLLBACK TO" : "RELEASE", (unsigned)i, r) == -1)
		return -1;
	transaction_forget_savepoints(t, (unsigned)i + back);
	if (back) {
		settings_rollback_to(session->settings, (unsigned)i + 1);
		if (t->block == TRANSACTION_FAILED)
			t->block = TRANSACTION_OPEN;
		if (t->defined && session->connection != NULL)
			session->connection->own_definitions++;
	}
	return 0;
}

static int
transaction_set(struct session *session, const struct dialect_plan *plan, struct report *r)
{
	struct transaction *t = &session->transaction;
	int isolation = plan->u.transaction.isolation, read_only = plan->u.transaction.read_only;

	if (plan->u.transaction.session) {
		if (isolation >= 0 && settings_set(session->settings, "default_transaction_isolation",
		    transaction_isolation_names[isolation], false, r) == -1)
			return -1;
		return read_only < 0 ? 0
				     : settings_set(session->settings, "default_transaction_read_only",
					   read_only == 1 ? "on" : "off", false, r);
	}
	if (t->block == TRANSACTION_NONE) {
		transaction_notice(session, SQLSTATE_NO_ACTIVE_SQL_TRANSACTION,
		    "SET TRANSACTION can only be used in transaction blocks");
		return 0;
	}
	if (isolation >= 0 && t->used && (enum transaction_isolation)isolation != t->isolation)
		return report_set(r, SQLSTATE_ACTIVE_SQL_TRANSACTION,
		    "SET TRANSACTION ISOLATION LEVEL must be called before any query");
	if (isolation >= 0)
		t->isolation = (enum transaction_isolation)isolation;
	if (read_only == 0 && t->read_only && t->used)
		return report_set(r, SQLSTATE_ACTIVE_SQL_TRANSACTION,
		    "transaction read-write mode must be set before any query");
	if (read_only >= 0)
		t->read_only = read_only == 1;
	transaction_show(session);
	return 0;
}

int
transaction_command(struct session *session, const struct dialect_plan *plan, const char **tag, struct report *r)
{
	*tag = plan->tag;
	switch (plan->kind) {
	case DIALECT_BEGIN:
		return transaction_begin(session, plan, tag, r);
	case DIALECT_COMMIT:
	case DIALECT_ROLLBACK:
		return transaction_end(session, plan, tag, r);
	case DIALECT_SAVEPOINT:
		return transaction_savepoint(session, plan->u.transaction.name, r);
	case DIALECT_RELEASE:
	case DIALECT_ROLLBACK_TO:
		return transaction_release_or_return(session, plan, r);
	default:
		return transaction_set(session, plan, r);
	}
}

int
transaction_end_implicit(struct session *session, struct report *r)
{
	if (session->transaction.block != TRANSACTION_IMPLICIT)
		return 0;
	session_end_portals(session, true);
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
	/* With no savepoint to return to there is nothing to keep: others may write. */
	if (t->nsavepoints > 0)
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
