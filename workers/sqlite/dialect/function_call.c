/*
 * Calls of functions: chosen by PostgreSQL's rules among the facts (analyze/facts.h), which say what the arguments are
 * brought to, what runs, and what comes back.
 */
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/grouping.h"
#include "workers/sqlite/dialect/frame.h"
#include "workers/sqlite/dialect/lateral.h"
#include "workers/sqlite/dialect/level.h"
#include "workers/sqlite/dialect/set_function.h"
#include "workers/sqlite/dialect/tree.h"

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
	if (schema == NULL)
		return name;
	translate_fail(t, call->location, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist", schema);
	return NULL;
}

struct expression *
translate_arguments(struct translator *t, const PgQuery__FuncCall *call)
{
	struct expression *list = translator_alloc(t, (call->n_args + 1) * sizeof(*list));
	const char *name = translate_last_string(call->funcname, call->n_funcname);

	if (list == NULL)
		return NULL;
	if (call->func_variadic) {
		translate_refuse(t, call->location, "VARIADIC");
		return NULL;
	}
	for (size_t i = 0; i < call->n_args; i++)
		if ((i > 0 && translate_emit(t, ", ") < 0) ||
		    (translate_makes_json(name, i) ? translate_json_value(t, call->args[i], &list[i])
						   : translate_expression(t, call->args[i], &list[i])) < 0)
			return NULL;
	return list;
}

/* "text, unknown, integer" */
static const char *
display_types(struct translator *t, const struct expression *list, size_t n)
{
	const char *text = "";

	for (size_t i = 0; i < n && text != NULL; i++)
		text = translator_format(t, "%s%s%s", text, i > 0 ? ", " : "", type_display(t, list[i].oid));
	return text;
}

static int
fail_resolution(struct translator *t, const PgQuery__FuncCall *call, const char *name, const struct expression *list,
    enum resolution resolution)
{
	const char *types = display_types(t, list, call->n_args);

