/*
 * Moves a server connection from state to state, gives it a session, and takes the session off it.
 */
#include "workers/postgres/pool/backend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "common/clock.h"
#include "workers/postgres/pool/cancel.h"
#include "workers/postgres/pool/session.h"

/* What each state means: its name, how long it may last (0: without a limit), and in which counts it is. */
static const struct backend_state_row {
	const char *name;
	int64_t timeout_ms;
	bool connecting, idle, pinned, used;
} backend_state_rows[BACKEND_STATES] = {
	[BACKEND_RESOLVING] = { .name = "resolving", .timeout_ms = 10000, .connecting = true },
	[BACKEND_CONNECTING] = { .name = "connecting", .timeout_ms = 10000, .connecting = true },
	[BACKEND_LEARNING] = { .name = "learning", .timeout_ms = 30000 },
	[BACKEND_IDLE] = { .name = "idle", .idle = true },
	[BACKEND_SYNCING] = { .name = "syncing", .timeout_ms = 30000, .used = true },
	[BACKEND_ACTIVE] = { .name = "active", .used = true },
	[BACKEND_PINNED] = { .name = "pinned", .pinned = true, .used = true },
	[BACKEND_CLEANING] = { .name = "cleaning", .timeout_ms = 10000, .used = true },
	[BACKEND_HELD] = { .name = "held", .timeout_ms = 30000, .used = true },
	[BACKEND_LISTENING] = { .name = "listening" },
	[BACKEND_CLOSED] = { .name = "closed" },
};

static void
backend_count(struct backend *backend, const struct backend_state_row *row, int by)
{
	struct pg_pool *pool = backend->pool;

	if (backend->is_listener)
		return;
	pool->nconnecting[backend->role] += (unsigned)(row->connecting ? by : 0);
	pool->npinned += (unsigned)(row->pinned ? by : 0);
	pool->nused_roles[backend->role] += (unsigned)(row->used ? by : 0);
	pool->nidle += (unsigned)(row->idle ? by : 0);
	pool->nidle_roles[backend->role] += (unsigned)(row->idle ? by : 0);
}

void
backend_move(struct backend *backend, enum backend_state state)
{
	const struct backend_state_row *row = &backend_state_rows[state];
	struct pg_pool *pool = backend->pool;

	if (backend->state == state)
		return;
	if (backend->state == BACKEND_IDLE)
		TAILQ_REMOVE(&pool->idle[backend->role], backend, entry);
	backend_count(backend, &backend_state_rows[backend->state], -1);
	backend->state = state;
	backend_count(backend, row, 1);
	backend->deadline = CLOCK_NEVER;
	if (row->timeout_ms > 0) {
		backend->deadline = clock_now_ms() + row->timeout_ms;
		pg_pool_arm(pool);
	}
	if (state == BACKEND_CLEANING)
		backend->sync_failed = false;
	if (state == BACKEND_IDLE)
		backend->since = clock_now_ms();
	/* A connection without an owner goes first in the list: it is taken before one that a session may come back
	 * to. */
	if (state == BACKEND_IDLE && backend->owner == 0)
		TAILQ_INSERT_HEAD(&pool->idle[backend->role], backend, entry);
	else if (state == BACKEND_IDLE)
		TAILQ_INSERT_TAIL(&pool->idle[backend->role], backend, entry);
}

/* ---- sessions come and go ---- */

/* Makes sure that lastval and currval do not show values of another session, or of an earlier use of another
 * connection. */
static void
backend_own_sequences(struct backend *backend, struct pg_session *session)
{
	bool here = session->last_slot == backend->slot && session->last_serial == backend->serial;
	bool new = !session->has_worked;

	/* A session that is being greeted runs nothing yet, and bibd's own check uses no sequence. */
	if (session->phase == SESSION_GREETING || session->peer.is_check)
		return;
	session->has_worked = true;
	if (backend->sequence_owner == BACKEND_NOBODY || (backend->sequence_owner == session->id && here)) {
		backend->sequence_owner = session->id;
		return;
	}
	backend->sequence_owner = 0;
	/* Done once for each new session; later only if some session asks for such values at all. */
	if (!backend->pool->sequences_are_read && !new)
		return;
	backend_inject_query(backend, "DISCARD SEQUENCES");
	backend->sequence_owner = session->id;
}

