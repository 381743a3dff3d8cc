/*
 * One client: its socket, its buffers, its role, what it prepared, its transaction. A session belongs to one thread at
 * a time; between turns it waits for its client, or in one of the pool's queues.
 */
#ifndef BIBD_SQLITE_SESSION_H
#define BIBD_SQLITE_SESSION_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "workers/pgwire/pgwire.h"
#include "workers/sqlite/session/activity.h"
#include "workers/sqlite/session/copy.h"
#include "workers/sqlite/memory/memory.h"
#include "workers/sqlite/session/portal.h"
#include "workers/sqlite/session/sqlite.h"
#include "workers/sqlite/settings/settings.h"
#include "workers/sqlite/session/transaction.h"

enum session_phase { SESSION_STARTUP, SESSION_SERVING, SESSION_CLOSING };

/* What a step came to. */
enum session_step {
	STEP_ON, /* go on with the next message */
	STEP_NEEDS_INPUT,
	STEP_BLOCKED, /* the client does not read: wait until it does */
	STEP_PARK,    /* for session->wait */
	STEP_CLOSE,
};

/* A statement that has run for so long leaves the serving of others to another thread. */
#define SESSION_LONG_WORK_MS 3
/* And one that has run for so long at a time, and holds nothing that others wait for, leaves them the processor. */
#define SESSION_LOW_WORK_MS 20
/* A client that does not read its answer, and what it pins. */
#define SESSION_STALL_DEADLINE_MS 60000
/* An open transaction that pins a connection and whose client is silent (25P03), unless the session sets its own. */
#define SESSION_PINNED_DEADLINE_MS 300000
/* The queues for the write lease and for connections, unless lock_timeout says otherwise. */
#define SESSION_LEASE_DEADLINE_MS 60000
#define SESSION_CONNECTION_DEADLINE_MS 30000
/* A client that has gone leaves what it sent: that is still done. But a statement that only reads is stopped when it
 * has run for so long without anybody to answer, one that writes after a longer time; and how often a statement that
 * runs looks whether its client is there. */
#define SESSION_ABANDONED_READ_MS 1000
#define SESSION_ABANDONED_WRITE_MS 30000
#define SESSION_LOOK_MS 100
/* A message of so many bytes, or an answer, is looked at for whether there is room for it. */
#define SESSION_LARGE_BYTES ((size_t)1 << 20)
/* Bytes of answer that are sent off, and that are held at most for a client that does not read. */
#define SESSION_FLUSH_BYTES 32768
#define SESSION_HELD_BYTES 262144

/* A Query message while its statements run. */
struct simple_query {
	bool active;
	bool prepared;	 /* the current statement's portal is open */
	bool several;	 /* more than one statement */
	bool any;	 /* one has been run */
	const char *sql; /* in the message, or owned */
	char *owned;	 /* a copy, when a COPY let the message go */
	size_t length, next;
	struct dialect_text text; /* of the current statement */
	struct portal portal;
};

struct session {
	struct pool_task task; /* what the pool schedules: the socket, the role, where it is and until when it waits */
	LIST_ENTRY(session) entry; /* of the server's, or of those that have ended */
	struct sqlite *sqlite;

	uint32_t pid, secret; /* of the cancel key: numbers of bibd's own */
	struct pgwire_peer peer;
	struct admission_place place;
	struct sqlite_conf *conf;
	atomic_uint phase; /* enum session_phase; other threads read it */
	char database[64];
	struct settings *settings;
	struct pgwire_buffer in, out;
	struct report report;
	struct memory_account memory;
	size_t discarding; /* bytes that are left of a message that was too large */

	/* task.cancelled: the statement is to end; task.terminated: say 57P01 and end when the statement is over. */
	atomic_bool killed; /* the same, and the statement ends now: pg_terminate_backend */
	bool told;	    /* 57P01 has been said */
	struct activity activity;
	int64_t turn_start; /* clock_now_ms(), as the next two */
	int64_t statement_start;
	int64_t statement_deadline;
	bool statement_timed_out;
	int64_t statement_time_us;
	enum pool_wait wait; /* why the last step asked to be parked */

