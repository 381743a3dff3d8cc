/*
 * When a session's statement, or the session itself, is to stop: it was cancelled, is out of time, its client has gone,
 * or the worker ends. Also long work, which is told to the pool.
 */
#include "workers/sqlite/session/session.h"

#include <poll.h>

#include "common/clock.h"

void
session_begin_long_work(struct session *session)
{
	if (session->has_long_work)
		return;
	session->has_long_work = true;
	pool_enter_long_work(&session->sqlite->pool);
}

void
session_end_long_work(struct session *session)
{
	if (session->has_long_work)
		pool_leave_long_work(&session->sqlite->pool);
	session->has_long_work = false;
}

int64_t
session_work_start(const struct session *session)
{
	return session->turn_start > session->statement_start ? session->turn_start : session->statement_start;
}

bool
session_is_over(struct session *session)
{
	if (session->memory.refused || session->memory.file_refused)
		return true;
	if (atomic_load_explicit(&session->task.cancelled, memory_order_relaxed) ||
	    atomic_load_explicit(&session->killed, memory_order_relaxed))
		return true;
	if (session->statement_deadline != CLOCK_NEVER && clock_now_ms() >= session->statement_deadline) {
		session->statement_timed_out = true;
		return true;
	}
	return false;
}

/* Closed at both ends, that is: who has only ended its own sending still reads. */
void
session_look_for_client(struct session *session, int64_t gone_ms)
{
	struct pollfd client = { .fd = session->task.fd };

	if (session->gone_ms == 0 && poll(&client, 1, 0) == 1 && (client.revents & (POLLHUP | POLLERR)) != 0)
		session->gone_ms = gone_ms;
}

/* Its client has gone, and it has had the time to end that such a statement gets. */
static bool
session_is_abandoned(struct session *session, int64_t now)
{
	int64_t since;

	if (session->gone_ms == 0 && now - session->looked_ms >= SESSION_LOOK_MS) {
		session->looked_ms = now;
		session_look_for_client(session, now);
	}
	if (session->gone_ms == 0)
		return false;
	since = session->gone_ms > session->statement_start ? session->gone_ms : session->statement_start;
	return now - since >= SESSION_ABANDONED_WRITE_MS ||
	    (now - since >= SESSION_ABANDONED_READ_MS && !pool_has_lease(&session->sqlite->pool, &session->task)) ||
	    (now - since >= SESSION_ABANDONED_AWAITED_MS && pool_lease_is_awaited(&session->sqlite->pool));
}

bool
session_must_stop(void *arg)
{
	struct session *session = arg;
	/* What is allocated here, by a thread that is started, say, is not the statement's. */
	bool guarded = memory_guard(false), stop;
	int64_t now = clock_now_ms(), worked = now - session_work_start(session);

	/* SQLite asks after so many steps, those of earlier runs among them: only the clock tells long from often. */
	if (!session->has_long_work && worked >= (pool_has_low_thread() ? SESSION_LOW_WORK_MS : SESSION_LONG_WORK_MS))
		session_begin_long_work(session);
	if (worked >= SESSION_LOW_WORK_MS && !pool_has_low_thread() &&
	    !pool_has_lease(&session->sqlite->pool, &session->task))
		pool_lower_thread();
	stop = session_is_over(session) || (session->has_long_work && session_is_abandoned(session, now));
	(void)memory_guard(guarded);
	return stop;
}

void
session_cancel(struct sqlite *sqlite, uint32_t pid, uint32_t secret)
{
	struct session *session;

	pthread_mutex_lock(&sqlite->lock);
	LIST_FOREACH(session, &sqlite->sessions, entry)
	if (session->pid == pid && session->secret == secret && session->phase == SESSION_SERVING) {
		session_signal(session, false);
		break;
	}
	pthread_mutex_unlock(&sqlite->lock);
}

void
session_signal(struct session *session, bool terminate)
{
	/* An idle session must not find an old cancel at its next statement, which clears it. */
	atomic_store(&session->task.cancelled, true);
	if (terminate) {
		atomic_store(&session->task.terminated, true);
		atomic_store(&session->killed, true);
	}
	if (terminate || task_where(&session->task) == TASK_PARKED)
		pool_rouse(&session->sqlite->pool, &session->task);
	else
		pool_call(&session->sqlite->pool, &session->task); /* it may wait for a COPY's next row */
}

void
session_put_terminated(struct session *session)
{
	if (session->told)
		return;
	session->told = true;
	(void)report_set(&session->report, SQLSTATE_ADMIN_SHUTDOWN,
	    "terminating connection due to administrator command");
	pgwire_put_report(&session->out, REPORT_FATAL, &session->report);
}

void
session_terminate_all(struct sqlite *sqlite, bool hurry)
{
	struct session *session;

	pthread_mutex_lock(&sqlite->lock);
	LIST_FOREACH(session, &sqlite->sessions, entry)
	{
		atomic_store(&session->task.terminated, true);
		if (hurry)
			atomic_store(&session->task.cancelled, true);
		pool_rouse(&sqlite->pool, &session->task);
	}
	pthread_mutex_unlock(&sqlite->lock);
}
