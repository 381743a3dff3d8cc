/* The extended protocol: names of statements are the session's own, those on the server bibd's. */
#include <stdlib.h>
#include <string.h>

#include "workers/postgres/server.h"
#include "workers/postgres/session.h"

#define HEADER_SIZE 5
/* Text of an unnamed statement that is kept. */
#define UNNAMED_KEPT_MAX 16384

static struct pgwire_reader
message_body(const struct session *session, size_t have)
{
	return (struct pgwire_reader) { .data = session->in.data + session->in.start + HEADER_SIZE,
		.length = have - HEADER_SIZE };
}

/* Passes the message on as it is, or its first part. */
static void
pass_on(struct session *session, const struct pgwire_message *message, size_t have)
{
	pgwire_put_bytes(&session->server->out, session->in.data + session->in.start, have);
	session->left = message->size - have;
	session->left_dropped = false;
	session->left_type = message->type;
	session->server->unsynced = true;
}

/* Passes it on with something else in the place of its bytes from..to (offsets in the body). */
static void
pass_on_replaced(struct session *session, const struct pgwire_message *message, size_t have, size_t from, size_t to,
    const char *name)
{
	const uint8_t *body = session->in.data + session->in.start + HEADER_SIZE;
	struct pgwire_buffer *out = &session->server->out;
	size_t length = strlen(name) + 1;

	pgwire_put_byte(out, (uint8_t)message->type);
	pgwire_put_int32(out, (uint32_t)(message->size - 1 - (to - from) + length));
	pgwire_put_bytes(out, body, from);
	pgwire_put_bytes(out, name, length);
	pgwire_put_bytes(out, body + to, have - HEADER_SIZE - to);
	session->left = message->size - have;
	session->left_dropped = false;
	session->left_type = message->type;
	session->server->unsynced = true;
}

/* ---- the unnamed statement ---- */

/* It must be the session's on the connection, or be missing there as well. */
static void
need_unnamed(struct session *session)
{
	struct session_unnamed *unnamed = &session->unnamed;
	struct server *server = session->server;

	if (server->unnamed == unnamed->serial)
		return;
	if (unnamed->serial == 0)
		server_inject_close(server, "");
	else
		server_inject_parse(server, "", unnamed->body, unnamed->size,
		    (struct request) { .flags = REQUEST_INJECTED | REQUEST_UNNAMED });
	server->unnamed = unnamed->serial;
}

static int
keep_unnamed(struct session_unnamed *unnamed, const uint8_t *body, size_t size)
{
	uint8_t *data = unnamed->body;

	if (size > unnamed->capacity || data == NULL) {
		if ((data = malloc(size)) == NULL)
			return -1;
		free(unnamed->body);
		unnamed->body = data;
		unnamed->capacity = size;
	}
	memcpy(data, body, size);
	unnamed->size = size;
	return 0;
}

static int
parse_unnamed(struct session *session, const struct pgwire_message *message, size_t have, const uint8_t *rest, size_t size)
{
	struct session_unnamed *unnamed = &session->unnamed;
	struct server *server = session->server;
	struct pgwire_buffer *scratch = &session->pool->scratch;
	bool large = have < message->size;

	unnamed->serial = ++session->pool->next_unnamed;
	if (large) {
		/* The rest of the text comes later, with who knows what words. */
		unnamed->words = (struct words) { .flags = WORDS_SEQUENCE };
		if ((session->lexer = words_lexer_new(&session->pool->prepared.names)) == NULL)
			return -1;
		words_feed(session->lexer, rest, size);
	} else {
		words_read(rest, size, &session->pool->prepared.names, &unnamed->words);
	}
	session_prepare_for(session, &unnamed->words);
	if (large || size > UNNAMED_KEPT_MAX)
		session_pin(session);
	else if (keep_unnamed(unnamed, rest, size) == -1)
		return -1;
	if (!large && session_deallocate(session, &unnamed->words)) {
		size_t mark = pgwire_begin_message(&server->out, 'P');

		pgwire_put_byte(&server->out, 0);
		pgwire_put_bytes(&server->out, scratch->data + scratch->start, pgwire_buffer_length(scratch));
		pgwire_put_int16(&server->out, 0);
		pgwire_end_message(&server->out, mark);
		server->unsynced = true;
	} else {
		pass_on(session, message, have);
	}
	server->unnamed = unnamed->serial;
	server_push(server, (struct request) { .kind = REQUEST_PARSE, .flags = REQUEST_UNNAMED });
	return 0;
}

/* ---- named statements ---- */

/* The name is in use: an error of bibd's own, in the place where the server would have it. */
static int
fail_in_use(struct session *session, const struct named *named)
{
	struct request request = { .flags = REQUEST_REPLACED, .named = calloc(1, sizeof(*named)) };

	if (request.named == NULL)
		return -1;
	memcpy(request.named->name, named->name, sizeof(named->name));
	server_inject_failure(session->server, request);
	return 0;
}

/* On a connection of its own the statement goes by the client's name. */
static int
parse_native(struct session *session, const struct pgwire_message *message, size_t have, const char *name,
    const uint8_t *rest, size_t size)
{
	struct named *named = names_find(&session->names, name), *added = NULL;
	struct words words;

	session_pin(session);
	if (have == message->size) {
		words_read(rest, size, &session->pool->prepared.names, &words);
		session_prepare_for(session, &words);
	} else {
		if ((session->lexer = words_lexer_new(&session->pool->prepared.names)) == NULL)
			return -1;
		words_feed(session->lexer, rest, size);
	}
	if (named == NULL && (added = names_add(&session->names, name, NULL)) == NULL)
		return -1;
	pass_on(session, message, have);
	server_push(session->server, (struct request) { .kind = REQUEST_PARSE, .named = added,
	    .hash = added != NULL ? added->hash : 0 });
	return 0;
}

