/* Prepared statements on a server connection: the invariant is at the head of prepared.h. */
#include <stdlib.h>
#include <string.h>

#include "workers/postgres/pool/server.h"
#include "workers/postgres/pool/session.h"

static void
server_make_room(struct server *server)
{
	const struct session *session = server->session;
	char name[PREPARED_SERVER_NAME_SIZE];
	uint64_t id, keeper = session->pinned || session->local ? session->id : 0;

	while ((id = cache_evict(&server->cache, keeper)) != 0)
		server_inject_close(server, statement_server_name(&server->pool->prepared, id, name, sizeof(name)));
}

char *
server_statement_name(const struct server *server, const struct statement *statement, char *name, size_t size)
{
	const struct cached *cached = cache_find(&server->cache, statement);

	/* None: the server drops what refers to it, until Sync. */
	return statement_server_name(&server->pool->prepared, cached == NULL ? 0 : cached->id, name, size);
}

void
server_describe(struct server *server, const char *name, struct request request)
{
	size_t mark = pgwire_begin_message(&server->out, 'D');

	pgwire_put_byte(&server->out, 'S');
	pgwire_put_string(&server->out, name);
	pgwire_end_message(&server->out, mark);
	request.kind = REQUEST_DESCRIBE;
	request.flags |= REQUEST_INJECTED | REQUEST_LEARN;
	if ((request.flags & REQUEST_CHECK) != 0 && !server->skipping) {
		pgwire_put_empty(&server->out, 'H');
		server->checking = true;
	}
	server_push(server, request);
}

/* ---- named statements ---- */

/* Parses it under a new name. The request says whose the answer is. */
static void
server_add_statement(struct server *server, struct statement *statement, struct request request, char *name)
{
	struct cached *cached = cache_add(&server->cache, statement, server->session->id);

	if (cached == NULL) {
		server->out.failed = true;
		return;
	}
	server_make_room(server);
	(void)statement_server_name(&server->pool->prepared, cached->id, name, PREPARED_SERVER_NAME_SIZE);
	request.statement = statement_reference(statement);
	server_inject_parse(server, name, statement->body, statement->size, request);
}

void
server_parse_statement(struct server *server, struct named *named)
{
	struct statement *statement = statement_reference(named->statement);
	/* By address: an error takes the name back, at once when the server drops what comes before Sync. */
	struct request request = { .named = named, .hash = named->hash };
	char name[PREPARED_SERVER_NAME_SIZE] = "";
	struct cached *cached;

	server_add_statement(server, statement, request, name);
	if ((cached = cache_find(&server->cache, statement)) != NULL)
		cached->use = named->use = ++server->pool->prepared.next_use;
	named->dates = server->session->dates;
	named->changes = server->pool->prepared.changes;
	request.statement = statement;
	server_describe(server, name, request);
}

static bool
is_usable(const struct server *server, const struct cached *cached, const struct named *named)
{
	return cached->session == server->session->id || cached->epoch == server->pool->prepared.epoch ||
	    (cached->use != 0 && cached->use == named->use);
}

static void
server_drop_stale(struct server *server, struct cached *cached)
{
	char name[PREPARED_SERVER_NAME_SIZE];

	server_inject_close(server, statement_server_name(&server->pool->prepared, cached->id, name, sizeof(name)));
	cache_remove(&server->cache, cached->statement);
}

bool
server_lacks_statement(struct server *server, const struct named *named)
{
	struct cached *cached = cache_find(&server->cache, named->statement);

	if (cached == NULL || !is_usable(server, cached, named))
		return true;
	cached->session = server->session->id;
	return false;
}

void
server_bring_statement(struct server *server, const struct named *named)
{
	struct statement *statement = named->statement;
	struct cached *cached = cache_find(&server->cache, statement);
	struct request request = { .flags = REQUEST_INJECTED | REQUEST_QUIET, .hash = named->hash,
		.named = (struct named *)(uintptr_t)named };
	char name[PREPARED_SERVER_NAME_SIZE];

	if (cached != NULL)
		server_drop_stale(server, cached);
	server_add_statement(server, statement, (struct request) { .flags = request.flags }, name);
	if (!statement->whole || server->out.failed)
		return;
	request.statement = statement_reference(statement);
	request.flags |= REQUEST_BROUGHT;
	server_describe(server, name, request);
}

