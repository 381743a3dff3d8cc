/* The requests that were sent on a server connection, in order, and those that bibd sends by itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

#define REQUESTS_FIRST_SIZE 16

struct request *
backend_head(const struct backend *backend)
{
	return backend->nrequests == 0 ? NULL : &backend->requests[backend->first];
}

static struct request *
request_at(const struct backend *backend, unsigned i)
{
	return &backend->requests[(backend->first + i) & (backend->capacity - 1)];
}

struct named *
backend_find_closing(const struct backend *backend, const struct named *named, const struct pg_statement *statement)
{
	for (unsigned i = 0; i < backend->nrequests; i++) {
		const struct request *request = request_at(backend, i);

		if (request->kind == REQUEST_CLOSED && request->named == named && named->statement == statement)
			return request->named;
	}
	return NULL;
}

struct pg_statement **
backend_find_unnamed(struct backend *backend, uint32_t serial)
{
	for (unsigned i = 0; i < backend->nrequests; i++) {
		struct request *request = request_at(backend, i);

		if ((request->flags & REQUEST_UNNAMED) != 0 && request->before_statement != NULL &&
		    (uint32_t)request->before == serial)
			return &request->before_statement;
	}
	return NULL;
}

static int
requests_grow(struct backend *backend)
{
	unsigned capacity = backend->capacity == 0 ? REQUESTS_FIRST_SIZE : 2 * backend->capacity;
	struct request *requests = calloc(capacity, sizeof(*requests));

	if (requests == NULL)
		return -1;
	for (unsigned i = 0; i < backend->nrequests; i++)
		requests[i] = *request_at(backend, i);
	free(backend->requests);
	backend->requests = requests;
	backend->capacity = capacity;
	backend->first = 0;
	return 0;
}

/* The session need not wait for the answer any more. */
static void
request_checked(struct backend *backend, const struct request *request)
{
	if ((request->flags & REQUEST_CHECK) == 0)
		return;
	backend->checking = false;
	if (backend->session != NULL)
		pg_session_make_runnable(backend->session);
}

/* A Parse that fails leaves no unnamed statement; a request that is dropped leaves the earlier one, both in the session
 * and on the connection. */
static void
undo_unnamed(struct backend *backend, struct request *request, bool failed)
{
	struct pg_session *session = backend->session;

	if ((request->flags & REQUEST_UNNAMED) == 0)
		return;
	backend->unnamed = failed ? 0 : request->before_here;
	if (session == NULL || (request->flags & REQUEST_INJECTED) != 0)
		return;
	pg_statement_release(session->unnamed.statement);
	session->unnamed = (struct pg_session_unnamed) { 0 };
	if (failed)
		return;
	session->unnamed = (struct pg_session_unnamed) { .serial = request->before,
		.statement = request->before_statement,
		.reading = request->before_reading,
		.words = { .flags = WORDS_STATE } };
	if (request->before_statement != NULL)
		session->unnamed.words = request->before_statement->words;
	request->before_statement = NULL;
}

static void
undo_native(struct pg_session *session, struct request *request)
{
	struct named *named =
	    session == NULL ? NULL : names_at_address(&session->names, request->named, request->hash, NULL);

	if (named == NULL)
		return;
	named->statement = request->statement;
	request->statement = NULL;
}

static void
undo_close(struct pg_session *session, const struct request *request)
{
	if (request->named == NULL)
		return;
	if (session != NULL)
		names_restore(&session->names, request->named);
	else
		named_free(request->named);
}

/* It is not known whether PostgreSQL has looked at the statement. */
static void
undo_use(struct pg_session *session, const struct request *request)
{
	struct named *named =
	    request->use == NULL || session == NULL ? NULL : names_at(&session->names, request->use, request->use_hash);

	if (named == NULL)
		return;
	named->use = 0;
	named->changes = UINT64_MAX;
}

/* Undoes a request that the server has not done: the session's names and the connection's statements become what they
 * were. */
