/*
 * CREATE TABLE, CREATE TABLE AS, SELECT INTO.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/inherit.h"
#include "workers/sqlite/dialect/define/like.h"
#include "workers/sqlite/dialect/define/parameter.h"
#include "workers/sqlite/dialect/define/partition.h"
#include "workers/sqlite/schema/names.h"

/* Both forms of CREATE TABLE have it. */
static int
check_on_commit(struct translator *t, PgQuery__OnCommitAction action, const PgQuery__RangeVar *relation)
{
	if (action > PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_NOOP &&
	    (relation->relpersistence == NULL || relation->relpersistence[0] != 't') &&
	    (relation->schemaname == NULL || strncmp(relation->schemaname, "pg_temp", 7) != 0))
		return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "ON COMMIT can only be used on temporary tables");
	return 0;
}

static void
take_on_commit(struct translator *t, struct definition *d, PgQuery__OnCommitAction action)
{
	d->commit_deletes = action == PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_DELETE_ROWS;
	d->commit_drops = action == PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_DROP;
	t->plan->on_commit = d->commit_deletes || d->commit_drops;
}

static int
refuse_options(struct translator *t, const PgQuery__CreateStmt *stmt)
{
	if (stmt->n_inh_relations > 0 && stmt->partspec != NULL && stmt->partbound == NULL)
		return translate_fail(t, -1, SQLSTATE_INVALID_OBJECT_DEFINITION,
		    "cannot create partitioned table as inheritance child");
	if (stmt->of_typename != NULL)
		return translate_refuse(t, -1, "CREATE TABLE OF");
	if (parameter_check(t, 't', stmt->options, stmt->n_options, false) == -1)
		return -1;
	return check_on_commit(t, stmt->oncommit, stmt->relation);
}

static int
add_elements(struct translator *t, struct definition *d, const char *schema, const PgQuery__CreateStmt *stmt)
{
	struct define_pending *pending = NULL;
	int result = stmt->n_inh_relations > 0 ? inherit_begin(t, d, schema, stmt) : 0, merged;

	for (size_t i = 0; result == 0 && i < stmt->n_table_elts; i++) {
		const PgQuery__Node *node = stmt->table_elts[i];

		if (node->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF)
			result = (merged = inherit_merge_column(t, d, node->column_def, &pending)) != 0
			    ? (merged < 0 ? -1 : 0)
			    : define_add_column(t, d, node->column_def, &pending);
		else if (node->node_case == PG_QUERY__NODE__NODE_CONSTRAINT)
			result = define_queue(t, &pending, node->constraint, UINT_MAX);
		else if (node->node_case == PG_QUERY__NODE__NODE_TABLE_LIKE_CLAUSE)
			result = define_copy_columns(t, d, node->table_like_clause);
		else
			result = translate_refuse(t, -1, "this part of CREATE TABLE");
	}
	for (size_t i = 0; result == 0 && i < stmt->n_table_elts; i++)
		if (stmt->table_elts[i]->node_case == PG_QUERY__NODE__NODE_TABLE_LIKE_CLAUSE)
			result = define_copy_constraints(t, d, stmt->table_elts[i]->table_like_clause);
	for (size_t i = 0; result == 0 && i < stmt->n_constraints; i++) {
		if (stmt->constraints[i]->node_case == PG_QUERY__NODE__NODE_CONSTRAINT)
			result = define_queue(t, &pending, stmt->constraints[i]->constraint, UINT_MAX);
	}
	return result == -1 ? -1 : define_resolve(t, d, schema, pending);
}

/* SQLite has no table without columns: one that nothing names stands in. */
static int
check_columns(struct translator *t, const struct definition *d)
{
	return d->ncolumns > 0 ? 0 : translate_refuse(t, -1, "a table without columns");
}

