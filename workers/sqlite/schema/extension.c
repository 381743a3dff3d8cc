/*
 * Reads the table of extensions.
 */
#include "workers/sqlite/schema/extension.h"

#include <stddef.h>

bool
schema_extension_has(sqlite3 *db, const char *name)
{
	sqlite3_stmt *stmt = NULL;
	bool has = sqlite3_prepare_v2(db, "SELECT 1 FROM public.bibd_extensions WHERE name = ?1", -1, &stmt, NULL) ==
		SQLITE_OK &&
	    sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW;

	sqlite3_finalize(stmt);
	return has;
}

void
schema_extensions_each(sqlite3 *db, void (*each)(void *arg, const char *name, const char *version), void *arg)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(db, "SELECT name, version FROM public.bibd_extensions ORDER BY name", -1, &stmt, NULL) !=
	    SQLITE_OK)
		return; /* no file of an older bibd has the table */
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(stmt, 0),
			   *version = (const char *)sqlite3_column_text(stmt, 1);

		if (name != NULL && version != NULL)
			each(arg, name, version);
	}
	sqlite3_finalize(stmt);
}