static int
parse_named(struct session *session, const struct pgwire_message *message, const char *name, const uint8_t *rest,
    size_t size)
{
	struct server *server = session->server;
	struct statement *statement;
	struct named *named;

	if ((named = names_find(&session->names, name)) != NULL)
		return fail_in_use(session, named);
	if ((statement = statement_get(&session->pool->prepared, rest, size)) == NULL)
		return -1;
	if ((named = names_add(&session->names, name, statement)) == NULL) {
		statement_release(statement);
		return -1;
	}
	session_prepare_for(session, statement_words(&session->pool->prepared, statement));
	if (session->raw) {
		/* Its words have just made it so. */
		statement_release(named->statement);
		named->statement = NULL;
		pass_on(session, message, message->size);
		server_push(server, (struct request) { .kind = REQUEST_PARSE, .named = named, .hash = named->hash });
		return 0;
	}
	if (cache_use(&server->cache, statement, session->id) != NULL) {
		server->unsynced = true;
		server_push(server, (struct request) { .kind = REQUEST_PARSED, .named = named, .hash = named->hash });
		return 0;
	}
	server_add_statement(server, statement, (struct request) { .named = named, .hash = named->hash });
	return 0;
}

int
session_parse(struct session *session, const struct pgwire_message *message, size_t have)
{
	struct pgwire_reader body = message_body(session, have);
	const char *name = pgwire_get_string(&body);
	const uint8_t *rest = body.data + body.offset;
	size_t size = body.length - body.offset;

	if (body.failed)
		return -1;
	audit_note_text(&session->pool->audit, session, rest, size);
	if (name[0] == '\0')
		return parse_unnamed(session, message, have, rest, size);
	if (session->raw || have < message->size)
		return parse_native(session, message, have, name, rest, size);
	return parse_named(session, message, name, rest, size);
}

/* ---- what refers to statements ---- */

/* The statement of a Bind or Describe: on the server, under which name? NULL: under the one that the client says. */
static const char *
need_statement(struct session *session, const char *name, char *server_name, size_t size, const struct words **words)
{
	struct named *named;

	if (name[0] == '\0') {
		need_unnamed(session);
		*words = &session->unnamed.words;
		return NULL;
	}
	named = names_find(&session->names, name);
	if (named == NULL || named->statement == NULL)
		return NULL;
	*words = statement_words(&session->pool->prepared, named->statement);
	session_prepare_for(session, *words);
	if (named->statement == NULL) {
		/* Which has given it its own name there, and the session the connection. */
		*words = NULL;
		return NULL;
	}
	server_need_statement(session->server, named->statement);
	return statement_server_name(&session->pool->prepared, named->statement, server_name, size);
}

int
session_bind(struct session *session, const struct pgwire_message *message, size_t have)
{
	struct pgwire_reader body = message_body(session, have);
	char buffer[PREPARED_SERVER_NAME_SIZE];
	const struct words *words = NULL;
	const char *name, *server_name;
	const uint8_t *text;
	size_t from, size;
	struct named *named;

	(void)pgwire_get_string(&body);
	from = body.offset;
	name = pgwire_get_string(&body);
	if (body.failed)
		return -1;
	session_doubt_settings(session);
	named = name[0] == '\0' ? NULL : names_find(&session->names, name);
	server_name = need_statement(session, name, buffer, sizeof(buffer), &words);
	if (words != NULL) {
		struct statement *statement = named != NULL ? named->statement : NULL;

		text = statement != NULL ? statement->body : session->unnamed.body;
		size = statement != NULL ? statement->size : session->unnamed.size;
		session_apply(session, words, text, text == NULL ? 0 : size);
	}
	session->server->nbinds++;
	if (server_name == NULL)
		pass_on(session, message, have);
	else
		pass_on_replaced(session, message, have, from, body.offset, server_name);
	server_push(session->server, (struct request) { .kind = REQUEST_BIND });
	return 0;
}

int
session_describe(struct session *session, const struct pgwire_message *message)
{
	struct pgwire_reader body = message->body;
	char buffer[PREPARED_SERVER_NAME_SIZE];
	const char *name, *server_name = NULL;
	const struct words *words = NULL;
	bool statement = pgwire_get_byte(&body) == 'S';

	name = pgwire_get_string(&body);
	if (body.failed)
		return -1;
	if (statement)
		server_name = need_statement(session, name, buffer, sizeof(buffer), &words);
	if (server_name == NULL)
		pass_on(session, message, message->size);
	else
		pass_on_replaced(session, message, message->size, 1, body.offset, server_name);
	server_push(session->server, (struct request) { .kind = REQUEST_DESCRIBE });
	return 0;
}

int
session_close_statement(struct session *session, const struct pgwire_message *message)
{
	struct pgwire_reader body = message->body;
	bool statement = pgwire_get_byte(&body) == 'S';
	struct server *server = session->server;
	struct named *named = NULL;
	const char *name = pgwire_get_string(&body);

	if (body.failed)
		return -1;
	if (statement && name[0] == '\0')
		session->unnamed.serial = server->unnamed = 0;
	else if (statement)
		named = names_find(&session->names, name);
	if (named != NULL)
		names_take(&session->names, named);
	if (named != NULL && named->statement != NULL) {
		/* On the server it stays, for the next one who has the same. */
		server->unsynced = true;
		server_push(server, (struct request) { .kind = REQUEST_CLOSED, .named = named });
		return 0;
	}
	if (named != NULL)
		named_free(named);
	pass_on(session, message, message->size);
	server_push(server, (struct request) { .kind = REQUEST_CLOSE });
	return 0;
}
