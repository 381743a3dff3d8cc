/*
 * Cursors and prepared statements in SQL: statements around another, whose text they keep.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/dialect/statements.h"
#include "workers/sqlite/dialect/tree.h"

/* Bits of a cursor's options (src: PostgreSQL 15, nodes/parsenodes.h). */
enum cursor_option { CURSOR_BINARY = 0x1, CURSOR_SCROLL = 0x2, CURSOR_NO_SCROLL = 0x4, CURSOR_HOLD = 0x20 };

/* An aggregate, a window function, or a function that answers rows or makes others each time. */
static int
find_barrier(void *arg, const PgQuery__Node *node)
{
	const PgQuery__FuncCall *call = node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL ? node->func_call : NULL;
	const char *name = call == NULL ? NULL : translate_last_string(call->funcname, call->n_funcname);
	const struct function_fact *fact = call == NULL ? NULL : function_fact_by_name(name);

	if (call != NULL &&
	    (call->over != NULL || function_is_set(name) || fact == NULL || fact->kind != 'f' ||
		fact->volatility == 'v'))
		return 1;
	return tree_each_child(node, find_barrier, arg);
}

/* Of the rows of a function that is built in, which PostgreSQL's plan keeps. */
static bool
is_set_function(const PgQuery__Node *node)
{
	const PgQuery__RangeFunction *range =
	    node->node_case == PG_QUERY__NODE__NODE_RANGE_FUNCTION ? node->range_function : NULL;
	const PgQuery__Node *call =
	    range == NULL || range->n_functions != 1 ? NULL : range->functions[0]->list->items[0];

	return call != NULL && call->node_case == PG_QUERY__NODE__NODE_FUNC_CALL &&
	    function_is_set(translate_last_string(call->func_call->funcname, call->func_call->n_funcname));
}

bool
select_rescans(const PgQuery__SelectStmt *select)
{
	bool plain = select->op <= PG_QUERY__SET_OPERATION__SETOP_NONE && select->with_clause == NULL &&
	    select->n_group_clause == 0 && select->having_clause == NULL && select->n_distinct_clause == 0 &&
	    select->n_locking_clause == 0 && select->n_values_lists == 0 && select->n_from_clause == 1 &&
	    (select->from_clause[0]->node_case == PG_QUERY__NODE__NODE_RANGE_VAR ||
		is_set_function(select->from_clause[0]));

	for (size_t i = 0; plain && i < select->n_target_list; i++)
		plain = find_barrier(NULL, select->target_list[i]) == 0;
	for (size_t i = 0; plain && i < select->n_sort_clause; i++)
		plain = find_barrier(NULL, select->sort_clause[i]) == 0;
	return plain && (select->where_clause == NULL || find_barrier(NULL, select->where_clause) == 0);
}

int
statement_declare(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__DeclareCursorStmt *stmt = node->declare_cursor_stmt;
	struct dialect_plan *plan = t->plan;

	if (stmt->query->node_case == PG_QUERY__NODE__NODE_SELECT_STMT && stmt->query->select_stmt->into_clause != NULL)
		return translate_fail(t, stmt->query->select_stmt->into_clause->rel->location, SQLSTATE_SYNTAX_ERROR,
		    "SELECT ... INTO is not allowed here");
	plan->u.cursor.binary = (stmt->options & CURSOR_BINARY) != 0;
	plan->u.cursor.scroll = (stmt->options & CURSOR_SCROLL) != 0;
	plan->u.cursor.no_scroll = (stmt->options & CURSOR_NO_SCROLL) != 0;
	plan->u.cursor.hold = (stmt->options & CURSOR_HOLD) != 0;
	statement_is(t, DIALECT_DECLARE, "DECLARE CURSOR");
	if ((plan->u.cursor.name = translator_plan_copy(t, stmt->portalname)) == NULL)
		return -1;
	return (plan->u.cursor.query = source_after_word(t, "for")) == NULL ? -1 : 0;
}

