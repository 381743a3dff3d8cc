/*
 * Functions that answer rows, as arguments of the table-valued function bibd_rows(), which runs several side by side:
 * what such a call is written as, and which columns its rows have.
 */
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/set_function.h"
#include "workers/sqlite/functions/functions.h"

/* Those whose columns have names of their own. An OID of 0 is the type of the function's result, or of an array's
 * elements where the function answers a record. */
static const struct {
	const char *name;
	struct set_column columns[SET_COLUMNS_MAX];
} named[] = {
	{ "_pg_expandarray", { { "x", "v", 0 }, { "n", "ordinality", TYPE_INT4 } } },
	{ "json_array_elements", { { "value", "v", 0 } } },
	{ "json_array_elements_text", { { "value", "v", 0 } } },
	{ "json_each", { { "key", "k", TYPE_TEXT }, { "value", "v", TYPE_JSON } } },
	{ "json_each_text", { { "key", "k", TYPE_TEXT }, { "value", "v", TYPE_TEXT } } },
	{ "jsonb_array_elements", { { "value", "v", 0 } } },
	{ "jsonb_array_elements_text", { { "value", "v", 0 } } },
	{ "jsonb_each", { { "key", "k", TYPE_TEXT }, { "value", "v", TYPE_JSONB } } },
	{ "jsonb_each_text", { { "key", "k", TYPE_TEXT }, { "value", "v", TYPE_TEXT } } },
	{ "generate_subscripts", { { NULL, "v", 0 } } },
	{ "pg_options_to_table", { { "option_name", "k", TYPE_TEXT }, { "option_value", "v", TYPE_TEXT } } },
	{ "pg_partition_ancestors", { { "relid", "v", 0 } } },
};

/* Those whose value is a row of these fields, by pg_proc.oid. */
static const struct row_field parse_fields[] = { { .name = "tokid", .oid = TYPE_INT4, .typmod = -1 },
	{ .name = "token", .oid = TYPE_TEXT, .typmod = -1 } },
			      type_fields[] = { { .name = "tokid", .oid = TYPE_INT4, .typmod = -1 },
				      { .name = "alias", .oid = TYPE_TEXT, .typmod = -1 },
				      { .name = "description", .oid = TYPE_TEXT, .typmod = -1 } },
			      debug_fields[] = { { .name = "alias", .oid = TYPE_TEXT, .typmod = -1 },
				      { .name = "description", .oid = TYPE_TEXT, .typmod = -1 },
				      { .name = "token", .oid = TYPE_TEXT, .typmod = -1 },
				      { .name = "dictionaries", .oid = TYPE_REGDICTIONARY_ARRAY, .typmod = -1 },
				      { .name = "dictionary", .oid = TYPE_REGDICTIONARY, .typmod = -1 },
				      { .name = "lexemes", .oid = TYPE_TEXT_ARRAY, .typmod = -1 } },
			      word_fields[] = { { .name = "lexeme", .oid = TYPE_TEXT, .typmod = -1 },
				      { .name = "positions", .oid = TYPE_INT2_ARRAY, .typmod = -1 },
				      { .name = "weights", .oid = TYPE_TEXT_ARRAY, .typmod = -1 } };
static const struct {
	uint32_t oid;
	struct row_shape shape;
} shapes[] = {
	{ 3715, { 2, parse_fields } },
	{ 3716, { 2, parse_fields } },
	{ 3713, { 3, type_fields } },
	{ 3714, { 3, type_fields } },
	{ 6183, { 6, debug_fields } },
	{ 6184, { 6, debug_fields } },
	{ 3322, { 3, word_fields } },
};

bool
function_is_set(const char *name)
{
	const struct function_fact *fact = function_fact_by_name(name);

	return fact != NULL && (fact->flags & FACT_SET) != 0;
}

unsigned
function_set_columns(const char *name, struct set_column columns[SET_COLUMNS_MAX])
{
	for (size_t i = 0; name != NULL && i < sizeof(named) / sizeof(named[0]); i++)
		if (strcmp(named[i].name, name) == 0) {
			memcpy(columns, named[i].columns, sizeof(named[i].columns));
			return columns[1].part == NULL ? 1 : 2;
		}
	return 0;
}

/* Of the array that the first argument is. */
static uint32_t
element_of(const struct expression *list, size_t n)
{
	return n > 0 ? type_element(list[0].oid) : 0;
}

static void
find_columns(struct set_call *set, const char *name, uint32_t result, uint32_t element)
{
	unsigned n;

	*set = (struct set_call) { .name = name, .ncolumns = 1, .columns = { { NULL, "v", result } } };
	n = function_set_columns(name, set->columns);
	set->is_record = n == 0 && result == TYPE_RECORD;
	set->by_name = set->is_record && strstr(name, "_to_record") != NULL;
	set->before = set->after = "";
	if (n == 0)
		return;
	set->ncolumns = n;
	for (unsigned column = 0; column < set->ncolumns; column++)
		if (set->columns[column].oid == 0)
			set->columns[column].oid = result == TYPE_RECORD ? element : result;
}

/* The fields of a row that such a function answers. */
static void
find_shape(struct set_call *set, const struct function_fact *fact)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (shapes[i].oid == fact->oid) {
			set->shape = &shapes[i].shape;
			set->is_record = false;
		}
}

