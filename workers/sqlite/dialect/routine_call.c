/*
 * Calls of the file's own functions, where the call is the whole statement: SELECT f(...), SELECT * FROM f(...) and
 * CALL f(...). What SQLite runs is a query of the arguments; the session runs the routine with them. A call anywhere
 * else would run within a statement of SQLite's that is under way, and is refused.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/statements.h"
#include "workers/sqlite/schema/routine.h"

/* ---- which one ---- */

static bool
takes(const struct expression *from, uint32_t to)
{
	return from->form != EXPRESSION_VALUE || from->oid == to || cast_context(from->oid, to) == 'i';
}

/* How many arguments have the very type; -1: one can't be brought to its type. */
static int
rate(const struct schema_routine *routine, char kind, const struct expression *list, size_t n)
{
	int exact = 0;
	size_t at = 0;

	if (routine->ninputs != n || routine->kind != kind)
		return -1;
	for (unsigned i = 0; i < routine->narguments; i++) {
		const struct schema_argument *argument = &routine->arguments[i];

		if (!schema_argument_is_in(argument))
			continue;
		if (!takes(&list[at], argument->oid))
			return -1;
		exact += list[at].form == EXPRESSION_VALUE && list[at].oid == argument->oid;
		at++;
	}
	return exact;
}

/* "integer, text" */
static const char *
display(struct translator *t, const struct expression *list, size_t n)
{
	const char *types = "";

	for (size_t i = 0; i < n && types != NULL; i++)
		types = translator_format(t, "%s%s%s", types, i > 0 ? ", " : "", type_display(t, list[i].oid));
	return types;
}

/* A procedure is called by CALL, and nothing else is. */
static int
fail_kind(struct translator *t, const PgQuery__FuncCall *call, char kind, const char *name,
    const struct expression *list)
{
	const char *types = display(t, list, call->n_args);

	if (types == NULL)
		return -1;
	translate_fail(t, call->location, SQLSTATE_WRONG_OBJECT_TYPE,
	    kind == 'p' ? "%s(%s) is not a procedure" : "%s(%s) is a procedure", name, types);
	report_hint(t->report, kind == 'p' ? "To call a function, use SELECT." : "To call a procedure, use CALL.");
	return -1;
}

static int
fail_missing(struct translator *t, const PgQuery__FuncCall *call, char kind, const char *name,
    const struct expression *list)
{
	const char *types = display(t, list, call->n_args);

	if (types == NULL)
		return -1;
	translate_fail(t, call->location, SQLSTATE_UNDEFINED_FUNCTION, "%s %s(%s) does not exist",
	    kind == 'p' ? "procedure" : "function", name, types);
	report_hint(t->report,
	    "No %s matches the given name and argument types. You might need to add explicit type casts.",
	    kind == 'p' ? "procedure" : "function");
	return -1;
}

/* The best of them; two that are as good are told apart by PostgreSQL's preferences, which are not looked at here. */
static int
choose(struct translator *t, const PgQuery__FuncCall *call, char kind, const struct expression *list,
    const struct schema_routine *all, unsigned n, unsigned *chosen)
{
	int best = -1, rated;
	bool several = false;

	for (unsigned i = 0; i < n; i++) {
		if ((rated = rate(&all[i], kind, list, call->n_args)) < 0 || rated < best)
			continue;
		several = rated == best;
		best = rated;
		*chosen = i;
	}
	for (unsigned i = 0; i < n && best < 0; i++)
		if (rate(&all[i], kind == 'f' ? 'p' : 'f', list, call->n_args) >= 0)
			return fail_kind(t, call, kind, all[0].name, list);
	if (best < 0)
		return fail_missing(t, call, kind, all[0].name, list);
	return several ? translate_refuse(t, call->location, "a choice between functions of one name") : 0;
}

/* ---- what comes back ---- */

static int
set_columns(struct translator *t, const struct schema_routine *routine, const char *only, bool whole)
{
	struct query_columns columns = { 0 };
	unsigned outs = 0;

	if ((columns.columns = translator_alloc(t, (routine->narguments + 1) * sizeof(*columns.columns))) == NULL)
		return -1;
	for (unsigned i = 0; i < routine->narguments; i++)
		if (schema_argument_is_out(&routine->arguments[i])) {
			const char *name = routine->arguments[i].name;

			columns.columns[outs] =
			    (struct scope_column) { .oid = routine->arguments[i].oid, .typmod = -1 };
			columns.columns[outs].name =
			    name[0] != '\0' ? translator_copy(t, name) : translator_format(t, "column%u", outs + 1);
			outs++;
		}
	if (outs > 1 && !whole)
		return translate_refuse(t, -1, "a function's row as a value (write SELECT * FROM it)");
	columns.n = outs > 1 ? outs : 1;
	if (outs <= 1)
		columns.columns[0] =
		    (struct scope_column) { .name = only == NULL && outs == 1 && whole ? columns.columns[0].name
				: only == NULL ? translator_copy(t, routine->name)
					       : only,
			    .oid = routine->result,
			    .typmod = -1 };
	return translate_plan_columns(t, &columns);
}

static bool
is_plain_call(const PgQuery__FuncCall *call)
{
	return !call->agg_star && !call->agg_distinct && !call->func_variadic && !call->agg_within_group &&
	    call->n_agg_order == 0 && call->agg_filter == NULL && call->over == NULL;
}

