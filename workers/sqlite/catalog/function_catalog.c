/*
 * Functions about what the catalog shows. OIDs are looked up in SQLite's own schema, so that they work whether or not
 * the catalog's tables are there.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/catalog/functions.h"
#include "workers/sqlite/catalog/objects.h"

static const struct {
	uint32_t oid;
	const char *name;
} roles[] = {{10, "admin"}, {16001, "write"}, {16002, "query"}, {16003, "audit"}};

static const struct {
	uint32_t oid;
	const char *name;
} namespaces[] = {{OID_PG_CATALOG, "pg_catalog"}, {OID_PUBLIC, "public"}, {OID_INFORMATION_SCHEMA, "information_schema"},
    {OID_BIBD, "bibd"}, {OID_TEMP_SCHEMA, "pg_temp"}};

/* A malloc'ed text as the result; NULL makes it NULL. */
static void
result_owned(sqlite3_context *c, char *text)
{
	if (text != NULL)
		function_result_string(c, text);
	free(text);
}

void
catalog_format_type(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int32_t typmod = sqlite3_value_type(argv[1]) == SQLITE_NULL ? -1 : sqlite3_value_int(argv[1]);
	char *text;

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL)
		return;
	text = type_format((uint32_t)sqlite3_value_int64(argv[0]), typmod);
	if (text == NULL)
		function_result_string(c, "???");
	else
		result_owned(c, text);
}

/* Expressions are kept as their text. */
void
catalog_get_expr(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	sqlite3_result_value(c, argv[0]);
}

void
catalog_get_userbyid(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	uint32_t oid = (uint32_t)sqlite3_value_int64(argv[0]);
	char text[48];

	(void)argc;
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (roles[i].oid == oid) {
			function_result_string(c, roles[i].name);
			return;
		}
	}
	(void)snprintf(text, sizeof(text), "unknown (OID=%u)", (unsigned)oid);
	function_result_string(c, text);
}

/* A relation by its OID or name; owned copies. */
struct found {
	uint32_t oid;
	const char *name, *schema; /* searched for; schema NULL: any */
	char *found_name, *found_schema, *found_table;
	char kind;
};

static bool
match(void *arg, const struct catalog_relation *relation)
{
	struct found *found = arg;

	if (found->name != NULL ? strcmp(relation->name, found->name) != 0 || (found->schema != NULL &&
	    strcmp(relation->schema, strcmp(found->schema, "pg_temp") == 0 ? "temp" : found->schema) != 0) :
	    relation->oid != found->oid)
		return false;
	if (found->name != NULL && found->schema == NULL &&
	    (strcmp(relation->schema, "information_schema") == 0 || strcmp(relation->schema, "bibd") == 0))
		return false;
	found->oid = relation->oid;
	found->kind = relation->kind;
	found->found_name = strdup(relation->name);
	found->found_schema = strdup(relation->schema);
	found->found_table = strdup(relation->table);
	return true;
}

static void
found_free(struct found *found)
{
	free(found->found_name);
	free(found->found_schema);
	free(found->found_table);
}

static bool
find(sqlite3_context *c, struct found *found)
{
	bool any = catalog_each_relation(sqlite3_context_db_handle(c), match, found);

	if (any && found->found_name != NULL && found->found_schema != NULL && found->found_table != NULL)
		return true;
	found_free(found);
	return false;
}

static const char *
sqlite_schema_of(const struct found *found)
{
	return strcmp(found->found_schema, "temp") == 0 ? "temp" : "public";
}

/* sqlite_schema.sql of an index or view; malloc'ed. */
static char *
read_sql(sqlite3_context *c, const struct found *found)
{
	bool temporary = strcmp(sqlite_schema_of(found), "temp") == 0;
	sqlite3_stmt *stmt = function_query(c, temporary ? "SELECT sql FROM temp.sqlite_schema WHERE name = ?1" :
	    "SELECT sql FROM public.sqlite_schema WHERE name = ?1", found->found_name, NULL);
	const char *text = stmt != NULL && sqlite3_step(stmt) == SQLITE_ROW ?
	    (const char *)sqlite3_column_text(stmt, 0) : NULL;
	char *copy = text == NULL ? NULL : strdup(text);

	function_query_end(c, stmt);
	return copy;
}

