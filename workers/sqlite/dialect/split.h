/*
 * A grouped query in two: its groups, with their aggregates, are a subquery in FROM, and what is made of them stands
 * around it. For what SQLite can't say in one: GROUPING SETS, HAVING without GROUP BY, and functions that answer rows
 * beside aggregates, which PostgreSQL calls for each group.
 */
#ifndef BIBD_SQLITE_SPLIT_H
#define BIBD_SQLITE_SPLIT_H

#include "workers/sqlite/dialect/grouping.h"

/* What the subquery answers: a key, an aggregate, or a column that the keys determine. */
struct split_item {
	struct expression type;
	const char *text; /* in the subquery */
	const struct scope_range *range;
	const struct scope_column *column; /* a plain column; NULL: an expression */
	struct split_item *next;
};

struct split {
	struct grouping grouping;
	unsigned number;	 /* of the subquery's name */
	unsigned inside;	 /* more than 0: what is written belongs into the subquery */
	struct split_item *keys; /* an array: one for each of grouping.groups */
	struct split_item *others;
	unsigned nothers;
};

bool select_is_split(struct translator *t, const PgQuery__SelectStmt *select);
/* Reads GROUP BY in the scope of the query's FROM, and puts the split in force there. -1: reported. */
int split_open(struct translator *t, const PgQuery__SelectStmt *select, struct split *s);
/* Several sets read FROM and WHERE several times: refused unless those answer the same each time. */
int split_check(struct translator *t, const struct split *s, bool steady);
/* Puts the subquery, of FROM and WHERE (NULL: none), at `middle` of the query that was written around it. */
int split_end(struct translator *t, struct split *s, size_t middle, const char *from, const char *where);

/* While an expression is written: 1 when it was the subquery's, 0 when it is to be written as any other. */
int split_expression(struct translator *t, const PgQuery__Node *node, struct expression *type);
/* The same for a column of a range of the split query. */
int split_column(struct translator *t, const struct found_column *found, struct expression *type);

#endif
