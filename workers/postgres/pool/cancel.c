/*
 * Finds the session with a cancel key, and has a thread send the cancel request for what its connection runs.
 */
#include "workers/postgres/pool/cancel.h"

#include "workers/postgres/pool/session.h"

/* Something of the session's is under way, not only of bibd's own. */
static bool
runs_something(const struct server *server)
{
	return server->state != SERVER_SYNCING && (server->nrequests > 0 || server->unsynced);
}

void
cancel_request(struct pool *pool, uint32_t pid, uint32_t secret)
{
	struct session *session;

	LIST_FOREACH(session, &pool->by_pid[pid % POOL_PID_BUCKETS], by_pid)
		if (session->pid == pid)
			break;
	if (session == NULL || session->secret != secret || session->phase != SESSION_SERVING)
		return;
	if (session->is_waiting)
		session_fail_waiting(session, SQLSTATE_QUERY_CANCELED, "canceling statement due to user request");
	else if (session->server != NULL && runs_something(session->server))
		cancel_server(session->server);
	else
		session->is_cancelled = session->blocked;
}

void
cancel_late(struct session *session)
{
	if (!session->is_cancelled || session->phase != SESSION_SERVING || session->blocked)
		return;
	session->is_cancelled = false;
	if (session->server != NULL && runs_something(session->server))
		cancel_server(session->server);
}

void
cancel_server(struct server *server)
{
	PGcancel *cancel = server->cancel;

	if (server->cancelling || cancel == NULL) {
		server->cancel_again = true;
		return;
	}
	server->cancelling = true;
	server->cancel = NULL;
	server->jobs++;
	helper_cancel(server->pool->helper, server, cancel);
}

void
cancel_done(struct server *server, PGcancel *cancel)
{
	bool again = server->cancel_again;

	server->jobs--;
	server->cancel = cancel;
	server->cancelling = server->cancel_again = false;
	if (server->state == SERVER_HELD)
		server_move(server, SERVER_IDLE);
	/* It was asked again, perhaps for the next statement: which the first did not reach. */
	else if (again && server->state != SERVER_CLOSED && runs_something(server))
		cancel_server(server);
}
