/*
 * Reads one table, view or sequence of the file, or a table of the catalog, for the cache.
 */
#include "workers/sqlite/schema/schema.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/catalog_tables.h"
#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/sequence.h"
#include "workers/sqlite/schema/inheritance.h"
#include "workers/sqlite/schema/partition.h"
#include "workers/sqlite/schema/trigger.h"
#include "workers/sqlite/types/types.h"
#include "workers/sqlite/schema/entry.h"

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

void
schema_entry_free(struct entry *entry)
{
	if (entry == NULL)
		return;
	table_free(&entry->table);
	free(entry);
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

static int
apply_partition(struct schema_table *table)
{
	struct schema_partition *partition;

	if (!schema_partition_is(table->sql))
		return 0;
	partition = calloc(1, sizeof(*partition));
	if (partition == NULL || schema_partition_take(table->sql, partition) != 1) {
		free(partition);
		return -1;
	}
	table->partition = partition;
	table->partition_key = partition->key == NULL ? NULL : strdup(partition->key);
	return partition->key != NULL && table->partition_key == NULL ? -1 : 0;
}

static int
read_columns(struct schema *schema, struct schema_table *table)
{
	static const char text[] =
	    "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?1, ?2) ORDER BY cid";
	sqlite3_stmt *stmt;
	int rc;

	if ((rc = sqlite3_prepare_v2(schema_database(schema), text, -1, &stmt, NULL)) != SQLITE_OK) {
		schema_note(schema, rc);
		return -1;
	}
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
	schema_note(schema, rc);
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
	int code = sqlite3_prepare_v2(schema_database(schema), text, -1, &stmt, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	schema_note(schema, code);
	if (code == SQLITE_ROW && (entry = calloc(1, sizeof(*entry))) != NULL) {
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

struct entry *
schema_entry_load(struct schema *schema, const char *schema_name, const char *name)
{
	struct entry *entry = read_table(schema, schema_name, name);
	struct definition d;

	if (entry == NULL)
		return NULL;
	if (entry->table.name == NULL || entry->table.schema == NULL || entry->table.sql == NULL ||
	    read_columns(schema, &entry->table) == -1) {
		schema_entry_free(entry);
		return NULL;
	}
	if (entry->table.kind == 'v') {
		apply_view_types(&entry->table);
		apply_sequence(&entry->table);
		/* A view alone would take rows that are the partitioned table's. */
		if (apply_partition(&entry->table) == -1) {
			schema_entry_free(entry);
			return NULL;
		}
	} else if (definition_parse(entry->table.sql, &d) == 0) {
		apply_definition(&entry->table, &d);
		if (d.matview)
			entry->table.kind = 'm';
		definition_free(&d);
	}
	return entry;
}

/* A table of pg_catalog or information_schema: it need not be there yet to be known. */
struct entry *
schema_entry_load_catalog(const char *schema_name, const char *name)
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
