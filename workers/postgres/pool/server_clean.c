/* A connection without a session becomes as new: ROLLBACK, DISCARD ALL, RESET ROLE. */
#include "workers/postgres/pool/server.h"
#include "workers/postgres/pool/session.h"

static void
server_forget_all(struct server *server)
{
	struct pool *pool = server->pool;

	cache_clear(&server->cache);
	server->sequence_owner = SERVER_NOBODY;
	settings_release(&pool->settings, server->applied);
	server->applied = settings_reference(pool->settings.empty);
}

void
server_rest(struct server *server)
{
	server_move(server, server->cancelling ? SERVER_HELD : SERVER_IDLE);
}

void
server_clean(struct server *server)
{
	server_move(server, SERVER_CLEANING);
	if (server->status != 'I') {
		server_inject_query(server, "ROLLBACK");
	} else if (server->dirty && !server->cleaned) {
		server->cleaned = true;
		server->listens = false;
		server_inject_query(server, "DISCARD ALL");
		server_forget_all(server);
	} else if (server->dirty && !server->cleaned_role) {
		/* Older servers let DISCARD ALL end a role that the login starts with. */
		server->cleaned_role = true;
		server_inject_query(server, "RESET ROLE");
	} else if (server->listens) {
		server->listens = false;
		server_inject_query(server, "UNLISTEN *");
	} else {
		server->dirty = server->cleaned = server->cleaned_role = false;
		server_rest(server);
		return;
	}
	server_flush(server);
}
