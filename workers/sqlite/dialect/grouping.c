/*
 * GROUP BY and aggregates: what a query may name once its rows are grouped, and where an aggregate may stand. SQLite
 * would answer with a column of any one of the rows.
 */
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/dialect/distinct.h"
#include "workers/sqlite/dialect/grouping.h"
#include "workers/sqlite/dialect/tree.h"

bool
translate_alike(struct translator *t, const PgQuery__Node *a, const PgQuery__Node *b)
{
	if (!tree_equal(a, b))
		return false;
	translate_pin_all(t, a);
	translate_pin_all(t, b);
	return true;
}

bool
grouping_is_aggregate(const PgQuery__Node *node)
{
	const PgQuery__FuncCall *call = node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL ? node->func_call : NULL;
	const struct function_fact *fact;

	if (call == NULL || call->over != NULL)
		return false;
	fact = function_fact_by_name(translate_last_string(call->funcname, call->n_funcname));
	return fact != NULL && (fact->kind == 'a' || call->agg_within_group);
}

static int
find_aggregate(void *arg, const PgQuery__Node *node)
{
	const PgQuery__Node **found = arg;

	if (node->node_case == PG_QUERY__NODE__NODE_SELECT_STMT)
		return 0;
	if (grouping_is_aggregate(node)) {
		*found = node;
		return 1;
	}
	return tree_each_child(node, find_aggregate, arg);
}

const PgQuery__Node *
grouping_aggregate_in(const PgQuery__Node *node)
{
	const PgQuery__Node *found = NULL;

	if (node != NULL)
		(void)find_aggregate(&found, node);
	return found;
}

/* Whether it is one of those that GROUP BY has, or that all of its sets have. */
static bool
is_grouped_column(const struct grouping *g, const struct scope_range *range, const struct scope_column *column,
    bool always)
{
	const struct scope_range *other_range;
	const struct scope_column *other;
	uint64_t common = UINT64_MAX;

	for (size_t i = 0; always && i < g->nsets; i++)
		common &= g->sets[i];
	for (size_t i = 0; i < g->ngroups; i++)
		if ((g->sets == NULL || (common >> g->keys[i] & 1) != 0) &&
		    g->groups[i]->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
		    grouping_find_own(g->t, g->groups[i]->column_ref, &other_range, &other) &&
		    grouping_is_same_column(range, column, other_range, other))
			return true;
	return false;
}

bool
grouping_determines(const struct grouping *g, const struct scope_range *range)
{
	const struct schema_table *table =
	    range->table == NULL ? NULL : schema_find_table(g->t->schema, range->schema, range->table);
	bool has_key = false;

	if (table != NULL && table == g->t->without_key)
		return false;
	for (unsigned i = 0; table != NULL && table->kind == 'r' && i < table->ncolumns && i < range->ncolumns; i++) {
		if (!table->columns[i].primary_key)
			continue;
		has_key = true;
		if (!is_grouped_column(g, range, &range->columns[i], true))
			return false;
	}
	return has_key;
}

bool
grouping_has(const struct grouping *g, struct scope *scope, const struct scope_range *range,
    const struct scope_column *column)
{
	struct scope *at = g->t->scope;
	bool has;

	g->t->scope = scope;
	has = is_grouped_column(g, range, column, false) || grouping_determines(g, range);
	g->t->scope = at;
	return has;
}

/* Whether what is grouped by is that very column, by its own name or by one that means it. */
static bool
is_grouped_exactly(const struct grouping *g, const struct scope_column *column)
{
	const struct scope_range *range;
	const struct scope_column *own;

	for (size_t i = 0; i < g->ngroups; i++) {
		const PgQuery__ColumnRef *ref =
		    g->groups[i]->node_case == PG_QUERY__NODE__NODE_COLUMN_REF ? g->groups[i]->column_ref : NULL;

		if (ref == NULL || !grouping_find_own(g->t, ref, &range, &own))
			continue;
		if (ref->n_fields == 1 && own->rank > 0 ? own->stands == column && own->joined == 0 : own == column)
			return true;
	}
	return false;
}

