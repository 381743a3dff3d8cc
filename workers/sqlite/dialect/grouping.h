/*
 * What a query's GROUP BY means, for grouping.c, which checks it, and split.c, which writes GROUPING SETS.
 */
#ifndef BIBD_SQLITE_GROUPING_H
#define BIBD_SQLITE_GROUPING_H

#include "workers/sqlite/dialect/expression.h"

/* In the translator's memory. */
struct grouping {
	struct translator *t;
	const PgQuery__SelectStmt *select;
	const PgQuery__Node **written; /* GROUP BY's expressions one by one, those within sets and rows too */
	const PgQuery__Node **groups;  /* each of them, positions and names of output columns looked up */
	unsigned *keys;		       /* the first of groups that means the same */
	size_t ngroups;
	uint64_t *sets; /* of keys, a bit for each; NULL: all of them are one set */
	size_t nsets;
};

/* Reads GROUP BY. 42803 for an aggregate in it. `position` is set for a constant that is no such position: it is
 * refused where it is written. -1: reported. */
int grouping_open(struct translator *t, const PgQuery__SelectStmt *select, struct grouping *g, bool *position);
/* grouping_sets.c: fills sets where GROUP BY has GROUPING SETS, CUBE or ROLLUP. */
int grouping_expand(struct grouping *g);

/* What a name or a position of the select list means, else the expression itself. */
const PgQuery__Node *grouping_output(const struct grouping *g, const PgQuery__Node *node, bool names_first);

/* The first aggregate in an expression, not in its subqueries; NULL: there is none, or no expression. */
const PgQuery__Node *grouping_aggregate_in(const PgQuery__Node *node);
/* Likewise for a call of a window function. */
const PgQuery__Node *grouping_window_call_in(const PgQuery__Node *node);
bool grouping_is_aggregate(const PgQuery__Node *node);
/* The query's own range and column that a reference means; false: another query's, or none. */
bool grouping_find_own(const struct translator *t, const PgQuery__ColumnRef *ref, const struct scope_range **range,
    const struct scope_column **column);
/* A column of USING stands for both. */
bool grouping_is_same_column(const struct scope_range *range, const struct scope_column *column,
    const struct scope_range *other_range, const struct scope_column *other);
/* Whether groups of the query of that scope have the column: it is grouped, or follows from what is. */
bool grouping_has(const struct grouping *g, struct scope *scope, const struct scope_range *range,
    const struct scope_column *column);
/* Whether it is, as a whole, one of the expressions of GROUP BY. */
bool grouping_has_expression(const struct grouping *g, const PgQuery__Node *node);
/* Where every set has a table's whole primary key, each group has one row of it. */
bool grouping_determines(const struct grouping *g, const struct scope_range *range);

#endif
