/*
 * Operators: comparisons, concatenation, JSON, bits. What a comparison needs depends on how both sides are stored; most
 * need nothing, so that SQLite can use its indexes.
 */
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/dialect/expression.h"

static int compare(struct translator *t, const char *op, struct expression *left, struct expression *right,
    int location, struct expression *result);
static int concatenate(struct translator *t, const char *op, struct expression *left, struct expression *right,
    int location, struct expression *result);
static int json_member(struct translator *t, const char *op, struct expression *left, struct expression *right,
    int location, struct expression *result);
static int bits(struct translator *t, const char *op, struct expression *left, struct expression *right, int location,
    struct expression *result);
static int contain_arrays(struct translator *t, const char *op, struct expression *left, struct expression *right,
    int location, struct expression *result);
static int compare_rows(struct translator *t, const char *op, struct expression *left, struct expression *right,
    int location, struct expression *result);

typedef int operator_fn(struct translator *t, const char *op, struct expression *left, struct expression *right,
    int location, struct expression *result);

static const struct {
	const char *name;
	operator_fn *translate;
} operators[] = {
	{ "=", compare },
	{ "<>", compare },
	{ "!=", compare },
	{ "<", compare },
	{ ">", compare },
	{ "<=", compare },
	{ ">=", compare },
	{ "+", translate_arithmetic },
	{ "-", translate_arithmetic },
	{ "*", translate_arithmetic },
	{ "/", translate_arithmetic },
	{ "%", translate_arithmetic },
	{ "^", translate_arithmetic },
	{ "||", concatenate },
	{ "->", json_member },
	{ "->>", json_member },
	{ "&", bits },
	{ "|", bits },
	{ "<<", bits },
	{ ">>", bits },
	{ "#", bits },
	{ "@>", contain_arrays },
	{ "<@", contain_arrays },
	{ "&&", contain_arrays },
	{ "*=", compare_rows },
	{ "*<>", compare_rows },
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

/* What an unknown operand takes from the other: varchar has no comparison of its own in PostgreSQL. */
static uint32_t
compared_type(uint32_t oid)
{
	return oid == TYPE_VARCHAR ? (uint32_t)TYPE_TEXT : oid;
}

/* A decimal literal whose context has not said yet what it is bound as: REAL until then. */
static bool
is_loose(const struct expression *e)
{
	return e->oid == TYPE_NUMERIC && !e->canonical && e->literal;
}

/* Numeric is text under a collation. SQLite compares an integer with a REAL exactly, so that a literal against one may
 * stay, and an index serves. */
static int
meet_numbers(struct translator *t, struct expression *left, struct expression *right, uint32_t common, int location)
{
	bool numeric = left->oid == TYPE_NUMERIC || right->oid == TYPE_NUMERIC;
	bool kept = (is_loose(left) && type_is_integer(right->oid)) || (is_loose(right) && type_is_integer(left->oid));

	if (!numeric || kept)
		return 0;
	if (expression_cast(t, right, common, -1, CAST_IMPLICIT, location) < 0)
		return -1;
	return expression_cast(t, left, common, -1, CAST_IMPLICIT, location);
}

int
expression_fill(struct translator *t, struct expression *e, int32_t typmod)
{
	char suffix[24];

	snprintf(suffix, sizeof(suffix), ", %d)", typmod - 4);
	return expression_wrap(t, e, "bibd_fill(", suffix);
}

/* char(n) is kept with its blanks, which count for nothing: a value from outside is filled up to the column's length,
 * so that an index serves; other pairs are compared without them. */
static int
meet_padded(struct translator *t, struct expression *left, struct expression *right)
{
	struct expression *column = left->column ? left : right, *other = left->column ? right : left;
	bool outside = other->literal || other->form == EXPRESSION_PARAMETER;

	if (other->form != EXPRESSION_VALUE && expression_settle(t, other, TYPE_BPCHAR, -1) < 0)
		return -1;
	if (left->oid == TYPE_VARCHAR || right->oid == TYPE_VARCHAR) /* as bpchar; beside a text char(n) is a text */
		left->oid = right->oid = TYPE_BPCHAR;
	if (outside && column->oid == TYPE_BPCHAR && column->column && column->typmod > 4)
		return expression_fill(t, other, column->typmod);
	if (left->oid == right->oid && left->column && right->column && left->typmod == right->typmod)
		return 0;
	return expression_trim(t, right) < 0 ? -1 : expression_trim(t, left);
}

/* One side has no type of its own and takes the other's. Right before left, as text grows. */
static int
meet_unknown(struct translator *t, struct expression *left, struct expression *right, int location)
{
	uint32_t oid = compared_type(right->form != EXPRESSION_VALUE ? left->oid : right->oid);

	if (right->form != EXPRESSION_VALUE ? expression_cast(t, right, oid, -1, CAST_IMPLICIT, location) < 0
					    : expression_canonize(t, right, location) < 0)
		return -1;
	return left->form != EXPRESSION_VALUE ? expression_cast(t, left, oid, -1, CAST_IMPLICIT, location)
					      : expression_canonize(t, left, location);
}

static int
meet_types(struct translator *t, const char *op, struct expression *left, struct expression *right, int location)
{
	bool both_unknown = left->form != EXPRESSION_VALUE && right->form != EXPRESSION_VALUE;
	uint32_t common;

	if (both_unknown) {
		if (expression_settle(t, right, TYPE_TEXT, -1) < 0)
			return -1;
		return expression_settle(t, left, TYPE_TEXT, -1);
	}
	if ((left->oid == TYPE_BPCHAR || right->oid == TYPE_BPCHAR) && left->form != EXPRESSION_NULL &&
	    right->form != EXPRESSION_NULL)
		return meet_padded(t, left, right);
	if ((left->form == EXPRESSION_VALUE && left->oid == TYPE_JSON) ||
	    (right->form == EXPRESSION_VALUE && right->oid == TYPE_JSON)) /* which has no order and no equality */
		return translate_no_operator(t, op, left, right, location);
	if (right->form != EXPRESSION_VALUE || left->form != EXPRESSION_VALUE)
		return meet_unknown(t, left, right, location);
	if (type_is_row(left->oid) && type_is_row(right->oid) && !translate_rows_alike(t, left, right))
		return translate_refuse(t, location, "comparing rows whose fields may differ in type here");
	if (left->oid == right->oid && left->oid != TYPE_NUMERIC)
		return 0;
	if ((common = type_common(left->oid, right->oid)) == 0)
		return translate_no_operator(t, op, left, right, location);
	if (type_is_number(common))
		return meet_numbers(t, left, right, common, location);
	if ((type_is_text(common) && left->oid != TYPE_CITEXT && right->oid != TYPE_CITEXT) || common == TYPE_OID)
		return 0;
	if (expression_cast(t, right, common, -1, CAST_IMPLICIT, location) < 0)
		return -1;
	return expression_cast(t, left, common, -1, CAST_IMPLICIT, location);
}

int
expression_meet(struct translator *t, const char *op, struct expression *left, struct expression *right, int location)
{
	if (meet_types(t, op, left, right, location) < 0)
		return -1;
	if (left->oid == TYPE_NUMERIC && is_loose(left))
		return 0;
	if (left->oid != right->oid && left->form == EXPRESSION_VALUE && !type_is_text(left->oid))
		return 0;
	return expression_collate_beside(t, left, right->end);
}

/* A function compares rows, which says what PostgreSQL says of fields that can't be compared. */
static int
compare_rows(struct translator *t, const char *op, struct expression *left, struct expression *right, int location,
    struct expression *result)
{
	static const struct {
		const char *op, *call;
	} calls[] = { { "=", "bibd_row_eq(" }, { "<>", "bibd_row_ne(" }, { "!=", "bibd_row_ne(" },
		{ "<", "bibd_row_lt(" }, { "<=", "bibd_row_le(" }, { ">", "bibd_row_gt(" }, { ">=", "bibd_row_ge(" },
		{ "*=", "bibd_row_same(" }, { "*<>", "bibd_row_differs(" } };

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strcmp(calls[i].op, op) == 0)
			return expression_join(t, left, right, calls[i].call, ", ", ")", TYPE_BOOL, result);
	return translate_no_operator(t, op, left, right, location);
}

