/*
 * What the translator asks of indexes.
 */
#include "workers/sqlite/schema/schema.h"

bool
schema_has_index_with(struct schema *schema, const char *database, const char *table, const char *column)
{
	static const char sql[] = "SELECT 1 FROM pragma_index_list(?1, ?2) AS l, pragma_index_xinfo(l.name, ?2) AS x "
				  "WHERE NOT l.partial AND x.key AND x.name = ?3 AND x.coll = 'BINARY' LIMIT 1";
	const char *const values[] = { table, database, column };
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(schema_database(schema), sql, -1, &stmt, NULL);

	for (int i = 0; i < 3 && code == SQLITE_OK; i++)
		code = sqlite3_bind_text(stmt, i + 1, values[i], -1, SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	sqlite3_finalize(stmt);
	schema_note(schema, code);
	return code == SQLITE_ROW;
}
