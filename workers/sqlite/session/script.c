/*
 * An application's migration: its statements are run as those of a client of the role admin, by a session that has no
 * client, on the store's first connection and within the transaction that the store has begun there.
 */
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "workers/sqlite/session/session.h"

/* What ends the transaction, reads from a client or answers one has no place in a migration. */
static int
check_kind(const struct dialect_plan *plan, struct report *r)
{
	static const enum dialect_kind kinds[] = { DIALECT_EMPTY, DIALECT_QUERY, DIALECT_MODIFY, DIALECT_DEFINE,
		DIALECT_SET, DIALECT_RESET, DIALECT_SET_CONSTRAINTS, DIALECT_DO, DIALECT_CREATE_ROUTINE, DIALECT_CALL,
		DIALECT_ACCEPT };

	if (plan->local)
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "temporary tables cannot be used in a migration");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i] == plan->kind)
			return 0;
	return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s cannot run in a migration", plan->tag);
}

static int
run_statement(struct session *session, const char *sql, struct report *r)
{
	struct prepared *prepared = prepared_new("", sql, NULL, 0, r);
	struct portal portal = { .discards = true };
	enum portal_result result;

	if (prepared == NULL)
		return -1;
	session->statement_time_us = clock_realtime_us();
	portal_set_source(&portal, prepared);
	result = portal_open(session, &portal, r);
	if (result == PORTAL_DONE)
		result = check_kind(portal.shared->plan, r) == -1 ? PORTAL_FAILED : portal_run(session, &portal, 0, r);
	portal_reset(session, &portal);
	prepared_release(prepared);
	pgwire_buffer_consume(&session->out, pgwire_buffer_length(&session->out)); /* nobody reads notices */
	if (result == PORTAL_DONE)
		return 0;
	return r->state != SQLSTATE_SUCCESSFUL_COMPLETION
	    ? -1
	    : report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "a statement that has to wait cannot run in a migration");
}

static int
run_statements(struct session *session, const char *sql, struct report *r)
{
	struct dialect_text text = { .sql = NULL };
	size_t length = strlen(sql);
	int result = 0;

	for (size_t offset = 0; result == 0 && offset < length; offset = text.next) {
		char *statement;

		if ((result = dialect_lex(sql, length, offset, &text, r)) == -1 || text.empty)
			continue;
		if ((statement = strndup(sql + offset, text.next - offset)) == NULL)
			result = report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		else
			result = run_statement(session, statement, r);
		free(statement);
	}
	dialect_text_free(&text);
	return result == 0 ? connection_check_late(session->connection, &session->late.transaction, NULL, r) : -1;
}

int
sqlite_run_script(void *arg, struct connection *connection, const char *sql, struct report *r)
{
	struct session *session = session_new_alone(arg);
	int result;

	if (session == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	session->connection = connection;
	session->transaction = (struct transaction) { .block = TRANSACTION_OPEN,
		.used = true,
		.begun = true,
		.writes = true,
		.time_us = clock_realtime_us() };
	settings_begin(session->settings);
	session_attach(session, connection);
	result = run_statements(session, sql, r);
	session_detach(connection);
	session_free_alone(session);
	return result;
}
