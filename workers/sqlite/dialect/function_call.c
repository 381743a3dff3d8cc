/*
 * Calls of functions: looked up in the one table of functions (catalog/function_table.h), which also says what they
 * return.
 */
#include <string.h>

#include "workers/sqlite/catalog/function_table.h"
#include "workers/sqlite/dialect/expression.h"

/* What parameters and unknown strings among the arguments are; text where nothing is said. */
static const struct {
	const char *name;
	uint32_t arguments[4];
} argument_types[] = {
	{ "substr", { TYPE_TEXT, TYPE_INT4, TYPE_INT4 } },
	{ "substring", { TYPE_TEXT } },
	{ "left", { TYPE_TEXT, TYPE_INT4 } },
	{ "right", { TYPE_TEXT, TYPE_INT4 } },
	{ "repeat", { TYPE_TEXT, TYPE_INT4 } },
	{ "lpad", { TYPE_TEXT, TYPE_INT4, TYPE_TEXT } },
	{ "rpad", { TYPE_TEXT, TYPE_INT4, TYPE_TEXT } },
	{ "split_part", { TYPE_TEXT, TYPE_TEXT, TYPE_INT4 } },
	{ "generate_series", { TYPE_INT4, TYPE_INT4, TYPE_INT4 } },
	{ "pg_sleep", { TYPE_FLOAT8 } },
	{ "set_config", { TYPE_TEXT, TYPE_TEXT, TYPE_BOOL } },
	{ "setval", { TYPE_TEXT, TYPE_INT8, TYPE_BOOL } },
	{ "date_trunc", { TYPE_TEXT, TYPE_TIMESTAMPTZ } },
	{ "pg_advisory_lock", { TYPE_INT8 } },
	{ "pg_try_advisory_lock", { TYPE_INT8 } },
	{ "pg_advisory_unlock", { TYPE_INT8 } },
	{ "pg_advisory_xact_lock", { TYPE_INT8 } },
	{ "pg_try_advisory_xact_lock", { TYPE_INT8 } },
	{ "chr", { TYPE_INT4 } },
	{ "abs", { TYPE_FLOAT8 } },
	{ "round", { TYPE_NUMERIC, TYPE_INT4 } },
	{ "trunc", { TYPE_NUMERIC, TYPE_INT4 } },
	{ "power", { TYPE_FLOAT8, TYPE_FLOAT8 } },
	{ "sqrt", { TYPE_FLOAT8 } },
	{ "mod", { TYPE_INT4, TYPE_INT4 } },
	{ "unnest", { TYPE_TEXT_ARRAY } },
	{ "array_length", { TYPE_TEXT_ARRAY, TYPE_INT4 } },
	{ "array_upper", { TYPE_TEXT_ARRAY, TYPE_INT4 } },
	{ "array_to_string", { TYPE_TEXT_ARRAY, TYPE_TEXT, TYPE_TEXT } },
	{ "pg_get_userbyid", { TYPE_OID } },
	{ "pg_table_is_visible", { TYPE_OID } },
	{ "format_type", { TYPE_OID, TYPE_INT4 } },
	{ "to_timestamp", { TYPE_FLOAT8 } },
	{ "encode", { TYPE_BYTEA, TYPE_TEXT } },
	{ "extract", { TYPE_TEXT, TYPE_TIMESTAMPTZ } },
	{ "sum", { TYPE_FLOAT8 } },
	{ "avg", { TYPE_FLOAT8 } },
	{ "ntile", { TYPE_INT4 } },
};

/* Schemas whose functions the table has. */
static const char *const function_schemas[] = { "pg_catalog", "public", "information_schema" };

static uint32_t
argument_type(const char *name, size_t i)
{
	for (size_t j = 0; j < sizeof(argument_types) / sizeof(argument_types[0]); j++)
		if (strcmp(argument_types[j].name, name) == 0 && i < 4 &&
		    argument_types[j].arguments[i] != TYPE_UNKNOWN)
			return argument_types[j].arguments[i];
	return TYPE_TEXT;
}

