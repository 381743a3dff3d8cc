/*
 * bibctl pause: a session that is in no transaction gets no server connection, and one that keeps its connection does
 * not go on with it; transactions that are open, and batches without their Sync, do, until the last has ended or the
 * time for that is over. Sessions wait as they do for a connection, without a deadline.
 */
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

/* Ids of sessions that are named to people. */
#define PAUSE_NAMED 3

static bool
is_at_work(const struct backend *backend)
{
	/* A connection without a session may still be rolling a transaction back. */
	if (backend->session == NULL)
		return backend->state == BACKEND_CLEANING;
	return backend->session->phase == SESSION_SERVING &&
	    (backend->nrequests > 0 || backend->unsynced || backend->status != 'I');
}

/* How many transactions are open, and the ids of the first of their sessions. */
static unsigned
count_open(const struct pg_pool *pool, char *who, size_t size)
{
	unsigned n = 0, named = 0;
	size_t used = 0;

	who[0] = '\0';
	for (unsigned i = 0; i < pool->nslots; i++) {
		const struct backend *backend = pool->backends[i];

		if (backend == NULL || !is_at_work(backend))
			continue;
		n++;
		if (backend->session == NULL)
			continue;
		if (named++ < PAUSE_NAMED && used < size)
			used += (size_t)snprintf(who + used, size - used, "%s%u", named > 1 ? ", " : "",
			    (unsigned)backend->session->pid);
		else if (named == PAUSE_NAMED + 1 && used < size)
			(void)snprintf(who + used, size - used, " and others");
	}
	return n;
}

static void
pause_answer(struct pg_pool *pool, uint32_t open, const char *who)
{
	struct message_paused paused = { .open = open, .who = who };

	pool->draining = false;
	loop_timer_cancel(&pool->drain_timer);
	(void)channel_send_paused(&pool->worker->channel, 0, &paused, -1);
}

static void
pause_is_over(struct loop_timer *timer)
{
	struct pg_pool *pool = timer->arg;
	char who[64];
	unsigned open = count_open(pool, who, sizeof(who));

	pause_answer(pool, open, who);
}

void
pg_pool_pause_step(struct pg_pool *pool)
{
	char who[64];

	if (pool->draining && count_open(pool, who, sizeof(who)) == 0)
		pause_answer(pool, 0, "");
}

void
pg_pool_pause(struct pg_pool *pool, int64_t drain_ms)
{
	pool->paused = pool->draining = true;
	loop_timer_set(pool->loop, &pool->drain_timer, drain_ms, pause_is_over, pool);
	pg_pool_settle(pool);
}

void
pg_pool_unpause(struct pg_pool *pool)
{
	const struct conf_health *health = conf_health(pool->worker->conf);
	struct pg_session *session;

	if (!pool->paused)
		return;
	pool->paused = pool->draining = false;
	loop_timer_cancel(&pool->drain_timer);
	/* The time that these sessions wait for a connection is counted from now. */
	TAILQ_FOREACH(session, &pool->waiting, waiting)
	{
		session->since = clock_now_ms();
		session->deadline = session->since + health->startup_timeout;
	}
	LIST_FOREACH(session, &pool->sessions, entry)
	if (session->blocked && session->backend != NULL)
		pg_session_make_runnable(session);
	pg_pool_arm(pool);
	pg_pool_settle(pool);
}

bool
pg_pool_holds_back(const struct pg_session *session)
{
	const struct backend *backend = session->backend;

	return session->pool->paused && backend != NULL && session->phase == SESSION_SERVING && !is_at_work(backend);
}
