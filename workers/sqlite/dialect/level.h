/*
 * Which query an aggregate within a subquery belongs to, and which columns of a grouped query its subqueries may name:
 * see PostgreSQL's "Aggregate Expressions", the last two paragraphs.
 *
 * Invariant: an aggregate is one of the nearest query whose columns its arguments and FILTER name, and of its own
 * where they name none; `scope->ungrouped` is the first column, if any, that a subquery of that query's select list,
 * HAVING or ORDER BY names outside of the query's aggregates though its groups do not have it.
 */
#ifndef BIBD_SQLITE_LEVEL_H
#define BIBD_SQLITE_LEVEL_H

#include "workers/sqlite/dialect/expression.h"

/* What was known before an aggregate's arguments were read. */
struct level {
	uint64_t named, called;
	unsigned serial;
};

/* A column of that range is named here. */
void level_note_column(struct translator *t, const struct found_column *found);
/* Around the translation of a function's call. */
void level_open(struct translator *t, struct level *level);
/* 42803 for an aggregate that may not stand where it does. -1: reported. */
int level_close(struct translator *t, const struct level *level, const PgQuery__FuncCall *call, bool aggregate);
/* At the end of each expression; `serial` is t->nungrouped of before it. What GROUP BY has as a whole may name any
 * column in its subqueries. */
void level_close_expression(struct translator *t, const PgQuery__Node *node, unsigned serial);
/* At the end of a query, its scope still open: 42803 for what is not grouped. -1: reported. */
int level_check_query(struct translator *t, const PgQuery__SelectStmt *select);

#endif
