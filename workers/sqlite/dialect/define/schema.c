/*
 * CREATE and ALTER SCHEMA, and SET SCHEMA. A schema is a mark in the file, and the beginning of its relations' stored
 * names: see schema/names.h.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/dialect/define/comment.h"
#include "workers/sqlite/dialect/define/routine.h"
#include "workers/sqlite/dialect/define/schema_contents.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/inherit.h"
#include "workers/sqlite/schema/names.h"

/* Names that differ in case only are one to SQLite. */
struct twin {
	const char *name;
	bool same, found;
};

static bool
match_twin(void *arg, uint32_t oid, const char *schema)
{
	struct twin *twin = arg;

	(void)oid;
	twin->same = strcmp(schema, twin->name) == 0;
	twin->found = sqlite3_stricmp(schema, twin->name) == 0;
	return twin->found;
}

static int
check_schema_name(struct translator *t, const char *name)
{
	if (strncmp(name, "pg_", 3) == 0) {
		(void)translate_fail(t, -1, SQLSTATE_RESERVED_NAME, "unacceptable schema name \"%s\"", name);
		report_detail(t->report, "The prefix \"pg_\" is reserved for system schemas.");
		return -1;
	}
	if (strchr(name, NAMESPACE_SEPARATOR) != NULL || *name == '\0' || sqlite3_strnicmp(name, "bibd_", 5) == 0 ||
	    sqlite3_strnicmp(name, "sqlite_", 7) == 0 || sqlite3_stricmp(name, "temp") == 0)
		return translate_refuse(t, -1, "a schema of that name");
	return 0;
}

int
define_emit_schema_mark(struct translator *t, const char *statement, const char *schema)
{
	const char *mark = translate_stored_name(t, schema, "");

	if (mark == NULL || translate_emit(t, statement) == -1 || define_emit_relation(t, "public", mark) == -1)
		return -1;
	return translate_emit(t, strncmp(statement, "CREATE", 6) == 0 ? " AS SELECT 1;\n" : ";\n");
}

int
define_create_schema(struct translator *t, const PgQuery__CreateSchemaStmt *stmt)
{
	const char *name = stmt->schemaname != NULL && *stmt->schemaname != '\0' ? stmt->schemaname
	    : stmt->authrole == NULL || stmt->authrole->rolename == NULL	 ? ""
										 : stmt->authrole->rolename;
	struct twin twin = { .name = name };
	const char *owner;

	if (stmt->authrole != NULL && define_find_role(t, stmt->authrole, &owner) == -1)
		return -1;

	(void)catalog_each_namespace(schema_database(t->schema), match_twin, &twin);
	if (twin.found && twin.same) {
		if (!stmt->if_not_exists)
			return translate_fail(t, -1, SQLSTATE_DUPLICATE_SCHEMA, "schema \"%s\" already exists", name);
		return define_add_notice(t, "schema \"%s\" already exists, skipping", name);
	}
	if (check_schema_name(t, name) == -1)
		return -1;
	if (twin.found)
		return translate_refuse(t, -1, "a schema whose name differs from another's in case only");
	return define_emit_schema_mark(t, "CREATE VIEW ", name) == -1 ? -1 : define_schema_elements(t, stmt, name);
}

/* ---- ALTER ---- */

/* An index again, under another name and for a table that has another by then. */
static int
move_index(struct translator *t, const struct schema_object *index, const char *name, const char *table)
{
	struct definition_lexer lexer;
	bool skip;

	if (define_check_free(t, "public", name, false, &skip) == -1)
		return -1;
	definition_lex_begin(&lexer, index->sql);
	while (lexer.kind == DEFINITION_WORD)
		definition_lex_next(&lexer);
	free(definition_lex_name(&lexer));
	if (!definition_lex_take(&lexer, "ON"))
		return translate_refuse(t, -1, "moving what another program made");
	free(definition_lex_name(&lexer));
	if (translate_emit(t, "DROP INDEX ") == -1 || define_emit_relation(t, "public", index->name) == -1 ||
	    translate_emit_format(t, ";\nCREATE %sINDEX ",
		strncmp(index->sql, "CREATE UNIQUE", 13) == 0 ? "UNIQUE " : "") == -1 ||
	    define_emit_relation(t, "public", name) == -1 || translate_emit(t, " ON ") == -1 ||
	    translate_identifier(t, table) == -1 || translate_emit(t, " ") == -1 ||
	    translate_emit(t, index->sql + lexer.start) == -1 || translate_emit(t, ";\n") == -1)
		return -1;
	return comment_rename(t, index->name, name);
}

/* SQLite writes the table's new name into whatever refers to it; its indexes have names of their own. */
static int
move_table(struct translator *t, const struct schema_table *table, const char *schema)
{
	const char *to = translate_stored_name(t, schema, namespace_relation(table->name));
	struct schema_objects objects;
	int result;

	if (table->partition_key != NULL || table->partition != NULL)
		return translate_refuse(t, -1, "moving a partitioned table to another schema");
	if (schema_has_children(t->schema, table))
		return translate_refuse(t, -1, "moving a table with children to another schema");
	for (unsigned i = 0; i < table->ncolumns; i++)
		if (table->columns[i].serial)
			return translate_refuse(t, -1, "moving a table with a sequence to another schema");
	if (to == NULL || define_rename_table(t, table, to) == -1)
		return -1;
	if (schema_list_objects(schema_database(t->schema), "public", table->name, &objects) == -1)
		return translate_out_of_memory(t);
	result = 0;
	for (unsigned i = 0; result == 0 && i < objects.count; i++) {
		const struct schema_object *object = &objects.items[i];

		if (object->type != 'i' || object->sql == NULL)
			continue;
		const char *name = translate_stored_name(t, schema, namespace_relation(object->name));

		result = name == NULL ? -1 : move_index(t, object, name, to);
	}
	schema_objects_free(&objects);
	return result == 0 && table->kind == 'm' ? define_rename_matview(t, table->name, to) : result;
}

