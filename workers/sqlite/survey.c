/*
 * Counts the rows of each table, by the smallest of its trees, for a bounded time in all.
 */
#include "workers/sqlite/survey.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "common/clock.h"
#include "common/error.h"
#include "workers/sqlite/schema/names.h"

#define SURVEY_MS 15000
#define SURVEY_STEPS 10000 /* of SQLite's machine, between two looks at the clock */
#define SURVEY_BUSY_MS 2000

/* Without a write-ahead log nobody has the file open, and SQLite need not make one to read it. */
static bool
survey_is_closed(const char *path)
{
	char log[PATH_MAX];
	struct stat st;
	int n = snprintf(log, sizeof(log), "%s-wal", path);

	return n > 0 && (size_t)n < sizeof(log) && stat(log, &st) == -1;
}

static int
survey_is_late(void *arg)
{
	const int64_t *deadline_ms = arg;

	return clock_now_ms() > *deadline_ms;
}

static int
survey_open(const char *path, sqlite3 **db)
{
	char *uri = sqlite3_mprintf("file:%s?mode=ro%s", path, survey_is_closed(path) ? "&immutable=1" : "");
	int result = uri == NULL || strpbrk(path, "?#%") != NULL
	    ? SQLITE_CANTOPEN
	    : sqlite3_open_v2(uri, db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);

	sqlite3_free(uri);
	if (result == SQLITE_OK)
		result = sqlite3_busy_timeout(*db, SURVEY_BUSY_MS);
	return result;
}

static int
survey_table(sqlite3 *db, const char *stored)
{
	char schema[NAMESPACE_BYTES], rows[24] = "-",
				      *sql = sqlite3_mprintf("SELECT count(*) FROM main.\"%w\"", stored);
	sqlite3_stmt *stmt = NULL;
	int result = sql == NULL ? SQLITE_NOMEM : sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	sqlite3_free(sql);
	if (result == SQLITE_OK)
		result = sqlite3_step(stmt);
	if (result == SQLITE_ROW)
		(void)snprintf(rows, sizeof(rows), "%lld", (long long)sqlite3_column_int64(stmt, 0));
	(void)sqlite3_finalize(stmt);
	namespace_of(stored, schema);
	if (result == SQLITE_ROW || result == SQLITE_INTERRUPT)
		(void)printf("table\t%s.%s\t%s\n", schema, namespace_relation(stored), rows);
	return result == SQLITE_ROW || result == SQLITE_INTERRUPT ? SQLITE_OK : result;
}

static int
survey_extension(sqlite3 *db, const char *name)
{
	(void)db;
	(void)printf("extension\t%s\n", name);
	return SQLITE_OK;
}

/* Calls a function for each name that the query answers. */
static int
survey_each(sqlite3 *db, const char *query, int (*each)(sqlite3 *db, const char *name))
{
	sqlite3_stmt *stmt = NULL;
	int result = sqlite3_prepare_v2(db, query, -1, &stmt, NULL);

	while (result == SQLITE_OK && (result = sqlite3_step(stmt)) == SQLITE_ROW)
		result = each(db, (const char *)sqlite3_column_text(stmt, 0));
	(void)sqlite3_finalize(stmt);
	return result == SQLITE_DONE ? SQLITE_OK : result;
}

static int
survey_all(sqlite3 *db)
{
	static const char tables[] = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE "
				     "'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'bibd\\_%' ESCAPE '\\' ORDER BY name",
			  has_extensions[] = "SELECT name FROM main.sqlite_schema WHERE name = 'bibd_extensions'";
	int64_t deadline_ms = clock_now_ms() + SURVEY_MS;
	sqlite3_stmt *stmt = NULL;
	int result = sqlite3_prepare_v2(db, has_extensions, -1, &stmt, NULL);

	if (result == SQLITE_OK)
		result = sqlite3_step(stmt);
	(void)sqlite3_finalize(stmt);
	if (result == SQLITE_ROW)
		result = survey_each(db, "SELECT name FROM main.bibd_extensions ORDER BY name", survey_extension);
	else if (result == SQLITE_DONE)
		result = SQLITE_OK;
	/* The list of tables is read within the time too: it is short. */
	sqlite3_progress_handler(db, SURVEY_STEPS, survey_is_late, &deadline_ms);
	return result != SQLITE_OK ? result : survey_each(db, tables, survey_table);
}

int
survey_run(const char *path)
{
	sqlite3 *db = NULL;
	int result = survey_open(path, &db);

	if (result == SQLITE_OK)
		result = survey_all(db);
	/* Cut off while it read the list: what is said ends before "end". */
	if (result == SQLITE_OK)
		(void)printf("end\n");
	else
		(void)fprintf(stderr, "%s\n", db == NULL ? sqlite3_errstr(result) : sqlite3_errmsg(db));
	(void)sqlite3_close(db);
	return result != SQLITE_OK ? STATUS_DATA : fflush(stdout) == 0 ? STATUS_OK : STATUS_IO;
}
