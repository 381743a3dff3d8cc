/*
 * The SQLite file, or the database of an older PostgreSQL, whose rows were moved: what data_dir/moved says of it, its
 * new name, and its end. Three lines: where it is kept, since when, and the first backup of PostgreSQL made after that,
 * where there is one.
 */
#ifndef BIBD_SUPERVISOR_MOVE_KEPT_H
#define BIBD_SUPERVISOR_MOVE_KEPT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/conf.h"
#include "common/error.h"

#define KEPT_TIME_SIZE 32

struct kept {
	char path[PATH_MAX];	     /* "": nothing is kept */
	char since[KEPT_TIME_SIZE];  /* 20261201T051500Z */
	char backup[KEPT_TIME_SIZE]; /* the same; "": none yet */
};

/* Errors, of all of these: move.kept. */

/* Sets path "" where nothing is kept. */
int kept_load(const char *data_dir, struct kept *kept, struct error *e);
/* Writes down that the file, or with a version the database directory, at path will be kept, before the node's home
 * says that its rows are elsewhere. version: of the PostgreSQL that they are moved to; 0: from SQLite. */
int kept_announce(int data_fd, const char *path, unsigned version, struct error *e);
/* Whether it was made of what is at source: in a copy of a data directory the words are of another node's. */
bool kept_is_of(const struct kept *kept, const char *source);
/* Whether what is kept is a database directory, and whether it has its name already. */
bool kept_is_database(const struct kept *kept);
bool kept_is_there(const struct kept *kept);
/* Gives a file that was announced its new name and makes it read-only: also after a kill between the two, or within
 * this. Does nothing to one that has it, nor to a database directory (pgdata_version_settle). */
int kept_set_aside(const struct kept *kept, struct error *e);
/* Writes down that a backup was made now. */
int kept_note_backup(int data_fd, struct kept *kept, struct error *e);
/* Removes the file and those beside it, or the directory and its write-ahead log in wal (wal_dir/NODE-ID), and what is
 * said of it; may be cut short and run again. */
int kept_remove(const char *data_dir, const char *wal, const struct kept *kept, struct error *e);

/* Says no more that anything is kept. */
int kept_forget(int data_fd, struct error *e);

/* From which moment on, in seconds since 1970, it may be removed, if there is a backup; 0: never by itself. */
int64_t kept_until(const struct kept *kept, const struct conf *conf);

#endif
