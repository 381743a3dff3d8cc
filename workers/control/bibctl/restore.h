/*
 * bibctl restore: what is restored, and where to.
 */
#ifndef BIBD_BIBCTL_RESTORE_H
#define BIBD_BIBCTL_RESTORE_H

#include "common/conf.h"
#include "workers/archive/repository/target.h"
#include "workers/control/bibctl/bibctl.h"

/* The name of SQLite's file in a backup. */
#define RESTORE_FILE "cache.db"
/* What is half done has this name, or one that ends so. */
#define RESTORE_WORK "restoring"

struct restore {
	struct bibctl *bibctl;
	struct conf *conf; /* NULL: on a bare machine */
	struct depot depot;
	struct repository repository;
	struct restore_target target;
	bool postgres; /* that is what it is of */
	uint64_t bytes;
	char text[ERROR_TEXT_MAX]; /* what was done */
};

/* What was restored, for people: "the state of commit 7, at 2026-..."; restore.c. */
void restore_describe(const struct restore *restore, char *text, size_t size);

/* restore_depot.c: opens the depot of that place, in S3 with the configuration's backup.s3. Errors: as of the depot. */
int restore_open_depot(struct restore *restore, const char *place, struct error *e);

/* restore_place.c: errors as of the repository, and restore.place (65, 73), restore.running (69), restore.io (74). */

/* Makes a data directory. */
int restore_into(struct restore *restore, const char *directory, struct error *e);
/* Puts the file in place of the configured one, which is set aside. */
int restore_in_place(struct restore *restore, struct error *e);

/* Writes node.id. */
int restore_write_node(int fd, const char *directory, const char *node, struct error *e);

/* restore_postgres.c: the same errors. */

/* Makes the data directory of a new node; fd: the directory, which is there and empty. */
int restore_postgres_into(struct restore *restore, const char *directory, int fd, struct error *e);
/* The backup's files alone, in the directory itself. */
int restore_postgres_files(struct restore *restore, const char *directory, int fd, struct error *e);
/* In place of the node's database, which is set aside; no node runs. when: a part of the name that it gets. */
int restore_postgres_in_place(struct restore *restore, const char *when, struct error *e);

#endif
