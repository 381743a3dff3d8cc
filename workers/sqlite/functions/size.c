/*
 * Sizes.
 */
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/schema/definition.h"

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

/* SQLite counts no pages by table without reading them all: the file's size, shared out evenly among its tables and
 * indexes. */
static int64_t
share(sqlite3_context *c, bool temporary)
{
	int64_t pages = number(c, temporary ? "PRAGMA temp.page_count" : "PRAGMA public.page_count", NULL);
	int64_t size = number(c, temporary ? "PRAGMA temp.page_size" : "PRAGMA public.page_size", NULL);
	int64_t objects = number(c,
	    temporary ? "SELECT count(*) FROM temp.sqlite_schema WHERE rootpage > 0"
		      : "SELECT count(*) FROM public.sqlite_schema WHERE rootpage > 0",
	    NULL);

	return pages / (objects + 1) * size;
}

/* An index of a partitioned table: PostgreSQL's has its entries in those of the partitions. */
static bool
is_partitioned_index(sqlite3_context *c, const struct catalog_found *found)
{
	struct definition d;
	bool partitioned;

	if (found->kind != 'i' || found->found_table == NULL ||
	    catalog_load_definition(sqlite3_context_db_handle(c),
		strcmp(found->found_schema, "temp") == 0 ? "temp" : "public", found->found_table, &d) == -1)
		return false;
	partitioned = d.partition != NULL;
	definition_free(&d);
	return partitioned;
}

/* What has no rows or entries of its own has no size; what is not there has NULL. */
static void
result_size(sqlite3_context *c, sqlite3_value *oid, bool own, bool indexes)
{
	struct catalog_found found = { .oid = (uint32_t)sqlite3_value_int64(oid) };
	bool temporary;
	int64_t n;

	if (!function_find_relation(c, &found))
		return;
	temporary = strcmp(found.found_schema, "temp") == 0;
	n = own && strchr("rmiS", found.kind) != NULL && !is_partitioned_index(c, &found);
	if (indexes && strchr("rm", found.kind) != NULL)
		n += number(c,
		    temporary ? "SELECT count(*) FROM temp.sqlite_schema WHERE type = 'index' AND tbl_name = ?1"
			      : "SELECT count(*) FROM public.sqlite_schema WHERE type = 'index' AND tbl_name = ?1",
		    found.found_stored);
	sqlite3_result_int64(c, n == 0 ? 0 : n * share(c, temporary));
	catalog_found_free(&found);
}

/* Of the forks, which are PostgreSQL's files of a relation, all is in the main one. */
void
catalog_relation_size(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	static const char *const forks[] = { "main", "fsm", "vm", "init" };
	const char *fork = argc < 2 ? "main" : (const char *)sqlite3_value_text(argv[1]);
	size_t i = 0;

	while (fork != NULL && i < sizeof(forks) / sizeof(forks[0]) && strcmp(forks[i], fork) != 0)
		i++;
	if (i == sizeof(forks) / sizeof(forks[0]))
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid fork name");
	else
		result_size(c, argv[0], i == 0, false);
}

void
catalog_indexes_size(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	result_size(c, argv[0], false, true);
}

void
catalog_total_size(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	result_size(c, argv[0], true, true);
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
