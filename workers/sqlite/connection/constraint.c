/*
 * Finds a constraint's name in the table's definition: SQLite's error names columns where PostgreSQL's names the
 * constraint.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "workers/sqlite/connection/connection.h"
#include "workers/sqlite/schema/definition.h"

#define CONSTRAINT_COLUMNS_MAX 64

/* "t.a, t.b": the table and its columns. Points into copy. */
struct constraint_columns {
	char copy[1024];
	const char *table;
	const char *columns[CONSTRAINT_COLUMNS_MAX];
	unsigned n;
};

static void
constraint_split(const char *what, struct constraint_columns *c)
{
	char *save = NULL;

	(void)strlcpy(c->copy, what, sizeof(c->copy));
	c->table = "";
	c->n = 0;
	for (char *word = strtok_r(c->copy, ", ", &save); word != NULL && c->n < CONSTRAINT_COLUMNS_MAX;
	     word = strtok_r(NULL, ", ", &save)) {
		char *dot = strchr(word, '.');

		if (dot != NULL) {
			*dot = '\0';
			c->table = word;
		}
		c->columns[c->n++] = dot == NULL ? word : dot + 1;
	}
}

/* The table's definition; -1 when there is none. definition_free it in either case. */
static int
constraint_definition(struct connection *connection, const char *table, struct definition *definition)
{
	bool before = connection->context.internal;
	const struct schema_table *found;
	int result = -1;

	*definition = (struct definition) { .name = NULL };
	connection->context.internal = true;
	found = schema_find_table(connection->schema, NULL, table);
	if (found != NULL && found->sql != NULL)
		result = definition_parse(found->sql, definition);
	connection->context.internal = before;
	return result;
}

static bool
constraint_is_on(const struct definition_constraint *constraint, const struct constraint_columns *c)
{
	if (constraint->kind != DEFINITION_UNIQUE && constraint->kind != DEFINITION_PRIMARY_KEY)
		return false;
	if (constraint->columns.count != c->n)
		return false;
	for (unsigned i = 0; i < c->n; i++)
		if (strcmp(constraint->columns.names[i], c->columns[i]) != 0)
			return false;
	return true;
}

/* An index that was made as such has its own name. */
static bool
constraint_index_name(struct connection *connection, const struct constraint_columns *c, char *name, size_t size)
{
	static const char sql[] =
	    "SELECT i.name FROM pragma_index_list(?1) i WHERE i.\"unique\" AND i.origin = 'c' AND "
	    "(SELECT group_concat(name) FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) = ?2";
	bool before = connection->context.internal, found = false;
	char list[1024] = "";
	sqlite3_stmt *stmt = NULL;

	for (unsigned i = 0; i < c->n; i++) {
		(void)strlcat(list, i == 0 ? "" : ",", sizeof(list));
		(void)strlcat(list, c->columns[i], sizeof(list));
	}
	connection->context.internal = true;
	if (sqlite3_prepare_v2(connection->db, sql, -1, &stmt, NULL) == SQLITE_OK) {
		sqlite3_bind_text(stmt, 1, c->table, -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 2, list, -1, SQLITE_STATIC);
		found = sqlite3_step(stmt) == SQLITE_ROW;
		if (found)
			(void)strlcpy(name, (const char *)sqlite3_column_text(stmt, 0), size);
	}
	sqlite3_finalize(stmt);
	connection->context.internal = before;
	return found;
}

void
constraint_unique_name(struct connection *connection, const char *what, char *name, size_t size)
{
	struct constraint_columns c;
	struct definition definition;

	if (strncmp(what, "index '", 7) == 0) {
		(void)strlcpy(name, what + 7, size);
		name[strcspn(name, "'")] = '\0';
		return;
	}
	constraint_split(what, &c);
	if (constraint_index_name(connection, &c, name, size))
		return;
	(void)snprintf(name, size, "%s_key", c.table);
	if (constraint_definition(connection, c.table, &definition) == 0)
		for (unsigned i = 0; i < definition.nconstraints; i++)
			if (constraint_is_on(&definition.constraints[i], &c) && definition.constraints[i].name != NULL)
				(void)strlcpy(name, definition.constraints[i].name, size);
	definition_free(&definition);
}

/* Of a key's two actions the one that counts, and only when it is (or is not) RESTRICT; any: do not look. */
struct action {
	bool any, update, restricted;
};