enum statement_state
server_need_statement(struct server *server, struct named *named)
{
	struct session *session = server->session;
	struct statement *statement = named->statement;
	struct cached *cached = cache_find(&server->cache, statement);
	char name[PREPARED_SERVER_NAME_SIZE];

	if (server->skipping)
		return STATEMENT_READY;
	if (session->changed) {
		session->changed = false;
		return STATEMENT_CHANGED;
	}
	if (cached != NULL && is_usable(server, cached, named) && !named->read_again) {
		cache_touch(&server->cache, cached);
		return STATEMENT_READY;
	}
	if (cached != NULL)
		server_drop_stale(server, cached);
	/* Which is done with this. */
	if (named->read_again)
		named->dates = session->dates;
	named->read_again = false;
	server_add_statement(server, statement, (struct request) {
	    .flags = (uint16_t)(REQUEST_INJECTED | (statement->whole ? REQUEST_CHECK : 0)) }, name);
	/* What was never described cannot be compared. */
	if (!statement->whole || server->out.failed)
		return STATEMENT_READY;
	server_describe(server, name, (struct request) { .flags = REQUEST_CHECK, .hash = named->hash,
	    .named = (struct named *)(uintptr_t)named, .statement = statement_reference(statement) });
	return STATEMENT_AWAITED;
}

/* ---- the unnamed statement ---- */

static bool
is_read_as_at_parse(const struct session *session)
{
	return !session->local && session->unnamed.reading == session->reading;
}

enum statement_state
server_need_unnamed(struct server *server)
{
	struct session *session = server->session;
	struct session_unnamed *unnamed = &session->unnamed;
	uint64_t here = server->unnamed;

	if (server->skipping)
		return STATEMENT_READY;
	if (session->changed) {
		session->changed = false;
		server->unnamed = SERVER_NOBODY;
		return STATEMENT_CHANGED;
	}
	/* It must be the session's, or be missing here as well. */
	if (server->unnamed == unnamed->serial && unnamed->serial != 0)
		return STATEMENT_READY;
	if (unnamed->serial == 0 || unnamed->statement == NULL || !is_read_as_at_parse(session)) {
		/* The server may drop this, and then still have another session's. */
		server->unnamed = SERVER_NOBODY;
		server_inject_close(server, "");
		return STATEMENT_READY;
	}
	server->unnamed = unnamed->serial;
	server_inject_parse(server, "", unnamed->statement->body, unnamed->statement->size, (struct request) {
	    .flags = (uint16_t)(REQUEST_INJECTED | REQUEST_UNNAMED | (unnamed->statement->whole ? REQUEST_CHECK : 0)),
	    .before_here = here });
	if (!unnamed->statement->whole)
		return STATEMENT_READY;
	server_describe(server, "", (struct request) { .flags = REQUEST_CHECK | REQUEST_UNNAMED,
	    .hash = (uint32_t)unnamed->serial });
	return STATEMENT_AWAITED;
}

/* ---- what the server says of them ---- */

bool
server_learns(const struct server *server, char type)
{
	const struct request *head = server_head(server);

	return (type == 't' || type == 'T' || type == 'n') && head != NULL && head->kind == REQUEST_DESCRIBE &&
	    (head->flags & REQUEST_LEARN) != 0;
}

void
server_learn_types(struct server *server, const uint8_t *body, size_t size)
{
	free(server->types);
	server->types_size = 0;
	if ((server->types = malloc(size + 1)) == NULL)
		return;
	memcpy(server->types, body, size);
	server->types_size = size;
}

void
server_learn_nothing(struct server *server)
{
	/* Nobody could tell whether it is the same elsewhere. */
	if (server->session != NULL)
		session_pin(server->session);
	free(server->types);
	server->types = NULL;
}

static bool
is_other_row(const struct request *head, const uint8_t *row, size_t row_size, const struct description *now)
{
	return (head->flags & (REQUEST_CHECK | REQUEST_BROUGHT)) != 0 && !description_same_rows(row, row_size, now->row, now->row_size);
}

static void
learn_named(struct server *server, const struct request *head, const struct description *description)
{
	struct statement *statement = head->statement, *described = statement_described(statement, description);
	struct cached *cached = cache_find(&server->cache, statement);
	struct session *session = server->session;
	struct named *named = NULL;

	if (described == NULL) {
		server_learn_nothing(server);
		return;
	}
	if (cached != NULL)
		cache_become(&server->cache, cached, described);
	if (session != NULL &&
	    (named = names_at_address(&session->names, head->named, head->hash, statement)) == NULL)
		named = server_find_closing(server, head->named, statement);
	if (session != NULL && is_other_row(head, statement->row, statement->row_size, description)) {
		/* What was only brought is parsed again when it is asked for. */
		session->changed |= (head->flags & REQUEST_CHECK) != 0;
	} else if (named != NULL) {
		named->statement = statement_reference(described);
		statement_release(statement);
	}
	statement_release(described);
}

