/*
 * The program bibd-drill: proves that a restored file of SQLite is whole, and prints what it found in one line.
 * bibd-archive starts it (common/runner.h) with the directory of the file and, if there is one, the operator's script;
 * it has no network, no capability, and reaches nothing but that directory. Its exit status: 0, proven; 65, the file or
 * the script says no; anything else: it could not run.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/file.h"
#include "common/log.h"
#include "common/sandbox.h"
#include "workers/sqlite/connection/count.h"

#define DRILL_FILE "cache.db"
#define DRILL_COUNTS "counts"
#define DRILL_SCRIPT_MAX (1 << 20)
#define DRILL_COUNTS_MAX (16 << 20)

struct drill {
	char *directory, *script; /* script: its text, NULL: there is none */
	char *counts;		  /* what bibd-sqlite has counted */
	struct connection_file file;
	struct connection *connection;
	struct count count;
};

/* Before the sandbox, which lets nothing through but the directory. */
static char *
drill_read_text(const char *path, const char *what, int max, struct error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st = { .st_size = 0 };
	char *text = NULL;

	if (fd == -1 || fstat(fd, &st) == -1)
		(void)error_set_errno(e, STATUS_PERMISSION, "drill.script", "cannot open the %s %s", what, path);
	else if (!S_ISREG(st.st_mode) || st.st_size > max)
		(void)error_set(e, STATUS_PERMISSION, "drill.script", "the %s %s must be a file of at most %d bytes",
		    what, path, max);
	else if ((text = calloc(1, (size_t)st.st_size + 1)) == NULL ||
	    file_read_all(fd, text, (size_t)st.st_size) == -1) {
		(void)error_set_errno(e, STATUS_IO, "drill.script", "cannot read the %s %s", what, path);
		free(text);
		text = NULL;
	}
	if (fd != -1)
		close(fd);
	return text;
}

static int
drill_confine(const struct drill *drill, struct error *e)
{
	const struct sandbox_path paths[] = {
		{ .path = drill->directory, .writable = true },
		{ .path = "/usr/share/zoneinfo" },
		{ .path = "/etc/localtime" },
		{ .path = "/dev/urandom" },
	};

	if (sandbox_no_core(e) == -1 || sandbox_keep_capabilities(NULL, 0, e) == -1 ||
	    sandbox_limit_processes(SANDBOX_STORAGE, e) == -1 ||
	    sandbox_landlock(paths, sizeof(paths) / sizeof(paths[0]), NULL, 0, e) == -1)
		return -1;
	return sandbox_seccomp(SANDBOX_STORAGE, e) == -1 ? -1 : 0;
}

static int
drill_fail(const struct drill *drill, const char *what, struct error *e)
{
	return error_set(e, STATUS_DATA, "drill.failed", "%s: %s", what, sqlite3_errmsg(drill->connection->db));
}

/* ---- the engine's own proof ---- */

static int
drill_check_integrity(const struct drill *drill, struct error *e)
{
	sqlite3_stmt *stmt = NULL;
	const char *text = NULL;
	int result = 0;

	if (sqlite3_prepare_v2(drill->connection->db, "PRAGMA public.integrity_check(1)", -1, &stmt, NULL) ==
		SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		text = (const char *)sqlite3_column_text(stmt, 0);
	if (text == NULL)
		result = drill_fail(drill, "integrity_check could not run", e);
	else if (strcmp(text, "ok") != 0)
		result = error_set(e, STATUS_DATA, "drill.failed", "integrity_check: %s", text);
	sqlite3_finalize(stmt);
	return result;
}

static int
drill_check_keys(const struct drill *drill, struct error *e)
{
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(drill->connection->db, "PRAGMA public.foreign_key_check", -1, &stmt, NULL);
	int result = 0;

	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	if (code == SQLITE_ROW)
		result = error_set(e, STATUS_DATA, "drill.failed",
		    "foreign_key_check: a row of %s refers to a row of %s that is not there",
		    (const char *)sqlite3_column_text(stmt, 0), (const char *)sqlite3_column_text(stmt, 2));
	else if (code != SQLITE_DONE)
		result = drill_fail(drill, "foreign_key_check could not run", e);
	sqlite3_finalize(stmt);
	return result;
}

/* The first line in which two texts differ, of this one. */
static const char *
drill_find_line(const char *text, const char *other)
{
	size_t same = 0;

	while (text[same] != '\0' && text[same] == other[same])
		same++;
	while (same > 0 && text[same - 1] != '\n')
		same--;
	return text + same;
}

static int
drill_compare(const char *noted, const char *found, struct error *e)
{
	const char *was = drill_find_line(noted, found), *is = drill_find_line(found, noted);

	if (strcmp(noted, found) == 0)
		return 0;
	return error_set(e, STATUS_DATA, "drill.failed",
	    "the rows are not as many as they were at that commit: noted was \"%.*s\", restored is \"%.*s\" (rows and "
	    "table)",
	    (int)strcspn(was, "\n"), was, (int)strcspn(is, "\n"), is);
}

/* Each table is read whole, and has as many rows as bibd-sqlite has noted. */
static int
drill_count(struct drill *drill, struct error *e)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int result;

	if (out == NULL)
		return error_set_errno(e, STATUS_OS, "drill.memory", "cannot count");
	drill->count.scans = true;
	result = count_tables(drill->connection, &drill->count, out, e);
	if (fclose(out) != 0)
		result = error_set_errno(e, STATUS_OS, "drill.memory", "cannot count");
	if (result == 0)
		result = drill_compare(drill->counts, text, e);
	free(text);
	return result;
}

