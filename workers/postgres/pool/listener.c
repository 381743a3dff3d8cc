/* The connection that listens for all sessions: the invariant is at the head of listener.h. */
#include "workers/postgres/pool/listener.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "workers/postgres/pool/server_answer.h"
#include "workers/postgres/pool/session.h"

/* Connections to the server beside pool.size: the superuser's three, bibd's two, admin's, and this one. */
#define CONNECTIONS_APART 7

/* ---- asking ---- */

static bool
listener_may_start(const struct pool *pool)
{
	const struct conf *conf = pool->worker->conf;

	return store_is_available(pool->store) && !pool->stopping &&
	    conf->database.postgres.pool_size + CONNECTIONS_APART <= conf->database.postgres.max_connections;
}

/* What was put into the connection's buffer is answered by one ReadyForQuery. */
static void
listener_asked(struct pool *pool)
{
	struct listener *listener = &pool->listener;

	listener->asked++;
	listener->unsent = true;
	listener->server->deadline = clock_now_ms() + LISTENER_ANSWER_MS;
	pool_arm(pool);
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
listener_inject(struct server *server)
{
	struct pgwire_buffer *sql = &server->pool->scratch;

	pgwire_put_byte(sql, 0);
	if (sql->failed)
		server->out.failed = true;
	else
		server_inject_query(server, (const char *)sql->data + sql->start);
}

void
listener_listen(struct pool *pool, const char *name, bool listen)
{
	struct listener *listener = &pool->listener;

	if (!listen && pool->listener.channels.n == 0)
		listener->unused_since = clock_now_ms();
	/* When it is connected it listens to all that there is then. */
	if (!listener->ready)
		return;
	pgwire_buffer_consume(&pool->scratch, pgwire_buffer_length(&pool->scratch));
	listener_put_channel(&pool->scratch, listen ? "LISTEN" : "UNLISTEN", name);
	listener_inject(listener->server);
	listener_asked(pool);
}

void
listener_await(struct listening *listening)
{
	struct pool *pool = listening->session->pool;
	struct listener *listener = &pool->listener;

	if (listening->awaits != 0)
		return;
	if (listener->server == NULL && (!listener_may_start(pool) || server_connect_listener(pool) == NULL)) {
		listening->native = true;
		session_make_runnable(listening->session);
		return;
	}
	if (listener->ready && !listener->unsent) {
		server_inject_sync(listener->server);
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
listener_flush(struct pool *pool)
{
	if (!pool->listener.unsent || pool->listener.server == NULL)
		return;
	pool->listener.unsent = false;
	server_flush(pool->listener.server);
}

/* ---- events ---- */

void
listener_connected(struct server *server)
{
	/* It may be idle for years. */
	static const char set[] = "SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name IN "
				  "('idle_session_timeout', 'statement_timeout', 'transaction_timeout');";
	struct pool *pool = server->pool;
	struct pgwire_buffer *sql = &pool->scratch;
	struct notify_channel *channel;

	pool->listener.ready = true;
	pgwire_buffer_consume(sql, pgwire_buffer_length(sql));
	pgwire_put_bytes(sql, set, strlen(set));
	for (unsigned i = 0; i < CHANNELS_BUCKETS; i++)
		LIST_FOREACH(channel, &pool->listener.channels.buckets[i], bucket)
			listener_put_channel(sql, "LISTEN", channel->name);
	listener_inject(server);
	listener_asked(pool);
	listener_flush(pool);
}

void
listener_ready(struct server *server)
{
	struct listener *listener = &server->pool->listener;
	struct listening *listening;

	if (server->sync_failed) {
		server_lost(server, "it could not listen");
		return;
	}
	listener->answered++;
	if (listener->answered == listener->asked)
		server->deadline = CLOCK_NEVER;
	while ((listening = TAILQ_FIRST(&listener->waiting)) != NULL && listening->awaits <= listener->answered) {
		listener_forget(listening);
		listening_answered(listening);
	}
}

void
listener_take_notification(struct server *server, const struct answer *answer)
{
	struct pgwire_reader body = { .data = answer->data + ANSWER_HEADER_SIZE, .length = answer->size - ANSWER_HEADER_SIZE };
	struct subscription *subscription, *next;
	struct notify_channel *channel;

	(void)pgwire_get_int32(&body);
	channel = channels_find(&server->pool->listener.channels, pgwire_get_string(&body));
	/* The last one may end with it, and the channel with that. */
	for (subscription = channel == NULL ? NULL : LIST_FIRST(&channel->subscriptions); subscription != NULL;
	     subscription = next) {
		next = LIST_NEXT(subscription, of_channel);
		listening_notify(subscription, answer);
	}
}

/* Who listens has missed something; who was going to listens on a connection of its own. */
void
listener_gone(struct pool *pool)
{
	struct listener *listener = &pool->listener;
	struct session *session, *next;

	listener->server = NULL;
	listener->ready = listener->unsent = false;
	listener->asked = listener->answered = 0;
	for (session = LIST_FIRST(&pool->sessions); session != NULL; session = next) {
		struct listening *listening = session->listening;

		next = LIST_NEXT(session, entry);
		if (listening == NULL)
			continue;
		listener_forget(listening);
		if (listening->ncommitted > 0 || listening->held) {
			session_end(session, SQLSTATE_ADMIN_SHUTDOWN, "terminating connection due to administrator command");
			continue;
		}
		listening->native = true;
		session_make_runnable(session);
	}
}

bool
listener_expire(struct pool *pool, int64_t now)
{
	struct listener *listener = &pool->listener;

	if (listener->server == NULL || !listener->ready || listener->channels.n > 0)
		return false;
	if (now - listener->unused_since < LISTENER_UNUSED_MS || !TAILQ_EMPTY(&listener->waiting))
		return true;
	server_close(listener->server);
	return false;
}

void
listener_retire(struct pool *pool, bool over)
{
	if (pool->listener.channels.n == 0 || over)
		server_close(pool->listener.server);
}
