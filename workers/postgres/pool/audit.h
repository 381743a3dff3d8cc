/*
 * The audit trail on PostgreSQL (workers/trail): what sessions did or tried, and what other processes report, written
 * to bibd.audit by a connection of its own, one batch at a time, so that no client waits for it.
 */
#ifndef BIBD_POSTGRES_AUDIT_H
#define BIBD_POSTGRES_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/message.h"
#include "workers/postgres/store/script.h"
#include "workers/trail/trail.h"

struct pg_session;
struct pg_store;
struct worker;

/* How long an entry waits for others before it is written; how long after a failure it is tried again; how long a stop
 * waits for the last head. */
#define AUDIT_FLUSH_MS 50
#define AUDIT_RETRY_MS 1000
#define AUDIT_SIGN_SOON_MS 1000
#define AUDIT_STEP_MS 10000
#define AUDIT_LAST_MS 2000
#define AUDIT_CHECK_MS 20000

struct pg_audit_head {
	int64_t position; /* 0: none */
	char hash[TRAIL_HASH_SIZE], at[TRAIL_TIME_SIZE], key[65], signature[161];
};

/* bibctl audit verify: first keeper is asked what it remembers, then all rows are read, then keeper checks the
 * heads. */
enum pg_audit_check_step {
	AUDIT_CHECK_NONE,
	AUDIT_CHECK_WITNESS,
	AUDIT_CHECK_ROWS,
	AUDIT_CHECK_HEADS,
	AUDIT_CHECK_KEEPER
};
struct pg_audit_check {
	enum pg_audit_check_step step;
	uint32_t asked_id, keeper_id;
	struct trail_verifier verifier;
	int64_t last_id; /* of the rows that were read */
	struct loop_timer timer;
};

struct pg_audit {
	struct worker *worker;
	struct pg_store *store;
	struct trail_queue queue;
	struct script script;
	bool busy;   /* a step is under way */
	bool loaded; /* where the chain ends is known */
	struct trail_chain chain;
	struct trail_entries writing; /* a batch of which it is not known whether it was written */
	struct trail_chain written;   /* the end of the chain with it */
	struct pg_audit_head head;
	int64_t signed_position, asked_ms;
	struct loop_timer work_timer, sign_timer, last_timer;
	void (*finished)(void *context);
	void *finished_context;
	struct pg_audit_check check;
};

/* Errors: audit.start. */
int pg_audit_open(struct pg_audit *audit, struct worker *worker, struct pg_store *store, struct error *e);

/* The server is available; a new connection is needed, since other logins are in use; the server is gone. */
void pg_audit_available(struct pg_audit *audit);
void pg_audit_disconnect(struct pg_audit *audit);

/* A session: kind, statement without its literals, result. */
void pg_audit_add(struct pg_audit *audit, const struct pg_session *session, const char *kind, const char *statement,
    const char *result);
/* A text that the session is about to run: it becomes an entry if only an administrator may run it, or if it changes
 * the role. */
void pg_audit_note_text(struct pg_audit *audit, const struct pg_session *session, const uint8_t *text, size_t size);

/* The sessions have ended: writes what waits and has the head signed, then calls finished from the loop, which happens
 * soon even if the writing fails. */
void pg_audit_finish(struct pg_audit *audit, void (*finished)(void *context), void *context);

/* ---- audit_messages.c: from the supervisor, and what is asked of it ---- */
void pg_audit_take_event(struct pg_audit *audit, const struct message_audit_event *message);
void pg_audit_take_signed(struct pg_audit *audit, const struct message_audit_signed *message);
void pg_audit_take_verify(struct pg_audit *audit, uint32_t id);
void pg_audit_take_checked(struct pg_audit *audit, uint32_t id, const struct message_audit_checked *message);
/* Asks for a signature of the head when one is due. Returns true when it did. */
void pg_audit_plan_signature(struct pg_audit *audit);
bool pg_audit_ask_signature(struct pg_audit *audit);
/* Ends the check with this answer. */
void pg_audit_answer(struct pg_audit *audit, enum status status, const char *why);
/* The rows and heads have been read. */
void pg_audit_ask_keeper(struct pg_audit *audit, const char *heads, size_t size);

/* ---- audit.c ---- */
/* Takes the next step that is due, if none is under way. */
void pg_audit_work(struct pg_audit *audit);
/* A step has failed, or taken too long: the connection is given up. */
void pg_audit_step_failed(struct pg_audit *audit, const struct script_failure *failure);

/* ---- audit_verify.c ---- */
/* Reads the next rows, or the heads, for the check. */
void pg_audit_read_on(struct pg_audit *audit);

#endif
