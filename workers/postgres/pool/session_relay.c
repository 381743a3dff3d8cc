/* From the client to the server: messages are passed on, and noted for what will come back. */
#include <stdlib.h>
#include <string.h>

#include "workers/postgres/pool/cancel.h"
#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

enum relay_step { STEP_ON, STEP_NEEDS_INPUT, STEP_BLOCKED, STEP_OVER };

/* ---- small parts ---- */

static void
put_message(struct pg_session *session, const struct pgwire_message *message, size_t have)
{
	pgwire_put_bytes(&session->backend->out, session->in.data + session->in.start, have);
	session->left = message->size - have;
	session->left_dropped = false;
	session->left_type = message->type;
}

/* ---- messages ---- */

static enum relay_step
relay_query(struct pg_session *session, const struct pgwire_message *message, size_t have)
{
	struct backend *backend = session->backend;
	const uint8_t *text = session->in.data + session->in.start + SESSION_HEADER_SIZE;
	struct pgwire_buffer *scratch = &session->pool->scratch;
	struct named *taken = NULL;
	size_t length = have;
	struct words words;

	pg_session_doubt_settings(session);
	listening_drop_unsent(session);
	if (have == message->size) {
		words_read(text, have - SESSION_HEADER_SIZE, &session->pool->prepared.names, &words);
		if (!pg_session_prepare_for(session, &words) ||
		    !listening_prepare(session, &words, text, have - SESSION_HEADER_SIZE, backend->unsynced))
			return STEP_BLOCKED;
		pg_session_apply(session, &words, text, have - SESSION_HEADER_SIZE);
		if (pg_session_deallocate(session, &words, &taken)) {
			size_t mark = pgwire_begin_message(&backend->out, 'Q');

			pgwire_put_bytes(&backend->out, scratch->data + scratch->start, pgwire_buffer_length(scratch));
			pgwire_end_message(&backend->out, mark);
			have = 0;
		}
		session->barrier = session->barrier_at_sync || listening_concerns(session);
		session->barrier_at_sync = false;
	} else {
		/* A text that is passed on in pieces may ask for anything. */
		words = (struct words) { .flags = WORDS_SEQUENCE };
		(void)pg_session_prepare_for(session, &words);
		if ((session->lexer = words_lexer_new(&session->pool->prepared.names)) == NULL)
			return STEP_OVER;
		words_feed(session->lexer, text, have - SESSION_HEADER_SIZE);
	}
	pg_audit_note_text(&session->pool->audit, session, text, length - SESSION_HEADER_SIZE);
	pg_session_note_text(session, text, length - SESSION_HEADER_SIZE);
	pg_session_note_statement(session);
	if (have > 0)
		put_message(session, message, have);
	pg_session_forget_unnamed(session);
	backend->unnamed = 0;
	/* A simple query ends a batch as Sync does, unless the batch has failed. */
	backend->unsynced &= backend->skipping;
	backend->nbinds = 0;
	backend_push(backend, (struct request) { .kind = REQUEST_QUERY, .named = taken });
	listening_sent(session, true);
	return STEP_ON;
}

static enum relay_step
relay_extended(struct pg_session *session, const struct pgwire_message *message, size_t have)
{
	int result;

	switch (message->type) {
	case 'P':
		result = pg_session_parse(session, message, have);
		break;
	case 'B':
		result = pg_session_bind(session, message, have);
		break;
	case 'D':
		result = pg_session_describe(session, message);
		break;
	case 'C':
		result = pg_session_close_statement(session, message);
		break;
	default:
		put_message(session, message, have);
		session->backend->unsynced = true;
		backend_push(session->backend, (struct request) { .kind = REQUEST_EXECUTE });
		listening_sent(session, false);
		result = 0;
	}
	return result == -1 ? STEP_OVER : result == 0 ? STEP_ON : STEP_BLOCKED;
}

static enum relay_step
relay_sync(struct pg_session *session, const struct pgwire_message *message, size_t have)
{
	struct backend *backend = session->backend;

	if (backend == NULL) {
		pgwire_put_ready(&session->out, 'I');
		return STEP_ON;
	}
	put_message(session, message, have);
	/* The server ignores it while it waits for CopyData. */
	if (backend->copying)
		return STEP_ON;
	backend->unsynced = false;
	backend->nbinds = 0;
	session->barrier |= session->barrier_at_sync || listening_concerns(session);
	session->barrier_at_sync = false;
	backend_push(backend, (struct request) { .kind = REQUEST_SYNC });
	return STEP_ON;
}

