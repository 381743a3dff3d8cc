/* The store while it is in use: checkpoints, full disks, damage. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/sqlite/pool/pool.h"
#include "workers/sqlite/store/store.h"

/* SQLite's default page. */
#define STORE_PAGE_BYTES 4096

/* After the start the log is left as it is for so long. */
#define STORE_EMPTYING_DELAY_MS 500

/* The events of before must be on their way to the supervisor; the loop's thread may be the one that is here. */
#define STORE_LAST_WORDS_MS 500
#define STORE_LAST_WORDS_STEP_MS 10

void
store_check_sync(struct store *store, int sqlite_code)
{
	const struct timespec step = { .tv_nsec = STORE_LAST_WORDS_STEP_MS * 1000000L };
	struct error e;

	if (sqlite_code != SQLITE_IOERR_FSYNC && sqlite_code != SQLITE_IOERR_DIR_FSYNC)
		return;
	(void)error_set(&e, STATUS_IO, "store.sync_failed",
	    "a write to %s could not be made durable: its outcome is unknown until the file is opened again",
	    store->file.path);
	mailbox_put(store->mailbox, "store.sync_failed", "%s", e.text);
	for (int waited = 0; waited < STORE_LAST_WORDS_MS && mailbox_has_events(store->mailbox);
	     waited += STORE_LAST_WORDS_STEP_MS)
		(void)nanosleep(&step, NULL);
	(void)nanosleep(&step, NULL); /* what was taken from the queue is being sent */
	fatal(&e);
}

/* A read or a write that fails (a full disk has an event of its own), and the first that succeeds again. */
static void
store_note_io(struct store *store, int sqlite_code, enum sqlstate state)
{
	if (sqlite_code == SQLITE_OK) {
		if (atomic_exchange(&store->io_failed, false))
			mailbox_put(store->mailbox, "store.io", "%s can be read and written again", store->file.path);
	} else if ((sqlite_code & 0xff) == SQLITE_IOERR && state == SQLSTATE_IO_ERROR &&
	    !atomic_exchange(&store->io_failed, true))
		mailbox_put(store->mailbox, "store.io_failed", "%s cannot be read or written: %s", store->file.path,
		    sqlite3_errstr(sqlite_code));
}

void
store_note_result(struct store *store, int sqlite_code, enum sqlstate state)
{
	int now = atomic_load_explicit(&store->state, memory_order_relaxed);

	if (now == STORE_OPEN && sqlite_code == SQLITE_OK &&
	    !atomic_load_explicit(&store->io_failed, memory_order_relaxed))
		return;
	store_note_io(store, sqlite_code, state);
	if (store_is_damage(sqlite_code) && now != STORE_DAMAGED) {
		atomic_store(&store->state, STORE_DAMAGED);
		store_leave_mark(store);
		mailbox_put(store->mailbox, "store.damaged", "%s is damaged", store->file.path);
	} else if (state == SQLSTATE_DISK_FULL &&
	    atomic_compare_exchange_strong(&store->state, &(int) { STORE_OPEN }, STORE_DISK_FULL))
		mailbox_put(store->mailbox, "store.disk_full", "no space left for %s: writes fail, reads go on",
		    store->file.path);
	else if (sqlite_code == SQLITE_OK &&
	    atomic_compare_exchange_strong(&store->state, &(int) { STORE_DISK_FULL }, STORE_OPEN))
		mailbox_put(store->mailbox, "store.disk_free", "writes to %s succeed again", store->file.path);
}

/* Pages that have been committed since the last checkpoint and are not in the file yet are so many. A WAL that began
 * anew counts from nothing; what readers held back then is tried again with the next pages, not at each commit. The
 * first checkpoint empties the log of before, for group commit: not in the first moments, when clients that have waited
 * for the start all come at once. */
static bool
store_checkpoint_is_due(struct store *store)
{
	int pages = atomic_load_explicit(&store->file.wal_pages, memory_order_relaxed);
	int tried = atomic_load_explicit(&store->wal_tried, memory_order_relaxed);

	if (store_is_held(store))
		return false;
	return (pages < tried ? pages : pages - tried) >= STORE_CHECKPOINT_PAGES ||
	    (!atomic_load_explicit(&store->wal_emptying_tried, memory_order_relaxed) &&
		atomic_load(&store->state) == STORE_OPEN &&
		clock_now_ms() - store->opened_ms >= STORE_EMPTYING_DELAY_MS);
}

/* A checkpoint that fails loses nothing, but the write-ahead log grows. */
static void
store_note_checkpoint(struct store *store, int code)
{
	bool failed = code != SQLITE_OK && code != SQLITE_BUSY && code != SQLITE_LOCKED;

	store_check_sync(store, code);
	if (failed)
		store_note_result(store, code, SQLSTATE_IO_ERROR);
	if (atomic_exchange(&store->checkpoint_failed, failed) == failed)
		return;
	if (failed) {
		log_error("a checkpoint of %s failed: %s", store->file.path, sqlite3_errstr(code));
		mailbox_put(store->mailbox, "store.checkpoint_failed", "a checkpoint of %s failed: %s",
		    store->file.path, sqlite3_errstr(code));
	} else
		mailbox_put(store->mailbox, "store.checkpoint", "checkpoints of %s succeed again", store->file.path);
}

static void
store_report_wal(struct store *store, int pages, int done)
{
	if ((int64_t)pages * STORE_PAGE_BYTES <= STORE_WAL_REPORT_BYTES || done == pages)
		atomic_store(&store->wal_reported, false);
	else if (!atomic_exchange(&store->wal_reported, true))
		mailbox_put(store->mailbox, "store.wal_held",
		    "a long transaction or query holds back %d pages of the write-ahead log", pages - done);
}

