/*
 * Makes a portal, finds its statement on the connection at hand, and frees it.
 */
#include "workers/sqlite/session/portal.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/session/kept_cursor.h"
#include "workers/sqlite/session/session.h"

void
portal_set_source(struct portal *portal, struct prepared *source)
{
	source->references++;
	portal->source = source;
	portal->text = &source->text;
	portal->oids = source->oids;
	portal->noids = source->noids;
	if (source->shared != NULL)
		portal->shared = statement_plan_share(source->shared);
}

struct portal *
portal_new(struct session *session, const char *name, struct prepared *source, struct report *r)
{
	struct portal *portal = calloc(1, sizeof(*portal));

	(void)session;
	if (portal == NULL || (portal->name = strdup(name)) == NULL) {
		free(portal);
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	portal_set_source(portal, source);
	return portal;
}

void
portal_release_statement(struct session *session, struct portal *portal)
{
	if (portal->statement != NULL)
		statement_done(session->connection, portal->statement);
	portal->statement = NULL;
	portal->bound = false;
}

void
portal_reset(struct session *session, struct portal *portal)
{
	portal_release_statement(session, portal);
	statement_plan_release(portal->shared);
	prepared_release(portal->source);
	if (portal->inner != NULL) {
		portal_reset(session, portal->inner);
		free(portal->inner);
	}
	for (unsigned i = 0; i < portal->nvalues; i++)
		type_value_free(&portal->values[i]);
	free(portal->values);
	free(portal->formats);
	free(portal->copy);
	pgwire_buffer_free(&portal->field);
	free(portal->name);
	free(portal->starts);
	late_set_free(&portal->late);
	free(portal->declaration);
	kept_cursor_free(session, portal->kept);
	atomic_fetch_sub(&session->sqlite->held_bytes, pgwire_buffer_length(&portal->held));
	pgwire_buffer_free(&portal->held);
	*portal = (struct portal) { .name = NULL };
}

void
portal_free(struct session *session, struct portal *portal)
{
	if (session->resuming == portal)
		session->resuming = NULL;
	LIST_REMOVE(portal, entry);
	portal_reset(session, portal);
	free(portal);
}

enum portal_result
portal_result_of(enum transaction_result result)
{
	return result == TRANSACTION_WAITS ? PORTAL_WAITS : PORTAL_FAILED;
}

static bool
portal_same_shape(const struct dialect_plan *a, const struct dialect_plan *b)
{
	if (a == b)
		return true;
	if (a->kind != b->kind || a->has_rows != b->has_rows || a->ncolumns != b->ncolumns || a->nparams != b->nparams)
		return false;
	for (unsigned i = 0; i < a->ncolumns; i++)
		if (a->columns[i].oid != b->columns[i].oid)
			return false;
	return true;
}

int
portal_get_statement(struct session *session, struct portal *portal, struct report *r)
{
	if (portal->statement != NULL)
		return 0;
	session_set_current(session, portal);
	portal->statement = statement_get(session->connection, portal->text, portal->oids, portal->noids, r);
	if (portal->statement == NULL)
		return -1;
	if (portal->statement->stmt != NULL)
		activity_note_plan(session, portal->statement->found);
	/* Its columns are those of definitions that may not be on the disk yet. */
	session_answer_needs(session, commit_definitions(&session->sqlite->store.file.commit));
	/* A client that was told of columns must not get others. */
	if (portal->shared != NULL && !portal_same_shape(portal->shared->plan, portal->statement->shared->plan)) {
		portal_release_statement(session, portal);
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "cached plan must not change result type");
	}
	statement_plan_release(portal->shared);
	portal->shared = statement_plan_share(portal->statement->shared);
	return 0;
}

enum portal_result
portal_open(struct session *session, struct portal *portal, struct report *r)
{
	enum transaction_result result;

	if (portal->shared != NULL)
		return PORTAL_DONE;
	if ((result = session_need_connection(session, r)) != TRANSACTION_READY)
		return portal_result_of(result);
	return portal_get_statement(session, portal, r) == -1 ? PORTAL_FAILED : PORTAL_DONE;
}

/* What is made, or hidden, by a session's temporary tables may have changed since the portal's text was translated. */
enum portal_result
portal_renew(struct session *session, struct portal *portal, struct report *r)
{
	enum transaction_result result;

	if (!portal->shared->plan->local)
		return PORTAL_DONE;
	if ((result = session_need_connection(session, r)) != TRANSACTION_READY)
		return portal_result_of(result);
	portal_release_statement(session, portal);
	return portal_get_statement(session, portal, r) == -1 ? PORTAL_FAILED : PORTAL_DONE;
}
