/*
 * Makes and frees sessions, and sends their errors, settings and ReadyForQuery.
 */
#include "workers/sqlite/session/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/sqlite/session/pause.h"

/* remote: who it is, or NULL for the kernel to say. */
static struct session *
session_new(struct sqlite *sqlite, int fd, const struct pgwire_peer *remote)
{
	struct session *session = session_allocate(sqlite);
	struct error e;

	if (session == NULL)
		return NULL;
	session->sqlite = sqlite;
	session->task.fd = fd;
	session->statement_deadline = session->task.wait_deadline = CLOCK_NEVER;
	session->task.role = ROLES;
	LIST_INIT(&session->prepared);
	LIST_INIT(&session->portals);
	STAILQ_INIT(&session->notify.inbox);
	session->notify.session = session;
	if (pthread_mutex_init(&session->task.lock, NULL) != 0 || (session->settings = settings_new()) == NULL ||
	    getrandom(&session->secret, sizeof(session->secret), 0) != (ssize_t)sizeof(session->secret) ||
	    (remote == NULL && pgwire_peer_get(fd, &session->peer, &e) == -1)) {
		settings_free(session->settings);
		session_give_back(sqlite, session);
		return NULL;
	}
	if (remote != NULL)
		session->peer = *remote;
	else
		session->peer.is_check = session->peer.pid == sqlite->worker->supervisor_pid;
	session->task.is_check = session->peer.is_check;
	session->conf = sqlite_conf_get(sqlite);
	session->memory.must_stop = session_must_stop;
	session->memory.arg = session;
	session->transaction.number = session->activity.began_us = clock_realtime_us();
	return session;
}

struct session *
session_accept(struct sqlite *sqlite, int fd, const struct pgwire_peer *remote)
{
	struct session *session = session_new(sqlite, fd, remote);

	if (session == NULL) {
		close(fd);
		return NULL;
	}
	pthread_mutex_lock(&sqlite->lock);
	if (++sqlite->next_pid == 0 || sqlite->next_pid > INT32_MAX)
		sqlite->next_pid = 1;
	session->pid = sqlite->next_pid;
	LIST_INSERT_HEAD(&sqlite->sessions, session, entry);
	sqlite->nsessions++;
	/* One that comes while all are being told to end. */
	atomic_store(&session->task.terminated, atomic_load(&sqlite->stopping));
	pthread_mutex_unlock(&sqlite->lock);
	atomic_fetch_add(&sqlite->roles[ROLES], 1);
	if (!session->task.is_check &&
	    admission_enter(&sqlite->admission, session->conf->conf, &session->peer, fd, &session->place,
		&session->report) == -1) {
		session_refuse(session);
		return NULL;
	}
	session->startup_deadline = clock_now_ms() + session->conf->conf->server.startup_timeout;
	/* The check asks as soon as it has connected, and for next to nothing: no second thread is woken for it. */
	if (session->task.is_check && session->peer.login[0] == '\0')
		return session;
	pool_await_client(&sqlite->pool, &session->task, EPOLLIN, session->startup_deadline);
	return NULL;
}

static void
session_drop_all(struct session *session)
{
	struct prepared *prepared;

	session_close_portals(session);
	while (!LIST_EMPTY(&session->portals))
		portal_free(session, LIST_FIRST(&session->portals));
	while ((prepared = LIST_FIRST(&session->prepared)) != NULL) {
		LIST_REMOVE(prepared, entry);
		prepared_release(prepared);
	}
	prepared_release(session->unnamed);
}

/* What it had begun and what it holds of others; its connection is its caller's. */
static void
session_end_work(struct session *session)
{
	copy_end(session);
	portal_reset(session, &session->query.portal);
	free(session->query.owned);
	session_drop_all(session);
	session_forget_current(session);
	transaction_abandon(session);
	advisory_give_all(&session->sqlite->advisory, session->pid, true, true);
	notify_leave(session);
}

static void
session_forget(struct session *session)
{
	dialect_text_free(&session->query.text);
	pgwire_buffer_free(&session->in);
	pgwire_buffer_free(&session->out);
	pgwire_peer_free(&session->peer);
	report_reset(&session->report);
	settings_free(session->settings);
	sequence_memory_forget(&session->drawn);
	activity_free(session);
	sqlite_conf_release(session->conf);
	pthread_mutex_destroy(&session->task.lock);
	session_give_back(session->sqlite, session);
}

