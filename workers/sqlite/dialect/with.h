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

#endif
