/* From a new socket to a session that serves: startup packets, who is calling, the first answers. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <bsd/string.h>

#include "workers/sqlite/session/session.h"

/* What a session writes of temporary files, unless its role's temp_file_limit_mb says otherwise. */
#define STARTUP_TEMP_FILE_LIMIT_MB 1024

static enum session_step
startup_refuse(struct session *session)
{
	pgwire_put_report(&session->out, REPORT_FATAL, &session->report);
	return STEP_CLOSE;
}

/* A user who may not come in, or comes too often, is remembered; a server that is not there yet is not their doing. */
static void
startup_note_refusal(struct session *session)
{
	enum sqlstate state = session->report.state;

	if (state == SQLSTATE_INVALID_AUTHORIZATION_SPECIFICATION || state == SQLSTATE_TOO_MANY_CONNECTIONS)
		session_audit(session, "refused", "connection", sqlstate_code(state));
}

void
session_refuse(struct session *session)
{
	startup_note_refusal(session);
	(void)startup_refuse(session);
	(void)session_flush(session);
	session_free(session);
}

static int
startup_check_server(struct session *session)
{
	struct sqlite *sqlite = session->sqlite;
	struct report *r = &session->report;

	if (atomic_load(&sqlite->stopping))
		return report_set(r, SQLSTATE_CANNOT_CONNECT_NOW, "the database system is shutting down");
	if (!atomic_load(&sqlite->operational))
		return report_set(r, SQLSTATE_CANNOT_CONNECT_NOW, "the database system is starting up");
	return 0;
}

/* What the configuration says for the role: a bound on memory, and a time that the client may change. */
static int
startup_apply_bounds(struct session *session)
{
	const struct conf *conf = session->conf->conf;
	const struct conf_bounds *bounds = &conf->database.roles[session->task.role];
	char text[32];

	session->memory.limit = (bounds->work_mem_mb > 0 ? bounds->work_mem_mb : conf->database.sqlite.memory_mb / 2)
	    << 20;
	session->memory.file_limit =
	    (bounds->temp_file_limit_mb > 0 ? bounds->temp_file_limit_mb : STARTUP_TEMP_FILE_LIMIT_MB) << 20;
	if (bounds->statement_timeout == 0)
		return 0;
	(void)snprintf(text, sizeof(text), "%" PRId64, bounds->statement_timeout);
	return settings_set_startup(session->settings, "statement_timeout", text, &session->report);
}

static int
startup_apply_settings(struct session *session, const struct pgwire_startup *startup)
{
	if (startup_apply_bounds(session) == -1)
		return -1;
	for (unsigned i = 0; i < startup->nsettings; i++)
		if (settings_set_startup(session->settings, startup->settings[2 * i], startup->settings[2 * i + 1],
			&session->report) == -1)
			return -1;
	return settings_set_startup(session->settings, "session_authorization", role_names[session->task.role],
	    &session->report);
}

/* Who it is to be, and its place among those who are served. */
static int
startup_admit(struct session *session, const struct pgwire_startup *startup)
{
	struct sqlite *sqlite = session->sqlite;
	const struct conf *conf = session->conf->conf;
	struct report *r = &session->report;

	/* bibd itself: as one that always gets in, and counted nowhere. */
	if (session->task.is_check) {
		session->task.role = ROLE_ADMIN;
		return 0;
	}
	if (pgwire_access_role(conf, sqlite->worker->separated, &session->peer, startup->user, &session->task.role,
		r) == -1 ||
	    admission_serve(&sqlite->admission, conf, session->task.role, &session->place, r) == -1)
		return -1;
	atomic_fetch_sub(&sqlite->roles[ROLES], 1);
	atomic_fetch_add(&sqlite->roles[session->task.role], 1);
	return 0;
}

static enum session_step
startup_serve(struct session *session, const struct pgwire_startup *startup)
{
	const struct conf *conf = session->conf->conf;
	struct report *r = &session->report;

	if (startup_check_server(session) == -1 || startup_admit(session, startup) == -1) {
		startup_note_refusal(session);
		session->task.role = ROLES;
		return startup_refuse(session);
	}
	if (strcmp(startup->database, conf->database.name) != 0) {
		(void)report_set(r, SQLSTATE_INVALID_CATALOG_NAME, "database \"%s\" does not exist", startup->database);
		report_hint(r, "This node serves the database \"%s\".", conf->database.name);
		return startup_refuse(session);
	}
	(void)strlcpy(session->database, startup->database, sizeof(session->database));
	if (startup_apply_settings(session, startup) == -1)
		return startup_refuse(session);
	session->phase = SESSION_SERVING;
	pgwire_put_authentication_ok(&session->out);
	/* ParameterStatus first, then the key, then ready: clients read them in this order. */
	session_put_settings(session);
	pgwire_put_backend_key(&session->out, session->pid, session->secret);
	session_ready(session);
	return STEP_ON;
}

enum session_step
session_step_startup(struct session *session)
{
	struct pgwire_startup startup;
	enum session_step step = STEP_ON;

	switch (pgwire_read_startup(&session->in, &session->out, &startup, &session->report)) {
	case PGWIRE_STARTUP_MORE:
		return STEP_NEEDS_INPUT;
	case PGWIRE_STARTUP_REFUSE_TLS:
		return STEP_ON;
	case PGWIRE_STARTUP_CANCEL:
		session_cancel(session->sqlite, startup.cancel_pid, startup.cancel_secret);
		return STEP_CLOSE;
	case PGWIRE_STARTUP_CLOSE:
		return STEP_CLOSE;
	case PGWIRE_STARTUP_FAILED:
		return startup_refuse(session);
	case PGWIRE_STARTUP_SESSION:
		step = startup_serve(session, &startup);
		pgwire_buffer_consume(&session->in, startup.size);
	}
	return step;
}
