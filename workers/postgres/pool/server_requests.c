/* What a server connection has been asked, in order; and what bibd asks it by itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/postgres/pool/server.h"
#include "workers/postgres/pool/session.h"

#define REQUESTS_FIRST_SIZE 16

struct request *
server_head(const struct server *server)
{
	return server->nrequests == 0 ? NULL : &server->requests[server->first];
}

static struct request *
request_at(const struct server *server, unsigned i)
{
	return &server->requests[(server->first + i) & (server->capacity - 1)];
}

struct named *
server_find_closing(const struct server *server, const struct named *named, const struct statement *statement)
{
	for (unsigned i = 0; i < server->nrequests; i++) {
		const struct request *request = request_at(server, i);

		if (request->kind == REQUEST_CLOSED && request->named == named && named->statement == statement)
			return request->named;
	}
	return NULL;
}

struct statement **
server_find_unnamed(struct server *server, uint32_t serial)
{
	for (unsigned i = 0; i < server->nrequests; i++) {
		struct request *request = request_at(server, i);

		if ((request->flags & REQUEST_UNNAMED) != 0 && request->before_statement != NULL &&
		    (uint32_t)request->before == serial)
			return &request->before_statement;
	}
	return NULL;
}

static int
requests_grow(struct server *server)
{
	unsigned capacity = server->capacity == 0 ? REQUESTS_FIRST_SIZE : 2 * server->capacity;
	struct request *requests = calloc(capacity, sizeof(*requests));

	if (requests == NULL)
		return -1;
	for (unsigned i = 0; i < server->nrequests; i++)
		requests[i] = *request_at(server, i);
	free(server->requests);
	server->requests = requests;
	server->capacity = capacity;
	server->first = 0;
	return 0;
}

/* The session need not wait for the answer any more. */
static void
request_checked(struct server *server, const struct request *request)
{
	if ((request->flags & REQUEST_CHECK) == 0)
		return;
	server->checking = false;
	if (server->session != NULL)
		session_make_runnable(server->session);
}

/* A Parse that fails leaves none; what is dropped leaves the one that there was, here as well. */
static void
undo_unnamed(struct server *server, struct request *request, bool failed)
{
	struct session *session = server->session;

	if ((request->flags & REQUEST_UNNAMED) == 0)
		return;
	server->unnamed = failed ? 0 : request->before_here;
	if (session == NULL || (request->flags & REQUEST_INJECTED) != 0)
		return;
	statement_release(session->unnamed.statement);
	session->unnamed = (struct session_unnamed) { 0 };
	if (failed)
		return;
	session->unnamed = (struct session_unnamed) { .serial = request->before, .statement = request->before_statement,
		.reading = request->before_reading, .words = { .flags = WORDS_STATE } };
	if (request->before_statement != NULL)
		session->unnamed.words = request->before_statement->words;
	request->before_statement = NULL;
}

static void
undo_native(struct session *session, struct request *request)
{
	struct named *named = session == NULL ? NULL
					      : names_at_address(&session->names, request->named, request->hash, NULL);

	if (named == NULL)
		return;
	named->statement = request->statement;
	request->statement = NULL;
}

static void
undo_close(struct session *session, const struct request *request)
{
	if (request->named == NULL)
		return;
	if (session != NULL)
		names_restore(&session->names, request->named);
	else
		named_free(request->named);
}

/* Whether PostgreSQL has looked at it is not known. */
static void
undo_use(struct session *session, const struct request *request)
{
	struct named *named = request->use == NULL || session == NULL
	    ? NULL : names_at(&session->names, request->use, request->use_hash);

	if (named == NULL)
		return;
	named->use = 0;
	named->changes = UINT64_MAX;
}

/* What the server does not do: the session's names and the connection's statements are as they were. */
static void
request_undo(struct server *server, struct request *request, bool failed)
{
	struct session *session = server->session;
	struct named *named;

	undo_use(session, request);
	switch (request->kind) {
	case REQUEST_PARSE:
		if ((request->flags & REQUEST_NATIVE) != 0) {
			undo_native(session, request);
			break;
		}
		if (request->statement != NULL)
			cache_remove(&server->cache, request->statement);
		undo_unnamed(server, request, failed);
		if (request->named != NULL && session != NULL &&
		    (named = names_take_address(&session->names, request->named, request->hash)) != NULL)
			named_free(named);
		break;
	case REQUEST_CLOSE:
		undo_unnamed(server, request, false);
		/* A statement that was to make room is still there. */
		if ((request->flags & REQUEST_INJECTED) != 0)
			server->dirty = true;
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
		request_checked(server, request);
		break;
	default:
		break;
	}
	statement_release(request->statement);
	statement_release(request->before_statement);
}

