/* The extended protocol: Parse, Bind, Describe, Execute, Close, Flush, Sync. */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/session/extended.h"
#include "workers/sqlite/session/session.h"

/* An error: everything up to the next Sync is skipped. */
enum session_step
extended_fail(struct session *session)
{
	session->resuming = NULL;
	session->skipping = true;
	session_fail(session);
	return STEP_ON;
}

enum session_step
extended_malformed(struct session *session)
{
	(void)report_set(&session->report, SQLSTATE_PROTOCOL_VIOLATION, "invalid message format");
	return extended_fail(session);
}

struct prepared *
session_find_prepared(struct session *session, const char *name)
{
	struct prepared *prepared;

	if (name[0] == '\0')
		return session->unnamed;
	LIST_FOREACH(prepared, &session->prepared, entry)
	if (strcmp(prepared->name, name) == 0)
		return prepared;
	return NULL;
}

struct portal *
session_find_portal(struct session *session, const char *name)
{
	struct portal *portal;

	LIST_FOREACH(portal, &session->portals, entry)
	if (strcmp(portal->name, name) == 0)
		return portal;
	return NULL;
}

bool
session_statement_is_alone(const struct session *session)
{
	struct pgwire_buffer rest = session->in;
	struct pgwire_message next;
	size_t wanted;

	if (session->transaction.block != TRANSACTION_NONE)
		return false;
	if (session->query.active)
		return !session->query.several;
	/* The Execute at hand is still in the buffer: what follows it decides. */
	rest.start += session->message_size;
	return pgwire_next_message(&rest, &next, &wanted) == 1 && next.type == 'S';
}

int
session_check_failed_block(struct session *session, const struct dialect_plan *plan, struct report *r)
{
	if (session->transaction.block != TRANSACTION_FAILED || plan->kind == DIALECT_COMMIT ||
	    plan->kind == DIALECT_ROLLBACK || plan->kind == DIALECT_ROLLBACK_TO || plan->kind == DIALECT_EMPTY)
		return 0;
	return report_set(r, SQLSTATE_IN_FAILED_SQL_TRANSACTION,
	    "current transaction is aborted, commands ignored until end of transaction block");
}

void
session_prefer_failed_block(struct session *session)
{
	struct report *r = &session->report;

	/* PostgreSQL looks at names only where a statement can run; a syntax error it finds before that. */
	if (session->transaction.block == TRANSACTION_FAILED && r->state != SQLSTATE_SUCCESSFUL_COMPLETION &&
	    r->state != SQLSTATE_SYNTAX_ERROR)
		(void)report_set(r, SQLSTATE_IN_FAILED_SQL_TRANSACTION,
		    "current transaction is aborted, commands ignored until end of transaction block");
}

/* ---- Parse ---- */

/* Translates the text for its description. The statement itself goes back to the connection's cache. */
static enum portal_result
extended_describe_text(struct session *session, struct prepared *prepared)
{
	struct portal portal = { .name = NULL };
	enum portal_result result;

	if (prepared->text.next < strlen(prepared->sql) &&
	    strspn(prepared->sql + prepared->text.next, " \t\r\n;") < strlen(prepared->sql) - prepared->text.next) {
		(void)report_set(&session->report, SQLSTATE_SYNTAX_ERROR,
		    "cannot insert multiple commands into a prepared statement");
		return PORTAL_FAILED;
	}
	portal_set_source(&portal, prepared);
	if ((result = portal_open(session, &portal, &session->report)) == PORTAL_DONE)
		prepared->shared = statement_plan_share(portal.shared);
	portal_reset(session, &portal);
	return result;
}

static int
extended_read_oids(struct pgwire_reader *body, uint32_t **oids, unsigned *noids)
{
	*noids = pgwire_get_int16(body);
	*oids = NULL;
	if (*noids > 0 && (*oids = calloc(*noids, sizeof(**oids))) == NULL)
		return -1;
	for (unsigned i = 0; i < *noids; i++)
		(*oids)[i] = pgwire_get_int32(body);
	return pgwire_reader_done(body) ? 0 : -1;
}

