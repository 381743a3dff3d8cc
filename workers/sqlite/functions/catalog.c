/*
 * Functions about what the catalog shows. OIDs are looked up in SQLite's own schema, so that they work whether or not
 * the catalog's tables are there.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/catalog/directory.h"
#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/schema/matview.h"
#include "workers/sqlite/schema/trigger.h"
#include "workers/sqlite/schema/type.h"
#include "workers/sqlite/settings/settings.h"

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
	int32_t typmod = sqlite3_value_type(argv[1]) == SQLITE_NULL ? TYPE_WITHOUT_TYPMOD : sqlite3_value_int(argv[1]);
	char *text;

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL)
		return;
	text = user_type_format(c, (uint32_t)sqlite3_value_int64(argv[0]), typmod);
	if (text == NULL)
		function_result_string(c, "???");
	else
		result_owned(c, text);
}

/* bibd's own statements run under the path that a session begins with. */
static const char *
path_of(sqlite3_context *c)
{
	const struct sql_context *session = function_session(c);

	return session->internal || session->settings == NULL ? NULL : settings_values(session->settings)->search_path;
}

/* An argument that says how a definition is shown is a boolean, or a number of columns: then it is pretty. */
static struct describe_how
how_shown(sqlite3_context *c, int argc, sqlite3_value **argv, int pretty)
{
	return (struct describe_how) { .db = sqlite3_context_db_handle(c),
		.internal = &function_session(c)->internal,
		.pretty = argc > pretty && sqlite3_value_int(argv[pretty]) != 0,
		.path = path_of(c) };
}

/* `name`: of what is defined, as it is stored; NULL: not known. */
static void
fail_unknown(sqlite3_context *c, const char *name)
{
	if (name == NULL)
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "the text of this definition as PostgreSQL writes it is not supported on SQLite");
	else
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "the text of the definition of \"%s\" as PostgreSQL writes it is not supported on SQLite", name);
}

/* bibd_known_definition(text): it, which the catalog has as NULL where it is not known. */
void
catalog_known_definition(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL)
		fail_unknown(c, NULL);
	else
		sqlite3_result_value(c, argv[0]);
}

/* Gives the text back, or says that it is not known: `quiet`, by NULL. */
static void
result_described(sqlite3_context *c, char *text, struct describe_how *how, bool quiet, const char *name)
{
	/* Constants of bytea are kept in hexadecimal digits. */
	if (text != NULL && function_session(c)->types.bytea_escape && strstr(text, "::bytea") != NULL) {
		free(text);
		text = NULL;
		how->lost = true;
	}
	if (how->lost && !quiet)
		fail_unknown(c, name);
	else
		result_owned(c, text);
	if (how->lost && !quiet)
		free(text);
}

/* With one argument, for the catalog's own tables: NULL where the text is not known. */
void
catalog_get_expr(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct describe_how how = how_shown(c, argc, argv, 2);
	const char *stored = (const char *)sqlite3_value_text(argv[0]);

	if (stored != NULL)
		result_described(c, describe_shown(stored, &how), &how, argc == 1, NULL);
}

static bool
find(sqlite3_context *c, struct catalog_found *found)
{
	return function_find_relation(c, found);
}

static const char *
sqlite_schema_of(const struct catalog_found *found)
{
	return strcmp(found->found_schema, "temp") == 0 ? "temp" : "public";
}

/* sqlite_schema.sql of an index or view, or of the query of a materialized view; malloc'ed. */
static char *
read_sql(sqlite3_context *c, const struct catalog_found *found)
{
	bool temporary = strcmp(sqlite_schema_of(found), "temp") == 0;
	sqlite3_stmt *stmt = function_query(c,
	    temporary		     ? "SELECT sql FROM temp.sqlite_schema WHERE name = ?1"
		: found->kind == 'm' ? "SELECT sql FROM public.sqlite_schema WHERE name = '" MATVIEW_QUERY "' || ?1"
				     : "SELECT sql FROM public.sqlite_schema WHERE name = ?1",
	    found->found_stored, NULL);
	const char *text =
	    stmt != NULL && sqlite3_step(stmt) == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
	char *copy = text == NULL ? NULL : strdup(text);

	function_query_end(c, stmt);
	return copy;
}

