/*
 * Comparisons of several values: rows side by side, IN with its list, and what is distinct from what.
 */
#include <string.h>

#include "workers/sqlite/dialect/deparse/tree.h"

struct deparse_node *
deparse_combine(struct deparser *d, enum deparse_kind kind, struct deparse_node *left, struct deparse_node *right)
{
	struct deparse_node *node = deparse_new(d, kind, TYPE_BOOL, 2);

	if (node == NULL || left == NULL || right == NULL)
		return NULL;
	node->args[0] = left;
	node->args[1] = right;
	return node;
}

/* ---- rows ---- */

static bool
is_row(const PgQuery__Node *node)
{
	return node != NULL && node->node_case == PG_QUERY__NODE__NODE_ROW_EXPR;
}

/* = is AND of its parts, <> is OR; the others are one comparison of rows. */
static struct deparse_node *
row_of(struct deparser *d, const char *name, size_t n)
{
	bool equal = strcmp(name, "=") == 0, unequal = strcmp(name, "<>") == 0;
	struct deparse_node *node = deparse_new(d,
	    equal	  ? DEPARSE_AND
		: unequal ? DEPARSE_OR
			  : DEPARSE_ROWS,
	    TYPE_BOOL, equal || unequal ? n : 2 * n);

	if (node == NULL || (!equal && !unequal && (strchr("<>", name[0]) == NULL || strlen(name) > 2)))
		return NULL;
	node->name = name;
	return node;
}

struct deparse_node *
deparse_rows(struct deparser *d, const char *name, const PgQuery__RowExpr *left, const PgQuery__RowExpr *right)
{
	size_t n = left->n_args;
	struct deparse_node *node = row_of(d, name, n);

	if (node == NULL || n == 0 || right->n_args != n)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		struct deparse_node *part = deparse_node(d, left->args[i]);

		part = part == NULL ? NULL : deparse_apply(d, name, part, deparse_node(d, right->args[i]));
		if (part == NULL || part->oid != TYPE_BOOL)
			return NULL;
		if (n == 1)
			return part;
		node->args[i] = node->kind == DEPARSE_ROWS ? part->args[0] : part;
		if (node->kind == DEPARSE_ROWS)
			node->args[n + i] = part->args[1];
	}
	return node;
}

bool
deparse_row_side(struct deparser *d, const char *name, const PgQuery__RowExpr *left, struct deparse_node *node)
{
	if (left->n_args != node->query->n || node->query->n < 2 || row_of(d, name, 1) == NULL)
		return false;
	node->n = node->query->n;
	if ((node->args = translator_alloc(d->t, (node->n + 1) * sizeof(struct deparse_node *))) == NULL)
		return false;
	for (size_t i = 0; i < node->n; i++) {
		struct deparse_node *right = deparse_new(d, DEPARSE_COLUMN, node->query->columns[i].oid, 0);
		struct deparse_node *part = right == NULL ? NULL : deparse_node(d, left->args[i]);

		part = part == NULL ? NULL : deparse_apply(d, name, part, right);
		if (part == NULL || part->oid != TYPE_BOOL)
			return false;
		node->args[i] = part->args[0];
	}
	node->name = name;
	return true;
}

/* ---- IN ---- */

/* Whether it names a column of the query at hand. Of one with a subquery in it that is not known: false. */
static bool
find_column(const struct deparser *d, const struct deparse_node *node, bool *found)
{
	if (node == NULL)
		return true;
	if (node->kind == DEPARSE_SUBLINK)
		return false;
	if (node->kind == DEPARSE_COLUMN && d->query == NULL)
		*found = true;
	for (const struct deparse_range *range = node->kind == DEPARSE_COLUMN && d->query != NULL ? d->query->ranges
												  : NULL;
	     range != NULL; range = range->next)
		*found |= range == node->range;
	for (size_t i = 0; i < node->n; i++)
		if (!find_column(d, node->args[i], found))
			return false;
	return find_column(d, node->first, found);
}

/* All that name no column are one array, if they are several; the others are compared one by one. */
static struct deparse_node *
array_of(struct deparser *d, const char *name, struct deparse_node *left, struct deparse_node **all, size_t n,
    bool *taken)
{
	struct deparse_node **plain = translator_alloc(d->t, (n + 2) * sizeof(*plain)), *array;
	size_t count = 1;
	uint32_t common;

	if (plain == NULL)
		return NULL;
	plain[0] = left;
	for (size_t i = 0; i < n; i++)
		if (!taken[i])
			plain[count++] = all[i];
	common = deparse_common(d, plain, count);
	if (common == 0 || type_array_of(common) == 0 ||
	    (array = deparse_new(d, DEPARSE_ARRAY, type_array_of(common), count - 1)) == NULL)
		return NULL;
	for (size_t i = 1; i < count; i++)
		if ((array->args[i - 1] = deparse_coerce(d, plain[i], common, -1, true)) == NULL)
			return NULL;
	return deparse_any(d, name, left, array, strcmp(name, "<>") == 0);
}

