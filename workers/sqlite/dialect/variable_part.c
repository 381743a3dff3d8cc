/*
 * PL/pgSQL's assignment to a part of a variable. It comes as UPDATE v SET v[1].f = value, which has the grammar of it,
 * and becomes a query for what the variable is then.
 */
#include <string.h>

#include "workers/sqlite/dialect/modify.h"

bool
variable_is_part(const struct translator *t)
{
	return t->text->variables != NULL && t->text->variables->part > 0;
}

int
translate_by_text(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod, int location)
{
	if ((t->report->state != SQLSTATE_CANNOT_COERCE && t->report->state != SQLSTATE_DATATYPE_MISMATCH) ||
	    e->oid == TYPE_RECORD || type_class(e->oid) == TYPE_CLASS_COMPOSITE ||
	    type_class(oid) == TYPE_CLASS_COMPOSITE)
		return -1;
	report_reset(t->report);
	return expression_cast(t, e, TYPE_TEXT, -1, CAST_EXPLICIT, location) < 0 ||
		expression_cast(t, e, oid, -1, CAST_EXPLICIT, location) < 0
	    ? -1
	    : expression_cast(t, e, oid, typmod, CAST_ASSIGNMENT, location);
}

/* The one target; NULL: reported. */
static const PgQuery__ResTarget *
find_target(struct translator *t, const PgQuery__UpdateStmt *update)
{
	const PgQuery__ResTarget *target = update->target_list[0]->res_target;

	if (update->n_target_list != 1 || target->val->node_case == PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF ||
	    target->n_indirection == 0) {
		(void)translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR, "syntax error at or near \"%s\"", target->name);
		return NULL;
	}
	if (update->n_from_clause > 0 || update->where_clause != NULL || update->n_returning_list > 0 ||
	    update->with_clause != NULL) {
		(void)translate_refuse(t, -1, "a query assigned to a part of a variable");
		return NULL;
	}
	return target;
}

static const char *
put_whole(struct translator *t, const struct dialect_variable *variable, struct expression *whole)
{
	size_t start = t->out.length;
	const char *text;

	*whole = expression_value(start, TYPE_UNKNOWN);
	if (translate_variable(t, variable, variable->name, -1, whole) < 0)
		return NULL;
	text = t->out.failed ? NULL : translator_copy(t, t->out.data + start);
	sql_text_cut(&t->out, start);
	return text;
}

int
translate_variable_part(struct translator *t, const PgQuery__UpdateStmt *update, struct query_columns *columns)
{
	const struct dialect_variable *variable = &t->text->variables->list[t->text->variables->part - 1];
	const PgQuery__ResTarget *target = find_target(t, update);
	struct schema_column column = { .name = (char *)(uintptr_t)variable->name };
	struct expression whole;
	const char *before, *after;
	struct scope scope;

	if (target == NULL || (before = put_whole(t, variable, &whole)) == NULL)
		return -1;
	column.oid = whole.oid;
	column.typmod = whole.typmod;
	column.domain = whole.domain;
	columns->n = 1;
	if ((columns->columns = translator_alloc(t, 2 * sizeof(*columns->columns))) == NULL)
		return -1;
	columns->columns[0] =
	    (struct scope_column) { .name = variable->name, .oid = variable->oid, .typmod = variable->typmod };
	translate_scope_open(t, &scope);
	after = modify_part(t, &column, target, target->val, before);
	translate_scope_close(t, &scope);
	if (after == NULL)
		return -1;
	translate_emit(t, "SELECT ");
	return translate_emit(t, after);
}
