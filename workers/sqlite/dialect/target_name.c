/*
 * Names of output columns, by PostgreSQL's rules (src: FigureColname in its parse_target.c, described in the manual
 * under SELECT list).
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"

/* How sure a name is: a cast's own name gives way to that of what is cast. */
enum strength { NAME_NONE, NAME_WEAK, NAME_STRONG };

static const char *const value_functions[] = {
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE] = "current_date",
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME] = "current_time",
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N] = "current_time",
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP] = "current_timestamp",
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N] = "current_timestamp",
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME] = "localtime",
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N] = "localtime",
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP] = "localtimestamp",
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N] = "localtimestamp",
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE] = "current_role",
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_USER] = "current_user",
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_USER] = "user",
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER] = "session_user",
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG] = "current_catalog",
	[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA] = "current_schema",
};

static enum strength figure(const PgQuery__Node *node, const char **name);

static enum strength
strong(const char **name, const char *value)
{
	*name = value;
	return NAME_STRONG;
}

/* Of a.* the last that is a name. */
static enum strength
figure_column(const PgQuery__ColumnRef *ref, const char **name)
{
	for (size_t i = ref->n_fields; i-- > 0;)
		if (ref->fields[i]->node_case == PG_QUERY__NODE__NODE_STRING)
			return strong(name, translate_string(ref->fields[i]));
	return NAME_NONE;
}

static enum strength
figure_sublink(const PgQuery__SubLink *link, const char **name)
{
	const PgQuery__SelectStmt *select = link->subselect->select_stmt;

	switch (link->sub_link_type) {
	case PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK:
		return strong(name, "exists");
	case PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK:
		return strong(name, "array");
	case PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK:
		while (select->larg != NULL)
			select = select->larg;
		if (select->n_values_lists > 0)
			return strong(name, "column1");
		if (select->n_target_list == 0)
			return NAME_NONE;
		if (select->target_list[0]->res_target->name != NULL &&
		    *select->target_list[0]->res_target->name != '\0')
			return strong(name, select->target_list[0]->res_target->name);
		return strong(name, translate_target_name(select->target_list[0]->res_target->val));
	default:
		return NAME_NONE;
	}
}

static enum strength
figure_indirection(const PgQuery__AIndirection *indirection, const char **name)
{
	for (size_t i = indirection->n_indirection; i-- > 0;)
		if (translate_string(indirection->indirection[i]) != NULL)
			return strong(name, translate_string(indirection->indirection[i]));
	return figure(indirection->arg, name);
}

/* What stands in for the name until something surer is found. */
static enum strength
weak(enum strength found, const char **name, const char *value)
{
	if (found == NAME_STRONG)
		return found;
	*name = value;
	return NAME_WEAK;
}

static enum strength
figure(const PgQuery__Node *node, const char **name)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_COLUMN_REF:
		return figure_column(node->column_ref, name);
	case PG_QUERY__NODE__NODE_A_INDIRECTION:
		return figure_indirection(node->a_indirection, name);
	case PG_QUERY__NODE__NODE_FUNC_CALL:
		return strong(name, translate_last_string(node->func_call->funcname, node->func_call->n_funcname));
	case PG_QUERY__NODE__NODE_A_EXPR:
		return node->a_expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF ? strong(name, "nullif") : NAME_NONE;
	case PG_QUERY__NODE__NODE_TYPE_CAST:
		return weak(figure(node->type_cast->arg, name), name,
		    translate_last_string(node->type_cast->type_name->names, node->type_cast->type_name->n_names));
	case PG_QUERY__NODE__NODE_COLLATE_CLAUSE:
		return figure(node->collate_clause->arg, name);
	case PG_QUERY__NODE__NODE_CASE_EXPR:
		return weak(node->case_expr->defresult == NULL ? NAME_NONE : figure(node->case_expr->defresult, name),
		    name, "case");
	case PG_QUERY__NODE__NODE_COALESCE_EXPR:
		return strong(name, "coalesce");
	case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
		return strong(name, node->min_max_expr->op == PG_QUERY__MIN_MAX_OP__IS_GREATEST ? "greatest" : "least");
	case PG_QUERY__NODE__NODE_SUB_LINK:
		return figure_sublink(node->sub_link, name);
	case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
		return strong(name, "array");
	case PG_QUERY__NODE__NODE_ROW_EXPR:
		return strong(name, "row");
	case PG_QUERY__NODE__NODE_GROUPING_FUNC:
		return strong(name, "grouping");
	case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
		if ((size_t)node->sqlvalue_function->op < sizeof(value_functions) / sizeof(value_functions[0]))
			return strong(name, value_functions[node->sqlvalue_function->op]);
		return NAME_NONE;
	default:
		return NAME_NONE;
	}
}

const char *
translate_target_name(const PgQuery__Node *value)
{
	const char *name = NULL;

	return figure(value, &name) == NAME_NONE || name == NULL ? "?column?" : name;
}
