/* Applies to the session what the words of its statements mean. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <bsd/string.h>

#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

#define SETTING_SQL_MAX 1024

/* ---- before it runs ---- */

static void
inject(struct backend *backend, const char *text)
{
	if (!backend->unsynced) {
		backend_inject_query(backend, text);
		return;
	}
	/* The name is always closed again, so a client that knows it can do no harm. */
	backend_inject_close(backend, "bibd_d");
	backend_inject_statement(backend, "bibd_d", "bibd_d", text);
}

static void
prepare_for_sequences(struct pg_session *session)
{
	struct backend *backend = session->backend;

	session->pool->sequences_are_read = true;
	if (backend->sequence_owner == session->id)
		return;
	inject(backend, "DISCARD SEQUENCES");
	backend->sequence_owner = session->id;
}

/* Ends an attempt that may have failed, in a batch of its own. Prepared statements survive the rollback to the
 * savepoint. */
static void
end_attempt(struct backend *backend)
{
	backend_inject_sync(backend);
	if (backend->status == 'T')
		backend_inject_query(backend, "ROLLBACK TO SAVEPOINT bibd_statements");
}

/* Parses a statement under the session's own name. alone: before a batch; an error then ends nothing, within a
 * transaction thanks to a savepoint. */
static void
make_native(struct pg_session *session, struct named *named, bool alone)
{
	struct backend *backend = session->backend;
	struct request request = { .flags = REQUEST_INJECTED | REQUEST_NATIVE,
		.named = named,
		.hash = named->hash,
		.statement = named->statement };
	struct request describe = request;

	named->has_dates = pg_statement_words(&session->pool->prepared, named->statement)->dates;
	named->use = 0;
	named->statement = NULL;
	request.flags |= alone ? REQUEST_QUIET : 0;
	describe.flags = request.flags;
	describe.statement = pg_statement_reference(request.statement);
	backend_inject_parse(backend, named->name, request.statement->body, request.statement->size, request);
	if (describe.statement->whole)
		backend_describe(backend, describe.named->name, describe);
	else
		pg_statement_release(describe.statement);
	if (alone)
		end_attempt(backend);
}

/* Whether the statement could have other dates when it is parsed now. */
static bool
has_other_dates(const struct pg_session *session, const struct named *named)
{
	return pg_statement_words(&session->pool->prepared, named->statement)->dates &&
	    (session->local || session->unseen || named->dates != session->dates);
}

/* SQL is about to name or list prepared statements: it must find those of the session, under the session's names, and
 * no others. */
static void
prepare_for_statements(struct pg_session *session)
{
	struct backend *backend = session->backend;
	bool alone = !backend->unsynced, saved = alone && backend->status == 'T' && session->names.n > 0;

	if (session->raw)
		return;
	pg_session_pin(session);
	session->raw = true;
	inject(backend, "DEALLOCATE ALL");
	cache_clear(&backend->cache);
	if (saved)
		backend_inject_query(backend, "SAVEPOINT bibd_statements");
	for (struct named *named = session->names.first; named != NULL; named = named->later)
		if (named->statement != NULL && !named->lost && !(named->lost = has_other_dates(session, named)))
			make_native(session, named, alone);
	if (saved)
		backend_inject_query(backend, "RELEASE SAVEPOINT bibd_statements");
}

enum reading { READING_SAME, READING_DATES, READING_OTHERWISE };

/* Whether the words change how texts are read, visibly or in a function. */
static enum reading
changed_reading(const struct pg_session *session, const struct words *words)
{
	if (session->names.n == 0)
		return READING_SAME;
	if (words->hidden || (words->flags & WORDS_RESET_ALL) != 0 || words->local)
		return READING_OTHERWISE;
	if ((words->flags & (WORDS_SETTING | WORDS_RESET)) == 0 || !pg_settings_decide_reading(words->name))
		return READING_SAME;
	return pg_settings_decide_dates(words->name) ? READING_DATES : READING_OTHERWISE;
}

/* Whether a statement should be parsed here in advance. One without strings is read the same in any case. Which dates
 * it should have cannot be told if others may have defined something. In a batch that has begun, a statement that can
 * no longer be parsed would end the batch: there it is given up, if the way of reading does change. */
