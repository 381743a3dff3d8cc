/*
 * Takes the lock, compares the record with the files, and runs each missing file, one step of the loop at a time.
 */
#include "workers/postgres/store/migrate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

#define MIGRATE_LOCK "1651073636" /* "bibd" */
#define MIGRATE_STEP_MS 30000
#define MIGRATE_FILE_MS (24 * 3600 * 1000)
#define MIGRATE_TICK_MS 1000

/* A row without applied_at is that of the file that may run now; the login that runs a file can mark that row and no
 * other. A file runs inside a function: it is one transaction with its row, and cannot commit halfway. */
static const char migrate_schema[] =
    "create schema if not exists bibd;"
    "create table if not exists bibd.migrations(origin text not null, number integer not null, name text not null,"
    " checksum text not null, applied_at timestamptz, primary key (origin, number));"
    "create or replace function bibd.migration_done(origin text, number integer) returns void language plpgsql"
    " security definer set search_path = pg_catalog as $body$ begin"
    " update bibd.migrations m set applied_at = now() where m.origin = $1 and m.number = $2 and m.applied_at is null;"
    " if not found then raise exception 'this migration is not the one that is to run'; end if; end $body$;"
    "create or replace function bibd.migration_run(origin text, number integer, script text) returns void"
    " language plpgsql as $body$ begin execute $3; perform bibd.migration_done($1, $2); end $body$;"
    "revoke all on function bibd.migration_done(text, integer), bibd.migration_run(text, integer, text) from public;";
static const char migrate_grants[] =
    "grant usage on schema bibd to admin;"
    "grant execute on function bibd.migration_done(text, integer), bibd.migration_run(text, integer, text) to"
    " admin;";
static const char migrate_is_there[] = "select to_regclass('bibd.migrations') is not null"
				       " and to_regprocedure('bibd.migration_run(text, integer, text)') is not null";
static const char migrate_read[] = "delete from bibd.migrations where applied_at is null;"
				   "select origin, number, name, checksum from bibd.migrations order by origin, number";
static const char migrate_announce[] = "insert into bibd.migrations values ($1, $2::integer, $3, $4, null)";
static const char migrate_withdraw[] = "delete from bibd.migrations where applied_at is null";
static const char migrate_file[] = "select bibd.migration_run($1, $2::integer, $3)";
static const char migrate_unlock[] = "select pg_advisory_unlock(" MIGRATE_LOCK ")";

static void migrate_next(struct migrate *migrate);

void
migrate_cancel(struct migrate *migrate)
{
	loop_timer_cancel(&migrate->tick);
	script_close(&migrate->runner);
	migrations_free(&migrate->migrations);
	migrate->done = NULL;
}

static void
migrate_end(struct migrate *migrate, const struct error *e, bool lost)
{
	migrate_done_fn *done = migrate->done;
	unsigned run = migrate->run;

	migrate_cancel(migrate);
	done(migrate->context, run, e, lost);
}

static void
migrate_fail(struct migrate *migrate, const struct script_failure *failure, const char *what)
{
	struct error e;

	if (strcmp(failure->state, "55P03") == 0)
		(void)error_set(&e, STATUS_UNAVAILABLE, "migrations.locked",
		    "cannot %s: another session has held the lock for over %" PRId64 " ms: end it, or wait for it",
		    what, migrate->options.lock_ms);
	else
		(void)error_set(&e, STATUS_IO, "migrations.record", "cannot %s: %s (%s)", what, failure->message,
		    failure->state);
	migrate_end(migrate, &e, failure->lost);
}

static void
migrate_ticked(struct loop_timer *timer)
{
	struct migrate *migrate = timer->arg;

	loop_timer_set(migrate->loop, timer, MIGRATE_TICK_MS, migrate_ticked, migrate);
	migrate->options.progress(migrate->context, migrate->doing);
}

static void
migrate_say(struct migrate *migrate, const char *doing, const char *file)
{
	(void)snprintf(migrate->doing, sizeof(migrate->doing), "%s%s", doing, file);
	loop_timer_set(migrate->loop, &migrate->tick, MIGRATE_TICK_MS, migrate_ticked, migrate);
}

/* ---- one file ---- */

