/*
 * Which queries PostgreSQL's rules let be changed, on the tree of a view's kept text.
 */
#include "workers/sqlite/dialect/view_target.h"

#include <pg_query.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/dialect/fire.h"
#include "workers/sqlite/dialect/tree.h"
#include "workers/sqlite/dialect/view_through.h"
#include "workers/sqlite/memory/memory.h"
#include "workers/sqlite/schema/kept_view.h"

/* Bytes that the parser takes for a byte of text at most. */
#define PARSE_BYTES 256

const char view_no_single_base[] =
    "Views that do not select from a single table or view are not automatically updatable.";

enum call_kind { CALL_AGGREGATE = 1, CALL_WINDOW = 2, CALL_SET = 4 };

static int
find_calls(void *arg, const PgQuery__Node *node)
{
	unsigned *found = arg;
	const struct function_fact *fact;
	const char *name;

	if (node->node_case == PG_QUERY__NODE__NODE_SUB_LINK)
		return 0;
	if (node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL) {
		name = translate_last_string(node->func_call->funcname, node->func_call->n_funcname);
		fact = function_fact_by_name(name);
		if (node->func_call->over != NULL)
			*found |= CALL_WINDOW;
		else if (fact != NULL && fact->kind == 'a')
			*found |= CALL_AGGREGATE;
		else if (function_is_set(name))
			*found |= CALL_SET;
	}
	return tree_each_child(node, find_calls, arg);
}

/* The column of the base that a column of the view is; NULL: it is none. */
const char *
view_base_column(const PgQuery__Node *target)
{
	const PgQuery__Node *value = target->res_target->val;

	if (value->node_case != PG_QUERY__NODE__NODE_COLUMN_REF)
		return NULL;
	return translate_string(value->column_ref->fields[value->column_ref->n_fields - 1]);
}

bool
view_has_columns(const PgQuery__SelectStmt *select)
{
	for (size_t i = 0; i < select->n_target_list; i++)
		if (view_base_column(select->target_list[i]) != NULL)
			return true;
	return false;
}

/* PostgreSQL's words for what is in the way, NULL: nothing. */
const char *
view_obstacle(const PgQuery__SelectStmt *select)
{
	unsigned calls = 0;

	if (select->n_distinct_clause > 0)
		return "Views containing DISTINCT are not automatically updatable.";
	if (select->n_group_clause > 0)
		return "Views containing GROUP BY are not automatically updatable.";
	if (select->having_clause != NULL)
		return "Views containing HAVING are not automatically updatable.";
	if (select->op > PG_QUERY__SET_OPERATION__SETOP_NONE)
		return "Views containing UNION, INTERSECT, or EXCEPT are not automatically updatable.";
	if (select->with_clause != NULL)
		return "Views containing WITH are not automatically updatable.";
	if (select->limit_count != NULL || select->limit_offset != NULL)
		return "Views containing LIMIT or OFFSET are not automatically updatable.";
	for (size_t i = 0; i < select->n_target_list; i++)
		(void)find_calls(&calls, select->target_list[i]);
	if ((calls & CALL_AGGREGATE) != 0)
		return "Views that return aggregate functions are not automatically updatable.";
	if ((calls & CALL_WINDOW) != 0)
		return "Views that return window functions are not automatically updatable.";
	if ((calls & CALL_SET) != 0)
		return "Views that return set-returning functions are not automatically updatable.";
	if (select->n_values_lists > 0 || select->n_from_clause != 1 ||
	    select->from_clause[0]->node_case != PG_QUERY__NODE__NODE_RANGE_VAR)
		return view_no_single_base;
	return NULL;
}

static void *
arena_alloc(void *t, size_t size)
{
	return translator_alloc(t, size);
}

static void
arena_free(void *t, void *pointer)
{
	(void)t;
	(void)pointer;
}

const PgQuery__Node *
view_parse_statement(struct translator *t, const char *text)
{
	ProtobufCAllocator arena = { .alloc = arena_alloc, .free = arena_free, .allocator_data = t };
	PgQuery__ParseResult *tree = NULL;
	PgQueryProtobufParseResult result;
	bool before;

	if (memory_would_refuse(PARSE_BYTES * strlen(text))) {
		translate_out_of_memory(t);
		return NULL;
	}
	before = memory_guard(false);
	result = pg_query_parse_protobuf(text);
	if (result.error == NULL)
		tree = pg_query__parse_result__unpack(&arena, result.parse_tree.len,
		    (const uint8_t *)result.parse_tree.data);
	pg_query_free_protobuf_parse_result(result);
	(void)memory_guard(before);
	return tree == NULL || tree->n_stmts != 1 ? NULL : tree->stmts[0]->stmt;
}

const PgQuery__SelectStmt *
view_parse(struct translator *t, const char *text)
{
	const PgQuery__Node *statement = view_parse_statement(t, text);

	return statement == NULL || statement->node_case != PG_QUERY__NODE__NODE_SELECT_STMT ? NULL
											     : statement->select_stmt;
}
