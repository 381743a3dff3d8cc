/*
 * A session's turn in a thread: bytes in, messages dispatched, bytes out, until it must wait for something.
 */
#include <errno.h>
#include <inttypes.h>
#include <sys/epoll.h>

#include "common/clock.h"
#include "workers/sqlite/session/pause.h"
#include "workers/sqlite/session/session.h"

static bool
session_holds_part(const struct session *session)
{
	return pgwire_buffer_length(&session->in) >= SESSION_LARGE_BYTES;
}

/* A COPY that is cancelled, or whose time is up, ends though its client sends nothing: others may wait for it. One that
 * waits for them itself is told by session_wait(). */
static bool
session_copy_is_over(struct session *session)
{
	return session->copy.active && session->task.wait_deadline == CLOCK_NEVER && session_is_over(session);
}

/* What waits longer than it may: the message says what was waited for. */
static enum session_step
session_expire(struct session *session)
{
	session->task.expired = false;
	if (session->phase == SESSION_STARTUP) {
		(void)report_set(&session->report, SQLSTATE_QUERY_CANCELED,
		    "canceling startup due to timeout: no startup packet within %" PRId64
		    " ms (server.startup_timeout)",
		    session->conf->conf->server.startup_timeout);
		pgwire_put_report(&session->out, REPORT_FATAL, &session->report);
		return STEP_CLOSE;
	}
	if (session->task.wait_deadline != CLOCK_NEVER) {
		session->wait_expired = true;
		return STEP_ON;
	}
	if (session_copy_is_over(session))
		return STEP_ON;
	if (session_holds_part(session))
		(void)report_set(&session->report, SQLSTATE_PROTOCOL_VIOLATION,
		    "terminating connection: a large message has been begun and nothing more of it came within %d s",
		    SESSION_STALL_DEADLINE_MS / 1000);
	else if (transaction_status(session) == 'I')
		(void)report_set(&session->report, SQLSTATE_IDLE_SESSION_TIMEOUT,
		    "terminating connection due to idle-session timeout");
	else
		(void)report_set(&session->report, SQLSTATE_IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
		    "terminating connection due to idle-in-transaction timeout");
	pgwire_put_report(&session->out, REPORT_FATAL, &session->report);
	return STEP_CLOSE;
}

static bool
session_is_idle(const struct session *session)
{
	return !session->query.active && session->resuming == NULL;
}

static enum session_step
session_terminate(struct session *session)
{
	if (session->phase == SESSION_SERVING)
		session_put_terminated(session);
	return STEP_CLOSE;
}

static enum session_step
session_protocol_error(struct session *session, const char *what)
{
	(void)report_set(&session->report, SQLSTATE_PROTOCOL_VIOLATION, "%s", what);
	pgwire_put_report(&session->out, REPORT_FATAL, &session->report);
	return STEP_CLOSE;
}

static enum session_step
session_dispatch(struct session *session, const struct pgwire_message *message)
{
	switch (message->type) {
	case 'X':
		return STEP_CLOSE;
	case 'Q':
		return session->skipping ? STEP_ON : session_simple_begin(session, message);
	case 'd':
	case 'c':
	case 'f':
		/* Data after a COPY that failed: the client did not know yet, and may never stop. */
		session->dropped_data = true;
		return STEP_ON;
	case 'p':
		return session_protocol_error(session, "no password is asked for");
	default:
		return session_extended(session, message);
	}
}

static enum session_step
session_step_copy(struct session *session, const struct pgwire_message *message)
{
	int over = copy_take(session, message, &session->report);

	if (over == 0)
		return STEP_ON;
	if (over == COPY_WAITS)
		return STEP_PARK;
	session->copy.active = false;
	return session->copy.extended ? session_extended_copy_over(session, over == 1)
				      : session_simple_copy_over(session, over == 1);
}

/* One message, or a part of the one that has not been finished. The message leaves the buffer when it has been dealt
 * with: what a Query's statements point into stays until then. */
