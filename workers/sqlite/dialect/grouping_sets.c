/*
 * GROUPING SETS, CUBE and ROLLUP: the sets of expressions that they stand for, as PostgreSQL's manual says under
 * "GROUPING SETS, CUBE, and ROLLUP". Several of them side by side make the product of their sets.
 */
#include <string.h>

#include "workers/sqlite/dialect/grouping.h"

/* Each set becomes a query of a UNION ALL, of which SQLite takes 500. */
#define SETS_MAX 400
#define KEYS_MAX 64
#define CUBE_MAX 12 /* PostgreSQL's */

struct sets {
	uint64_t *list;
	size_t n;
};

static int
sets_alloc(struct translator *t, struct sets *out, size_t n)
{
	*out = (struct sets) { .list = NULL };
	if (n > SETS_MAX) {
		translate_refuse(t, -1, "a GROUP BY of more than 400 grouping sets");
		return -1;
	}
	out->list = translator_alloc(t, (n + 1) * sizeof(*out->list));
	return out->list == NULL ? -1 : 0;
}

static bool
is_list(const PgQuery__Node *node)
{
	return node->node_case == PG_QUERY__NODE__NODE_ROW_EXPR &&
	    node->row_expr->row_format == PG_QUERY__COERCION_FORM__COERCE_IMPLICIT_CAST;
}

/* The keys of an element: an expression, or several in parentheses. */
static uint64_t
mask(const struct grouping *g, const PgQuery__Node *node)
{
	uint64_t keys = 0;

	for (size_t i = 0; is_list(node) && i < node->row_expr->n_args; i++)
		keys |= mask(g, node->row_expr->args[i]);
	for (size_t i = 0; i < g->ngroups; i++)
		if (g->written[i] == node)
			keys |= UINT64_C(1) << g->keys[i];
	return keys;
}

static int
expand_rollup(const struct grouping *g, const PgQuery__GroupingSet *set, struct sets *out)
{
	if (sets_alloc(g->t, out, set->n_content + 1) < 0)
		return -1;
	for (size_t n = set->n_content + 1; n-- > 0;) {
		uint64_t keys = 0;

		for (size_t i = 0; i < n; i++)
			keys |= mask(g, set->content[i]);
		out->list[out->n++] = keys;
	}
	return 0;
}

static int
expand_cube(const struct grouping *g, const PgQuery__GroupingSet *set, struct sets *out)
{
	if (set->n_content > CUBE_MAX)
		return translate_fail(g->t, set->location, SQLSTATE_TOO_MANY_COLUMNS, "CUBE is limited to %d elements",
		    CUBE_MAX);
	if (sets_alloc(g->t, out, (size_t)1 << set->n_content) < 0)
		return -1;
	for (size_t subset = (size_t)1 << set->n_content; subset-- > 0;) {
		uint64_t keys = 0;

		for (size_t i = 0; i < set->n_content; i++)
			if ((subset >> i & 1) != 0)
				keys |= mask(g, set->content[i]);
		out->list[out->n++] = keys;
	}
	return 0;
}

static int expand(const struct grouping *g, const PgQuery__Node *node, struct sets *out);

/* One after the other. */
static int
expand_each(const struct grouping *g, const PgQuery__GroupingSet *set, struct sets *out)
{
	struct sets *parts = translator_alloc(g->t, (set->n_content + 1) * sizeof(*parts));
	size_t total = 0;

	for (size_t i = 0; i < set->n_content; i++) {
		if (parts == NULL || expand(g, set->content[i], &parts[i]) < 0)
			return -1;
		total += parts[i].n;
	}
	if (sets_alloc(g->t, out, total) < 0)
		return -1;
	for (size_t i = 0; i < set->n_content; i++) {
		memcpy(out->list + out->n, parts[i].list, parts[i].n * sizeof(*out->list));
		out->n += parts[i].n;
	}
	return 0;
}

static int
expand(const struct grouping *g, const PgQuery__Node *node, struct sets *out)
{
	const PgQuery__GroupingSet *set =
	    node->node_case == PG_QUERY__NODE__NODE_GROUPING_SET ? node->grouping_set : NULL;

	if (set != NULL && set->kind == PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_ROLLUP)
		return expand_rollup(g, set, out);
	if (set != NULL && set->kind == PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_CUBE)
		return expand_cube(g, set, out);
	if (set != NULL && set->kind == PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_SETS)
		return expand_each(g, set, out);
	if (sets_alloc(g->t, out, 1) < 0)
		return -1;
	out->list[out->n++] = set != NULL ? 0 : mask(g, node);
	return 0;
}

static int
multiply(const struct grouping *g, const struct sets *by, struct sets *product)
{
	struct sets before = *product;

	if (sets_alloc(g->t, product, before.n * by->n) < 0)
		return -1;
	for (size_t i = 0; i < before.n; i++)
		for (size_t j = 0; j < by->n; j++)
			product->list[product->n++] = before.list[i] | by->list[j];
	return 0;
}

static void
make_distinct(struct sets *sets)
{
	size_t n = 0;

	for (size_t i = 0; i < sets->n; i++) {
		size_t j = 0;

		while (j < n && sets->list[j] != sets->list[i])
			j++;
		if (j == n)
			sets->list[n++] = sets->list[i];
	}
	sets->n = n;
}

int
grouping_expand(struct grouping *g)
{
	const PgQuery__SelectStmt *select = g->select;
	struct sets product = { 0 }, each = { 0 };
	bool has_sets = false;

	for (size_t i = 0; i < select->n_group_clause; i++)
		has_sets |= select->group_clause[i]->node_case == PG_QUERY__NODE__NODE_GROUPING_SET;
	if (!has_sets)
		return 0;
	if (g->ngroups > KEYS_MAX)
		return translate_refuse(g->t, -1, "grouping sets of more than 64 expressions");
	if (sets_alloc(g->t, &product, 1) < 0)
		return -1;
	product.list[product.n++] = 0;
	for (size_t i = 0; i < select->n_group_clause; i++)
		if (expand(g, select->group_clause[i], &each) < 0 || multiply(g, &each, &product) < 0)
			return -1;
	if (select->group_distinct)
		make_distinct(&product);
	g->sets = product.list;
	g->nsets = product.n;
	return 0;
}
