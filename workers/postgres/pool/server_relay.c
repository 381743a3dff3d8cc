/* From the server to the client: answers, in the order of the requests. */
#include <endian.h>
#include <string.h>
#include <bsd/string.h>

#include "workers/postgres/pool/server_answer.h"
#include "workers/postgres/pool/session.h"

static const char *
answer_text(const struct answer *answer)
{
	return (const char *)answer->data + ANSWER_HEADER_SIZE;
}

bool
answer_is_injected(const struct server *server)
{
	const struct request *head = server_head(server);

	return head != NULL && (head->flags & REQUEST_INJECTED) != 0;
}

void
answer_pass(struct server *server, const struct answer *answer, bool drop)
{
	drop |= server->session == NULL;
	if (!drop)
		pgwire_put_bytes(&server->session->out, answer->data, answer->have);
	server->left = answer->size - answer->have;
	server->left_dropped = drop;
}

/* A notice is for whoever has the connection; that of a request of bibd's own for nobody. */
static void
take_notice(struct server *server, const struct answer *answer)
{
	const struct request *head = server_head(server);

	answer_pass(server, answer, answer_is_injected(server) && (head->flags & REQUEST_HEARD) == 0);
}

static void
take_parameter(struct server *server, const struct answer *answer)
{
	struct session *session = server->session;
	struct pgwire_reader body = { .data = answer->data + ANSWER_HEADER_SIZE, .length = answer->size - ANSWER_HEADER_SIZE };
	const char *name = pgwire_get_string(&body), *value = pgwire_get_string(&body);

	if (session != NULL && !body.failed && !answer_is_injected(server)) {
		session->dates += settings_decide_dates(name) ? 1 : 0;
		if (strcmp(name, "standard_conforming_strings") == 0 || strcmp(name, "client_encoding") == 0)
			session_lose_texts(session);
	}
	if (!body.failed)
		server_parameter_set(server, name, value);
	if (!body.failed && session != NULL && strcmp(name, "application_name") == 0)
		(void)strlcpy(session->application, value, sizeof(session->application));
	if (session != NULL && strcmp(name, "client_encoding") == 0)
		listening_note_encoding(session);
	/* Not by a SET that is known of: some function did it. */
	if (session != NULL && !answer_is_injected(server) && session->pending == NULL && !session->discarding)
		session_pin(session);
	/* A reload of the server's configuration changes what it starts sessions with. */
	if (session == NULL && server->state == SERVER_IDLE)
		server->pool->generation++;
	answer_pass(server, answer, answer_is_injected(server) && !(session != NULL && session->tell_parameters));
}

/* What comes on a session's own connection is passed on if the listener does not tell it (listener.h): some function, or a
 * text that was not understood, has said LISTEN. */
static int
take_notification(struct server *server, const struct answer *answer)
{
	struct pgwire_reader body = { .data = answer->data + ANSWER_HEADER_SIZE, .length = answer->size - ANSWER_HEADER_SIZE };
	struct session *session = server->session;

	if (server->is_listener) {
		listener_take_notification(server, answer);
		return 0;
	}
	if (session == NULL) {
		server->dirty |= !server->listens && server->state != SERVER_CLEANING;
		return 0;
	}
	(void)pgwire_get_int32(&body);
	if (listening_has(session, pgwire_get_string(&body)))
		return 0;
	session_pin(session);
	listening_put(session, &session->out, answer);
	return 0;
}

/* A step of the extended protocol is done, if it was this one's turn. */
static int
take_step(struct server *server, const struct answer *answer, enum request_kind kind)
{
	const struct request *head = server_head(server);

	if (head == NULL || head->kind != kind) {
		/* Rows and the like within a simple query. */
		answer_pass(server, answer, answer_is_injected(server));
		return head != NULL && head->kind == REQUEST_QUERY ? 0 : -1;
	}
	answer_pass(server, answer, (head->flags & REQUEST_INJECTED) != 0);
	if (server->left == 0)
		server_pop(server);
	else
		server->pop_when_left = true;
	return 0;
}

/* These end the settings statements that session_words.c expects. */
static void
note_settings_tag(struct session *session, const char *tag)
{
	if (session->pending != NULL &&
	    (strcmp(tag, "SET") == 0 || strcmp(tag, "RESET") == 0 || strcmp(tag, "DISCARD ALL") == 0))
		session->pending_done = true;
}

/* Functions, or what calls them without being named. */
static bool
makes_functions(const char *tag)
{
	static const char *const tags[] = { "CREATE FUNCTION", "CREATE PROCEDURE", "CREATE TRIGGER", "CREATE VIEW",
		"CREATE MATERIALIZED VIEW", "CREATE EXTENSION", "CREATE RULE", "ALTER FUNCTION", "ALTER PROCEDURE",
		"ALTER VIEW", "ALTER TABLE", "DO" };

	if (*tag != 'C' && *tag != 'A' && *tag != 'D')
		return false;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (strcmp(tag, tags[i]) == 0)
			return true;
	return false;
}

