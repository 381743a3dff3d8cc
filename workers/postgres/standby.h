/*
 * backup.wait: repository. bibd-archive is the server's synchronous standby, so that COMMIT is answered when the
 * repository has it; where it does not answer in time, commits are let go, and wait again once it has caught up.
 *
 * It is one connection of bibd's own (whose commits never wait), which looks at the server twice a second and writes
 * synchronous_standby_names by ALTER SYSTEM; that stays over a restart, so that no commit goes by in between. What the
 * repository has is told by bibd-archive over a channel (REPOSITORY_STATE in messages.def).
 */
#ifndef BIBD_POSTGRES_STANDBY_H
#define BIBD_POSTGRES_STANDBY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/channel.h"
#include "workers/postgres/pool/pool.h"
#include "workers/postgres/store/store.h"
#include "workers/worker.h"

struct pg_standby {
	struct worker *worker;
	struct pg_store *store;
	struct pg_pool *pool;
	struct channel archive;
	struct message_repository_state state; /* as bibd-archive told it last; zeros: it is not there */
	struct script script;
	struct loop_timer timer;
	bool available;	      /* the store is */
	bool has_waited;      /* commits have waited since the start */
	bool has_timed_out;   /* backup.wait_timeout was over, and nothing has caught up since */
	bool clears, changes; /* synchronous_standby_names is being emptied, or set */
	unsigned agreements;  /* looks in a row that found it as it is to be */
	uint64_t mark;	      /* the log's end at some look: who waited then waits for no more; 0: none */
	int64_t marked_ms;
	char said[ERROR_TEXT_MAX]; /* what went wrong, as it was logged last */
};

void pg_standby_open(struct pg_standby *standby, struct worker *worker, struct pg_store *store, struct pg_pool *pool);
/* PEER of bibd-archive; owns the descriptor. */
void pg_standby_take_peer(struct pg_standby *standby, int fd);
/* The store has become available, or is lost, or closes. */
void pg_standby_available(struct pg_standby *standby);
void pg_standby_lost(struct pg_standby *standby);
/* Nobody commits here any more: a server that shuts down waits until the reader of its log has confirmed all of it,
 * which is not to depend on the repository then. */
void pg_standby_end(struct pg_standby *standby);
/* The configuration may be another. */
void pg_standby_reloaded(struct pg_standby *standby);

#endif
