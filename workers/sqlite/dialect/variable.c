/*
 * Names of a routine's variables in its SQL, which become parameters. PostgreSQL's rule: a name that can be a column
 * and a variable is an error.
 */
#include <string.h>

#include "workers/sqlite/dialect/modify.h"

/* SQLite's functions take no more than 127 arguments. */
#define RECORD_FIELDS_MAX 120

static bool
is_same(const char *a, const char *b)
{
	return a != NULL && strcmp(a, b) == 0;
}

const struct dialect_variable *
translate_find_variable(const struct translator *t, const char *qualifier, const char *name)
{
	const struct dialect_variables *variables = t->text->variables;

	for (unsigned i = 0; variables != NULL && i < variables->n; i++) {
		const struct dialect_variable *v = &variables->list[i];

		if (qualifier == NULL
			? (!v->field && is_same(v->name == NULL ? v->qualifier : v->name, name))
			: (is_same(v->qualifier, qualifier) && (v->name == NULL || is_same(v->name, name))))
			return v;
	}
	return NULL;
}

const struct dialect_variable *
translate_variable_fields(struct translator *t, const PgQuery__Node *node, unsigned *n)
{
	const struct dialect_variables *variables = t->text->variables;
	const PgQuery__ColumnRef *ref =
	    node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF && node->column_ref->n_fields == 2 ? node->column_ref
												  : NULL;
	const struct dialect_variable *first = NULL;
	const char *name;

	*n = 0;
	if (ref == NULL || variables == NULL || ref->fields[1]->node_case != PG_QUERY__NODE__NODE_A_STAR ||
	    (name = translate_string(ref->fields[0])) == NULL || translate_scope_find(t, NULL, name) != NULL)
		return NULL;
	for (unsigned i = 0; i < variables->n; i++) {
		const struct dialect_variable *v = &variables->list[i];

		if (!v->field || !v->of_table || !is_same(v->qualifier, name)) {
			/* An inner block's record of that name comes first. */
			if (first != NULL)
				break;
			continue;
		}
		first = first == NULL ? v : first;
		++*n;
	}
	return first;
}

const PgQuery__List *
translate_expanded_values(struct translator *t, const PgQuery__List *row)
{
	PgQuery__List *expanded;
	size_t n = row->n_items;
	unsigned nfields;

	for (size_t i = 0; i < row->n_items; i++) {
		(void)translate_variable_fields(t, row->items[i], &nfields);
		n += nfields;
	}
	if (n == row->n_items)
		return row;
	if ((expanded = translator_alloc(t, sizeof(*expanded))) == NULL ||
	    (expanded->items = translator_alloc(t, n * sizeof(PgQuery__Node *))) == NULL)
		return NULL;
	for (size_t i = 0; i < row->n_items; i++) {
		const struct dialect_variable *fields = translate_variable_fields(t, row->items[i], &nfields);

		if (fields == NULL) {
			expanded->items[expanded->n_items++] = row->items[i];
			continue;
		}
		for (unsigned k = 0; k < nfields; k++)
			if ((expanded->items[expanded->n_items++] =
				    translate_column_node(t, fields[k].qualifier, fields[k].name)) == NULL)
				return NULL;
	}
	return expanded;
}

static unsigned
number_of(const struct translator *t, const struct dialect_variable *variable)
{
	return (unsigned)(variable - t->text->variables->list) + 1;
}

/* A record as a value: its parameter says whether it is there, those of its fields stand before it. */
static int
translate_record(struct translator *t, const struct dialect_variable *variable, int location, struct expression *type)
{
	const struct dialect_variable *first = variable;
	struct row_shape *shape = translator_alloc(t, sizeof(*shape));
	struct row_field *fields;
	unsigned n;

	while (first > t->text->variables->list && first[-1].field && is_same(first[-1].qualifier, variable->qualifier))
		first--;
	n = (unsigned)(variable - first);
	if (t->definition || !t->lift || n > RECORD_FIELDS_MAX)
		return translate_refuse(t, location, "a routine's record in this statement");
	if (shape == NULL || (fields = translator_alloc(t, (n + 1) * sizeof(*fields))) == NULL)
		return -1;
	*type = expression_value(t->out.length, variable->oid);
	translate_emit_format(t, "(CASE WHEN ?%u THEN bibd_row_make('", number_of(t, variable));
	for (unsigned i = 0; i < n; i++) {
		fields[i] =
		    (struct row_field) { .name = first[i].name, .oid = first[i].oid, .typmod = first[i].typmod };
		translate_emit_format(t, "%s%u", i > 0 ? "," : "", first[i].oid);
	}
	translate_emit(t, "'");
	for (unsigned i = 0; i < n; i++)
		translate_emit_format(t, ", ?%u", number_of(t, &first[i]));
	*shape = (struct row_shape) { .n = n, .fields = fields };
	type->shape = variable->oid == TYPE_RECORD ? shape : NULL;
	if (translate_emit(t, ") END)") < 0)
		return -1;
	type->end = t->out.length;
	return 0;
}

