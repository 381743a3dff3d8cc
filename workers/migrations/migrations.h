/*
 * Migrations: numbered SQL files, each run once and in order, and never changed afterwards. This library knows the
 * files, their order and their checksums; the engine keeps the record of what was run and runs the rest, each file in
 * one transaction together with its row in that record.
 *
 * Two sets are kept apart by their origin: bibd's own, which run first, and the application's. A file is named
 * NNNN_name.sql: four digits from 0001 on, then letters, digits, '_' and '-'. Files whose names begin with a dot are
 * passed over, and so are those that neither begin with a digit nor end in .sql (a README); anything else that does not
 * fit is an error, since a migration that silently does not run is worse than a start that fails.
 */
#ifndef BIBD_MIGRATIONS_H
#define BIBD_MIGRATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

#define MIGRATIONS_FILE_MAX ((size_t)16 * 1024 * 1024)	 /* bytes of one file */
#define MIGRATIONS_TOTAL_MAX ((size_t)128 * 1024 * 1024) /* bytes of all files together */
#define MIGRATIONS_NAME_MAX 128				 /* bytes of a file's name, without the NUL */
#define MIGRATIONS_CHECKSUM_SIZE 65			 /* SHA-256 in lower-case hexadecimal, and a NUL */

enum migration_origin { MIGRATION_BIBD, MIGRATION_APPLICATION, MIGRATION_ORIGINS };

/* "bibd", "application": how the record spells the origin. */
extern const char *const migration_origin_names[MIGRATION_ORIGINS];

struct migration {
	enum migration_origin origin;
	uint32_t number;
	char *file; /* "0001_audit.sql", for messages; owned */
	char *name; /* "audit"; owned */
	char *sql;  /* the file's text, NUL-terminated, with no NUL before that; owned */
	size_t sql_size;
	char checksum[MIGRATIONS_CHECKSUM_SIZE]; /* of the file's bytes */
	bool applied;				 /* set by migrations_check */
};

/* Sorted as they run: by origin, then by number. */
struct migrations {
	struct migration *rows;
	size_t count;
};

/* One row of the engine's record; the strings are the caller's. */
struct migration_applied {
	const char *origin;
	uint32_t number;
	const char *name;
	const char *checksum;
};

/* Reads both directories; one that is NULL or "" holds nothing. On success migrations_free frees what the list holds;
 * on an error nothing is left to free. Errors, all STATUS_CONFIG and naming the file or directory: migrations.directory
 * (cannot be read), migrations.name, migrations.duplicate (two files with one number), migrations.file (cannot be
 * opened, is a link, no regular file, too large, or has NUL bytes); migrations.memory. */
int migrations_load(struct migrations *migrations, const char *builtin_dir, const char *application_dir,
    struct error *e);
void migrations_free(struct migrations *migrations);

/* Compares the files with the record, in any order, and marks those that have been applied. Errors, all STATUS_CONFIG
 * and naming the file: migrations.changed (other bytes or another name than when it was run), migrations.missing (no
 * such file any more), migrations.order (a file that has not run comes before one of its origin that has),
 * migrations.record (a row that the engine cannot have written). */
int migrations_check(struct migrations *migrations, const struct migration_applied *applied, size_t napplied,
    struct error *e);

/* The first migration still to run at or after *cursor, which begins at 0 and is moved behind it; NULL when all have
 * run. Migrations come in the order in which they run. */
const struct migration *migrations_next(const struct migrations *migrations, size_t *cursor);

#endif
