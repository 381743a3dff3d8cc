/*
 * Gives sessions a connection or lets them wait, makes new connections, and passes each free one on.
 */
#include "workers/postgres/pool/pool.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "workers/postgres/pool/cancel.h"
#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

/* Logins are looked at no more often than this, also for a client that runs code all the time. */
#define LOGINS_SOON_MS 100
#define RETRY_FIRST_MS 100
#define RETRY_LAST_MS 2000

int
pg_pool_open(struct pg_pool *pool, struct worker *worker, struct error *e)
{
	uint64_t token;

	pool->worker = worker;
	pool->loop = &worker->loop;
	pool->listen_watch.fd = -1;
	pool->nservers_max = (unsigned)worker->conf->database.postgres.pool_size;
	pool->nslots = pool->nservers_max + POOL_ADMIN_RESERVE + 1; /* one for the listener */
	pool->retry_ms = RETRY_FIRST_MS;
	pool->logins = 1;
	TAILQ_INIT(&pool->starting);
	TAILQ_INIT(&pool->waiting);
	for (unsigned i = 0; i < POOL_QUEUES; i++)
		TAILQ_INIT(&pool->queues[i]);
	TAILQ_INIT(&pool->closing);
	TAILQ_INIT(&pool->leaving);
	STAILQ_INIT(&pool->runnable);
	TAILQ_INIT(&pool->closed_servers);
	TAILQ_INIT(&pool->listener.waiting);
	for (unsigned i = 0; i < ROLES; i++)
		TAILQ_INIT(&pool->idle[i]);
	if ((pool->backends = calloc(pool->nslots, sizeof(struct backend *))) == NULL ||
	    admission_open(&pool->admission, e) == -1 || pg_settings_open(&pool->settings) == -1 ||
	    getrandom(&token, sizeof(token), 0) != (ssize_t)sizeof(token))
		return error_set_errno(e, STATUS_OS, "pool.start", "cannot start");
	prepared_open(&pool->prepared, &pool->settings, token);
	/* A managed server can be reached only through bibd. */
	pool->prepared.all_are_known = worker->conf->database.postgres.managed;
	return (pool->helper = helper_new(pool, e)) == NULL ? -1 : 0;
}

/* ---- choosing ---- */

static bool
may_connect(const struct pg_pool *pool)
{
	return pg_store_is_reachable(pool->store) && pool->retry.loop == NULL && !pool->stopping &&
	    !pool->doubts_logins;
}

bool
pg_pool_has_one_free(const struct pg_pool *pool, enum role role)
{
	const struct backend *backend = TAILQ_FIRST(&pool->idle[role]);

	if (pool->waiting_roles[role] > 0 || !pool->functions_known || pg_pool_role_is_full(pool, role))
		return false;
	return (backend != NULL && backend->owner == 0) ||
	    (pool->nservers < pg_pool_limit(pool, role) && may_connect(pool));
}

