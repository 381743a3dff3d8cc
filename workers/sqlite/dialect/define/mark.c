/*
 * Marks of a table's indexes that SQLite has no use for: the one that it was last clustered on, and the one that is its
 * replica identity. They are kept for those who ask (schema/comment.h), one of a kind for each table. Nothing is kept
 * of what is temporary.
 */
#include "workers/sqlite/dialect/define/mark.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/dialect/define/parameter.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/routine.h"

/* 1: the file has it as an index of its own; 0: a constraint of the table has it; -1: it is not one of the table's. */
static int
find_index(struct translator *t, const struct schema_table *table, const char *name, struct schema_object *object,
    char **stored)
{
	char schema[NAMESPACE_BYTES];
	struct catalog_found index = { .name = name, .schema = schema };
	int result;

	if (define_check_index_of(t, table, name) == -1)
		return -1;
	namespace_of(table->name, schema);
	if (!catalog_find_relation(schema_database(t->schema), &index))
		return translate_out_of_memory(t);
	result = schema_find_object(t->schema, "public", index.found_stored, object) ? 1 : 0;
	*stored = index.found_stored;
	index.found_stored = NULL;
	catalog_found_free(&index);
	return result;
}

/* From the table, and from its indexes. */
static int
clear(struct translator *t, enum schema_comment_kind kind, const char *table)
{
	translate_emit(t, SCHEMA_COMMENT_TABLE);
	translate_emit_format(t, "DELETE FROM public." SCHEMA_COMMENTS " WHERE kind = '%c' AND (object = ", (char)kind);
	translate_emit_string(t, table);
	translate_emit(t, " OR object IN (SELECT name FROM public.sqlite_schema WHERE type = 'index' AND tbl_name = ");
	translate_emit_string(t, table);
	return translate_emit(t, "));\n" SCHEMA_ROUTINE_CHANGED);
}

static int
put(struct translator *t, enum schema_comment_kind kind, const struct schema_table *table, const char *name,
    int (*check)(struct translator *t, const struct schema_table *table, const char *name, const char *sql))
{
	struct schema_object object = { .name = NULL };
	char *stored = NULL;
	int found = find_index(t, table, name, &object, &stored), result = found == -1 ? -1 : 0;

	if (result == 0 && check != NULL)
		result = check(t, table, name, found == 1 ? object.sql : NULL);
	if (result == 0 && (result = clear(t, kind, table->name)) == 0)
		result = parameter_keep(t, kind, found == 1 ? stored : table->name, found == 1 ? "" : name, "t");
	if (found == 1)
		schema_object_free(&object);
	free(stored);
	return result;
}

int
mark_clustered(struct translator *t, const struct schema_table *table, const char *index)
{
	if (table->partition_key != NULL)
		return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "cannot mark index clustered in partitioned table");
	if (strcmp(table->schema, "public") != 0)
		return index == NULL ? 0 : define_check_index_of(t, table, index);
	if (table->partition != NULL)
		return translate_refuse(t, -1, "CLUSTER ON an index of a partition");
	return index == NULL ? clear(t, COMMENT_CLUSTERED, table->name) : put(t, COMMENT_CLUSTERED, table, index, NULL);
}

bool
mark_is_clustered(struct translator *t, const struct schema_table *table)
{
	static const char sql[] =
	    "SELECT 1 FROM public." SCHEMA_COMMENTS " WHERE kind = char(?1) AND (object = ?2 OR object IN "
	    "(SELECT name FROM public.sqlite_schema WHERE type = 'index' AND tbl_name = ?2))";
	sqlite3_stmt *stmt = NULL;
	bool is;

	/* Without the table there is no mark. */
	if (sqlite3_prepare_v2(schema_database(t->schema), sql, -1, &stmt, NULL) != SQLITE_OK)
		return false;
	(void)sqlite3_bind_int(stmt, 1, (int)COMMENT_CLUSTERED);
	(void)sqlite3_bind_text(stmt, 2, table->name, -1, SQLITE_STATIC);
	is = sqlite3_step(stmt) == SQLITE_ROW;
	(void)sqlite3_finalize(stmt);
	return is;
}

/* ---- REPLICA IDENTITY ---- */

static int
check_column(struct translator *t, const struct schema_table *table, const char *index, const char *name)
{
	const struct schema_column *column = schema_find_column(table, name);

	return column != NULL && column->not_null
	    ? 0
	    : translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE,
		  "index \"%s\" cannot be used as replica identity because column \"%s\" is nullable", index, name);
}

static int
check_key(struct translator *t, const struct schema_table *table, const char *index)
{
	const struct definition_constraint *c;
	struct definition d;
	int result = 0;

	if (define_load_rows(t, table, &d) == -1)
		return -1;
	c = definition_find_constraint(&d, index);
	if (c == NULL)
		result = translate_refuse(t, -1, "this index as replica identity");
	else if (c->deferrable)
		result = translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "cannot use non-immediate index \"%s\" as replica identity", index);
	for (unsigned i = 0; result == 0 && c != NULL && c->kind != DEFINITION_PRIMARY_KEY && i < c->columns.count; i++)
		result = check_column(t, table, index, c->columns.names[i]);
	definition_free(&d);
	return result;
}

/* A part of an index that is no column's name, in quotes, is an expression. */
static int
check_part(struct translator *t, const struct schema_table *table, const char *index, const char *source)
{
	struct definition_lexer lexer;
	char *name;
	int result;

	definition_lex_begin(&lexer, source);
	name = lexer.kind == DEFINITION_QUOTED ? definition_lex_name(&lexer) : NULL;
	result = name == NULL ? translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "cannot use expression index \"%s\" as replica identity", index)
			      : check_column(t, table, index, name);
	free(name);
	return result;
}

/* In PostgreSQL's order. */
static int
check_identity(struct translator *t, const struct schema_table *table, const char *index, const char *sql)
{
	char *source;
	int result = 0;

	if (sql == NULL)
		return check_key(t, table, index);
	if (strncmp(sql, "CREATE UNIQUE", strlen("CREATE UNIQUE")) != 0)
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE,
		    "cannot use non-unique index \"%s\" as replica identity", index);
	if (define_index_is_partial(sql))
		return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "cannot use partial index \"%s\" as replica identity", index);
	for (unsigned n = 1; result == 0 && (source = describe_index_source(sql, n)) != NULL; n++) {
		result = check_part(t, table, index, source);
		free(source);
	}
	return result;
}

int
mark_identity(struct translator *t, const struct schema_table *table, const PgQuery__ReplicaIdentityStmt *stmt)
{
	const char *type = stmt->identity_type;

	if (strcmp(table->schema, "public") != 0)
		return 0;
	if (*type == 'i') {
		if (table->partition_key != NULL || table->partition != NULL)
			return translate_refuse(t, -1, "an index of a partition as replica identity");
		if (put(t, COMMENT_REPLICA_INDEX, table, stmt->name, check_identity) == -1)
			return -1;
	} else if (clear(t, COMMENT_REPLICA_INDEX, table->name) == -1)
		return -1;
	return parameter_keep(t, COMMENT_REPLICA, table->name, "", *type == 'd' ? NULL : type);
}
