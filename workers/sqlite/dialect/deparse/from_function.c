/*
 * Functions as entries of FROM, and what their columns are called.
 */
#include <string.h>

#include "workers/sqlite/dialect/deparse/tree.h"
#include "workers/sqlite/dialect/set_function.h"

/* What the one column of such a function is called. */
static const char *
set_name(const char *function)
{
	struct set_column columns[SET_COLUMNS_MAX];

	return function_set_columns(function, columns) == 1 && columns[0].name != NULL ? columns[0].name : function;
}

/* A function of one plain result. */
static bool
add_function(struct deparser *d, struct deparse_range *range, const PgQuery__Node *call)
{
	struct deparse_node *node = deparse_node(d, call);

	if (node == NULL || node->kind != DEPARSE_CALL || type_is_row(node->oid))
		return false;
	range->columns[range->nfunctions] =
	    (struct deparse_column) { .name = set_name(node->name), .oid = node->oid, .typmod = -1 };
	range->functions[range->nfunctions++] = node;
	return true;
}

static bool
is_unnest_of_several(const PgQuery__FuncCall *call)
{
	return call->n_args > 1 && call->n_funcname == 1 && !call->func_variadic &&
	    strcmp(translate_string(call->funcname[0]), "unnest") == 0;
}

/* unnest(a, b) is two of them. */
static bool
add_functions(struct deparser *d, struct deparse_range *range, const PgQuery__FuncCall *call)
{
	for (size_t i = 0; i < call->n_args; i++) {
		PgQuery__FuncCall one = *call;
		PgQuery__Node node = PG_QUERY__NODE__INIT;

		one.n_args = 1;
		one.args = &call->args[i];
		node.node_case = PG_QUERY__NODE__NODE_FUNC_CALL;
		node.func_call = &one;
		if (!add_function(d, range, &node))
			return false;
	}
	return true;
}

static const PgQuery__FuncCall *
call_of(const PgQuery__RangeFunction *source, size_t i)
{
	const PgQuery__List *item = source->functions[i]->list;
	bool defined = item->n_items > 1 && item->items[1]->node_case == PG_QUERY__NODE__NODE_LIST &&
	    item->items[1]->list->n_items > 0;

	return defined || item->items[0]->node_case != PG_QUERY__NODE__NODE_FUNC_CALL ? NULL
										      : item->items[0]->func_call;
}

static struct deparse_range *
function_range(struct deparser *d, const PgQuery__RangeFunction *source)
{
	struct deparse_range *range;
	unsigned n = 0;

	for (size_t i = 0; i < source->n_functions; i++) {
		const PgQuery__FuncCall *call = call_of(source, i);

		if (call == NULL)
			return NULL;
		n += is_unnest_of_several(call) ? (unsigned)call->n_args : 1;
	}
	if ((range = deparse_new_range(d, RANGE_FUNCTION, n + (source->ordinality ? 1 : 0))) == NULL ||
	    (range->functions = translator_alloc(d->t, (n + 1) * sizeof(struct deparse_node *))) == NULL)
		return NULL;
	for (size_t i = 0; i < source->n_functions; i++) {
		const PgQuery__FuncCall *call = call_of(source, i);

		if (!(is_unnest_of_several(call) ? add_functions(d, range, call)
						 : add_function(d, range, source->functions[i]->list->items[0])))
			return NULL;
	}
	return range;
}

enum sight { SEES_NONE, SEES_BESIDE, SEES_UNKNOWN };

/* Whether it names entries of the query that it stands in. What a subquery names is not told where there are any. */
static enum sight
sees(const struct deparse_query *query, const struct deparse_node *node)
{
	enum sight sight = SEES_NONE;

	if (node == NULL || query == NULL || query->ranges == NULL)
		return SEES_NONE;
	if (node->kind == DEPARSE_SUBLINK)
		return SEES_UNKNOWN;
	for (const struct deparse_range *range = query->ranges; range != NULL; range = range->next)
		if (node->kind == DEPARSE_COLUMN && node->range == range)
			return SEES_BESIDE;
	for (size_t i = 0; i <= node->n && sight != SEES_UNKNOWN; i++) {
		enum sight one = sees(query, i < node->n ? node->args[i] : node->first);

		sight = one > sight ? one : sight;
	}
	return sight;
}

static bool
set_lateral(struct deparser *d, struct deparse_range *range, bool written)
{
	range->lateral = written;
	for (unsigned i = 0; i < range->nfunctions; i++) {
		enum sight sight = sees(d->query, range->functions[i]);

		if (sight == SEES_UNKNOWN && !written)
			return false;
		range->lateral |= sight == SEES_BESIDE;
	}
	return true;
}

/* Adds a range of one function, whose columns are known, under that name; NULL: refused. */
static struct deparse_range *
add_function_range(struct deparser *d, const PgQuery__RangeFunction *source, struct deparse_range *range,
    const char *name)
{
	range->name = name;
	range->ordinality = source->ordinality;
	if (source->ordinality)
		range->columns[range->n++] =
		    (struct deparse_column) { .name = "ordinality", .oid = TYPE_INT8, .typmod = -1 };
	if (!set_lateral(d, range, source->lateral) || !deparse_add_range(d, range, source->alias, range->name))
		return NULL;
	range->renamed = true;
	return range;
}

