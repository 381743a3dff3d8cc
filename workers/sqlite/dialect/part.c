/*
 * Assignments to a part of a column: an element or a slice of an array, a field of a row, or what is at a path of a
 * jsonb. The column becomes what a function makes of what it was, once for each such assignment, the first innermost.
 */
#include <string.h>

#include "workers/sqlite/dialect/fire.h"

/* What stands in the text twice, once for each field on the way to the one that is assigned, grows by powers of two. */
#define PART_TEXT_MAX (256 * 1024)

/* What a part is of, and what is assigned to it. */
struct part {
	struct translator *t;
	const char *column;
	int location;
	const PgQuery__Node *node;	/* the value; NULL: */
	const struct expression *value; /* it stands alone in this text */
	const char *text;
};

/* A value within a column, and what it was before. */
struct whole {
	uint32_t oid;
	int32_t typmod;
	uint32_t domain;
	const char *before;
};

static const char *put_part(struct part *p, const struct whole *whole, PgQuery__Node *const *steps, size_t n);

/* Takes what was written from start on out of the text. NULL: reported. */
static const char *
take(struct translator *t, size_t start)
{
	const char *text = t->out.failed ? NULL : translator_copy(t, t->out.data + start);

	sql_text_cut(&t->out, start);
	if (text != NULL && strlen(text) > PART_TEXT_MAX) {
		(void)translate_refuse(t, -1, "assignments to so many parts of a column");
		return NULL;
	}
	return text;
}

/* The domain that it is of checks the whole. */
static const char *
check_whole(struct part *p, const struct whole *whole, const char *text)
{
	size_t start = p->t->out.length;
	struct expression e = expression_value(start, whole->oid);

	if (text == NULL || whole->domain == 0)
		return text;
	if (translate_emit(p->t, text) < 0)
		return NULL;
	e.end = p->t->out.length;
	return expression_cast(p->t, &e, whole->domain, -1, CAST_ASSIGNMENT, -1) < 0 ? NULL : take(p->t, start);
}

/* The value has no cast to what it is assigned to. `field` NULL: an element. */
static void
fail_type(struct part *p, const char *field, uint32_t oid, uint32_t given)
{
	const char *to = type_display(p->t, oid), *from = type_display(p->t, given);

	if (p->t->report->state != SQLSTATE_CANNOT_COERCE || (given == TYPE_RECORD && type_is_row(oid)))
		return;
	if (field == NULL)
		translate_fail(p->t, p->location, SQLSTATE_DATATYPE_MISMATCH,
		    "subscripted assignment to \"%s\" requires type %s but expression is of type %s", p->column, to,
		    from);
	else
		translate_fail(p->t, p->location, SQLSTATE_DATATYPE_MISMATCH,
		    "subfield \"%s\" is of type %s but expression is of type %s", field, to, from);
	report_hint(p->t->report, "You will need to rewrite or cast the expression.");
}

/* The value, brought to the type of what it is assigned to. `field` NULL: an element. */
static const char *
put_value(struct part *p, uint32_t oid, int32_t typmod, const char *field)
{
	struct translator *t = p->t;
	size_t start = t->out.length;
	struct expression e;
	uint32_t given;

	if (p->node != NULL && p->node->node_case == PG_QUERY__NODE__NODE_SET_TO_DEFAULT) {
		(void)translate_fail(t, p->location, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    field == NULL ? "cannot set an array element to DEFAULT" : "cannot set a subfield to DEFAULT");
		return NULL;
	}
	if (p->node != NULL) {
		if (translate_expression(t, p->node, &e) < 0)
			return NULL;
	} else {
		e = *p->value;
		if (translate_emit(t, p->text) < 0)
			return NULL;
		e.start = start;
		e.end = t->out.length;
	}
	given = e.oid;
	if (expression_cast(t, &e, oid, typmod, CAST_ASSIGNMENT, p->location) == 0 ||
	    (variable_is_part(t) && translate_by_text(t, &e, oid, typmod, p->location) == 0))
		return take(t, start);
	fail_type(p, field, oid, given);
	return NULL;
}

/* ---- a field ---- */

static const struct row_field *
find_field(struct part *p, const struct whole *whole, const char *name, unsigned *at)
{
	struct expression e = expression_value(0, whole->oid);
	const struct row_shape *shape = translate_shape(p->t, &e);

	if (shape == NULL) {
		(void)translate_fail(p->t, p->location, SQLSTATE_DATATYPE_MISMATCH,
		    "cannot assign to field \"%s\" of column \"%s\" because its type %s is not a composite type", name,
		    p->column, type_display(p->t, whole->oid));
		return NULL;
	}
	for (*at = 0; *at < shape->n; (*at)++)
		if (strcmp(shape->fields[*at].name, name) == 0)
			return &shape->fields[*at];
	(void)translate_fail(p->t, p->location, SQLSTATE_UNDEFINED_COLUMN,
	    "cannot assign to field \"%s\" of column \"%s\" because there is no such column in data type %s", name,
	    p->column, type_display(p->t, whole->oid));
	return NULL;
}

static const char *
put_field(struct part *p, const struct whole *whole, PgQuery__Node *const *steps, size_t n)
{
	const char *name = translate_string(steps[0]), *value;
	const struct row_field *field;
	struct whole inner;
	unsigned at;

	if ((field = find_field(p, whole, name, &at)) == NULL)
		return NULL;
	inner = (struct whole) { .oid = field->oid, .typmod = field->typmod, .domain = field->domain };
	inner.before = translator_format(p->t, "bibd_row_field(%s, %u, %u)", whole->before, at, field->oid);
	value = n > 1 ? put_part(p, &inner, steps + 1, n - 1)
		      : put_value(p, field->domain != 0 ? field->domain : field->oid, field->typmod, name);
	return inner.before == NULL || value == NULL
	    ? NULL
	    : translator_format(p->t, "bibd_row_set(%s, %u, %u, %s)", whole->before, whole->oid, at, value);
}

