/*
 * Calls of the file's own functions within a statement: as a value. The session runs them when SQLite asks
 * (functions/set_own.c).
 */
#include <string.h>

#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/schema/routine.h"

static void
note(struct translator *t, const struct own_call *own)
{
	t->nvolatile += !own->steady;
	t->plan->reads_anew |= own->reads_anew;
	if (!own->writes)
		return;
	t->plan->read_only = false;
	t->plan->draws = true;
}

int
translate_own_head(struct translator *t, size_t start, const struct own_call *own)
{
	const char *separator = own->narguments > 0 ? ", " : "";

	note(t, own);
	sql_text_insert(&t->out, start,
	    translator_format(t, own->writes ? "bibd_own_writer(%u), '%s'%s" : "%u, '%s'%s", own->oid, own->types,
		separator));
	return translate_emit(t, "");
}

int
translate_own_call(struct translator *t, const PgQuery__FuncCall *call, struct expression *type)
{
	size_t start = t->out.length;
	struct own_call own;

	if (translate_own_arguments(t, call, 'f', NULL, 0, &own) < 0)
		return -1;
	if (own.native != NULL && *own.native == '\0')
		return translate_refuse(t, call->location,
		    translator_format(t, "%s() of the extension", translate_function_name(t, call)));
	if (translate_own_head(t, start, &own) < 0)
		return -1;
	/* SQLite may take the same call of an IMMUTABLE one for the same value: also in an index and a generated
	 * column, where it takes no others. */
	sql_text_insert(&t->out, start, own.volatility == 'i' ? "bibd_own_pure(" : "bibd_own(");
	if (translate_emit(t, ")") < 0)
		return -1;
	*type = expression_value(start, translate_kept_type(t, own.result));
	type->canonical = type->oid == TYPE_NUMERIC;
	type->domain = type->oid != own.result ? own.result : 0;
	type->end = t->out.length;
	if (!own.row)
		return 0;
	if (own.ncolumns > 0 && (type->shape = translate_own_shape(t, &own)) == NULL)
		return -1;
	return expression_wrap(t, type, "bibd_own_row(", ")");
}

const struct row_shape *
translate_own_shape(struct translator *t, const struct own_call *own)
{
	struct row_shape *shape = translator_alloc(t, sizeof(*shape));
	struct row_field *fields = translator_alloc(t, (own->ncolumns + 1) * sizeof(*fields));

	if (shape == NULL || fields == NULL)
		return NULL;
	for (unsigned i = 0; i < own->ncolumns; i++) {
		const struct schema_routine_column *column = &own->columns[i];

		fields[i] = (struct row_field) { .name = column->name != NULL ? column->name
									      : translator_format(t, "column%u", i + 1),
			.oid = column->oid,
			.typmod = column->typmod };
	}
	*shape = (struct row_shape) { .n = own->ncolumns, .fields = fields };
	return shape;
}
