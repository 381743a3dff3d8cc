/*
 * Notes what a session runs, copies that for the sessions that may see it, and cancels or ends a session by its pid.
 */
#include "workers/sqlite/session/activity.h"

#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "common/clock.h"
#include "workers/sqlite/session/sqlite.h"
#include "workers/sqlite/session/session.h"

static struct traffic *
activity_traffic(struct session *session)
{
	return &session->sqlite->traffic[session->pid % SQLITE_TRAFFICS];
}

/* A long text is not kept room for once a short one has followed. */
static void
activity_keep_query(struct activity *activity, const char *sql)
{
	size_t length = strlen(sql), wanted;

	if (length >= SQL_ACTIVITY_QUERY_BYTES)
		length = SQL_ACTIVITY_QUERY_BYTES - 1;
	wanted = length + 1;
	if (wanted > activity->query_size || wanted < activity->query_size / 4) {
		free(activity->query);
		activity->query = malloc(wanted);
		activity->query_size = activity->query == NULL ? 0 : wanted;
	}
	if (activity->query == NULL)
		return;
	memcpy(activity->query, sql, length);
	activity->query[length] = '\0';
}

void
activity_begin(struct session *session, const char *sql)
{
	struct activity *activity = &session->activity;
	int64_t now = clock_realtime_us();

	pthread_mutex_lock(&session->task.lock);
	activity_keep_query(activity, sql);
	activity->state = "active";
	activity->holds = "connection";
	activity->query_us = activity->changed_us = now;
	if (activity->transaction_us == 0)
		activity->transaction_us = now;
	if (activity->asked_us == 0)
		activity->asked_us = now;
	activity->statements++;
	pthread_mutex_unlock(&session->task.lock);
	if (!session->task.is_check)
		traffic_note_statement(activity_traffic(session));
}

void
activity_note_plan(struct session *session, bool found)
{
	if (!session->task.is_check)
		traffic_note_plan(activity_traffic(session), found);
}

void
activity_set_application(struct session *session, const char *name)
{
	pthread_mutex_lock(&session->task.lock);
	(void)strlcpy(session->activity.application, name, sizeof(session->activity.application));
	pthread_mutex_unlock(&session->task.lock);
}

/* What an idle session keeps from others: writing is one transaction's at a time, connections are few. */
static const char *
activity_holds(const struct session *session)
{
	if (session->transaction.writes && session->transaction.begun)
		return "right to write";
	if (session->keeps_connection || session->pinned)
		return "connection, kept";
	return session->transaction.begun ? "connection" : "";
}

/* With the lock held. */
static void
activity_count_answer(struct session *session, char status)
{
	struct activity *activity = &session->activity;
	struct traffic *traffic = activity_traffic(session);

	if (!session->task.is_check && activity->asked_us != 0)
		traffic_note_answer(traffic, activity->changed_us - activity->asked_us);
	if (!session->task.is_check && status == 'I' && activity->transaction_us != 0)
		traffic_note_transaction(traffic);
	activity->asked_us = 0;
}

void
activity_end(struct session *session)
{
	static const char *const
	    states[] = { ['I'] = "idle", ['T'] = "idle in transaction", ['E'] = "idle in transaction (aborted)" };
	char status = transaction_status(session);

	pthread_mutex_lock(&session->task.lock);
	session->activity.state = states[(unsigned char)status];
	session->activity.changed_us = clock_realtime_us();
	session->activity.holds = activity_holds(session);
	session->activity.bytes = session->in.capacity + session->out.capacity;
	activity_count_answer(session, status);
	if (status == 'I')
		session->activity.transaction_us = 0;
	pthread_mutex_unlock(&session->task.lock);
}

void
activity_free(struct session *session)
{
	free(session->activity.query);
	session->activity.query = NULL;
	session->activity.query_size = 0;
}

/* A text is not cut in the middle of a character. */
static void
activity_copy_query(char *to, const char *query)
{
	size_t length = strlcpy(to, query, SQL_ACTIVITY_QUERY_BYTES);

	if (length + 1 < SQL_ACTIVITY_QUERY_BYTES)
		return;
	for (length = SQL_ACTIVITY_QUERY_BYTES - 1; length > 0 && ((unsigned char)to[length - 1] & 0xc0) == 0x80;
	     length--)
		;
	if (length > 0 && (unsigned char)to[length - 1] >= 0xc0)
		length--;
	to[length] = '\0';
}

/* False: it does not serve a client. */
static bool
activity_copy(struct session *session, struct sql_activity *row)
{
	const struct activity *activity = &session->activity;

	if (session->task.is_check)
		return false;
	pthread_mutex_lock(&session->task.lock);
	if (activity->state == NULL) {
		pthread_mutex_unlock(&session->task.lock);
		return false;
	}
	*row = (struct sql_activity) { .pid = session->pid,
		.role = session->task.role,
		.state = activity->state,
		.began_us = activity->began_us,
		.transaction_us = activity->transaction_us,
		.query_us = activity->query_us,
		.changed_us = activity->changed_us,
		.waits = task_where(&session->task) == TASK_PARKED,
		.uid = session->peer.uid,
		.client_pid = session->peer.pid,
		.holds = activity->holds,
		.bytes = activity->bytes,
		.statements = activity->statements };
	(void)strlcpy(row->application, activity->application, sizeof(row->application));
	if (activity->query != NULL)
		activity_copy_query(row->query, activity->query);
	pthread_mutex_unlock(&session->task.lock);
	return true;
}

struct sql_activity *
activity_copy_all(struct sqlite *sqlite, size_t *n)
{
	struct sql_activity *rows;
	struct session *session;

	pthread_mutex_lock(&sqlite->lock);
	*n = 0;
	if ((rows = calloc(sqlite->nsessions + 1, sizeof(*rows))) != NULL)
		LIST_FOREACH(session, &sqlite->sessions, entry)
	*n += activity_copy(session, &rows[*n]);
	pthread_mutex_unlock(&sqlite->lock);
	return rows;
}

static struct sql_activity *
activity_list(void *arg, size_t *n)
{
	return activity_copy_all(arg, n);
}

static int
activity_signal(void *arg, uint32_t pid, enum role by, bool terminate)
{
	struct sqlite *sqlite = arg;
	struct session *session;
	int result = 0;

	pthread_mutex_lock(&sqlite->lock);
	LIST_FOREACH(session, &sqlite->sessions, entry)
	if (session->pid == pid && session->phase == SESSION_SERVING) {
		result = by == ROLE_ADMIN || by == session->task.role ? 1 : -1;
		if (result == 1)
			session_signal(session, terminate);
		break;
	}
	pthread_mutex_unlock(&sqlite->lock);
	return result;
}

static int
activity_advise(void *arg, uint32_t pid, const struct sql_advisory *lock, bool take)
{
	struct sqlite *sqlite = arg;

	if (lock == NULL) {
		advisory_give_all(&sqlite->advisory, pid, true, false);
		return 1;
	}
	return take ? advisory_take(&sqlite->advisory, pid, lock) : advisory_give(&sqlite->advisory, pid, lock);
}

static int
activity_notify(void *session, const char *channel, const char *payload, struct report *r)
{
	return notify_add(session, NOTIFY_SEND, channel, payload, r);
}

static char *
activity_channels(void *session)
{
	return notify_channels(session);
}

struct sql_sessions
activity_sessions(struct sqlite *sqlite)
{
	return (struct sql_sessions) { .arg = sqlite,
		.list = activity_list,
		.signal = activity_signal,
		.advise = activity_advise,
		.notify = activity_notify,
		.channels = activity_channels,
		.prepared = prepared_each };
}
