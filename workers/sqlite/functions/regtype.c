/*
 * The reg types: names of relations, types and functions to OIDs, and back.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/functions/own_regproc.h"
#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/catalog/type_io.h"

void
catalog_get_userbyid(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	uint32_t oid = (uint32_t)sqlite3_value_int64(argv[0]);
	const char *name = catalog_role_name(oid);
	char text[48];

	(void)argc;
	(void)snprintf(text, sizeof(text), "unknown (OID=%u)", (unsigned)oid);
	function_result_string(c, name == NULL ? text : name);
}

const struct function_fact *
catalog_function_of(sqlite3_value *value)
{
	return function_fact_by_oid((uint32_t)sqlite3_value_int64(value));
}

bool
function_is_number(sqlite3_value *value)
{
	const char *text = (const char *)sqlite3_value_text(value);

	return sqlite3_value_type(value) == SQLITE_INTEGER ||
	    (text != NULL && *text != '\0' && strspn(text, "0123456789") == strlen(text));
}

bool
function_find_relation(sqlite3_context *c, struct catalog_found *found)
{
	return catalog_find_listed(sqlite3_context_db_handle(c), &function_session(c)->internal, found);
}

bool
catalog_find_by_text(sqlite3_context *c, const char *text, struct catalog_found *found)
{
	char *schema = NULL, *name = catalog_parse_qualified(text, &schema);
	struct search_path path;
	bool any;

	function_search_path(c, &path);
	found->name = name;
	found->schema = schema;
	found->path = &path;
	any = name != NULL && function_find_relation(c, found);
	found->name = found->schema = NULL;
	found->path = NULL;
	search_path_free(&path);
	free(name);
	free(schema);
	return any;
}

/* false: nothing of that name, or no name at all. */
static bool
find_by_name(sqlite3_context *c, sqlite3_value *value, struct catalog_found *found)
{
	return catalog_find_by_text(c, (const char *)sqlite3_value_text(value), found);
}

static bool
is_name(const char *text)
{
	char *schema, *name = catalog_parse_qualified(text, &schema);
	bool is = name != NULL;

	free(schema);
	free(name);
	return is;
}

/* A name that is the same for all rows of a statement is looked for once. */
static void
remember(sqlite3_context *c, int64_t oid)
{
	int64_t *kept = malloc(sizeof(*kept));

	if (kept == NULL)
		return;
	*kept = oid;
	sqlite3_set_auxdata(c, 0, kept, free);
}

void
catalog_regclass_in(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]);
	const int64_t *known = sqlite3_get_auxdata(c, 0);
	struct catalog_found found = { 0 };

	(void)argc;
	if (known != NULL) {
		sqlite3_result_int64(c, *known);
	} else if (function_is_number(argv[0])) {
		sqlite3_result_int64(c, sqlite3_value_int64(argv[0]));
	} else if (find_by_name(c, argv[0], &found)) {
		sqlite3_result_int64(c, found.oid);
		remember(c, found.oid);
		catalog_found_free(&found);
	} else if (!is_name(text)) {
		function_fail(c, SQLSTATE_INVALID_NAME, "invalid name syntax");
	} else {
		function_fail(c, SQLSTATE_UNDEFINED_TABLE, "relation \"%s\" does not exist", text == NULL ? "" : text);
	}
}

void
catalog_to_regclass(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct catalog_found found = { 0 };

	(void)argc;
	if (find_by_name(c, argv[0], &found)) {
		sqlite3_result_int64(c, found.oid);
		catalog_found_free(&found);
	}
}

void
catalog_regclass_out(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct catalog_found found = { .oid = (uint32_t)sqlite3_value_int64(argv[0]) };
	struct search_path path;
	char *text = NULL;
	size_t length;
	FILE *out;

	(void)argc;
	if (found.oid == 0 || !function_find_relation(c, &found)) {
		function_result_string(c, found.oid == 0 ? "-" : (const char *)sqlite3_value_text(argv[0]));
		return;
	}
	if ((out = open_memstream(&text, &length)) == NULL) {
		sqlite3_result_error_nomem(c);
	} else {
		function_search_path(c, &path);
		if (!catalog_is_visible_by(sqlite3_context_db_handle(c), &path, &found)) {
			describe_put_name(out, found.found_schema);
			fputc('.', out);
		}
		search_path_free(&path);
		describe_put_name(out, found.found_name);
		function_result_stream(c, out, &text, &length);
	}
	catalog_found_free(&found);
}

/* A name in quotes is that of pg_type alone, and no alias. */
static const struct type *
type_of_quoted(const char *text)
{
	char *schema, *name = catalog_parse_qualified(text, &schema);
	const struct type *type =
	    name == NULL || (schema != NULL && strcmp(schema, "pg_catalog") != 0) ? NULL : type_by_name(name);

	if (type != NULL && strcmp(type->name, name) != 0)
		type = NULL;
	free(schema);
	free(name);
	return type;
}

static const struct type *
type_of_name(const char *text)
{
	char name[64];
	size_t length = text == NULL ? 0 : strcspn(text, "(");

	if (length > 0 && memchr(text, '"', length) != NULL)
		return type_of_quoted(text);
	if (length == 0 || length >= sizeof(name))
		return NULL;
	for (size_t i = 0; i < length; i++)
		name[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] - 'A' + 'a' : text[i]);
	name[length] = '\0';
	return type_by_name(strncmp(name, "pg_catalog.", 11) == 0 ? name + 11 : name);
}

