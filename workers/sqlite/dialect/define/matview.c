/*
 * Materialized views: a table of the rows, and a view of the query, which REFRESH reads (schema/matview.h).
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/dialect/define/mark.h"
#include "workers/sqlite/dialect/define/parameter.h"
#include "workers/sqlite/dialect/deparse/deparse.h"
#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/matview.h"

static const char *
own_name(struct translator *t, const char *prefix, const char *name)
{
	return translator_format(t, "%s%s", prefix, name);
}

static int
emit_own(struct translator *t, const char *statement, const char *prefix, const char *name)
{
	const char *own = own_name(t, prefix, name);

	return own == NULL || translate_emit(t, statement) == -1 ? -1 : define_emit_relation(t, "public", own);
}

static int
emit_mark(struct translator *t, const char *name, bool unfilled)
{
	if (emit_own(t, unfilled ? "CREATE VIEW " : "DROP VIEW ", MATVIEW_UNFILLED, name) == -1)
		return -1;
	return translate_emit(t, unfilled ? " AS SELECT 1;\n" : ";\n");
}

static int
emit_fill(struct translator *t, const char *name)
{
	if (translate_emit(t, "INSERT INTO ") == -1 || define_emit_relation(t, "public", name) == -1 ||
	    emit_own(t, " SELECT * FROM ", MATVIEW_QUERY, name) == -1)
		return -1;
	return translate_emit(t, ";\n");
}

/* ---- CREATE ---- */

/* The view of the query, with PostgreSQL's text of it. */
static int
emit_query(struct translator *t, const struct definition *d, const PgQuery__SelectStmt *select, const char *query)
{
	const char **names = translator_alloc(t, (d->ncolumns + 1) * sizeof(const char *));
	struct deparse_texts texts;
	char *comment;
	int result;

	if (names == NULL || emit_own(t, "CREATE VIEW ", MATVIEW_QUERY, d->name) == -1)
		return -1;
	for (unsigned i = 0; i < d->ncolumns; i++) {
		names[i] = d->columns[i].name;
		if (translate_emit(t, i == 0 ? " (" : ", ") == -1 || translate_identifier(t, names[i]) == -1)
			return -1;
	}
	if (!deparse_view(t, select, names, d->ncolumns, &texts))
		texts = (struct deparse_texts) { 0 };
	if ((comment = kept_comment(texts.plain, texts.pretty, false, NULL, query)) == NULL)
		return translate_out_of_memory(t);
	result = translate_emit(t, ") AS ") == -1 || translate_emit(t, comment) == -1 || translate_emit(t, query) == -1
	    ? -1
	    : translate_emit(t, ";\n");
	free(comment);
	return result;
}

static int
emit_matview(struct translator *t, struct definition *d, const PgQuery__IntoClause *into,
    const PgQuery__SelectStmt *select)
{
	struct query_columns columns = { 0 };
	size_t from = t->out.length;
	char *query;
	int result;

	t->view = t->stored_view = true;
	t->unread = into->skip_data;
	if (translate_select(t, select, &columns) == -1)
		return -1;
	t->view = t->stored_view = false;
	if (t->reads_temporary)
		return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "materialized views must not use temporary tables or views");
	if ((query = define_take(t, from)) == NULL)
		return -1;
	result = define_columns_of_query(t, d, into, &columns);
	if (result == 0)
		result = define_settle(t, d);
	if (result == 0)
		result = define_emit_table(t, d, "public", d->name);
	if (result == 0)
		result = emit_query(t, d, select, query);
	if (result == 0)
		result = into->skip_data ? emit_mark(t, d->name, true) : emit_fill(t, d->name);
	free(query);
	return result;
}

int
define_create_matview(struct translator *t, const PgQuery__CreateTableAsStmt *stmt)
{
	const PgQuery__IntoClause *into = stmt->into;
	struct definition d = { .matview = true };
	const char *schema, *name;
	bool skip;
	int result;

	if (stmt->query->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
		return translate_refuse(t, -1, "a materialized view of that query");
	if (into->rel->relpersistence != NULL && into->rel->relpersistence[0] == 'u')
		return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED, "materialized views cannot be unlogged");
	if (parameter_check(t, 't', into->options, into->n_options, false) == -1 ||
	    define_new_relation(t, into->rel, &schema, &name) == -1 || define_set_target(t, name) == -1 ||
	    define_check_free(t, schema, name, stmt->if_not_exists, &skip) == -1)
		return -1;
	if (strcmp(schema, "public") != 0)
		return translate_refuse(t, -1, "a materialized view in a temporary schema");
	t->plan->counts_rows = !into->skip_data && !skip;
	if (skip)
		return translate_finish(t, DIALECT_DEFINE, "CREATE MATERIALIZED VIEW");
	if ((d.name = define_copy(t, name)) == NULL)
		return -1;
	result = emit_matview(t, &d, into, stmt->query->select_stmt);
	if (result == 0)
		result = parameter_set(t, COMMENT_OPTIONS, d.name, "", into->options, into->n_options, false, NULL);
	definition_free(&d);
	if (result == 0)
		result = translate_finish(t, DIALECT_DEFINE, into->skip_data ? "CREATE MATERIALIZED VIEW" : "SELECT");
	return result;
}

