/*
 * Values of the file's own types: an enum's labels, a domain's constraints.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/array_value.h"
#include "workers/sqlite/functions/own_type.h"
#include "workers/sqlite/schema/type.h"
#include "workers/sqlite/settings/settings.h"

/* ---- enums ---- */

/* bibd_enum_in(text, oid) */
void
enum_in(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct own_type *loaded = own_type_at(c, argv, 1);
	const struct schema_label *label;
	size_t length;
	const char *text = function_text(argv[0], &length);

	(void)argc;
	if (loaded != NULL && (label = own_label(c, &loaded->type, text, length)) != NULL)
		sqlite3_result_int64(c, label->value);
}

/* bibd_enum_out(value, oid) */
void
enum_out(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct own_type *loaded = own_type_at(c, argv, 1);
	const struct schema_label *label;

	(void)argc;
	if (loaded != NULL && (label = own_label_of(c, &loaded->type, sqlite3_value_int64(argv[0]))) != NULL)
		function_result_string(c, label->text);
}

/* Each element's label as its value, or its value as its label. */
static bool
translate_item(sqlite3_context *c, const struct schema_type *type, struct array_item *item, bool in)
{
	const struct schema_label *label;
	char *text = NULL;
	int n = 0;

	if (item->text == NULL)
		return true;
	label =
	    in ? own_label(c, type, item->text, item->length) : own_label_of(c, type, strtoll(item->text, NULL, 10));
	if (label == NULL)
		return false;
	n = in ? asprintf(&text, "%" PRId64, label->value) : asprintf(&text, "%s", label->text);
	if (n < 0) {
		sqlite3_result_error_nomem(c);
		return false;
	}
	free(item->text);
	*item = (struct array_item) { text, (size_t)n };
	return true;
}

/* What a client wrote for an array of labels, well formed or not. */
static bool
read_labels(sqlite3_context *c, sqlite3_value *array, struct array_value *out)
{
	struct report r = { 0 };
	struct type_value labels;
	size_t length;
	const char *text = function_text(array, &length);
	bool ok;

	if (type_decode(TYPE_TEXT_ARRAY, TYPE_FORMAT_TEXT, text, length, &labels, &r) < 0) {
		function_fail_report(c, &r);
		return false;
	}
	ok = array_value_read_text(c, labels.bytes, labels.length, out);
	type_value_free(&labels);
	return ok;
}

static void
translate_array_items(sqlite3_context *c, sqlite3_value **argv, bool in)
{
	struct own_type *loaded = own_type_at(c, argv, 1);
	struct array_value x;
	bool ok = true;

	if (loaded == NULL || !(in ? read_labels(c, argv[0], &x) : array_value_read(c, argv[0], &x)))
		return;
	for (size_t i = 0; ok && i < x.n; i++)
		ok = translate_item(c, &loaded->type, &x.items[i], in);
	if (ok)
		array_value_give(c, &x);
	else
		array_value_free(&x);
}

/* bibd_enum_array_in(array, oid of the enum): of labels to one of values */
void
enum_array_in(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	translate_array_items(c, argv, true);
}

void
enum_array_out(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	translate_array_items(c, argv, false);
}

static void
give_end(sqlite3_context *c, sqlite3_value **argv, bool last)
{
	struct own_type *loaded = own_type_at(c, argv, 1);
	const struct schema_label *label;

	if (loaded == NULL)
		return;
	if (loaded->type.nlabels == 0) {
		function_fail(c, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE, "enum %s contains no values",
		    loaded->type.name);
		return;
	}
	label = &loaded->type.labels[last ? loaded->type.nlabels - 1 : 0];
	if (own_label_usable(c, &loaded->type, label))
		sqlite3_result_int64(c, label->value);
}

/* enum_first(value, oid), where the value counts for nothing */
void
enum_first(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_end(c, argv, false);
}

void
enum_last(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_end(c, argv, true);
}