const char *
translate_function_name(struct translator *t, const PgQuery__FuncCall *call)
{
	const char *schema = call->n_funcname > 1 ? translate_string(call->funcname[call->n_funcname - 2]) : NULL;
	const char *name = translate_last_string(call->funcname, call->n_funcname);

	for (size_t i = 0; schema != NULL && i < sizeof(function_schemas) / sizeof(function_schemas[0]); i++)
		if (strcmp(function_schemas[i], schema) == 0)
			return name;
	if (schema == NULL)
		return name;
	translate_fail(t, call->location, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist", schema);
	return NULL;
}

/* Two of one kind: an unknown argument takes the type of the one that is known (generate_series, mod). */
static uint32_t
sibling_type(const char *name, const struct expression *list, size_t n, size_t i)
{
	if (strcmp(name, "string_agg") == 0 && i > 0 && list[0].oid == TYPE_BYTEA)
		return TYPE_BYTEA;
	if (strcmp(name, "generate_series") != 0 && strcmp(name, "mod") != 0)
		return TYPE_UNKNOWN;
	for (size_t j = 0; j < n; j++)
		if (j != i && list[j].form == EXPRESSION_VALUE && !list[j].literal)
			return list[j].oid;
	return TYPE_UNKNOWN;
}

struct expression *
translate_arguments(struct translator *t, const PgQuery__FuncCall *call, const char *name)
{
	struct expression *list = translator_alloc(t, (call->n_args + 1) * sizeof(*list));

	if (list == NULL)
		return NULL;
	if (call->func_variadic) {
		translate_refuse(t, call->location, "VARIADIC");
		return NULL;
	}
	for (size_t i = 0; i < call->n_args; i++)
		if ((i > 0 && translate_emit(t, ", ") < 0) || translate_expression(t, call->args[i], &list[i]) < 0)
			return NULL;
	for (size_t i = call->n_args; i-- > 0;) {
		uint32_t oid = sibling_type(name, list, call->n_args, i);

		if (oid == TYPE_UNKNOWN)
			oid = argument_type(name, i);
		if (list[i].form != EXPRESSION_VALUE && expression_settle(t, &list[i], oid, -1) < 0)
			return NULL;
		/* Of a day it is the moment at which that begins where the session is. */
		if (list[i].oid == TYPE_DATE && strcmp(name, "date_trunc") == 0 &&
		    expression_cast(t, &list[i], TYPE_TIMESTAMPTZ, -1, CAST_IMPLICIT, call->location) < 0)
			return NULL;
		/* A decimal constant is exact: round(2.5) is 3. */
		if (expression_canonize(t, &list[i], call->location) < 0)
			return NULL;
	}
	return list;
}

static uint32_t
sum_type(uint32_t oid)
{
	if (oid == TYPE_INT2 || oid == TYPE_INT4)
		return TYPE_INT8;
	return oid == TYPE_INT8 ? (uint32_t)TYPE_NUMERIC : oid;
}

static uint32_t
average_type(uint32_t oid)
{
	if (type_is_integer(oid) || oid == TYPE_NUMERIC)
		return TYPE_NUMERIC;
	return oid == TYPE_FLOAT4 ? (uint32_t)TYPE_FLOAT8 : oid;
}

static uint32_t
result_type(const struct function *function, const struct expression *list, size_t n)
{
	uint32_t first = n > 0 ? list[0].oid : TYPE_UNKNOWN;

	switch (function->result) {
	case FUNCTION_SAME_AS_FIRST:
		return first == TYPE_UNKNOWN ? (uint32_t)TYPE_TEXT : first;
	case FUNCTION_SUM:
		return sum_type(first);
	case FUNCTION_JOINED:
		return first == TYPE_BYTEA ? (uint32_t)TYPE_BYTEA : function->oid;
	case FUNCTION_AVERAGE:
		return average_type(first);
	case FUNCTION_TRUNCATED:
		return list[1].oid == TYPE_TIMESTAMP ? (uint32_t)TYPE_TIMESTAMP : function->oid;
	default:
		return function->oid;
	}
}

/* 42883 with the types of the arguments. */
static int
no_function(struct translator *t, const PgQuery__FuncCall *call, const char *name, const struct expression *list)
{
	struct sql_text types = { 0 };
	bool failed;

	for (size_t i = 0; i < call->n_args; i++) {
		sql_text_put(&types, i > 0 ? ", " : "");
		sql_text_put(&types, type_display(list[i].oid));
	}
	failed = types.failed;
	translate_fail(t, call->location, SQLSTATE_UNDEFINED_FUNCTION, "function %s(%s) does not exist", name,
	    types.data == NULL ? "" : types.data);
	report_hint(t->report,
	    "No function matches the given name and argument types. "
	    "You might need to add explicit type casts.");
	sql_text_free(&types);
	return failed ? translate_out_of_memory(t) : -1;
}

/* int4(x), date(x): a cast in the shape of a call. */
static const struct type *
cast_function(const PgQuery__FuncCall *call, const char *name)
{
	return call->n_args == 1 && call->over == NULL && !call->agg_distinct ? type_by_name(name) : NULL;
}

/* Aggregates whose result does not depend on the order of their input. */
static bool
order_matters(const char *name)
{
	static const char *const unordered[] = { "count", "sum", "avg", "min", "max", "bool_and", "bool_or", "every" };

	for (size_t i = 0; i < sizeof(unordered) / sizeof(unordered[0]); i++)
		if (strcmp(unordered[i], name) == 0)
			return false;
	return true;
}

static int
translate_call_tail(struct translator *t, const PgQuery__FuncCall *call, const struct function *function)
{
	if (call->agg_filter != NULL) {
		if (translate_emit(t, " FILTER (WHERE ") < 0 ||
		    translate_condition(t, call->agg_filter, "FILTER") < 0 || translate_emit(t, ")") < 0)
			return -1;
	}
	if (call->over == NULL)
		return 0;
	if (!function->window && !function->aggregate)
		return translate_fail(t, call->location, SQLSTATE_WRONG_OBJECT_TYPE,
		    "OVER specified, but %s is not a window function nor an aggregate function", function->name);
	return translate_over(t, call->over);
}

static int
check_call(struct translator *t, const PgQuery__FuncCall *call, const char *name)
{
	if (call->agg_within_group)
		return translate_refuse(t, call->location, "WITHIN GROUP");
	if (call->n_agg_order > 0 && order_matters(name))
		return translate_refuse(t, call->location, "ORDER BY inside an aggregate");
	return 0;
}

/* What an aggregate compares is compared under its type's collation. */
static int
collate_compared(struct translator *t, const PgQuery__FuncCall *call, const char *name, struct expression *list)
{
	bool compares = call->agg_distinct || strcmp(name, "min") == 0 || strcmp(name, "max") == 0;

	return call->n_args == 1 && compares ? expression_collate(t, &list[0]) : 0;
}

/* Arguments that are one type in PostgreSQL: the default of lag() and lead(), both sides of mod(). */
static int
unify_arguments(struct translator *t, const PgQuery__FuncCall *call, const char *name, struct expression *list)
{
	bool shifts = call->n_args == 3 && (strcmp(name, "lag") == 0 || strcmp(name, "lead") == 0);
	bool divides = call->n_args == 2 && strcmp(name, "mod") == 0;
	struct expression *last;
	uint32_t common;

	if (!shifts && !divides)
		return 0;
	last = &list[call->n_args - 1];
	if ((common = type_common(list[0].oid, last->oid)) == 0)
		return 0;
	if (expression_cast(t, last, common, -1, CAST_IMPLICIT, call->location) < 0 ||
	    expression_cast(t, &list[0], common, -1, CAST_IMPLICIT, call->location) < 0)
		return -1;
	list[0].oid = common;
	return 0;
}

/* substring(text from pattern) shares its name with substring(text from position). */
static const char *
sqlite_name(const struct function *function, const struct expression *list, size_t n)
{
	bool pattern = n == 2 && strcmp(function->name, "substring") == 0 && type_is_text(list[1].oid);

	if (n == 2 && list[0].oid == TYPE_NUMERIC && strcmp(function->name, "mod") == 0)
		return "bibd_numeric_modulo";
	return pattern ? "bibd_regex_substring" : function->sqlite_name;
}

/* Whether a numeric result is text in canonical form already: sum(bigint) is an INTEGER while it fits. */
static bool
gives_canonical(const struct function *function, const struct expression *list, size_t n)
{
	bool numeric = n > 0 && list[0].oid == TYPE_NUMERIC;

	if (function->result == FUNCTION_AVERAGE)
		return true;
	return numeric && (function->result == FUNCTION_SUM || function->result == FUNCTION_SAME_AS_FIRST) &&
	    strcmp(function->name, "sign") != 0;
}

/* The type is known here, and SQLite's values do not tell it. */
static int
type_of_argument(struct translator *t, const struct expression *argument, struct expression *type)
{
	*type = *argument;
	if (expression_wrap(t, type, translator_format(t, "iif(1, %u, ", argument->oid), ")") < 0)
		return -1;
	type->oid = TYPE_REGTYPE;
	type->not_null = true;
	return 0;
}

static int
finish_call(struct translator *t, const PgQuery__FuncCall *call, const char *name, struct expression *list,
    struct expression *type)
{
	const struct function *function = function_find(name, (int)call->n_args);
	size_t start = type->start;

	if (function == NULL || (call->agg_star && strcmp(name, "count") != 0)) {
		const struct type *cast = cast_function(call, name);

		if (cast == NULL)
			return no_function(t, call, name, list);
		*type = list[0];
		return expression_cast(t, type, cast->oid, -1, CAST_EXPLICIT, call->location);
	}
	if (strcmp(name, "pg_typeof") == 0)
		return type_of_argument(t, &list[0], type);
	if (call->agg_star && translate_emit(t, "*") < 0)
		return -1;
	if (translate_json_arguments(t, name, list, call->n_args, call->location) < 0)
		return -1;
	for (size_t i = call->n_args; i-- > 0 && !function->aggregate && !function->window;)
		if (expression_trim(t, &list[i]) < 0)
			return -1;
	if (unify_arguments(t, call, name, list) < 0 || collate_compared(t, call, name, list) < 0)
		return -1;
	sql_text_insert(&t->out, start, call->agg_distinct ? "(DISTINCT " : "(");
	sql_text_insert(&t->out, start, sqlite_name(function, list, call->n_args));
	if (translate_emit(t, ")") < 0)
		return -1;
	if (function->side_effects) {
		t->plan->read_only = false;
		t->plan->draws = true;
	}
	if (t->scope != NULL && (function->aggregate || function->window))
		t->scope->grouped = true;
	*type = expression_value(start, result_type(function, list, call->n_args));
	type->canonical = type->oid == TYPE_NUMERIC && gives_canonical(function, list, call->n_args);
	if (translate_call_tail(t, call, function) < 0)
		return -1;
	type->end = t->out.length;
	if (function->oid == TYPE_JSONB && function->result == FUNCTION_FIXED)
		return expression_wrap(t, type, "bibd_jsonb(", ")");
	return expression_canonize(t, type, call->location);
}

int
translate_function_call(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__FuncCall *call = node->func_call;
	const char *name = translate_function_name(t, call);
	struct expression *list;

	if (name == NULL || check_call(t, call, name) < 0)
		return -1;
	if (function_is_set(name))
		return translate_set_function_as_value(t, call, type);
	if ((list = translate_arguments(t, call, name)) == NULL)
		return -1;
	return finish_call(t, call, name, list, type);
}
