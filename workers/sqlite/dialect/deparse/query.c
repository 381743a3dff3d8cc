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
has_input(const struct deparse_query *query, const char *name)
{
	for (size_t i = 0; i < query->nfrom; i++)
		for (unsigned j = 0; j < query->from[i]->nvisible; j++)
			if (strcmp(query->from[i]->visible[j]->name, name) == 0)
				return true;
	return false;
}

/* The output column that a number means, or a name: where `input`, one of FROM comes first. 0: none. */
static unsigned
position_of(const struct deparse_query *query, const PgQuery__Node *node, bool input)
{
	const char *name = NULL;

	if (node->node_case == PG_QUERY__NODE__NODE_A_CONST &&
	    node->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL && !node->a_const->isnull)
		return (unsigned)node->a_const->ival->ival;
	if (node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF && node->column_ref->n_fields == 1)
		name = translate_string(node->column_ref->fields[0]);
	if (name == NULL || (input && has_input(query, name)))
		return 0;
	for (size_t i = 0; i < query->ntargets; i++)
		if (strcmp(query->targets[i].name, name) == 0)
			return (unsigned)i + 1;
	return 0;
}

bool
deparse_clause_item(struct deparser *d, struct deparse_query *query, const PgQuery__Node *node, bool input,
    struct deparse_order *item)
{
	item->position = position_of(query, node, input);
	if (item->position > query->ntargets)
		return false;
	item->node = item->position > 0 ? query->targets[item->position - 1].node : deparse_node(d, node);
	return item->node != NULL && !deparse_is_unknown(item->node);
}

bool
deparse_direction(const PgQuery__SortBy *sort, struct deparse_order *item)
{
	item->descending = sort->sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
	item->nulls_first = sort->sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST ||
	    (item->descending && sort->sortby_nulls != PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST);
	return sort->sortby_dir != PG_QUERY__SORT_BY_DIR__SORTBY_USING;
}

bool
deparse_order_items(struct deparser *d, PgQuery__Node *const *sorts, size_t n, struct deparse_order **items)
{
	*items = translator_alloc(d->t, (n + 1) * sizeof(**items));
	for (size_t i = 0; *items != NULL && i < n; i++) {
		(*items)[i].node = deparse_node(d, sorts[i]->sort_by->node);
		if ((*items)[i].node == NULL || deparse_is_unknown((*items)[i].node) ||
		    !deparse_direction(sorts[i]->sort_by, &(*items)[i]))
			return false;
	}
	return *items != NULL;
}

static bool
sort_clause(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select)
{
	query->order = translator_alloc(d->t, (select->n_sort_clause + 1) * sizeof(*query->order));
	query->norder = select->n_sort_clause;
	for (size_t i = 0; query->order != NULL && i < query->norder; i++) {
		const PgQuery__SortBy *sort = select->sort_clause[i]->sort_by;

		if (!deparse_clause_item(d, query, sort->node, false, &query->order[i]) ||
		    !deparse_direction(sort, &query->order[i]))
			return false;
	}
	return query->order != NULL;
}

static bool
group_clause(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select)
{
	query->group = translator_alloc(d->t, (select->n_group_clause + 1) * sizeof(*query->group));
	query->ngroup = select->n_group_clause;
	if (select->group_distinct)
		return false;
	if (deparse_has_grouping_sets(select))
		return deparse_grouping_sets(d, query, select);
	for (size_t i = 0; query->group != NULL && i < query->ngroup; i++)
		if (!deparse_clause_item(d, query, select->group_clause[i], true, &query->group[i]))
			return false;
	return query->group != NULL;
}

static bool
distinct_clause(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select)
{
	query->distinct = select->n_distinct_clause > 0;
	/* DISTINCT alone is a list of one empty node. */
	if (!query->distinct || select->distinct_clause[0]->node_case == PG_QUERY__NODE__NODE__NOT_SET)
		return true;
	query->on = translator_alloc(d->t, (select->n_distinct_clause + 1) * sizeof(*query->on));
	query->non = select->n_distinct_clause;
	for (size_t i = 0; query->on != NULL && i < query->non; i++)
		if (!deparse_clause_item(d, query, select->distinct_clause[i], false, &query->on[i]))
			return false;
	return query->on != NULL;
}

static bool
limit_clause(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select)
{
	const PgQuery__Node *count = select->limit_count;

	if (select->limit_option == PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_WITH_TIES)
		return false;
	if (count != NULL && count->node_case == PG_QUERY__NODE__NODE_A_CONST && count->a_const->isnull)
		query->limit_all = true;
	else if (count != NULL &&
	    (query->limit = deparse_coerce(d, deparse_node(d, count), TYPE_INT8, -1, true)) == NULL)
		return false;
	return select->limit_offset == NULL ||
	    (query->offset = deparse_coerce(d, deparse_node(d, select->limit_offset), TYPE_INT8, -1, true)) != NULL;
}

