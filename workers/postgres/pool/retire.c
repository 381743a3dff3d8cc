/*
 * Closes connections whose login a rotation has replaced: an idle one at once, another when its session no longer needs
 * it. When the time is over, a session that still has one is ended.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

/* How long a connection is kept for the session that may ask it for currval, in the statement after the one that made
 * the value. */
#define SEQUENCE_MS 5000

static bool
is_old(const struct backend *backend)
{
	return backend->side != pg_store_side(backend->pool->store);
}

/* Whether the connection has a session's sequence values: the only state that a session can leave on a connection that
 * it does not keep. */
static bool
holds_sequences(const struct backend *backend)
{
	const struct pg_pool *pool = backend->pool;
	int64_t now = clock_now_ms();

	return pool->sequences_are_read && backend->owner != 0 && backend->sequence_owner == backend->owner &&
	    now - backend->since < SEQUENCE_MS && !pool->retirement.ended;
}

bool
pg_pool_is_current(struct backend *backend, const struct pg_session *session)
{
	if ((!is_old(backend) && backend->logins == backend->pool->logins) ||
	    (backend->owner == session->id && holds_sequences(backend)))
		return true;
	backend_close(backend);
	return false;
}

/* ---- the end of the time ---- */

static void
note_who(struct pg_pool_retirement *retirement, const struct pg_session *session)
{
	size_t used = strlen(retirement->who);
	char who[PGWIRE_WHO_SIZE];

	if (session->watch.fd == -1)
		return;
	(void)snprintf(retirement->who + used, sizeof(retirement->who) - used, "%s%s role %s", used > 0 ? ", " : "",
	    pgwire_peer_who(&session->peer, who), role_names[session->role]);
	/* The list is cut where one more does not fit whole. */
	if (strlen(retirement->who) == sizeof(retirement->who) - 1)
		(void)snprintf(retirement->who + sizeof(retirement->who) - sizeof("..."), sizeof("..."), "...");
}

static void
end_sessions(struct pg_pool *pool)
{
	pool->retirement.ended = true;
	for (unsigned i = 0; i < pool->nslots; i++) {
		struct pg_session *session = pool->backends[i] == NULL ? NULL : pool->backends[i]->session;

		if (session == NULL || !is_old(pool->backends[i]))
			continue;
		note_who(&pool->retirement, session);
		pg_session_end(session, SQLSTATE_ADMIN_SHUTDOWN, "terminating connection due to administrator command");
	}
}

/* ---- from beginning to end ---- */

void
pg_pool_retire_step(struct pg_pool *pool)
{
	struct pg_pool_retirement *retirement = &pool->retirement;
	unsigned left = 0;

	if (!retirement->ended && clock_now_ms() >= retirement->deadline)
		end_sessions(pool);
	for (unsigned i = 0; i < pool->nslots; i++) {
		struct backend *backend = pool->backends[i];

		if (backend == NULL || !is_old(backend))
			continue;
		if (backend->is_listener)
			listener_retire(pool, retirement->ended);
		else if (backend->state == BACKEND_IDLE && !holds_sequences(backend))
			backend_close(backend);
		left += pool->backends[i] != NULL ? 1 : 0;
	}
	if (left > 0)
		return;
	retirement->active = false;
	pg_store_retired(pool->store, retirement->who);
}

void
pg_pool_retire(struct pg_pool *pool, int64_t grace_ms)
{
	struct pg_pool_retirement *retirement = &pool->retirement;

	/* When asked again, the first deadline stays. */
	if (!retirement->active)
		*retirement = (struct pg_pool_retirement) { .active = true, .deadline = clock_now_ms() + grace_ms };
	pg_pool_arm(pool);
	pg_pool_settle(pool);
}
