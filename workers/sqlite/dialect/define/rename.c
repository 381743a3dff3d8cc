/*
 * RENAME: tables and columns natively, views and indexes made again under the other name, constraints by a rebuild.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/dialect/define/comment.h"
#include "workers/sqlite/dialect/define/inherit.h"
#include "workers/sqlite/dialect/define/partition.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/dialect/define/sequence.h"
#include "workers/sqlite/dialect/define/trigger.h"
#include "workers/sqlite/dialect/define/type.h"

/* A partitioned table, or a partition: what says whose partition it is names it. */
static int
rename_in_tree(struct translator *t, const struct schema_table *table, const char *name)
{
	const struct schema_table *root = partition_root(t, table), *renamed = NULL;
	struct define_partitions set = { .n = 0 };
	bool skip;
	int result = root == NULL || define_check_free(t, table->schema, name, false, &skip) == -1
	    ? -1
	    : define_partitions_take(t, root, &set);

	if (result == 0 && table == root)
		result = define_rename_table(t, table, name);
	if (result == 0)
		result = (renamed = define_partitions_rename(t, &set, table->name, name)) == NULL
		    ? -1
		    : define_partitions_make(t, &set, renamed);
	define_partitions_free(&set);
	return result;
}

static int
rename_table(struct translator *t, const struct schema_table *table, const char *name)
{
	char *stored = define_copy_beside(t, table->name, name);
	int result = stored == NULL				       ? -1
	    : table->partition_key != NULL || table->partition != NULL ? rename_in_tree(t, table, stored)
								       : define_rename_table(t, table, stored);

	if (result == 0 && table->kind == 'm')
		result = define_rename_matview(t, table->name, stored);
	if (result == 0 && table->partition != NULL)
		result = comment_rename(t, table->name, stored);
	if (result == 0 && table->partition != NULL && strcmp(table->schema, "public") == 0)
		result = define_move_triggers(t, table->name, stored);
	free(stored);
	return result;
}

int
define_rename_table(struct translator *t, const struct schema_table *table, const char *name)
{
	char schema[NAMESPACE_BYTES];
	bool skip;

	if (define_check_free(t, table->schema, name, false, &skip) == -1)
		return -1;
	namespace_of(name, schema);
	if (define_carry_views(t, table, NULL, schema, namespace_relation(name)) == -1)
		return -1;
	if (translate_emit(t, "ALTER TABLE ") == -1 || define_emit_relation(t, table->schema, table->name) == -1 ||
	    translate_emit(t, " RENAME TO ") == -1 || translate_identifier(t, name) == -1 ||
	    translate_emit(t, ";\n") == -1 ||
	    (strcmp(table->schema, "public") == 0 &&
		(define_move_triggers(t, table->name, name) == -1 || comment_rename(t, table->name, name) == -1)))
		return -1;
	return define_rename_owner(t, table->schema, table->name, NULL, name);
}

static int
emit_rename_column(struct translator *t, const struct schema_table *table, const char *old, const char *name)
{
	if (define_carry_views(t, table, old, NULL, name) == -1)
		return -1;
	if (translate_emit(t, "ALTER TABLE ") == -1 || define_emit_relation(t, table->schema, table->name) == -1 ||
	    translate_emit(t, " RENAME COLUMN ") == -1 || translate_identifier(t, old) == -1 ||
	    translate_emit(t, " TO ") == -1 || translate_identifier(t, name) == -1 || translate_emit(t, ";\n") == -1 ||
	    (strcmp(table->schema, "public") == 0 &&
		(define_rename_trigger_column(t, table->name, old, name) == -1 ||
		    comment_rename_part(t, COMMENT_COLUMN, table->name, old, name) == -1)))
		return -1;
	return define_rename_owner(t, table->schema, table->name, old, name);
}

static int
rename_partitioned_column(struct translator *t, const struct schema_table *table, const char *old, const char *name,
    bool only)
{
	struct define_partitions set;
	const struct schema_table *root;
	int result = define_partitions_take(t, table, &set);

	if (result == 0 && only && set.n > 0)
		result = translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "inherited column \"%s\" must be renamed in child tables too", old);
	if (result == 0)
		result = emit_rename_column(t, table, old, name);
	if (result == 0)
		result = (root = define_partitions_rename_column(t, &set, old, name)) == NULL
		    ? -1
		    : define_partitions_make(t, &set, root);
	define_partitions_free(&set);
	return result;
}

static int
rename_column(struct translator *t, const struct schema_table *table, const char *old, const char *name, bool only)
{
	if (table->partition != NULL && schema_find_column(table, old) != NULL)
		return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION, "cannot rename inherited column \"%s\"",
		    old);
	if (table->kind == 'm')
		return translate_refuse(t, -1, "renaming a column of a materialized view");
	if (schema_find_column(table, old) == NULL)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_COLUMN, "column \"%s\" does not exist", old);
	if (schema_find_column(table, name) != NULL)
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_COLUMN,
		    "column \"%s\" of relation \"%s\" already exists", name, table->name);
	if (schema_table_is_view(table))
		return define_rename_view_column(t, table, old, name) == -1
		    ? -1
		    : comment_rename_part(t, COMMENT_COLUMN, table->name, old, name);
	return table->partition_key != NULL ? rename_partitioned_column(t, table, old, name, only)
					    : emit_rename_column(t, table, old, name);
}

