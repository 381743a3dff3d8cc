/*
 * All sessions and what they share: the store, the pool, the audit trail, the configuration. The loop's thread talks
 * to the supervisor; the pool's threads serve clients (pool.h).
 */
#ifndef BIBD_SQLITE_SERVER_H
#define BIBD_SQLITE_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/message.h"
#include "common/traffic.h"
#include "workers/pgwire/admission.h"
#include "workers/sqlite/pool/mailbox.h"
#include "workers/sqlite/pool/pool.h"
#include "workers/sqlite/session/advisory.h"
#include "workers/sqlite/session/notify.h"
#include "workers/sqlite/store/audit.h"
#include "workers/sqlite/store/store.h"
#include "workers/worker.h"

struct session;

/* The part of the configuration that threads read: replaced whole on reload, freed with its last user. */
struct sqlite_conf {
	atomic_uint references;
	struct conf *conf;
};

#define SQLITE_TRAFFICS 8

struct sqlite {
	struct worker *worker;
	struct mailbox mailbox; /* messages of other threads for the loop's thread */
	struct store store;
	struct pool pool;
	struct audit audit;
	struct admission admission;
	struct traffic traffic[SQLITE_TRAFFICS]; /* by a session's pid */
	struct advisory_locks advisory;
	struct notify_hub notify;

	pthread_mutex_t lock; /* guards sessions, conf, and the generation of the sockets */
	LIST_HEAD(, session) sessions;
	LIST_HEAD(, session) ended; /* sessions that have ended, whose memory the next ones take */
	unsigned nsessions;
	struct sqlite_conf *conf;
	uint32_t next_pid;

	atomic_bool operational;  /* clients are served; before that they are told 57P03 */
	atomic_bool stopping;	  /* clients are told 57P01 */
	atomic_uint working;	  /* sessions that run a statement or have a transaction open */
	atomic_size_t held_bytes; /* bytes of rows that cursors keep in memory */
	/* how many sessions there are of each role; the last: the role is not known yet */
	atomic_uint roles[ROLES + 1];

	struct channel archive; /* to bibd-archive (base.h) */
	struct loop_timer base_timer, count_timer;
	struct loop_watch stored_watch;
	bool watches_stored;
	struct loop_timer repository_timer;
	uint64_t waited_for; /* so many commits, since waited_since_ms (repository.h) */
	int64_t waited_since_ms;
	bool looks_at_repository;
	atomic_bool repository_wait;	  /* backup.wait, of all sessions: also of those that were there before */
	atomic_bool repository_suspended; /* nobody waits for it just now */
	uint32_t count_id;		  /* id of the COUNT_REQUEST that waits for its end; 0: none */
	uint32_t base_id;		  /* id of the BASE_BEGIN that waits for the end of a checkpoint; 0: none */
	int listen_fd;
	struct loop_watch wake_watch;
	struct loop_timer stop_timer;
	bool hurried, stopped;
	bool draining; /* the supervisor waits for the last transaction to end */
	struct loop_timer drain_timer;
	unsigned long answered; /* the pool's, when it was last looked at, and since when nobody waits in vain */
	int64_t answered_ms;
};

/* Takes a reference to the configuration in force. */
struct sqlite_conf *sqlite_conf_get(struct sqlite *sqlite);
void sqlite_conf_release(struct sqlite_conf *conf);

/* A server of zeroed memory without sessions, whose store is not open yet: nobody is let in before pool_listen. Errors:
 * server.start, server.conf, pool.create. */
int sqlite_open(struct sqlite *sqlite, struct worker *worker, struct error *e);

/* Makes this the configuration in force: a copy, for the threads. Errors: server.conf. */
int sqlite_set_conf(struct sqlite *sqlite, const struct conf *conf, struct error *e);

/* A new client on a non-blocking socket, which the session owns; remote: who it is where the kernel cannot say, or
 * NULL. From any thread. Returned is one that the caller is to run at once; else it waits for its client. */
struct session *session_accept(struct sqlite *sqlite, int fd, const struct pgwire_peer *remote);

/* Tells all sessions to end: those that do nothing now, at once; the others when their statement is over, or, if
 * `hurry`, now. */
void session_terminate_all(struct sqlite *sqlite, bool hurry);

/* Requests of the supervisor's; the context is the worker. bibctl clients and bibctl kill: */
void clients_take_request(void *context, struct frame *frame, const struct message_clients_request *message);
void clients_take_kill(void *context, struct frame *frame, const struct message_kill_request *message);
/* bibctl pause and bibctl resume (pause.h): */
void pause_take(void *context, struct frame *frame, const struct message_pause *message);
void pause_take_resume(void *context, struct frame *frame, const struct message_resume *message);
/* Called when the loop was woken, since the last transaction before a pause may have ended. */
void pause_look(struct sqlite *sqlite);

/* script.c, a store_script_fn; arg: the server. */
int sqlite_run_script(void *arg, struct connection *connection, const char *sql, struct report *r);

/* What the pool has sessions do. */
extern const struct pool_calls sqlite_pool_calls;

/* Ends the worker's serving, with the last session: what the audit trail has still to say, then the store. */
void sqlite_finish_stop(struct sqlite *sqlite);
unsigned sqlite_count_sessions(struct sqlite *sqlite);

#endif
