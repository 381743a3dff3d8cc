/*
 * Accepts a client, watches its socket, sends and receives for it, and ends it.
 */
#include "workers/postgres/pool/session.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/postgres/pool/backend.h"

#define CLOSING_MS 10000

static void pg_session_ready(struct loop_watch *watch, uint32_t events);

static bool
pid_is_taken(const struct pg_pool *pool, uint32_t pid)
{
	const struct pg_session *session;

	LIST_FOREACH(session, &pool->by_pid[pid % POOL_PID_BUCKETS], by_pid)
	if (session->pid == pid)
		return true;
	return false;
}

static uint32_t
next_pid(struct pg_pool *pool)
{
	do
		if (++pool->next_pid <= SESSION_PID_FIRST || pool->next_pid >= SESSION_PID_OTHER)
			pool->next_pid = SESSION_PID_FIRST;
	while (pid_is_taken(pool, pool->next_pid));
	return pool->next_pid;
}

void
pg_session_take_pid(struct pg_session *session)
{
	struct pg_pool *pool = session->pool;
	int pid = session->backend == NULL ? 0 : PQbackendPID(session->backend->conn);

	if (pid <= 0 || pid_is_taken(pool, (uint32_t)pid))
		return;
	LIST_REMOVE(session, by_pid);
	session->pid = (uint32_t)pid;
	LIST_INSERT_HEAD(&pool->by_pid[session->pid % POOL_PID_BUCKETS], session, by_pid);
}

/* Asks the kernel who is calling, and whether one more client may be here before its startup packet. */
static int
pg_session_admit(struct pg_session *session, const struct pgwire_peer *remote, struct report *r)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (remote != NULL)
		session->peer = *remote;
	else if (getsockopt(session->watch.fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == -1)
		return report_set(r, SQLSTATE_INVALID_AUTHORIZATION_SPECIFICATION,
		    "the kernel does not say who is calling");
	else
		session->peer = (struct pgwire_peer) { .uid = peer.uid,
			.pid = peer.pid,
			.is_check = peer.pid == session->pool->worker->supervisor_pid };
	if (session->peer.is_check)
		return 0;
	return admission_enter(&session->pool->admission, session->pool->worker->conf, &session->peer,
	    session->watch.fd, &session->place, r);
}

void
pg_session_accept(struct pg_pool *pool, int fd, const struct pgwire_peer *remote)
{
	struct pg_session *session = calloc(1, sizeof(*session));
	struct report r = { 0 };
	struct error e;

	if (session == NULL ||
	    getrandom(&session->secret, sizeof(session->secret), 0) != (ssize_t)sizeof(session->secret) ||
	    loop_watch_add(pool->loop, &session->watch, fd, EPOLLIN, pg_session_ready, session, &e) == -1) {
		free(session);
		close(fd);
		return;
	}
	session->pool = pool;
	session->id = ++pool->next_session;
	session->pid = next_pid(pool);
	session->role = ROLES;
	session->unread_fd = -1;
	session->since = clock_now_ms();
	session->connected_us = session->changed_us = clock_realtime_us();
	session->deadline = session->since + pool->worker->conf->server.startup_timeout;
	session->startup = pg_settings_reference(pool->settings.empty);
	session->settings = pg_settings_reference(pool->settings.empty);
	LIST_INSERT_HEAD(&pool->sessions, session, entry);
	LIST_INSERT_HEAD(&pool->by_pid[session->pid % POOL_PID_BUCKETS], session, by_pid);
	TAILQ_INSERT_TAIL(&pool->starting, session, waiting);
	pool->nsessions++;
	pool->roles[ROLES]++;
	if (pg_session_admit(session, remote, &r) == -1)
		pg_session_refuse(session, &r);
	report_reset(&r);
	pg_pool_arm(pool);
}

void
pg_session_note_text(struct pg_session *session, const uint8_t *text, size_t size)
{
	size = text == NULL ? 0 : strnlen((const char *)text, size < SESSION_TEXT_MAX ? size : SESSION_TEXT_MAX);
	memcpy(session->text, text == NULL ? (const uint8_t *)"" : text, size);
	session->text_size = (uint16_t)size;
	session->changed_us = clock_realtime_us();
	if (session->transaction_us == 0)
		session->transaction_us = session->changed_us;
}

