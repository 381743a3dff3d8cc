/*
 * has_table_privilege() and its kind. What a role may do is fixed (schema/rights.h): what is asked about must be there,
 * and the words must be a privilege's.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/schema/catalog_tables.h"
#include "workers/sqlite/schema/rights.h"
#include "workers/sqlite/schema/schema.h"

#define NOBODY (-2)	    /* an OID that no role has */
#define DATABASE_OWNER (-3) /* pg_database_owner, which has no right of its own */
#define GRANT_OPTION " WITH GRANT OPTION"

/* ---- who ---- */

/* PUBLIC (ROLES), a role, NOBODY, DATABASE_OWNER; -1: failed. */
static int
read_role(sqlite3_context *c, sqlite3_value *value, bool may_be_public)
{
	const char *name;
	size_t length;

	if (sqlite3_value_type(value) == SQLITE_INTEGER) {
		int64_t oid = sqlite3_value_int64(value);

		for (int role = 0; role < ROLES; role++)
			if (OID_OF_ROLE(role) == oid)
				return role;
		if (oid == OID_DATABASE_OWNER)
			return DATABASE_OWNER;
		return oid == 0 && may_be_public ? ROLES : NOBODY;
	}
	name = function_text(value, &length);
	if (may_be_public && strcmp(name, "public") == 0)
		return ROLES;
	for (int role = 0; role < ROLES; role++)
		if (strcmp(role_names[role], name) == 0)
			return role;
	if (strcmp(name, catalog_role_name(OID_DATABASE_OWNER)) == 0)
		return DATABASE_OWNER;
	function_fail(c, SQLSTATE_UNDEFINED_OBJECT, "role \"%s\" does not exist", name);
	return -1;
}

/* ---- which privileges ---- */

/* One word of the list, without the blanks around it. */
static bool
next_word(const char **at, const char **word, size_t *length)
{
	const char *end;

	if (*at == NULL)
		return false;
	end = strchrnul(*at, ',');
	*word = *at + strspn(*at, " \t\n");
	*length = (size_t)(end - *word);
	while (*length > 0 && strchr(" \t\n", (*word)[*length - 1]) != NULL)
		--*length;
	*at = *end == '\0' ? NULL : end + 1;
	return true;
}

/* Whether the role has one of them: 1, 0; -1: failed. A kind has no word that is not in its list; it is asked of what
 * the object is. */
static int
has_any(sqlite3_context *c, sqlite3_value *list, int role, enum right_kind kind, enum right_kind object)
{
	size_t length, option = strlen(GRANT_OPTION);
	const char *at = function_text(list, &length), *word;
	bool has = false, granted, known;

	while (next_word(&at, &word, &length)) {
		char *name = strndup(word, length);

		if (name == NULL) {
			sqlite3_result_error_nomem(c);
			return -1;
		}
		granted = length > option && strcasecmp(name + length - option, GRANT_OPTION) == 0;
		if (granted)
			name[length - option] = '\0';
		/* Nobody but admin, who owns everything, can give a right away. */
		known = right_known(kind, name);
		has |= known && role >= 0 && right_has(object, name, role) && (!granted || role == ROLE_ADMIN);
		if (!known)
			function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "unrecognized privilege type: \"%.*s\"",
			    (int)length, word);
		free(name);
		if (!known)
			return -1;
	}
	return has;
}

/* ---- relations ---- */

/* 1: found; 0: there is no such OID; -1: failed. */
static int
find_relation(sqlite3_context *c, sqlite3_value *value, struct catalog_found *found)
{
	size_t length;
	const char *text;

	if (sqlite3_value_type(value) == SQLITE_INTEGER) {
		found->oid = (uint32_t)sqlite3_value_int64(value);
		return found->oid != 0 && catalog_find_relation(sqlite3_context_db_handle(c), found);
	}
	text = function_text(value, &length);
	if (catalog_find_by_text(c, text, found))
		return 1;
	function_fail(c, SQLSTATE_UNDEFINED_TABLE, "relation \"%s\" does not exist", text);
	return -1;
}