/* What only the server knows for certain: that a statement which changes what bibd keeps count of has been done. */
static void
note_tag(struct server *server, const char *tag)
{
	struct session *session = server->session;

	if (strcmp(tag, "DISCARD ALL") == 0 || strcmp(tag, "DEALLOCATE ALL") == 0) {
		cache_clear(&server->cache);
		if (session != NULL)
			names_clear(&session->names);
	} else if (session != NULL && strcmp(tag, "LISTEN") == 0) {
		/* Unless it is known of. */
		if (session->listening == NULL || session->listening->nactions == 0)
			session_pin(session);
	} else if (session != NULL &&
	    (strcmp(tag, "LOAD") == 0 || strcmp(tag, "PREPARE") == 0 || strcmp(tag, "DO") == 0)) {
		session_pin(session);
	}
}

static int
take_complete(struct server *server, const struct answer *answer)
{
	const char *tag = answer_text(answer);

	server->copying = false;
	if (!answer_is_injected(server) && tag[answer->size - ANSWER_HEADER_SIZE - 1] == '\0') {
		if (server->session != NULL)
			note_settings_tag(server->session, tag);
		if (*tag == 'D' || *tag == 'L' || *tag == 'P')
			note_tag(server, tag);
		server->has_made_functions |= makes_functions(tag);
		server_note_definition(server, tag);
	}
	return take_step(server, answer, REQUEST_EXECUTE);
}

static void
take_copy_in(struct server *server, const struct answer *answer)
{
	const struct request *head = server_head(server);

	if (server->ncopied > 0)
		server->ncopied--;
	else
		server->copying = true;
	/* A Sync that the client sent along is read as a part of the copy, and not answered. */
	if (head != NULL && head->kind == REQUEST_EXECUTE)
		server_forget_syncs(server);
	/* Nor is it a barrier then: the data must come through. The Sync that is heeded is one. */
	if (server->session != NULL && server->session->barrier && server->nrequests == 1) {
		server->session->barrier = false;
		server->session->barrier_at_sync = true;
		session_make_runnable(server->session);
	}
	answer_pass(server, answer, answer_is_injected(server));
	/* Nor will there be any from a client that has gone already. */
	if (server->session != NULL && server->session->blocked && server->session->ended)
		session_make_runnable(server->session);
	/* It would wait for ever for the data of a client that has gone; a cancel does not reach it there. */
	if (server->session == NULL && server->state == SERVER_CLEANING) {
		size_t mark = pgwire_begin_message(&server->out, 'f');

		pgwire_put_string(&server->out, "the client has gone");
		pgwire_end_message(&server->out, mark);
		server->copying = false;
		if (server->unsynced)
			server_inject_sync(server);
		server_flush(server);
	}
}

/* A connection of bibd's own business: its settings are made, or it is being cleaned. */
static void
ready_for_bibd(struct server *server)
{
	struct session *session = server->session;

	if (server->is_listener) {
		listener_ready(server);
		return;
	}
	if (server->state == SERVER_CLEANING) {
		if (server->nrequests > 0 || server->unsynced)
			return;
		if (server->sync_failed)
			server_lost(server, "it could not be cleaned");
		else
			server_clean(server);
		return;
	}
	if (server->state == SERVER_LEARNING && server->nrequests == 0)
		server_learnt(server);
	if (session != NULL && session->listening != NULL && session->listening->resolving && server->nrequests == 0) {
		listening_resolve(session);
		return;
	}
	/* It ends when all that it has sent is done. */
	if (session != NULL && session->blocked && server->nrequests == 0)
		session_make_runnable(session);
	if (server->state != SERVER_SYNCING || session == NULL || server->nrequests > 0)
		return;
	session->tell_parameters = false;
	settings_release(&server->pool->settings, server->applied);
	server->applied = NULL;
	if (server->sync_failed) {
		server->dirty = true;
		server_move(server, SERVER_ACTIVE);
		session_close_when_sent(session);
		return;
	}
	server->applied = settings_reference(session->settings);
	server_move(server, session->pinned ? SERVER_PINNED : SERVER_ACTIVE);
	session_make_runnable(session);
}