static void
learn_unnamed(struct server *server, const struct request *head, const struct description *description)
{
	struct session *session = server->session;
	struct statement **statement, *described;

	if (session == NULL)
		return;
	statement = head->hash == (uint32_t)session->unnamed.serial ? &session->unnamed.statement
								    : server_find_unnamed(server, head->hash);
	if (statement == NULL || *statement == NULL)
		return;
	if (is_other_row(head, (*statement)->row, (*statement)->row_size, description)) {
		session->changed = true;
	} else if ((described = statement_described(*statement, description)) == NULL) {
		server_learn_nothing(server);
	} else {
		statement_release(*statement);
		*statement = described;
	}
}

/* It goes by the client's name only if it is what it was. */
static void
learn_native(struct server *server, const struct request *head, const struct description *description)
{
	struct statement *statement = head->statement;
	struct named *named = server->session == NULL
	    ? NULL : names_at_address(&server->session->names, head->named, head->hash, NULL);

	if (named != NULL &&
	    !description_same_rows(statement->row, statement->row_size, description->row, description->row_size))
		named->statement = statement_reference(statement);
}

void
server_learn_row(struct server *server, const uint8_t *body, size_t size)
{
	const struct request *head = server_head(server);
	struct description description = { .types = server->types, .types_size = server->types_size, .row = body,
		.row_size = size };

	if (server->types == NULL)
		server_learn_nothing(server);
	else if ((head->flags & REQUEST_UNNAMED) != 0)
		learn_unnamed(server, head, &description);
	else if ((head->flags & REQUEST_NATIVE) != 0)
		learn_native(server, head, &description);
	else
		learn_named(server, head, &description);
	free(server->types);
	server->types = NULL;
}

/* ---- what is defined ---- */

static bool
is_definition(const char *tag)
{
	static const char *const beginnings[] = { "CREATE ", "ALTER ", "DROP ", "IMPORT ", "COMMIT PREPARED" };

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (strncmp(tag, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return strcmp(tag, "DO") == 0 || strcmp(tag, "CALL") == 0;
}

/* Nothing that PostgreSQL reads texts again for; in doubt a tag is not here. */
static bool
changes_nothing(const char *tag)
{
	static const char *const beginnings[] = { "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "BEGIN", "START", "COMMIT",
		"ROLLBACK", "SAVEPOINT", "RELEASE", "SET", "RESET", "SHOW", "COPY", "FETCH", "MOVE", "DECLARE", "CLOSE", "LISTEN",
		"UNLISTEN", "NOTIFY", "PREPARE", "DEALLOCATE", "EXPLAIN", "LOCK" };

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (strncmp(tag, beginnings[i], strlen(beginnings[i])) == 0)
			return strcmp(tag, "COMMIT PREPARED") != 0;
	return false;
}

void
server_note_definition(struct server *server, const char *tag)
{
	struct session *session = server->session;

	if (!changes_nothing(tag)) {
		server->has_changed = true;
		server->pool->prepared.changes++;
	}
	if (!is_definition(tag))
		return;
	server->has_altered_role |= strcmp(tag, "ALTER ROLE") == 0;
	if (session == NULL || !session->makes_temporary) {
		server->has_defined = true;
		cache_age(&server->cache, session == NULL ? 0 : session->id);
		return;
	}
	/* In sight of this session alone. With the first one PostgreSQL looks all names up again; but the connection may have
	 * had a temporary schema before the session had. */
	cache_age(&server->cache, session->has_temporary ? session->id : 0);
	if (!session->has_temporary)
		session_read_again(session);
	session->has_temporary = true;
}

/* The transaction is over: now others see it, too. */
void
server_note_end(struct server *server)
{
	if (server->has_defined)
		server->pool->prepared.epoch++;
	if (server->has_changed)
		server->pool->prepared.changes++;
	if (server->has_altered_role)
		pool_doubt_logins(server->pool);
	server->has_defined = server->has_changed = server->has_altered_role = false;
}
