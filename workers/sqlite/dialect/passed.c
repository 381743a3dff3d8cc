/*
 * Keys whose new values foreign keys pass on (ON UPDATE CASCADE and the like): SQLite does so when the values compare
 * as different, PostgreSQL when they look different, as 1.0 and 1.00 do. A change between such values is refused.
 */
#include <string.h>

#include "workers/sqlite/dialect/modify.h"

/* Whether values of the type can be equal and look different. */
static bool
has_looks(uint32_t oid)
{
	return oid == TYPE_FLOAT4 || oid == TYPE_FLOAT8 || type_collation(oid) != NULL;
}

bool
modify_is_passed_on(struct translator *t, const struct schema_table *table, const struct schema_column *column)
{
	static const char sql[] = "SELECT 1 FROM (SELECT * FROM public.sqlite_master UNION ALL SELECT * FROM "
				  "temp.sqlite_master) s, pragma_foreign_key_list(s.name) f WHERE s.type = 'table' AND "
				  "f.\"table\" = ?1 COLLATE NOCASE AND f.on_update <> 'NO ACTION' LIMIT 1";
	sqlite3_stmt *stmt = NULL;
	bool passed = true;

	if (!has_looks(column->oid))
		return false;
	if (sqlite3_prepare_v2(schema_database(t->schema), sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_bind_text(stmt, 1, schema_table_root(table)->name, -1, SQLITE_STATIC) == SQLITE_OK)
		passed = sqlite3_step(stmt) != SQLITE_DONE;
	sqlite3_finalize(stmt);
	return passed;
}

int
modify_emit_passed_on(struct translator *t, const struct schema_table *table, const char *alias,
    const struct schema_column *column, size_t start)
{
	if (!modify_is_passed_on(t, table, column))
		return 0;
	sql_text_insert(&t->out, start, "bibd_passed_on(");
	translate_emit(t, ", ");
	translate_identifier(t, alias);
	translate_emit(t, ".");
	translate_identifier(t, schema_column_stored(column));
	return translate_emit_format(t, ", %u)", column->oid);
}