/* enum_range(value, oid), enum_range(first, last, oid): a NULL is no bound. */
void
enum_range(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct own_type *loaded = own_type_at(c, argv, argc - 1);
	bool low = argc == 3 && sqlite3_value_type(argv[0]) != SQLITE_NULL,
	     high = argc == 3 && sqlite3_value_type(argv[1]) != SQLITE_NULL;
	struct array_value x = { .items = NULL };
	char text[24];

	for (unsigned i = 0; loaded != NULL && i < loaded->type.nlabels; i++) {
		int64_t value = loaded->type.labels[i].value;
		int n = snprintf(text, sizeof(text), "%" PRId64, value);

		if ((low && value < sqlite3_value_int64(argv[0])) || (high && value > sqlite3_value_int64(argv[1])))
			continue;
		if (!own_label_usable(c, &loaded->type, &loaded->type.labels[i])) {
			array_value_free(&x);
			return;
		}
		if (!array_value_add(c, &x, text, (size_t)n))
			return;
	}
	if (loaded == NULL)
		return;
	array_value_flatten(&x, 1);
	array_value_give(c, &x);
}

/* ---- domains ---- */

/* bibd_domain(value, oid, ...): the value, if each of the domains takes it; the first was made of no other. */
void
domain_check(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct type_value value = type_value_of(argv[0]);

	for (int at = 1; at < argc; at++) {
		struct own_type *domain = own_type_at(c, argv, at);

		if (domain == NULL || !own_domain_takes(c, domain, &value))
			return;
	}
	sqlite3_result_value(c, argv[0]);
}

/* bibd_domain_row(value, oid, column, table): as bibd_domain, of what a table has when the domain is altered. */
void
domain_check_row(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *column = (const char *)sqlite3_value_text(argv[2]),
		   *table = (const char *)sqlite3_value_text(argv[3]);
	struct sql_context *session = function_session(c);
	bool null = sqlite3_value_type(argv[0]) == SQLITE_NULL;
	struct own_type *domain = own_type_at(c, argv, 1);
	struct type_value value = type_value_of(argv[0]);

	(void)argc;
	if (domain != NULL && own_domain_holds(c, domain, &value))
		sqlite3_result_value(c, argv[0]);
	if (session->report.state == SQLSTATE_CHECK_VIOLATION)
		function_fail(c, SQLSTATE_CHECK_VIOLATION,
		    "column \"%s\" of table \"%s\" contains values that violate the new constraint",
		    column == NULL ? "" : column, table == NULL ? "" : table);
	else if (null && session->report.state == SQLSTATE_NOT_NULL_VIOLATION)
		function_fail(c, SQLSTATE_NOT_NULL_VIOLATION, "column \"%s\" of table \"%s\" contains null values",
		    column == NULL ? "" : column, table == NULL ? "" : table);
}

/* ---- names ---- */

/* With its schema in front where the path does not find it; takes the text. */
static char *
qualify(sqlite3_context *c, char *text)
{
	const struct sql_context *session = function_session(c);
	char *whole;

	if (text == NULL || session->internal || session->settings == NULL ||
	    search_path_names(settings_values(session->settings)->search_path, "public"))
		return text;
	if (asprintf(&whole, "public.%s", text) < 0)
		whole = NULL;
	free(text);
	return whole;
}

char *
user_type_format(sqlite3_context *c, uint32_t oid, int32_t typmod)
{
	struct sql_context *session = function_session(c);
	bool array = type_is_array(oid), internal = session->internal, found;
	struct schema_type type;
	char *text;

	if (!type_is_user(oid))
		return type_format(oid, typmod);
	session->internal = true;
	found = schema_type_read(sqlite3_context_db_handle(c), array ? type_element(oid) : oid, &type);
	session->internal = internal;
	if (!found)
		return strdup("???");
	text = schema_type_show(&type, array);
	schema_type_free(&type);
	return qualify(c, text);
}

uint32_t
user_type_find(sqlite3_context *c, const char *name)
{
	struct sql_context *session = function_session(c);
	bool internal = session->internal;
	struct schema_type *types;
	uint32_t oid = 0;
	unsigned n;

	session->internal = true;
	(void)schema_types_read(sqlite3_context_db_handle(c), &types, &n);
	session->internal = internal;
	for (unsigned i = 0; i < n; i++)
		if (strcmp(types[i].name, name) == 0)
			oid = types[i].oid;
	schema_types_free(types, n);
	return oid;
}
