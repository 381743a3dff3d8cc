/* Reading a server connection, and the bounds of what may wait for its client. */
#include <errno.h>
#include <sys/epoll.h>

#include "workers/postgres/pool/server.h"
#include "workers/postgres/pool/session.h"

static void
server_pause(struct server *server)
{
	server->paused = true;
	loop_watch_events(&server->watch, pgwire_buffer_length(&server->out) > 0 ? EPOLLOUT : 0);
}

static bool
client_is_behind(const struct server *server)
{
	return server->session != NULL && pgwire_buffer_length(&server->session->out) >= POOL_BACKLOG_MAX;
}

/* The server's last words are in the client's buffer when this says that it has ended. */
static void
server_read(struct server *server)
{
	struct pool *pool = server->pool;
	struct session *session;
	uint8_t *room;
	bool was_full;
	ssize_t n;

	do {
		if (client_is_behind(server)) {
			server_pause(server);
			return;
		}
		if ((room = pool_buffer_reserve(pool, &server->in, POOL_BLOCK_SIZE)) == NULL) {
			server_lost(server, "out of memory");
			return;
		}
		n = server->transport->read(server, room, POOL_BLOCK_SIZE);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n <= 0) {
			server_lost(server, n == 0 ? "the server closed it" : "it broke");
			return;
		}
		server->in.end += (size_t)n;
		session = server->session;
		pool->answered += session != NULL && !session->peer.is_check;
		was_full = server_is_full(server);
		if (server_take_answers(server) == -1) {
			server_lost(server, "the server broke the protocol");
			return;
		}
		server_wake(server, was_full);
		/* The session may have been given another connection, but not by this. */
		if (session != NULL)
			session_flush(session);
	} while (server->state != SERVER_CLOSED && (n == POOL_BLOCK_SIZE || server->ssl != NULL));
	if (server->state != SERVER_CLOSED)
		pool_buffer_give_back(pool, &server->in);
}

void
server_resume(struct server *server)
{
	struct error e;

	if (!server->paused || server->state == SERVER_CLOSED)
		return;
	server->paused = false;
	if (server->unwatched) {
		server->unwatched = false;
		if (loop_watch_add(server->pool->loop, &server->watch, PQsocket(server->conn), EPOLLIN, server_ready, server,
			&e) == -1) {
			server_lost(server, e.text);
			return;
		}
	}
	server_flush(server);
	/* What TLS has decoded already makes no event. */
	if (server->ssl != NULL)
		server_read(server);
}

void
server_ready(struct loop_watch *watch, uint32_t events)
{
	struct server *server = watch->arg;
	struct pool *pool = server->pool;

	if ((events & EPOLLOUT) != 0)
		server_flush(server);
	if (server->state != SERVER_CLOSED && server->paused && (events & (EPOLLHUP | EPOLLERR)) != 0) {
		/* It says so again and again; what it had to say before is read once the client takes it. */
		server->unwatched = true;
		loop_watch_delete(&server->watch);
	} else if (server->state != SERVER_CLOSED && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
		server_read(server);
	}
	pool_settle(pool);
}
