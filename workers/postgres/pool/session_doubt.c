/*
 * What a named statement means after a change of how dates are read: the head of prepared.h says why that may not be
 * known.
 *
 * A use is a Parse, or a Bind or Describe, at which PostgreSQL reads the text again if it must. Each use has a number,
 * which both the name and the connection's statement keep: when the two are equal, the name was used last on this
 * connection, and nobody has used the statement here since.
 */
#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

static struct cached *
find_cached(const struct pg_session *session, const struct named *named)
{
	return named->statement == NULL ? NULL : cache_find(&session->backend->cache, named->statement);
}

static bool
was_used_here(const struct pg_session *session, const struct named *named)
{
	const struct cached *cached = find_cached(session, named);

	/* A statement under the session's own name is used by no other session. */
	return named->use != 0 && (named->statement == NULL || (cached != NULL && cached->use == named->use));
}

/* Whether PostgreSQL has had no reason to read the text again, and the connection has it as it was read. */
static bool
is_as_it_was(const struct pg_session *session, const struct named *named)
{
	const struct pg_prepared *prepared = &session->pool->prepared;
	const struct cached *cached = find_cached(session, named);

	return prepared->all_are_known && named->changes == prepared->changes && cached != NULL &&
	    cached->session == session->id;
}

static bool
is_missing(const struct pg_session *session, const struct named *named)
{
	const struct cached *cached = find_cached(session, named);

	return cached == NULL || (cached->session != session->id && !was_used_here(session, named));
}

bool
pg_session_is_in_doubt(const struct pg_session *session, const struct named *named)
{
	const struct pg_prepared *prepared = &session->pool->prepared;
	const struct words *words = named->statement == NULL ? NULL : pg_statement_words(prepared, named->statement);

	/* In a failed transaction or batch, PostgreSQL reports that first. */
	if (session->backend->skipping || session->backend->status == 'E')
		return false;
	if (named->lost || (session->unseen && words != NULL && words->literals && is_missing(session, named)))
		return true;
	if (words == NULL ? !named->has_dates : !words->dates)
		return false;
	if (!session->local && !session->unseen && named->dates == session->dates)
		return false;
	return !named->read_again && !was_used_here(session, named) && !is_as_it_was(session, named);
}

void
pg_session_note_use(struct pg_session *session, struct named *named, struct request *request)
{
	struct pg_prepared *prepared = &session->pool->prepared;
	struct cached *cached = find_cached(session, named);

	if (session->backend->skipping)
		return;
	if (was_used_here(session, named))
		return;
	named->changes = prepared->changes;
	/* The request keeps the name, since the server may drop the request. */
	request->use = named;
	request->use_hash = named->hash;
	named->use = ++prepared->next_use;
	if (cached != NULL)
		cached->use = named->use;
}

void
pg_session_lose_texts(struct pg_session *session)
{
	const struct pg_prepared *prepared = &session->pool->prepared;

	for (struct named *named = session->names.first; named != NULL; named = named->later)
		named->lost |= named->statement != NULL && pg_statement_words(prepared, named->statement)->literals &&
		    is_missing(session, named);
}

void
pg_session_read_again(struct pg_session *session)
{
	for (struct named *named = session->names.first; named != NULL; named = named->later) {
		named->read_again = true;
		named->use = 0;
	}
}
