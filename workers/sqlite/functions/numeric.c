/*
 * Operators and rounding of numerics, which come as text and go back as text (types/decimal.h).
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/functions/numeric_value.h"
#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/decimal.h"
#include "workers/sqlite/types/decimal_small.h"

/* Digits a result may take, and steps that one operation may cost. */
#define DIGITS_MAX 131072
#define WORK_MAX 200000000
/* Digits behind the point that a division may give, or round() be asked for. */
#define PLACES_MAX 1000
#define SCALE_LIMIT 16383 /* of digits behind the point, in PostgreSQL */

/* Reads a stored numeric, or an integer or float that was computed. */
static bool
read_value(sqlite3_value *value, struct decimal *x)
{
	struct type_value in = type_value_of(value), text = { 0 };
	bool read =
	    type_coerce(TYPE_NUMERIC, -1, false, &in, &text, NULL) == 0 && decimal_read(text.bytes, text.length, x);

	type_value_free(&text);
	return read;
}

static void
give(sqlite3_context *c, const struct decimal *x)
{
	size_t length;
	char *text = decimal_write(x, &length);

	if (text == NULL)
		sqlite3_result_error_nomem(c);
	else
		sqlite3_result_text64(c, text, length, free, SQLITE_UTF8);
}

static void
operate_special(sqlite3_context *c, char op, sqlite3_value **argv)
{
	struct numeric x[2];

	if (!numeric_take(c, argv, x, 2))
		return;
	numeric_operate_special(c, op, &x[0], &x[1]);
	numeric_free(x, 2);
}

static bool
read_small(sqlite3_value *value, struct decimal_small *x)
{
	return sqlite3_value_type(value) == SQLITE_TEXT &&
	    decimal_small_read((const char *)sqlite3_value_text(value), (size_t)sqlite3_value_bytes(value), x);
}

void
numeric_calculate(sqlite3_context *c, sqlite3_value **argv, char op)
{
	struct decimal a = { 0 }, b = { 0 }, out = { 0 };
	struct decimal_small x, y;
	char text[DECIMAL_SMALL_TEXT];
	bool divides = op == '/' || op == '%';
	size_t length;

	if (sqlite3_value_type(argv[0]) == SQLITE_NULL || sqlite3_value_type(argv[1]) == SQLITE_NULL)
		return;
	if (!divides && read_small(argv[0], &x) && read_small(argv[1], &y) &&
	    (length = decimal_small_operate(op, &x, &y, text)) > 0) {
		sqlite3_result_text64(c, text, length, SQLITE_TRANSIENT, SQLITE_UTF8);
		return;
	}
	if (!read_value(argv[0], &a) || !read_value(argv[1], &b))
		function_fail(c, SQLSTATE_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type numeric");
	else if (a.special || b.special)
		operate_special(c, op, argv);
	else if (divides && decimal_is_zero(&b))
		function_fail(c, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
	else if (a.n + b.n > DIGITS_MAX || (op == '*' && a.n * b.n > WORK_MAX) ||
	    (divides && (a.n + b.scale + PLACES_MAX) * b.n > WORK_MAX / 10))
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format");
	else if ((op != '*' && !divides) || !function_must_end(c, a.n * b.n)) {
		if (decimal_operate(op, &a, &b, &out))
			give(c, &out);
		else
			sqlite3_result_error_nomem(c);
	}
	decimal_free(&a);
	decimal_free(&b);
	decimal_free(&out);
}

void
numeric_round(sqlite3_context *c, sqlite3_value *value, int64_t places, enum decimal_rounding how)
{
	struct decimal x = { 0 };

	if (!read_value(value, &x))
		function_fail(c, SQLSTATE_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type numeric");
	else if (x.special)
		sqlite3_result_value(c, value);
	else if (decimal_round(&x, places > SCALE_LIMIT ? SCALE_LIMIT : places, how))
		give(c, &x);
	else
		sqlite3_result_error_nomem(c);
	decimal_free(&x);
}

#define CALCULATE(name, op) \
	void name(sqlite3_context *c, int argc, sqlite3_value **argv) \
	{ \
		(void)argc; \
		numeric_calculate(c, argv, op); \
	}
CALCULATE(operator_numeric_add, '+')
CALCULATE(operator_numeric_subtract, '-')
CALCULATE(operator_numeric_multiply, '*')
CALCULATE(operator_numeric_divide, '/')
CALCULATE(operator_numeric_modulo, '%')
#undef CALCULATE

/* A real has six digits that count. */
void
numeric_of_real(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	double value = type_real_of(argv[0]);
	struct report report = { 0 };
	struct type_value numeric;
	char text[48];

	(void)argc;
	if (isnan(value) || isinf(value))
		(void)snprintf(text, sizeof(text), "%s", isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity");
	else
		(void)snprintf(text, sizeof(text), "%.*g", FLT_DIG, value);
	if (type_parse_numeric(text, strlen(text), &numeric, &report) == 0)
		function_result_value(c, &numeric);
	else
		function_fail_report(c, &report);
}
