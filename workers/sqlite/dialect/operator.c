/*
 * Operators: each is looked up in a table of functions that write it; those of JSON and of bits stand here.
 */
#include <string.h>

#include "workers/sqlite/dialect/operator.h"

static operator_fn json_member, bits;

static const struct {
	const char *name;
	operator_fn *translate;
} operators[] = {
	{ "=", operator_compare },
	{ "<>", operator_compare },
	{ "!=", operator_compare },
	{ "<", operator_compare },
	{ ">", operator_compare },
	{ "<=", operator_compare },
	{ ">=", operator_compare },
	{ "+", translate_arithmetic },
	{ "-", translate_arithmetic },
	{ "*", translate_arithmetic },
	{ "/", translate_arithmetic },
	{ "%", translate_arithmetic },
	{ "^", translate_arithmetic },
	{ "||", operator_concatenate },
	{ "->", json_member },
	{ "->>", json_member },
	{ "&", bits },
	{ "|", bits },
	{ "<<", bits },
	{ ">>", bits },
	{ "#", bits },
	{ "@>", operator_contain },
	{ "<@", operator_contain },
	{ "&&", operator_contain },
	{ "*=", operator_compare_rows },
	{ "*<>", operator_compare_rows },
};

const char *
translate_operator_name(struct translator *t, PgQuery__Node *const *names, size_t n, int location)
{
	const char *schema = n > 1 ? translate_string(names[n - 2]) : NULL;
	const char *name = translate_last_string(names, n);

	if (schema != NULL && strcmp(schema, "pg_catalog") != 0) {
		translate_fail(t, location, SQLSTATE_UNDEFINED_FUNCTION, "operator does not exist: %s.%s", schema,
		    name);
		return NULL;
	}
	return name;
}

int
expression_join(struct translator *t, struct expression *left, struct expression *right, const char *prefix,
    const char *separator, const char *suffix, uint32_t oid, struct expression *result)
{
	size_t start = left->start;

	sql_text_insert(&t->out, t->out.length, suffix);
	sql_text_insert(&t->out, left->end, separator);
	sql_text_insert(&t->out, start, prefix);
	*result = expression_value(start, oid);
	result->not_null = left->not_null && right->not_null;
	result->end = t->out.length;
	return t->out.failed ? translate_out_of_memory(t) : 0;
}

/* SQLite's own ->> gives 1 for true, so that the text is made from the JSON. A place in jsonb has a function of its
 * own: there a value that is no array counts as an array of one. */
static int
json_member(struct translator *t, const char *op, struct expression *left, struct expression *right, int location,
    struct expression *result)
{
	bool text = strcmp(op, "->>") == 0;
	uint32_t oid = left->oid == TYPE_JSONB ? TYPE_JSONB : TYPE_JSON;

	if (left->oid != TYPE_JSON && left->oid != TYPE_JSONB)
		return translate_no_operator(t, op, left, right, location);
	if (expression_settle(t, right, TYPE_TEXT, -1) < 0)
		return -1;
	if (oid == TYPE_JSONB && type_is_integer(right->oid))
		return expression_join(t, left, right,
		    text ? "bibd_json_text(bibd_jsonb_element(" : "bibd_jsonb_element(", ", ", text ? "))" : ")",
		    text ? TYPE_TEXT : oid, result);
	return expression_join(t, left, right, text ? "bibd_json_text(" : "(", " -> ", ")", text ? TYPE_TEXT : oid,
	    result);
}

static int
bits(struct translator *t, const char *op, struct expression *left, struct expression *right, int location,
    struct expression *result)
{
	uint32_t oid = left->form == EXPRESSION_VALUE ? left->oid : right->oid;
	char separator[16];

	if (expression_settle(t, right, oid, -1) < 0 || expression_settle(t, left, oid, -1) < 0)
		return -1;
	if (!type_is_integer(left->oid) || !type_is_integer(right->oid))
		return translate_no_operator(t, op, left, right, location);
	if (strcmp(op, "#") == 0)
		return expression_join(t, left, right, "bibd_xor(", ", ", ")", type_common(left->oid, right->oid),
		    result);
	if (strcmp(op, "<<") == 0 || strcmp(op, ">>") == 0)
		return expression_join(t, left, right, *op == '<' ? "bibd_shift_left(" : "bibd_shift_right(", ", ",
		    left->oid == TYPE_INT8	 ? ", 64)"
			: left->oid == TYPE_INT4 ? ", 32)"
						 : ", 16)",
		    left->oid, result);
	(void)snprintf(separator, sizeof(separator), " %s ", op);
	oid = type_common(left->oid, right->oid);
	return expression_join(t, left, right, "(", separator, ")", oid, result);
}

