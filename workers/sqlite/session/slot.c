/*
 * Memory of sessions, and the tags that their events bear: an event of a session that has ended must not be taken for
 * one of the session that has its memory now.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/session/session.h"

/* A tag is the session's address, of which 48 bits count, and 16 bits of its generation. */
#define SESSION_ADDRESS_BITS 48
#define SESSION_ADDRESS_MASK ((UINT64_C(1) << SESSION_ADDRESS_BITS) - 1)

enum session_where
session_where(const struct session *session)
{
	return (enum session_where)(atomic_load(&session->where) & SESSION_WHERE_MASK);
}

void
session_set_where(struct session *session, enum session_where where)
{
	atomic_store(&session->where, (atomic_load(&session->where) & ~SESSION_WHERE_MASK) | where);
}

static bool
session_take_at(struct session *session, unsigned where)
{
	return (where & SESSION_WHERE_MASK) == SESSION_AWAITS_CLIENT &&
	    atomic_compare_exchange_strong(&session->where, &where, (where & ~SESSION_WHERE_MASK) | SESSION_RUNNING);
}

bool
session_take(struct session *session)
{
	return session_take_at(session, atomic_load(&session->where));
}

static uint64_t
session_make_tag(const struct session *session, unsigned where)
{
	return ((uint64_t)(uintptr_t)session & SESSION_ADDRESS_MASK) |
	    (uint64_t)(uint16_t)(where / (SESSION_WHERE_MASK + 1)) << SESSION_ADDRESS_BITS;
}

struct session *
session_take_by_tag(uint64_t tag)
{
	struct session *session = (struct session *)(uintptr_t)(tag & SESSION_ADDRESS_MASK);
	unsigned where = atomic_load(&session->where);

	return session_make_tag(session, where) == tag && session_take_at(session, where) ? session : NULL;
}

/* Memory for a session: that of one that has ended, which is never given back, for an event of it may be on its way. */
struct session *
session_allocate(struct server *server)
{
	struct session *session;
	unsigned where = 0;

	pthread_mutex_lock(&server->lock);
	if ((session = LIST_FIRST(&server->ended)) != NULL)
		LIST_REMOVE(session, entry);
	pthread_mutex_unlock(&server->lock);
	if (session == NULL)
		session = calloc(1, sizeof(*session));
	else {
		where = (atomic_load(&session->where) & ~SESSION_WHERE_MASK) + SESSION_WHERE_MASK + 1;
		atomic_store(&session->where, where | SESSION_RUNNING);
		memset((char *)session + offsetof(struct session, tag), 0, sizeof(*session) - offsetof(struct session, tag));
	}
	if (session != NULL)
		session->tag = session_make_tag(session, where);
	return session;
}

void
session_give_back(struct server *server, struct session *session)
{
	pthread_mutex_lock(&server->lock);
	LIST_INSERT_HEAD(&server->ended, session, entry);
	pthread_mutex_unlock(&server->lock);
}