	if (types == NULL)
		return -1;
	if (resolution == RESOLVED_POLYMORPHIC && translate_check_within_group(t, call, name) < 0)
		return -1;
	if (resolution == RESOLVED_POLYMORPHIC)
		return translate_fail(t, call->location, SQLSTATE_DATATYPE_MISMATCH,
		    "could not determine polymorphic type because input has type unknown");
	translate_fail(t, call->location,
	    resolution == RESOLVED_NONE ? SQLSTATE_UNDEFINED_FUNCTION : SQLSTATE_AMBIGUOUS_FUNCTION,
	    resolution == RESOLVED_NONE ? "function %s(%s) does not exist" : "function %s(%s) is not unique", name,
	    types);
	report_hint(t->report,
	    resolution == RESOLVED_NONE
		? "No function matches the given name and argument types. You might need to add explicit type casts."
		: "Could not choose a best candidate function. You might need to add explicit type casts.");
	return -1;
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

/* Whose text, as an element of an array is kept, is not what every session sees. */
static bool
is_of_session(uint32_t oid)
{
	return oid == TYPE_DATE || oid == TYPE_TIMESTAMP || oid == TYPE_TIMESTAMPTZ || oid == TYPE_INTERVAL ||
	    oid == TYPE_BYTEA || oid == TYPE_FLOAT4 || oid == TYPE_FLOAT8;
}

/* What is shown of an argument, since SQLite's value does not tell its type: of a boolean what PostgreSQL puts out, or
 * what a cast to text makes of it. */
static int
show_argument(struct translator *t, struct expression *e, bool cast, int location)
{
	if (e->oid == TYPE_BOOL && !cast) {
		e->oid = TYPE_TEXT;
		return expression_wrap(t, e, "(CASE ", " WHEN 1 THEN 't' WHEN 0 THEN 'f' END)");
	}
	if (type_is_array(e->oid) && is_of_session(type_element(e->oid))) {
		const char *end = translator_format(t, ", %u)", e->oid);

		e->oid = TYPE_TEXT_ARRAY;
		return end == NULL ? -1 : expression_wrap(t, e, "bibd_text(", end);
	}
	if ((e->oid == TYPE_INET || e->oid == TYPE_CIDR) && !cast)
		return expression_output(t, e);
	if (e->oid == TYPE_INET || e->oid == TYPE_CIDR || e->oid == TYPE_BYTEA || e->oid == TYPE_FLOAT4 ||
	    e->oid == TYPE_FLOAT8 || e->oid == TYPE_BOOL || e->oid == TYPE_DATE || e->oid == TYPE_TIMESTAMP ||
	    e->oid == TYPE_TIMESTAMPTZ || e->oid == TYPE_INTERVAL)
		return expression_cast(t, e, TYPE_TEXT, -1, CAST_EXPLICIT, location);
	return 0;
}

/* What a function that sees but SQLite's value must see of a value of the file's own types: its text. */
int
expression_plain(struct translator *t, struct expression *e)
{
	bool array = type_is_array(e->oid);

	if (e->form != EXPRESSION_VALUE || (!type_is_user(e->oid) && e->oid != TYPE_RECORD))
		return 0;
	if (type_is_row(e->oid) || type_is_row(type_element(e->oid))) {
		if (expression_wrap(t, e, "bibd_own_text(", translator_format(t, ", %u)", e->oid)) < 0)
			return -1;
	} else if (expression_show(t, e) < 0)
		return -1;
	e->oid = array ? TYPE_TEXT_ARRAY : TYPE_TEXT;
	return 0;
}

/* What is "any" stays as it is, a string without a type is a text. */
static int
bring_any(struct translator *t, const struct function_fact *fact, struct expression *e, int location)
{
	if (e->form != EXPRESSION_VALUE)
		return expression_settle(t, e, TYPE_TEXT, -1);
	if (expression_canonize(t, e, location) < 0)
		return -1;
	if (fact->result == TYPE_TEXT && expression_plain(t, e) < 0)
		return -1;
	return fact->result == TYPE_TEXT ? show_argument(t, e, false, location) : 0;
}

/* What char(n) is there: its text, and its characters are counted without the blanks, its bytes with them. */
static int
bring_padded(struct translator *t, const struct function_fact *fact, struct expression *e, uint32_t declared)
{
	bool counted = fact->narguments == 1 && fact->arguments[0] == TYPE_BPCHAR;

	if (declared == TYPE_BPCHAR && (!counted || fact->kind != 'f' || strcmp(fact->name, "octet_length") == 0))
		return 0;
	return expression_trim(t, e);
}

/* A number as the number that is declared, since a function sees but SQLite's value. */
static int
bring_argument(struct translator *t, const struct function_fact *fact, struct expression *e, uint32_t declared,
    int location)
{
	bool numbers = type_is_number(e->oid) && type_is_number(declared);

	if (e->row)
		return 0;
	if (declared == TYPE_UNKNOWN)
		return bring_any(t, fact, e, location);
	if (e->form == EXPRESSION_VALUE && e->oid == TYPE_BPCHAR && type_is_text(declared))
		return bring_padded(t, fact, e, declared);
	if (e->form == EXPRESSION_VALUE && e->oid == declared)
		return expression_canonize(t, e, location);
	return expression_cast(t, e, declared, -1, numbers ? CAST_EXPLICIT : CAST_IMPLICIT, location);
}

/* What is made of a value of any type is made of its text. */
static bool
is_shown(const struct function_fact *fact)
{
	return fact->arguments[0] == TYPE_ANYNONARRAY ||
	    ((fact->arguments[0] == TYPE_ANYELEMENT || strcmp(fact->name, "array_to_string") == 0) &&
		fact->result == TYPE_TEXT);
}

/* An element is kept in an array by its text as no session's settings show in it. */
static int
show_call_argument(struct translator *t, const struct function_fact *fact, struct expression *e, int location)
{
	if (strcmp(fact->name, "array_agg") != 0 && expression_plain(t, e) < 0)
		return -1;
	if (strcmp(fact->name, "array_agg") != 0)
		return show_argument(t, e, fact->kind == 'f', location);
	return expression_wrap(t, e, "bibd_element(", translator_format(t, ", %u)", type_kept_as(e->oid)));
}

/* The extension has these for citext, too, where they mind no case. */
static bool
minds_citext(const char *name, const uint32_t *types, size_t n)
{
	static const char *const names[] = { "replace", "split_part", "strpos", "translate", "regexp_match",
		"regexp_matches", "regexp_replace", "regexp_split_to_array", "regexp_split_to_table" };
	bool citext = false, named = false;

	for (size_t i = 0; i < n; i++)
		citext |= types[i] == TYPE_CITEXT;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		named |= strcmp(names[i], name) == 0;
	return citext && named;
}

/* What stands for an array of any length becomes one, from this argument on. */
static int
gather_rest(struct translator *t, const struct function_fact *fact, const struct expression *first)
{
	uint32_t element = type_element(fact->arguments[fact->narguments - 1]);

	if ((fact->flags & FACT_VARIADIC) == 0 || element == 0)
		return 0;
	sql_text_insert(&t->out, first->start, translator_format(t, "bibd_array(%u, ", element));
	return translate_emit(t, ")");
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
	if (minds_citext(fact->name, types, call->n_args)) {
		(void)translate_refuse(t, call->location, translator_format(t, "%s() of citext", fact->name));
		return NULL;
	}
	if (fact->sqlite_name == NULL) {
		(void)translate_refuse(t, call->location,
		    translator_format(t, "%s(%s)", name, display_types(t, list, call->n_args)));
		return NULL;
	}
	if (fact->result == TYPE_ANYARRAY && fact->arguments[0] == TYPE_ANYELEMENT && type_is_array(list[0].oid)) {
		translate_fail(t, call->location, SQLSTATE_UNDEFINED_OBJECT,
		    "could not find array type for data type %s", type_display(t, list[0].oid));
		return NULL;
	}
	for (size_t i = call->n_args; i-- > 0;)
		if (bring_argument(t, fact, &list[i], declared[i], call->location) < 0 ||
		    (is_shown(fact) && show_call_argument(t, fact, &list[i], call->location) < 0) ||
		    (i + 1 == fact->narguments && gather_rest(t, fact, &list[i]) < 0))
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
		(void)fail_resolution(t, call, name, *list, resolution);
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

/* What only an aggregate or a window function may have. */
static int
check_kind(struct translator *t, const PgQuery__FuncCall *call, const struct function_fact *fact)
{
	const char *wrong = call->agg_distinct ? "DISTINCT"
	    : call->agg_filter != NULL	       ? "FILTER"
	    : call->n_agg_order > 0	       ? "ORDER BY"
					       : NULL;

	if (translate_check_within_group(t, call, fact->name) < 0)
		return -1;
	if (fact->kind == 'w' && call->over == NULL)
		return translate_fail(t, call->location, SQLSTATE_WRONG_OBJECT_TYPE,
		    "window function %s requires an OVER clause", fact->name);
	if (fact->kind == 'a' && call->n_args == 0 && !call->agg_star)
		return translate_fail(t, call->location, SQLSTATE_WRONG_OBJECT_TYPE,
		    "%s(*) must be used to call a parameterless aggregate function", fact->name);
	if (fact->kind == 'f' && wrong != NULL)
		return translate_fail(t, call->location, SQLSTATE_WRONG_OBJECT_TYPE,
		    "%s specified, but %s is not an aggregate function", wrong, fact->name);
	if (fact->kind == 'f' && call->over != NULL)
		return translate_fail(t, call->location, SQLSTATE_WRONG_OBJECT_TYPE,
		    "OVER specified, but %s is not a window function nor an aggregate function", fact->name);
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
	sql_text_insert(&t->out, start, call->agg_distinct ? "(DISTINCT " : "(");
	sql_text_insert(&t->out, start, call->over == NULL ? fact->sqlite_name : moving_name(fact));
	return translate_emit(t, ")");
}

static int
finish_call(struct translator *t, const PgQuery__FuncCall *call, const struct function_fact *fact,
    struct expression *list, uint32_t result, struct expression *type)
{
	size_t start = type->start;

	if (check_kind(t, call, fact) < 0 || (call->agg_star && translate_emit(t, "*") < 0) ||
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
find_subquery(void *arg, const PgQuery__Node *node)
{
	return node->node_case == PG_QUERY__NODE__NODE_SUB_LINK ? 1 : tree_each_child(node, find_subquery, arg);
}

/* An aggregate of nothing but columns from outside of LATERAL is one of the query around it, in whose FROM it may not
 * stand. */
static int
check_level(struct translator *t, const PgQuery__Node *node, const struct function_fact *fact,
    const struct lateral *before)
{
	const struct lateral *l = t->lateral;

	if (l == NULL || fact == NULL || fact->kind != 'a' || l->outside == before->outside)
		return 0;
	if (find_subquery(NULL, node) != 0)
		return translate_refuse(t, node->func_call->location,
		    "an aggregate of a subquery with columns from outside of LATERAL");
	return l->own != before->own
	    ? 0
	    : translate_fail(t, node->func_call->location, SQLSTATE_GROUPING_ERROR,
		  "aggregate functions are not allowed in FROM clause of their own query level");
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
	if (check_level(t, node, fact, &before) < 0)
		return -1;
	if (fact != NULL && (!call->agg_star || strcmp(name, "count") == 0))
		return finish_call(t, call, fact, list, result, type);
	if (fact == NULL && resolution == RESOLVED)
		return -1;
	if ((cast = cast_function(call, name, list)) == NULL)
		return fail_resolution(t, call, name, list, fact != NULL ? RESOLVED_NONE : resolution);
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