/* Keeps it under its name; the unnamed one takes the place of the one before. */
static void
extended_keep(struct session *session, struct prepared *prepared)
{
	if (prepared->name[0] == '\0') {
		prepared_release(session->unnamed);
		session->unnamed = prepared;
	} else
		LIST_INSERT_HEAD(&session->prepared, prepared, entry);
}

static enum session_step
extended_parse(struct session *session, struct pgwire_reader *body)
{
	const char *name = pgwire_get_string(body), *sql = pgwire_get_string(body);
	struct prepared *prepared = NULL;
	enum portal_result result = PORTAL_FAILED;
	uint32_t *oids;
	unsigned noids;

	if (extended_read_oids(body, &oids, &noids) == -1) {
		free(oids);
		return extended_malformed(session);
	}
	session_begin_message(session);
	if (name[0] == '\0' && session->unnamed != NULL)
		session_forget_prepared(session, session->unnamed);
	if (name[0] != '\0' && session_find_prepared(session, name) != NULL)
		(void)report_set(&session->report, SQLSTATE_DUPLICATE_PREPARED_STATEMENT,
		    "prepared statement \"%s\" already exists", name);
	else if ((prepared = prepared_new(name, sql, oids, noids, &session->report)) != NULL)
		result = extended_describe_text(session, prepared);
	free(oids);
	if (result == PORTAL_DONE &&
	    session_check_failed_block(session, prepared->shared->plan, &session->report) == -1)
		result = PORTAL_FAILED;
	if (result != PORTAL_DONE) {
		enum session_step step;

		session_prefer_failed_block(session);
		step = session_step_of(session, result, extended_fail);
		prepared_release(prepared);
		return step;
	}
	extended_keep(session, prepared);
	pgwire_put_empty(&session->out, '1');
	return STEP_ON;
}

/* ---- Describe, Execute, Close ---- */

static void
extended_put_shape(struct session *session, const struct dialect_plan *plan, const int16_t *formats)
{
	const struct dialect_plan *shape = portal_shape(session, plan);

	if (shape->has_rows)
		portal_put_row_description(&session->out, shape, formats);
	else
		pgwire_put_empty(&session->out, 'n');
}

static enum session_step
extended_no_portal(struct session *session, const char *name)
{
	(void)report_set(&session->report, SQLSTATE_INVALID_CURSOR_NAME, "portal \"%s\" does not exist", name);
	return extended_fail(session);
}

static enum session_step
extended_describe(struct session *session, struct pgwire_reader *body)
{
	uint8_t what = pgwire_get_byte(body);
	const char *name = pgwire_get_string(body);
	const struct prepared *prepared;
	const struct portal *portal;

	if (!pgwire_reader_done(body) || (what != 'S' && what != 'P'))
		return extended_malformed(session);
	if (what == 'P') {
		if ((portal = session_find_portal(session, name)) == NULL)
			return extended_no_portal(session, name);
		extended_put_shape(session, portal->shared->plan, portal->formats);
		return STEP_ON;
	}
	if ((prepared = session_find_prepared(session, name)) == NULL) {
		(void)report_set(&session->report, SQLSTATE_INVALID_SQL_STATEMENT_NAME,
		    "prepared statement \"%s\" does not exist", name);
		return extended_fail(session);
	}
	pgwire_put_parameter_description(&session->out, prepared->shared->plan->param_oids,
	    prepared->shared->plan->nparams);
	extended_put_shape(session, prepared->shared->plan, NULL);
	return STEP_ON;
}

