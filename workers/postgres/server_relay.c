/* From the server to the client: answers, in the order of the requests. */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "workers/postgres/server.h"
#include "workers/postgres/session.h"

#define HEADER_SIZE 5
/* Enough of an error to have its severity and code. */
#define ERROR_HEAD_SIZE 256

struct answer {
	char type;
	const uint8_t *data; /* whole message, or its first part */
	size_t size;	     /* of the whole message */
	size_t have;
};

static const char *
answer_text(const struct answer *answer)
{
	return (const char *)answer->data + HEADER_SIZE;
}

/* The field of an error or notice, if it is in the part that is there and ends there. */
static const char *
error_field(const struct answer *answer, char code)
{
	const uint8_t *p = answer->data + HEADER_SIZE, *end = answer->data + answer->have;

	while (p < end && *p != '\0') {
		const uint8_t *nul = memchr(p, '\0', (size_t)(end - p));

		if (nul == NULL)
			return NULL;
		if (*p == (uint8_t)code)
			return (const char *)p + 1;
		p = nul + 1;
	}
	return NULL;
}

static bool
error_is_fatal(const struct answer *answer)
{
	const char *severity = error_field(answer, 'V');

	return severity != NULL && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

static bool
is_injected(const struct server *server)
{
	const struct request *head = server_head(server);

	return head != NULL && (head->flags & REQUEST_INJECTED) != 0;
}

/* Passes the message on, or notes that the rest of it is dropped. */
static void
pass(struct server *server, const struct answer *answer, bool drop)
{
	drop |= server->session == NULL;
	if (!drop)
		pgwire_put_bytes(&server->session->out, answer->data, answer->have);
	server->left = answer->size - answer->have;
	server->left_dropped = drop;
}

/* ---- errors ---- */

/* The settings of a session that is only starting: the error ends it, and says so. */
static void
put_as_fatal(struct session *session, const struct answer *answer)
{
	size_t mark = pgwire_begin_message(&session->out, 'E');
	const uint8_t *p = answer->data + HEADER_SIZE, *end = answer->data + answer->have;

	while (p < end && *p != '\0') {
		const uint8_t *nul = memchr(p, '\0', (size_t)(end - p));

		if (nul == NULL)
			break;
		pgwire_put_byte(&session->out, *p);
		pgwire_put_string(&session->out, *p == 'S' || *p == 'V' ? "FATAL" : (const char *)p + 1);
		p = nul + 1;
	}
	pgwire_put_byte(&session->out, 0);
	pgwire_end_message(&session->out, mark);
}

static void
put_name_in_use(struct session *session, const struct request *head)
{
	struct report r = { 0 };

	(void)report_set(&r, SQLSTATE_DUPLICATE_PREPARED_STATEMENT, "prepared statement \"%s\" already exists",
	    head->named != NULL ? head->named->name : "");
	pgwire_put_report(&session->out, REPORT_ERROR, &r);
	report_reset(&r);
}

/* A statement that should have been there is not: something went past the words. It will be made again. */
static void
forget_lost_statements(struct server *server, const struct answer *answer)
{
	const char *code = error_field(answer, 'C');

	if (code == NULL || strcmp(code, "26000") != 0)
		return;
	cache_clear(&server->cache);
	server->unnamed = 0;
	server->dirty = true;
}

/* What a role may not, as the server words it: objects have names there, and no values. */
static void
note_refusal(struct server *server, const struct answer *answer)
{
	const char *code = error_field(answer, 'C'), *message = error_field(answer, 'M');

	if (server->session != NULL && code != NULL && message != NULL && strcmp(code, "42501") == 0)
		audit_add(&server->session->pool->audit, server->session, "refused", message, code);
}

static void
take_request_error(struct server *server, const struct request *head, const struct answer *answer)
{
	struct session *session = server->session;

	if (session != NULL)
		session->failed = true;
	if (head == NULL || head->kind == REQUEST_SYNC) {
		pass(server, answer, false);
		return;
	}
	if (head->kind == REQUEST_QUERY || head->kind == REQUEST_FUNCTION) {
		if (server->state == SERVER_SYNCING && session != NULL) {
			server->sync_failed = true;
			put_as_fatal(session, answer);
		}
		if (server->state == SERVER_CLEANING && (head->flags & REQUEST_INJECTED) != 0)
			server->sync_failed = true;
		pass(server, answer, (head->flags & REQUEST_INJECTED) != 0);
		return;
	}
	if ((head->flags & REQUEST_REPLACED) != 0 && session != NULL)
		put_name_in_use(session, head);
	else if (head->kind == REQUEST_BIND || head->kind == REQUEST_DESCRIBE)
		forget_lost_statements(server, answer);
	pass(server, answer, (head->flags & (REQUEST_QUIET | REQUEST_REPLACED)) != 0);
	server_skip_to_sync(server);
	if (server->state == SERVER_CLEANING && server->skipping) {
		server_inject_sync(server);
		server_flush(server);
	}
}

static void
take_error(struct server *server, const struct answer *answer)
{
	server->copying = false;
	if (error_is_fatal(answer)) {
		server->fatal = true;
		pass(server, answer, server->state == SERVER_SYNCING);
		return;
	}
	note_refusal(server, answer);
	take_request_error(server, server_head(server), answer);
}

/* ---- the rest of the answers ---- */

/* A notice is for whoever has the connection; that of a request of bibd's own for nobody. */
static void
take_notice(struct server *server, const struct answer *answer)
{
	pass(server, answer, is_injected(server));
}

static void
take_parameter(struct server *server, const struct answer *answer)
{
	struct session *session = server->session;
	struct pgwire_reader body = { .data = answer->data + HEADER_SIZE, .length = answer->size - HEADER_SIZE };
	const char *name = pgwire_get_string(&body), *value = pgwire_get_string(&body);

	if (!body.failed)
		server_parameter_set(server, name, value);
	/* Not by a SET that is known of: some function did it. */
	if (session != NULL && !is_injected(server) && session->pending == NULL && !session->discarding)
		session_pin(session);
	/* A reload of the server's configuration changes what it starts sessions with. */
	if (session == NULL && server->state == SERVER_IDLE)
		server->pool->generation++;
	pass(server, answer, is_injected(server) && !(session != NULL && session->tell_parameters));
}

static void
take_notification(struct server *server, const struct answer *answer)
{
	if (server->session != NULL)
		session_pin(server->session);
	else
		server->dirty = true;
	pass(server, answer, false);
}

/* A step of the extended protocol is done, if it was this one's turn. */
static int
take_step(struct server *server, const struct answer *answer, enum request_kind kind)
{
	const struct request *head = server_head(server);

	if (head == NULL || head->kind != kind) {
		/* Rows and the like within a simple query. */
		pass(server, answer, is_injected(server));
		return head != NULL && head->kind == REQUEST_QUERY ? 0 : -1;
	}
	pass(server, answer, (head->flags & REQUEST_INJECTED) != 0);
	if (server->left == 0)
		server_pop(server);
	else
		server->pop_when_left = true;
	return 0;
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
	} else if (session != NULL && (strcmp(tag, "LISTEN") == 0 || strcmp(tag, "LOAD") == 0 ||
	    strcmp(tag, "PREPARE") == 0 || strcmp(tag, "DO") == 0)) {
		session_pin(session);
	}
}

