/*
 * A query that is written already, put into another that brings its columns to other types: the branches of a set
 * operation, and the right side of IN.
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"

/* Numbers but for numeric are SQLite's own, which compares and unites them; other types that are stored alike need
 * nothing either. */
static bool
must_change(const struct scope_column *column, uint32_t oid)
{
	uint32_t from = column->oid;

	if (column->late && type_collation(oid) != NULL)
		return true;
	if (column->null || from == oid || oid == TYPE_UNKNOWN)
		return false;
	if (type_is_number(from) && type_is_number(oid))
		return from == TYPE_NUMERIC || oid == TYPE_NUMERIC || type_is_integer(from) != type_is_integer(oid);
	if (type_is_text(from) && type_is_text(oid))
		return from == TYPE_BPCHAR;
	if (type_is_array(from) && type_is_array(oid))
		return type_element(from) == TYPE_BPCHAR;
	return !type_is_array(from) && type_common(from, oid) != TYPE_OID;
}

static bool
any_changes(const struct query_columns *columns, const uint32_t *oids)
{
	for (unsigned i = 0; i < columns->n; i++)
		if (must_change(&columns->columns[i], oids[i]))
			return true;
	return false;
}

/* SELECT casts FROM the query, at the end of the text. */
static int
emit_casts(struct translator *t, const struct query_columns *columns, const uint32_t *oids, unsigned serial)
{
	for (unsigned i = 0; i < columns->n; i++) {
		const struct scope_column *column = &columns->columns[i];
		struct expression e;

		translate_emit(t, i == 0 ? ") SELECT " : ", ");
		e = expression_value(t->out.length, column->oid);
		e.typmod = column->typmod;
		if (translate_emit_format(t, "\"c%u\"", i + 1) < 0)
			return -1;
		e.end = t->out.length;
		if ((column->oid == TYPE_BPCHAR && oids[i] != TYPE_BPCHAR && expression_trim(t, &e) < 0) ||
		    (must_change(column, oids[i]) && expression_cast(t, &e, oids[i], -1, CAST_IMPLICIT, -1) < 0) ||
		    (!column->null && expression_collate(t, &e) < 0) || translate_emit(t, " AS ") < 0 ||
		    translate_identifier(t, column->emitted) < 0)
			return -1;
	}
	return translate_emit_format(t, " FROM \"bibd_cast_%u\")", serial);
}

static int
put_head(struct translator *t, const struct query_columns *columns, size_t start, unsigned serial)
{
	struct sql_text head = { 0 };

	sql_text_format(&head, "SELECT * FROM (WITH \"bibd_cast_%u\"(", serial);
	for (unsigned i = 0; i < columns->n; i++)
		sql_text_format(&head, "%s\"c%u\"", i == 0 ? "" : ", ", i + 1);
	sql_text_put(&head, ") AS (");
	t->out.failed |= head.failed;
	if (!head.failed)
		sql_text_insert(&t->out, start, head.data);
	sql_text_free(&head);
	return t->out.failed ? translate_out_of_memory(t) : 0;
}

/* ---- what a function in SQL returns ---- */

static bool
must_return(const struct scope_column *column, const struct dialect_variables *variables, unsigned i)
{
	uint32_t oid = column->oid == TYPE_UNKNOWN ? (uint32_t)TYPE_TEXT : column->oid;
	int32_t typmod = variables->returned_typmods[i];

	return column->null || oid != variables->returned[i] || (typmod >= 0 && typmod != column->typmod);
}

