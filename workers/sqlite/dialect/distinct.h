/*
 * DISTINCT ON, for select.c: see PostgreSQL's SELECT, "DISTINCT Clause".
 */
#ifndef BIBD_SQLITE_DISTINCT_H
#define BIBD_SQLITE_DISTINCT_H

#include "workers/sqlite/dialect/expression.h"

/* A column of the inner query: an output column, or one that only ON or ORDER BY names. */
struct distinct_column {
	const PgQuery__Node *node; /* its expression; NULL: not known */
	uint32_t oid;
	bool not_null;
	uint32_t table_oid; /* of a plain column of a table, else 0 */
	int16_t attribute;
};

/* In the translator's memory. */
struct distinct_on {
	struct distinct_column *columns;
	unsigned n;
	unsigned *on, *sorts; /* the column of each expression of ON and of ORDER BY, from 0 */
};

/* FETCH FIRST ... WITH TIES, behind a query that is no set operation. */
bool select_has_ties(const PgQuery__SelectStmt *select);
/* The same as distinct_on_end() for it: the rows up to the count, and those that sort as the last of them. */
int distinct_ties_end(struct translator *t, size_t start, const PgQuery__SelectStmt *select,
    const struct query_columns *output, const struct distinct_on *d);

bool select_is_distinct_on(const PgQuery__SelectStmt *select);
/* Behind the select list: appends what ON and ORDER BY name beside the output columns. -1: reported. */
int distinct_on_columns(struct translator *t, const PgQuery__SelectStmt *select, const struct query_columns *output,
    struct distinct_on *d);
/* Behind the clauses of the query that begins at `start`: puts it into the one that picks the first rows, sorted.
 * 42P10 where ON and ORDER BY don't go together. -1: reported. */
int distinct_on_end(struct translator *t, size_t start, const PgQuery__SelectStmt *select,
    const struct query_columns *output, const struct distinct_on *d);

#endif
