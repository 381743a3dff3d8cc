/*
 * Which fields a row has, and whether two rows have the same.
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/row.h"

static bool
fill_field(struct translator *t, struct row_field *field, const struct schema_field *from)
{
	const struct schema_type *domain;

	*field =
	    (struct row_field) { .name = translator_copy(t, from->name), .oid = from->oid, .typmod = from->typmod };
	if (type_class(from->oid) == TYPE_CLASS_DOMAIN) {
		if ((domain = schema_type_by_oid(t->schema, from->oid)) == NULL)
			return false;
		field->domain = from->oid;
		field->oid = domain->base;
		field->typmod = domain->typmod;
	} else if (type_class(type_element(from->oid)) == TYPE_CLASS_DOMAIN) {
		field->domain = from->oid;
		field->oid = translate_kept_type(t, from->oid);
	}
	return field->name != NULL && field->oid != 0;
}

static const struct row_shape *
shape_of_type(struct translator *t, uint32_t oid)
{
	const struct schema_type *type = schema_type_by_oid(t->schema, oid);
	struct row_shape *shape = translator_alloc(t, sizeof(*shape));
	struct row_field *fields =
	    type == NULL ? NULL : translator_alloc(t, (type->nfields + 1) * sizeof(struct row_field));

	if (shape == NULL || fields == NULL)
		return NULL;
	for (unsigned i = 0; i < type->nfields; i++)
		if (!fill_field(t, &fields[i], &type->fields[i]))
			return NULL;
	*shape = (struct row_shape) { .n = type->nfields, .fields = fields };
	return shape;
}

const struct row_shape *
translate_shape(struct translator *t, const struct expression *e)
{
	if (e->form != EXPRESSION_VALUE)
		return NULL;
	return type_class(e->oid) == TYPE_CLASS_COMPOSITE ? shape_of_type(t, e->oid) : e->shape;
}

uint32_t
translate_kept_type(struct translator *t, uint32_t oid)
{
	uint32_t element = type_element(oid);
	const struct schema_type *domain = schema_type_by_oid(t->schema, element != 0 ? element : oid);

	if (element != 0)
		return type_class(element) != TYPE_CLASS_DOMAIN ? oid
		    : domain == NULL				? 0
								: type_array_of(domain->base);
	return type_class(oid) != TYPE_CLASS_DOMAIN ? oid : domain == NULL ? 0 : domain->base;
}

static bool
shapes_alike(struct translator *t, const struct row_shape *a, const struct row_shape *b)
{
	bool alike = a != NULL && b != NULL && a->n == b->n;

	for (unsigned i = 0; alike && a != b && i < a->n; i++)
		alike = a->fields[i].oid == b->fields[i].oid &&
		    (a->fields[i].oid != TYPE_RECORD || shapes_alike(t, a->fields[i].shape, b->fields[i].shape));
	return alike;
}

bool
translate_rows_alike(struct translator *t, const struct expression *left, const struct expression *right)
{
	if (left->oid == right->oid && type_class(left->oid) == TYPE_CLASS_COMPOSITE)
		return true;
	return shapes_alike(t, translate_shape(t, left), translate_shape(t, right));
}

/* Whether values of the type have an order. *unknown: a record's fields are not known, which may not be of one type in
 * all rows. */
static bool
is_sortable(struct translator *t, uint32_t oid, const struct row_shape *shape, bool *unknown)
{
	struct expression e = expression_value(0, oid);

	if (oid == TYPE_JSON || oid == TYPE_JSONPATH)
		return false;
	if (type_is_array(oid))
		return is_sortable(t, translate_kept_type(t, type_element(oid)), shape, unknown);
	e.shape = shape;
	if (!type_is_row(oid))
		return true;
	*unknown |= (shape = translate_shape(t, &e)) == NULL;
	for (unsigned i = 0; shape != NULL && i < shape->n; i++)
		if (!is_sortable(t, shape->fields[i].oid, shape->fields[i].shape, unknown))
			return false;
	return true;
}

int
translate_check_sortable(struct translator *t, const struct expression *e, const char *op, int location)
{
	bool unknown = false;

	if (e->form != EXPRESSION_VALUE)
		return 0;
	if (is_sortable(t, e->oid, e->shape, &unknown))
		return unknown ? translate_refuse(t, location, "sorting or grouping by this record") : 0;
	translate_fail(t, location, SQLSTATE_UNDEFINED_FUNCTION, "could not identify an %s operator for type %s", op,
	    type_display(t, e->oid));
	if (strcmp(op, "ordering") == 0)
		report_hint(t->report, "Use an explicit ordering operator or modify the query.");
	return -1;
}
