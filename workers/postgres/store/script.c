/*
 * Logs in with libpq, sends a statement, collects its result, and ends on its deadline, without blocking.
 */
#include "workers/postgres/store/script.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

static void script_ready(struct loop_watch *watch, uint32_t events);

static void
script_ignore_notice(void *arg, const PGresult *result)
{
	(void)arg;
	(void)result;
}

/* libpq opens a new socket for each address that it tries, so the watch is renewed rather than kept. */
static int
script_watch_socket(struct script *script, uint32_t events)
{
	int fd = PQsocket(script->connection);

	if (script->watch.fd == fd && script->logged_in) {
		loop_watch_events(&script->watch, events);
		return 0;
	}
	loop_watch_delete(&script->watch);
	return loop_watch_add(script->loop, &script->watch, fd, events, script_ready, script, NULL);
}

/* ---- how a step ends ---- */

static void
script_end(struct script *script, const struct script_failure *failure)
{
	script_done_fn *done = script->done;
	void *context = script->context;
	PGresult *last = script->last;

	script->done = NULL;
	script->last = NULL;
	loop_timer_cancel(&script->deadline);
	if (failure != NULL && failure->lost)
		script_close(script);
	else
		(void)script_watch_socket(script, EPOLLIN);
	/* The callback may free what is around the script. */
	if (done != NULL)
		done(context, last, failure);
	PQclear(last);
}

/* Makes the text one line without control characters. */
static void
script_clean(char *text)
{
	text[strcspn(text, "\r\n")] = '\0';
	for (char *p = text; *p != '\0'; p++)
		if (iscntrl((unsigned char)*p))
			*p = ' ';
}

static bool
script_is_state(const char *text)
{
	for (int i = 0; i < SCRIPT_STATE_SIZE - 1; i++)
		if (!isdigit((unsigned char)text[i]) && !(text[i] >= 'A' && text[i] <= 'Z'))
			return false;
	return text[SCRIPT_STATE_SIZE - 1] == ':';
}

/* Takes apart what libpq says of a connection: with the verbosity set in script_log_in it is
 * "connection to server ... failed: FATAL:  28P01: password authentication failed ...", and a line for each attempt. */
static void
script_read_connection_error(const char *said, struct script_failure *failure)
{
	const char *last = said, *at;

	/* The last attempt counts; lines with another beginning belong to it. */
	for (at = said; (at = strstr(at, "connection to server ")) != NULL; at++)
		last = at;
	if ((at = strstr(last, " failed: ")) != NULL)
		last = at + strlen(" failed: ");
	if ((at = strstr(last, ":  ")) != NULL && at < last + strcspn(last, "\r\n") && script_is_state(at + 3)) {
		(void)snprintf(failure->state, sizeof(failure->state), "%s", at + 3);
		last = at + 3 + SCRIPT_STATE_SIZE;
		last += strspn(last, " ");
	}
	(void)snprintf(failure->message, sizeof(failure->message), "%s", last);
	script_clean(failure->message);
	if (failure->state[0] == '\0')
		failure->message[0] = (char)tolower((unsigned char)failure->message[0]);
}

static void
script_end_lost(struct script *script, const char *message)
{
	struct script_failure failure = { .lost = true };

	if (message != NULL)
		(void)snprintf(failure.message, sizeof(failure.message), "%s", message);
	else
		script_read_connection_error(PQerrorMessage(script->connection), &failure);
	script_end(script, &failure);
}

static void
script_expired(struct loop_timer *timer)
{
	struct script *script = timer->arg;

	script_end_lost(script, script->logged_in ? "no answer in time" : "no login in time");
}

static unsigned
script_position(const PGresult *result)
{
	const char *text = PQresultErrorField(result, PG_DIAG_INTERNAL_POSITION);

	if (text == NULL)
		text = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
	return text == NULL ? 0 : (unsigned)strtoul(text, NULL, 10);
}

static void
script_end_result(struct script *script)
{
	ExecStatusType status = PQresultStatus(script->last);
	const char *text;
	struct script_failure failure = { .lost = PQstatus(script->connection) == CONNECTION_BAD };

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) {
		script_end(script, NULL);
		return;
	}
	if ((text = PQresultErrorField(script->last, PG_DIAG_SQLSTATE)) != NULL)
		(void)snprintf(failure.state, sizeof(failure.state), "%s", text);
	if ((text = PQresultErrorField(script->last, PG_DIAG_MESSAGE_PRIMARY)) == NULL)
		text = failure.lost ? "the server closed the connection" : "the server's answer is not understood";
	(void)snprintf(failure.message, sizeof(failure.message), "%s", text);
	script_clean(failure.message);
	failure.position = script_position(script->last);
	script_end(script, &failure);
}

/* ---- what the loop brings ---- */

/* Goes on with a login; only PQconnectPoll's last answer says what to wait for. */
static void
script_log_in_ready(struct script *script)
{
	PostgresPollingStatusType wanted;

	/* The descriptor may be closed by the call, and another opened with the same number. */
	loop_watch_delete(&script->watch);
	wanted = PQconnectPoll(script->connection);
	if (wanted == PGRES_POLLING_READING || wanted == PGRES_POLLING_WRITING) {
		if (script_watch_socket(script, wanted == PGRES_POLLING_READING ? EPOLLIN : EPOLLOUT) == -1)
			script_end_lost(script, "cannot watch the connection");
	} else if (wanted == PGRES_POLLING_OK) {
		script->logged_in = true;
		if (PQsetnonblocking(script->connection, 1) == -1)
			script_end_lost(script, "cannot make the connection non-blocking");
		else
			script_end(script, NULL);
	} else
		script_end_lost(script, NULL);
}