static char *
key_index(sqlite3_context *c, const struct found *found, unsigned part)
{
	struct definition d;
	const struct definition_constraint *key;
	char *text = NULL;

	if (catalog_load_definition(sqlite3_context_db_handle(c), sqlite_schema_of(found), found->found_table, &d) == -1)
		return NULL;
	key = definition_find_constraint(&d, found->found_name);
	if (key != NULL && part == 0)
		text = describe_key_index(found->found_schema, found->found_table, key);
	else if (key != NULL && part <= key->columns.count)
		text = strdup(key->columns.names[part - 1]);
	definition_free(&d);
	return text;
}

void
catalog_get_indexdef(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct found found = {.oid = (uint32_t)sqlite3_value_int64(argv[0])};
	unsigned part = argc > 1 ? (unsigned)sqlite3_value_int(argv[1]) : 0;
	char *sql, *text;

	if (!find(c, &found))
		return;
	sql = found.kind == 'i' ? read_sql(c, &found) : NULL;
	if (sql == NULL)
		text = key_index(c, &found, part);
	else
		text = part == 0 ? describe_index(found.found_schema, found.found_table, sql) : describe_index_part(sql, part);
	result_owned(c, text);
	free(sql);
	found_free(&found);
}

void
catalog_get_viewdef(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct found found = {0};
	char *sql, *name = NULL;

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_TEXT)
		found.name = name = catalog_parse_name((const char *)sqlite3_value_text(argv[0]));
	else
		found.oid = (uint32_t)sqlite3_value_int64(argv[0]);
	if (find(c, &found)) {
		sql = found.kind == 'v' ? read_sql(c, &found) : NULL;
		result_owned(c, sql == NULL ? NULL : describe_view(sql));
		free(sql);
		found_free(&found);
	}
	free(name);
}

/* Which constraint has this OID. */
struct constraint_search {
	sqlite3 *db;
	uint32_t oid;
	char *text;
};

static bool
match_constraint(void *arg, const struct catalog_relation *relation)
{
	struct constraint_search *search = arg;
	struct definition d;
	char name[512];

	if (relation->kind != 'r' || relation->oid < 16384 || catalog_load_definition(search->db,
	    strcmp(relation->schema, "temp") == 0 ? "temp" : "public", relation->table, &d) == -1)
		return false;
	for (unsigned i = 0; search->text == NULL && i < d.nconstraints; i++) {
		if (d.constraints[i].name == NULL)
			continue;
		(void)snprintf(name, sizeof(name), "%s %s", relation->table, d.constraints[i].name);
		if (catalog_object_oid("constraint", name) == search->oid)
			search->text = describe_constraint(search->db, &d, &d.constraints[i]);
	}
	definition_free(&d);
	return search->text != NULL;
}

void
catalog_get_constraintdef(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct constraint_search search = {.db = sqlite3_context_db_handle(c), .oid = (uint32_t)sqlite3_value_int64(argv[0])};

	(void)argc;
	(void)catalog_each_relation(search.db, match_constraint, &search);
	result_owned(c, search.text);
}

void
catalog_is_visible(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct found found = {.oid = (uint32_t)sqlite3_value_int64(argv[0])};

	(void)argc;
	if (!find(c, &found))
		return;
	sqlite3_result_int(c, strcmp(found.found_schema, "information_schema") != 0 &&
	    strcmp(found.found_schema, "bibd") != 0);
	found_free(&found);
}

static const struct function *
function_of(sqlite3_value *value)
{
	int64_t oid = sqlite3_value_int64(value);

	return oid < FUNCTION_OID_FIRST ? NULL : function_by_index((size_t)(oid - FUNCTION_OID_FIRST));
}

void
catalog_function_result(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct function *f = function_of(argv[0]);

	(void)argc;
	if (f != NULL)
		result_owned(c, f->result == FUNCTION_SAME_AS_FIRST ? strdup("anyelement") : type_format(f->oid, -1));
}

void
catalog_function_arguments(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct function *f = function_of(argv[0]);
	char *text = NULL;
	size_t length;
	FILE *out = f == NULL ? NULL : open_memstream(&text, &length);

	(void)argc;
	if (out == NULL)
		return;
	for (int i = 0; i < f->min_args; i++)
		fputs(i == 0 ? "\"any\"" : ", \"any\"", out);
	if (f->max_args == -1)
		fputs(f->min_args == 0 ? "VARIADIC \"any\"" : ", VARIADIC \"any\"", out);
	function_result_stream(c, out, &text, &length);
}

void
catalog_is_updatable(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct found found = {.oid = (uint32_t)sqlite3_value_int64(argv[0])};

	(void)argc;
	if (!find(c, &found))
		return;
	sqlite3_result_int(c, found.kind == 'r' ? 28 : 0);
	found_free(&found);
}

