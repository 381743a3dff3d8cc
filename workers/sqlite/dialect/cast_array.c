/*
 * Casts of arrays and of vectors.
 */

#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/dialect/cast.h"

#define VECTOR_MAX 100 /* SQLite's functions take 127 arguments */

/* Elements of one type of numbers as those of another; others are read from their text, which must not depend on what
 * the session sees. */
int
cast_array_elements(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod, enum cast_kind kind,
    int location)
{
	uint32_t from = type_element(e->oid), to = type_element(oid);
	bool numbers = (type_is_number(from) || from == TYPE_BOOL) && (type_is_number(to) || to == TYPE_BOOL);

	if (to == TYPE_RECORD && type_is_row(from))
		return 0;
	if (cast_is_named(to) && type_is_text(from))
		return cast_wrap_named(t, e, oid, true);
	if (cast_is_named(from) && type_is_text(to))
		return cast_wrap_named(t, e, e->oid, false);
	if (cast_kept_as_oid(from) && cast_kept_as_oid(to))
		return 0;
	if (type_is_user(to) && (from == TYPE_TEXT || from == TYPE_VARCHAR))
		return cast_wrap_named(t, e, oid, true);
	if (type_is_user(from) && to == TYPE_TEXT)
		return cast_wrap_named(t, e, e->oid, false);
	if (type_is_user(to) || type_is_user(from))
		return translate_refuse(t, location,
		    translator_format(t, "a cast from %s to %s", type_display(t, e->oid), type_display(t, oid)));
	/* Each element would lose its blanks. */
	if (from == TYPE_BPCHAR && type_is_text(to))
		return translate_refuse(t, location,
		    translator_format(t, "a cast from %s to %s", type_display(t, e->oid), type_display(t, oid)));
	if (!numbers && !type_is_text(from) &&
	    (!type_is_text(to) || from == TYPE_BOOL || from == TYPE_TIMESTAMPTZ || from == TYPE_INTERVAL ||
		from == TYPE_BYTEA))
		return translate_refuse(t, location,
		    translator_format(t, "a cast from %s to %s", type_display(t, e->oid), type_display(t, oid)));
	if (!numbers)
		return cast_call(t, e, oid, typmod, kind);
	return expression_wrap(t, e, "bibd_array_cast(",
	    translator_format(t, ", %u, %u, %d, %d)", from, to, typmod, kind == CAST_EXPLICIT));
}

/* An array of a domain: one of what that is made of, each of whose elements the domain checks. */
int
cast_to_domain_array(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod, enum cast_kind kind,
    int location)
{
	const struct schema_type *domain = schema_type_by_oid(t->schema, type_element(oid));
	uint32_t kept = translate_kept_type(t, oid);

	if (kept == 0 || domain == NULL)
		return translate_out_of_memory(t);
	if (e->form == EXPRESSION_VALUE && e->domain == oid)
		return 0;
	if (expression_cast(t, e, kept, typmod < 0 ? domain->typmod : typmod, kind, location) < 0)
		return -1;
	if (e->form == EXPRESSION_NULL)
		return 0;
	if (expression_wrap(t, e, "bibd_domain_array(", translator_format(t, ", %u)", type_element(oid))) < 0)
		return -1;
	e->domain = oid;
	return 0;
}

/* ARRAY[...]::type, also of a domain over an array, or an array of a domain: each element is cast by itself. */
int
cast_array_expression(struct translator *t, const PgQuery__TypeCast *cast, uint32_t oid, int32_t typmod,
    struct expression *type)
{
	const struct schema_type *domain =
	    type_is_domain(oid) ? schema_type_by_oid(t->schema, type_is_array(oid) ? type_element(oid) : oid) : NULL;

	if (domain != NULL)
		typmod = domain->typmod;
	if (translate_array_as(t, cast->arg->a_array_expr, translate_kept_type(t, oid), typmod, type) < 0)
		return -1;
	type->typmod = typmod;
	type->end = t->out.length;
	return domain == NULL ? 0 : expression_cast(t, type, oid, -1, CAST_EXPLICIT, cast->location);
}

/* ARRAY[...]::oidvector and ::int2vector: the numbers with blanks between, each of them cast by itself. */
int
cast_vector(struct translator *t, const PgQuery__TypeCast *cast, uint32_t oid, struct expression *type)
{
	const PgQuery__AArrayExpr *array = cast->arg->a_array_expr;
	uint32_t element_oid = oid == TYPE_INT2VECTOR ? TYPE_INT2 : TYPE_OID;
	size_t start = t->out.length;
	struct expression element;

	if (array->n_elements == 0)
		return translate_fail(t, cast->location, SQLSTATE_DATATYPE_MISMATCH,
		    "cannot cast an empty array to type %s", type_display(t, oid));
	if (array->n_elements > VECTOR_MAX)
		return translate_refuse(t, cast->location, "a vector of so many numbers");
	for (size_t i = 0; i < array->n_elements; i++)
		if (translate_emit(t, i == 0 ? "bibd_vector(" : ", ") < 0 ||
		    translate_expression(t, array->elements[i], &element) < 0 ||
		    expression_cast(t, &element, element_oid, -1, CAST_EXPLICIT, cast->location) < 0)
			return -1;
	*type = expression_value(start, oid);
	return translate_emit(t, ")");
}
