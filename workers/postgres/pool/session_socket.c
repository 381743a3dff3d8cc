/*
 * A session's socket: what the client sends is taken in, what is for the client is sent, and a client that has gone is
 * noticed.
 */
#include "workers/postgres/pool/session.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/postgres/pool/backend.h"

/* ---- sending ---- */

static uint32_t
pg_session_wanted_events(const struct pg_session *session)
{
	bool full = session->blocked && pgwire_buffer_length(&session->in) >= POOL_MESSAGE_MAX + POOL_BLOCK_SIZE;

	return (full || session->ended || session->phase == SESSION_CLOSING ? 0 : EPOLLIN) |
	    (pgwire_buffer_length(&session->out) > 0 ? EPOLLOUT : 0);
}

/* The client no longer reads. What it had sent before it went is still done, as the server would do it. */
static void
pg_session_go_deaf(struct pg_session *session)
{
	struct pg_pool *pool = session->pool;

	if (session->deaf || session->phase == SESSION_CLOSING)
		return;
	session->deaf = true;
	session->leaving_since = clock_now_ms();
	TAILQ_INSERT_TAIL(&pool->leaving, session, leaving);
	pg_pool_arm(pool);
}

/* Returns false when the client has gone; what waits to be sent is then dropped. */
static bool
pg_session_send(struct pg_session *session)
{
	struct pgwire_buffer *out = &session->out;
	bool there = session->watch.fd != -1 && !session->deaf;
	ssize_t n;

	while (there && pgwire_buffer_length(out) > 0) {
		n = send(session->watch.fd, out->data + out->start, pgwire_buffer_length(out),
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN)
			break;
		if (n >= 0)
			pgwire_buffer_consume(out, (size_t)n);
		else if (errno != EINTR)
			there = false;
	}
	if (!there)
		pgwire_buffer_consume(out, pgwire_buffer_length(out));
	return there;
}

/* There is room again to read what a client that has gone had sent. */
static void
pg_session_watch_again(struct pg_session *session)
{
	struct error e;
	int fd = session->unread_fd;

	if ((pg_session_wanted_events(session) & EPOLLIN) == 0)
		return;
	if (loop_watch_add(session->pool->loop, &session->watch, fd, EPOLLIN, pg_session_ready, session, &e) == -1) {
		pg_session_close(session);
		return;
	}
	session->unread_fd = -1;
}

void
pg_session_flush(struct pg_session *session)
{
	if (session->phase == SESSION_CLOSED)
		return;
	if (session->out.failed) {
		pg_session_close(session);
		return;
	}
	if (!pg_session_send(session))
		pg_session_go_deaf(session);
	else
		listening_drain(session);
	if (pgwire_buffer_length(&session->out) == 0) {
		pg_pool_buffer_give_back(session->pool, &session->out);
		if (session->phase == SESSION_CLOSING) {
			pg_session_close(session);
			return;
		}
	}
	if (session->unread_fd != -1)
		pg_session_watch_again(session);
	if (session->phase == SESSION_CLOSED)
		return;
	loop_watch_events(&session->watch, pg_session_wanted_events(session));
	if (session->backend != NULL && session->backend->paused &&
	    pgwire_buffer_length(&session->out) < POOL_BACKLOG_MAX / 2)
		backend_resume(session->backend);
}

/* ---- receiving ---- */

void
pg_session_make_runnable(struct pg_session *session)
{
	if (session->is_runnable || session->phase == SESSION_CLOSED)
		return;
	session->is_runnable = true;
	STAILQ_INSERT_TAIL(&session->pool->runnable, session, runnable);
}

bool
pg_session_finish(struct pg_session *session)
{
	struct backend *backend = session->backend;

	if (backend != NULL && backend->state == BACKEND_SYNCING)
		return false;
	/* A batch without its Sync has no effect; what came before it has. */
	if (backend != NULL && backend->unsynced && !backend->copying && session->left == 0) {
		backend_inject_failure(backend, (struct request) { .flags = REQUEST_INJECTED | REQUEST_QUIET });
		backend_inject_sync(backend);
	}
	if (backend != NULL)
		backend_flush(backend);
	backend = session->backend;
	/* The server must first be sent what came before a message whose end is missing. */
	if (backend != NULL && pgwire_buffer_length(&backend->out) > 0)
		return false;
	if (backend != NULL && backend->nrequests > (session->left > 0 ? 1 : 0) && !backend->copying)
		return false;
	pg_session_close(session);
	return true;
}

static void
pg_session_receive(struct pg_session *session)
{
	struct pgwire_buffer *in = &session->in;
	uint8_t *room;
	ssize_t n;

	if ((room = pg_pool_buffer_reserve(session->pool, in, POOL_BLOCK_SIZE)) == NULL) {
		pg_session_close(session);
		return;
	}
	n = recv(session->watch.fd, room, in->capacity - in->end, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		pg_pool_buffer_give_back(session->pool, in);
		return;
	}
	/* Nothing more can be read: what is in the buffer is still handled. */
	if (n <= 0)
		session->ended = true;
	else
		in->end += (size_t)n;
	pg_session_process(session);
}

/* The client has gone, which the loop would report again and again, so the socket is no longer watched. What the client
 * had sent is read when there is room for it. */
static void
pg_session_hang_up(struct pg_session *session)
{
	int fd = session->watch.fd;

	loop_watch_delete(&session->watch);
	if (session->ended || session->phase == SESSION_CLOSING)
		close(fd);
	else
		session->unread_fd = fd;
	pg_session_go_deaf(session);
	pg_session_flush(session);
}

void
pg_session_ready(struct loop_watch *watch, uint32_t events)
{
	struct pg_session *session = watch->arg;
	struct pg_pool *pool = session->pool;

	if ((events & EPOLLOUT) != 0)
		pg_session_flush(session);
	if (session->phase != SESSION_CLOSED) {
		if ((events & EPOLLIN) != 0 && (session->watch.events & EPOLLIN) != 0)
			pg_session_receive(session);
		else if ((events & (EPOLLHUP | EPOLLERR)) != 0)
			pg_session_hang_up(session);
	}
	pg_pool_settle(pool);
}
