/* Takes a session from its new socket to being served: startup packets, who is calling, the first answers. */
#include <string.h>
#include <bsd/string.h>

#include "common/clock.h"
#include "workers/postgres/pool/cancel.h"
#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

void
pg_session_refuse(struct pg_session *session, const struct report *r)
{
	if (r->state == SQLSTATE_INVALID_AUTHORIZATION_SPECIFICATION || r->state == SQLSTATE_TOO_MANY_CONNECTIONS)
		pg_audit_add(&session->pool->audit, session, "refused", "connection", sqlstate_code(r->state));
	pgwire_put_report(&session->out, REPORT_FATAL, r);
	pg_session_close_when_sent(session);
}

static int
startup_check_pool(struct pg_session *session, struct report *r)
{
	struct pg_pool *pool = session->pool;

	if (pool->stopping)
		return report_set(r, SQLSTATE_CANNOT_CONNECT_NOW, "the database system is shutting down");
	if (!pool->operational)
		return report_set(r, SQLSTATE_CANNOT_CONNECT_NOW, "the database system is starting up");
	return 0;
}

/* The groups of a process on this host are looked up only now, and not kept. */
static int
startup_find_role(struct pg_session *session, const char *wanted, struct report *r)
{
	struct worker *worker = session->pool->worker;
	struct pgwire_peer peer;
	enum role role;
	struct error e;
	int result;

	if (pgwire_peer_is_remote(&session->peer))
		peer = session->peer;
	else if (pgwire_peer_get(session->watch.fd, &peer, &e) == -1)
		return report_set(r, SQLSTATE_INVALID_AUTHORIZATION_SPECIFICATION, "%s", e.text);
	result = pgwire_access_role(worker->conf, worker->separated, &peer, wanted, &role, r);
	pgwire_peer_free(&peer);
	if (result == -1)
		return -1;
	session->pool->roles[session->role]--;
	session->role = role;
	session->pool->roles[session->role]++;
	return 0;
}

static int
startup_check_database(const struct pg_session *session, const char *database, struct report *r)
{
	const struct conf *conf = session->pool->worker->conf;

	if (strcmp(database, conf->database.name) == 0)
		return 0;
	(void)report_set(r, SQLSTATE_INVALID_CATALOG_NAME, "database \"%s\" does not exist", database);
	report_hint(r, "This node serves the database \"%s\".", conf->database.name);
	return -1;
}

static int
startup_take_settings(struct pg_session *session, const struct pgwire_startup *startup, struct report *r)
{
	struct pg_pool *pool = session->pool;
	struct pg_settings *settings = pg_settings_from_startup(&pool->settings, startup, r);

	if (settings == NULL)
		return -1;
	pg_settings_release(&pool->settings, session->startup);
	pg_settings_release(&pool->settings, session->settings);
	session->startup = settings;
	session->settings = pg_settings_reference(settings);
	return 0;
}

static const struct pg_settings_report *
startup_report(const struct pg_session *session)
{
	const struct pg_settings_report *report = &session->settings->reports[session->role];

	return report->messages != NULL && report->generation == session->pool->generation ? report : NULL;
}

/* Finds the session's role, and takes its place among the sessions that are served. */
static int
startup_admit(struct pg_session *session, const char *wanted, struct report *r)
{
	struct pg_pool *pool = session->pool;

	/* bibd's own check uses any connection that is free, or the one reserved for admin, and is counted nowhere. */
	if (session->peer.is_check) {
		session->role = pg_pool_choose_role(pool, ROLE_ADMIN);
		return 0;
	}
	if (startup_find_role(session, wanted, r) == -1)
		return -1;
	return admission_serve(&pool->admission, pool->worker->conf, session->role, &session->place, r);
}

static void
startup_serve(struct pg_session *session, const struct pgwire_startup *startup)
{
	struct report r = { 0 };

	if (startup_check_pool(session, &r) == -1 || startup_admit(session, startup->user, &r) == -1 ||
	    startup_check_database(session, startup->database, &r) == -1 ||
	    startup_take_settings(session, startup, &r) == -1) {
		pg_session_refuse(session, &r);
		report_reset(&r);
		return;
	}
	TAILQ_REMOVE(&session->pool->starting, session, waiting);
	session->phase = SESSION_GREETING;
	if (startup_report(session) != NULL && !pg_pool_has_one_free(session->pool, session->role))
		pg_session_greet(session);
}

/* Keeps the application_name from the settings that are reported to the client. */
static void
startup_note_application(struct pg_session *session, const struct pg_settings_report *report)
{
	struct pgwire_reader r = { .data = report->messages, .length = report->size };
	const char *name, *value;

	while (!pgwire_reader_done(&r) && !r.failed) {
		(void)pgwire_get_byte(&r);
		(void)pgwire_get_int32(&r);
		name = pgwire_get_string(&r);
		value = pgwire_get_string(&r);
		if (!r.failed && strcmp(name, "application_name") == 0)
			(void)strlcpy(session->application, value, sizeof(session->application));
	}
}

void
pg_session_greet(struct pg_session *session)
{
	const struct pg_settings_report *report;

	if (session->backend != NULL)
		backend_parameters_report(session->backend, session->settings);
	if ((report = startup_report(session)) == NULL) {
		pg_session_end(session, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return;
	}
	session->phase = SESSION_SERVING;
	pg_session_take_pid(session);
	startup_note_application(session, report);
	pgwire_put_authentication_ok(&session->out);
	pgwire_put_bytes(&session->out, report->messages, report->size);
	pgwire_put_backend_key(&session->out, session->pid, session->secret);
	pgwire_put_ready(&session->out, 'I');
	if (session->backend != NULL && !session->pinned)
		backend_release(session->backend);
}

bool
pg_session_step_startup(struct pg_session *session)
{
	struct pgwire_startup startup;
	struct report r = { 0 };

	switch (pgwire_read_startup(&session->in, &session->out, &startup, &r)) {
	case PGWIRE_STARTUP_MORE:
		return false;
	case PGWIRE_STARTUP_REFUSE_TLS:
		return true;
	case PGWIRE_STARTUP_CANCEL:
		cancel_request(session->pool, startup.cancel_pid, startup.cancel_secret);
		pg_session_close(session);
		return false;
	case PGWIRE_STARTUP_CLOSE:
		pg_session_close(session);
		return false;
	case PGWIRE_STARTUP_FAILED:
		pg_session_refuse(session, &r);
		report_reset(&r);
		return false;
	case PGWIRE_STARTUP_SESSION:
		startup_serve(session, &startup);
		if (session->phase == SESSION_CLOSED || session->phase == SESSION_CLOSING)
			return false;
		pgwire_buffer_consume(&session->in, startup.size);
		return true;
	}
	return false;
}
