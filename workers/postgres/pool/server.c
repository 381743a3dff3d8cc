/*
 * Moves a server connection from state to state, gives it a session, and takes the session off it.
 */
#include "workers/postgres/pool/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "common/clock.h"
#include "workers/postgres/pool/cancel.h"
#include "workers/postgres/pool/session.h"

/* What each state means: its name, how long it may last (0: as long as it takes), and what of it is counted. */
static const struct server_state_row {
	const char *name;
	int64_t timeout_ms;
	bool connecting, idle, pinned, used;
} server_state_rows[SERVER_STATES] = {
	[SERVER_RESOLVING] = { .name = "resolving", .timeout_ms = 10000, .connecting = true },
	[SERVER_CONNECTING] = { .name = "connecting", .timeout_ms = 10000, .connecting = true },
	[SERVER_LEARNING] = { .name = "learning", .timeout_ms = 30000 },
	[SERVER_IDLE] = { .name = "idle", .idle = true },
	[SERVER_SYNCING] = { .name = "syncing", .timeout_ms = 30000, .used = true },
	[SERVER_ACTIVE] = { .name = "active", .used = true },
	[SERVER_PINNED] = { .name = "pinned", .pinned = true, .used = true },
	[SERVER_CLEANING] = { .name = "cleaning", .timeout_ms = 10000, .used = true },
	[SERVER_HELD] = { .name = "held", .timeout_ms = 30000, .used = true },
	[SERVER_LISTENING] = { .name = "listening" },
	[SERVER_CLOSED] = { .name = "closed" },
};

static void
server_count(struct server *server, const struct server_state_row *row, int by)
{
	struct pool *pool = server->pool;

	if (server->is_listener)
		return;
	pool->nconnecting[server->role] += (unsigned)(row->connecting ? by : 0);
	pool->npinned += (unsigned)(row->pinned ? by : 0);
	pool->nused_roles[server->role] += (unsigned)(row->used ? by : 0);
	pool->nidle += (unsigned)(row->idle ? by : 0);
	pool->nidle_roles[server->role] += (unsigned)(row->idle ? by : 0);
}

void
server_move(struct server *server, enum server_state state)
{
	const struct server_state_row *row = &server_state_rows[state];
	struct pool *pool = server->pool;

	if (server->state == state)
		return;
	if (server->state == SERVER_IDLE)
		TAILQ_REMOVE(&pool->idle[server->role], server, entry);
	server_count(server, &server_state_rows[server->state], -1);
	server->state = state;
	server_count(server, row, 1);
	server->deadline = CLOCK_NEVER;
	if (row->timeout_ms > 0) {
		server->deadline = clock_now_ms() + row->timeout_ms;
		pool_arm(pool);
	}
	if (state == SERVER_CLEANING)
		server->sync_failed = false;
	if (state == SERVER_IDLE)
		server->since = clock_now_ms();
	/* Nobody's goes first: it is taken before one that a session may come back to. */
	if (state == SERVER_IDLE && server->owner == 0)
		TAILQ_INSERT_HEAD(&pool->idle[server->role], server, entry);
	else if (state == SERVER_IDLE)
		TAILQ_INSERT_TAIL(&pool->idle[server->role], server, entry);
}

/* ---- sessions come and go ---- */

/* lastval and currval must not tell what another session, or an earlier use of another connection, has left here. */
static void
server_own_sequences(struct server *server, struct session *session)
{
	bool here = session->last_slot == server->slot && session->last_serial == server->serial;
	bool new = !session->has_worked;

	/* It will run nothing yet, or nothing that has to do with sequences. */
	if (session->phase == SESSION_GREETING || session->peer.is_check)
		return;
	session->has_worked = true;
	if (server->sequence_owner == SERVER_NOBODY || (server->sequence_owner == session->id && here)) {
		server->sequence_owner = session->id;
		return;
	}
	server->sequence_owner = 0;
	/* Once for each new session; else only where anybody asks for such values at all. */
	if (!server->pool->sequences_are_read && !new)
		return;
	server_inject_query(server, "DISCARD SEQUENCES");
	server->sequence_owner = session->id;
}

bool
server_attach(struct server *server, struct session *session)
{
	server->session = session;
	session->server = server;
	if (session->settings->unsafe || session->startup->unsafe)
		session_pin(session);
	server_move(server, session->pinned ? SERVER_PINNED : SERVER_ACTIVE);
	server_own_sequences(server, session);
	session->last_slot = server->slot;
	session->last_serial = server->serial;
	/* What another session has sent on it comes first. */
	if (listening_concerns(session) && server->owner != session->id) {
		session->listening->new_to_connection = true;
		listener_await(session->listening);
	}
	if (server->applied == session->settings)
		return !listening_waits(session);
	server_synchronise(server);
	return false;
}

void
server_synchronise(struct server *server)
{
	struct pgwire_buffer *sql = &server->pool->scratch;

	pgwire_buffer_consume(sql, pgwire_buffer_length(sql));
	settings_put_difference(server->applied, server->session->settings, sql);
	pgwire_put_byte(sql, 0);
	if (sql->failed) {
		server_lost(server, "out of memory");
		return;
	}
	server_move(server, SERVER_SYNCING);
	server->sync_failed = false;
	server_inject_query(server, (const char *)sql->data + sql->start);
	server_flush(server);
}

static void
server_detach(struct server *server)
{
	/* bibd's own check leaves it to whom it may come back. */
	if (!server->session->peer.is_check)
		server->owner = server->session->id;
	server->session->server = NULL;
	server->session = NULL;
	server->settling = false;
}

