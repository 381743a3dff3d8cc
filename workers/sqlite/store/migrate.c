/*
 * Reads the record of bibd_migrations, and runs each missing file in a transaction with its row.
 */
#include "workers/sqlite/store/migrate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/migrations/migrations.h"
#include "workers/sqlite/connection/statement.h"
#include "workers/worker.h"

static const char migrate_table[] =
    "CREATE TABLE IF NOT EXISTS bibd_migrations(origin TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, "
    "checksum TEXT NOT NULL, applied_at \"timestamptz text\" NOT NULL, PRIMARY KEY (origin, number)) WITHOUT ROWID";

/* One statement of bibd's own: it defines, and changes rows of what it has defined. */
static int
migrate_own_statement(struct connection *connection, const struct dialect_text *text, struct report *r)
{
	struct statement *statement = statement_get(connection, text, NULL, 0, r);
	const struct dialect_plan *plan;
	int code, result = 0;

	if (statement == NULL)
		return -1;
	plan = statement->shared->plan;
	if (plan->kind == DIALECT_DEFINE)
		result = connection_define(connection, plan, false, r);
	else if (plan->kind != DIALECT_MODIFY || plan->fire != NULL || plan->nsteps > 0)
		result =
		    report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s cannot run in bibd's own migration", plan->tag);
	else if ((result = statement_bind_literals(statement, text, &connection->context.types, r)) == 0 &&
	    (code = sqlite3_step(statement->stmt)) != SQLITE_DONE)
		result = connection_report(connection, code, plan, r);
	statement_done(connection, statement);
	return result;
}

static int
migrate_own(struct connection *connection, const char *sql, struct report *r)
{
	struct dialect_text text = { .sql = NULL };
	size_t length = strlen(sql);
	int result = 0;

	for (size_t offset = 0; result == 0 && offset < length; offset = text.next) {
		result = dialect_lex(sql, length, offset, &text, r);
		if (result == 0 && !text.empty)
			result = migrate_own_statement(connection, &text, r);
	}
	dialect_text_free(&text);
	return result;
}

static int
migrate_record(struct connection *connection, const struct migration *migration, struct report *r)
{
	static const char sql[] = "INSERT INTO bibd_migrations VALUES (?1, ?2, ?3, ?4, ?5)";
	sqlite3_stmt *stmt = NULL;
	int code;

	if ((code = sqlite3_prepare_v2(connection->db, sql, -1, &stmt, NULL)) == SQLITE_OK) {
		sqlite3_bind_text(stmt, 1, migration_origin_names[migration->origin], -1, SQLITE_STATIC);
		sqlite3_bind_int64(stmt, 2, migration->number);
		sqlite3_bind_text(stmt, 3, migration->name, -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 4, migration->checksum, -1, SQLITE_STATIC);
		(void)connection_bind_time(stmt, 5, clock_realtime_us());
		code = sqlite3_step(stmt);
	}
	sqlite3_finalize(stmt);
	return code == SQLITE_DONE ? 0 : connection_report(connection, code, NULL, r);
}

/* What bibd itself does on the connection needs no session. */
static void
migrate_prepare(struct connection *connection, struct settings *settings)
{
	connection->context.internal = true;
	connection->context.role = ROLE_ADMIN;
	connection->context.user = role_names[ROLE_ADMIN];
	connection->context.database = "";
	connection->context.settings = settings;
	connection->context.transaction_time_us = connection->context.statement_time_us = clock_realtime_us();
}

/* An application's migration may do what admin may: what bibd owns is not its to change. */
static int
migrate_script(const struct store *store, struct connection *connection, const struct migration *migration,
    struct report *r)
{
	struct settings *settings = connection->context.settings;
	int result;

	if (migration->origin == MIGRATION_BIBD)
		return migrate_own(connection, migration->sql, r);
	connection->context.internal = false;
	result = store->script(store->script_arg, connection, migration->sql, r);
	connection->context.leased = true;
	migrate_prepare(connection, settings);
	return result;
}

static int
migrate_one(const struct store *store, struct connection *connection, const struct migration *migration,
    struct error *e)
{
	struct report report = { .state = SQLSTATE_SUCCESSFUL_COMPLETION };
	int code = connection_run(connection, COMMAND_BEGIN_IMMEDIATE), result = -1;

