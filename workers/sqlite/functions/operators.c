/*
 * The functions that translated texts call, and their registration on a connection.
 */
#include "workers/sqlite/functions/operators.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"

static const struct {
	const char *name;
	int arguments; /* -1: any number */
	operator_fn *call;
} operators[] = {
	{"bibd_text", 2, operator_text},
	{"bibd_fill", 2, operator_fill},
	{"bibd_int2_range", 1, operator_int2_range},
	{"bibd_int4_range", 1, operator_int4_range},
	{"bibd_int8_range", 1, operator_int8_range},
	{"bibd_divide", 2, operator_divide},
	{"bibd_modulo", 2, operator_modulo},
	{"bibd_divide_float", 2, operator_divide_float},
	{"bibd_float_add", 2, operator_float_add},
	{"bibd_float_subtract", 2, operator_float_subtract},
	{"bibd_float_multiply", 2, operator_float_multiply},
	{"bibd_float_negate", 1, operator_float_negate},
	{"bibd_power", 2, operator_power},
	{"bibd_xor", 2, operator_xor},
	{"bibd_limit", 1, operator_limit},
	{"bibd_offset", 1, operator_offset},
	{"bibd_numeric_add", 2, operator_numeric_add},
	{"bibd_numeric_subtract", 2, operator_numeric_subtract},
	{"bibd_numeric_multiply", 2, operator_numeric_multiply},
	{"bibd_numeric_divide", 2, operator_numeric_divide},
	{"bibd_numeric_modulo", 2, operator_numeric_modulo},
	{"bibd_numeric_greatest", -1, operator_numeric_greatest},
	{"bibd_numeric_least", -1, operator_numeric_least},
	{"bibd_date_add", 2, operator_date_add},
	{"bibd_date_subtract", 2, operator_date_subtract},
	{"bibd_date_difference", 2, operator_date_difference},
	{"bibd_timestamp_add", 2, operator_timestamp_add},
	{"bibd_timestamp_subtract", 2, operator_timestamp_subtract},
	{"bibd_timestamptz_add", 2, operator_timestamptz_add},
	{"bibd_timestamptz_subtract", 2, operator_timestamptz_subtract},
	{"bibd_like", 2, operator_like},
	{"bibd_like", 3, operator_like},
	{"bibd_ilike", 2, operator_ilike},
	{"bibd_ilike", 3, operator_ilike},
	{"bibd_regex", 2, operator_regex},
	{"bibd_iregex", 2, operator_iregex},
	{"bibd_regex_substring", 2, operator_regex_substring},
	{"bibd_record_field", 2, operator_record_field},
	{"bibd_array", -1, operator_array},
	{"bibd_array_get", 3, operator_array_get},
	{"bibd_array_concatenate", 3, operator_array_concatenate},
	{"bibd_any_of", 4, operator_any_of},
	{"bibd_all_of", 4, operator_all_of},
	{"bibd_json_text", 1, operator_json_text},
	{"bibd_json_value", 2, operator_json_value},
	{"->", 2, operator_json_member},
};

/* Those that are asked for each row, and never before there is one. */
static const struct {
	const char *name;
	int arguments;
	operator_fn *call;
} row_operators[] = {
	{"bibd_key", 3, operator_key},
	{"bibd_once", 1, operator_once},
};

#define ROW_FLAGS (SQLITE_UTF8 | SQLITE_INNOCUOUS)
#define FLAGS (ROW_FLAGS | SQLITE_DETERMINISTIC)

struct sql_context *
operator_session(sqlite3_context *c)
{
	const struct operator_data *data = sqlite3_user_data(c);

	return data->context;
}

void
operator_fail(sqlite3_context *c, enum sqlstate state, const char *message)
{
	(void)report_set(&operator_session(c)->report, state, "%s", message);
	sqlite3_result_error(c, message, -1);
}

void
operator_fail_report(sqlite3_context *c, struct report *r)
{
	sqlite3_result_error(c, r->message == NULL ? "out of memory" : r->message, -1);
	report_move(&operator_session(c)->report, r);
}

void
operator_result(sqlite3_context *c, struct type_value *value)
{
	switch (value->kind) {
	case SQLITE_INTEGER:
		sqlite3_result_int64(c, value->integer);
		break;
	case SQLITE_FLOAT:
		sqlite3_result_double(c, value->real);
		break;
	case SQLITE_TEXT:
		sqlite3_result_text64(c, value->bytes, value->length, SQLITE_TRANSIENT, SQLITE_UTF8);
		break;
	case SQLITE_BLOB:
		sqlite3_result_blob64(c, value->bytes, value->length, SQLITE_TRANSIENT);
		break;
	default:
		sqlite3_result_null(c);
		break;
	}
	type_value_free(value);
}

/* One cast's functions: with and without a typmod, explicit and for assignment. SQLite frees the data with the first
 * registration that it drops, so that each has its own. */
static int
register_cast(sqlite3 *db, struct sql_context *context, const struct type *type, bool explicit_cast, int arguments)
{
	struct operator_data *data = malloc(sizeof(*data));
	char name[80];

	if (data == NULL)
		return SQLITE_NOMEM;
	*data = (struct operator_data){.context = context, .oid = type->oid, .explicit_cast = explicit_cast};
	snprintf(name, sizeof(name), "bibd_%s%s", explicit_cast ? "" : "to_", type->name);
	return sqlite3_create_function_v2(db, name, arguments, FLAGS, data, operator_cast, NULL, NULL, free);
}

/* bibd_text(value, oid) is the cast to text that knows what it casts from: see operators[]. */
static int
register_casts(sqlite3 *db, struct sql_context *context)
{
	const struct type *type;
	int status = SQLITE_OK;

	for (size_t i = 0; status == SQLITE_OK && (type = type_by_index(i)) != NULL; i++)
		for (int n = 1; status == SQLITE_OK && n <= 2; n++) {
			if (type->oid != TYPE_TEXT || n == 1)
				status = register_cast(db, context, type, true, n);
			if (status == SQLITE_OK)
				status = register_cast(db, context, type, false, n);
		}
	return status;
}

static int
register_one(sqlite3 *db, struct sql_context *context, const char *name, int arguments, int flags, operator_fn *call,
    operator_fn *step, void (*final)(sqlite3_context *c))
{
	struct operator_data *data = malloc(sizeof(*data));

	if (data == NULL)
		return SQLITE_NOMEM;
	*data = (struct operator_data){.context = context};
	return sqlite3_create_function_v2(db, name, arguments, flags, data, call, step, final, free);
}

int
dialect_register_functions(sqlite3 *db, struct sql_context *context)
{
	int status = register_casts(db, context);

	for (size_t i = 0; status == SQLITE_OK && i < sizeof(operators) / sizeof(operators[0]); i++)
		status = register_one(db, context, operators[i].name, operators[i].arguments,
		    FLAGS, operators[i].call, NULL, NULL);
	for (size_t i = 0; status == SQLITE_OK && i < sizeof(row_operators) / sizeof(row_operators[0]); i++)
		status = register_one(db, context, row_operators[i].name, row_operators[i].arguments, ROW_FLAGS,
		    row_operators[i].call, NULL, NULL);
	if (status == SQLITE_OK)
		status = register_one(db, context, "bibd_array_of", 2, FLAGS, NULL, operator_array_of_step,
		    operator_array_of_final);
	return status == SQLITE_OK ? series_register(db, context) : status;
}
