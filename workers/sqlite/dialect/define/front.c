/*
 * Has a text parsed, finds the translator of its kind of statement, and checks syntax alone where only that is asked.
 */
#include "workers/sqlite/schema/inherit.h"
#include "workers/sqlite/dialect/define/front.h"

#include <pg_query.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/comment.h"
#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/dialect/fire.h"
#include "workers/sqlite/dialect/lex.h"
#include "workers/sqlite/dialect/memory.h"
#include "workers/sqlite/dialect/shorten.h"
#include "workers/sqlite/dialect/statements.h"
#include "workers/sqlite/dialect/steps/steps.h"
#include "workers/sqlite/memory/memory.h"
#include "workers/sqlite/schema/names.h"

/* What the parser, its tree and the copies of that take, measured: 250 to 550 bytes for a token, four for a byte of a
 * literal. */
#define PARSE_BYTES_PER_TOKEN 512
#define PARSE_BYTES_PER_BYTE 4

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
	bool open = node->node_case == PG_QUERY__NODE__NODE_TRUNCATE_STMT || /* a DELETE, for whoever may delete */
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

static int
translate_statement(struct translator *t, const PgQuery__Node *node)
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

/* ---- the parser ---- */

static int
parse_failed(struct translator *t, const PgQueryError *error)
{
	static const struct {
		const char *beginning;
		enum sqlstate state;
	} states[] = {
		{ "stack depth limit", SQLSTATE_STATEMENT_TOO_COMPLEX },
		{ "memory exhausted", SQLSTATE_STATEMENT_TOO_COMPLEX },
		{ "out of memory", SQLSTATE_OUT_OF_MEMORY },
		{ "CREATE SCHEMA IF NOT EXISTS cannot include", SQLSTATE_FEATURE_NOT_SUPPORTED },
		{ "MATCH PARTIAL not yet", SQLSTATE_FEATURE_NOT_SUPPORTED },
		{ "invalid byte sequence", SQLSTATE_CHARACTER_NOT_IN_REPERTOIRE },
		{ "frame start", SQLSTATE_WINDOWING_ERROR },
		{ "frame end", SQLSTATE_WINDOWING_ERROR },
	};
	enum sqlstate state = SQLSTATE_SYNTAX_ERROR;

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strncmp(error->message, states[i].beginning, strlen(states[i].beginning)) == 0)
			state = states[i].state;
	report_set(t->report, state, "%s", error->message);
	if (error->cursorpos > 0 && t->report != NULL)
		t->report->position = error->cursorpos;
	return -1;
}

static int
translate_tree(struct translator *t, const PgQueryProtobuf *tree)
{
	bool before = memory_guard(false);
	PgQuery__ParseResult *parsed = pg_query__parse_result__unpack(NULL, tree->len, (const uint8_t *)tree->data);
	int status = 0;

	(void)memory_guard(before);
	if (parsed == NULL)
		return translate_out_of_memory(t);
	if (parsed->n_stmts > 1)
		status = translate_fail(t, parsed->stmts[1]->stmt_location, SQLSTATE_SYNTAX_ERROR,
		    "cannot insert multiple commands into a prepared statement");
	else if (parsed->n_stmts == 1)
		status = translate_statement(t, parsed->stmts[0]->stmt);
	pg_query__parse_result__free_unpacked(parsed, NULL);
	return status;
}

/* libpg_query does not bear that memory is out: whether there is enough is asked before. */
static int
check_room(struct report *r, size_t length, size_t ntokens)
{
	return memory_would_refuse(PARSE_BYTES_PER_BYTE * length + PARSE_BYTES_PER_TOKEN * ntokens)
	    ? report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory")
	    : 0;
}

static int
parse_and_translate(struct translator *t)
{
	PgQueryProtobufParseResult result;
	bool before;
	int status;

	if (check_room(t->report, t->text->length, t->text->ntokens) == -1)
		return -1;
	before = memory_guard(false);
	result = pg_query_parse_protobuf(t->source);
	(void)memory_guard(before);
	status = result.error != NULL ? parse_failed(t, result.error) : translate_tree(t, &result.parse_tree);

	pg_query_free_protobuf_parse_result(result);
	return status;
}

/* ---- the plan ---- */

static int
prepare_parameters(struct translator *t, const uint32_t *oids, unsigned noids)
{
	struct dialect_plan *plan = t->plan;

	/* A routine's $n is one of its variables. */
	plan->nparams = t->text->nparams > noids && t->text->variables == NULL ? t->text->nparams : noids;
	if (plan->nparams > LEX_PARAMETERS_MAX)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_PARAMETER, "there is no parameter $%u", plan->nparams);
	if ((plan->param_oids = calloc(plan->nparams + 1, sizeof(*plan->param_oids))) == NULL)
		return translate_out_of_memory(t);
	for (unsigned i = 0; i < noids; i++)
		plan->param_oids[i] = oids[i] == TYPE_UNKNOWN_LITERAL ? (uint32_t)TYPE_UNKNOWN : oids[i];
	return 0;
}

static int translate_text(struct schema *schema, const struct dialect_text *text, const struct type_settings *settings,
    const uint32_t *oids, unsigned noids, struct dialect_plan **plan, struct report *r);

/* $n of DECLARE and EXPLAIN are those of the query within. */
static int
take_inner_parameters(struct translator *t, const char *query)
{
	struct dialect_text text = { 0 };
	struct dialect_plan *inner = NULL, *plan = t->plan;
	int result = dialect_lex(query, strlen(query), 0, &text, t->report);

	if (result == 0)
		result =
		    translate_text(t->schema, &text, t->settings, plan->param_oids, plan->nparams, &inner, t->report);
	for (unsigned i = 0; result == 0 && i < plan->nparams && i < inner->nparams; i++)
		plan->param_oids[i] = inner->param_oids[i];
	if (result == -1 && t->report != NULL)
		t->report->position = 0;
	dialect_plan_free(inner);
	dialect_text_free(&text);
	return result;
}

