/* Watches the pool's deadlines, stops the pool, and gives back memory that idle connections do not need. */
#include <inttypes.h>

#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "workers/postgres/pool/cancel.h"
#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

#define TICK_MS 500

/* ---- deadlines ---- */

static void
expire_servers(struct pg_pool *pool, int64_t now)
{
	for (unsigned i = 0; i < pool->nslots; i++) {
		struct backend *backend = pool->backends[i];

		if (backend == NULL || backend->deadline > now)
			continue;
		if (backend->state == BACKEND_CONNECTING || backend->state == BACKEND_RESOLVING) {
			backend_close(backend);
			pg_pool_connect_failed(pool, "no answer within 10 s");
		} else {
			backend_lost(backend, "it did not answer in time");
		}
	}
}

static void
expire_waiting(struct pg_pool *pool, int64_t now)
{
	struct pg_session *session;
	char text[400];

	/* While clients are paused they wait for as long as that lasts. */
	while (!pool->paused && (session = TAILQ_FIRST(&pool->waiting)) != NULL && session->deadline <= now) {
		int64_t seconds = (now - session->since) / 1000;
		bool reachable = pool->failure[0] == '\0' && pg_store_is_available(pool->store);

		if (reachable && pg_pool_role_is_full(pool, session->role))
			(void)snprintf(text, sizeof(text),
			    "no server connection became free within %lld s: sessions of the role %s "
			    "have all %u that they may have (database.roles.%s.max_connections)",
			    (long long)seconds, role_names[session->role], pg_pool_role_limit(pool, session->role),
			    role_names[session->role]);
		else if (reachable)
			(void)snprintf(text, sizeof(text),
			    "no server connection became free within %lld s: all %u are in use", (long long)seconds,
			    pool->nservers_max);
		else
			(void)snprintf(text, sizeof(text), "the database server was not reached within %lld s%s%s",
			    (long long)seconds, pool->failure[0] != '\0' ? ": " : "", pool->failure);
		pg_session_fail_waiting(session,
		    reachable ? SQLSTATE_TOO_MANY_CONNECTIONS : SQLSTATE_CANNOT_CONNECT_NOW, text);
	}
}

/* Logs once that all connections are kept, and again only after one was free. */
static void
tell_pinned(struct pg_pool *pool)
{
	bool all = pool->npinned >= pool->nservers_max;

	if (all && pool->nwaiting > 0 && !pool->pinned_told) {
		log_warning(
		    "all %u server connections are kept by sessions (temporary tables, advisory locks and the like) "
		    "while %u wait for one: end some, or raise pool.size",
		    pool->nservers_max, pool->nwaiting);
		worker_event(pool->worker, "pool.pinned",
		    "all %u server connections are kept by sessions while %u wait for one", pool->nservers_max,
		    pool->nwaiting);
	}
	pool->pinned_told = all && (pool->pinned_told || pool->nwaiting > 0);
}

static void
expire_sessions(struct pg_pool *pool, int64_t now)
{
	struct pg_session *session;

	while ((session = TAILQ_FIRST(&pool->starting)) != NULL && session->deadline <= now)
		pg_session_end(session, SQLSTATE_QUERY_CANCELED,
		    "canceling startup due to timeout: no startup packet within %" PRId64
		    " ms (server.startup_timeout)",
		    pool->worker->conf->server.startup_timeout);
	while ((session = TAILQ_FIRST(&pool->closing)) != NULL && session->deadline <= now)
		pg_session_close(session);
}

/* Whether the last statement of a client that has gone is within a transaction: unless it is COMMIT, all will be rolled
 * back. */
static bool
is_in_vain(const struct pg_session *session)
{
	return session->ended && session->backend->status != 'I' && session->backend->nrequests <= 1;
}

