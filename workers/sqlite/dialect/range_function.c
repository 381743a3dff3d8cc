/*
 * Functions in FROM: one, or several side by side, as a call of bibd_rows().
 */
#include <string.h>

#include "workers/sqlite/dialect/set_function.h"
#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/dialect/tree.h"
#include "workers/sqlite/schema/routine.h"

/* What the functions of one item of FROM are together. */
struct function_range {
	struct translator *t;
	const PgQuery__RangeFunction *item;
	const char *alias; /* NULL until the first function is known */
	bool several;
	bool unsteady; /* one of them is */
	unsigned sets, narguments;
	struct scope_column *columns;
	unsigned n, capacity;
};

static struct scope_column *
add_column(struct function_range *range)
{
	if (range->n == range->capacity) {
		unsigned capacity = range->capacity * 2 + 8;
		struct scope_column *columns = translator_alloc(range->t, capacity * sizeof(*columns));

		if (columns == NULL)
			return NULL;
		if (range->n > 0)
			memcpy(columns, range->columns, range->n * sizeof(*columns));
		range->columns = columns;
		range->capacity = capacity;
	}
	return &range->columns[range->n++];
}

/* A column that is computed of the function's value, which stands between these texts. */
static int
end_raw(struct function_range *range, struct scope_column *column, size_t start)
{
	column->emitted = translator_copy(range->t, range->t->out.data + start);
	column->raw = true;
	column->canonical = column->oid == TYPE_NUMERIC;
	sql_text_cut(&range->t->out, start);
	return column->emitted == NULL ? -1 : 0;
}

static int
emit_value(struct function_range *range, const struct set_call *set)
{
	if (translate_emit(range->t, set->before == NULL ? "" : set->before) < 0 ||
	    translate_identifier(range->t, range->alias) < 0 ||
	    translate_emit_format(range->t, ".\"v%u\"", range->sets) < 0)
		return -1;
	return translate_emit(range->t, set->after == NULL ? "" : set->after);
}

/* A field of a row. */
static int
add_row_field(struct function_range *range, const struct set_call *set, unsigned i, const char *name)
{
	const struct row_field *field = &set->shape->fields[i];
	struct scope_column *column = add_column(range);
	struct translator *t = range->t;
	size_t start = t->out.length;

	if (column == NULL || translate_emit(t, "bibd_row_field(") < 0 || emit_value(range, set) < 0 ||
	    translate_emit_format(t, ", %u, %u)", i, field->oid) < 0)
		return -1;
	*column = (struct scope_column) { .name = name,
		.oid = field->oid,
		.typmod = field->typmod,
		.domain = field->domain,
		.shape = field->shape };
	return end_raw(range, column, start);
}

/* A column of a record: the member of that name, as the type. */
static int
add_member(struct function_range *range, const struct set_call *set, const char *name, uint32_t oid, int32_t typmod)
{
	struct scope_column *column = add_column(range);
	struct translator *t = range->t;
	bool own = type_is_user(oid) || type_is_user(type_element(oid));
	const struct schema_type *domain =
	    type_class(oid) == TYPE_CLASS_DOMAIN ? schema_type_by_oid(t->schema, oid) : NULL;
	size_t start = t->out.length;

	if (column == NULL || translate_emit(t, own ? "bibd_json_member(" : "bibd_json_field(") < 0 ||
	    emit_value(range, set) < 0 || translate_emit(t, ", ") < 0)
		return -1;
	translate_emit_string(t, name);
	if (translate_emit_format(t, ", %u, %d)", oid, typmod) < 0)
		return -1;
	*column = (struct scope_column) { .name = name,
		.oid = domain != NULL ? domain->base : oid,
		.typmod = domain != NULL ? domain->typmod : typmod,
		.domain = domain != NULL ? oid : 0 };
	return end_raw(range, column, start);
}

/* One of a list of columns: by its name in a JSON object, by its place in a row, which must be of that type. */
static int
add_listed(struct function_range *range, const struct set_call *set, unsigned i, const PgQuery__ColumnDef *definition)
{
	struct translator *t = range->t;
	const struct type *type;
	uint32_t oid;
	int32_t typmod;

	if (translate_type_name(t, definition->type_name, &type, &oid, &typmod, NULL) < 0)
		return -1;
	if (set->by_name)
		return add_member(range, set, definition->colname, oid, typmod);
	if (set->shape == NULL)
		return translate_refuse(t, -1, "a list of columns of this record");
	if (i < set->shape->n && set->shape->fields[i].oid == oid)
		return add_row_field(range, set, i, definition->colname);
	return translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH,
	    "function return row and query-specified return row do not match");
}

