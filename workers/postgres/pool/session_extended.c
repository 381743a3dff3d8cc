/* The extended protocol: names of statements are the session's own, those on the server bibd's. */
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

#define HEADER_SIZE 5
/* Text of an unnamed statement that is kept. */
#define UNNAMED_KEPT_MAX 16384

static struct pgwire_reader
message_body(const struct pg_session *session, size_t have)
{
	return (struct pgwire_reader) { .data = session->in.data + session->in.start + HEADER_SIZE,
		.length = have - HEADER_SIZE };
}

/* Passes the message on as it is, or its first part. */
static void
pass_on(struct pg_session *session, const struct pgwire_message *message, size_t have)
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
	const uint8_t *body = session->in.data + session->in.start + HEADER_SIZE;
	struct pgwire_buffer *out = &session->backend->out;
	size_t length = strlen(name) + 1;

	pgwire_put_byte(out, (uint8_t)message->type);
	pgwire_put_int32(out, (uint32_t)(message->size - 1 - (to - from) + length));
	pgwire_put_bytes(out, body, from);
	pgwire_put_bytes(out, name, length);
	pgwire_put_bytes(out, body + to, have - HEADER_SIZE - to);
	session->left = message->size - have;
	session->left_dropped = false;
	session->left_type = message->type;
	session->backend->unsynced = true;
}

/* ---- the unnamed statement ---- */

void
pg_session_forget_unnamed(struct pg_session *session)
{
	pg_statement_release(session->unnamed.statement);
	session->unnamed = (struct pg_session_unnamed) { 0 };
}

/* Parse of a text whose rest comes later, with unknown words. */
static int
parse_large_unnamed(struct pg_session *session, const uint8_t *rest, size_t size)
{
	session->unnamed.words = (struct words) { .flags = WORDS_SEQUENCE };
	if ((session->lexer = words_lexer_new(&session->pool->prepared.names)) == NULL)
		return -1;
	words_feed(session->lexer, rest, size);
	pg_session_pin(session);
	(void)pg_session_prepare_for(session, &session->unnamed.words);
	return 0;
}

#define PARSE_REPLACED 1
#define PARSE_MUST_WAIT 2

/* Parse of a text that is there whole: its words are looked at, and it is kept if it is small enough. */
static int
parse_small_unnamed(struct pg_session *session, const uint8_t *rest, size_t size, struct named **taken)
{
	struct pg_session_unnamed *unnamed = &session->unnamed;

	if ((unnamed->statement = pg_statement_new(&session->pool->prepared, rest, size, NULL)) == NULL)
		return -1;
	unnamed->words = unnamed->statement->words;
	if (!pg_session_prepare_for(session, &unnamed->words))
		return PARSE_MUST_WAIT;
	if (size > UNNAMED_KEPT_MAX) {
		pg_session_pin(session);
		pg_statement_release(unnamed->statement);
		unnamed->statement = NULL;
	}
	return pg_session_deallocate(session, &unnamed->words, taken) ? PARSE_REPLACED : 0;
}

static int
parse_unnamed(struct pg_session *session, const struct pgwire_message *message, size_t have, const uint8_t *rest,
    size_t size)
{
	struct pg_session_unnamed *unnamed = &session->unnamed, before = *unnamed;
	struct backend *backend = session->backend;
	uint64_t before_here = backend->unnamed;
	struct pgwire_buffer *scratch = &session->pool->scratch;
	struct named *taken = NULL;
	int replaced;

	*unnamed = (struct pg_session_unnamed) { .serial = ++session->pool->next_unnamed,
		.reading = session->local ? SESSION_READING_LOCAL : session->reading };
	replaced = have < message->size ? parse_large_unnamed(session, rest, size)
					: parse_small_unnamed(session, rest, size, &taken);
	if (replaced == PARSE_MUST_WAIT) {
		pg_statement_release(unnamed->statement);
		*unnamed = before;
		return 1;
	}
	if (replaced == PARSE_REPLACED) {
		size_t mark = pgwire_begin_message(&backend->out, 'P');

		pgwire_put_byte(&backend->out, 0);
		pgwire_put_bytes(&backend->out, scratch->data + scratch->start, pgwire_buffer_length(scratch));
		pgwire_put_int16(&backend->out, 0);
		pgwire_end_message(&backend->out, mark);
		backend->unsynced = true;
	} else if (replaced == 0) {
		pass_on(session, message, have);
	}
	if (taken != NULL)
		named_free(taken);
	backend->unnamed = unnamed->serial;
	backend_push(backend,
	    (struct request) { .kind = REQUEST_PARSE,
		.flags = REQUEST_UNNAMED,
		.before = before.serial,
		.before_reading = before.reading,
		.before_here = before_here,
		.before_statement = before.statement });
	if (unnamed->statement != NULL && replaced == 0 && session->left == 0)
		backend_describe(backend, "",
		    (struct request) { .flags = REQUEST_UNNAMED, .hash = (uint32_t)unnamed->serial });
	return replaced == -1 ? -1 : 0;
}

/* ---- named statements ---- */

/* The statement that a name stands for, as far as bibd has it. */
static struct pg_statement *
find_statement(struct pg_session *session, const char *name)
{
	struct named *named = name[0] == '\0' ? NULL : names_find(&session->names, name);

	return name[0] == '\0' ? session->unnamed.statement : named != NULL ? named->statement : NULL;
}

