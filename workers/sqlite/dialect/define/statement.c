/*
 * The table of all kinds of statements and their translators; the translators of those that read and change rows choose
 * here between one SQLite statement and several steps.
 */
#include "workers/sqlite/dialect/define/statement.h"

#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/dialect/define/comment.h"
#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/dialect/fire.h"
#include "workers/sqlite/dialect/statements.h"
#include "workers/sqlite/dialect/steps/steps.h"
#include "workers/sqlite/schema/inherit.h"

static statement_fn query, insert, update, delete_rows;

/* DDL functions take their own kind of statement; the table takes nodes. */
#define DEFINE(function, field) \
	static int ddl_##field(struct translator *t, const PgQuery__Node *node) \
	{ \
		return function(t, node->field); \
	}
DEFINE(define_create_table, create_stmt)
DEFINE(define_create_table_as, create_table_as_stmt)
DEFINE(define_refresh_matview, refresh_mat_view_stmt)
DEFINE(define_alter_table, alter_table_stmt)
DEFINE(define_rename, rename_stmt)
DEFINE(define_alter_function, alter_function_stmt)
DEFINE(define_drop, drop_stmt)
DEFINE(define_truncate, truncate_stmt)
DEFINE(define_create_index, index_stmt)
DEFINE(define_create_view, view_stmt)
DEFINE(define_create_sequence, create_seq_stmt)
DEFINE(define_alter_sequence, alter_seq_stmt)
DEFINE(define_create_schema, create_schema_stmt)
DEFINE(define_set_schema, alter_object_schema_stmt)
DEFINE(define_alter_owner, alter_owner_stmt)
DEFINE(define_create_enum, create_enum_stmt)
DEFINE(define_create_row, composite_type_stmt)
DEFINE(define_create_extension, create_extension_stmt)
DEFINE(define_alter_extension, alter_extension_stmt)
DEFINE(define_alter_enum, alter_enum_stmt)
DEFINE(define_create_domain, create_domain_stmt)
DEFINE(define_alter_domain, alter_domain_stmt)
DEFINE(define_create_trigger, create_trig_stmt)
DEFINE(define_create_function, create_function_stmt)
DEFINE(define_grant, grant_stmt)
DEFINE(define_grant_role, grant_role_stmt)
DEFINE(define_default_privileges, alter_default_privileges_stmt)
DEFINE(define_create_role, create_role_stmt)
DEFINE(define_alter_role, alter_role_stmt)
DEFINE(define_drop_role, drop_role_stmt)
DEFINE(define_drop_database, dropdb_stmt)
DEFINE(define_comment, comment_stmt)
#undef DEFINE

