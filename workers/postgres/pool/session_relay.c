/* From the client to the server: messages are passed on, and noted for what will come back. */
#include <stdlib.h>
#include <string.h>

#include "workers/postgres/pool/cancel.h"
#include "workers/postgres/pool/server.h"
#include "workers/postgres/pool/session.h"

#define HEADER_SIZE 5

enum step { STEP_ON, STEP_NEEDS_INPUT, STEP_BLOCKED, STEP_OVER };

/* ---- small parts ---- */

static void
put_message(struct session *session, const struct pgwire_message *message, size_t have)
{
	pgwire_put_bytes(&session->server->out, session->in.data + session->in.start, have);
	session->left = message->size - have;
	session->left_dropped = false;
	session->left_type = message->type;
}

/* ---- messages ---- */

static enum step
relay_query(struct session *session, const struct pgwire_message *message, size_t have)
{
	struct server *server = session->server;
	const uint8_t *text = session->in.data + session->in.start + HEADER_SIZE;
	struct pgwire_buffer *scratch = &session->pool->scratch;
	struct named *taken = NULL;
	size_t length = have;
	struct words words;

	session_doubt_settings(session);
	listening_drop_unsent(session);
	if (have == message->size) {
		words_read(text, have - HEADER_SIZE, &session->pool->prepared.names, &words);
		if (!session_prepare_for(session, &words) ||
		    !listening_prepare(session, &words, text, have - HEADER_SIZE, server->unsynced))
			return STEP_BLOCKED;
		session_apply(session, &words, text, have - HEADER_SIZE);
		if (session_deallocate(session, &words, &taken)) {
			size_t mark = pgwire_begin_message(&server->out, 'Q');

			pgwire_put_bytes(&server->out, scratch->data + scratch->start, pgwire_buffer_length(scratch));
			pgwire_end_message(&server->out, mark);
			have = 0;
		}
		session->barrier = session->barrier_at_sync || listening_concerns(session);
		session->barrier_at_sync = false;
	} else {
		/* Read as it passes: it may ask for anything. */
		words = (struct words) { .flags = WORDS_SEQUENCE };
		(void)session_prepare_for(session, &words);
		if ((session->lexer = words_lexer_new(&session->pool->prepared.names)) == NULL)
			return STEP_OVER;
		words_feed(session->lexer, text, have - HEADER_SIZE);
	}
	audit_note_text(&session->pool->audit, session, text, length - HEADER_SIZE);
	session_note_text(session, text, length - HEADER_SIZE);
	if (have > 0)
		put_message(session, message, have);
	statement_release(session->unnamed.statement);
	session->unnamed = (struct session_unnamed) { 0 };
	server->unnamed = 0;
	/* It ends a batch as Sync does, but for one that has failed. */
	server->unsynced &= server->skipping;
	server->nbinds = 0;
	server_push(server, (struct request) { .kind = REQUEST_QUERY, .named = taken });
	listening_sent(session, true);
	return STEP_ON;
}

static enum step
relay_extended(struct session *session, const struct pgwire_message *message, size_t have)
{
	int result;

	switch (message->type) {
	case 'P':
		result = session_parse(session, message, have);
		break;
	case 'B':
		result = session_bind(session, message, have);
		break;
	case 'D':
		result = session_describe(session, message);
		break;
	case 'C':
		result = session_close_statement(session, message);
		break;
	default:
		put_message(session, message, have);
		session->server->unsynced = true;
		server_push(session->server, (struct request) { .kind = REQUEST_EXECUTE });
		listening_sent(session, false);
		result = 0;
	}
	return result == -1 ? STEP_OVER : result == 0 ? STEP_ON : STEP_BLOCKED;
}

static enum step
relay_sync(struct session *session, const struct pgwire_message *message, size_t have)
{
	struct server *server = session->server;

	if (server == NULL) {
		pgwire_put_ready(&session->out, 'I');
		return STEP_ON;
	}
	put_message(session, message, have);
	/* While it awaits CopyData the server does not heed it. */
	if (server->copying)
		return STEP_ON;
	server->unsynced = false;
	server->nbinds = 0;
	session->barrier |= session->barrier_at_sync || listening_concerns(session);
	session->barrier_at_sync = false;
	server_push(server, (struct request) { .kind = REQUEST_SYNC });
	return STEP_ON;
}