bool
backend_attach(struct backend *backend, struct pg_session *session)
{
	backend->session = session;
	session->backend = backend;
	if (session->settings->unsafe || session->startup->unsafe)
		pg_session_pin(session);
	backend_move(backend, session->pinned ? BACKEND_PINNED : BACKEND_ACTIVE);
	backend_own_sequences(backend, session);
	session->last_slot = backend->slot;
	session->last_serial = backend->serial;
	/* What another session has sent on this connection comes first. */
	if (listening_concerns(session) && backend->owner != session->id) {
		session->listening->new_to_connection = true;
		listener_await(session->listening);
	}
	if (backend->applied == session->settings)
		return !listening_waits(session);
	backend_synchronise(backend);
	return false;
}

void
backend_synchronise(struct backend *backend)
{
	struct pgwire_buffer *sql = &backend->pool->scratch;

	pgwire_buffer_consume(sql, pgwire_buffer_length(sql));
	pg_settings_put_difference(backend->applied, backend->session->settings, sql);
	pgwire_put_byte(sql, 0);
	if (sql->failed) {
		backend_lost(backend, "out of memory");
		return;
	}
	backend_move(backend, BACKEND_SYNCING);
	backend->sync_failed = false;
	backend_inject_query(backend, (const char *)sql->data + sql->start);
	backend_flush(backend);
}

static void
backend_detach(struct backend *backend)
{
	/* bibd's own check does not become the owner: that session may come back to the connection. */
	if (!backend->session->peer.is_check)
		backend->owner = backend->session->id;
	backend->session->backend = NULL;
	backend->session = NULL;
	backend->settling = false;
}

void
backend_release(struct backend *backend)
{
	backend_detach(backend);
	if (backend->paused)
		backend_resume(backend);
	if (backend->dirty || backend->listens)
		backend_clean(backend);
	else
		backend_rest(backend);
}

void
backend_abandon(struct backend *backend)
{
	bool broken = backend->session->left > 0 || backend->copying;

	/* It will not be known whether a SET that is under way takes effect. */
	if (backend->session->pending != NULL) {
		pg_settings_release(&backend->pool->settings, backend->applied);
		backend->applied = NULL;
	}
	backend_detach(backend);
	backend->owner = 0;
	if (backend->state == BACKEND_SYNCING)
		backend->dirty = true;
	else if (backend->nrequests > 0)
		cancel_server(backend);
	/* The server waits for the rest of a message that will not come: the connection ends, as it would when a client
	 * goes. */
	if (broken) {
		backend_close(backend);
		return;
	}
	backend_move(backend, BACKEND_CLEANING);
	/* A batch without its Sync has no effect. */
	if (backend->unsynced) {
		backend_inject_failure(backend, (struct request) { .flags = REQUEST_INJECTED | REQUEST_QUIET });
		backend_inject_sync(backend);
	}
	if (backend->paused)
		backend_resume(backend);
	if (backend->state == BACKEND_CLEANING && backend->nrequests == 0)
		backend_clean(backend);
	if (backend->state != BACKEND_CLOSED)
		backend_flush(backend);
}

/* ---- the end ---- */

