/*
 * The extensions that the file has: rows of a table of bibd's own, which is made with the first extension. Their
 * functions are routines (schema/routine.h) whose language no client can write, and changing an extension changes
 * routines.
 */
#ifndef BIBD_SQLITE_SCHEMA_EXTENSION_H
#define BIBD_SQLITE_SCHEMA_EXTENSION_H

#include <sqlite3.h>
#include <stdbool.h>

#define SCHEMA_EXTENSION_TABLE \
	"CREATE TABLE IF NOT EXISTS public.bibd_extensions(name TEXT PRIMARY KEY NOT NULL, version TEXT NOT NULL) " \
	"WITHOUT ROWID;\n"

bool schema_extension_has(sqlite3 *db, const char *name);
/* Calls `each` for each extension, in the order of their names. */
void schema_extensions_each(sqlite3 *db, void (*each)(void *arg, const char *name, const char *version), void *arg);

#endif
