/*
 * Reads GROUP BY: its expressions, which of them mean the same, and what names and positions of the select list stand
 * for.
 */
#include <string.h>

#include "workers/sqlite/dialect/grouping.h"
#include "workers/sqlite/dialect/tree.h"

bool
grouping_find_own(const struct translator *t, const PgQuery__ColumnRef *ref, const struct scope_range **range,
    const struct scope_column **column)
{
	const char *name = translate_last_string(ref->fields, ref->n_fields);
	const char *table = ref->n_fields > 1 ? translate_string(ref->fields[ref->n_fields - 2]) : NULL;

	for (*range = t->scope->ranges; name != NULL && *range != NULL; *range = (*range)->next) {
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

bool
grouping_is_same_column(const struct scope_range *range, const struct scope_column *column,
    const struct scope_range *other_range, const struct scope_column *other)
{
	bool joined = column->merged || column->rank != 0 || other->merged || other->rank != 0;

	return other == column || ((other_range == range || joined) && strcmp(other->name, column->name) == 0);
}

const PgQuery__Node *
grouping_output(const struct grouping *g, const PgQuery__Node *node, bool names_first)
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
	if (name == NULL || (!names_first && grouping_find_own(g->t, node->column_ref, &range, &column)))
		return node;
	for (size_t i = 0; i < select->n_target_list; i++) {
		const PgQuery__ResTarget *target = select->target_list[i]->res_target;

		if (target->name != NULL && *target->name != '\0' && strcmp(target->name, name) == 0)
			return target->val;
	}
	return node;
}

/* Counts the expressions, or takes them where there is room. */
static void
collect(struct grouping *g, const PgQuery__Node *node)
{
	bool set = node->node_case == PG_QUERY__NODE__NODE_GROUPING_SET,
	     row = node->node_case == PG_QUERY__NODE__NODE_ROW_EXPR &&
	    node->row_expr->row_format == PG_QUERY__COERCION_FORM__COERCE_IMPLICIT_CAST;

	for (size_t i = 0; set && i < node->grouping_set->n_content; i++)
		collect(g, node->grouping_set->content[i]);
	for (size_t i = 0; row && i < node->row_expr->n_args; i++)
		collect(g, node->row_expr->args[i]);
	if (set || row)
		return;
	if (g->written != NULL)
		g->written[g->ngroups] = node;
	g->ngroups++;
}

static void
collect_all(struct grouping *g)
{
	g->ngroups = 0;
	for (size_t i = 0; i < g->select->n_group_clause; i++)
		collect(g, g->select->group_clause[i]);
}

static unsigned
find_key(const struct grouping *g, size_t n)
{
	const PgQuery__Node *node = g->groups[n];
	const struct scope_range *range, *other_range;
	const struct scope_column *column, *other;
	bool own = node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
	    grouping_find_own(g->t, node->column_ref, &range, &column);
	unsigned i = 0;

	while (i < n && !translate_alike(g->t, g->groups[i], node) &&
	    !(own && g->groups[i]->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
		grouping_find_own(g->t, g->groups[i]->column_ref, &other_range, &other) &&
		grouping_is_same_column(range, column, other_range, other)))
		i++;
	return i;
}

/* Two output columns of one expression are two things to group by in PostgreSQL; and it sorts as if an output column
 * that is a constant were no NULL where its set leaves it out. */
static int
check_names(const struct grouping *g)
{
	for (size_t i = 0; g->sets != NULL && i < g->ngroups; i++) {
		unsigned key = g->keys[i];

		if (g->groups[i] != g->written[i] && g->groups[i]->node_case == PG_QUERY__NODE__NODE_A_CONST)
			return translate_refuse(g->t, translate_location(g->written[i]), "grouping sets of a constant");
		if (g->groups[key] != g->groups[i] && g->groups[key] != g->written[key] &&
		    g->groups[i] != g->written[i])
			return translate_refuse(g->t, translate_location(g->written[i]),
			    "grouping sets of two output columns that are the same expression");
	}
	return 0;
}

int
grouping_open(struct translator *t, const PgQuery__SelectStmt *select, struct grouping *g, bool *position)
{
	*g = (struct grouping) { .t = t, .select = select };
	*position = false;
	collect_all(g);
	g->groups = translator_alloc(t, (g->ngroups + 1) * sizeof(*g->groups));
	g->keys = translator_alloc(t, (g->ngroups + 1) * sizeof(*g->keys));
	if ((g->written = translator_alloc(t, (g->ngroups + 1) * sizeof(*g->written))) == NULL || g->groups == NULL ||
	    g->keys == NULL)
		return -1;
	collect_all(g);
	for (size_t i = 0; i < g->ngroups; i++) {
		const PgQuery__Node *wrong;

		g->groups[i] = grouping_output(g, g->written[i], false);
		if ((wrong = grouping_aggregate_in(g->groups[i])) != NULL)
			return translate_fail(t, translate_location(wrong), SQLSTATE_GROUPING_ERROR,
			    "aggregate functions are not allowed in GROUP BY");
		if ((wrong = grouping_window_call_in(g->groups[i])) != NULL)
			return translate_fail(t, translate_location(wrong), SQLSTATE_WINDOWING_ERROR,
			    "window functions are not allowed in GROUP BY");
		*position |= g->groups[i] == g->written[i] && g->groups[i]->node_case == PG_QUERY__NODE__NODE_A_CONST;
		g->keys[i] = find_key(g, i);
	}
	return grouping_expand(g) < 0 ? -1 : check_names(g);
}
