/*
 * Arrays, kept as text in PostgreSQL's own form: '{1,2}'. Functions read and write them; = ANY (array) becomes IN over
 * a table-valued function, so that an index on the left side is used.
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"

static uint32_t
array_of(uint32_t oid)
{
	const struct type *type = type_by_oid(oid);

	return type == NULL || type->array_oid == 0 ? (uint32_t)TYPE_TEXT_ARRAY : type->array_oid;
}

int
translate_array(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__AArrayExpr *array = node->a_array_expr;
	size_t n = array->n_elements, start = t->out.length;
	struct expression *list = translator_alloc(t, (n + 1) * sizeof(*list));
	uint32_t oid;

	if (n == 0) {
		translate_fail(t, array->location, SQLSTATE_INDETERMINATE_DATATYPE,
		    "cannot determine type of empty array");
		report_hint(t->report, "Explicitly cast to the desired type, for example ARRAY[]::integer[].");
		return -1;
	}
	translate_emit(t, "bibd_array(");
	for (size_t i = 0; list != NULL && i < n; i++)
		if ((i > 0 && translate_emit(t, ", ") < 0) || translate_expression(t, array->elements[i], &list[i]) < 0)
			return -1;
	if (list == NULL || expression_unify(t, list, n, "ARRAY", array->location, &oid) < 0)
		return -1;
	if (type_is_array(oid))
		return translate_refuse(t, array->location, "an array of arrays");
	*type = expression_value(start, array_of(oid));
	/* The first argument tells the function how elements are shown. */
	sql_text_insert(&t->out, start + strlen("bibd_array("), translator_format(t, "%u, ", oid));
	return translate_emit(t, ")");
}

/* The element type of an array expression: what it says, or what the other side is. */
static int
settle_array(struct translator *t, struct expression *array, uint32_t element)
{
	if (array->form != EXPRESSION_VALUE)
		return expression_settle(t, array, array_of(element), -1);
	return 0;
}

/* The left side and the elements, which are text in an array and are read as whatever type both meet in. */
static int
meet_element(struct translator *t, struct expression *left, uint32_t *element, int location)
{
	uint32_t common = type_common(left->oid, *element);

	if (common == 0)
		return -1;
	if (type_is_number(common) || !type_is_text(common))
		*element = common;
	if (!type_is_text(common) && expression_cast(t, left, common, -1, CAST_IMPLICIT, location) < 0)
		return -1;
	return expression_collate(t, left);
}

static int
array_in(struct translator *t, const PgQuery__AExpr *expr, bool negated, struct expression *type)
{
	struct expression left, array;
	uint32_t element;
	size_t start = t->out.length;

	translate_emit(t, "(");
	if (translate_expression(t, expr->lexpr, &left) < 0)
		return -1;
	/* No array is as one that holds a NULL: the answer is NULL. */
	translate_emit(t,
	    negated ? " NOT IN (SELECT \"value\" FROM bibd_unnest(ifnull("
		    : " IN (SELECT \"value\" FROM bibd_unnest(ifnull(");
	if (translate_expression(t, expr->rexpr, &array) < 0)
		return -1;
	element = type_element(array.oid);
	if (left.form != EXPRESSION_VALUE && expression_settle(t, &left, element == 0 ? TYPE_TEXT : element, -1) < 0)
		return -1;
	if (settle_array(t, &array, left.oid) < 0)
		return -1;
	element = type_element(array.oid);
	if (element == 0 && type_is_text(array.oid) && t->plan->needs_catalog)
		element = TYPE_TEXT; /* "char"[] of the catalog */
	if (element == 0 && array.oid != TYPE_UNKNOWN)
		return translate_fail(t, expr->location, SQLSTATE_WRONG_OBJECT_TYPE,
		    "op ANY/ALL (array) requires array on right side");
	if (meet_element(t, &left, &element, expr->location) < 0)
		return translate_no_operator(t, negated ? "<>" : "=", &left, &array, expr->location);
	*type = expression_value(start, TYPE_BOOL);
	return translate_emit_format(t, ", '{NULL}'), %u)))", element);
}