/* ---- REFRESH ---- */

/* A unique index on columns alone, of all rows. */
static bool
is_unique_index(const struct schema_object *object)
{
	struct definition_lexer lexer;
	char *parts;
	bool plain;

	if (object->type != 'i' || object->sql == NULL || strncmp(object->sql, "CREATE UNIQUE", 13) != 0)
		return false;
	definition_lex_begin(&lexer, object->sql);
	while (lexer.kind != DEFINITION_END && !definition_lex_is(&lexer, "("))
		definition_lex_next(&lexer);
	parts = definition_lex_parenthesised(&lexer);
	plain = parts != NULL && strchr(kept_body(parts), '(') == NULL && !definition_lex_is(&lexer, "WHERE");
	free(parts);
	return plain;
}

static int
check_unique(struct translator *t, const char *name)
{
	struct schema_objects objects;
	bool found = false;

	if (schema_list_objects(schema_database(t->schema), "public", name, &objects) == -1)
		return translate_out_of_memory(t);
	for (unsigned i = 0; i < objects.count; i++)
		found |= is_unique_index(&objects.items[i]);
	schema_objects_free(&objects);
	if (found)
		return 0;
	translate_fail(t, -1, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
	    "cannot refresh materialized view \"%s\" concurrently", name);
	report_hint(t->report,
	    "Create a unique index with no WHERE clause on one or more columns of the materialized view.");
	return -1;
}

/* CONCURRENTLY tells rows apart by all they hold: two that are the same, without a NULL, are 21000. */
static int
emit_row_check(struct translator *t, const struct schema_table *table)
{
	if (translate_emit(t, "SELECT bibd_refreshed(count(*), ") == -1 ||
	    translate_emit_string(t, table->name) == -1 || emit_own(t, ") FROM ", MATVIEW_QUERY, table->name) == -1)
		return -1;
	for (unsigned i = 0; i < table->ncolumns; i++)
		if (translate_emit(t, i == 0 ? " WHERE " : " AND ") == -1 ||
		    translate_identifier(t, table->columns[i].name) == -1 || translate_emit(t, " IS NOT NULL") == -1)
			return -1;
	for (unsigned i = 0; i < table->ncolumns; i++)
		if (translate_emit(t, i == 0 ? " GROUP BY " : ", ") == -1 ||
		    translate_identifier(t, table->columns[i].name) == -1 || translate_emit(t, " COLLATE BINARY") == -1)
			return -1;
	return translate_emit(t, ";\n");
}

static int
check_concurrently(struct translator *t, const PgQuery__RefreshMatViewStmt *stmt, const struct schema_table *table,
    bool unfilled)
{
	if (stmt->skip_data)
		return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR,
		    "CONCURRENTLY and WITH NO DATA options cannot be used together");
	if (unfilled)
		return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "CONCURRENTLY cannot be used when the materialized view is not populated");
	return check_unique(t, table->name) == -1 ? -1 : emit_row_check(t, table);
}

/* What is to be read now must have been populated. */
static int
check_filled(struct translator *t, const char *name)
{
	const char *own = own_name(t, MATVIEW_QUERY, name);
	const struct schema_table *query = own == NULL ? NULL : schema_find_table(t->schema, "public", own);
	char *unfilled = query == NULL ? NULL : matview_find_unfilled(t->schema, query);

	if (unfilled == NULL)
		return query == NULL ? translate_out_of_memory(t) : 0;
	translate_fail(t, -1, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
	    "materialized view \"%s\" has not been populated", unfilled);
	free(unfilled);
	report_hint(t->report, "Use the REFRESH MATERIALIZED VIEW command.");
	return -1;
}

