/*
 * Lets a session wait while the node is paused, counts those at work, and tells the supervisor when none is.
 */
#include "workers/sqlite/session/pause.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

/* Ids of sessions that are named to people. */
#define PAUSE_NAMED 3

/* ---- by the session's thread ---- */

static void
pause_uncount(struct sqlite *sqlite)
{
	if (atomic_fetch_sub(&sqlite->working, 1) == 1 && atomic_load(&sqlite->pool.is_paused))
		mailbox_wake(&sqlite->mailbox);
}

/* The messages that begin work; the others end it, or go with what has begun. */
static bool
pause_concerns(char type)
{
	return strchr("QPBEDCF", type) != NULL;
}

/* As a statement that had begun: of a batch everything up to Sync is dropped. */
static enum session_step
pause_fail(struct session *session, const struct pgwire_message *message, bool *taken)
{
	bool late = session->wait_expired;

	*taken = true;
	session_wait_over(session);
	atomic_store(&session->task.cancelled, false);
	(void)report_set(&session->report, SQLSTATE_QUERY_CANCELED, "canceling statement due to %s",
	    late ? "statement timeout" : "user request");
	session_fail(session);
	if (message->type == 'Q')
		session_ready(session);
	else
		session->skipping = true;
	return STEP_ON;
}

enum session_step
pause_enter(struct session *session, const struct pgwire_message *message, bool *taken)
{
	struct sqlite *sqlite = session->sqlite;

	*taken = false;
	if (session->working || session->skipping || !pause_concerns(message->type))
		return STEP_ON;
	atomic_fetch_add(&sqlite->working, 1);
	if (!atomic_load(&sqlite->pool.is_paused)) {
		session->working = true;
		session_wait_over(session);
		return STEP_ON;
	}
	pause_uncount(sqlite);
	/* A cancel that came before this message is not meant for it. */
	if (session->message_begun && (atomic_load(&session->task.cancelled) || session->wait_expired))
		return pause_fail(session, message, taken);
	session_begin_message(session);
	session->wait = POOL_WAIT_RESUME;
	session->task.wait_deadline = session->statement_deadline;
	return STEP_PARK;
}

void
pause_leave(struct session *session)
{
	if (!session->working)
		return;
	session->working = false;
	pause_uncount(session->sqlite);
}

/* ---- by the loop's thread ---- */

static void
pause_name_open(struct sqlite *sqlite, char *who, size_t size)
{
	size_t n = 0, named = 0, used = 0;
	struct sql_activity *rows = activity_copy_all(sqlite, &n);

	who[0] = '\0';
	for (size_t i = 0; rows != NULL && i < n; i++) {
		if (rows[i].transaction_us == 0)
			continue;
		if (named++ < PAUSE_NAMED && used < size)
			used += (size_t)snprintf(who + used, size - used, "%s%u", named > 1 ? ", " : "",
			    (unsigned)rows[i].pid);
		else if (named == PAUSE_NAMED + 1 && used < size)
			(void)snprintf(who + used, size - used, " and others");
	}
	free(rows);
}

static void
pause_answer(struct sqlite *sqlite)
{
	char who[64] = "";
	struct message_paused paused = { .open = atomic_load(&sqlite->working), .who = who };

	sqlite->draining = false;
	loop_timer_cancel(&sqlite->drain_timer);
	if (paused.open > 0)
		pause_name_open(sqlite, who, sizeof(who));
	(void)channel_send_paused(&sqlite->worker->channel, 0, &paused, -1);
}

static void
pause_is_over(struct loop_timer *timer)
{
	pause_answer(timer->arg);
}

void
pause_look(struct sqlite *sqlite)
{
	if (sqlite->draining && atomic_load(&sqlite->working) == 0)
		pause_answer(sqlite);
}

void
pause_take(void *context, struct frame *frame, const struct message_pause *message)
{
	struct worker *worker = context;
	struct sqlite *sqlite = worker->state;

	(void)frame;
	pool_pause(&sqlite->pool);
	sqlite->draining = true;
	loop_timer_set(&worker->loop, &sqlite->drain_timer, message->drain_ms, pause_is_over, sqlite);
	pause_look(sqlite);
}

void
pause_take_resume(void *context, struct frame *frame, const struct message_resume *message)
{
	struct worker *worker = context;
	struct sqlite *sqlite = worker->state;

	(void)frame;
	(void)message;
	sqlite->draining = false;
	loop_timer_cancel(&sqlite->drain_timer);
	pool_resume(&sqlite->pool);
}