static int
take_ready(struct server *server, const struct answer *answer)
{
	const struct request *head = server_head(server);
	struct session *session = server->session;
	bool injected = answer_is_injected(server), held;

	if (head == NULL || answer->size != ANSWER_HEADER_SIZE + 1)
		return -1;
	if (head->kind != REQUEST_QUERY && head->kind != REQUEST_FUNCTION && head->kind != REQUEST_SYNC)
		return -1;
	server->skipping = server->copying = false;
	if (server->nrequests == 1)
		server->ncopied = 0;
	server->status = answer_text(answer)[0];
	if (server->status == 'I')
		server_note_end(server);
	if (server->has_made_functions && server->status == 'I') {
		server->has_made_functions = false;
		server->pool->functions_old = true;
	}
	held = !injected && session != NULL && server->status == 'I' && listening_concerns(session);
	answer_pass(server, answer, injected || held);
	server_pop(server);
	if (injected || session == NULL)
		ready_for_bibd(server);
	else if (held)
		listening_settle(session);
	else
		session_query_done(session, server->status);
	return 0;
}

/* The first request is a Describe of bibd's own: what its answers say is kept. */
static void
take_description(struct server *server, const struct answer *answer)
{
	const uint8_t *body = answer->data + ANSWER_HEADER_SIZE;

	if (!server_learns(server, answer->type))
		return;
	if (answer->have < answer->size)
		server_learn_nothing(server);
	else if (answer->type == 't')
		server_learn_types(server, body, answer->size - ANSWER_HEADER_SIZE);
	else
		server_learn_row(server, answer->type == 'n' ? NULL : body, answer->size - ANSWER_HEADER_SIZE);
}

/* Messages that are dealt with whole; others are passed on as they come. */
static bool
is_whole_type(char type)
{
	return strchr("ZCS123IsnA", type) != NULL;
}

static int
take_answer(struct server *server, const struct answer *answer)
{
	switch (answer->type) {
	case 'Z':
		return take_ready(server, answer);
	case 'C':
		return take_complete(server, answer);
	case 'I':
	case 's':
		return take_step(server, answer, REQUEST_EXECUTE);
	case 'T':
	case 'n':
		take_description(server, answer);
		return take_step(server, answer, REQUEST_DESCRIBE);
	case '1':
		return take_step(server, answer, REQUEST_PARSE);
	case '2':
		return take_step(server, answer, REQUEST_BIND);
	case '3':
		return take_step(server, answer, REQUEST_CLOSE);
	case 'E':
		answer_take_error(server, answer);
		return 0;
	case 'N':
		take_notice(server, answer);
		return 0;
	case 'S':
		take_parameter(server, answer);
		return 0;
	case 'A':
		return take_notification(server, answer);
	case 'G':
		take_copy_in(server, answer);
		return 0;
	case 'D':
		if (server->state == SERVER_LEARNING && answer->have == answer->size)
			server_learn_name(server, answer->data + ANSWER_HEADER_SIZE, answer->size - ANSWER_HEADER_SIZE);
		if (server->session != NULL && server->session->listening != NULL && server->session->listening->resolving &&
		    answer_is_injected(server) && answer->have == answer->size)
			listening_take_row(server->session, answer->data + ANSWER_HEADER_SIZE, answer->size - ANSWER_HEADER_SIZE);
		answer_pass(server, answer, answer_is_injected(server));
		return 0;
	case 't':
		take_description(server, answer);
		/* FALLTHROUGH */
	case 'd':
	case 'c':
	case 'H':
	case 'V':
		answer_pass(server, answer, answer_is_injected(server));
		return 0;
	default:
		return -1;
	}
}

/* The rest of a large message. True when there is more to look at. */
static bool
pass_left(struct server *server)
{
	struct pgwire_buffer *in = &server->in;
	size_t n = pgwire_buffer_length(in);

	n = n < server->left ? n : server->left;
	if (!server->left_dropped && server->session != NULL)
		pgwire_put_bytes(&server->session->out, in->data + in->start, n);
	pgwire_buffer_consume(in, n);
	server->left -= n;
	if (server->left > 0)
		return false;
	if (server->pop_when_left) {
		server->pop_when_left = false;
		server_pop(server);
	}
	return true;
}

/* Takes what has been read. -1: the server does not speak the protocol. */
int
server_take_answers(struct server *server)
{
	struct pgwire_buffer *in = &server->in;
	struct answer answer;
	uint32_t length;

	while (server->state != SERVER_CLOSED && pgwire_buffer_length(in) > 0) {
		if (server->left > 0) {
			if (!pass_left(server))
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
		if (answer.have < answer.size && (is_whole_type(answer.type) || answer.have < ANSWER_ERROR_HEAD_SIZE ||
		    (server_learns(server, answer.type) && answer.size <= POOL_MESSAGE_MAX))) {
			if (answer.size > POOL_MESSAGE_MAX && is_whole_type(answer.type))
				return -1;
			break;
		}
		answer.have = answer.have < answer.size ? answer.have : answer.size;
		if (take_answer(server, &answer) == -1)
			return -1;
		if (server->state != SERVER_CLOSED)
			pgwire_buffer_consume(in, answer.have);
	}
	return 0;
}