void
session_free(struct session *session)
{
	struct sqlite *sqlite = session->sqlite;
	bool last;

	pause_leave(session);
	session_end_work(session);
	session->drops_connection |= session->keeps_connection;
	session_spare_connection(session);
	atomic_fetch_sub(&sqlite->roles[session->task.is_check ? ROLES : session->task.role], 1);
	admission_leave(&sqlite->admission, &session->place);
	pthread_mutex_lock(&sqlite->lock);
	LIST_REMOVE(session, entry);
	last = --sqlite->nsessions == 0;
	pthread_mutex_unlock(&sqlite->lock);
	pool_forget(&sqlite->pool, &session->task);
	close(session->task.fd);
	session_forget(session);
	if (last && atomic_load(&sqlite->stopping))
		mailbox_wake(&sqlite->mailbox);
}

struct session *
session_new_alone(struct sqlite *sqlite)
{
	static const struct pgwire_peer nobody = { .pid = 0 };
	struct session *session = session_new(sqlite, -1, &nobody);

	if (session == NULL)
		return NULL;
	session->task.role = ROLE_ADMIN;
	session->phase = SESSION_SERVING;
	/* No thread of the pool runs it: what it does is nobody's turn. */
	session->has_long_work = true;
	session->turn_start = session->statement_start = CLOCK_NEVER;
	return session;
}

void
session_free_alone(struct session *session)
{
	session->connection = NULL;
	session->transaction = (struct transaction) { .block = TRANSACTION_NONE };
	session_end_work(session);
	session_forget(session);
}

void
session_audit(struct session *session, const char *kind, const char *statement, const char *result)
{
	audit_add(&session->sqlite->audit, &session->peer, session->task.role, kind, statement, result);
}

enum session_step
session_step_of(struct session *session, enum portal_result result, enum session_step (*fail)(struct session *session))
{
	switch (result) {
	case PORTAL_WAITS:
		return STEP_PARK;
	case PORTAL_BLOCKED:
		return STEP_BLOCKED;
	default:
		return fail(session);
	}
}

void
session_set_current(struct session *session, const struct portal *portal)
{
	if (portal->source != NULL)
		portal->source->references++;
	session_forget_current(session);
	session->current = (struct current) { .known = true, .source = portal->source };
}

void
session_forget_current(struct session *session)
{
	prepared_release(session->current.source);
	session->current = (struct current) { .known = false };
}

