/*
 * LISTEN and UNLISTEN of a session, before they are sent and just after: the invariant is at the head of listener.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "workers/postgres/pool/session_listen.h"

/* ---- small parts ---- */

static const char *
encoding_of(const struct backend *backend)
{
	for (unsigned i = 0; backend != NULL && i < BACKEND_PARAMETERS_MAX && backend->parameters[i].name != NULL; i++)
		if (strcmp(backend->parameters[i].name, "client_encoding") == 0)
			return backend->parameters[i].value;
	return "";
}

bool
listening_has_encoding(const struct pg_session *session)
{
	return strcmp(encoding_of(session->backend), encoding_of(session->pool->listener.backend)) == 0;
}

bool
listening_concerns(const struct pg_session *session)
{
	const struct listening *listening = session->listening;

	return listening != NULL && (listening->nsubscriptions > 0 || listening->nactions > 0);
}

bool
listening_waits(const struct pg_session *session)
{
	return session->listening != NULL && (session->listening->awaits != 0 || session->listening->held);
}

bool
listening_has(const struct pg_session *session, const char *name)
{
	const struct listening *listening = session->listening;

	return listening != NULL && channels_find_in(&session->pool->listener.channels, listening, name) != NULL;
}

static void
unsubscribe(struct listening *listening, struct subscription *subscription)
{
	struct pg_pool *pool = listening->session->pool;
	char name[WORDS_NAME_SIZE];

	listening->nsubscriptions--;
	listening->ncommitted -= subscription->committed ? 1 : 0;
	if (channels_unsubscribe(&pool->listener.channels, subscription, name))
		listener_listen(pool, name, false);
}

void
listening_unsubscribe(struct listening *listening, bool committed)
{
	struct subscription *subscription, *next;

	for (subscription = LIST_FIRST(&listening->subscriptions); subscription != NULL; subscription = next) {
		next = LIST_NEXT(subscription, of_listening);
		if (committed || !subscription->committed)
			unsubscribe(listening, subscription);
	}
}

void
listening_free(struct pg_session *session)
{
	struct listening *listening = session->listening;

	if (listening == NULL)
		return;
	listener_forget(listening);
	listening_unsubscribe(listening, true);
	pgwire_buffer_free(&listening->pending);
	free(listening->actions);
	free(listening);
	session->listening = NULL;
}

static struct listening *
need_listening(struct pg_session *session)
{
	if (session->listening == NULL && (session->listening = calloc(1, sizeof(struct listening))) != NULL)
		session->listening->session = session;
	return session->listening;
}

/* ---- before a message is sent ---- */

struct taking {
	struct listening *listening;
	bool subscribes, fails; /* subscribes: to a channel to which the session was not */
	bool native;		/* LISTEN is the connection's own */
};

/* Has the listener listen to the channel, if no session has asked for that yet. */
static void
take_channel(void *arg, bool listen, const char *name)
{
	struct taking *taking = arg;
	struct listening *listening = taking->listening;
	struct pg_pool *pool = listening->session->pool;
	bool is_new;

	if (!listen || taking->fails || channels_find_in(&pool->listener.channels, listening, name) != NULL)
		return;
	if (listening->nsubscriptions >= LISTENING_CHANNELS_MAX ||
	    channels_subscribe(&pool->listener.channels, listening, &listening->subscriptions, name, &is_new) == NULL) {
		taking->fails = true;
		return;
	}
	listening->nsubscriptions++;
	taking->subscribes = true;
	if (is_new)
		listener_listen(pool, name, true);
}

static void
take_action(void *arg, bool listen, const char *name)
{
	struct taking *taking = arg;
	struct listening *listening = taking->listening;
	struct listening_action *actions;
	unsigned capacity = listening->capacity == 0 ? 4 : 2 * listening->capacity;

	/* A channel that the session has through the listener stays there; notifications on its own connection are then
	 * not passed on. */
	if (listen && taking->native &&
	    channels_find_in(&listening->session->pool->listener.channels, listening, name) == NULL)
		return;
	if (listening->nactions == listening->capacity) {
		if (listening->nactions >= LISTENING_CHANNELS_MAX ||
		    (actions = reallocarray(listening->actions, capacity, sizeof(*actions))) == NULL) {
			taking->fails = true;
			return;
		}
		listening->actions = actions;
		listening->capacity = capacity;
	}
	listening->actions[listening->nactions] = (struct listening_action) { .listen = listen };
	(void)strlcpy(listening->actions[listening->nactions++].name, name, WORDS_NAME_SIZE);
}

