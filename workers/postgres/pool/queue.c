/*
 * The sessions that wait for a server connection, in the order in which they came: one queue for each role and one for
 * bibd's own check. A connection goes to the session that has waited longest among those that can have it, and is found
 * without a look at those that cannot, however many they are.
 */
#include "common/clock.h"
#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

/* How long a session that is first in the queue lets sessions of other roles go before it. */
#define FAIRNESS_MS 50

/* bibd's check has a queue apart, since no role's bound holds it up. */
static unsigned
queue_of(const struct pg_session *session)
{
	return session->peer.is_check ? ROLES : (unsigned)session->role;
}

void
pg_pool_start_waiting(struct pg_pool *pool, struct pg_session *session)
{
	const struct conf_health *health = conf_health(pool->worker->conf);

	session->is_waiting = true;
	session->since = clock_now_ms();
	session->changed_us = clock_realtime_us();
	if (session->asked_us == 0)
		session->asked_us = session->changed_us;
	session->deadline = session->since + health->startup_timeout;
	session->turn = ++pool->next_turn;
	TAILQ_INSERT_TAIL(&pool->waiting, session, waiting);
	TAILQ_INSERT_TAIL(&pool->queues[queue_of(session)], session, queued);
	pool->nwaiting++;
	pool->waiting_roles[session->role]++;
	pg_pool_arm(pool);
}

void
pg_pool_stop_waiting(struct pg_session *session)
{
	struct pg_pool *pool = session->pool;

	if (!session->is_waiting)
		return;
	session->is_waiting = false;
	TAILQ_REMOVE(&pool->waiting, session, waiting);
	TAILQ_REMOVE(&pool->queues[queue_of(session)], session, queued);
	pool->nwaiting--;
	pool->waiting_roles[session->role]--;
}

/* at: the session that the search has come to in each queue. Returns the one of them that has waited longest. */
static struct pg_session *
find_longest(struct pg_session *const at[POOL_QUEUES])
{
	struct pg_session *longest = NULL;

	for (unsigned i = 0; i < POOL_QUEUES; i++)
		if (at[i] != NULL && (longest == NULL || at[i]->turn < longest->turn))
			longest = at[i];
	return longest;
}

/* No connection of its role is idle: the session that is first and has waited long enough gets one in place of another
 * role's. */
static void
make_room(struct pg_pool *pool, const struct pg_session *session)
{
	if (pool->nservers >= pg_pool_limit(pool, session->role) && pool->nconnecting[session->role] == 0 &&
	    clock_now_ms() - session->since > FAIRNESS_MS)
		pg_pool_connect_for(pool, session->role);
}

/* The session that gets a connection next, and which. NULL: nobody who waits can have one of those that are idle. */
static struct pg_session *
find_next(struct pg_pool *pool, struct backend **backend)
{
	struct pg_session *at[POOL_QUEUES], *session;
	bool first = true;

	for (unsigned i = 0; i < POOL_QUEUES; i++)
		at[i] = TAILQ_FIRST(&pool->queues[i]);
	while (pool->nidle > 0 && pool->functions_known && (session = find_longest(at)) != NULL) {
		unsigned queue = queue_of(session);

		/* Whatever keeps this session from a connection keeps all sessions of its role from one. */
		at[queue] = queue == ROLES ? TAILQ_NEXT(session, queued) : NULL;
		if (!pg_pool_may_have_one(pool, session))
			continue;
		if (pool->nidle_roles[session->role] > 0) {
			if ((*backend = pg_pool_choose_alive(pool, session)) != NULL)
				return session;
			/* The session is better off with a connection that is being made; the one behind it may come
			 * back to a connection that it had before. */
			at[queue] = TAILQ_NEXT(session, queued);
		} else if (first) {
			make_room(pool, session);
		}
		first = false;
	}
	return NULL;
}

void
pg_pool_hand_out(struct pg_pool *pool)
{
	struct pg_session *session;
	struct backend *backend;

	if (pool->paused)
		return;
	while ((session = find_next(pool, &backend)) != NULL) {
		pg_pool_stop_waiting(session);
		if (!session->peer.is_check)
			traffic_note_answer(&pool->waits, clock_realtime_us() - session->changed_us);
		if (backend_attach(backend, session))
			pg_session_process(session);
		else
			session->blocked = true;
	}
	for (unsigned role = 0; role < ROLES && pool->nwaiting > 0; role++)
		if (pool->waiting_roles[role] > pool->nconnecting[role])
			pg_pool_connect_for(pool, (enum role)role);
}