	if (code != SQLITE_OK)
		(void)connection_report(connection, code, NULL, &report);
	else if (migrate_script(store, connection, migration, &report) == 0 &&
	    migrate_record(connection, migration, &report) == 0) {
		if ((code = connection_run(connection, COMMAND_COMMIT)) == SQLITE_OK)
			result = 0;
		else
			(void)connection_report(connection, code, NULL, &report);
	}
	if (result == 0)
		log_info("migration %s has been applied", migration->file);
	else {
		if (connection_in_transaction(connection))
			(void)connection_run(connection, COMMAND_ROLLBACK);
		(void)error_set(e, STATUS_CONFIG, "migrations.failed", "migration %s failed and left nothing: %s (%s)",
		    migration->file, report.message == NULL ? "" : report.message, sqlstate_code(report.state));
	}
	report_reset(&report);
	return result;
}

static void
migrate_free_applied(struct migration_applied *applied, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free((void *)(uintptr_t)applied[i].origin);
		free((void *)(uintptr_t)applied[i].name);
		free((void *)(uintptr_t)applied[i].checksum);
	}
	free(applied);
}

static char *
migrate_column(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return strdup(text == NULL ? "" : text);
}

/* The record of what has been applied. */
static int
migrate_read_applied(struct connection *connection, struct migration_applied **applied, size_t *n, struct error *e)
{
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(connection->db, "SELECT origin, number, name, checksum FROM bibd_migrations", -1,
	    &stmt, NULL);

	*applied = NULL;
	*n = 0;
	while (code == SQLITE_OK || code == SQLITE_ROW) {
		struct migration_applied *grown;

		if ((code = sqlite3_step(stmt)) != SQLITE_ROW)
			break;
		if ((grown = reallocarray(*applied, *n + 1, sizeof(*grown))) == NULL) {
			code = SQLITE_NOMEM;
			break;
		}
		*applied = grown;
		grown[(*n)++] = (struct migration_applied) { .origin = migrate_column(stmt, 0),
			.number = (uint32_t)sqlite3_column_int64(stmt, 1),
			.name = migrate_column(stmt, 2),
			.checksum = migrate_column(stmt, 3) };
	}
	sqlite3_finalize(stmt);
	if (code == SQLITE_DONE)
		return 0;
	migrate_free_applied(*applied, *n);
	(void)error_set(e, STATUS_IO, "migrations.record", "cannot read which migrations were applied: %s",
	    sqlite3_errmsg(connection->db));
	return -1;
}

static int
migrate_all(const struct store *store, struct connection *connection, struct migrations *migrations, struct error *e)
{
	struct migration_applied *applied;
	const struct migration *migration;
	size_t napplied, cursor = 0;
	int result;

	if (sqlite3_exec(connection->db, migrate_table, NULL, NULL, NULL) != SQLITE_OK)
		return error_set(e, STATUS_IO, "migrations.record", "cannot make the record of migrations: %s",
		    sqlite3_errmsg(connection->db));
	if (migrate_read_applied(connection, &applied, &napplied, e) == -1)
		return -1;
	result = migrations_check(migrations, applied, napplied, e);
	migrate_free_applied(applied, napplied);
	/* Where the file's rows are moved to PostgreSQL, what the application adds is for that. */
	while (result == 0 && (migration = migrations_next(migrations, &cursor)) != NULL &&
	    (migration->origin == MIGRATION_BIBD || store->worker->conf->database.backend == CONF_BACKEND_SQLITE))
		result = migrate_one(store, connection, migration, e);
	return result;
}

int
migrate(const struct store *store, struct connection *connection, const char *builtin_dir, const char *application_dir,
    struct error *e)
{
	struct migrations migrations;
	struct settings *settings;
	int result;

	if (migrations_load(&migrations, builtin_dir, application_dir, e) == -1)
		return -1;
	if ((settings = settings_new()) == NULL) {
		migrations_free(&migrations);
		return error_set_errno(e, STATUS_OS, "migrations.memory", "cannot run migrations");
	}
	migrate_prepare(connection, settings);
	result = migrate_all(store, connection, &migrations, e);
	connection->context.settings = NULL;
	connection->context.internal = false;
	settings_free(settings);
	migrations_free(&migrations);
	return result;
}