/* ---- elements ---- */

static const char *
put_subscripts(struct part *p, PgQuery__Node *const *steps, size_t n)
{
	size_t start = p->t->out.length;

	return translate_subscripts(p->t, steps, n) < 0 ? NULL : take(p->t, start);
}

static const char *
put_elements(struct part *p, const struct whole *whole, PgQuery__Node *const *steps, size_t n)
{
	uint32_t element = type_element(whole->oid);
	uint32_t domain = type_is_user(whole->domain) ? type_element(whole->domain) : 0;
	const char *value, *subscripts;
	struct whole inner = { .oid = element, .typmod = whole->typmod, .domain = domain };
	size_t own = 0;
	bool slice;

	while (own < n && steps[own]->node_case == PG_QUERY__NODE__NODE_A_INDICES)
		own++;
	slice = subscripts_are_slice(steps, own);
	if (element == 0) {
		(void)translate_fail(p->t, p->location, SQLSTATE_DATATYPE_MISMATCH,
		    "cannot subscript type %s because it does not support subscripting",
		    type_display(p->t, whole->oid));
		return NULL;
	}
	if (slice && own < n) {
		(void)translate_refuse(p->t, p->location, "assigning to a field of a slice");
		return NULL;
	}
	if ((subscripts = put_subscripts(p, steps, own)) == NULL)
		return NULL;
	inner.before =
	    translator_format(p->t, "bibd_array_item(%s, %u%s)", whole->before, type_kept_as(element), subscripts);
	if (own < n)
		value = inner.before == NULL ? NULL : put_part(p, &inner, steps + own, n - own);
	else
		value = put_value(p, slice ? whole->oid : domain != 0 ? domain : element, whole->typmod, NULL);
	return value == NULL ? NULL
			     : translator_format(p->t, "bibd_array_assign(%s, %u, %d, %s%s)", whole->before,
				   type_kept_as(element), slice, value, subscripts);
}

static const char *
put_part(struct part *p, const struct whole *whole, PgQuery__Node *const *steps, size_t n)
{
	const char *text = translate_string(steps[0]) != NULL	    ? put_field(p, whole, steps, n)
	    : steps[0]->node_case == PG_QUERY__NODE__NODE_A_INDICES ? put_elements(p, whole, steps, n)
								    : NULL;

	if (text == NULL && p->t->report->state == SQLSTATE_SUCCESSFUL_COMPLETION)
		(void)translate_refuse(p->t, p->location, "assigning to all fields of a column");
	return check_whole(p, whole, text);
}

/* ---- a column ---- */

const char *
modify_part(struct translator *t, const struct schema_column *column, const PgQuery__ResTarget *target,
    const PgQuery__Node *value, const char *before)
{
	struct part p = { .t = t, .column = column->name, .location = translate_location(value), .node = value };
	struct whole whole = { .oid = column->oid,
		.typmod = column->typmod,
		.domain = column->domain,
		.before = before };
	size_t start = t->out.length;

	if (column->oid != TYPE_JSONB)
		return put_part(&p, &whole, target->indirection, target->n_indirection);
	if (translate_emit(t, "bibd_jsonb_assign(") < 0 || translate_emit(t, before) < 0 ||
	    modify_end_jsonb_part(t, column, target, value) < 0)
		return NULL;
	return check_whole(&p, &whole, take(t, start));
}

const char *
modify_part_of_query(struct translator *t, const struct schema_column *column, const PgQuery__ResTarget *target,
    const struct expression *value, const char *text, const char *before)
{
	struct part p = { .t = t, .column = column->name, .location = -1, .value = value, .text = text };
	struct whole whole = { .oid = column->oid,
		.typmod = column->typmod,
		.domain = column->domain,
		.before = before };

	if (column->oid != TYPE_JSONB)
		return put_part(&p, &whole, target->indirection, target->n_indirection);
	(void)translate_refuse(t, target->location, "assigning the columns of a query to parts of a jsonb");
	return NULL;
}

static bool
is_part_of(const PgQuery__Node *target, const char *name)
{
	return strcmp(target->res_target->name, name) == 0 && target->res_target->n_indirection > 0;
}

/* The column as it is before the statement: that of the table that is changed, which FROM names first. */
static const char *
before_column(struct translator *t, const struct schema_column *column)
{
	const struct scope_range *range = t->scope == NULL ? NULL : t->scope->ranges;
	size_t start = t->out.length;

	if (range != NULL && !range->bare && (translate_identifier(t, range->alias) < 0 || translate_emit(t, ".") < 0))
		return NULL;
	return translate_identifier(t, schema_column_stored(column)) < 0 ? NULL : take(t, start);
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
	const char *text;
	size_t start;

	if (t->fire == NULL &&
	    (translate_identifier(t, schema_column_stored(column)) < 0 || translate_emit(t, " = ") < 0))
		return -1;
	if ((text = before_column(t, column)) == NULL)
		return -1;
	for (size_t i = 0; text != NULL && i < n; i++) {
		const PgQuery__ResTarget *target = targets[i]->res_target;

		if (!is_part_of(targets[i], column->name))
			continue;
		if (target->val->node_case == PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF)
			return translate_refuse(t, target->location,
			    "assigning to parts of columns among several columns");
		text = modify_part(t, column, target, target->val, text);
	}
	start = t->out.length;
	if (text == NULL || translate_emit(t, text) < 0)
		return -1;
	return t->fire == NULL ? 0 : modify_fire_assign(t, column, start);
}
