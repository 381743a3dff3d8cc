/*
 * An expression of the tree, with its names resolved and its types known.
 */
#include <string.h>

#include "workers/sqlite/dialect/deparse/tree.h"

static struct deparse_node *
number(struct deparser *d, const char *text)
{
	struct type_value value = { 0 };
	struct report ignored = { 0 };
	struct deparse_node *node = deparse_constant(d, TYPE_UNKNOWN, text);
	uint32_t oid = TYPE_NUMERIC;

	if (strpbrk(text, ".eE") == NULL &&
	    type_decode(TYPE_INT8, TYPE_FORMAT_TEXT, text, strlen(text), &value, &ignored) == 0)
		oid = TYPE_INT8;
	type_value_free(&value);
	report_reset(&ignored);
	return node == NULL ? NULL : deparse_coerce(d, node, oid, -1, false);
}

static struct deparse_node *
constant(struct deparser *d, const PgQuery__AConst *constant)
{
	if (constant->isnull)
		return deparse_constant(d, TYPE_UNKNOWN, NULL);
	switch (constant->val_case) {
	case PG_QUERY__A__CONST__VAL_IVAL:
		return deparse_constant(d, TYPE_INT4, translator_format(d->t, "%d", (int)constant->ival->ival));
	case PG_QUERY__A__CONST__VAL_FVAL:
		return number(d, constant->fval->fval);
	case PG_QUERY__A__CONST__VAL_BOOLVAL:
		return deparse_constant(d, TYPE_BOOL, constant->boolval->boolval ? "true" : "false");
	case PG_QUERY__A__CONST__VAL_SVAL:
		return deparse_constant(d, TYPE_UNKNOWN, constant->sval->sval);
	case PG_QUERY__A__CONST__VAL_BSVAL:
		return deparse_coerce(d, deparse_constant(d, TYPE_UNKNOWN, constant->bsval->bsval), TYPE_BIT, -1,
		    false);
	default:
		return NULL;
	}
}

/* Whether all are arrays of one type, which are the parts of one of more dimensions. */
static bool
are_arrays(const struct deparse_node *node)
{
	for (size_t i = 0; i < node->n; i++)
		if (!type_is_array(node->args[i]->oid) || node->args[i]->oid != node->args[0]->oid)
			return false;
	return node->n > 0;
}

/* Elements without a common type are left. `element`: what a cast around it says, or 0. */
static struct deparse_node *
array(struct deparser *d, const PgQuery__AArrayExpr *expr, uint32_t element)
{
	struct deparse_node *node = deparse_new(d, DEPARSE_ARRAY, TYPE_UNKNOWN, expr->n_elements);
	bool arrays = false;

	if (node == NULL || d->depth >= DEPARSE_DEPTH_MAX || (element == 0 && expr->n_elements == 0))
		return NULL;
	d->depth++;
	for (size_t i = 0; i < expr->n_elements; i++) {
		node->args[i] = expr->elements[i]->node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR
		    ? array(d, expr->elements[i]->a_array_expr, element)
		    : deparse_node(d, expr->elements[i]);
		if (node->args[i] == NULL)
			return NULL;
		arrays |= type_is_array(node->args[i]->oid);
		if (element != 0 && !type_is_array(node->args[i]->oid) &&
		    (node->args[i] = deparse_coerce(d, node->args[i], element, -1, false)) == NULL)
			return NULL;
	}
	d->depth--;
	if (arrays) {
		node->oid = node->args[0]->oid;
		return are_arrays(node) && (element == 0 || node->oid == type_array_of(element)) ? node : NULL;
	}
	if (element == 0 && !deparse_unify(d, node->args, node->n, &element))
		return NULL;
	return (node->oid = type_array_of(element)) == 0 ? NULL : node;
}