/* Writes the query of the arguments, each brought to the type of its parameter. */
static int
emit_arguments(struct translator *t, const PgQuery__FuncCall *call, char kind, const struct schema_routine *all,
    unsigned n, unsigned *chosen)
{
	struct expression *list;
	struct scope scope;
	size_t at = call->n_args;
	int status = -1;

	translate_scope_open(t, &scope);
	translate_emit(t, call->n_args == 0 ? "SELECT 1" : "SELECT ");
	if ((list = translate_arguments(t, call)) != NULL)
		status = choose(t, call, kind, list, all, n, chosen);
	for (unsigned i = status == 0 ? all[*chosen].narguments : 0; i-- > 0 && status == 0;)
		if (schema_argument_is_in(&all[*chosen].arguments[i])) {
			at--;
			status = expression_cast(t, &list[at], all[*chosen].arguments[i].oid, -1, CAST_IMPLICIT,
			    call->location);
			if (status == 0)
				status = expression_canonize(t, &list[at], call->location);
		}
	translate_scope_close(t, &scope);
	return status;
}

static int
translate_call(struct translator *t, const PgQuery__FuncCall *call, char kind, const struct schema_routine *all,
    unsigned n, const char *only, bool whole)
{
	unsigned chosen = 0;

	for (size_t i = 0; i < call->n_args; i++)
		if (call->args[i]->node_case == PG_QUERY__NODE__NODE_NAMED_ARG_EXPR)
			return translate_refuse(t, call->location, "an argument by its name");
	if (!is_plain_call(call))
		return translate_refuse(t, call->location, "this call of a function");
	if (emit_arguments(t, call, kind, all, n, &chosen) < 0)
		return -1;
	t->plan->read_only = false;
	t->plan->has_rows = kind == 'f';
	if (kind == 'f' && set_columns(t, &all[chosen], only, whole) < 0)
		return -1;
	t->plan->counts_rows = kind == 'f';
	t->plan->kind = DIALECT_CALL;
	t->plan->u.routine.oid = all[chosen].oid;
	return translate_finish(t, DIALECT_CALL, kind == 'p' ? "CALL" : "SELECT");
}

/* ---- where it stands ---- */

/* SELECT * FROM f(...): the call, and its alias. */
static const PgQuery__FuncCall *
call_of_from(const PgQuery__SelectStmt *select, const char **alias)
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
	    range->is_rowsfrom || range->n_coldeflist > 0 || range->n_functions != 1 ||
	    (range->alias != NULL && range->alias->n_colnames > 0) ||
	    range->functions[0]->list->items[0]->node_case != PG_QUERY__NODE__NODE_FUNC_CALL)
		return NULL;
	*alias = range->alias == NULL ? NULL : range->alias->aliasname;
	return range->functions[0]->list->items[0]->func_call;
}

int
translate_routine_call(struct translator *t, const PgQuery__SelectStmt *select)
{
	PgQuery__SelectStmt rest = *select;
	const PgQuery__FuncCall *call;
	const char *only = NULL, *name;
	struct schema_routine *all;
	unsigned n;
	bool whole;
	int status;

	call = call_of_from(select, &only);
	whole = call != NULL;
	rest.n_from_clause = 0;
	if (!select_is_value_alone(whole ? &rest : select))
		return 0;
	if (!whole) {
		const PgQuery__ResTarget *target = select->target_list[0]->res_target;

		if (target->val->node_case != PG_QUERY__NODE__NODE_FUNC_CALL)
			return 0;
		call = target->val->func_call;
		only = target->name != NULL && target->name[0] != '\0' ? target->name : NULL;
	}
	if ((name = translate_function_name(t, call)) == NULL)
		return -1;
	if (function_fact_by_name(name) != NULL ||
	    (all = schema_routines(schema_database(t->schema), name, &n)) == NULL)
		return 0;
	status = translate_call(t, call, 'f', all, n, only, whole);
	schema_routines_free(all, n);
	return status < 0 ? -1 : 1;
}

int
statement_call(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__FuncCall *call = node->call_stmt->funccall;
	const char *name = translate_function_name(t, call);
	struct schema_routine *all;
	unsigned n;
	int status;

	if (name == NULL)
		return -1;
	t->lift = true;
	if ((all = schema_routines(schema_database(t->schema), name, &n)) == NULL)
		return translate_fail(t, call->location, SQLSTATE_UNDEFINED_FUNCTION, "procedure %s() does not exist",
		    name);
	status = translate_call(t, call, 'p', all, n, NULL, false);
	schema_routines_free(all, n);
	return status;
}

int
translate_refuse_routine(struct translator *t, const char *name, int location)
{
	unsigned n;
	struct schema_routine *all = schema_routines(schema_database(t->schema), name, &n);

	schema_routines_free(all, n);
	return n == 0 ? 0 : translate_refuse(t, location, "a call of a function of one's own within another statement");
}

int
translate_check_routine(struct translator *t, const PgQuery__ObjectWithArgs *object)
{
	const char *name = translate_last_string(object->objname, object->n_objname);
	struct schema_routine *all;
	bool found = false;
	unsigned n;

	if (function_fact_by_name(name) != NULL)
		return 0;
	all = schema_routines(schema_database(t->schema), name, &n);
	for (unsigned i = 0; i < n; i++)
		found |= object->args_unspecified || all[i].ninputs == object->n_objargs;
	schema_routines_free(all, n);
	return found ? 0 : translate_fail(t, -1, SQLSTATE_UNDEFINED_FUNCTION, "function %s does not exist", name);
}
