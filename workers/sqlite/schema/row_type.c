/*
 * Row types of tables and views.
 */
#include "workers/sqlite/schema/row_type.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/names.h"

void
schema_rows_forget(struct schema_rows *rows)
{
	for (unsigned i = 0; i < rows->n; i++) {
		schema_type_free(rows->types[i]);
		free(rows->types[i]);
	}
	free(rows->types);
	*rows = (struct schema_rows) { NULL, 0 };
}

static bool
add_fields(struct schema_type *type, const struct schema_table *table)
{
	for (unsigned i = 0; i < table->ncolumns; i++) {
		const struct schema_column *column = &table->columns[i];
		struct schema_field *field = schema_type_add_field(type);

		if (field == NULL)
			return false;
		field->oid = column->domain != 0 ? column->domain : column->oid;
		field->typmod = column->domain != 0 ? -1 : column->typmod;
		if ((field->name = strdup(column->name)) == NULL)
			return false;
	}
	return true;
}

static const struct schema_type *
make(struct schema *schema, const struct schema_table *table, uint32_t oid)
{
	struct schema_rows *rows = schema_rows_of(schema);
	struct schema_type **grown = reallocarray(rows->types, rows->n + 1, sizeof(struct schema_type *)), *type;

	if (grown == NULL || (type = calloc(1, sizeof(*type))) == NULL) {
		rows->types = grown == NULL ? rows->types : grown;
		schema_note(schema, SQLITE_NOMEM);
		return NULL;
	}
	rows->types = grown;
	*type = (struct schema_type) { .oid = oid,
		.typmod = -1,
		.name = strdup(strcmp(table->schema, "public") == 0 ? namespace_relation(table->name) : table->name) };
	if (type->name == NULL || !add_fields(type, table)) {
		schema_note(schema, SQLITE_NOMEM);
		schema_type_free(type);
		free(type);
		return NULL;
	}
	grown[rows->n++] = type;
	return type;
}

static const struct schema_type *
find(struct schema *schema, uint32_t oid)
{
	const struct schema_rows *rows = schema_rows_of(schema);

	for (unsigned i = 0; i < rows->n; i++)
		if (rows->types[i]->oid == oid)
			return rows->types[i];
	return NULL;
}

/* The number of the table's row in sqlite_schema; 0: it is no table or view of the file. */
static int64_t
number_of(struct schema *schema, const struct schema_table *table)
{
	bool temporary = strcmp(table->schema, "temp") == 0;
	sqlite3_stmt *stmt;
	int64_t number = 0;
	int code;

	if (!temporary && strcmp(table->schema, "public") != 0)
		return 0;
	code = sqlite3_prepare_v2(schema_database(schema),
	    temporary ? "SELECT rowid FROM temp.sqlite_schema WHERE name = ?1 AND type IN ('table', 'view')"
		      : "SELECT rowid FROM public.sqlite_schema WHERE name = ?1 AND type IN ('table', 'view')",
	    -1, &stmt, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_bind_text(stmt, 1, table->name, -1, SQLITE_STATIC);
	if (code == SQLITE_OK && (code = sqlite3_step(stmt)) == SQLITE_ROW)
		number = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	schema_note(schema, code);
	return number;
}

const struct schema_type *
schema_row_type(struct schema *schema, const struct schema_table *table)
{
	int64_t number = number_of(schema, table);
	uint32_t oid = number == 0 ? 0 : type_of_table(strcmp(table->schema, "temp") == 0, number);
	const struct schema_type *found = oid == 0 ? NULL : find(schema, oid);

	return oid == 0 ? NULL : found != NULL ? found : make(schema, table, oid);
}

const struct schema_type *
schema_row_type_by_oid(struct schema *schema, uint32_t oid)
{
	const struct schema_type *found = find(schema, oid);
	const struct schema_table *table = NULL;
	bool temporary;
	int64_t number;
	sqlite3_stmt *stmt;
	int code;

	if (found != NULL || !type_is_of_table(oid, &temporary, &number))
		return found;
	code = sqlite3_prepare_v2(schema_database(schema),
	    temporary ? "SELECT name FROM temp.sqlite_schema WHERE rowid = ?1"
		      : "SELECT name FROM public.sqlite_schema WHERE rowid = ?1",
	    -1, &stmt, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(stmt, 1, number);
	if (code == SQLITE_OK && (code = sqlite3_step(stmt)) == SQLITE_ROW)
		table = schema_find_table(schema, temporary ? "temp" : "public",
		    (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	schema_note(schema, code);
	return table == NULL ? NULL : make(schema, table, oid);
}