static enum session_step
session_step_serving(struct session *session, size_t *wanted)
{
	struct pgwire_message message;
	enum session_step step;
	bool taken;
	int n;

	if (session->discarding > 0) {
		session_discard(session);
		return session->discarding > 0 ? STEP_NEEDS_INPUT : STEP_ON;
	}
	if (session->resuming != NULL && !session->copy.active)
		step = session_extended_go_on(session);
	else if (session->query.active && !session->copy.active)
		step = session_simple_go_on(session);
	else if (session_copy_is_over(session)) {
		(void)report_set(&session->report, SQLSTATE_QUERY_CANCELED, "canceling statement due to user request");
		step = session_copy_failed(session);
	} else {
		if (atomic_load_explicit(&session->task.terminated, memory_order_relaxed))
			return session_terminate(session);
		if ((n = pgwire_next_message(&session->in, &message, wanted)) == 0)
			return STEP_NEEDS_INPUT;
		if (n == -1)
			return session_protocol_error(session, "invalid frontend message");
		/* What is made of it is another as large, at least. */
		if (message.size >= SESSION_LARGE_BYTES && memory_would_refuse(message.size))
			return session_refuse_message(session, message.size);
		session->message_size = message.size;
		if ((step = pause_enter(session, &message, &taken)) != STEP_ON)
			return step;
		if (taken)
			step = STEP_ON;
		else {
			notify_begin(session);
			step = session->copy.active ? session_step_copy(session, &message)
						    : session_dispatch(session, &message);
		}
	}
	if ((session_is_idle(session) || session->copy.active) && step != STEP_PARK) {
		pgwire_buffer_consume(&session->in, session->message_size);
		session->message_size = 0;
		session->message_begun = false;
	}
	return step;
}

static int64_t
session_silence_deadline(struct session *session)
{
	const struct settings_values *v = settings_values(session->settings);
	int64_t timeout = v->idle_session_timeout;

	if (session->phase == SESSION_STARTUP)
		return session->startup_deadline;
	/* A part of a large message is held for as long as more of it comes. */
	if (session_holds_part(session))
		return clock_now_ms() + SESSION_STALL_DEADLINE_MS;
	/* In the middle of a COPY that keeps nobody waiting. */
	if (session->copy.active && !session->transaction.pinned)
		return CLOCK_NEVER;
	if (transaction_status(session) != 'I' || session->transaction.pinned || session->pinned) {
		timeout = v->idle_in_transaction_session_timeout;
		if ((session->transaction.pinned || session->pinned) &&
		    (timeout == 0 || timeout > SESSION_PINNED_DEADLINE_MS))
			timeout = SESSION_PINNED_DEADLINE_MS;
	}
	return timeout > 0 ? clock_now_ms() + timeout : CLOCK_NEVER;
}

static int64_t
session_idle_deadline(struct session *session)
{
	int64_t at = session_silence_deadline(session);

	return session->copy.active && session->statement_deadline < at ? session->statement_deadline : at;
}

static int64_t
session_wait_deadline(struct session *session)
{
	int64_t timeout = SESSION_CONNECTION_DEADLINE_MS, at;

	if (session->wait == POOL_WAIT_LEASE) {
		timeout = settings_values(session->settings)->lock_timeout;
		if (timeout == 0)
			timeout = SESSION_LEASE_DEADLINE_MS;
	}
	at = clock_now_ms() + timeout;
	return at < session->statement_deadline ? at : session->statement_deadline;
}

/* Who reads slowly is waited for as long as something goes; who keeps others from writing, once. */
static int64_t
session_stall_deadline(struct session *session)
{
	if (session->stalled_ms == 0 || !session->transaction.writes)
		session->stalled_ms = clock_now_ms();
	return session->stalled_ms + SESSION_STALL_DEADLINE_MS;
}

