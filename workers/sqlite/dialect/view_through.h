/*
 * Private to view_*.c: how a view that can be changed reads the table, or the view, below it.
 */
#ifndef BIBD_SQLITE_DIALECT_VIEW_THROUGH_H
#define BIBD_SQLITE_DIALECT_VIEW_THROUGH_H

#include "workers/sqlite/dialect/view_target.h"

struct schema_through {
	const struct schema_table *base;
	const PgQuery__SelectStmt *query;
	const char *alias; /* of the base in the query */
	const char *body;  /* SQLite's text of the query */
	char check;	   /* its check option: kept_view.h */
};

/* ---- view_parse.c ---- */

/* The obstacle of a query without one table to read. */
extern const char view_no_single_base[];
/* The column of the base that a column of the view is; NULL: it is none. */
const char *view_base_column(const PgQuery__Node *target);
/* Whether a column of the view is one of the base. */
bool view_has_columns(const PgQuery__SelectStmt *select);
/* PostgreSQL's words for what is in the way, NULL: nothing. */
const char *view_obstacle(const PgQuery__SelectStmt *select);

#endif
