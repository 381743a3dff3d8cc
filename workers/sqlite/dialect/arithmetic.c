/*
 * Arithmetic. SQLite computes integers as 64-bit and turns an overflow into a float, a division by zero into NULL:
 * results are checked against the type that PostgreSQL gives them. Numeric is computed in decimal by functions.
 */
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/dialect/expression.h"

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

int
translate_arithmetic(struct translator *t, const char *op, struct expression *left, struct expression *right,
    int location, struct expression *result)
{
	uint32_t common;

	if (!type_is_number(left->oid) || !type_is_number(right->oid))
		return translate_no_operator(t, op, left, right, location);
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
