/*
 * x operator ANY (array), and ALL. = ANY becomes IN over a table-valued function, so that an index on the left side is
 * used; other comparisons are a function's; any other operator is computed for each element.
 */
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/expression.h"

/* An array without a type is one of the other side's. */
static int
settle_array(struct translator *t, struct expression *array, uint32_t element)
{
	uint32_t oid = type_array_of(element);

	if (array->form != EXPRESSION_VALUE)
		return expression_cast(t, array, oid == 0 ? (uint32_t)TYPE_TEXT_ARRAY : oid, -1, CAST_IMPLICIT, -1);
	return 0;
}

/* The left side and the elements, which are text in an array and are read as whatever type both meet in. */
static int
meet_element(struct translator *t, struct expression *left, uint32_t *element, int location)
{
	uint32_t common = type_compared(left->oid, *element);

	if (common == 0)
		return -1;
	if ((!type_is_text(common) || left->oid == TYPE_CITEXT || *element == TYPE_CITEXT) &&
	    (*element != TYPE_FLOAT4 || common != TYPE_FLOAT8)) /* a real is read as one */
		*element = common;
	if ((!type_is_text(common) || left->oid == TYPE_CITEXT) &&
	    expression_cast(t, left, common, -1, CAST_IMPLICIT, location) < 0)
		return -1;
	if (left->oid == TYPE_BPCHAR && *element != TYPE_BPCHAR && expression_trim(t, left) < 0)
		return -1;
	return expression_collate(t, left);
}

/* Elements that are shown by a name are numbers. */
static uint32_t
kept_element(uint32_t oid)
{
	return cast_is_shown(oid) && !type_is_user(oid) && !type_is_row(oid) ? (uint32_t)TYPE_OID : type_kept_as(oid);
}

/* Rows are compared as they are kept: their fields must be of the same types. */
static int
check_rows(struct translator *t, const struct expression *left, const struct expression *array, int location)
{
	struct expression element = expression_value(0, type_element(array->oid));

	element.shape = array->shape;
	if (left->form != EXPRESSION_VALUE || !type_is_row(left->oid) || !type_is_row(element.oid) ||
	    translate_rows_alike(t, left, &element))
		return 0;
	return translate_refuse(t, location, "comparing rows whose fields may differ in type here");
}

static int
wrong_array(struct translator *t, int location)
{
	return translate_fail(t, location, SQLSTATE_WRONG_OBJECT_TYPE,
	    "op ANY/ALL (array) requires array on right side");
}

static bool
is_plain(uint32_t oid)
{
	return oid == TYPE_TEXT || oid == TYPE_VARCHAR || oid == TYPE_BPCHAR;
}

/* char(n) beside other texts: blanks at the end count for nothing, but where a text is compared as one. The elements,
 * which are written at `at` between the left side and the array, are filled up to a column's length, so that an index
 * serves. */
static int
meet_padded(struct translator *t, struct expression *left, uint32_t element, size_t at)
{
	bool text = left->oid == TYPE_TEXT || element == TYPE_TEXT;

	if (!text && left->column && left->oid == TYPE_BPCHAR && left->typmod > 4) {
		sql_text_insert(&t->out, at, translator_format(t, "bibd_fill(\"value\", %d)", left->typmod - 4));
		return expression_collate(t, left);
	}
	sql_text_insert(&t->out, at, text && element != TYPE_BPCHAR ? "\"value\"" : "rtrim(\"value\")");
	if (left->oid == TYPE_BPCHAR ? expression_trim(t, left) < 0
				     : !text && expression_wrap(t, left, "rtrim(", ")") < 0)
		return -1;
	return expression_collate(t, left);
}

