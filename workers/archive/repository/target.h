/*
 * What a restore goes to, and how a database gets there.
 */
#ifndef BIBD_ARCHIVE_TARGET_H
#define BIBD_ARCHIVE_TARGET_H

#include "workers/archive/repository/changes.h"

enum target_kind {
	TARGET_LATEST,	 /* as late as the repository leads */
	TARGET_BACKUP,	 /* what a backup holds, and nothing after it */
	TARGET_POINT,	 /* a restore point */
	TARGET_POSITION, /* a commit, or an LSN */
	TARGET_TIME	 /* the last commit at or before it */
};

struct restore_target {
	enum target_kind kind;
	char name[CHANGE_POINT_SIZE]; /* TARGET_BACKUP, TARGET_POINT */
	uint64_t position;	      /* TARGET_POSITION; found for TARGET_POINT */
	int64_t time_us;	      /* TARGET_TIME */

	/* Found by target_find(). */
	char backup[REPOSITORY_BACKUP_SIZE]; /* from which it begins */
	char stream[REPOSITORY_BACKUP_SIZE]; /* and goes on; "": it does not */
	uint64_t from, base;		     /* changes are needed from here; the backup stands there */
	int64_t base_us;		     /* nothing in the backup is later */

	/* Found by the replay. */
	struct change_mark reached; /* time_us 0: the backup itself */
};

/* Chooses the backup: the newest one that leads there. Errors: repository.missing (65) when there is none. */
int target_find(const struct repository *repository, struct restore_target *target, struct error *e);

/* Whether a restore to the target goes beyond this mark: marks are passed in their order, up to the first where it does
 * not. */
bool target_wants(const struct restore_target *target, const struct change_mark *mark);

/* SQLite: fd is the file as the backup has it, open for reading and writing; afterwards it is as the target says, and
 * durable. A commit or a point that is not in the stream is repository.missing. */
int target_replay(const struct repository *repository, struct restore_target *target, int fd, struct error *e);

/* PostgreSQL: directory_fd is the database directory as the backup has it; afterwards its pg_wal leads to the target
 * and ends there. A position or a point that is not in the stream is repository.missing. */
int target_put_wal(const struct repository *repository, struct restore_target *target, int directory_fd,
    struct error *e);

#endif
