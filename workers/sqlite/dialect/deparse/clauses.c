/*
 * The clauses of a query that stand behind what it reads: GROUP BY, DISTINCT, ORDER BY, LIMIT, FOR, WINDOW.
 */
#include <string.h>

#include "workers/sqlite/dialect/deparse/tree.h"

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

bool
deparse_sort_clause(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select)
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

bool
deparse_group_clause(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select)
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

bool
deparse_distinct_clause(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select)
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

bool
deparse_limit_clause(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select)
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

bool
deparse_locking_clauses(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select)
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

bool
deparse_window_clause(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select)
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
