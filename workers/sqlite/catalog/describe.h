/*
 * Definitions in PostgreSQL's words: what pg_get_constraintdef and its relatives show.
 */
#ifndef BIBD_SQLITE_CATALOG_DESCRIBE_H
#define BIBD_SQLITE_CATALOG_DESCRIBE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/settings/search_path.h"

/* SQLite's text of an expression as PostgreSQL would show it: names without quotes where they need none. malloc'ed. */
char *describe_expression(const char *sql);
/* How a definition is shown. */
struct describe_how {
	sqlite3 *db;	/* in which names of the file are looked up */
	bool *internal; /* sql_context.internal, set meanwhile; NULL: that is no matter */
	bool pretty;
	const char *path; /* search_path as it is set: what it finds is shown without its schema; NULL: the default */
	bool lost;	  /* set: its exact text is not known; the result is NULL */
};
/* What pg_attrdef, pg_constraint and pg_index keep of an expression, from SQLite's text; and that as pg_get_expr shows
 * it. malloc'ed. */
char *describe_stored(const char *sql);
char *describe_shown(const char *stored, struct describe_how *how);
/* PostgreSQL's own text with what its marks stand for (schema/kept.h). malloc'ed. */
char *describe_resolve(struct describe_how *how, const char *text);
/* A column's default, as it is stored: literals get their type, sequences are spelled out. NULL: it has none.
 * malloc'ed. */
char *describe_default(const struct definition *d, const struct definition_column *column);
/* "PRIMARY KEY (a, b)", "FOREIGN KEY (a) REFERENCES t(b) ON DELETE CASCADE", "CHECK ((c > 0))". malloc'ed. */
char *describe_constraint(sqlite3 *db, const struct definition *d, const struct definition_constraint *c,
    struct describe_how *how);
/* "CREATE UNIQUE INDEX i ON public.t USING btree (a, lower(b)) WHERE (c > 0)": from SQLite's text, or from a key.
 * malloc'ed. */
char *describe_index(const char *schema, const char *table, const char *sql, struct describe_how *how);
char *describe_key_index(const char *schema, const char *table, const struct definition_constraint *c,
    const struct describe_how *how);
/* The n-th part of an index of SQLite's (from 1), or NULL: "a", "lower(b)"; and as SQLite's text has it. malloc'ed. */
char *describe_index_part(const char *sql, unsigned n, struct describe_how *how);
char *describe_index_source(const char *sql, unsigned n);
/* Its bits in pg_index.indoption. */
#define INDEX_DESCENDING 1
#define INDEX_NULLS_FIRST 2
int describe_index_order(const char *sql, unsigned n);
/* Its access method; returns method. */
#define DESCRIBE_METHOD_SIZE 16
const char *describe_index_method(const char *sql, char method[DESCRIBE_METHOD_SIZE]);
/* The query of a view. malloc'ed. */
char *describe_view(const char *sql, struct describe_how *how);
/* "CREATE TRIGGER t BEFORE UPDATE ON public.t FOR EACH ROW WHEN ((old.a <> new.a)) EXECUTE FUNCTION f('x')"; NULL where
 * the text of WHEN is not known (how->lost). malloc'ed. */
struct schema_trigger;
char *describe_trigger(sqlite3 *db, const struct schema_trigger *trigger, struct describe_how *how);
/* "f('x')", with its schema where the search path does not find it. malloc'ed. */
char *describe_trigger_call(sqlite3 *db, const struct schema_trigger *trigger, const char *path);
/* "name" or "\"Name\"". */
void describe_put_name(FILE *out, const char *name);

#endif
