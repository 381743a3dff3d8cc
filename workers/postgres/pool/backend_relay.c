/* From the server to the client: answers, in the order of the requests. */
#include <endian.h>
#include <string.h>
#include <bsd/string.h>

#include "workers/postgres/pool/backend_answer.h"
#include "workers/postgres/pool/session.h"

const char *
answer_text(const struct answer *answer)
{
	return (const char *)answer->data + ANSWER_HEADER_SIZE;
}

bool
answer_is_injected(const struct backend *backend)
{
	const struct request *head = backend_head(backend);

	return head != NULL && (head->flags & REQUEST_INJECTED) != 0;
}

void
answer_pass(struct backend *backend, const struct answer *answer, bool drop)
{
	drop |= backend->session == NULL;
	if (!drop)
		pgwire_put_bytes(&backend->session->out, answer->data, answer->have);
	backend->left = answer->size - answer->have;
	backend->left_dropped = drop;
}

/* A notice goes to the session that has the connection; the notice of a request of bibd's own goes to none. */
static void
take_notice(struct backend *backend, const struct answer *answer)
{
	const struct request *head = backend_head(backend);

	answer_pass(backend, answer, answer_is_injected(backend) && (head->flags & REQUEST_HEARD) == 0);
}

static void
take_parameter(struct backend *backend, const struct answer *answer)
{
	struct pg_session *session = backend->session;
	struct pgwire_reader body = { .data = answer->data + ANSWER_HEADER_SIZE,
		.length = answer->size - ANSWER_HEADER_SIZE };
	const char *name = pgwire_get_string(&body), *value = pgwire_get_string(&body);

	if (session != NULL && !body.failed && !answer_is_injected(backend)) {
		session->dates += pg_settings_decide_dates(name) ? 1 : 0;
		if (strcmp(name, "standard_conforming_strings") == 0 || strcmp(name, "client_encoding") == 0)
			pg_session_lose_texts(session);
	}
	if (!body.failed)
		backend_parameter_set(backend, name, value);
	if (!body.failed && session != NULL && strcmp(name, "application_name") == 0)
		(void)strlcpy(session->application, value, sizeof(session->application));
	if (session != NULL && strcmp(name, "client_encoding") == 0)
		listening_note_encoding(session);
	/* No SET that bibd knows of has changed this: some function did. */
	if (session != NULL && !answer_is_injected(backend) && session->pending == NULL && !session->discarding)
		pg_session_pin(session);
	/* After a reload of the server's configuration, sessions may start with other values. */
	if (session == NULL && backend->state == BACKEND_IDLE)
		backend->pool->generation++;
	answer_pass(backend, answer, answer_is_injected(backend) && !(session != NULL && session->tell_parameters));
}

/* A notification on the session's own connection is passed on unless the listener tells it too (listener.h): some
 * function, or a text that was not understood, has run LISTEN. */
static int
take_notification(struct backend *backend, const struct answer *answer)
{
	struct pgwire_reader body = { .data = answer->data + ANSWER_HEADER_SIZE,
		.length = answer->size - ANSWER_HEADER_SIZE };
	struct pg_session *session = backend->session;

	if (backend->is_listener) {
		listener_take_notification(backend, answer);
		return 0;
	}
	if (session == NULL) {
		backend->dirty |= !backend->listens && backend->state != BACKEND_CLEANING;
		return 0;
	}
	(void)pgwire_get_int32(&body);
	if (listening_has(session, pgwire_get_string(&body)))
		return 0;
	pg_session_pin(session);
	listening_put(session, &session->out, answer);
	return 0;
}

