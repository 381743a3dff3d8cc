/*
 * pg_catalog and information_schema on SQLite: tables in an attached in-memory database of each connection that asks
 * for them, filled from SQLite's own schema whenever that has changed.
 */
#ifndef BIBD_SQLITE_CATALOG_H
#define BIBD_SQLITE_CATALOG_H

#include <sqlite3.h>
#include <stdint.h>

#include "workers/sqlite/schema/schema.h"
#include "workers/sqlite/settings/sql_context.h"

/* Attaches the empty databases pg_catalog and information_schema: once, when a connection is opened, since SQLite
 * attaches nothing inside a transaction. Returns SQLite's code. */
int catalog_attach(sqlite3 *db);

/* Makes the tables of pg_catalog and information_schema if they are not there, and brings them up to date; the caller
 * has set context->internal. Also inside an open transaction. `port` and the database's name stand in some rows. */
int catalog_prepare(sqlite3 *db, struct schema *schema, struct sql_context *context, struct report *r);

/* Whether the tables show the file as it is; likewise. */
bool catalog_is_fresh(sqlite3 *db);

/* Fills pg_stat_activity with the sessions of this moment: after catalog_prepare, for a statement that reads it. */
int catalog_fill_activity(sqlite3 *db, struct sql_context *context, struct report *r);
/* pg_cursors is filled likewise, with those of the session that has the connection. */
int catalog_fill_cursors(sqlite3 *db, struct sql_context *context, struct report *r);

/* The OID that a table or index has in pg_class: made from its name, the same on every connection and after a restart,
 * always 16384 or more. */
uint32_t catalog_object_oid(const char *schema, const char *name);

#endif
