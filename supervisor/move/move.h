/*
 * A start that moves the rows from SQLite to the managed PostgreSQL before it serves: bibd-sqlite runs beside as the
 * source, each opening of the store gets a stream to it, and what is copied (workers/postgres/move) counts from the
 * moment that the node's home is written. Until then the rows are those in SQLite, and the next start begins the copy
 * anew; from then on they are those in PostgreSQL, and the SQLite file is kept, read-only, under a name that says so.
 */
#ifndef BIBD_SUPERVISOR_MOVE_H
#define BIBD_SUPERVISOR_MOVE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/loop.h"
#include "common/message.h"

struct child;
struct children;
struct node;
struct process_places;

struct move {
	struct node *node;
	struct children *children;
	void (*ready)(void *context); /* the source serves: the store may be opened */
	void *context;
	uint32_t id; /* of what the source was asked; 0: nothing */
	bool serves;
	bool ending;	       /* the copy counts: the source is stopped, and its file set aside */
	char source[PATH_MAX]; /* the SQLite file */
	struct loop_timer kept;
};

/* None; node, children and context stay the caller's. */
void move_init(struct move *move, struct node *node, struct children *children, void (*ready)(void *context),
    void *context);

/* Once the node's directories are open: whether rows are to be moved (node->moving), and if so the source is added.
 * Errors: as children_add_source. */
int move_prepare(struct move *move, const struct process_places *places, struct error *e);

/* The store cannot be opened yet: the source does not serve. */
bool move_waits(const struct move *move);

/* Before OPEN_STORE: gives the storage worker and the source a stream to each other. Errors: move.stream (71). */
int move_hand_source(struct move *move, struct child *storage, struct error *e);

/* What the source says: READY; STORE_OPENED or STORE_ANSWERED under that id; FAILED, which ends the node. */
void move_source_is_up(struct move *move, struct child *source);
void move_source_answered(struct move *move, struct child *source, uint32_t id, bool opened);
void move_source_failed(struct move *move, const struct error *e);
/* It was reaped: too early, which ends the node, or because it was stopped: then the file is set aside. */
void move_source_gone(struct move *move);

/* The node's home is written: the copy is the node's. */
void move_done(struct move *move);

/* ---- the file that is kept ---- */

/* Before the node's home says that the rows are in PostgreSQL: writes down under which name the file will be kept.
 * Errors: move.kept. */
int move_announce(struct move *move, struct error *e);
/* Clients are served: from now on the file is removed once database.keep_source is over and there is a backup. */
void move_watch_kept(struct move *move);
/* A sink of events: takes note of the first backup after a move. */
struct event;
void move_take_event(void *context, const struct event *event);

/* ---- command.c ---- */

/* The whole of `bibd --move WHAT`: status or finish. Returns the exit status. */
int move_run_command(const char *what, const char *conf_path);

#endif
