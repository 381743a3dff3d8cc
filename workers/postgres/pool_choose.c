/* Which connection a session gets: the rules, and nothing that has an effect. */
#include "workers/postgres/server.h"
#include "workers/postgres/session.h"

/* How long a session waits for a new connection before it takes one that another session may come back to. */
#define PATIENCE_MS 200

unsigned
pool_limit(const struct pool *pool, enum role role)
{
	return pool->nservers_max + (role == ROLE_ADMIN ? POOL_ADMIN_RESERVE : 0);
}

struct server *
pool_choose(const struct pool *pool, const struct session *session, bool may_connect, int64_t now)
{
	struct server *server = session->last_serial != 0 ? pool->servers[session->last_slot] : NULL;

	if (server != NULL && server->serial == session->last_serial && server->state == SERVER_IDLE &&
	    server->role == session->role)
		return server;
	server = TAILQ_FIRST(&pool->idle[session->role]);
	if (server == NULL || server->owner == 0)
		return server;
	if (pool->nservers < pool_limit(pool, session->role) && may_connect &&
	    !(session->is_waiting && now - session->since > PATIENCE_MS))
		return NULL;
	return server;
}

enum role
pool_choose_role(const struct pool *pool, enum role role)
{
	for (unsigned i = 0; i < ROLES; i++)
		if (pool->nidle_roles[i] > 0 && pool->waiting_roles[i] == 0)
			return (enum role)i;
	return role;
}

struct server *
pool_choose_other_role(const struct pool *pool, enum role role)
{
	struct server *server, *other = NULL;

	/* Nobody's rather than one that a session may come back to; lists have those first. */
	for (unsigned i = 0; i < ROLES; i++) {
		if (i == role || (server = TAILQ_FIRST(&pool->idle[i])) == NULL)
			continue;
		if (other == NULL || (other->owner != 0 && server->owner == 0))
			other = server;
	}
	return other;
}
