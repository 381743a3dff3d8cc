/*
 * Materialized views in the file. The rows of one are a table with a mark (DEFINITION_MATVIEW). Its query is a view
 * under a name that no client can give, with SQLite's and PostgreSQL's text as any view has them, and REFRESH reads it.
 * A materialized view that was not populated has a second view under such a name; the one row of that view means
 * nothing.
 */
#ifndef BIBD_SQLITE_SCHEMA_MATVIEW_H
#define BIBD_SQLITE_SCHEMA_MATVIEW_H

#include "workers/sqlite/schema/schema.h"

/* The name of the query's view: this, and the stored name of the materialized view behind it. */
#define MATVIEW_QUERY "bibd_matview:"
#define MATVIEW_UNFILLED "bibd_unfilled:"

/* Whether a stored name is that of a materialized view's query. */
bool matview_is_query(const char *stored);
bool matview_is_own(const char *stored);
/* Whether a table's text has the mark of a materialized view. */
bool matview_is(const char *sql);
/* Whether that materialized view was not populated: 1, 0, or -1 where that could not be read. schema_is_unfilled()
 * asks a schema that notes what could not be read (schema_take_failure()). */
int matview_is_unfilled(sqlite3 *db, const char *stored);
bool schema_is_unfilled(struct schema *schema, const char *stored);
/* The stored name of a materialized view that was not populated: the table itself, or one that the view reads, also
 * through others. malloc'ed. NULL: there is none. */
char *matview_find_unfilled(struct schema *schema, const struct schema_table *table);

#endif
