/*
 * Connections whose login is not in use any more, after a rotation: an idle one is closed at once, another when its session
 * does not need it any more, or when the time is over, with whoever still has it.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "workers/postgres/pool/server.h"
#include "workers/postgres/pool/session.h"

/* So long a connection is kept for the session that may ask it for currval: a statement after the one that made it. */
#define SEQUENCE_MS 5000

static bool
is_old(const struct server *server)
{
	return server->side != store_side(server->pool->store);
}

/* Sequences are the one thing that a session can leave on a connection without keeping it. */
static bool
holds_sequences(const struct server *server)
{
	const struct pool *pool = server->pool;
	int64_t now = clock_now_ms();

	return pool->sequences_are_read && server->owner != 0 && server->sequence_owner == server->owner &&
	    now - server->since < SEQUENCE_MS && !pool->retirement.ended;
}

bool
pool_is_current(struct server *server, const struct session *session)
{
	if ((!is_old(server) && server->logins == server->pool->logins) ||
	    (server->owner == session->id && holds_sequences(server)))
		return true;
	server_close(server);
	return false;
}

/* ---- the end of the time ---- */

static void
note_who(struct pool_retirement *retirement, const struct session *session)
{
	size_t used = strlen(retirement->who);
	char who[PGWIRE_WHO_SIZE];

	if (session->watch.fd == -1)
		return;
	(void)snprintf(retirement->who + used, sizeof(retirement->who) - used, "%s%s role %s", used > 0 ? ", " : "",
	    pgwire_peer_who(&session->peer, who), role_names[session->role]);
	/* Cut where one more does not fit whole. */
	if (strlen(retirement->who) == sizeof(retirement->who) - 1)
		(void)snprintf(retirement->who + sizeof(retirement->who) - sizeof("..."), sizeof("..."), "...");
}

static void
end_sessions(struct pool *pool)
{
	pool->retirement.ended = true;
	for (unsigned i = 0; i < pool->nslots; i++) {
		struct session *session = pool->servers[i] == NULL ? NULL : pool->servers[i]->session;

		if (session == NULL || !is_old(pool->servers[i]))
			continue;
		note_who(&pool->retirement, session);
		session_end(session, SQLSTATE_ADMIN_SHUTDOWN, "terminating connection due to administrator command");
	}
}

/* ---- from beginning to end ---- */

void
pool_retire_step(struct pool *pool)
{
	struct pool_retirement *retirement = &pool->retirement;
	unsigned left = 0;

	if (!retirement->ended && clock_now_ms() >= retirement->deadline)
		end_sessions(pool);
	for (unsigned i = 0; i < pool->nslots; i++) {
		struct server *server = pool->servers[i];

		if (server == NULL || !is_old(server))
			continue;
		if (server->is_listener)
			listener_retire(pool, retirement->ended);
		else if (server->state == SERVER_IDLE && !holds_sequences(server))
			server_close(server);
		left += pool->servers[i] != NULL ? 1 : 0;
	}
	if (left > 0)
		return;
	retirement->active = false;
	store_retired(pool->store, retirement->who);
}

void
pool_retire(struct pool *pool, int64_t grace_ms)
{
	struct pool_retirement *retirement = &pool->retirement;

	/* Asked again, the first time holds. */
	if (!retirement->active)
		*retirement = (struct pool_retirement) { .active = true, .deadline = clock_now_ms() + grace_ms };
	pool_arm(pool);
	pool_settle(pool);
}
