/* The simple protocol: one Query message, any number of statements. */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/front.h"
#include "workers/sqlite/session/session.h"

/* Bytes of a text whose parsing may last. */
#define SIMPLE_LONG_TEXT ((size_t)64 << 10)

static enum session_step
simple_end(struct session *session)
{
	struct simple_query *query = &session->query;

	portal_reset(session, &query->portal);
	free(query->owned);
	query->owned = NULL;
	query->active = query->prepared = false;
	session_ready(session);
	return STEP_ON;
}

static enum session_step
simple_fail(struct session *session)
{
	struct simple_query *query = &session->query;

	portal_reset(session, &query->portal);
	session_fail(session);
	return simple_end(session);
}

enum session_step
session_simple_begin(struct session *session, const struct pgwire_message *message)
{
	struct simple_query *query = &session->query;
	struct pgwire_reader body = message->body;
	const char *sql = pgwire_get_string(&body);
	struct portal *unnamed;

	if (!pgwire_reader_done(&body)) {
		(void)report_set(&session->report, SQLSTATE_PROTOCOL_VIOLATION, "invalid message format");
		session_fail(session);
		session_ready(session);
		return STEP_ON;
	}
	/* PostgreSQL drops the unnamed statement and portal here. */
	prepared_release(session->unnamed);
	session->unnamed = NULL;
	if ((unnamed = session_find_portal(session, "")) != NULL)
		portal_free(session, unnamed);
	query->active = true;
	query->several = query->any = query->prepared = false;
	query->sql = sql;
	query->length = strlen(sql);
	query->next = 0;
	activity_begin(session, sql);
	session_begin_statement(session);
	return session_simple_go_on(session);
}

/* Looks at the next statement; a text of several is checked whole first, for PostgreSQL runs none of them when one of
 * them is not well formed. */
static int
simple_lex(struct session *session)
{
	struct simple_query *query = &session->query;
	bool guarded = memory_guard(true);
	int lexed = dialect_lex(query->sql, query->length, query->next, &query->text, &session->report);

	(void)memory_guard(guarded);
	if (lexed == -1)
		return -1;
	if (query->next == 0 && query->text.next < query->length &&
	    strspn(query->sql + query->text.next, " \t\r\n;") < query->length - query->text.next) {
		query->several = true;
		if (dialect_check_syntax(query->sql, query->length, &session->report) == -1)
			return -1;
	}
	if (query->several)
		transaction_begin_implicit(session);
	query->next = query->text.next;
	return 0;
}

/* All statements are done: the implicit transaction ends, and only then is the client told. */
static enum session_step
simple_finish(struct session *session)
{
	struct simple_query *query = &session->query;

	if (transaction_end_implicit(session, &session->report) == -1)
		return simple_fail(session);
	if (!query->any)
		pgwire_put_empty(&session->out, 'I');
	return simple_end(session);
}

static void
simple_put_notice(struct session *session, const struct dialect_plan *plan)
{
	struct report notice = { .state = SQLSTATE_SUCCESSFUL_COMPLETION };

	if (plan->notice == NULL || settings_values(session->settings)->client_min_messages > REPORT_NOTICE)
		return;
	notice.message = strdup(plan->notice);
	pgwire_put_report(&session->out, REPORT_NOTICE, &notice);
	report_reset(&notice);
}

static int
simple_complete(struct session *session)
{
	struct simple_query *query = &session->query;
	struct portal *portal = &query->portal;
	char tag[128];

	/* A statement that is its own transaction ends before its tag goes out: a tag is a promise. */
	if (!query->several && transaction_end_implicit(session, &session->report) == -1)
		return -1;
	portal_tag(portal, tag, sizeof(tag));
	if (portal->shared->plan->kind == DIALECT_EMPTY)
		pgwire_put_empty(&session->out, 'I');
	else
		pgwire_put_command_complete(&session->out, tag);
	portal_reset(session, portal);
	query->prepared = false;
	return 0;
}

/* A long text is parsed as a whole, which may last and cannot be interrupted: as work that has a connection, of which
 * there are fewer than threads, so that others are served meanwhile. */
static enum transaction_result
simple_admit(struct session *session)
{
	struct simple_query *query = &session->query;
	enum transaction_result result;

	if (query->next > 0 || query->length < SIMPLE_LONG_TEXT)
		return TRANSACTION_READY;
	result = session_need_connection(session, &session->report);
	if (result == TRANSACTION_READY)
		session_begin_long_work(session);
	return result;
}

/* The next statement up to the point where it can run. PORTAL_SUSPENDED stands for: there is none. */
static enum portal_result
simple_prepare(struct session *session)
{
	struct simple_query *query = &session->query;
	struct portal *portal = &query->portal;
	enum transaction_result admitted;
	enum portal_result result;

	while (portal->text == NULL) {
		if (query->next > 0 && query->next >= query->length)
			return PORTAL_SUSPENDED;
		if ((admitted = simple_admit(session)) != TRANSACTION_READY)
			return admitted == TRANSACTION_WAITS ? PORTAL_WAITS : PORTAL_FAILED;
		if (simple_lex(session) == -1)
			return PORTAL_FAILED;
		if (query->text.empty && query->next >= query->length)
			return PORTAL_SUSPENDED;
		if (!query->text.empty) {
			portal->text = &query->text;
			session_begin_statement(session);
		}
	}
	if ((result = portal_open(session, portal, &session->report)) != PORTAL_DONE) {
		session_prefer_failed_block(session);
		return result;
	}
	if (session_check_failed_block(session, portal->shared->plan, &session->report) == -1)
		return PORTAL_FAILED;
	simple_put_notice(session, portal->shared->plan);
	/* What SQLite does not run needs no statement of its, nor a connection while it waits. */
	if (portal->shared->plan->kind != DIALECT_QUERY && portal->shared->plan->kind != DIALECT_MODIFY)
		portal_release_statement(session, portal);
	query->prepared = query->any = true;
	return PORTAL_DONE;
}

static void
simple_describe(struct session *session)
{
	struct portal *portal = &session->query.portal;
	const struct dialect_plan *shape = portal_shape(session, portal->shared->plan);

	if (shape->has_rows && !portal->described)
		portal_put_row_description(&session->out, shape, NULL);
	portal->described = true;
}

/* The client's data follows the Query, which must not stand in its way: the text is kept elsewhere. */
static enum session_step
simple_begin_copy(struct session *session)
{
	struct simple_query *query = &session->query;

	if (query->owned == NULL && (query->owned = strdup(query->sql)) == NULL)
		return STEP_CLOSE;
	query->sql = query->owned;
	return STEP_ON;
}

enum session_step
session_simple_go_on(struct session *session)
{
	struct simple_query *query = &session->query;
	enum portal_result result;

	for (;;) {
		if (!query->prepared && (result = simple_prepare(session)) != PORTAL_DONE)
			return result == PORTAL_SUSPENDED ? simple_finish(session)
							  : session_step_of(session, result, simple_fail);
		simple_describe(session);
		if ((result = portal_run(session, &query->portal, 0, &session->report)) != PORTAL_DONE)
			return session_step_of(session, result, simple_fail);
		if (session->copy.active)
			return simple_begin_copy(session);
		if (simple_complete(session) == -1)
			return simple_fail(session);
	}
}

enum session_step
session_simple_copy_over(struct session *session, bool done)
{
	if (!done)
		return simple_fail(session);
	session->query.portal.rows = session->copy.rows;
	if (simple_complete(session) == -1)
		return simple_fail(session);
	return session_simple_go_on(session);
}
