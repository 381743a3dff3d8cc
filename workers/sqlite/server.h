/*
 * The SQLite worker as a whole: what its threads share. The loop's thread talks to the supervisor; the pool's threads
 * serve clients (pool.h).
 */
#ifndef BIBD_SQLITE_SERVER_H
#define BIBD_SQLITE_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "workers/pgwire/admission.h"
#include "workers/sqlite/store/audit.h"
#include "workers/sqlite/pool/pool.h"
#include "workers/sqlite/store/store.h"
#include "workers/worker.h"

struct session;
struct server_event;

/* The part of the configuration that threads read: replaced whole on reload, freed with its last user. */
struct server_conf {
	atomic_uint references;
	struct conf *conf;
};

struct server {
	struct worker *worker;
	struct store store;
	struct pool pool;
	struct audit audit;
	struct admission admission;

	pthread_mutex_t lock; /* sessions, conf, sockets' generation */
	LIST_HEAD(, session) sessions;
	LIST_HEAD(, session) ended; /* memory of sessions, for the next ones */
	unsigned nsessions;
	struct server_conf *conf;
	uint32_t next_pid;

	atomic_bool operational; /* clients are served; before: 57P03 */
	atomic_bool stopping;	 /* clients are told 57P01 */
	atomic_bool paused;	 /* bibctl pause: see pause.h */
	atomic_uint working;	 /* sessions that run a statement or have a transaction open */
	atomic_size_t held_bytes; /* rows that cursors have put by */
	atomic_uint roles[ROLES + 1]; /* sessions by role; the last: not yet known */

	int listen_fd;
	int wake_fd; /* eventfd: a thread has something for the loop's thread */
	struct loop_watch wake_watch;
	struct loop_timer stop_timer;
	bool hurried, stopped;
	bool draining;	/* the supervisor waits for the last transaction to end */
	struct loop_timer drain_timer;
	unsigned long answered; /* the pool's, when it was last looked at, and since when nobody waits in vain */
	int64_t answered_ms;

	STAILQ_HEAD(, server_event) events; /* left by threads for the supervisor */
	unsigned nevents;
};

/* Takes a reference to the configuration in force. */
struct server_conf *server_conf_get(struct server *server);
void server_conf_release(struct server_conf *conf);

/* Wakes the loop's thread, which then looks at what threads left for it (events, the end of a stop). Any thread. */
void server_wake(struct server *server);

/* The last of a stop: closes the store and says so. Loop thread. */
void server_close(struct server *server);

/* Leaves an event for the supervisor. Any thread; a bounded queue, the oldest kept. */
void server_event(struct server *server, const char *code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Whether events wait for the loop's thread. */
bool server_has_events(struct server *server);

#endif
