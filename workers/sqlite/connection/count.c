/* Counts the rows of every table. */
#include <inttypes.h>

#include "common/clock.h"
#include "workers/sqlite/connection/count.h"

static int
count_fail(const struct connection *connection, const char *what, struct error *e)
{
	return error_set(e, STATUS_DATA, "count.failed", "%s: %s", what, sqlite3_errmsg(connection->db));
}

static int
count_table(struct connection *connection, struct count *count, const char *name, FILE *out, struct error *e)
{
	char *sql = sqlite3_mprintf("SELECT count(*) FROM public.\"%w\"%s", name, count->scans ? " NOT INDEXED" : "");
	sqlite3_stmt *stmt = NULL;
	int result = 0;

	if (sql == NULL || sqlite3_prepare_v2(connection->db, sql, -1, &stmt, NULL) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW)
		result = count_fail(connection, name, e);
	else {
		uint64_t rows = (uint64_t)sqlite3_column_int64(stmt, 0);

		count->tables++;
		count->rows += rows;
		(void)fprintf(out, "%" PRIu64 " %s\n", rows, name);
	}
	sqlite3_finalize(stmt);
	sqlite3_free(sql);
	return result;
}

int
count_tables(struct connection *connection, struct count *count, FILE *out, struct error *e)
{
	static const char sql[] = "SELECT name FROM public.sqlite_schema WHERE type = 'table' AND rootpage <> 0 "
				  "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name COLLATE BINARY";
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(connection->db, sql, -1, &stmt, NULL), result = 0;

	while (code == SQLITE_OK && result == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		result = count->until_ms != 0 && clock_now_ms() > count->until_ms
		    ? error_set(e, STATUS_UNAVAILABLE, "count.late", "the rows could not be counted in time")
		    : count_table(connection, count, (const char *)sqlite3_column_text(stmt, 0), out, e);
		code = SQLITE_OK;
	}
	if (result == 0 && code != SQLITE_DONE)
		result = count_fail(connection, "the tables cannot be read", e);
	sqlite3_finalize(stmt);
	return result;
}