static void
request_undo(struct backend *backend, struct request *request, bool failed)
{
	struct pg_session *session = backend->session;
	struct named *named;

	undo_use(session, request);
	switch (request->kind) {
	case REQUEST_PARSE:
		if ((request->flags & REQUEST_NATIVE) != 0) {
			undo_native(session, request);
			break;
		}
		if (request->statement != NULL)
			cache_remove(&backend->cache, request->statement);
		undo_unnamed(backend, request, failed);
		if (request->named != NULL && session != NULL &&
		    (named = names_take_address(&session->names, request->named, request->hash)) != NULL)
			named_free(named);
		break;
	case REQUEST_CLOSE:
		undo_unnamed(backend, request, false);
		/* A statement that was to be closed, to make room, is still there. */
		if ((request->flags & REQUEST_INJECTED) != 0)
			backend->dirty = true;
		undo_close(session, request);
		break;
	case REQUEST_CLOSED:
		undo_close(session, request);
		break;
	case REQUEST_BIND:
	case REQUEST_QUERY:
		if (request->named != NULL)
			named_free(request->named);
		break;
	case REQUEST_DESCRIBE:
		request_checked(backend, request);
		break;
	default:
		break;
	}
	pg_statement_release(request->statement);
	pg_statement_release(request->before_statement);
}

/* The request has succeeded. */
static void
request_done(struct backend *backend, struct request *request)
{
	if (request->kind == REQUEST_DESCRIBE)
		request_checked(backend, request);
	if (request->kind == REQUEST_CLOSED && backend->session != NULL)
		pgwire_put_empty(&backend->session->out, '3');
	if (request->kind == REQUEST_DESCRIBED && backend->session != NULL) {
		pg_session_put_types(backend->session, request->statement);
		pgwire_put_empty(&backend->session->out, 'n');
	}
	if (request->kind == REQUEST_QUERY && request->named != NULL && backend->session != NULL &&
	    backend->session->failed) {
		names_restore(&backend->session->names, request->named);
		request->named = NULL;
	}
	if (request->named != NULL &&
	    (request->kind == REQUEST_CLOSED || request->kind == REQUEST_CLOSE || request->kind == REQUEST_BIND ||
		request->kind == REQUEST_QUERY))
		named_free(request->named);
	pg_statement_release(request->statement);
	pg_statement_release(request->before_statement);
}

static void
requests_advance(struct backend *backend)
{
	backend->first = (backend->first + 1) & (backend->capacity - 1);
	backend->nrequests--;
}

static void
requests_settle(struct backend *backend)
{
	struct request *head;

	while ((head = backend_head(backend)) != NULL &&
	    (head->kind == REQUEST_CLOSED || head->kind == REQUEST_DESCRIBED)) {
		request_done(backend, head);
		requests_advance(backend);
	}
}

void
backend_push(struct backend *backend, struct request request)
{
	if (backend->skipping && request.kind != REQUEST_SYNC) {
		request_undo(backend, &request, false);
		return;
	}
	backend->skipping = false;
	if (backend->nrequests == backend->capacity && requests_grow(backend) == -1) {
		backend->out.failed = true;
		request_undo(backend, &request, false);
		return;
	}
	*request_at(backend, backend->nrequests++) = request;
	requests_settle(backend);
}

void
backend_pop(struct backend *backend)
{
	request_done(backend, backend_head(backend));
	requests_advance(backend);
	requests_settle(backend);
}

void
backend_skip_to_sync(struct backend *backend)
{
	struct request *head;
	unsigned n = 0;

	while (n < backend->nrequests && request_at(backend, n)->kind != REQUEST_SYNC)
		n++;
	/* Backwards: a name may have been closed and given again. */
	for (unsigned i = n; i > 0; i--)
		request_undo(backend, request_at(backend, i - 1), i == 1);
	while (n-- > 0)
		requests_advance(backend);
	head = backend_head(backend);
	/* The server also drops what is still to be sent before the Sync. */
	backend->skipping = head == NULL;
	backend->unsynced |= backend->skipping;
}

void
backend_forget_syncs(struct backend *backend)
{
	unsigned kept = 1;

	for (unsigned i = 1; i < backend->nrequests; i++) {
		struct request *request = request_at(backend, i);

		if (request->kind == REQUEST_SYNC)
			backend->unsynced = true;
		else
			*request_at(backend, kept++) = *request;
	}
	backend->nrequests = kept;
}

