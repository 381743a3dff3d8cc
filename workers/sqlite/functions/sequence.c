/*
 * Sequences. There is one for each serial or identity column, "<table>_<column>_seq"; where it stands is SQLite's
 * sqlite_sequence. What a session last drew is the session's lastval(), or the last row it inserted.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/catalog/objects.h"

/* The name of the sequence with that OID; malloc'ed. One that is gone has its number for a name. */
static char *
sequence_name(sqlite3_context *c, sqlite3_value *value)
{
	struct catalog_found found = { .oid = (uint32_t)sqlite3_value_int64(value) };
	char *name = NULL;

	if (!catalog_find_relation(sqlite3_context_db_handle(c), &found))
		return catalog_parse_name((const char *)sqlite3_value_text(value));
	name = strdup(found.found_name);
	catalog_found_free(&found);
	return name;
}

/* The table whose sequence that is; malloc'ed. NULL: reported. */
static char *
table_of(sqlite3_context *c, sqlite3_value *value)
{
	char *name = sequence_name(c, value), *table = NULL;

	if (name == NULL) {
		sqlite3_result_error_nomem(c);
		return NULL;
	}
	table = catalog_find_sequence(sqlite3_context_db_handle(c), name);
	if (table == NULL)
		function_fail(c, SQLSTATE_UNDEFINED_TABLE, "relation \"%s\" does not exist", name);
	free(name);
	return table;
}

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

static void
remember(sqlite3_context *c, int64_t value)
{
	struct sql_context *session = function_session(c);

	session->last_sequence_value = value;
	session->has_sequence_value = true;
	sqlite3_result_int64(c, value);
}

static bool
may_write(sqlite3_context *c, const char *function)
{
	const struct sql_context *session = function_session(c);

	if (session->read_only)
		function_fail(c, SQLSTATE_READ_ONLY_SQL_TRANSACTION, "cannot execute %s() in a read-only transaction",
		    function);
	else if (session->local)
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s() is not supported here on SQLite", function);
	else if (session->role != ROLE_ADMIN && session->role != ROLE_WRITE)
		function_fail(c, SQLSTATE_INSUFFICIENT_PRIVILEGE, "permission denied for sequence");
	else
		return true;
	return false;
}

void
sequence_next(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	char *table;
	int64_t next;

	(void)argc;
	if (!may_write(c, "nextval") || (table = table_of(c, argv[0])) == NULL)
		return;
	next = read_position(c, table);
	if (next == INT64_MAX)
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "nextval: reached maximum value of sequence");
	else if (write_position(c, table, next + 1))
		remember(c, next + 1);
	free(table);
}

void
sequence_current(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	char *table = table_of(c, argv[0]), *name = NULL;
	const struct sql_context *session = function_session(c);

	(void)argc;
	if (table == NULL)
		return;
	if (session->has_sequence_value)
		sqlite3_result_int64(c, session->last_sequence_value);
	else if ((name = sequence_name(c, argv[0])) == NULL)
		sqlite3_result_error_nomem(c);
	else
		function_fail(c, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
		    "currval of sequence \"%s\" is not yet defined in this session", name);
	free(name);
	free(table);
}

void
sequence_last(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct sql_context *session = function_session(c);

	(void)argc;
	(void)argv;
	if (session->has_sequence_value)
		sqlite3_result_int64(c, session->last_sequence_value);
	else
		function_fail(c, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
		    "lastval is not yet defined in this session");
}

/* setval(sequence, n[, is_called]): with false, n itself is the next. */
void
sequence_set(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t value = sqlite3_value_int64(argv[1]);
	bool called = argc < 3 || sqlite3_value_int(argv[2]) != 0;
	char *table;

	if (!may_write(c, "setval") || (table = table_of(c, argv[0])) == NULL)
		return;
	if (value < 1) {
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE,
		    "setval: value %lld is out of bounds for sequence (1..9223372036854775807)", (long long)value);
	} else if (write_position(c, table, called ? value : value - 1)) {
		if (called)
			remember(c, value);
		else
			sqlite3_result_int64(c, value);
	}
	free(table);
}

void
sequence_of_column(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	char *table = catalog_parse_name((const char *)sqlite3_value_text(argv[0]));
	const char *column = (const char *)sqlite3_value_text(argv[1]);
	char *name =
	    table == NULL || column == NULL ? NULL : catalog_sequence_of(sqlite3_context_db_handle(c), table, column);
	char *text = NULL;

	(void)argc;
	if (name != NULL && asprintf(&text, "public.%s", name) >= 0)
		function_result_string(c, text);
	free(text);
	free(name);
	free(table);
}
