/*
 * The schema cache. Tables are read one by one, when a text first names them, types all at once; all are dropped when
 * the file's cookie, or that of the temporary tables, is another. The generation counts those drops: the cookie alone
 * would not do, since after a ROLLBACK the next change gives the same number to another schema.
 */
#include "workers/sqlite/schema/schema.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/memory/memory.h"
#include "workers/sqlite/schema/catalog_tables.h"
#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/inheritance.h"
#include "workers/sqlite/schema/path.h"
#include "workers/sqlite/schema/row_type.h"
#include "workers/sqlite/schema/trigger.h"
#include "workers/sqlite/types/types.h"
#include "workers/sqlite/schema/entry.h"

#define BUCKETS 64

struct schema {
	sqlite3 *db;
	sqlite3_stmt *cookies[2]; /* of the file, of the temporary tables */
	int64_t seen[2];
	uint64_t generation;
	int failure; /* see schema_take_failure */
	struct entry *buckets[BUCKETS];
	struct schema_type *types; /* all types of the file, read when the first was asked for */
	unsigned ntypes;
	bool has_types;
	struct schema_trigger *triggers; /* all triggers of the file, read when they were first asked for */
	unsigned ntriggers;
	bool has_triggers;
	enum { LATE_KEYS_UNKNOWN, LATE_KEYS_NONE, LATE_KEYS_SOME } late_keys;
	enum schema_definer definer;
	bool not_own; /* see schema_set_own */
	struct schema_path path;
	struct schema_rows rows;
	struct inheritance inheritance;
};

static void
forget(struct schema *schema)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		while (schema->buckets[i] != NULL) {
			struct entry *entry = schema->buckets[i];

			schema->buckets[i] = entry->next;
			schema_entry_free(entry);
		}
	}
	inheritance_free(&schema->inheritance);
	schema_types_free(schema->types, schema->ntypes);
	schema->types = NULL;
	schema->ntypes = 0;
	schema->has_types = false;
	schema_triggers_free(schema->triggers, schema->ntriggers);
	schema->triggers = NULL;
	schema->ntriggers = 0;
	schema->has_triggers = false;
	schema->late_keys = LATE_KEYS_UNKNOWN;
	schema_rows_forget(&schema->rows);
}

void
schema_note(struct schema *schema, int code)
{
	if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE && code != SQLITE_ERROR &&
	    schema->failure == SQLITE_OK)
		schema->failure = code;
}

/* Whether a look-up ran out of memory since `before`: what it made may lack a part then. */
static bool
has_missed(struct schema *schema, uint64_t before)
{
	if (memory_missed() == before)
		return false;
	schema_note(schema, SQLITE_NOMEM);
	return true;
}

int
schema_take_failure(struct schema *schema)
{
	int failure = schema->failure != SQLITE_OK ? schema->failure
	    : schema->inheritance.failed	   ? SQLITE_NOMEM
						   : SQLITE_OK;

	schema->failure = SQLITE_OK;
	if (failure != SQLITE_OK) {
		forget(schema);
		schema_path_forget(&schema->path);
		schema->generation++;
	}
	return failure;
}

bool
schema_has_late_keys(struct schema *schema)
{
	static const char sql[] = "SELECT 1 FROM public.sqlite_schema WHERE name GLOB '" DEFINITION_LATE "*' UNION ALL "
				  "SELECT 1 FROM temp.sqlite_schema WHERE name GLOB '" DEFINITION_LATE "*' LIMIT 1";
	sqlite3_stmt *stmt = NULL;

	if (schema->late_keys == LATE_KEYS_UNKNOWN) {
		int code = sqlite3_prepare_v2(schema->db, sql, -1, &stmt, NULL);

		if (code == SQLITE_OK)
			code = sqlite3_step(stmt);
		sqlite3_finalize(stmt);
		if (code != SQLITE_ROW && code != SQLITE_DONE)
			return true; /* it is asked again next time */
		schema->late_keys = code == SQLITE_ROW ? LATE_KEYS_SOME : LATE_KEYS_NONE;
	}
	return schema->late_keys == LATE_KEYS_SOME;
}

struct schema *
schema_open(sqlite3 *db)
{
	struct schema *schema = calloc(1, sizeof(*schema));

	if (schema == NULL)
		return NULL;
	schema->db = db;
	schema->seen[0] = schema->seen[1] = -1;
	schema->definer = SCHEMA_DEFINES_ALL;
	return schema;
}

void
schema_close(struct schema *schema)
{
	if (schema == NULL)
		return;
	forget(schema);
	schema_path_free(&schema->path);
	sqlite3_finalize(schema->cookies[0]);
	sqlite3_finalize(schema->cookies[1]);
	free(schema);
}

sqlite3 *
schema_database(struct schema *schema)
{
	return schema->db;
}

struct inheritance *
schema_inheritance_of(struct schema *schema)
{
	return &schema->inheritance;
}

struct schema_path *
schema_path_of(struct schema *schema)
{
	return &schema->path;
}

struct schema_rows *
schema_rows_of(struct schema *schema)
{
	return &schema->rows;
}

/* The cookie, or -2 when it can't be read: then nothing that is cached is trusted. */
static int64_t
read_cookie(struct schema *schema, unsigned which)
{
	static const char *const texts[] = { "PRAGMA public.schema_version", "PRAGMA temp.schema_version" };
	int64_t cookie = -2;

	if (schema->cookies[which] == NULL &&
	    sqlite3_prepare_v3(schema->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT, &schema->cookies[which],
		NULL) != SQLITE_OK)
		return -2;
	if (sqlite3_step(schema->cookies[which]) == SQLITE_ROW)
		cookie = sqlite3_column_int64(schema->cookies[which], 0);
	sqlite3_reset(schema->cookies[which]);
	return cookie;
}

