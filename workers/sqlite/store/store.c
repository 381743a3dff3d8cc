/*
 * Opens the file, makes sure that it is this node's, and closes it with a checkpoint.
 */
#include "workers/sqlite/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/sqlite/pool/pool.h"
#include "workers/sqlite/store/audit.h"
#include "workers/sqlite/store/convert.h"
#include "workers/sqlite/store/migrate.h"
#include "workers/sqlite/store/temporary.h"
#include "workers/worker.h"

const char *const store_state_names[STORE_STATES] = { "closed", "open", "disk full", "damaged" };

static const char store_node_table[] =
    "CREATE TABLE IF NOT EXISTS bibd_node(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID";

static void
store_note_code(struct connection_file *file, int sqlite_code)
{
	store_check_sync((struct store *)(void *)((char *)file - offsetof(struct store, file)), sqlite_code);
}

void
store_init(struct store *store, struct worker *worker, struct pool *pool, struct audit *audit, struct mailbox *mailbox)
{
	memset(store, 0, sizeof(*store));
	store->worker = worker;
	store->pool = pool;
	store->audit = audit;
	store->mailbox = mailbox;
	store->file.note_code = store_note_code;
	store->wal_fd = store->base_fd = -1;
}

char *
store_path(const struct conf *conf)
{
	char *path;

	if (conf->database.sqlite.path[0] != '\0')
		return strdup(conf->database.sqlite.path);
	return asprintf(&path, "%s/sqlite/cache.db", conf->node.data_dir) == -1 ? NULL : path;
}

struct connection *
store_open_connection(struct store *store, struct error *e)
{
	return connection_open(&store->file, false, NULL, e);
}

/* ---- whose file it is ---- */

static int
store_get(struct connection *connection, const char *key, char *value, size_t size)
{
	sqlite3_stmt *stmt = NULL;
	int found = 0;

	if (sqlite3_prepare_v2(connection->db, "SELECT value FROM bibd_node WHERE key = ?1", -1, &stmt, NULL) ==
		SQLITE_OK &&
	    sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) {
		(void)snprintf(value, size, "%s", (const char *)sqlite3_column_text(stmt, 0));
		found = 1;
	}
	sqlite3_finalize(stmt);
	return found;
}

static int
store_put(struct connection *connection, const char *key, const char *value)
{
	sqlite3_stmt *stmt = NULL;
	int code =
	    sqlite3_prepare_v2(connection->db, "INSERT OR REPLACE INTO bibd_node VALUES (?1, ?2)", -1, &stmt, NULL);

	if (code == SQLITE_OK) {
		sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 2, value, -1, SQLITE_STATIC);
		code = sqlite3_step(stmt);
	}
	sqlite3_finalize(stmt);
	return code == SQLITE_DONE ? 0 : -1;
}

