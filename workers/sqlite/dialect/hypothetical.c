/*
 * rank(3) WITHIN GROUP (ORDER BY x), and its relatives: where a row would stand among the group's. Each becomes a call
 * of bibd_rank(keys, 3, ..., x, ...), whose keys are written as those of functions/ordered.c are.
 */
#include <string.h>

#include "workers/sqlite/dialect/call.h"

static const struct {
	const char *name, *function;
	uint32_t result;
} rows[] = {
	{ "rank", "bibd_rank", TYPE_INT8 },
	{ "dense_rank", "bibd_dense_rank", TYPE_INT8 },
	{ "percent_rank", "bibd_percent_rank", TYPE_FLOAT8 },
	{ "cume_dist", "bibd_cume_dist", TYPE_FLOAT8 },
};
#define NROWS (sizeof(rows) / sizeof(rows[0]))

static size_t
find_row(const char *name)
{
	size_t i = 0;

	while (i < NROWS && strcmp(rows[i].name, name) != 0)
		i++;
	return i;
}

bool
function_is_hypothetical(const char *name)
{
	return find_row(name) < NROWS;
}

static int
fail_count(struct translator *t, const PgQuery__FuncCall *call, const char *name, const struct expression *list)
{
	size_t n = call->n_args + call->n_agg_order;
	const char *types = "";

	for (size_t i = 0; i < n && types != NULL; i++)
		types = translator_format(t, "%s%s%s", types, i > 0 ? ", " : "",
		    type_display(t, list[i].form == EXPRESSION_VALUE ? list[i].oid : TYPE_UNKNOWN));
	if (types == NULL)
		return -1;
	translate_fail(t, call->location, SQLSTATE_UNDEFINED_FUNCTION, "function %s(%s) does not exist", name, types);
	report_hint(t->report,
	    "To use the hypothetical-set aggregate %s, the number of hypothetical direct arguments (here %zu) must "
	    "match the number of ordering columns (here %zu).",
	    name, call->n_args, call->n_agg_order);
	return -1;
}

/* What is compared with each other is of one type. The later is changed first, as texts grow. */
static int
unify(struct translator *t, const PgQuery__FuncCall *call, struct expression *list)
{
	size_t n = call->n_args;

	for (size_t i = 2 * n; i-- > 0;) {
		struct expression pair[] = { list[i % n], list[i % n + n] };
		int location = translate_location(i < n ? call->args[i] : call->agg_order[i - n]->sort_by->node);
		uint32_t oid;

		if (expression_common(t, pair, 2, "WITHIN GROUP", location, &oid) < 0 ||
		    expression_cast(t, &list[i], oid, -1, CAST_IMPLICIT, location) < 0 ||
		    expression_canonize(t, &list[i], location) < 0 || expression_trim(t, &list[i]) < 0)
			return -1;
		if (oid == TYPE_JSON)
			return translate_fail(t, location, SQLSTATE_UNDEFINED_FUNCTION,
			    "could not identify an ordering operator for type json");
		if (oid == TYPE_RECORD)
			return translate_refuse(t, location, "WITHIN GROUP of rows");
	}
	return 0;
}

/* The order of each key: its type, its direction, and where NULL comes. */
static const char *
key_words(struct translator *t, const PgQuery__FuncCall *call, const struct expression *list)
{
	const char *words = "";

	for (size_t i = 0; i < call->n_agg_order && words != NULL; i++) {
		const PgQuery__SortBy *sort = call->agg_order[i]->sort_by;
		bool descending = sort->sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
		bool first = sort->sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST ||
		    (sort->sortby_nulls != PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST && descending);

		if (sort->sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_USING) {
			(void)translate_refuse(t, sort->location, "WITHIN GROUP in this order");
			return NULL;
		}
		words = translator_format(t, "%s%c%u%c", words, descending ? '>' : '<',
		    type_kept_as(list[call->n_args + i].oid), first ? 'f' : 'l');
	}
	return words;
}

int
translate_hypothetical(struct translator *t, const PgQuery__FuncCall *call, const char *name, struct expression *type)
{
	size_t start = t->out.length, row = find_row(name), n = call->n_args + call->n_agg_order;
	struct expression *list = translator_alloc(t, (n + 1) * sizeof(*list));
	const char *words;

	if (list == NULL)
		return -1;
	if (call->func_variadic)
		return translate_refuse(t, call->location, "VARIADIC");
	if (call->over != NULL)
		return translate_fail(t, call->location, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "OVER is not supported for ordered-set aggregate %s", name);
	for (size_t i = 0; i < n; i++) {
		const PgQuery__Node *node =
		    i < call->n_args ? call->args[i] : call->agg_order[i - call->n_args]->sort_by->node;

		if (translate_emit(t, ", ") < 0 || translate_expression(t, node, &list[i]) < 0)
			return -1;
	}
	if (call->n_args != call->n_agg_order)
		return fail_count(t, call, name, list);
	if (unify(t, call, list) < 0 || (words = key_words(t, call, list)) == NULL)
		return -1;
	sql_text_insert(&t->out, start, translator_format(t, "%s('%s'", rows[row].function, words));
	if (translate_emit(t, ")") < 0)
		return -1;
	if (t->scope != NULL)
		t->scope->grouped = true;
	*type = expression_value(start, rows[row].result);
	if (translate_call_tail(t, call) < 0)
		return -1;
	type->end = t->out.length;
	return 0;
}