static int
rename_constraint(struct translator *t, const struct schema_table *table, const char *old, const char *name)
{
	struct define_rebuild rebuild;
	struct definition_constraint *c;
	char *copy;
	int result;

	if (strncmp(name, DEFINITION_MARK, strlen(DEFINITION_MARK)) == 0)
		return translate_fail(t, -1, SQLSTATE_RESERVED_NAME,
		    "unacceptable name \"%s\": \"" DEFINITION_MARK "\" is reserved", name);
	if (define_rebuild_begin(t, table, &rebuild) == -1)
		return -1;
	c = definition_find_constraint(&rebuild.after, old);
	if (c == NULL) {
		result = translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT,
		    "constraint \"%s\" for table \"%s\" does not exist", old, table->name);
	} else if (definition_find_constraint(&rebuild.after, name) != NULL) {
		result = translate_fail(t, -1, SQLSTATE_DUPLICATE_OBJECT,
		    "constraint \"%s\" for relation \"%s\" already exists", name, table->name);
	} else if ((copy = define_copy(t, name)) == NULL) {
		result = -1;
	} else {
		free(c->name);
		c->name = copy;
		result = strcmp(table->schema, "public") == 0 &&
			(comment_rename_part(t, COMMENT_CONSTRAINT, table->name, old, name) == -1 ||
			    comment_rename_part(t, COMMENT_KEY, table->name, old, name) == -1)
		    ? -1
		    : define_rebuild_emit(t, &rebuild);
	}
	define_rebuild_free(&rebuild);
	return result;
}

/* The text of a view or index, from behind its name on. */
static const char *
text_behind_name(const char *sql)
{
	struct definition_lexer lexer;

	definition_lex_begin(&lexer, sql);
	while (lexer.kind == DEFINITION_WORD)
		definition_lex_next(&lexer);
	return lexer.kind == DEFINITION_QUOTED ? sql + lexer.end : NULL;
}

int
define_remake(struct translator *t, const char *schema, const struct schema_object *object, const char *name)
{
	const char *rest = object->sql == NULL ? NULL : text_behind_name(object->sql);
	const char *word = object->type == 'v' ? "VIEW" : "INDEX";
	bool skip;

	if (rest == NULL)
		return translate_refuse(t, -1, "renaming what another program made");
	if (define_check_free(t, schema, name, false, &skip) == -1)
		return -1;
	if (translate_emit_format(t, "DROP %s ", word) == -1 || define_emit_relation(t, schema, object->name) == -1 ||
	    translate_emit_format(t, ";\nCREATE %s%s ", strncmp(object->sql, "CREATE UNIQUE", 13) == 0 ? "UNIQUE " : "",
		word) == -1 ||
	    define_emit_relation(t, schema, name) == -1 || translate_emit(t, rest) == -1 ||
	    translate_emit(t, ";\n") == -1)
		return -1;
	if (object->type == 'v' && strcmp(schema, "public") == 0 && define_move_triggers(t, object->name, name) == -1)
		return -1;
	return strcmp(schema, "public") == 0 ? comment_rename(t, object->name, name) : 0;
}

/* Views that read a view know it by its name; of temporary ones that is not undone. */
static int
carry_readers(struct translator *t, const struct schema_object *object, const char *schema, const char *stored)
{
	const struct schema_table *view = schema_find_table(t->schema, schema, object->name);
	char own[NAMESPACE_BYTES];
	int result;

	if (view == NULL)
		return translate_out_of_memory(t);
	namespace_of(stored, own);
	result = strcmp(schema, "temp") == 0 ? define_is_read(t, object->name)
					     : define_carry_views(t, view, NULL, own, namespace_relation(stored));
	return result == 1 ? translate_refuse(t, -1, "renaming a view that one reads whose text is not known") : result;
}

static int
rename_view(struct translator *t, const struct schema_object *object, const char *schema, const char *stored)
{
	bool skip;

	if (define_check_free(t, schema, stored, false, &skip) == -1 || carry_readers(t, object, schema, stored) == -1)
		return -1;
	return define_remake(t, schema, object, stored);
}

#define NO_INDEX "ALTER INDEX ... RENAME of what is no index"