int
translate_set_call(struct translator *t, const PgQuery__FuncCall *call, struct set_call *set)
{
	size_t start = t->out.length;
	const struct function_fact *fact;
	struct expression *list;
	const char *name;
	uint32_t result;

	if ((name = translate_function_name(t, call)) == NULL ||
	    (call = translate_named_arguments(t, call, name)) == NULL ||
	    (fact = translate_called(t, call, name, &list, &result)) == NULL)
		return -1;
	find_columns(set, name, result, element_of(list, call->n_args));
	find_shape(set, fact);
	if (translate_is_populate(name)) {
		if (translate_populate_set(t, start, list, set, call->location) < 0)
			return -1;
		sql_text_insert(&t->out, start, translator_format(t, "'%s', 1, ", fact->sqlite_name));
		return translate_emit(t, "");
	}
	if (type_is_row(result) && set->shape == NULL && strcmp(name, "unnest") == 0) {
		struct expression row = expression_value(0, result);

		row.shape = list[0].shape;
		set->shape = translate_shape(t, &row);
	}
	set->narguments = (unsigned)call->n_args + ((fact->flags & FACT_ELEMENT) != 0 ? 1 : 0);
	if ((fact->flags & FACT_ELEMENT) != 0 &&
	    translate_emit_format(t, ", %u", type_kept_as(element_of(list, call->n_args))) < 0)
		return -1;
	sql_text_insert(&t->out, start,
	    translator_format(t, set->narguments > 0 ? "'%s', %u, " : "'%s', %u", fact->sqlite_name, set->narguments));
	return translate_emit(t, "");
}

/* json_populate_record(null::record, ...) with a list of columns, which says what the record is. */
static int
populate_by_list(struct translator *t, const PgQuery__FuncCall *call, const char *name, struct set_call *set)
{
	struct expression json;

	if (translate_emit(t, "'json_to_record', 1, ") < 0 || translate_expression(t, call->args[1], &json) < 0 ||
	    expression_cast(t, &json, strcmp(name, "json_populate_record") == 0 ? TYPE_JSON : TYPE_JSONB, -1,
		CAST_IMPLICIT, call->location) < 0)
		return -1;
	*set = (struct set_call) { .name = name,
		.narguments = 1,
		.ncolumns = 1,
		.is_record = true,
		.by_name = true,
		.columns = { { NULL, "v", TYPE_RECORD } },
		.before = "",
		.after = "" };
	return 0;
}

/* Whether it is such a call, whose record says nothing of itself. -1: reported. */
static int
is_populated_by_list(struct translator *t, const PgQuery__Node *value)
{
	const PgQuery__FuncCall *call = value->node_case == PG_QUERY__NODE__NODE_FUNC_CALL ? value->func_call : NULL;
	size_t start = t->out.length;
	struct expression base;

	if (call == NULL || call->n_args < 2 ||
	    !translate_is_populate(translate_last_string(call->funcname, call->n_funcname)))
		return 0;
	if (translate_expression(t, call->args[0], &base) < 0)
		return -1;
	sql_text_cut(&t->out, start);
	return base.oid == TYPE_RECORD && translate_shape(t, &base) == NULL;
}

int
translate_set_of_one(struct translator *t, const PgQuery__Node *value, bool listed, struct set_call *set)
{
	int by_list = listed ? is_populated_by_list(t, value) : 0;
	struct expression e;

	if (by_list != 0)
		return by_list < 0
		    ? -1
		    : populate_by_list(t, value->func_call,
			  translate_last_string(value->func_call->funcname, value->func_call->n_funcname), set);
	if (translate_emit(t, "'one', 1, ") < 0 || translate_expression(t, value, &e) < 0 ||
	    expression_settle(t, &e, TYPE_TEXT, -1) < 0 || expression_canonize(t, &e, translate_location(value)) < 0)
		return -1;
	*set = (struct set_call) { .name = translate_target_name(value),
		.narguments = 1,
		.ncolumns = 1,
		.is_record = e.oid == TYPE_RECORD,
		.columns = { { NULL, "v", e.oid } },
		.shape = type_is_row(e.oid) ? translate_shape(t, &e) : NULL,
		.domain = e.domain,
		.before = "",
		.after = "" };
	return 0;
}

int
translate_check_sets(struct translator *t, unsigned sets, unsigned narguments)
{
	if (sets <= FUNCTION_SETS_MAX && narguments + 2 * sets <= FUNCTION_SETS_ARGUMENTS_MAX)
		return 0;
	return translate_refuse(t, -1, "so many set-returning functions side by side");
}

#define ARGUMENTS_SEEN 16

bool
translate_packs_sets(unsigned sets, unsigned narguments)
{
	return 2 * sets + narguments > ARGUMENTS_SEEN;
}

int
translate_pack_sets(struct translator *t, size_t start, unsigned sets, unsigned narguments)
{
	if (!translate_packs_sets(sets, narguments))
		return 0;
	sql_text_insert(&t->out, start + strlen("bibd_rows("), "bibd_arguments(");
	return translate_emit(t, ")");
}

const char *
translate_set_column(struct translator *t, const struct set_column *column, unsigned set)
{
	return strcmp(column->part, "ordinality") == 0 ? column->part : translator_format(t, "%s%u", column->part, set);
}
