/*
 * Sizes.
 */
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"

static int64_t
number(sqlite3_context *c, const char *sql, const char *argument)
{
	sqlite3_stmt *stmt = function_query(c, sql, argument, NULL);
	int64_t value = stmt != NULL && sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;

	function_query_end(c, stmt);
	return value;
}

void
catalog_database_size(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	sqlite3_result_int64(c,
	    number(c, "PRAGMA public.page_count", NULL) * number(c, "PRAGMA public.page_size", NULL));
}

/* SQLite counts no pages by table without reading them all: the file's size, shared out evenly. */
void
catalog_relation_size(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t pages = number(c, "PRAGMA public.page_count", NULL), size = number(c, "PRAGMA public.page_size", NULL);
	int64_t objects = number(c, "SELECT count(*) FROM public.sqlite_schema WHERE rootpage > 0", NULL);

	(void)argc;
	(void)argv;
	sqlite3_result_int64(c, pages / (objects + 1) * size);
}

void
catalog_size_pretty(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	static const char *const units[] = { "bytes", "kB", "MB", "GB", "TB", "PB" };
	int64_t size = sqlite3_value_int64(argv[0]);
	size_t unit = 0;
	char text[64];

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_TEXT &&
	    strchr((const char *)sqlite3_value_text(argv[0]), '.') != NULL) {
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "pg_size_pretty of a fraction is not supported on SQLite");
		return;
	}
	while (unit < 5 && (size >= 10240 || size <= -10240)) {
		size = (size + (size > 0 ? 512 : -512)) / 1024;
		unit++;
	}
	(void)snprintf(text, sizeof(text), "%lld %s", (long long)size, units[unit]);
	function_result_string(c, text);
}
