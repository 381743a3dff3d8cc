/* Chooses which connection a session gets. Only the rules are here: nothing is changed. */
#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

/* How long a session waits for a new connection before it takes one that another session may come back to. */
#define PATIENCE_MS 200
/* One of so many is left to other roles. */
#define POOL_ROLE_SPARES 10

unsigned
pg_pool_limit(const struct pg_pool *pool, enum role role)
{
	return pool->nservers_max + (role == ROLE_ADMIN ? POOL_ADMIN_RESERVE : 0);
}

struct backend *
pg_pool_choose(const struct pg_pool *pool, const struct pg_session *session, bool may_connect, int64_t now)
{
	struct backend *backend = session->last_serial != 0 ? pool->backends[session->last_slot] : NULL;

	if (backend != NULL && backend->serial == session->last_serial && backend->state == BACKEND_IDLE &&
	    backend->role == session->role)
		return backend;
	backend = TAILQ_FIRST(&pool->idle[session->role]);
	if (backend == NULL || backend->owner == 0)
		return backend;
	if (pool->nservers < pg_pool_limit(pool, session->role) && may_connect &&
	    !(session->is_waiting && now - session->since > PATIENCE_MS))
		return NULL;
	return backend;
}

unsigned
pg_pool_role_limit(const struct pg_pool *pool, enum role role)
{
	int64_t set = pool->worker->conf->database.roles[role].max_connections;

	if (set > 0)
		return (unsigned)set;
	return role == ROLE_ADMIN ? pg_pool_limit(pool, role)
				  : pool->nservers_max - pool->nservers_max / POOL_ROLE_SPARES;
}

bool
pg_pool_role_is_full(const struct pg_pool *pool, enum role role)
{
	return pool->nused_roles[role] >= pg_pool_role_limit(pool, role);
}

bool
pg_pool_may_have_one(const struct pg_pool *pool, const struct pg_session *session)
{
	return session->peer.is_check || !pg_pool_role_is_full(pool, session->role);
}

enum role
pg_pool_choose_role(const struct pg_pool *pool, enum role role)
{
	for (unsigned i = 0; i < ROLES; i++)
		if (pool->nidle_roles[i] > 0 && pool->waiting_roles[i] == 0 &&
		    !pg_pool_role_is_full(pool, (enum role)i))
			return (enum role)i;
	for (unsigned i = 0; i < ROLES && pg_pool_role_is_full(pool, role); i++)
		role = pg_pool_role_is_full(pool, (enum role)i) ? role : (enum role)i;
	return role;
}

struct backend *
pg_pool_choose_other_role(const struct pg_pool *pool, enum role role)
{
	struct backend *backend, *other = NULL;

	/* A connection without an owner is taken rather than one that a session may come back to; the lists have those
	 * first. */
	for (unsigned i = 0; i < ROLES; i++) {
		if (i == role || (backend = TAILQ_FIRST(&pool->idle[i])) == NULL)
			continue;
		if (other == NULL || (other->owner != 0 && backend->owner == 0))
			other = backend;
	}
	return other;
}
