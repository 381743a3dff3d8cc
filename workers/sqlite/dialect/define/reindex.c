/*
 * REINDEX, CLUSTER, and what ALTER INDEX says of a column: the index must be there, and what PostgreSQL does not do
 * is an error.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/dialect/define/mark.h"
#include "workers/sqlite/dialect/define/parameter.h"
#include "workers/sqlite/dialect/statements.h"
#include "workers/sqlite/schema/names.h"

bool
define_look_for_index(struct translator *t, const PgQuery__RangeVar *relation, struct catalog_found *index)
{
	struct schema_place place;
	bool given = relation->schemaname != NULL && *relation->schemaname != '\0';

	index->name = relation->relname;
	index->schema = given ? relation->schemaname : NULL;
	if (given)
		return catalog_find_relation(schema_database(t->schema), index);
	for (unsigned i = 0; schema_place_at(t->schema, i, &place); i++) {
		index->schema = place.schema;
		if (catalog_find_relation(schema_database(t->schema), index))
			return true;
	}
	return false;
}

int
define_find_index(struct translator *t, const PgQuery__RangeVar *relation, struct catalog_found *index)
{
	bool given = relation->schemaname != NULL && *relation->schemaname != '\0';

	if (!define_look_for_index(t, relation, index) && strncmp(relation->relname, "pg_", 3) == 0)
		return translate_refuse(t, -1, "naming an index of a system catalog");
	if (index->found_name == NULL)
		return translate_fail(t, relation->location, SQLSTATE_UNDEFINED_TABLE,
		    "relation \"%s%s%s\" does not exist", given ? relation->schemaname : "", given ? "." : "",
		    relation->relname);
	if (index->kind == 'i' || index->kind == 'I')
		return 0;
	catalog_found_free(index);
	return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not an index", relation->relname);
}

int
define_check_index_of(struct translator *t, const struct schema_table *table, const char *name)
{
	char schema[NAMESPACE_BYTES];
	struct catalog_found index = { .name = name, .schema = schema };
	bool found;

	namespace_of(table->name, schema);
	if (strcmp(table->schema, "temp") == 0)
		index.schema = "pg_temp";
	found = catalog_find_relation(schema_database(t->schema), &index) && (index.kind == 'i' || index.kind == 'I') &&
	    index.found_table != NULL && strcmp(index.found_table, table->name) == 0;
	catalog_found_free(&index);
	return found ? 0
		     : translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT, "index \"%s\" for table \"%s\" does not exist",
			   name, namespace_relation(table->name));
}

static bool
is_concurrent(const PgQuery__ReindexStmt *stmt)
{
	for (size_t i = 0; i < stmt->n_params; i++)
		if (strcmp(stmt->params[i]->def_elem->defname, "concurrently") == 0 &&
		    statement_option(stmt->params[i]->def_elem))
			return true;
	return false;
}

static int
refuse_system(struct translator *t)
{
	return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED, "cannot reindex system catalogs concurrently");
}

static int
emit_relation(struct translator *t, const char *schema, const char *name)
{
	if (translate_emit(t, "REINDEX ") == -1 || define_emit_relation(t, schema, name) == -1)
		return -1;
	return translate_emit(t, ";\n");
}

/* The rows of a partition are its root's, which is not looked for: all is done. */
static int
reindex_table(struct translator *t, const PgQuery__ReindexStmt *stmt)
{
	const struct schema_table *table = translate_find_table(t, stmt->relation);

	if (table == NULL)
		return -1;
	if (schema_table_is_view(table) || table->kind == 'S')
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a table or materialized view",
		    namespace_relation(table->name));
	if (t->plan->needs_catalog)
		return is_concurrent(stmt) ? refuse_system(t) : translate_emit(t, "");
	t->plan->alone |= table->partition_key != NULL;
	return table->partition != NULL ? translate_emit(t, "REINDEX;\n")
					: emit_relation(t, table->schema, table->name);
}

/* A constraint's index has no name in SQLite that could be said: its table's are all made again. */
static int
reindex_index(struct translator *t, const PgQuery__ReindexStmt *stmt)
{
	struct catalog_found index = { 0 };
	struct schema_object object;
	const char *database;
	int result;

	if (define_find_index(t, stmt->relation, &index) == -1)
		return -1;
	database = strcmp(index.found_schema, "temp") == 0 ? "temp" : "public";
	if (schema_find_object(t->schema, database, index.found_stored, &object)) {
		schema_object_free(&object);
		result = emit_relation(t, database, index.found_stored);
	} else
		result = translate_emit(t, "REINDEX;\n");
	catalog_found_free(&index);
	return result;
}