static int
array_in(struct translator *t, const PgQuery__AExpr *expr, bool negated, struct expression *type)
{
	struct expression left, array;
	uint32_t element;
	size_t start = t->out.length, at, before;

	translate_emit(t, "(");
	if (translate_expression(t, expr->lexpr, &left) < 0)
		return -1;
	/* No array is as one that holds a NULL: the answer is NULL. */
	translate_emit(t, negated ? " NOT IN (SELECT " : " IN (SELECT ");
	at = t->out.length;
	translate_emit(t, " FROM bibd_unnest(ifnull(");
	if (translate_expression(t, expr->rexpr, &array) < 0 || settle_array(t, &array, left.oid) < 0)
		return -1;
	element = type_element(array.oid);
	before = t->out.length;
	if (left.form != EXPRESSION_VALUE &&
	    expression_cast(t, &left, element == 0 ? TYPE_TEXT : element, -1, CAST_IMPLICIT, expr->location) < 0)
		return -1;
	at = at + t->out.length - before; /* the left side stands before it */
	if (element == 0 && type_is_text(array.oid) && t->plan->needs_catalog)
		element = TYPE_TEXT; /* "char"[] of the catalog */
	if (element == 0 && array.oid != TYPE_UNKNOWN)
		return wrong_array(t, expr->location);
	if (check_rows(t, &left, &array, expr->location) < 0)
		return -1;
	if ((left.oid == TYPE_BPCHAR && (type_is_text(element) || element == TYPE_CITEXT)) ||
	    (element == TYPE_BPCHAR && (type_is_text(left.oid) || left.oid == TYPE_CITEXT))) {
		if (!is_plain(left.oid) || !is_plain(element))
			return translate_refuse(t, expr->location, "char(n) beside citext or name");
		if (meet_padded(t, &left, element, at) < 0)
			return -1;
	} else {
		sql_text_insert(&t->out, at, "\"value\"");
		if (element == TYPE_JSON || meet_element(t, &left, &element, expr->location) < 0)
			return translate_no_operator(t, negated ? "<>" : "=", &left, &array, expr->location);
	}
	*type = expression_value(start, TYPE_BOOL);
	return translate_emit_format(t, ", '{NULL}'), %u)))", kept_element(element));
}

/* The function compares with each element. */
static int
array_each(struct translator *t, const PgQuery__AExpr *expr, const char *op, struct expression *type)
{
	bool any = expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY;
	struct expression left, array;
	uint32_t element;
	size_t start = t->out.length;

	translate_emit_format(t, "bibd_%s_of('%s', ", any ? "any" : "all", op);
	if (translate_expression(t, expr->lexpr, &left) < 0 || translate_emit(t, ", ") < 0 ||
	    translate_expression(t, expr->rexpr, &array) < 0 ||
	    settle_array(t, &array, left.form == EXPRESSION_VALUE ? left.oid : (uint32_t)TYPE_TEXT) < 0)
		return -1;
	if ((element = type_element(array.oid)) == 0)
		return wrong_array(t, expr->location);
	if (left.form != EXPRESSION_VALUE && expression_cast(t, &left, element, -1, CAST_IMPLICIT, expr->location) < 0)
		return -1;
	if (check_rows(t, &left, &array, expr->location) < 0)
		return -1;
	if (element == TYPE_BPCHAR && type_is_text(left.oid) && left.oid != TYPE_BPCHAR && left.oid != TYPE_VARCHAR)
		return translate_refuse(t, expr->location, "this comparison of a text with an array of char(n)");
	if (element == TYPE_FLOAT4 && left.oid != TYPE_FLOAT4)
		return translate_refuse(t, expr->location, "this comparison with an array of reals");
	if (left.oid == TYPE_BPCHAR && element == TYPE_VARCHAR)
		element = TYPE_BPCHAR;
	if (element == TYPE_JSON || meet_element(t, &left, &element, expr->location) < 0)
		return translate_no_operator(t, op, &left, &array, expr->location);
	*type = expression_value(start, TYPE_BOOL);
	return translate_emit_format(t, ", %u)", kept_element(element));
}

/* ---- any operator ---- */

/* Of what type the elements of an array without one are: what the operator takes there. */
static uint32_t
element_beside(const PgQuery__AExpr *expr, const struct expression *left)
{
	uint32_t types[2] = { left->oid, TYPE_UNKNOWN }, declared[2], result;
	const struct function_fact *fact;

	if (left->form != EXPRESSION_VALUE)
		return TYPE_TEXT;
	if (operator_resolve(translate_last_string(expr->name, expr->n_name), types, 2, &fact, declared, &result) !=
		RESOLVED ||
	    type_array_of(declared[1]) == 0)
		return left->oid;
	return declared[1];
}

