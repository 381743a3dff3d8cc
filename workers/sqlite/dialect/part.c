/*
 * Assignments to a part of a column: an element or a slice of an array, or what is at a path of a jsonb. The column
 * becomes what a function makes of what it was, once for each such assignment, the first innermost.
 */
#include <string.h>

#include "workers/sqlite/dialect/fire.h"

static int
check_steps(struct translator *t, const struct schema_column *column, const PgQuery__ResTarget *target)
{
	for (size_t i = 0; i < target->n_indirection; i++)
		if (target->indirection[i]->node_case != PG_QUERY__NODE__NODE_A_INDICES)
			return translate_refuse(t, target->location, "assigning to a field of a column");
	if (type_element(column->oid) == 0 || type_kept_as(column->oid) != column->oid)
		return translate_fail(t, target->location, SQLSTATE_DATATYPE_MISMATCH,
		    "cannot subscript type %s because it does not support subscripting", type_display(t, column->oid));
	return 0;
}

/* What is assigned, brought to the type of the elements, or of the array for a slice. */
static int
emit_assigned(struct translator *t, const struct schema_column *column, const PgQuery__Node *value, bool slice)
{
	uint32_t oid = slice ? column->oid : type_element(column->oid);
	int location = translate_location(value);
	struct expression e;

	if (value->node_case == PG_QUERY__NODE__NODE_SET_TO_DEFAULT)
		return translate_fail(t, location, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "cannot set an array element to DEFAULT");
	if (translate_expression(t, value, &e) < 0)
		return -1;
	if (expression_cast(t, &e, oid, column->typmod, CAST_ASSIGNMENT, location) == 0)
		return 0;
	if (t->report->state != SQLSTATE_CANNOT_COERCE)
		return -1;
	translate_fail(t, location, SQLSTATE_DATATYPE_MISMATCH,
	    "subscripted assignment to \"%s\" requires type %s but expression is of type %s", column->name,
	    type_display(t, oid), type_display(t, e.oid));
	report_hint(t->report, "You will need to rewrite or cast the expression.");
	return -1;
}

int
modify_begin_part(struct translator *t, const struct schema_column *column)
{
	return translate_emit(t, column->oid == TYPE_JSONB ? "bibd_jsonb_assign(" : "bibd_array_assign(");
}

int
modify_end_part(struct translator *t, const struct schema_column *column, const PgQuery__ResTarget *target,
    const PgQuery__Node *value)
{
	bool slice = subscripts_are_slice(target->indirection, target->n_indirection);

	if (column->oid == TYPE_JSONB)
		return modify_end_jsonb_part(t, column, target, value);
	if (check_steps(t, column, target) < 0 ||
	    translate_emit_format(t, ", %u, %d, ", type_element(column->oid), slice) < 0 ||
	    emit_assigned(t, column, value, slice) < 0 ||
	    translate_subscripts(t, target->indirection, target->n_indirection) < 0)
		return -1;
	return translate_emit(t, ")");
}

static bool
is_part_of(const PgQuery__Node *target, const char *name)
{
	return strcmp(target->res_target->name, name) == 0 && target->res_target->n_indirection > 0;
}

/* The column as it is before the statement: that of the table that is changed, which FROM names first. */
static int
emit_before(struct translator *t, const struct schema_column *column)
{
	const struct scope_range *range = t->scope == NULL ? NULL : t->scope->ranges;

	if (range != NULL && !range->bare && (translate_identifier(t, range->alias) < 0 || translate_emit(t, ".") < 0))
		return -1;
	return translate_identifier(t, schema_column_stored(column));
}

int
modify_check_part(struct translator *t, const struct schema_column *column, size_t start)
{
	struct expression e = expression_value(start, column->oid);

	e.end = t->out.length;
	return column->domain == 0 ? 0 : expression_cast(t, &e, column->domain, -1, CAST_ASSIGNMENT, -1);
}

bool
modify_is_later_part(PgQuery__Node *const *targets, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (targets[i]->res_target->n_indirection > 0 && is_part_of(targets[j], targets[i]->res_target->name))
			return true;
	return false;
}

int
modify_emit_parts(struct translator *t, const struct schema_column *column, PgQuery__Node *const *targets, size_t n)
{
	size_t start;

	if (t->fire == NULL &&
	    (translate_identifier(t, schema_column_stored(column)) < 0 || translate_emit(t, " = ") < 0))
		return -1;
	start = t->out.length;
	for (size_t i = 0; i < n; i++)
		if (is_part_of(targets[i], column->name) && modify_begin_part(t, column) < 0)
			return -1;
	if (emit_before(t, column) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const PgQuery__ResTarget *target = targets[i]->res_target;

		if (!is_part_of(targets[i], column->name))
			continue;
		if (target->val->node_case == PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF)
			return translate_refuse(t, target->location,
			    "assigning to parts of columns among several columns");
		if (modify_end_part(t, column, target, target->val) < 0)
			return -1;
	}
	if (modify_check_part(t, column, start) < 0)
		return -1;
	return t->fire == NULL ? 0 : modify_fire_assign(t, column, start);
}