static const struct statement {
	PgQuery__Node__NodeCase node;
	statement_fn *translate;
	const char *tag; /* DDL: its command tag */
} statements[] = {
	{ PG_QUERY__NODE__NODE_SELECT_STMT, query, NULL },
	{ PG_QUERY__NODE__NODE_INSERT_STMT, insert, NULL },
	{ PG_QUERY__NODE__NODE_UPDATE_STMT, update, NULL },
	{ PG_QUERY__NODE__NODE_DELETE_STMT, delete_rows, NULL },
	{ PG_QUERY__NODE__NODE_MERGE_STMT, statement_merge, NULL },
	{ PG_QUERY__NODE__NODE_TRANSACTION_STMT, statement_transaction, NULL },
	{ PG_QUERY__NODE__NODE_VARIABLE_SET_STMT, statement_set, NULL },
	{ PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT, statement_show, NULL },
	{ PG_QUERY__NODE__NODE_DISCARD_STMT, statement_discard, NULL },
	{ PG_QUERY__NODE__NODE_CONSTRAINTS_SET_STMT, statement_set_constraints, NULL },
	{ PG_QUERY__NODE__NODE_DECLARE_CURSOR_STMT, statement_declare, NULL },
	{ PG_QUERY__NODE__NODE_FETCH_STMT, statement_fetch, NULL },
	{ PG_QUERY__NODE__NODE_CLOSE_PORTAL_STMT, statement_close, NULL },
	{ PG_QUERY__NODE__NODE_PREPARE_STMT, statement_prepare, NULL },
	{ PG_QUERY__NODE__NODE_EXECUTE_STMT, statement_execute, NULL },
	{ PG_QUERY__NODE__NODE_DEALLOCATE_STMT, statement_deallocate, NULL },
	{ PG_QUERY__NODE__NODE_EXPLAIN_STMT, statement_explain, NULL },
	{ PG_QUERY__NODE__NODE_COPY_STMT, statement_copy, NULL },
	{ PG_QUERY__NODE__NODE_VACUUM_STMT, statement_vacuum, NULL },
	{ PG_QUERY__NODE__NODE_CHECK_POINT_STMT, statement_checkpoint, NULL },
	{ PG_QUERY__NODE__NODE_REINDEX_STMT, statement_reindex, NULL },
	{ PG_QUERY__NODE__NODE_CLUSTER_STMT, statement_cluster, NULL },
	{ PG_QUERY__NODE__NODE_LOCK_STMT, statement_lock, NULL },
	{ PG_QUERY__NODE__NODE_COMMENT_STMT, ddl_comment_stmt, "COMMENT" },
	{ PG_QUERY__NODE__NODE_NOTIFY_STMT, statement_notify, NULL },
	{ PG_QUERY__NODE__NODE_LISTEN_STMT, statement_listen, NULL },
	{ PG_QUERY__NODE__NODE_UNLISTEN_STMT, statement_unlisten, NULL },
	{ PG_QUERY__NODE__NODE_DO_STMT, statement_do, NULL },
	{ PG_QUERY__NODE__NODE_CALL_STMT, statement_call, NULL },
	{ PG_QUERY__NODE__NODE_CREATE_STMT, ddl_create_stmt, "CREATE TABLE" },
	{ PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT, ddl_create_table_as_stmt, "SELECT" },
	{ PG_QUERY__NODE__NODE_REFRESH_MAT_VIEW_STMT, ddl_refresh_mat_view_stmt, "REFRESH MATERIALIZED VIEW" },
	{ PG_QUERY__NODE__NODE_ALTER_TABLE_STMT, ddl_alter_table_stmt, "ALTER TABLE" },
	{ PG_QUERY__NODE__NODE_ALTER_FUNCTION_STMT, ddl_alter_function_stmt, "ALTER FUNCTION" },
	{ PG_QUERY__NODE__NODE_RENAME_STMT, ddl_rename_stmt, "ALTER TABLE" },
	{ PG_QUERY__NODE__NODE_DROP_STMT, ddl_drop_stmt, "DROP TABLE" },
	{ PG_QUERY__NODE__NODE_TRUNCATE_STMT, ddl_truncate_stmt, "TRUNCATE TABLE" },
	{ PG_QUERY__NODE__NODE_INDEX_STMT, ddl_index_stmt, "CREATE INDEX" },
	{ PG_QUERY__NODE__NODE_VIEW_STMT, ddl_view_stmt, "CREATE VIEW" },
	{ PG_QUERY__NODE__NODE_CREATE_SEQ_STMT, ddl_create_seq_stmt, "CREATE SEQUENCE" },
	{ PG_QUERY__NODE__NODE_ALTER_SEQ_STMT, ddl_alter_seq_stmt, "ALTER SEQUENCE" },
	{ PG_QUERY__NODE__NODE_CREATE_SCHEMA_STMT, ddl_create_schema_stmt, "CREATE SCHEMA" },
	{ PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT, ddl_alter_object_schema_stmt, "ALTER TABLE" },
	{ PG_QUERY__NODE__NODE_ALTER_OWNER_STMT, ddl_alter_owner_stmt, "ALTER TABLE" },
	{ PG_QUERY__NODE__NODE_CREATE_ENUM_STMT, ddl_create_enum_stmt, "CREATE TYPE" },
	{ PG_QUERY__NODE__NODE_COMPOSITE_TYPE_STMT, ddl_composite_type_stmt, "CREATE TYPE" },
	{ PG_QUERY__NODE__NODE_CREATE_EXTENSION_STMT, ddl_create_extension_stmt, "CREATE EXTENSION" },
	{ PG_QUERY__NODE__NODE_ALTER_EXTENSION_STMT, ddl_alter_extension_stmt, "ALTER EXTENSION" },
	{ PG_QUERY__NODE__NODE_ALTER_ENUM_STMT, ddl_alter_enum_stmt, "ALTER TYPE" },
	{ PG_QUERY__NODE__NODE_CREATE_DOMAIN_STMT, ddl_create_domain_stmt, "CREATE DOMAIN" },
	{ PG_QUERY__NODE__NODE_ALTER_DOMAIN_STMT, ddl_alter_domain_stmt, "ALTER DOMAIN" },
	{ PG_QUERY__NODE__NODE_GRANT_STMT, ddl_grant_stmt, "GRANT" },
	{ PG_QUERY__NODE__NODE_GRANT_ROLE_STMT, ddl_grant_role_stmt, "GRANT ROLE" },
	{ PG_QUERY__NODE__NODE_ALTER_DEFAULT_PRIVILEGES_STMT, ddl_alter_default_privileges_stmt,
	    "ALTER DEFAULT PRIVILEGES" },
	{ PG_QUERY__NODE__NODE_CREATE_ROLE_STMT, ddl_create_role_stmt, "CREATE ROLE" },
	{ PG_QUERY__NODE__NODE_ALTER_ROLE_STMT, ddl_alter_role_stmt, "ALTER ROLE" },
	{ PG_QUERY__NODE__NODE_DROP_ROLE_STMT, ddl_drop_role_stmt, "DROP ROLE" },
	{ PG_QUERY__NODE__NODE_DROPDB_STMT, ddl_dropdb_stmt, "DROP DATABASE" },
	{ PG_QUERY__NODE__NODE_CREATE_TRIG_STMT, ddl_create_trig_stmt, "CREATE TRIGGER" },
	{ PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT, ddl_create_function_stmt, "CREATE FUNCTION" },
};