/* Takes what has come of the answer. Returns true when it is complete: the script may be gone then. */
static bool
script_take_results(struct script *script)
{
	PGresult *result;

	while (PQisBusy(script->connection) == 0) {
		if ((result = PQgetResult(script->connection)) == NULL) {
			script_end_result(script);
			return true;
		}
		PQclear(script->last);
		script->last = result;
		/* A COPY would never end, since nobody sends or takes its data. */
		if (PQresultStatus(result) == PGRES_COPY_IN || PQresultStatus(result) == PGRES_COPY_OUT ||
		    PQresultStatus(result) == PGRES_COPY_BOTH) {
			script_end_lost(script, "COPY from or to the client cannot be run here");
			return true;
		}
	}
	return false;
}

static void
script_idle_input(struct script *script)
{
	script_lost_fn *lost = script->lost;
	void *context = script->lost_context;

	if (PQconsumeInput(script->connection) == 1 && PQstatus(script->connection) == CONNECTION_OK)
		return;
	script_close(script);
	if (lost != NULL)
		lost(context);
}

static void
script_ready(struct loop_watch *watch, uint32_t events)
{
	struct script *script = watch->arg;
	int left;

	(void)events;
	if (!script->logged_in) {
		script_log_in_ready(script);
		return;
	}
	if (script->done == NULL) {
		script_idle_input(script);
		return;
	}
	if ((left = PQflush(script->connection)) == -1 || PQconsumeInput(script->connection) == 0) {
		/* What the server said before it went is still worth reading. */
		if (!script_take_results(script))
			script_end_lost(script, "the server closed the connection");
		return;
	}
	loop_watch_events(&script->watch, left == 1 ? EPOLLIN | EPOLLOUT : EPOLLIN);
	(void)script_take_results(script);
}

/* ---- steps ---- */

static void
script_begin(struct script *script, int64_t timeout_ms, script_done_fn *done, void *context)
{
	script->done = done;
	script->context = context;
	loop_timer_set(script->loop, &script->deadline, timeout_ms, script_expired, script);
}

static void
script_failed(struct loop_timer *timer)
{
	struct script *script = timer->arg;

	script_end_lost(script, PQerrorMessage(script->connection)[0] == '\0' ? "cannot begin" : NULL);
}

/* A step that could not even begin fails from the loop, not from within its call. */
static void
script_fail_soon(struct script *script)
{
	loop_timer_set(script->loop, &script->deadline, 0, script_failed, script);
}

void
script_log_in(struct script *script, struct loop *loop, const char *const *keywords, const char *const *values,
    int64_t timeout_ms, script_done_fn *done, void *context)
{
	script_close(script);
	*script = (struct script) { .loop = loop, .watch.fd = -1 };
	script_begin(script, timeout_ms, done, context);
	if ((script->connection = PQconnectStartParams(keywords, values, 0)) == NULL ||
	    PQstatus(script->connection) == CONNECTION_BAD || PQsocket(script->connection) == -1) {
		script_fail_soon(script);
		return;
	}
	(void)PQsetNoticeReceiver(script->connection, script_ignore_notice, NULL);
	/* With this verbosity, the error of a login that failed has its SQLSTATE. */
	(void)PQsetErrorVerbosity(script->connection, PQERRORS_VERBOSE);
	if (script_watch_socket(script, EPOLLOUT) == -1)
		script_fail_soon(script);
}

static void
script_sent(struct script *script, int sent)
{
	int left = sent == 1 ? PQflush(script->connection) : -1;

	if (left == -1)
		script_fail_soon(script);
	else
		loop_watch_events(&script->watch, left == 1 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void
script_run(struct script *script, const char *sql, int64_t timeout_ms, script_done_fn *done, void *context)
{
	script_begin(script, timeout_ms, done, context);
	script_sent(script, PQsendQuery(script->connection, sql));
}

void
script_run_with(struct script *script, const char *sql, int n, const char *const *parameters, int64_t timeout_ms,
    script_done_fn *done, void *context)
{
	script_begin(script, timeout_ms, done, context);
	script_sent(script, PQsendQueryParams(script->connection, sql, n, NULL, parameters, NULL, NULL, 0));
}

bool
script_is_open(const struct script *script)
{
	return script->connection != NULL;
}

bool
script_is_idle(const struct script *script)
{
	return script->connection != NULL && script->logged_in && script->done == NULL;
}

void
script_watch(struct script *script, script_lost_fn *lost, void *context)
{
	script->lost = lost;
	script->lost_context = context;
}

void
script_close(struct script *script)
{
	loop_watch_delete(&script->watch);
	loop_timer_cancel(&script->deadline);
	PQclear(script->last);
	PQfinish(script->connection);
	script->last = NULL;
	script->connection = NULL;
	script->logged_in = false;
	script->done = NULL;
}