/* The name is in use: bibd makes the error, at the place where the server would report it, which is after errors in the
 * text. */
static int
fail_in_use(struct pg_session *session, const struct named *named, const uint8_t *body, size_t size)
{
	struct pg_prepared *prepared = &session->pool->prepared;
	struct request request = { .flags = REQUEST_REPLACED, .named = calloc(1, sizeof(*named)) };
	char name[PREPARED_SERVER_NAME_SIZE];

	if (request.named == NULL)
		return -1;
	memcpy(request.named->name, named->name, sizeof(named->name));
	(void)pg_statement_server_name(prepared, ++prepared->next_id, name, sizeof(name));
	backend_inject_parse(session->backend, name, body, size,
	    (struct request) { .flags = REQUEST_INJECTED | REQUEST_HEARD });
	backend_inject_close(session->backend, name);
	backend_inject_failure(session->backend, request);
	return 0;
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
	struct pg_statement *statement = find_statement(session, name);

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
		.statement = pg_statement_reference(find_statement(session, name)) });
	return 0;
}

/* On a connection of its own the statement goes by the client's name. */
static int
parse_native(struct pg_session *session, const struct pgwire_message *message, size_t have, const char *name,
    const uint8_t *rest, size_t size)
{
	struct named *named = names_find(&session->names, name), *added = NULL;
	struct words words = { .dates = true };

	pg_session_pin(session);
	if (have == message->size) {
		words_read(rest, size, &session->pool->prepared.names, &words);
		(void)pg_session_prepare_for(session, &words);
	} else {
		if ((session->lexer = words_lexer_new(&session->pool->prepared.names)) == NULL)
			return -1;
		words_feed(session->lexer, rest, size);
	}
	if (named == NULL && (added = names_add(&session->names, name, NULL)) == NULL)
		return -1;
	if (added != NULL) {
		added->use = ++session->pool->prepared.next_use;
		added->dates = session->dates;
		added->has_dates = words.dates;
	}
	pass_on(session, message, have);
	backend_push(session->backend,
	    (struct request) { .kind = REQUEST_PARSE, .named = added, .hash = added != NULL ? added->hash : 0 });
	return 0;
}

/* The settings by which a text is read now; NULL when they are not known. */
static struct pg_settings *
pg_settings_now(struct pg_session *session)
{
	pg_session_doubt_settings(session);
	return session->pinned || session->local ? NULL
						 : pg_settings_meaning(&session->pool->settings, session->settings);
}

static int
parse_named(struct pg_session *session, const struct pgwire_message *message, const char *name, const uint8_t *rest,
    size_t size)
{
	struct pg_prepared *prepared = &session->pool->prepared;
	struct pg_statement *statement;
	struct named *named;

	if ((named = names_find(&session->names, name)) != NULL)
		return fail_in_use(session, named, rest, size);
	if ((statement = pg_statement_new(prepared, rest, size, pg_settings_now(session))) == NULL)
		return -1;
	if (!pg_session_prepare_for(session, pg_statement_words(prepared, statement))) {
		pg_statement_release(statement);
		return 1;
	}
	/* The statement's own words may just have caused this. */
	if (session->raw) {
		pg_statement_release(statement);
		return parse_native(session, message, message->size, name, rest, size);
	}
	if ((named = names_add(&session->names, name, statement)) == NULL) {
		pg_statement_release(statement);
		return -1;
	}
	/* Read under SET LOCAL: after the transaction no other connection would read the text in that way. */
	if (session->local)
		pg_session_pin(session);
	backend_parse_statement(session->backend, named);
	return 0;
}

int
pg_session_parse(struct pg_session *session, const struct pgwire_message *message, size_t have)
{
	struct pgwire_reader body = message_body(session, have);
	const char *name = pgwire_get_string(&body);
	const uint8_t *rest = body.data + body.offset;
	size_t size = body.length - body.offset;
	int result;

	if (body.failed)
		return -1;
	if (name[0] == '\0')
		result = parse_unnamed(session, message, have, rest, size);
	else if ((session->raw && find_statement(session, name) == NULL) || have < message->size)
		result = parse_native(session, message, have, name, rest, size);
	else
		result = parse_named(session, message, name, rest, size);
	if (result == 0) {
		pg_audit_note_text(&session->pool->audit, session, rest, size);
		pg_session_note_text(session, rest, size);
	}
	return result;
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
	if (find_statement(session, name) == NULL) {
		/* That has given the statement its own name there, and pinned the session to the connection. */
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
	const struct pg_statement *statement = find_statement(session, name);

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
	struct pgwire_reader body = message_body(session, have);
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
	statement = find_statement(session, name);
	if (words != NULL)
		apply_words(session, statement, words);
	pg_session_note_text(session, statement == NULL ? NULL : statement->body,
	    statement == NULL ? 0 : statement->size);
	pg_session_note_statement(session);
	note_use(session, name, words, &request);
	session->backend->nbinds++;
	if (backend_name[0] == '\0')
		pass_on(session, message, have);
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
	if (statement && (described = find_statement(session, name)) != NULL && described->whole &&
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
		pass_on(session, message, message->size);
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
	pass_on(session, message, message->size);
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
	pass_on(session, message, message->size);
	backend_push(backend, (struct request) { .kind = REQUEST_CLOSE, .named = named });
	return 0;
}
