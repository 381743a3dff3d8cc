/*
 * DO, and how the transaction of a routine begins.
 *
 * A routine takes the right to write before its first statement, as a transaction that writes does: no statement within
 * it can then have to wait, and what it reads is current. In a transaction that is READ ONLY it takes none, and what
 * writes is refused by that.
 */
#include "workers/sqlite/session/routine.h"

/* Whether the file has a SECURITY DEFINER function, which may write whatever the role of the session that calls it. */
static bool
has_definers(struct session *session)
{
	struct sql_context *context = &session->connection->context;
	bool before = context->internal, found = false;
	struct schema_routine *routines;
	unsigned n;

	context->internal = true;
	routines = schema_routines(session->connection->db, NULL, &n);
	context->internal = before;
	for (unsigned i = 0; i < n; i++)
		found |= schema_routine_option(&routines[i], SCHEMA_ROUTINE_DEFINER) != NULL;
	schema_routines_free(routines, n);
	return found;
}

enum transaction_result
routine_may_write(struct session *session, bool *may, struct report *r)
{
	enum transaction_result result;

	*may = session->task.role == ROLE_ADMIN || session->task.role == ROLE_WRITE || session->routine_nested > 0;
	if (*may)
		return TRANSACTION_READY;
	if ((result = session_need_connection(session, r)) == TRANSACTION_READY)
		*may = has_definers(session);
	return result;
}

enum transaction_result
routine_before_read(struct session *session, struct report *r)
{
	transaction_begin_implicit(session);
	return transaction_before_read(session, r);
}

/* What may not write keeps no writer waiting, however long it runs. */
enum transaction_result
routine_begin(struct session *session, struct report *r)
{
	struct report unwritable = { 0 };
	enum transaction_result result;
	bool may;

	if (session->routine_nested > 0)
		return TRANSACTION_READY;
	if (transaction_check_writable(session, 0, &unwritable) == 0) {
		if ((result = routine_may_write(session, &may, r)) != TRANSACTION_READY)
			return result;
		if (may)
			return transaction_before_write(session, 0, r);
	}
	report_reset(&unwritable);
	/* Temporary tables may still be changed: all of it together, or nothing. */
	return routine_before_read(session, r);
}

enum portal_result
routine_command_do(struct session *session, struct portal *portal, struct report *r)
{
	static const struct routine_signature signature = { .returns = ROUTINE_RETURNS_NOTHING };
	const struct routine_host host = routine_host(session);
	enum transaction_result result;
	struct routine *routine;
	int status;

	portal_release_statement(session, portal);
	if ((result = routine_begin(session, r)) != TRANSACTION_READY)
		return result == TRANSACTION_WAITS ? PORTAL_WAITS : PORTAL_FAILED;
	if ((routine = routine_parse(portal->shared->plan->u.routine.body, &signature, r)) == NULL)
		return PORTAL_FAILED;
	status = routine_run(routine, &host, NULL, NULL, r);
	routine_free(routine);
	return command_result(portal, status);
}