enum session_step
session_extended_go_on(struct session *session)
{
	struct portal *portal = session->resuming;
	enum portal_result result = portal_run(session, portal, session->resuming_max, &session->report);
	char tag[128];

	if (result != PORTAL_DONE && result != PORTAL_SUSPENDED)
		return session_step_of(session, result, extended_fail);
	if (session->copy.active)
		return STEP_ON;
	/* COMMIT closes all portals, its own among them: the answer comes from what was kept. */
	if (result == PORTAL_SUSPENDED)
		pgwire_put_empty(&session->out, 's');
	else if (portal->shared->plan->kind == DIALECT_EMPTY)
		pgwire_put_empty(&session->out, 'I');
	else {
		portal_tag(portal, tag, sizeof(tag));
		pgwire_put_command_complete(&session->out, tag);
	}
	session->resuming = NULL;
	return STEP_ON;
}

enum session_step
session_extended_copy_over(struct session *session, bool done)
{
	if (!done)
		return extended_fail(session);
	session->resuming->rows = session->copy.rows;
	session->resuming->done = true;
	return session_extended_go_on(session);
}

static enum session_step
extended_execute(struct session *session, struct pgwire_reader *body)
{
	const char *name = pgwire_get_string(body);
	uint32_t max = pgwire_get_int32(body);
	struct portal *portal;

	if (!pgwire_reader_done(body))
		return extended_malformed(session);
	if ((portal = session_find_portal(session, name)) == NULL)
		return extended_no_portal(session, name);
	session_begin_message(session);
	activity_begin(session, portal->source->sql);
	if (session_check_failed_block(session, portal->shared->plan, &session->report) == -1)
		return extended_fail(session);
	/* What writes and is not followed by Sync shares a transaction with what comes up to it. */
	if (portal->shared->plan->kind == DIALECT_MODIFY && !session_statement_is_alone(session))
		transaction_begin_implicit(session);
	portal->rows = 0;
	session->resuming = portal;
	session->resuming_max = max > INT32_MAX ? 0 : max;
	return session_extended_go_on(session);
}

static enum session_step
extended_close(struct session *session, struct pgwire_reader *body)
{
	uint8_t what = pgwire_get_byte(body);
	const char *name = pgwire_get_string(body);
	struct prepared *prepared;
	struct portal *portal;

	if (!pgwire_reader_done(body) || (what != 'S' && what != 'P'))
		return extended_malformed(session);
	if (what == 'P') {
		if ((portal = session_find_portal(session, name)) != NULL)
			portal_free(session, portal);
	} else if ((prepared = session_find_prepared(session, name)) != NULL)
		session_forget_prepared(session, prepared);
	pgwire_put_empty(&session->out, '3');
	return STEP_ON;
}

void
session_forget_prepared(struct session *session, struct prepared *prepared)
{
	if (prepared == session->unnamed)
		session->unnamed = NULL;
	else
		LIST_REMOVE(prepared, entry);
	prepared_release(prepared);
}

static enum session_step
extended_sync(struct session *session)
{
	session->skipping = false;
	if (transaction_status(session) == 'I') {
		if (transaction_end_implicit(session, &session->report) == -1)
			session_fail(session);
		if (session_end_portals(session, true) == -1)
			session_fail(session);
	}
	session_ready(session);
	return STEP_ON;
}

enum session_step
session_extended(struct session *session, const struct pgwire_message *message)
{
	struct pgwire_reader body = message->body;

	if (message->type == 'S')
		return pgwire_reader_done(&body) ? extended_sync(session) : extended_malformed(session);
	if (session->skipping)
		return STEP_ON;
	switch (message->type) {
	case 'P':
		return extended_parse(session, &body);
	case 'B':
		return extended_bind(session, &body);
	case 'D':
		return extended_describe(session, &body);
	case 'E':
		return extended_execute(session, &body);
	case 'C':
		return extended_close(session, &body);
	case 'H':
		return session_flush(session);
	default:
		(void)report_set(&session->report, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "message type \"%c\" is not supported", message->type);
		return extended_fail(session);
	}
}

enum session_step
session_extended_refuse(struct session *session)
{
	if (!session->skipping)
		return extended_fail(session);
	report_reset(&session->report);
	return STEP_ON;
}
