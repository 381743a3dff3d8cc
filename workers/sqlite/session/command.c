/* Statements that are not SQLite's to run: a table of one function for each kind. */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/session/command.h"
#include "workers/sqlite/session/cursor.h"
#include "workers/sqlite/session/routine.h"
#include "workers/sqlite/session/session.h"

enum portal_result
command_done(struct portal *portal)
{
	portal->done = true;
	return PORTAL_DONE;
}

enum portal_result
command_result(struct portal *portal, int result)
{
	return result == -1 ? PORTAL_FAILED : command_done(portal);
}

/* LOCK TABLE. What is read-only will write nothing that others could have outdated. */
static enum transaction_result
command_lock(struct session *session, const struct dialect_plan *plan, struct report *r)
{
	if (session->transaction.block == TRANSACTION_NONE && session->routine_nested == 0) {
		(void)report_set(r, SQLSTATE_NO_ACTIVE_SQL_TRANSACTION,
		    "LOCK TABLE can only be used in transaction blocks");
		return TRANSACTION_ERROR;
	}
	return plan->read_only || session->transaction.read_only ? TRANSACTION_READY
								 : transaction_before_write(session, 0, r);
}

static enum portal_result
command_accept(struct session *session, struct portal *portal, struct report *r)
{
	if (portal->shared->plan->locks) {
		enum transaction_result result = command_lock(session, portal->shared->plan, r);

		if (result != TRANSACTION_READY)
			return result == TRANSACTION_WAITS ? PORTAL_WAITS : PORTAL_FAILED;
	}
	if (portal->shared->plan->warning != NULL)
		session_warn(session, SQLSTATE_WARNING, "%s", portal->shared->plan->warning);
	return command_done(portal);
}

static enum portal_result
command_transaction(struct session *session, struct portal *portal, struct report *r)
{
	return command_result(portal, transaction_command(session, portal->shared->plan, &portal->tag, r));
}

/* Of unique keys; what was noted stays until the transaction's end, which a savepoint may bring back. */
static int
command_set_late(struct session *session, const struct dialect_plan *plan, struct report *r)
{
	unsigned depth = session->transaction.nsavepoints + session->routine_savepoints;
	bool deferred = plan->u.transaction.deferrable == 1;
	int result = 0;

	if (session->transaction.block == TRANSACTION_NONE)
		return 0;
	for (unsigned i = 0; result == 0 && i < plan->u.transaction.nkeys; i++)
		result = late_set_mode(&session->late, plan->u.transaction.keys[i], deferred, depth);
	if (result == 0 && plan->u.transaction.session)
		result = late_set_mode(&session->late, 0, deferred, depth);
	if (result == -1)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	return deferred || session->connection == NULL
	    ? 0
	    : connection_check_late(session->connection, &session->late.transaction, &session->late, r);
}

/* Foreign keys that are named are checked at once, with all others, and not after each statement. */
static enum portal_result
command_set_constraints(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	bool immediate = plan->u.transaction.deferrable == 0;

	if (command_set_late(session, plan, r) == -1 || (immediate && transaction_check_keys(session, NULL, r) == -1))
		return PORTAL_FAILED;
	if (plan->u.transaction.session && session->transaction.block != TRANSACTION_NONE)
		session->transaction.immediate = immediate;
	return command_done(portal);
}

static enum portal_result
command_notify(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	static const enum notify_what what[] = { [DIALECT_SEND] = NOTIFY_SEND,
		[DIALECT_LISTEN] = NOTIFY_LISTEN,
		[DIALECT_UNLISTEN] = NOTIFY_UNLISTEN,
		[DIALECT_UNLISTEN_ALL] = NOTIFY_UNLISTEN_ALL };

	return command_result(portal,
	    notify_add(session, what[plan->u.notify.what], plan->u.notify.channel, plan->u.notify.payload, r));
}

static void
command_forget_all_prepared(struct session *session, const struct portal *running)
{
	struct prepared *prepared, *next;

	for (prepared = LIST_FIRST(&session->prepared); prepared != NULL; prepared = next) {
		next = LIST_NEXT(prepared, entry);
		if (prepared != running->source)
			session_forget_prepared(session, prepared);
	}
}

static enum portal_result
command_discard(struct session *session, struct portal *portal, struct report *r)
{
	bool all = portal->shared->plan->u.discard.what == DIALECT_DISCARD_ALL;

	if (all && session->transaction.block != TRANSACTION_NONE) {
		(void)report_set(r, SQLSTATE_ACTIVE_SQL_TRANSACTION,
		    "DISCARD ALL cannot run inside a transaction block");
		return PORTAL_FAILED;
	}
	if (all) {
		cursor_close_all(session, portal);
		command_forget_all_prepared(session, portal);
		(void)settings_reset(session->settings, NULL, r);
		if (notify_add(session, NOTIFY_UNLISTEN_ALL, "", "", r) == -1)
			return PORTAL_FAILED;
		advisory_give_all(&session->sqlite->advisory, session->pid, true, false);
	}
	if (all || portal->shared->plan->u.discard.what == DIALECT_DISCARD_SEQUENCES)
		sequence_memory_forget(&session->drawn);
	if (all || portal->shared->plan->u.discard.what == DIALECT_DISCARD_TEMP)
		session->drops_connection |= session->keeps_connection;
	return command_settings_changed(session, portal, 0);
}

/* ---- prepared statements ---- */