static enum relay_step
relay_flush(struct pg_session *session, const struct pgwire_message *message, size_t have)
{
	if (session->backend != NULL)
		put_message(session, message, have);
	return STEP_ON;
}

/* Data of a COPY that has already ended with an error is dropped. */
static enum relay_step
relay_copy(struct pg_session *session, const struct pgwire_message *message, size_t have)
{
	struct backend *backend = session->backend;

	if (backend == NULL || (!backend->copying && backend->nrequests == 0 && !backend->unsynced)) {
		session->left = message->size - have;
		session->left_dropped = true;
		return STEP_ON;
	}
	put_message(session, message, have);
	if (message->type != 'd' && !backend->copying)
		backend->ncopied++;
	if (message->type != 'd')
		backend->copying = false;
	return STEP_ON;
}

/* Whether it is a function for large objects, which libpq calls by number: these leave nothing after the transaction;
 * others may. */
static bool
is_large_object_function(uint32_t oid)
{
	return (oid >= 952 && oid <= 958) || oid == 715 || oid == 764 || oid == 767 || oid == 964 || oid == 1004 ||
	    (oid >= 3170 && oid <= 3172);
}

static enum relay_step
relay_function(struct pg_session *session, const struct pgwire_message *message, size_t have)
{
	struct pgwire_reader body = { .data = session->in.data + session->in.start + SESSION_HEADER_SIZE,
		.length = have - SESSION_HEADER_SIZE };

	pg_session_doubt_settings(session);
	if (!is_large_object_function(pgwire_get_int32(&body)))
		pg_session_pin(session);
	put_message(session, message, have);
	session->barrier |= listening_concerns(session);
	backend_push(session->backend, (struct request) { .kind = REQUEST_FUNCTION });
	return STEP_ON;
}

/* Terminate: statements under way are still done, as the server would do them. */
static enum relay_step
relay_terminate(struct pg_session *session, const struct pgwire_message *message, size_t have)
{
	(void)message;
	(void)have;
	session->ended = true;
	return pg_session_finish(session) ? STEP_OVER : STEP_BLOCKED;
}