static bool
action_fits(const struct definition_constraint *constraint, const struct action *action)
{
	const char *does = action->update ? constraint->on_update : constraint->on_delete;

	if (action->any)
		return true;
	return action->restricted ? does != NULL && strcmp(does, "RESTRICT") == 0 : does == NULL;
}

/* The first foreign key of the table that refers to parent (NULL: to any). */
static bool
constraint_find_foreign(struct connection *connection, const char *table, const char *parent,
    const struct action *action, struct constraint_foreign *out)
{
	struct definition definition;
	bool found = false;

	if (constraint_definition(connection, table, &definition) == 0)
		for (unsigned i = 0; i < definition.nconstraints && !found; i++) {
			const struct definition_constraint *constraint = &definition.constraints[i];

			found = constraint->kind == DEFINITION_FOREIGN_KEY && constraint->name != NULL &&
			    (parent == NULL || strcmp(constraint->parent, parent) == 0) &&
			    action_fits(constraint, action);
			if (!found)
				continue;
			(void)strlcpy(out->name, constraint->name, sizeof(out->name));
			(void)strlcpy(out->table, table, sizeof(out->table));
			(void)strlcpy(out->parent, parent == NULL ? "" : parent, sizeof(out->parent));
		}
	definition_free(&definition);
	return found;
}

/* A table that refers to this one, with its constraint. */
static bool
constraint_find_child(struct connection *connection, const char *parent, const struct action *action,
    struct constraint_foreign *out)
{
	static const char sql[] = "SELECT DISTINCT m.name FROM sqlite_schema m, pragma_foreign_key_list(m.name) f "
				  "WHERE m.type = 'table' AND f.\"table\" = ?1";
	bool before = connection->context.internal, found = false;
	sqlite3_stmt *stmt = NULL;

	connection->context.internal = true;
	if (sqlite3_prepare_v2(connection->db, sql, -1, &stmt, NULL) == SQLITE_OK) {
		sqlite3_bind_text(stmt, 1, parent, -1, SQLITE_STATIC);
		while (!found && sqlite3_step(stmt) == SQLITE_ROW)
			found = constraint_find_foreign(connection, (const char *)sqlite3_column_text(stmt, 0), parent,
			    action, out);
	}
	sqlite3_finalize(stmt);
	connection->context.internal = before;
	return found;
}

/* The n-th foreign key of a table as SQLite counts them: the last one in its text is 0. */
static void
constraint_name_of(struct connection *connection, const char *table, int64_t n, struct constraint_foreign *out)
{
	struct definition definition;

	(void)strlcpy(out->table, table, sizeof(out->table));
	if (constraint_definition(connection, table, &definition) == 0)
		for (unsigned i = definition.nconstraints; i-- > 0;)
			if (definition.constraints[i].kind == DEFINITION_FOREIGN_KEY && n-- == 0 &&
			    definition.constraints[i].name != NULL)
				(void)strlcpy(out->name, definition.constraints[i].name, sizeof(out->name));
	definition_free(&definition);
}

/* Deferred keys are looked at when a COMMIT has failed for them: the rows are still there. */
static void
constraint_find_deferred(struct connection *connection, struct constraint_foreign *out)
{
	bool before = connection->context.internal;
	sqlite3_stmt *stmt = NULL;

	connection->context.internal = true;
	if (sqlite3_prepare_v2(connection->db, "SELECT \"table\", fkid FROM pragma_foreign_key_check LIMIT 1", -1,
		&stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		constraint_name_of(connection, (const char *)sqlite3_column_text(stmt, 0),
		    sqlite3_column_int64(stmt, 1), out);
	sqlite3_finalize(stmt);
	connection->context.internal = before;
}

void
constraint_find_broken(struct connection *connection, const char *target, const char *tag, bool restricted,
    struct constraint_foreign *out)
{
	bool update = strcmp(tag, "UPDATE") == 0, inserts = strncmp(tag, "INSERT", 6) == 0 || strcmp(tag, "COPY") == 0;
	struct action any = { .any = true }, action = { .update = update, .restricted = restricted };

	*out = (struct constraint_foreign) { .name = "" };
	if (target == NULL || target[0] == '\0') {
		constraint_find_deferred(connection, out);
		return;
	}
	if (!restricted && (inserts || update) && constraint_find_foreign(connection, target, NULL, &any, out))
		return;
	if (!constraint_find_child(connection, target, &action, out))
		(void)constraint_find_child(connection, target, &any, out);
}