int
statement_fetch(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__FetchStmt *stmt = node->fetch_stmt;
	struct dialect_plan *plan = t->plan;

	statement_is(t, DIALECT_FETCH, stmt->ismove ? "MOVE" : "FETCH");
	plan->counts_rows = true;
	plan->has_rows = !stmt->ismove;
	plan->u.cursor.move = stmt->ismove;
	plan->u.cursor.count = stmt->how_many;
	switch (stmt->direction) {
	case PG_QUERY__FETCH_DIRECTION__FETCH_BACKWARD:
		plan->u.cursor.direction = DIALECT_BACKWARD;
		break;
	case PG_QUERY__FETCH_DIRECTION__FETCH_ABSOLUTE:
		plan->u.cursor.direction = DIALECT_ABSOLUTE;
		break;
	case PG_QUERY__FETCH_DIRECTION__FETCH_RELATIVE:
		plan->u.cursor.direction = DIALECT_RELATIVE;
		break;
	default:
		plan->u.cursor.direction = DIALECT_FORWARD;
		break;
	}
	return (plan->u.cursor.name = translator_plan_copy(t, stmt->portalname)) == NULL ? -1 : 0;
}

int
statement_close(struct translator *t, const PgQuery__Node *node)
{
	const char *name = node->close_portal_stmt->portalname;

	if (name == NULL || *name == '\0')
		return statement_is(t, DIALECT_CLOSE, "CLOSE CURSOR ALL");
	statement_is(t, DIALECT_CLOSE, "CLOSE CURSOR");
	return (t->plan->u.cursor.name = translator_plan_copy(t, name)) == NULL ? -1 : 0;
}

int
statement_prepare(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__PrepareStmt *stmt = node->prepare_stmt;
	struct dialect_plan *plan = t->plan;

	statement_is(t, DIALECT_PREPARE, "PREPARE");
	plan->u.prepare.types = calloc(stmt->n_argtypes + 1, sizeof(*plan->u.prepare.types));
	if (plan->u.prepare.types == NULL)
		return translate_out_of_memory(t);
	for (size_t i = 0; i < stmt->n_argtypes; i++) {
		const struct type *type;
		int32_t typmod;

		if (translate_type_name(t, stmt->argtypes[i]->type_name, &type, &plan->u.prepare.types[i], &typmod,
			NULL) < 0)
			return -1;
		plan->u.prepare.ntypes++;
	}
	if ((plan->u.prepare.name = translator_plan_copy(t, stmt->name)) == NULL)
		return -1;
	return (plan->u.prepare.query = source_after_word(t, "as")) == NULL ? -1 : 0;
}

int
statement_execute(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__ExecuteStmt *stmt = node->execute_stmt;
	struct dialect_plan *plan = t->plan;

	statement_is(t, DIALECT_EXECUTE, "EXECUTE");
	if ((plan->u.prepare.values = calloc(stmt->n_params + 1, sizeof(*plan->u.prepare.values))) == NULL)
		return translate_out_of_memory(t);
	for (size_t i = 0; i < stmt->n_params; i++) {
		bool null;
		const char *value = statement_constant(t, stmt->params[i], &null);

		if (value == NULL && !null)
			return translate_refuse(t, translate_location(stmt->params[i]), "EXECUTE with an expression");
		if (value != NULL && (plan->u.prepare.values[i] = translator_plan_copy(t, value)) == NULL)
			return -1;
		plan->u.prepare.nvalues++;
	}
	return (plan->u.prepare.name = translator_plan_copy(t, stmt->name)) == NULL ? -1 : 0;
}

int
statement_deallocate(struct translator *t, const PgQuery__Node *node)
{
	const char *name = node->deallocate_stmt->name;

	if (name == NULL || *name == '\0')
		return statement_is(t, DIALECT_DEALLOCATE, "DEALLOCATE ALL");
	statement_is(t, DIALECT_DEALLOCATE, "DEALLOCATE");
	return (t->plan->u.prepare.name = translator_plan_copy(t, name)) == NULL ? -1 : 0;
}