int
store_run_checkpoint(struct store *store, struct connection *connection, int mode, int *pages, int *done)
{
	struct pool *pool = store->pool;
	enum store_ship_state shipped;
	int code;

	*pages = *done = 0;
	if (!store_enter_checkpoint(store)) {
		*pages = atomic_load(&store->file.wal_pages);
		return SQLITE_BUSY;
	}
	if ((shipped = store_ship_catch_up(store)) == STORE_SHIP_LATER) {
		*pages = atomic_load(&store->file.wal_pages);
		atomic_store(&store->wal_tried, *pages);
		store_leave_checkpoint(store);
		return SQLITE_BUSY;
	}
	connection_drop_snapshot(connection);
	pool_drop_snapshots(pool);
	/* Writers wait meanwhile: what readers hold back is not waited for. */
	sqlite3_busy_timeout(connection->db, 0);
	/* Until the log has been emptied once, that is what is wanted. */
	if (mode == SQLITE_CHECKPOINT_TRUNCATE || !atomic_load(&store->file.commit.grouped) ||
	    shipped == STORE_SHIP_LOST)
		code = store_empty_wal(store, connection, pages, done);
	else {
		code = sqlite3_wal_checkpoint_v2(connection->db, "public", mode, pages, done);
		store_ship_checkpointed(store, *pages, *done);
	}
	/* Twice: the log's salts tell the next process, too, that something is missing. */
	if (shipped == STORE_SHIP_LOST && code == SQLITE_OK) {
		(void)sqlite3_wal_checkpoint_v2(connection->db, "public", SQLITE_CHECKPOINT_TRUNCATE, pages, done);
		store_ship_checkpointed(store, 0, 1);
	}
	sqlite3_busy_timeout(connection->db, CONNECTION_BUSY_MS);
	store_leave_checkpoint(store);
	if (code == SQLITE_OK || code == SQLITE_BUSY) {
		atomic_store(&store->wal_tried, *pages);
		store_report_wal(store, *pages, *done);
	}
	store_note_checkpoint(store, code);
	atomic_fetch_add(&store->file.commits, 1); /* readers take a new snapshot, and let the WAL begin anew */
	return code;
}

bool
store_begin_own_work(struct store *store)
{
	return atomic_load(&store->state) != STORE_CLOSED && !atomic_exchange(&store->checkpointing, true);
}

void
store_end_own_work(struct store *store)
{
	atomic_store(&store->checkpointing, false);
	/* The lease may have come to us meanwhile, for a checkpoint that found somebody at work. */
	if (pool_has_own_lease(store->pool))
		store_checkpoint(store);
}

void
store_checkpoint(struct store *store)
{
	struct pool *pool = store->pool;
	struct connection *connection;
	int pages, done;

	if (!store_checkpoint_is_due(store) && !atomic_load_explicit(&pool->own_lease, memory_order_relaxed))
		return;
	/* Writers wait for a checkpoint that was given the lease: whoever comes last out of here sees that it is
	 * run. */
	do {
		if (atomic_exchange(&store->checkpointing, true))
			return;
		/* Somebody writes: we are next, and the thread that gives the lease to us comes here. */
		if (!pool_has_own_lease(pool) && !pool_take_own_lease(pool)) {
			atomic_store(&store->checkpointing, false);
			continue;
		}
		if ((connection = pool_take_free_connection(pool)) != NULL) {
			pool_enter_long_work(pool);
			(void)store_run_checkpoint(store, connection, SQLITE_CHECKPOINT_PASSIVE, &pages, &done);
			pool_leave_long_work(pool);
			pool_give_connection(pool, connection, NULL);
		}
		pool_give_lease(pool, NULL);
		atomic_store(&store->checkpointing, false);
	} while (pool_has_own_lease(pool));
}

static uint64_t
store_file_size(const char *path, const char *suffix)
{
	char *name;
	struct stat st;
	uint64_t size = 0;

	if (asprintf(&name, "%s%s", path, suffix) == -1)
		return 0;
	if (stat(name, &st) == 0)
		size = (uint64_t)st.st_size;
	free(name);
	return size;
}

void
store_sizes(const struct store *store, uint64_t *file, uint64_t *wal)
{
	*file = store->file.path == NULL ? 0 : store_file_size(store->file.path, "");
	*wal = store->file.path == NULL ? 0 : store_file_size(store->file.path, "-wal");
}

static void *
store_check_thread(void *arg)
{
	struct store *store = arg;
	struct connection *connection;
	sqlite3_stmt *stmt = NULL;
	struct error e;
	const char *result = NULL;

	if ((connection = store_open_connection(store, &e)) == NULL) {
		mailbox_put(store->mailbox, "store.check", "the check after a crash of the machine could not run: %s",
		    e.text);
		return NULL;
	}
	connection->context.internal = true;
	if (sqlite3_prepare_v2(connection->db, "PRAGMA public.quick_check(1)", -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		result = (const char *)sqlite3_column_text(stmt, 0);
	if (result != NULL && strcmp(result, "ok") == 0)
		mailbox_put(store->mailbox, "store.check", "after a crash of the machine %s was checked and is whole",
		    store->file.path);
	else {
		int code = result != NULL ? SQLITE_CORRUPT : sqlite3_extended_errcode(connection->db);

		log_error("check of %s: %s", store->file.path,
		    result == NULL ? sqlite3_errmsg(connection->db) : result);
		store_note_result(store, code, SQLSTATE_DATA_CORRUPTED);
	}
	sqlite3_finalize(stmt);
	connection_close(connection);
	return NULL;
}

void
store_check_in_background(struct store *store)
{
	pthread_t thread;

	if (!store->crashed)
		return;
	if (pthread_create(&thread, NULL, store_check_thread, store) == 0)
		(void)pthread_detach(thread);
}
