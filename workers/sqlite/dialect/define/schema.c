/*
 * CREATE, DROP and ALTER SCHEMA, and SET SCHEMA. A schema is a mark in the file, and the beginning of its relations'
 * stored names: see schema/names.h.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/dialect/define/comment.h"
#include "workers/sqlite/dialect/define/routine.h"
#include "workers/sqlite/dialect/define/sequence.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/inherit.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/partition.h"
#include "workers/sqlite/schema/sequence.h"

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

static int
emit_mark(struct translator *t, const char *statement, const char *schema)
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
	return emit_mark(t, "CREATE VIEW ", name) == -1 ? -1 : define_schema_elements(t, stmt, name);
}

/* ---- DROP ---- */

/* A sequence that goes with its table. */
static bool
is_owned(const char *sql)
{
	struct schema_sequence s;
	bool owned;

	if (schema_sequence_parse(sql, &s) == -1)
		return false;
	owned = s.owner_table != NULL;
	schema_sequence_free(&s);
	return owned;
}

/* What is in a schema, by the stored names; sequences that go with a table are left out. */
struct contents {
	struct definition_names tables, views, sequences;
	struct definition_names routines; /* "name(types)" */
};

static void
contents_free(struct contents *contents)
{
	definition_names_free(&contents->tables);
	definition_names_free(&contents->views);
	definition_names_free(&contents->sequences);
	definition_names_free(&contents->routines);
}

/* A partition goes with its parent, where that lies in the same schema. */
static bool
goes_with_parent(const struct schema_object *object)
{
	char own[NAMESPACE_BYTES], parent[NAMESPACE_BYTES] = "";
	struct schema_partition mark;

	namespace_of(object->name, own);
	if (schema_partition_read(object->sql, &mark)) {
		namespace_of(mark.parent, parent);
		schema_partition_free(&mark);
	}
	return strcmp(own, parent) == 0;
}

static struct definition_names *
list_for(struct contents *contents, const struct schema_object *object)
{
	if (object->type == 't' || (object->type == 'P' && !goes_with_parent(object)))
		return &contents->tables;
	if (object->type == 'v' || object->type == 'm')
		return &contents->views;
	return object->type == 'S' && !is_owned(object->sql) ? &contents->sequences : NULL;
}

static int
add_routine(void *arg, const struct schema_routine *routine, const char *what)
{
	(void)routine;
	return definition_add_name(&((struct contents *)arg)->routines, what);
}

static int
list_contents(struct translator *t, const char *schema, struct contents *contents)
{
	struct schema_objects objects;
	int result = 0;

	*contents = (struct contents) { .tables = { 0 } };
	if (schema_list_objects(schema_database(t->schema), "public", NULL, &objects) == -1)
		return translate_out_of_memory(t);
	for (unsigned i = 0; result == 0 && i < objects.count; i++) {
		struct definition_names *list = list_for(contents, &objects.items[i]);
		char own[NAMESPACE_BYTES];

		namespace_of(objects.items[i].name, own);
		if (list != NULL && strcmp(own, schema) == 0)
			result = definition_add_name(list, objects.items[i].name);
	}
	schema_objects_free(&objects);
	if (result == 0)
		result = routine_each_of_schema(t, schema, add_routine, contents);
	return result == 0 ? 0 : translate_out_of_memory(t);
}

static unsigned
count_contents(const struct contents *contents)
{
	return contents->tables.count + contents->views.count + contents->sequences.count + contents->routines.count;
}

/* What each is, in PostgreSQL's words. */
static void
put_contents(FILE *out, const char *schema, const struct contents *contents, const char *before, const char *behind)
{
	const struct definition_names *lists[] = { &contents->tables, &contents->views, &contents->sequences,
		&contents->routines };
	static const char *const words[] = { "table", "view", "sequence", "function" };
	bool first = true;

	for (size_t n = 0; n < sizeof(lists) / sizeof(lists[0]); n++) {
		for (unsigned i = 0; i < lists[n]->count; i++) {
			fprintf(out, "%s%s%s %s.%s%s", first ? "" : "\n", before, words[n], schema,
			    namespace_relation(lists[n]->names[i]), behind);
			first = false;
		}
	}
}

static int
report_not_empty(struct translator *t, const char *schema, const struct contents *contents)
{
	const char *behind = translator_format(t, " depends on schema %s", schema);
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	(void)translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
	    "cannot drop schema %s because other objects depend on it", schema);
	if (out != NULL && behind != NULL)
		put_contents(out, schema, contents, "", behind);
	if (out != NULL && fclose(out) == 0)
		report_detail(t->report, "%s", text);
	free(text);
	report_hint(t->report, "Use DROP ... CASCADE to drop the dependent objects too.");
	return -1;
}