/* Statements that a client sent before it went are done, but for a bounded time, since nobody waits for them. */
static void
expire_leaving(struct pg_pool *pool, int64_t now)
{
	int64_t limit = pool->nwaiting > 0 ? SESSION_LEAVING_WANTED_MS : SESSION_LEAVING_MS;
	struct pg_session *session, *next;

	for (session = TAILQ_FIRST(&pool->leaving); session != NULL; session = next) {
		next = TAILQ_NEXT(session, leaving);
		if (session->backend == NULL)
			session->leaving_since = now;
		else if (now - session->leaving_since >= (is_in_vain(session) ? SESSION_LEAVING_IN_VAIN_MS : limit))
			pg_session_close(session);
	}
}

static void
tick(struct loop_timer *timer)
{
	struct pg_pool *pool = timer->arg;
	int64_t now = clock_now_ms();
	bool timed;

	pool->careful = false;
	expire_servers(pool, now);
	tell_pinned(pool);
	expire_waiting(pool, now);
	expire_sessions(pool, now);
	expire_leaving(pool, now);
	timed = listener_expire(pool, now);
	pg_pool_settle(pool);
	for (unsigned i = 0; i < pool->nslots && !timed; i++)
		timed = pool->backends[i] != NULL && pool->backends[i]->deadline != CLOCK_NEVER;
	if (timed || pool->careful || pool->retirement.active || !TAILQ_EMPTY(&pool->waiting) ||
	    !TAILQ_EMPTY(&pool->starting) || !TAILQ_EMPTY(&pool->closing) || !TAILQ_EMPTY(&pool->leaving))
		pg_pool_arm(pool);
}

void
pg_pool_arm(struct pg_pool *pool)
{
	if (pool->tick.loop == NULL)
		loop_timer_set(pool->loop, &pool->tick, TICK_MS, tick, pool);
}

/* ---- the end ---- */

static bool
is_busy(const struct pg_session *session)
{
	return session->is_waiting || listening_waits(session) ||
	    (session->backend != NULL &&
		(session->backend->nrequests > 0 || session->backend->unsynced || session->left > 0));
}

void
pg_pool_stop(struct pg_pool *pool, bool hurry, void (*drained)(void *context), void *context)
{
	struct pg_session *session, *next;

	pool->stopping = true;
	pool->hurried |= hurry;
	pool->drained = drained;
	pool->drained_context = context;
	loop_timer_cancel(&pool->retry);
	for (session = LIST_FIRST(&pool->sessions); session != NULL; session = next) {
		next = LIST_NEXT(session, entry);
		if (session->phase == SESSION_CLOSING || (is_busy(session) && !session->is_waiting && !hurry))
			continue;
		pg_session_end(session, SQLSTATE_ADMIN_SHUTDOWN, "terminating connection due to administrator command");
	}
	pg_pool_settle(pool);
}

/* ---- memory ---- */

uint8_t *
pg_pool_buffer_reserve(struct pg_pool *pool, struct pgwire_buffer *buffer, size_t size)
{
	if (buffer->data == NULL && !buffer->failed && pool->nblocks > 0) {
		buffer->data = pool->blocks[--pool->nblocks];
		buffer->capacity = POOL_BLOCK_SIZE;
	}
	if (buffer->data == NULL && !buffer->failed) {
		if ((buffer->data = malloc(POOL_BLOCK_SIZE)) != NULL)
			buffer->capacity = POOL_BLOCK_SIZE;
	}
	return pgwire_buffer_reserve(buffer, size);
}

void
pg_pool_buffer_give_back(struct pg_pool *pool, struct pgwire_buffer *buffer)
{
	if (buffer->data == NULL || pgwire_buffer_length(buffer) > 0)
		return;
	if (buffer->capacity == POOL_BLOCK_SIZE && pool->nblocks < POOL_BLOCKS_KEPT) {
		pool->blocks[pool->nblocks++] = buffer->data;
		*buffer = (struct pgwire_buffer) { .failed = buffer->failed };
		return;
	}
	pgwire_buffer_free(buffer);
}