/* The line of a position that PostgreSQL counts in characters from 1. */
static unsigned
migrate_line(const char *sql, unsigned position)
{
	unsigned line = 1;

	for (; *sql != '\0' && position > 1; sql++) {
		if (*sql == '\n')
			line++;
		/* The bytes after the first of a character do not count. */
		if (((unsigned char)sql[1] & 0xc0) != 0x80)
			position--;
	}
	return line;
}

/* The row of the file was withdrawn, or could not be: the file has failed in any case. */
static void
migrate_withdrawn(void *context, PGresult *result, const struct script_failure *failure)
{
	struct migrate *migrate = context;
	const struct error e = migrate->failed;

	(void)result;
	(void)failure;
	migrate_end(migrate, &e, false);
}

static void
migrate_file_done(void *context, PGresult *result, const struct script_failure *failure)
{
	struct migrate *migrate = context;
	char line[32] = "";

	(void)result;
	loop_timer_cancel(&migrate->tick);
	if (failure == NULL) {
		log_info("migration %s has been applied", migrate->migration->file);
		migrate->run++;
		migrate_next(migrate);
		return;
	}
	if (failure->lost) {
		migrate_fail(migrate, failure, "run migrations");
		return;
	}
	if (failure->position > 0)
		(void)snprintf(line, sizeof(line), " at line %u",
		    migrate_line(migrate->migration->sql, failure->position));
	(void)error_set(&migrate->failed, STATUS_CONFIG, "migrations.failed",
	    "migration %s failed and left nothing: %s%s (%s)", migrate->migration->file, failure->message, line,
	    failure->state);
	script_run(migrate->system, migrate_withdraw, MIGRATE_STEP_MS, migrate_withdrawn, migrate);
}

static void
migrate_run_file(struct migrate *migrate, struct script *script)
{
	const struct migration *migration = migrate->migration;
	char number[16];
	const char *const parameters[] = { migration_origin_names[migration->origin], number, migration->sql };

	(void)snprintf(number, sizeof(number), "%" PRIu32, migration->number);
	script_run_with(script, migrate_file, 3, parameters, MIGRATE_FILE_MS, migrate_file_done, migrate);
}

static void
migrate_runner_ready(void *context, PGresult *result, const struct script_failure *failure)
{
	struct migrate *migrate = context;

	(void)result;
	if (failure != NULL)
		migrate_fail(migrate, failure, "run migrations");
	else
		migrate_run_file(migrate, &migrate->runner);
}

/* The settings were reset, so that no file leaves any to the next. */
static void
migrate_runner_reset(void *context, PGresult *result, const struct script_failure *failure)
{
	struct migrate *migrate = context;
	char sql[80];

	(void)result;
	if (failure != NULL) {
		migrate_fail(migrate, failure, "log in to run migrations");
		return;
	}
	(void)snprintf(sql, sizeof(sql), "reset all; reset role; set lock_timeout = %" PRId64,
	    migrate->options.lock_ms);
	script_run(&migrate->runner, sql, MIGRATE_STEP_MS, migrate_runner_ready, migrate);
}

static void
migrate_announced(void *context, PGresult *result, const struct script_failure *failure)
{
	struct migrate *migrate = context;

	(void)result;
	if (failure != NULL)
		migrate_fail(migrate, failure, "record a migration");
	else if (migrate->migration->origin == MIGRATION_BIBD)
		migrate_run_file(migrate, migrate->system);
	else if (script_is_idle(&migrate->runner))
		migrate_runner_reset(migrate, NULL, NULL);
	else if (!migrate->options.log_in(migrate->context, &migrate->runner, migrate_runner_reset, migrate)) {
		const struct script_failure none = { .message = "there is no login for it" };

		migrate_fail(migrate, &none, "run migrations");
	}
}

static void
migrate_unlocked(void *context, PGresult *result, const struct script_failure *failure)
{
	struct migrate *migrate = context;

	(void)result;
	if (failure != NULL)
		migrate_fail(migrate, failure, "give the lock of migrations back");
	else
		migrate_end(migrate, NULL, false);
}