static int
notice_cascade(struct translator *t, const char *schema, const struct contents *contents)
{
	unsigned n = count_contents(contents);
	char *text = NULL;
	size_t length;
	FILE *out;
	int result;

	if (n > 1)
		return define_add_notice(t, "drop cascades to %u other objects", n);
	if ((out = open_memstream(&text, &length)) == NULL)
		return translate_out_of_memory(t);
	put_contents(out, schema, contents, "drop cascades to ", "");
	result = fclose(out) == 0 ? define_add_notice(t, "%s", text) : translate_out_of_memory(t);
	free(text);
	return result;
}

/* Tables of other schemas let them go. */
static int
drop_sequences(struct translator *t, const struct contents *contents)
{
	for (unsigned i = 0; i < contents->sequences.count; i++) {
		const char *name = contents->sequences.names[i];

		if (define_release_sequence(t, "public", name, &contents->tables, true) == -1 ||
		    translate_emit(t, "DROP VIEW ") == -1 || define_emit_relation(t, "public", name) == -1 ||
		    translate_emit(t, ";\n") == -1)
			return -1;
	}
	return 0;
}

struct callers {
	struct translator *t;
	struct contents *contents;
};

static int
add_callers(void *arg, const struct schema_routine *routine, const char *what)
{
	struct callers *c = arg;

	(void)what;
	return routine_add_callers(c->t, routine, &c->contents->tables, &c->contents->views);
}

static int
drop_routine(void *arg, const struct schema_routine *routine, const char *what)
{
	return routine_drop_with_schema(arg, routine, what);
}

static int
drop_schema(struct translator *t, const char *schema, bool cascade)
{
	struct contents contents;
	int result = list_contents(t, schema, &contents);

	if (result == 0 && count_contents(&contents) > 0)
		result = cascade ? notice_cascade(t, schema, &contents) : report_not_empty(t, schema, &contents);
	if (result == 0)
		result = routine_each_of_schema(t, schema, add_callers, &(struct callers) { t, &contents });
	if (result == 0)
		result = define_drop_relations(t, &contents.tables, &contents.views);
	if (result == 0)
		result = drop_sequences(t, &contents);
	if (result == 0)
		result = routine_each_of_schema(t, schema, drop_routine, t);
	if (result == 0)
		result = emit_mark(t, "DROP VIEW ", schema);
	contents_free(&contents);
	return result;
}

int
define_drop_schema(struct translator *t, const PgQuery__DropStmt *stmt)
{
	bool cascade = stmt->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;

	t->plan->tag = "DROP SCHEMA";
	for (size_t i = 0; i < stmt->n_objects; i++) {
		const char *name = translate_string(stmt->objects[i]);
		int result = 0;

		if (name == NULL)
			return translate_refuse(t, -1, "this DROP");
		if (schema_has_own(t->schema, name))
			result = drop_schema(t, name, cascade);
		else if (strcmp(name, "public") == 0)
			result = translate_refuse(t, -1, "DROP SCHEMA public");
		else if (schema_has_namespace(t->schema, name))
			result = translate_fail(t, -1, SQLSTATE_INSUFFICIENT_PRIVILEGE,
			    "permission denied for schema %s", name);
		else if (!stmt->missing_ok)
			result =
			    translate_fail(t, -1, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist", name);
		else
			result = define_add_notice(t, "schema \"%s\" does not exist, skipping", name);
		if (result == -1)
			return -1;
	}
	return 0;
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
	struct contents contents;
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
	result = list_contents(t, stmt->subname, &contents);
	if (result == 0 && contents.views.count > 0)
		result = translate_refuse(t, -1, "renaming a schema that has views");
	if (result == 0 && contents.sequences.count > 0)
		result = translate_refuse(t, -1, "renaming a schema that has sequences without an owner");
	for (unsigned i = 0; result == 0 && i < contents.tables.count; i++)
		result = move_table(t, schema_find_table(t->schema, "public", contents.tables.names[i]), stmt->newname);
	if (result == 0 && contents.routines.count > 0)
		result = rename_routines(t, stmt->subname, stmt->newname);
	if (result == 0)
		result = emit_mark(t, "DROP VIEW ", stmt->subname);
	if (result == 0)
		result = emit_mark(t, "CREATE VIEW ", stmt->newname);
	if (result == 0)
		result = comment_rename(t, translator_format(t, "%s" NAMESPACE_SEPARATOR_TEXT, stmt->subname),
		    translator_format(t, "%s" NAMESPACE_SEPARATOR_TEXT, stmt->newname));
	contents_free(&contents);
	return result;
}
