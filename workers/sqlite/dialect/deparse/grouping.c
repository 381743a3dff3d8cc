/*
 * GROUP BY with GROUPING SETS, CUBE and ROLLUP: sets within sets are one, and what is plain stands beside them.
 */
#include <string.h>

#include "workers/sqlite/dialect/deparse/tree.h"

bool
deparse_has_grouping_sets(const PgQuery__SelectStmt *select)
{
	for (size_t i = 0; i < select->n_group_clause; i++)
		if (select->group_clause[i]->node_case == PG_QUERY__NODE__NODE_GROUPING_SET)
			return true;
	return false;
}

static bool
is_list(const PgQuery__Node *node)
{
	return node->node_case == PG_QUERY__NODE__NODE_ROW_EXPR &&
	    node->row_expr->row_format == PG_QUERY__COERCION_FORM__COERCE_IMPLICIT_CAST;
}

static bool
add_items(struct deparser *d, struct deparse_query *query, PgQuery__Node *const *nodes, size_t n,
    struct deparse_grouping *to)
{
	if ((to->items = translator_alloc(d->t, (n + 1) * sizeof(*to->items))) == NULL)
		return false;
	for (; to->nitems < n; to->nitems++)
		if (is_list(nodes[to->nitems]) ||
		    !deparse_clause_item(d, query, nodes[to->nitems], true, &to->items[to->nitems]))
			return false;
	return true;
}

/* One item, or a list of them. */
static bool
add_plain(struct deparser *d, struct deparse_query *query, PgQuery__Node *const *node, struct deparse_grouping *to)
{
	return is_list(*node) ? add_items(d, query, (*node)->row_expr->args, (*node)->row_expr->n_args, to)
			      : add_items(d, query, node, 1, to);
}

static size_t count_sets(PgQuery__Node *const *nodes, size_t n, bool merges);

static bool
is_merged(const PgQuery__Node *node, bool merges)
{
	return merges && node->node_case == PG_QUERY__NODE__NODE_GROUPING_SET &&
	    node->grouping_set->kind == PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_SETS;
}

static size_t
count_sets(PgQuery__Node *const *nodes, size_t n, bool merges)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += is_merged(nodes[i], merges)
		    ? count_sets(nodes[i]->grouping_set->content, nodes[i]->grouping_set->n_content, true)
		    : 1;
	return count;
}

static bool add_sets(struct deparser *d, struct deparse_query *query, PgQuery__Node *const *nodes, size_t n,
    bool within_sets, struct deparse_grouping *to);

static bool
add_set(struct deparser *d, struct deparse_query *query, const PgQuery__GroupingSet *set, struct deparse_grouping *to)
{
	static const char *const words[] = {
		[PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_ROLLUP] = "ROLLUP",
		[PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_CUBE] = "CUBE",
		[PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_SETS] = "GROUPING SETS",
	};
	bool sets = set->kind == PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_SETS;

	to->enclosed = true;
	if (set->kind == PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_EMPTY)
		return true;
	if ((size_t)set->kind >= sizeof(words) / sizeof(words[0]) || (to->word = words[set->kind]) == NULL)
		return false;
	to->sets = translator_alloc(d->t, (count_sets(set->content, set->n_content, sets) + 1) * sizeof(*to->sets));
	return to->sets != NULL && add_sets(d, query, set->content, set->n_content, sets, to);
}

/* What is in ROLLUP, CUBE or (within_sets) GROUPING SETS. */
static bool
add_sets(struct deparser *d, struct deparse_query *query, PgQuery__Node *const *nodes, size_t n, bool within_sets,
    struct deparse_grouping *to)
{
	bool added = d->depth < DEPARSE_DEPTH_MAX;

	d->depth++;
	for (size_t i = 0; added && i < n; i++) {
		const PgQuery__Node *node = nodes[i];

		if (is_merged(node, within_sets)) {
			added =
			    add_sets(d, query, node->grouping_set->content, node->grouping_set->n_content, true, to);
			continue;
		}
		to->sets[to->nsets].enclosed = within_sets;
		added = node->node_case == PG_QUERY__NODE__NODE_GROUPING_SET
		    ? add_set(d, query, node->grouping_set, &to->sets[to->nsets])
		    : add_plain(d, query, &nodes[i], &to->sets[to->nsets]);
		to->nsets++;
	}
	d->depth--;
	return added;
}

static size_t
count_plain(const PgQuery__SelectStmt *select)
{
	size_t n = 0;

	for (size_t i = 0; i < select->n_group_clause; i++)
		n += is_list(select->group_clause[i]) ? select->group_clause[i]->row_expr->n_args : 1;
	return n;
}

bool
deparse_grouping_sets(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select)
{
	query->grouping = translator_alloc(d->t, (count_plain(select) + 1) * sizeof(*query->grouping));
	for (size_t i = 0; query->grouping != NULL && i < select->n_group_clause; i++) {
		PgQuery__Node *const *node = &select->group_clause[i];
		size_t n = is_list(*node) ? (*node)->row_expr->n_args : 1;
		PgQuery__Node *const *nodes = is_list(*node) ? (*node)->row_expr->args : node;

		if ((*node)->node_case == PG_QUERY__NODE__NODE_GROUPING_SET) {
			if (!add_set(d, query, (*node)->grouping_set, &query->grouping[query->ngrouping++]))
				return false;
			continue;
		}
		for (size_t j = 0; j < n; j++)
			if (!add_items(d, query, &nodes[j], 1, &query->grouping[query->ngrouping++]))
				return false;
	}
	return query->grouping != NULL;
}

/* ---- the text ---- */

static void
put_grouping(struct deparse_printer *p, const struct deparse_grouping *grouping)
{
	bool parentheses = grouping->word != NULL || grouping->enclosed || grouping->nitems != 1;

	if (grouping->word != NULL)
		deparse_put(p, grouping->word);
	if (grouping->word != NULL && strcmp(grouping->word, "GROUPING SETS") == 0)
		deparse_put(p, " ");
	deparse_put(p, parentheses ? "(" : "");
	for (size_t i = 0; i < grouping->nitems; i++) {
		deparse_put(p, i > 0 ? ", " : "");
		deparse_put_sorted(p, &grouping->items[i], false);
	}
	for (size_t i = 0; i < grouping->nsets; i++) {
		deparse_put(p, i > 0 ? ", " : "");
		put_grouping(p, &grouping->sets[i]);
	}
	deparse_put(p, parentheses ? ")" : "");
}

void
deparse_put_grouping_sets(struct deparse_printer *p, const struct deparse_query *query)
{
	for (size_t i = 0; i < query->ngrouping; i++) {
		deparse_put(p, i > 0 ? ", " : "");
		put_grouping(p, &query->grouping[i]);
	}
}