static void
migrate_next(struct migrate *migrate)
{
	const struct migration *migration = migrations_next(&migrate->migrations, &migrate->cursor);
	char number[16];

	if ((migrate->migration = migration) == NULL) {
		script_run(migrate->system, migrate_unlock, MIGRATE_STEP_MS, migrate_unlocked, migrate);
		return;
	}
	migrate_say(migrate, "running migration ", migration->file);
	migrate->options.progress(migrate->context, migrate->doing);
	(void)snprintf(number, sizeof(number), "%" PRIu32, migration->number);
	script_run_with(migrate->system, migrate_announce, 4,
	    (const char *const[]) { migration_origin_names[migration->origin], number, migration->name,
		migration->checksum },
	    MIGRATE_STEP_MS, migrate_announced, migrate);
}

/* ---- the record ---- */

static const char *
migrate_value(PGresult *result, int row, int column)
{
	return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

static void
migrate_record_read(void *context, PGresult *result, const struct script_failure *failure)
{
	struct migrate *migrate = context;
	int n = failure == NULL ? PQntuples(result) : 0;
	struct migration_applied *applied;
	struct error e;

	if (failure != NULL) {
		migrate_fail(migrate, failure, "read which migrations were applied");
		return;
	}
	if ((applied = calloc((size_t)n + 1, sizeof(*applied))) == NULL) {
		(void)error_set_errno(&e, STATUS_OS, "migrations.memory", "cannot run migrations");
		migrate_end(migrate, &e, false);
		return;
	}
	for (int i = 0; i < n; i++)
		applied[i] = (struct migration_applied) { .origin = migrate_value(result, i, 0),
			.number = (uint32_t)strtoul(PQgetvalue(result, i, 1), NULL, 10),
			.name = migrate_value(result, i, 2),
			.checksum = migrate_value(result, i, 3) };
	n = migrations_check(&migrate->migrations, applied, (size_t)n, &e);
	free(applied);
	if (n == -1)
		migrate_end(migrate, &e, false);
	else
		migrate_next(migrate);
}

static void
migrate_record_made(void *context, PGresult *result, const struct script_failure *failure)
{
	struct migrate *migrate = context;

	(void)result;
	if (failure != NULL)
		migrate_fail(migrate, failure, "make the record of migrations");
	else
		script_run(migrate->system, migrate_read, MIGRATE_STEP_MS, migrate_record_read, migrate);
}

static void
migrate_record_looked(void *context, PGresult *result, const struct script_failure *failure)
{
	struct migrate *migrate = context;
	char sql[sizeof(migrate_schema) + sizeof(migrate_grants)];

	if (failure != NULL || PQgetvalue(result, 0, 0)[0] == 't') {
		migrate_record_made(migrate, NULL, failure);
		return;
	}
	(void)snprintf(sql, sizeof(sql), "%s%s", migrate_schema, migrate->options.managed ? migrate_grants : "");
	script_run(migrate->system, sql, MIGRATE_STEP_MS, migrate_record_made, migrate);
}

static void
migrate_locked(void *context, PGresult *result, const struct script_failure *failure)
{
	struct migrate *migrate = context;

	(void)result;
	loop_timer_cancel(&migrate->tick);
	if (failure != NULL)
		migrate_fail(migrate, failure, "take the lock of migrations");
	else
		script_run(migrate->system, migrate_is_there, MIGRATE_STEP_MS, migrate_record_looked, migrate);
}

void
migrate_start(struct migrate *migrate, struct loop *loop, struct script *system, const struct migrate_options *options,
    migrate_done_fn *done, void *context)
{
	struct error e;
	char sql[96];

	*migrate = (struct migrate) { .loop = loop,
		.system = system,
		.runner.watch.fd = -1,
		.options = *options,
		.done = done,
		.context = context };
	if (migrations_load(&migrate->migrations, options->builtin_dir, options->application_dir, &e) == -1) {
		migrate_end(migrate, &e, false);
		return;
	}
	migrate_say(migrate, "waiting for another node that runs migrations", "");
	(void)snprintf(sql, sizeof(sql), "set lock_timeout = %" PRId64 "; select pg_advisory_lock(" MIGRATE_LOCK ")",
	    options->lock_ms);
	script_run(system, sql, options->lock_ms + MIGRATE_STEP_MS, migrate_locked, migrate);
}
