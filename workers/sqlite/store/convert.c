/*
 * What an older bibd stored in another form, brought to today's, once for each file: PRAGMA user_version counts the
 * conversions that are done.
 */
#include "workers/sqlite/store/convert.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "workers/sqlite/types/types.h"

/* Values of columns that are declared so, and are like one of the patterns, were of another form until this version. */
static const struct conversion {
	int version;
	const char *what;
	const char *declared[3], *values[2];
} conversions[] = {
	/* They were kept as they are shown, which sorts wrong. */
	{ 1, "years BC and beyond 9999", { "date text", "timestamp text%", "timestamptz text%" },
	    { "* BC", "[0-9][0-9][0-9][0-9][0-9]*-*" } },
	/* They were kept as they were written, and not computed with. */
	{ 2, "numerics with an exponent of 0", { "numeric text%", "numeric text%", "numeric text%" },
	    { "*[0-9.]e*", "*[0-9.]E*" } },
};

/* A cast reads the old form, and writes the new one. */
static int
convert_column(sqlite3 *db, const struct conversion *conversion, const char *table, const char *column,
    const char *type)
{
	int32_t typmod;
	const struct type *row = type_by_declaration(type, &typmod);
	char *sql;
	int code;

	if (row == NULL)
		return SQLITE_OK;
	sql = sqlite3_mprintf("UPDATE main.\"%w\" SET \"%w\" = bibd_%s(\"%w\") WHERE typeof(\"%w\") = 'text' AND "
			      "(\"%w\" GLOB '%q' OR \"%w\" GLOB '%q')",
	    table, column, row->name, column, column, column, conversion->values[0], column, conversion->values[1]);
	code = sql == NULL ? SQLITE_NOMEM : sqlite3_exec(db, sql, NULL, NULL, NULL);
	sqlite3_free(sql);
	return code;
}

/* The columns are read before any is changed: a statement that runs must not see the tables change. */
static int
convert_values(sqlite3 *db, const struct conversion *conversion)
{
	const char *const *declared = conversion->declared;
	char **names = NULL, *sql;
	int rows = 0, width = 0, code;

	sql = sqlite3_mprintf(
	    "SELECT m.name, c.name, c.type FROM sqlite_schema m, pragma_table_xinfo(m.name) c WHERE m.type = 'table' "
	    "AND c.hidden = 0 AND (c.type LIKE '%q' OR c.type LIKE '%q' OR c.type LIKE '%q')",
	    declared[0], declared[1], declared[2]);
	code = sql == NULL ? SQLITE_NOMEM : sqlite3_get_table(db, sql, &names, &rows, &width, NULL);
	sqlite3_free(sql);
	for (int i = 1; code == SQLITE_OK && i <= rows; i++) {
		char **row = names + (ptrdiff_t)i * width;

		code = convert_column(db, conversion, row[0], row[1], row[2]);
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

/* *what: of the conversion that failed. */
static int
convert_since(sqlite3 *db, int64_t version, const char **what)
{
	int code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	char sql[64];

	for (size_t i = 0; code == SQLITE_OK && i < sizeof(conversions) / sizeof(conversions[0]); i++) {
		*what = conversions[i].what;
		if (conversions[i].version > version)
			code = convert_values(db, &conversions[i]);
	}
	(void)snprintf(sql, sizeof(sql), "PRAGMA main.user_version = %d", STORE_VERSION);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, sql, NULL, NULL, NULL);
	return code == SQLITE_OK ? sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) : code;
}

int
store_convert(struct connection *connection, struct error *e)
{
	sqlite3 *db = connection->db;
	int64_t version = version_of(db);
	const char *what = "values";
	int code;

	if (version >= STORE_VERSION)
		return 0;
	connection->context.internal = true;
	if ((code = convert_since(db, version, &what)) != SQLITE_OK) {
		(void)error_set(e, STATUS_IO, "store.convert", "cannot convert the %s in the database: %s", what,
		    sqlite3_errmsg(db));
		(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	} else
		log_debug("the database has version %d", STORE_VERSION);
	connection->context.internal = false;
	return code == SQLITE_OK ? 0 : -1;
}