static struct deparse_node *
join(struct deparser *d, const char *name, struct deparse_node *before, struct deparse_node *next)
{
	if (before == NULL || next == NULL)
		return next;
	return deparse_combine(d, strcmp(name, "<>") == 0 ? DEPARSE_AND : DEPARSE_OR, before, next);
}

static struct deparse_node *
rows_in(struct deparser *d, const PgQuery__RowExpr *left, const PgQuery__List *list, const char *name)
{
	struct deparse_node *node = NULL;

	for (size_t i = 0; i < list->n_items; i++)
		if (!is_row(list->items[i]) ||
		    (node = join(d, name, node, deparse_rows(d, name, left, list->items[i]->row_expr))) == NULL)
			return NULL;
	return node;
}

struct deparse_node *
deparse_in(struct deparser *d, const PgQuery__AExpr *expr, const char *name)
{
	const PgQuery__List *list = expr->rexpr->list;
	struct deparse_node *left, *node = NULL, **all = translator_alloc(d->t, (list->n_items + 1) * sizeof(*all));
	bool *columns = translator_alloc(d->t, list->n_items + 1);
	size_t plain = 0;

	if (is_row(expr->lexpr))
		return rows_in(d, expr->lexpr->row_expr, list, name);
	if (all == NULL || columns == NULL || (left = deparse_node(d, expr->lexpr)) == NULL)
		return NULL;
	for (size_t i = 0; i < list->n_items; i++) {
		if ((all[i] = deparse_node(d, list->items[i])) == NULL ||
		    (list->n_items > 1 && !find_column(d, all[i], &columns[i])))
			return NULL;
		plain += columns[i] ? 0 : 1;
	}
	if (plain > 1 && (node = array_of(d, name, left, all, list->n_items, columns)) == NULL)
		return NULL;
	for (size_t i = 0; i < list->n_items; i++)
		if ((plain <= 1 || columns[i]) &&
		    (node = join(d, name, node, deparse_apply(d, name, left, all[i]))) == NULL)
			return NULL;
	return node;
}

/* ---- IS DISTINCT FROM ---- */

static bool
is_null(const PgQuery__Node *node)
{
	return node->node_case == PG_QUERY__NODE__NODE_A_CONST && node->a_const->isnull;
}

static struct deparse_node *
negate(struct deparser *d, struct deparse_node *node)
{
	struct deparse_node *not = node == NULL ? NULL : deparse_new(d, DEPARSE_NOT, TYPE_BOOL, 1);

	if (not != NULL)
		not ->args[0] = node;
	return not ;
}

static struct deparse_node *
distinct_values(struct deparser *d, const PgQuery__Node *left, const PgQuery__Node *right)
{
	struct deparse_node *first = deparse_node(d, left);
	struct deparse_node *node = first == NULL ? NULL : deparse_apply(d, "=", first, deparse_node(d, right));

	if (node != NULL)
		node->kind = DEPARSE_DISTINCT;
	return node;
}

static struct deparse_node *
distinct_rows(struct deparser *d, const PgQuery__RowExpr *left, const PgQuery__RowExpr *right)
{
	struct deparse_node *node = NULL;

	if (left->n_args != right->n_args)
		return NULL;
	for (size_t i = 0; i < left->n_args; i++)
		if ((node = join(d, "=", node, distinct_values(d, left->args[i], right->args[i]))) == NULL)
			return NULL;
	return node;
}

/* From NULL it is a test for NULL. */
static struct deparse_node *
distinct_from_null(struct deparser *d, const PgQuery__Node *value, bool negated)
{
	struct deparse_node *node = deparse_new(d, DEPARSE_NULL_TEST, TYPE_BOOL, 1);

	if (node == NULL || (node->args[0] = deparse_node(d, value)) == NULL)
		return NULL;
	node->name = negated ? " IS NULL" : " IS NOT NULL";
	return node;
}

struct deparse_node *
deparse_distinct(struct deparser *d, const PgQuery__AExpr *expr)
{
	bool negated = expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT;
	struct deparse_node *node;

	if (is_null(expr->rexpr) || is_null(expr->lexpr))
		return distinct_from_null(d, is_null(expr->rexpr) ? expr->lexpr : expr->rexpr, negated);
	node = is_row(expr->lexpr) && is_row(expr->rexpr)
	    ? distinct_rows(d, expr->lexpr->row_expr, expr->rexpr->row_expr)
	    : distinct_values(d, expr->lexpr, expr->rexpr);
	return negated ? negate(d, node) : node;
}
