/*
 * The database file: opened, checked against its owner and for damage, brought to the newest migration; its health.
 */
#ifndef BIBD_SQLITE_STORE_H
#define BIBD_SQLITE_STORE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/ship.h"
#include "workers/sqlite/connection/connection.h"

struct audit;
struct mailbox;
struct pool;
struct worker;

/* PRAGMA application_id of a file that bibd made: "bibd". */
#define STORE_APPLICATION_ID 0x62696264

/* Pages in the WAL from which a checkpoint is due, and bytes from which a reader that holds it back is reported. */
#define STORE_CHECKPOINT_PAGES 1000
#define STORE_WAL_REPORT_BYTES (64LL << 20)

enum store_state { STORE_CLOSED, STORE_OPEN, STORE_DISK_FULL, STORE_DAMAGED, STORE_STATES };
extern const char *const store_state_names[STORE_STATES];

/* Runs the text of an application's migration as a client of the role admin would, on the connection, within the
 * transaction that is begun there. -1: reported. */
typedef int store_script_fn(void *arg, struct connection *connection, const char *sql, struct report *r);

/* Whether a base backup reads the file, so that no checkpoint may change it. */
enum store_hold { STORE_FREE, STORE_HELD, STORE_HOLD_LOST };

/* What is told to bibd-archive; page is NULL on a node that is not backed up. But for the page, whoever holds the write
 * lease has them. */
struct store_ship {
	struct ship_page *page;
	int fds[SHIP_PARTS];
	struct ship_entry last;
	bool complete; /* a checkpoint of ours has put all of the log into the file since */
	bool slow;     /* it was waited for in vain when `kept` was slow_kept */
	bool lost;     /* likewise, when the log had grown to its bound, and `kept` was lost_kept */
	uint64_t slow_kept, lost_kept, bound_pages;
};

/* The rows of every table, counted for bibd-archive; COUNTED: whoever asked takes it, and makes it NOT_COUNTING. */
enum store_count_state { STORE_NOT_COUNTING, STORE_COUNTING, STORE_COUNTED };
struct store_count {
	atomic_int state;
	int fd;		      /* a sealed memfd with the text of count_tables(); -1: failure says why not */
	uint64_t seq;	      /* the commit after which that was so, as bibd-archive was told of it */
	struct error failure; /* count.early, count.late (69), count.failed (65, 74), count.memory (71) */
};

struct store {
	struct connection_file file; /* what connections are opened on, and count */
	store_script_fn *script;     /* sessions are above the store: it is told how */
	void *script_arg;
	struct worker *worker;
	struct pool *pool; /* whose connections they are */
	struct audit *audit;
	struct mailbox *mailbox;	/* for events */
	int wal_fd;			/* of the write-ahead log; -1: closed */
	sqlite3 *keeper;		/* keeps the log from being removed; see wal.c */
	bool has_commit;		/* file.commit is open */
	int64_t opened_ms;		/* clock_now_ms() */
	atomic_int state;		/* enum store_state */
	atomic_int wal_tried;		/* and those that were there at the last checkpoint */
	atomic_bool wal_emptying_tried; /* since the start: the log has been, or could not be, emptied */
	atomic_bool checkpoint_failed;	/* the last one */
	atomic_bool io_failed;		/* a read or write of the files, since the last that succeeded */
	atomic_bool checkpointing;
	atomic_uint checkpoints; /* under way (hold.c) */
	atomic_int hold;	 /* enum store_hold */
	int base_fd;		 /* the file, for bibd-archive; -1: nobody has asked yet */
	atomic_bool wal_reported;
	struct store_ship ship;
	struct store_count count;
	bool crashed; /* the machine went down while the file was open */
};

/* A store that is closed, with what it works with. */
void store_init(struct store *store, struct worker *worker, struct pool *pool, struct audit *audit,
    struct mailbox *mailbox);

/* Where the file is by this configuration; malloc'ed, NULL when memory is out. */
char *store_path(const struct conf *conf);

/* Opens the file or makes it. A file of another owner, or damaged in a mode that keeps it: STATUS_DATA; in proxy mode a
 * damaged one is set aside under a new name. Then migrations (STATUS_CONFIG for changed or missing ones). */
int store_open(struct store *store, struct error *e);

/* Beside the file: where its sequences stand (sequences.h). Opened with the store's first connection, before anything
 * is drawn; at an orderly stop the database takes note of it. Errors: store.open. */
#define STORE_SEQUENCES "-sequences"
int store_open_sequences(struct store *store, struct connection *connection, struct error *e);
void store_close_sequences(struct store *store, struct connection *connection);

struct connection *store_open_connection(struct store *store, struct error *e);

/* wal.c: opens the log, after a first connection has recovered what is in it, and syncs it: from then on commits count
 * (commit.h). Errors: store.open. Closing takes a log that is not open. */
