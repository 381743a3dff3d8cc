/*
 * The sequences of tables that an older bibd made: SQLite numbers their rows itself, and keeps in sqlite_sequence where
 * it stands. They count 1, 2, 3, ...
 */
#include <stdio.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/functions/sequence.h"

/* Where it stands; 0 when nothing was drawn. */
static int64_t
read_position(sqlite3_context *c, const char *table)
{
	sqlite3_stmt *stmt = function_query(c, "SELECT seq FROM public.sqlite_sequence WHERE name = ?1", table, NULL);
	int64_t position = 0;

	if (stmt != NULL && sqlite3_step(stmt) == SQLITE_ROW)
		position = sqlite3_column_int64(stmt, 0);
	function_query_end(c, stmt);
	return position;
}

static bool
write_position(sqlite3_context *c, const char *table, int64_t position)
{
	static const char *const texts[] = { "UPDATE public.sqlite_sequence SET seq = CAST(?2 AS INTEGER) WHERE name = "
					     "?1",
		"INSERT INTO public.sqlite_sequence (name, seq) SELECT ?1, CAST(?2 AS INTEGER) WHERE NOT EXISTS "
		"(SELECT 1 FROM public.sqlite_sequence WHERE name = ?1)" };
	char number[32];
	bool written = true;

	(void)snprintf(number, sizeof(number), "%lld", (long long)position);
	for (size_t i = 0; written && i < 2; i++) {
		sqlite3_stmt *stmt = function_query(c, texts[i], table, number, NULL);

		written = stmt != NULL && sqlite3_step(stmt) == SQLITE_DONE;
		if (stmt != NULL && !written)
			function_fail(c, SQLSTATE_OBJECT_IN_USE, "%s", sqlite3_errmsg(sqlite3_context_db_handle(c)));
		function_query_end(c, stmt);
	}
	return written;
}

bool
sequence_numbered_next(sqlite3_context *c, const char *table, int64_t *value)
{
	*value = read_position(c, table);
	if (*value == INT64_MAX) {
		function_fail(c, SQLSTATE_SEQUENCE_LIMIT, "nextval: reached maximum value of sequence");
		return false;
	}
	return write_position(c, table, ++*value);
}

bool
sequence_numbered_set(sqlite3_context *c, const char *table, int64_t value, bool called)
{
	if (value >= 1)
		return write_position(c, table, called ? value : value - 1);
	function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE,
	    "setval: value %lld is out of bounds for sequence (1..9223372036854775807)", (long long)value);
	return false;
}