	bool wait_expired; /* it waited in vain */
	int64_t startup_deadline;
	bool has_long_work;  /* its thread has said so to the pool */
	bool polled;	     /* the socket has been read this turn */
	size_t message_size; /* of the message that is being dealt with, still in `in` */

	struct connection *connection; /* while it has one */
	bool keeps_connection;	       /* temporary tables: it is closed with the session */
	bool on_commit;		       /* a temporary table of it was to be emptied or dropped at COMMIT: on_commit.h */
	bool drops_connection;	       /* its temporary tables are to go */
	bool pinned;		       /* a suspended portal holds it, counted against the cap */
	bool holding;		       /* `out` is a cursor's: its rows are put by */
	struct transaction transaction;
	unsigned routine_calls;	      /* of routines within each other */
	unsigned routine_nested;      /* of them, within statements that SQLite runs */
	bool routine_definer;	      /* it, or one around it, is SECURITY DEFINER: its role is admin */
	bool routine_steady;	      /* the innermost is not VOLATILE: it changes nothing */
	struct portal *stepping;      /* the innermost portal whose statement SQLite runs at the moment */
	unsigned routine_savepoints;  /* of exception blocks under way */
	struct sequence_memory drawn; /* what it was told by sequences */
	struct notify_box notify;
	struct simple_query query;
	struct copy copy;
	struct current { /* whose text the statement at hand has, for the audit; see session_set_current */
		bool known;
		struct prepared *source; /* a reference of the session's own; NULL: the text is query.text */
	} current;
	bool working;	    /* counted in server->working (pause.h) */
	bool message_begun; /* the message at hand has been taken up before */
	int64_t gone_ms;    /* when its client was found to have gone, 0: it is there; answers go nowhere */
	int64_t looked_ms;  /* when a statement that runs last looked for it */
	int64_t stalled_ms; /* when its client first did not read this statement's answer; 0: it does */
	bool skipping;	    /* an error in an extended batch: until Sync */
	LIST_HEAD(, prepared) prepared;
	struct prepared *unnamed;
	LIST_HEAD(, portal) portals; /* SQL cursors among them: one namespace */
	struct portal *resuming;     /* an Execute that had to wait */
	uint64_t resuming_max;
};

/* Memory for a session, zeroed but for the task, which is ready to run; and back. NULL: out of memory. */
struct session *session_allocate(struct sqlite *sqlite);
void session_give_back(struct sqlite *sqlite, struct session *session);

/* Whose task it is. */
struct session *session_of_task(struct pool_task *task);

/* Ends the session and frees it. By the thread that has it. */
void session_free(struct session *session);

/* Takes the session's next turn; events are epoll's (0: it was roused or its wait is over). */
void session_run(struct session *session, uint32_t events);

/* Asked while a statement runs, by SQLite, by functions and by memory: cancelled, over its time, abandoned, or the
 * server in a hurry. */
bool session_must_stop(void *session);

/* Notes that the client has gone, and since when, if it has. */
void session_look_for_client(struct session *session, int64_t gone_ms);

/* What comes next may last: lets another thread serve meanwhile, until the end of this turn. */
void session_begin_long_work(struct session *session);
void session_end_long_work(struct session *session);

/* Cancels what the session with this key runs. Nothing tells the asker whether there was one. */
void session_cancel(struct sqlite *sqlite, uint32_t pid, uint32_t secret);

/* Cancels what this session runs, or ends it now. With the server's lock held. */
void session_signal(struct session *session, bool terminate);

/* Says 57P01, once. */
void session_put_terminated(struct session *session);

/* A new session that may not be: says so, ends and frees it. */
void session_refuse(struct session *session);

