/*
 * Numbers in a jsonpath: arithmetic, the methods of numbers, subscripts.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/jsonpath_run.h"
#include "workers/sqlite/types/decimal.h"

bool
jsonpath_is_number(struct json_span item)
{
	char kind = json_span_kind(item);

	return kind == '-' || (kind >= '0' && kind <= '9');
}

static enum jsonpath_result
out_of_memory(struct jsonpath_run *run)
{
	return jsonpath_end(run, SQLSTATE_OUT_OF_MEMORY, "out of memory");
}

/* The decimal as a text of the run; it is freed. */
static struct json_span
keep_decimal(struct jsonpath_run *run, struct decimal *x, bool ok)
{
	struct json_span span = { NULL, 0 };
	size_t length;
	char *text = ok ? decimal_write(x, &length) : NULL;

	if (text != NULL)
		span = jsonpath_keep(run, text, length);
	else
		(void)out_of_memory(run);
	free(text);
	decimal_free(x);
	return span;
}

static struct json_span
calculate(struct jsonpath_run *run, char op, struct json_span left, struct json_span right)
{
	struct decimal a = { 0 }, b = { 0 }, result = { 0 };
	struct json_span none = { NULL, 0 };
	bool ok = decimal_read(left.at, left.length, &a) && decimal_read(right.at, right.length, &b);

	if (ok && (op == '/' || op == '%') && decimal_is_zero(&b)) {
		(void)jsonpath_fail(run, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
	} else {
		ok = ok && decimal_operate(op, &a, &b, &result);
		none = keep_decimal(run, &result, ok);
	}
	decimal_free(&a);
	decimal_free(&b);
	return none;
}

/* An operand that is one number. */
static enum jsonpath_result
take_operand(struct jsonpath_run *run, jsonpath_step *step, bool left, struct json_span item, struct json_span *number)
{
	struct jsonpath_items found = { .list = NULL };
	enum jsonpath_result result = jsonpath_operand(run, left ? step->left : step->right, item, true, &found);
	bool one = found.n == 1 && jsonpath_is_number(found.list[0]);

	if (one)
		*number = found.list[0];
	jsonpath_items_free(&found);
	if (result == PATH_ERROR || one)
		return result;
	return jsonpath_fail(run, SQLSTATE_SINGLETON_SQL_JSON_ITEM_REQUIRED,
	    "%s operand of jsonpath operator %s is not a single numeric value", left ? "left" : "right",
	    jsonpath_word(step->kind));
}

static enum jsonpath_result
operate(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found)
{
	struct json_span left = { NULL, 0 }, right = { NULL, 0 }, result;

	if (take_operand(run, step, true, item, &left) == PATH_ERROR ||
	    take_operand(run, step, false, item, &right) == PATH_ERROR)
		return PATH_ERROR;
	result = calculate(run, *jsonpath_word(step->kind), left, right);
	return result.at == NULL ? PATH_ERROR : jsonpath_step_behind(run, step, result, found);
}

static struct json_span
negate(struct jsonpath_run *run, struct json_span number)
{
	struct json_span zero = { "0", 1 };

	return calculate(run, '-', zero, number);
}

static enum jsonpath_result
sign(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found)
{
	struct jsonpath_items operands = { .list = NULL };
	enum jsonpath_result result = jsonpath_operand(run, step->left, item, true, &operands), part;

	if (result != PATH_ERROR)
		result = PATH_NOT_FOUND;
	for (size_t i = 0; result != PATH_ERROR && i < operands.n; i++) {
		bool is_number = jsonpath_is_number(operands.list[i]);

		if (found == NULL && step->next == NULL) {
			if (!is_number)
				continue;
			result = PATH_OK;
			break;
		}
		if (!is_number) {
			result = jsonpath_fail(run, SQLSTATE_SQL_JSON_NUMBER_NOT_FOUND,
			    "operand of unary jsonpath operator %s is not a numeric value", jsonpath_word(step->kind));
			break;
		}
		part = jsonpath_step_behind(run, step,
		    step->kind == JSONPATH_MINUS ? negate(run, operands.list[i]) : operands.list[i], found);
		result = part == PATH_NOT_FOUND ? result : part;
		if (part == PATH_OK && found == NULL)
			break;
	}
	jsonpath_items_free(&operands);
	return result;
}

enum jsonpath_result
jsonpath_arithmetic(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found)
{
	return step->kind == JSONPATH_PLUS || step->kind == JSONPATH_MINUS ? sign(run, step, item, found)
									   : operate(run, step, item, found);
}

/* ---- methods ---- */

static enum jsonpath_result
fail_double(struct jsonpath_run *run, bool is_string)
{
	return jsonpath_fail(run, SQLSTATE_NON_NUMERIC_SQL_JSON_ITEM,
	    is_string ? "string argument of jsonpath item method .double() is not a valid representation of a double "
			"precision number"
		      : "numeric argument of jsonpath item method .double() is out of range for type double precision");
}

/* A number stays what it is; a string becomes the numeric of its fifteen digits. */
static enum jsonpath_result
take_double(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found)
{
	bool is_string = json_span_kind(item) == '"', ok;
	struct type_value text = { 0 }, number = { 0 };
	struct report report = { 0 };
	char digits[64];
	double value = 0;

	if (!is_string && !jsonpath_is_number(item))
		return jsonpath_fail(run, SQLSTATE_NON_NUMERIC_SQL_JSON_ITEM,
		    "jsonpath item method .double() can only be applied to a string or numeric value");
	if (is_string && json_span_unquote(item, &text, &run->report) < 0)
		return out_of_memory(run);
	ok = type_parse_float(TYPE_FLOAT8, is_string ? text.bytes : item.at, is_string ? text.length : item.length,
		 &value, &report) == 0;
	type_value_free(&text);
	report_reset(&report);
	if (!ok)
		return fail_double(run, is_string);
	if (isnan(value) || isinf(value))
		return jsonpath_fail(run, SQLSTATE_NON_NUMERIC_SQL_JSON_ITEM,
		    "NaN or Infinity is not allowed for jsonpath item method .double()");
	if (is_string) {
		(void)snprintf(digits, sizeof(digits), "%.15g", value);
		if (type_parse_numeric(digits, strlen(digits), &number, &run->report) < 0)
			return out_of_memory(run);
		item = jsonpath_keep(run, number.bytes, number.length);
		type_value_free(&number);
	}
	return jsonpath_step_behind(run, step, item, found);
}

static struct json_span
round_number(struct jsonpath_run *run, struct json_span item, enum decimal_rounding how)
{
	struct decimal x = { 0 };
	bool ok = decimal_read(item.at, item.length, &x) && decimal_round(&x, 0, how);

	return keep_decimal(run, &x, ok);
}

enum jsonpath_result
jsonpath_number_method(struct jsonpath_run *run, jsonpath_step *step, struct json_span item,
    struct jsonpath_items *found)
{
	if (step->kind == JSONPATH_DOUBLE)
		return take_double(run, step, item, found);
	if (!jsonpath_is_number(item))
		return jsonpath_fail(run, SQLSTATE_NON_NUMERIC_SQL_JSON_ITEM,
		    "jsonpath item method .%s() can only be applied to a numeric value", jsonpath_word(step->kind));
	if (step->kind == JSONPATH_ABS)
		item = *item.at == '-' ? negate(run, item) : item;
	else
		item = round_number(run, item, step->kind == JSONPATH_FLOOR ? DECIMAL_DOWN : DECIMAL_UP);
	return item.at == NULL ? PATH_ERROR : jsonpath_step_behind(run, step, item, found);
}

/* ---- subscripts ---- */

enum jsonpath_result
jsonpath_subscript(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, int64_t *index)
{
	struct jsonpath_items found = { .list = NULL };
	enum jsonpath_result result = jsonpath_step_into(run, step, item, &found);
	struct json_span whole = { NULL, 0 };
	bool one = found.n == 1 && jsonpath_is_number(found.list[0]);

	if (result != PATH_ERROR && one)
		whole = round_number(run, found.list[0], DECIMAL_CUT);
	jsonpath_items_free(&found);
	if (result == PATH_ERROR || (one && whole.at == NULL))
		return PATH_ERROR;
	if (!one)
		return jsonpath_fail(run, SQLSTATE_INVALID_SQL_JSON_SUBSCRIPT,
		    "jsonpath array subscript is not a single numeric value");
	*index = whole.length > 12 ? INT64_MAX : strtoll(whole.at, NULL, 10);
	if (*index > INT32_MAX || *index < INT32_MIN)
		return jsonpath_fail(run, SQLSTATE_INVALID_SQL_JSON_SUBSCRIPT,
		    "jsonpath array subscript is out of integer range");
	return PATH_OK;
}
