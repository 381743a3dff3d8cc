/*
 * What the files of the move share: the two ends, and how far it is. Its thread's, but for what is atomic or locked.
 */
#ifndef BIBD_POSTGRES_MOVE_PRIVATE_H
#define BIBD_POSTGRES_MOVE_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "workers/postgres/move/move.h"
#include "workers/postgres/move/source.h"

#define MOVE_DOING_MAX 160

/* What applications have made: not the catalogs, and not what is bibd's own. */
#define OURS "n.nspname !~ '^(pg_|information_schema|bibd$)'"

struct pg_move {
	struct loop *loop;
	struct loop_timer timer;
	struct pg_move_hooks hooks;
	void *context;
	pthread_t thread;
	bool running; /* the thread is to be joined */
	int source_fd;
	const char *database;
	PGconn *admin, *system;
	struct source source;
	int64_t began_ms;
	char told[MOVE_DOING_MAX]; /* the loop's: what it was doing when that was last told */
	atomic_bool over;
	atomic_ullong rows, all_rows; /* copied; to be copied */
	pthread_mutex_t lock;	      /* of what follows */
	char doing[MOVE_DOING_MAX];
	bool failed;
	struct error error;
};

/* Says what is done now, for people. */
void move_say(struct pg_move *move, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Runs a statement on PostgreSQL whose answer does not matter. Errors: move.target, move.refused. */
int move_run(PGconn *connection, const char *sql, struct error *e);
/* The error of a result, as the sentence of what it was about; clears the result. Returns -1. */
int move_target_failed(PGconn *connection, PGresult *result, const char *what, struct error *e);

/* ---- schema.c ---- */

enum move_phase { MOVE_BEFORE, MOVE_AFTER };

/* Makes what belongs before, or after, the rows. Errors: move.refused, with the first thing that is not taken. */
int move_schema(struct pg_move *move, enum move_phase phase, struct error *e);
/* Whether as many of each kind are in both. Errors: move.differs. */
int move_schema_compare(struct pg_move *move, struct error *e);
/* Whether PostgreSQL has the extensions that are in use. Errors: move.refused. */
int move_check_extensions(struct pg_move *move, struct error *e);

/* ---- rows.c ---- */

struct move_tables;

/* Lists the tables, with the number of their rows; the caller frees. NULL with *e set. */
struct move_tables *move_tables_list(struct pg_move *move, struct error *e);
void move_tables_free(struct move_tables *tables);
/* Copies all rows, those of bibd's own tables too. */
int move_tables_copy(struct pg_move *move, struct move_tables *tables, struct error *e);
/* Reads all of them on PostgreSQL, and compares number and hash with what was read on SQLite. Errors: move.differs. */
int move_tables_compare(struct pg_move *move, struct move_tables *tables, struct error *e);
/* Sets the next values of the sequences. */
int move_sequences(struct pg_move *move, struct error *e);

#endif