int store_open_wal(struct store *store, struct error *e);
void store_close_wal(struct store *store);
/* The checkpoint that empties the log, by whoever holds the write lease; then commits are grouped. Returns SQLite's
 * code. */
int store_empty_wal(struct store *store, struct connection *connection, int *pages, int *done);

/* The final check, as the role that applications use. */
int store_ping(struct store *store, struct error *e);

/* When SQLite says that a sync failed, ends this process: nobody may be told of an outcome, since the commit that a
 * client would be told has failed may be in the write-ahead log, and come back at the next start. Otherwise does
 * nothing. By any thread. */
void store_check_sync(struct store *store, int sqlite_code);

/* Looks at what a statement's end says of the file's health; raises events when it changes. */
void store_note_result(struct store *store, int sqlite_code, enum sqlstate state);

/* A checkpoint (mode is SQLite's), for whoever holds the write lease: one that runs beside a writer, or beside another,
 * can damage the file when the WAL begins anew meanwhile (SQLite before 3.51.3). Returns SQLite's code; pages of the
 * WAL, and of them those in the file. */
int store_run_checkpoint(struct store *store, struct connection *connection, int mode, int *pages, int *done);

/* hold.c: from a hold on no checkpoint begins; the file stays as it is once none is under way any more. A hold is lost
 * when the log has grown to STORE_HOLD_PAGES meanwhile. store_release() says whether it held. */
#define STORE_HOLD_PAGES 262144
void store_hold(struct store *store);
bool store_is_still(const struct store *store);
bool store_release(struct store *store);
/* Around a checkpoint; false: not now. */
bool store_enter_checkpoint(struct store *store);
void store_leave_checkpoint(struct store *store);
/* Whether a checkpoint would be refused. */
bool store_is_held(const struct store *store);
/* The file and its log, open for reading. The first stays open as long as the process lives: closing it would drop
 * SQLite's locks (fcntl(2)). The second is the caller's. -1: errno says why. */
int store_open_base(struct store *store);
int store_open_log(const struct store *store);

/* ship.c: what bibd-archive is told of, on a node that is backed up. Opened with the log. Errors: store.open. */
int store_open_ship(struct store *store, struct error *e);
/* How many commits it has been told of; synced: so many were in the log before a sync that is over. */
uint64_t store_ship_head(const struct store *store);
void store_ship_synced(struct store *store, uint64_t head);
/* By whoever holds the write lease, before a checkpoint: everything is put by; or not now; or it is given up, since the
 * log has grown to its bound: then nothing may follow on what was shipped. */
enum store_ship_state { STORE_SHIP_KEPT, STORE_SHIP_LATER, STORE_SHIP_LOST };
enum store_ship_state store_ship_catch_up(struct store *store);
/* After one: so many pages were in the log, and of them are in the file. */
void store_ship_checkpointed(struct store *store, int pages, int done);
/* The last commits are put by, if that does not take too long. */
void store_ship_finish(struct store *store);
/* Whether the repository has so many of the commits; and that somebody waits for them. */
bool store_ship_is_stored(const struct store *store, uint64_t head);
void store_ship_want(struct store *store, uint64_t head);
/* The moment up to which the repository has everything; 0: unknown. */
int64_t store_recoverable_us(const struct store *store);
/* And the newest one that a drill has restored and proven. */
int64_t store_proven_us(const struct store *store);

/* count.c: counts in a thread of its own; store->count tells when it is over. Errors: count.busy (69), count.thread. */
int store_count_start(struct store *store, struct error *e);

/* Checkpoints if it is due: called by a pool thread after its client has its answer. */
void store_checkpoint(struct store *store);

/* Work of bibd's own that writes, and that no checkpoint may meet: false when one is under way, or the store is closed.
 * Between the two the write lease is taken and given back. By a pool thread, or the one that counts. */
bool store_begin_own_work(struct store *store);
void store_end_own_work(struct store *store);

/* Writes the audit entries that wait, when nobody else uses the store any more. */
void store_write_audit(struct store *store);

/* ---- damage.c ---- */

/* Does this result of SQLite's mean that the file is damaged? If so, a mark beside it tells the next start. */
bool store_is_damage(int sqlite_code);
void store_leave_mark(const struct store *store);

/* Whether there is such a mark. */
bool store_has_mark(const struct store *store);
/* Refuses a damaged file; -1. */
int store_refuse_damaged(const struct store *store, struct error *e);
/* Renames a damaged file, and what belongs to it, to NAME.damaged-TIME; nothing is ever removed. Errors:
 * store.set_aside. */
int store_set_aside(struct store *store, struct error *e);

/* Sizes in bytes of the file and of its WAL; 0 for what is not there. */
void store_sizes(const struct store *store, uint64_t *file, uint64_t *wal);

/* After a machine crash: checks the file's structure in a thread of its own and reports the outcome as an event. */
void store_check_in_background(struct store *store);

/* Marks the file as closed in order, empties the WAL and closes. */
void store_close(struct store *store);

#endif
