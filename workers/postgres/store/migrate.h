/*
 * Runs migrations on a PostgreSQL store: the files of workers/migrations, each in one transaction with its row in
 * bibd.migrations, under an advisory lock, so that of two nodes on one server only one runs a file. bibd's own files
 * run as the owner of the schema bibd, the application's as a login of admin, so that admin owns what they make.
 */
#ifndef BIBD_POSTGRES_MIGRATE_H
#define BIBD_POSTGRES_MIGRATE_H

#include "common/error.h"
#include "workers/migrations/migrations.h"
#include "workers/postgres/store/script.h"

/* What the caller provides besides the directories. */
struct migrate_options {
	const char *builtin_dir;
	const char *application_dir;
	bool managed;	 /* a managed server: it has roles, and admin runs the application's files */
	int64_t lock_ms; /* how long a lock is waited for, the advisory one and those of the files */
	/* Logs in a second script, which runs the application's files; returns false when there is no such login. */
	bool (*log_in)(void *context, struct script *script, script_done_fn *done, void *done_context);
	void (*progress)(void *context, const char *text); /* at each step, and each second while one is under way */
};

/* run: how many files were run. e is NULL on success; lost: the server went away, and it is worth another try. */
typedef void migrate_done_fn(void *context, unsigned run, const struct error *e, bool lost);

/* Embedded in the caller's struct; zeroed memory is one that is not under way. */
struct migrate {
	struct loop *loop;
	struct script *system;
	struct script runner; /* for the application's files */
	struct migrate_options options;
	struct migrations migrations;
	const struct migration *migration; /* the one that runs */
	size_t cursor;
	unsigned run;
	struct loop_timer tick;
	char doing[160];
	struct error failed;
	migrate_done_fn *done;
	void *context;
};

/* Begins, on an idle script; done is called from the loop, or from here when the files cannot be read. Errors, as on
 * SQLite: those of migrations_load and migrations_check; migrations.failed (STATUS_CONFIG: the file, PostgreSQL's words
 * and the line); migrations.record (STATUS_IO); migrations.locked (STATUS_UNAVAILABLE). */
void migrate_start(struct migrate *migrate, struct loop *loop, struct script *system,
    const struct migrate_options *options, migrate_done_fn *done, void *context);

/* Forgets one that is under way; the caller closes the system script. */
void migrate_cancel(struct migrate *migrate);

#endif