static int
check_parameters(struct translator *t)
{
	const char *query = t->plan->kind == DIALECT_DECLARE ? t->plan->u.cursor.query
	    : t->plan->kind == DIALECT_EXPLAIN		     ? t->plan->u.explain.query
							     : NULL;

	if (query != NULL && t->plan->nparams > 0 && t->text->variables == NULL)
		return take_inner_parameters(t, query);
	if (!t->lift) /* $n of a statement around another is that one's */
		t->plan->nparams = 0;
	for (unsigned i = 0; i < t->plan->nparams; i++)
		if (t->plan->param_oids[i] == TYPE_UNKNOWN)
			return translate_fail(t, -1, SQLSTATE_INDETERMINATE_DATATYPE,
			    "could not determine data type of parameter $%u", i + 1);
	return 0;
}

static int
translate_whole(struct schema *schema, const struct dialect_text *text, const struct type_settings *settings,
    const uint32_t *oids, unsigned noids, struct dialect_plan **plan, struct report *r)
{
	struct translator t = { .schema = schema, .text = text, .settings = settings, .report = r };
	char *source = strndup(text->sql, text->length);
	int status = -1;

	*plan = t.plan = calloc(1, sizeof(*t.plan));
	t.source = source;
	if (source == NULL || t.plan == NULL)
		translate_out_of_memory(&t);
	else if (prepare_parameters(&t, oids, noids) == 0 && (text->empty || parse_and_translate(&t) == 0))
		status = check_parameters(&t);
	if (status == 0 && t.out_of_memory)
		status = translate_out_of_memory(&t);
	if (status == -1 && r != NULL) {
		namespace_show(r->detail);
		namespace_show(r->hint);
	}
	if (status == 0 && !t.lift && text->nliterals > 0)
		t.plan->exact = true;
	if (status == 0)
		status = translate_pin_rest(&t);
	translator_release(&t);
	free(source);
	if (status < 0) {
		dialect_plan_free(*plan);
		*plan = NULL;
	}
	return status;
}

static int
translate_text(struct schema *schema, const struct dialect_text *text, const struct type_settings *settings,
    const uint32_t *oids, unsigned noids, struct dialect_plan **plan, struct report *r)
{
	struct report unheard = { 0 };
	struct dialect_text shorter;
	char *sql;
	int status;

	if (dialect_shorten(text, &shorter, &sql)) {
		status = translate_whole(schema, &shorter, settings, oids, noids, plan, &unheard);
		report_reset(&unheard);
		dialect_text_free(&shorter);
		free(sql);
		if (status == 0 && !(*plan)->exact && (*plan)->npinned == 0)
			return 0;
		/* What stands in the literals matters, if only for the error. */
		if (status == 0)
			dialect_plan_free(*plan);
	}
	return translate_whole(schema, text, settings, oids, noids, plan, r);
}

/* Something was not read, or had no memory. */
static int
report_failure(int code, struct report *r)
{
	if (code == SQLITE_INTERRUPT)
		return report_set(r, SQLSTATE_QUERY_CANCELED, "canceling statement due to user request");
	if (code == SQLITE_NOMEM)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	return report_set(r, SQLSTATE_IO_ERROR, "the schema could not be read: %s", sqlite3_errstr(code));
}

/* A plan that was made while something was missed is dropped, whatever it says, and so is an error: each of the
 * look-ups on the way takes what it missed for something that is not there. */
int
dialect_translate(struct schema *schema, const struct dialect_text *text, const struct type_settings *settings,
    const uint32_t *oids, unsigned noids, struct dialect_plan **plan, struct report *r)
{
	uint64_t missed = memory_missed();
	int result, code = SQLITE_OK;

	if (schema != NULL)
		(void)schema_take_failure(schema);
	result = translate_text(schema, text, settings, oids, noids, plan, r);
	if (memory_missed() != missed)
		code = SQLITE_NOMEM;
	if (schema != NULL && code == SQLITE_OK)
		code = schema_take_failure(schema);
	if (code == SQLITE_OK)
		return result;
	dialect_plan_free(*plan);
	*plan = NULL;
	return report_failure(code, r);
}

/* Tokens of all statements of a text; -1 with the report filled. */
static int
count_tokens(const char *text, size_t length, size_t *ntokens, struct report *r)
{
	struct dialect_text statement = { 0 };
	size_t at = 0;
	int result;

	*ntokens = 0;
	do {
		result = dialect_lex(text, length, at, &statement, r);
		*ntokens += statement.ntokens;
		at = statement.next;
	} while (result == 0 && at < length);
	dialect_text_free(&statement);
	return result;
}

int
dialect_check_syntax(const char *text, size_t length, struct report *r)
{
	struct translator t = { .report = r };
	PgQuerySplitResult result;
	size_t ntokens;
	int status = 0;

	if (count_tokens(text, length, &ntokens, r) == -1 || check_room(r, length, ntokens) == -1)
		return -1;
	if ((t.source = strndup(text, length)) == NULL)
		return translate_out_of_memory(&t);
	result = pg_query_split_with_parser(t.source);
	if (result.error != NULL)
		status = parse_failed(&t, result.error);
	pg_query_free_split_result(result);
	free((char *)(uintptr_t)t.source);
	return status;
}
