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
	STEP_SYNC,    /* what it is to be told is not on the disk yet */
	STEP_PARK,    /* for session->wait */
	STEP_CLOSE,
};

/* A statement that has run for so long leaves the serving of others to another thread. */
#define SESSION_LONG_WORK_MS 3
/* A statement that has been at work for so long, at a time or in many turns (a COPY), and holds nothing that others
 * wait for, leaves them the processor. */
#define SESSION_LOW_WORK_MS 20
/* How long a client may leave its answer unread, whose session holds what others wait for. */
#define SESSION_STALL_DEADLINE_MS 60000
/* An open transaction that pins a connection and whose client is silent (25P03), unless the session sets its own. */
#define SESSION_PINNED_DEADLINE_MS 300000
/* The queues for the write lease and for connections, unless lock_timeout says otherwise. */
#define SESSION_LEASE_DEADLINE_MS 60000
#define SESSION_CONNECTION_DEADLINE_MS 30000
/* A client that has gone leaves what it sent: that is still done. But a statement that only reads is stopped when it
 * has run for so long without anybody to answer, one that writes after a longer time, or after AWAITED_MS while others
 * wait to write; and how often a statement that runs looks whether its client is there. */
#define SESSION_ABANDONED_READ_MS 1000
#define SESSION_ABANDONED_AWAITED_MS 5000
#define SESSION_ABANDONED_WRITE_MS 30000
#define SESSION_LOOK_MS 100
/* For a message or an answer of so many bytes bibd looks first whether there is room for it. */
#define SESSION_LARGE_BYTES ((size_t)1 << 20)
/* Bytes of an answer at which it is sent off, and at most held for a client that does not read. */
#define SESSION_FLUSH_BYTES 32768
#define SESSION_HELD_BYTES 262144

/* A Query message while its statements run. */
struct simple_query {
	bool active;
	bool prepared;	 /* the current statement's portal is open */
	bool several;	 /* more than one statement */
	bool any;	 /* a statement has been run */
	const char *sql; /* the text, in the message or in `owned` */
	char *owned;	 /* a copy, when a COPY let the message go */
	size_t length, next;
	struct dialect_text text; /* the current statement */
	struct portal portal;
};

struct session {
	struct pool_task task; /* what the pool schedules: the socket, the role, where it is and until when it waits */
	LIST_ENTRY(session) entry; /* in the server's list of sessions, or of those that have ended */
	struct sqlite *sqlite;

	uint32_t pid, secret; /* the cancel key: numbers that bibd makes up */
	struct pgwire_peer peer;
	struct admission_place place;
	struct sqlite_conf *conf;
	atomic_uint phase; /* enum session_phase; other threads read it */
	char database[64];
	struct settings *settings;
	struct pgwire_buffer in, out;
	struct report report;
	struct memory_account memory;
	size_t discarding; /* bytes that are still to come of a message that was too large */

	/* task.cancelled: the statement is to end; task.terminated: say 57P01 and end when the statement is over. */
	atomic_bool killed; /* the session ends, and its statement at once: pg_terminate_backend */
	bool told;	    /* the client has been told 57P01 */
	struct activity activity;
	int64_t turn_start; /* by clock_now_ms(), as the next two */
	int64_t statement_start;
	bool dropped_data; /* of a COPY that has failed came more in this turn */
	int64_t worked_ms; /* the statement has been at work for so long, in all of its turns */
	int64_t statement_deadline;
	bool statement_timed_out;
	int64_t statement_time_us;
	enum pool_wait wait; /* why the last step asked to be parked */

	bool wait_expired; /* the time for which it was parked is over */
	int64_t startup_deadline;
	bool has_long_work;  /* its thread has told the pool that its work lasts long */
	bool polled;	     /* the socket has been read this turn */
	size_t message_size; /* size of the message that is dealt with, which is still in `in` */

