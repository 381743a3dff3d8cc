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

struct store {
	struct connection_file file; /* what connections are opened on, and count */
	struct worker *worker;
	struct pool *pool; /* whose connections they are */
	struct audit *audit;
	struct mailbox *mailbox;       /* for events */
	atomic_int state;	       /* enum store_state */
	atomic_int wal_tried;	       /* and those that were there at the last checkpoint */
	atomic_bool checkpoint_failed; /* the last one */
	atomic_bool io_failed;	       /* a read or write of the files, since the last that succeeded */
	atomic_bool checkpointing;
	atomic_bool wal_reported;
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

/* Checkpoints if it is due: called by a pool thread after its client has its answer. */
void store_checkpoint(struct store *store);

/* Work of bibd's own that writes, and that no checkpoint may meet: false when one is under way, or the store is closed.
 * Between the two the write lease is taken and given back. By a pool thread. */
bool store_begin_own_work(struct store *store);
void store_end_own_work(struct store *store);

/* Writes the audit entries that wait, when nobody else uses the store any more. */
void store_write_audit(struct store *store);

/* Does this result of SQLite's mean that the file is damaged? If so, a mark beside it tells the next start. */
bool store_is_damage(int sqlite_code);
void store_leave_mark(const struct store *store);

/* Sizes in bytes of the file and of its WAL; 0 for what is not there. */
void store_sizes(const struct store *store, uint64_t *file, uint64_t *wal);

/* After a machine crash: checks the file's structure in a thread of its own and reports the outcome as an event. */
void store_check_in_background(struct store *store);

/* Marks the file as closed in order, empties the WAL and closes. */
void store_close(struct store *store);

#endif
