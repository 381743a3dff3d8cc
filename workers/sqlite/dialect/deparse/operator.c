/*
 * Operators, BETWEEN, LIKE and their like, as the calls of operators that PostgreSQL makes of them.
 */
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/deparse/tree.h"

/* Whether PostgreSQL would have to find out what "any" stands for by a domain. */
static bool
is_of_any_domain(const struct function_fact *fact, const struct deparse_node *node)
{
	return node != NULL && type_is_domain(node->oid) && type_is_polymorphic(fact->arguments[0]);
}

struct deparse_node *
deparse_apply(struct deparser *d, const char *name, struct deparse_node *left, struct deparse_node *right)
{
	size_t n = left == NULL ? 1 : 2;
	uint32_t types[2], declared[2], result;
	const struct function_fact *fact;
	struct deparse_node *node;

	if (right == NULL)
		return NULL;
	types[0] = deparse_base(d, left == NULL ? right->oid : left->oid);
	types[n - 1] = deparse_base(d, right->oid);
	if (operator_resolve(name, types, n, &fact, declared, &result) != RESOLVED || is_of_any_domain(fact, left) ||
	    is_of_any_domain(fact, right) || (node = deparse_new(d, DEPARSE_OPERATOR, result, n)) == NULL)
		return NULL;
	node->name = name;
	if (left != NULL && (node->args[0] = deparse_coerce(d, left, declared[0], -1, true)) == NULL)
		return NULL;
	node->args[n - 1] = deparse_coerce(d, right, declared[n - 1], -1, true);
	return node->args[n - 1] == NULL ? NULL : node;
}

/* left op ANY (array). */
struct deparse_node *
deparse_any(struct deparser *d, const char *name, struct deparse_node *left, struct deparse_node *array, bool all)
{
	uint32_t types[2], declared[2], result;
	const struct function_fact *fact;
	struct deparse_node *node;

	if (left == NULL || array == NULL)
		return NULL;
	types[0] = deparse_base(d, left->oid);
	types[1] = array->oid == TYPE_UNKNOWN ? (uint32_t)TYPE_UNKNOWN : type_element(array->oid);
	if (array->oid != TYPE_UNKNOWN && types[1] == TYPE_UNKNOWN)
		return NULL;
	if (operator_resolve(name, types, 2, &fact, declared, &result) != RESOLVED || result != TYPE_BOOL ||
	    type_array_of(declared[1]) == 0 || is_of_any_domain(fact, left) ||
	    (node = deparse_new(d, DEPARSE_ANY, TYPE_BOOL, 2)) == NULL)
		return NULL;
	node->name = name;
	node->all = all;
	node->args[0] = deparse_coerce(d, left, declared[0], -1, true);
	node->args[1] = deparse_coerce(d, array, type_array_of(declared[1]), -1, true);
	return node->args[0] == NULL || node->args[1] == NULL ? NULL : node;
}

/* Each side is read anew, as PostgreSQL does. */
static struct deparse_node *
range(struct deparser *d, const PgQuery__AExpr *expr, size_t low, size_t high, bool negated)
{
	PgQuery__Node *const *ends = expr->rexpr->list->items;
	struct deparse_node *lower, *upper;

	lower = deparse_node(d, expr->lexpr);
	lower = lower == NULL ? NULL : deparse_apply(d, negated ? "<" : ">=", lower, deparse_node(d, ends[low]));
	upper = deparse_node(d, expr->lexpr);
	upper = upper == NULL ? NULL : deparse_apply(d, negated ? ">" : "<=", upper, deparse_node(d, ends[high]));
	return deparse_combine(d, negated ? DEPARSE_OR : DEPARSE_AND, lower, upper);
}

static struct deparse_node *
null_if(struct deparser *d, const PgQuery__AExpr *expr)
{
	struct deparse_node *left = deparse_node(d, expr->lexpr), *right = deparse_node(d, expr->rexpr), *node;

	if (left == NULL || right == NULL || (node = deparse_apply(d, "=", left, right)) == NULL)
		return NULL;
	node->kind = DEPARSE_FUNCTION;
	node->name = "NULLIF";
	node->oid = node->args[0]->oid;
	return node;
}

/* (a, b) op (SELECT ...). */
static struct deparse_node *
row_and_query(struct deparser *d, const PgQuery__RowExpr *row, const PgQuery__SubLink *link, const char *name)
{
	PgQuery__SubLink compared = *link;
	PgQuery__Node left = PG_QUERY__NODE__INIT, operator= PG_QUERY__NODE__INIT;
	PgQuery__String text = PG_QUERY__STRING__INIT;
	PgQuery__Node *names[1] = { &operator};

	if (link->sub_link_type != PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK)
		return NULL;
	left.node_case = PG_QUERY__NODE__NODE_ROW_EXPR;
	left.row_expr = (PgQuery__RowExpr *)(uintptr_t)row;
	text.sval = (char *)(uintptr_t)name;
	operator.node_case = PG_QUERY__NODE__NODE_STRING;
	operator.string = & text;
	compared.sub_link_type = PG_QUERY__SUB_LINK_TYPE__ROWCOMPARE_SUBLINK;
	compared.testexpr = &left;
	compared.oper_name = names;
	compared.n_oper_name = 1;
	return deparse_sublink(d, &compared);
}

static struct deparse_node *
plain(struct deparser *d, const PgQuery__AExpr *expr, const char *name)
{
	struct deparse_node *left = NULL;

	if (expr->rexpr == NULL)
		return NULL;
	if (expr->lexpr != NULL && expr->lexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR) {
		if (expr->rexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR)
			return deparse_rows(d, name, expr->lexpr->row_expr, expr->rexpr->row_expr);
		return expr->rexpr->node_case == PG_QUERY__NODE__NODE_SUB_LINK
		    ? row_and_query(d, expr->lexpr->row_expr, expr->rexpr->sub_link, name)
		    : NULL;
	}
	if (expr->rexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR ||
	    (expr->lexpr != NULL && (left = deparse_node(d, expr->lexpr)) == NULL))
		return NULL;
	/* transform_null_equals is off: = NULL stays. */
	return deparse_apply(d, name, left, deparse_node(d, expr->rexpr));
}

struct deparse_node *
deparse_operator(struct deparser *d, const PgQuery__AExpr *expr)
{
	const char *name = translate_last_string(expr->name, expr->n_name);
	struct deparse_node *left;

	switch (expr->kind) {
	case PG_QUERY__A__EXPR__KIND__AEXPR_OP:
	case PG_QUERY__A__EXPR__KIND__AEXPR_LIKE:
	case PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE:
	case PG_QUERY__A__EXPR__KIND__AEXPR_SIMILAR:
		return plain(d, expr, name);
	case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
	case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL:
		if ((left = deparse_node(d, expr->lexpr)) == NULL)
			return NULL;
		return deparse_any(d, name, left, deparse_node(d, expr->rexpr),
		    expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL);
	case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT:
	case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT:
		return deparse_distinct(d, expr);
	case PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF:
		return null_if(d, expr);
	case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
		return deparse_in(d, expr, name);
	case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
		return range(d, expr, 0, 1, false);
	case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
		return range(d, expr, 0, 1, true);
	case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM:
		return deparse_combine(d, DEPARSE_OR, range(d, expr, 0, 1, false), range(d, expr, 1, 0, false));
	case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM:
		return deparse_combine(d, DEPARSE_AND, range(d, expr, 0, 1, true), range(d, expr, 1, 0, true));
	default:
		return NULL;
	}
}