static void
take_copy_in(struct backend *backend, const struct answer *answer)
{
	const struct request *head = backend_head(backend);

	backend_note_written(backend, "COPY IN");
	if (backend->ncopied > 0)
		backend->ncopied--;
	else
		backend->copying = true;
	/* A Sync that the client sent along is read as a part of the copy, and not answered. */
	if (head != NULL && head->kind == REQUEST_EXECUTE)
		backend_forget_syncs(backend);
	/* Nor is it a barrier then: the data must pass. The Sync that ends the copy is one. */
	if (backend->session != NULL && backend->session->barrier && backend->nrequests == 1) {
		backend->session->barrier = false;
		backend->session->barrier_at_sync = true;
		pg_session_make_runnable(backend->session);
	}
	answer_pass(backend, answer, answer_is_injected(backend));
	/* A client that has gone will send no data either. */
	if (backend->session != NULL && backend->session->blocked && backend->session->ended)
		pg_session_make_runnable(backend->session);
	/* The server would wait for ever for the data of a client that has gone; a cancel does not reach it while it
	 * waits. */
	if (backend->session == NULL && backend->state == BACKEND_CLEANING) {
		size_t mark = pgwire_begin_message(&backend->out, 'f');

		pgwire_put_string(&backend->out, "the client has gone");
		pgwire_end_message(&backend->out, mark);
		backend->copying = false;
		if (backend->unsynced)
			backend_inject_sync(backend);
		backend_flush(backend);
	}
}

/* The connection is ready after requests of bibd's own: its settings are made, or it is being cleaned. */
static void
ready_for_bibd(struct backend *backend)
{
	struct pg_session *session = backend->session;

	if (backend->is_listener) {
		listener_ready(backend);
		return;
	}
	if (backend->state == BACKEND_CLEANING) {
		if (backend->nrequests > 0 || backend->unsynced)
			return;
		if (backend->sync_failed)
			backend_lost(backend, "it could not be cleaned");
		else
			backend_clean(backend);
		return;
	}
	if (backend->state == BACKEND_LEARNING && backend->nrequests == 0)
		backend_learnt(backend);
	if (session != NULL && session->listening != NULL && session->listening->resolving && backend->nrequests == 0) {
		listening_resolve(session);
		return;
	}
	/* A session whose client has gone ends when all that it had sent is done. */
	if (session != NULL && session->blocked && backend->nrequests == 0)
		pg_session_make_runnable(session);
	if (backend->state != BACKEND_SYNCING || session == NULL || backend->nrequests > 0)
		return;
	session->tell_parameters = false;
	pg_settings_release(&backend->pool->settings, backend->applied);
	backend->applied = NULL;
	if (backend->sync_failed) {
		backend->dirty = true;
		backend_move(backend, BACKEND_ACTIVE);
		pg_session_close_when_sent(session);
		return;
	}
	backend->applied = pg_settings_reference(session->settings);
	backend_move(backend, session->pinned ? BACKEND_PINNED : BACKEND_ACTIVE);
	pg_session_make_runnable(session);
}

static int
take_ready(struct backend *backend, const struct answer *answer)
{
	const struct request *head = backend_head(backend);
	struct pg_session *session = backend->session;
	bool injected = answer_is_injected(backend), held;

	if (head == NULL || answer->size != ANSWER_HEADER_SIZE + 1)
		return -1;
	if (head->kind != REQUEST_QUERY && head->kind != REQUEST_FUNCTION && head->kind != REQUEST_SYNC)
		return -1;
	backend->skipping = backend->copying = false;
	if (backend->nrequests == 1)
		backend->ncopied = 0;
	backend->status = answer_text(answer)[0];
	if (backend->status == 'I')
		backend_note_end(backend);
	if (backend->has_made_functions && backend->status == 'I') {
		backend->has_made_functions = false;
		backend->pool->functions_old = true;
	}
	if (!injected && backend->status == 'I')
		backend_warn_of_commit(backend);
	held = !injected && session != NULL && backend->status == 'I' && listening_concerns(session);
	answer_pass(backend, answer, injected || held);
	backend_pop(backend);
	if (injected || session == NULL)
		ready_for_bibd(backend);
	else if (held)
		listening_settle(session);
	else
		pg_session_query_done(session, backend->status);
	return 0;
}

/* The first request is a Describe of bibd's own: what its answers say is kept. */
static void
take_description(struct backend *backend, const struct answer *answer)
{
	const uint8_t *body = answer->data + ANSWER_HEADER_SIZE;

	if (!backend_learns(backend, answer->type))
		return;
	if (answer->have < answer->size)
		backend_learn_nothing(backend);
	else if (answer->type == 't')
		backend_learn_types(backend, body, answer->size - ANSWER_HEADER_SIZE);
	else
		backend_learn_row(backend, answer->type == 'n' ? NULL : body, answer->size - ANSWER_HEADER_SIZE);
}

