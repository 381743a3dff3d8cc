/*
 * Functions that answer rows: table-valued functions of SQLite. In a select list they are moved into FROM, where
 * PostgreSQL's answer for a single one is the same.
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"

static const struct {
	const char *name, *module;
	unsigned min_args, max_args;
	uint32_t oid; /* of its value; 0: as the arguments say */
} set_functions[] = {
	{"generate_series", "bibd_generate_series", 2, 3, 0},
	{"unnest", "bibd_unnest", 1, 1, 0},
	/* No table has partitions: a series without an end has no rows. */
	{"pg_partition_ancestors", "bibd_generate_series", 1, 1, TYPE_REGCLASS},
	{"pg_partition_tree", "bibd_generate_series", 1, 1, TYPE_REGCLASS},
};

static size_t
find(const char *name)
{
	size_t i = 0;

	while (i < sizeof(set_functions) / sizeof(set_functions[0]) && strcmp(set_functions[i].name, name) != 0)
		i++;
	return i;
}

bool
function_is_set(const char *name)
{
	return find(name) < sizeof(set_functions) / sizeof(set_functions[0]);
}

static int
check_series(struct translator *t, const PgQuery__FuncCall *call, const struct expression *list, uint32_t *oid)
{
	*oid = list[0].oid;
	for (size_t i = 0; i < call->n_args; i++) {
		if (!type_is_integer(list[i].oid))
			return translate_refuse(t, call->location, "generate_series of anything but integers");
		*oid = type_common(*oid, list[i].oid);
	}
	return 0;
}

int
translate_set_function(struct translator *t, const PgQuery__FuncCall *call, struct expression *type)
{
	const char *name = translate_last_string(call->funcname, call->n_funcname);
	size_t i = find(name), start = t->out.length;
	struct expression *list;
	uint32_t oid;

	if (call->n_args < set_functions[i].min_args || call->n_args > set_functions[i].max_args)
		return translate_fail(t, call->location, SQLSTATE_UNDEFINED_FUNCTION,
		    "function %s with %zu arguments does not exist", name, call->n_args);
	if (translate_emit(t, set_functions[i].module) < 0 || translate_emit(t, "(") < 0 ||
	    (list = translate_arguments(t, call, name)) == NULL)
		return -1;
	oid = set_functions[i].oid;
	if (strcmp(name, "generate_series") == 0 && check_series(t, call, list, &oid) < 0)
		return -1;
	if (strcmp(name, "unnest") == 0) {
		if ((oid = type_element(list[0].oid)) == 0)
			return translate_fail(t, call->location, SQLSTATE_UNDEFINED_FUNCTION,
			    "function unnest(%s) does not exist", type_display(list[0].oid));
		translate_emit_format(t, ", %u", oid);
	}
	*type = expression_value(start, oid);
	return translate_emit(t, ")");
}

int
translate_set_function_as_value(struct translator *t, const PgQuery__FuncCall *call, struct expression *type)
{
	size_t start = t->out.length;
	unsigned number = ++t->serial;
	struct sql_text *series = t->scope == NULL ? NULL : t->scope->series;

	if (series == NULL || series->length > 0)
		return translate_refuse(t, call->location, "a set-returning function here");
	t->scope->series = NULL; /* none within its own arguments */
	if (translate_set_function(t, call, type) < 0)
		return -1;
	t->scope->series = series;
	sql_text_put(series, t->out.data + start);
	sql_text_format(series, " AS \"bibd_series_%u\"", number);
	sql_text_cut(&t->out, start);
	return translate_emit_format(t, "\"bibd_series_%u\".\"value\"", number);
}