static int
begin_definition(struct translator *t, struct definition *d, const char *schema, const char *name,
    const PgQuery__RangeVar *relation)
{
	*d = (struct definition) { .temporary = strcmp(schema, "temp") == 0,
		.unlogged = relation->relpersistence != NULL && relation->relpersistence[0] == 'u' };
	return (d->name = define_copy(t, name)) == NULL ? -1 : 0;
}

static int
copy_behind(struct translator *t, const char *schema, const struct definition *d, const PgQuery__CreateStmt *stmt)
{
	struct definition_names made = { 0 };
	int result = 0;

	for (size_t i = 0; result == 0 && i < stmt->n_table_elts; i++)
		if (stmt->table_elts[i]->node_case == PG_QUERY__NODE__NODE_TABLE_LIKE_CLAUSE)
			result =
			    define_copy_indexes(t, schema, d->name, stmt->table_elts[i]->table_like_clause, &made) == -1
			    ? -1
			    : define_copy_comments(t, d, stmt->table_elts[i]->table_like_clause);
	definition_names_free(&made);
	return result;
}

static int
set_partition_key(struct translator *t, struct definition *d, const PgQuery__PartitionSpec *spec)
{
	const char *key = define_partition_key(t, d, spec);

	for (unsigned i = 0; key != NULL && i < d->nconstraints; i++)
		if (d->constraints[i].no_inherit)
			return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
			    "cannot add NO INHERIT constraint to partitioned table \"%s\"",
			    namespace_relation(d->name));
	if (key == NULL || define_check_keys(t, d, key) == -1)
		return -1;
	return (d->partition = define_copy(t, key)) == NULL ? -1 : 0;
}

static int
emit_partitioned(struct translator *t, const struct definition *d)
{
	const struct schema_table *root = define_scope_table(t, d);

	return root == NULL ? -1 : define_emit_partitioned(t, root);
}

int
define_create_table(struct translator *t, const PgQuery__CreateStmt *stmt)
{
	const char *schema, *name;
	struct definition d;
	bool skip = false;
	int result;

	if (refuse_options(t, stmt) == -1)
		return -1;
	if (stmt->partbound != NULL)
		return define_create_partition(t, stmt);
	if (define_new_relation(t, stmt->relation, &schema, &name) == -1 || define_set_target(t, name) == -1 ||
	    (stmt->if_not_exists && define_check_free(t, schema, name, true, &skip) == -1))
		return -1;
	if (skip)
		return 0;
	if (begin_definition(t, &d, schema, name, stmt->relation) == -1)
		return -1;
	take_on_commit(t, &d, stmt->oncommit);
	/* What is wrong with the definition is said before that the name is taken. */
	result = add_elements(t, &d, schema, stmt);
	if (result == 0)
		result = check_columns(t, &d);
	if (result == 0)
		result = define_check_free(t, schema, name, false, &skip);
	if (result == 0 && stmt->partspec != NULL)
		result = set_partition_key(t, &d, stmt->partspec);
	if (result == 0)
		result = define_settle(t, &d);
	if (result == 0)
		result = define_emit_table(t, &d, schema, name);
	if (result == 0)
		result = define_emit_late(t, &d, schema, name, false);
	if (result == 0 && d.partition != NULL)
		result = emit_partitioned(t, &d);
	if (result == 0)
		result = copy_behind(t, schema, &d, stmt);
	if (result == 0 && !d.temporary)
		result = parameter_inherit(t, &d) == -1 ||
			parameter_collates(t, d.name, stmt->table_elts, stmt->n_table_elts) == -1
		    ? -1
		    : parameter_set(t, COMMENT_OPTIONS, d.name, "", stmt->options, stmt->n_options, false, NULL);
	definition_free(&d);
	return result;
}

