/*
 * Parse: a statement's text is read, and passed on to the server under the session's own name, under bibd's, or as the
 * unnamed one.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

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

/* Text of an unnamed statement that is kept. */
#define UNNAMED_KEPT_MAX 16384

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
		pg_session_pass_on(session, message, have);
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
	pg_session_pass_on(session, message, have);
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
	struct pgwire_reader body = pg_session_body(session, have);
	const char *name = pgwire_get_string(&body);
	const uint8_t *rest = body.data + body.offset;
	size_t size = body.length - body.offset;
	int result;

	if (body.failed)
		return -1;
	if (name[0] == '\0')
		result = parse_unnamed(session, message, have, rest, size);
	else if ((session->raw && pg_session_find_statement(session, name) == NULL) || have < message->size)
		result = parse_native(session, message, have, name, rest, size);
	else
		result = parse_named(session, message, name, rest, size);
	if (result == 0) {
		pg_audit_note_text(&session->pool->audit, session, rest, size);
		pg_session_note_text(session, rest, size);
	}
	return result;
}