static bool
is_worth_bringing(const struct pg_session *session, const struct named *named, enum reading reading)
{
	const struct pg_prepared *prepared = &session->pool->prepared;
	const struct words *words = named->statement == NULL ? NULL : pg_statement_words(prepared, named->statement);

	if (words == NULL || !backend_lacks_statement(session->backend, named))
		return false;
	return reading == READING_OTHERWISE ? words->literals
					    : words->dates && prepared->all_are_known && !named->read_again;
}

/* Parses the session's statements here while texts are still read in the old way. Returns false when all were here. */
static bool
bring_statements(struct pg_session *session, enum reading reading)
{
	struct backend *backend = session->backend;
	bool saved = false, brought = false;

	for (struct named *named = session->names.first; named != NULL; named = named->later) {
		if (!is_worth_bringing(session, named, reading))
			continue;
		if (backend->status == 'T' && !saved)
			backend_inject_query(backend, "SAVEPOINT bibd_statements");
		saved = backend->status == 'T';
		named->use = 0;
		named->read_again = false;
		backend_bring_statement(backend, named);
		brought = true;
		end_attempt(backend);
	}
	if (saved)
		backend_inject_query(backend, "RELEASE SAVEPOINT bibd_statements");
	return brought;
}

bool
pg_session_prepare_for(struct pg_session *session, const struct words *words)
{
	struct backend *backend = session->backend;
	bool in_batch = backend->unsynced;
	enum reading reading = session->raw || in_batch ? READING_SAME : changed_reading(session, words);
	bool names = (words->flags & WORDS_STATEMENTS) != 0 && !session->raw;

	/* After an error in the batch, the server would drop the messages that give the statements the session's
	 * names. */
	if (names && in_batch) {
		if (backend->skipping || backend->status == 'E')
			return true;
		if (backend->nrequests > 0) {
			backend_settle(backend);
			return false;
		}
	}
	if ((words->flags & WORDS_CHANNELS) != 0)
		listening_mirror(session);
	if ((words->flags & WORDS_SEQUENCE) != 0)
		prepare_for_sequences(session);
	if ((words->flags & WORDS_MOMENT) != 0 && backend->status != 'E' && !backend->skipping)
		backend_tell_moments(backend, inject);
	if (!(names || reading != READING_SAME) || backend->status == 'E')
		return true;
	/* A statement that could not be parsed in advance fails when it is asked for. */
	session->brought = !names && !session->brought && bring_statements(session, reading);
	if (names)
		prepare_for_statements(session);
	else if (!session->brought)
		return true;
	if (!in_batch && backend->unsynced)
		backend_inject_sync(backend);
	/* Only then is it known under which name each statement is on the server. */
	backend_settle(backend);
	return false;
}

/* ---- when it runs ---- */

static bool
has_temporary_schema(const char *text, size_t size)
{
	for (size_t i = 0; i + 7 <= size; i++)
		if (strncasecmp(text + i, "pg_temp", 7) == 0)
			return true;
	return false;
}

static bool
is_alone(const struct pg_session *session)
{
	const struct backend *backend = session->backend;

	if (session->pending != NULL || backend->status != 'I' || backend->nbinds > 0)
		return false;
	/* Of the requests before it, only the Parse of this very batch may be unanswered. */
	for (unsigned i = 0; i < backend->nrequests; i++) {
		const struct request *request = &backend->requests[(backend->first + i) & (backend->capacity - 1)];

		if (request->kind != REQUEST_PARSE && request->kind != REQUEST_DESCRIBED &&
		    request->kind != REQUEST_DESCRIBE && (request->flags & REQUEST_INJECTED) == 0)
			return false;
	}
	return true;
}

/* applied: the settings of the connection if the statement succeeds; NULL: they will not be known. */
static void
expect_settings(struct pg_session *session, struct pg_settings *pending, struct pg_settings *applied)
{
	if (pending == NULL) {
		pg_settings_release(&session->pool->settings, applied);
		pg_session_pin(session);
		return;
	}
	session->pending = pending;
	session->pending_applied = applied;
	session->pending_done = false;
	session->barrier_at_sync = true;
}

