/*
 * Arithmetic. SQLite computes integers as 64-bit and turns an overflow into a float, a division by zero into NULL:
 * results are checked against the type that PostgreSQL gives them. Numeric is computed in decimal by functions.
 */
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/dialect/expression.h"

/* Operators on two types that are not both numbers, and the function that computes each. */
static const struct {
	const char *op;
	uint32_t left, right, result;
	const char *function;
} computed[] = {
	{ "+", TYPE_DATE, TYPE_INT4, TYPE_DATE, "bibd_date_add" },
	{ "-", TYPE_DATE, TYPE_INT4, TYPE_DATE, "bibd_date_subtract" },
	{ "-", TYPE_DATE, TYPE_DATE, TYPE_INT4, "bibd_date_difference" },
	{ "+", TYPE_DATE, TYPE_INTERVAL, TYPE_TIMESTAMP, "bibd_timestamp_add" },
	{ "-", TYPE_DATE, TYPE_INTERVAL, TYPE_TIMESTAMP, "bibd_timestamp_subtract" },
	{ "+", TYPE_TIMESTAMP, TYPE_INTERVAL, TYPE_TIMESTAMP, "bibd_timestamp_add" },
	{ "-", TYPE_TIMESTAMP, TYPE_INTERVAL, TYPE_TIMESTAMP, "bibd_timestamp_subtract" },
	{ "+", TYPE_TIMESTAMPTZ, TYPE_INTERVAL, TYPE_TIMESTAMPTZ, "bibd_timestamptz_add" },
	{ "-", TYPE_TIMESTAMPTZ, TYPE_INTERVAL, TYPE_TIMESTAMPTZ, "bibd_timestamptz_subtract" },
};

/* Index: the operator's first byte. */
static const char *const numeric_functions[128] = {
	['+'] = "bibd_numeric_add(",
	['-'] = "bibd_numeric_subtract(",
	['*'] = "bibd_numeric_multiply(",
	['/'] = "bibd_numeric_divide(",
	['%'] = "bibd_numeric_modulo(",
	['^'] = "bibd_numeric_power(",
};

/* There is no remainder of floats. */
static const char *const float_functions[128] = {
	['+'] = "bibd_float_add(",
	['-'] = "bibd_float_subtract(",
	['*'] = "bibd_float_multiply(",
	['/'] = "bibd_divide_float(",
	['^'] = "bibd_power(",
};

/* Puts the check for the type's range around an integer result. */
static int
check_range(struct translator *t, struct expression *e)
{
	return expression_wrap(t, e,
	    e->oid == TYPE_INT8	      ? "bibd_int8_range("
		: e->oid == TYPE_INT2 ? "bibd_int2_range("
				      : "bibd_int4_range(",
	    ")");
}

static int
compute_integers(struct translator *t, const char *op, struct expression *left, struct expression *right, uint32_t oid,
    struct expression *result)
{
	char separator[] = " + ";

	if (*op == '/' || *op == '%') {
		if (expression_join(t, left, right, *op == '/' ? "bibd_divide(" : "bibd_modulo(", ", ", ")", oid,
			result) < 0)
			return -1;
		return *op == '/' ? check_range(t, result) : 0;
	}
	separator[1] = *op;
	if (expression_join(t, left, right, "", separator, "", oid, result) < 0)
		return -1;
	return check_range(t, result);
}

static int
compute_floats(struct translator *t, const char *op, struct expression *left, struct expression *right, uint32_t oid,
    int location, struct expression *result)
{
	const char *function = float_functions[*op & 0x7f];

	if (function == NULL)
		return translate_no_operator(t, op, left, right, location);
	if (expression_cast(t, right, TYPE_FLOAT8, -1, CAST_IMPLICIT, location) < 0 ||
	    expression_cast(t, left, TYPE_FLOAT8, -1, CAST_IMPLICIT, location) < 0 ||
	    expression_join(t, left, right, function, ", ", ")", oid, result) < 0)
		return -1;
	return oid == TYPE_FLOAT4 ? expression_wrap(t, result, "bibd_float4(", ")") : 0;
}

