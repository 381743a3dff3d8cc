/* A connection without a session becomes as new: ROLLBACK, DISCARD ALL, RESET ROLE. */
#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

static void
backend_forget_all(struct backend *backend)
{
	struct pg_pool *pool = backend->pool;

	cache_clear(&backend->cache);
	backend->sequence_owner = BACKEND_NOBODY;
	pg_settings_release(&pool->settings, backend->applied);
	backend->applied = pg_settings_reference(pool->settings.empty);
}

void
backend_rest(struct backend *backend)
{
	backend_move(backend, backend->cancelling ? BACKEND_HELD : BACKEND_IDLE);
}

void
backend_clean(struct backend *backend)
{
	backend_move(backend, BACKEND_CLEANING);
	if (backend->status != 'I') {
		backend_inject_query(backend, "ROLLBACK");
	} else if (backend->dirty && !backend->cleaned) {
		backend->cleaned = true;
		backend->listens = false;
		backend_inject_query(backend, "DISCARD ALL");
		backend_forget_all(backend);
	} else if (backend->dirty && !backend->cleaned_role) {
		/* Older servers let DISCARD ALL end a role that the login starts with. */
		backend->cleaned_role = true;
		backend_inject_query(backend, "RESET ROLE");
	} else if (backend->listens) {
		backend->listens = false;
		backend_inject_query(backend, "UNLISTEN *");
	} else {
		backend->dirty = backend->cleaned = backend->cleaned_role = false;
		backend_rest(backend);
		return;
	}
	backend_flush(backend);
}
