/*
 * Materialized views in the file. Its rows are a table with a mark (DEFINITION_MATVIEW); its query is a view of a name
 * that no client can give, SQLite's and PostgreSQL's text as of any view, which REFRESH reads. One that was not
 * populated has a second such view besides, of a row of no meaning.
 */
#ifndef BIBD_SQLITE_SCHEMA_MATVIEW_H
#define BIBD_SQLITE_SCHEMA_MATVIEW_H

#include "workers/sqlite/schema/schema.h"

/* Before the stored name of the materialized view. */
#define MATVIEW_QUERY "bibd_matview:"
#define MATVIEW_UNFILLED "bibd_unfilled:"

/* Whether a stored name is that of such a view. */
bool matview_is_query(const char *stored);
bool matview_is_own(const char *stored);
/* Whether a table's text has the mark. */
bool matview_is(const char *sql);
/* Whether that materialized view was not populated. */
bool matview_is_unfilled(sqlite3 *db, const char *stored);
/* The first materialized view without rows that the table is, or that the view reads, however indirectly; malloc'ed.
 * NULL: there is none. */
char *matview_find_unfilled(sqlite3 *db, const struct schema_table *table);

#endif