static enum portal_result
command_prepare(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	struct prepared *prepared;
	struct portal first = { .name = NULL };
	enum portal_result result;

	if (session_find_prepared(session, plan->u.prepare.name) != NULL) {
		(void)report_set(r, SQLSTATE_DUPLICATE_PREPARED_STATEMENT, "prepared statement \"%s\" already exists",
		    plan->u.prepare.name);
		return PORTAL_FAILED;
	}
	prepared =
	    prepared_new(plan->u.prepare.name, plan->u.prepare.query, plan->u.prepare.types, plan->u.prepare.ntypes, r);
	if (prepared == NULL)
		return PORTAL_FAILED;
	prepared->statement = strdup(portal->source != NULL ? portal->source->sql : session->query.sql);
	portal_set_source(&first, prepared);
	if ((result = portal_open(session, &first, r)) == PORTAL_DONE) {
		prepared->shared = statement_plan_share(first.shared);
		LIST_INSERT_HEAD(&session->prepared, prepared, entry);
	} else
		prepared_release(prepared);
	portal_reset(session, &first);
	return result == PORTAL_DONE ? command_done(portal) : result;
}

static int
command_bind_values(struct portal *inner, const struct dialect_plan *plan, const struct type_settings *types,
    struct report *r)
{
	const struct dialect_plan *target = inner->shared->plan;
	unsigned n = plan->u.prepare.nvalues;

	if (n != target->nparams)
		return report_set(r, SQLSTATE_SYNTAX_ERROR, "wrong number of parameters for prepared statement \"%s\"",
		    plan->u.prepare.name);
	if (n > 0 && (inner->values = calloc(n, sizeof(*inner->values))) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (unsigned i = 0; i < n; i++) {
		const char *text = plan->u.prepare.values[i];

		inner->values[i].kind = SQLITE_NULL;
		inner->nvalues = i + 1;
		if (text != NULL &&
		    type_decode_in(types, target->param_oids[i], TYPE_FORMAT_TEXT, text, strlen(text),
			&inner->values[i], r) == -1)
			return -1;
	}
	return 0;
}

static enum portal_result
command_execute(struct session *session, struct portal *portal, struct report *r)
{
	const struct dialect_plan *plan = portal->shared->plan;
	struct prepared *prepared = session_find_prepared(session, plan->u.prepare.name);
	struct type_settings types;
	enum portal_result result;

	if (portal->inner == NULL) {
		if (prepared == NULL) {
			(void)report_set(r, SQLSTATE_INVALID_SQL_STATEMENT_NAME,
			    "prepared statement \"%s\" does not exist", plan->u.prepare.name);
			return PORTAL_FAILED;
		}
		session->unnamed_portals++;
		if (prepared->shared->plan->kind != DIALECT_QUERY && prepared->shared->plan->kind != DIALECT_MODIFY) {
			(void)report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "EXECUTE of %s is not supported on SQLite",
			    prepared->shared->plan->tag);
			return PORTAL_FAILED;
		}
		session_type_settings(session, &types);
		if ((portal->inner = portal_new(session, "", prepared, r)) == NULL ||
		    command_bind_values(portal->inner, plan, &types, r) == -1 ||
		    session_check_failed_block(session, prepared->shared->plan, r) == -1)
			return PORTAL_FAILED;
	}
	portal->inner->formats = portal->formats;
	portal->inner->nformats = portal->nformats;
	result = portal_run(session, portal->inner, 0, r);
	portal->inner->formats = NULL;
	return result == PORTAL_DONE ? command_done(portal) : result;
}

static enum portal_result
command_deallocate(struct session *session, struct portal *portal, struct report *r)
{
	const char *name = portal->shared->plan->u.prepare.name;
	struct prepared *prepared;

	if (name == NULL)
		command_forget_all_prepared(session, portal);
	else if ((prepared = session_find_prepared(session, name)) != NULL)
		session_forget_prepared(session, prepared);
	else {
		(void)report_set(r, SQLSTATE_INVALID_SQL_STATEMENT_NAME, "prepared statement \"%s\" does not exist",
		    name);
		return PORTAL_FAILED;
	}
	return command_done(portal);
}

static command_fn *const commands[] = {
	[DIALECT_EMPTY] = command_accept,
	[DIALECT_QUERY] = NULL,
	[DIALECT_MODIFY] = NULL,
	[DIALECT_DEFINE] = command_define,
	[DIALECT_BEGIN] = command_transaction,
	[DIALECT_COMMIT] = command_transaction,
	[DIALECT_ROLLBACK] = command_transaction,
	[DIALECT_SAVEPOINT] = command_transaction,
	[DIALECT_RELEASE] = command_transaction,
	[DIALECT_ROLLBACK_TO] = command_transaction,
	[DIALECT_SET] = command_set,
	[DIALECT_SHOW] = command_show,
	[DIALECT_RESET] = command_reset,
	[DIALECT_DISCARD] = command_discard,
	[DIALECT_SET_TRANSACTION] = command_transaction,
	[DIALECT_SET_CONSTRAINTS] = command_set_constraints,
	[DIALECT_DECLARE] = cursor_declare,
	[DIALECT_FETCH] = cursor_fetch,
	[DIALECT_CLOSE] = cursor_close,
	[DIALECT_PREPARE] = command_prepare,
	[DIALECT_EXECUTE] = command_execute,
	[DIALECT_DEALLOCATE] = command_deallocate,
	[DIALECT_COPY] = copy_begin,
	[DIALECT_EXPLAIN] = command_explain,
	[DIALECT_MAINTAIN] = command_maintain,
	[DIALECT_DO] = routine_command_do,
	[DIALECT_CREATE_ROUTINE] = routine_command_create,
	[DIALECT_CALL] = routine_command_call,
	[DIALECT_NOTIFY] = command_notify,
	[DIALECT_ACCEPT] = command_accept,
};
_Static_assert(sizeof(commands) / sizeof(commands[0]) == DIALECT_ACCEPT + 1, "one command for each kind");

enum portal_result
session_run_command(struct session *session, struct portal *portal, struct report *r)
{
	return commands[portal->shared->plan->kind](session, portal, r);
}