void
pg_session_note_statement(struct pg_session *session)
{
	session->statements++;
	session->has_run = session->awaits_answer = true;
	if (session->asked_us == 0)
		session->asked_us = session->changed_us;
	if (!session->peer.is_check)
		traffic_note_statement(&session->pool->traffic);
}

/* ---- the end ---- */

static void
pg_session_leave_lists(struct pg_session *session)
{
	struct pg_pool *pool = session->pool;

	pg_pool_stop_waiting(session);
	if (session->phase == SESSION_STARTING)
		TAILQ_REMOVE(&pool->starting, session, waiting);
	if (session->phase == SESSION_CLOSING)
		TAILQ_REMOVE(&pool->closing, session, waiting);
	else if (session->deaf)
		TAILQ_REMOVE(&pool->leaving, session, leaving);
	if (session->is_runnable)
		STAILQ_REMOVE(&pool->runnable, session, pg_session, runnable);
	session->is_runnable = false;
}

/* Frees what only a session that goes on needs. */
static void
pg_session_drop_state(struct pg_session *session)
{
	struct pg_pool *pool = session->pool;

	if (session->backend != NULL)
		backend_abandon(session->backend);
	pg_pool_disown(pool, session);
	listening_free(session);
	names_clear(&session->names);
	pg_session_forget_unnamed(session);
	pg_settings_release(&pool->settings, session->pending);
	pg_settings_release(&pool->settings, session->pending_applied);
	session->pending = session->pending_applied = NULL;
	free(session->lexer);
	session->lexer = NULL;
	pgwire_buffer_free(&session->in);
}

void
pg_session_close(struct pg_session *session)
{
	struct pg_pool *pool = session->pool;

	if (session->phase == SESSION_CLOSED)
		return;
	pg_session_leave_lists(session);
	session->phase = SESSION_CLOSED;
	admission_leave(&pool->admission, &session->place);
	pg_session_drop_state(session);
	pg_settings_release(&pool->settings, session->startup);
	pg_settings_release(&pool->settings, session->settings);
	pgwire_buffer_free(&session->out);
	pool->roles[session->peer.is_check ? ROLES : session->role]--;
	pool->nsessions--;
	if (session->watch.fd != -1) {
		int fd = session->watch.fd;

		loop_watch_delete(&session->watch);
		close(fd);
	}
	if (session->unread_fd != -1)
		close(session->unread_fd);
	LIST_REMOVE(session, by_pid);
	LIST_REMOVE(session, entry);
	LIST_INSERT_HEAD(&pool->closed, session, entry);
}

void
pg_session_close_when_sent(struct pg_session *session)
{
	struct pg_pool *pool = session->pool;

	if (session->phase == SESSION_CLOSED || session->phase == SESSION_CLOSING)
		return;
	pg_session_leave_lists(session);
	session->phase = SESSION_CLOSING;
	session->deadline = clock_now_ms() + CLOSING_MS;
	/* A session that is only being sent its last bytes takes no place. */
	admission_leave(&pool->admission, &session->place);
	TAILQ_INSERT_TAIL(&pool->closing, session, waiting);
	pg_pool_arm(pool);
	pg_session_drop_state(session);
	pg_session_flush(session);
}

void
pg_session_end(struct pg_session *session, enum sqlstate state, const char *fmt, ...)
{
	struct report r = { 0 };
	char text[512];
	va_list ap;

	if (session->phase == SESSION_CLOSED || session->phase == SESSION_CLOSING)
		return;
	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	(void)report_set(&r, state, "%s", text);
	/* In the middle of a message that the server has begun nothing can be said. */
	if (session->backend == NULL || session->backend->left == 0 || session->backend->left_dropped)
		pgwire_put_report(&session->out, REPORT_FATAL, &r);
	report_reset(&r);
	pg_session_close_when_sent(session);
}

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

static void
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
