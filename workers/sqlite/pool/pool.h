/*
 * What clients share: threads, connections, and the right to write. A client is a struct pool_task here: the part of
 * its session that is scheduled.
 *
 * Threads share one epoll set with one-shot events: whichever thread is free takes the next session that has something
 * to do, and a session belongs to one thread at a time. Nothing that can last makes a thread wait inside a session: a
 * session that needs the write lease, a connection, or room in its client's socket is put aside (parked) and taken up
 * again by any thread. So a thread is never lost to a session that waits, and there need be no more threads than
 * connections: each one at work uses exactly one. Of these only as many serve at a time as there are processors. Thread
 * per session was measured slower (a switch for each message), and one thread for all would let one long query stop
 * everyone.
 *
 * SQLite has one writer at a time; its own lock would be waited for in a busy loop. Here the lease is a queue: first
 * come, first served, with a deadline each.
 */
#ifndef BIBD_SQLITE_POOL_H
#define BIBD_SQLITE_POOL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/error.h"
#include "workers/sqlite/commit/commit.h"
#include "workers/sqlite/connection/connection.h"
#include "workers/sqlite/pool/mailbox.h"
#include "workers/sqlite/pool/task.h"

/* What the pool has done by others; without its lock. arg is pool_open's. */
struct pool_calls {
	/* Opens one more connection; NULL with the error filled. */
	struct connection *(*open)(void *arg, struct error *e);
	/* A new client's socket, non-blocking, is the callee's. It waits for its client; or it is returned, to be run
	 * at once by who accepted it. */
	struct pool_task *(*accept)(void *arg, int fd);
	/* A task's next turn; events are epoll's (0: it was roused or its wait is over). It ends in pool_await_client
	 * or pool_park, or the task does. */
	void (*run)(struct pool_task *task, uint32_t events);
	/* pool_call_audit's. */
	void (*write_audit)(void *arg);
};

/* Stacks are address space until they are touched; the depth of a statement's tree is bounded to fit
 * (dialect/lex.c). */
#define POOL_STACK_BYTES (256UL << 20)

/* Connections and pins beyond those that the configuration gives to all: for the role admin, which always gets in. */
#define POOL_ADMIN_RESERVE 2
/* And for any role that has fewer than this: what one role's sessions run for long keeps no other role out. */
#define POOL_ROLE_RESERVE 2
/* Threads beyond the number of connections: long work needs a connection, so these are left to serve others. */
#define POOL_SPARE_THREADS 2

TAILQ_HEAD(pool_queue, pool_task);

struct pool {
	const struct pool_calls *calls;
	void *arg;
	struct commit *commit; /* told of it before the lease goes on */
	struct mailbox *mailbox;
	pthread_mutex_t lock; /* everything below; held for a few instructions at a time */

	int epoll_fd;
	int listen_fd; /* -1: nobody is let in yet */
	int ready_fd;  /* eventfd in the set: counts sessions in `ready` */
	int timer_fd;  /* timerfd in the set: due at `timer_at` */
	int audit_fd;  /* eventfd in the set: entries of the audit trail are to be written */
	int64_t timer_at;
	/* Threads beyond the processors would only take turns: so many serve, the others stand by until one of those
	 * has long work (a query that goes on, a checkpoint). A commit that waits for the disk is none: there is one at
	 * a time. */
	unsigned nthreads, max_threads, max_serving;
	unsigned nlong; /* have long work */
	unsigned nstanding_by;
	atomic_int surplus;    /* serving beyond max_serving */
	atomic_ulong answered; /* statements that have ended, and parts of answers that were sent: of clients, not of
				* the check (supervisor/children/check.h) */
	pthread_cond_t called; /* one that stands by may serve */
	unsigned ncalled;
	bool stopping;

	/* Threads that are nicer than others, and the tasks whose turns are theirs (low.c). None is one of nthreads. */
	struct pool_queue low;
	pthread_cond_t low_called;
	unsigned nlow_threads;	  /* all of them */
	unsigned nlow, nlow_idle; /* those that take tasks, and of these the ones that wait for one */
	unsigned nlow_queued;