/* One composite value as the row that is returned. */
static int
emit_fields(struct translator *t, struct query_columns *columns, const struct dialect_variables *variables,
    unsigned serial)
{
	struct expression whole = expression_value(0, columns->columns[0].oid);
	struct scope_column *made = translator_alloc(t, (variables->nreturned + 1) * sizeof(*made));
	const struct row_shape *shape;

	whole.shape = columns->columns[0].shape;
	if (made == NULL || (shape = translate_shape(t, &whole)) == NULL || shape->n != variables->nreturned)
		return translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH, "the row has other fields");
	for (unsigned i = 0; i < shape->n; i++) {
		struct expression e = expression_value(0, whole.oid);
		int32_t typmod = variables->returned_typmods[i];

		translate_emit(t, i == 0 ? ") SELECT " : ", ");
		e.start = t->out.length;
		translate_emit(t, variables->returns_set ? "bibd_own_present(\"c1\")" : "\"c1\"");
		e.end = t->out.length;
		if (translate_row_field_at(t, &e, shape, i) < 0 ||
		    (!variables->returns_record &&
			(e.oid != variables->returned[i] || (typmod >= 0 && typmod != e.typmod)) &&
			expression_cast(t, &e, variables->returned[i], typmod, CAST_ASSIGNMENT, -1) < 0) ||
		    translate_emit_format(t, " AS \"r%u\"", i + 1) < 0)
			return -1;
		made[i] = (struct scope_column) { .name = shape->fields[i].name,
			.oid = e.oid,
			.typmod = e.typmod,
			.canonical = true };
	}
	if (translate_emit_format(t, " FROM \"bibd_cast_%u\")", serial) < 0)
		return -1;
	columns->columns = made;
	columns->n = shape->n;
	return 0;
}

static int
emit_returned(struct translator *t, struct query_columns *columns, const struct dialect_variables *variables,
    unsigned serial)
{
	for (unsigned i = 0; i < columns->n; i++) {
		struct scope_column *column = &columns->columns[i];
		struct expression e;

		translate_emit(t, i == 0 ? ") SELECT " : ", ");
		e = expression_value(t->out.length,
		    column->null || column->oid == TYPE_UNKNOWN ? TYPE_TEXT : column->oid);
		e.typmod = column->typmod;
		e.canonical = column->canonical;
		if (translate_emit_format(t, "\"c%u\"", i + 1) < 0)
			return -1;
		e.end = t->out.length;
		if ((must_return(column, variables, i) &&
			expression_cast(t, &e, variables->returned[i], variables->returned_typmods[i], CAST_ASSIGNMENT,
			    -1) < 0) ||
		    translate_emit_format(t, " AS \"r%u\"", i + 1) < 0)
			return -1;
		*column = (struct scope_column) { .name = column->name,
			.oid = variables->returned[i],
			.typmod = variables->returned_typmods[i],
			.canonical = true };
	}
	return translate_emit_format(t, " FROM \"bibd_cast_%u\")", serial);
}

static int
return_fields(struct translator *t, size_t start, struct query_columns *columns, unsigned serial)
{
	struct query_columns whole = *columns;

	t->text->variables->mismatched = true;
	if (emit_fields(t, columns, t->text->variables, serial) < 0 || put_head(t, &whole, start, serial) < 0)
		return -1;
	t->text->variables->mismatched = false;
	return 0;
}

int
translate_returned(struct translator *t, size_t start, struct query_columns *columns)
{
	struct dialect_variables *variables = t->text->variables;
	unsigned serial = ++t->serial;
	bool any = false;

	if (variables != NULL && variables->nreturned > 0 && columns->n == 1 && type_is_row(columns->columns[0].oid) &&
	    (variables->nreturned > 1 || variables->returned[0] != columns->columns[0].oid))
		return return_fields(t, start, columns, serial);
	if (variables == NULL || variables->nreturned != columns->n)
		return 0;
	for (unsigned i = 0; i < columns->n; i++)
		any |= must_return(&columns->columns[i], variables, i);
	if (!any)
		return 0;
	variables->mismatched = true;
	if (emit_returned(t, columns, variables, serial) < 0 || put_head(t, columns, start, serial) < 0)
		return -1;
	variables->mismatched = false;
	return 0;
}

/* ---- branches of a set operation ---- */

int
translate_recast(struct translator *t, size_t start, size_t end, const struct query_columns *columns,
    const uint32_t *oids)
{
	unsigned serial = ++t->serial;
	size_t length = t->out.length;
	const char *tail;

	if (!any_changes(columns, oids))
		return 0;
	if (emit_casts(t, columns, oids, serial) < 0 || (tail = translator_copy(t, t->out.data + length)) == NULL)
		return -1;
	sql_text_cut(&t->out, length);
	sql_text_insert(&t->out, end, tail);
	return put_head(t, columns, start, serial);
}