int
translate_variable(struct translator *t, const struct dialect_variable *variable, const char *name, int location,
    struct expression *type)
{
	unsigned number = number_of(t, variable);

	if (variable->name == NULL && name == NULL && !variable->unassigned)
		return translate_record(t, variable, location, type);
	if (variable->name == NULL && name == NULL) {
		*type = expression_value(t->out.length, TYPE_RECORD);
		if (translate_emit(t, "NULL") < 0)
			return -1;
		type->end = t->out.length;
		return 0;
	}
	if (variable->name == NULL && variable->unassigned) {
		translate_fail(t, -1, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE, "record \"%s\" is not assigned yet",
		    variable->qualifier);
		report_detail(t->report, "The tuple structure of a not-yet-assigned record is indeterminate.");
		return -1;
	}
	if (variable->name == NULL)
		return translate_fail(t, location, SQLSTATE_UNDEFINED_COLUMN, "record \"%s\" has no field \"%s\"",
		    variable->qualifier, name);
	if (t->definition || !t->lift)
		return translate_refuse(t, location, "a routine's variable in this statement");
	type->index = number;
	type->oid = translate_kept_type(t, variable->oid);
	type->typmod = variable->typmod;
	type->domain = type->oid != variable->oid ? variable->oid : 0;
	type->form = EXPRESSION_VALUE;
	type->canonical = type->oid == TYPE_NUMERIC;
	return translate_emit_format(t, "?%u", number);
}

int
translate_variable_number(struct translator *t, int number, int location, struct expression *type)
{
	const char *name = translator_format(t, "$%d", number);
	const struct dialect_variable *variable = name == NULL ? NULL : translate_find_variable(t, NULL, name);

	if (variable == NULL)
		return translate_fail(t, location, SQLSTATE_UNDEFINED_PARAMETER, "there is no parameter $%d", number);
	return translate_variable(t, variable, name, location, type);
}

int
translate_variable_is_ambiguous(struct translator *t, const char *name, int location)
{
	translate_fail(t, location, SQLSTATE_AMBIGUOUS_COLUMN, "column reference \"%s\" is ambiguous", name);
	report_detail(t->report, "It could refer to either a PL/pgSQL variable or a table column.");
	return -1;
}

bool
select_is_value_alone(const PgQuery__SelectStmt *select)
{
	return select->op <= PG_QUERY__SET_OPERATION__SETOP_NONE && select->n_values_lists == 0 &&
	    select->with_clause == NULL && select->n_from_clause == 0 && select->where_clause == NULL &&
	    select->n_distinct_clause == 0 && select->n_group_clause == 0 && select->having_clause == NULL &&
	    select->n_window_clause == 0 && select->n_locking_clause == 0 && select->into_clause == NULL &&
	    !select_has_clauses(select) && select->n_target_list == 1;
}

int
translate_assigned(struct translator *t, const PgQuery__SelectStmt *select, struct query_columns *columns)
{
	const struct dialect_variables *variables = t->text->variables;
	const PgQuery__Node *value;
	struct scope scope;
	size_t start;
	int status;

	if (variables == NULL || variables->assigned == TYPE_UNKNOWN || !select_is_value_alone(select))
		return 0;
	value = select->target_list[0]->res_target->val;
	columns->n = 1;
	if ((columns->columns = translator_alloc(t, 2 * sizeof(*columns->columns))) == NULL)
		return -1;
	columns->columns[0] = (struct scope_column) { .name = translate_target_name(value),
		.oid = variables->assigned,
		.typmod = variables->assigned_typmod };
	translate_scope_open(t, &scope);
	translate_emit(t, "SELECT ");
	start = t->out.length;
	status = translate_assignment(t, value, "", variables->assigned, variables->assigned_typmod);
	if (status < 0 &&
	    (t->report->state == SQLSTATE_DATATYPE_MISMATCH || t->report->state == SQLSTATE_CANNOT_COERCE)) {
		struct report before = { 0 };
		struct expression e;

		/* The same mismatch may be within the expression. */
		report_move(&before, t->report);
		sql_text_cut(&t->out, start);
		status = translate_expression(t, value, &e);
		if (status == 0) {
			e.end = t->out.length;
			report_move(t->report, &before);
			status = translate_by_text(t, &e, variables->assigned, variables->assigned_typmod,
			    translate_location(value));
		}
		report_reset(&before);
	}
	translate_scope_close(t, &scope);
	return status < 0 ? -1 : 1;
}
