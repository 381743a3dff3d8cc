/* The steps of an opening, once the server accepts connections. */
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "workers/postgres/store/private.h"

/* Whether the failure may pass by itself: the server is going down, coming up, or has no room now (classes of
 * SQLSTATE), or gave no answer. */
static bool
pg_store_may_pass(const struct script_failure *failure)
{
	static const char *const passing[] = { "08", "53", "57P" };

	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (strncmp(failure->state, passing[i], strlen(passing[i])) == 0)
			return true;
	return failure->state[0] == '\0';
}

/* A step failed: the server's reason decides whether it is worth waiting. what: "log in as bibd_system". */
static void
pg_store_step_failed(struct pg_store *store, const struct script_failure *failure, const char *what)
{
	struct error e;

	if (!store->login.managed || pg_store_may_pass(failure)) {
		pg_store_unavailable(store, failure->message, strncmp(failure->state, "53", 2) != 0);
		return;
	}
	if (strncmp(failure->state, "28", 2) == 0)
		(void)error_set(&e, STATUS_DATA, "store.credentials",
		    "cannot %s: PostgreSQL and the stored credentials are not "
		    "of one node (%s): see \"Lost credentials\" in bibd(8)",
		    what, failure->message);
	else
		(void)error_set(&e, STATUS_UNAVAILABLE, "store.open", "cannot %s: %s (%s)", what, failure->message,
		    failure->state);
	pg_store_fail(store, &e);
}

static void
pg_store_no_credential(struct pg_store *store)
{
	struct error e;

	(void)error_set(&e, STATUS_DATA, "store.credentials",
	    "bibd-keeper has no password for a login that is needed: see \"Lost credentials\" in bibd(8)");
	pg_store_fail(store, &e);
}

/* ---- as bibd_system ---- */

static void
pg_store_logged_in(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_store *store = context;

	(void)result;
	if (failure == NULL) {
		pg_store_note_password(store);
		pg_store_happened(store, STORE_DONE);
		return;
	}
	if (pg_store_try_other_password(store, failure)) {
		pg_store_enter_login(store);
		return;
	}
	/* keeper may have newer credentials by now. */
	if (strncmp(failure->state, "28", 2) == 0) {
		pg_credentials_close(&store->credentials);
		if (!store->fresh) {
			pg_store_happened(store, STORE_ASKED);
			return;
		}
	}
	pg_store_step_failed(store, failure, "log in as " CREDENTIALS_SYSTEM);
}

void
pg_store_enter_login(struct pg_store *store)
{
	if (!pg_store_log_in(store, &store->system, ROLES, pg_store_logged_in, store))
		pg_store_no_credential(store);
}

/* ---- roles ---- */

static void
pg_store_roles_done(void *context, unsigned repaired, const struct script_failure *failure)
{
	struct pg_store *store = context;

	if (failure != NULL) {
		pg_store_step_failed(store, failure, "set up roles");
		return;
	}
	if (repaired > 0)
		worker_event(store->worker, "roles.repaired", "logins of bibd had been changed by clients: %u repairs",
		    repaired);
	pg_store_happened(store, STORE_DONE);
}

/* The logins' settings hold for every connection. Their passwords and the rights, which are nearly always as they
 * should be, are looked at once the store is open. */
void
pg_store_enter_roles(struct pg_store *store)
{
	if (!store->login.managed)
		pg_store_happened(store, STORE_DONE);
	else
		roles_ensure(&store->roles, &store->system, &store->credentials,
		    store->passwords_refused ? ROLES_ALL : ROLES_LOGINS | ROLES_NEW, pg_store_locks_logins(store),
		    pg_store_roles_done, store);
}

/* ---- the check ---- */

static void
pg_store_checked(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_store *store = context;

	(void)result;
	if (failure != NULL)
		pg_store_step_failed(store, failure, "run a query as an application");
	else
		pg_store_happened(store, STORE_DONE);
}

static void
pg_store_application_ready(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_store *store = context;

	(void)result;
	if (failure != NULL && strncmp(failure->state, "28", 2) == 0 && store->login.managed &&
	    !store->passwords_refused) {
		store->passwords_refused = true;
		pg_store_happened(store, STORE_AGAIN);
	} else if (failure != NULL)
		pg_store_step_failed(store, failure, "log in as an application");
	else
		script_run(&store->application, STORE_CHECK_SQL, pg_store_timeout(store), pg_store_checked, store);
}

/* The connection stays for the final check that the supervisor asks for. */
void
pg_store_enter_checking(struct pg_store *store)
{
	if (!store->available)
		store->events.soon(store->context);
	if (!pg_store_log_in(store, &store->application, ROLE_WRITE, pg_store_application_ready, store))
		pg_store_no_credential(store);
}

/* ---- migrations ---- */

/* Rights were given on what the migrations have made. */
static void
pg_store_rights_done(void *context, unsigned repaired, const struct script_failure *failure)
{
	struct pg_store *store = context;

	(void)repaired;
	if (failure != NULL)
		pg_store_step_failed(store, failure, "set up roles");
	else
		pg_store_happened(store, STORE_DONE);
}

static void
pg_store_migrated(void *context, unsigned run, const struct error *e, bool lost)
{
	struct pg_store *store = context;

	if (e != NULL && lost)
		pg_store_unavailable(store, e->text, true);
	else if (e != NULL)
		pg_store_fail(store, e);
	else if (store->moves)
		store->events.move(store->context);
	else if (run > 0 && store->login.managed)
		roles_ensure(&store->roles, &store->system, &store->credentials, ROLES_OBJECTS, false,
		    pg_store_rights_done, store);
	else
		pg_store_happened(store, STORE_DONE);
}

static bool
pg_store_log_migrations_in(void *context, struct script *script, script_done_fn *done, void *done_context)
{
	return pg_store_log_in(context, script, ROLE_ADMIN, done, done_context);
}

static void
pg_store_migration_progress(void *context, const char *text)
{
	pg_store_say(context, text);
}

void
pg_store_enter_migrating(struct pg_store *store)
{
	struct worker *worker = store->worker;
	const struct migrate_options options = { .builtin_dir = worker->migrations_dir,
		.application_dir = store->moves ? "" : worker->conf->database.migrations_dir,
		.managed = store->login.managed,
		.lock_ms = conf_health(worker->conf)->startup_timeout,
		.log_in = pg_store_log_migrations_in,
		.progress = pg_store_migration_progress };

	migrate_start(&store->migrate, &worker->loop, &store->system, &options, pg_store_migrated, store);
}

/* ---- a move, which makes what the application's migrations would find ---- */

static void
pg_store_moved_rights_done(void *context, unsigned repaired, const struct script_failure *failure)
{
	struct pg_store *store = context;

	(void)repaired;
	if (failure != NULL)
		pg_store_step_failed(store, failure, "set up roles");
	else
		pg_store_enter_migrating(store);
}

void
pg_store_expect_move(struct pg_store *store)
{
	store->moves = true;
}

void
pg_store_progress(struct pg_store *store, const char *text, bool news)
{
	if (news)
		store->progress[0] = '\0';
	pg_store_say(store, text);
}

void
pg_store_moved(struct pg_store *store, const struct error *e)
{
	if (store->state != STORE_MIGRATING)
		return;
	if (e != NULL) {
		pg_store_fail(store, e);
		return;
	}
	store->moves = false;
	roles_ensure(&store->roles, &store->system, &store->credentials, ROLES_OBJECTS, false,
	    pg_store_moved_rights_done, store);
}
