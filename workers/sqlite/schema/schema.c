/*
 * The schema cache. Tables are read one by one, when a text first names them, types all at once; all are dropped when
 * the file's cookie, or that of the temporary tables, is another. The generation counts those drops: the cookie alone
 * would not do, since after a ROLLBACK the next change gives the same number to another schema.
 */
#include "workers/sqlite/schema/schema.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/catalog_tables.h"
#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/sequence.h"
#include "workers/sqlite/schema/inheritance.h"
#include "workers/sqlite/schema/partition.h"
#include "workers/sqlite/schema/path.h"
#include "workers/sqlite/schema/row_type.h"
#include "workers/sqlite/schema/trigger.h"
#include "workers/sqlite/types/types.h"

#define BUCKETS 64

struct entry {
	struct entry *next;
	struct schema_table table;
};

struct schema {
	sqlite3 *db;
	sqlite3_stmt *cookies[2]; /* of the file, of the temporary tables */
	int64_t seen[2];
	uint64_t generation;
	struct entry *buckets[BUCKETS];
	struct schema_type *types; /* all, once one was asked for */
	unsigned ntypes;
	bool has_types;
	struct schema_trigger *triggers; /* all, once they were asked for */
	unsigned ntriggers;
	bool has_triggers;
	enum schema_definer definer;
	bool not_own; /* see schema_set_own */
	struct schema_path path;
	struct schema_rows rows;
	struct inheritance inheritance;
};

static void
table_free(struct schema_table *table)
{
	for (unsigned i = 0; i < table->ncolumns; i++) {
		free(table->columns[i].name);
		free(table->columns[i].default_sql);
	}
	free(table->columns);
	free(table->name);
	free(table->schema);
	free(table->sql);
	if (table->sequence != NULL)
		schema_sequence_free(table->sequence);
	free(table->sequence);
	if (table->partition != NULL)
		schema_partition_free(table->partition);
	free(table->partition);
	free(table->partition_key);
}

static void
entry_free(struct entry *entry)
{
	if (entry == NULL)
		return;
	table_free(&entry->table);
	free(entry);
}

static void
forget(struct schema *schema)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		while (schema->buckets[i] != NULL) {
			struct entry *entry = schema->buckets[i];

			schema->buckets[i] = entry->next;
			entry_free(entry);
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
	schema_rows_forget(&schema->rows);
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

static struct schema_column *
add_column(struct schema_table *table, const char *name)
{
	struct schema_column *grown = reallocarray(table->columns, table->ncolumns + 1, sizeof(*grown));

	if (grown == NULL)
		return NULL;
	table->columns = grown;
	grown += table->ncolumns;
	*grown = (struct schema_column) { .name = strdup(name), .typmod = -1, .oid = TYPE_TEXT };
	if (grown->name == NULL)
		return NULL;
	table->ncolumns++;
	return grown;
}

/* What the definition alone knows: rowid columns' types, and sequences. */
static void
apply_definition(struct schema_table *table, const struct definition *d)
{
	table->without_rowid = d->without_rowid;
	table->inherits = d->parents.count > 0;
	table->partition_key = d->partition == NULL ? NULL : strdup(d->partition);
	for (unsigned i = 0; i < table->ncolumns; i++) {
		struct schema_column *column = &table->columns[i];
		const struct definition_column *found = definition_find_column(d, column->name);

		if (found == NULL)
			continue;
		column->oid = found->oid;
		column->typmod = found->typmod;
		column->domain = found->domain;
		column->serial = found->identity != DEFINITION_PLAIN && found->default_sql == NULL;
		column->identity =
		    found->identity == DEFINITION_IDENTITY || found->identity == DEFINITION_IDENTITY_ALWAYS;
		column->identity_always = found->identity == DEFINITION_IDENTITY_ALWAYS;
		column->rowid = found->marked && found == definition_rowid_column(d);
	}
}

/* A view's text says its columns' types where SQLite can't: see dialect/define/view.c. */
static void
apply_view_types(struct schema_table *table)
{
	const char *at = strstr(table->sql, SCHEMA_VIEW_TYPES);

	if (at == NULL)
		return;
	at += strlen(SCHEMA_VIEW_TYPES);
	for (unsigned i = 0; i < table->ncolumns; i++) {
		char *end;
		unsigned long oid = strtoul(at, &end, 10);

		if (end == at || *end != ':')
			return;
		table->columns[i].oid = (uint32_t)oid;
		table->columns[i].typmod = (int32_t)strtol(end + 1, &end, 10);
		at = end;
	}
	table->canonical = strncmp(at, " " SCHEMA_VIEW_CANONICAL, strlen(" " SCHEMA_VIEW_CANONICAL)) == 0;
}

static void
apply_sequence(struct schema_table *table)
{
	struct schema_sequence *sequence = schema_sequence_is(table->sql) ? calloc(1, sizeof(*sequence)) : NULL;

	if (sequence == NULL || schema_sequence_parse(table->sql, sequence) == -1) {
		free(sequence);
		return;
	}
	table->kind = 'S';
	table->sequence = sequence;
}

static void
apply_partition(struct schema_table *table)
{
	struct schema_partition *partition = schema_partition_is(table->sql) ? calloc(1, sizeof(*partition)) : NULL;

	if (partition == NULL || !schema_partition_read(table->sql, partition)) {
		free(partition);
		return;
	}
	table->partition = partition;
	table->partition_key = partition->key == NULL ? NULL : strdup(partition->key);
}

static int
read_columns(struct schema *schema, struct schema_table *table)
{
	static const char text[] =
	    "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?1, ?2) ORDER BY cid";
	sqlite3_stmt *stmt;
	int rc;

	if (sqlite3_prepare_v2(schema->db, text, -1, &stmt, NULL) != SQLITE_OK)
		return -1;
	sqlite3_bind_text(stmt, 1, table->name, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, table->schema, -1, SQLITE_STATIC);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *value = (const char *)sqlite3_column_text(stmt, 3);
		struct schema_column *column;

		if (sqlite3_column_int(stmt, 5) == 1) /* a virtual table's hidden column */
			continue;
		column = add_column(table, (const char *)sqlite3_column_text(stmt, 0));
		if (column == NULL)
			break;
		column->oid = type_by_declaration((const char *)sqlite3_column_text(stmt, 1), &column->typmod)->oid;
		column->primary_key = sqlite3_column_int(stmt, 4) > 0;
		column->not_null = sqlite3_column_int(stmt, 2) != 0 || column->primary_key;
		column->generated = sqlite3_column_int(stmt, 5) > 1;
		column->default_sql = value == NULL ? NULL : strdup(value);
	}
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? 0 : -1;
}