uint64_t
schema_refresh(struct schema *schema)
{
	bool changed = false;

	for (unsigned i = 0; i < 2; i++) {
		int64_t cookie = read_cookie(schema, i);

		changed |= cookie == -2 || cookie != schema->seen[i];
		schema->seen[i] = cookie;
	}
	if (changed) {
		forget(schema);
		schema_path_forget(&schema->path);
		schema->generation++;
	}
	return schema->generation;
}

static size_t
bucket_of(const char *name)
{
	size_t hash = 5381;

	for (; *name != '\0'; name++)
		hash = hash * 33 ^ (unsigned char)*name;
	return hash % BUCKETS;
}

static const struct schema_table *
find_in(struct schema *schema, const char *schema_name, const char *name)
{
	size_t bucket = bucket_of(name);
	uint64_t missed = memory_missed();
	struct entry *entry;

	for (entry = schema->buckets[bucket]; entry != NULL; entry = entry->next) {
		if (strcmp(entry->table.name, name) == 0 && strcmp(entry->table.schema, schema_name) == 0)
			return &entry->table;
	}
	if (strcmp(schema_name, "public") == 0 || strcmp(schema_name, "temp") == 0)
		entry = schema_entry_load(schema, schema_name, name);
	else
		entry = schema_entry_load_catalog(schema_name, name);
	if (has_missed(schema, missed)) {
		schema_entry_free(entry);
		entry = NULL;
	}
	if (entry == NULL)
		return NULL;
	entry->next = schema->buckets[bucket];
	schema->buckets[bucket] = entry;
	return &entry->table;
}

const struct schema_table *
schema_find_table(struct schema *schema, const char *schema_name, const char *name)
{
	static const char *const path[] = { "temp", "public", "pg_catalog" };
	const struct schema_table *found = NULL;

	if (schema_name != NULL)
		return find_in(schema, schema_name, name);
	for (size_t i = 0; found == NULL && i < sizeof(path) / sizeof(path[0]); i++)
		found = find_in(schema, path[i], name);
	return found;
}

const struct schema_column *
schema_find_column(const struct schema_table *table, const char *name)
{
	for (unsigned i = 0; i < table->ncolumns; i++) {
		if (strcmp(table->columns[i].name, name) == 0)
			return &table->columns[i];
	}
	return NULL;
}

/* ---- types ---- */

static void
read_types(struct schema *schema)
{
	uint64_t missed = memory_missed();
	int code;

	if (schema->has_types)
		return;
	code = schema_types_read(schema->db, &schema->types, &schema->ntypes);
	schema_note(schema, code);
	if (code == SQLITE_OK && !has_missed(schema, missed)) {
		schema->has_types = true;
		return;
	}
	schema_types_free(schema->types, schema->ntypes);
	schema->types = NULL;
	schema->ntypes = 0;
}

const struct schema_type *
schema_find_type(struct schema *schema, const char *name)
{
	read_types(schema);
	for (unsigned i = 0; i < schema->ntypes; i++)
		if (strcmp(schema->types[i].name, name) == 0)
			return &schema->types[i];
	return NULL;
}

const struct schema_type *
schema_type_by_oid(struct schema *schema, uint32_t oid)
{
	if (!type_is_user(oid))
		return NULL;
	read_types(schema);
	for (unsigned i = 0; i < schema->ntypes; i++)
		if (schema->types[i].oid == oid)
			return &schema->types[i];
	return schema_row_type_by_oid(schema, oid);
}

/* Each definition changes the cookie, which only grows; a transaction that was undone has left nothing behind. */
uint32_t
schema_new_type(struct schema *schema, enum type_class class)
{
	int64_t number = read_cookie(schema, 0) + 1;

	read_types(schema);
	for (unsigned i = 0; i < schema->ntypes; i++)
		if (schema->types[i].oid == type_user_oid(TYPE_CLASS_ENUM, number) ||
		    schema->types[i].oid == type_user_oid(TYPE_CLASS_DOMAIN, number) ||
		    schema->types[i].oid == type_user_oid(TYPE_CLASS_COMPOSITE, number)) {
			number++;
			i = UINT_MAX; /* begins again with the first */
		}
	return type_user_oid(class, number);
}

char *
schema_type_format(struct schema *schema, uint32_t oid, int32_t typmod)
{
	bool array = type_element(oid) != 0;
	const struct schema_type *type = schema_type_by_oid(schema, array ? type_element(oid) : oid);

	return type == NULL ? type_format(oid, typmod) : schema_type_show(type, array);
}

int
schema_load_triggers(struct schema *schema)
{
	if (schema->has_triggers)
		return 0;
	if (schema_triggers_read(schema->db, &schema->triggers, &schema->ntriggers) == -1) {
		schema_triggers_free(schema->triggers, schema->ntriggers);
		schema->triggers = NULL;
		schema->ntriggers = 0;
		return -1;
	}
	schema->has_triggers = true;
	return 0;
}

const struct schema_trigger *
schema_triggers(const struct schema *schema, unsigned *n)
{
	*n = schema->ntriggers;
	return schema->triggers;
}

void
schema_set_definer(struct schema *schema, enum schema_definer definer)
{
	schema->definer = definer;
}

enum schema_definer
schema_definer(const struct schema *schema)
{
	return schema->definer;
}

void
schema_set_own(struct schema *schema, bool own)
{
	schema->not_own = !own;
}

bool
schema_is_own(const struct schema *schema)
{
	return !schema->not_own;
}
