/*
 * PostgreSQL's own text of a view's query and of an expression, as its pg_get_viewdef and pg_get_expr give it: names
 * resolved, stars expanded, literals with their types, parentheses and line breaks where it writes them. A text that
 * can't be given exactly is not given at all (src: PostgreSQL's manual, "System Catalog Information Functions"; every
 * rule is held against PostgreSQL 15 by tests/sql/answers/definitions*.sql).
 *
 * KEPT_SCHEMA_BEGIN public KEPT_SCHEMA_END stands in a text before the name of a relation, see schema/kept.h.
 */
#ifndef BIBD_SQLITE_DEPARSE_H
#define BIBD_SQLITE_DEPARSE_H

#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/schema/definition.h"

/* The texts of pg_get_viewdef(oid) and pg_get_viewdef(oid, true); they live as long as the translator. */
struct deparse_texts {
	const char *plain, *pretty;
};

/* A table or column that is about to be renamed: what names it is noted while a view's query is read. */
struct deparse_renamed {
	const struct schema_table *table;
	const char *column; /* the column; NULL: the table itself is renamed */
	const char *name;   /* the new name */
	/* the references to the column; or, for a table, those to any column that are qualified by its name */
	PgQuery__ColumnRef **columns;
	size_t ncolumns;
	PgQuery__RangeVar **relations;
	size_t nrelations;
	bool unclear; /* USING names the column, or the new name means something there already */
	bool failed;  /* memory ran out */
};

/* The texts of a view's query; `names` are those of its columns, [n]. False: there is no exact text, or memory is
 * out; nothing is reported. */
bool deparse_view(struct translator *t, const PgQuery__SelectStmt *select, const char *const *names, unsigned n,
    struct deparse_texts *texts);

/* An expression over the columns of a table (one without a name: what a domain calls VALUE): a CHECK, a predicate or a
 * part of an index; a DEFAULT, which sees no columns (d NULL) and is brought to `oid` (TYPE_UNKNOWN: to none). *call:
 * it looks like a function's call. */
bool deparse_expression(struct translator *t, const struct definition *d, const PgQuery__Node *node, uint32_t oid,
    int32_t typmod, struct deparse_texts *texts, bool *call);

/* The name, in quotes where PostgreSQL wants them. NULL: out of memory. */
const char *deparse_name(struct translator *t, const char *name);

#endif
