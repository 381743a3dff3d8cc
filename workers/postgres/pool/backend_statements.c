/* Prepared statements on a server connection: the invariant is at the head of prepared.h. */
#include <stdlib.h>
#include <string.h>

#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

static void
backend_make_room(struct backend *backend)
{
	const struct pg_session *session = backend->session;
	char name[PREPARED_SERVER_NAME_SIZE];
	uint64_t id, keeper = session->pinned || session->local ? session->id : 0;

	while ((id = cache_evict(&backend->cache, keeper)) != 0)
		backend_inject_close(backend,
		    pg_statement_server_name(&backend->pool->prepared, id, name, sizeof(name)));
}

char *
backend_statement_name(const struct backend *backend, const struct pg_statement *statement, char *name, size_t size)
{
	const struct cached *cached = cache_find(&backend->cache, statement);

	/* Number 0 names no statement: the server refuses what refers to it, and drops all until Sync. */
	return pg_statement_server_name(&backend->pool->prepared, cached == NULL ? 0 : cached->id, name, size);
}

void
backend_describe(struct backend *backend, const char *name, struct request request)
{
	size_t mark = pgwire_begin_message(&backend->out, 'D');

	pgwire_put_byte(&backend->out, 'S');
	pgwire_put_string(&backend->out, name);
	pgwire_end_message(&backend->out, mark);
	request.kind = REQUEST_DESCRIBE;
	request.flags |= REQUEST_INJECTED | REQUEST_LEARN;
	if ((request.flags & REQUEST_CHECK) != 0 && !backend->skipping) {
		pgwire_put_empty(&backend->out, 'H');
		backend->checking = true;
	}
	backend_push(backend, request);
}

/* ---- named statements ---- */

/* Parses the statement under a new name. The request says for whom the answer is. */
static void
backend_add_statement(struct backend *backend, struct pg_statement *statement, struct request request, char *name)
{
	struct cached *cached = cache_add(&backend->cache, statement, backend->session->id);

	if (cached == NULL) {
		backend->out.failed = true;
		return;
	}
	backend_make_room(backend);
	(void)pg_statement_server_name(&backend->pool->prepared, cached->id, name, PREPARED_SERVER_NAME_SIZE);
	request.statement = pg_statement_reference(statement);
	backend_inject_parse(backend, name, statement->body, statement->size, request);
}

void
backend_parse_statement(struct backend *backend, struct named *named)
{
	struct pg_statement *statement = pg_statement_reference(named->statement);
	struct request request = { .named = named, .hash = named->hash };
	uint64_t use = ++backend->pool->prepared.next_use;
	char name[PREPARED_SERVER_NAME_SIZE] = "";
	struct cached *cached;

	named->use = use;
	named->dates = backend->session->dates;
	named->changes = backend->pool->prepared.changes;
	/* An error takes the name back, at once where the server drops all until Sync: so the name may be gone now, and
	 * the requests have only its address. */
	backend_add_statement(backend, statement, request, name);
	if ((cached = cache_find(&backend->cache, statement)) != NULL)
		cached->use = use;
	request.statement = statement;
	backend_describe(backend, name, request);
}

static bool
is_usable(const struct backend *backend, const struct cached *cached, const struct named *named)
{
	return cached->session == backend->session->id || cached->epoch == backend->pool->prepared.epoch ||
	    (cached->use != 0 && cached->use == named->use);
}

static void
backend_drop_stale(struct backend *backend, struct cached *cached)
{
	char name[PREPARED_SERVER_NAME_SIZE];

	backend_inject_close(backend,
	    pg_statement_server_name(&backend->pool->prepared, cached->id, name, sizeof(name)));
	cache_remove(&backend->cache, cached->statement);
}

bool
backend_lacks_statement(struct backend *backend, const struct named *named)
{
	struct cached *cached = cache_find(&backend->cache, named->statement);

	if (cached == NULL || !is_usable(backend, cached, named))
		return true;
	cached->session = backend->session->id;
	return false;
}

