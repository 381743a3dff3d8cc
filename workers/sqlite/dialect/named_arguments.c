/*
 * f(name => value): the arguments of a function that PostgreSQL has names for, put into their places.
 */
#include <string.h>

#include "workers/sqlite/dialect/call.h"

#define NAMED_MAX 7

/* The names, in their order, and what stands for those that are left out, as SQL's constant; NULL: they must be given.
 * Source: pg_proc of PostgreSQL 15. */
static const struct {
	const char *function;
	struct {
		const char *name, *value;
	} arguments[NAMED_MAX];
} rows[] = {
#define PATH(function) \
	{ \
		function, \
		{ \
			{ "target", NULL }, { "path", NULL }, { "vars", "{}" }, \
			{ \
				"silent", "false" \
			} \
		} \
	}
	PATH("jsonb_path_exists"),
	PATH("jsonb_path_exists_tz"),
	PATH("jsonb_path_match"),
	PATH("jsonb_path_match_tz"),
	PATH("jsonb_path_query"),
	PATH("jsonb_path_query_tz"),
	PATH("jsonb_path_query_array"),
	PATH("jsonb_path_query_array_tz"),
	PATH("jsonb_path_query_first"),
	PATH("jsonb_path_query_first_tz"),
	{ "jsonb_set",
	    { { "jsonb_in", NULL }, { "path", NULL }, { "replacement", NULL }, { "create_if_missing", "true" } } },
	{ "jsonb_set_lax",
	    { { "jsonb_in", NULL }, { "path", NULL }, { "replacement", NULL }, { "create_if_missing", "true" },
		{ "null_value_treatment", "use_json_null" } } },
	{ "jsonb_insert",
	    { { "jsonb_in", NULL }, { "path", NULL }, { "replacement", NULL }, { "insert_after", "false" } } },
	{ "make_date", { { "year", NULL }, { "month", NULL }, { "day", NULL } } },
	{ "make_time", { { "hour", NULL }, { "min", NULL }, { "sec", NULL } } },
	{ "make_timestamp",
	    { { "year", NULL }, { "month", NULL }, { "mday", NULL }, { "hour", NULL }, { "min", NULL },
		{ "sec", NULL } } },
	{ "make_interval",
	    { { "years", "0" }, { "months", "0" }, { "weeks", "0" }, { "days", "0" }, { "hours", "0" }, { "mins", "0" },
		{ "secs", "0" } } },
	{ "parse_ident", { { "str", NULL }, { "strict", "true" } } },
};

/* A string constant: it takes the type that the function wants. */
static PgQuery__Node *
default_node(struct translator *t, const char *value)
{
	PgQuery__Node *node = translator_alloc(t, sizeof(*node));
	PgQuery__AConst *constant = translator_alloc(t, sizeof(*constant));
	PgQuery__String *text = translator_alloc(t, sizeof(*text));

	if (node == NULL || constant == NULL || text == NULL)
		return NULL;
	pg_query__node__init(node);
	pg_query__a__const__init(constant);
	pg_query__string__init(text);
	text->sval = translator_copy(t, value);
	constant->val_case = PG_QUERY__A__CONST__VAL_SVAL;
	constant->sval = text;
	constant->location = -1;
	node->node_case = PG_QUERY__NODE__NODE_A_CONST;
	node->a_const = constant;
	return text->sval == NULL ? NULL : node;
}

static bool
has_names(const PgQuery__FuncCall *call)
{
	return call->n_args > 0 && call->args[call->n_args - 1]->node_case == PG_QUERY__NODE__NODE_NAMED_ARG_EXPR;
}

static int
fail_names(struct translator *t, const PgQuery__FuncCall *call, const char *name)
{
	return translate_fail(t, call->location, SQLSTATE_UNDEFINED_FUNCTION,
	    "function %s with arguments of these names does not exist", name);
}

/* The place of an argument, by its name where it has one; NAMED_MAX: there is none. */
static size_t
find_place(size_t row, const PgQuery__Node *argument, size_t place)
{
	if (argument->node_case != PG_QUERY__NODE__NODE_NAMED_ARG_EXPR)
		return place;
	for (place = 0; place < NAMED_MAX && rows[row].arguments[place].name != NULL; place++)
		if (strcmp(rows[row].arguments[place].name, argument->named_arg_expr->name) == 0)
			return place;
	return NAMED_MAX;
}

static int
place_arguments(struct translator *t, size_t row, const PgQuery__FuncCall *call, PgQuery__FuncCall *placed)
{
	for (size_t i = 0; i < call->n_args; i++) {
		PgQuery__Node *argument = call->args[i];
		size_t place = find_place(row, argument, i);

		if (place >= NAMED_MAX || placed->args[place] != NULL)
			return fail_names(t, call, rows[row].function);
		placed->args[place] = argument->node_case == PG_QUERY__NODE__NODE_NAMED_ARG_EXPR
		    ? argument->named_arg_expr->arg
		    : argument;
		if (placed->n_args <= place)
			placed->n_args = place + 1;
	}
	for (size_t i = 0; i < placed->n_args; i++) {
		if (placed->args[i] != NULL)
			continue;
		if (rows[row].arguments[i].value == NULL)
			return fail_names(t, call, rows[row].function);
		if ((placed->args[i] = default_node(t, rows[row].arguments[i].value)) == NULL)
			return -1;
	}
	return 0;
}

const PgQuery__FuncCall *
translate_named_arguments(struct translator *t, const PgQuery__FuncCall *call, const char *name)
{
	PgQuery__FuncCall *placed;
	size_t row = 0;

	if (!has_names(call))
		return call;
	while (row < sizeof(rows) / sizeof(rows[0]) && strcmp(rows[row].function, name) != 0)
		row++;
	if (row == sizeof(rows) / sizeof(rows[0])) {
		(void)translate_refuse(t, call->location, "a function argument by name, of this function,");
		return NULL;
	}
	if (call->n_args > NAMED_MAX) {
		(void)fail_names(t, call, name);
		return NULL;
	}
	if ((placed = translator_alloc(t, sizeof(*placed))) == NULL)
		return NULL;
	*placed = *call;
	placed->n_args = 0;
	if ((placed->args = translator_alloc(t, NAMED_MAX * sizeof(PgQuery__Node *))) == NULL)
		return NULL;
	return place_arguments(t, row, call, placed) < 0 ? NULL : placed;
}
