/*
 * The audit trail on SQLite (workers/trail): who did or tried what only an administrator may, and what the other
 * processes report. Entries wait in a queue and are written to the append-only table bibd_audit in transactions of
 * their own: by whichever thread has the write lease anyway, or by one that the loop's thread asks to.
 */
#ifndef BIBD_SQLITE_AUDIT_H
#define BIBD_SQLITE_AUDIT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/loop.h"
#include "common/message.h"
#include "workers/pgwire/pgwire.h"
#include "workers/trail/trail.h"

struct connection;
struct mailbox;
struct pool;
struct store;
struct worker;

/* From an entry until the loop asks a thread to write it, should nobody have done so. */
#define AUDIT_FLUSH_MS 50
/* From an entry until its head is signed, when none was in the last interval. */
#define AUDIT_SIGN_SOON_MS 1000
/* A thread found no connection, or somebody wrote. */
#define AUDIT_RETRY_MS 250
/* How long a stop waits for the last signature, and a check for keeper. */
#define AUDIT_LAST_HEAD_MS 1000
#define AUDIT_CHECK_MS 20000

/* A signed head on its way to the table. */
struct audit_head {
	int64_t position; /* 0: none */
	char hash[TRAIL_HASH_SIZE], at[TRAIL_TIME_SIZE], key[65], signature[161];
};

/* bibctl audit verify: one at a time. */
struct audit_check {
	uint32_t asked_id;  /* of the supervisor's question; 0: none is under way */
	uint32_t keeper_id; /* of ours */
	bool read;	    /* the thread is done */
	bool has_witness;   /* keeper has said which head it remembers */
	struct trail_chain witness;
	int heads_fd; /* for keeper; -1: none */
	struct trail_verifier verifier;
	struct error failure; /* text "": it could be read */
	struct loop_timer timer;
};

struct audit {
	struct worker *worker;
	struct store *store;
	struct pool *pool;
	struct mailbox *mailbox;
	const atomic_bool *stopping; /* the node stops: what waits is written at its end */
	struct trail_queue queue;
	atomic_bool failing; /* what waits could not be written the last time */

	pthread_mutex_t lock;	  /* up to `signed_position` */
	struct trail_chain chain; /* of what is in the table; changed with the write lease only */
	bool loaded;
	struct audit_head head;
	int64_t signed_position;

	/* the loop thread's */
	struct loop_timer flush_timer, sign_timer, last_timer;
	int64_t asked_ms; /* when a signature was last asked for; 0: never */
	bool closing;	  /* the node stops, and the last head is awaited */
	struct audit_check check;
};

/* An empty queue, with what it works with. */
int audit_open(struct audit *audit, struct worker *worker, struct store *store, struct pool *pool,
    struct mailbox *mailbox, const atomic_bool *stopping);

/* Adds an entry: what peer did as role (ROLES: none yet). The statement is the text with its literals taken out
 * (dialect_text.key). kind: "definition", "maintenance", "refused". result: "done" or a SQLSTATE. */
void audit_add(struct audit *audit, const struct pgwire_peer *peer, enum role role, const char *kind,
    const char *statement, const char *result);

/* Writes what waits, in one transaction; the caller has the write lease and no transaction open on the connection. What
 * cannot be written stays for the next time. Does nothing before audit_load. */
void audit_flush(struct audit *audit, struct connection *connection);

/* Nothing can be written, and no more can wait: what must be in the trail may not be done. */
bool audit_is_full(struct audit *audit);

/* Reads where the chain ends, when the store is opened, and chains the rows of before there was a chain. Errors:
 * audit.load. */
int audit_load(struct audit *audit, struct connection *connection, const char *node_id, struct error *e);

/* ---- audit_loop.c: the loop's thread ---- */

/* Something waits, or was written: called when the loop was woken. */
void audit_look(struct audit *audit);
/* In a pool thread: writes what waits, if that can be done now. */
void audit_write_now(struct audit *audit);
/* The last sessions have ended: entries are written and the head signed; then, at once or soon, the store is
 * closed and the worker says that it has stopped. */
void audit_finish(struct audit *audit);

/* From the supervisor. */
void audit_take_event(struct audit *audit, struct frame *frame, const struct message_audit_event *message);
void audit_take_lost(struct audit *audit, struct frame *frame, const struct message_audit_lost *message);
void audit_take_signed(struct audit *audit, struct frame *frame, const struct message_audit_signed *message);
void audit_take_verify(struct audit *audit, struct frame *frame, const struct message_audit_verify *message);
void audit_take_checked(struct audit *audit, struct frame *frame, const struct message_audit_checked *message);

/* ---- audit_verify.c ---- */

/* Reads the whole trail in a thread of its own, which wakes the loop when it is done: audit_look goes on. Errors:
 * audit.thread. */
int audit_verify_start(struct audit *audit, struct error *e);

#endif