static int
check_list(struct translator *t, const struct set_call *set, size_t ndefinitions, int location)
{
	if (set->is_record == (ndefinitions > 0))
		return 0;
	return translate_fail(t, location, SQLSTATE_SYNTAX_ERROR,
	    set->is_record	    ? "a column definition list is required for functions returning \"record\""
		: set->ncolumns > 1 ? "a column definition list is redundant for a function with OUT parameters"
				    : "a column definition list is only allowed for functions returning \"record\"");
}

/* Those of a row that a function of the file's own answers. */
static int
add_own_columns(struct function_range *range, const struct own_call *own)
{
	for (unsigned i = 0; i < own->ncolumns; i++) {
		const struct schema_routine_column *from = &own->columns[i];
		struct scope_column *column = add_column(range);

		if (column == NULL)
			return -1;
		*column = (struct scope_column) {
			.name = from->name != NULL ? from->name : translator_format(range->t, "column%u", i + 1),
			.emitted = translate_own_column(range->t, range->alias, range->sets, i),
			.oid = from->oid,
			.typmod = from->typmod,
			.canonical = from->oid == TYPE_NUMERIC,
			.raw = true,
		};
		if (column->emitted == NULL || column->name == NULL)
			return -1;
	}
	return 0;
}

/* A column without a name of its own has the alias of the only function, or the function's name. */
static int
add_columns(struct function_range *range, const struct set_call *set, PgQuery__Node *const *definitions, size_t n)
{
	if (set->own != NULL && set->own->ncolumns == 0)
		return translate_fail(range->t, -1, SQLSTATE_SYNTAX_ERROR,
		    "a column definition list is required for functions returning \"record\"");
	if (set->own != NULL)
		return add_own_columns(range, set->own);
	if (n > 0 && !set->by_name && set->shape != NULL && set->shape->n != n)
		return translate_fail(range->t, -1, SQLSTATE_DATATYPE_MISMATCH,
		    "function return row and query-specified return row do not match");
	for (size_t i = 0; i < n; i++)
		if (add_listed(range, set, (unsigned)i, definitions[i]->column_def) < 0)
			return -1;
	for (unsigned i = 0; n == 0 && set->shape != NULL && i < set->shape->n; i++)
		if (add_row_field(range, set, i, set->shape->fields[i].name) < 0)
			return -1;
	for (unsigned i = 0; n == 0 && set->shape == NULL && i < set->ncolumns; i++) {
		const struct set_column *from = &set->columns[i];
		struct scope_column *column = add_column(range);

		if (column == NULL)
			return -1;
		*column = (struct scope_column) { .name = from->name != NULL ? from->name
			    : range->several				     ? set->name
									     : range->alias,
			.emitted = translate_set_column(range->t, from, range->sets),
			.oid = from->oid,
			.typmod = -1,
			.canonical = from->oid == TYPE_NUMERIC };
		if (column->emitted == NULL)
			return -1;
	}
	return 0;
}

static int
add_set(struct function_range *range, const PgQuery__Node *function, PgQuery__Node *const *definitions, size_t n)
{
	const PgQuery__FuncCall *call =
	    function->node_case == PG_QUERY__NODE__NODE_FUNC_CALL ? function->func_call : NULL;
	struct translator *t = range->t;
	struct set_call set;
	const char *name = call == NULL ? NULL : translate_function_name(t, call);
	bool is_own, is_set;
	int status;

	if (call != NULL && name == NULL)
		return -1;
	is_own = call != NULL && translate_is_own(t, name);
	is_set = call != NULL && function_is_set(name);
	if (range->alias == NULL)
		range->alias = translate_target_name(function);
	translate_emit(t, range->sets > 0 ? ", " : "");
	status = is_own ? translate_own_set(t, call, definitions, n, &set)
	    : is_set	? translate_set_call(t, call, &set)
			: translate_set_of_one(t, function, n > 0, &set);
	if (status < 0 || (set.own == NULL && check_list(t, &set, n, translate_location(function)) < 0) ||
	    add_columns(range, &set, definitions, n) < 0)
		return -1;
	range->unsteady |= set.unsteady;
	range->sets++;
	range->narguments += set.narguments;
	return translate_check_sets(t, range->sets, range->narguments);
}