static char *
key_index(sqlite3_context *c, const struct catalog_found *found, unsigned part, const struct describe_how *how)
{
	struct definition d;
	const struct definition_constraint *key;
	char *text = NULL;

	if (catalog_load_definition(sqlite3_context_db_handle(c), sqlite_schema_of(found), found->found_table, &d) ==
	    -1)
		return NULL;
	key = definition_find_constraint(&d, found->found_name);
	if (key != NULL && part == 0)
		text = describe_key_index(found->found_schema, found->found_table, key, how);
	else if (key != NULL && part <= key->columns.count)
		text = strdup(key->columns.names[part - 1]);
	definition_free(&d);
	return text;
}

/* With four arguments, for the catalog's own tables: as catalog_get_expr with one. */
void
catalog_get_indexdef(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct catalog_found found = { .oid = (uint32_t)sqlite3_value_int64(argv[0]) };
	unsigned part = argc > 1 ? (unsigned)sqlite3_value_int(argv[1]) : 0;
	struct describe_how how = how_shown(c, argc, argv, 2);
	char *sql, *text;

	if (!find(c, &found))
		return;
	sql = found.kind == 'i' ? read_sql(c, &found) : NULL;
	if (sql == NULL)
		text = key_index(c, &found, part, &how);
	else
		text = part == 0 ? describe_index(found.found_schema, found.found_table, sql, &how)
				 : describe_index_part(sql, part, &how);
	if (text == NULL && part != 0 && !how.lost) /* the index has no such part */
		text = strdup("");
	result_described(c, text, &how, argc == 4, found.found_name);
	free(sql);
	catalog_found_free(&found);
}

/* With three arguments, for the catalog's own tables: as catalog_get_expr with one. */
void
catalog_get_viewdef(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct catalog_found found = { 0 };
	struct describe_how how = how_shown(c, argc, argv, 1);
	bool any;
	char *sql;

	if (sqlite3_value_type(argv[0]) == SQLITE_TEXT) {
		any = catalog_find_by_text(c, (const char *)sqlite3_value_text(argv[0]), &found);
		if (!any)
			function_fail(c, SQLSTATE_UNDEFINED_TABLE, "relation \"%s\" does not exist",
			    (const char *)sqlite3_value_text(argv[0]));
	} else {
		found.oid = (uint32_t)sqlite3_value_int64(argv[0]);
		any = find(c, &found);
	}
	if (any) {
		sql = found.kind == 'v' || found.kind == 'm' ? read_sql(c, &found) : NULL;
		result_described(c, sql == NULL ? NULL : describe_view(sql, &how), &how, argc == 3, found.found_name);
		free(sql);
		catalog_found_free(&found);
	}
}

/* Which constraint has this OID. */
struct constraint_search {
	sqlite3 *db;
	uint32_t oid;
	struct describe_how how;
	char *text;
	bool found;
	char name[512]; /* of the constraint */
};

static bool
match_constraint(void *arg, const struct catalog_relation *relation)
{
	struct constraint_search *search = arg;
	struct definition d;
	char name[512];

	if ((relation->kind != 'r' && relation->kind != 'p') || relation->oid < 16384 ||
	    catalog_load_definition(search->db, strcmp(relation->schema, "temp") == 0 ? "temp" : "public",
		relation->table, &d) == -1)
		return false;
	for (unsigned i = 0; !search->found && i < d.nconstraints; i++) {
		if (d.constraints[i].name == NULL)
			continue;
		(void)snprintf(name, sizeof(name), "%s %s", relation->table, d.constraints[i].name);
		search->found = catalog_object_oid("constraint", name) == search->oid;
		if (!search->found)
			continue;
		(void)snprintf(search->name, sizeof(search->name), "%s", d.constraints[i].name);
		search->text = describe_constraint(search->db, &d, &d.constraints[i], &search->how);
	}
	definition_free(&d);
	return search->found;
}

/* In the table that the catalog has it of. */
static void
find_constrained(sqlite3_context *c, struct constraint_search *search)
{
	bool *internal = &function_session(c)->internal;
	uint32_t table = directory_constrained(search->db, internal, search->oid);

	if (table != 0)
		(void)directory_each(search->db, internal, NULL, table, match_constraint, search);
}