void
backend_close(struct backend *backend)
{
	struct pg_pool *pool = backend->pool;

	if (backend->state == BACKEND_CLOSED)
		return;
	/* This connection was asked which functions there are: another one is asked now. */
	if (backend->state == BACKEND_LEARNING)
		pool->is_learning = false;
	backend_move(backend, BACKEND_CLOSED);
	loop_watch_delete(&backend->watch);
	backend_drop_requests(backend);
	if (backend->conn != NULL)
		PQfinish(backend->conn);
	backend->conn = NULL;
	backend_note_end(backend);
	cache_clear(&backend->cache);
	free(backend->types);
	backend->types = NULL;
	pgwire_buffer_free(&backend->in);
	pgwire_buffer_free(&backend->out);
	pg_settings_release(&pool->settings, backend->applied);
	backend->applied = NULL;
	backend_parameters_free(backend);
	pool->backends[backend->slot] = NULL;
	TAILQ_INSERT_TAIL(&pool->closed_servers, backend, entry);
	if (backend->is_listener)
		listener_gone(pool);
	else
		pool->nservers--;
}

void
backend_free(struct backend *backend)
{
	if (backend->cancel != NULL)
		PQfreeCancel(backend->cancel);
	free(backend->requests);
	free(backend);
}

void
backend_lost(struct backend *backend, const char *cause)
{
	struct pg_session *session = backend->session;
	struct pg_pool *pool = backend->pool;
	bool syncing = backend->state == BACKEND_SYNCING, told = backend->fatal;
	bool within = backend->left > 0 && !backend->left_dropped;
	int pid = backend->terminated ? PQbackendPID(backend->conn) : 0;

	if (backend->state == BACKEND_CLOSED)
		return;
	log_debug("a server connection of role %s was lost (%s, %u requests): %s", role_names[backend->role],
	    backend_state_rows[backend->state].name, backend->nrequests, cause);
	backend->session = NULL;
	backend_close(backend);
	pool->careful = true;
	pg_pool_arm(pool);
	if (pid > 0)
		pg_pool_note_terminated(pool, (uint32_t)pid);
	if (!pool->stopping)
		pg_store_suspect(pool->store);
	if (session == NULL)
		return;
	session->backend = NULL;
	/* Nothing of the client's was sent on this connection: the session gets another one. */
	if (syncing && (!session->pinned || session->phase == SESSION_GREETING)) {
		session->pinned = false;
		pg_session_make_runnable(session);
		return;
	}
	/* Nothing can be said to a client in the middle of a message that the server has begun. */
	if (told || within)
		pg_session_close_when_sent(session);
	else
		pg_session_end(session, SQLSTATE_ADMIN_SHUTDOWN, "terminating connection due to administrator command");
}

/* ---- writing ---- */

bool
backend_is_full(const struct backend *backend)
{
	return pgwire_buffer_length(&backend->out) >= POOL_BACKLOG_MAX || backend->nrequests >= BACKEND_REQUESTS_MAX;
}

void
backend_settle(struct backend *backend)
{
	if (!backend->settling)
		pgwire_put_empty(&backend->out, 'H');
	backend->settling = true;
}

/* There may be room again: a session that had found none goes on. */
void
backend_wake(struct backend *backend, bool was_full)
{
	bool settled = backend->settling && (backend->nrequests == 0 || backend->skipping);

	if (settled)
		backend->settling = false;
	if ((was_full || settled) && backend->session != NULL && backend->session->blocked && !backend_is_full(backend))
		pg_session_make_runnable(backend->session);
}

void
backend_flush(struct backend *backend)
{
	struct pgwire_buffer *out = &backend->out;
	bool was_full = backend_is_full(backend);
	ssize_t n;

	if (backend->state == BACKEND_CLOSED)
		return;
	if (out->failed) {
		backend_lost(backend, "out of memory");
		return;
	}
	while (pgwire_buffer_length(out) > 0) {
		n = backend->transport->write(backend, out->data + out->start, pgwire_buffer_length(out));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN) {
			/* What the server has answered, and why it ends, is read first. */
			backend->fails_writing = true;
			pgwire_buffer_consume(out, pgwire_buffer_length(out));
			break;
		}
		if (n < 0)
			break;
		pgwire_buffer_consume(out, (size_t)n);
	}
	loop_watch_events(&backend->watch,
	    (backend->paused ? 0 : EPOLLIN) | (pgwire_buffer_length(out) > 0 ? EPOLLOUT : 0));
	backend_wake(backend, was_full);
}
