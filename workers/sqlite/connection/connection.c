/*
 * Opens and closes a connection, runs statements of bibd's own on it, and keeps its snapshot for the next reader.
 */
#include "workers/sqlite/connection/connection.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/memory/memory.h"
#include "workers/sqlite/sequences/sequences.h"

/* Virtual machine steps between two looks at cancellation and the clock. */
#define CONNECTION_PROGRESS_STEPS 2000
/* A transaction that has so many pages in the log before it commits is synced in two steps. */
#define CONNECTION_LARGE_PAGES 256

static const char *const connection_command_texts[COMMANDS] = {
	[COMMAND_BEGIN] = "BEGIN",
	[COMMAND_BEGIN_IMMEDIATE] = "BEGIN IMMEDIATE",
	[COMMAND_COMMIT] = "COMMIT",
	[COMMAND_ROLLBACK] = "ROLLBACK",
};

/* On every connection: the rules that a client may rely on. Syncs are commit.h's; NORMAL leaves those to SQLite that
 * keep the order of the log and the file. */
static const char connection_pragmas[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
    "PRAGMA cell_size_check=ON; PRAGMA wal_autocheckpoint=0; PRAGMA recursive_triggers=ON; PRAGMA temp_store=FILE;"
    "PRAGMA cache_size=-2000; PRAGMA journal_size_limit=67108864;";

/* Limits below SQLite's own, so that one statement cannot take the process's memory. */
static const struct {
	int id;
	int value;
} connection_limits[] = {
	{ SQLITE_LIMIT_ATTACHED, 3 },
	{ SQLITE_LIMIT_TRIGGER_DEPTH, 100 },
	{ SQLITE_LIMIT_WORKER_THREADS, 0 },
};

static int
connection_progress(void *arg)
{
	const struct sql_context *context = &((struct connection *)arg)->context;

	return context->must_stop != NULL && context->must_stop(context->must_stop_arg);
}

void
connection_note_code(struct connection *connection, int code)
{
	if (connection->file->note_code != NULL)
		connection->file->note_code(connection->file, code);
}

static int
connection_note_wal(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct connection *connection = arg;

	(void)db;
	(void)name;
	atomic_store_explicit(&connection->file->wal_pages, pages, memory_order_relaxed);
	if (connection->file->note_wal != NULL)
		connection->file->note_wal(connection->file, pages);
	return SQLITE_OK;
}

/* Before anybody can see what is committed. Of temporary tables alone nobody waits. */
static int
connection_note_commit(void *arg)
{
	struct connection *connection = arg;
	int spilled = 0, highest;

	if (sqlite3_txn_state(connection->db, "public") != SQLITE_TXN_WRITE)
		return 0;
	/* Pages for which the cache had no room are in the log already. */
	(void)sqlite3_db_status(connection->db, SQLITE_DBSTATUS_CACHE_SPILL, &spilled, &highest, 1);
	commit_note(&connection->file->commit, spilled >= CONNECTION_LARGE_PAGES);
	return 0;
}

static int
connection_configure(struct connection *connection)
{
	sqlite3 *db = connection->db;
	int code;

	sqlite3_extended_result_codes(db, 1);
	sqlite3_busy_timeout(db, CONNECTION_BUSY_MS);
	for (size_t i = 0; i < sizeof(connection_limits) / sizeof(connection_limits[0]); i++)
		sqlite3_limit(db, connection_limits[i].id, connection_limits[i].value);
	/* "public.t" is the way clients name a table; SQLite calls its main database so. */
	if ((code = sqlite3_db_config(db, SQLITE_DBCONFIG_MAINDBNAME, "public")) != SQLITE_OK ||
	    (code = sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL)) != SQLITE_OK ||
	    (code = sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL)) != SQLITE_OK ||
	    (code = sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL)) != SQLITE_OK)
		return code;
	connection->context.internal = true;
	if ((code = sqlite3_exec(db, connection_pragmas, NULL, NULL, NULL)) != SQLITE_OK)
		return code;
	if (type_register_collations(db) != SQLITE_OK || functions_register(db, &connection->context) != SQLITE_OK ||
	    catalog_attach(db) != SQLITE_OK || (connection->schema = schema_open(db)) == NULL)
		return SQLITE_NOMEM;
	connection->context.schema = connection->schema;
	for (int i = 0; i < COMMANDS; i++)
		if ((code = sqlite3_prepare_v3(db, connection_command_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
			 &connection->commands[i], NULL)) != SQLITE_OK)
			return code;
	/* A table-valued function declares its columns when it is first used, which asks the authorizer: not on behalf
	 * of the client that happens to be first. */
	if ((code = sqlite3_exec(db,
		 "SELECT 1 FROM bibd_generate_series(1, 1), bibd_unnest('{}'), bibd_rows(), bibd_lateral('SELECT 1'), "
		 "bibd_step(1), bibd_transition(1)",
		 NULL, NULL, NULL)) != SQLITE_OK)
		return code;
	sqlite3_set_authorizer(db, authorize, connection);
	sqlite3_progress_handler(db, CONNECTION_PROGRESS_STEPS, connection_progress, connection);
	sqlite3_wal_hook(db, connection_note_wal, connection);
	sqlite3_commit_hook(db, connection_note_commit, connection);
	sqlite3_update_hook(db, key_note_change, &connection->context);
	connection->context.internal = false;
	return SQLITE_OK;
}