/* Runs until the session must wait for something. */
static enum session_step
session_turn(struct session *session, size_t *wanted)
{
	enum session_step step;

	for (;;) {
		*wanted = 0;
		step = session->phase == SESSION_STARTUP ? session_step_startup(session)
							 : session_step_serving(session, wanted);
		if (step == STEP_ON && pgwire_buffer_length(&session->out) >= SESSION_FLUSH_BYTES)
			step = session_flush(session);
		if (step == STEP_NEEDS_INPUT) {
			int notified = notify_deliver(session);

			if (notified == -1)
				return STEP_CLOSE;
			if ((step = session_flush(session)) != STEP_ON)
				return step;
			if (notified == 1)
				continue;
			if (session->polled)
				return STEP_NEEDS_INPUT;
			session->polled = true;
			step = session_read(session, *wanted);
		}
		if (step != STEP_ON)
			return step;
	}
}

/* What is charged to a session that holds nothing is what it left in caches, or took out of them. */
static void
session_settle(struct session *session)
{
	if (session->connection == NULL && LIST_EMPTY(&session->portals) &&
	    session->in.capacity < SESSION_LARGE_BYTES && session->out.capacity < SESSION_LARGE_BYTES)
		memory_settle(&session->memory);
}

/* One that waits for its client keeps no buffers. */
static void
session_give_buffers(struct session *session)
{
	if (pgwire_buffer_length(&session->in) == 0)
		pgwire_buffer_free(&session->in);
	if (pgwire_buffer_length(&session->out) == 0)
		pgwire_buffer_free(&session->out);
}

/* A statement that goes on and has been at work for long, be it a little at a time, goes on after others. */
static void
session_note_work(struct session *session)
{
	session->worked_ms += clock_now_ms() - session_work_start(session);
	session->task.is_low = session->dropped_data ||
	    (session->worked_ms >= SESSION_LOW_WORK_MS && !session->transaction.writes &&
		(session->copy.active || !session_is_idle(session)));
	session->dropped_data = false;
}

void
session_run(struct session *session, uint32_t events)
{
	struct pool *pool = &session->sqlite->pool;
	struct store *store = &session->sqlite->store;
	enum session_step step = STEP_ON;
	size_t wanted = 0;

	(void)memory_use(&session->memory);
	atomic_store(&session->task.called, false);
	session->turn_start = clock_now_ms();
	/* A client that has gone may have left statements: they are read like any other, up to the end of the
	 * stream. */
	if ((events & (EPOLLHUP | EPOLLERR)) != 0 && session->gone_ms == 0)
		session->gone_ms = clock_now_ms();
	/* What was abandoned while it waited in a queue has had its time. */
	if (session->task.wait_deadline != CLOCK_NEVER)
		session_look_for_client(session, session->statement_start);
	/* Read once a turn: a second try would nearly always find nothing. */
	session->polled = (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0;
	if (session->task.expired)
		step = session_expire(session);
	if (atomic_load(&session->killed) || (atomic_load(&session->task.terminated) && session_is_idle(session)))
		step = session_terminate(session);
	if (step == STEP_ON && (step = session_flush(session)) == STEP_ON)
		step = session_turn(session, &wanted);
	session_end_long_work(session);
	session_note_work(session);
	(void)memory_use(NULL);
	switch (step) {
	case STEP_PARK:
		if (session->task.wait_deadline == CLOCK_NEVER)
			session->task.wait_deadline = session_wait_deadline(session);
		pool_park(pool, &session->task, session->wait, session->task.wait_deadline);
		break;
	case STEP_BLOCKED:
		pool_await_client(pool, &session->task, EPOLLOUT, session_stall_deadline(session));
		break;
	case STEP_SYNC:
		session_settle(session);
		pool_await_sync(pool, &session->task);
		break;
	case STEP_NEEDS_INPUT:
	case STEP_ON:
		session_spare_connection(session);
		session_give_buffers(session);
		session_settle(session);
		pool_await_client(pool, &session->task, EPOLLIN, session_idle_deadline(session));
		break;
	case STEP_CLOSE:
		(void)session_flush_now(session);
		session_free(session);
	}
	/* The client has its answer and may go on in another thread meanwhile. Writers would wait for one that gives
	 * way. */
	if (!pool_has_low_thread())
		store_checkpoint(store);
}
