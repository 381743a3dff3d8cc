/*
 * The notifications of a session: told at once between statements, kept while it is in one or in a transaction.
 */
#include <endian.h>
#include <string.h>

#include "workers/postgres/pool/session_listen.h"

/* NotificationResponse up to the pid of the session that sent it. */
#define NOTIFICATION_HEAD_SIZE (ANSWER_HEADER_SIZE + sizeof(uint32_t))

static bool
is_between_statements(const struct pg_session *session)
{
	const struct backend *backend = session->backend;

	if (session->phase != SESSION_SERVING || session->listening->held || session->listening->nactions > 0)
		return false;
	return backend == NULL ||
	    (backend->status == 'I' && backend->nrequests == 0 && !backend->unsynced && backend->left == 0 &&
		session->left == 0);
}

void
listening_put(struct pg_session *session, struct pgwire_buffer *out, const struct answer *answer)
{
	bool has = session->backend != NULL && (session->listening == NULL || !session->listening->new_to_connection);
	uint32_t sender, own = has ? (uint32_t)PQbackendPID(session->backend->conn) : 0;

	memcpy(&sender, answer->data + ANSWER_HEADER_SIZE, sizeof(sender));
	sender = be32toh(sender);
	sender = sender == own ? session->pid : sender == session->pid ? SESSION_PID_OTHER : sender;
	pgwire_put_bytes(out, answer->data, ANSWER_HEADER_SIZE);
	pgwire_put_int32(out, sender);
	pgwire_put_bytes(out, answer->data + NOTIFICATION_HEAD_SIZE, answer->size - NOTIFICATION_HEAD_SIZE);
}

static bool
is_ascii(const struct answer *answer)
{
	for (size_t i = NOTIFICATION_HEAD_SIZE; i < answer->size; i++)
		if (answer->data[i] >= 0x80)
			return false;
	return true;
}

void
listening_note_encoding(struct pg_session *session)
{
	if (session->listening != NULL && session->pool->listener.ready)
		session->listening->foreign = !listening_has_encoding(session);
}

void
listening_notify(struct subscription *subscription, const struct answer *answer)
{
	struct listening *listening = subscription->listening;
	struct pg_session *session = listening->session;
	bool now = subscription->committed && is_between_statements(session) &&
	    pgwire_buffer_length(&listening->pending) == 0 && pgwire_buffer_length(&session->out) < POOL_BACKLOG_MAX;

	if (session->deaf || session->phase != SESSION_SERVING ||
	    (!subscription->committed && listening->nactions == 0))
		return;
	if (listening->foreign && !is_ascii(answer)) {
		pg_session_end(session, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "a notification cannot be told in the client's encoding, which was changed after LISTEN");
		return;
	}
	listening_put(session, now ? &session->out : &listening->pending, answer);
	if (now) {
		pg_session_make_runnable(session);
	} else if (listening->pending.failed || pgwire_buffer_length(&listening->pending) > LISTENING_PENDING_MAX) {
		pg_session_end(session, SQLSTATE_OUT_OF_MEMORY,
		    "too many notifications wait for the session, which is in a transaction or does not read them");
	}
}

void
listening_drain(struct pg_session *session)
{
	struct listening *listening = session->listening;

	if (listening == NULL || pgwire_buffer_length(&listening->pending) == 0 ||
	    pgwire_buffer_length(&session->out) >= POOL_BACKLOG_MAX / 2 || !is_between_statements(session))
		return;
	pgwire_put_bytes(&session->out, listening->pending.data + listening->pending.start,
	    pgwire_buffer_length(&listening->pending));
	pgwire_buffer_free(&listening->pending);
}
