/*
 * Comparisons, IS DISTINCT FROM and NULLIF: both sides are brought to the form in which SQLite compares as PostgreSQL
 * does. Most need nothing, so that SQLite can use its indexes.
 */
#include <string.h>

#include "workers/sqlite/dialect/operator.h"

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

bool
expression_meets_as_float(uint32_t oid, uint32_t other)
{
	uint32_t integer = type_is_integer(oid) ? oid : other, real = type_is_integer(oid) ? other : oid;

	return integer == TYPE_INT8 && (real == TYPE_FLOAT4 || real == TYPE_FLOAT8);
}

/* Numeric is text under a collation. SQLite compares an integer with a REAL exactly, so that a literal against one may
 * stay, and an index serves. */
static int
meet_numbers(struct translator *t, struct expression *left, struct expression *right, uint32_t common, int location)
{
	bool numeric = left->oid == TYPE_NUMERIC || right->oid == TYPE_NUMERIC;
	bool kept = (is_loose(left) && type_is_integer(right->oid)) || (is_loose(right) && type_is_integer(left->oid));

	if (kept || (!numeric && !expression_meets_as_float(left->oid, right->oid)))
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
	bool outside = other->literal || other->form == EXPRESSION_PARAMETER, filled;

	if (other->form != EXPRESSION_VALUE && expression_settle(t, other, TYPE_BPCHAR, -1) < 0)
		return -1;
	filled = left->oid == right->oid && left->column && right->column && left->typmod == right->typmod;
	outside &= column->oid == TYPE_BPCHAR && column->column && column->typmod > 4 &&
	    (other->oid == TYPE_BPCHAR || other->oid == TYPE_VARCHAR || other->form == EXPRESSION_PARAMETER);
	if (left->oid == TYPE_VARCHAR || right->oid == TYPE_VARCHAR) /* as bpchar; beside a text char(n) is a text */
		left->oid = right->oid = TYPE_BPCHAR;
	if (outside)
		return expression_fill(t, other, column->typmod);
	if (filled)
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
	if ((left->oid == TYPE_BPCHAR && right->oid == TYPE_CITEXT) ||
	    (left->oid == TYPE_CITEXT && right->oid == TYPE_BPCHAR))
		return translate_refuse(t, location, "citext beside char(n)");
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
	if ((common = type_compared(left->oid, right->oid)) == 0)
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
int
operator_compare_rows(struct translator *t, const char *op, struct expression *left, struct expression *right,
    int location, struct expression *result)
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

int
operator_compare(struct translator *t, const char *op, struct expression *left, struct expression *right, int location,
    struct expression *result)
{
	char separator[16];

	if (left->form == EXPRESSION_VALUE && right->form == EXPRESSION_VALUE && type_is_row(left->oid) &&
	    type_is_row(right->oid))
		return operator_compare_rows(t, op, left, right, location, result);
	if (expression_meet(t, op, left, right, location) < 0)
		return -1;
	(void)snprintf(separator, sizeof(separator), " %s ", op);
	return expression_join(t, left, right, "(", separator, ")", TYPE_BOOL, result);
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

int
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
	if (left->oid == TYPE_VARCHAR && right->form == EXPRESSION_VALUE && right->oid == TYPE_BPCHAR)
		return translate_refuse(t, location, "NULLIF of a varchar and a char(n)");
	if (left->oid != TYPE_BPCHAR ||
	    (right->oid != TYPE_BPCHAR && right->oid != TYPE_VARCHAR && right->form == EXPRESSION_VALUE))
		return 0;
	if (left->typmod <= 4)
		return translate_refuse(t, location, "NULLIF of a bpchar without a length");
	if (expression_fill(t, type, left->typmod) < 0)
		return -1;
	type->oid = TYPE_BPCHAR;
	type->typmod = left->typmod;
	return 0;
}

/* Whether the left side is compared as double precision, which it is not itself. */
static bool
becomes_float(const struct expression *left, const struct expression *right)
{
	return left->form == EXPRESSION_VALUE && (type_is_integer(left->oid) || left->oid == TYPE_NUMERIC) &&
	    right->form == EXPRESSION_VALUE && (right->oid == TYPE_FLOAT4 || right->oid == TYPE_FLOAT8);
}

int
translate_nullif(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__AExpr *expr = node->a_expr;
	struct expression left, right, given[2];

	if (translate_expression(t, expr->lexpr, &left) < 0 || translate_expression(t, expr->rexpr, &right) < 0)
		return -1;
	given[0] = left;
	given[1] = right;
	if (becomes_float(&left, &right) &&
	    (expression_cast(t, &right, TYPE_FLOAT8, -1, CAST_IMPLICIT, expr->location) < 0 ||
		expression_cast(t, &left, TYPE_FLOAT8, -1, CAST_IMPLICIT, expr->location) < 0))
		return -1;
	if (expression_canonize(t, &right, expr->location) < 0 || expression_canonize(t, &left, expr->location) < 0 ||
	    expression_meet(t, "=", &left, &right, expr->location) < 0 ||
	    expression_join(t, &left, &right, "nullif(", ", ", ")", left.oid, type) < 0)
		return -1;
	type->canonical = left.canonical;
	if (given[0].form == EXPRESSION_VALUE && given[0].oid == TYPE_DATE && type->oid != TYPE_DATE &&
	    expression_cast(t, type, TYPE_DATE, -1, CAST_EXPLICIT, expr->location) < 0)
		return -1;
	if (given[0].oid == TYPE_TIMESTAMP && type->oid == TYPE_TIMESTAMPTZ)
		return translate_refuse(t, expr->location, "NULLIF of a timestamp and a timestamp with time zone");
	if (type->oid == TYPE_CIDR)
		type->oid = TYPE_INET;
	return settle_nullif(t, &given[0], &given[1], expr->location, type);
}