static int define(struct translator *t, const struct statement *statement, const PgQuery__Node *node);

/* INTO of a set operation stands in its first query. */
static void
raise_into(PgQuery__SelectStmt *select)
{
	PgQuery__SelectStmt *first = select;

	while (first->op > PG_QUERY__SET_OPERATION__SETOP_NONE && first->larg != NULL)
		first = first->larg;
	if (first == select || first->into_clause == NULL || select->into_clause != NULL)
		return;
	select->into_clause = first->into_clause;
	first->into_clause = NULL;
}

static int
select_into(struct translator *t, const PgQuery__Node *node)
{
	return define_select_into(t, node->select_stmt);
}

static int
query(struct translator *t, const PgQuery__Node *node)
{
	static const struct statement into = { PG_QUERY__NODE__NODE_SELECT_STMT, select_into, "SELECT" };
	struct query_columns columns;
	int assigned;

	raise_into(node->select_stmt);
	if (node->select_stmt->into_clause != NULL)
		return define(t, &into, node);

	t->lift = true;
	t->plan->counts_rows = true;
	if (steps_with_changes(node->select_stmt->with_clause))
		return steps_translate_with(t, node);
	t->plan->read_only = true;
	if ((assigned = translate_routine_call(t, node->select_stmt)) != 0)
		return assigned < 0 ? -1 : 0;
	if ((assigned = translate_assigned(t, node->select_stmt, &columns)) < 0)
		return -1;
	if (assigned > 0)
		return translate_plan_columns(t, &columns) < 0 ? -1 : translate_finish(t, DIALECT_QUERY, "SELECT");
	t->plan->rescans = select_rescans(node->select_stmt);
	if (translate_select_shown(t, node->select_stmt, &columns) < 0 || translate_returned(t, 0, &columns) < 0 ||
	    translate_plan_columns(t, &columns) < 0)
		return -1;
	return translate_finish(t, DIALECT_QUERY, "SELECT");
}