void
backend_bring_statement(struct backend *backend, const struct named *named)
{
	struct pg_statement *statement = named->statement;
	struct cached *cached = cache_find(&backend->cache, statement);
	struct request request = { .flags = REQUEST_INJECTED | REQUEST_QUIET,
		.hash = named->hash,
		.named = (struct named *)(uintptr_t)named };
	char name[PREPARED_SERVER_NAME_SIZE];

	if (cached != NULL)
		backend_drop_stale(backend, cached);
	backend_add_statement(backend, statement, (struct request) { .flags = request.flags }, name);
	if (!statement->whole || backend->out.failed)
		return;
	request.statement = pg_statement_reference(statement);
	request.flags |= REQUEST_BROUGHT;
	backend_describe(backend, name, request);
}

enum pg_statement_state
backend_need_statement(struct backend *backend, struct named *named)
{
	struct pg_session *session = backend->session;
	struct pg_statement *statement = named->statement;
	struct cached *cached = cache_find(&backend->cache, statement);
	char name[PREPARED_SERVER_NAME_SIZE];

	if (backend->skipping)
		return STATEMENT_READY;
	if (session->changed) {
		session->changed = false;
		return STATEMENT_CHANGED;
	}
	if (cached != NULL && is_usable(backend, cached, named) && !named->read_again) {
		cache_touch(&backend->cache, cached);
		return STATEMENT_READY;
	}
	if (cached != NULL)
		backend_drop_stale(backend, cached);
	/* The text is read again by this Parse. */
	if (named->read_again)
		named->dates = session->dates;
	named->read_again = false;
	backend_add_statement(backend, statement,
	    (struct request) { .flags = (uint16_t)(REQUEST_INJECTED | (statement->whole ? REQUEST_CHECK : 0)) }, name);
	/* A statement that was never described cannot be compared. */
	if (!statement->whole || backend->out.failed)
		return STATEMENT_READY;
	backend_describe(backend, name,
	    (struct request) { .flags = REQUEST_CHECK,
		.hash = named->hash,
		.named = (struct named *)(uintptr_t)named,
		.statement = pg_statement_reference(statement) });
	return STATEMENT_AWAITED;
}

/* ---- the unnamed statement ---- */

static bool
is_read_as_at_parse(const struct pg_session *session)
{
	return !session->local && session->unnamed.reading == session->reading;
}

enum pg_statement_state
backend_need_unnamed(struct backend *backend)
{
	struct pg_session *session = backend->session;
	struct pg_session_unnamed *unnamed = &session->unnamed;
	uint64_t here = backend->unnamed;

	if (backend->skipping)
		return STATEMENT_READY;
	if (session->changed) {
		session->changed = false;
		backend->unnamed = BACKEND_NOBODY;
		return STATEMENT_CHANGED;
	}
	/* The connection's unnamed statement must be the session's; if the session has none, the connection must have
	 * none. */
	if (backend->unnamed == unnamed->serial && unnamed->serial != 0)
		return STATEMENT_READY;
	if (unnamed->serial == 0 || unnamed->statement == NULL || !is_read_as_at_parse(session)) {
		/* The server may drop the Close, and then still have another session's statement. */
		backend->unnamed = BACKEND_NOBODY;
		backend_inject_close(backend, "");
		return STATEMENT_READY;
	}
	backend->unnamed = unnamed->serial;
	backend_inject_parse(backend, "", unnamed->statement->body, unnamed->statement->size,
	    (struct request) { .flags = (uint16_t)(REQUEST_INJECTED | REQUEST_UNNAMED |
				   (unnamed->statement->whole ? REQUEST_CHECK : 0)),
		.before_here = here });
	if (!unnamed->statement->whole)
		return STATEMENT_READY;
	backend_describe(backend, "",
	    (struct request) { .flags = REQUEST_CHECK | REQUEST_UNNAMED, .hash = (uint32_t)unnamed->serial });
	return STATEMENT_AWAITED;
}

/* ---- what the server says of them ---- */