	LIST_HEAD(, connection) connections;
	TAILQ_HEAD(pool_connections, connection) free; /* the one used last comes first: its pages are in its cache */
	struct connection *writing;		       /* the one written with last: what others wrote spoils a cache */
	int64_t rested_ms;			       /* when it was last looked which of them rest */
	unsigned nconnections, max_connections;	       /* max_connections: for all; see POOL_ADMIN_RESERVE */
	unsigned nused;				       /* of them: not free, or being opened */
	unsigned nused_by[ROLES];		       /* those with a session, by its role */
	unsigned npinned, max_pinned;

	struct pool_task *writer; /* holds the write lease */
	atomic_bool own_lease;	  /* bibd itself holds it */
	bool own_lease_wanted;	  /* and is to have it next */
	int64_t accept_failed_ms; /* when a client could last not be accepted, and it was said */
	struct pool_queue writers_waiting;
	struct pool_queue connections_waiting;
	struct pool_queue pins_waiting;
	atomic_bool is_paused;	  /* statements that begin wait: see session/pause.h */
	struct pool_queue paused; /* with a statement, until clients go on */
	struct pool_queue unsynced;
	struct pool_queue ready; /* to be taken up by the next free thread */
	unsigned nwriters_waiting;

	struct pool_task **deadlines; /* binary heap, the next one due first */
	unsigned ndeadlines, deadline_capacity;
};

/* Errors: pool.create. Threads start when there is work for them. */
int pool_open(struct pool *pool, const struct pool_calls *calls, void *arg, struct commit *commit,
    struct mailbox *mailbox, unsigned max_connections, struct error *e);

/* Has a thread write the audit entries that wait (audit_write_now). Any thread. */
void pool_call_audit(struct pool *pool);

/* Watches the listening socket. */
int pool_listen(struct pool *pool, int fd, struct error *e);

/* A free connection for the session, opened if there may be one more; NULL: none (the session then waits, see
 * pool_park). -1 in *failed when one could not be opened. */
struct connection *pool_take_connection(struct pool *pool, struct pool_task *task, bool *failed);
/* Has connections that nobody has used for POOL_REST_MS, and less than twice that, give back the pages that they keep.
 * Called now and then; now_ms: clock_now_ms(). */
#define POOL_REST_MS 10000
void pool_rest_connections(struct pool *pool, int64_t now_ms);
/* The connection that was written with last, if nobody uses it now; else NULL. */
struct connection *pool_take_writing_connection(struct pool *pool, struct pool_task *task);
/* Notes which one is written with. */
void pool_note_writing(struct pool *pool, struct connection *connection);
/* A connection that nobody uses, the one longest unused, for work of bibd's own; NULL when there is none just now. */
struct connection *pool_take_free_connection(struct pool *pool);
/* Ends the snapshots that connections keep while nobody uses them: they would hold back a checkpoint. */
void pool_drop_snapshots(struct pool *pool);
/* The write lease for bibd's own work; give it back with task NULL. False: somebody has it, and we are next, which
 * pool_has_own_lease tells. */
bool pool_take_own_lease(struct pool *pool);
bool pool_has_own_lease(struct pool *pool);
/* Does this session hold it? */
bool pool_has_lease(struct pool *pool, const struct pool_task *task);
/* Does another session wait for it? */
bool pool_lease_is_awaited(struct pool *pool);
/* Gives one back. task: who had it; NULL: bibd itself. */
void pool_give_connection(struct pool *pool, struct connection *connection, const struct pool_task *task);
/* Takes in a connection that was opened outside. */
void pool_adopt_connection(struct pool *pool, struct connection *connection);
/* Closes it instead: another may be opened in its place. */
void pool_drop_connection(struct pool *pool, struct connection *connection, const struct pool_task *task);

/* The write lease: true when the session has it (or had it already). */
bool pool_take_lease(struct pool *pool, struct pool_task *task);
/* Passes the lease to the task that has waited longest. Does nothing for a session that does not hold it (0). Returns
 * the number of the last transaction, which is the session's own if it has committed. */
uint64_t pool_give_lease(struct pool *pool, struct pool_task *task);

/* The calling thread begins, or ends, work that may last: another serves meanwhile. */
void pool_enter_long_work(struct pool *pool);
void pool_leave_long_work(struct pool *pool);
/* The calling thread, which has long work, leaves the processor to threads of short work that want it, until it ends
 * with that work. It takes no lease: others would wait for it. */