void
server_release(struct server *server)
{
	server_detach(server);
	if (server->paused)
		server_resume(server);
	if (server->dirty || server->listens)
		server_clean(server);
	else
		server_rest(server);
}

void
server_abandon(struct server *server)
{
	bool broken = server->session->left > 0 || server->copying;

	/* Whether a SET under way holds will not be known. */
	if (server->session->pending != NULL) {
		settings_release(&server->pool->settings, server->applied);
		server->applied = NULL;
	}
	server_detach(server);
	server->owner = 0;
	if (server->state == SERVER_SYNCING)
		server->dirty = true;
	else if (server->nrequests > 0)
		cancel_server(server);
	/* The server awaits the rest of a message that will not come: to it the client has gone, as it has. */
	if (broken) {
		server_close(server);
		return;
	}
	server_move(server, SERVER_CLEANING);
	/* Without its Sync nothing of a batch holds. */
	if (server->unsynced) {
		server_inject_failure(server, (struct request) { .flags = REQUEST_INJECTED | REQUEST_QUIET });
		server_inject_sync(server);
	}
	if (server->paused)
		server_resume(server);
	if (server->state == SERVER_CLEANING && server->nrequests == 0)
		server_clean(server);
	if (server->state != SERVER_CLOSED)
		server_flush(server);
}

/* ---- the end ---- */

void
server_close(struct server *server)
{
	struct pool *pool = server->pool;

	if (server->state == SERVER_CLOSED)
		return;
	/* Another is asked then. */
	if (server->state == SERVER_LEARNING)
		pool->is_learning = false;
	server_move(server, SERVER_CLOSED);
	loop_watch_delete(&server->watch);
	server_drop_requests(server);
	if (server->conn != NULL)
		PQfinish(server->conn);
	server->conn = NULL;
	server_note_end(server);
	cache_clear(&server->cache);
	free(server->types);
	server->types = NULL;
	pgwire_buffer_free(&server->in);
	pgwire_buffer_free(&server->out);
	settings_release(&pool->settings, server->applied);
	server->applied = NULL;
	server_parameters_free(server);
	pool->servers[server->slot] = NULL;
	TAILQ_INSERT_TAIL(&pool->closed_servers, server, entry);
	if (server->is_listener)
		listener_gone(pool);
	else
		pool->nservers--;
}

void
server_free(struct server *server)
{
	if (server->cancel != NULL)
		PQfreeCancel(server->cancel);
	free(server->requests);
	free(server);
}

void
server_lost(struct server *server, const char *cause)
{
	struct session *session = server->session;
	struct pool *pool = server->pool;
	bool syncing = server->state == SERVER_SYNCING, told = server->fatal;
	bool within = server->left > 0 && !server->left_dropped;
	int pid = server->terminated ? PQbackendPID(server->conn) : 0;

	if (server->state == SERVER_CLOSED)
		return;
	log_debug("a server connection of role %s was lost (%s, %u requests): %s", role_names[server->role],
	    server_state_rows[server->state].name, server->nrequests, cause);
	server->session = NULL;
	server_close(server);
	pool->careful = true;
	pool_arm(pool);
	if (pid > 0)
		pool_note_terminated(pool, (uint32_t)pid);
	if (!pool->stopping)
		store_suspect(pool->store);
	if (session == NULL)
		return;
	session->server = NULL;
	/* Nothing of the client's was sent on it: another connection will do. */
	if (syncing && (!session->pinned || session->phase == SESSION_GREETING)) {
		session->pinned = false;
		session_make_runnable(session);
		return;
	}
	/* In the middle of a message that the server has begun nothing can be said. */
	if (told || within)
		session_close_when_sent(session);
	else
		session_end(session, SQLSTATE_ADMIN_SHUTDOWN, "terminating connection due to administrator command");
}

/* ---- writing ---- */

bool
server_is_full(const struct server *server)
{
	return pgwire_buffer_length(&server->out) >= POOL_BACKLOG_MAX || server->nrequests >= SERVER_REQUESTS_MAX;
}

void
server_settle(struct server *server)
{
	if (!server->settling)
		pgwire_put_empty(&server->out, 'H');
	server->settling = true;
}

/* Room was made by whatever event: a session that had found none goes on. */
void
server_wake(struct server *server, bool was_full)
{
	bool settled = server->settling && (server->nrequests == 0 || server->skipping);

	if (settled)
		server->settling = false;
	if ((was_full || settled) && server->session != NULL && server->session->blocked && !server_is_full(server))
		session_make_runnable(server->session);
}

void
server_flush(struct server *server)
{
	struct pgwire_buffer *out = &server->out;
	bool was_full = server_is_full(server);
	ssize_t n;

	if (server->state == SERVER_CLOSED)
		return;
	if (out->failed) {
		server_lost(server, "out of memory");
		return;
	}
	while (pgwire_buffer_length(out) > 0) {
		n = server->transport->write(server, out->data + out->start, pgwire_buffer_length(out));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN) {
			/* Its last words, and whatever it had answered, come first. */
			server->fails_writing = true;
			pgwire_buffer_consume(out, pgwire_buffer_length(out));
			break;
		}
		if (n < 0)
			break;
		pgwire_buffer_consume(out, (size_t)n);
	}
	loop_watch_events(&server->watch,
	    (server->paused ? 0 : EPOLLIN) | (pgwire_buffer_length(out) > 0 ? EPOLLOUT : 0));
	server_wake(server, was_full);
}
