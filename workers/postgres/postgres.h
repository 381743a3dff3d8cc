/*
 * The worker that carries clients to PostgreSQL, as a whole: the pool (pool.h), the store behind it (store.h), and the
 * supervisor's messages to both (main.c).
 */
#ifndef BIBD_POSTGRES_POSTGRES_H
#define BIBD_POSTGRES_POSTGRES_H

#include "workers/postgres/pool/pool.h"
#include "workers/postgres/store/store.h"
#include "workers/worker.h"

struct postgres {
	struct worker *worker;
	struct pg_store *store;
	struct pg_pool pool;
	int listen_fd;
	bool listening, opened;
	struct loop_timer stop_timer;
	int64_t stop_at; /* clock_now_ms() at which the time of a stop is over */
	bool drained, stopped;
};

#endif