/* startup.c's side: takes startup packets; simple.c and extended.c: messages of a session that serves. */
enum session_step session_step_startup(struct session *session);
enum session_step session_simple_begin(struct session *session, const struct pgwire_message *message);
enum session_step session_simple_go_on(struct session *session);
enum session_step session_extended(struct session *session, const struct pgwire_message *message);
/* A message of the extended protocol that cannot be taken, with the report filled: as any that fails. */
enum session_step session_extended_refuse(struct session *session);
enum session_step session_extended_go_on(struct session *session);

/* Sends the session's report to the client as an error and lets the transaction fail. */
void session_fail(struct session *session);
/* Sends a WARNING. */
void session_warn(struct session *session, enum sqlstate state, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* ParameterStatus for settings that changed. */
void session_put_settings(struct session *session);
/* The same, then ReadyForQuery. */
void session_ready(struct session *session);
/* Sends off what waits: STEP_ON, STEP_BLOCKED or STEP_CLOSE. */
enum session_step session_flush(struct session *session);
/* Whether the statement at hand is a whole transaction by itself: SQLite's autocommit does then. */
bool session_statement_is_alone(const struct session *session);
/* The portal's text is the one at hand, whatever becomes of the portal: kept until the next one, or an error's end. */
void session_set_current(struct session *session, const struct portal *portal);
void session_forget_current(struct session *session);
/* 25P02 in a failed block, but for what ends it. -1 with the report filled. */
int session_check_failed_block(struct session *session, const struct dialect_plan *plan, struct report *r);
/* The same in place of another error that a statement of a failed block met first. */
void session_prefer_failed_block(struct session *session);
/* An entry in the audit trail (audit_add) about what this session's client did. */
void session_audit(struct session *session, const char *kind, const char *statement, const char *result);
/* Starts the clock of a statement; of a message, when it is taken up for the first time. */
void session_begin_message(struct session *session);
void session_begin_statement(struct session *session);

/* Puts the session's role, settings and times into the context of a connection that it takes, or after its settings
 * have changed; and the other way round before the connection is given back. */
void session_attach(struct session *session, struct connection *connection);
void session_detach(struct connection *connection);
/* What reading and writing values depends on. */
void session_type_settings(struct session *session, struct type_settings *types);
/* Brings times and the like in its connection's context up to the current statement. */
void session_refresh(struct session *session);

/* A connection to work on: the session's, or one from the pool. TRANSACTION_WAITS when there is none. */
enum transaction_result session_need_connection(struct session *session, struct report *r);
/* What is needed is not there: WAITS to be parked for it, or ERROR when it has waited long enough, or was cancelled. */
enum transaction_result session_wait(struct session *session, enum pool_wait wait, struct report *r);
/* It is there. */
void session_wait_over(struct session *session);
/* Who writes does so with the connection that was written with last, when it is free. */
void session_prefer_writing_connection(struct session *session);
/* Gives the connection back unless the transaction, a portal or temporary tables need it. */
void session_spare_connection(struct session *session);

struct prepared *session_find_prepared(struct session *session, const char *name);
struct portal *session_find_portal(struct session *session, const char *name);
/* Shows each statement that has a name of the session's; arg is the session. */
void prepared_each(void *arg, void (*each)(void *each_arg, const struct sql_prepared *row), void *each_arg);
void session_forget_prepared(struct session *session, struct prepared *prepared);
/* All portals but those WITH HOLD whose transaction was committed. */
void session_close_portals(struct session *session);
/* The same at the end of a transaction; a commit lets portals WITH HOLD fetch the rows that they have left, and
 * fails (-1, the session's report) when they cannot. */
int session_end_portals(struct session *session, bool commit);
/* Before READ COMMITTED turns writer: what open portals still read is put by, for their snapshot would be in the
 * way. */
int session_hold_portals(struct session *session, struct report *r);

/* A COPY FROM STDIN is over: answers what its Query or Execute is owed. */
enum session_step session_simple_copy_over(struct session *session, bool done);
enum session_step session_extended_copy_over(struct session *session, bool done);

/* command.c: runs what is not SQLite's to run (SET, FETCH, COPY, ...). */
enum portal_result session_run_command(struct session *session, struct portal *portal, struct report *r);

#endif
