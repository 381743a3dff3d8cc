/*
 * The end of a statement, as the server tells it (CommandComplete and the like): the step of a request is taken, and
 * what the tag says is noted.
 */
#include <string.h>

#include "workers/postgres/pool/backend_answer.h"
#include "workers/postgres/pool/session.h"

/* An answer to a step of the extended protocol: the request is done if it was of this kind. */
int
answer_take_step(struct backend *backend, const struct answer *answer, enum request_kind kind)
{
	const struct request *head = backend_head(backend);

	if (head == NULL || head->kind != kind) {
		/* Rows and the like within a simple query. */
		answer_pass(backend, answer, answer_is_injected(backend));
		return head != NULL && head->kind == REQUEST_QUERY ? 0 : -1;
	}
	answer_pass(backend, answer, (head->flags & REQUEST_INJECTED) != 0);
	if (backend->left == 0)
		backend_pop(backend);
	else
		backend->pop_when_left = true;
	return 0;
}

/* Notes that a statement about settings, which session_words.c expects, has succeeded. */
static void
note_settings_tag(struct pg_session *session, const char *tag)
{
	if (session->pending != NULL &&
	    (strcmp(tag, "SET") == 0 || strcmp(tag, "RESET") == 0 || strcmp(tag, "DISCARD ALL") == 0))
		session->pending_done = true;
}

/* Whether the statement has made functions, or objects that call functions without being named in a text. */
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

/* Only the server's tag says for certain that a statement which changes what bibd keeps track of has been done. */
static void
note_tag(struct backend *backend, const char *tag)
{
	struct pg_session *session = backend->session;

	if (strcmp(tag, "DISCARD ALL") == 0 || strcmp(tag, "DEALLOCATE ALL") == 0) {
		cache_clear(&backend->cache);
		if (session != NULL)
			names_clear(&session->names);
	} else if (session != NULL && strcmp(tag, "LISTEN") == 0) {
		/* A LISTEN that the listener does is no reason to pin. */
		if (session->listening == NULL || session->listening->nactions == 0)
			pg_session_pin(session);
	} else if (session != NULL &&
	    (strcmp(tag, "LOAD") == 0 || strcmp(tag, "PREPARE") == 0 || strcmp(tag, "DO") == 0)) {
		pg_session_pin(session);
	}
}

int
answer_take_complete(struct backend *backend, const struct answer *answer)
{
	const char *tag = answer_text(answer);

	backend->copying = false;
	if (!answer_is_injected(backend) && tag[answer->size - ANSWER_HEADER_SIZE - 1] == '\0') {
		if (backend->session != NULL)
			note_settings_tag(backend->session, tag);
		if (*tag == 'D' || *tag == 'L' || *tag == 'P')
			note_tag(backend, tag);
		backend->has_made_functions |= makes_functions(tag);
		backend_note_written(backend, tag);
		backend_note_definition(backend, tag);
	}
	return answer_take_step(backend, answer, REQUEST_EXECUTE);
}
