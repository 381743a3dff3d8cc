/*
 * CREATE INDEX. Operator classes, NULLS FIRST/LAST and INCLUDE change how PostgreSQL finds rows, not which: they are
 * kept for those who ask.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/dialect/define/parameter.h"
#include "workers/sqlite/dialect/define/partition.h"
#include "workers/sqlite/dialect/deparse/deparse.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/names.h"

/* The access method; NULL: btree. */
static const char *
method_of(const PgQuery__IndexStmt *stmt)
{
	const char *method = stmt->access_method;

	return method == NULL || *method == '\0' || strcmp(method, "btree") == 0 ? NULL : method;
}

static int
check_index(struct translator *t, const PgQuery__IndexStmt *stmt)
{
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
	for (size_t i = 0; i < stmt->n_index_including_params; i++)
		fprintf(out, "_%s", part_name(stmt->index_including_params[i]->index_elem));
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

		char *own;

		(void)snprintf(label, sizeof(label), n == 0 ? "idx" : "idx%u", n);
		own = definition_object_name(table->name, parts, label);
		name = own == NULL ? NULL : namespace_beside(table->name, own);
		free(own);
		if (name == NULL || !schema_find_object(t->schema, table->schema, name, &found))
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

/* What stands behind a part in PostgreSQL's text of the index; NULL: that is not known. */
static const char *
part_options(struct translator *t, const char *method, const PgQuery__IndexElem *element)
{
	bool descending = element->ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
	bool first = element->nulls_ordering == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST ||
	    (descending && element->nulls_ordering != PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST);
	const char *class = translate_last_string(element->opclass, element->n_opclass);
	const char *ending = strstr(class, "_pattern_ops");

	if (method != NULL && element->n_collation == 0 && element->n_opclassopts == 0) {
		class = define_method_class(method, class);
		return translator_format(t, "%c%s%c%s%s", KEPT_PART, method, KEPT_PART, *class == '\0' ? "" : " ",
		    class);
	}
	if (element->n_collation > 0 || element->n_opclassopts > 0 ||
	    (*class != '\0' && (ending == NULL || strcmp(ending, "_pattern_ops") != 0)))
		return NULL;
	return translator_format(t, "%s%s%s", *class == '\0' ? "" : " ", class,
	    descending ? (first ? " DESC" : " DESC NULLS LAST") : (first ? " NULLS FIRST" : ""));
}

/* SQLite's text of a part behind PostgreSQL's; `exact`: that can be given. */
static char *
write_part(struct translator *t, const struct definition *d, const char *method, const PgQuery__IndexElem *element,
    bool exact)
{
	bool named = element->name != NULL && *element->name != '\0', call = false;
	const char *options = exact ? part_options(t, method, element) : NULL;
	struct deparse_texts texts = { 0 };
	struct sql_text name = { 0 };
	char *sql;

	if (named) {
		texts.plain = texts.pretty =
		    translator_format(t, "%cc%s%c", KEPT_OWN_BEGIN, element->name, KEPT_OWN_END);
		call = true;
		sql_text_put_identifier(&name, element->name);
		sql_text_put(&name, element->ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC ? " DESC" : "");
		sql = name.data;
	} else {
		(void)deparse_expression(t, d, element->expr, TYPE_UNKNOWN, -1, &texts, &call);
		sql = define_expression(t, d, element->expr);
	}
	if (options == NULL)
		texts = (struct deparse_texts) { 0 };
	return define_keep_texts(t, &texts, call, options, sql);
}

static int
check_immutable(struct translator *t, unsigned nmutable, const char *what)
{
	return t->nmutable == nmutable ? 0
				       : translate_fail(t, -1, SQLSTATE_INVALID_OBJECT_DEFINITION,
					     "functions in index %s must be marked IMMUTABLE", what);
}

static int
emit_part(struct translator *t, const struct definition *d, const char *method, const PgQuery__IndexElem *element,
    bool exact)
{
	bool named = element->name != NULL && *element->name != '\0';
	unsigned nmutable = t->nmutable;
	char *part;
	const struct definition_column *column = named ? definition_find_column(d, element->name) : NULL;
	int result;

	if (named && column == NULL)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_COLUMN, "column \"%s\" does not exist", element->name);
	if (!named && element->expr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR)
		return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "column \"row\" has pseudo-type record");
	if (element->n_collation > 0 &&
	    ((column != NULL && translate_check_collatable(t, column->oid, -1) == -1) ||
		translate_check_collation(t, element->collation, element->n_collation, -1) == -1))
		return -1;
	if (element->n_opclassopts > 0)
		return method == NULL
		    ? translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE, "operator class %s has no options",
			  translate_last_string(element->opclass, element->n_opclass))
		    : translate_refuse(t, -1, "options of an operator class");
	/* PostgreSQL takes COLLATE out of the expression, and shows it behind it. */
	if (!named && element->expr->node_case == PG_QUERY__NODE__NODE_COLLATE_CLAUSE)
		exact = false;
	if ((part = write_part(t, d, method, element, exact)) == NULL)
		return -1;
	result = check_immutable(t, nmutable, "expression");
	if (result == 0)
		result = translate_emit_format(t, named ? "%s" : "(%s)", part);
	free(part);
	if (result == 0 && !named && element->ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC)
		result = translate_emit(t, " DESC");
	return result;
}