/* One that the file defines, perhaps in quotes, or the type of arrays of one; 0: there is none. */
static uint32_t
own_type_of_name(sqlite3_context *c, const char *text)
{
	size_t length = text == NULL ? 0 : strlen(text);
	bool array = length > 2 && strcmp(text + length - 2, "[]") == 0;
	char *copy = text == NULL ? NULL : strndup(text, array ? length - 2 : length), *name = catalog_parse_name(copy);
	uint32_t oid = name == NULL ? 0 : user_type_find(c, name);

	free(name);
	free(copy);
	return array && oid != 0 ? type_array_of(oid) : oid;
}

uint32_t
catalog_type_of_text(sqlite3_context *c, const char *text)
{
	const struct type *type = type_of_name(text);

	return type != NULL ? type->oid : own_type_of_name(c, text);
}

void
catalog_regtype_in(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]);
	const struct type *type = type_of_name(text);
	uint32_t oid;

	(void)argc;
	if (function_is_number(argv[0]))
		sqlite3_result_int64(c, sqlite3_value_int64(argv[0]));
	else if (type != NULL)
		sqlite3_result_int64(c, type->oid);
	else if ((oid = own_type_of_name(c, text)) != 0)
		sqlite3_result_int64(c, oid);
	else
		function_fail(c, SQLSTATE_UNDEFINED_OBJECT, "type \"%s\" does not exist", text == NULL ? "" : text);
}

void
catalog_to_regtype(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]);
	const struct type *type = type_of_name(text);
	uint32_t oid = type != NULL ? type->oid : own_type_of_name(c, text);

	(void)argc;
	if (oid != 0)
		sqlite3_result_int64(c, oid);
}

void
catalog_regtype_out(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	uint32_t oid = (uint32_t)sqlite3_value_int64(argv[0]);
	char *text = oid == 0 || (type_by_oid(oid) == NULL && !type_is_user(oid))
	    ? NULL
	    : user_type_format(c, oid, TYPE_WITHOUT_TYPMOD);

	(void)argc;
	if (text != NULL)
		function_result_string(c, text);
	else
		function_result_string(c, oid == 0 ? "-" : (const char *)sqlite3_value_text(argv[0]));
	free(text);
}

/* By what SQLite holds: the translator, which knows better, does not ask. */
void
catalog_typeof(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	static const uint32_t oids[] = { [SQLITE_INTEGER] = TYPE_INT8,
		[SQLITE_FLOAT] = TYPE_FLOAT8,
		[SQLITE_TEXT] = TYPE_TEXT,
		[SQLITE_BLOB] = TYPE_BYTEA,
		[SQLITE_NULL] = TYPE_UNKNOWN_LITERAL };

	(void)argc;
	sqlite3_result_int64(c, oids[sqlite3_value_type(argv[0])]);
}

void
catalog_regproc_in(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]);
	const char *name;
	const struct function_fact *f;
	int64_t own = 0;
	unsigned nown;

	(void)argc;
	if (function_is_number(argv[0])) {
		sqlite3_result_int64(c, sqlite3_value_int64(argv[0]));
		return;
	}
	nown = text == NULL ? 0 : own_regproc_find(c, text, NULL, &own);
	name = text == NULL || strncmp(text, "pg_catalog.", 11) != 0 ? text : text + 11;
	f = name == NULL ? NULL : function_fact_by_name(name);
	if (nown + (f != NULL) > 1 || (f != NULL && strcmp(f[1].name, f->name) == 0)) {
		function_fail(c, SQLSTATE_AMBIGUOUS_FUNCTION, "more than one function named \"%s\"", text);
		return;
	}
	if (nown == 1) {
		sqlite3_result_int64(c, own);
		return;
	}
	if (f != NULL || (name != NULL && type_io_find(name) != 0)) {
		sqlite3_result_int64(c, f != NULL ? f->oid : type_io_find(name));
		return;
	}
	if (function_session(c)->report.state != SQLSTATE_INVALID_SCHEMA_NAME)
		function_fail(c, SQLSTATE_UNDEFINED_FUNCTION, "function \"%s\" does not exist",
		    text == NULL ? "" : text);
}

/* Whether a name alone would mean several of PostgreSQL's own. */
static bool
is_overloaded(const struct function_fact *f)
{
	return f != NULL && (function_fact_by_name(f->name) != f || strcmp(f[1].name, f->name) == 0);
}

void
catalog_regproc_out(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct function_fact *f = catalog_function_of(argv[0]);
	int64_t oid = sqlite3_value_int64(argv[0]);
	const char *io = f == NULL ? type_io_name((uint32_t)oid) : NULL;
	char text[80], *own = oid == 0 || f != NULL || io != NULL ? NULL : own_regproc_show(c, oid, false);

	(void)argc;
	if (oid == 0)
		(void)snprintf(text, sizeof(text), "-");
	else if (f != NULL || io != NULL)
		(void)snprintf(text, sizeof(text), "%s%s", is_overloaded(f) ? "pg_catalog." : "",
		    f != NULL ? f->name : io);
	else
		(void)snprintf(text, sizeof(text), "%lld", (long long)oid);
	function_result_string(c, own != NULL ? own : text);
	free(own);
}
