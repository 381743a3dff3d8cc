/*
 * Calls of the file's own functions, where the call is the whole statement: SELECT f(...), SELECT * FROM f(...) and
 * CALL f(...). What SQLite runs is a query of the arguments; the session runs the routine with them. A call anywhere
 * else runs within a statement of SQLite's that is under way: own_call.c, own_set.c.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/dialect/statements.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/routine.h"

/* Where a call stands. */
struct call_place {
	bool from;	  /* SELECT * FROM f(...) */
	const char *name; /* the function's */
	const char *only; /* of its one column; NULL: its own */
	PgQuery__Node *const *definitions;
	size_t ndefinitions;
};

/* ---- what comes back ---- */

static int
set_columns(struct translator *t, const struct own_call *own, const struct call_place *place)
{
	struct query_columns columns = { .n = own->ncolumns };

	if ((columns.columns = translator_alloc(t, (own->ncolumns + 1) * sizeof(*columns.columns))) == NULL)
		return -1;
	for (unsigned i = 0; i < own->ncolumns; i++) {
		const struct schema_routine_column *from = &own->columns[i];

		/* A client is told the type below a domain. */
		columns.columns[i] = (struct scope_column) { .name = from->name,
			.oid =
			    type_class(from->oid) == TYPE_CLASS_DOMAIN ? translate_kept_type(t, from->oid) : from->oid,
			.typmod = from->typmod };
		if (own->row && from->name == NULL)
			columns.columns[i].name = translator_format(t, "column%u", i + 1);
		/* In FROM a parameter's name is before an alias. */
		else if (!own->row && (!place->from || from->name == NULL))
			columns.columns[i].name = place->only != NULL ? place->only : place->name;
	}
	return translate_plan_columns(t, &columns);
}

static int
translate_call(struct translator *t, const PgQuery__FuncCall *call, char kind, const struct call_place *place)
{
	struct own_call own;
	struct scope scope;
	int status;

	translate_scope_open(t, &scope);
	translate_emit(t, "SELECT ");
	status = translate_own_arguments(t, call, kind, place->definitions, place->ndefinitions, &own);
	translate_scope_close(t, &scope);
	if (status < 0)
		return -1;
	/* An extension's is none that the session runs. */
	if (own.native != NULL && !place->from) {
		sql_text_cut(&t->out, 0);
		return 0;
	}
	if (own.native != NULL)
		return translate_refuse(t, call->location, "a function of an extension in FROM");
	if (own.narguments == 0)
		translate_emit(t, "1");
	/* A row as a value is made by a statement around the call. */
	if (kind == 'f' && own.row && !place->from) {
		sql_text_cut(&t->out, 0);
		return 0;
	}
	if (kind == 'f' && own.ncolumns == 0)
		return translate_fail(t, call->location, SQLSTATE_SYNTAX_ERROR,
		    "a column definition list is required for functions returning \"record\"");
	t->plan->read_only = false;
	t->plan->has_rows = kind == 'f';
	if (kind == 'f' && set_columns(t, &own, place) < 0)
		return -1;
	t->plan->counts_rows = kind == 'f';
	t->plan->kind = DIALECT_CALL;
	t->plan->u.routine.oid = own.oid;
	if ((t->plan->u.routine.types = translator_plan_copy(t, own.types)) == NULL)
		return -1;
	return translate_finish(t, DIALECT_CALL, kind == 'p' ? "CALL" : "SELECT") < 0 ? -1 : 1;
}

/* ---- where it stands ---- */

/* SELECT * FROM f(...): the call, and its alias. */
static const PgQuery__FuncCall *
call_of_from(const PgQuery__SelectStmt *select, struct call_place *place)
{
	const PgQuery__RangeFunction *range;
	const PgQuery__ColumnRef *star;

	if (select->n_from_clause != 1 || select->n_target_list != 1 ||
	    select->from_clause[0]->node_case != PG_QUERY__NODE__NODE_RANGE_FUNCTION ||
	    select->target_list[0]->res_target->val->node_case != PG_QUERY__NODE__NODE_COLUMN_REF)
		return NULL;
	star = select->target_list[0]->res_target->val->column_ref;
	range = select->from_clause[0]->range_function;
	if (star->n_fields != 1 || star->fields[0]->node_case != PG_QUERY__NODE__NODE_A_STAR || range->ordinality ||
	    range->is_rowsfrom || range->n_functions != 1 || (range->alias != NULL && range->alias->n_colnames > 0) ||
	    range->functions[0]->list->items[0]->node_case != PG_QUERY__NODE__NODE_FUNC_CALL)
		return NULL;
	place->only = range->alias == NULL ? NULL : range->alias->aliasname;
	place->definitions = range->coldeflist;
	place->ndefinitions = range->n_coldeflist;
	return range->functions[0]->list->items[0]->func_call;
}

int
translate_routine_call(struct translator *t, const PgQuery__SelectStmt *select)
{
	PgQuery__SelectStmt rest = *select;
	struct call_place place = { 0 };
	const PgQuery__FuncCall *call = call_of_from(select, &place);

	place.from = call != NULL;
	rest.n_from_clause = 0;
	if (!select_is_value_alone(place.from ? &rest : select))
		return 0;
	if (!place.from) {
		const PgQuery__ResTarget *target = select->target_list[0]->res_target;

		if (target->val->node_case != PG_QUERY__NODE__NODE_FUNC_CALL)
			return 0;
		call = target->val->func_call;
		place.only = target->name != NULL && target->name[0] != '\0' ? target->name : NULL;
	}
	if ((place.name = translate_function_name(t, call)) == NULL)
		return -1;
	if (!translate_is_own(t, place.name))
		return 0;
	place.name = namespace_relation(place.name);
	return translate_call(t, call, 'f', &place);
}

int
statement_call(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__FuncCall *call = node->call_stmt->funccall;
	struct call_place place = { .name = translate_function_name(t, call) };

	if (place.name == NULL)
		return -1;
	t->lift = true;
	if (!translate_is_own(t, place.name))
		return translate_fail(t, call->location, SQLSTATE_UNDEFINED_FUNCTION, "procedure %s() does not exist",
		    place.name);
	return translate_call(t, call, 'p', &place) < 0 ? -1 : 0;
}

int
translate_check_routine(struct translator *t, const PgQuery__ObjectWithArgs *object)
{
	const char *name = translate_own_name(t, object->objname, object->n_objname);
	struct schema_routine *all;
	bool found = false;
	unsigned n;

	if (name == NULL || function_fact_by_name(name) != NULL)
		return name == NULL ? -1 : 0;
	all = schema_routines(schema_database(t->schema), name, &n);
	for (unsigned i = 0; i < n; i++)
		found |= object->args_unspecified || all[i].ninputs == object->n_objargs;
	schema_routines_free(all, n);
	return found ? 0 : translate_fail(t, -1, SQLSTATE_UNDEFINED_FUNCTION, "function %s does not exist", name);
}
