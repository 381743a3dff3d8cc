/*
 * Sessions on server connections. All sockets of the worker but the supervisor's are in here, and one loop serves them.
 *
 * That loop has one thread, which owns all that is here; beside it run only the threads of cancel_helper.c, which have
 * nothing but their jobs. On a busy host of two processors a round trip took this thread 27 us, three quarters of them
 * in the kernel (two receives, two sends, the wake-ups), and PostgreSQL 140 to 180 us for the least of reads: a server
 * keeps five processors busy before this thread is the bound, and where there are fewer more threads gain nothing.
 *
 * A session keeps a connection for a transaction, or while it is pinned. It gets back the one it had last when that is
 * idle; else one that nobody had; else, while there may be more, a new one; else the one unused longest. So with no
 * more clients than pool.size each has a connection of its own. All that holds while its role has fewer connections
 * than it may have (pg_pool_role_limit); at that limit, its sessions wait for each other, and sessions of other roles
 * go before them.
 */
#ifndef BIBD_POSTGRES_POOL_H
#define BIBD_POSTGRES_POOL_H

#include <pthread.h>
#include <sys/queue.h>

#include "common/traffic.h"
#include "workers/pgwire/admission.h"
#include "workers/pgwire/pgwire.h"
#include "workers/postgres/pool/audit.h"
#include "workers/postgres/pool/listener.h"
#include "workers/postgres/statements/prepared.h"
#include "workers/postgres/statements/settings.h"
#include "workers/postgres/store/store.h"
#include "workers/worker.h"

struct pg_session;
struct backend;
struct helper;

/* A block that a connection reads into; an idle one has none. */
#define POOL_BLOCK_SIZE 32768
#define POOL_BLOCKS_KEPT 64
/* A message up to this size is read whole before it is handled; a larger one is passed on in pieces. */
#define POOL_MESSAGE_MAX 65536
/* So many bytes may wait for one side before the other side is no longer read. */
#define POOL_BACKLOG_MAX 131072
#define POOL_PID_BUCKETS 4096
#define POOL_QUEUES (ROLES + 1)

LIST_HEAD(pg_session_list, pg_session);
TAILQ_HEAD(pg_session_queue, pg_session);
TAILQ_HEAD(backend_list, backend);

#define POOL_WHO_MAX 256

/* Connections with logins that are not in use any more are given up (retire.c). */
struct pg_pool_retirement {
	bool active, ended; /* ended: the sessions that still held one were told to end */
	int64_t deadline;
	char who[POOL_WHO_MAX];
};

/* What is known of the repository, and whether commits wait for it (commits.c); standby.c above finds it out. */
struct pg_pool_repository {
	bool missing;		/* commits are to wait for it, and do not: their clients are warned */
	bool let_go;		/* those that wait now were let go, since they are not to wait any more */
	unsigned waiting;	/* commits that wait now */
	int64_t recoverable_us; /* it has everything up to that moment (since 1970); 0: none is known */
	int64_t proven_us;	/* the newest moment that a drill has proven; 0: none */
};

struct pg_pool {
	struct worker *worker;
	struct pg_store *store;
	struct loop *loop;
	struct helper *helper;

	struct loop_watch listen_watch;
	struct loop_timer tick;	 /* deadlines, once or twice a second while there are any */
	struct loop_timer retry; /* after a connection could not be made */
	struct loop_timer accept_again;
	int64_t retry_ms;

	struct admission admission;
	struct traffic traffic, waits; /* waits: of sessions for a connection, in place of answers */
	struct pg_audit audit;
	struct pg_session_list sessions;
	struct pg_session_list by_pid[POOL_PID_BUCKETS];
	struct pg_session_queue starting, waiting, closing; /* the oldest first */
	struct pg_session_queue queues[POOL_QUEUES];	    /* those in waiting, by role (queue.c) */
	uint64_t next_turn;
	STAILQ_HEAD(, pg_session) runnable;
	struct pg_session_queue leaving; /* their clients have gone */
	struct pg_session_list closed;
	uint64_t answered,
	    answered_then;    /* parts of answers that were sent to clients; the count when it was last looked at */
	int64_t answered_ms;  /* since when no session that waits was answered */
	bool stuck;	      /* some waited, and nobody was answered, when it was last looked at */
	unsigned nterminated; /* server processes since the last probe */
	unsigned nsessions, nwaiting, roles[ROLES + 1], waiting_roles[ROLES];
	uint64_t next_session;
	uint32_t next_pid;