static int
insert(struct translator *t, const PgQuery__Node *node)
{
	t->lift = t->plan->counts_rows = true;
	if (steps_with_changes(node->insert_stmt->with_clause))
		return steps_translate_with(t, node);
	t->fires = true;
	return translate_insert(t, node->insert_stmt) < 0 ? -1 : translate_finish(t, DIALECT_MODIFY, "INSERT 0");
}

static int
update(struct translator *t, const PgQuery__Node *node)
{
	struct query_columns columns;

	t->lift = t->plan->counts_rows = true;
	if (variable_is_part(t)) {
		t->plan->read_only = true;
		return translate_variable_part(t, node->update_stmt, &columns) < 0 ||
			translate_plan_columns(t, &columns) < 0
		    ? -1
		    : translate_finish(t, DIALECT_QUERY, "SELECT");
	}
	if (steps_with_changes(node->update_stmt->with_clause) ||
	    (steps_is_joined(node) && !modify_fires_rows(t, node->update_stmt->relation, MODIFY_UPDATE)))
		return steps_translate_with(t, node);
	t->fires = true;
	return translate_update(t, node->update_stmt) < 0 ? -1 : translate_finish(t, DIALECT_MODIFY, "UPDATE");
}

static int
delete_rows(struct translator *t, const PgQuery__Node *node)
{
	t->lift = t->plan->counts_rows = true;
	if (steps_with_changes(node->delete_stmt->with_clause) ||
	    (steps_is_joined(node) && !modify_fires_rows(t, node->delete_stmt->relation, MODIFY_DELETE)))
		return steps_translate_with(t, node);
	t->fires = true;
	return translate_delete(t, node->delete_stmt) < 0 ? -1 : translate_finish(t, DIALECT_MODIFY, "DELETE");
}

/* A column's DROP may take views with it. */
static bool
drops_something(const PgQuery__Node *node)
{
	return node->node_case == PG_QUERY__NODE__NODE_DROP_STMT ||
	    node->node_case == PG_QUERY__NODE__NODE_ALTER_TABLE_STMT;
}

static int
define(struct translator *t, const struct statement *statement, const PgQuery__Node *node)
{
	bool temporary = define_is_temporary(t, node);
	bool open =
	    node->node_case == PG_QUERY__NODE__NODE_TRUNCATE_STMT || /* a DELETE, for each role that may delete */
	    (schema_definer(t->schema) != SCHEMA_DEFINES_NOTHING && temporary);

	t->definition = true;
	if (!open && define_as_admin(t, statement->tag) == -1)
		return -1;
	if (statement->translate(t, node) < 0)
		return -1;
	if (drops_something(node) && !temporary && t->out.length > 0 && t->plan->nfollowing == 0 &&
	    comment_sweep(t) == -1)
		return -1;
	/* To alter one may read and write more than itself; that is not looked into. */
	t->plan->local = temporary && !t->plan->draws && node->node_case != PG_QUERY__NODE__NODE_ALTER_TABLE_STMT &&
	    node->node_case != PG_QUERY__NODE__NODE_RENAME_STMT;
	if (t->plan->kind != DIALECT_EMPTY)
		return 0;
	return translate_finish(t, DIALECT_DEFINE, t->plan->tag != NULL ? t->plan->tag : statement->tag);
}

int
statement_translate(struct translator *t, const PgQuery__Node *node)
{
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		if (statements[i].node != node->node_case)
			continue;
		if (statements[i].tag != NULL)
			return define(t, &statements[i], node);
		return statements[i].translate(t, node);
	}
	return translate_refuse_node(t, node);
}