static struct deparse_node *
cast(struct deparser *d, const PgQuery__TypeCast *cast)
{
	const struct type *type;
	struct deparse_node *arg;
	int32_t typmod;
	uint32_t oid;

	if (translate_type_name(d->t, cast->type_name, &type, &oid, &typmod, NULL) == -1)
		return NULL;
	if (cast->arg->node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR && type_is_array(oid))
		return deparse_coerce(d, array(d, cast->arg->a_array_expr, type_element(oid)), oid, -1, false);
	if ((arg = deparse_node(d, cast->arg)) == NULL)
		return NULL;
	/* char(n) and the like of a type with another's array are left. */
	return deparse_coerce(d, arg, oid, typmod, false);
}

static struct deparse_node *
boolean(struct deparser *d, const PgQuery__BoolExpr *expr)
{
	enum deparse_kind kind = expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR ? DEPARSE_AND
	    : expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR			    ? DEPARSE_OR
										    : DEPARSE_NOT;
	struct deparse_node *node = deparse_new(d, kind, TYPE_BOOL, expr->n_args);

	for (size_t i = 0; node != NULL && i < expr->n_args; i++)
		if ((node->args[i] = deparse_condition(d, expr->args[i])) == NULL)
			return NULL;
	return node;
}

struct deparse_node *
deparse_condition(struct deparser *d, const PgQuery__Node *source)
{
	struct deparse_node *node = deparse_node(d, source);

	if (node != NULL && !deparse_is_unknown(node) && deparse_base(d, node->oid) != TYPE_BOOL)
		return NULL;
	return deparse_coerce(d, node, TYPE_BOOL, -1, true);
}

/* WHEN of a CASE with an operand: the operator's right side is all that is shown. */
static struct deparse_node *
when(struct deparser *d, struct deparse_node *operand, const PgQuery__Node *source)
{
	struct deparse_node *node;

	if (operand == NULL)
		return deparse_condition(d, source);
	node = deparse_apply(d, "=", operand, deparse_node(d, source));
	return node == NULL ? NULL : node->args[1];
}

static struct deparse_node *
case_of(struct deparser *d, const PgQuery__CaseExpr *expr)
{
	struct deparse_node *node = deparse_new(d, DEPARSE_CASE, TYPE_UNKNOWN, 2 * expr->n_args + 1);
	struct deparse_node **results = translator_alloc(d->t, (expr->n_args + 1) * sizeof(struct deparse_node *));

	if (node == NULL || results == NULL)
		return NULL;
	if (expr->arg != NULL && (node->first = deparse_node(d, expr->arg)) == NULL)
		return NULL;
	if (node->first != NULL && deparse_is_unknown(node->first) &&
	    (node->first = deparse_coerce(d, node->first, TYPE_TEXT, -1, true)) == NULL)
		return NULL;
	for (size_t i = 0; i < expr->n_args; i++) {
		const PgQuery__CaseWhen *branch = expr->args[i]->case_when;

		if ((node->args[2 * i] = when(d, node->first, branch->expr)) == NULL ||
		    (results[i + 1] = deparse_node(d, branch->result)) == NULL)
			return NULL;
	}
	results[0] =
	    expr->defresult == NULL ? deparse_constant(d, TYPE_UNKNOWN, NULL) : deparse_node(d, expr->defresult);
	if (results[0] == NULL || !deparse_unify(d, results, expr->n_args + 1, &node->oid))
		return NULL;
	for (size_t i = 0; i < expr->n_args; i++)
		node->args[2 * i + 1] = results[i + 1];
	node->args[2 * expr->n_args] = results[0];
	return node;
}

static struct deparse_node *
function(struct deparser *d, const char *name, PgQuery__Node *const *args, size_t n)
{
	struct deparse_node *node = deparse_new(d, DEPARSE_FUNCTION, TYPE_UNKNOWN, n);

	if (node == NULL)
		return NULL;
	node->name = name;
	for (size_t i = 0; i < n; i++)
		if ((node->args[i] = deparse_node(d, args[i])) == NULL)
			return NULL;
	return deparse_unify(d, node->args, n, &node->oid) ? node : NULL;
}

