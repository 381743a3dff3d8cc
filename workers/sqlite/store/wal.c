/*
 * The write-ahead log as a file: synced for all who commit, emptied at the start, and written ahead, since a sync that
 * makes a file grow takes twice as long as one that does not.
 *
 * The log is not one of the files whose locks (fcntl(2)) closing a descriptor would drop: SQLite locks the database and
 * the -shm, which are opened by nobody but SQLite.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/log.h"
#include "workers/sqlite/pool/pool.h"
#include "workers/sqlite/store/store.h"

/* What is written ahead: as much as there is at a checkpoint, and half as much again for what comes while a reader
 * holds one back. Less than what PRAGMA journal_size_limit cuts the log to. */
#define WAL_AHEAD_BYTES ((off_t)STORE_CHECKPOINT_PAGES * 4096 * 3 / 2)
/* Only where that is next to nothing. */
#define WAL_AHEAD_SHARE 64

static void
wal_sync(void *arg)
{
	struct store *store = arg;
	uint64_t head = store_ship_head(store);
	int result;

	do
		result = fdatasync(store->wal_fd);
	while (result == -1 && errno == EINTR);
	if (result == -1)
		store_check_sync(store, SQLITE_IOERR_FSYNC);
	else
		store_ship_synced(store, head);
}

static void
wal_told(void *arg)
{
	struct store *store = arg;

	pool_pass_synced(store->pool);
}

static const struct commit_calls wal_calls = { .sync = wal_sync, .told = wal_told };

/* What comes last keeps the log: without it the last connection that is closed would remove it under our descriptor. */
static int
wal_open_keeper(struct store *store, struct error *e)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
	int code = sqlite3_open_v2(store->file.path, &store->keeper, flags, NULL), psow = -1;

	if (code == SQLITE_OK)
		(void)sqlite3_db_config(store->keeper, SQLITE_DBCONFIG_LOOKASIDE, NULL, 0, 0);
	if (code == SQLITE_OK)
		code = sqlite3_exec(store->keeper, "PRAGMA wal_autocheckpoint=0; SELECT 1 FROM sqlite_schema LIMIT 1",
		    NULL, NULL, NULL);
	if (code != SQLITE_OK)
		return error_set(e, STATUS_IO, "store.open", "cannot open %s: %s", store->file.path,
		    sqlite3_errstr(code));
	/* Else a write could damage what was synced beside it, and SQLite would have to pad each commit. */
	if (sqlite3_file_control(store->keeper, "main", SQLITE_FCNTL_POWERSAFE_OVERWRITE, &psow) != SQLITE_OK ||
	    psow == 0)
		return error_set(e, STATUS_CONFIG, "store.open",
		    "this SQLite takes no disk for one that keeps what stands beside a write (psow)");
	return 0;
}

int
store_open_wal(struct store *store, struct error *e)
{
	char *path;
	int result;

	if (commit_open(&store->file.commit, &wal_calls, store) == -1)
		return error_set_errno(e, STATUS_OS, "store.open", "cannot open %s", store->file.path);
	store->has_commit = true;
	if (wal_open_keeper(store, e) == -1)
		return -1;
	if (asprintf(&path, "%s-wal", store->file.path) == -1)
		return error_set_errno(e, STATUS_OS, "store.open", "cannot open %s", store->file.path);
	store->wal_fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	/* What the process before has left is read from here on: it may be in the kernel's memory only. */
	result = store->wal_fd == -1 || fdatasync(store->wal_fd) == -1
	    ? error_set_errno(e, STATUS_IO, "store.open", "cannot open %s", path)
	    : 0;
	free(path);
	return result == -1 ? -1 : store_open_ship(store, e);
}

void
store_close_wal(struct store *store)
{
	if (store->wal_fd != -1 && store->has_commit)
		commit_publish_synced(&store->file.commit);
	if (store->has_commit)
		commit_close(&store->file.commit);
	store->has_commit = false;
	sqlite3_close(store->keeper);
	store->keeper = NULL;
	if (store->wal_fd != -1)
		close(store->wal_fd);
	store->wal_fd = -1;
}

/* ---- writing ahead ---- */

static bool
wal_has_room(const struct store *store)
{
	struct statvfs fs;

	return fstatvfs(store->wal_fd, &fs) == 0 &&
	    (uint64_t)fs.f_bavail * fs.f_frsize / WAL_AHEAD_SHARE >= (uint64_t)WAL_AHEAD_BYTES;
}

/* Zeros are no frames to SQLite. Room that is not there is given back. */
static void
wal_fill(struct store *store)
{
	static const char zeros[1 << 16];
	off_t at = 0;

	while (at < WAL_AHEAD_BYTES) {
		ssize_t n = pwrite(store->wal_fd, zeros, sizeof(zeros), at);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (ftruncate(store->wal_fd, 0) == -1)
				log_debug("the write-ahead log cannot be cut: %s", strerror(errno));
			break;
		}
		at += n;
	}
	wal_sync(store);
}

/* With the right to write, also against other processes: nobody else puts anything into a log that is empty. */
static void
wal_write_ahead(struct store *store, struct connection *connection)
{
	struct stat st;

	if (!wal_has_room(store) || connection_run(connection, COMMAND_BEGIN_IMMEDIATE) != SQLITE_OK)
		return;
	if (fstat(store->wal_fd, &st) == 0 && st.st_size == 0)
		wal_fill(store);
	(void)connection_run(connection, COMMAND_ROLLBACK);
}

/* Somebody has removed the log, or put another in its place: what is committed from now on would be lost. */
static void
wal_check_place(struct store *store)
{
	struct stat st;

	if (fstat(store->wal_fd, &st) == -1 || st.st_nlink == 0)
		store_check_sync(store, SQLITE_IOERR_FSYNC);
}

int
store_empty_wal(struct store *store, struct connection *connection, int *pages, int *done)
{
	int code = SQLITE_OK;

	/* The one that empties the log does not say what was in it. */
	if (store->ship.page != NULL) {
		code = sqlite3_wal_checkpoint_v2(connection->db, "public", SQLITE_CHECKPOINT_PASSIVE, pages, done);
		store_ship_checkpointed(store, *pages, *done);
	}
	if (code == SQLITE_OK)
		code = sqlite3_wal_checkpoint_v2(connection->db, "public", SQLITE_CHECKPOINT_TRUNCATE, pages, done);
	wal_check_place(store);
	atomic_store(&store->wal_emptying_tried, true);
	if (code != SQLITE_OK)
		return code;
	atomic_store(&store->file.wal_pages, 0);
	wal_write_ahead(store, connection);
	commit_begin(&store->file.commit);
	return code;
}