static int
compute_numerics(struct translator *t, const char *op, struct expression *left, struct expression *right, int location,
    struct expression *result)
{
	if (expression_cast(t, right, TYPE_NUMERIC, -1, CAST_IMPLICIT, location) < 0 ||
	    expression_cast(t, left, TYPE_NUMERIC, -1, CAST_IMPLICIT, location) < 0)
		return -1;
	if (expression_join(t, left, right, numeric_functions[*op & 0x7f], ", ", ")", TYPE_NUMERIC, result) < 0)
		return -1;
	result->canonical = true;
	return 0;
}

static int
compute_others(struct translator *t, const char *op, struct expression *left, struct expression *right, int location,
    struct expression *result)
{
	uint32_t right_oid = right->oid == TYPE_INT2 ? (uint32_t)TYPE_INT4 : right->oid;

	for (size_t i = 0; i < sizeof(computed) / sizeof(computed[0]); i++) {
		char prefix[64];

		if (strcmp(computed[i].op, op) != 0 || computed[i].left != left->oid ||
		    (computed[i].right != right_oid && right->form == EXPRESSION_VALUE))
			continue;
		if (expression_settle(t, right, computed[i].right, -1) < 0)
			return -1;
		snprintf(prefix, sizeof(prefix), "%s(", computed[i].function);
		return expression_join(t, left, right, prefix, ", ", ")", computed[i].result, result);
	}
	if (left->oid == TYPE_INTERVAL || right->oid == TYPE_INTERVAL ||
	    (left->oid == right->oid &&
		(left->oid == TYPE_TIMESTAMP || left->oid == TYPE_TIMESTAMPTZ || left->oid == TYPE_TIME)))
		return translate_refuse(t, location, "arithmetic on these dates and times");
	return translate_no_operator(t, op, left, right, location);
}

int
translate_arithmetic(struct translator *t, const char *op, struct expression *left, struct expression *right,
    int location, struct expression *result)
{
	size_t length = t->out.length;
	uint32_t common;

	if (left->form != EXPRESSION_VALUE && right->form != EXPRESSION_VALUE)
		return translate_fail(t, location, SQLSTATE_AMBIGUOUS_FUNCTION,
		    "operator is not unique: unknown %s unknown", op);
	if (left->form != EXPRESSION_VALUE && type_is_number(right->oid) &&
	    expression_cast(t, left, right->oid, -1, CAST_IMPLICIT, location) < 0)
		return -1;
	right->start += t->out.length - length; /* a constant written another way moved it */
	right->end = t->out.length;
	if (right->form != EXPRESSION_VALUE && type_is_number(left->oid) &&
	    expression_cast(t, right, left->oid, -1, CAST_IMPLICIT, location) < 0)
		return -1;
	if (left->oid == TYPE_INT4 && right->oid == TYPE_DATE && *op == '+')
		return translate_refuse(t, location, "an integer before + and a date (write the date first)");
	if (left->form == EXPRESSION_NULL)
		left->oid = right->oid;
	if (right->form == EXPRESSION_NULL)
		right->oid = left->oid;
	if (!type_is_number(left->oid) || !type_is_number(right->oid))
		return compute_others(t, op, left, right, location, result);
	common = type_common(left->oid, right->oid);
	if (type_is_integer(common) && *op != '^')
		return compute_integers(t, op, left, right, common, result);
	if (common == TYPE_NUMERIC)
		return compute_numerics(t, op, left, right, location, result);
	/* real with real is real; with anything else it is double precision. */
	if (left->oid != right->oid || *op == '^')
		common = TYPE_FLOAT8;
	return compute_floats(t, op, left, right, common, location, result);
}

int
translate_negation(struct translator *t, struct expression *operand, int location)
{
	if (operand->form != EXPRESSION_VALUE && expression_settle(t, operand, TYPE_FLOAT8, -1) < 0)
		return -1;
	if (!type_is_number(operand->oid)) {
		if (operand->form == EXPRESSION_NULL)
			return 0;
		return translate_no_operator(t, "-", NULL, operand, location);
	}
	operand->typmod = -1;
	if (operand->oid == TYPE_NUMERIC) {
		if (expression_cast(t, operand, TYPE_NUMERIC, -1, CAST_IMPLICIT, location) < 0)
			return -1;
		return expression_wrap(t, operand, "bibd_numeric_subtract('0', ", ")");
	}
	if (!type_is_integer(operand->oid))
		return expression_wrap(t, operand, "bibd_float_negate(", ")");
	return expression_wrap(t, operand, "(- ", ")") < 0 ? -1 : check_range(t, operand);
}