/* unnest(a, b) is ROWS FROM (unnest(a), unnest(b)). */
static int
add_each_argument(struct function_range *range, const PgQuery__FuncCall *call)
{
	range->several = true;
	for (size_t i = 0; i < call->n_args; i++) {
		PgQuery__FuncCall one = *call;
		PgQuery__Node node = PG_QUERY__NODE__INIT;

		one.n_args = 1;
		one.args = &call->args[i];
		node.node_case = PG_QUERY__NODE__NODE_FUNC_CALL;
		node.func_call = &one;
		if (add_set(range, &node, NULL, 0) < 0)
			return -1;
	}
	return 0;
}

static bool
is_unnest_of_several(const PgQuery__Node *function)
{
	const PgQuery__FuncCall *call =
	    function->node_case == PG_QUERY__NODE__NODE_FUNC_CALL ? function->func_call : NULL;

	return call != NULL && call->n_args > 1 && call->n_funcname == 1 && !call->func_variadic &&
	    strcmp(translate_last_string(call->funcname, call->n_funcname), "unnest") == 0;
}

/* One function of the list, with the columns that are defined behind it or behind the whole item. */
static int
add_function(struct function_range *range, const PgQuery__List *function)
{
	const PgQuery__RangeFunction *item = range->item;
	const PgQuery__List *own = NULL;

	if (function->n_items > 1 && function->items[1]->node_case == PG_QUERY__NODE__NODE_LIST)
		own = function->items[1]->list;
	if (own != NULL && own->n_items > 0)
		return add_set(range, function->items[0], own->items, own->n_items);
	if (is_unnest_of_several(function->items[0]) && item->n_coldeflist == 0)
		return add_each_argument(range, function->items[0]->func_call);
	return add_set(range, function->items[0], item->coldeflist, item->n_coldeflist);
}

static int
check_item(struct translator *t, const PgQuery__RangeFunction *item)
{
	if (item->n_coldeflist == 0)
		return 0;
	if (item->ordinality)
		return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR,
		    "WITH ORDINALITY cannot be used with a column definition list");
	if (item->n_functions > 1)
		return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR,
		    "ROWS FROM() with multiple functions cannot have a column definition list");
	return 0;
}

static int
find_column(void *arg, const PgQuery__Node *node)
{
	const struct translator *t = arg;
	const PgQuery__ColumnRef *ref = node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF ? node->column_ref : NULL;

	if (ref != NULL && ref->n_fields == 1 &&
	    translate_find_variable(t, NULL, translate_string(ref->fields[0])) != NULL)
		return 0;
	return ref != NULL ? 1 : tree_each_child(node, find_column, arg);
}

static bool
has_columns(const struct function_range *range)
{
	for (size_t i = 0; i < range->item->n_functions; i++)
		if (find_column(range->t, range->item->functions[i]->list->items[0]) != 0)
			return true;
	return false;
}

/* A volatile function runs once, whatever it is joined with; with columns of an entry before it, for each of its
 * rows. */
static int
keep_unsteady(struct function_range *range, size_t start)
{
	struct translator *t = range->t;
	unsigned serial = ++t->serial;

	if (!has_columns(range)) {
		sql_text_insert(&t->out, start,
		    translator_format(t, "(WITH \"bibd_once_%u\" AS MATERIALIZED (SELECT * FROM ", serial));
		return translate_emit_format(t, ") SELECT * FROM \"bibd_once_%u\")", serial);
	}
	if (range->sets > 1 || t->outer_joins > 0 || t->kept_by_outer_join)
		return translate_refuse(t, -1, "a volatile function with columns of others here");
	t->scope->unsteady = true;
	return 0;
}

int
translate_range_function(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__RangeFunction *item = node->range_function;
	struct function_range range = { .t = t, .item = item, .several = item->n_functions > 1 };
	struct scope_column *ordinality;
	size_t start = t->out.length;

	if (item->alias != NULL)
		range.alias = item->alias->aliasname;
	if (check_item(t, item) < 0 || translate_emit(t, "bibd_rows(") < 0)
		return -1;
	for (size_t i = 0; i < item->n_functions; i++)
		if (add_function(&range, item->functions[i]->list) < 0)
			return -1;
	if (item->ordinality && (ordinality = add_column(&range)) == NULL)
		return -1;
	if (item->ordinality)
		*ordinality = (struct scope_column) { .name = "ordinality",
			.emitted = "ordinality",
			.oid = TYPE_INT8,
			.typmod = -1 };
	if (translate_pack_sets(t, start, range.sets, range.narguments) < 0 || translate_emit(t, ")") < 0 ||
	    (range.unsteady && keep_unsteady(&range, start) < 0))
		return -1;
	return translate_range_end(t, range.alias, range.columns, range.n, item->alias);
}