/* An allocation that was refused comes back in many words: this says what it was. */
static void
session_explain_refusal(struct session *session)
{
	struct memory_account *memory = &session->memory;
	struct report *r = &session->report;

	if (memory->stopped && !memory->refused && !memory->file_refused)
		(void)report_set(r, SQLSTATE_QUERY_CANCELED, "canceling statement due to user request");
	if (memory->file_refused) {
		(void)report_set(r, SQLSTATE_CONFIGURATION_LIMIT_EXCEEDED,
		    "temporary file size exceeds temp_file_limit (%" PRId64 "kB)", memory->file_limit >> 10);
		report_detail(r, "It is set by database.roles.%s.temp_file_limit_mb.", role_names[session->task.role]);
	}
	if (memory->file_refused || !memory->refused)
		return;
	(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	if (memory->all_used)
		report_detail(r, "All statements together take the memory that database.sqlite.memory_mb allows.");
	else
		report_detail(r, "A statement of the role %s may take %" PRId64 " MB (database.roles.%s.work_mem_mb).",
		    role_names[session->task.role], memory->limit >> 20, role_names[session->task.role]);
}

void
session_fail(struct session *session)
{
	struct report *r = &session->report;

	session_explain_refusal(session);
	session_hold_answer(session);
	session_wait_over(session);
	memory_forget_refusal(&session->memory);
	if (r->state == SQLSTATE_QUERY_CANCELED && session->statement_timed_out)
		(void)report_set(r, SQLSTATE_QUERY_CANCELED, "canceling statement due to statement timeout");
	if (r->state == SQLSTATE_SUCCESSFUL_COMPLETION)
		(void)report_set(r, SQLSTATE_INTERNAL_ERROR, "the statement failed without a reason");
	if (r->state == SQLSTATE_QUERY_CANCELED && atomic_load(&session->killed))
		session_put_terminated(session);
	else
		pgwire_put_report(&session->out, REPORT_ERROR, r);
	if (r->state == SQLSTATE_INSUFFICIENT_PRIVILEGE && session->current.known)
		session_audit(session, "refused",
		    session->current.source == NULL ? session->query.text.key : session->current.source->text.key,
		    sqlstate_code(r->state));
	session_forget_current(session);
	transaction_fail(session);
	report_reset(r);
}

static void
session_put_parameter(void *arg, const char *name, const char *value)
{
	struct session *session = arg;

	pgwire_put_parameter_status(&session->out, name, value);
	if (strcmp(name, "application_name") == 0)
		activity_set_application(session, value);
}

void
session_put_settings(struct session *session)
{
	settings_report(session->settings, session_put_parameter, session);
}

/* One that has lost some is told, and ends. */
static void
session_put_notifications(struct session *session)
{
	session->notify.at_rest = true;
	if (notify_deliver(session) != -1)
		return;
	session->told = true;
	atomic_store(&session->task.terminated, true);
}

void
session_ready(struct session *session)
{
	activity_end(session);
	if (transaction_status(session) == 'I')
		pause_leave(session);
	if (!session->told) {
		session_put_settings(session);
		session_put_notifications(session);
	}
	if (!session->told)
		pgwire_put_ready(&session->out, transaction_status(session));
	/* Refused attempts wait for someone with a connection who may write. */
	if (session->connection != NULL && !session->transaction.begun &&
	    atomic_load_explicit(&session->sqlite->audit.queue.pending, memory_order_relaxed) > 0 &&
	    !pool_has_low_thread() && pool_take_lease(&session->sqlite->pool, &session->task)) {
		audit_flush(&session->sqlite->audit, session->connection);
		pool_give_lease(&session->sqlite->pool, &session->task);
	}
	session_spare_connection(session);
}

void
session_begin_statement(struct session *session)
{
	int64_t timeout = settings_values(session->settings)->statement_timeout;

	atomic_store_explicit(&session->task.cancelled, false, memory_order_relaxed);
	session_forget_current(session);
	memory_forget_refusal(&session->memory);
	session_wait_over(session);
	session->stalled_ms = 0;
	session->statement_timed_out = false;
	session->statement_start = clock_now_ms();
	session->worked_ms = 0;
	session->statement_deadline = timeout > 0 ? session->statement_start + timeout : CLOCK_NEVER;
	session->statement_time_us = clock_realtime_us();
	session->transaction.number += session->transaction.block == TRANSACTION_NONE;
	if (!session->transaction.used || session->transaction.block == TRANSACTION_NONE)
		session->transaction.time_us = session->statement_time_us;
}

void
session_begin_message(struct session *session)
{
	/* A message that had to wait is taken up again from its beginning; its clock, and a cancel, go on. */
	if (!session->message_begun)
		session_begin_statement(session);
	session->message_begun = true;
}

enum transaction_result
session_wait(struct session *session, enum pool_wait wait, struct report *r)
{
	bool expired = session->wait_expired;

	if (session->task.wait_deadline != CLOCK_NEVER && session_is_over(session))
		(void)report_set(r, SQLSTATE_QUERY_CANCELED, "canceling statement due to user request");
	else if (expired && wait == POOL_WAIT_LEASE)
		(void)report_set(r, SQLSTATE_LOCK_NOT_AVAILABLE, "canceling statement due to lock timeout");
	else if (expired && wait == POOL_WAIT_PIN)
		(void)report_set(r, SQLSTATE_TOO_MANY_CONNECTIONS,
		    "too many transactions hold a database connection; see max_open_conns in bibd.yaml(5)");
	else if (expired)
		(void)report_set(r, SQLSTATE_TOO_MANY_CONNECTIONS,
		    "all database connections are in use; see max_open_conns in bibd.yaml(5)");
	else {
		session->wait = wait;
		return TRANSACTION_WAITS;
	}
	session_wait_over(session);
	if (wait == POOL_WAIT_PIN)
		pool_decline_pin(&session->sqlite->pool);
	return TRANSACTION_ERROR;
}

void
session_got(struct session *session, enum pool_wait wait)
{
	if (session->wait == wait)
		session_wait_over(session);
}

void
session_wait_over(struct session *session)
{
	session->task.wait_deadline = CLOCK_NEVER;
	session->wait_expired = false;
}

void
session_warn(struct session *session, enum sqlstate state, const char *fmt, ...)
{
	struct report warning = { .state = SQLSTATE_SUCCESSFUL_COMPLETION };
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)report_set(&warning, state, "%s", text);
	pgwire_put_report(&session->out, REPORT_WARNING, &warning);
	report_reset(&warning);
}