/* Of a temporary table it is not kept what PostgreSQL's text of the index says beside its parts and condition. */
static bool
is_exact(const PgQuery__IndexStmt *stmt, const struct schema_table *table)
{
	return strcmp(table->schema, "temp") != 0 || (stmt->n_index_including_params == 0 && stmt->n_options == 0);
}

/* INCLUDE and WITH. */
static int
keep_rest(struct translator *t, const PgQuery__IndexStmt *stmt, const struct schema_table *table, const char *name)
{
	if (strcmp(table->schema, "temp") == 0)
		return 0;
	for (size_t i = 0; i < stmt->n_index_including_params; i++)
		if (parameter_keep(t, COMMENT_INCLUDED, name, stmt->index_including_params[i]->index_elem->name,
			translator_format(t, "%zu", i + 1)) == -1)
			return -1;
	return parameter_set(t, COMMENT_OPTIONS, name, "", stmt->options, stmt->n_options, false, NULL);
}

static int
check_included(struct translator *t, const PgQuery__IndexStmt *stmt, const struct definition *d)
{
	for (size_t i = 0; i < stmt->n_index_including_params; i++) {
		const PgQuery__IndexElem *element = stmt->index_including_params[i]->index_elem;

		if (element->name == NULL || *element->name == '\0')
			return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "expressions are not supported in included columns");
		if (definition_find_column(d, element->name) == NULL)
			return translate_fail(t, -1, SQLSTATE_UNDEFINED_COLUMN, "column \"%s\" does not exist",
			    element->name);
	}
	return 0;
}

