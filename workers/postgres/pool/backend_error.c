/* Errors that the server reports: which requests they end, and which session is told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/postgres/pool/backend_answer.h"
#include "workers/postgres/pool/session.h"

/* The field of an error or notice, if it is wholly within the part that has been read. */
static const char *
error_field(const struct answer *answer, char code)
{
	const uint8_t *p = answer->data + ANSWER_HEADER_SIZE, *end = answer->data + answer->have;

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

/* pg_terminate_backend and a stop of the server say the same. */
static bool
is_terminated(const struct answer *answer)
{
	const char *code = error_field(answer, 'C');

	return code != NULL && strcmp(code, "57P01") == 0;
}

static bool
error_is_fatal(const struct answer *answer)
{
	const char *severity = error_field(answer, 'V');

	return severity != NULL && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

/* An error about the settings of a session that is starting: it ends the session, so it is passed on as FATAL. */
static void
put_as_fatal(struct pg_session *session, const struct answer *answer)
{
	size_t mark = pgwire_begin_message(&session->out, 'E');
	const uint8_t *p = answer->data + ANSWER_HEADER_SIZE, *end = answer->data + answer->have;

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
put_name_in_use(struct pg_session *session, const struct request *head)
{
	struct report r = { 0 };

	(void)report_set(&r, SQLSTATE_DUPLICATE_PREPARED_STATEMENT, "prepared statement \"%s\" already exists",
	    head->named != NULL ? head->named->name : "");
	pgwire_put_report(&session->out, REPORT_ERROR, &r);
	report_reset(&r);
}

/* Puts the error in PostgreSQL's words. statement: that of a Describe, or NULL. */
static void
put_row_changed(struct pg_session *session, const struct pg_statement *statement)
{
	static const char fields[] = "SERROR\0VERROR\0C0A000\0Mcached plan must not change result type\0Fplancache.c\0"
				     "RRevalidateCachedQuery\0";
	size_t mark;

	if (statement != NULL)
		pg_session_put_types(session, statement);
	mark = pgwire_begin_message(&session->out, 'E');
	pgwire_put_bytes(&session->out, (const uint8_t *)fields, sizeof(fields));
	pgwire_end_message(&session->out, mark);
}

/* Puts the error by which PostgreSQL says that a statement must be prepared again: drivers look at its code and
 * routine. */
static void
put_doubtful(struct pg_session *session, const struct request *head)
{
	size_t mark;

	if (head->statement != NULL)
		pg_session_put_types(session, head->statement);
	mark = pgwire_begin_message(&session->out, 'E');
	pgwire_put_string(&session->out, "SERROR");
	pgwire_put_string(&session->out, "VERROR");
	pgwire_put_string(&session->out, "C0A000");
	pgwire_put_bytes(&session->out, "Mprepared statement \"", strlen("Mprepared statement \""));
	pgwire_put_bytes(&session->out, head->named->name, strlen(head->named->name));
	pgwire_put_string(&session->out, "\" must be prepared again: the session has changed how its dates are read");
	pgwire_put_string(&session->out, "RRevalidateCachedQuery");
	pgwire_put_byte(&session->out, 0);
	pgwire_end_message(&session->out, mark);
}

/* The beginning of the names of bibd's statements at the server. */
static void
own_prefix(const struct pg_prepared *prepared, char *prefix, size_t size)
{
	(void)snprintf(prefix, size, "bibd_%016llx_", (unsigned long long)prepared->token);
}

/* An error which says that a statement or type is not what bibd takes it for: something was defined or dropped without
 * bibd's knowledge. Statements that others have parsed are not used any more. When a name of the client's own is
 * missing, that is the client's mistake. */
static void
distrust_statements(struct backend *backend, const struct answer *answer)
{
	const char *code = error_field(answer, 'C'), *message = error_field(answer, 'M');
	char prefix[PREPARED_SERVER_NAME_SIZE];

	if (code == NULL)
		return;
	if (strcmp(code, "XX000") == 0 || strcmp(code, "0A000") == 0)
		backend->pool->prepared.epoch++;
	own_prefix(&backend->pool->prepared, prefix, sizeof(prefix));
	if (strcmp(code, "26000") != 0 || message == NULL || strstr(message, prefix) == NULL)
		return;
	cache_clear(&backend->cache);
	backend->unnamed = 0;
	backend->dirty = true;
}

/* The session's name for the statement that bibd calls by this one, or NULL. The text goes on after it. */
static const struct named *
find_by_server_name(const struct pg_session *session, const char *backend_name, size_t size)
{
	char name[PREPARED_SERVER_NAME_SIZE];

	for (const struct named *named = session->names.first; named != NULL; named = named->later) {
		if (named->statement == NULL)
			continue;
		(void)backend_statement_name(session->backend, named->statement, name, sizeof(name));
		/* In the text the name is followed by a quote, so that no name is taken for the beginning of
		 * another. */
		if (strlen(name) < size && memcmp(name, backend_name, strlen(name)) == 0 &&
		    backend_name[strlen(name)] == '"')
			return named;
	}
	return NULL;
}

/* Rewrites an error such as "prepared statement "bibd_.._1" requires 2", since the client knows the statement by
 * another name. Returns true when it did. */
static bool
put_with_own_name(const struct backend *backend, const struct answer *answer)
{
	struct pg_session *session = backend->session;
	const struct named *named;
	const uint8_t *found, *end = answer->data + answer->size;
	char name[PREPARED_SERVER_NAME_SIZE];
	size_t mark, length;

	if (answer->have < answer->size)
		return false;
	own_prefix(&session->pool->prepared, name, sizeof(name));
	if ((found = memmem(answer->data, answer->size, name, strlen(name))) == NULL ||
	    (named = find_by_server_name(session, (const char *)found, (size_t)(end - found))) == NULL)
		return false;
	(void)backend_statement_name(backend, named->statement, name, sizeof(name));
	length = strlen(name);
	mark = pgwire_begin_message(&session->out, 'E');
	pgwire_put_bytes(&session->out, answer->data + ANSWER_HEADER_SIZE,
	    (size_t)(found - answer->data) - ANSWER_HEADER_SIZE);
	pgwire_put_bytes(&session->out, named->name, strlen(named->name));
	pgwire_put_bytes(&session->out, found + length, (size_t)(end - found) - length);
	pgwire_end_message(&session->out, mark);
	return true;
}

/* Writes a refusal to the audit trail in the server's words, which have names of objects and no values. */
static void
note_refusal(struct backend *backend, const struct answer *answer)
{
	const char *code = error_field(answer, 'C'), *message = error_field(answer, 'M');

	if (backend->session != NULL && code != NULL && message != NULL && strcmp(code, "42501") == 0)
		pg_audit_add(&backend->session->pool->audit, backend->session, "refused", message, code);
}

static void
take_request_error(struct backend *backend, const struct request *head, const struct answer *answer)
{
	struct pg_session *session = backend->session;
	bool drop, attempt = head != NULL && head->kind == REQUEST_PARSE && (head->flags & REQUEST_QUIET) != 0;

	/* bibd's own attempt to parse a statement comes before the client's request, and its failure is not the
	 * client's. */
	if (session != NULL && !attempt)
		session->failed = true;
	if (head == NULL || head->kind == REQUEST_SYNC) {
		answer_pass(backend, answer, false);
		return;
	}
	if (head->kind == REQUEST_QUERY || head->kind == REQUEST_FUNCTION) {
		if (backend->state == BACKEND_SYNCING && session != NULL) {
			backend->sync_failed = true;
			put_as_fatal(session, answer);
		}
		if ((backend->state == BACKEND_CLEANING || backend->state == BACKEND_LEARNING ||
			backend->is_listener) &&
		    (head->flags & REQUEST_INJECTED) != 0)
			backend->sync_failed = true;
		answer_pass(backend, answer, (head->flags & REQUEST_INJECTED) != 0);
		return;
	}
	/* In a failed transaction, PostgreSQL reports that before anything else. */
	if (head->kind == REQUEST_PARSE && (head->flags & REQUEST_CHECK) != 0 && session != NULL &&
	    session->describing && backend->status != 'E')
		pg_session_put_types(session,
		    (head->flags & REQUEST_UNNAMED) != 0 ? session->unnamed.statement : head->statement);
	drop = (head->flags & (REQUEST_QUIET | REQUEST_REPLACED | REQUEST_CHANGED | REQUEST_DOUBTFUL)) != 0;
	if ((head->flags & REQUEST_REPLACED) != 0 && session != NULL)
		put_name_in_use(session, head);
	else if ((head->flags & REQUEST_CHANGED) != 0 && session != NULL)
		put_row_changed(session, head->statement);
	else if ((head->flags & REQUEST_DOUBTFUL) != 0 && session != NULL)
		put_doubtful(session, head);
	else if (!drop &&
	    (head->kind == REQUEST_BIND || head->kind == REQUEST_DESCRIBE || head->kind == REQUEST_EXECUTE))
		distrust_statements(backend, answer);
	if (!drop && session != NULL && head->kind == REQUEST_BIND)
		drop = put_with_own_name(backend, answer);
	answer_pass(backend, answer, drop);
	backend_skip_to_sync(backend);
	if (backend->state == BACKEND_CLEANING && backend->skipping) {
		backend_inject_sync(backend);
		backend_flush(backend);
	}
}

void
answer_take_error(struct backend *backend, const struct answer *answer)
{
	backend->copying = false;
	if (error_is_fatal(answer)) {
		backend->fatal = true;
		backend->terminated = is_terminated(answer);
		answer_pass(backend, answer, backend->state == BACKEND_SYNCING);
		return;
	}
	note_refusal(backend, answer);
	take_request_error(backend, backend_head(backend), answer);
}