/* One of the file's own alone: its rows may have several columns. */
static struct deparse_range *
own_range(struct deparser *d, const PgQuery__RangeFunction *source)
{
	struct deparse_range *range = deparse_new_range(d, RANGE_FUNCTION, 0);
	struct deparse_node *node = deparse_node(d, source->functions[0]->list->items[0]);

	if (range == NULL || node == NULL || node->kind != DEPARSE_CALL || node->own == 0 ||
	    (range->columns = deparse_own_columns(d, node, &range->n)) == NULL ||
	    (range->functions = translator_alloc(d->t, 2 * sizeof(struct deparse_node *))) == NULL)
		return NULL;
	range->functions[0] = node;
	range->nfunctions = 1;
	/* The one value of one that answers no rows is called as its alias. */
	if (range->n == 1 && range->columns[0].name == node->name && source->alias != NULL)
		range->columns[0].name = source->alias->aliasname;
	return add_function_range(d, source, range, node->name);
}

static bool
is_own(struct deparser *d, const PgQuery__RangeFunction *source)
{
	const PgQuery__FuncCall *call = source->n_functions == 1 ? call_of(source, 0) : NULL;

	return call != NULL && translate_is_own(d->t, translate_own_name(d->t, call->funcname, call->n_funcname));
}

/* A list of columns, which says what the rows of a function that answers records are. */
static bool
add_definitions(struct deparser *d, struct deparse_range *range, PgQuery__Node *const *definitions)
{
	for (unsigned i = 0; i < range->n; i++) {
		const PgQuery__ColumnDef *definition = definitions[i]->column_def;
		struct deparse_column *column = &range->columns[i];
		const struct type *type;

		if (definition->coll_clause != NULL ||
		    translate_type_name(d->t, definition->type_name, &type, &column->oid, &column->typmod, NULL) == -1)
			return false;
		column->name = definition->colname;
	}
	range->defined = true;
	return true;
}

/* The columns of one that answers rows of several, by their own names. */
static bool
add_set_columns(struct deparse_range *range, const char *name)
{
	struct set_column columns[SET_COLUMNS_MAX];

	if (function_set_columns(name, columns) != range->n)
		return false;
	for (unsigned i = 0; i < range->n; i++) {
		if (columns[i].oid == 0)
			return false;
		range->columns[i] =
		    (struct deparse_column) { .name = columns[i].name, .oid = columns[i].oid, .typmod = -1 };
	}
	return true;
}

/* One of PostgreSQL's alone whose rows have several columns. */
static struct deparse_range *
row_range(struct deparser *d, const PgQuery__RangeFunction *source, unsigned n)
{
	struct deparse_range *range = deparse_new_range(d, RANGE_FUNCTION, n + 1);
	struct deparse_node *node = deparse_node(d, source->functions[0]->list->items[0]);

	if (range == NULL || node == NULL || node->kind != DEPARSE_CALL ||
	    (range->functions = translator_alloc(d->t, 2 * sizeof(struct deparse_node *))) == NULL)
		return NULL;
	range->n = n;
	if (!(source->n_coldeflist > 0 ? add_definitions(d, range, source->coldeflist)
				       : add_set_columns(range, node->name)))
		return NULL;
	range->functions[range->nfunctions++] = node;
	return add_function_range(d, source, range, node->name);
}

/* How many columns its rows have, where it stands alone and they are several. */
static unsigned
row_width(const PgQuery__RangeFunction *source)
{
	const PgQuery__FuncCall *call = source->n_functions == 1 ? call_of(source, 0) : NULL;
	struct set_column columns[SET_COLUMNS_MAX];
	unsigned n =
	    call == NULL ? 0 : function_set_columns(translate_last_string(call->funcname, call->n_funcname), columns);

	if (call != NULL && source->n_coldeflist > 0)
		return (unsigned)source->n_coldeflist;
	return n > 1 ? n : 0;
}

/* The column of one alone is called as it is, or as its alias, unless the function names it; those of several may be
 * called alike, and then have to be named. */
struct deparse_range *
deparse_function_range(struct deparser *d, const PgQuery__RangeFunction *source)
{
	struct deparse_range *range;

	if (is_own(d, source))
		return source->n_coldeflist > 0 ? NULL : own_range(d, source);
	if (row_width(source) > 0)
		return row_range(d, source, row_width(source));
	if (source->n_coldeflist > 0)
		return NULL;
	if ((range = function_range(d, source)) == NULL)
		return NULL;
	if (range->nfunctions > 1 && (source->alias == NULL || source->alias->n_colnames != range->n))
		return NULL;
	range->name = range->functions[0]->name;
	range->ordinality = source->ordinality;
	if (range->nfunctions == 1 && source->alias != NULL && range->columns[0].name == range->functions[0]->name)
		range->columns[0].name = source->alias->aliasname;
	if (source->ordinality)
		range->columns[range->nfunctions] =
		    (struct deparse_column) { .name = "ordinality", .oid = TYPE_INT8, .typmod = -1 };
	if (!set_lateral(d, range, source->lateral) || !deparse_add_range(d, range, source->alias, range->name))
		return NULL;
	range->renamed = true;
	return range;
}
