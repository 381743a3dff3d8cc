/*
 * What an older bibd stored in another form, brought to today's, once for each file: PRAGMA user_version counts the
 * conversions that are done. Before 1 the years BC and those beyond 9999 of dates and timestamps were kept as they are
 * shown, which sorts wrong.
 */
#include "workers/sqlite/store/convert.h"

#include <inttypes.h>
#include <string.h>

#include "common/log.h"
#include "workers/sqlite/types/types.h"

static const char columns_sql[] =
    "SELECT m.name, c.name, c.type FROM sqlite_schema m, pragma_table_xinfo(m.name) c WHERE m.type = 'table' AND "
    "c.hidden = 0 AND (c.type LIKE 'date text' OR c.type LIKE 'timestamp text%' OR c.type LIKE 'timestamptz text%')";

/* A cast reads the old form, and writes the new one. */
static int
convert_column(sqlite3 *db, const char *table, const char *column, const char *type)
{
	int32_t typmod;
	const struct type *row = type_by_declaration(type, &typmod);
	char *sql = sqlite3_mprintf(
	    "UPDATE main.\"%w\" SET \"%w\" = bibd_%s(\"%w\") WHERE typeof(\"%w\") = 'text' AND (\"%w\" GLOB '* BC' OR "
	    "\"%w\" GLOB '[0-9][0-9][0-9][0-9][0-9]*-*')",
	    table, column, row->name, column, column, column, column);
	int code = sql == NULL ? SQLITE_NOMEM : sqlite3_exec(db, sql, NULL, NULL, NULL);

	sqlite3_free(sql);
	return code;
}

/* The columns are read before any is changed: a statement that runs must not see the tables change. */
static int
convert_dates(sqlite3 *db)
{
	char **names = NULL;
	int rows = 0, width = 0;
	int code = sqlite3_get_table(db, columns_sql, &names, &rows, &width, NULL);

	for (int i = 1; code == SQLITE_OK && i <= rows; i++) {
		char **row = names + (ptrdiff_t)i * width;

		code = convert_column(db, row[0], row[1], row[2]);
	}
	sqlite3_free_table(names);
	return code;
}

static int64_t
version_of(sqlite3 *db)
{
	sqlite3_stmt *stmt = NULL;
	int64_t version = -1;

	if (sqlite3_prepare_v2(db, "PRAGMA main.user_version", -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		version = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return version;
}

int
store_convert(struct connection *connection, struct error *e)
{
	sqlite3 *db = connection->db;
	int64_t version = version_of(db);
	int code;

	if (version >= STORE_VERSION)
		return 0;
	connection->context.internal = true;
	if ((code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL)) == SQLITE_OK &&
	    (code = convert_dates(db)) == SQLITE_OK &&
	    (code = sqlite3_exec(db, "PRAGMA main.user_version = 1", NULL, NULL, NULL)) == SQLITE_OK)
		code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	if (code != SQLITE_OK) {
		(void)error_set(e, STATUS_IO, "store.convert", "cannot convert the dates in the database: %s",
		    sqlite3_errmsg(db));
		(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	} else
		log_debug("the database has version %d", STORE_VERSION);
	connection->context.internal = false;
	return code == SQLITE_OK ? 0 : -1;
}