static struct deparse_node *
test(struct deparser *d, enum deparse_kind kind, const PgQuery__Node *arg, const char *name)
{
	struct deparse_node *node = deparse_new(d, kind, TYPE_BOOL, 1);

	if (node == NULL || name == NULL)
		return NULL;
	node->name = name;
	node->args[0] = kind == DEPARSE_NULL_TEST ? deparse_node(d, arg) : deparse_condition(d, arg);
	return node->args[0] == NULL ? NULL : node;
}

static const char *
boolean_test(PgQuery__BoolTestType type)
{
	static const char *const names[] = {
		[PG_QUERY__BOOL_TEST_TYPE__IS_TRUE] = " IS TRUE",
		[PG_QUERY__BOOL_TEST_TYPE__IS_NOT_TRUE] = " IS NOT TRUE",
		[PG_QUERY__BOOL_TEST_TYPE__IS_FALSE] = " IS FALSE",
		[PG_QUERY__BOOL_TEST_TYPE__IS_NOT_FALSE] = " IS NOT FALSE",
		[PG_QUERY__BOOL_TEST_TYPE__IS_UNKNOWN] = " IS UNKNOWN",
		[PG_QUERY__BOOL_TEST_TYPE__IS_NOT_UNKNOWN] = " IS NOT UNKNOWN",
	};

	return (size_t)type < sizeof(names) / sizeof(names[0]) ? names[type] : NULL;
}

