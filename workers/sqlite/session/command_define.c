/*
 * Statements that change the schema, or maintain the file: DDL, VACUUM, CHECKPOINT and their like.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/session/command.h"
#include "workers/sqlite/session/fire.h"
#include "workers/sqlite/session/routine.h"
#include "workers/sqlite/session/session.h"

static int
command_check_admin(struct session *session, struct portal *portal, const char *kind, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;

	if (plan->admin && session->task.role != ROLE_ADMIN)
		return report_set(r, SQLSTATE_INSUFFICIENT_PRIVILEGE, "permission denied: %s is for the role admin",
		    plan->tag);
	if (!plan->admin)
		return 0;
	if (audit_is_full(&session->sqlite->audit)) {
		(void)report_set(r, SQLSTATE_IO_ERROR, "%s is refused: the audit trail cannot be written", plan->tag);
		report_hint(r, "The node's log and bibctl events say why.");
		return -1;
	}
	session_audit(session, kind, portal->text->key, "started");
	return 0;
}

/* Temporary tables live in the connection: it stays with the session from now on. */
static int
command_keep_connection(struct session *session, struct report *r)
{
	if (session->keeps_connection ||
	    connection_number(session->connection, "SELECT count(*) FROM sqlite_temp_schema", 0) == 0)
		return 0;
	if (!session_pin(session))
		return report_set(r, SQLSTATE_TOO_MANY_CONNECTIONS, "too many sessions hold a database connection");
	session->keeps_connection = true;
	return 0;
}

static int
command_check_alone(const struct session *session, const struct dialect_plan *plan, struct report *r)
{
	bool in_block =
	    session->transaction.block == TRANSACTION_OPEN || (session->query.active && session->query.several);

	return plan->alone && in_block
	    ? report_set(r, SQLSTATE_ACTIVE_SQL_TRANSACTION, "%s cannot run inside a transaction block", plan->tag)
	    : 0;
}

static int
command_set_path(struct session *session, const char *schema, const char *path, struct report *r)
{
	bool empty = path == NULL || path[strspn(path, " ")] == '\0';
	char *text = schema == NULL ? strdup(path == NULL ? "" : path)
				    : sqlite3_mprintf("\"%w\"%s%s", schema, empty ? "" : ", ", empty ? "" : path);
	int status = text == NULL ? report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory")
				  : settings_set(session->settings, "search_path", text, true, r);

	if (schema == NULL)
		free(text);
	else
		sqlite3_free(text);
	return status;
}

/* Statements that belong to a definition, and could not be translated before it. */
static int
command_follow(struct session *session, const struct dialect_plan *plan, struct report *r)
{
	char *path = strdup(settings_values(session->settings)->search_path);
	struct report ignored = { 0 };
	int status = path == NULL ? report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory") : 0;

	if (status == 0 && plan->following_schema != NULL)
		status = command_set_path(session, plan->following_schema, path, r);
	for (unsigned i = 0; status == 0 && i < plan->nfollowing; i++)
		status = routine_run_text(session, plan->following[i], r);
	if (path != NULL && plan->following_schema != NULL)
		(void)command_set_path(session, NULL, path, &ignored);
	report_reset(&ignored);
	free(path);
	return status;
}

static int
command_run_definition(struct session *session, const struct dialect_plan *plan, struct report *r)
{
	if (plan->fire != NULL)
		return fire_truncate(session, plan, r);
	if (connection_define(session->connection, plan, plan->own, r) == -1)
		return -1;
	return plan->nfollowing > 0 ? command_follow(session, plan, r) : 0;
}

enum portal_result
command_define(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_plan *plan;
	enum transaction_result result;
	enum portal_result renewed = portal_renew(session, portal, r);
	int64_t changes;

	if (renewed != PORTAL_DONE)
		return renewed;
	portal_release_statement(session, portal);
	plan = portal->shared->plan;
	if (command_check_alone(session, plan, r) == -1)
		return PORTAL_FAILED;
	if ((result = transaction_before_write(session, TRANSACTION_DEFINES | (plan->local ? TRANSACTION_LOCAL : 0),
		 r)) != TRANSACTION_READY)
		return result == TRANSACTION_WAITS ? PORTAL_WAITS : PORTAL_FAILED;
	if (command_check_admin(session, portal, "definition", r) == -1)
		return PORTAL_FAILED;
	session->transaction.defined = true;
	session->on_commit |= plan->on_commit;
	/* CREATE TABLE AS: its INSERT is the only one of the script that changes rows, but for those that it says. */
	changes = sqlite3_total_changes64(session->connection->db);
	if (command_run_definition(session, plan, r) == -1 || command_keep_connection(session, r) == -1) {
		store_note_result(&session->sqlite->store, sqlite3_extended_errcode(session->connection->db), r->state);
		return PORTAL_FAILED;
	}
	if (plan->counts_rows)
		portal->rows = (uint64_t)(sqlite3_total_changes64(session->connection->db) - changes) - plan->uncounted;
	return command_done(portal);
}

/* The session holds the write lease, so that no other checkpoint runs. What readers or another process keep back is no
 * error, since the log is safe as it is; but it is said. */
static enum portal_result
command_checkpoint(struct session *session, struct portal *portal, struct report *r)
{
	int pages = 0, done = 0, code;

	session_begin_long_work(session);
	code = store_run_checkpoint(&session->sqlite->store, session->connection, SQLITE_CHECKPOINT_TRUNCATE, &pages,
	    &done);

	if (code != SQLITE_OK && code != SQLITE_BUSY) {
		(void)connection_report(session->connection, code, NULL, r);
		return PORTAL_FAILED;
	}
	if (code == SQLITE_BUSY || done < pages)
		session_warn(session, SQLSTATE_WARNING,
		    "the checkpoint is not complete: %d of %d pages of the write-ahead log are still in use by readers",
		    pages - done, pages);
	transaction_after_statement(session);
	return command_done(portal);
}

enum portal_result
command_maintain(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	enum transaction_result result;

	if (command_check_alone(session, plan, r) == -1)
		return PORTAL_FAILED;
	if (plan->skips && session->task.role != ROLE_ADMIN) {
		session_warn(session, SQLSTATE_WARNING, "permission denied: %s is for the role admin, skipping it",
		    plan->tag);
		return command_done(portal);
	}
	portal_release_statement(session, portal);
	if ((result = transaction_before_write(session, TRANSACTION_ALONE, r)) != TRANSACTION_READY)
		return result == TRANSACTION_WAITS ? PORTAL_WAITS : PORTAL_FAILED;
	if (command_check_admin(session, portal, "maintenance", r) == -1)
		return PORTAL_FAILED;
	if (plan->checkpoints)
		return command_checkpoint(session, portal, r);
	if (plan->sql != NULL && plan->sql[0] != '\0' &&
	    connection_script(session->connection, plan->sql, true, r) == -1)
		return PORTAL_FAILED;
	/* VACUUM commits past SQLite's hook. Nobody sees that, but it is to be on the disk when it is told. Within a
	 * block the block's own end is noted: this answer must not wait for that. */
	if (session_statement_is_alone(session))
		commit_note(&session->sqlite->store.file.commit, true);
	atomic_fetch_add(&session->sqlite->store.file.commits, 1);
	transaction_after_statement(session);
	return command_done(portal);
}
