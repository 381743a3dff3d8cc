/* What a server connection has been asked, in order; and what bibd asks it by itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/postgres/server.h"
#include "workers/postgres/session.h"

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

/* What the server does not do: the session's names and the connection's statements are as they were. */
static void
request_undo(struct server *server, struct request *request)
{
	struct session *session = server->session;
	struct named *named;

	switch (request->kind) {
	case REQUEST_PARSE:
		if (request->statement != NULL)
			cache_remove(&server->cache, request->statement);
		/* FALLTHROUGH */
	case REQUEST_PARSED:
		if ((request->flags & REQUEST_UNNAMED) != 0) {
			server->unnamed = 0;
			if (session != NULL && (request->flags & REQUEST_INJECTED) == 0)
				session->unnamed.serial = 0;
		}
		if (request->named != NULL && session != NULL &&
		    (named = names_take_address(&session->names, request->named, request->hash)) != NULL)
			named_free(named);
		break;
	case REQUEST_CLOSE:
		/* A statement that was to make room is still there. */
		if ((request->flags & REQUEST_INJECTED) != 0)
			server->dirty = true;
		break;
	case REQUEST_CLOSED:
		if (session != NULL)
			names_restore(&session->names, request->named);
		else
			named_free(request->named);
		break;
	case REQUEST_BIND:
		if (request->named != NULL)
			named_free(request->named);
		break;
	default:
		break;
	}
	statement_release(request->statement);
}

/* Its turn has come, and it went well. */
static void
request_done(struct server *server, struct request *request)
{
	if (request->kind == REQUEST_PARSED && server->session != NULL)
		pgwire_put_empty(&server->session->out, '1');
	if (request->kind == REQUEST_CLOSED && server->session != NULL)
		pgwire_put_empty(&server->session->out, '3');
	if ((request->kind == REQUEST_CLOSED || request->kind == REQUEST_BIND) && request->named != NULL)
		named_free(request->named);
	statement_release(request->statement);
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

	while ((head = server_head(server)) != NULL &&
	    (head->kind == REQUEST_PARSED || head->kind == REQUEST_CLOSED)) {
		request_done(server, head);
		requests_advance(server);
	}
}

void
server_push(struct server *server, struct request request)
{
	if (server->skipping && request.kind != REQUEST_SYNC) {
		request_undo(server, &request);
		return;
	}
	server->skipping = false;
	if (server->nrequests == server->capacity && requests_grow(server) == -1) {
		server->out.failed = true;
		request_undo(server, &request);
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

	while ((head = server_head(server)) != NULL && head->kind != REQUEST_SYNC) {
		request_undo(server, head);
		requests_advance(server);
	}
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
		request_undo(server, head);
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

static void
server_make_room(struct server *server)
{
	struct pool *pool = server->pool;
	struct statement *evicted;
	char name[PREPARED_SERVER_NAME_SIZE];

	while ((evicted = cache_evict(&server->cache)) != NULL) {
		server_inject_close(server, statement_server_name(&pool->prepared, evicted, name, sizeof(name)));
		statement_release(evicted);
	}
}

void
server_add_statement(struct server *server, struct statement *statement, struct request request)
{
	char name[PREPARED_SERVER_NAME_SIZE];

	if (cache_add(&server->cache, statement, server->session->id) == -1) {
		server->out.failed = true;
		return;
	}
	server_make_room(server);
	request.statement = statement_reference(statement);
	(void)statement_server_name(&server->pool->prepared, statement, name, sizeof(name));
	server_inject_parse(server, name, statement->body, statement->size, request);
}

void
server_need_statement(struct server *server, struct statement *statement)
{
	if (cache_use(&server->cache, statement, server->session->id) == NULL)
		server_add_statement(server, statement, (struct request) { .flags = REQUEST_INJECTED });
}