static int
write_unary(struct translator *t, const char *op, struct expression *type, int location)
{
	if (strcmp(op, "-") == 0)
		return translate_negation(t, type, location);
	if (strcmp(op, "+") == 0)
		return 0;
	if (strcmp(op, "~") == 0 && type_is_integer(type->oid))
		return expression_wrap(t, type, "(~ ", ")");
	return translate_no_operator(t, op, NULL, type, location);
}

static int
unary(struct translator *t, const PgQuery__AExpr *expr, const char *op, struct expression *type)
{
	struct operator_meaning meaning;
	int status;

	if (translate_expression(t, expr->rexpr, type) < 0 ||
	    translate_operands(t, op, NULL, type, expr->location, &meaning) < 0)
		return -1;
	status = meaning.function != NULL ? translate_computed(t, &meaning, NULL, type, type)
					  : write_unary(t, op, type, expr->location);
	return translate_operator_done(t, op, status, &meaning, type, expr->location);
}

static int
write_binary(struct translator *t, const char *op, struct expression *left, struct expression *right, int location,
    struct expression *type)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (strcmp(operators[i].name, op) == 0)
			return operators[i].translate(t, op, left, right, location, type);
	return translate_no_operator(t, op, left, right, location);
}

static int
binary(struct translator *t, const PgQuery__AExpr *expr, const char *op, struct expression *type)
{
	struct expression left, right;
	struct operator_meaning meaning;
	int status;

	if (translate_expression(t, expr->lexpr, &left) < 0 || translate_expression(t, expr->rexpr, &right) < 0 ||
	    translate_operands(t, op, &left, &right, expr->location, &meaning) < 0)
		return -1;
	status = meaning.function != NULL ? translate_computed(t, &meaning, &left, &right, type)
					  : write_binary(t, op, &left, &right, expr->location, type);
	return translate_operator_done(t, op, status, &meaning, type, expr->location);
}

static int
translate_operator(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__AExpr *expr = node->a_expr;
	const char *op = translate_operator_name(t, expr->name, expr->n_name, expr->location);

	if (op == NULL)
		return -1;
	if (expr->lexpr == NULL)
		return unary(t, expr, op, type);
	if (expr->lexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR &&
	    expr->rexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR)
		return translate_row_comparison(t, node, type);
	if (expr->lexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR &&
	    expr->rexpr->node_case == PG_QUERY__NODE__NODE_SUB_LINK &&
	    expr->rexpr->sub_link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK)
		return translate_row_beside_query(t, expr, op, type);
	if (operator_is_pattern(op))
		return translate_pattern(t, expr, op, type);
	return binary(t, expr, op, type);
}

int
translate_a_expr(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	static translate_node_fn *const kinds[] = {
		[PG_QUERY__A__EXPR__KIND__AEXPR_OP] = translate_operator,
		[PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY] = translate_array_comparison,
		[PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL] = translate_array_comparison,
		[PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT] = translate_distinct,
		[PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT] = translate_distinct,
		[PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF] = translate_nullif,
		[PG_QUERY__A__EXPR__KIND__AEXPR_IN] = translate_in_list,
		[PG_QUERY__A__EXPR__KIND__AEXPR_LIKE] = translate_operator,
		[PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE] = translate_operator,
		[PG_QUERY__A__EXPR__KIND__AEXPR_SIMILAR] = translate_similar,
		[PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN] = translate_between,
		[PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN] = translate_between,
		[PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM] = translate_between,
		[PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM] = translate_between,
	};
	size_t kind = (size_t)node->a_expr->kind;
	int compared = translate_records_compared(t, node->a_expr, type);

	if (compared != 0)
		return compared < 0 ? -1 : 0;
	if (kind >= sizeof(kinds) / sizeof(kinds[0]) || kinds[kind] == NULL)
		return translate_refuse_node(t, node);
	return kinds[kind](t, node, type);
}
