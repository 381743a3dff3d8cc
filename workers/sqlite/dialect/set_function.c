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
	{ "generate_series", "bibd_generate_series", 2, 3, 0 },
	{ "unnest", "bibd_unnest", 1, 1, 0 },
	/* No table has partitions: a series without an end has no rows. */
	{ "pg_partition_ancestors", "bibd_generate_series", 1, 1, TYPE_REGCLASS },
	{ "pg_partition_tree", "bibd_generate_series", 1, 1, TYPE_REGCLASS },
	{ "generate_subscripts", "bibd_unnest", 1, 2, TYPE_INT4 },
	{ "_pg_expandarray", "bibd_unnest", 1, 1, TYPE_RECORD },
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

const char *
function_set_column(const char *name)
{
	return strcmp(name, "generate_subscripts") == 0 ? "subscript" : "value";
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

/* What has no type of its own: another of a series is of its type, the rest as the function wants it. */
static int
settle_set_arguments(struct translator *t, const char *name, struct expression *list, size_t n, int location)
{
	bool series = strcmp(name, "generate_series") == 0;
	uint32_t oid = series ? TYPE_INT4 : strncmp(name, "pg_partition", 12) == 0 ? TYPE_REGCLASS : TYPE_TEXT_ARRAY;

	for (size_t i = 0; series && i < n; i++)
		if (list[i].form == EXPRESSION_VALUE && !list[i].literal)
			oid = list[i].oid;
	for (size_t i = n; i-- > 0;)
		if (list[i].form != EXPRESSION_VALUE
			? expression_cast(t, &list[i], oid, -1, CAST_IMPLICIT, location) < 0
			: expression_canonize(t, &list[i], location) < 0)
			return -1;
	return 0;
}

/* The arguments, and what the virtual table is told beside them. Only the first dimension of an array has subscripts.
 * */
static int
translate_set_arguments(struct translator *t, const PgQuery__FuncCall *call, const char *name, uint32_t *oid)
{
	PgQuery__FuncCall first = *call;
	struct expression *list;
	uint32_t element;

	if (strcmp(name, "generate_subscripts") == 0)
		first.n_args = 1;
	if ((list = translate_arguments(t, &first)) == NULL ||
	    settle_set_arguments(t, name, list, first.n_args, call->location) < 0)
		return -1;
	if (strcmp(name, "generate_series") == 0)
		return check_series(t, call, list, oid);
	if (strncmp(name, "pg_partition", 12) == 0)
		return 0;
	if ((element = type_element(list[0].oid)) == 0)
		return translate_fail(t, call->location, SQLSTATE_UNDEFINED_FUNCTION, "function %s(%s) does not exist",
		    name, type_display(list[0].oid));
	if (*oid == TYPE_UNKNOWN)
		*oid = element;
	return translate_emit_format(t, ", %u", element);
}

int
translate_set_function(struct translator *t, const PgQuery__FuncCall *call, struct expression *type)
{
	const char *name = translate_last_string(call->funcname, call->n_funcname);
	size_t i = find(name), start = t->out.length;
	uint32_t oid = set_functions[i].oid;

	if (call->n_args < set_functions[i].min_args || call->n_args > set_functions[i].max_args)
		return translate_fail(t, call->location, SQLSTATE_UNDEFINED_FUNCTION,
		    "function %s with %zu arguments does not exist", name, call->n_args);
	if (translate_emit(t, set_functions[i].module) < 0 || translate_emit(t, "(") < 0 ||
	    translate_set_arguments(t, call, name, &oid) < 0)
		return -1;
	*type = expression_value(start, oid);
	return translate_emit(t, ")");
}

/* Moves the call at `start` into FROM, or finds it there: the same call twice goes on in step. Sets the alias. */
static int
move_call(struct translator *t, const PgQuery__FuncCall *call, size_t start, struct sql_text *series,
    const char **alias)
{
	const char *text = translator_copy(t, t->out.data + start);

	if (text == NULL)
		return -1;
	if (series->length == 0) {
		sql_text_put(series, text);
		sql_text_format(series, " AS \"bibd_series_%u\"", ++t->serial);
	} else if (strncmp(series->data, text, strlen(text)) != 0 || series->data[strlen(text)] != ' ')
		return translate_refuse(t, call->location, "a second set-returning function here");
	if (series->failed)
		return translate_out_of_memory(t);
	sql_text_cut(&t->out, start);
	*alias = translator_copy(t, strrchr(series->data, ' ') + 1);
	return *alias == NULL ? -1 : 0;
}

int
translate_set_function_field(struct translator *t, const PgQuery__FuncCall *call, const char *column,
    struct expression *type)
{
	size_t start = t->out.length;
	struct sql_text *series = t->scope == NULL ? NULL : t->scope->series;
	const char *alias = NULL;
	int status;

	if (series == NULL)
		return translate_refuse(t, call->location, "a set-returning function here");
	t->scope->series = NULL; /* none within its own arguments */
	status = translate_set_function(t, call, type);
	t->scope->series = series;
	if (status < 0 || move_call(t, call, start, series, &alias) < 0)
		return -1;
	if (column != NULL) {
		type->oid = TYPE_INT4;
		return translate_emit_format(t, "%s.\"%s\"", alias, column);
	}
	if (type->oid == TYPE_RECORD) /* (x, n) as PostgreSQL shows it */
		return translate_emit_format(t, "('(' || %s.\"value\" || ',' || %s.\"ordinality\" || ')')", alias,
		    alias);
	return translate_emit_format(t, "%s.\"%s\"", alias,
	    function_set_column(translate_last_string(call->funcname, call->n_funcname)));
}

int
translate_set_function_as_value(struct translator *t, const PgQuery__FuncCall *call, struct expression *type)
{
	return translate_set_function_field(t, call, NULL, type);
}
