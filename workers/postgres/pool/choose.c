/* Which connection a session gets: the rules, and nothing that has an effect. */
#include "workers/postgres/pool/server.h"
#include "workers/postgres/pool/session.h"

/* How long a session waits for a new connection before it takes one that another session may come back to. */
#define PATIENCE_MS 200
/* One of so many is left to other roles. */
#define POOL_ROLE_SPARES 10

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

unsigned
pool_role_limit(const struct pool *pool, enum role role)
{
	int64_t set = pool->worker->conf->database.roles[role].max_connections;

	if (set > 0)
		return (unsigned)set;
	return role == ROLE_ADMIN ? pool_limit(pool, role) : pool->nservers_max - pool->nservers_max / POOL_ROLE_SPARES;
}

bool
pool_role_is_full(const struct pool *pool, enum role role)
{
	return pool->nused_roles[role] >= pool_role_limit(pool, role);
}

bool
pool_may_have_one(const struct pool *pool, const struct session *session)
{
	return session->peer.is_check || !pool_role_is_full(pool, session->role);
}

enum role
pool_choose_role(const struct pool *pool, enum role role)
{
	for (unsigned i = 0; i < ROLES; i++)
		if (pool->nidle_roles[i] > 0 && pool->waiting_roles[i] == 0 && !pool_role_is_full(pool, (enum role)i))
			return (enum role)i;
	for (unsigned i = 0; i < ROLES && pool_role_is_full(pool, role); i++)
		role = pool_role_is_full(pool, (enum role)i) ? role : (enum role)i;
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
