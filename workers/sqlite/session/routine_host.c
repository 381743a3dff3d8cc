/*
 * What a routine asks of its session beside running SQL: notices, savepoints, settings.
 */
#include "workers/sqlite/session/routine.h"

#include <stdio.h>

#include "workers/sqlite/routines/routines.h"
#include "workers/sqlite/session/cursor.h"
#include "workers/sqlite/session/kept_cursor.h"
#include "workers/sqlite/session/session.h"

static int
routine_host_notice(void *arg, enum report_severity severity, struct report *notice, struct report *r)
{
	struct session *session = arg;

	if (severity < settings_values(session->settings)->client_min_messages && severity != REPORT_INFO)
		return 0;
	session_hold_answer(session);
	pgwire_put_report(&session->out, severity, notice);
	if (pgwire_buffer_length(&session->out) < SESSION_HELD_BYTES)
		return 0;
	if (session_flush_now(session) == STEP_CLOSE || pgwire_buffer_length(&session->out) > CURSOR_HOLD_BYTES)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "a routine's notices are too many");
	return 0;
}

static int
routine_host_check(void *arg, struct report *r)
{
	struct session *session = arg;

	return session_must_stop(session) ? connection_report(session->connection, SQLITE_INTERRUPT, NULL, r) : 0;
}

/* Savepoints are numbered from those of the transaction's own on. */
static int
savepoint_script(struct session *session, const char *verb, struct report *r)
{
	char sql[64];

	if (!session->transaction.begun || routine_is_within_writer(session))
		return 0;
	(void)snprintf(sql, sizeof(sql), "%s routine%u", verb, session->routine_savepoints);
	return connection_script(session->connection, sql, true, r);
}

static int
routine_host_savepoint(void *arg, struct report *r)
{
	struct session *session = arg;

	session->routine_savepoints++;
	settings_savepoint(session->settings, session->transaction.nsavepoints + session->routine_savepoints);
	if (savepoint_script(session, "SAVEPOINT", r) == 0)
		return 0;
	session->routine_savepoints--;
	return -1;
}

static int
routine_host_release(void *arg, struct report *r)
{
	struct session *session = arg;
	int status = savepoint_script(session, "RELEASE", r);

	kept_cursor_end_block(session, false);
	session->routine_savepoints--;
	late_release(&session->late, session->transaction.nsavepoints + session->routine_savepoints);
	return status;
}

static int
routine_host_rollback(void *arg, struct report *r)
{
	struct session *session = arg;
	unsigned depth = session->transaction.nsavepoints + session->routine_savepoints;
	/* Some errors of SQLite end the transaction: there is nothing to return to. */
	bool lost = session->connection == NULL ||
	    (session->transaction.begun && !connection_in_transaction(session->connection));
	int status = lost ? -1 : savepoint_script(session, "ROLLBACK TO", r);

	if (status == 0)
		status = savepoint_script(session, "RELEASE", r);
	kept_cursor_end_block(session, true);
	session->routine_savepoints--;
	if (status == -1)
		return -1;
	settings_rollback_to(session->settings, depth);
	late_rollback_to(&session->late, depth);
	session_attach(session, session->connection);
	if (session->transaction.defined)
		session->connection->own_definitions++;
	return 0;
}

static const struct type_settings *
routine_host_settings(void *arg)
{
	struct session *session = arg;

	return &session->connection->context.types;
}

static const struct settings_values *
routine_host_values(void *arg)
{
	return settings_values(((struct session *)arg)->settings);
}

struct routine_host
routine_host(struct session *session)
{
	return (struct routine_host) {
		.arg = session,
		.run = routine_host_run,
		.notice = routine_host_notice,
		.check = routine_host_check,
		.savepoint = routine_host_savepoint,
		.release = routine_host_release,
		.rollback = routine_host_rollback,
		.open = kept_cursor_open,
		.fetch = kept_cursor_fetch,
		.close = kept_cursor_close,
		.pin = kept_cursor_pin,
		.count_unnamed = kept_cursor_count_unnamed,
		.settings = routine_host_settings,
		.values = routine_host_values,
	};
}