struct connection *
connection_open(struct connection_file *file, bool create, int *sqlite_code, struct error *e)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	int flags =
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | (create ? SQLITE_OPEN_CREATE : 0);
	const char *path = file->path;
	int code;

	if (connection == NULL) {
		(void)error_set_errno(e, STATUS_OS, "store.open", "cannot open %s", path);
		return NULL;
	}
	connection->context.sessions = file->sessions.list == NULL ? NULL : &file->sessions;
	connection->context.sequences = file->sequences;
	connection->context.drawn = &connection->own_memory;
	connection->file = file;
	statement_cache_init(&connection->cache, &file->statements);
	code = sqlite3_open_v2(path, &connection->db, flags, NULL);
	if (code == SQLITE_OK)
		code = connection_configure(connection);
	if (sqlite_code != NULL)
		*sqlite_code = code;
	if (code != SQLITE_OK) {
		if (connection_met_full_disk(connection, code))
			(void)error_set(e, STATUS_IO, "store.disk_full", "cannot open %s: no space left on the disk",
			    path);
		else
			(void)error_set(e, STATUS_IO, "store.open", "cannot open %s: %s", path,
			    connection->db == NULL ? sqlite3_errstr(code) : sqlite3_errmsg(connection->db));
		connection_close(connection);
		return NULL;
	}
	return connection;
}

void
connection_close(struct connection *connection)
{
	if (connection == NULL)
		return;
	statement_cache_clear(&connection->cache);
	if (connection->routines != NULL)
		connection->free_routines(connection->routines);
	for (int i = 0; i < COMMANDS; i++)
		sqlite3_finalize(connection->commands[i]);
	schema_close(connection->schema);
	report_reset(&connection->context.report);
	key_touched_begin(&connection->context.touched, NULL);
	sequences_close(connection->context.temporary_sequences);
	sequence_memory_forget(&connection->own_memory);
	sqlite3_close_v2(connection->db);
	free(connection);
}

uint64_t
connection_schema(const struct connection *connection)
{
	return atomic_load_explicit(&connection->file->definitions, memory_order_acquire) + connection->own_definitions;
}

