/*
 * Whether rows can be changed through a view: pg_relation_is_updatable and pg_column_is_updatable, by what the view's
 * text in the file says of its base (dialect/view_target.h).
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/kept.h"

/* Of PostgreSQL's CmdType, as bits: INSERT, UPDATE and DELETE. */
#define EVENTS_ALL 28
#define EVENT_DELETE 16
#define LEVELS_MAX 64

/* What a view's text says: its own columns, the base, and per column its name there. */
struct parts {
	struct definition_names columns;
	char *text, *next; /* one copy, and where reading stands in it */
};

static char *
next_part(struct parts *parts)
{
	static const char separator[] = { KEPT_PART, '\0' };

	return parts->next == NULL ? NULL : strsep(&parts->next, separator);
}

static void
parts_free(struct parts *parts)
{
	definition_names_free(&parts->columns);
	free(parts->text);
}

/* CREATE VIEW name (columns). */
static void
read_columns(const char *sql, struct definition_names *columns)
{
	struct definition_lexer lexer;

	definition_lex_begin(&lexer, sql);
	while (lexer.kind != DEFINITION_END && !definition_lex_is(&lexer, "("))
		definition_lex_next(&lexer);
	while (definition_lex_take(&lexer, columns->count == 0 ? "(" : ",")) {
		char *name = definition_lex_name(&lexer);

		if (name == NULL || definition_add_name(columns, name) == -1)
			lexer.kind = DEFINITION_END;
		free(name);
	}
}

static void
read_view(const char *sql, struct parts *parts)
{
	struct kept_texts texts;
	const char *base;

	if (kept_read(sql, &texts) == KEPT_TEXT && (base = strchr(texts.options, KEPT_PART)) != NULL &&
	    (parts->text = strdup(base)) != NULL) {
		parts->next = parts->text + 1;
		read_columns(sql, &parts->columns);
	}
	kept_free(&texts);
}

/* True when it is a table; else the parts of a view, whose text is NULL where it can't be changed. */
static bool
read_relation(sqlite3_context *c, const char *schema, const char *name, struct parts *parts)
{
	sqlite3_stmt *stmt = function_query(c,
	    strcmp(schema, "temp") == 0 ? "SELECT type, sql FROM temp.sqlite_schema WHERE name = ?1"
					: "SELECT type, sql FROM public.sqlite_schema WHERE name = ?1",
	    name, NULL);
	bool table = false;

	*parts = (struct parts) { 0 };
	if (stmt != NULL && sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_text(stmt, 1) != NULL) {
		table = sqlite3_column_text(stmt, 0)[0] == 't';
		if (!table)
			read_view((const char *)sqlite3_column_text(stmt, 1), parts);
	}
	function_query_end(c, stmt);
	return table;
}

/* The number of a column of the view, from 1; 0: there is none. */
static int
number_of(const struct parts *parts, const char *column)
{
	for (unsigned i = 0; i < parts->columns.count; i++)
		if (strcmp(parts->columns.names[i], column) == 0)
			return (int)i + 1;
	return 0;
}

/* Whether the column, by its number or else its name, reaches one of a table. */
static bool
column_reaches(sqlite3_context *c, const char *schema, const char *name, int number, const char *column, unsigned level)
{
	struct parts parts;
	char *base_schema, *base, *below = NULL;
	bool reaches;

	if (level >= LEVELS_MAX)
		return false;
	reaches = read_relation(c, schema, name, &parts);
	if (!reaches && parts.text != NULL) {
		base_schema = next_part(&parts);
		base = next_part(&parts);
		if (column != NULL)
			number = number_of(&parts, column);
		for (int i = 0; i < number; i++)
			below = next_part(&parts);
		reaches = base != NULL && below != NULL && *below != '\0' &&
		    column_reaches(c, base_schema, base, 0, below, level + 1);
	}
	parts_free(&parts);
	return reaches;
}

static int
events_of(sqlite3_context *c, const char *schema, const char *name, unsigned level)
{
	struct parts parts;
	char *base_schema, *base;
	int events = EVENT_DELETE, number = 0;

	if (level >= LEVELS_MAX)
		return 0;
	if (read_relation(c, schema, name, &parts))
		return EVENTS_ALL;
	if (parts.text == NULL)
		return 0;
	base_schema = next_part(&parts);
	base = next_part(&parts);
	while (next_part(&parts) != NULL && events != EVENTS_ALL && (unsigned)number < parts.columns.count)
		if (column_reaches(c, schema, name, ++number, NULL, level))
			events = EVENTS_ALL;
	if (base == NULL)
		events = 0;
	else
		events &= events_of(c, base_schema, base, level + 1);
	parts_free(&parts);
	return events;
}

static const char *
sqlite_schema_of(const struct catalog_found *found)
{
	return strcmp(found->found_schema, "temp") == 0 ? "temp" : "public";
}

void
catalog_is_updatable(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct catalog_found found = { .oid = (uint32_t)sqlite3_value_int64(argv[0]) };
	int events = 0;

	(void)argc;
	if (!function_find_relation(c, &found))
		return;
	if (found.kind == 'r' || found.kind == 'p')
		events = EVENTS_ALL;
	else if (found.kind == 'v')
		events = events_of(c, sqlite_schema_of(&found), found.found_name, 0);
	sqlite3_result_int(c, events);
	catalog_found_free(&found);
}

void
catalog_column_is_updatable(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct catalog_found found = { .oid = (uint32_t)sqlite3_value_int64(argv[0]) };
	int number = sqlite3_value_int(argv[1]);
	bool updatable = false;

	(void)argc;
	if (!function_find_relation(c, &found))
		return;
	if (found.kind == 'r' || found.kind == 'p')
		updatable = number > 0;
	else if (found.kind == 'v')
		updatable = events_of(c, sqlite_schema_of(&found), found.found_name, 0) != 0 &&
		    column_reaches(c, sqlite_schema_of(&found), found.found_name, number, NULL, 0);
	sqlite3_result_int(c, updatable);
	catalog_found_free(&found);
}
