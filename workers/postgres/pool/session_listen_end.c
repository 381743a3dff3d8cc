/*
 * What a session's LISTEN and UNLISTEN come to when its transaction is over: which of them took effect, and what it was
 * notified of meanwhile. The invariant is at the head of listener.h.
 */
#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "workers/postgres/pool/session_listen.h"

/* The last row of the query for the marks: without it, something has gone wrong. */
#define MARKS_END "bibd"

/* The size of the first notification that waits; 0: there is none. */
static size_t
first_pending(const struct listening *listening, struct pgwire_reader *body)
{
	const uint8_t *data = listening->pending.data + listening->pending.start;
	uint32_t length;

	if (pgwire_buffer_length(&listening->pending) < ANSWER_HEADER_SIZE)
		return 0;
	memcpy(&length, data + 1, sizeof(length));
	length = be32toh(length);
	*body = (struct pgwire_reader) { .data = data + ANSWER_HEADER_SIZE, .length = length - sizeof(length) };
	return (size_t)length + 1;
}

/* A notification that came before the subscription, or after it, is dropped. */
static void
drop_others(struct listening *listening)
{
	struct channels *channels = &listening->session->pool->listener.channels;
	struct pgwire_buffer kept = { 0 }, *pending = &listening->pending;
	struct pgwire_reader body;
	size_t size;

	while ((size = first_pending(listening, &body)) > 0) {
		struct subscription *subscription;

		(void)pgwire_get_int32(&body);
		subscription = channels_find_in(channels, listening, pgwire_get_string(&body));
		if (subscription != NULL && subscription->committed)
			pgwire_put_bytes(&kept, pending->data + pending->start, size);
		pgwire_buffer_consume(pending, size);
	}
	kept.failed |= pending->failed;
	pgwire_buffer_free(pending);
	*pending = kept;
}

static void
set_committed(struct listening *listening, struct subscription *subscription, bool committed)
{
	if (subscription == NULL || subscription->committed == committed)
		return;
	subscription->committed = committed;
	listening->ncommitted += committed ? 1 : -1U;
}

static void
apply(struct listening *listening, const struct listening_action *action)
{
	struct channels *channels = &listening->session->pool->listener.channels;
	struct subscription *subscription;

	if (action->name[0] != '\0') {
		set_committed(listening, channels_find_in(channels, listening, action->name), action->listen);
		return;
	}
	LIST_FOREACH(subscription, &listening->subscriptions, of_listening)
	set_committed(listening, subscription, false);
}

static void
apply_all(struct pg_session *session)
{
	struct listening *listening = session->listening;

	for (unsigned i = 0; i < listening->nactions; i++) {
		const struct listening_action *action = &listening->actions[i];

		if (action->mark == 0 ? !session->failed && i < listening->nmarked : action->happened)
			apply(listening, action);
	}
	listening->nactions = listening->nmarked = 0;
	if (session->discarding && !session->failed) {
		listening_unsubscribe(listening, true);
		listening->native = listening->mirrored = false;
	}
	/* The session's own connection listens, too. */
	if (listening->ncommitted > 0 && session->pool->listener.backend == NULL) {
		pg_session_pin(session);
		listening_unsubscribe(listening, true);
	}
	listening_unsubscribe(listening, false);
}

static void
release(struct pg_session *session)
{
	struct listening *listening = session->listening;

	listening->held = false;
	drop_others(listening);
	session->out.failed |= listening->pending.failed;
	if (!session->deaf)
		pgwire_put_bytes(&session->out, listening->pending.data + listening->pending.start,
		    pgwire_buffer_length(&listening->pending));
	pgwire_buffer_free(&listening->pending);
	if (listening->nsubscriptions == 0 && !listening->native)
		listening_free(session);
	pgwire_put_ready(&session->out, 'I');
	pg_session_query_done(session, 'I');
	pg_session_flush(session);
}

static void
apply_and_wait(struct pg_session *session)
{
	apply_all(session);
	if (session->listening->nsubscriptions > 0)
		listener_await(session->listening);
	else
		release(session);
}

void
listening_settle(struct pg_session *session)
{
	static const char ask[] = "SELECT * FROM pg_catalog.pg_listening_channels() UNION ALL SELECT '" MARKS_END "'";
	struct listening *listening = session->listening;
	struct backend *backend = session->backend;
	bool marked = false;

	listening->held = true;
	for (unsigned i = 0; i < listening->nactions; i++)
		marked |= listening->actions[i].mark != 0;
	if (marked) {
		listening->resolving = true;
		listening->resolved = false;
		backend_inject_query(backend, ask);
		backend_flush(backend);
		return;
	}
	apply_and_wait(session);
}

void
listening_take_row(struct pg_session *session, const uint8_t *row, size_t size)
{
	struct pgwire_reader r = { .data = row, .length = size };
	struct listening *listening = session->listening;
	char name[MARK_SIZE], mark[MARK_SIZE];
	const uint8_t *value;
	uint32_t length;

	if (pgwire_get_int16(&r) != 1 || (length = pgwire_get_int32(&r)) >= sizeof(name) ||
	    (value = pgwire_get_bytes(&r, length)) == NULL)
		return;
	memcpy(name, value, length);
	name[length] = '\0';
	listening->resolved |= strcmp(name, MARKS_END) == 0;
	for (unsigned i = 0; i < listening->nactions; i++) {
		(void)snprintf(mark, sizeof(mark), MARK, session->pool->prepared.token, listening->actions[i].mark);
		listening->actions[i].happened |= listening->actions[i].mark != 0 && strcmp(name, mark) == 0;
	}
}

/* Removes the marks from a connection that the session keeps; from another they go when the session releases it. */
static void
unlisten_marks(struct pg_session *session)
{
	char text[MARK_SIZE + 16];

	for (unsigned i = 0; i < session->listening->nactions && session->pinned; i++) {
		if (!session->listening->actions[i].happened)
			continue;
		(void)snprintf(text, sizeof(text), "UNLISTEN \"" MARK "\"", session->pool->prepared.token,
		    session->listening->actions[i].mark);
		backend_inject_query(session->backend, text);
	}
}

void
listening_resolve(struct pg_session *session)
{
	struct listening *listening = session->listening;

	listening->resolving = false;
	if (!listening->resolved) {
		pg_session_end(session, SQLSTATE_ADMIN_SHUTDOWN, "what the session listens to is not known any more");
		return;
	}
	unlisten_marks(session);
	backend_flush(session->backend);
	/* The session may have ended by that. */
	if (session->listening != NULL)
		apply_and_wait(session);
}

void
listening_answered(struct listening *listening)
{
	struct pg_session *session = listening->session;

	listening->new_to_connection = false;
	if (listening->held && !listening->resolving)
		release(session);
	else
		pg_session_make_runnable(session);
}
