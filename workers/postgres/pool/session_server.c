/* A session and its server connection: getting it, keeping it, and what follows from an answer. */
#include <string.h>

#include "common/clock.h"
#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

void
pg_session_pin(struct pg_session *session)
{
	session->pinned = true;
	if (session->backend == NULL)
		return;
	session->backend->dirty = true;
	if (session->backend->state == BACKEND_ACTIVE)
		backend_move(session->backend, BACKEND_PINNED);
}

bool
pg_session_has_server(struct pg_session *session)
{
	struct backend *backend = session->backend;

	if (pg_pool_holds_back(session))
		return false;
	if (backend == NULL && !pg_pool_acquire(session->pool, session))
		return false;
	backend = session->backend;
	if (backend->state == BACKEND_SYNCING || backend_is_full(backend) || listening_waits(session))
		return false;
	/* RESET ALL has taken away what the session had started with. */
	if (backend->applied != session->settings && backend->nrequests == 0 && !backend->unsynced &&
	    backend->status == 'I') {
		backend_synchronise(backend);
		return false;
	}
	return true;
}

/* A statement about settings has been answered. What the connection has is known only when all went well. */
static void
pg_session_adopt_settings(struct pg_session *session, bool failed)
{
	struct pg_settings_table *table = &session->pool->settings;
	struct backend *backend = session->backend;

	if (session->pending == NULL)
		return;
	pg_settings_release(table, backend->applied);
	backend->applied = NULL;
	if (!failed && session->pending_done) {
		/* Statements that were parsed before were read in a way in which no other connection would read them
		 * now. */
		if (!pg_settings_read_alike(table, session->settings, session->pending)) {
			session->reading++;
			if (session->names.n > 0)
				pg_session_pin(session);
		}
		if (!pg_settings_have_same_dates(session->settings, session->pending))
			session->dates++;
		pg_settings_release(table, session->settings);
		session->settings = session->pending;
		backend->applied = session->pending_applied;
		session->tell_parameters = backend->applied != session->settings;
		if (session->settings->unsafe)
			pg_session_pin(session);
	} else {
		pg_settings_release(table, session->pending);
		pg_settings_release(table, session->pending_applied);
	}
	session->pending = session->pending_applied = NULL;
}

static bool
pg_session_may_let_go(const struct pg_session *session)
{
	const struct backend *backend = session->backend;

	return !session->pinned && backend->status == 'I' && backend->nrequests == 0 && !backend->unsynced &&
	    session->left == 0 && session->phase == SESSION_SERVING;
}

/* Counts an answer; of several statements that were sent at once, the server now runs the next. */
static void
count_answer(struct pg_session *session, char status)
{
	struct traffic *traffic = &session->pool->traffic;
	const bool counts = !session->peer.is_check, more = session->backend != NULL && session->backend->nrequests > 0;

	if (counts && session->asked_us != 0 && session->awaits_answer)
		traffic_note_answer(traffic, session->changed_us - session->asked_us);
	if (counts && status == 'I' && session->has_run)
		traffic_note_transaction(traffic);
	session->has_run &= status != 'I';
	session->asked_us = more ? session->changed_us : 0;
	session->awaits_answer = more;
}

void
pg_session_query_done(struct pg_session *session, char status)
{
	struct backend *backend = session->backend;
	bool failed = session->failed;

	session->failed = false;
	session->changed_us = clock_realtime_us();
	count_answer(session, status);
	if (status == 'I')
		session->transaction_us = 0;
	/* The SET has become part of a transaction, which may be rolled back. */
	if (status != 'I')
		pg_session_doubt_settings(session);
	pg_session_adopt_settings(session, failed);
	/* The server has reported what has changed. */
	if (backend->nrequests == 0)
		session->unseen = false;
	if (session->discarding && !failed && status == 'I') {
		session->raw = false;
		session->pinned = session->settings->unsafe || session->startup->unsafe;
		backend->sequence_owner = session->id;
	}
	session->discarding = false;
	session->local &= status != 'I';
	session->makes_temporary = false;
	if (backend->nrequests == 0) {
		session->barrier = false;
		if (session->blocked)
			pg_session_make_runnable(session);
	}
	if (session->blocked && session->ended)
		pg_session_make_runnable(session);
	if (session->pool->stopping && backend->nrequests == 0 && !backend->unsynced) {
		pg_session_end(session, SQLSTATE_ADMIN_SHUTDOWN, "terminating connection due to administrator command");
		return;
	}
	if (pg_session_may_let_go(session))
		backend_release(backend);
}

void
pg_session_fail_waiting(struct pg_session *session, enum sqlstate state, const char *text)
{
	struct report r = { 0 };
	struct pgwire_message message;
	size_t wanted;

	session->asked_us = 0;
	pg_pool_stop_waiting(session);
	/* A large message of which only a part has come cannot be answered with an error and then passed over. */
	if (session->phase != SESSION_SERVING || pgwire_next_message(&session->in, &message, &wanted) != 1) {
		pg_session_end(session, state, "%s", text);
		return;
	}
	(void)report_set(&r, state, "%s", text);
	pgwire_put_report(&session->out, REPORT_ERROR, &r);
	report_reset(&r);
	/* Begun and cancelled, these would have ended it on the server. */
	if (message.type == 'Q' || (message.type == 'P' && pgwire_get_string(&message.body)[0] == '\0'))
		pg_session_forget_unnamed(session);
	if (message.type == 'Q' || message.type == 'F')
		pgwire_put_ready(&session->out, 'I');
	else
		session->skipping = true;
	pgwire_buffer_consume(&session->in, message.size);
	pg_session_make_runnable(session);
	pg_session_flush(session);
}