void
backend_drop_requests(struct backend *backend)
{
	struct request *head;

	while ((head = backend_head(backend)) != NULL) {
		request_undo(backend, head, false);
		requests_advance(backend);
	}
}

/* ---- bibd's own messages ---- */

void
backend_inject_query(struct backend *backend, const char *text)
{
	size_t mark = pgwire_begin_message(&backend->out, 'Q');

	pgwire_put_string(&backend->out, text);
	pgwire_end_message(&backend->out, mark);
	/* A simple query removes the unnamed statement. */
	backend->unnamed = 0;
	backend_push(backend, (struct request) { .kind = REQUEST_QUERY, .flags = REQUEST_INJECTED | REQUEST_QUIET });
}

void
backend_inject_sync(struct backend *backend)
{
	pgwire_put_empty(&backend->out, 'S');
	backend->unsynced = false;
	backend_push(backend, (struct request) { .kind = REQUEST_SYNC, .flags = REQUEST_INJECTED });
}

/* what: 'S', a statement; 'P', a portal. */
static void
inject_close(struct backend *backend, char what, const char *name)
{
	size_t mark = pgwire_begin_message(&backend->out, 'C');

	pgwire_put_byte(&backend->out, (uint8_t)what);
	pgwire_put_string(&backend->out, name);
	pgwire_end_message(&backend->out, mark);
	backend->unsynced = true;
	backend_push(backend, (struct request) { .kind = REQUEST_CLOSE, .flags = REQUEST_INJECTED });
}

void
backend_inject_close(struct backend *backend, const char *name)
{
	inject_close(backend, 'S', name);
}

void
backend_inject_parse(struct backend *backend, const char *name, const uint8_t *body, size_t size,
    struct request request)
{
	size_t mark = pgwire_begin_message(&backend->out, 'P');

	pgwire_put_string(&backend->out, name);
	pgwire_put_bytes(&backend->out, body, size);
	pgwire_end_message(&backend->out, mark);
	backend->unsynced = true;
	request.kind = REQUEST_PARSE;
	backend_push(backend, request);
}

void
backend_inject_statement(struct backend *backend, const char *portal, const char *name, const char *text)
{
	static const uint8_t no_types[sizeof(uint16_t)], no_values[3 * sizeof(uint16_t)];
	struct pgwire_buffer *out = &backend->out;
	size_t mark = pgwire_begin_message(out, 'P');

	pgwire_put_string(out, name);
	pgwire_put_string(out, text);
	pgwire_put_bytes(out, no_types, sizeof(no_types));
	pgwire_end_message(out, mark);
	backend->unsynced = true;
	backend_push(backend, (struct request) { .kind = REQUEST_PARSE, .flags = REQUEST_INJECTED });
	mark = pgwire_begin_message(out, 'B');
	pgwire_put_string(out, portal);
	pgwire_put_string(out, name);
	pgwire_put_bytes(out, no_values, sizeof(no_values));
	pgwire_end_message(out, mark);
	backend_push(backend, (struct request) { .kind = REQUEST_BIND, .flags = REQUEST_INJECTED });
	mark = pgwire_begin_message(out, 'E');
	pgwire_put_string(out, portal);
	pgwire_put_int32(out, 0);
	pgwire_end_message(out, mark);
	backend_push(backend, (struct request) { .kind = REQUEST_EXECUTE, .flags = REQUEST_INJECTED });
	/* Another of its name may follow in this batch. */
	if (portal[0] != '\0')
		inject_close(backend, 'P', portal);
	inject_close(backend, 'S', name);
}

void
backend_inject_failure(struct backend *backend, struct request request)
{
	static const uint8_t bind[] = "\0bibd_none\0\0\0\0\0\0";
	size_t mark = pgwire_begin_message(&backend->out, 'B');

	pgwire_put_bytes(&backend->out, bind, sizeof(bind));
	pgwire_end_message(&backend->out, mark);
	backend->unsynced = true;
	request.kind = REQUEST_BIND;
	backend_push(backend, request);
}
