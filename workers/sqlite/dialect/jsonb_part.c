/*
 * Subscripts of jsonb: j['a'][1] is what stands at that path, and may be assigned to.
 */
#include "workers/sqlite/dialect/modify.h"

/* One step, as a text; *whole: it is a number. */
static int
emit_step(struct translator *t, const PgQuery__Node *step, bool *whole)
{
	int location;
	struct expression e;

	if (step->node_case != PG_QUERY__NODE__NODE_A_INDICES)
		return translate_refuse(t, -1, "a field of a row value");
	if (step->a_indices->is_slice)
		return translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH, "jsonb subscript does not support slices");
	location = translate_location(step->a_indices->uidx);
	if (translate_expression(t, step->a_indices->uidx, &e) < 0 || expression_settle(t, &e, TYPE_TEXT, -1) < 0)
		return -1;
	*whole = e.oid == TYPE_INT4 || e.oid == TYPE_INT2;
	if (!*whole && !type_is_text(e.oid))
		return translate_fail(t, location, SQLSTATE_DATATYPE_MISMATCH, "subscript type %s is not supported",
		    type_display(t, e.oid));
	return expression_cast(t, &e, TYPE_TEXT, -1, CAST_EXPLICIT, location);
}

int
translate_jsonb_steps(struct translator *t, PgQuery__Node *const *steps, size_t n, bool *whole)
{
	bool other;

	translate_emit_format(t, "bibd_array(%u", TYPE_TEXT);
	for (size_t i = 0; i < n; i++)
		if (translate_emit(t, ", ") < 0 || emit_step(t, steps[i], i == 0 ? whole : &other) < 0)
			return -1;
	return translate_emit(t, ")");
}

int
translate_jsonb_subscripts(struct translator *t, PgQuery__Node *const *steps, size_t n, struct expression *type)
{
	bool whole;

	sql_text_insert(&t->out, type->start, "bibd_jsonb_extract_path(");
	if (translate_emit(t, ", ") < 0 || translate_jsonb_steps(t, steps, n, &whole) < 0)
		return -1;
	*type = expression_value(type->start, TYPE_JSONB);
	return translate_emit(t, ")");
}

int
modify_end_jsonb_part(struct translator *t, const struct schema_column *column, const PgQuery__ResTarget *target,
    const PgQuery__Node *value)
{
	bool whole = false;

	if (value->node_case == PG_QUERY__NODE__NODE_SET_TO_DEFAULT)
		return translate_fail(t, target->location, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "cannot set a subscript to DEFAULT");
	translate_emit(t, ", ");
	if (translate_jsonb_steps(t, target->indirection, target->n_indirection, &whole) < 0 ||
	    translate_emit(t, whole ? ", 1, " : ", 0, ") < 0 ||
	    translate_assignment(t, value, column->name, TYPE_JSONB, -1) < 0)
		return -1;
	return translate_emit(t, ")");
}
