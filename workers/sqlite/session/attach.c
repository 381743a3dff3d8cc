/* The connection that a session works on: taken from the pool, told whom it works for, given back. */
#include "workers/sqlite/session/cursor.h"
#include "workers/sqlite/session/routine.h"
#include "workers/sqlite/session/session.h"

void
session_type_settings(struct session *session, struct type_settings *types)
{
	const struct settings_values *v = settings_values(session->settings);

	*types = (struct type_settings) { .extra_float_digits = v->extra_float_digits,
		.bytea_escape = v->bytea_escape,
		.timezone = v->timezone,
		.date_order = v->date_order,
		.date_style = v->date_style,
		.interval_style = v->interval_style,
		.now_us = session->transaction.time_us };
}

static void
session_refresh_context(struct session *session, struct sql_context *context)
{
	context->transaction_time_us = session->transaction.time_us;
	context->transaction_number = session->transaction.number;
	context->statement_time_us = session->statement_time_us;
	context->read_only = session->transaction.read_only;
	context->local = false;
	context->leased = session->transaction.writes;
	context->types.now_us = session->transaction.time_us;
}

void
session_refresh(struct session *session)
{
	session_refresh_context(session, &session->connection->context);
}

void
session_attach(struct session *session, struct connection *connection)
{
	struct sql_context *context = &connection->context;

	context->role = session->routine_definer ? ROLE_ADMIN : session->task.role;
	context->user = role_names[context->role];
	context->database = session->database;
	context->backend_pid = session->pid;
	context->settings = session->settings;
	session_type_settings(session, &context->types);
	context->drawn = &session->drawn;
	context->late = &session->late;
	context->must_stop = session_must_stop;
	context->must_stop_arg = context->session = session;
	context->call = routine_call_within;
	context->cursor_at = cursor_at;
	context->cursor_arg = session;
	session_refresh_context(session, context);
	connection_begin_use(connection);
}

void
session_detach(struct connection *connection)
{
	struct sql_context *context = &connection->context;

	context->drawn = &connection->own_memory;
	context->late = NULL;
	context->leased = false;
	context->must_stop = NULL;
	context->cursor_at = NULL;
	context->call = NULL;
	context->settings = NULL;
}

enum transaction_result
session_need_connection(struct session *session, struct report *r)
{
	bool failed;

	if (session->connection != NULL)
		return TRANSACTION_READY;
	session->connection = pool_take_connection(&session->sqlite->pool, &session->task, &failed);
	if (session->connection != NULL) {
		session_attach(session, session->connection);
		session_got(session, POOL_WAIT_CONNECTION);
		return TRANSACTION_READY;
	}
	if (failed) {
		session_wait_over(session);
		(void)report_set(r, SQLSTATE_IO_ERROR, "the database file cannot be opened");
		return TRANSACTION_ERROR;
	}
	return session_wait(session, POOL_WAIT_CONNECTION, r);
}

void
session_prefer_writing_connection(struct session *session)
{
	struct pool *pool = &session->sqlite->pool;
	struct connection *writing = pool_take_writing_connection(pool, &session->task);

	if (writing != NULL && session->connection != NULL)
		session_spare_connection(session);
	if (writing != NULL && session->connection == NULL) {
		session->connection = writing;
		session_attach(session, writing);
	} else if (writing != NULL)
		pool_give_connection(pool, writing, &session->task); /* portals keep the session where it is */
	if (session->connection != NULL)
		pool_note_writing(pool, session->connection);
}

bool
session_is_pinned(const struct session *session)
{
	return session->transaction.pinned || session->pinned || session->keeps_connection;
}

bool
session_pin(struct session *session)
{
	return session_is_pinned(session) || pool_pin(&session->sqlite->pool, &session->task);
}

void
session_spare_connection(struct session *session)
{
	struct portal *portal;
	bool pinned;

	if (session->connection == NULL || session->transaction.begun || session->copy.insert != NULL ||
	    (session->keeps_connection && !session->drops_connection) ||
	    (session->query.active && session->query.portal.statement != NULL))
		return;
	LIST_FOREACH(portal, &session->portals, entry)
	if (portal->statement != NULL)
		return;
	session_detach(session->connection);
	if (session->drops_connection)
		pool_drop_connection(&session->sqlite->pool, session->connection, &session->task);
	else
		pool_give_connection(&session->sqlite->pool, session->connection, &session->task);
	session->connection = NULL;
	pinned = session_is_pinned(session);
	session->keeps_connection = session->drops_connection = session->pinned = false;
	if (pinned && !session_is_pinned(session))
		pool_unpin(&session->sqlite->pool);
}