static int
move_view(struct translator *t, const struct schema_table *view, const char *schema)
{
	const char *relation = namespace_relation(view->name), *to = translate_stored_name(t, schema, relation);
	struct schema_object found;
	bool skip;
	int result;

	if (to == NULL || define_check_free(t, "public", to, false, &skip) == -1)
		return -1;
	if ((result = define_carry_views(t, view, NULL, schema, relation)) == 1)
		return translate_refuse(t, -1, "SET SCHEMA of a view that one reads whose text is not known");
	if (result == -1 || !schema_find_object(t->schema, "public", view->name, &found))
		return result == -1 ? -1 : translate_out_of_memory(t);
	result = define_remake(t, "public", &found, to);
	schema_object_free(&found);
	return result;
}

int
define_set_schema(struct translator *t, const PgQuery__AlterObjectSchemaStmt *stmt)
{
	bool table_kind = stmt->object_type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE;
	bool matview_kind = stmt->object_type == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW;
	const struct schema_table *table;
	const char *schema, *name;
	char own[NAMESPACE_BYTES];

	if (stmt->object_type == PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION ||
	    stmt->object_type == PG_QUERY__OBJECT_TYPE__OBJECT_PROCEDURE ||
	    stmt->object_type == PG_QUERY__OBJECT_TYPE__OBJECT_ROUTINE)
		return define_move_function(t, stmt);
	if (!table_kind && !matview_kind && stmt->object_type != PG_QUERY__OBJECT_TYPE__OBJECT_VIEW)
		return translate_refuse(t, -1, "SET SCHEMA of this object");
	t->plan->tag = table_kind ? "ALTER TABLE" : matview_kind ? "ALTER MATERIALIZED VIEW" : "ALTER VIEW";
	if (translate_relation_name(t, stmt->relation, &schema, &name) == -1)
		return -1;
	if (stmt->missing_ok && (schema == NULL || schema_find_table(t->schema, schema, name) == NULL))
		return define_add_notice(t, "relation \"%s\" does not exist, skipping", stmt->relation->relname);
	if ((table = translate_find_changed(t, stmt->relation)) == NULL || define_set_target(t, table->name) == -1)
		return -1;
	if (matview_kind && table->kind != 'm')
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a materialized view",
		    table->name);
	if (!table_kind && !matview_kind && table->kind != 'v')
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a view", table->name);
	if (strcmp(table->schema, "public") != 0 || strncmp(table->name, "bibd_", 5) == 0)
		return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "cannot move objects into or out of temporary schemas");
	if (strcmp(stmt->newschema, "public") != 0 && !schema_has_own(t->schema, stmt->newschema))
		return translate_fail(t, -1, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist",
		    stmt->newschema);
	namespace_of(table->name, own);
	if (strcmp(own, stmt->newschema) == 0)
		return 0;
	return schema_table_is_view(table) ? move_view(t, table, stmt->newschema)
					   : move_table(t, table, stmt->newschema);
}

static int
rename_routines(struct translator *t, const char *old, const char *new)
{
	t->plan->own = true;
	translate_emit(t, "UPDATE public.bibd_routines SET name = ");
	translate_emit_string(t, new);
	translate_emit(t,
	    " || substr(name, instr(name, char(31))) WHERE substr(name, 1, instr(name, char(31)) - 1) = ");
	translate_emit_string(t, old);
	return translate_emit(t, ";\n");
}

/* The relations' names begin with the schema's: tables are moved one by one. */
int
define_rename_schema(struct translator *t, const PgQuery__RenameStmt *stmt)
{
	struct twin twin = { .name = stmt->newname };
	struct define_contents contents;
	int result;

	t->plan->tag = "ALTER SCHEMA";
	if (!schema_has_own(t->schema, stmt->subname))
		return schema_has_namespace(t->schema, stmt->subname)
		    ? translate_refuse(t, -1, "renaming this schema")
		    : translate_fail(t, -1, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist",
			  stmt->subname);
	(void)catalog_each_namespace(schema_database(t->schema), match_twin, &twin);
	if (twin.found)
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_SCHEMA, "schema \"%s\" already exists", stmt->newname);
	if (check_schema_name(t, stmt->newname) == -1)
		return -1;
	result = define_list_contents(t, stmt->subname, &contents);
	if (result == 0 && contents.views.count > 0)
		result = translate_refuse(t, -1, "renaming a schema that has views");
	if (result == 0 && contents.sequences.count > 0)
		result = translate_refuse(t, -1, "renaming a schema that has sequences without an owner");
	for (unsigned i = 0; result == 0 && i < contents.tables.count; i++)
		result = move_table(t, schema_find_table(t->schema, "public", contents.tables.names[i]), stmt->newname);
	if (result == 0 && contents.routines.count > 0)
		result = rename_routines(t, stmt->subname, stmt->newname);
	if (result == 0)
		result = define_emit_schema_mark(t, "DROP VIEW ", stmt->subname);
	if (result == 0)
		result = define_emit_schema_mark(t, "CREATE VIEW ", stmt->newname);
	if (result == 0)
		result = comment_rename(t, translator_format(t, "%s" NAMESPACE_SEPARATOR_TEXT, stmt->subname),
		    translator_format(t, "%s" NAMESPACE_SEPARATOR_TEXT, stmt->newname));
	define_contents_free(&contents);
	return result;
}
