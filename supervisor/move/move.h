/*
 * A start that moves the rows before it serves: from SQLite to the managed PostgreSQL, or from one major version of
 * that to the next (version.c). From SQLite: bibd-sqlite runs beside as the
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
struct conf;
struct node;
struct process_places;
struct server;

struct move {
	struct node *node;
	struct children *children;
	struct server *server;
	void (*ready)(void *context); /* the source serves: the store may be opened */
	void *context;
	uint32_t id; /* of what the source was asked; 0: nothing */
	bool serves;
	bool ending;	       /* the copy counts: the source is stopped, and its file set aside */
	char source[PATH_MAX]; /* the SQLite file */
	struct loop_timer kept;
};

/* None; node, children, server and context stay the caller's. */
void move_init(struct move *move, struct node *node, struct children *children, struct server *server,
    void (*ready)(void *context), void *context);

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

/* ---- version.c: from one major version of PostgreSQL to the next ---- */

/* Before the server is opened: completes what a move that was decided has left, and removes what one that was not has.
 * Errors: pgdata.io, move.kept. */
int move_settle_version(struct move *move, struct error *e);
/* The image is of that other version: the server moves its database, or the node ends. */
void move_take_version(struct move *move, unsigned version);
/* The new database is whole: it becomes the node's, and the server starts with it. */
void move_take_moved(struct move *move, unsigned version, uint64_t tables, uint64_t rows);

/* ---- the file that is kept ---- */

/* Whether the source of a move is kept. */
bool move_is_kept(const struct conf *conf);
/* Where the write-ahead log of this node's databases is, "" where it is in them. */
void move_wal_directory(const struct conf *conf, const char *node_id, char wal[PATH_MAX]);

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