/* Reads one table of one of SQLite's databases. NULL: there is none of that name. */
static struct entry *
read_table(struct schema *schema, const char *schema_name, const char *name)
{
	bool temporary = strcmp(schema_name, "temp") == 0;
	const char *text = temporary ? "SELECT type, sql FROM temp.sqlite_schema WHERE name = ?1 AND type IN "
				       "('table', 'view')"
				     : "SELECT type, sql FROM public.sqlite_schema WHERE name = ?1 AND type IN "
				       "('table', 'view')";
	struct entry *entry = NULL;
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(schema->db, text, -1, &stmt, NULL) != SQLITE_OK)
		return NULL;
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) == SQLITE_ROW && (entry = calloc(1, sizeof(*entry))) != NULL) {
		const char *sql = (const char *)sqlite3_column_text(stmt, 1);

		entry->table.kind = sqlite3_column_text(stmt, 0)[0] == 'v' ? 'v' : 'r';
		entry->table.canonical = entry->table.kind == 'r';
		entry->table.name = strdup(name);
		entry->table.schema = strdup(schema_name);
		entry->table.sql = strdup(sql == NULL ? "" : sql);
	}
	sqlite3_finalize(stmt);
	return entry;
}

static struct entry *
load_table(struct schema *schema, const char *schema_name, const char *name)
{
	struct entry *entry = read_table(schema, schema_name, name);
	struct definition d;

	if (entry == NULL)
		return NULL;
	if (entry->table.name == NULL || entry->table.schema == NULL || entry->table.sql == NULL ||
	    read_columns(schema, &entry->table) == -1) {
		entry_free(entry);
		return NULL;
	}
	if (entry->table.kind == 'v') {
		apply_view_types(&entry->table);
		apply_sequence(&entry->table);
		apply_partition(&entry->table);
	} else if (definition_parse(entry->table.sql, &d) == 0) {
		apply_definition(&entry->table, &d);
		if (d.matview)
			entry->table.kind = 'm';
		definition_free(&d);
	}
	return entry;
}

/* A table of pg_catalog or information_schema: it need not be there yet to be known. */
static struct entry *
load_catalog_table(const char *schema_name, const char *name)
{
	const struct catalog_table *described = catalog_table_find(schema_name, name);
	struct entry *entry = described == NULL ? NULL : calloc(1, sizeof(*entry));
	char column[64];
	uint32_t oid;

	if (entry == NULL)
		return NULL;
	entry->table.kind = described->kind;
	entry->table.canonical = true;
	entry->table.name = strdup(name);
	entry->table.schema = strdup(schema_name);
	entry->table.sql = strdup("");
	for (unsigned i = 0; catalog_table_column(described, i, column, sizeof(column), &oid); i++) {
		struct schema_column *added = add_column(&entry->table, column);

		if (added != NULL)
			added->oid = oid;
	}
	return entry;
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
	struct entry *entry;

	for (entry = schema->buckets[bucket]; entry != NULL; entry = entry->next) {
		if (strcmp(entry->table.name, name) == 0 && strcmp(entry->table.schema, schema_name) == 0)
			return &entry->table;
	}
	if (strcmp(schema_name, "public") == 0 || strcmp(schema_name, "temp") == 0)
		entry = load_table(schema, schema_name, name);
	else
		entry = load_catalog_table(schema_name, name);
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
	if (schema->has_types)
		return;
	schema->types = schema_types_read(schema->db, &schema->ntypes);
	schema->has_types = true;
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

/* Every definition changes the cookie, which only grows; a transaction that is undone has left nothing behind. */
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
			i = UINT_MAX; /* from the first again */
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
schema_set_rebuilding(sqlite3 *db, bool on)
{
	int now;

	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, on ? 0 : 1, &now);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, on ? 1 : 0, &now);
}

/* Where the schema may be written to, SQLite's ALTER TABLE leaves a text that it can't resolve as it is. */
void
schema_set_leaving_views(sqlite3 *db, bool on)
{
	int now;

	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, on ? 0 : 1, &now);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, on ? 1 : 0, &now);
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
