/*
 * SQLite's switches around a script that rebuilds a table, and around its own ALTER TABLE.
 */
#include "workers/sqlite/schema/schema.h"

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
