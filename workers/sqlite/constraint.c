/* SQLite names columns where PostgreSQL names constraints: the way back, through the table's own definition. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "workers/sqlite/connection.h"

/* "t.a, t.b" to the table's name and "a, b". */
static void
constraint_split(const char *what, char *table, size_t table_size, char *columns, size_t columns_size)
{
	const char *dot = strchr(what, '.');
	size_t n = dot == NULL ? 0 : (size_t)(dot - what);
	char copy[512], *save = NULL;

	(void)strlcpy(table, what, n + 1 < table_size ? n + 1 : table_size);
	(void)strlcpy(copy, what, sizeof(copy));
	columns[0] = '\0';
	for (char *word = strtok_r(copy, ", ", &save); word != NULL; word = strtok_r(NULL, ", ", &save)) {
		if (columns[0] != '\0')
			(void)strlcat(columns, ",", columns_size);
		(void)strlcat(columns, strncmp(word, table, n) == 0 && word[n] == '.' ? word + n + 1 : word, columns_size);
	}
}

static bool
constraint_text(struct connection *connection, const char *sql, const char *a, const char *b, char *text, size_t size)
{
	bool before = connection->context.internal, found = false;
	sqlite3_stmt *stmt = NULL;

	connection->context.internal = true;
	if (sqlite3_prepare_v2(connection->db, sql, -1, &stmt, NULL) == SQLITE_OK) {
		sqlite3_bind_text(stmt, 1, a, -1, SQLITE_STATIC);
		if (b != NULL)
			sqlite3_bind_text(stmt, 2, b, -1, SQLITE_STATIC);
		if (sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_text(stmt, 0) != NULL) {
			(void)strlcpy(text, (const char *)sqlite3_column_text(stmt, 0), size);
			found = true;
		}
	}
	sqlite3_finalize(stmt);
	connection->context.internal = before;
	return found;
}

/* In a CREATE TABLE as bibd writes it: CONSTRAINT "name" kind ("a", "b"). */
static bool
constraint_in_definition(const char *definition, const char *kind, const char *columns, char *name, size_t size)
{
	static const char mark[] = "CONSTRAINT \"";

	for (const char *at = strstr(definition, mark); at != NULL; at = strstr(at + 1, mark)) {
		const char *begin = at + strlen(mark), *end = strchr(begin, '"'), *next;
		char found[512] = "";

		if (end == NULL)
			return false;
		next = end + 1 + strspn(end + 1, " ");
		if (strncasecmp(next, kind, strlen(kind)) != 0)
			continue;
		next += strlen(kind);
		for (next += strspn(next, " "); *next == '(' || (*next != '\0' && *next != ')' && found[0] != '\0'); next++)
			if (strchr("(\" ", *next) == NULL || *next == '(')
				(void)strlcat(found, (char[]) { *next, '\0' }, sizeof(found));
		if (strcasecmp(found + (found[0] == '('), columns) == 0 || found[0] == '\0') {
			(void)strlcpy(name, begin, (size_t)(end - begin) + 1 < size ? (size_t)(end - begin) + 1 : size);
			return true;
		}
	}
	return false;
}

void
constraint_unique_name(struct connection *connection, const char *what, char *name, size_t size)
{
	char table[256], columns[512], definition[16384];

	if (strncmp(what, "index '", 7) == 0) {
		(void)strlcpy(name, what + 7, size);
		name[strcspn(name, "'")] = '\0';
		return;
	}
	constraint_split(what, table, sizeof(table), columns, sizeof(columns));
	/* An index that was made as such has its own name. */
	if (constraint_text(connection,
		"SELECT i.name FROM pragma_index_list(?1) i WHERE i.\"unique\" AND i.origin = 'c' AND "
		"(SELECT group_concat(name) FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) = ?2",
		table, columns, name, size))
		return;
	if (constraint_text(connection, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1", table, NULL,
		definition, sizeof(definition)) &&
	    constraint_in_definition(definition, "UNIQUE", columns, name, size))
		return;
	if (constraint_text(connection,
		"SELECT CASE WHEN (SELECT group_concat(name) FROM (SELECT name FROM pragma_table_info(?1) WHERE pk > 0 "
		"ORDER BY pk)) = ?2 THEN ?1 || '_pkey' ELSE ?1 || '_' || replace(?2, ',', '_') || '_key' END",
		table, columns, name, size))
		return;
	(void)snprintf(name, size, "%s_key", table);
}

void
constraint_foreign_name(struct connection *connection, const char *table, char *name, size_t size)
{
	if (!constraint_text(connection,
		"SELECT ?1 || '_' || \"from\" || '_fkey' FROM pragma_foreign_key_list(?1) ORDER BY id, seq LIMIT 1", table, NULL,
		name, size) &&
	    !constraint_text(connection,
		"SELECT m.name || '_' || f.\"from\" || '_fkey' FROM sqlite_schema m, pragma_foreign_key_list(m.name) f "
		"WHERE f.\"table\" = ?1 LIMIT 1", table, NULL, name, size))
		(void)snprintf(name, size, "%s_fkey", table);
}
