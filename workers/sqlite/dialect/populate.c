/*
 * json_populate_record() and json_populate_recordset(): the row that they are given says the type of the rows that they
 * answer.
 */
#include <string.h>

#include "workers/sqlite/dialect/set_function.h"

#define FIELDS_MAX 55 /* of a record: two arguments each */

bool
translate_is_populate(const char *name)
{
	static const char *const names[] = { "json_populate_record", "jsonb_populate_record", "json_populate_recordset",
		"jsonb_populate_recordset" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

const char *
translate_populate_type(struct translator *t, const struct expression *base, const char *name, int location)
{
	const struct row_shape *shape = base->oid == TYPE_RECORD ? translate_shape(t, base) : NULL;
	struct sql_text text = { 0 };
	const char *copy;

	if (!type_is_row(base->oid)) {
		(void)translate_fail(t, location, SQLSTATE_DATATYPE_MISMATCH, "first argument of %s must be a row type",
		    name);
		return NULL;
	}
	if (base->oid == TYPE_RECORD && shape == NULL) {
		translate_fail(t, location, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "could not determine row type for result of %s", name);
		report_hint(t->report,
		    "Provide a non-null record argument, or call the function in the FROM clause using a column "
		    "definition list.");
		return NULL;
	}
	if (shape != NULL && shape->n > FIELDS_MAX) {
		(void)translate_refuse(t, location, "a record of so many fields here");
		return NULL;
	}
	sql_text_format(&text, ", %u", base->oid);
	for (unsigned i = 0; shape != NULL && i < shape->n; i++) {
		sql_text_put(&text, ", ");
		sql_text_put_string(&text, shape->fields[i].name, strlen(shape->fields[i].name));
		sql_text_format(&text, ", %u", shape->fields[i].oid);
	}
	if (text.failed)
		(void)translate_out_of_memory(t);
	copy = text.failed ? NULL : translator_copy(t, text.data);
	sql_text_free(&text);
	return copy;
}

int
translate_populate_end(struct translator *t, const struct expression *list, const char *name, int location)
{
	const char *type = translate_populate_type(t, &list[0], name, location);

	if (type == NULL)
		return -1;
	sql_text_cut(&t->out, list[1].end);
	return translate_emit(t, type);
}

static const char *
text_of(struct translator *t, const struct expression *e)
{
	return translator_format(t, "%.*s", (int)(e->end - e->start), t->out.data + e->start);
}

int
translate_populate_set(struct translator *t, size_t start, const struct expression *list, struct set_call *set,
    int location)
{
	const char *base = text_of(t, &list[0]), *json = text_of(t, &list[1]), *type = "";
	bool named = list[0].oid == TYPE_RECORD && translate_shape(t, &list[0]) == NULL;

	set->by_name = set->is_record = named;
	if (!named && (type = translate_populate_type(t, &list[0], set->name, location)) == NULL)
		return -1;
	set->narguments = 1;
	set->shape = translate_shape(t, &list[0]);
	set->domain = list[0].domain;
	set->before = named ? ""
			    : translator_format(t, "%sbibd_json_populate(%s, ", set->domain != 0 ? "bibd_domain(" : "",
				  base == NULL ? "" : base);
	set->after = named     ? ""
	    : set->domain != 0 ? translator_format(t, "%s), %u)", type, set->domain)
			       : translator_format(t, "%s)", type);
	if (base == NULL || json == NULL || set->before == NULL || set->after == NULL)
		return -1;
	sql_text_cut(&t->out, start);
	return translate_emit(t, json);
}