static const struct relay_row {
	char type;
	bool needs_server;
	enum relay_step (*relay)(struct pg_session *session, const struct pgwire_message *message, size_t have);
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

/* After an error that bibd has made, all messages are dropped until Sync, as the server does. */
static enum relay_step
relay_skipped(struct pg_session *session, const struct pgwire_message *message, size_t have)
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

static enum relay_step
relay_message(struct pg_session *session, const struct pgwire_message *message, size_t have)
{
	const struct relay_row *row = relay_find(message->type);
	enum relay_step step;

	if ((session->backend != NULL && session->backend->checking) || listening_waits(session))
		return STEP_BLOCKED;
	if (session->skipping && (session->backend == NULL || message->type == 'X')) {
		step = relay_skipped(session, message, have);
	} else {
		if (session->barrier && session->backend != NULL && session->backend->nrequests > 0)
			return STEP_BLOCKED;
		session->barrier = false;
		if (row->needs_server && (!pg_session_has_server(session) || !listening_catch_up(session)))
			return STEP_BLOCKED;
		if (!row->needs_server && session->backend != NULL &&
		    (backend_is_full(session->backend) || session->backend->state == BACKEND_SYNCING))
			return STEP_BLOCKED;
		step = row->relay(session, message, have);
	}
	if (step == STEP_ON) {
		pgwire_buffer_consume(&session->in, have);
		listening_consumed(session);
	} else if (step == STEP_OVER && session->phase != SESSION_CLOSED && session->phase != SESSION_CLOSING)
		pg_session_end(session, SQLSTATE_PROTOCOL_VIOLATION, "invalid message format");
	return step;
}

/* ---- the stream ---- */

/* The rest of a large message has been passed on. */
static void
relay_left_done(struct pg_session *session)
{
	const struct words *words;

	if (session->lexer == NULL)
		return;
	words = words_end(session->lexer);
	/* What a text that was passed on in pieces does can no longer be followed. */
	if ((words->flags & ~(unsigned)WORDS_SEQUENCE) != 0) {
		session->unseen = true;
		pg_session_pin(session);
	}
	session->pool->sequences_are_read |= (words->flags & WORDS_SEQUENCE) != 0;
	if (session->left_type == 'P')
		session->unnamed.words = (struct words) { .flags = words->flags != 0 ? WORDS_STATE : 0 };
	free(session->lexer);
	session->lexer = NULL;
}

static enum relay_step
relay_left(struct pg_session *session)
{
	struct pgwire_buffer *in = &session->in;
	size_t n = pgwire_buffer_length(in);

	if (n == 0)
		return STEP_NEEDS_INPUT;
	if (!session->left_dropped && session->backend != NULL && backend_is_full(session->backend))
		return STEP_BLOCKED;
	n = n < session->left ? n : session->left;
	if (session->lexer != NULL)
		words_feed(session->lexer, in->data + in->start, n);
	if (!session->left_dropped && session->backend != NULL)
		pgwire_put_bytes(&session->backend->out, in->data + in->start, n);
	pgwire_buffer_consume(in, n);
	session->left -= n;
	if (session->left == 0)
		relay_left_done(session);
	return STEP_ON;
}

/* Whether large messages of this type are passed on in pieces. */
static bool
is_piecemeal(char type)
{
	return type == 'Q' || type == 'P' || type == 'B' || type == 'd' || type == 'F';
}

static enum relay_step
relay_next(struct pg_session *session)
{
	struct pgwire_message message;
	size_t have, wanted;
	int found;

	if (session->left > 0)
		return relay_left(session);
	if ((found = pgwire_next_message(&session->in, &message, &wanted)) == -1) {
		pg_session_end(session, SQLSTATE_PROTOCOL_VIOLATION, "invalid frontend message");
		return STEP_OVER;
	}
	if (found == 1)
		return relay_message(session, &message, message.size);
	have = pgwire_buffer_length(&session->in);
	if (wanted <= POOL_MESSAGE_MAX || have < POOL_BLOCK_SIZE / 2 ||
	    !is_piecemeal((char)session->in.data[session->in.start]))
		return STEP_NEEDS_INPUT;
	message.type = (char)session->in.data[session->in.start];
	message.size = wanted;
	return relay_message(session, &message, have);
}

static enum relay_step
pg_session_step(struct pg_session *session)
{
	switch (session->phase) {
	case SESSION_STARTING:
		return pg_session_step_startup(session)	 ? STEP_ON
		    : session->phase == SESSION_STARTING ? STEP_NEEDS_INPUT
							 : STEP_OVER;
	case SESSION_GREETING:
		if (!pg_session_has_server(session))
			return STEP_BLOCKED;
		pg_session_greet(session);
		return session->phase == SESSION_SERVING ? STEP_ON : STEP_OVER;
	case SESSION_SERVING:
		return pgwire_buffer_length(&session->in) == 0 ? STEP_NEEDS_INPUT : relay_next(session);
	default:
		return STEP_OVER;
	}
}

/* Handles messages until one is incomplete, something must be awaited, or the server's side is full. */
static enum relay_step
pg_session_run(struct pg_session *session)
{
	enum relay_step step;
	bool full;

	do {
		do {
			step = pg_session_step(session);
			if (step == STEP_NEEDS_INPUT && session->ended)
				step = pg_session_finish(session) ? STEP_OVER : STEP_BLOCKED;
		} while (step == STEP_ON);
		if (session->phase == SESSION_CLOSED || session->backend == NULL)
			return step;
		full = backend_is_full(session->backend);
		if (pgwire_buffer_length(&session->backend->out) > 0)
			backend_flush(session->backend);
	} while (step == STEP_BLOCKED && full && session->backend != NULL && !backend_is_full(session->backend));
	return step;
}

void
pg_session_process(struct pg_session *session)
{
	enum relay_step step = pg_session_run(session);

	if (session->phase == SESSION_CLOSED)
		return;
	session->blocked = step == STEP_BLOCKED;
	cancel_late(session);
	if (session->in.failed) {
		pg_session_close(session);
		return;
	}
	pg_pool_buffer_give_back(session->pool, &session->in);
	pg_session_flush(session);
}