void
catalog_encoding_to_char(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	function_result_string(c, sqlite3_value_int(argv[0]) == 6 ? "UTF8" : "");
}

void
catalog_char_to_encoding(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *name = (const char *)sqlite3_value_text(argv[0]);

	(void)argc;
	sqlite3_result_int(c, name != NULL && (sqlite3_stricmp(name, "utf8") == 0 || sqlite3_stricmp(name, "utf-8") == 0) ?
	    6 : -1);
}

void
catalog_client_encoding(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	function_result_string(c, "UTF8");
}

/* ---- the reg types: names to OIDs and back ---- */

/* A number stands for itself. */
static bool
is_number(sqlite3_value *value)
{
	const char *text = (const char *)sqlite3_value_text(value);

	return sqlite3_value_type(value) == SQLITE_INTEGER ||
	    (text != NULL && *text != '\0' && strspn(text, "0123456789") == strlen(text));
}

/* false: nothing of that name, or no name at all. */
static bool
find_by_name(sqlite3_context *c, sqlite3_value *value, struct found *found)
{
	char *schema = NULL, *name = catalog_parse_qualified((const char *)sqlite3_value_text(value), &schema);
	bool any;

	found->name = name;
	found->schema = schema;
	any = name != NULL && find(c, found);
	free(name);
	free(schema);
	return any;
}

void
catalog_regclass_in(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]);
	struct found found = {0};

	(void)argc;
	if (is_number(argv[0])) {
		sqlite3_result_int64(c, sqlite3_value_int64(argv[0]));
	} else if (find_by_name(c, argv[0], &found)) {
		sqlite3_result_int64(c, found.oid);
		found_free(&found);
	} else {
		function_fail(c, SQLSTATE_UNDEFINED_TABLE, "relation \"%s\" does not exist", text == NULL ? "" : text);
	}
}

void
catalog_to_regclass(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct found found = {0};

	(void)argc;
	if (find_by_name(c, argv[0], &found)) {
		sqlite3_result_int64(c, found.oid);
		found_free(&found);
	}
}

void
catalog_regclass_out(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct found found = {.oid = (uint32_t)sqlite3_value_int64(argv[0])};
	char *text = NULL;
	size_t length;
	FILE *out;

	(void)argc;
	if (found.oid == 0 || !find(c, &found)) {
		function_result_string(c, found.oid == 0 ? "-" : (const char *)sqlite3_value_text(argv[0]));
		return;
	}
	if ((out = open_memstream(&text, &length)) == NULL) {
		sqlite3_result_error_nomem(c);
	} else {
		if (strcmp(found.found_schema, "information_schema") == 0 || strcmp(found.found_schema, "bibd") == 0)
			fprintf(out, "%s.", found.found_schema);
		describe_put_name(out, found.found_name);
		function_result_stream(c, out, &text, &length);
	}
	found_free(&found);
}

static const struct type *
type_of_name(const char *text)
{
	char name[64];
	size_t length = text == NULL ? 0 : strcspn(text, "(");

	if (length == 0 || length >= sizeof(name))
		return NULL;
	for (size_t i = 0; i < length; i++)
		name[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] - 'A' + 'a' : text[i]);
	name[length] = '\0';
	return type_by_name(strncmp(name, "pg_catalog.", 11) == 0 ? name + 11 : name);
}

void
catalog_regtype_in(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]);
	const struct type *type = type_of_name(text);

	(void)argc;
	if (is_number(argv[0]))
		sqlite3_result_int64(c, sqlite3_value_int64(argv[0]));
	else if (type != NULL)
		sqlite3_result_int64(c, type->oid);
	else
		function_fail(c, SQLSTATE_UNDEFINED_OBJECT, "type \"%s\" does not exist", text == NULL ? "" : text);
}

void
catalog_to_regtype(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct type *type = type_of_name((const char *)sqlite3_value_text(argv[0]));

	(void)argc;
	if (type != NULL)
		sqlite3_result_int64(c, type->oid);
}

void
catalog_regtype_out(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	uint32_t oid = (uint32_t)sqlite3_value_int64(argv[0]);

	(void)argc;
	if (oid != 0 && type_by_oid(oid) == NULL)
		function_result_string(c, (const char *)sqlite3_value_text(argv[0]));
	else
		result_owned(c, oid == 0 ? strdup("-") : type_format(oid, -1));
}

