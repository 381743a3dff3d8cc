/*
 * Bind, Describe and Close: what refers to a statement is passed on with the name that the statement has on the server.
 * Names of statements are the session's own, those on the server bibd's.
 */
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

struct pgwire_reader
pg_session_body(const struct pg_session *session, size_t have)
{
	return (struct pgwire_reader) { .data = session->in.data + session->in.start + SESSION_HEADER_SIZE,
		.length = have - SESSION_HEADER_SIZE };
}

/* Passes the message on as it is, or its first part. */
void
pg_session_pass_on(struct pg_session *session, const struct pgwire_message *message, size_t have)
{
	pgwire_put_bytes(&session->backend->out, session->in.data + session->in.start, have);
	session->left = message->size - have;
	session->left_dropped = false;
	session->left_type = message->type;
	session->backend->unsynced = true;
}

/* Passes the message on with other bytes in place of from..to (offsets in the body). */
static void
pass_on_replaced(struct pg_session *session, const struct pgwire_message *message, size_t have, size_t from, size_t to,
    const char *name)
{
	const uint8_t *body = session->in.data + session->in.start + SESSION_HEADER_SIZE;
	struct pgwire_buffer *out = &session->backend->out;
	size_t length = strlen(name) + 1;

	pgwire_put_byte(out, (uint8_t)message->type);
	pgwire_put_int32(out, (uint32_t)(message->size - 1 - (to - from) + length));
	pgwire_put_bytes(out, body, from);
	pgwire_put_bytes(out, name, length);
	pgwire_put_bytes(out, body + to, have - SESSION_HEADER_SIZE - to);
	session->left = message->size - have;
	session->left_dropped = false;
	session->left_type = message->type;
	session->backend->unsynced = true;
}

struct pg_statement *
pg_session_find_statement(struct pg_session *session, const char *name)
{
	struct named *named = name[0] == '\0' ? NULL : names_find(&session->names, name);

	return name[0] == '\0' ? session->unnamed.statement : named != NULL ? named->statement : NULL;
}

/* The statement to be executed returns other columns now: the error that PostgreSQL would give. */
static int
fail_changed(struct pg_session *session, const struct pgwire_message *message, size_t have)
{
	session->left = message->size - have;
	session->left_dropped = true;
	backend_inject_failure(session->backend, (struct request) { .flags = REQUEST_CHANGED });
	return 0;
}

void
pg_session_put_types(struct pg_session *session, const struct pg_statement *statement)
{
	size_t mark = pgwire_begin_message(&session->out, 't');

	pgwire_put_bytes(&session->out, statement->body + statement->text_size, statement->size - statement->text_size);
	pgwire_end_message(&session->out, mark);
}

/* It is not known any more what the statement means (session_doubt.c). */
static int
fail_doubtful(struct pg_session *session, const struct pgwire_message *message, size_t have, const char *name,
    bool describe)
{
	struct request request = { .flags = REQUEST_DOUBTFUL, .named = calloc(1, sizeof(*request.named)) };
	struct pg_statement *statement = pg_session_find_statement(session, name);

	if (request.named == NULL)
		return -1;
	(void)strlcpy(request.named->name, name, sizeof(request.named->name));
	if (describe && statement != NULL && statement->whole)
		request.statement = pg_statement_reference(statement);
	session->left = message->size - have;
	session->left_dropped = true;
	backend_inject_failure(session->backend, request);
	return 0;
}

/* The same, for a Describe. */
static int
fail_described(struct pg_session *session, const char *name)
{
	backend_inject_failure(session->backend,
	    (struct request) { .flags = REQUEST_CHANGED,
		.statement = pg_statement_reference(pg_session_find_statement(session, name)) });
	return 0;
}

/* ---- what refers to statements ---- */

/* Gets the statement of a Bind or Describe ready. backend_name is "" when the server has it under the client's own
 * name. */
static enum pg_statement_state
need_statement(struct pg_session *session, const char *name, char *backend_name, size_t size,
    const struct words **words)
{
	enum pg_statement_state state;
	struct named *named;

	backend_name[0] = '\0';
	if (name[0] == '\0') {
		*words = &session->unnamed.words;
		return backend_need_unnamed(session->backend);
	}
	named = names_find(&session->names, name);
	if (named != NULL && pg_session_is_in_doubt(session, named))
		return STATEMENT_DOUBTFUL;
	if (named == NULL || named->statement == NULL)
		return STATEMENT_READY;
	*words = pg_statement_words(&session->pool->prepared, named->statement);
	if (!pg_session_prepare_for(session, *words))
		return STATEMENT_AWAITED;
	if (pg_session_find_statement(session, name) == NULL) {
		/* pg_session_prepare_for() has given the statement its own name there, and pinned the session to
		 * this connection. */
		*words = NULL;
		return STATEMENT_READY;
	}
	state = backend_need_statement(session->backend, named);
	if (state == STATEMENT_READY)
		(void)backend_statement_name(session->backend, named->statement, backend_name, size);
	return state;
}

/* Applies what the statement does to the session, by the words of its text. */
static void
apply_words(struct pg_session *session, const struct pg_statement *statement, const struct words *words)
{
	pg_session_apply(session, words, statement == NULL ? NULL : statement->body,
	    statement == NULL ? 0 : statement->size);
}

static bool
prepare_listen(struct pg_session *session, const char *name, const struct words *words, bool named)
{
	const struct pg_statement *statement = pg_session_find_statement(session, name);

	return listening_prepare(session, words, statement == NULL ? NULL : statement->body,
	    statement == NULL ? 0 : statement->text_size, named);
}