/* An index that a key made is no object of SQLite's: it bears its constraint's name, and both are renamed. 1: done. */
static int
rename_key(struct translator *t, const PgQuery__RenameStmt *stmt)
{
	struct catalog_found index = { 0 }, taken = { 0 };
	PgQuery__RangeVar place = *stmt->relation;
	const struct schema_table *table;
	int result;

	if (!define_look_for_index(t, stmt->relation, &index))
		return 0;
	if (index.kind != 'i' && index.kind != 'I') {
		result = translate_refuse(t, -1, NO_INDEX);
	} else if ((table = schema_find_table(t->schema, strcmp(index.found_schema, "temp") == 0 ? "temp" : "public",
			index.found_table)) == NULL ||
	    table->partition_key != NULL || table->partition != NULL) {
		result = translate_refuse(t, -1, "renaming an index of a partitioned table's key");
	} else {
		place.schemaname = index.found_schema;
		place.relname = stmt->newname;
		result = define_look_for_index(t, &place, &taken)
		    ? translate_fail(t, -1, SQLSTATE_DUPLICATE_TABLE, "relation \"%s\" already exists", stmt->newname)
		    : rename_constraint(t, table, index.found_name, stmt->newname);
	}
	catalog_found_free(&taken);
	catalog_found_free(&index);
	return result == -1 ? -1 : 1;
}

static int
rename_object(struct translator *t, const PgQuery__RenameStmt *stmt, char type)
{
	const char *schema, *name;
	struct schema_object found;
	char *stored = NULL;
	int result;

	if (translate_relation_name(t, stmt->relation, &schema, &name) == -1)
		return -1;
	if (schema == NULL)
		schema = "public";
	if (!schema_find_object(t->schema, schema, name, &found)) {
		if (type == 'i' && (result = rename_key(t, stmt)) != 0)
			return result == 1 ? 0 : -1;
		if (stmt->missing_ok)
			return define_add_notice(t, "relation \"%s\" does not exist, skipping", name);
		return translate_fail(t, stmt->relation->location, SQLSTATE_UNDEFINED_TABLE,
		    "relation \"%s\" does not exist", name);
	}
	if (found.type != type && type == 'i')
		result = translate_refuse(t, -1, NO_INDEX);
	else if (found.type != type)
		result = translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a view", name);
	else
		result = (stored = define_copy_beside(t, found.name, stmt->newname)) == NULL ? -1
		    : type == 'v' ? rename_view(t, &found, schema, stored)
				  : define_remake(t, schema, &found, stored);
	free(stored);
	schema_object_free(&found);
	return result;
}

int
define_rename(struct translator *t, const PgQuery__RenameStmt *stmt)
{
	const struct schema_table *table;
	const char *schema, *name;

	if (stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_TYPE ||
	    stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN)
		return define_rename_type(t, stmt);
	if (stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_ATTRIBUTE)
		return define_rename_field(t, stmt);
	if (stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_DOMCONSTRAINT)
		return define_rename_check(t, stmt);
	if (stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA)
		return define_rename_schema(t, stmt);
	if (stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION ||
	    stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_PROCEDURE ||
	    stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_ROUTINE)
		return define_rename_function(t, stmt);
	if (stmt->relation == NULL)
		return translate_refuse(t, -1, "this RENAME");
	if (stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_TRIGGER)
		return define_rename_trigger(t, stmt);
	if (translate_relation_name(t, stmt->relation, &schema, &name) == -1 || define_set_target(t, name) == -1)
		return -1;
	t->plan->tag = stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_INDEX ? "ALTER INDEX"
	    : stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_VIEW ||
		stmt->relation_type == PG_QUERY__OBJECT_TYPE__OBJECT_VIEW
	    ? "ALTER VIEW"
	    : stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW ||
		stmt->relation_type == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW
	    ? "ALTER MATERIALIZED VIEW"
	    : stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE ? "ALTER SEQUENCE"
									  : "ALTER TABLE";
	if (stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_INDEX)
		return rename_object(t, stmt, 'i');
	if (stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_VIEW)
		return rename_object(t, stmt, 'v');
	if (stmt->missing_ok && (schema == NULL || schema_find_table(t->schema, schema, name) == NULL))
		return define_add_notice(t, "relation \"%s\" does not exist, skipping", name);
	if ((table = translate_find_changed(t, stmt->relation)) == NULL || inherit_check_rename(t, stmt, table) == -1)
		return -1;
	switch (stmt->rename_type) {
	case PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW:
		if (table->kind != 'm')
			return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a materialized view",
			    name);
		return rename_table(t, table, stmt->newname);
	case PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE:
		if (table->kind != 'S')
			return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a sequence", name);
		return define_rename_sequence(t, table, stmt->newname);
	case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
		if (table->kind == 'S')
			return define_rename_sequence(t, table, stmt->newname);
		return schema_table_is_view(table) ? rename_object(t, stmt, 'v')
						   : rename_table(t, table, stmt->newname);
	case PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN:
		return rename_column(t, table, stmt->subname, stmt->newname, !stmt->relation->inh);
	case PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT:
		return rename_constraint(t, table, stmt->subname, stmt->newname);
	default:
		return translate_refuse(t, -1, "this RENAME");
	}
}