/* Each entry once, as PostgreSQL lists them. */
static bool
add_lock(struct deparse_query *query, const struct deparse_range *range, const PgQuery__LockingClause *clause)
{
	static const char *const words[] = {
		[PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORKEYSHARE] = " FOR KEY SHARE",
		[PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORSHARE] = " FOR SHARE",
		[PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORNOKEYUPDATE] = " FOR NO KEY UPDATE",
		[PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORUPDATE] = " FOR UPDATE",
	};

	for (size_t i = 0; i < query->nlocks; i++)
		if (query->locks[i].range == range)
			return false;
	if ((size_t)clause->strength >= sizeof(words) / sizeof(words[0]) || words[clause->strength] == NULL)
		return false;
	query->locks[query->nlocks++] = (struct deparse_lock) { .range = range,
		.word = words[clause->strength],
		.wait = clause->wait_policy == PG_QUERY__LOCK_WAIT_POLICY__LockWaitSkip ? " SKIP LOCKED"
		    : clause->wait_policy == PG_QUERY__LOCK_WAIT_POLICY__LockWaitError	? " NOWAIT"
											: "" };
	return true;
}

static bool
locking_clause(struct deparse_query *query, const PgQuery__LockingClause *clause)
{
	for (struct deparse_range *range = query->ranges; clause->n_locked_rels == 0 && range != NULL;
	     range = range->next)
		if ((range->kind == RANGE_TABLE || range->kind == RANGE_QUERY) && !add_lock(query, range, clause))
			return false;
	for (size_t i = 0; i < clause->n_locked_rels; i++) {
		const char *name = clause->locked_rels[i]->range_var->relname;
		struct deparse_range *range = query->ranges;

		while (range != NULL && strcmp(range->given, name) != 0)
			range = range->next;
		if (range == NULL || (range->kind != RANGE_TABLE && range->kind != RANGE_QUERY) ||
		    !add_lock(query, range, clause))
			return false;
	}
	return true;
}

static bool
locking_clauses(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select)
{
	size_t n = 1;

	for (struct deparse_range *range = query->ranges; range != NULL; range = range->next)
		n++;
	if (select->n_locking_clause > 0 && (query->locks = translator_alloc(d->t, n * sizeof(*query->locks))) == NULL)
		return false;
	for (size_t i = 0; i < select->n_locking_clause; i++)
		if (!locking_clause(query, select->locking_clause[i]->locking_clause))
			return false;
	return true;
}

static const struct deparse_window *
find_window(const struct deparse_query *query, const char *name)
{
	for (size_t i = 0; query != NULL && i < query->nwindows; i++)
		if (query->windows[i].name != NULL && strcmp(query->windows[i].name, name) == 0)
			return &query->windows[i];
	return NULL;
}

bool
deparse_window_of(struct deparser *d, const PgQuery__WindowDef *def, struct deparse_window *window)
{
	window->name = def->name != NULL && *def->name != '\0' ? def->name : NULL;
	window->refname = def->refname != NULL && *def->refname != '\0' ? def->refname : NULL;
	window->frame = def->frame_options;
	window->npartition = def->n_partition_clause;
	window->norder = def->n_order_clause;
	window->partition = translator_alloc(d->t, (window->npartition + 1) * sizeof(struct deparse_node *));
	for (size_t i = 0; window->partition != NULL && i < window->npartition; i++)
		if ((window->partition[i] = deparse_node(d, def->partition_clause[i])) == NULL)
			return false;
	/* An offset of RANGE takes its type from the column that is sorted. */
	if ((def->frame_options & 2) != 0 && (def->start_offset != NULL || def->end_offset != NULL))
		return false;
	if (def->start_offset != NULL &&
	    (window->start = deparse_coerce(d, deparse_node(d, def->start_offset), TYPE_INT8, -1, true)) == NULL)
		return false;
	if (def->end_offset != NULL &&
	    (window->end = deparse_coerce(d, deparse_node(d, def->end_offset), TYPE_INT8, -1, true)) == NULL)
		return false;
	return window->partition != NULL &&
	    deparse_order_items(d, def->order_clause, def->n_order_clause, &window->order);
}

static bool
window_clause(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select)
{
	query->windows = translator_alloc(d->t, (select->n_window_clause + 1) * sizeof(*query->windows));
	for (size_t i = 0; query->windows != NULL && i < select->n_window_clause; i++) {
		struct deparse_window *window = &query->windows[i];

		if (!deparse_window_of(d, select->window_clause[i]->window_def, window) ||
		    (window->refname != NULL && find_window(query, window->refname) == NULL))
			return false;
		query->nwindows++;
	}
	return query->windows != NULL;
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
	return distinct_clause(d, query, select) && group_clause(d, query, select) && window_clause(d, query, select);
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
	return sort_clause(d, query, select) && limit_clause(d, query, select) && locking_clauses(d, query, select) &&
	    set_columns(d, query);
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