/* Whether messages of this type are read whole before they are handled; others are passed on in pieces. */
static bool
is_whole_type(char type)
{
	return strchr("ZCS123IsnA", type) != NULL;
}

static int
take_answer(struct backend *backend, const struct answer *answer)
{
	switch (answer->type) {
	case 'Z':
		return take_ready(backend, answer);
	case 'C':
		return answer_take_complete(backend, answer);
	case 'I':
	case 's':
		return answer_take_step(backend, answer, REQUEST_EXECUTE);
	case 'T':
	case 'n':
		take_description(backend, answer);
		return answer_take_step(backend, answer, REQUEST_DESCRIBE);
	case '1':
		return answer_take_step(backend, answer, REQUEST_PARSE);
	case '2':
		return answer_take_step(backend, answer, REQUEST_BIND);
	case '3':
		return answer_take_step(backend, answer, REQUEST_CLOSE);
	case 'E':
		answer_take_error(backend, answer);
		return 0;
	case 'N':
		take_notice(backend, answer);
		return 0;
	case 'S':
		take_parameter(backend, answer);
		return 0;
	case 'A':
		return take_notification(backend, answer);
	case 'G':
		take_copy_in(backend, answer);
		return 0;
	case 'D':
		if (backend->state == BACKEND_LEARNING && answer->have == answer->size)
			backend_learn_name(backend, answer->data + ANSWER_HEADER_SIZE,
			    answer->size - ANSWER_HEADER_SIZE);
		if (backend->session != NULL && backend->session->listening != NULL &&
		    backend->session->listening->resolving && answer_is_injected(backend) &&
		    answer->have == answer->size)
			listening_take_row(backend->session, answer->data + ANSWER_HEADER_SIZE,
			    answer->size - ANSWER_HEADER_SIZE);
		answer_pass(backend, answer, answer_is_injected(backend));
		return 0;
	case 't':
		take_description(backend, answer);
		/* FALLTHROUGH */
	case 'd':
	case 'c':
	case 'H':
	case 'V':
		answer_pass(backend, answer, answer_is_injected(backend));
		return 0;
	default:
		return -1;
	}
}

/* The rest of a large message. True when there is more to look at. */
static bool
pass_left(struct backend *backend)
{
	struct pgwire_buffer *in = &backend->in;
	size_t n = pgwire_buffer_length(in);

	n = n < backend->left ? n : backend->left;
	if (!backend->left_dropped && backend->session != NULL)
		pgwire_put_bytes(&backend->session->out, in->data + in->start, n);
	pgwire_buffer_consume(in, n);
	backend->left -= n;
	if (backend->left > 0)
		return false;
	if (backend->pop_when_left) {
		backend->pop_when_left = false;
		backend_pop(backend);
	}
	return true;
}

/* Takes what has been read. -1: the server does not speak the protocol. */
int
backend_take_answers(struct backend *backend)
{
	struct pgwire_buffer *in = &backend->in;
	struct answer answer;
	uint32_t length;

	while (backend->state != BACKEND_CLOSED && pgwire_buffer_length(in) > 0) {
		if (backend->left > 0) {
			if (!pass_left(backend))
				break;
			continue;
		}
		answer.data = in->data + in->start;
		answer.have = pgwire_buffer_length(in);
		if (answer.have < ANSWER_HEADER_SIZE)
			break;
		answer.type = (char)answer.data[0];
		memcpy(&length, answer.data + 1, sizeof(length));
		length = be32toh(length);
		if (length < 4 || length > PGWIRE_MESSAGE_MAX)
			return -1;
		answer.size = (size_t)length + 1;
		if (answer.have < answer.size &&
		    (is_whole_type(answer.type) || answer.have < ANSWER_ERROR_HEAD_SIZE ||
			(backend_learns(backend, answer.type) && answer.size <= POOL_MESSAGE_MAX))) {
			if (answer.size > POOL_MESSAGE_MAX && is_whole_type(answer.type))
				return -1;
			break;
		}
		answer.have = answer.have < answer.size ? answer.have : answer.size;
		if (take_answer(backend, &answer) == -1)
			return -1;
		if (backend->state != BACKEND_CLOSED)
			pgwire_buffer_consume(in, answer.have);
	}
	return 0;
}