int
define_columns_of_query(struct translator *t, struct definition *d, const PgQuery__IntoClause *into,
    const struct query_columns *columns)
{
	if (into->n_col_names > columns->n)
		return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR, "too many column names were specified");
	for (unsigned i = 0; i < columns->n; i++) {
		const char *name =
		    i < into->n_col_names ? translate_string(into->col_names[i]) : columns->columns[i].name;
		uint32_t oid = columns->columns[i].domain != 0 ? columns->columns[i].domain
		    : columns->columns[i].oid == TYPE_UNKNOWN  ? (uint32_t)TYPE_TEXT
							       : columns->columns[i].oid;
		struct definition_column *column;

		if (definition_find_column(d, name) != NULL)
			return translate_fail(t, -1, SQLSTATE_DUPLICATE_COLUMN,
			    "column \"%s\" specified more than once", name);
		if ((column = definition_add_column(d)) == NULL || (column->name = define_copy(t, name)) == NULL)
			return translate_out_of_memory(t);
		if (define_set_type(t, column, oid, columns->columns[i].typmod) == -1)
			return -1;
	}
	return check_columns(t, d);
}

static int
emit_filled_table(struct translator *t, struct definition *d, const char *schema, const PgQuery__IntoClause *into,
    const PgQuery__SelectStmt *select)
{
	struct query_columns columns = { 0 };
	size_t from = t->out.length;
	char *query;
	int result;

	t->unread = into->skip_data;
	if (translate_select(t, select, &columns) == -1 || (query = define_take(t, from)) == NULL)
		return -1;
	result = define_columns_of_query(t, d, into, &columns);
	if (result == 0)
		result = define_settle(t, d);
	if (result == 0)
		result = define_emit_table(t, d, schema, d->name);
	if (result == 0 && !into->skip_data)
		result = translate_emit(t, "INSERT INTO ") == -1 || define_emit_relation(t, schema, d->name) == -1 ||
			translate_emit(t, " ") == -1 || translate_emit(t, query) == -1
		    ? -1
		    : translate_emit(t, ";\n");
	free(query);
	return result == 0 && !d->temporary
	    ? parameter_set(t, COMMENT_OPTIONS, d->name, "", into->options, into->n_options, false, NULL)
	    : result;
}

static int
create_filled_table(struct translator *t, const PgQuery__IntoClause *into, const PgQuery__SelectStmt *select,
    bool if_not_exists)
{
	const char *schema, *name;
	struct definition d;
	bool skip;
	int result;

	if (check_on_commit(t, into->on_commit, into->rel) == -1 ||
	    parameter_check(t, 't', into->options, into->n_options, false) == -1 ||
	    define_new_relation(t, into->rel, &schema, &name) == -1 || define_set_target(t, name) == -1 ||
	    define_check_free(t, schema, name, if_not_exists, &skip) == -1)
		return -1;
	t->plan->counts_rows = !into->skip_data && !skip;
	if (skip)
		return translate_finish(t, DIALECT_DEFINE, "CREATE TABLE AS");
	if (begin_definition(t, &d, schema, name, into->rel) == -1)
		return -1;
	take_on_commit(t, &d, into->on_commit);
	result = emit_filled_table(t, &d, schema, into, select);
	definition_free(&d);
	if (result == 0)
		result = translate_finish(t, DIALECT_DEFINE, into->skip_data ? "CREATE TABLE AS" : "SELECT");
	return result;
}

int
define_create_table_as(struct translator *t, const PgQuery__CreateTableAsStmt *stmt)
{
	if (stmt->objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE)
		return define_create_matview(t, stmt);
	if (stmt->query->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
		return translate_refuse(t, -1, "CREATE TABLE AS EXECUTE");
	return create_filled_table(t, stmt->into, stmt->query->select_stmt, stmt->if_not_exists);
}

int
define_select_into(struct translator *t, const PgQuery__SelectStmt *stmt)
{
	PgQuery__SelectStmt select = *stmt;

	t->plan->selects_into = true;
	select.into_clause = NULL;
	return create_filled_table(t, stmt->into_clause, &select, false);
}
