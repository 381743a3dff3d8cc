/*
 * GROUP BY and aggregates: what a query may name once its rows are grouped, and where an aggregate may stand. SQLite
 * would answer with a column of any one of the rows.
 */
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/distinct.h"
#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/tree.h"

bool
translate_alike(struct translator *t, const PgQuery__Node *a, const PgQuery__Node *b)
{
	if (!tree_equal(a, b))
		return false;
	t->plan->exact |= a->node_case != PG_QUERY__NODE__NODE_COLUMN_REF;
	return true;
}

struct grouping {
	struct translator *t;
	const PgQuery__SelectStmt *select;
	const PgQuery__Node **groups; /* GROUP BY's expressions, positions and names of output columns looked up */
	size_t ngroups;
};

static bool
is_aggregate(const PgQuery__Node *node)
{
	const PgQuery__FuncCall *call = node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL ? node->func_call : NULL;
	const struct function_fact *fact;

	if (call == NULL || call->over != NULL)
		return false;
	fact = function_fact_by_name(translate_last_string(call->funcname, call->n_funcname));
	return fact != NULL && fact->kind == 'a';
}

static int
find_aggregate(void *arg, const PgQuery__Node *node)
{
	const PgQuery__Node **found = arg;

	if (node->node_case == PG_QUERY__NODE__NODE_SELECT_STMT)
		return 0;
	if (is_aggregate(node)) {
		*found = node;
		return 1;
	}
	return tree_each_child(node, find_aggregate, arg);
}

/* The first aggregate in an expression, not in its subqueries; NULL: there is none, or no expression. */
static const PgQuery__Node *
aggregate_in(const PgQuery__Node *node)
{
	const PgQuery__Node *found = NULL;

	if (node != NULL)
		(void)find_aggregate(&found, node);
	return found;
}

/* The query's own range and column that a reference means; false: another query's, or none. */
static bool
find_own(const struct grouping *g, const PgQuery__ColumnRef *ref, const struct scope_range **range,
    const struct scope_column **column)
{
	const char *name = translate_last_string(ref->fields, ref->n_fields);
	const char *table = ref->n_fields > 1 ? translate_string(ref->fields[ref->n_fields - 2]) : NULL;

	for (*range = g->t->scope->ranges; name != NULL && *range != NULL; *range = (*range)->next) {
		if ((*range)->hidden || (table != NULL && strcmp((*range)->alias, table) != 0))
			continue;
		for (unsigned i = 0; i < (*range)->ncolumns; i++)
			if (strcmp((*range)->columns[i].name, name) == 0) {
				*column = &(*range)->columns[i];
				return true;
			}
	}
	return false;
}

static bool
is_grouped_column(const struct grouping *g, const struct scope_range *range, const struct scope_column *column)
{
	const struct scope_range *other_range;
	const struct scope_column *other;

	for (size_t i = 0; i < g->ngroups; i++)
		if (g->groups[i]->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
		    find_own(g, g->groups[i]->column_ref, &other_range, &other) &&
		    (other == column || (other_range == range && strcmp(other->name, column->name) == 0) ||
			/* a column of USING stands for both */
			((column->merged || column->rank != 0 || other->merged || other->rank != 0) &&
			    strcmp(other->name, column->name) == 0)))
			return true;
	return false;
}

/* Where a table's whole primary key is grouped, each group has one row of it. */
static bool
is_determined(const struct grouping *g, const struct scope_range *range)
{
	const struct schema_table *table =
	    range->table == NULL ? NULL : schema_find_table(g->t->schema, range->schema, range->table);
	bool has_key = false;

	for (unsigned i = 0; table != NULL && table->kind == 'r' && i < table->ncolumns && i < range->ncolumns; i++) {
		if (!table->columns[i].primary_key)
			continue;
		has_key = true;
		if (!is_grouped_column(g, range, &range->columns[i]))
			return false;
	}
	return has_key;
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
		if (range->hidden || (table != NULL && strcmp(range->alias, table) != 0) || is_determined(g, range))
			continue;
		for (unsigned i = 0; i < range->ncolumns; i++)
			if (!is_grouped_column(g, range, &range->columns[i]))
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
	if (!find_own(g, ref, &range, &column) || is_grouped_column(g, range, column) || is_determined(g, range))
		return 0;
	return fail_ungrouped(g, range, column->name, ref->location);
}

static int check_expression(void *arg, const PgQuery__Node *node);