static int
store_claim(struct store *store, struct connection *connection, struct error *e)
{
	char sql[64];

	(void)snprintf(sql, sizeof(sql), "PRAGMA application_id=%d", STORE_APPLICATION_ID);
	if (sqlite3_exec(connection->db, sql, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(connection->db, store_node_table, NULL, NULL, NULL) != SQLITE_OK ||
	    store_put(connection, "node_id", store->worker->node_id) == -1)
		return connection_met_full_disk(connection, sqlite3_extended_errcode(connection->db))
		    ? error_set(e, STATUS_IO, "store.disk_full", "cannot set up %s: no space left on the disk",
			  store->file.path)
		    : error_set(e, STATUS_CANT_CREATE, "store.create", "cannot set up %s: %s", store->file.path,
			  sqlite3_errmsg(connection->db));
	return 0;
}

/* An empty file becomes this node's; any other must bear its mark. */
static int
store_check_owner(struct store *store, struct connection *connection, struct error *e)
{
	int64_t application = connection_number(connection, "PRAGMA application_id", -1);
	const char *own = store->worker->node_id;
	char node_id[64] = "";

	if (application == 0 && connection_number(connection, "SELECT count(*) FROM sqlite_schema", -1) == 0)
		return store_claim(store, connection, e);
	if (application != STORE_APPLICATION_ID)
		return error_set(e, STATUS_DATA, "store.foreign",
		    "%s is a database that bibd did not make; move it away, or set database.sqlite.path to another "
		    "file",
		    store->file.path);
	if (!store_get(connection, "node_id", node_id, sizeof(node_id)))
		return store_claim(store, connection, e);
	if (strcmp(node_id, own) != 0)
		return error_set(e, STATUS_DATA, "store.foreign",
		    "%s belongs to node %s and this is node %s; move it away, or set node.id to its node",
		    store->file.path, node_id, own);
	return 0;
}

/* The boot id is that of the last start that did not end in order, or "" after one that did. */
static void
store_note_start(struct store *store, struct connection *connection)
{
	char boot_id[64] = "";

	(void)store_get(connection, "boot_id", boot_id, sizeof(boot_id));
	store->crashed = boot_id[0] != '\0' && strcmp(boot_id, store->worker->boot_id) != 0;
	if (strcmp(boot_id, store->worker->boot_id) != 0)
		(void)store_put(connection, "boot_id", store->worker->boot_id);
}

/* ---- who may read it ---- */

/* The rows are nobody else's to read, whatever the umask was and wherever the file is. Not by opening it: closing it
 * again would drop the locks that SQLite holds (fcntl(2)). New files are made so by the worker's umask. */
static void
store_keep_private(const struct store *store)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", STORE_SEQUENCES };

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		char *path;
		struct stat st;

		if (asprintf(&path, "%s%s", store->file.path, suffixes[i]) == -1)
			return;
		if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) != 0) {
			if (chmod(path, 0600) == 0)
				log_notice("%s was open to others (mode %04o): it is closed to them now", path,
				    (unsigned)st.st_mode & 07777);
			else
				log_warning("%s is open to others (mode %04o), which cannot be changed: %s", path,
				    (unsigned)st.st_mode & 07777, strerror(errno));
		}
		free(path);
	}
}

/* ---- opening and closing ---- */

/* Opens, and reads enough to know whether it can be used. */
static struct connection *
store_try_open(struct store *store, bool *damaged, struct error *e)
{
	struct connection *connection;
	int code = SQLITE_OK;

	*damaged = store_has_mark(store);
	if (*damaged)
		return NULL;
	if ((connection = connection_open(&store->file, true, &code, e)) == NULL) {
		*damaged = store_is_damage(code);
		return NULL;
	}
	connection->context.internal = true;
	if (connection_number(connection, "SELECT count(*) FROM sqlite_schema", -1) >= 0)
		return connection;
	code = sqlite3_extended_errcode(connection->db);
	*damaged = store_is_damage(code);
	if (connection_met_full_disk(connection, code))
		(void)error_set(e, STATUS_IO, "store.disk_full", "cannot open %s: no space left on the disk",
		    store->file.path);
	else
		(void)error_set(e, STATUS_IO, "store.open", "cannot read %s: %s", store->file.path,
		    sqlite3_errmsg(connection->db));
	connection_close(connection);
	return NULL;
}

static struct connection *
store_open_file(struct store *store, struct error *e)
{
	bool damaged;
	struct connection *connection = store_try_open(store, &damaged, e);

	if (connection != NULL || !damaged)
		return connection;
	if (store->worker->conf->node.mode != CONF_MODE_PROXY) {
		(void)store_refuse_damaged(store, e);
		return NULL;
	}
	if (store_set_aside(store, e) == -1)
		return NULL;
	return store_try_open(store, &damaged, e);
}

/* SQLite's temporary files go where the database is: a directory that is there and may be written. */
static int
store_place_temporary(const struct store *store, struct error *e)
{
	const char *slash = strrchr(store->file.path, '/');
	char *directory = strndup(store->file.path, slash == store->file.path ? 1 : (size_t)(slash - store->file.path));
	int code = directory == NULL ? SQLITE_NOMEM : temporary_register(directory);

	free(directory);
	return code == SQLITE_OK
	    ? 0
	    : error_set(e, STATUS_OS, "store.open", "cannot open %s: %s", store->file.path, sqlite3_errstr(code));
}

