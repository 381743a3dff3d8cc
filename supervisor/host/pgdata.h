/*
 * PostgreSQL's database directory, seen from outside: is it there, and is it provably this node's own? A directory that
 * is not is never touched.
 *
 * What makes it ours is the file bibd.node in it, with the node's id and the system identifier that initdb gave this
 * cluster, held against PG_VERSION and the first fields of global/pg_control (PostgreSQL 15,
 * src/include/catalog/pg_control.h: system identifier, versions, state; the same since 9.4).
 */
#ifndef BIBD_SUPERVISOR_PGDATA_H
#define BIBD_SUPERVISOR_PGDATA_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/error.h"

#define PGDATA_NAME "data"
#define PGDATA_MARKER "bibd.node" /* makes a database this node's */
#define PGDATA_SETUP_SIZE 96
#define PGDATA_NEW_NAME "data.new" /* one that is being made; worthless until it is renamed */

struct pgdata {
	bool present;
	uint64_t system_identifier;
	unsigned version; /* the major one */
	bool shut_down;	  /* PostgreSQL had closed it in an orderly way */
	bool restored;	  /* out of a backup, whose write-ahead log is not replayed yet */
};

/* Examines <directory>/data; postgres_fd is that directory. One that is missing or empty is not present; the rename of
 * a finished data.new that a crash cut short is done first. Errors: pgdata.foreign (65; nothing was changed, and the
 * text says what to do), pgdata.io (74). */
int pgdata_open(int postgres_fd, const char *directory, const char *node_id, struct pgdata *pgdata, struct error *e);

/* Whether PostgreSQL would take the directory: it belongs to that user, whom owner names for chown(1), and has mode
 * 0700 or 0750. Errors: pgdata.access (77, with the cure). */
int pgdata_check_access(int postgres_fd, const char *directory, uid_t uid, const char *owner, struct error *e);

/* Removes an empty postmaster.pid, which a full disk or a crash of the machine leaves and PostgreSQL refuses to start
 * with: no server that runs has an empty one. To be called only while bibd holds the lock on data_dir. True when one
 * was there. */
bool pgdata_clear_lock(int postgres_fd);

/* Whether the database has its write-ahead log where the configuration says: in itself where wal_dir is "", else in
 * wal_dir/node_id, by a link that says where that is in the container, with the log there. Errors: pgdata.wal (78: it
 * is elsewhere, with what to do; 65: it is missing). */
#define PGDATA_WAL_MOUNT "/bibd/wal" /* as workers/container/spec.h has it */
int pgdata_check_wal(int postgres_fd, const char *directory, const char *wal_dir, const char *node_id, struct error *e);

/* What the last setup left in the database directory as its stamp (workers/container/bootstrap.h); "" where none is. */
void pgdata_read_setup(int postgres_fd, char setup[PGDATA_SETUP_SIZE]);

/* Whether it has the replication slot that bibd-archive takes the write-ahead log from. */
bool pgdata_has_slot(int postgres_fd);

/* Makes an empty data.new for the owner, after removing what an initdb that was cut short has left there. Errors:
 * pgdata.io, pgdata.foreign (a finished database is in it). */
int pgdata_make_new(int postgres_fd, const char *directory, uid_t uid, gid_t gid, struct error *e);

/* initdb has filled data.new: marks it as this node's (moving: and as one that rows are moved to), and renames it to
 * data, durably. Errors: pgdata.io (also for a data that is a mount point), pgdata.foreign (what is there is no
 * database). */
int pgdata_adopt_new(int postgres_fd, const char *directory, const char *node_id, bool moving, struct pgdata *pgdata,
    struct error *e);

/* ---- pgdata_move.c: PGDATA_MOVING marks a database that rows are moved to, until the node's home is written ---- */

/* Makes the mark in an open database directory. Returns -1 with errno set. */
int pgdata_mark_moving(int data_fd);
/* What a move that was cut short has left is removed. A database without the mark is refused, unless allows_others:
 * pgdata.there (65). Errors besides: pgdata.io. */
int pgdata_discard_moving(int postgres_fd, const char *directory, bool allows_others, struct error *e);
/* The node's home is written: the mark is taken off, if there is one. Errors: pgdata.io. */
int pgdata_end_moving(int postgres_fd, const char *directory, struct error *e);
/* Removes what is in a directory, never following a link out of it. Returns -1 with errno set. */
int pgdata_remove_contents(int parent_fd, unsigned depth);

/* ---- pgdata_version.c: postgres/move, where a database of another major version is made from the one that is there.
 * In it data becomes the node's, and run has the old server's socket meanwhile. Errors: pgdata.io, pgdata.foreign.
 * ---- */

/* Bytes: of the database, of what a move takes beside it, and of the room there. -1 with errno: it cannot be told. */
int pgdata_version_room(int postgres_fd, uint64_t *size, uint64_t *need, uint64_t *room);
/* Makes it, empty, for the owner, after removing what is there. wal: as of pgdata_remove_wal. */
int pgdata_version_prepare(int postgres_fd, const char *directory, const char *wal, uid_t uid, gid_t gid,
    struct error *e);
/* What is in it is whole: marks it as this node's, of that version, and gives its system identifier. */
int pgdata_version_mark(int postgres_fd, const char *directory, const char *node_id, unsigned version, uint64_t *system,
    struct error *e);
/* Has the database with that system identifier, which the node's home names (0: none), at postgres/data, and the one
 * that was there under the name kept (NULL: nothing is to be kept), wherever this was cut short before. */
int pgdata_version_settle(int postgres_fd, const char *directory, const char *node_id, uint64_t system,
    const char *kept, struct error *e);
/* Removes it. */
int pgdata_version_discard(int postgres_fd, const char *directory, const char *wal, struct error *e);
/* Removes the write-ahead log of an open database directory, where that is a link to one on another disk; wal: the
 * node's directory there (wal_dir/NODE-ID), "": there is none. Errors: pgdata.io. */
int pgdata_remove_wal(int data_fd, const char *wal, struct error *e);

/* For pgdata_version.c, on an open database directory: reads what it is and marks it as the node's (-1 with errno);
 * and whether it is marked so, and what it is. */
int pgdata_mark(int data_fd, const char *node_id, struct pgdata *pgdata);
bool pgdata_is_marked(int data_fd, const char *node_id, struct pgdata *pgdata);

#endif