/* A text that PostgreSQL reads again under SET LOCAL stays read in that way after the transaction. */
static void
note_use(struct pg_session *session, const char *name, const struct words *words, struct request *request)
{
	struct named *named = name[0] == '\0' ? NULL : names_find(&session->names, name);

	if (named != NULL)
		pg_session_note_use(session, named, request);
	if (session->local && words != NULL && words->dates)
		pg_session_pin(session);
}

int
pg_session_bind(struct pg_session *session, const struct pgwire_message *message, size_t have)
{
	struct pgwire_reader body = pg_session_body(session, have);
	char backend_name[PREPARED_SERVER_NAME_SIZE];
	const struct words *words = NULL;
	const struct pg_statement *statement;
	struct request request = { .kind = REQUEST_BIND };
	enum pg_statement_state state;
	const char *name;
	size_t from;

	(void)pgwire_get_string(&body);
	from = body.offset;
	name = pgwire_get_string(&body);
	if (body.failed)
		return -1;
	pg_session_doubt_settings(session);
	session->describing = false;
	if ((state = need_statement(session, name, backend_name, sizeof(backend_name), &words)) == STATEMENT_AWAITED)
		return 1;
	if (state == STATEMENT_CHANGED)
		return fail_changed(session, message, have);
	if (state == STATEMENT_DOUBTFUL)
		return fail_doubtful(session, message, have, name, false);
	listening_drop_unsent(session);
	if (words != NULL && !prepare_listen(session, name, words, from > 1))
		return 1;
	statement = pg_session_find_statement(session, name);
	if (words != NULL)
		apply_words(session, statement, words);
	pg_session_note_text(session, statement == NULL ? NULL : statement->body,
	    statement == NULL ? 0 : statement->size);
	pg_session_note_statement(session);
	note_use(session, name, words, &request);
	session->backend->nbinds++;
	if (backend_name[0] == '\0')
		pg_session_pass_on(session, message, have);
	else
		pass_on_replaced(session, message, have, from, body.offset, backend_name);
	backend_push(session->backend, request);
	return 0;
}

int
pg_session_describe(struct pg_session *session, const struct pgwire_message *message)
{
	struct pgwire_reader body = message->body;
	char backend_name[PREPARED_SERVER_NAME_SIZE] = "";
	enum pg_statement_state state = STATEMENT_READY;
	const struct words *words = NULL;
	bool statement = pgwire_get_byte(&body) == 'S';
	const char *name = pgwire_get_string(&body);
	struct pg_statement *described;
	struct request request = { .kind = REQUEST_DESCRIBE };

	if (body.failed)
		return -1;
	/* Describing a statement without rows, PostgreSQL looks nothing up. */
	if (statement && (described = pg_session_find_statement(session, name)) != NULL && described->whole &&
	    described->row == NULL) {
		session->backend->unsynced = true;
		backend_push(session->backend,
		    (struct request) { .kind = REQUEST_DESCRIBED, .statement = pg_statement_reference(described) });
		return 0;
	}
	if (statement)
		state = need_statement(session, name, backend_name, sizeof(backend_name), &words);
	session->describing = state == STATEMENT_AWAITED;
	if (state == STATEMENT_AWAITED)
		return 1;
	if (state == STATEMENT_CHANGED)
		return fail_described(session, name);
	if (state == STATEMENT_DOUBTFUL)
		return fail_doubtful(session, message, message->size, name, true);
	if (statement)
		note_use(session, name, words, &request);
	if (backend_name[0] == '\0')
		pg_session_pass_on(session, message, message->size);
	else
		pass_on_replaced(session, message, message->size, 1, body.offset, backend_name);
	backend_push(session->backend, request);
	return 0;
}

static void
close_unnamed(struct pg_session *session, const struct pgwire_message *message)
{
	struct pg_session_unnamed before = session->unnamed;
	uint64_t before_here = session->backend->unnamed;

	session->unnamed = (struct pg_session_unnamed) { 0 };
	session->backend->unnamed = 0;
	pg_session_pass_on(session, message, message->size);
	backend_push(session->backend,
	    (struct request) { .kind = REQUEST_CLOSE,
		.flags = REQUEST_UNNAMED,
		.before = before.serial,
		.before_reading = before.reading,
		.before_here = before_here,
		.before_statement = before.statement });
}

int
pg_session_close_statement(struct pg_session *session, const struct pgwire_message *message)
{
	struct pgwire_reader body = message->body;
	bool statement = pgwire_get_byte(&body) == 'S';
	struct backend *backend = session->backend;
	struct named *named = NULL;
	const char *name = pgwire_get_string(&body);

	if (body.failed)
		return -1;
	if (statement && name[0] == '\0') {
		close_unnamed(session, message);
		return 0;
	}
	if (statement)
		named = names_find(&session->names, name);
	if (named != NULL)
		names_take(&session->names, named);
	if (named != NULL && named->statement != NULL && !session->raw) {
		/* The statement stays on the server, for the next session that has the same text. */
		backend->unsynced = true;
		backend_push(backend, (struct request) { .kind = REQUEST_CLOSED, .named = named });
		return 0;
	}
	pg_session_pass_on(session, message, message->size);
	backend_push(backend, (struct request) { .kind = REQUEST_CLOSE, .named = named });
	return 0;
}
