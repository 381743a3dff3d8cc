/*
 * Arrays, kept as text in PostgreSQL's own form: '{1,2}'. ARRAY[...], subscripts and slices, read and assigned to:
 * functions do all of it.
 */
#include <string.h>

#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/types/array_reader.h"

/* Arguments of one call; SQLite takes no more than 127. */
#define GROUP_SIZE 100

/* What elements are brought to, and how. */
struct element_cast {
	uint32_t oid;
	int32_t typmod;
	enum cast_kind kind;
	int location;
};

/* Brings each element to the type, and begins a new call of `head` before every so many of them: they are put together
 * by concatenation. Last first, as text grows. */
static int
bring_elements(struct translator *t, struct expression *list, size_t n, const struct element_cast *to, const char *head)
{
	for (size_t i = n; i-- > 0;) {
		if (expression_cast(t, &list[i], to->oid, to->typmod, to->kind, to->location) < 0)
			return -1;
		if (i == 0 || i % GROUP_SIZE != 0)
			continue;
		sql_text_insert(&t->out, list[i].start, head);
		sql_text_insert(&t->out, list[i].start - strlen(", "), i == GROUP_SIZE ? ")" : "))");
	}
	return 0;
}

uint32_t
expression_array_domain(uint32_t domain)
{
	return domain == 0 ? 0 : type_array_of(domain);
}

/* The domain that an array of these is of: that of all of them. */
static uint32_t
domain_of(const struct expression *list, size_t n, uint32_t oid)
{
	uint32_t domain = n > 0 ? list[0].domain : 0;

	for (size_t i = 1; i < n; i++)
		domain = list[i].domain == domain ? domain : 0;
	return type_is_array(oid) ? domain : expression_array_domain(domain);
}

/* Elements of one type make one dimension, arrays of one type one more than they have. */
static int
emit_elements(struct translator *t, struct expression *list, size_t n, const struct element_cast *to,
    struct expression *type)
{
	uint32_t oid = to->oid;
	size_t start = type->start;
	uint32_t domain = domain_of(list, n, oid);
	const char *head;

	if (!type_is_array(oid) && type_array_of(oid) == 0)
		return translate_fail(t, to->location, SQLSTATE_UNDEFINED_OBJECT,
		    "could not find array type for data type %s", type_display(t, oid));
	head = type_is_array(oid) ? "bibd_array_nest(" : translator_format(t, "bibd_array(%u, ", type_kept_as(oid));
	if (oid == TYPE_INT2VECTOR || oid == TYPE_OIDVECTOR)
		return translate_refuse(t, to->location, "an array of vectors");
	if (head == NULL || bring_elements(t, list, n, to, head) < 0)
		return -1;
	sql_text_insert(&t->out, start, head);
	for (size_t i = GROUP_SIZE; i < n; i += GROUP_SIZE)
		sql_text_insert(&t->out, start, "bibd_array_concatenate(");
	*type = expression_value(start, type_is_array(oid) ? oid : type_array_of(oid));
	type->domain = domain;
	type->shape = n > 0 ? list[0].shape : NULL; /* each element's is the same: expression_common() */
	return translate_emit(t, n > GROUP_SIZE ? "))" : ")");
}

int
translate_array(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__AArrayExpr *array = node->a_array_expr;
	struct element_cast to = { .typmod = -1, .kind = CAST_IMPLICIT, .location = array->location };
	size_t n = array->n_elements;
	struct expression *list = translator_alloc(t, (n + 1) * sizeof(*list));

	if (list == NULL)
		return -1;
	if (n == 0) {
		translate_fail(t, array->location, SQLSTATE_INDETERMINATE_DATATYPE,
		    "cannot determine type of empty array");
		report_hint(t->report, "Explicitly cast to the desired type, for example ARRAY[]::integer[].");
		return -1;
	}
	*type = expression_value(t->out.length, TYPE_UNKNOWN);
	for (size_t i = 0; i < n; i++)
		if ((i > 0 && translate_emit(t, ", ") < 0) || translate_expression(t, array->elements[i], &list[i]) < 0)
			return -1;
	if (expression_common(t, list, n, "ARRAY", array->location, &to.oid) < 0)
		return -1;
	return emit_elements(t, list, n, &to, type);
}

int
translate_array_as(struct translator *t, const PgQuery__AArrayExpr *array, uint32_t oid, int32_t typmod,
    struct expression *type)
{
	struct element_cast to = { .oid = type_element(oid),
		.typmod = typmod,
		.kind = CAST_EXPLICIT,
		.location = array->location };
	size_t n = array->n_elements;
	struct expression *list = translator_alloc(t, (n + 1) * sizeof(*list));

	*type = expression_value(t->out.length, oid);
	if (n == 0)
		return translate_emit(t, "'{}'");
	for (size_t i = 0; list != NULL && i < n; i++) {
		const PgQuery__Node *node = array->elements[i];
		bool nested = node->node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR;

		if (i > 0 && translate_emit(t, ", ") < 0)
			return -1;
		if ((nested ? translate_array_as(t, node->a_array_expr, oid, typmod, &list[i])
			    : translate_expression(t, node, &list[i])) < 0)
			return -1;
		list[i].end = t->out.length;
		if (nested || type_is_array(list[i].oid))
			to.oid = oid;
	}
	return list == NULL ? -1 : emit_elements(t, list, n, &to, type);
}

/* ---- subscripts ---- */