/* A column of USING: the bare name of both halves is one of them, or is computed of them. */
static bool
is_grouped_half(const struct grouping *g, const PgQuery__ColumnRef *ref, const struct scope_column *column)
{
	const struct scope_range *range;
	bool all = true;

	if (ref->n_fields > 1)
		return is_grouped_exactly(g, column);
	for (size_t i = 0; i < g->ngroups; i++)
		if (g->groups[i]->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
		    g->groups[i]->column_ref->n_fields == 1 &&
		    strcmp(translate_string(g->groups[i]->column_ref->fields[0]), column->name) == 0)
			return true;
	if (column->stands != NULL)
		return is_grouped_exactly(g, column->stands);
	for (range = g->t->scope->ranges; range != NULL; range = range->next)
		for (unsigned i = 0; i < range->ncolumns; i++)
			if (strcmp(range->columns[i].name, column->name) == 0 &&
			    (range->columns[i].merged || &range->columns[i] == column))
				all &= is_grouped_exactly(g, &range->columns[i]);
	return all;
}

static int
fail_ungrouped(const struct grouping *g, const struct scope_range *range, const char *column, int location)
{
	return translate_fail(g->t, location, SQLSTATE_GROUPING_ERROR,
	    "column \"%s.%s\" must appear in the GROUP BY clause or be used in an aggregate function", range->alias,
	    column);
}

static int
check_star(const struct grouping *g, const PgQuery__ColumnRef *ref)
{
	const char *table = ref->n_fields > 1 ? translate_string(ref->fields[ref->n_fields - 2]) : NULL;

	for (const struct scope_range *range = g->t->scope->ranges; range != NULL; range = range->next) {
		if (range->hidden || (table != NULL && strcmp(range->alias, table) != 0) ||
		    grouping_determines(g, range))
			continue;
		for (unsigned i = 0; i < range->ncolumns; i++)
			if (!is_grouped_column(g, range, &range->columns[i], false))
				return fail_ungrouped(g, range, range->columns[i].name, ref->location);
	}
	return 0;
}

/* A name that is an entry's of FROM means its row: all of its columns. */
static int
check_whole_row(const struct grouping *g, const PgQuery__ColumnRef *ref)
{
	const char *name = ref->n_fields == 1 ? translate_string(ref->fields[0]) : NULL;

	for (const struct scope_range *range = g->t->scope->ranges; name != NULL && range != NULL;
	     range = range->next) {
		if (range->hidden || strcmp(range->alias, name) != 0 || grouping_determines(g, range))
			continue;
		for (unsigned i = 0; i < range->ncolumns; i++)
			if (!is_grouped_column(g, range, &range->columns[i], false))
				return fail_ungrouped(g, range, range->columns[i].name, ref->location);
	}
	return 0;
}

static int
check_column(const struct grouping *g, const PgQuery__ColumnRef *ref)
{
	const struct scope_range *range;
	const struct scope_column *column;

	if (ref->n_fields > 0 && ref->fields[ref->n_fields - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR)
		return check_star(g, ref);
	if (!grouping_find_own(g->t, ref, &range, &column))
		return check_whole_row(g, ref);
	if (grouping_determines(g, range) ||
	    (column->rank > 0 || column->merged ? is_grouped_half(g, ref, column)
						: is_grouped_column(g, range, column, false)))
		return 0;
	return fail_ungrouped(g, range, column->name, ref->location);
}

static int check_expression(void *arg, const PgQuery__Node *node);

static int
find_window_call(void *arg, const PgQuery__Node *node)
{
	if (node->node_case == PG_QUERY__NODE__NODE_SELECT_STMT)
		return 0;
	if (node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL && node->func_call->over != NULL) {
		*(const PgQuery__Node **)arg = node;
		return 1;
	}
	return tree_each_child(node, find_window_call, arg);
}

const PgQuery__Node *
grouping_window_call_in(const PgQuery__Node *node)
{
	const PgQuery__Node *found = NULL;

	(void)find_window_call(&found, node);
	return found;
}

static int
check_within(void *arg, const PgQuery__Node *node)
{
	const PgQuery__Node *inner = NULL, *window = NULL;

	(void)tree_each_child(node, find_aggregate, &inner);
	(void)tree_each_child(node, find_window_call, &window);
	if (window != NULL && inner == NULL)
		return translate_fail(((const struct grouping *)arg)->t, translate_location(window),
		    SQLSTATE_GROUPING_ERROR, "aggregate function calls cannot contain window function calls");
	if (inner == NULL)
		return 0;
	return translate_fail(((const struct grouping *)arg)->t, translate_location(inner), SQLSTATE_GROUPING_ERROR,
	    "aggregate function calls cannot be nested");
}

/* What stands before WITHIN GROUP is there once for the group. */
static int
check_aggregate(void *arg, const PgQuery__Node *node)
{
	const PgQuery__FuncCall *call = node->func_call;
	const char *name = translate_last_string(call->funcname, call->n_funcname);
	bool once = call->agg_within_group && (function_is_ordered_set(name) || function_is_hypothetical(name));

	for (size_t i = 0; once && i < call->n_args; i++)
		if (check_expression(arg, call->args[i]) < 0)
			return -1;
	return check_within(arg, node);
}

bool
grouping_has_expression(const struct grouping *g, const PgQuery__Node *node)
{
	for (size_t i = 0; i < g->ngroups; i++)
		if (translate_alike(g->t, g->groups[i], node))
			return true;
	return false;
}

static int
check_expression(void *arg, const PgQuery__Node *node)
{
	const struct grouping *g = arg;

	if (grouping_has_expression(g, node))
		return 0;
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_COLUMN_REF:
		return check_column(g, node->column_ref);
	case PG_QUERY__NODE__NODE_SELECT_STMT: /* what it names of this query: level.c */
	case PG_QUERY__NODE__NODE_GROUPING_FUNC:
		return 0;
	default:
		return grouping_is_aggregate(node) ? check_aggregate(arg, node)
						   : tree_each_child(node, check_expression, arg);
	}
}