	struct connection *connection; /* the connection that it has; NULL: none */
	bool keeps_connection;	       /* the connection has temporary tables, and is closed with the session */
	bool on_commit;		       /* it has had a temporary table that COMMIT empties or drops: on_commit.h */
	bool drops_connection;	       /* its temporary tables are to be dropped: the connection is closed */
	bool pinned;		       /* a suspended portal holds the connection, which counts against the cap */
	bool holding;		       /* `out` takes rows that are kept, and not sent */
	struct transaction transaction;
	unsigned routine_calls;	 /* how many calls of routines stand within each other */
	unsigned routine_nested; /* how many of them stand within statements that SQLite runs */
	/* the innermost routine, or one around it, is SECURITY DEFINER: the role is admin */
	bool routine_definer;
	bool routine_steady; /* the innermost routine is not VOLATILE, and may change nothing */
	/* the triggers of the innermost statement that has any; the statement owns them */
	struct fire_triggers *firing;
	struct portal *stepping;      /* the innermost portal whose statement SQLite runs at the moment */
	unsigned unnamed_portals;     /* how many names of portals bibd has made up */
	unsigned routine_savepoints;  /* how many exception blocks are under way */
	struct sequence_memory drawn; /* the values that sequences have given it */
	struct late_keys late;	      /* what is to be looked at of deferrable keys */
	struct notify_box notify;
	struct simple_query query;
	struct copy copy;
	struct current { /* the text that is being run, for the audit; see session_set_current() */
		bool known;
		struct prepared *source; /* the session has a reference to it; NULL: the text is query.text */
	} current;
	bool working;	    /* counted in server->working (pause.h) */
	bool message_begun; /* the current message was taken up before, and had to wait */
	/* when its client was found to have gone, after which answers are dropped; 0: it is there */
	int64_t gone_ms;
	int64_t looked_ms;  /* when a statement that runs last looked for the client */
	int64_t stalled_ms; /* when its client first left this statement's answer unread; 0: it reads */
	bool skipping;	    /* an extended batch had an error: messages are skipped up to Sync */
	LIST_HEAD(, prepared) prepared;
	struct prepared *unnamed;
	LIST_HEAD(, portal) portals; /* SQL cursors among them: one namespace */
	struct portal *resuming;     /* an Execute that had to wait */
	uint64_t resuming_max;
};

/* Allocates a session, zeroed but for its task, which is ready to run; and frees it. NULL: out of memory. */
struct session *session_allocate(struct sqlite *sqlite);
void session_give_back(struct sqlite *sqlite, struct session *session);

/* The session of a task. */
struct session *session_of_task(struct pool_task *task);

/* Ends the session and frees it; called by the thread that has it. */
void session_free(struct session *session);

/* A session of the role admin that has no client, no turns and no connection yet, for the worker itself: whoever makes
 * it gives it a connection and a transaction, which freeing it leaves as they are. NULL: out of memory. */
struct session *session_new_alone(struct sqlite *sqlite);
void session_free_alone(struct session *session);

/* Takes the session's next turn. events: epoll's; 0: another thread woke it, or its wait is over. */
void session_run(struct session *session, uint32_t events);

/* Whether the statement that runs must stop: it was cancelled, its time is over, its client has gone, or the worker
 * stops in a hurry. SQLite, functions and the accounting of memory ask; `session` is a struct session. */
bool session_must_stop(void *session);

/* Since when the thread has worked on the session's statement: clock_now_ms(). */
int64_t session_work_start(const struct session *session);
/* Whether the session's statement was cancelled, is over its time, or was refused memory, which the code that asked
 * for memory may not have taken for an error. */
bool session_is_over(struct session *session);

/* Notes that the client has gone, and since when, if it has. */
void session_look_for_client(struct session *session, int64_t gone_ms);

/* Called before work that may last: another thread serves the other sessions until the end of this turn. */
void session_begin_long_work(struct session *session);
void session_end_long_work(struct session *session);

/* Cancels what the session with this key runs. Nothing tells the asker whether there was one. */
void session_cancel(struct sqlite *sqlite, uint32_t pid, uint32_t secret);

/* Cancels what the session runs, or ends the session now. Called with the server's lock held. */
void session_signal(struct session *session, bool terminate);

/* Tells the client 57P01, once. */
void session_put_terminated(struct session *session);

/* Refuses a new session: tells the client so, ends and frees it. */
void session_refuse(struct session *session);

/* Take the next message: startup.c a startup packet, simple.c and extended.c a message of a session that serves. */
enum session_step session_step_startup(struct session *session);
enum session_step session_simple_begin(struct session *session, const struct pgwire_message *message);
enum session_step session_simple_go_on(struct session *session);
enum session_step session_extended(struct session *session, const struct pgwire_message *message);
/* Fails a message of the extended protocol that cannot be taken, with the report that is filled. */
enum session_step session_extended_refuse(struct session *session);
enum session_step session_extended_go_on(struct session *session);

