/*
 * Columns that have got a type by the query itself. PostgreSQL gives a string, a NULL or a parameter without a type the
 * type of what it is assigned to, unless the query had to compare it with others before: then it is a text.
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"

/* Whether ORDER BY or GROUP BY names that column, by its number or by its name. */
static bool
is_named(const PgQuery__Node *node, const char *name, unsigned i)
{
	if (node->node_case == PG_QUERY__NODE__NODE_SORT_BY)
		node = node->sort_by->node;
	if (node->node_case == PG_QUERY__NODE__NODE_A_CONST)
		return node->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL &&
		    node->a_const->ival->ival == (int)i + 1;
	return node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF && node->column_ref->n_fields == 1 &&
	    node->column_ref->fields[0]->node_case == PG_QUERY__NODE__NODE_STRING &&
	    strcmp(node->column_ref->fields[0]->string->sval, name) == 0;
}

static bool
any_is_named(PgQuery__Node *const *nodes, size_t n, const char *name, unsigned i)
{
	for (size_t k = 0; k < n; k++)
		if (is_named(nodes[k], name, i))
			return true;
	return false;
}

bool
select_settles_column(const PgQuery__SelectStmt *select, unsigned i)
{
	const char *name = i < select->n_target_list ? select->target_list[i]->res_target->name : "";

	return select->op > PG_QUERY__SET_OPERATION__SETOP_NONE || select->n_distinct_clause > 0 ||
	    any_is_named(select->sort_clause, select->n_sort_clause, name, i) ||
	    any_is_named(select->group_clause, select->n_group_clause, name, i);
}