/* Among those of domains. */
static void
search_domains(sqlite3_context *c, struct constraint_search *search)
{
	struct sql_context *session = function_session(c);
	bool internal = session->internal;
	struct schema_type *types;
	char name[512];
	unsigned n;

	session->internal = true;
	(void)schema_types_read(search->db, &types, &n);
	session->internal = internal;
	for (unsigned i = 0; i < n; i++)
		for (unsigned j = 0; !search->found && j < types[i].nchecks; j++) {
			const struct schema_check *check = &types[i].checks[j];
			struct definition_constraint found = { .kind = DEFINITION_CHECK,
				.expression = *check->source == '\0' ? check->sql : check->source };

			(void)snprintf(name, sizeof(name), "%u %s", (unsigned)types[i].oid, check->name);
			search->found = catalog_object_oid("constraint", name) == search->oid;
			(void)snprintf(search->name, sizeof(search->name), "%s", check->name);
			search->how.lost = search->found && *check->source == '\0';
			if (search->found && !search->how.lost)
				search->text = describe_constraint(search->db, NULL, &found, &search->how);
		}
	schema_types_free(types, n);
}

void
catalog_get_constraintdef(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct constraint_search search = { .db = sqlite3_context_db_handle(c),
		.oid = (uint32_t)sqlite3_value_int64(argv[0]),
		.how = how_shown(c, argc, argv, 1) };

	find_constrained(c, &search);
	if (!search.found && !catalog_each_relation(search.db, match_constraint, &search))
		search_domains(c, &search);
	result_described(c, search.text, &search.how, false, search.name);
}

/* The last of its ancestors; NULL for what is in no tree. */
void
catalog_partition_root(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	char *list = catalog_partition_ancestors(sqlite3_context_db_handle(c), (uint32_t)sqlite3_value_int64(argv[0]));
	const char *last = list == NULL ? NULL : strrchr(list, ',');

	(void)argc;
	if (list == NULL)
		sqlite3_result_error_nomem(c);
	else if (*list != '\0')
		sqlite3_result_int64(c, (sqlite3_int64)strtoul(last == NULL ? list : last + 1, NULL, 10));
	free(list);
}

void
catalog_get_partkeydef(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct catalog_found found = { .oid = (uint32_t)sqlite3_value_int64(argv[0]) };
	struct definition d;

	(void)argc;
	if (!find(c, &found))
		return;
	if (found.kind == 'p' &&
	    catalog_load_definition(sqlite3_context_db_handle(c), sqlite_schema_of(&found), found.found_stored, &d) ==
		0) {
		sqlite3_result_text(c, d.partition, -1, SQLITE_TRANSIENT);
		definition_free(&d);
	}
	catalog_found_free(&found);
}

void
catalog_get_triggerdef(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct sql_context *session = function_session(c);
	struct describe_how how = how_shown(c, argc, argv, 1);
	uint32_t oid = (uint32_t)sqlite3_value_int64(argv[0]);
	bool before = session->internal;
	struct schema_trigger *all;
	const char *name = NULL;
	char *text = NULL;
	unsigned n;

	session->internal = true;
	if (schema_triggers_read(sqlite3_context_db_handle(c), &all, &n) == -1)
		sqlite3_result_error_nomem(c);
	for (unsigned i = 0; i < n && text == NULL && !how.lost; i++)
		if (all[i].oid == oid) {
			name = all[i].name;
			text = describe_trigger(sqlite3_context_db_handle(c), &all[i], &how);
		}
	session->internal = before;
	result_described(c, text, &how, false, name);
	schema_triggers_free(all, n);
}

void
catalog_trigger_depth(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	sqlite3_result_int(c, (int)function_session(c)->trigger_depth);
}

void
catalog_is_visible(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct catalog_found found = { .oid = (uint32_t)sqlite3_value_int64(argv[0]) };
	struct search_path path;

	(void)argc;
	if (!find(c, &found))
		return;
	function_search_path(c, &path);
	sqlite3_result_int(c, catalog_is_visible_by(sqlite3_context_db_handle(c), &path, &found));
	search_path_free(&path);
	catalog_found_free(&found);
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
	sqlite3_result_int(c,
	    name != NULL && (sqlite3_stricmp(name, "utf8") == 0 || sqlite3_stricmp(name, "utf-8") == 0) ? 6 : -1);
}

void
catalog_client_encoding(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	function_result_string(c, "UTF8");
}
