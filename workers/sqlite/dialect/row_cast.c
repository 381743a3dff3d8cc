/*
 * Brings a row to a row type, whole or part by part.
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/row.h"

static int
fail_cast(struct translator *t, uint32_t from, uint32_t to, int location, const char *detail)
{
	translate_fail(t, location, SQLSTATE_CANNOT_COERCE, "cannot cast type %s to %s", type_display(t, from),
	    type_display(t, to));
	if (detail != NULL)
		report_detail(t->report, "%s", detail);
	return -1;
}

static int
cast_part(struct translator *t, struct expression *e, unsigned i, const struct schema_field *field, uint32_t oid,
    enum cast_kind kind, int location)
{
	struct expression part = e->parts->fields[i];
	uint32_t from = part.form == EXPRESSION_VALUE ? part.oid : (uint32_t)TYPE_UNKNOWN;
	const char *detail;

	part.start += e->start;
	part.end += e->start;
	if (expression_cast(t, &part, field->oid, field->typmod, kind, location) == 0)
		return 0;
	if (t->report->state != SQLSTATE_CANNOT_COERCE)
		return -1;
	detail = translator_format(t, "Cannot cast type %s to %s in column %u.", type_display(t, from),
	    type_display(t, field->oid), i + 1);
	report_reset(t->report);
	return fail_cast(t, TYPE_RECORD, oid, location, detail);
}

/* The types of a row type's fields, as they are kept. */
static const char *
types_of_fields(struct translator *t, const struct schema_type *type)
{
	const char *types = "";

	for (unsigned i = 0; types != NULL && i < type->nfields; i++)
		types = translator_format(t, "%s%s%u", types, i > 0 ? "," : "",
		    translate_kept_type(t, type->fields[i].oid));
	return types;
}

static int
cast_parts(struct translator *t, struct expression *e, const struct schema_type *type, enum cast_kind kind,
    int location)
{
	const struct row_parts *parts = e->parts;
	struct expression head = { .start = e->start + strlen(ROW_HEAD),
		.end = e->start + strlen(ROW_HEAD) + parts->head };
	size_t length = t->out.length;
	const char *types = types_of_fields(t, type);

	if (parts->n != type->nfields)
		return fail_cast(t, TYPE_RECORD, type->oid, location,
		    parts->n < type->nfields ? "Input has too few columns." : "Input has too many columns.");
	for (unsigned i = parts->n; i-- > 0;)
		if (cast_part(t, e, i, &type->fields[i], type->oid, kind, location) < 0)
			return -1;
	if (types == NULL || expression_replace(t, &head, types) < 0)
		return -1;
	e->end += t->out.length - length;
	return 0;
}

int
expression_cast_row(struct translator *t, struct expression *e, uint32_t oid, enum cast_kind kind, int location)
{
	const struct schema_type *type = schema_type_by_oid(t->schema, oid);

	if (oid == TYPE_RECORD && type_is_row(e->oid)) {
		e->shape = translate_shape(t, e);
		e->oid = oid;
		return 0;
	}
	if (type == NULL)
		return translate_out_of_memory(t);
	if (e->parts == NULL)
		return fail_cast(t, e->oid, oid, location, NULL);
	if (cast_parts(t, e, type, kind, location) < 0)
		return -1;
	e->oid = oid;
	e->shape = NULL;
	e->parts = NULL;
	return 0;
}
