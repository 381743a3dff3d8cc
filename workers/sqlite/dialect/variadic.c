/*
 * f(VARIADIC array): the array in place of the arguments that it holds.
 */
#include <string.h>

#include "workers/sqlite/dialect/call.h"

static const struct {
	const char *name, *function; /* function: what is called, and its parenthesis */
	uint32_t result;
	uint32_t first;	 /* the type of the argument before; 0: there is none */
	bool of_texts;	 /* the array is one of texts; else of any type */
	const char *end; /* what stands behind; NULL: the type of the elements */
} rows[] = {
	{ "concat", "bibd_array_to_string(", TYPE_TEXT, 0, false, ", '')" },
	{ "concat_ws", "bibd_concat_ws_array(", TYPE_TEXT, TYPE_TEXT, false, ")" },
	{ "format", "bibd_format_array(", TYPE_TEXT, TYPE_TEXT, false, ")" },
	{ "json_build_array", "bibd_json_array_of(", TYPE_JSON, 0, false, NULL },
	{ "json_build_object", "bibd_json_object_of(", TYPE_JSON, 0, false, NULL },
	{ "json_extract_path", "bibd_jsonb_extract_path(", TYPE_JSON, TYPE_JSON, true, ")" },
	{ "json_extract_path_text", "bibd_jsonb_extract_path_text(", TYPE_TEXT, TYPE_JSON, true, ")" },
	{ "jsonb_build_array", "bibd_json_array_of(", TYPE_JSONB, 0, false, NULL },
	{ "jsonb_build_object", "bibd_json_object_of(", TYPE_JSONB, 0, false, NULL },
	{ "jsonb_delete", "bibd_jsonb_delete_all(", TYPE_JSONB, TYPE_JSONB, true, ")" },
	{ "jsonb_extract_path", "bibd_jsonb_extract_path(", TYPE_JSONB, TYPE_JSONB, true, ")" },
	{ "jsonb_extract_path_text", "bibd_jsonb_extract_path_text(", TYPE_TEXT, TYPE_JSONB, true, ")" },
};

/* Brings the array, and what stands before it, to their types. */
static int
bring_arguments(struct translator *t, size_t row, struct expression *list, size_t n, int location)
{
	struct expression *array = &list[n - 1];

	if (!rows[row].of_texts && !type_is_array(array->oid))
		return translate_fail(t, location, SQLSTATE_DATATYPE_MISMATCH, "VARIADIC argument must be an array");
	if (rows[row].of_texts && expression_cast(t, array, TYPE_TEXT_ARRAY, -1, CAST_IMPLICIT, location) < 0)
		return -1;
	/* What becomes part of a text is what the session sees of the elements. */
	if (rows[row].result == TYPE_TEXT && !rows[row].of_texts &&
	    (type_is_user(array->oid)
		    ? expression_plain(t, array)
		    : expression_wrap(t, array, "bibd_text(", translator_format(t, ", %u)", array->oid))) < 0)
		return -1;
	return n == 1 ? 0 : expression_cast(t, &list[0], rows[row].first, -1, CAST_IMPLICIT, location);
}

int
translate_variadic(struct translator *t, const PgQuery__FuncCall *call, const char *name, struct expression *type)
{
	size_t start = t->out.length, row = 0;
	PgQuery__FuncCall plain = *call;
	struct expression *list;

	while (row < sizeof(rows) / sizeof(rows[0]) && strcmp(rows[row].name, name) != 0)
		row++;
	if (row == sizeof(rows) / sizeof(rows[0]) || call->n_args != (rows[row].first == 0 ? 1 : 2))
		return translate_refuse(t, call->location, "VARIADIC here");
	plain.func_variadic = 0;
	if ((list = translate_arguments(t, &plain)) == NULL ||
	    bring_arguments(t, row, list, call->n_args, call->location) < 0)
		return -1;
	sql_text_insert(&t->out, start, rows[row].function);
	if ((rows[row].end != NULL ? translate_emit(t, rows[row].end)
				   : translate_emit_format(t, ", %u)", type_element(list[call->n_args - 1].oid))) < 0)
		return -1;
	*type = expression_value(start, rows[row].result);
	type->end = t->out.length;
	return rows[row].result == TYPE_JSONB ? expression_wrap(t, type, "bibd_jsonb(", ")") : 0;
}