int
define_refresh_matview(struct translator *t, const PgQuery__RefreshMatViewStmt *stmt)
{
	const struct schema_table *table = translate_find_changed(t, stmt->relation);
	bool unfilled;

	if (table == NULL || define_set_target(t, table->name) == -1)
		return -1;
	if (table->kind != 'm' && table->kind != 'r')
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a table or materialized view",
		    table->name);
	if (table->kind != 'm')
		return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED, "\"%s\" is not a materialized view",
		    table->name);
	unfilled = schema_is_unfilled(t->schema, table->name);
	if ((stmt->concurrent && check_concurrently(t, stmt, table, unfilled) == -1) ||
	    (!stmt->skip_data && check_filled(t, table->name) == -1))
		return -1;
	if (translate_emit(t, "DELETE FROM ") == -1 || define_emit_relation(t, "public", table->name) == -1 ||
	    translate_emit(t, ";\n") == -1)
		return -1;
	if (unfilled != stmt->skip_data && emit_mark(t, table->name, stmt->skip_data) == -1)
		return -1;
	return stmt->skip_data ? 0 : emit_fill(t, table->name);
}

/* ---- DROP, ALTER ---- */

int
define_emit_drop_matview(struct translator *t, const char *name)
{
	if (schema_is_unfilled(t->schema, name) && emit_mark(t, name, false) == -1)
		return -1;
	if (emit_own(t, "DROP VIEW ", MATVIEW_QUERY, name) == -1 || translate_emit(t, ";\nDROP TABLE ") == -1 ||
	    define_emit_relation(t, "public", name) == -1)
		return -1;
	return translate_emit(t, ";\n");
}

/* The view of the query under another name. */
static int
rename_query(struct translator *t, const struct schema_object *query, const char *old, const char *name)
{
	struct definition_lexer lexer;

	definition_lex_begin(&lexer, query->sql);
	while (lexer.kind == DEFINITION_WORD)
		definition_lex_next(&lexer);
	if (emit_own(t, "DROP VIEW ", MATVIEW_QUERY, old) == -1 ||
	    emit_own(t, ";\nCREATE VIEW ", MATVIEW_QUERY, name) == -1 ||
	    translate_emit(t, query->sql + lexer.end) == -1)
		return -1;
	return translate_emit(t, ";\n");
}

int
define_rename_matview(struct translator *t, const char *old, const char *name)
{
	const char *own = own_name(t, MATVIEW_QUERY, old);
	struct schema_object found;
	int result;

	if (own == NULL || !schema_find_object(t->schema, "public", own, &found))
		return translate_out_of_memory(t);
	result = rename_query(t, &found, old, name);
	schema_object_free(&found);
	if (result == 0 && schema_is_unfilled(t->schema, old))
		result = emit_mark(t, old, false) == -1 ? -1 : emit_mark(t, name, true);
	return result;
}

static int
mark_matview(struct translator *t, const PgQuery__AlterTableStmt *stmt, const struct schema_table *table)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < stmt->n_cmds; i++) {
		const PgQuery__AlterTableCmd *command = stmt->cmds[i]->alter_table_cmd;

		if (command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_ClusterOn)
			result = mark_clustered(t, table, command->name);
		else if (command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DropCluster)
			result = mark_clustered(t, table, NULL);
	}
	return result;
}

int
define_alter_matview(struct translator *t, const PgQuery__AlterTableStmt *stmt, const struct schema_table *table)
{
	static const PgQuery__AlterTableType accepted[] = { PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner,
		PG_QUERY__ALTER_TABLE_TYPE__AT_SetStatistics, PG_QUERY__ALTER_TABLE_TYPE__AT_SetStorage,
		PG_QUERY__ALTER_TABLE_TYPE__AT_SetCompression, PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions,
		PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions, PG_QUERY__ALTER_TABLE_TYPE__AT_SetOptions,
		PG_QUERY__ALTER_TABLE_TYPE__AT_ResetOptions, PG_QUERY__ALTER_TABLE_TYPE__AT_ClusterOn,
		PG_QUERY__ALTER_TABLE_TYPE__AT_DropCluster, PG_QUERY__ALTER_TABLE_TYPE__AT_SetTableSpace };

	for (size_t i = 0; i < stmt->n_cmds; i++) {
		bool found = false;

		for (size_t n = 0; n < sizeof(accepted) / sizeof(accepted[0]); n++)
			found |= accepted[n] == stmt->cmds[i]->alter_table_cmd->subtype;
		if (!found) {
			translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE,
			    "ALTER action cannot be performed on relation \"%s\"", table->name);
			report_detail(t->report, "This operation is not supported for materialized views.");
			return -1;
		}
	}
	return mark_matview(t, stmt, table) == -1 ? -1 : parameter_alter_all(t, stmt, table);
}