static enum step
relay_flush(struct session *session, const struct pgwire_message *message, size_t have)
{
	if (session->server != NULL)
		put_message(session, message, have);
	return STEP_ON;
}

/* Data of a COPY that is over already, by an error, is of no interest to anybody. */
static enum step
relay_copy(struct session *session, const struct pgwire_message *message, size_t have)
{
	struct server *server = session->server;

	if (server == NULL || (!server->copying && server->nrequests == 0 && !server->unsynced)) {
		session->left = message->size - have;
		session->left_dropped = true;
		return STEP_ON;
	}
	put_message(session, message, have);
	if (message->type != 'd' && !server->copying)
		server->ncopied++;
	if (message->type != 'd')
		server->copying = false;
	return STEP_ON;
}

/* Functions for large objects, which libpq calls by number, live in a transaction; any other may leave something. */
static bool
is_large_object_function(uint32_t oid)
{
	return (oid >= 952 && oid <= 958) || oid == 715 || oid == 764 || oid == 767 || oid == 964 || oid == 1004 ||
	    (oid >= 3170 && oid <= 3172);
}

static enum step
relay_function(struct session *session, const struct pgwire_message *message, size_t have)
{
	struct pgwire_reader body = { .data = session->in.data + session->in.start + HEADER_SIZE, .length = have - HEADER_SIZE };

	session_doubt_settings(session);
	if (!is_large_object_function(pgwire_get_int32(&body)))
		session_pin(session);
	put_message(session, message, have);
	session->barrier |= listening_concerns(session);
	server_push(session->server, (struct request) { .kind = REQUEST_FUNCTION });
	return STEP_ON;
}

/* What is under way is done, as the server would do it. */
static enum step
relay_terminate(struct session *session, const struct pgwire_message *message, size_t have)
{
	(void)message;
	(void)have;
	session->ended = true;
	return session_finish(session) ? STEP_OVER : STEP_BLOCKED;
}

static const struct relay_row {
	char type;
	bool needs_server;
	enum step (*relay)(struct session *session, const struct pgwire_message *message, size_t have);
} relay_rows[] = {
	{ 'Q', true, relay_query },
	{ 'P', true, relay_extended },
	{ 'B', true, relay_extended },
	{ 'E', true, relay_extended },
	{ 'D', true, relay_extended },
	{ 'C', true, relay_extended },
	{ 'S', false, relay_sync },
	{ 'H', false, relay_flush },
	{ 'd', false, relay_copy },
	{ 'c', false, relay_copy },
	{ 'f', false, relay_copy },
	{ 'F', true, relay_function },
	{ 'X', false, relay_terminate },
};

static const struct relay_row *
relay_find(char type)
{
	for (size_t i = 0; i < sizeof(relay_rows) / sizeof(relay_rows[0]); i++)
		if (relay_rows[i].type == type)
			return &relay_rows[i];
	return NULL;
}

/* After an error of bibd's own, as the server does: all is dropped until Sync. */
static enum step
relay_skipped(struct session *session, const struct pgwire_message *message, size_t have)
{
	if (message->type == 'X')
		return relay_terminate(session, message, have);
	if (message->type == 'S') {
		session->skipping = false;
		pgwire_put_ready(&session->out, 'I');
	}
	session->left = message->size - have;
	session->left_dropped = true;
	return STEP_ON;
}

static enum step
relay_message(struct session *session, const struct pgwire_message *message, size_t have)
{
	const struct relay_row *row = relay_find(message->type);
	enum step step;

	if ((session->server != NULL && session->server->checking) || listening_waits(session))
		return STEP_BLOCKED;
	if (session->skipping && (session->server == NULL || message->type == 'X')) {
		step = relay_skipped(session, message, have);
	} else {
		if (session->barrier && session->server != NULL && session->server->nrequests > 0)
			return STEP_BLOCKED;
		session->barrier = false;
		if (row->needs_server && (!session_has_server(session) || !listening_catch_up(session)))
			return STEP_BLOCKED;
		if (!row->needs_server && session->server != NULL &&
		    (server_is_full(session->server) || session->server->state == SERVER_SYNCING))
			return STEP_BLOCKED;
		step = row->relay(session, message, have);
	}
	if (step == STEP_ON)
		pgwire_buffer_consume(&session->in, have);
	else if (step == STEP_OVER && session->phase != SESSION_CLOSED && session->phase != SESSION_CLOSING)
		session_end(session, SQLSTATE_PROTOCOL_VIOLATION, "invalid message format");
	return step;
}

