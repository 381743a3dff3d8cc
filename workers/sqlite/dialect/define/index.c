/*
 * CREATE INDEX. Operator classes, NULLS FIRST/LAST and INCLUDE change how PostgreSQL finds rows, not which: dropped.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/define.h"

static int
check_index(struct translator *t, const PgQuery__IndexStmt *stmt)
{
	const char *method = stmt->access_method;

	if (method != NULL && *method != '\0' && strcmp(method, "btree") != 0 && strcmp(method, "hash") != 0)
		return translate_refuse(t, -1, "an index of that access method");
	if (stmt->nulls_not_distinct)
		return translate_refuse(t, -1, "NULLS NOT DISTINCT");
	return 0;
}

/* What a part of the index adds to its name. */
static const char *
part_name(const PgQuery__IndexElem *element)
{
	if (element->name != NULL && *element->name != '\0')
		return element->name;
	if (element->expr != NULL && element->expr->node_case == PG_QUERY__NODE__NODE_FUNC_CALL)
		return translate_last_string(element->expr->func_call->funcname, element->expr->func_call->n_funcname);
	return "expr";
}

static char *
join_parts(const PgQuery__IndexStmt *stmt)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < stmt->n_index_params; i++)
		fprintf(out, "%s%s", i == 0 ? "" : "_", part_name(stmt->index_params[i]->index_elem));
	return fclose(out) == 0 ? text : NULL;
}

/* "t_a_b_idx", with a number while it is taken. malloc'ed. */
static char *
choose_name(struct translator *t, const PgQuery__IndexStmt *stmt, const struct schema_table *table)
{
	char *parts = join_parts(stmt), *name = NULL;
	char label[32];

	for (unsigned n = 0; parts != NULL && n < UINT_MAX; n++) {
		struct schema_object found;

		(void)snprintf(label, sizeof(label), n == 0 ? "idx" : "idx%u", n);
		name = definition_object_name(table->name, parts, label);
		if (name == NULL || !schema_find_object(schema_database(t->schema), table->schema, name, &found))
			break;
		schema_object_free(&found);
		free(name);
		name = NULL;
	}
	free(parts);
	if (name == NULL)
		(void)translate_out_of_memory(t);
	return name;
}

static int
emit_part(struct translator *t, const struct definition *d, const PgQuery__IndexElem *element)
{
	char *expression;
	int result;

	if (element->name != NULL && *element->name != '\0') {
		if (definition_find_column(d, element->name) == NULL)
			return translate_fail(t, -1, SQLSTATE_UNDEFINED_COLUMN, "column \"%s\" does not exist",
			    element->name);
		result = translate_identifier(t, element->name);
	} else {
		if ((expression = define_expression(t, d, element->expr)) == NULL)
			return -1;
		result = translate_emit_format(t, "(%s)", expression);
		free(expression);
	}
	if (result == 0 && element->ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC)
		result = translate_emit(t, " DESC");
	return result;
}

static int
emit_index(struct translator *t, const PgQuery__IndexStmt *stmt, const struct schema_table *table,
    const struct definition *d, const char *name)
{
	char *condition;
	int result;

	if (translate_emit(t, stmt->unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ") == -1 ||
	    define_emit_relation(t, table->schema, name) == -1 || translate_emit(t, " ON ") == -1 ||
	    translate_identifier(t, table->name) == -1 || translate_emit(t, " (") == -1)
		return -1;
	for (size_t i = 0; i < stmt->n_index_params; i++) {
		if (i > 0 && translate_emit(t, ", ") == -1)
			return -1;
		if (emit_part(t, d, stmt->index_params[i]->index_elem) == -1)
			return -1;
	}
	if (translate_emit(t, ")") == -1)
		return -1;
	if (stmt->where_clause != NULL) {
		if ((condition = define_condition(t, d, stmt->where_clause, "WHERE")) == NULL)
			return -1;
		result = translate_emit_format(t, " WHERE %s", condition);
		free(condition);
		if (result == -1)
			return -1;
	}
	return translate_emit(t, ";\n");
}

int
define_create_index(struct translator *t, const PgQuery__IndexStmt *stmt)
{
	const struct schema_table *table;
	struct definition d;
	bool skip = false;
	char *name;
	int result;

	if (check_index(t, stmt) == -1 || (table = translate_find_changed(t, stmt->relation)) == NULL ||
	    define_load(t, table, &d) == -1)
		return -1;
	name = stmt->idxname != NULL && *stmt->idxname != '\0' ? define_copy(t, stmt->idxname)
							       : choose_name(t, stmt, table);
	result = name == NULL || define_set_target(t, table->name) == -1
	    ? -1
	    : define_check_free(t, table->schema, name, stmt->if_not_exists, &skip);
	if (result == 0 && !skip)
		result = emit_index(t, stmt, table, &d, name);
	free(name);
	definition_free(&d);
	return result;
}