/* The array's own text, taken off the end of what was written, and its type. */
static const char *
take_array(struct translator *t, const PgQuery__AExpr *expr, struct expression *array)
{
	size_t start = t->out.length;
	struct expression left;
	const char *text;

	/* What the left side is decides of an array that has no type. */
	if (translate_expression(t, expr->lexpr, &left) < 0)
		return NULL;
	sql_text_cut(&t->out, start);
	if (translate_expression(t, expr->rexpr, array) < 0 ||
	    settle_array(t, array, element_beside(expr, &left)) < 0 ||
	    (text = translator_copy(t, t->out.data + start)) == NULL)
		return NULL;
	sql_text_cut(&t->out, start);
	return text;
}

/* left operator element, where the element is a column of the table-valued function. */
static int
compare_element(struct translator *t, const PgQuery__AExpr *expr, const char *alias, uint32_t element)
{
	PgQuery__String names[2] = { PG_QUERY__STRING__INIT, PG_QUERY__STRING__INIT };
	PgQuery__Node fields[2] = { PG_QUERY__NODE__INIT, PG_QUERY__NODE__INIT }, *list[2] = { &fields[0], &fields[1] };
	PgQuery__ColumnRef ref = PG_QUERY__COLUMN_REF__INIT;
	PgQuery__Node column = PG_QUERY__NODE__INIT, node = PG_QUERY__NODE__INIT;
	PgQuery__AExpr plain = *expr;
	struct scope_range *range;
	struct expression result;
	struct scope scope;
	int status;

	names[0].sval = (char *)(uintptr_t)alias;
	names[1].sval = (char *)(uintptr_t) "value";
	for (size_t i = 0; i < 2; i++) {
		fields[i].node_case = PG_QUERY__NODE__NODE_STRING;
		fields[i].string = &names[i];
	}
	ref.n_fields = 2;
	ref.fields = list;
	column.node_case = PG_QUERY__NODE__NODE_COLUMN_REF;
	column.column_ref = &ref;
	plain.kind = PG_QUERY__A__EXPR__KIND__AEXPR_OP;
	plain.rexpr = &column;
	node.node_case = PG_QUERY__NODE__NODE_A_EXPR;
	node.a_expr = &plain;
	translate_scope_open(t, &scope);
	if ((range = translate_scope_range(t, alias, 1)) == NULL)
		return -1;
	range->hidden = true;
	range->columns[0] = (struct scope_column) { .name = "value",
		.emitted = "value",
		.oid = element,
		.typmod = -1,
		.canonical = element == TYPE_NUMERIC };
	status = translate_expression(t, &node, &result);
	translate_scope_close(t, &scope);
	if (status == 0 && result.oid != TYPE_BOOL)
		return translate_fail(t, expr->location, SQLSTATE_WRONG_OBJECT_TYPE,
		    "op ANY/ALL (array) requires operator to yield boolean");
	return status;
}

/* ANY is true by one that is, ALL false by one that is not; else NULL by one that is NULL. */
static int
array_operator(struct translator *t, const PgQuery__AExpr *expr, struct expression *type)
{
	bool any = expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY;
	const char *alias = translator_format(t, "bibd_each_%u", ++t->serial), *text;
	struct expression array;

	*type = expression_value(t->out.length, TYPE_BOOL);
	if (alias == NULL || (text = take_array(t, expr, &array)) == NULL)
		return -1;
	if (!type_is_array(array.oid))
		return wrong_array(t, expr->location);
	translate_emit_format(t,
	    "(SELECT CASE WHEN %s(\"holds\") = %d THEN %d WHEN count(*) = count(\"holds\") THEN %d END FROM (SELECT ",
	    any ? "max" : "min", any, any, !any);
	if (compare_element(t, expr, alias, type_element(array.oid)) < 0)
		return -1;
	translate_emit(t, " AS \"holds\" FROM bibd_unnest(ifnull(");
	translate_emit(t, text);
	return translate_emit_format(t, ", '{NULL}'), %u) AS \"%s\"))", kept_element(type_element(array.oid)), alias);
}

