/* What the words of a statement mean for its session. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <bsd/string.h>

#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

#define SETTING_SQL_MAX 1024

/* ---- before it runs ---- */

/* In a batch that has begun nothing can be put before it but more of the extended protocol. */
static void
inject_in_batch(struct backend *backend, const char *text)
{
	static const uint8_t bind[] = "bibd_d\0bibd_d\0\0\0\0\0\0";
	static const uint8_t execute[] = "bibd_d\0\0\0\0";
	struct pgwire_buffer *out = &backend->out;
	uint8_t body[64] = { 0 };
	size_t mark;

	(void)strlcpy((char *)body, text, sizeof(body) - 2);
	/* A name that is always closed again: the one that a client could know does no harm. */
	backend_inject_close(backend, "bibd_d");
	backend_inject_parse(backend, "bibd_d", body, strlen(text) + 3, (struct request) { .flags = REQUEST_INJECTED });
	mark = pgwire_begin_message(out, 'B');
	pgwire_put_bytes(out, bind, sizeof(bind));
	pgwire_end_message(out, mark);
	backend_push(backend, (struct request) { .kind = REQUEST_BIND, .flags = REQUEST_INJECTED });
	mark = pgwire_begin_message(out, 'E');
	pgwire_put_bytes(out, execute, sizeof(execute));
	pgwire_end_message(out, mark);
	backend_push(backend, (struct request) { .kind = REQUEST_EXECUTE, .flags = REQUEST_INJECTED });
	backend_inject_close(backend, "bibd_d");
}

static void
inject(struct backend *backend, const char *text)
{
	if (backend->unsynced)
		inject_in_batch(backend, text);
	else
		backend_inject_query(backend, text);
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

/* After what may have failed, in its own batch. Statements do not go with the savepoint. */
static void
end_attempt(struct backend *backend)
{
	backend_inject_sync(backend);
	if (backend->status == 'T')
		backend_inject_query(backend, "ROLLBACK TO SAVEPOINT bibd_statements");
}

/* The session's own name for a statement that is going to be parsed under it. Alone: before a batch; then an error ends
 * nothing, in a transaction thanks to a savepoint. */
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

/* Parsed now it could have other dates than it had. */
static bool
has_other_dates(const struct pg_session *session, const struct named *named)
{
	return pg_statement_words(&session->pool->prepared, named->statement)->dates &&
	    (session->local || session->unseen || named->dates != session->dates);
}

/* SQL is going to name prepared statements, or to list them: it must find the session's own, by the session's names,
 * and nobody else's. */
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

/* Texts are going to be read in another way, here or out of sight. */
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

/* Without strings there is nothing that could be read otherwise. Of dates nobody can tell which they are to be, if
 * others may have defined something. One that cannot be parsed any more would end a batch that has begun: there it is
 * lost if its way of reading does change. */
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

/* The session's statements, while they are read as they were. False: they were here. */
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

	/* After an error in the batch the server would drop what makes the statements the session's. */
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
	if (!(names || reading != READING_SAME) || backend->status == 'E')
		return true;
	/* What could not be brought fails when it is asked for. */
	session->brought = !names && !session->brought && bring_statements(session, reading);
	if (names)
		prepare_for_statements(session);
	else if (!session->brought)
		return true;
	if (!in_batch && backend->unsynced)
		backend_inject_sync(backend);
	/* By which name a statement goes is known then. */
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

/* applied: what the connection has when it succeeds; NULL: that will not be known. */
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
	/* Among other statements it may have been taken back. */
	if (words->nstatements == 1)
		applied = pg_settings_reference(table->empty);
	expect_settings(session, pg_settings_reference(session->startup), applied);
}

/* Something else runs in the same batch: whether its settings hold is not told by the answers any more. */
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
	/* Among other statements the tag of one could be that of another. */
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
	/* Its name there is the client's own: the server does it. */
	if (named->statement == NULL)
		return false;
	if (session->raw)
		backend_inject_close(session->backend, named->name);
	/* What the server has may be others' too: it is asked to forget something that was made for that. */
	(void)snprintf(text, sizeof(text), "bibd_d%016llx_%llx", (unsigned long long)session->pool->prepared.token,
	    (unsigned long long)++session->pool->next_dummy);
	backend_inject_parse(session->backend, text, (const uint8_t *)"\0\0", 3,
	    (struct request) { .flags = REQUEST_INJECTED });
	pgwire_buffer_consume(scratch, pgwire_buffer_length(scratch));
	pgwire_put_bytes(scratch, "DEALLOCATE ", strlen("DEALLOCATE "));
	pgwire_put_string(scratch, text);
	return true;
}
