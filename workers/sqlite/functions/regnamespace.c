/*
 * regnamespace and regrole: names of schemas and roles to OIDs, and back.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/catalog/objects.h"

void
catalog_regnamespace_in(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]);
	char *name;
	uint32_t oid;

	(void)argc;
	if (function_is_number(argv[0])) {
		sqlite3_result_int64(c, sqlite3_value_int64(argv[0]));
		return;
	}
	name = catalog_parse_name(text);
	oid = name == NULL ? 0 : catalog_namespace_oid(sqlite3_context_db_handle(c), name);
	if (oid != 0)
		sqlite3_result_int64(c, oid);
	else
		function_fail(c, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist",
		    name == NULL ? "" : name);
	free(name);
}

struct namespace_shown {
	sqlite3_context *c;
	uint32_t oid;
};

static bool
show_namespace(void *arg, uint32_t oid, const char *schema)
{
	struct namespace_shown *shown = arg;
	char *text = NULL;
	size_t length;
	FILE *out;

	if (oid != shown->oid)
		return false;
	if ((out = open_memstream(&text, &length)) == NULL) {
		sqlite3_result_error_nomem(shown->c);
		return true;
	}
	describe_put_name(out, schema);
	function_result_stream(shown->c, out, &text, &length);
	return true;
}

void
catalog_regnamespace_out(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct namespace_shown shown = { c, (uint32_t)sqlite3_value_int64(argv[0]) };

	(void)argc;
	if (!catalog_each_namespace(sqlite3_context_db_handle(c), show_namespace, &shown))
		function_result_string(c, shown.oid == 0 ? "-" : (const char *)sqlite3_value_text(argv[0]));
}

void
catalog_regrole_in(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]);

	(void)argc;
	if (function_is_number(argv[0])) {
		sqlite3_result_int64(c, sqlite3_value_int64(argv[0]));
		return;
	}
	for (size_t i = 0; text != NULL && i < ROLES; i++) {
		if (strcmp(role_names[i], text) == 0) {
			sqlite3_result_int64(c, OID_OF_ROLE(i));
			return;
		}
	}
	function_fail(c, SQLSTATE_UNDEFINED_OBJECT, "role \"%s\" does not exist", text == NULL ? "" : text);
}

void
catalog_regrole_out(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	if (sqlite3_value_int64(argv[0]) == 0)
		function_result_string(c, "-");
	else
		catalog_get_userbyid(c, argc, argv);
}
