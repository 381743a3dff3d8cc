/*
 * regconfig and regdictionary: configurations and dictionaries of text search by name, kept as their OIDs.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/functions/ts_value.h"

enum object { CONFIG, DICTIONARY };

static const char *
name_of(enum object object, uint32_t oid)
{
	const struct ts_config *config = object == CONFIG ? ts_config_by_oid(oid) : NULL;
	const struct ts_dictionary *dictionary = object == DICTIONARY ? ts_dictionary_by_oid(oid) : NULL;

	return config != NULL ? config->name : dictionary != NULL ? dictionary->name : NULL;
}

static uint32_t
oid_of(enum object object, const char *name)
{
	const struct ts_config *config = object == CONFIG ? ts_config_by_name(name, strlen(name)) : NULL;
	const struct ts_dictionary *dictionary =
	    object == DICTIONARY ? ts_dictionary_by_name(name, strlen(name)) : NULL;

	return config != NULL ? config->oid : dictionary != NULL ? dictionary->oid : 0;
}

const char *
ts_name_of(uint32_t type, int64_t oid)
{
	return type == TYPE_REGCONFIG	 ? name_of(CONFIG, (uint32_t)oid)
	    : type == TYPE_REGDICTIONARY ? name_of(DICTIONARY, (uint32_t)oid)
					 : NULL;
}

static bool
is_number(sqlite3_value *value, const char *text)
{
	return sqlite3_value_type(value) == SQLITE_INTEGER ||
	    (*text != '\0' && strspn(text, "0123456789") == strlen(text));
}

static void
read_name(sqlite3_context *c, sqlite3_value *value, enum object object)
{
	static const char *const kinds[] = { [CONFIG] = "configuration", [DICTIONARY] = "dictionary" };
	size_t length;
	const char *text = function_text(value, &length);
	char *schema = NULL, *name;
	uint32_t oid;

	if (is_number(value, text) || strcmp(text, "-") == 0) {
		sqlite3_result_int64(c, sqlite3_value_int64(value));
		return;
	}
	name = catalog_parse_qualified(text, &schema);
	oid = name == NULL || (schema != NULL && strcmp(schema, "pg_catalog") != 0) ? 0 : oid_of(object, name);
	if (oid != 0)
		sqlite3_result_int64(c, oid);
	else if (name == NULL || *name == '\0')
		function_fail(c, SQLSTATE_INVALID_NAME, "invalid name syntax");
	else if (schema != NULL && catalog_namespace_oid(sqlite3_context_db_handle(c), schema) == 0)
		function_fail(c, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist", schema);
	else
		function_fail(c, SQLSTATE_UNDEFINED_OBJECT, "text search %s \"%s\" does not exist", kinds[object],
		    text);
	free(schema);
	free(name);
}

static void
show_name(sqlite3_context *c, sqlite3_value *value, enum object object)
{
	const char *name = name_of(object, (uint32_t)sqlite3_value_int64(value));
	size_t length;

	if (sqlite3_value_type(value) == SQLITE_TEXT && !is_number(value, function_text(value, &length))) {
		sqlite3_result_value(c, value); /* of a row that has the name, as ts_debug()'s have */
		return;
	}
	if (name != NULL)
		function_result_string(c, name);
	else if (sqlite3_value_int64(value) == 0)
		function_result_string(c, "-");
	else
		function_result_string(c, (const char *)sqlite3_value_text(value));
}

void
ts_regconfig_in(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	read_name(c, argv[0], CONFIG);
}

void
ts_regconfig_out(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	show_name(c, argv[0], CONFIG);
}

void
ts_regdictionary_in(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	read_name(c, argv[0], DICTIONARY);
}

void
ts_regdictionary_out(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	show_name(c, argv[0], DICTIONARY);
}
