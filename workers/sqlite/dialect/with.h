/*
 * A query of WITH by itself: what with.c and steps/, which runs some of them one by one, share.
 */
#ifndef BIBD_SQLITE_DIALECT_WITH_H
#define BIBD_SQLITE_DIALECT_WITH_H

#include "workers/sqlite/dialect/translate.h"

/* Its name, and the names that it gives to its columns. -1: reported, as below. */
int with_read_aliases(struct translator *t, const PgQuery__CommonTableExpr *cte, struct scope_cte *out);
/* Its columns as later queries see them; 42P10 for more names than columns. */
int with_set_columns(struct translator *t, struct scope_cte *cte, const struct query_columns *columns);
/* Writes its definition, "name"("a", "b") AS (...), and puts it in force (t->ctes). */
int with_query(struct translator *t, const PgQuery__CommonTableExpr *cte, bool recursive);

/* recursion.c: in which order the queries are written: of WITH RECURSIVE each behind those that it names. NULL:
 * reported; among others what PostgreSQL refuses of a query that names itself (42P19, 0A000). */
size_t *with_order(struct translator *t, const PgQuery__WithClause *with);
/* search_cycle.c: what is wrong with the query's SEARCH and CYCLE; those that are right are 0A000. columns
 * NULL: it is not written yet, and only its form is looked at. */
int with_check_search(struct translator *t, const PgQuery__CommonTableExpr *cte, const struct scope_cte *columns);

#endif