/* One bound; NULL: it is left out, which the function sees as a text. */
static int
emit_bound(struct translator *t, const PgQuery__Node *bound)
{
	struct expression e;

	if (translate_emit(t, ", ") < 0)
		return -1;
	if (bound == NULL)
		return translate_emit(t, "''");
	if (translate_expression(t, bound, &e) < 0)
		return -1;
	if (expression_cast(t, &e, TYPE_INT4, -1, CAST_ASSIGNMENT, translate_location(bound)) == 0)
		return 0;
	return t->report->state != SQLSTATE_CANNOT_COERCE
	    ? -1
	    : translate_fail(t, translate_location(bound), SQLSTATE_DATATYPE_MISMATCH,
		  "array subscript must have type integer");
}

bool
subscripts_are_slice(PgQuery__Node *const *steps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (steps[i]->node_case == PG_QUERY__NODE__NODE_A_INDICES && steps[i]->a_indices->is_slice)
			return true;
	return false;
}

int
translate_subscripts(struct translator *t, PgQuery__Node *const *steps, size_t n)
{
	bool slice = subscripts_are_slice(steps, n);

	if (n > ARRAY_DIMENSIONS_MAX)
		return translate_fail(t, -1, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
		    "number of array dimensions (%zu) exceeds the maximum allowed (%d)", n, ARRAY_DIMENSIONS_MAX);
	for (size_t i = 0; i < n; i++) {
		const PgQuery__AIndices *step = steps[i]->a_indices;

		if (!slice) {
			if (emit_bound(t, step->uidx) < 0)
				return -1;
		} else if (!step->is_slice) { /* among slices [2] means [1:2] */
			if (translate_emit(t, ", 1") < 0 || emit_bound(t, step->uidx) < 0)
				return -1;
		} else if (emit_bound(t, step->lidx) < 0 || emit_bound(t, step->uidx) < 0)
			return -1;
	}
	return 0;
}

/* A name is an array of bytes of a fixed length. */
static int
subscript_name(struct translator *t, PgQuery__Node *const *steps, size_t n, int location, struct expression *type)
{
	if (n > 1 || subscripts_are_slice(steps, n))
		return translate_refuse(t, location, "a slice of a name");
	sql_text_insert(&t->out, type->start, "bibd_name_item(");
	if (translate_subscripts(t, steps, n) < 0)
		return -1;
	*type = expression_value(type->start, TYPE_CHAR);
	return translate_emit(t, ")");
}

/* The array stands at type->start and ends the text. */
static int
subscript(struct translator *t, PgQuery__Node *const *steps, size_t n, int location, struct expression *type)
{
	uint32_t element = type_element(type->oid), oid = type->oid;
	bool slice = subscripts_are_slice(steps, n);

	if (oid == TYPE_NAME)
		return subscript_name(t, steps, n, location, type);
	if (element == 0)
		return translate_fail(t, location, SQLSTATE_DATATYPE_MISMATCH,
		    "cannot subscript type %s because it does not support subscripting", type_display(t, oid));
	sql_text_insert(&t->out, type->start, slice ? "bibd_array_slice(" : "bibd_array_item(");
	if ((!slice && translate_emit_format(t, ", %u", type_kept_as(element)) < 0) ||
	    translate_subscripts(t, steps, n) < 0)
		return -1;
	{
		const struct row_shape *shape = type->shape;

		if (slice && (oid == TYPE_INT2VECTOR || oid == TYPE_OIDVECTOR))
			oid = type_array_of(element);
		*type = expression_value(type->start, slice ? oid : element);
		type->shape = shape;
	}
	return translate_emit(t, ")");
}

/* Subscripts of what stands at type->start and ends the text. */
static int
subscripts(struct translator *t, PgQuery__Node *const *steps, size_t n, int location, struct expression *type)
{
	if (type->oid == TYPE_JSONB)
		return translate_jsonb_subscripts(t, steps, n, type);
	if (type_class(type->domain) == TYPE_CLASS_BASE && type_is_user(type->domain) &&
	    !subscripts_are_slice(steps, n)) { /* an element of an array of a domain */
		uint32_t domain = type_element(type->domain);

		if (subscript(t, steps, n, location, type) < 0)
			return -1;
		type->domain = domain;
	} else if (subscript(t, steps, n, location, type) < 0)
		return -1;
	type->end = t->out.length;
	return 0;
}

/* The value whose parts are wanted: of a set-returning function one of its columns. *used: steps that this took. */
static int
whole(struct translator *t, const PgQuery__AIndirection *indirection, size_t *used, struct expression *type)
{
	const PgQuery__Node *arg = indirection->arg;
	const PgQuery__FuncCall *call = arg->node_case == PG_QUERY__NODE__NODE_FUNC_CALL ? arg->func_call : NULL;
	const char *field = translate_string(indirection->indirection[0]);

	*used = 0;
	if (field == NULL || call == NULL ||
	    !translate_is_set(t, translate_own_name(t, call->funcname, call->n_funcname)))
		return translate_expression(t, arg, type);
	*used = 1;
	return translate_set_function_field(t, call, field, type);
}

int
translate_indirection(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__AIndirection *indirection = node->a_indirection;
	size_t n = indirection->n_indirection, at;
	int location = translate_location(indirection->arg);

	if (whole(t, indirection, &at, type) < 0)
		return -1;
	type->end = t->out.length;
	while (at < n) {
		size_t from = at;

		while (at < n && indirection->indirection[at]->node_case == PG_QUERY__NODE__NODE_A_INDICES)
			at++;
		if (at > from) {
			if (subscripts(t, indirection->indirection + from, at - from, location, type) < 0)
				return -1;
			continue;
		}
		if (translate_string(indirection->indirection[at]) == NULL)
			return translate_refuse(t, location, "all fields of a row here");
		if (translate_row_field(t, type, translate_string(indirection->indirection[at++]), location) < 0)
			return -1;
	}
	return 0;
}
