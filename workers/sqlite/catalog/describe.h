/*
 * Definitions in PostgreSQL's words: what pg_get_constraintdef and its relatives show.
 */
#ifndef BIBD_SQLITE_CATALOG_DESCRIBE_H
#define BIBD_SQLITE_CATALOG_DESCRIBE_H

#include <sqlite3.h>

#include "workers/sqlite/schema/definition.h"

/* SQLite's text of an expression as PostgreSQL would show it: names without quotes where they need none. malloc'ed. */
char *describe_expression(const char *sql);
/* A column's default: literals get their type, sequences are spelled out. NULL: it has none. malloc'ed. */
char *describe_default(const struct definition *d, const struct definition_column *column);
/* "PRIMARY KEY (a, b)", "FOREIGN KEY (a) REFERENCES t(b) ON DELETE CASCADE", "CHECK (c > 0)". malloc'ed. */
char *describe_constraint(sqlite3 *db, const struct definition *d, const struct definition_constraint *c);
/* "CREATE UNIQUE INDEX i ON public.t USING btree (a, lower(b)) WHERE (c > 0)": from SQLite's text, or from a key.
 * malloc'ed. */
char *describe_index(const char *schema, const char *table, const char *sql);
char *describe_key_index(const char *schema, const char *table, const struct definition_constraint *c);
/* The n-th part of an index of SQLite's (from 1), or NULL: "a", "lower(b)". malloc'ed. */
char *describe_index_part(const char *sql, unsigned n);
/* The query of a view. malloc'ed. */
char *describe_view(const char *sql);
/* "name" or "\"Name\"". */
void describe_put_name(FILE *out, const char *name);

#endif
