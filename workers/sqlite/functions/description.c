/*
 * obj_description() and col_description(): read from pg_description, which the statement that calls them has filled.
 */
#include "workers/sqlite/functions/functions.h"

static void
result_read(sqlite3_context *c, sqlite3_stmt *stmt)
{
	const char *text =
	    stmt != NULL && sqlite3_step(stmt) == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;

	if (text != NULL)
		function_result_string(c, text);
	if (stmt != NULL)
		function_query_end(c, stmt);
}

/* Without a catalog's name, the object is any that has the OID. */
void
catalog_obj_description(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *oid = (const char *)sqlite3_value_text(argv[0]);

	result_read(c,
	    argc == 1 ? function_query(c,
			    "SELECT description FROM pg_catalog.pg_description WHERE objoid = CAST(?1 AS INTEGER) AND "
			    "objsubid = 0",
			    oid, NULL)
		      : function_query(c,
			    "SELECT description FROM pg_catalog.pg_description WHERE objoid = CAST(?1 AS INTEGER) AND "
			    "objsubid = 0 AND classoid = (SELECT oid FROM pg_catalog.pg_class WHERE relname = ?2 AND "
			    "relnamespace = 11)",
			    oid, (const char *)sqlite3_value_text(argv[1]), NULL));
}

void
catalog_col_description(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	result_read(c,
	    function_query(c,
		"SELECT description FROM pg_catalog.pg_description WHERE objoid = CAST(?1 AS INTEGER) AND objsubid = "
		"CAST(?2 AS INTEGER) AND classoid = 1259",
		(const char *)sqlite3_value_text(argv[0]), (const char *)sqlite3_value_text(argv[1]), NULL));
}
