/*
 * Casts to text, and from the text of a type whose values are kept in another form than they are shown in: objects by
 * their OID, labels of an enum by a number, rows.
 */
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/dialect/cast.h"
#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/types/array_reader.h"

/* Types shown by a name and kept as an OID: the functions that look one up by the other. */
static const struct {
	uint32_t oid;
	const char *in, *out;
} named[] = {
	{ TYPE_REGCLASS, "bibd_regclass_in(", "bibd_regclass_out(" },
	{ TYPE_REGTYPE, "bibd_regtype_in(", "bibd_regtype_out(" },
	{ TYPE_REGPROC, "bibd_regproc_in(", "bibd_regproc_out(" },
	{ TYPE_REGPROCEDURE, "bibd_regprocedure_in(", "bibd_regprocedure_out(" },
	{ TYPE_REGNAMESPACE, "bibd_regnamespace_in(", "bibd_regnamespace_out(" },
	{ TYPE_REGROLE, "bibd_regrole_in(", "bibd_regrole_out(" },
	{ TYPE_REGCONFIG, "bibd_regconfig_in(", "bibd_regconfig_out(" },
	{ TYPE_REGDICTIONARY, "bibd_regdictionary_in(", "bibd_regdictionary_out(" },
};
#define NNAMED (sizeof(named) / sizeof(named[0]))

static size_t
find_named(uint32_t oid)
{
	size_t i = 0;

	while (i < NNAMED && named[i].oid != oid)
		i++;
	return i;
}

bool
cast_is_named(uint32_t oid)
{
	return find_named(oid) < NNAMED;
}

/* A label's value as a number. NULL: the report is filled. */
static const char *
label_value(struct translator *t, uint32_t oid, const char *text)
{
	const struct schema_type *type = schema_type_by_oid(t->schema, oid);
	const struct schema_label *label = type == NULL ? NULL : schema_type_label_of(type, text, strlen(text));

	if (label != NULL && schema_label_is_new(schema_database(t->schema), label)) {
		(void)translate_fail(t, -1, SQLSTATE_UNSAFE_NEW_ENUM_VALUE_USAGE,
		    "unsafe use of new value \"%s\" of enum type %s", text, type->name);
		return NULL;
	}
	if (label != NULL)
		return translator_format(t, "%lld", (long long)label->value);
	(void)translate_fail(t, -1, SQLSTATE_INVALID_TEXT_REPRESENTATION, "invalid input value for enum %s: \"%s\"",
	    type == NULL ? "" : type->name, text);
	return NULL;
}

/* A label that stays in the text becomes its value there: it goes on being that one under another name. */
static int
cast_label(struct translator *t, struct expression *e, uint32_t oid)
{
	const char *value = label_value(t, oid, e->value);

	return value == NULL ? -1 : expression_replace(t, e, value);
}

/* Likewise an array of them. */
static int
cast_labels(struct translator *t, struct expression *e, uint32_t oid)
{
	const char *list = "", *value = "";
	struct array_reader reader;
	struct array_shape shape;
	struct type_value array;
	bool first = true;

	if (type_decode(TYPE_TEXT_ARRAY, TYPE_FORMAT_TEXT, e->value, strlen(e->value), &array, t->report) < 0)
		return -1;
	array_read_shape(array.bytes, array.length, &shape);
	array_reader_open(&reader, array.bytes, array.length);
	for (; list != NULL && value != NULL && array_reader_next(&reader); first = false) {
		value = reader.null ? "NULL" : label_value(t, oid, reader.element);
		list = value == NULL ? NULL : translator_format(t, "%s%s%s", list, first ? "" : ",", value);
	}
	array_reader_close(&reader);
	type_value_free(&array);
	if (value == NULL || list == NULL)
		return -1;
	if (shape.dimensions > 1 || shape.lower[0] != 1)
		return translate_refuse(t, -1, "such an array of an enum in a definition");
	list = translator_format(t, "'{%s}'", list);
	return list == NULL ? -1 : expression_replace(t, e, list);
}

bool
cast_is_shown(uint32_t oid)
{
	return cast_is_named(oid) || find_named(type_element(oid)) < NNAMED || type_is_user(oid) ||
	    oid == TYPE_RECORD || oid == TYPE_RECORD_ARRAY;
}

/* Rows, and arrays of them. */
static bool
has_rows(uint32_t oid)
{
	return type_is_row(oid) || type_is_row(type_element(oid));
}

/* Around a text that is read as such a value, or (`in` false) around a value that is shown. */
int
cast_wrap_named(struct translator *t, struct expression *e, uint32_t oid, bool in)
{
	size_t i = find_named(oid);
	bool array = type_is_array(oid);

	if (i < NNAMED)
		return expression_wrap(t, e, in ? named[i].in : named[i].out, ")");
	if ((i = find_named(type_element(oid))) < NNAMED)
		return expression_wrap(t, e, in ? "bibd_array_named_in(" : "bibd_array_named_out(",
		    translator_format(t, ", '%s')", in ? named[i].in : named[i].out));
	if (has_rows(oid))
		return expression_wrap(t, e, in ? "bibd_own_in(" : "bibd_own_show(",
		    translator_format(t, ", %u)", oid));
	if (in && e->value != NULL && !e->lifted)
		return array ? cast_labels(t, e, type_element(oid)) : cast_label(t, e, oid);
	return expression_wrap(t, e,
	    array ? (in ? "bibd_enum_array_in(" : "bibd_enum_array_out(") : (in ? "bibd_enum_in(" : "bibd_enum_out("),
	    translator_format(t, ", %u)", array ? type_element(oid) : oid));
}

bool
cast_kept_as_oid(uint32_t oid)
{
	return oid == TYPE_OID || find_named(oid) < NNAMED;
}

int
cast_to_text(struct translator *t, struct expression *e, uint32_t from)
{
	char suffix[32];

	if (has_rows(from))
		return expression_wrap(t, e, "bibd_own_text(", translator_format(t, ", %u)", from));
	if (cast_is_shown(from))
		return cast_wrap_named(t, e, from, false);
	if (from == TYPE_INET || from == TYPE_CIDR) /* which shows what the value itself does not: the whole mask */
		return expression_wrap(t, e, "bibd_network_show(", ")");
	if (type_is_integer(from) || from == TYPE_OID)
		return expression_wrap(t, e, "CAST(", " AS TEXT)");
	snprintf(suffix, sizeof(suffix), ", %u)", from);
	return expression_wrap(t, e, "bibd_text(", suffix);
}

int
expression_output(struct translator *t, struct expression *e)
{
	const char *end = translator_format(t, ", %u)", e->oid);

	e->oid = TYPE_TEXT;
	e->typmod = -1;
	return end == NULL ? -1 : expression_wrap(t, e, "bibd_text(", end);
}

int
expression_show(struct translator *t, struct expression *e)
{
	return e->form != EXPRESSION_VALUE || !cast_is_shown(e->oid) ? 0 : cast_wrap_named(t, e, e->oid, false);
}

int
expression_read(struct translator *t, struct expression *e)
{
	return cast_wrap_named(t, e, e->oid, true);
}