/* By what SQLite holds: the translator, which knows better, does not ask. */
void
catalog_typeof(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	static const uint32_t oids[] = {[SQLITE_INTEGER] = TYPE_INT8, [SQLITE_FLOAT] = TYPE_FLOAT8, [SQLITE_TEXT] = TYPE_TEXT,
	    [SQLITE_BLOB] = TYPE_BYTEA, [SQLITE_NULL] = TYPE_UNKNOWN_LITERAL};

	(void)argc;
	sqlite3_result_int64(c, oids[sqlite3_value_type(argv[0])]);
}

void
catalog_regproc_in(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]);
	const struct function *f;

	(void)argc;
	if (is_number(argv[0])) {
		sqlite3_result_int64(c, sqlite3_value_int64(argv[0]));
		return;
	}
	for (size_t i = 0; text != NULL && (f = function_by_index(i)) != NULL; i++) {
		if (strcmp(f->name, strncmp(text, "pg_catalog.", 11) == 0 ? text + 11 : text) == 0) {
			sqlite3_result_int64(c, (sqlite3_int64)(FUNCTION_OID_FIRST + i));
			return;
		}
	}
	function_fail(c, SQLSTATE_UNDEFINED_FUNCTION, "function \"%s\" does not exist", text == NULL ? "" : text);
}

void
catalog_regproc_out(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct function *f = function_of(argv[0]);
	int64_t oid = sqlite3_value_int64(argv[0]);
	const struct type *type = f == NULL ? type_by_oid((uint32_t)oid) : NULL;
	char text[80];

	(void)argc;
	if (oid == 750 || oid == 751)
		(void)snprintf(text, sizeof(text), oid == 750 ? "array_in" : "array_out");
	else if (oid == 0)
		(void)snprintf(text, sizeof(text), "-");
	else if (f != NULL || type != NULL)
		(void)snprintf(text, sizeof(text), f != NULL ? "%s" : "%sin", f != NULL ? f->name : type->name);
	else
		(void)snprintf(text, sizeof(text), "%lld", (long long)oid);
	function_result_string(c, text);
}

void
catalog_regnamespace_in(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]);

	(void)argc;
	if (is_number(argv[0])) {
		sqlite3_result_int64(c, sqlite3_value_int64(argv[0]));
		return;
	}
	for (size_t i = 0; text != NULL && i < sizeof(namespaces) / sizeof(namespaces[0]); i++) {
		if (strcmp(namespaces[i].name, text) == 0) {
			sqlite3_result_int64(c, namespaces[i].oid);
			return;
		}
	}
	function_fail(c, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist", text == NULL ? "" : text);
}

void
catalog_regnamespace_out(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	uint32_t oid = (uint32_t)sqlite3_value_int64(argv[0]);

	(void)argc;
	for (size_t i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]); i++) {
		if (namespaces[i].oid == oid) {
			function_result_string(c, namespaces[i].name);
			return;
		}
	}
	function_result_string(c, oid == 0 ? "-" : (const char *)sqlite3_value_text(argv[0]));
}

void
catalog_regrole_in(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]);

	(void)argc;
	if (is_number(argv[0])) {
		sqlite3_result_int64(c, sqlite3_value_int64(argv[0]));
		return;
	}
	for (size_t i = 0; text != NULL && i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (strcmp(roles[i].name, text) == 0) {
			sqlite3_result_int64(c, roles[i].oid);
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

/* ---- sizes ---- */

static int64_t
number(sqlite3_context *c, const char *sql, const char *argument)
{
	sqlite3_stmt *stmt = function_query(c, sql, argument, NULL);
	int64_t value = stmt != NULL && sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;

	function_query_end(c, stmt);
	return value;
}

void
catalog_database_size(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	sqlite3_result_int64(c, number(c, "PRAGMA public.page_count", NULL) * number(c, "PRAGMA public.page_size", NULL));
}

/* SQLite counts no pages by table without reading them all: the file's size, shared out evenly. */
void
catalog_relation_size(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t pages = number(c, "PRAGMA public.page_count", NULL), size = number(c, "PRAGMA public.page_size", NULL);
	int64_t objects = number(c, "SELECT count(*) FROM public.sqlite_schema WHERE rootpage > 0", NULL);

	(void)argc;
	(void)argv;
	sqlite3_result_int64(c, pages / (objects + 1) * size);
}

void
catalog_size_pretty(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
	int64_t size = sqlite3_value_int64(argv[0]);
	size_t unit = 0;
	char text[64];

	(void)argc;
	while (unit < 5 && (size >= 10240 || size <= -10240)) {
		size = (size + (size > 0 ? 512 : -512)) / 1024;
		unit++;
	}
	(void)snprintf(text, sizeof(text), "%lld %s", (long long)size, units[unit]);
	function_result_string(c, text);
}