static int
take_complete(struct server *server, const struct answer *answer)
{
	const char *tag = answer_text(answer);

	server->copying = false;
	if ((*tag == 'D' || *tag == 'L' || *tag == 'P') && !is_injected(server) && tag[answer->size - HEADER_SIZE - 1] == '\0')
		note_tag(server, tag);
	return take_step(server, answer, REQUEST_EXECUTE);
}

static void
take_copy_in(struct server *server, const struct answer *answer)
{
	const struct request *head = server_head(server);

	server->copying = true;
	/* A Sync that the client sent along is read as a part of the copy, and not answered. */
	if (head != NULL && head->kind == REQUEST_EXECUTE)
		server_forget_syncs(server);
	pass(server, answer, is_injected(server));
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

	if (server->state == SERVER_CLEANING) {
		if (server->nrequests > 0 || server->unsynced)
			return;
		if (server->sync_failed)
			server_lost(server, "it could not be cleaned");
		else
			server_clean(server);
		return;
	}
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
	bool injected = is_injected(server);

	if (head == NULL || answer->size != HEADER_SIZE + 1)
		return -1;
	if (head->kind != REQUEST_QUERY && head->kind != REQUEST_FUNCTION && head->kind != REQUEST_SYNC)
		return -1;
	server->skipping = server->copying = false;
	server->status = answer_text(answer)[0];
	pass(server, answer, injected);
	server_pop(server);
	if (injected || session == NULL)
		ready_for_bibd(server);
	else
		session_query_done(session, server->status);
	return 0;
}

/* Messages that are dealt with whole; others are passed on as they come. */
static bool
is_whole_type(char type)
{
	return memchr("ZCS123Isn", type, 9) != NULL;
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
		return take_step(server, answer, REQUEST_DESCRIBE);
	case '1':
		return take_step(server, answer, REQUEST_PARSE);
	case '2':
		return take_step(server, answer, REQUEST_BIND);
	case '3':
		return take_step(server, answer, REQUEST_CLOSE);
	case 'E':
		take_error(server, answer);
		return 0;
	case 'N':
		take_notice(server, answer);
		return 0;
	case 'S':
		take_parameter(server, answer);
		return 0;
	case 'A':
		take_notification(server, answer);
		return 0;
	case 'G':
		take_copy_in(server, answer);
		return 0;
	case 'D':
	case 'd':
	case 'c':
	case 't':
	case 'H':
	case 'V':
		pass(server, answer, is_injected(server));
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
		if (answer.have < HEADER_SIZE)
			break;
		answer.type = (char)answer.data[0];
		memcpy(&length, answer.data + 1, sizeof(length));
		length = be32toh(length);
		if (length < 4 || length > PGWIRE_MESSAGE_MAX)
			return -1;
		answer.size = (size_t)length + 1;
		if (answer.have < answer.size && (is_whole_type(answer.type) || answer.have < ERROR_HEAD_SIZE)) {
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