/* Sends the session's report to the client as an error and lets the transaction fail. */
void session_fail(struct session *session);
/* Sends a WARNING. */
void session_warn(struct session *session, enum sqlstate state, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Puts ParameterStatus for each setting that has changed. */
void session_put_settings(struct session *session);
/* The same, and ReadyForQuery behind it. */
void session_ready(struct session *session);
/* Sends what is in `out`. Returns STEP_ON, STEP_BLOCKED, STEP_SYNC or STEP_CLOSE. */
enum session_step session_flush(struct session *session);
/* The same where the session cannot be put aside: it waits for the sync. */
enum session_step session_flush_now(struct session *session);
/* Reads what has come, towards `wanted` bytes in `in`. Makes room for what is wanted, but never for much more than has
 * come: a length alone reserves nothing. */
enum session_step session_read(struct session *session, size_t wanted);
/* Drops what has come of the rest of a message that was refused. */
void session_discard(struct session *session);
/* There is no room for the message that has begun to come, of that size: its sender is told, and goes on with the next
 * one. */
enum session_step session_refuse_message(struct session *session, size_t size);
/* The COPY under way has failed: it ends, and its Query or Execute is answered. */
enum session_step session_copy_failed(struct session *session);
/* Notes that the answer has in it what has just been read of the file: it is sent when that is on the disk. */
void session_hold_answer(struct session *session);
/* Notes that the answer is sent when the transaction of that number is on the disk. */
void session_answer_needs(struct session *session, uint64_t number);
/* Whether the statement that is run is a whole transaction by itself, for which SQLite's autocommit is enough. */
bool session_statement_is_alone(const struct session *session);
/* Makes the portal's text the current one, whatever becomes of the portal, until the next text or the end of an
 * error. */
void session_set_current(struct session *session, const struct portal *portal);
void session_forget_current(struct session *session);
/* Refuses a plan in a failed transaction block with 25P02, unless it ends the block. -1: the report is filled. */
int session_check_failed_block(struct session *session, const struct dialect_plan *plan, struct report *r);
/* Puts 25P02 in place of another error that a statement of a failed block met first. */
void session_prefer_failed_block(struct session *session);
/* Adds an entry about what this session's client did to the audit trail (audit_add()). */
void session_audit(struct session *session, const char *kind, const char *statement, const char *result);
/* session_begin_statement() starts the clock of a statement; session_begin_message() that of a message, when it is
 * taken up for the first time. */
void session_begin_message(struct session *session);
void session_begin_statement(struct session *session);

/* Puts the session's role, settings and times into the context of a connection that it takes, or after its settings
 * have changed; and the other way round before the connection is given back. */
void session_attach(struct session *session, struct connection *connection);
void session_detach(struct connection *connection);
/* Fills in the settings on which reading and writing values depend. */
void session_type_settings(struct session *session, struct type_settings *types);
/* Brings times and what else changes with each statement up to date in its connection's context. */
void session_refresh(struct session *session);

/* Gets the session a connection from the pool, unless it has one. TRANSACTION_WAITS: there is none free. */
enum transaction_result session_need_connection(struct session *session, struct report *r);
/* Called when something that the session needs is not free: TRANSACTION_WAITS, and the session is parked, or
 * TRANSACTION_ERROR when it has waited long enough, or was cancelled. */
enum transaction_result session_wait(struct session *session, enum pool_wait wait, struct report *r);
/* Called when what the session waited for is free. */
void session_wait_over(struct session *session);
/* The same, if that is what it waited for: the time for anything else goes on. */
void session_got(struct session *session, enum pool_wait wait);
/* Takes the connection that was written with last, if it is free, for a session that is about to write. */
void session_prefer_writing_connection(struct session *session);
/* Gives the connection back unless the transaction, a portal or temporary tables need it. */
void session_spare_connection(struct session *session);
/* Whether its connection is counted as one that stays with it between messages: once, whatever keeps it there (a
 * transaction, a suspended portal, temporary tables). */
bool session_is_pinned(const struct session *session);
/* Counts it, if it is not counted; the caller then notes what keeps it. False: as pool_pin. */
bool session_pin(struct session *session);

struct prepared *session_find_prepared(struct session *session, const char *name);
struct portal *session_find_portal(struct session *session, const char *name);
/* Calls `each` for every prepared statement with a name; arg is the session. */
void prepared_each(void *arg, void (*each)(void *each_arg, const struct sql_prepared *row), void *each_arg);
void session_forget_prepared(struct session *session, struct prepared *prepared);
/* Closes all portals but those WITH HOLD whose transaction was committed. */
void session_close_portals(struct session *session);
/* The same at the end of a transaction; a commit lets portals WITH HOLD fetch the rows that they have left, and
 * fails (-1, the session's report) when they cannot. */
int session_end_portals(struct session *session, bool commit);
/* Called when the commit is over that lets cursors WITH HOLD live on; they do not if it failed. */
void session_settle_portals(struct session *session, bool committed);
/* Called before a READ COMMITTED transaction writes for the first time: keeps the rows that open portals have left
 * to read, since their snapshot would be in the way. -1: the report is filled. */
int session_hold_portals(struct session *session, struct report *r);

/* What the session does next when a portal has come no further than that; `fail` ends its message where it failed. */
enum session_step session_step_of(struct session *session, enum portal_result result,
    enum session_step (*fail)(struct session *session));

/* Called when a COPY FROM STDIN is over: puts out what its Query or Execute has still to answer. */
enum session_step session_simple_copy_over(struct session *session, bool done);
enum session_step session_extended_copy_over(struct session *session, bool done);

/* command.c: runs a statement that SQLite does not run (SET, FETCH, COPY, ...). */
enum portal_result session_run_command(struct session *session, struct portal *portal, struct report *r);

#endif