int
connection_run(struct connection *connection, enum connection_command command)
{
	sqlite3_stmt *stmt = connection->commands[command];
	bool before = connection->context.internal;
	int code;

	/* SQLite prepares it anew after a change of the schema, and asks the authorizer again. */
	connection->context.internal = true;
	code = sqlite3_step(stmt);
	sqlite3_reset(stmt);
	connection_note_code(connection, code);
	connection->context.internal = before;
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

int
connection_script(struct connection *connection, const char *sql, bool internal, struct report *r)
{
	bool before = connection->context.internal, guarded;
	int code;

	connection->context.internal = before || internal;
	report_reset(&connection->context.report);
	guarded = memory_guard(true);
	code = sqlite3_exec(connection->db, sql, NULL, NULL, NULL);
	(void)memory_guard(guarded);
	connection->context.internal = before;
	return code == SQLITE_OK ? 0 : connection_report(connection, code, NULL, r);
}

int
connection_define(struct connection *connection, const struct dialect_plan *plan, bool internal, struct report *r)
{
	int result;

	connection->own_definitions++;
	if (plan->sql == NULL)
		return 0;
	if (plan->rebuilds)
		schema_set_rebuilding(connection->db, true);
	else if (plan->leaves_views)
		schema_set_leaving_views(connection->db, true);
	connection->context.defining = true;
	connection->context.defined = plan->target;
	connection->context.triggers = plan->triggers;
	result = connection_script(connection, plan->sql, internal, r);
	connection->context.defining = connection->context.triggers = false;
	connection->context.defined = NULL;
	if (!plan->rebuilds && plan->leaves_views)
		schema_set_leaving_views(connection->db, false);
	if (!plan->rebuilds)
		return result;
	schema_set_rebuilding(connection->db, false);
	if (result == 0 && connection_number(connection, "SELECT count(*) FROM pragma_foreign_key_check", 0) > 0)
		return report_set(r, SQLSTATE_FOREIGN_KEY_VIOLATION,
		    "rows of table \"%s\" violate a foreign key constraint", plan->target == NULL ? "" : plan->target);
	return result;
}

int64_t
connection_number(struct connection *connection, const char *sql, int64_t fallback)
{
	bool before = connection->context.internal;
	sqlite3_stmt *stmt = NULL;
	int64_t number = fallback;

	connection->context.internal = true;
	if (sqlite3_prepare_v2(connection->db, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		number = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	connection->context.internal = before;
	return number;
}

int
connection_bind_time(sqlite3_stmt *stmt, int n, int64_t realtime_us)
{
	char text[CLOCK_TEXT_SIZE];
	struct type_value value = { .kind = SQLITE_NULL };
	int code;

	(void)clock_text(realtime_us, text, sizeof(text));
	if (type_decode(TYPE_TIMESTAMPTZ, TYPE_FORMAT_TEXT, text, strlen(text), &value, NULL) == -1)
		return SQLITE_ERROR;
	code = type_bind(stmt, n, &value, false);
	type_value_free(&value);
	return code;
}

int
connection_hold_snapshot(struct connection *connection)
{
	unsigned long commits = atomic_load_explicit(&connection->file->commits, memory_order_acquire);
	int64_t now = clock_now_ms();
	int code;

	if (connection->has_snapshot && connection->snapshot_commits == commits &&
	    now - connection->snapshot_ms < CONNECTION_SNAPSHOT_MS)
		return SQLITE_OK;
	connection_drop_snapshot(connection);
	if ((code = connection_run(connection, COMMAND_BEGIN)) != SQLITE_OK)
		return code;
	connection->has_snapshot = true;
	connection->snapshot_commits = commits;
	connection->snapshot_ms = now;
	return SQLITE_OK;
}

void
connection_take_snapshot(struct connection *connection)
{
	bool before = connection->context.internal;

	connection->context.internal = true;
	(void)schema_refresh(connection->schema);
	connection->context.internal = before;
}

void
connection_drop_snapshot(struct connection *connection)
{
	if (!connection->has_snapshot)
		return;
	connection->has_snapshot = false;
	/* An error may have ended it already; one that is still read from ends with its last statement. */
	if (!sqlite3_get_autocommit(connection->db))
		(void)connection_run(connection, COMMAND_COMMIT);
}

bool
connection_rest(struct connection *connection)
{
	connection_drop_snapshot(connection);
	(void)sqlite3_db_release_memory(connection->db);
	return statement_cache_rest(&connection->cache);
}

bool
connection_in_transaction(const struct connection *connection)
{
	return !connection->has_snapshot && !sqlite3_get_autocommit(connection->db);
}

void
connection_begin_use(struct connection *connection)
{
	if (connection->has_snapshot &&
	    connection->snapshot_commits != atomic_load_explicit(&connection->file->commits, memory_order_acquire))
		connection_drop_snapshot(connection);
}
