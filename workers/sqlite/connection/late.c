/*
 * Looks for duplicates of what was noted of DEFERRABLE keys (settings/late_keys.h).
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/connection/connection.h"
#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/list.h"

/* A key as it is in the file now; number 0: none yet. one: finds rows by a key's values; all: a key that several rows
 * have. NULL: the key, or its table, is there no more. */
struct late_key {
	int64_t number;
	char *name, *table;
	sqlite3_stmt *one, *all;
};

static void
forget(struct late_key *key)
{
	sqlite3_finalize(key->one);
	sqlite3_finalize(key->all);
	free(key->name);
	free(key->table);
	*key = (struct late_key) { .number = 0 };
}

static void
put_conditions(FILE *out, const struct definition_constraint *c, const char *condition)
{
	for (unsigned i = 0; i < c->columns.count; i++) {
		fputs(i == 0 ? " WHERE " : " AND ", out);
		definition_put_name(out, c->columns.names[i]);
		fputs(condition, out);
	}
}

static sqlite3_stmt *
prepare_query(sqlite3 *db, const char *database, const char *table, const struct definition_constraint *c, bool whole)
{
	sqlite3_stmt *stmt = NULL;
	char *sql = NULL;
	size_t size;
	FILE *out = open_memstream(&sql, &size);

	if (out == NULL)
		return NULL;
	fputs("SELECT ", out);
	for (unsigned i = 0; i < c->columns.count; i++) {
		fputs(i == 0 ? "" : ", ", out);
		definition_put_name(out, c->columns.names[i]);
	}
	fprintf(out, " FROM %s.", database);
	definition_put_name(out, table);
	put_conditions(out, c, whole ? " IS NOT NULL" : " = ?");
	for (unsigned i = 0; whole && i < c->columns.count; i++) {
		fputs(i == 0 ? " GROUP BY " : ", ", out);
		definition_put_name(out, c->columns.names[i]);
	}
	fputs(whole ? " HAVING count(*) > 1 LIMIT 1" : " LIMIT 2", out);
	if (fclose(out) == 0 && sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		stmt = NULL;
	free(sql);
	return stmt;
}

static int
read_definition(struct connection *connection, const char *database, const char *table, struct late_key *key)
{
	struct schema_object object;
	struct definition d = { 0 };
	int result = schema_seek_object(connection->db, database, table, &object);

	if (result <= 0)
		return result;
	result = 0;
	if (object.sql != NULL && definition_parse(object.sql, &d) == -1)
		result = -1;
	for (unsigned i = 0; i < d.nconstraints && result == 0; i++) {
		const struct definition_constraint *c = &d.constraints[i];

		if (!definition_is_late(c) || c->number != key->number)
			continue;
		key->one = prepare_query(connection->db, database, table, c, false);
		key->all = prepare_query(connection->db, database, table, c, true);
		key->name = strdup(c->name);
		key->table = strdup(table);
		result = key->one == NULL || key->all == NULL || key->name == NULL || key->table == NULL ? -1 : 0;
		break;
	}
	definition_free(&d);
	schema_object_free(&object);
	return result;
}

static int
find(struct connection *connection, int64_t number, struct late_key *key)
{
	static const char *const databases[] = { "public", "temp" };
	char name[DEFINITION_LATE_BYTES];
	int result = 0;

	if (key->number == number)
		return 0;
	forget(key);
	key->number = number;
	for (size_t i = 0; i < sizeof(databases) / sizeof(databases[0]) && key->name == NULL && result == 0; i++) {
		struct schema_object index;

		result = schema_seek_object(connection->db, databases[i], definition_late_index(number, name), &index);
		if (result != 1)
			continue;
		result = read_definition(connection, databases[i], index.table, key);
		schema_object_free(&index);
	}
	return result;
}

/* 1: several rows have it; 0: they don't; -1: reported. */
static int
look(struct connection *connection, const struct late_key *key, const struct late_value *value, struct report *r)
{
	sqlite3_stmt *stmt = value->n == 0 ? key->all : key->one;
	int code, rows = 0;

	if (stmt == NULL)
		return 0;
	for (unsigned i = 0; i < value->n; i++)
		if (sqlite3_bind_value(stmt, (int)i + 1, value->values[i]) != SQLITE_OK)
			return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	while ((code = statement_step(stmt)) == SQLITE_ROW)
		rows++;
	if (code != SQLITE_DONE)
		(void)connection_report(connection, code, NULL, r);
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return code != SQLITE_DONE ? -1 : rows > (value->n == 0 ? 0 : 1);
}

static void
tell_key(struct connection *connection, const struct late_key *key, const struct late_value *value, struct report *r)
{
	struct connection_key told = { .n = value->n };
	int32_t typmod;

	for (unsigned i = 0; i < value->n && value->n <= CONNECTION_KEY_MAX; i++) {
		told.names[i] = sqlite3_column_name(key->one, (int)i);
		told.oids[i] = type_by_declaration(sqlite3_column_decltype(key->one, (int)i), &typmod)->oid;
		told.values[i] = value->values[i];
	}
	if (value->n <= CONNECTION_KEY_MAX)
		connection_key_detail(connection, &told, r);
}

static int
report_duplicate(struct connection *connection, const struct late_key *key, const struct late_value *value,
    struct report *r)
{
	(void)report_set(r, SQLSTATE_UNIQUE_VIOLATION, "duplicate key value violates unique constraint \"%s\"",
	    key->name);
	r->constraint = strdup(key->name);
	r->table = strdup(key->table);
	if (value->n > 0)
		tell_key(connection, key, value, r);
	return -1;
}

/* The key could not be read: a statement that was interrupted meanwhile, or no memory. */
static int
report_unread(struct connection *connection, struct report *r)
{
	int code = sqlite3_errcode(connection->db);

	if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE)
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	else
		(void)connection_report(connection, code, NULL, r);
	return -1;
}

int
connection_check_late(struct connection *connection, const struct late_set *set, const struct late_keys *modes,
    struct report *r)
{
	bool before = connection->context.internal;
	struct late_key key = { .number = 0 };
	int found = 0;

	connection->context.internal = true;
	for (size_t i = 0; i < set->count && found == 0; i++) {
		const struct late_value *value = &set->items[i];

		if (modes != NULL && late_is_deferred(modes, value->key, true))
			continue;
		if (find(connection, value->key, &key) == -1)
			found = report_unread(connection, r);
		else if ((found = look(connection, &key, value, r)) == 1)
			found = report_duplicate(connection, &key, value, r);
	}
	forget(&key);
	connection->context.internal = before;
	return found;
}
