/* What a session is told of the repository: that its commit is not there, and which moments can be restored. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "workers/postgres/pool/backend.h"
#include "workers/postgres/pool/session.h"

#define MOMENT_SIZE 40

/* ---- commits ---- */

/* Whether a statement with this tag may have written. One that counts rows has not where there are none; what a SELECT
 * has a function do cannot be seen. COPY has where it came from the client. */
static bool
tag_writes(const char *tag)
{
	static const char *const reading[] = { "SELECT", "SHOW", "FETCH", "MOVE", "COPY ", "BEGIN", "START", "SET",
		"RESET", "DECLARE", "CLOSE", "LISTEN", "UNLISTEN", "NOTIFY", "PREPARE", "EXECUTE", "DEALLOCATE",
		"DISCARD", "EXPLAIN", "LOCK", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT", "CHECKPOINT", "VACUUM",
		"ANALYZE", "LOAD" };
	const char *count = strrchr(tag, ' ');

	if (strcmp(tag, "COPY IN") == 0)
		return true;
	for (size_t i = 0; i < sizeof(reading) / sizeof(reading[0]); i++)
		if (strncmp(tag, reading[i], strlen(reading[i])) == 0)
			return strncmp(tag, "SELECT INTO", 11) == 0;
	return count == NULL || strcmp(count, " 0") != 0;
}

void
backend_note_written(struct backend *backend, const char *tag)
{
	if (strcmp(tag, "ROLLBACK") == 0)
		backend->has_written = false;
	else
		backend->has_written = backend->has_written || tag_writes(tag);
}

/* By what the session has set for itself. */
static bool
session_waits(const struct pg_session *session)
{
	const struct pg_settings *settings = session->settings;

	for (unsigned i = 0; i < settings->n; i++)
		if (strcmp(settings->items[i].name, "synchronous_commit") == 0)
			return strcasestr(settings->items[i].sql, "local") == NULL &&
			    strcasestr(settings->items[i].sql, "off") == NULL;
	return true;
}

void
backend_warn_of_commit(struct backend *backend)
{
	const struct pg_pool_repository *repository = &backend->pool->repository;
	struct pg_session *session = backend->session;
	bool written = backend->has_written;
	struct report r = { 0 };

	backend->has_written = false;
	if (!written || session == NULL || session->failed || !(repository->missing || repository->let_go) ||
	    !session_waits(session))
		return;
	(void)report_set(&r, SQLSTATE_WARNING, "committed on this machine only: the repository %s",
	    repository->missing ? "does not answer (backup.wait_timeout)" : "is not waited for any more (backup.wait)");
	pgwire_put_report(&session->out, REPORT_WARNING, &r);
	report_reset(&r);
}

/* ---- moments ---- */

static void
moment_write(int64_t us, char text[MOMENT_SIZE])
{
	time_t second = (time_t)(us / 1000000);
	struct tm tm;
	size_t n;

	text[0] = '\0';
	if (us == 0 || gmtime_r(&second, &tm) == NULL)
		return;
	n = strftime(text, MOMENT_SIZE, "%Y-%m-%d %H:%M:%S", &tm);
	(void)snprintf(text + n, MOMENT_SIZE - n, ".%06d+00", (int)(us % 1000000));
}

void
backend_tell_moments(struct backend *backend, void (*inject)(struct backend *backend, const char *text))
{
	const struct pg_pool_repository *repository = &backend->pool->repository;
	char recoverable[MOMENT_SIZE], proven[MOMENT_SIZE], text[2 * MOMENT_SIZE + 128];

	moment_write(repository->recoverable_us, recoverable);
	moment_write(repository->proven_us, proven);
	(void)snprintf(text, sizeof(text),
	    "SELECT pg_catalog.set_config('bibd.recoverable_to', '%s', false),"
	    " pg_catalog.set_config('bibd.proven_to', '%s', false)",
	    recoverable, proven);
	inject(backend, text);
}