int
store_open(struct store *store, struct error *e)
{
	struct worker *worker = store->worker;
	struct connection *connection;
	int result = -1;

	if (store->file.path == NULL && (store->file.path = store_path(worker->conf)) == NULL)
		return error_set_errno(e, STATUS_OS, "store.open", "cannot open the database file");
	store_keep_private(store);
	if (store_place_temporary(store, e) == -1)
		return -1;
	if (type_check_collations(e) == -1 || (connection = store_open_file(store, e)) == NULL)
		return -1;
	if (store_open_wal(store, e) == 0 && store_check_owner(store, connection, e) == 0) {
		store_note_start(store, connection);
		connection->context.leased = true;
		if (store_convert(connection, e) == 0 && store_open_sequences(store, connection, e) == 0)
			result = migrate(store, connection, worker->migrations_dir,
			    worker->conf->database.migrations_dir, e);
		connection->context.leased = false;
	}
	connection->context.internal = true;
	if (result == 0)
		result = audit_load(store->audit, connection, worker->node_id, e);
	connection->context.internal = false;
	if (result == -1) {
		connection_close(connection);
		store_close_wal(store);
		return -1;
	}
	/* At least one commit: from what it says bibd-archive finds its way. */
	if (store->ship.page != NULL && store_ship_head(store) == 0)
		(void)store_put(connection, "shipped_from", store->worker->boot_id);
	commit_publish_synced(&store->file.commit);
	store->opened_ms = clock_now_ms();
	atomic_store(&store->state, STORE_OPEN);
	pool_adopt_connection(store->pool, connection);
	return 0;
}

int
store_ping(struct store *store, struct error *e)
{
	struct connection *connection = pool_take_free_connection(store->pool);
	int result = 0;

	if (connection == NULL)
		return 0; /* all at work: that is an answer too */
	connection->context.role = ROLE_WRITE;
	if (sqlite3_exec(connection->db, "SELECT count(*) FROM (SELECT 1 FROM sqlite_schema LIMIT 1)", NULL, NULL,
		NULL) != SQLITE_OK)
		result = error_set(e, STATUS_UNAVAILABLE, "store.ping", "storage ping failed: %s",
		    sqlite3_errmsg(connection->db));
	pool_give_connection(store->pool, connection, NULL);
	return result;
}

void
store_write_audit(struct store *store)
{
	struct connection *connection;
	struct error e;

	(void)pool_close_connections(store->pool);
	if (atomic_load(&store->state) != STORE_OPEN || (connection = store_open_connection(store, &e)) == NULL)
		return;
	audit_flush(store->audit, connection);
	connection_close(connection);
}

void
store_close(struct store *store)
{
	struct error e;
	struct connection *connection;
	int log, done;
	unsigned left = pool_close_connections(store->pool);

	if (atomic_load(&store->state) == STORE_CLOSED)
		return;
	if ((connection = store_open_connection(store, &e)) == NULL)
		return;
	connection->context.internal = true;
	audit_flush(store->audit, connection);
	connection->context.internal = true;
	if (atomic_load(&store->state) == STORE_OPEN)
		(void)store_put(connection, "boot_id", "");
	store_close_sequences(store, connection);
	commit_publish_synced(&store->file.commit);
	store_ship_finish(store);
	/* A log that is shipped stays, so that the next start follows on it. */
	if (store->ship.page == NULL)
		(void)sqlite3_wal_checkpoint_v2(connection->db, "public", SQLITE_CHECKPOINT_TRUNCATE, &log, &done);
	connection_close(connection);
	/* Who did not end in time may still commit, until the process ends. */
	if (left == 0)
		store_close_wal(store);
	atomic_store(&store->state, STORE_CLOSED);
}