static int
check_query(const struct grouping *g)
{
	const PgQuery__SelectStmt *select = g->select;

	for (size_t i = 0; i < select->n_target_list; i++)
		if (check_expression((void *)(uintptr_t)g, select->target_list[i]->res_target->val) < 0)
			return -1;
	if (select->having_clause != NULL && check_expression((void *)(uintptr_t)g, select->having_clause) < 0)
		return -1;
	for (size_t i = 0; i < select->n_sort_clause; i++) {
		const PgQuery__Node *sort = grouping_output(g, select->sort_clause[i]->sort_by->node, true);

		if (check_expression((void *)(uintptr_t)g, sort) < 0)
			return -1;
	}
	for (size_t i = 0; select_is_distinct_on(select) && i < select->n_distinct_clause; i++) {
		const PgQuery__Node *on = grouping_output(g, select->distinct_clause[i], true);

		if (check_expression((void *)(uintptr_t)g, on) < 0)
			return -1;
	}
	return 0;
}

static bool
has_aggregate(const PgQuery__SelectStmt *select)
{
	bool found = grouping_aggregate_in(select->having_clause) != NULL;

	for (size_t i = 0; !found && i < select->n_target_list; i++)
		found = grouping_aggregate_in(select->target_list[i]) != NULL;
	for (size_t i = 0; !found && i < select->n_sort_clause; i++)
		found = grouping_aggregate_in(select->sort_clause[i]) != NULL;
	for (size_t i = 0; !found && select_is_distinct_on(select) && i < select->n_distinct_clause; i++)
		found = grouping_aggregate_in(select->distinct_clause[i]) != NULL;
	return found;
}

/* A bare name in ORDER BY means the output column of that name, of which there may be one, or several alike. */
static int
check_sort_name(struct translator *t, const PgQuery__SelectStmt *select, const PgQuery__Node *sort)
{
	const PgQuery__ColumnRef *ref = sort->node_case == PG_QUERY__NODE__NODE_COLUMN_REF ? sort->column_ref : NULL;
	const char *name = ref != NULL && ref->n_fields == 1 ? translate_string(ref->fields[0]) : NULL, *own;
	const PgQuery__Node *first = NULL;

	for (size_t i = 0; name != NULL && i < select->n_target_list; i++) {
		const PgQuery__ResTarget *target = select->target_list[i]->res_target;

		own = target->name != NULL && *target->name != '\0' ? target->name : translate_target_name(target->val);
		if (own == NULL || strcmp(own, name) != 0)
			continue;
		if (first != NULL && !translate_alike(t, first, target->val))
			return translate_fail(t, ref->location, SQLSTATE_AMBIGUOUS_COLUMN,
			    "ORDER BY \"%s\" is ambiguous", name);
		first = target->val;
	}
	return 0;
}

int
translate_check_grouping(struct translator *t, const PgQuery__SelectStmt *select)
{
	struct grouping *g;
	bool position;

	for (size_t i = 0; i < select->n_sort_clause; i++)
		if (check_sort_name(t, select, select->sort_clause[i]->sort_by->node) < 0)
			return -1;
	if (select->n_group_clause == 0 && select->having_clause == NULL && !has_aggregate(select))
		return 0;
	if ((g = translator_alloc(t, sizeof(*g))) == NULL || grouping_open(t, select, g, &position) < 0)
		return -1;
	t->scope->grouping = g;
	return position ? 0 : check_query(g);
}

int
translate_check_aggregated(struct translator *t, const PgQuery__SelectStmt *select)
{
	const struct grouping g = { .t = t, .select = select };

	return check_query(&g);
}
