/* How sessions are listed and ended for operators: bibctl clients, bibctl kill, and pg_terminate_backend with the pid
 * that a client was told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/client_list.h"
#include "common/memfd.h"
#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

/* Whether the session is listed: let in, and not ending. */
static bool
is_listed(const struct pg_session *session)
{
	return (session->phase == SESSION_GREETING || session->phase == SESSION_SERVING) && !session->peer.is_check;
}

static const char *
state_of(const struct pg_session *session)
{
	const struct backend *backend = session->backend;

	if (session->is_waiting || (session->blocked && pg_pool_holds_back(session)))
		return "waiting";
	if (session->phase == SESSION_GREETING)
		return "starting";
	if (backend == NULL)
		return "idle";
	if (backend->nrequests > 0 || backend->unsynced)
		return "active";
	return backend->status == 'T' ? "idle in transaction"
	    : backend->status == 'E'  ? "idle in transaction (aborted)"
				      : "idle";
}

/* asks: the uid of the user who sees the list; -1: a user who may see all. */
static void
put_client(FILE *file, const struct pg_session *session, int64_t asks)
{
	char statement[CLIENT_LIST_STATEMENT], holds[48] = "";
	int server_pid = session->backend == NULL ? 0 : PQbackendPID(session->backend->conn);
	struct client_row row = { .id = session->pid,
		.server_pid = server_pid > 0 ? (uint32_t)server_pid : 0,
		.uid = (int64_t)session->peer.uid,
		.pid = (int64_t)session->peer.pid,
		.bytes = session->in.capacity + session->out.capacity,
		.statements = session->statements,
		.connected_us = session->connected_us,
		.since_us = session->changed_us,
		.transaction_us = session->transaction_us,
		.shown = asks == -1 || asks == (int64_t)session->peer.uid,
		.role = role_names[session->role],
		.application = session->application,
		.state = state_of(session),
		.holds = holds,
		.statement = statement };

	if (session->backend != NULL)
		(void)snprintf(holds, sizeof(holds), "server %d%s", server_pid, session->pinned ? ", kept" : "");
	trail_text_strip(session->text, row.shown ? session->text_size : 0, statement, sizeof(statement));
	client_list_put(file, &row);
}

int
pg_pool_list_clients(struct pg_pool *pool, int64_t asks, struct error *e)
{
	const struct pg_session *session;
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	int fd = -1;

	if (file != NULL)
		LIST_FOREACH(session, &pool->sessions, entry)
	if (is_listed(session))
		put_client(file, session, asks);
	if (file == NULL || fclose(file) != 0)
		(void)error_set(e, STATUS_OS, "clients.memory", "out of memory");
	else
		fd = memfd_create_sealed("bibd-clients", text, size, e);
	free(text);
	return fd;
}

/* NULL: no session has that number. */
static struct pg_session *
find_by_pid(const struct pg_pool *pool, uint32_t pid)
{
	struct pg_session *session;

	LIST_FOREACH(session, &pool->by_pid[pid % POOL_PID_BUCKETS], by_pid)
	if (session->pid == pid && is_listed(session))
		break;
	return session;
}

void
pg_pool_note_terminated(struct pg_pool *pool, uint32_t pid)
{
	struct pg_session *session = find_by_pid(pool, pid);

	if (session == NULL || session->terminated)
		return;
	session->terminated = true;
	pool->nterminated++;
}

void
pg_pool_end_terminated(struct pg_pool *pool, bool accepts)
{
	struct pg_session *session, *next;

	if (pool->nterminated == 0)
		return;
	pool->nterminated = 0;
	for (session = LIST_FIRST(&pool->sessions); session != NULL; session = next) {
		next = LIST_NEXT(session, entry);
		if (session->terminated && accepts)
			pg_session_end(session, SQLSTATE_ADMIN_SHUTDOWN,
			    "terminating connection due to administrator command");
		else
			session->terminated = false;
	}
	pg_pool_settle(pool);
}

bool
pg_pool_kill(struct pg_pool *pool, uint32_t id, char *text, size_t size)
{
	struct pg_session *session = find_by_pid(pool, id);

	if (session == NULL)
		return false;
	(void)snprintf(text, size, "session %u (uid %lu, pid %ld, role %s) was ended", (unsigned)session->pid,
	    (unsigned long)session->peer.uid, (long)session->peer.pid, role_names[session->role]);
	pg_session_end(session, SQLSTATE_ADMIN_SHUTDOWN, "terminating connection due to administrator command");
	pg_pool_settle(pool);
	return true;
}