static int
compare(struct translator *t, const char *op, struct expression *left, struct expression *right, int location,
    struct expression *result)
{
	char separator[16];

	if (left->form == EXPRESSION_VALUE && right->form == EXPRESSION_VALUE && type_is_row(left->oid) &&
	    type_is_row(right->oid))
		return compare_rows(t, op, left, right, location, result);
	if (expression_meet(t, op, left, right, location) < 0)
		return -1;
	(void)snprintf(separator, sizeof(separator), " %s ", op);
	return expression_join(t, left, right, "(", separator, ")", TYPE_BOOL, result);
}

static int
concatenate_operand(struct translator *t, struct expression *e, int location)
{
	if (e->form != EXPRESSION_VALUE)
		return expression_settle(t, e, TYPE_TEXT, -1);
	if (e->oid == TYPE_BPCHAR)
		return expression_trim(t, e);
	return type_is_text(e->oid) ? 0 : expression_cast(t, e, TYPE_TEXT, -1, CAST_EXPLICIT, location);
}

static uint32_t
array_element(const struct expression *e)
{
	return type_is_array(e->oid) ? type_element(e->oid) : e->oid;
}

/* Arrays to arrays of the type in which the elements meet, an element to that type. */
static int
bring_to_element(struct translator *t, struct expression *e, uint32_t element, int location)
{
	if (e->oid == TYPE_BPCHAR && element != TYPE_BPCHAR)
		return expression_trim(t, e);
	return expression_cast(t, e, type_is_array(e->oid) ? type_array_of(element) : element, -1, CAST_IMPLICIT,
	    location);
}

static int
concatenate_arrays(struct translator *t, struct expression *left, struct expression *right, int location,
    struct expression *result)
{
	uint32_t element = type_common(array_element(left), array_element(right));
	bool both = type_is_array(left->oid) && type_is_array(right->oid);
	const char *call = both	       ? "bibd_array_cat("
	    : type_is_array(left->oid) ? "bibd_array_append("
				       : "bibd_array_prepend(";
	const char *end = both ? ")" : translator_format(t, ", %u)", type_kept_as(element));