bool
backend_learns(const struct backend *backend, char type)
{
	const struct request *head = backend_head(backend);

	return (type == 't' || type == 'T' || type == 'n') && head != NULL && head->kind == REQUEST_DESCRIBE &&
	    (head->flags & REQUEST_LEARN) != 0;
}

void
backend_learn_types(struct backend *backend, const uint8_t *body, size_t size)
{
	free(backend->types);
	backend->types_size = 0;
	if ((backend->types = malloc(size + 1)) == NULL)
		return;
	memcpy(backend->types, body, size);
	backend->types_size = size;
}

void
backend_learn_nothing(struct backend *backend)
{
	/* Without a description, nobody could tell whether the statement is the same on another connection. */
	if (backend->session != NULL)
		pg_session_pin(backend->session);
	free(backend->types);
	backend->types = NULL;
}

static bool
is_other_row(const struct request *head, const uint8_t *row, size_t row_size, const struct description *now)
{
	return (head->flags & (REQUEST_CHECK | REQUEST_BROUGHT)) != 0 &&
	    !description_same_rows(row, row_size, now->row, now->row_size);
}

static void
learn_named(struct backend *backend, const struct request *head, const struct description *description)
{
	struct pg_statement *statement = head->statement, *described = pg_statement_described(statement, description);
	struct cached *cached = cache_find(&backend->cache, statement);
	struct pg_session *session = backend->session;
	struct named *named = NULL;

	if (described == NULL) {
		backend_learn_nothing(backend);
		return;
	}
	if (cached != NULL)
		cache_become(&backend->cache, cached, described);
	if (session != NULL && (named = names_at_address(&session->names, head->named, head->hash, statement)) == NULL)
		named = backend_find_closing(backend, head->named, statement);
	if (session != NULL && is_other_row(head, statement->row, statement->row_size, description)) {
		/* A statement that was parsed in advance is parsed again when it is asked for. */
		session->changed |= (head->flags & REQUEST_CHECK) != 0;
	} else if (named != NULL) {
		named->statement = pg_statement_reference(described);
		pg_statement_release(statement);
	}
	pg_statement_release(described);
}

static void
learn_unnamed(struct backend *backend, const struct request *head, const struct description *description)
{
	struct pg_session *session = backend->session;
	struct pg_statement **statement, *described;

	if (session == NULL)
		return;
	statement = head->hash == (uint32_t)session->unnamed.serial ? &session->unnamed.statement
								    : backend_find_unnamed(backend, head->hash);
	if (statement == NULL || *statement == NULL)
		return;
	if (is_other_row(head, (*statement)->row, (*statement)->row_size, description)) {
		session->changed = true;
	} else if ((described = pg_statement_described(*statement, description)) == NULL) {
		backend_learn_nothing(backend);
	} else {
		pg_statement_release(*statement);
		*statement = described;
	}
}

/* The statement gets the client's name only if it is still what it was. */
static void
learn_native(struct backend *backend, const struct request *head, const struct description *description)
{
	struct pg_statement *statement = head->statement;
	struct named *named =
	    backend->session == NULL ? NULL : names_at_address(&backend->session->names, head->named, head->hash, NULL);

	if (named != NULL &&
	    !description_same_rows(statement->row, statement->row_size, description->row, description->row_size))
		named->statement = pg_statement_reference(statement);
}

void
backend_learn_row(struct backend *backend, const uint8_t *body, size_t size)
{
	const struct request *head = backend_head(backend);
	struct description description = { .types = backend->types,
		.types_size = backend->types_size,
		.row = body,
		.row_size = size };

	if (backend->types == NULL)
		backend_learn_nothing(backend);
	else if ((head->flags & REQUEST_UNNAMED) != 0)
		learn_unnamed(backend, head, &description);
	else if ((head->flags & REQUEST_NATIVE) != 0)
		learn_native(backend, head, &description);
	else
		learn_named(backend, head, &description);
	free(backend->types);
	backend->types = NULL;
}
