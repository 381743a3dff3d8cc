/*
 * Ordered-set aggregates: percentile_cont(0.5) WITHIN GROUP (ORDER BY x) is a call of percentile_cont(0.5, x), which is
 * told the type of x and the direction besides.
 */
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/call.h"

static const char *const names[] = { "percentile_cont", "percentile_disc", "mode" };

bool
function_is_ordered_set(const char *name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

int
translate_check_within_group(struct translator *t, const PgQuery__FuncCall *call, const char *name)
{
	const struct function_fact *fact = function_fact_by_name(name);
	bool ordered_set = function_is_ordered_set(name);

	if (ordered_set && !call->agg_within_group)
		return translate_fail(t, call->location, SQLSTATE_WRONG_OBJECT_TYPE,
		    "WITHIN GROUP is required for ordered-set aggregate %s", name);
	if (ordered_set && call->over != NULL)
		return translate_fail(t, call->location, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "OVER is not supported for ordered-set aggregate %s", name);
	if (ordered_set || !call->agg_within_group)
		return 0;
	return translate_fail(t, call->location, SQLSTATE_WRONG_OBJECT_TYPE,
	    fact != NULL && fact->kind == 'a' ? "%s is not an ordered-set aggregate, so it cannot have WITHIN GROUP"
					      : "WITHIN GROUP specified, but %s is not an aggregate function",
	    name);
}

const PgQuery__FuncCall *
translate_within_group(struct translator *t, const PgQuery__FuncCall *call, const char *name)
{
	const struct function_fact *fact = function_fact_by_name(name);
	PgQuery__FuncCall *whole;

	if (fact == NULL || fact->kind == 'w') { /* such as rank() */
		(void)translate_refuse(t, call->location, "WITHIN GROUP of this function");
		return NULL;
	}
	if ((whole = translator_alloc(t, sizeof(*whole))) == NULL)
		return NULL;
	*whole = *call;
	whole->args = translator_alloc(t, (call->n_args + call->n_agg_order) * sizeof(*whole->args));
	if (whole->args == NULL)
		return NULL;
	for (size_t i = 0; i < call->n_args; i++)
		whole->args[i] = call->args[i];
	for (size_t i = 0; i < call->n_agg_order; i++)
		whole->args[whole->n_args++] = call->agg_order[i]->sort_by->node;
	return whole;
}

int
translate_within_group_end(struct translator *t, const PgQuery__FuncCall *call, struct expression *value)
{
	const PgQuery__SortBy *sort = call->agg_order[0]->sort_by;
	bool descending = sort->sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;

	if (sort->sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_USING || type_is_array(value->oid) ||
	    value->oid == TYPE_RECORD)
		return translate_refuse(t, sort->location, "WITHIN GROUP in this order");
	if (value->oid == TYPE_JSON)
		return translate_fail(t, translate_location(sort->node), SQLSTATE_UNDEFINED_FUNCTION,
		    "could not identify an ordering operator for type json");
	if (expression_canonize(t, value, translate_location(sort->node)) < 0)
		return -1;
	return translate_emit_format(t, ", %u, %d", type_kept_as(value->oid), descending);
}
