/*
 * || of texts and of arrays, and the operators that ask what arrays contain.
 */

#include "workers/sqlite/dialect/operator.h"

static int
concatenate_operand(struct translator *t, struct expression *e, int location)
{
	if (e->form != EXPRESSION_VALUE)
		return expression_settle(t, e, TYPE_TEXT, -1);
	if (e->oid == TYPE_BPCHAR)
		return expression_trim(t, e);
	return type_is_text(e->oid) ? 0 : expression_cast(t, e, TYPE_TEXT, -1, CAST_EXPLICIT, location);
}

static uint32_t
array_element(const struct expression *e)
{
	return type_is_array(e->oid) ? type_element(e->oid) : e->oid;
}

/* Arrays to arrays of the type in which the elements meet, an element to that type. */
static int
bring_to_element(struct translator *t, struct expression *e, uint32_t element, int location)
{
	if (e->oid == TYPE_BPCHAR && element != TYPE_BPCHAR)
		return expression_trim(t, e);
	return expression_cast(t, e, type_is_array(e->oid) ? type_array_of(element) : element, -1, CAST_IMPLICIT,
	    location);
}

static int
concatenate_arrays(struct translator *t, struct expression *left, struct expression *right, int location,
    struct expression *result)
{
	uint32_t element = type_common(array_element(left), array_element(right));
	bool both = type_is_array(left->oid) && type_is_array(right->oid);
	const char *call = both	       ? "bibd_array_cat("
	    : type_is_array(left->oid) ? "bibd_array_append("
				       : "bibd_array_prepend(";
	const char *end = both ? ")" : translator_format(t, ", %u)", type_kept_as(element));

	if (element == 0 || type_array_of(element) == 0)
		return translate_no_operator(t, "||", left, right, location);
	if (end == NULL || bring_to_element(t, right, element, location) < 0 ||
	    bring_to_element(t, left, element, location) < 0)
		return -1;
	return expression_join(t, left, right, call, ", ", end, type_array_of(element), result);
}

/* @>, <@ and &&, which PostgreSQL has of arrays of any one type. */
int
operator_contain(struct translator *t, const char *op, struct expression *left, struct expression *right, int location,
    struct expression *result)
{
	const char *end = translator_format(t, ", '%s', %u)", op, type_kept_as(type_element(left->oid)));

	if (!type_is_array(left->oid) || !type_is_array(right->oid))
		return translate_no_operator(t, op, left, right, location);
	return end == NULL ? -1 : expression_join(t, left, right, "bibd_array_contain(", ", ", end, TYPE_BOOL, result);
}

int
operator_concatenate(struct translator *t, const char *op, struct expression *left, struct expression *right,
    int location, struct expression *result)
{
	bool text = left->form != EXPRESSION_VALUE || right->form != EXPRESSION_VALUE || type_is_text(left->oid) ||
	    type_is_text(right->oid);

	if (type_is_array(left->oid) || type_is_array(right->oid))
		return concatenate_arrays(t, left, right, location, result);
	if (!text)
		return translate_no_operator(t, op, left, right, location);
	if (concatenate_operand(t, right, location) < 0 || concatenate_operand(t, left, location) < 0)
		return -1;
	return expression_join(t, left, right, "(", " || ", ")", TYPE_TEXT, result);
}