/* Other operators: the function compares with each element. */
static int
array_each(struct translator *t, const PgQuery__AExpr *expr, const char *op, struct expression *type)
{
	bool any = expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY;
	struct expression left, array;
	uint32_t element;
	size_t start = t->out.length;

	if (strspn(op, "<>=!") != strlen(op))
		return translate_refuse(t, expr->location, "this operator with ANY or ALL");
	translate_emit_format(t, "bibd_%s_of('%s', ", any ? "any" : "all", op);
	if (translate_expression(t, expr->lexpr, &left) < 0 || translate_emit(t, ", ") < 0 ||
	    translate_expression(t, expr->rexpr, &array) < 0 ||
	    settle_array(t, &array, left.form == EXPRESSION_VALUE ? left.oid : (uint32_t)TYPE_TEXT) < 0)
		return -1;
	element = type_element(array.oid);
	if (expression_settle(t, &left, element == 0 ? TYPE_TEXT : element, -1) < 0)
		return -1;
	if (element != 0 && meet_element(t, &left, &element, expr->location) < 0)
		return translate_no_operator(t, op, &left, &array, expr->location);
	*type = expression_value(start, TYPE_BOOL);
	return translate_emit_format(t, ", %u)", element);
}

int
translate_array_comparison(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__AExpr *expr = node->a_expr;
	bool any = expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY;
	const char *op = translate_operator_name(t, expr->name, expr->n_name, expr->location);

	if (op == NULL)
		return -1;
	if (any && strcmp(op, "=") == 0)
		return array_in(t, expr, false, type);
	if (!any && (strcmp(op, "<>") == 0 || strcmp(op, "!=") == 0))
		return array_in(t, expr, true, type);
	return array_each(t, expr, op, type);
}

static int
subscript(struct translator *t, const PgQuery__AIndices *indices, struct expression *type)
{
	struct expression index;
	uint32_t element = type_element(type->oid);

	if (indices->is_slice)
		return translate_refuse(t, -1, "a slice of an array");
	if (element == 0)
		return translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH,
		    "cannot subscript type %s because it does not support subscripting", type_display(type->oid));
	sql_text_insert(&t->out, type->start, "bibd_array_get(");
	translate_emit(t, ", ");
	if (translate_expression(t, indices->uidx, &index) < 0 || expression_settle(t, &index, TYPE_INT4, -1) < 0)
		return -1;
	*type = expression_value(type->start, element);
	return translate_emit_format(t, ", %u)", element);
}

/* Fields of the one composite value there is: (x, n) of information_schema._pg_expandarray. */
static int
field(struct translator *t, const PgQuery__Node *arg, const char *name, struct expression *type)
{
	const PgQuery__FuncCall *call = arg->node_case == PG_QUERY__NODE__NODE_FUNC_CALL ? arg->func_call : NULL;
	bool x = strcmp(name, "x") == 0;

	if (call != NULL && function_is_set(translate_last_string(call->funcname, call->n_funcname)))
		return translate_set_function_field(t, call, name, type);
	if (!x && strcmp(name, "n") != 0)
		return translate_refuse(t, translate_location(arg), "a field of a row value");
	if (translate_expression(t, arg, type) < 0)
		return -1;
	if (type->oid != TYPE_RECORD)
		return translate_refuse(t, translate_location(arg), "a field of a row value");
	if (expression_wrap(t, type, "bibd_record_field(", x ? ", 0)" : ", 1)") < 0)
		return -1;
	type->oid = TYPE_INT4;
	return 0;
}

int
translate_indirection(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__AIndirection *indirection = node->a_indirection;

	if (indirection->n_indirection == 1 && translate_string(indirection->indirection[0]) != NULL)
		return field(t, indirection->arg, translate_string(indirection->indirection[0]), type);
	if (translate_expression(t, indirection->arg, type) < 0)
		return -1;
	for (size_t i = 0; i < indirection->n_indirection; i++) {
		const PgQuery__Node *step = indirection->indirection[i];

		if (step->node_case != PG_QUERY__NODE__NODE_A_INDICES)
			return translate_refuse(t, translate_location(indirection->arg), "a field of a row value");
		if (subscript(t, step->a_indices, type) < 0)
			return -1;
		type->end = t->out.length;
	}
	return 0;
}
