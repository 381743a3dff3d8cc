/*
 * ORDER BY and DISTINCT within an aggregate whose result depends on the order of its rows: SQLite's own has no ORDER
 * BY, and DISTINCT for one argument alone. functions/ordered.c sorts the rows.
 */
#include <string.h>

#include "workers/sqlite/dialect/call.h"

/* The aggregates that functions/ordered.c knows. */
static const char *const names[] = { "bibd_string_agg", "bibd_array_agg", "bibd_json_agg", "bibd_jsonb_agg" };

bool
call_is_ordered(const PgQuery__FuncCall *call, const char *sqlite_name)
{
	for (size_t i = 0; (call->n_agg_order > 0 || call->agg_distinct) && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], sqlite_name) == 0)
			return true;
	return false;
}

/* Appends a key to the arguments, and its type and direction to *keys. */
static int
add_key(struct translator *t, const PgQuery__Node *node, bool descending, bool nulls_first, const char **keys)
{
	int location = translate_location(node);
	struct expression e;

	if (translate_emit(t, ", ") < 0 || translate_expression(t, node, &e) < 0 ||
	    expression_settle(t, &e, TYPE_TEXT, -1) < 0)
		return -1;
	if (translate_check_sortable(t, &e, "ordering", location) < 0)
		return -1;
	if (expression_canonize(t, &e, location) < 0 || expression_trim(t, &e) < 0)
		return -1;
	*keys = translator_format(t, "%s%c%u%c", *keys, descending ? '>' : '<', e.oid, nulls_first ? 'f' : 'l');
	return *keys == NULL ? -1 : 0;
}

static int
add_sort(struct translator *t, const PgQuery__SortBy *sort, const char **keys)
{
	bool descending = sort->sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
	bool first = sort->sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST ||
	    (sort->sortby_nulls != PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST && descending);

	if (sort->sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_USING)
		return translate_refuse(t, sort->location, "ORDER BY USING within an aggregate");
	return add_key(t, sort->node, descending, first, keys);
}

/* The argument that an item of ORDER BY is; n_args: none. */
static size_t
find_argument(struct translator *t, const PgQuery__FuncCall *call, const PgQuery__Node *node)
{
	size_t i = 0;

	while (i < call->n_args && !translate_alike(t, call->args[i], node))
		i++;
	return i;
}

static bool
is_sorted(struct translator *t, const PgQuery__FuncCall *call, const PgQuery__Node *argument)
{
	for (size_t i = 0; i < call->n_agg_order; i++)
		if (translate_alike(t, call->agg_order[i]->sort_by->node, argument))
			return true;
	return false;
}

int
translate_check_distinct_order(struct translator *t, const PgQuery__FuncCall *call)
{
	for (size_t i = 0; call->agg_distinct && i < call->n_agg_order; i++) {
		const PgQuery__Node *node = call->agg_order[i]->sort_by->node;

		if (find_argument(t, call, node) == call->n_args)
			return translate_fail(t, translate_location(node), SQLSTATE_INVALID_COLUMN_REFERENCE,
			    "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list");
	}
	return 0;
}

/* Rows are distinct by all their arguments; a constant tells none apart. */
static int
add_distinct(struct translator *t, const PgQuery__FuncCall *call, const char **keys)
{
	for (size_t i = 0; i < call->n_args; i++)
		if (call->args[i]->node_case != PG_QUERY__NODE__NODE_A_CONST && !is_sorted(t, call, call->args[i]) &&
		    add_key(t, call->args[i], false, false, keys) < 0)
			return -1;
	return 0;
}

int
translate_ordered_call(struct translator *t, const PgQuery__FuncCall *call, const char *sqlite_name, size_t start)
{
	const char *keys = call->agg_distinct ? "d" : "";

	if (call->over != NULL)
		return translate_fail(t, call->location, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    call->agg_distinct ? "DISTINCT is not implemented for window functions"
				       : "aggregate ORDER BY is not implemented for window functions");
	for (size_t i = 0; i < call->n_agg_order; i++)
		if (add_sort(t, call->agg_order[i]->sort_by, &keys) < 0)
			return -1;
	if (call->agg_distinct && add_distinct(t, call, &keys) < 0)
		return -1;
	sql_text_insert(&t->out, start, translator_format(t, "bibd_ordered('%s', '%s', ", sqlite_name, keys));
	return translate_emit(t, ")");
}
