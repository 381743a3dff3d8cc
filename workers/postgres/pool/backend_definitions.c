/*
 * Statements that define something: the tag with which the server answers one tells that earlier statements may be
 * stale now, first on this connection, and on all once the transaction has ended.
 */
#include <string.h>

#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

static bool
is_code(const char *tag)
{
	return strcmp(tag, "DO") == 0 || strcmp(tag, "CALL") == 0;
}

static bool
begins_with_one(const char *tag, const char *const *beginnings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (tag[0] == beginnings[i][0] && strncmp(tag, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return false;
}

static bool
is_definition(const char *tag)
{
	static const char *const beginnings[] = { "CREATE ", "ALTER ", "DROP ", "IMPORT ", "COMMIT PREPARED" };

	return begins_with_one(tag, beginnings, sizeof(beginnings) / sizeof(beginnings[0])) || is_code(tag);
}

/* Whether PostgreSQL reads no text again after a statement with this tag; in doubt: false. */
static bool
changes_nothing(const char *tag)
{
	static const char *const beginnings[] = { "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "BEGIN", "START",
		"COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET", "RESET", "SHOW", "COPY", "FETCH", "MOVE",
		"DECLARE", "CLOSE", "LISTEN", "UNLISTEN", "NOTIFY", "PREPARE", "DEALLOCATE", "EXPLAIN", "LOCK" };

	return begins_with_one(tag, beginnings, sizeof(beginnings) / sizeof(beginnings[0])) &&
	    strcmp(tag, "COMMIT PREPARED") != 0;
}

void
backend_note_definition(struct backend *backend, const char *tag)
{
	struct pg_session *session = backend->session;

	if (!changes_nothing(tag)) {
		backend->has_changed = true;
		backend->pool->prepared.changes++;
	}
	if (!is_definition(tag))
		return;
	backend->has_altered_role |= strcmp(tag, "ALTER ROLE") == 0;
	backend->has_run_code |= is_code(tag);
	if (session == NULL || !session->makes_temporary) {
		backend->has_defined = true;
		cache_age(&backend->cache, session == NULL ? 0 : session->id);
		return;
	}
	/* Temporary objects are visible in this session alone. With the first one PostgreSQL looks all names up again;
	 * but the connection may have had a temporary schema before the session did. */
	cache_age(&backend->cache, session->has_temporary ? session->id : 0);
	if (!session->has_temporary)
		pg_session_read_again(session);
	session->has_temporary = true;
}

/* The transaction is over: now others see it, too. */
void
backend_note_end(struct backend *backend)
{
	if (backend->has_defined)
		backend->pool->prepared.epoch++;
	if (backend->has_changed)
		backend->pool->prepared.changes++;
	if (backend->has_altered_role)
		pg_pool_doubt_logins(backend->pool);
	else if (backend->has_run_code || backend->has_made_functions ||
	    (backend->pool->functions_alter && backend->session != NULL))
		pg_pool_look_at_logins(backend->pool);
	backend->has_defined = backend->has_changed = backend->has_altered_role = backend->has_run_code = false;
}
