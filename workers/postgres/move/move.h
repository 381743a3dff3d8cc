/*
 * A move: all that is in a database of SQLite, which bibd-sqlite serves over a socket, is made anew in an empty
 * database of PostgreSQL: schema, rows, sequences, bibd's own tables; then both are compared. A thread of its own does
 * it, and blocks; nothing of it is seen by clients, and what was cut short is worth nothing.
 */
#ifndef BIBD_POSTGRES_MOVE_H
#define BIBD_POSTGRES_MOVE_H

#include <libpq-fe.h>

#include "common/loop.h"

struct pg_move;

/* Both are called in the loop's thread. */
struct pg_move_hooks {
	/* For people; news is the first of its kind, to be told at once, the others once a second. */
	void (*progress)(void *context, const char *text, bool news);
	/* It is over; e is NULL when all of it is there and equal. Errors: move.source, move.target (69: a connection
	 * was lost), move.refused (65: what PostgreSQL does not take, by its name), move.differs (65), move.memory. */
	void (*done)(void *context, const struct error *e);
};

/* Begins. It owns source, a socket that bibd-sqlite serves, and both connections, which are begun and not finished: one
 * of the login of admin, whom what is made belongs to, and one of the owner of the schema bibd; NULL is taken. Errors:
 * move.start. */
struct pg_move *pg_move_begin(struct loop *loop, int source, const char *database, PGconn *admin, PGconn *system,
    const struct pg_move_hooks *hooks, void *context, struct error *e);

/* Ends it, also one that is under way, without a call of done. Takes NULL. */
void pg_move_end(struct pg_move *move);

#endif
