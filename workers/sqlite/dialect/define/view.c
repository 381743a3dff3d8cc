/*
 * CREATE VIEW. The types of its columns stand in a comment of its text: SQLite knows only those of plain columns.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/dialect/deparse/deparse.h"
#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/view_target.h"
#include "workers/sqlite/schema/kept.h"

static int
emit_columns(struct translator *t, const PgQuery__ViewStmt *stmt, const struct query_columns *columns)
{
	struct definition_names names = { 0 };
	int result = 0;

	if (stmt->n_aliases > columns->n)
		return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR,
		    "CREATE VIEW specifies more column names than "
		    "columns");
	for (unsigned i = 0; result == 0 && i < columns->n; i++) {
		const char *name = i < stmt->n_aliases ? translate_string(stmt->aliases[i]) : columns->columns[i].name;

		if (definition_names_has(&names, name))
			result = translate_fail(t, -1, SQLSTATE_DUPLICATE_COLUMN,
			    "column \"%s\" specified more than once", name);
		else if (definition_add_name(&names, name) == -1)
			result = translate_out_of_memory(t);
		else
			result = translate_emit(t, i == 0 ? " (" : ", ") == -1 ? -1 : translate_identifier(t, name);
	}
	definition_names_free(&names);
	if (result == 0)
		result = translate_emit(t, ") AS " SCHEMA_VIEW_TYPES);
	for (unsigned i = 0; result == 0 && i < columns->n; i++) {
		uint32_t oid = columns->columns[i].oid == TYPE_UNKNOWN ? TYPE_TEXT : columns->columns[i].oid;

		result = translate_emit_format(t, "%u:%d ", (unsigned)oid, (int)columns->columns[i].typmod);
	}
	return result == 0 ? translate_emit(t, SCHEMA_VIEW_CANONICAL "*/ ") : -1;
}

/* PostgreSQL's own text of the query. */
static int
emit_kept(struct translator *t, const PgQuery__ViewStmt *stmt, const struct query_columns *columns, const char *query)
{
	const char **names = translator_alloc(t, (columns->n + 1) * sizeof(const char *));
	const char *options = NULL;
	struct deparse_texts texts;
	char *comment;
	int result;

	if (names == NULL)
		return -1;
	for (unsigned i = 0; i < columns->n; i++)
		names[i] = i < stmt->n_aliases ? translate_string(stmt->aliases[i]) : columns->columns[i].name;
	if (deparse_view(t, stmt->query->select_stmt, names, columns->n, &texts))
		options = view_options(t, texts.plain, columns->n);
	if ((comment = kept_comment(texts.plain, texts.pretty, false, options, query)) == NULL)
		return translate_out_of_memory(t);
	result = translate_emit(t, comment);
	free(comment);
	return result;
}

/* OR REPLACE may add columns at the end, and change nothing of those that others rely on. */
static int
check_replaced(struct translator *t, const PgQuery__ViewStmt *stmt, const struct schema_table *old,
    const struct query_columns *columns)
{
	if (columns->n < old->ncolumns)
		return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION, "cannot drop columns from view");
	for (unsigned i = 0; i < old->ncolumns; i++) {
		const struct schema_column *before = &old->columns[i];
		const char *name = i < stmt->n_aliases ? translate_string(stmt->aliases[i]) : columns->columns[i].name;
		uint32_t oid = columns->columns[i].oid == TYPE_UNKNOWN ? TYPE_TEXT : columns->columns[i].oid;

		if (strcmp(before->name, name) != 0)
			return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
			    "cannot change name of view column \"%s\" to \"%s\"", before->name, name);
		if (before->oid != oid)
			return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
			    "cannot change data type of view column \"%s\" from %s to %s", name,
			    type_display(t, before->oid), type_display(t, oid));
	}
	return 0;
}

static int
emit_view(struct translator *t, const PgQuery__ViewStmt *stmt, const char *schema, const char *name)
{
	struct query_columns columns = { 0 };
	const struct schema_table *old;
	size_t from = t->out.length;
	char *query;
	int result;

	t->stored_view = strcmp(schema, "public") == 0;
	if (translate_select(t, stmt->query->select_stmt, &columns) == -1)
		return -1;
	t->stored_view = false;
	old = stmt->replace ? schema_find_table(t->schema, schema, name) : NULL;
	if (old != NULL && old->kind == 'v' && check_replaced(t, stmt, old, &columns) == -1)
		return -1;
	if ((query = define_take(t, from)) == NULL)
		return -1;
	result = translate_emit(t, strcmp(schema, "temp") == 0 ? "CREATE TEMP VIEW " : "CREATE VIEW ");
	if (result == 0)
		result =
		    strcmp(schema, "temp") == 0 ? translate_identifier(t, name) : define_emit_relation(t, schema, name);
	if (result == 0)
		result = emit_columns(t, stmt, &columns);
	if (result == 0)
		result = emit_kept(t, stmt, &columns, query);
	if (result == 0)
		result = translate_emit(t, query) == -1 ? -1 : translate_emit(t, ";\n");
	free(query);
	return result;
}

/* OR REPLACE: a view of that name goes first; a table of that name is no view. */
static int
replace_view(struct translator *t, const char *schema, const char *name)
{
	struct schema_object found;
	char type;

	if (!schema_find_object(schema_database(t->schema), schema, name, &found))
		return 0;
	type = found.type;
	schema_object_free(&found);
	if (type != 'v')
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a view", name);
	if (translate_emit(t, "DROP VIEW ") == -1 || define_emit_relation(t, schema, name) == -1)
		return -1;
	return translate_emit(t, ";\n");
}

int
define_create_view(struct translator *t, const PgQuery__ViewStmt *stmt)
{
	const char *schema, *name;
	bool skip;

	if (stmt->with_check_option > PG_QUERY__VIEW_CHECK_OPTION__NO_CHECK_OPTION)
		return translate_refuse(t, -1, "WITH CHECK OPTION");
	if (stmt->query->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
		return translate_refuse(t, -1, "a view of that query");
	if (define_new_relation(t, stmt->view, &schema, &name) == -1 || define_set_target(t, name) == -1)
		return -1;
	if (stmt->replace ? replace_view(t, schema, name) == -1
			  : define_check_free(t, schema, name, false, &skip) == -1)
		return -1;
	return emit_view(t, stmt, schema, name);
}
