/*
 * A query with all that it selects: targets with stars expanded, what its clauses name by number or name, set
 * operations, VALUES and WITH.
 */
#include <string.h>

#include "workers/sqlite/dialect/deparse/tree.h"

static bool
is_star(const PgQuery__Node *node)
{
	const PgQuery__ColumnRef *ref = node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF ? node->column_ref : NULL;

	return ref != NULL && ref->fields[ref->n_fields - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR;
}

static bool
add_target(struct deparser *d, struct deparse_query *query, const char *name, struct deparse_node *node)
{
	struct deparse_target *grown;

	/* Doubled whenever it is full: 8, 16, ... */
	if (query->ntargets >= 8 ? (query->ntargets & (query->ntargets - 1)) == 0 : query->ntargets == 0) {
		size_t room = query->ntargets == 0 ? 8 : 2 * query->ntargets;

		if ((grown = translator_alloc(d->t, room * sizeof(*grown))) == NULL)
			return false;
		if (query->ntargets > 0)
			memcpy(grown, query->targets, query->ntargets * sizeof(*grown));
		query->targets = grown;
	}
	query->targets[query->ntargets++] = (struct deparse_target) { .name = name, .node = node };
	return node != NULL && name != NULL;
}

static bool
add_star(struct deparser *d, struct deparse_query *query, const PgQuery__ColumnRef *ref)
{
	if (ref->n_fields == 1) {
		for (size_t i = 0; i < query->nfrom; i++)
			for (unsigned j = 0; j < query->from[i]->nvisible; j++)
				if (!add_target(d, query, query->from[i]->visible[j]->name, query->from[i]->visible[j]))
					return false;
		return query->nfrom > 0;
	}
	for (struct deparse_range *range = query->ranges; range != NULL; range = range->next)
		if (!range->hidden && strcmp(range->given, translate_string(ref->fields[ref->n_fields - 2])) == 0) {
			for (unsigned i = 0; i < range->n; i++)
				if (!add_target(d, query, range->columns[i].name, deparse_column_of(d, range, i)))
					return false;
			return true;
		}
	return false;
}

static bool
targets(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select, bool branch)
{
	for (size_t i = 0; i < select->n_target_list; i++) {
		const PgQuery__ResTarget *target = select->target_list[i]->res_target;
		struct deparse_node *node;

		if (is_star(target->val)) {
			if (!add_star(d, query, target->val->column_ref))
				return false;
			continue;
		}
		node = deparse_node(d, target->val);
		if (node != NULL && !branch && deparse_is_unknown(node))
			node = deparse_coerce(d, node, TYPE_TEXT, -1, true);
		if (!add_target(d, query,
			target->name != NULL && *target->name != '\0' ? target->name
								      : translate_target_name(target->val),
			node))
			return false;
	}
	return query->ntargets > 0;
}

static bool
plain(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select, bool branch)
{
	if (!deparse_from(d, query, select) || !targets(d, query, select, branch))
		return false;
	if (select->where_clause != NULL && (query->where = deparse_condition(d, select->where_clause)) == NULL)
		return false;
	if (select->having_clause != NULL && (query->having = deparse_condition(d, select->having_clause)) == NULL)
		return false;
	return deparse_distinct_clause(d, query, select) && deparse_group_clause(d, query, select) &&
	    deparse_window_clause(d, query, select);
}

static bool
values(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select)
{
	size_t n = select->n_values_lists, width = select->values_lists[0]->list->n_items;
	struct deparse_node **column = translator_alloc(d->t, (n + 1) * sizeof(struct deparse_node *));
	uint32_t oid;

	query->nvalues = n;
	if ((query->values = translator_alloc(d->t, (n + 1) * sizeof(struct deparse_node **))) == NULL ||
	    column == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((query->values[i] = translator_alloc(d->t, (width + 1) * sizeof(struct deparse_node *))) == NULL)
			return false;
	for (size_t j = 0; j < width; j++) {
		for (size_t i = 0; i < n; i++)
			if ((column[i] = deparse_node(d, select->values_lists[i]->list->items[j])) == NULL)
				return false;
		if (!deparse_unify(d, column, n, &oid))
			return false;
		for (size_t i = 0; i < n; i++)
			query->values[i][j] = column[i];
		if (!add_target(d, query, translator_format(d->t, "column%zu", j + 1), column[0]))
			return false;
	}
	return true;
}

/* A literal without a type takes that of the other branch, in the branch itself. */
static bool
meet(struct deparser *d, struct deparse_query *query)
{
	for (size_t i = 0; i < query->left->ntargets; i++) {
		struct deparse_node *both[2] = { query->left->targets[i].node, query->right->targets[i].node }, *node;
		bool unknown[2] = { deparse_is_unknown(both[0]), deparse_is_unknown(both[1]) };
		struct deparse_query *sides[2] = { query->left, query->right };
		uint32_t common = deparse_common(d, both, 2);

		if (common == 0)
			return false;
		for (unsigned side = 0; side < 2; side++)
			if (unknown[side]) {
				/* One of a set operation below it is in several places. */
				if (sides[side]->left != NULL || sides[side]->nvalues > 0 ||
				    (both[side] = deparse_coerce(d, both[side], common, -1, true)) == NULL)
					return false;
				sides[side]->targets[i].node = both[side];
			}
		if ((node = deparse_new(d, DEPARSE_COLUMN, common, 0)) == NULL)
			return false;
		if (both[0]->oid == both[1]->oid && both[0]->typmod == both[1]->typmod)
			node->typmod = both[0]->typmod;
		if (!add_target(d, query, query->left->targets[i].name, node))
			return false;
	}
	return true;
}

static bool
set_columns(struct deparser *d, struct deparse_query *query)
{
	query->n = (unsigned)query->ntargets;
	query->columns = translator_alloc(d->t, (query->n + 1) * sizeof(*query->columns));
	for (unsigned i = 0; query->columns != NULL && i < query->n; i++)
		query->columns[i] = (struct deparse_column) { .name = query->targets[i].name,
			.oid = query->targets[i].node->oid,
			.typmod = query->targets[i].node->typmod };
	return query->columns != NULL;
}

/* The columns of a query of WITH, under the names that WITH gives them. */
static bool
set_columns_of(struct deparse_cte *cte, const struct deparse_query *query)
{
	cte->columns = query->columns;
	cte->n = query->n;
	for (unsigned i = 0; i < cte->naliases; i++)
		if (i >= cte->n)
			return false;
		else
			cte->columns[i].name = cte->aliases[i];
	return true;
}

/* The first branch of a recursive query is done: what the second sees of it. */
static bool
begin_recursion(struct deparse_cte *pending, struct deparse_query *first)
{
	if (pending == NULL)
		return true;
	if (!set_columns_of(pending, first))
		return false;
	for (unsigned i = 0; i < first->n; i++)
		if (deparse_is_unknown(first->targets[i].node))
			return false;
	return true;
}

static bool
compound(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select)
{
	struct deparse_cte *pending = d->pending;

	query->word = select->op == PG_QUERY__SET_OPERATION__SETOP_UNION ? "UNION "
	    : select->op == PG_QUERY__SET_OPERATION__SETOP_INTERSECT	 ? "INTERSECT "
									 : "EXCEPT ";
	query->all = select->all;
	d->pending = NULL;
	query->left = deparse_query(d, select->larg, DEPARSE_BRANCH);
	if (query->left == NULL || !begin_recursion(pending, query->left))
		return false;
	query->right = deparse_query(d, select->rarg, DEPARSE_BRANCH);
	return query->right != NULL && query->left->ntargets == query->right->ntargets && meet(d, query);
}

static void
add_cte(struct deparser *d, struct deparse_query *query, struct deparse_cte *cte)
{
	struct deparse_cte **end = &query->ctes;

	while (*end != NULL)
		end = &(*end)->next;
	*end = cte;
	d->ctes = query->ctes;
}

static bool
cte(struct deparser *d, struct deparse_query *query, const PgQuery__CommonTableExpr *source, bool recursive)
{
	struct deparse_cte *cte = translator_alloc(d->t, sizeof(*cte));

	if (cte == NULL || source->search_clause != NULL || source->cycle_clause != NULL ||
	    source->ctequery->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
		return false;
	cte->name = source->ctename;
	cte->materialized = source->ctematerialized;
	cte->naliases = (unsigned)source->n_aliascolnames;
	if ((cte->aliases = translator_alloc(d->t, (cte->naliases + 1) * sizeof(const char *))) == NULL)
		return false;
	for (unsigned i = 0; i < cte->naliases; i++)
		cte->aliases[i] = translate_string(source->aliascolnames[i]);
	if (recursive)
		add_cte(d, query, cte);
	d->pending = recursive ? cte : NULL;
	cte->query = deparse_query(d, source->ctequery->select_stmt, DEPARSE_BLIND);
	d->pending = NULL;
	if (cte->query == NULL || !set_columns_of(cte, cte->query))
		return false;
	if (!recursive)
		add_cte(d, query, cte);
	return true;
}

/* A WITH within another is left: which of two names is meant would have to be told apart. */
static bool
with(struct deparser *d, struct deparse_query *query, const PgQuery__WithClause *clause)
{
	if (d->ctes != NULL)
		return false;
	query->recursive = clause->recursive;
	for (size_t i = 0; i < clause->n_ctes; i++)
		if (!cte(d, query, clause->ctes[i]->common_table_expr, clause->recursive))
			return false;
	return true;
}

static bool
fill(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select, bool branch)
{
	if (select->into_clause != NULL || (select->with_clause != NULL && !with(d, query, select->with_clause)))
		return false;
	if (select->op != PG_QUERY__SET_OPERATION__SETOP_NONE ? !compound(d, query, select)
		: select->n_values_lists > 0		      ? !values(d, query, select)
							      : !plain(d, query, select, branch))
		return false;
	return deparse_sort_clause(d, query, select) && deparse_limit_clause(d, query, select) &&
	    deparse_locking_clauses(d, query, select) && set_columns(d, query);
}

struct deparse_query *
deparse_query(struct deparser *d, const PgQuery__SelectStmt *select, unsigned flags)
{
	struct deparse_query *query = translator_alloc(d->t, sizeof(*query));
	struct deparse_cte *ctes = d->ctes;
	bool done;

	if (query == NULL || d->depth >= DEPARSE_DEPTH_MAX)
		return NULL;
	query->outer = d->query;
	query->blind = (flags & DEPARSE_BLIND) != 0;
	d->query = query;
	d->depth++;
	done = fill(d, query, select, (flags & DEPARSE_BRANCH) != 0);
	d->depth--;
	d->query = query->outer;
	d->ctes = ctes;
	return done ? query : NULL;
}
