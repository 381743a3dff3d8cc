/*
 * A session's begin and end: a client is accepted and given a pid, and whatever the session holds is given back.
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