static int
check_within(void *arg, const PgQuery__Node *node)
{
	const PgQuery__Node *inner = NULL;

	(void)tree_each_child(node, find_aggregate, &inner);
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

	bool once =
	    call->agg_within_group && function_is_ordered_set(translate_last_string(call->funcname, call->n_funcname));

	for (size_t i = 0; once && i < call->n_args; i++)
		if (check_expression(arg, call->args[i]) < 0)
			return -1;
	return check_within(arg, node);
}

static int
check_expression(void *arg, const PgQuery__Node *node)
{
	const struct grouping *g = arg;

	for (size_t i = 0; i < g->ngroups; i++)
		if (translate_alike(g->t, g->groups[i], node))
			return 0;
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_COLUMN_REF:
		return check_column(g, node->column_ref);
	case PG_QUERY__NODE__NODE_SELECT_STMT: /* what it names of this query is not looked at */
		return 0;
	default:
		return is_aggregate(node) ? check_aggregate(arg, node) : tree_each_child(node, check_expression, arg);
	}
}

/* A name or a position of the select list means that column's expression. */
static const PgQuery__Node *
output_expression(const struct grouping *g, const PgQuery__Node *node, bool names_first)
{
	const PgQuery__SelectStmt *select = g->select;
	const struct scope_range *range;
	const struct scope_column *column;
	const char *name = NULL;

	if (node->node_case == PG_QUERY__NODE__NODE_A_CONST &&
	    node->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL) {
		size_t position = (size_t)node->a_const->ival->ival;

		return position >= 1 && position <= select->n_target_list
		    ? select->target_list[position - 1]->res_target->val
		    : node;
	}
	if (node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF && node->column_ref->n_fields == 1)
		name = translate_string(node->column_ref->fields[0]);
	if (name == NULL || (!names_first && find_own(g, node->column_ref, &range, &column)))
		return node;
	for (size_t i = 0; i < select->n_target_list; i++) {
		const PgQuery__ResTarget *target = select->target_list[i]->res_target;

		if (target->name != NULL && *target->name != '\0' && strcmp(target->name, name) == 0)
			return target->val;
	}
	return node;
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
		const PgQuery__Node *sort = output_expression(g, select->sort_clause[i]->sort_by->node, true);

		if (check_expression((void *)(uintptr_t)g, sort) < 0)
			return -1;
	}
	for (size_t i = 0; select_is_distinct_on(select) && i < select->n_distinct_clause; i++) {
		const PgQuery__Node *on = output_expression(g, select->distinct_clause[i], true);

		if (check_expression((void *)(uintptr_t)g, on) < 0)
			return -1;
	}
	return 0;
}

static bool
has_aggregate(const PgQuery__SelectStmt *select)
{
	bool found = aggregate_in(select->having_clause) != NULL;

	for (size_t i = 0; !found && i < select->n_target_list; i++)
		found = aggregate_in(select->target_list[i]) != NULL;
	for (size_t i = 0; !found && i < select->n_sort_clause; i++)
		found = aggregate_in(select->sort_clause[i]) != NULL;
	for (size_t i = 0; !found && select_is_distinct_on(select) && i < select->n_distinct_clause; i++)
		found = aggregate_in(select->distinct_clause[i]) != NULL;
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
	struct grouping g = { .t = t, .select = select, .ngroups = select->n_group_clause };
	const PgQuery__Node *wrong = aggregate_in(select->where_clause);

	if (wrong != NULL)
		return translate_fail(t, translate_location(wrong), SQLSTATE_GROUPING_ERROR,
		    "aggregate functions are not allowed in WHERE");
	for (size_t i = 0; i < select->n_sort_clause; i++)
		if (check_sort_name(t, select, select->sort_clause[i]->sort_by->node) < 0)
			return -1;
	if (select->n_group_clause == 0 && select->having_clause == NULL && !has_aggregate(select))
		return 0;
	if ((g.groups = translator_alloc(t, (g.ngroups + 1) * sizeof(const PgQuery__Node *))) == NULL)
		return -1;
	for (size_t i = 0; i < g.ngroups; i++) {
		if (select->group_clause[i]->node_case == PG_QUERY__NODE__NODE_GROUPING_SET)
			return 0; /* refused where it is written */
		g.groups[i] = output_expression(&g, select->group_clause[i], false);
		if (g.groups[i]->node_case == PG_QUERY__NODE__NODE_A_CONST)
			return 0; /* no such position: likewise */
		if ((wrong = aggregate_in(g.groups[i])) != NULL)
			return translate_fail(t, translate_location(wrong), SQLSTATE_GROUPING_ERROR,
			    "aggregate functions are not allowed in GROUP BY");
	}
	return check_query(&g);
}