/* Whether an idle connection is alive: a dead one is noticed only here. */
static bool
is_alive(struct backend *backend)
{
	char byte;
	ssize_t n = recv(backend->watch.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	/* With TLS there may be bytes of TLS's own. */
	if (n > 0 && backend->ssl != NULL)
		return true;
	backend_lost(backend, "it was closed");
	return false;
}

struct backend *
pg_pool_choose_alive(struct pg_pool *pool, const struct pg_session *session)
{
	struct backend *backend;

	do
		backend = pg_pool_choose(pool, session, may_connect(pool), session->is_waiting ? clock_now_ms() : 0);
	while (backend != NULL && (!pg_pool_is_current(backend, session) || (pool->careful && !is_alive(backend))));
	return backend;
}

void
pg_pool_connect_for(struct pg_pool *pool, enum role role)
{
	unsigned limit = pg_pool_limit(pool, role), role_limit = pg_pool_role_limit(pool, role);
	struct backend *other;

	while (pool->nconnecting[role] < pool->waiting_roles[role] && may_connect(pool) &&
	    pool->nused_roles[role] + pool->nconnecting[role] < role_limit) {
		/* With admin's extra ones there may be more than one too many; no connection is closed when that would
		 * not make room. */
		if (pool->nservers >= limit && pool->nidle - pool->nidle_roles[role] <= pool->nservers - limit)
			return;
		while (pool->nservers >= limit) {
			if ((other = pg_pool_choose_other_role(pool, role)) == NULL)
				return;
			backend_close(other);
		}
		if (backend_connect(pool, role) == NULL)
			return;
	}
}

bool
pg_pool_acquire(struct pg_pool *pool, struct pg_session *session)
{
	struct backend *backend;

	if (session->is_waiting)
		return false;
	/* Not past those of its role who wait already. */
	if (!pool->paused && pool->functions_known && pool->waiting_roles[session->role] == 0 &&
	    pg_pool_may_have_one(pool, session) && (backend = pg_pool_choose_alive(pool, session)) != NULL)
		return backend_attach(backend, session);
	pg_pool_start_waiting(pool, session);
	pg_pool_connect_for(pool, session->role);
	return false;
}

void
pg_pool_disown(struct pg_pool *pool, struct pg_session *session)
{
	struct backend *backend = session->last_serial != 0 ? pool->backends[session->last_slot] : NULL;

	if (backend == NULL || backend->serial != session->last_serial || backend->owner != session->id)
		return;
	backend->owner = 0;
	if (backend->state == BACKEND_IDLE) {
		TAILQ_REMOVE(&pool->idle[backend->role], backend, entry);
		TAILQ_INSERT_HEAD(&pool->idle[backend->role], backend, entry);
	}
}

/* ---- each turn of the loop ---- */

static void
free_closed(struct pg_pool *pool)
{
	struct backend *backend, *next_server;
	struct pg_session *session;

	for (backend = TAILQ_FIRST(&pool->closed_servers); backend != NULL; backend = next_server) {
		next_server = TAILQ_NEXT(backend, entry);
		if (backend->jobs > 0)
			continue;
		TAILQ_REMOVE(&pool->closed_servers, backend, entry);
		backend_free(backend);
	}
	while ((session = LIST_FIRST(&pool->closed)) != NULL) {
		LIST_REMOVE(session, entry);
		free(session);
	}
}

static void
run_runnable(struct pg_pool *pool)
{
	struct pg_session *session;

	while ((session = STAILQ_FIRST(&pool->runnable)) != NULL) {
		STAILQ_REMOVE_HEAD(&pool->runnable, runnable);
		session->is_runnable = false;
		if (session->phase != SESSION_CLOSED)
			pg_session_process(session);
	}
}

void
pg_pool_settle(struct pg_pool *pool)
{
	do {
		run_runnable(pool);
		if (pool->retirement.active)
			pg_pool_retire_step(pool);
		if ((!pool->functions_known || pool->functions_old) && !pool->is_learning &&
		    pg_store_is_available(pool->store))
			pg_pool_learn(pool);
		if (pool->nwaiting > 0)
			pg_pool_hand_out(pool);
		listener_flush(pool);
	} while (!STAILQ_EMPTY(&pool->runnable));
	pg_pool_pause_step(pool);
	if (!LIST_EMPTY(&pool->closed) || !TAILQ_EMPTY(&pool->closed_servers))
		free_closed(pool);
	if (pool->stopping && pool->nsessions == 0 && pool->drained != NULL) {
		void (*drained)(void *context) = pool->drained;

		pool->drained = NULL;
		drained(pool->drained_context);
	}
}

/* ---- connections that can, and cannot, be made ---- */

static void
retry_connect(struct loop_timer *timer)
{
	pg_pool_settle(timer->arg);
}

void
pg_pool_connect_failed(struct pg_pool *pool, const char *why)
{
	/* The server is not available: the store says when it is. */
	if (!pg_store_is_available(pool->store))
		return;
	if (strcmp(pool->failure, why) != 0 && !pool->stopping)
		log_warning("cannot connect to the server: %s", why);
	(void)strlcpy(pool->failure, why, sizeof(pool->failure));
	if (pool->stopping)
		return;
	loop_timer_set(pool->loop, &pool->retry, pool->retry_ms, retry_connect, pool);
	pool->retry_ms = 2 * pool->retry_ms < RETRY_LAST_MS ? 2 * pool->retry_ms : RETRY_LAST_MS;
	pg_store_suspect(pool->store);
}

void
pg_pool_connected(struct pg_pool *pool)
{
	pool->failure[0] = '\0';
	pool->retry_ms = RETRY_FIRST_MS;
}

/* Makes connections for the sessions that wait or come next. They are served once it is known which functions there
 * are, which is asked when the server is available. */
void
pg_pool_soon(struct pg_pool *pool)
{
	if (pool->nwaiting > 0)
		pg_pool_hand_out(pool);
	else if (pool->nservers == 0 && may_connect(pool))
		(void)backend_connect(pool, ROLE_WRITE);
}

void
pg_pool_available(struct pg_pool *pool)
{
	loop_timer_cancel(&pool->retry);
	pool->retry_ms = RETRY_FIRST_MS;
	/* So far, sessions have waited for the server and not for a connection. */
	pool->answered_ms = clock_now_ms();
	pg_pool_soon(pool);
	pg_pool_settle(pool);
}

void
pg_pool_doubt_logins(struct pg_pool *pool)
{
	for (unsigned i = 0; i < pool->nslots; i++)
		if (pool->backends[i] != NULL && pool->backends[i]->cancel == NULL)
			pool->backends[i]->logins = 0; /* a connection that is being made may have the old settings */
	pool->doubts_logins = pg_store_look_at_logins(pool->store);
}

static void
look_at_logins(struct loop_timer *timer)
{
	struct pg_pool *pool = timer->arg;

	(void)pg_store_look_at_logins(pool->store);
}

void
pg_pool_look_at_logins(struct pg_pool *pool)
{
	if (pool->logins_timer.loop == NULL)
		loop_timer_set(pool->loop, &pool->logins_timer, LOGINS_SOON_MS, look_at_logins, pool);
}

void
pg_pool_logins_checked(struct pg_pool *pool, unsigned repaired)
{
	/* A login had been changed without bibd's knowledge, nobody knows when. */
	if (repaired > 0 && !pool->doubts_logins)
		pool->logins++;
	pool->doubts_logins = false;
	pg_pool_hand_out(pool);
}

void
pg_pool_lost(struct pg_pool *pool, const char *cause)
{
	pool->doubts_logins = false;
	pool->generation++;
	pool->functions_known = false;
	for (unsigned i = 0; i < pool->nslots; i++)
		if (pool->backends[i] != NULL)
			backend_lost(pool->backends[i], cause);
	pg_pool_settle(pool);
}

void
pg_pool_close_servers(struct pg_pool *pool)
{
	for (unsigned i = 0; i < pool->nslots; i++)
		if (pool->backends[i] != NULL)
			backend_close(pool->backends[i]);
	pg_pool_settle(pool);
}

void
pg_pool_statistics(const struct pg_pool *pool, struct message_statistics *s)
{
#define ROLE_COUNT(NAME, name) s->sessions_##name = pool->roles[ROLE_##NAME];
	ROLE_TABLE(ROLE_COUNT)
#undef ROLE_COUNT
	s->sessions_starting = pool->roles[ROLES];
	s->connections_open = pool->nservers;
	s->connections_busy = pool->nservers - pool->nidle;
	s->connections_max = pool->nservers_max;
	s->connections_pinned = pool->npinned;
	s->clients_waiting = pool->nwaiting;
}
