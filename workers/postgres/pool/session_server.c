/* A session and its server connection: getting it, keeping it, and what follows from an answer. */
#include <string.h>

#include "common/clock.h"
#include "workers/postgres/pool/server.h"
#include "workers/postgres/pool/session.h"

void
session_pin(struct session *session)
{
	session->pinned = true;
	if (session->server == NULL)
		return;
	session->server->dirty = true;
	if (session->server->state == SERVER_ACTIVE)
		server_move(session->server, SERVER_PINNED);
}

bool
session_has_server(struct session *session)
{
	struct server *server = session->server;

	if (pool_holds_back(session))
		return false;
	if (server == NULL && !pool_acquire(session->pool, session))
		return false;
	server = session->server;
	if (server->state == SERVER_SYNCING || server_is_full(server) || listening_waits(session))
		return false;
	/* RESET ALL has taken away what the session had started with. */
	if (server->applied != session->settings && server->nrequests == 0 && !server->unsynced && server->status == 'I') {
		server_synchronise(server);
		return false;
	}
	return true;
}

/* A settings statement under way has been answered. What the connection has is known only when all went well. */
static void
session_adopt_settings(struct session *session, bool failed)
{
	struct settings_table *table = &session->pool->settings;
	struct server *server = session->server;

	if (session->pending == NULL)
		return;
	settings_release(table, server->applied);
	server->applied = NULL;
	if (!failed && session->pending_done) {
		/* What was parsed before was read in another way, which no other connection would do now. */
		if (!settings_read_alike(table, session->settings, session->pending)) {
			session->reading++;
			if (session->names.n > 0)
				session_pin(session);
		}
		if (!settings_have_same_dates(session->settings, session->pending))
			session->dates++;
		settings_release(table, session->settings);
		session->settings = session->pending;
		server->applied = session->pending_applied;
		session->tell_parameters = server->applied != session->settings;
		if (session->settings->unsafe)
			session_pin(session);
	} else {
		settings_release(table, session->pending);
		settings_release(table, session->pending_applied);
	}
	session->pending = session->pending_applied = NULL;
}

static bool
session_may_let_go(const struct session *session)
{
	const struct server *server = session->server;

	return !session->pinned && server->status == 'I' && server->nrequests == 0 && !server->unsynced &&
	    session->left == 0 && session->phase == SESSION_SERVING;
}

void
session_query_done(struct session *session, char status)
{
	struct server *server = session->server;
	bool failed = session->failed;

	session->failed = false;
	session->changed_us = clock_realtime_us();
	if (status == 'I')
		session->transaction_us = 0;
	/* It has become a part of a transaction, which may be taken back. */
	if (status != 'I')
		session_doubt_settings(session);
	session_adopt_settings(session, failed);
	/* The server has reported what has changed. */
	if (server->nrequests == 0)
		session->unseen = false;
	if (session->discarding && !failed && status == 'I') {
		session->raw = false;
		session->pinned = session->settings->unsafe || session->startup->unsafe;
		server->sequence_owner = session->id;
	}
	session->discarding = false;
	session->local &= status != 'I';
	session->makes_temporary = false;
	if (server->nrequests == 0) {
		session->barrier = false;
		if (session->blocked)
			session_make_runnable(session);
	}
	if (session->blocked && session->ended)
		session_make_runnable(session);
	if (session->pool->stopping && server->nrequests == 0 && !server->unsynced) {
		session_end(session, SQLSTATE_ADMIN_SHUTDOWN, "terminating connection due to administrator command");
		return;
	}
	if (session_may_let_go(session))
		server_release(server);
}

void
session_fail_waiting(struct session *session, enum sqlstate state, const char *text)
{
	struct report r = { 0 };
	struct pgwire_message message;
	size_t wanted;

	pool_stop_waiting(session);
	/* A large message of which only a part is there cannot be answered and gone on from. */
	if (session->phase != SESSION_SERVING || pgwire_next_message(&session->in, &message, &wanted) != 1) {
		session_end(session, state, "%s", text);
		return;
	}
	(void)report_set(&r, state, "%s", text);
	pgwire_put_report(&session->out, REPORT_ERROR, &r);
	report_reset(&r);
	if (message.type == 'Q' || message.type == 'F')
		pgwire_put_ready(&session->out, 'I');
	else
		session->skipping = true;
	pgwire_buffer_consume(&session->in, message.size);
	session_make_runnable(session);
	session_flush(session);
}
