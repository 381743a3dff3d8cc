/* BEGIN, COMMIT, ROLLBACK, savepoints and SET TRANSACTION. */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/session/session.h"

const char *const transaction_isolation_names[ISOLATIONS] = { "read committed", "repeatable read", "serializable" };

static void
transaction_show(struct session *session)
{
	struct transaction *t = &session->transaction;

	(void)settings_set(session->settings, "transaction_isolation", transaction_isolation_names[t->isolation], true,
	    NULL);
	(void)settings_set(session->settings, "transaction_read_only", t->read_only ? "on" : "off", true, NULL);
	(void)settings_set(session->settings, "transaction_deferrable", t->deferrable ? "on" : "off", true, NULL);
}

static void
transaction_open(struct session *session, const struct dialect_plan *plan)
{
	struct transaction *t = &session->transaction;
	const struct settings_values *v = settings_values(session->settings);
	int isolation = plan->u.transaction.isolation, read_only = plan->u.transaction.read_only;
	int deferrable = plan->u.transaction.deferrable;

	t->block = TRANSACTION_OPEN;
	t->isolation = (enum transaction_isolation)(isolation >= 0 ? isolation : v->default_transaction_isolation);
	t->read_only = read_only >= 0 ? read_only == 1 : v->default_transaction_read_only;
	t->deferrable = deferrable >= 0 ? deferrable == 1 : v->default_transaction_deferrable;
	t->used = false;
	t->time_us = session->statement_time_us;
	settings_begin(session->settings);
	transaction_show(session);
}

static int
transaction_begin(struct session *session, const struct dialect_plan *plan, const char **tag, struct report *r)
{
	(void)r;
	*tag = plan->tag;
	if (session->transaction.block == TRANSACTION_OPEN)
		session_warn(session, SQLSTATE_ACTIVE_SQL_TRANSACTION, "there is already a transaction in progress");
	else
		transaction_open(session, plan);
	return 0;
}

/* COMMIT AND CHAIN and ROLLBACK AND CHAIN: the next transaction has this one's characteristics. */
static void
transaction_chain(struct session *session, const struct dialect_plan *plan, enum transaction_isolation isolation,
    bool read_only, bool deferrable)
{
	struct dialect_plan next = {
		.u.transaction = { .isolation = (int)isolation, .read_only = read_only, .deferrable = deferrable }
	};

	if (plan->u.transaction.chain)
		transaction_open(session, &next);
}

static int
transaction_end(struct session *session, const struct dialect_plan *plan, const char **tag, struct report *r)
{
	struct transaction *t = &session->transaction;
	enum transaction_isolation isolation = t->isolation;
	bool read_only = t->read_only, deferrable = t->deferrable;
	bool commit = plan->kind == DIALECT_COMMIT && t->block != TRANSACTION_FAILED;
	int result = 0;

	*tag = commit ? "COMMIT" : "ROLLBACK";
	if (t->block == TRANSACTION_NONE || t->block == TRANSACTION_IMPLICIT) {
		if (plan->u.transaction.chain)
			return report_set(r, SQLSTATE_NO_ACTIVE_SQL_TRANSACTION,
			    "%s AND CHAIN can only be used in transaction blocks", *tag);
		session_warn(session, SQLSTATE_NO_ACTIVE_SQL_TRANSACTION, "there is no transaction in progress");
	}
	if (session_end_portals(session, commit) == -1) {
		transaction_rollback(session);
		return -1;
	}
	if (commit)
		result = transaction_commit(session, r);
	else
		transaction_rollback(session);
	if (result == 0)
		transaction_chain(session, plan, isolation, read_only, deferrable);
	return result;
}

/* The innermost savepoint of that name, or -1. */
static int
transaction_find_savepoint(const struct transaction *t, const char *name)
{
	for (unsigned i = t->nsavepoints; i-- > 0;)
		if (strcmp(t->savepoints[i].name, name) == 0)
			return (int)i;
	return -1;
}

static int
transaction_savepoint(struct session *session, const char *name, struct report *r)
{
	struct transaction *t = &session->transaction;
	struct transaction_savepoint *grown;

	if (t->block == TRANSACTION_NONE || t->block == TRANSACTION_IMPLICIT)
		return report_set(r, SQLSTATE_NO_ACTIVE_SQL_TRANSACTION,
		    "SAVEPOINT can only be used in transaction blocks");
	if (t->nsavepoints == TRANSACTION_SAVEPOINTS_MAX)
		return report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "more than %d savepoints",
		    TRANSACTION_SAVEPOINTS_MAX);
	if ((grown = reallocarray(t->savepoints, t->nsavepoints + 1, sizeof(*grown))) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	t->savepoints = grown;
	grown[t->nsavepoints] = (struct transaction_savepoint) { .name = strdup(name), .read_only = t->read_only };
	if (grown[t->nsavepoints].name == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	if (t->begun && transaction_savepoint_script(session, "SAVEPOINT", t->nsavepoints, r) == -1) {
		free(grown[t->nsavepoints].name);
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
	t->read_only = t->savepoints[i].read_only;
	transaction_forget_savepoints(t, (unsigned)i + back);
	if (!back) {
		notify_release(session, (unsigned)i);
		late_release(&session->late, (unsigned)i);
	}
	if (back) {
		transaction_forget_notes(session);
		notify_rollback_to(session, (unsigned)i);
		settings_rollback_to(session->settings, (unsigned)i + 1);
		late_rollback_to(&session->late, (unsigned)i + 1);
		if (t->block == TRANSACTION_FAILED)
			t->block = TRANSACTION_OPEN;
		if (t->defined && session->connection != NULL)
			session->connection->own_definitions++;
	}
	transaction_show(session);
	return 0;
}

static int
transaction_set(struct session *session, const struct dialect_plan *plan, struct report *r)
{
	struct transaction *t = &session->transaction;
	int isolation = plan->u.transaction.isolation, read_only = plan->u.transaction.read_only;
	int deferrable = plan->u.transaction.deferrable;

	if (plan->u.transaction.session) {
		if (deferrable >= 0 &&
		    settings_set(session->settings, "default_transaction_deferrable", deferrable == 1 ? "on" : "off",
			false, r) == -1)
			return -1;
		if (isolation >= 0 &&
		    settings_set(session->settings, "default_transaction_isolation",
			transaction_isolation_names[isolation], false, r) == -1)
			return -1;
		return read_only < 0 ? 0
				     : settings_set(session->settings, "default_transaction_read_only",
					   read_only == 1 ? "on" : "off", false, r);
	}
	if (t->block == TRANSACTION_NONE) {
		session_warn(session, SQLSTATE_NO_ACTIVE_SQL_TRANSACTION,
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
	if (deferrable >= 0 && t->used)
		return report_set(r, SQLSTATE_ACTIVE_SQL_TRANSACTION,
		    "SET TRANSACTION [NOT] DEFERRABLE must be called before any query");
	if (deferrable >= 0)
		t->deferrable = deferrable == 1;
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
