/* Memory of sessions: that of one that has ended is never given back (pool/task.h), but serves the next ones. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/session/session.h"

struct session *
session_allocate(struct sqlite *sqlite)
{
	const size_t rest = offsetof(struct session, task) + sizeof(struct pool_task);
	struct session *session;

	pthread_mutex_lock(&sqlite->lock);
	if ((session = LIST_FIRST(&sqlite->ended)) != NULL)
		LIST_REMOVE(session, entry);
	pthread_mutex_unlock(&sqlite->lock);
	if (session == NULL)
		session = calloc(1, sizeof(*session));
	else
		memset((char *)session + rest, 0, sizeof(*session) - rest);
	if (session != NULL)
		task_renew(&session->task);
	return session;
}

void
session_give_back(struct sqlite *sqlite, struct session *session)
{
	pthread_mutex_lock(&sqlite->lock);
	LIST_INSERT_HEAD(&sqlite->ended, session, entry);
	pthread_mutex_unlock(&sqlite->lock);
}

struct session *
session_of_task(struct pool_task *task)
{
	return (struct session *)(void *)((char *)task - offsetof(struct session, task));
}