static void
apply_setting(struct pg_session *session, const struct words *words, const uint8_t *text, size_t size)
{
	struct pg_settings_table *table = &session->pool->settings;
	size_t length = strnlen((const char *)text, size);
	struct pg_settings *settings;

	while (length > 0 && (text[length - 1] == ';' || text[length - 1] == ' ' || text[length - 1] == '\n'))
		length--;
	if (length > SETTING_SQL_MAX || !is_alone(session) || !pg_settings_is_plain((const char *)text, length) ||
	    memchr(text, ';', length) != NULL || has_temporary_schema((const char *)text, length)) {
		session->unseen = true;
		pg_session_pin(session);
		return;
	}
	settings = pg_settings_with(table, session->settings, words->name, (const char *)text, length);
	expect_settings(session, settings, settings == NULL ? NULL : pg_settings_reference(settings));
}

static void
apply_reset(struct pg_session *session, const struct words *words)
{
	struct pg_settings_table *table = &session->pool->settings;
	struct pg_settings *applied = NULL;

	if (!is_alone(session)) {
		session->unseen = true;
		pg_session_pin(session);
		return;
	}
	if ((words->flags & WORDS_RESET) != 0) {
		expect_settings(session, pg_settings_reset(table, session->settings, session->startup, words->name),
		    pg_settings_reset(table, session->settings, table->empty, words->name));
		return;
	}
	/* Among other statements it may have been undone. */
	if (words->nstatements == 1)
		applied = pg_settings_reference(table->empty);
	expect_settings(session, pg_settings_reference(session->startup), applied);
}

/* Something else runs in the same batch: the answers no longer tell whether the SET has taken effect. */
void
pg_session_doubt_settings(struct pg_session *session)
{
	struct pg_settings_table *table = &session->pool->settings;

	if (session->pending == NULL)
		return;
	session->unseen = true;
	pg_session_pin(session);
	pg_settings_release(table, session->pending);
	pg_settings_release(table, session->pending_applied);
	session->pending = session->pending_applied = NULL;
}

void
pg_session_apply(struct pg_session *session, const struct words *words, const uint8_t *text, size_t size)
{
	unsigned flags = words->flags;

	session->local |= words->local;
	/* Among several statements, it could not be told which one a tag is of. */
	session->makes_temporary |= words->temporary && words->nstatements == 1;
	if (flags == 0)
		return;
	if ((flags & WORDS_STATE) != 0) {
		session->unseen |= words->hidden;
		pg_session_pin(session);
	}
	if ((flags & WORDS_SETTING) != 0 && (flags & WORDS_STATE) == 0)
		apply_setting(session, words, text, size);
	if ((flags & (WORDS_RESET | WORDS_RESET_ALL | WORDS_DISCARD_ALL)) != 0 &&
	    ((flags & WORDS_STATE) == 0 || (flags & WORDS_RESET) == 0))
		apply_reset(session, words);
	if ((flags & WORDS_DISCARD_ALL) != 0) {
		session->discarding = true;
		session->backend->dirty = true;
	}
	if ((flags & (WORDS_DEALLOCATE | WORDS_DISCARD_ALL)) != 0)
		session->barrier_at_sync = true;
}

bool
pg_session_deallocate(struct pg_session *session, const struct words *words, struct named **taken)
{
	struct pgwire_buffer *scratch = &session->pool->scratch;
	struct named *named;
	char text[64];

	if ((words->flags & WORDS_DEALLOCATE) == 0 || words->name[0] == '\0')
		return false;
	if ((named = names_find(&session->names, words->name)) == NULL)
		return false;
	names_take(&session->names, named);
	*taken = named;
	/* On the server the statement has the client's own name: the server can do it. */
	if (named->statement == NULL)
		return false;
	if (session->raw)
		backend_inject_close(session->backend, named->name);
	/* The statement on the server may be shared with other sessions: the server is asked to deallocate one that was
	 * made for this purpose. */
	(void)snprintf(text, sizeof(text), "bibd_d%016llx_%llx", (unsigned long long)session->pool->prepared.token,
	    (unsigned long long)++session->pool->next_dummy);
	backend_inject_parse(session->backend, text, (const uint8_t *)"\0\0", 3,
	    (struct request) { .flags = REQUEST_INJECTED });
	pgwire_buffer_consume(scratch, pgwire_buffer_length(scratch));
	pgwire_put_bytes(scratch, "DEALLOCATE ", strlen("DEALLOCATE "));
	pgwire_put_string(scratch, text);
	return true;
}
