/* LISTEN and UNLISTEN of a session, and what it is notified of: the invariant is at the head of listener.h. */
#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "workers/postgres/pool/backend_answer.h"
#include "workers/postgres/pool/session.h"

#define MARK "bibd_%016" PRIx64 "_%" PRIx64
#define MARK_SIZE 48
/* The last row of the query for the marks: without it, something has gone wrong. */
#define MARKS_END "bibd"
/* NotificationResponse up to the pid of whoever sent it. */
#define NOTIFICATION_HEAD_SIZE (ANSWER_HEADER_SIZE + sizeof(uint32_t))

/* ---- small parts ---- */

static const char *
encoding_of(const struct backend *backend)
{
	for (unsigned i = 0; backend != NULL && i < BACKEND_PARAMETERS_MAX && backend->parameters[i].name != NULL; i++)
		if (strcmp(backend->parameters[i].name, "client_encoding") == 0)
			return backend->parameters[i].value;
	return "";
}

static bool
has_listener_encoding(const struct pg_session *session)
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

/* Ends the subscriptions that are not committed, or all. */
static void
unsubscribe_all(struct listening *listening, bool committed)
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
	unsubscribe_all(listening, true);
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
	taking.native = session->listening->native || (listens && !has_listener_encoding(session));
	if (taking.native && listens) {
		pg_session_pin(session);
		if (session->listening->nactions == 0)
			unsubscribe_all(session->listening, false);
	}
	words_channels(text, size, take_action, &taking);
	if (taking.fails)
		pg_session_end(session, SQLSTATE_OUT_OF_MEMORY, "too many LISTEN and UNLISTEN in one transaction");
	return !taking.fails;
}

/* ---- after it ---- */

static void
inject_mark_in_batch(struct backend *backend, const char *text)
{
	static const uint8_t bind[] = "\0bibd_m\0\0\0\0\0\0", execute[] = "\0\0\0\0";
	struct pgwire_buffer *out = &backend->out;
	uint8_t body[MARK_SIZE + 32] = { 0 };
	size_t mark;

	(void)strlcpy((char *)body, text, sizeof(body) - 2);
	backend_inject_parse(backend, "bibd_m", body, strlen(text) + 3, (struct request) { .flags = REQUEST_INJECTED });
	mark = pgwire_begin_message(out, 'B');
	pgwire_put_bytes(out, bind, sizeof(bind));
	pgwire_end_message(out, mark);
	backend_push(backend, (struct request) { .kind = REQUEST_BIND, .flags = REQUEST_INJECTED });
	mark = pgwire_begin_message(out, 'E');
	pgwire_put_bytes(out, execute, sizeof(execute));
	pgwire_end_message(out, mark);
	backend_push(backend, (struct request) { .kind = REQUEST_EXECUTE, .flags = REQUEST_INJECTED });
	backend_inject_close(backend, "bibd_m");
}

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
			inject_mark_in_batch(backend, text);
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

/* ---- when the transaction is over ---- */

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
		unsubscribe_all(listening, true);
		listening->native = listening->mirrored = false;
	}
	/* The session's own connection listens, too. */
	if (listening->ncommitted > 0 && session->pool->listener.backend == NULL) {
		pg_session_pin(session);
		unsubscribe_all(listening, true);
	}
	unsubscribe_all(listening, false);
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

/* ---- notifications ---- */

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
		session->listening->foreign = !has_listener_encoding(session);
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