void pool_lower_thread(void);
bool pool_has_low_thread(void);
/* Has a nicer thread do the task's turn. False: the caller is to do it, since the task has the lease, or no thread can
 * be started. */
bool pool_pass_low(struct pool *pool, struct pool_task *task, uint32_t events);

/* A statement of the session has ended, or something of its answer was sent. */
void pool_note_answer(struct pool *pool, const struct pool_task *task);
/* Does a client wait for a connection, or for a sync that nobody does though no COMMIT is under way, and has none been
 * answered since *answered was taken? Takes it anew. */
bool pool_is_stuck(struct pool *pool, unsigned long *answered);

/* Counts a connection as pinned between messages. False: the cap is reached, or others wait for one to be unpinned. Who
 * can wait (POOL_WAIT_PIN) gives up its connection and the lease first: those that are pinned may need them to end. */
bool pool_pin(struct pool *pool, const struct pool_task *task);
void pool_unpin(struct pool *pool);
/* Who was woken to pin does not: the next one may. */
void pool_decline_pin(struct pool *pool);
bool pool_may_pin(struct pool *pool, const struct pool_task *task);

/* What a thread does with a session when it has done what it could: wait for the client (EPOLLIN, EPOLLOUT), or in a
 * queue. deadline: clock_now_ms(), CLOCK_NEVER for none; when it passes, the session is taken up with `expired` set.
 * The caller does not touch the session afterwards. */
void pool_await_client(struct pool *pool, struct pool_task *task, uint32_t events, int64_t deadline);
void pool_park(struct pool *pool, struct pool_task *task, enum pool_wait wait, int64_t deadline);

/* The same until what its answer needs is on the disk, for as long as that takes. */
void pool_await_sync(struct pool *pool, struct pool_task *task);
/* More is on the disk: takes up those that waited for it. */
void pool_pass_synced(struct pool *pool);

/* Statements that begin wait; and clients go on: takes up all that are parked for that. */
void pool_pause(struct pool *pool);
void pool_resume(struct pool *pool);

/* Brings a session that waits, in whatever way, to a thread: for a cancel, a stop. Does nothing to one that runs. */
void pool_rouse(struct pool *pool, struct pool_task *task);

/* Brings a session that waits for its client to a thread, or one that runs back to it before it waits: it has something
 * to tell. Not one that is parked, which looks by itself when it goes on. */
void pool_call(struct pool *pool, struct pool_task *task);

/* Takes a session that is about to be freed out of everything. By its own thread. */
void pool_forget(struct pool *pool, struct pool_task *task);

/* Closes the connections that are free; for the end of a stop. Returns how many are still in use. */
unsigned pool_close_connections(struct pool *pool);

/* ---- between the pool's files ---- */

/* Starts a thread with that function and the pool as its argument; with the lock held. False: it can't be had. */
bool pool_start_thread(struct pool *pool, void *(*run)(void *arg));
/* Makes what low.c has of a pool; -1: it can't be had. */
int pool_open_low(struct pool *pool);
/* The calling thread, if it is one of low.c's, begins or ends work that lasts; false: it is none. */
bool pool_low_enter_long_work(struct pool *pool);
bool pool_low_leave_long_work(struct pool *pool);
/* Watches the pool's own descriptors. */
int pool_watch_own(struct pool *pool);
/* Is there a connection, free or to be opened, that this session may have? With the lock held, as the next. */
bool pool_may_take_connection(const struct pool *pool, const struct pool_task *task);
/* A connection more, or less (by -1), is in use; task NULL: by bibd itself. With the lock held. */
void pool_count_use(struct pool *pool, const struct pool_task *task, int by);
/* Wakes the session that has waited longest for a connection and may have one now. */
void pool_pass_connection(struct pool *pool);
/* Brings a task that nobody has, or the caller, to a thread. With the lock held. */
void pool_make_ready(struct pool *pool, struct pool_task *task);
/* Takes a parked session out of its queue and on its way to a thread. With the lock held. */
void pool_unpark(struct pool *pool, struct pool_task *task);
/* As pool_rouse, with the lock held; true when the session was waiting and is now on its way to a thread. */
bool pool_rouse_locked(struct pool *pool, struct pool_task *task);

#endif
