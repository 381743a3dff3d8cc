/*
 * Operators, IN, BETWEEN, LIKE and their like, as the calls of operators that PostgreSQL makes of them.
 */
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/deparse/tree.h"

struct deparse_node *
deparse_apply(struct deparser *d, const char *name, struct deparse_node *left, struct deparse_node *right)
{
	size_t n = left == NULL ? 1 : 2;
	uint32_t types[2], declared[2], result;
	const struct function_fact *fact;
	struct deparse_node *node;

	if (right == NULL)
		return NULL;
	types[0] = left == NULL ? right->oid : left->oid;
	types[n - 1] = right->oid;
	if (operator_resolve(name, types, n, &fact, declared, &result) != RESOLVED ||
	    (node = deparse_new(d, DEPARSE_OPERATOR, result, n)) == NULL)
		return NULL;
	node->name = name;
	if (left != NULL && (node->args[0] = deparse_coerce(d, left, declared[0], -1, true)) == NULL)
		return NULL;
	node->args[n - 1] = deparse_coerce(d, right, declared[n - 1], -1, true);
	return node->args[n - 1] == NULL ? NULL : node;
}

static struct deparse_node *
combine(struct deparser *d, enum deparse_kind kind, struct deparse_node *left, struct deparse_node *right)
{
	struct deparse_node *node = deparse_new(d, kind, TYPE_BOOL, 2);

	if (node == NULL || left == NULL || right == NULL)
		return NULL;
	node->args[0] = left;
	node->args[1] = right;
	return node;
}

static struct deparse_node *
negate(struct deparser *d, struct deparse_node *node)
{
	struct deparse_node *not = node == NULL ? NULL : deparse_new(d, DEPARSE_NOT, TYPE_BOOL, 1);

	if (not != NULL)
		not ->args[0] = node;
	return not ;
}

/* left op ANY (array). */
static struct deparse_node *
any(struct deparser *d, const char *name, struct deparse_node *left, struct deparse_node *array, bool all)
{
	uint32_t types[2], declared[2], result;
	const struct function_fact *fact;
	const struct type *element;
	struct deparse_node *node;

	if (left == NULL || array == NULL)
		return NULL;
	types[0] = left->oid;
	types[1] = array->oid == TYPE_UNKNOWN ? (uint32_t)TYPE_UNKNOWN : type_element(array->oid);
	if (array->oid != TYPE_UNKNOWN && types[1] == TYPE_UNKNOWN)
		return NULL;
	if (operator_resolve(name, types, 2, &fact, declared, &result) != RESOLVED || result != TYPE_BOOL ||
	    (element = type_by_oid(declared[1])) == NULL || element->array_oid == 0 ||
	    (node = deparse_new(d, DEPARSE_ANY, TYPE_BOOL, 2)) == NULL)
		return NULL;
	node->name = name;
	node->all = all;
	node->args[0] = deparse_coerce(d, left, declared[0], -1, true);
	node->args[1] = deparse_coerce(d, array, element->array_oid, -1, true);
	return node->args[0] == NULL || node->args[1] == NULL ? NULL : node;
}

static bool
has_column(const PgQuery__Node *node)
{
	/* Whatever is no constant might name one: only constants and their casts are known not to. */
	if (node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
		return has_column(node->type_cast->arg);
	return node->node_case != PG_QUERY__NODE__NODE_A_CONST;
}

static struct deparse_node *
in_list(struct deparser *d, const PgQuery__AExpr *expr, const char *name)
{
	const PgQuery__List *list = expr->rexpr->list;
	struct deparse_node *left = deparse_node(d, expr->lexpr), *array;
	struct deparse_node **all = translator_alloc(d->t, (list->n_items + 1) * sizeof(*all));
	const struct type *type;
	uint32_t common;

	if (left == NULL || all == NULL)
		return NULL;
	all[0] = left;
	for (size_t i = 0; i < list->n_items; i++) {
		if (list->n_items > 1 && has_column(list->items[i]))
			return NULL;
		if ((all[i + 1] = deparse_node(d, list->items[i])) == NULL)
			return NULL;
	}
	if (list->n_items == 1)
		return deparse_apply(d, name, left, all[1]);
	common = deparse_common(all, list->n_items + 1);
	type = common == 0 ? NULL : type_by_oid(common);
	if (type == NULL || type->array_oid == 0 ||
	    (array = deparse_new(d, DEPARSE_ARRAY, type->array_oid, list->n_items)) == NULL)
		return NULL;
	for (size_t i = 0; i < list->n_items; i++)
		if ((array->args[i] = deparse_coerce(d, all[i + 1], common, -1, true)) == NULL)
			return NULL;
	return any(d, name, left, array, strcmp(name, "<>") == 0);
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
	return combine(d, negated ? DEPARSE_OR : DEPARSE_AND, lower, upper);
}

static struct deparse_node *
distinct(struct deparser *d, const PgQuery__AExpr *expr)
{
	struct deparse_node *left = deparse_node(d, expr->lexpr), *right = deparse_node(d, expr->rexpr), *node;
	bool negated = expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT;

	if (left == NULL || right == NULL)
		return NULL;
	/* With NULL it becomes a test for NULL. */
	if ((left->kind == DEPARSE_CONSTANT && left->text == NULL) ||
	    (right->kind == DEPARSE_CONSTANT && right->text == NULL))
		return NULL;
	if ((node = deparse_apply(d, "=", left, right)) == NULL)
		return NULL;
	node->kind = DEPARSE_DISTINCT;
	return negated ? negate(d, node) : node;
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

static struct deparse_node *
plain(struct deparser *d, const PgQuery__AExpr *expr, const char *name)
{
	struct deparse_node *left = NULL, *right;

	if (expr->rexpr == NULL || expr->rexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR)
		return NULL;
	if (expr->lexpr != NULL &&
	    (expr->lexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR || (left = deparse_node(d, expr->lexpr)) == NULL))
		return NULL;
	right = deparse_node(d, expr->rexpr);
	/* transform_null_equals is off: = NULL stays. */
	return deparse_apply(d, name, left, right);
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
		return any(d, name, left, deparse_node(d, expr->rexpr),
		    expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL);
	case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT:
	case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT:
		return distinct(d, expr);
	case PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF:
		return null_if(d, expr);
	case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
		return expr->lexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR ? NULL : in_list(d, expr, name);
	case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
		return range(d, expr, 0, 1, false);
	case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
		return range(d, expr, 0, 1, true);
	case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM:
		return combine(d, DEPARSE_OR, range(d, expr, 0, 1, false), range(d, expr, 1, 0, false));
	case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM:
		return combine(d, DEPARSE_AND, range(d, expr, 0, 1, true), range(d, expr, 1, 0, true));
	default:
		return NULL;
	}
}