/* ---- the stream ---- */

/* The rest of a large message has been passed on. */
static void
relay_left_done(struct session *session)
{
	const struct words *words;

	if (session->lexer == NULL)
		return;
	words = words_end(session->lexer);
	/* What it does besides others, or by itself, is no longer in sight. */
	if ((words->flags & ~(unsigned)WORDS_SEQUENCE) != 0) {
		session->unseen = true;
		session_pin(session);
	}
	session->pool->sequences_are_read |= (words->flags & WORDS_SEQUENCE) != 0;
	if (session->left_type == 'P')
		session->unnamed.words = (struct words) { .flags = words->flags != 0 ? WORDS_STATE : 0 };
	free(session->lexer);
	session->lexer = NULL;
}

static enum step
relay_left(struct session *session)
{
	struct pgwire_buffer *in = &session->in;
	size_t n = pgwire_buffer_length(in);

	if (n == 0)
		return STEP_NEEDS_INPUT;
	if (!session->left_dropped && session->server != NULL && server_is_full(session->server))
		return STEP_BLOCKED;
	n = n < session->left ? n : session->left;
	if (session->lexer != NULL)
		words_feed(session->lexer, in->data + in->start, n);
	if (!session->left_dropped && session->server != NULL)
		pgwire_put_bytes(&session->server->out, in->data + in->start, n);
	pgwire_buffer_consume(in, n);
	session->left -= n;
	if (session->left == 0)
		relay_left_done(session);
	return STEP_ON;
}

/* Large messages that are passed on in pieces, once this much is there. */
static bool
is_piecemeal(char type)
{
	return type == 'Q' || type == 'P' || type == 'B' || type == 'd' || type == 'F';
}

static enum step
relay_next(struct session *session)
{
	struct pgwire_message message;
	size_t have, wanted;
	int found;

	if (session->left > 0)
		return relay_left(session);
	if ((found = pgwire_next_message(&session->in, &message, &wanted)) == -1) {
		session_end(session, SQLSTATE_PROTOCOL_VIOLATION, "invalid frontend message");
		return STEP_OVER;
	}
	if (found == 1)
		return relay_message(session, &message, message.size);
	have = pgwire_buffer_length(&session->in);
	if (wanted <= POOL_MESSAGE_MAX || have < POOL_BLOCK_SIZE / 2 || !is_piecemeal((char)session->in.data[session->in.start]))
		return STEP_NEEDS_INPUT;
	message.type = (char)session->in.data[session->in.start];
	message.size = wanted;
	return relay_message(session, &message, have);
}

static enum step
session_step(struct session *session)
{
	switch (session->phase) {
	case SESSION_STARTING:
		return session_step_startup(session) ? STEP_ON
		    : session->phase == SESSION_STARTING ? STEP_NEEDS_INPUT
							 : STEP_OVER;
	case SESSION_GREETING:
		if (!session_has_server(session))
			return STEP_BLOCKED;
		session_greet(session);
		return session->phase == SESSION_SERVING ? STEP_ON : STEP_OVER;
	case SESSION_SERVING:
		return pgwire_buffer_length(&session->in) == 0 ? STEP_NEEDS_INPUT : relay_next(session);
	default:
		return STEP_OVER;
	}
}

/* Deals with what is there until something is lacking, or the server's side is full and stays so. */
static enum step
session_run(struct session *session)
{
	enum step step;
	bool full;

	do {
		do {
			step = session_step(session);
			if (step == STEP_NEEDS_INPUT && session->ended)
				step = session_finish(session) ? STEP_OVER : STEP_BLOCKED;
		} while (step == STEP_ON);
		if (session->phase == SESSION_CLOSED || session->server == NULL)
			return step;
		full = server_is_full(session->server);
		if (pgwire_buffer_length(&session->server->out) > 0)
			server_flush(session->server);
	} while (step == STEP_BLOCKED && full && session->server != NULL && !server_is_full(session->server));
	return step;
}

void
session_process(struct session *session)
{
	enum step step = session_run(session);

	if (session->phase == SESSION_CLOSED)
		return;
	session->blocked = step == STEP_BLOCKED;
	cancel_late(session);
	if (session->in.failed) {
		session_close(session);
		return;
	}
	pool_buffer_give_back(session->pool, &session->in);
	session_flush(session);
}