/* What everybody may read, and nobody but admin change. */
static enum right_kind
kind_of(const struct catalog_found *found, enum right_kind kind)
{
	bool catalog =
	    strcmp(found->found_schema, "pg_catalog") == 0 || strcmp(found->found_schema, "information_schema") == 0;

	if (catalog)
		return right_hides_catalog(found->found_name) ? RIGHT_HIDDEN : RIGHT_CATALOG;
	if (strcmp(found->found_schema, "bibd") == 0)
		return RIGHT_TRAIL;
	return strncmp(found->found_schema, "pg_temp", 7) == 0 || strcmp(found->found_schema, "temp") == 0 ? RIGHT_OWN
													   : kind;
}

static void
answer_relation(sqlite3_context *c, int argc, sqlite3_value **argv, enum right_kind kind)
{
	struct catalog_found found = { 0 };
	int role = argc > 2 ? read_role(c, argv[0], true) : (int)function_session(c)->role, has = -1;
	int there = role == -1 ? -1 : find_relation(c, argv[argc - 2], &found);

	if (there == 1 && kind == RIGHT_SEQUENCE && found.kind != 'S')
		function_fail(c, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a sequence", found.found_name);
	else if (there != -1)
		has = has_any(c, argv[argc - 1], role, kind, there == 1 ? kind_of(&found, kind) : kind);
	if (has != -1 && there == 1)
		sqlite3_result_int(c, has);
	catalog_found_free(&found);
}

void
privilege_table(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	answer_relation(c, argc, argv, RIGHT_TABLE);
}

void
privilege_any_column(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	answer_relation(c, argc, argv, RIGHT_COLUMN);
}

void
privilege_sequence(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	answer_relation(c, argc, argv, RIGHT_SEQUENCE);
}

/* ---- columns ---- */

/* 0: it has none of that name or number. */
static int
table_column(const struct schema_table *table, const char *name, int number)
{
	for (unsigned i = 0; table != NULL && i < table->ncolumns; i++)
		if (name == NULL ? (int)i + 1 == number : strcmp(table->columns[i].name, name) == 0)
			return (int)i + 1;
	return 0;
}

static int
catalog_column(const struct catalog_table *table, const char *name, int number)
{
	char own[64];
	uint32_t oid;

	for (unsigned i = 0; catalog_table_column(table, i, own, sizeof(own), &oid); i++)
		if (name == NULL ? (int)i + 1 == number : strcmp(own, name) == 0)
			return (int)i + 1;
	return 0;
}

static int
find_column(sqlite3_context *c, const struct catalog_found *found, const char *name, int number)
{
	static const char *const system[] = { "ctid", "xmin", "cmin", "xmax", "cmax", "tableoid" };
	const struct catalog_table *catalog = catalog_table_find(found->found_schema, found->found_name);
	struct sql_context *session = function_session(c);
	bool internal = session->internal;
	int result;

	for (size_t i = 0; name != NULL && i < sizeof(system) / sizeof(system[0]); i++)
		if (strcmp(system[i], name) == 0)
			return -1;
	if (name == NULL && number < 0)
		return number;
	if (catalog != NULL)
		return catalog_column(catalog, name, number);
	/* The schema reads SQLite's own tables, which the session's role may not: it does so for bibd itself. */
	session->internal = true;
	result = table_column(schema_find_table(session->schema,
				  strcmp(found->found_schema, "temp") == 0 ? "temp" : "public", found->found_stored),
	    name, number);
	session->internal = internal;
	return result;
}

void
privilege_column(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct catalog_found found = { 0 };
	sqlite3_value *column = argv[argc - 2];
	bool numbered = sqlite3_value_type(column) == SQLITE_INTEGER;
	size_t length;
	const char *name = numbered ? NULL : function_text(column, &length);
	int role = argc > 3 ? read_role(c, argv[0], true) : (int)function_session(c)->role, has, number = 0;
	int there = role == -1 ? -1 : find_relation(c, argv[argc - 3], &found);

	if (there == 1)
		number = find_column(c, &found, name, sqlite3_value_int(column));
	if (there == 1 && number == 0 && name != NULL) {
		function_fail(c, SQLSTATE_UNDEFINED_COLUMN, "column \"%s\" of relation \"%s\" does not exist", name,
		    found.found_name);
	} else if (there != -1) {
		has = has_any(c, argv[argc - 1], role, RIGHT_COLUMN,
		    there == 1 ? kind_of(&found, RIGHT_COLUMN) : RIGHT_COLUMN);
		if (has != -1 && number != 0)
			sqlite3_result_int(c, has);
	}
	catalog_found_free(&found);
}

/* ---- schemas, databases, functions ---- */

/* 1: it is there; 0: there is no such OID; -1: failed. */
typedef int (*find_object)(sqlite3_context *c, sqlite3_value *value);

static void
answer(sqlite3_context *c, int argc, sqlite3_value **argv, enum right_kind kind, find_object find)
{
	int role = argc > 2 ? read_role(c, argv[0], true) : (int)function_session(c)->role, has;
	int there = role == -1 ? -1 : find(c, argv[argc - 2]);

	if (there != -1 && (has = has_any(c, argv[argc - 1], role, kind, kind)) != -1 && there == 1)
		sqlite3_result_int(c, has);
}

static bool
is_namespace(void *arg, uint32_t oid, const char *schema)
{
	(void)schema;
	return oid == *(const uint32_t *)arg;
}

static int
find_schema(sqlite3_context *c, sqlite3_value *value)
{
	sqlite3 *db = sqlite3_context_db_handle(c);
	size_t length;
	uint32_t oid;
	const char *name;

	if (sqlite3_value_type(value) == SQLITE_INTEGER) {
		oid = (uint32_t)sqlite3_value_int64(value);
		return catalog_each_namespace(db, is_namespace, &oid);
	}
	name = function_text(value, &length);
	if (catalog_namespace_oid(db, name) != 0)
		return 1;
	function_fail(c, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist", name);
	return -1;
}

static int
find_database(sqlite3_context *c, sqlite3_value *value)
{
	const char *own = function_session(c)->database, *name;
	size_t length;

	if (sqlite3_value_type(value) == SQLITE_INTEGER)
		return sqlite3_value_int64(value) == OID_DATABASE;
	name = function_text(value, &length);
	if (own != NULL && strcmp(own, name) == 0)
		return 1;
	function_fail(c, SQLSTATE_INVALID_CATALOG_NAME, "database \"%s\" does not exist", name);
	return -1;
}

/* A function is found by the types of its arguments: that it is there is taken for granted. */
static int
find_function(sqlite3_context *c, sqlite3_value *value)
{
	(void)c;
	(void)value;
	return 1;
}

void
privilege_schema(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	answer(c, argc, argv, RIGHT_SCHEMA, find_schema);
}

void
privilege_database(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	answer(c, argc, argv, RIGHT_DATABASE, find_database);
}

void
privilege_function(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	answer(c, argc, argv, RIGHT_FUNCTION, find_function);
}

/* ---- roles ---- */

/* Nobody is a member of another role; admin, the superuser, counts as one of each. */
void
privilege_role(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int role = argc > 2 ? read_role(c, argv[0], false) : (int)function_session(c)->role;
	int other = role == -1 ? -1 : read_role(c, argv[argc - 2], false), known;

	if (other == -1 || (known = has_any(c, argv[argc - 1], ROLE_ADMIN, RIGHT_ROLE, RIGHT_ROLE)) == -1)
		return;
	sqlite3_result_int(c, known && (role == ROLE_ADMIN || (role == other && role != NOBODY)));
}