	if (element == 0 || type_array_of(element) == 0)
		return translate_no_operator(t, "||", left, right, location);
	if (end == NULL || bring_to_element(t, right, element, location) < 0 ||
	    bring_to_element(t, left, element, location) < 0)
		return -1;
	return expression_join(t, left, right, call, ", ", end, type_array_of(element), result);
}

/* @>, <@ and &&, which PostgreSQL has of arrays of any one type. */
static int
contain_arrays(struct translator *t, const char *op, struct expression *left, struct expression *right, int location,
    struct expression *result)
{
	const char *end = translator_format(t, ", '%s', %u)", op, type_kept_as(type_element(left->oid)));

	if (!type_is_array(left->oid) || !type_is_array(right->oid))
		return translate_no_operator(t, op, left, right, location);
	return end == NULL ? -1 : expression_join(t, left, right, "bibd_array_contain(", ", ", end, TYPE_BOOL, result);
}

static int
concatenate(struct translator *t, const char *op, struct expression *left, struct expression *right, int location,
    struct expression *result)
{
	bool text = left->form != EXPRESSION_VALUE || right->form != EXPRESSION_VALUE || type_is_text(left->oid) ||
	    type_is_text(right->oid);

	if (type_is_array(left->oid) || type_is_array(right->oid))
		return concatenate_arrays(t, left, right, location, result);
	if (!text)
		return translate_no_operator(t, op, left, right, location);
	if (concatenate_operand(t, right, location) < 0 || concatenate_operand(t, left, location) < 0)
		return -1;
	return expression_join(t, left, right, "(", " || ", ")", TYPE_TEXT, result);
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
	if (operator_is_pattern(op))
		return translate_pattern(t, expr, op, type);
	return binary(t, expr, op, type);
}

static bool
is_null_literal(const PgQuery__Node *node)
{
	return node->node_case == PG_QUERY__NODE__NODE_A_CONST && node->a_const->isnull;
}

/* Beside a written NULL it is a test for NULL, of types that have no equality, too. */
static int
translate_distinct_from_null(struct translator *t, const PgQuery__Node *node, bool negated, struct expression *type)
{
	struct expression e;

	if (translate_expression(t, node, &e) < 0 || expression_settle(t, &e, TYPE_TEXT, -1) < 0 ||
	    expression_null_test(t, &e, negated) < 0)
		return -1;
	*type = expression_value(e.start, TYPE_BOOL);
	return 0;
}

static int
translate_distinct(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__AExpr *expr = node->a_expr;
	struct expression left, right;
	bool negated = expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT;
	struct operator_meaning meaning;

	if (expr->lexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR &&
	    expr->rexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR)
		return translate_row_distinct(t, node, type);
	if (is_null_literal(expr->lexpr) || is_null_literal(expr->rexpr))
		return translate_distinct_from_null(t, is_null_literal(expr->rexpr) ? expr->lexpr : expr->rexpr,
		    negated, type);
	if (translate_expression(t, expr->lexpr, &left) < 0 || translate_expression(t, expr->rexpr, &right) < 0 ||
	    translate_operands(t, "=", &left, &right, expr->location, &meaning) < 0 ||
	    expression_meet(t, "=", &left, &right, expr->location) < 0)
		return -1;
	return expression_join(t, &left, &right, "(", negated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ", ")",
	    TYPE_BOOL, type);
}

/* Its type is the left operand's, as the operator = takes it: varchar becomes text, char(n) stays beside its own. */
static int
settle_nullif(struct translator *t, const struct expression *left, const struct expression *right, int location,
    struct expression *type)
{
	type->typmod = type->oid == left->oid ? left->typmod : -1;
	type->not_null = false;
	if (left->oid == TYPE_VARCHAR) {
		type->oid = TYPE_TEXT;
		type->typmod = -1;
	}
	if (left->oid != TYPE_BPCHAR || (right->oid != TYPE_BPCHAR && right->form == EXPRESSION_VALUE))
		return 0;
	if (left->typmod <= 4)
		return translate_refuse(t, location, "NULLIF of a bpchar without a length");
	if (expression_fill(t, type, left->typmod) < 0)
		return -1;
	type->oid = TYPE_BPCHAR;
	type->typmod = left->typmod;
	return 0;
}

static int
translate_nullif(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__AExpr *expr = node->a_expr;
	struct expression left, right, given[2];

	if (translate_expression(t, expr->lexpr, &left) < 0 || translate_expression(t, expr->rexpr, &right) < 0)
		return -1;
	given[0] = left;
	given[1] = right;
	if (expression_canonize(t, &right, expr->location) < 0 || expression_canonize(t, &left, expr->location) < 0 ||
	    expression_meet(t, "=", &left, &right, expr->location) < 0 ||
	    expression_join(t, &left, &right, "nullif(", ", ", ")", left.oid, type) < 0)
		return -1;
	type->canonical = left.canonical;
	return settle_nullif(t, &given[0], &given[1], expr->location, type);
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