	struct backend **backends;		 /* by slot, nslots of them */
	unsigned nslots, nservers_max, nservers; /* nservers_max: pool.size; see pg_pool_limit */
	bool pinned_told;			 /* it was logged that all connections are kept while sessions wait */
	struct listener listener;		 /* beside them */
	struct backend_list idle[ROLES];
	struct backend_list closed_servers;
	unsigned nused_roles
	    [ROLES]; /* connections that a session has, or that are cleaned after one; see pg_pool_role_limit */
	unsigned nidle, nidle_roles[ROLES], nconnecting[ROLES], npinned;
	uint64_t next_server;

	struct pg_pool_repository repository;
	struct pg_pool_retirement retirement;
	struct pg_settings_table settings;
	struct pg_prepared prepared;
	uint64_t next_unnamed, next_dummy;
	struct words_names learning; /* names that the server is telling */
	bool functions_known;	     /* until then sessions wait */
	bool functions_old;	     /* some were made since */
	bool is_learning, learns_all, learns_altering;
	bool functions_alter;	 /* some function may alter a role: whatever calls it does not tell */
	unsigned generation;	 /* of what servers report: changes after each loss of the server */
	bool sequences_are_read; /* some session has asked for lastval or currval */

	/* bibctl pause (pause.c). draining: the supervisor waits for the last transaction to end. */
	bool paused, draining;
	struct loop_timer drain_timer;

	bool operational; /* clients are served; before: 57P03 */
	bool stopping, hurried;
	bool careful;	    /* a connection was lost just now: others may be dead as well */
	bool doubts_logins; /* a client has changed a role: none is made until the store has looked at bibd's logins */
	struct loop_timer logins_timer; /* when the logins are looked at without a special reason */
	uint64_t logins;		/* changes when older connections may have settings that a client has made */
	void (*drained)(void *context); /* the last session of a stop has ended */
	void *drained_context;

	uint8_t *blocks[POOL_BLOCKS_KEPT];
	unsigned nblocks;
	struct pgwire_buffer scratch;
	char failure[256]; /* why the last connection could not be made */
};

int pg_pool_open(struct pg_pool *pool, struct worker *worker, struct error *e);
int pg_pool_listen(struct pg_pool *pool, int fd, struct error *e);

/* The store's events. */
void pg_pool_soon(struct pg_pool *pool);
void pg_pool_available(struct pg_pool *pool);
/* A client has changed a role, perhaps the login that its session uses: no connection is made until the login is as it
 * was. */
void pg_pool_doubt_logins(struct pg_pool *pool);
/* A client has run code (DO, CALL, a function), which may have changed a login: the logins are looked at soon, once for
 * any amount of code. */
void pg_pool_look_at_logins(struct pg_pool *pool);
/* bibd's logins are as they should be, after so many repairs. */
void pg_pool_logins_checked(struct pg_pool *pool, unsigned repaired);
void pg_pool_lost(struct pg_pool *pool, const char *cause);
void pg_pool_retire(struct pg_pool *pool, int64_t grace_ms);

/* Tells the clients; drained is called once none is left. Called again with hurry: no statement gets more time. */
void pg_pool_stop(struct pg_pool *pool, bool hurry, void (*drained)(void *context), void *context);
void pg_pool_close_servers(struct pg_pool *pool);

/* HEARTBEAT: false, with the cause, while clients have waited for a connection for health.timeout and nobody has been
 * answered. A pause is no cause, nor is a server that is away, of which the store tells. */
bool pg_pool_serves(struct pg_pool *pool, char *text, size_t size);

void pg_pool_statistics(const struct pg_pool *pool, struct message_statistics *statistics);

/* New statements wait, until pg_pool_unpause; PAUSED is sent when no transaction is open any more, or the time is
 * over. */
void pg_pool_pause(struct pg_pool *pool, int64_t drain_ms);
void pg_pool_unpause(struct pg_pool *pool);
/* Has the last transaction ended? */
void pg_pool_pause_step(struct pg_pool *pool);
/* Whether the session has a server connection and may not go on with it now. */
bool pg_pool_holds_back(const struct pg_session *session);

/* What operators ask about the sessions (clients.c): the list as a sealed memory file, -1 with an error when there is
 * none; and the end of one, as pg_terminate_backend does it: false when no session has that id. text says which it
 * was. */
int pg_pool_list_clients(struct pg_pool *pool, int64_t asks, struct error *e);
bool pg_pool_kill(struct pg_pool *pool, uint32_t id, char *text, size_t size);

