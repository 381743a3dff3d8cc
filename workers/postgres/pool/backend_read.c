/* Reading a server connection, and the bounds of what may wait for its client. */
#include <errno.h>
#include <sys/epoll.h>

#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

static void
backend_pause(struct backend *backend)
{
	backend->paused = true;
	loop_watch_events(&backend->watch, pgwire_buffer_length(&backend->out) > 0 ? EPOLLOUT : 0);
}

static bool
client_is_behind(const struct backend *backend)
{
	return backend->session != NULL && pgwire_buffer_length(&backend->session->out) >= POOL_BACKLOG_MAX;
}

/* Reads what the server has sent. Its last messages are in the client's buffer before the connection is given up. */
static void
backend_read(struct backend *backend)
{
	struct pg_pool *pool = backend->pool;
	struct pg_session *session;
	uint8_t *room;
	bool was_full;
	ssize_t n;

	do {
		if (client_is_behind(backend)) {
			backend_pause(backend);
			return;
		}
		if ((room = pg_pool_buffer_reserve(pool, &backend->in, POOL_BLOCK_SIZE)) == NULL) {
			backend_lost(backend, "out of memory");
			return;
		}
		n = backend->transport->read(backend, room, POOL_BLOCK_SIZE);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n <= 0) {
			backend_lost(backend, n == 0 ? "the server closed it" : "it broke");
			return;
		}
		backend->in.end += (size_t)n;
		session = backend->session;
		pool->answered += session != NULL && !session->peer.is_check;
		was_full = backend_is_full(backend);
		if (backend_take_answers(backend) == -1) {
			backend_lost(backend, "the server broke the protocol");
			return;
		}
		backend_wake(backend, was_full);
		/* The session may have been given another connection meanwhile; its output is sent in any case. */
		if (session != NULL)
			pg_session_flush(session);
	} while (backend->state != BACKEND_CLOSED && (n == POOL_BLOCK_SIZE || backend->ssl != NULL));
	if (backend->state != BACKEND_CLOSED)
		pg_pool_buffer_give_back(pool, &backend->in);
}

void
backend_resume(struct backend *backend)
{
	struct error e;

	if (!backend->paused || backend->state == BACKEND_CLOSED)
		return;
	backend->paused = false;
	if (backend->unwatched) {
		backend->unwatched = false;
		if (loop_watch_add(backend->pool->loop, &backend->watch, PQsocket(backend->conn), EPOLLIN,
			backend_ready, backend, &e) == -1) {
			backend_lost(backend, e.text);
			return;
		}
	}
	backend_flush(backend);
	/* Bytes that TLS has decoded already cause no event of the socket, so they are read here. */
	if (backend->ssl != NULL)
		backend_read(backend);
}

void
backend_ready(struct loop_watch *watch, uint32_t events)
{
	struct backend *backend = watch->arg;
	struct pg_pool *pool = backend->pool;

	if ((events & EPOLLOUT) != 0)
		backend_flush(backend);
	if (backend->state != BACKEND_CLOSED && backend->paused && (events & (EPOLLHUP | EPOLLERR)) != 0) {
		/* The loop would report the end again and again; what came before it is read once the client takes
		 * it. */
		backend->unwatched = true;
		loop_watch_delete(&backend->watch);
	} else if (backend->state != BACKEND_CLOSED && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
		backend_read(backend);
	}
	pg_pool_settle(pool);
}
