/*
 * Calls of functions: chosen by PostgreSQL's rules among the facts (analyze/facts.h), which say what the arguments are
 * brought to, what runs, and what comes back.
 */
#include <string.h>

#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/dialect/grouping.h"
#include "workers/sqlite/dialect/frame.h"
#include "workers/sqlite/dialect/lateral.h"
#include "workers/sqlite/dialect/level.h"
#include "workers/sqlite/dialect/partition.h"
#include "workers/sqlite/dialect/set_function.h"

/* Schemas whose functions the table has. */
static const char *const function_schemas[] = { "pg_catalog", "public", "information_schema" };

const char *
translate_function_name(struct translator *t, const PgQuery__FuncCall *call)
{
	const char *schema = call->n_funcname > 1 ? translate_string(call->funcname[call->n_funcname - 2]) : NULL;
	const char *name = translate_last_string(call->funcname, call->n_funcname);

	for (size_t i = 0; schema != NULL && i < sizeof(function_schemas) / sizeof(function_schemas[0]); i++)
		if (strcmp(function_schemas[i], schema) == 0)
			return name;
	if (schema == NULL || schema_has_own(t->schema, schema))
		return translate_own_name(t, call->funcname, call->n_funcname);
	translate_fail(t, call->location, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist", schema);
	return NULL;
}

/* int4(x), date(x): a cast in the shape of a call. */
static const struct type *
cast_function(const PgQuery__FuncCall *call, const char *name, const struct expression *list)
{
	if (call->n_args == 1 && type_is_row(list[0].oid))
		return NULL;
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

int
translate_call_tail(struct translator *t, const PgQuery__FuncCall *call)
{
	if (call->agg_filter != NULL &&
	    (translate_emit(t, " FILTER (WHERE ") < 0 || translate_condition(t, call->agg_filter, "FILTER") < 0 ||
		translate_emit(t, ")") < 0))
		return -1;
	return call->over == NULL ? 0 : translate_over(t, call->over);
}

/* What an aggregate compares is compared under its type's collation. */
static int
collate_compared(struct translator *t, const PgQuery__FuncCall *call, const char *name, struct expression *list)
{
	bool compares = call->agg_distinct || strcmp(name, "min") == 0 || strcmp(name, "max") == 0;

	return call->n_args == 1 && compares ? expression_collate(t, &list[0]) : 0;
}

/* Chooses the function, and brings its arguments to the types that it is declared with, the last first. NULL: the
 * report is filled, or there is none and *resolution says why. */
static const struct function_fact *
resolve_call(struct translator *t, const PgQuery__FuncCall *call, const char *name, struct expression *list,
    uint32_t *result, enum resolution *resolution)
{
	uint32_t *types = translator_alloc(t, 2 * (call->n_args + 1) * sizeof(*types)), *declared;
	const struct function_fact *fact;

	*resolution = RESOLVED;
	if (types == NULL)
		return NULL;
	declared = types + call->n_args + 1;
	for (size_t i = 0; i < call->n_args; i++)
		types[i] = list[i].form != EXPRESSION_VALUE ? (uint32_t)TYPE_UNKNOWN
		    : list[i].row			    ? (uint32_t)TYPE_RECORD
							    : list[i].oid;
	*resolution = function_resolve(name, types, call->n_args, &fact, declared, result);
	if (*resolution != RESOLVED)
		return NULL;
	if (call_check_fact(t, call, fact, name, list, types) < 0)
		return NULL;
	for (size_t i = call->n_args; i-- > 0;)
		if (call_bring_argument(t, fact, list, i, declared[i], call->location) < 0)
			return NULL;
	return fact;
}

const struct function_fact *
translate_called(struct translator *t, const PgQuery__FuncCall *call, const char *name, struct expression **list,
    uint32_t *result)
{
	const struct function_fact *fact;
	enum resolution resolution;

	if ((*list = translate_arguments(t, call)) == NULL)
		return NULL;
	fact = resolve_call(t, call, name, *list, result, &resolution);
	if (fact == NULL && resolution != RESOLVED)
		(void)call_fail_resolution(t, call, name, *list, resolution);
	return fact;
}

/* Whether a numeric result is text in canonical form already: sum(bigint) is an INTEGER while it fits. */
static bool
gives_canonical(const struct function_fact *fact, const struct expression *list, size_t n)
{
	if (strcmp(fact->name, "avg") == 0)
		return true;
	for (size_t i = 0; i < n; i++)
		if (list[i].oid == TYPE_NUMERIC)
			return strcmp(fact->name, "sign") != 0;
	return false;
}

/* The type is known here, and SQLite's values do not tell it. */
static int
type_of_argument(struct translator *t, const struct expression *argument, struct expression *type)
{
	uint32_t oid = argument->form != EXPRESSION_VALUE ? (uint32_t)TYPE_UNKNOWN_LITERAL
	    : argument->domain != 0			  ? argument->domain
							  : argument->oid;

	*type = *argument;
	if (type->form != EXPRESSION_VALUE && expression_settle(t, type, TYPE_TEXT, -1) < 0)
		return -1;
	if (expression_wrap(t, type, translator_format(t, "iif(1, %u, ", oid), ")") < 0)
		return -1;
	type->oid = TYPE_REGTYPE;
	type->typmod = -1;
	type->not_null = true;
	return 0;
}

/* Of the array among the arguments, or of what one is filled with. */
static uint32_t
element_type(const struct expression *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (type_is_array(list[i].oid) && (i == 0 || type_element(list[i].oid) == list[0].oid))
			return type_element(list[i].oid);
	return n > 0 ? list[0].oid : (uint32_t)TYPE_UNKNOWN;
}

/* Functions of enums are told which one. */
static int
emit_element_type(struct translator *t, const struct function_fact *fact, uint32_t oid)
{
	return translate_emit_format(t, ", %u", fact->arguments[0] == TYPE_ANYENUM ? oid : type_kept_as(oid));
}

static void
note_call(struct translator *t, const struct function_fact *fact)
{
	if ((fact->flags & FACT_WRITES) != 0) {
		t->plan->read_only = false;
		t->plan->draws = true;
	}
	t->nvolatile += fact->volatility == 'v';
	t->nmutable += fact->volatility != 'i';
	t->ndraws += strcmp(fact->name, "nextval") == 0;
	t->plan->needs_catalog |=
	    strcmp(fact->name, "obj_description") == 0 || strcmp(fact->name, "col_description") == 0;
	if (t->scope != NULL && fact->kind != 'f')
		t->scope->grouped = true;
}

/* Floats that leave a frame can't be subtracted: functions/moving.c keeps them. */
static const char *
moving_name(const struct function_fact *fact)
{
	bool single = fact->narguments == 1 && fact->arguments[0] == TYPE_FLOAT4;

	if (!single && (fact->narguments != 1 || fact->arguments[0] != TYPE_FLOAT8))
		return fact->sqlite_name;
	if (strcmp(fact->name, "avg") == 0)
		return "bibd_moving_avg";
	if (strcmp(fact->name, "sum") == 0)
		return single ? "bibd_moving_single_sum" : "bibd_moving_sum";
	return fact->sqlite_name;
}

/* An order on which the result does not depend is left out; what it names must be there all the same. */
static int
read_order(struct translator *t, const PgQuery__FuncCall *call)
{
	size_t start = t->out.length;
	struct expression e;

	for (size_t i = 0; i < call->n_agg_order; i++) {
		const PgQuery__Node *node = call->agg_order[i]->sort_by->node;

		if (translate_expression(t, node, &e) < 0 || expression_settle(t, &e, TYPE_TEXT, -1) < 0 ||
		    translate_check_sortable(t, &e, "ordering", translate_location(node)) < 0)
			return -1;
	}
	sql_text_cut(&t->out, start);
	return 0;
}

/* Puts the function before its arguments. */
static int
close_call(struct translator *t, const PgQuery__FuncCall *call, const struct function_fact *fact,
    struct expression *list, size_t start)
{
	if (translate_check_distinct_order(t, call) < 0)
		return -1;
	if (call->agg_within_group && translate_within_group_end(t, call, &list[call->n_args - 1]) < 0)
		return -1;
	if (call->over != NULL && function_is_framed(fact->name, fact->kind)) {
		bool framed;

		if (frame_is_framed(t, frame_definition(t, call->over), &framed) < 0)
			return -1;
		if (framed)
			return translate_framed_call(t, call, fact->name, list, start);
	}
	if (call_is_ordered(call, fact->sqlite_name))
		return translate_ordered_call(t, call, fact->sqlite_name, start);
	if (call->n_agg_order > 0 && !call->agg_within_group && order_matters(fact->name))
		return translate_refuse(t, call->location, "ORDER BY inside this aggregate");
	if (!call->agg_within_group && read_order(t, call) < 0)
		return -1;
	sql_text_insert(&t->out, start, call->agg_distinct ? "(DISTINCT " : "(");
	sql_text_insert(&t->out, start, call->over == NULL ? fact->sqlite_name : moving_name(fact));
	return translate_emit(t, ")");
}

static int
finish_call(struct translator *t, const PgQuery__FuncCall *call, const struct function_fact *fact,
    struct expression *list, uint32_t result, struct expression *type)
{
	size_t start = type->start;

	if (call_check_kind(t, call, fact) < 0 || (call->agg_star && translate_emit(t, "*") < 0) ||
	    translate_json_arguments(t, fact->name, list, call->n_args, call->location) < 0 ||
	    collate_compared(t, call, fact->name, list) < 0)
		return -1;
	if ((fact->flags & FACT_ELEMENT) != 0 && emit_element_type(t, fact, element_type(list, call->n_args)) < 0)
		return -1;
	if (translate_is_populate(fact->name) && translate_populate_end(t, list, fact->name, call->location) < 0)
		return -1;
	if (close_call(t, call, fact, list, start) < 0)
		return -1;
	note_call(t, fact);
	*type = expression_value(start, result);
	type->canonical = result == TYPE_NUMERIC && gives_canonical(fact, list, call->n_args);
	if (translate_call_tail(t, call) < 0)
		return -1;
	type->end = t->out.length;
	if (strcmp(fact->name, "array_agg") == 0 || result == TYPE_RECORD)
		type->shape = list[0].shape;
	if (translate_is_populate(fact->name) && list[0].domain != 0)
		return expression_cast(t, type, list[0].domain, -1, CAST_IMPLICIT, call->location);
	if (fact->result == TYPE_JSONB)
		return expression_wrap(t, type, "bibd_jsonb(", ")");
	return expression_canonize(t, type, call->location);
}

static int
function_call(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__FuncCall *call = node->func_call;
	const char *name = translate_function_name(t, call);
	const struct function_fact *fact;
	enum resolution resolution;
	struct expression *list;
	uint32_t result;
	const struct type *cast;
	struct lateral before = { 0 };
	int status = 0;

	if (t->lateral != NULL)
		before = *t->lateral;
	if (partition_is_hash_call(t, call))
		return partition_hash_call(t, call, type);
	if (translate_is_own(t, name))
		return translate_is_set(t, name) ? translate_set_function_as_value(t, call, type)
						 : translate_own_call(t, call, type);
	if (name != NULL && call->agg_within_group && function_is_hypothetical(name))
		return translate_hypothetical(t, call, name, type);
	if (name == NULL || (call->agg_within_group && (call = translate_within_group(t, call, name)) == NULL))
		return -1;
	if (translate_named_nextval(t, call, name, type, &status))
		return status;
	if ((call = translate_named_arguments(t, call, name)) == NULL)
		return -1;
	if (call->func_variadic)
		return translate_variadic(t, call, name, type);
	if (function_is_set(name) && call->over != NULL)
		return translate_fail(t, call->location, SQLSTATE_WRONG_OBJECT_TYPE,
		    "OVER specified, but %s is not a window function nor an aggregate function", name);
	if (function_is_set(name))
		return translate_set_function_as_value(t, call, type);
	if ((list = translate_arguments(t, call)) == NULL)
		return -1;
	if (strcmp(name, "pg_typeof") == 0 && call->n_args == 1)
		return type_of_argument(t, &list[0], type);
	fact = resolve_call(t, call, name, list, &result, &resolution);
	if (call_check_level(t, node, fact, &before) < 0)
		return -1;
	if (fact != NULL && (!call->agg_star || strcmp(name, "count") == 0))
		return finish_call(t, call, fact, list, result, type);
	if (fact == NULL && resolution == RESOLVED)
		return -1;
	if ((cast = cast_function(call, name, list)) == NULL)
		return call_fail_resolution(t, call, name, list, fact != NULL ? RESOLVED_NONE : resolution);
	*type = list[0];
	return expression_cast(t, type, cast->oid, -1, CAST_EXPLICIT, call->location);
}

int
translate_function_call(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	struct level level;

	level_open(t, &level);
	return function_call(t, node, type) < 0 ||
		level_close(t, &level, node->func_call, grouping_is_aggregate(node)) < 0
	    ? -1
	    : 0;
}