/* A server process was ended by an administrator. To a client the pid that it was told is its session's, so that
 * session ends too, whichever connection it has now. But a server that stops says the same to each process, and then
 * who is idle stays: so what is ended is only noted, until a probe (pg_store_events.probed) finds the server accepting
 * connections; if it does not, the note is dropped. */
void pg_pool_note_terminated(struct pg_pool *pool, uint32_t pid);
void pg_pool_end_terminated(struct pg_pool *pool, bool accepts);

/* A connection for the session: true when it has one now. Else it waits, and is processed once it has. */
bool pg_pool_acquire(struct pg_pool *pool, struct pg_session *session);
/* The idle connection that the session should have now (choose.c). NULL: none, or it is better to wait for a new
 * one. now is looked at for a session that waits. */
struct backend *pg_pool_choose(const struct pg_pool *pool, const struct pg_session *session, bool may_connect,
    int64_t now);
/* Whether a session that is new gets a connection which no other session may come back to, or one that is made for
 * it. */
bool pg_pool_has_one_free(const struct pg_pool *pool, enum role role);
/* How many connections there may be when one of that role is made: admin gets one when all are kept by others. */
unsigned pg_pool_limit(const struct pg_pool *pool, enum role role);
#define POOL_ADMIN_RESERVE 1
/* How many of them sessions of that role may have at a time, so that one role's, which may keep them, do not take all:
 * database.roles.ROLE.max_connections, else all but a tenth; admin's are not bounded then. */
unsigned pg_pool_role_limit(const struct pg_pool *pool, enum role role);
bool pg_pool_role_is_full(const struct pg_pool *pool, enum role role);
/* Whether the session's role may have one more connection; bibd's own check counts for no role. */
bool pg_pool_may_have_one(const struct pg_pool *pool, const struct pg_session *session);
/* A role that an idle connection has; role if there is none. Not one that has all it may have, if there is another. */
enum role pg_pool_choose_role(const struct pg_pool *pool, enum role role);
/* The idle connection of another role that can be spared best. */
struct backend *pg_pool_choose_other_role(const struct pg_pool *pool, enum role role);
/* The idle connection that the session gets now, after a look whether it is alive, where that is in doubt; NULL as
 * pg_pool_choose. */
struct backend *pg_pool_choose_alive(struct pg_pool *pool, const struct pg_session *session);
/* As many new connections as there are sessions of the role waiting, within the bounds. */
void pg_pool_connect_for(struct pg_pool *pool, enum role role);
/* The queue of those that wait (queue.c). */
void pg_pool_start_waiting(struct pg_pool *pool, struct pg_session *session);
void pg_pool_stop_waiting(struct pg_session *session);
/* Gives idle connections to the sessions that have waited longest for them, and has new ones made for others. */
void pg_pool_hand_out(struct pg_pool *pool);
/* The session is gone: its last connection has no owner any more. */
void pg_pool_disown(struct pg_pool *pool, struct pg_session *session);
/* A connection could not be made. */
void pg_pool_connect_failed(struct pg_pool *pool, const char *why);
void pg_pool_connected(struct pg_pool *pool);

/* Asks a server which functions there are, if that must be asked and a connection is free (learn.c). */
void pg_pool_learn(struct pg_pool *pool);

/* To be called at the end of each event's callback: hands free connections to sessions that wait, and frees what has
 * ended. */
void pg_pool_settle(struct pg_pool *pool);
/* Starts the timer that watches deadlines. */
void pg_pool_arm(struct pg_pool *pool);

/* Whether the session may have this idle connection, which is closed if not: its login is not in use any more. */
bool pg_pool_is_current(struct backend *backend, const struct pg_session *session);
/* Closes such connections that nobody needs, ends the sessions that still have one when the time is over, and tells the
 * store when none is left. */
void pg_pool_retire_step(struct pg_pool *pool);

/* Gives a buffer a block to read into, and takes it back when it is empty. */
uint8_t *pg_pool_buffer_reserve(struct pg_pool *pool, struct pgwire_buffer *buffer, size_t size);
void pg_pool_buffer_give_back(struct pg_pool *pool, struct pgwire_buffer *buffer);

/* session.c: a new client; owns fd. remote: who it is where the kernel cannot say, or NULL. */
void pg_session_accept(struct pg_pool *pool, int fd, const struct pgwire_peer *remote);

#endif