/* ---- the operator's script ---- */

/* 0 and NULL are false, as in WHERE; and so is what a script may write for it. */
static bool
drill_is_false(sqlite3_stmt *stmt)
{
	const char *text = (const char *)sqlite3_column_text(stmt, 0);

	return text == NULL || strcmp(text, "0") == 0 || strcmp(text, "f") == 0 || strcmp(text, "false") == 0;
}

static int
drill_run_statement(const struct drill *drill, sqlite3_stmt *stmt, unsigned number, struct error *e)
{
	int code;

	while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
		if (sqlite3_column_count(stmt) > 0 && drill_is_false(stmt))
			return error_set(e, STATUS_DATA, "drill.failed",
			    "statement %u of the script is answered with a row that begins with \"%s\": that is false",
			    number,
			    sqlite3_column_text(stmt, 0) == NULL ? "NULL" : (const char *)sqlite3_column_text(stmt, 0));
	return code == SQLITE_DONE ? 0
				   : error_set(e, STATUS_DATA, "drill.failed", "statement %u of the script: %s", number,
					 sqlite3_errmsg(drill->connection->db));
}

static int
drill_run_script(const struct drill *drill, struct error *e)
{
	const char *at = drill->script;
	unsigned number = 1;
	int result = 0;

	while (result == 0 && at != NULL && *at != '\0') {
		sqlite3_stmt *stmt = NULL;

		if (sqlite3_prepare_v2(drill->connection->db, at, -1, &stmt, &at) != SQLITE_OK)
			return error_set(e, STATUS_DATA, "drill.failed", "statement %u of the script: %s", number,
			    sqlite3_errmsg(drill->connection->db));
		if (stmt != NULL)
			result = drill_run_statement(drill, stmt, number++, e);
		sqlite3_finalize(stmt);
	}
	return result;
}

/* ---- the program ---- */

static int
drill_prove(struct drill *drill, struct error *e)
{
	if ((drill->connection = connection_open(&drill->file, false, NULL, e)) == NULL)
		return error_set(e, STATUS_DATA, "drill.failed", "the restored file cannot be opened");
	drill->connection->context.internal = true;
	/* Nobody's statement changes what is being proven. */
	if (sqlite3_exec(drill->connection->db, "PRAGMA query_only=ON", NULL, NULL, NULL) != SQLITE_OK)
		return drill_fail(drill, "the restored file cannot be read", e);
	if (drill_check_integrity(drill, e) == -1 || drill_check_keys(drill, e) == -1 || drill_count(drill, e) == -1)
		return -1;
	return drill_run_script(drill, e);
}

static int
drill_start(struct drill *drill, int argc, char **argv, struct error *e)
{
	char *counts;

	if (argc < 2 || argc > 3)
		return error_set(e, STATUS_USAGE, "drill.usage", "this program is started by bibd-archive");
	drill->directory = argv[1];
	if (asprintf(&drill->file.path, "%s/" DRILL_FILE, argv[1]) == -1)
		return error_set_errno(e, STATUS_OS, "drill.start", "cannot start");
	if (argc == 3 && (drill->script = drill_read_text(argv[2], "script", DRILL_SCRIPT_MAX, e)) == NULL)
		return -1;
	if (asprintf(&counts, "%s/" DRILL_COUNTS, argv[1]) == -1)
		return error_set_errno(e, STATUS_OS, "drill.start", "cannot start");
	drill->counts = drill_read_text(counts, "file of counts", DRILL_COUNTS_MAX, e);
	free(counts);
	if (drill->counts == NULL)
		return -1;
	return sandbox_die_with_parent(getppid(), e) == -1 ? -1 : drill_confine(drill, e);
}

int
main(int argc, char **argv)
{
	struct drill drill = { .directory = NULL };
	struct error e;

	log_init("bibd-drill");
	if (drill_start(&drill, argc, argv, &e) == -1 || drill_prove(&drill, &e) == -1) {
		(void)printf("%s", e.text);
		(void)fflush(stdout);
		_exit((int)e.status);
	}
	(void)printf("%" PRIu64 " tables with %" PRIu64 " rows, as many as at that commit", drill.count.tables,
	    drill.count.rows);
	(void)fflush(stdout);
	_exit(STATUS_OK);
}