/* Its turn has come, and it went well. */
static void
request_done(struct server *server, struct request *request)
{
	if (request->kind == REQUEST_DESCRIBE)
		request_checked(server, request);
	if (request->kind == REQUEST_CLOSED && server->session != NULL)
		pgwire_put_empty(&server->session->out, '3');
	if (request->kind == REQUEST_DESCRIBED && server->session != NULL) {
		session_put_types(server->session, request->statement);
		pgwire_put_empty(&server->session->out, 'n');
	}
	if (request->kind == REQUEST_QUERY && request->named != NULL && server->session != NULL && server->session->failed) {
		names_restore(&server->session->names, request->named);
		request->named = NULL;
	}
	if (request->named != NULL && (request->kind == REQUEST_CLOSED || request->kind == REQUEST_CLOSE ||
	    request->kind == REQUEST_BIND || request->kind == REQUEST_QUERY))
		named_free(request->named);
	statement_release(request->statement);
	statement_release(request->before_statement);
}

static void
requests_advance(struct server *server)
{
	server->first = (server->first + 1) & (server->capacity - 1);
	server->nrequests--;
}

static void
requests_settle(struct server *server)
{
	struct request *head;

	while ((head = server_head(server)) != NULL && (head->kind == REQUEST_CLOSED || head->kind == REQUEST_DESCRIBED)) {
		request_done(server, head);
		requests_advance(server);
	}
}

void
server_push(struct server *server, struct request request)
{
	if (server->skipping && request.kind != REQUEST_SYNC) {
		request_undo(server, &request, false);
		return;
	}
	server->skipping = false;
	if (server->nrequests == server->capacity && requests_grow(server) == -1) {
		server->out.failed = true;
		request_undo(server, &request, false);
		return;
	}
	*request_at(server, server->nrequests++) = request;
	requests_settle(server);
}

void
server_pop(struct server *server)
{
	request_done(server, server_head(server));
	requests_advance(server);
	requests_settle(server);
}

void
server_skip_to_sync(struct server *server)
{
	struct request *head;
	unsigned n = 0;

	while (n < server->nrequests && request_at(server, n)->kind != REQUEST_SYNC)
		n++;
	/* Backwards: a name may have been closed and given again. */
	for (unsigned i = n; i > 0; i--)
		request_undo(server, request_at(server, i - 1), i == 1);
	while (n-- > 0)
		requests_advance(server);
	head = server_head(server);
	/* What is still to be sent before the Sync is dropped too. */
	server->skipping = head == NULL;
	server->unsynced |= server->skipping;
}

void
server_forget_syncs(struct server *server)
{
	unsigned kept = 1;

	for (unsigned i = 1; i < server->nrequests; i++) {
		struct request *request = request_at(server, i);

		if (request->kind == REQUEST_SYNC)
			server->unsynced = true;
		else
			*request_at(server, kept++) = *request;
	}
	server->nrequests = kept;
}

void
server_drop_requests(struct server *server)
{
	struct request *head;

	while ((head = server_head(server)) != NULL) {
		request_undo(server, head, false);
		requests_advance(server);
	}
}

/* ---- bibd's own messages ---- */

void
server_inject_query(struct server *server, const char *text)
{
	size_t mark = pgwire_begin_message(&server->out, 'Q');

	pgwire_put_string(&server->out, text);
	pgwire_end_message(&server->out, mark);
	/* Which a simple query removes. */
	server->unnamed = 0;
	server_push(server, (struct request) { .kind = REQUEST_QUERY, .flags = REQUEST_INJECTED | REQUEST_QUIET });
}

void
server_inject_sync(struct server *server)
{
	pgwire_put_empty(&server->out, 'S');
	server->unsynced = false;
	server_push(server, (struct request) { .kind = REQUEST_SYNC, .flags = REQUEST_INJECTED });
}

void
server_inject_close(struct server *server, const char *name)
{
	size_t mark = pgwire_begin_message(&server->out, 'C');

	pgwire_put_byte(&server->out, 'S');
	pgwire_put_string(&server->out, name);
	pgwire_end_message(&server->out, mark);
	server->unsynced = true;
	server_push(server, (struct request) { .kind = REQUEST_CLOSE, .flags = REQUEST_INJECTED });
}

void
server_inject_parse(struct server *server, const char *name, const uint8_t *body, size_t size, struct request request)
{
	size_t mark = pgwire_begin_message(&server->out, 'P');

	pgwire_put_string(&server->out, name);
	pgwire_put_bytes(&server->out, body, size);
	pgwire_end_message(&server->out, mark);
	server->unsynced = true;
	request.kind = REQUEST_PARSE;
	server_push(server, request);
}

void
server_inject_failure(struct server *server, struct request request)
{
	static const uint8_t bind[] = "\0bibd_none\0\0\0\0\0\0";
	size_t mark = pgwire_begin_message(&server->out, 'B');

	pgwire_put_bytes(&server->out, bind, sizeof(bind));
	pgwire_end_message(&server->out, mark);
	server->unsynced = true;
	request.kind = REQUEST_BIND;
	server_push(server, request);
}
