/*
 * Filling the catalog's tables.
 */
#ifndef BIBD_SQLITE_CATALOG_FILL_H
#define BIBD_SQLITE_CATALOG_FILL_H

#include "workers/sqlite/catalog/catalog.h"

#define FILL_STATEMENTS 32

/* Writes rows; the INSERTs it has prepared are kept until fill_end. After a failure nothing more is written. */
struct fill {
	sqlite3 *db;
	const struct sql_context *context;
	int rc; /* SQLite's code of the first failure */
	struct {
		const char *target; /* a string literal: compared by its address */
		sqlite3_stmt *stmt;
	} statements[FILL_STATEMENTS];
};

/* One row: target is "pg_catalog.pg_class (oid, relname)", the same literal each time; types has a letter for each
 * column: i int64_t, r double, s const char * (may be NULL), b int, t int64_t of microseconds since 1970 for a
 * timestamptz (0: NULL). */
void fill_row(struct fill *fill, const char *target, const char *types, ...);
/* Runs a script. */
void fill_run(struct fill *fill, const char *sql);
void fill_end(struct fill *fill);

/* What does not depend on the file's schema, and what does. */
void fill_fixed(struct fill *fill);
/* How values of the types lie in PostgreSQL's pages: of its own types; of a domain over a type; of columns, and what of
 * the file's objects is bibd's own. */
void fill_type_facts(struct fill *fill);
void fill_domain_facts(struct fill *fill, uint32_t oid, uint32_t base);
void fill_own_facts(struct fill *fill);
/* Configurations, dictionaries, parser and templates of text search. */
void fill_text_search(struct fill *fill);
void fill_relations(struct fill *fill, struct schema *schema);
void fill_types(struct fill *fill);
void fill_routines(struct fill *fill);
void fill_triggers(struct fill *fill);
/* After all of these. */
void fill_comments(struct fill *fill);
void fill_depend(struct fill *fill);
/* What the text of a view, or of a materialized view's query, names; name is the view's. */
void fill_depend_view(struct fill *fill, const char *name, const char *sql);
/* The tables that are made of the others: pg_tables, information_schema, ... */
void fill_derived(struct fill *fill);

#endif
