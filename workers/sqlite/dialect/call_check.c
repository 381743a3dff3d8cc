/*
 * Calls that PostgreSQL refuses, with its errors, and those that have nothing on SQLite that computes them.
 */
#include <string.h>

#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/dialect/lateral.h"
#include "workers/sqlite/dialect/tree.h"

/* "text, unknown, integer" */
static const char *
display_types(struct translator *t, const struct expression *list, size_t n)
{
	const char *text = "";

	for (size_t i = 0; i < n && text != NULL; i++)
		text = translator_format(t, "%s%s%s", text, i > 0 ? ", " : "", type_display(t, list[i].oid));
	return text;
}

int
call_fail_resolution(struct translator *t, const PgQuery__FuncCall *call, const char *name,
    const struct expression *list, enum resolution resolution)
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

static bool
is_vector(uint32_t oid)
{
	return oid == TYPE_INT2VECTOR || oid == TYPE_OIDVECTOR;
}

int
call_check_fact(struct translator *t, const PgQuery__FuncCall *call, const struct function_fact *fact, const char *name,
    const struct expression *list, const uint32_t *types)
{
	if (minds_citext(fact->name, types, call->n_args))
		return translate_refuse(t, call->location, translator_format(t, "%s() of citext", fact->name));
	if (fact->sqlite_name == NULL)
		return translate_refuse(t, call->location,
		    translator_format(t, "%s(%s)", name, display_types(t, list, call->n_args)));
	if (fact->result == TYPE_ANYARRAY && list != NULL && is_vector(list[0].oid)) /* no array, and shown as none */
		return translate_refuse(t, call->location,
		    translator_format(t, "%s(%s)", name, display_types(t, list, call->n_args)));
	if (fact->result == TYPE_ANYARRAY && fact->arguments[0] == TYPE_ANYELEMENT && list != NULL &&
	    type_is_array(list[0].oid))
		return translate_fail(t, call->location, SQLSTATE_UNDEFINED_OBJECT,
		    "could not find array type for data type %s", type_display(t, list[0].oid));
	return 0;
}

/* What only an aggregate or a window function may have. */
int
call_check_kind(struct translator *t, const PgQuery__FuncCall *call, const struct function_fact *fact)
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
	if (call->over != NULL && (call->agg_distinct || call->n_agg_order > 0) && fact->kind != 'f')
		return translate_fail(t, call->location, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    call->agg_distinct ? "DISTINCT is not implemented for window functions"
				       : "aggregate ORDER BY is not implemented for window functions");
	if (fact->kind == 'f' && wrong != NULL)
		return translate_fail(t, call->location, SQLSTATE_WRONG_OBJECT_TYPE,
		    "%s specified, but %s is not an aggregate function", wrong, fact->name);
	if (fact->kind == 'f' && call->over != NULL)
		return translate_fail(t, call->location, SQLSTATE_WRONG_OBJECT_TYPE,
		    "OVER specified, but %s is not a window function nor an aggregate function", fact->name);
	return 0;
}

static int
find_subquery(void *arg, const PgQuery__Node *node)
{
	return node->node_case == PG_QUERY__NODE__NODE_SUB_LINK ? 1 : tree_each_child(node, find_subquery, arg);
}

/* An aggregate of nothing but columns from outside of LATERAL is one of the query around it, in whose FROM it may not
 * stand. */
int
call_check_level(struct translator *t, const PgQuery__Node *node, const struct function_fact *fact,
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
