/*
 * What PostgreSQL's analysis refuses of a query's clauses and SQLite would answer: an order that DISTINCT leaves open,
 * windows that are not there or not whole, a LIMIT that depends on a row, locks on what are no rows of a table.
 */
#include <string.h>

#include "workers/sqlite/dialect/grouping.h"
#include "workers/sqlite/dialect/tree.h"

/* ---- DISTINCT and ORDER BY ---- */

static bool
is_star(const PgQuery__Node *node)
{
	return node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF && node->column_ref->n_fields > 0 &&
	    node->column_ref->fields[node->column_ref->n_fields - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR;
}

/* Whether the target is the column; a star is taken for what it has by name. */
static bool
target_is_column(const struct translator *t, const PgQuery__Node *target, const struct query_columns *output,
    const struct scope_range *range, const struct scope_column *column)
{
	const struct scope_range *other_range;
	const struct scope_column *other;

	for (unsigned i = 0; is_star(target) && i < output->n; i++)
		if (strcmp(output->columns[i].name, column->name) == 0)
			return true;
	return target->node_case == PG_QUERY__NODE__NODE_COLUMN_REF && !is_star(target) &&
	    grouping_find_own(t, target->column_ref, &other_range, &other) &&
	    grouping_is_same_column(range, column, other_range, other);
}

static bool
is_selected(struct translator *t, const PgQuery__SelectStmt *select, const struct query_columns *output,
    const PgQuery__Node *sort)
{
	const struct scope_range *range = NULL;
	const struct scope_column *column = NULL;
	bool own = sort->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
	    grouping_find_own(t, sort->column_ref, &range, &column);

	for (size_t i = 0; i < select->n_target_list; i++) {
		const PgQuery__Node *target = select->target_list[i]->res_target->val;

		if (own ? target_is_column(t, target, output, range, column) : translate_alike(t, target, sort))
			return true;
	}
	return false;
}

static int
check_distinct(struct translator *t, const PgQuery__SelectStmt *select, const struct query_columns *output)
{
	/* DISTINCT alone is a list of one empty node. */
	if (select->n_distinct_clause != 1 || select->distinct_clause[0]->node_case != PG_QUERY__NODE__NODE__NOT_SET)
		return 0;
	for (size_t i = 0; i < select->n_sort_clause; i++) {
		const PgQuery__Node *sort = select->sort_clause[i]->sort_by->node;
		int position = translate_position(t, sort, output, "ORDER BY", false);

		if (position < 0)
			return -1;
		if (position == 0 && !is_selected(t, select, output, sort))
			return translate_fail(t, translate_location(sort), SQLSTATE_INVALID_COLUMN_REFERENCE,
			    "for SELECT DISTINCT, ORDER BY expressions must appear in select list");
	}
	return 0;
}

/* ---- windows ---- */

/* Bits of frameOptions (src: PostgreSQL 15, nodes/parsenodes.h). */
#define FRAME_NONDEFAULT 0x1
#define FRAME_GROUPS 0x8

static int
find_column(void *arg, const PgQuery__Node *node)
{
	if (node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF) {
		*(const PgQuery__Node **)arg = node;
		return 1;
	}
	return node->node_case == PG_QUERY__NODE__NODE_SELECT_STMT ? 0 : tree_each_child(node, find_column, arg);
}

/* An expression that is there once for all rows. The names of what does not exist are told elsewhere. */
static int
check_constant(struct translator *t, const PgQuery__Node *node, const char *clause)
{
	const PgQuery__Node *found = NULL;
	const struct scope_range *range;
	const struct scope_column *column;

	if (node == NULL || find_column(&found, node) == 0 || !grouping_find_own(t, found->column_ref, &range, &column))
		return 0;
	return translate_fail(t, translate_location(found), SQLSTATE_INVALID_COLUMN_REFERENCE,
	    "argument of %s must not contain variables", clause);
}

struct windows {
	struct translator *t;
	const PgQuery__SelectStmt *select;
	size_t before; /* so many of WINDOW can be named */
};

static bool
is_name(const char *name)
{
	return name != NULL && *name != '\0';
}

static const PgQuery__WindowDef *
find_window(const struct windows *w, const char *name)
{
	for (size_t i = 0; i < w->before; i++)
		if (strcmp(w->select->window_clause[i]->window_def->name, name) == 0)
			return w->select->window_clause[i]->window_def;
	return NULL;
}

static int
check_base(const struct windows *w, const PgQuery__WindowDef *window)
{
	const PgQuery__WindowDef *base = find_window(w, window->refname);
	const char *wrong;

	if (base == NULL)
		return translate_fail(w->t, window->location, SQLSTATE_UNDEFINED_OBJECT, "window \"%s\" does not exist",
		    window->refname);
	wrong = window->n_partition_clause > 0			     ? "override PARTITION BY clause of"
	    : window->n_order_clause > 0 && base->n_order_clause > 0 ? "override ORDER BY clause of"
	    : (base->frame_options & FRAME_NONDEFAULT) != 0	     ? "copy"
								     : NULL;
	if (wrong == NULL)
		return 0;
	return translate_fail(w->t, window->location, SQLSTATE_WINDOWING_ERROR, "cannot %s window \"%s\"%s", wrong,
	    window->refname, strcmp(wrong, "copy") == 0 ? " because it has a frame clause" : "");
}

static int
check_window(const struct windows *w, const PgQuery__WindowDef *window)
{
	const char *unit = (window->frame_options & FRAME_GROUPS) != 0 ? "GROUPS" : "ROWS";
	const PgQuery__WindowDef *base = is_name(window->refname) ? find_window(w, window->refname) : NULL;

	if (is_name(window->refname) && check_base(w, window) < 0)
		return -1;
	if ((window->frame_options & FRAME_GROUPS) != 0 && window->n_order_clause == 0 &&
	    (base == NULL || base->n_order_clause == 0))
		return translate_fail(w->t, window->location, SQLSTATE_WINDOWING_ERROR,
		    "GROUPS mode requires an ORDER BY clause");
	if (check_constant(w->t, window->start_offset, unit) < 0)
		return -1;
	return check_constant(w->t, window->end_offset, unit);
}

static int
check_call(void *arg, const PgQuery__Node *node)
{
	const struct windows *w = arg;
	const PgQuery__WindowDef *over =
	    node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL ? node->func_call->over : NULL;

	if (node->node_case == PG_QUERY__NODE__NODE_SELECT_STMT)
		return 0;
	if (over != NULL && is_name(over->name)) {
		if (find_window(w, over->name) == NULL)
			return translate_fail(w->t, over->location, SQLSTATE_UNDEFINED_OBJECT,
			    "window \"%s\" does not exist", over->name);
	} else if (over != NULL && check_window(w, over) < 0)
		return -1;
	return tree_each_child(node, check_call, arg);
}

int
translate_check_windows(struct translator *t, const PgQuery__SelectStmt *select)
{
	struct windows w = { .t = t, .select = select };

	for (; w.before < select->n_window_clause; w.before++) {
		const PgQuery__WindowDef *window = select->window_clause[w.before]->window_def;

		if (find_window(&w, window->name) != NULL)
			return translate_fail(t, window->location, SQLSTATE_WINDOWING_ERROR,
			    "window \"%s\" is already defined", window->name);
		if (check_window(&w, window) < 0)
			return -1;
	}
	for (size_t i = 0; i < select->n_target_list; i++)
		if (check_call(&w, select->target_list[i]->res_target->val) != 0)
			return -1;
	for (size_t i = 0; i < select->n_sort_clause; i++)
		if (check_call(&w, select->sort_clause[i]->sort_by->node) != 0)
			return -1;
	return 0;
}

/* ---- FOR UPDATE and its like ---- */

static int
check_locked_name(struct translator *t, const char *name)
{
	for (const struct scope_range *range = t->scope->ranges; range != NULL; range = range->next)
		if (strcmp(range->alias, name) == 0)
			return 0;
	return translate_fail(t, -1, SQLSTATE_UNDEFINED_TABLE,
	    "relation \"%s\" in FOR UPDATE clause not found in FROM clause", name);
}

static int
check_locks(struct translator *t, const PgQuery__SelectStmt *select)
{
	if (select->n_locking_clause > 0 && t->scope->grouped)
		return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "FOR UPDATE is not allowed with aggregate or window functions");
	for (size_t i = 0; i < select->n_locking_clause; i++) {
		const PgQuery__LockingClause *clause = select->locking_clause[i]->locking_clause;

		for (size_t j = 0; j < clause->n_locked_rels; j++)
			if (check_locked_name(t, clause->locked_rels[j]->range_var->relname) < 0)
				return -1;
	}
	return 0;
}

int
translate_check_clauses(struct translator *t, const PgQuery__SelectStmt *select, const struct query_columns *output)
{
	if (check_distinct(t, select, output) < 0 || check_locks(t, select) < 0 ||
	    check_constant(t, select->limit_count, "LIMIT") < 0)
		return -1;
	return check_constant(t, select->limit_offset, "OFFSET");
}