/* ---- in a definition, which has no subqueries ---- */

/* Each element as what the whole array is cast to. */
static PgQuery__Node *
cast_element(struct translator *t, PgQuery__Node *element, const PgQuery__TypeName *array)
{
	PgQuery__TypeName *name = translator_alloc(t, sizeof(*name));
	PgQuery__TypeCast *cast = translator_alloc(t, sizeof(*cast));
	PgQuery__Node *node = translator_alloc(t, sizeof(*node));

	if (name == NULL || cast == NULL || node == NULL)
		return NULL;
	*name = *array;
	name->n_array_bounds = 0;
	*cast = (PgQuery__TypeCast)PG_QUERY__TYPE_CAST__INIT;
	cast->arg = element;
	cast->type_name = name;
	cast->location = -1;
	*node = (PgQuery__Node)PG_QUERY__NODE__INIT;
	node->node_case = PG_QUERY__NODE__NODE_TYPE_CAST;
	node->type_cast = cast;
	return node;
}

/* ARRAY[...], also within a cast, as a list; NULL: it is something else, or its elements have no type of their own. */
static PgQuery__List *
list_of(struct translator *t, const PgQuery__Node *array)
{
	const PgQuery__TypeName *type = NULL;
	PgQuery__List *list = translator_alloc(t, sizeof(*list));

	if (array->node_case == PG_QUERY__NODE__NODE_TYPE_CAST) {
		type = array->type_cast->type_name;
		array = array->type_cast->arg;
	}
	if (list == NULL || array->node_case != PG_QUERY__NODE__NODE_A_ARRAY_EXPR ||
	    array->a_array_expr->n_elements == 0 || (type != NULL && type->n_array_bounds == 0))
		return NULL;
	*list = (PgQuery__List)PG_QUERY__LIST__INIT;
	list->n_items = array->a_array_expr->n_elements;
	if ((list->items = translator_alloc(t, list->n_items * sizeof(PgQuery__Node *))) == NULL)
		return NULL;
	for (size_t i = 0; i < list->n_items; i++) {
		PgQuery__Node *element = array->a_array_expr->elements[i];

		if (element->node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR ||
		    (type == NULL && element->node_case == PG_QUERY__NODE__NODE_A_CONST &&
			(element->a_const->isnull || element->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL)))
			return NULL;
		list->items[i] = type == NULL ? element : cast_element(t, element, type);
		if (list->items[i] == NULL)
			return NULL;
	}
	return list;
}

/* IN a list where one was written, which SQLite understands; else a function. */
static int
array_in_definition(struct translator *t, const PgQuery__AExpr *expr, const char *op, struct expression *type)
{
	PgQuery__Node items = PG_QUERY__NODE__INIT, node = PG_QUERY__NODE__INIT;
	PgQuery__AExpr in = *expr;

	if ((items.list = list_of(t, expr->rexpr)) == NULL)
		return array_each(t, expr, op, type);
	items.node_case = PG_QUERY__NODE__NODE_LIST;
	in.kind = PG_QUERY__A__EXPR__KIND__AEXPR_IN;
	in.rexpr = &items;
	node.node_case = PG_QUERY__NODE__NODE_A_EXPR;
	node.a_expr = &in;
	return translate_expression(t, &node, type);
}

static bool
is_comparison(const char *op)
{
	static const char *const names[] = { "=", "<>", "!=", "<", ">", "<=", ">=" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], op) == 0)
			return true;
	return false;
}

int
translate_array_comparison(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__AExpr *expr = node->a_expr;
	bool any = expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY;
	const char *op = translate_operator_name(t, expr->name, expr->n_name, expr->location);

	if (op == NULL)
		return -1;
	if (t->definition && !t->view && strcmp(op, any ? "=" : "<>") == 0)
		return array_in_definition(t, expr, op, type);
	if (any && strcmp(op, "=") == 0)
		return array_in(t, expr, false, type);
	if (!any && (strcmp(op, "<>") == 0 || strcmp(op, "!=") == 0))
		return array_in(t, expr, true, type);
	return is_comparison(op) ? array_each(t, expr, op, type) : array_operator(t, expr, type);
}