/* Returns true when the text may not be sent yet, since the listener is asked first. */
static bool
must_ask(struct pg_session *session, const uint8_t *text, size_t size)
{
	struct taking taking = { .listening = session->listening };
	struct listening *listening = session->listening;

	if (listening->native)
		return false;
	words_channels(text, size, take_channel, &taking);
	if (taking.fails) {
		listening->native = true;
		return false;
	}
	if (listening->prepared && !taking.subscribes)
		return false;
	/* Notifications that have come for the session so far were committed before. */
	listening->prepared = true;
	listener_await(listening);
	return true;
}

bool
listening_catch_up(struct pg_session *session)
{
	struct listening *listening = session->listening;
	const struct backend *backend = session->backend;

	if (listening == NULL || listening->ncommitted == 0 || backend->unsynced || backend->status != 'I' ||
	    backend->copying)
		return true;
	/* Requests are under way: notifications that come before their answers would have to wait. */
	if (backend->nrequests > 0)
		return false;
	listening->caught_up = !listening->caught_up;
	if (listening->caught_up)
		listener_await(listening);
	return !listening->caught_up;
}

bool
listening_prepare(struct pg_session *session, const struct words *words, const uint8_t *text, size_t size, bool unclear)
{
	struct backend *backend = session->backend;
	bool listens = (words->flags & (WORDS_LISTEN | WORDS_LISTEN_AMONG)) != 0;
	struct taking taking = { 0 };

	if ((words->flags & (WORDS_LISTEN | WORDS_LISTEN_AMONG | WORDS_UNLISTEN)) == 0 || text == NULL)
		return true;
	if (session->listening == NULL && !listens)
		return true;
	/* Whether a simple query is a transaction of its own is known only when all before it is answered. */
	if (backend->nrequests > 0 && !backend->unsynced)
		return false;
	if (need_listening(session) == NULL) {
		pg_session_pin(session);
		return true;
	}
	taking.listening = session->listening;
	if (unclear || session->settings->unsafe || session->startup->unsafe || (words->flags & WORDS_STATE) != 0)
		session->listening->native = listens || session->listening->native;
	else if (listens && must_ask(session, text, size))
		return false;
	taking.native = session->listening->native || (listens && !listening_has_encoding(session));
	if (taking.native && listens) {
		pg_session_pin(session);
		if (session->listening->nactions == 0)
			listening_unsubscribe(session->listening, false);
	}
	words_channels(text, size, take_action, &taking);
	if (taking.fails)
		pg_session_end(session, SQLSTATE_OUT_OF_MEMORY, "too many LISTEN and UNLISTEN in one transaction");
	return !taking.fails;
}

/* ---- after it ---- */

void
listening_consumed(struct pg_session *session)
{
	if (session->listening != NULL)
		session->listening->prepared = session->listening->caught_up = false;
}

void
listening_drop_unsent(struct pg_session *session)
{
	if (session->listening != NULL)
		session->listening->nactions = session->listening->nmarked;
}

void
listening_sent(struct pg_session *session, bool query)
{
	struct listening *listening = session->listening;
	struct backend *backend = session->backend;
	char text[MARK_SIZE + 16];

	if (listening == NULL)
		return;
	/* Notifications that came before the session's first LISTEN was committed are not for it. */
	if (listening->ncommitted == 0)
		pgwire_buffer_free(&listening->pending);
	for (; listening->nmarked < listening->nactions; listening->nmarked++) {
		struct listening_action *action = &listening->actions[listening->nmarked];

		backend->listens = true;
		/* A query that is a transaction by itself needs no mark; in a failed transaction nothing takes
		 * effect. */
		if (query && backend->status == 'I')
			continue;
		action->mark = ++session->pool->listener.next_mark;
		if (query && backend->status == 'E')
			continue;
		(void)snprintf(text, sizeof(text), "LISTEN \"" MARK "\"", session->pool->prepared.token, action->mark);
		if (query)
			backend_inject_query(backend, text);
		else
			backend_inject_statement(backend, "", "bibd_m", text);
	}
}

void
listening_mirror(struct pg_session *session)
{
	struct listening *listening = session->listening;
	struct pgwire_buffer *sql = &session->pool->scratch;
	struct backend *backend = session->backend;
	struct subscription *subscription;

	/* Within a transaction it would come too late. */
	if (listening == NULL || listening->ncommitted == 0 || listening->mirrored || backend->status != 'I' ||
	    backend->unsynced || backend->nrequests > 0)
		return;
	listening->mirrored = true;
	pg_session_pin(session);
	pgwire_buffer_consume(sql, pgwire_buffer_length(sql));
	LIST_FOREACH(subscription, &listening->subscriptions, of_listening)
	listener_put_channel(sql, "LISTEN", subscription->channel->name);
	listener_inject(backend);
}
