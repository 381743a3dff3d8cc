/*
 * Finds the session with a cancel key, and has a thread send the cancel request for what its connection runs.
 */
#include "workers/postgres/pool/cancel.h"

#include "workers/postgres/pool/session.h"

/* Whether a request of the session's is under way, and not only requests of bibd's own. */
static bool
runs_something(const struct backend *backend)
{
	return backend->state != BACKEND_SYNCING && (backend->nrequests > 0 || backend->unsynced);
}

void
cancel_request(struct pg_pool *pool, uint32_t pid, uint32_t secret)
{
	struct pg_session *session;

	LIST_FOREACH(session, &pool->by_pid[pid % POOL_PID_BUCKETS], by_pid)
	if (session->pid == pid)
		break;
	if (session == NULL || session->secret != secret || session->phase != SESSION_SERVING)
		return;
	if (session->is_waiting)
		pg_session_fail_waiting(session, SQLSTATE_QUERY_CANCELED, "canceling statement due to user request");
	else if (session->backend != NULL && runs_something(session->backend))
		cancel_server(session->backend);
	else
		session->is_cancelled = session->blocked;
}

void
cancel_late(struct pg_session *session)
{
	if (!session->is_cancelled || session->phase != SESSION_SERVING || session->blocked)
		return;
	session->is_cancelled = false;
	if (session->backend != NULL && runs_something(session->backend))
		cancel_server(session->backend);
}

void
cancel_server(struct backend *backend)
{
	PGcancel *cancel = backend->cancel;

	if (backend->cancelling || cancel == NULL) {
		backend->cancel_again = true;
		return;
	}
	backend->cancelling = true;
	backend->cancel = NULL;
	backend->jobs++;
	helper_cancel(backend->pool->helper, backend, cancel);
}

void
cancel_done(struct backend *backend, PGcancel *cancel)
{
	bool again = backend->cancel_again;

	backend->jobs--;
	backend->cancel = cancel;
	backend->cancelling = backend->cancel_again = false;
	if (backend->state == BACKEND_HELD)
		backend_move(backend, BACKEND_IDLE);
	/* The client has sent another cancel meanwhile, perhaps for the next statement, which the first one did not
	 * reach. */
	else if (again && backend->state != BACKEND_CLOSED && runs_something(backend))
		cancel_server(backend);
}
