/*
 * IN lists of whole rows, one comparison for each; lists with char(n); and what lists PostgreSQL makes an
 * array of.
 */
#include "workers/sqlite/dialect/expression.h"

int
translate_value_in_rows(struct translator *t, const PgQuery__AExpr *expr, bool negated, struct expression *type)
{
	const PgQuery__List *items = expr->rexpr->list;
	const char *end = negated ? ") = 0" : ")";

	*type = expression_value(t->out.length, TYPE_BOOL);
	for (size_t i = 0; i < items->n_items; i++) {
		struct expression left, item, one;

		if (translate_emit(t,
			i == 0	      ? "("
			    : negated ? " AND "
				      : " OR ") < 0 ||
		    translate_expression(t, expr->lexpr, &left) < 0 ||
		    translate_expression(t, items->items[i], &item) < 0)
			return -1;
		if (item.form != EXPRESSION_VALUE &&
		    expression_cast(t, &item, left.oid, -1, CAST_IMPLICIT, expr->location) < 0)
			return -1;
		if (item.form == EXPRESSION_VALUE && !type_is_row(item.oid))
			return translate_no_operator(t, negated ? "<>" : "=", &left, &item, expr->location);
		if (expression_join(t, &left, &item, "bibd_row_eq(", ", ", end, TYPE_BOOL, &one) < 0)
			return -1;
	}
	return translate_emit(t, ")");
}

/* ---- char(n) ---- */

/* Whether the items are filled up to the column's length: those without a type are, and columns of it have it. */
static bool
is_filled(const struct expression *left, const struct expression *item)
{
	if (left->oid != TYPE_BPCHAR || !left->column || left->typmod <= 4)
		return false;
	return item->form != EXPRESSION_VALUE ||
	    (item->oid == TYPE_BPCHAR && item->column && item->typmod == left->typmod);
}

bool
translate_is_padded(const struct expression *left, const struct expression *items, size_t n, size_t stride)
{
	bool padded = left->oid == TYPE_BPCHAR, filled = true;

	for (size_t i = 0; i < n; i++) {
		const struct expression *item = &items[i * stride];

		padded |= item->form == EXPRESSION_VALUE && item->oid == TYPE_BPCHAR &&
		    (type_is_text(left->oid) || left->oid == TYPE_CITEXT);
		filled &= is_filled(left, item);
	}
	return padded && !filled;
}

int
translate_trim_items(struct translator *t, struct expression *left, struct expression *items, size_t n, int location)
{
	bool varchar = left->oid == TYPE_VARCHAR, padded = varchar || left->oid == TYPE_BPCHAR;
	size_t together = 0; /* they are of the left side's type */

	for (size_t i = 0; i < n; i++) {
		together += items[i].form != EXPRESSION_VALUE || !items[i].column;
		if (varchar && (items[i].form != EXPRESSION_VALUE || items[i].oid != TYPE_BPCHAR || together > 1))
			return translate_refuse(t, location, "a varchar beside char(n) and other texts");
		if (items[i].oid == TYPE_CITEXT || left->oid == TYPE_CITEXT)
			return translate_refuse(t, location, "citext beside char(n)");
	}
	for (size_t i = n; i-- > 0;) {
		struct expression *item = &items[i];

		if (item->form != EXPRESSION_VALUE &&
		    expression_cast(t, item, padded ? TYPE_BPCHAR : TYPE_TEXT, -1, CAST_IMPLICIT, location) < 0)
			return -1;
		if (padded && (item->oid == TYPE_VARCHAR || (together > 1 && !item->column && item->oid == TYPE_TEXT))
			? expression_wrap(t, item, "rtrim(", ")") < 0
			: expression_trim(t, item) < 0)
			return -1;
	}
	if (varchar ? expression_wrap(t, left, "rtrim(", ")") < 0 : expression_trim(t, left) < 0)
		return -1;
	return expression_collate_beside(t, left, t->out.length);
}

/* ---- arrays ---- */

static bool
is_fixed(const struct expression *e)
{
	return e->literal || e->form != EXPRESSION_VALUE;
}

static bool
is_float(const struct expression *e)
{
	return e->form == EXPRESSION_VALUE && (e->oid == TYPE_FLOAT4 || e->oid == TYPE_FLOAT8);
}

/* Whether a left side that is no float is compared with some items as a float, and with others exactly. */
static bool
mixes_floats(const struct expression *left, const struct expression *items, size_t n)
{
	size_t floats = 0, exact = 0;

	for (size_t i = 0; i < n; i++) {
		floats += is_float(&items[i]);
		exact += items[i].form == EXPRESSION_VALUE && type_is_number(items[i].oid) && !is_float(&items[i]);
	}
	return type_is_number(left->oid) && !is_float(left) && floats > 0 && exact > 0;
}

int
translate_items_together(struct translator *t, const struct expression *left, const struct expression *items, size_t n,
    int location)
{
	size_t fixed = 0;

	for (size_t i = 0; i < n; i++)
		fixed += is_fixed(&items[i]);
	for (size_t i = 0; i < n && left->oid != TYPE_FLOAT4 && left->oid != TYPE_FLOAT8 && n > 1; i++)
		if (items[i].oid == TYPE_FLOAT4 && !items[i].column && type_is_number(left->oid))
			return translate_refuse(t, location, "a number beside several of which one is a real");
	for (size_t i = 0; i < n && left->oid == TYPE_FLOAT4 && n > 1; i++)
		if (!is_fixed(&items[i]) && type_is_number(items[i].oid) && items[i].oid != TYPE_FLOAT4 &&
		    items[i].oid != TYPE_FLOAT8 && (fixed > 1 || !items[i].column))
			return translate_refuse(t, location, "a real beside numbers that are computed in IN");
	if (fixed < n && mixes_floats(left, items, n))
		return translate_refuse(t, location, "floats and other numbers that are computed in one IN");
	return n > 1 && fixed == n;
}
