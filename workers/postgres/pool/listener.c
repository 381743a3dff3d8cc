/* The connection that listens for all sessions: the invariant is at the head of listener.h. */
#include "workers/postgres/pool/listener.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "workers/postgres/pool/backend_answer.h"
#include "workers/postgres/pool/session.h"

/* Connections to the server beside pool.size: the superuser's three, bibd's two, admin's, and this one. */
#define CONNECTIONS_APART 7

/* ---- asking ---- */

static bool
listener_may_start(const struct pg_pool *pool)
{
	const struct conf *conf = pool->worker->conf;

	return pg_store_is_available(pool->store) && !pool->stopping &&
	    conf->database.postgres.pool_size + CONNECTIONS_APART <= conf->database.postgres.max_connections;
}

/* Counts a query that was put into the connection's buffer: one ReadyForQuery will answer it. */
static void
listener_asked(struct pg_pool *pool)
{
	struct listener *listener = &pool->listener;

	listener->asked++;
	listener->unsent = true;
	listener->backend->deadline = clock_now_ms() + LISTENER_ANSWER_MS;
	pg_pool_arm(pool);
}

void
listener_put_channel(struct pgwire_buffer *out, const char *verb, const char *name)
{
	pgwire_put_bytes(out, verb, strlen(verb));
	pgwire_put_bytes(out, " \"", 2);
	for (const char *p = name; *p != '\0'; p++) {
		pgwire_put_byte(out, (uint8_t)*p);
		if (*p == '"')
			pgwire_put_byte(out, '"');
	}
	pgwire_put_bytes(out, "\";", 2);
}

void
listener_inject(struct backend *backend)
{
	struct pgwire_buffer *sql = &backend->pool->scratch;

	pgwire_put_byte(sql, 0);
	if (sql->failed)
		backend->out.failed = true;
	else
		backend_inject_query(backend, (const char *)sql->data + sql->start);
}

void
listener_listen(struct pg_pool *pool, const char *name, bool listen)
{
	struct listener *listener = &pool->listener;

	if (!listen && pool->listener.channels.n == 0)
		listener->unused_since = clock_now_ms();
	/* Once connected, the listener listens to all channels that there are then. */
	if (!listener->ready)
		return;
	pgwire_buffer_consume(&pool->scratch, pgwire_buffer_length(&pool->scratch));
	listener_put_channel(&pool->scratch, listen ? "LISTEN" : "UNLISTEN", name);
	listener_inject(listener->backend);
	listener_asked(pool);
}

void
listener_await(struct listening *listening)
{
	struct pg_pool *pool = listening->session->pool;
	struct listener *listener = &pool->listener;

	if (listening->awaits != 0)
		return;
	if (listener->backend == NULL && (!listener_may_start(pool) || backend_connect_listener(pool) == NULL)) {
		listening->native = true;
		pg_session_make_runnable(listening->session);
		return;
	}
	if (listener->ready && !listener->unsent) {
		backend_inject_sync(listener->backend);
		listener_asked(pool);
	}
	listening->awaits = listener->ready ? listener->asked : 1;
	TAILQ_INSERT_TAIL(&listener->waiting, listening, waiting);
}

void
listener_forget(struct listening *listening)
{
	if (listening->awaits == 0)
		return;
	listening->awaits = 0;
	TAILQ_REMOVE(&listening->session->pool->listener.waiting, listening, waiting);
}

void
listener_flush(struct pg_pool *pool)
{
	if (!pool->listener.unsent || pool->listener.backend == NULL)
		return;
	pool->listener.unsent = false;
	backend_flush(pool->listener.backend);
}

/* ---- events ---- */

void
listener_connected(struct backend *backend)
{
	/* The listener may be idle for years, so timeouts are switched off. */
	static const char set[] =
	    "SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name IN "
	    "('idle_session_timeout', 'statement_timeout', 'transaction_timeout');";
	struct pg_pool *pool = backend->pool;
	struct pgwire_buffer *sql = &pool->scratch;
	struct notify_channel *channel;

	pool->listener.ready = true;
	pgwire_buffer_consume(sql, pgwire_buffer_length(sql));
	pgwire_put_bytes(sql, set, strlen(set));
	for (unsigned i = 0; i < CHANNELS_BUCKETS; i++)
		LIST_FOREACH(channel, &pool->listener.channels.buckets[i], bucket)
	listener_put_channel(sql, "LISTEN", channel->name);
	listener_inject(backend);
	listener_asked(pool);
	listener_flush(pool);
}

void
listener_ready(struct backend *backend)
{
	struct listener *listener = &backend->pool->listener;
	struct listening *listening;

	if (backend->sync_failed) {
		backend_lost(backend, "it could not listen");
		return;
	}
	listener->answered++;
	if (listener->answered == listener->asked)
		backend->deadline = CLOCK_NEVER;
	while ((listening = TAILQ_FIRST(&listener->waiting)) != NULL && listening->awaits <= listener->answered) {
		listener_forget(listening);
		listening_answered(listening);
	}
}

void
listener_take_notification(struct backend *backend, const struct answer *answer)
{
	struct pgwire_reader body = { .data = answer->data + ANSWER_HEADER_SIZE,
		.length = answer->size - ANSWER_HEADER_SIZE };
	struct subscription *subscription, *next;
	struct notify_channel *channel;

	(void)pgwire_get_int32(&body);
	channel = channels_find(&backend->pool->listener.channels, pgwire_get_string(&body));
	/* The subscription, and with the last one the channel, may be freed on the way. */
	for (subscription = channel == NULL ? NULL : LIST_FIRST(&channel->subscriptions); subscription != NULL;
	     subscription = next) {
		next = LIST_NEXT(subscription, of_channel);
		listening_notify(subscription, answer);
	}
}

/* Sessions that listen may have missed something and end; those that were about to listen do so on a connection of
 * their own. */
void
listener_gone(struct pg_pool *pool)
{
	struct listener *listener = &pool->listener;
	struct pg_session *session, *next;

	listener->backend = NULL;
	listener->ready = listener->unsent = false;
	listener->asked = listener->answered = 0;
	for (session = LIST_FIRST(&pool->sessions); session != NULL; session = next) {
		struct listening *listening = session->listening;

		next = LIST_NEXT(session, entry);
		if (listening == NULL)
			continue;
		listener_forget(listening);
		if (listening->ncommitted > 0 || listening->held) {
			pg_session_end(session, SQLSTATE_ADMIN_SHUTDOWN,
			    "terminating connection due to administrator command");
			continue;
		}
		listening->native = true;
		pg_session_make_runnable(session);
	}
}

bool
listener_expire(struct pg_pool *pool, int64_t now)
{
	struct listener *listener = &pool->listener;

	if (listener->backend == NULL || !listener->ready || listener->channels.n > 0)
		return false;
	if (now - listener->unused_since < LISTENER_UNUSED_MS || !TAILQ_EMPTY(&listener->waiting))
		return true;
	backend_close(listener->backend);
	return false;
}

void
listener_retire(struct pg_pool *pool, bool over)
{
	if (pool->listener.channels.n == 0 || over)
		backend_close(pool->listener.backend);
}