static int
reindex_many(struct translator *t, const PgQuery__ReindexStmt *stmt)
{
	const char *name = stmt->name == NULL ? "" : stmt->name;

	t->plan->alone = true;
	if (stmt->kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SYSTEM && is_concurrent(stmt))
		return refuse_system(t);
	if (stmt->kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SCHEMA && *name != '\0' &&
	    !schema_has_namespace(t->schema, name))
		return translate_fail(t, -1, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist", name);
	return translate_emit(t, "REINDEX;\n");
}

/* Rows of a rowid table are in its key's order always: the mark is all that is left behind. */
static int
cluster(struct translator *t, const PgQuery__ClusterStmt *stmt, const struct schema_table *table)
{
	bool named = stmt->indexname != NULL && *stmt->indexname != '\0';

	if (table->partition_key != NULL || table->partition != NULL)
		return named ? define_check_index_of(t, table, stmt->indexname) : 0;
	if (named)
		return mark_clustered(t, table, stmt->indexname);
	return strcmp(table->schema, "public") != 0 || mark_is_clustered(t, table)
	    ? 0
	    : translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT,
		  "there is no previously clustered index for table \"%s\"", namespace_relation(table->name));
}

int
statement_cluster(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__ClusterStmt *stmt = node->cluster_stmt;
	const struct schema_table *table = stmt->relation == NULL ? NULL : translate_find_table(t, stmt->relation);

	t->plan->admin = true;
	if (stmt->relation != NULL && table == NULL)
		return -1;
	if (table != NULL && cluster(t, stmt, table) == -1)
		return -1;
	return translate_finish(t, DIALECT_MAINTAIN, "CLUSTER");
}

int
statement_reindex(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__ReindexStmt *stmt = node->reindex_stmt;
	int result;

	t->plan->alone = is_concurrent(stmt);
	t->plan->admin = true;
	result = stmt->kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_TABLE ? reindex_table(t, stmt)
	    : stmt->relation != NULL						   ? reindex_index(t, stmt)
										   : reindex_many(t, stmt);
	return result == -1 ? -1 : translate_finish(t, DIALECT_MAINTAIN, "REINDEX");
}

/* ---- ALTER INDEX ... ALTER COLUMN ---- */

/* Statistics are kept of expressions alone, which stand in parentheses in SQLite's text. */
static int
check_statistics(struct translator *t, const struct catalog_found *index, const PgQuery__AlterTableCmd *command)
{
	struct schema_object object;
	char *source;
	bool is_column;
	const char *database =
	    index->found_schema != NULL && strcmp(index->found_schema, "temp") == 0 ? "temp" : "public";

	if (!schema_find_object(t->schema, database, index->found_stored, &object))
		return translate_refuse(t, -1, "statistics of this index");
	source =
	    command->num < 1 || object.sql == NULL ? NULL : describe_index_source(object.sql, (unsigned)command->num);
	schema_object_free(&object);
	if (source == NULL)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_COLUMN,
		    "column number %d of relation \"%s\" does not exist", (int)command->num, index->found_name);
	is_column = source[strspn(source, " ")] != '(';
	free(source);
	if (is_column)
		return translate_refuse(t, -1, "statistics on a column of an index that is no expression");
	return strcmp(database, "temp") == 0 ? 0
					     : parameter_statistics(t, COMMENT_INDEX_STATISTICS, index->found_stored,
						   translator_format(t, "%d", (int)command->num), command);
}

int
define_check_index_columns(struct translator *t, const PgQuery__AlterTableStmt *stmt)
{
	struct catalog_found index = { 0 };
	int result = define_find_index(t, stmt->relation, &index);

	for (size_t i = 0; result == 0 && i < stmt->n_cmds; i++) {
		const PgQuery__AlterTableCmd *command = stmt->cmds[i]->alter_table_cmd;

		if (command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_SetStatistics)
			result = check_statistics(t, &index, command);
		else if (command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_SetOptions ||
		    command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_ResetOptions)
			result = translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE,
			    "ALTER action ALTER COLUMN ... %s cannot be performed on relation \"%s\"",
			    command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_SetOptions ? "SET" : "RESET",
			    index.found_name);
	}
	catalog_found_free(&index);
	return result;
}
