/*
 * Values of the file's own types: an enum's labels, a domain's constraints. A definition is read once for each run of a
 * statement and kept with it (sqlite3_set_auxdata), so that a statement sees that of its own snapshot.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/array_value.h"
#include "workers/sqlite/schema/type.h"
#include "workers/sqlite/settings/settings.h"

/* A definition and, of a domain, what checks its constraints. */
struct loaded {
	struct schema_type type;
	sqlite3_stmt **checks; /* as many as type.nchecks */
};

static void
unload(void *arg)
{
	struct loaded *loaded = arg;

	for (unsigned i = 0; loaded->checks != NULL && i < loaded->type.nchecks; i++)
		sqlite3_finalize(loaded->checks[i]);
	free(loaded->checks);
	schema_type_free(&loaded->type);
	free(loaded);
}

static struct loaded *
load(sqlite3_context *c, uint32_t oid)
{
	struct sql_context *session = function_session(c);
	struct loaded *loaded = calloc(1, sizeof(*loaded));
	bool internal = session->internal, found;

	if (loaded == NULL) {
		sqlite3_result_error_nomem(c);
		return NULL;
	}
	session->internal = true;
	found = schema_type_read(sqlite3_context_db_handle(c), oid, &loaded->type);
	session->internal = internal;
	if (found)
		return loaded;
	unload(loaded);
	function_fail(c, SQLSTATE_UNDEFINED_OBJECT, "type with OID %" PRIu32 " does not exist", oid);
	return NULL;
}

/* The definition whose OID argv[i] is. NULL: the call failed. */
static struct loaded *
type_at(sqlite3_context *c, sqlite3_value **argv, int i)
{
	struct loaded *loaded = sqlite3_get_auxdata(c, i);

	if (loaded != NULL || (loaded = load(c, (uint32_t)sqlite3_value_int64(argv[i]))) == NULL)
		return loaded;
	sqlite3_set_auxdata(c, i, loaded, unload);
	if ((loaded = sqlite3_get_auxdata(c, i)) == NULL) /* it may have been freed at once */
		sqlite3_result_error_nomem(c);
	return loaded;
}

/* ---- enums ---- */

static const struct schema_label *
find_label(sqlite3_context *c, const struct schema_type *type, const char *text, size_t length)
{
	const struct schema_label *label = schema_type_label_of(type, text, length);

	if (label == NULL)
		function_fail(c, SQLSTATE_INVALID_TEXT_REPRESENTATION, "invalid input value for enum %s: \"%.*s\"",
		    type->name, (int)(length < 256 ? length : 256), text);
	return label;
}

static const struct schema_label *
show_label(sqlite3_context *c, const struct schema_type *type, int64_t value)
{
	const struct schema_label *label = schema_type_label(type, value);

	if (label == NULL)
		function_fail(c, SQLSTATE_INTERNAL_ERROR, "enum %s has no label for %" PRId64, type->name, value);
	return label;
}

/* bibd_enum_in(text, oid) */
void
enum_in(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct loaded *loaded = type_at(c, argv, 1);
	const struct schema_label *label;
	size_t length;
	const char *text = function_text(argv[0], &length);

	(void)argc;
	if (loaded != NULL && (label = find_label(c, &loaded->type, text, length)) != NULL)
		sqlite3_result_int64(c, label->value);
}

/* bibd_enum_out(value, oid) */
void
enum_out(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct loaded *loaded = type_at(c, argv, 1);
	const struct schema_label *label;

	(void)argc;
	if (loaded != NULL && (label = show_label(c, &loaded->type, sqlite3_value_int64(argv[0]))) != NULL)
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
	label = in ? find_label(c, type, item->text, item->length) : show_label(c, type, strtoll(item->text, NULL, 10));
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
	struct loaded *loaded = type_at(c, argv, 1);
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
	struct loaded *loaded = type_at(c, argv, 1);

	if (loaded == NULL)
		return;
	if (loaded->type.nlabels == 0)
		function_fail(c, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE, "enum %s contains no values",
		    loaded->type.name);
	else
		sqlite3_result_int64(c, loaded->type.labels[last ? loaded->type.nlabels - 1 : 0].value);
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
	struct loaded *loaded = type_at(c, argv, argc - 1);
	bool low = argc == 3 && sqlite3_value_type(argv[0]) != SQLITE_NULL,
	     high = argc == 3 && sqlite3_value_type(argv[1]) != SQLITE_NULL;
	struct array_value x = { .items = NULL };
	char text[24];

	for (unsigned i = 0; loaded != NULL && i < loaded->type.nlabels; i++) {
		int64_t value = loaded->type.labels[i].value;
		int n = snprintf(text, sizeof(text), "%" PRId64, value);

		if ((low && value < sqlite3_value_int64(argv[0])) || (high && value > sqlite3_value_int64(argv[1])))
			continue;
		if (!array_value_add(c, &x, text, (size_t)n))
			return;
	}
	if (loaded == NULL)
		return;
	array_value_flatten(&x, 1);
	array_value_give(c, &x);
}

/* ---- domains ---- */

/* Whether the constraint holds; NULL holds. False with the call failed, too. */
static bool
check_holds(sqlite3_context *c, struct loaded *loaded, unsigned i, sqlite3_value *value)
{
	const struct schema_check *check = &loaded->type.checks[i];
	struct sql_context *session = function_session(c);
	sqlite3_stmt *stmt;
	bool holds = true;
	int code;

	if (loaded->checks == NULL && (loaded->checks = calloc(loaded->type.nchecks, sizeof(sqlite3_stmt *))) == NULL) {
		sqlite3_result_error_nomem(c);
		return false;
	}
	if (loaded->checks[i] == NULL && (loaded->checks[i] = function_query(c, check->sql, NULL)) == NULL)
		return false;
	stmt = loaded->checks[i];
	(void)sqlite3_bind_value(stmt, 1, value);
	code = sqlite3_step(stmt);
	if (code == SQLITE_ROW)
		holds = sqlite3_column_type(stmt, 0) == SQLITE_NULL || sqlite3_column_int(stmt, 0) != 0;
	else if (session->report.message == NULL)
		function_fail(c, SQLSTATE_INTERNAL_ERROR, "%s", sqlite3_errmsg(sqlite3_context_db_handle(c)));
	else
		sqlite3_result_error(c, session->report.message, -1);
	(void)sqlite3_reset(stmt);
	if (code == SQLITE_ROW && !holds)
		function_fail(c, SQLSTATE_CHECK_VIOLATION, "value for domain %s violates check constraint \"%s\"",
		    loaded->type.name, check->name);
	return code == SQLITE_ROW && holds;
}

/* bibd_domain(value, oid, ...): the value, if each of the domains takes it; the first was made of no other. */
void
domain_check(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	for (int at = 1; at < argc; at++) {
		struct loaded *loaded = type_at(c, argv, at);

		if (loaded == NULL)
			return;
		if (loaded->type.not_null && sqlite3_value_type(argv[0]) == SQLITE_NULL) {
			function_fail(c, SQLSTATE_NOT_NULL_VIOLATION, "domain %s does not allow null values",
			    loaded->type.name);
			return;
		}
		for (unsigned i = 0; i < loaded->type.nchecks; i++)
			if (!check_holds(c, loaded, i, argv[0]))
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

	(void)argc;
	domain_check(c, 2, argv);
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
	types = schema_types_read(sqlite3_context_db_handle(c), &n);
	session->internal = internal;
	for (unsigned i = 0; i < n; i++)
		if (strcmp(types[i].name, name) == 0)
			oid = types[i].oid;
	schema_types_free(types, n);
	return oid;
}