int
define_emit_index(struct translator *t, const PgQuery__IndexStmt *stmt, const struct schema_table *table,
    const struct definition *d, const char *name)
{
	unsigned nmutable;
	char *condition;
	int result;

	if (translate_emit(t, stmt->unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ") == -1 ||
	    define_emit_relation(t, table->schema, name) == -1 || translate_emit(t, " ON ") == -1 ||
	    translate_identifier(t, table->name) == -1 || translate_emit(t, " (") == -1)
		return -1;
	for (size_t i = 0; i < stmt->n_index_params; i++) {
		if (i > 0 && translate_emit(t, ", ") == -1)
			return -1;
		if (emit_part(t, d, method_of(stmt), stmt->index_params[i]->index_elem, is_exact(stmt, table)) == -1)
			return -1;
	}
	if (translate_emit(t, ")") == -1)
		return -1;
	nmutable = t->nmutable;
	if (stmt->where_clause != NULL) {
		if ((condition = define_keep(t, d, stmt->where_clause, TYPE_BOOL, -1,
			 define_condition(t, d, stmt->where_clause, "WHERE"))) == NULL)
			return -1;
		result = check_immutable(t, nmutable, "predicate");
		if (result == 0)
			result = translate_emit_format(t, " WHERE %s", condition);
		free(condition);
		if (result == -1)
			return -1;
	}
	return translate_emit(t, ";\n") == -1 ? -1 : keep_rest(t, stmt, table, name);
}

/* A unique index of a partitioned table has all columns that it is partitioned by. */
static int
check_partitioned(struct translator *t, const PgQuery__IndexStmt *stmt, const struct definition *d)
{
	struct definition index = { .name = d->name };
	struct definition_constraint *c;
	int result = 0;

	if (d->partition == NULL)
		return 0;
	if (!stmt->relation->inh)
		return translate_refuse(t, -1, "CREATE INDEX ON ONLY of a partitioned table");
	if (stmt->concurrent)
		return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "cannot create index on partitioned table \"%s\" concurrently", d->name);
	if (!stmt->unique)
		return 0;
	if ((c = definition_add_constraint(&index, DEFINITION_UNIQUE)) == NULL)
		return translate_out_of_memory(t);
	for (size_t i = 0; result == 0 && i < stmt->n_index_params; i++) {
		const char *name = stmt->index_params[i]->index_elem->name;

		if (name != NULL && *name != '\0' && definition_add_name(&c->columns, name) == -1)
			result = translate_out_of_memory(t);
	}
	if (result == 0)
		result = define_check_keys(t, &index, d->partition);
	index.name = NULL;
	definition_free(&index);
	return result;
}

int
define_create_index(struct translator *t, const PgQuery__IndexStmt *stmt)
{
	const struct schema_table *table;
	struct definition d;
	bool skip = false;
	char *name;
	int result;

	t->plan->alone = stmt->concurrent;
	if (check_index(t, stmt) == -1 || (table = translate_find_changed(t, stmt->relation)) == NULL ||
	    define_load_rows(t, table, &d) == -1)
		return -1;
	if ((method_of(stmt) != NULL && define_check_method(t, stmt, &d) == -1) ||
	    check_partitioned(t, stmt, &d) == -1 || check_included(t, stmt, &d) == -1 ||
	    parameter_check(t, parameter_kind(method_of(stmt)), stmt->options, stmt->n_options, false) == -1) {
		definition_free(&d);
		return -1;
	}
	name = stmt->idxname != NULL && *stmt->idxname != '\0' ? define_copy_beside(t, table->name, stmt->idxname)
							       : choose_name(t, stmt, table);
	result = name == NULL || define_set_target(t, table->name) == -1
	    ? -1
	    : define_check_free(t, table->schema, name, stmt->if_not_exists, &skip);
	if (result == 0 && !skip)
		result = define_emit_index(t, stmt, table, &d, name);
	free(name);
	definition_free(&d);
	return result;
}

/* ALTER INDEX ... SET (...), RESET (...). */
int
define_alter_index_parameters(struct translator *t, const PgQuery__AlterTableStmt *stmt)
{
	const char *schema, *name;
	struct schema_object found;
	int result = 0;

	if (translate_relation_name(t, stmt->relation, &schema, &name) == -1)
		return -1;
	if (!schema_find_object(t->schema, schema == NULL ? "public" : schema, name, &found))
		return 0; /* of a constraint, or temporary: nothing is kept */
	for (size_t i = 0; result == 0 && i < stmt->n_cmds; i++) {
		const PgQuery__AlterTableCmd *command = stmt->cmds[i]->alter_table_cmd;
		bool reset = command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions;
		char method[DESCRIBE_METHOD_SIZE];
		const PgQuery__List *list;

		if (!reset && command->subtype != PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions)
			continue;
		list = command->def->list;
		if (found.type != 'i' || found.sql == NULL || (schema != NULL && strcmp(schema, "temp") == 0))
			continue;
		result = parameter_check(t, parameter_kind(describe_index_method(found.sql, method)), list->items,
			     list->n_items, reset) == -1
		    ? -1
		    : parameter_set(t, COMMENT_OPTIONS, found.name, "", list->items, list->n_items, reset, NULL);
	}
	schema_object_free(&found);
	return result;
}