static struct deparse_node *
value(struct deparser *d, const PgQuery__SQLValueFunction *function)
{
	static const struct {
		PgQuery__SQLValueFunctionOp op;
		const char *name;
		uint32_t oid;
	} values[] = {
		{ PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE, "CURRENT_DATE", TYPE_DATE },
		{ PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME, "CURRENT_TIME", TYPE_TIMETZ },
		{ PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP, "CURRENT_TIMESTAMP", TYPE_TIMESTAMPTZ },
		{ PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME, "LOCALTIME", TYPE_TIME },
		{ PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP, "LOCALTIMESTAMP", TYPE_TIMESTAMP },
		{ PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N, "CURRENT_TIME", TYPE_TIMETZ },
		{ PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N, "CURRENT_TIMESTAMP", TYPE_TIMESTAMPTZ },
		{ PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N, "LOCALTIME", TYPE_TIME },
		{ PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N, "LOCALTIMESTAMP", TYPE_TIMESTAMP },
		{ PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE, "CURRENT_ROLE", TYPE_NAME },
		{ PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_USER, "CURRENT_USER", TYPE_NAME },
		{ PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_USER, "USER", TYPE_NAME },
		{ PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER, "SESSION_USER", TYPE_NAME },
		{ PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG, "CURRENT_CATALOG", TYPE_NAME },
		{ PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA, "CURRENT_SCHEMA", TYPE_NAME },
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (values[i].op == function->op) {
			struct deparse_node *node = deparse_new(d, DEPARSE_VALUE, values[i].oid, 0);

			if (node != NULL && function->typmod >= 0) {
				node->name = translator_format(d->t, "%s(%d)", values[i].name, (int)function->typmod);
				node->typmod = function->typmod;
			} else if (node != NULL) {
				node->name = values[i].name;
			}
			return node;
		}
	return NULL;
}

static struct deparse_node *
collate(struct deparser *d, const PgQuery__CollateClause *clause)
{
	struct deparse_node *node, *arg = deparse_node(d, clause->arg);

	arg = arg != NULL && deparse_is_unknown(arg) ? deparse_coerce(d, arg, TYPE_TEXT, -1, true) : arg;
	if (arg == NULL || (node = deparse_new(d, DEPARSE_COLLATE, arg->oid, 1)) == NULL)
		return NULL;
	node->name = translate_last_string(clause->collname, clause->n_collname);
	node->args[0] = arg;
	return node;
}

/* ROW(...): its fields as they stand. */
static struct deparse_node *
row(struct deparser *d, const PgQuery__RowExpr *expr)
{
	struct deparse_node *node = deparse_new(d, DEPARSE_FUNCTION, TYPE_RECORD, expr->n_args);

	if (node == NULL)
		return NULL;
	node->name = "ROW";
	for (size_t i = 0; i < expr->n_args; i++)
		if ((node->args[i] = deparse_node(d, expr->args[i])) == NULL)
			return NULL;
	return node;
}

static struct deparse_node *
grouping(struct deparser *d, const PgQuery__GroupingFunc *expr)
{
	struct deparse_node *node = deparse_new(d, DEPARSE_FUNCTION, TYPE_INT4, expr->n_args);

	if (node == NULL)
		return NULL;
	node->name = "GROUPING";
	for (size_t i = 0; i < expr->n_args; i++)
		if ((node->args[i] = deparse_node(d, expr->args[i])) == NULL)
			return NULL;
	return node;
}

static struct deparse_node *
dispatch(struct deparser *d, const PgQuery__Node *node)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_COLUMN_REF:
		return deparse_column_ref(d, node->column_ref);
	case PG_QUERY__NODE__NODE_A_CONST:
		return constant(d, node->a_const);
	case PG_QUERY__NODE__NODE_TYPE_CAST:
		return cast(d, node->type_cast);
	case PG_QUERY__NODE__NODE_A_EXPR:
		return deparse_operator(d, node->a_expr);
	case PG_QUERY__NODE__NODE_BOOL_EXPR:
		return boolean(d, node->bool_expr);
	case PG_QUERY__NODE__NODE_FUNC_CALL:
		return deparse_call(d, node->func_call);
	case PG_QUERY__NODE__NODE_CASE_EXPR:
		return case_of(d, node->case_expr);
	case PG_QUERY__NODE__NODE_COALESCE_EXPR:
		return function(d, "COALESCE", node->coalesce_expr->args, node->coalesce_expr->n_args);
	case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
		return function(d, node->min_max_expr->op == PG_QUERY__MIN_MAX_OP__IS_GREATEST ? "GREATEST" : "LEAST",
		    node->min_max_expr->args, node->min_max_expr->n_args);
	case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
		return array(d, node->a_array_expr, 0);
	case PG_QUERY__NODE__NODE_NULL_TEST:
		return test(d, DEPARSE_NULL_TEST, node->null_test->arg,
		    node->null_test->nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NULL ? " IS NULL" : " IS NOT NULL");
	case PG_QUERY__NODE__NODE_BOOLEAN_TEST:
		return test(d, DEPARSE_BOOLEAN_TEST, node->boolean_test->arg,
		    boolean_test(node->boolean_test->booltesttype));
	case PG_QUERY__NODE__NODE_SUB_LINK:
		return deparse_sublink(d, node->sub_link);
	case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
		return value(d, node->sqlvalue_function);
	case PG_QUERY__NODE__NODE_COLLATE_CLAUSE:
		return collate(d, node->collate_clause);
	case PG_QUERY__NODE__NODE_A_INDIRECTION:
		return deparse_indirection(d, node->a_indirection);
	case PG_QUERY__NODE__NODE_ROW_EXPR:
		return row(d, node->row_expr);
	case PG_QUERY__NODE__NODE_GROUPING_FUNC:
		return grouping(d, node->grouping_func);
	default:
		return NULL;
	}
}

struct deparse_node *
deparse_node(struct deparser *d, const PgQuery__Node *node)
{
	struct deparse_node *result;

	if (node == NULL || d->depth >= DEPARSE_DEPTH_MAX)
		return NULL;
	d->depth++;
	result = dispatch(d, node);
	d->depth--;
	return result;
}
