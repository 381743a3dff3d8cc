/*
 * The worker that carries clients to PostgreSQL, as a whole: the pool (pool.h), the store behind it (store.h), and the
 * supervisor's messages to both (main.c, clients.c).
 */
#ifndef BIBD_POSTGRES_POSTGRES_H
#define BIBD_POSTGRES_POSTGRES_H

#include "workers/postgres/move/move.h"
#include "workers/postgres/pool/pool.h"
#include "workers/postgres/standby.h"
#include "workers/postgres/store/store.h"
#include "workers/worker.h"

struct postgres {
	struct worker *worker;
	struct pg_store *store;
	struct pg_pool pool;
	struct pg_standby standby;
	int listen_fd;
	bool listening, opened;
	struct loop_timer stop_timer;
	int64_t stop_at; /* clock_now_ms() at which the time of a stop is over */
	bool drained, stopped;
	int source_fd;	      /* where a move's rows come from; -1 */
	struct pg_move *move; /* one that is under way */
};

/* ---- clients.c: what the supervisor asks about clients; context is the worker ---- */

void postgres_statistics(void *context, struct frame *frame, const struct message_statistics_request *message);
void postgres_list_clients(void *context, struct frame *frame, const struct message_clients_request *message);
void postgres_kill(void *context, struct frame *frame, const struct message_kill_request *message);
void postgres_pause(void *context, struct frame *frame, const struct message_pause *message);
void postgres_resume(void *context, struct frame *frame, const struct message_resume *message);

/* ---- moving.c: rows that come from SQLite ---- */

/* PEER of bibd-sqlite, a stream: the next opening of the store copies what that serves at the other end; owns the
 * descriptor. */
void postgres_take_source(struct postgres *postgres, int fd);
/* The store is ready for the copy (pg_store_events). */
void postgres_move(void *context);

#endif
