/*
 * IN lists, BETWEEN, and rows side by side.
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"

/* Items of a list, written with commas between. */
static struct expression *
translate_items(struct translator *t, PgQuery__Node *const *items, size_t n)
{
	struct expression *list = translator_alloc(t, (n + 1) * sizeof(*list));

	for (size_t i = 0; list != NULL && i < n; i++)
		if ((i > 0 && translate_emit(t, ", ") < 0) || translate_expression(t, items[i], &list[i]) < 0)
			return NULL;
	return list;
}

/* Each item is compared with the left side: takes its type, or must be comparable with it. */
static int
meet_items(struct translator *t, const struct expression *left, struct expression *list, size_t n, int location)
{
	for (size_t i = n; i-- > 0;) {
		struct expression side = *left;
		uint32_t common;

		if (list[i].form != EXPRESSION_VALUE) {
			uint32_t oid = left->oid == TYPE_VARCHAR ? (uint32_t)TYPE_TEXT : left->oid;

			bool fill = oid == TYPE_BPCHAR && left->column && left->typmod > 4 && list[i].form !=
			    EXPRESSION_NULL;

			if (expression_cast(t, &list[i], oid, -1, CAST_IMPLICIT, location) < 0 ||
			    (fill && expression_fill(t, &list[i], left->typmod) < 0))
				return -1;
			continue;
		}
		if ((common = type_common(left->oid, list[i].oid)) == 0)
			return translate_no_operator(t, "=", &side, &list[i], location);
		if (left->oid == TYPE_NUMERIC ? !left->canonical : type_is_number(common) || type_is_text(common))
			continue;
		if (expression_cast(t, &list[i], left->oid, -1, CAST_IMPLICIT, location) < 0)
			return -1;
	}
	return 0;
}

/* An unknown left side takes the items' type. */
static int
settle_left(struct translator *t, struct expression *left, const struct expression *list, size_t n, int location)
{
	uint32_t common = TYPE_UNKNOWN;

	for (size_t i = 0; i < n && left->form != EXPRESSION_VALUE; i++)
		if (list[i].form == EXPRESSION_VALUE)
			common = common == TYPE_UNKNOWN ? list[i].oid : type_common(common, list[i].oid);
	if (left->form == EXPRESSION_VALUE)
		return 0;
	if (!left->lifted && left->form == EXPRESSION_STRING)
		return expression_settle(t, left, TYPE_TEXT, -1);
	return expression_cast(t, left, common == TYPE_UNKNOWN ? (uint32_t)TYPE_TEXT : common, -1, CAST_IMPLICIT,
	    location);
}

static int
row_in_list(struct translator *t, const PgQuery__AExpr *expr, bool not, struct expression *type)
{
	const PgQuery__RowExpr *row = expr->lexpr->row_expr;
	const PgQuery__List *rows = expr->rexpr->list;
	struct expression *left, *list;

	*type = expression_value(t->out.length, TYPE_BOOL);
	translate_emit(t, "((");
	if ((left = translate_items(t, row->args, row->n_args)) == NULL)
		return -1;
	translate_emit(t, not ? ") NOT IN (VALUES " : ") IN (VALUES ");
	for (size_t i = 0; i < rows->n_items; i++) {
		const PgQuery__Node *item = rows->items[i];

		if (item->node_case != PG_QUERY__NODE__NODE_ROW_EXPR || item->row_expr->n_args != row->n_args)
			return translate_fail(t, expr->location, SQLSTATE_SYNTAX_ERROR,
			    "unequal number of entries in row expressions");
		translate_emit(t, i > 0 ? ", (" : "(");
		if ((list = translate_items(t, item->row_expr->args, row->n_args)) == NULL)
			return -1;
		for (size_t j = row->n_args; j-- > 0;)
			if (meet_items(t, &left[j], &list[j], 1, expr->location) < 0)
				return -1;
		translate_emit(t, ")");
	}
	return translate_emit(t, "))");
}

int
translate_in_list(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__AExpr *expr = node->a_expr;
	const PgQuery__List *items = expr->rexpr->list;
	bool not = strcmp(translate_last_string(expr->name, expr->n_name), "<>") == 0;
	struct expression left, *list;
	size_t start = t->out.length;

	if (expr->lexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR)
		return row_in_list(t, expr, not, type);
	translate_emit(t, "(");
	if (translate_expression(t, expr->lexpr, &left) < 0)
		return -1;
	translate_emit(t, not ? " NOT IN (" : " IN (");
	if ((list = translate_items(t, items->items, items->n_items)) == NULL ||
	    settle_left(t, &left, list, items->n_items, expr->location) < 0 ||
	    meet_items(t, &left, list, items->n_items, expr->location) < 0)
		return -1;
	*type = expression_value(start, TYPE_BOOL);
	type->not_null = left.not_null;
	return translate_emit(t, "))");
}

static const struct {
	PgQuery__AExprKind kind;
	const char *between; /* NULL: symmetric, the bounds may be the other way round */
	bool not;
} betweens[] = {
	{PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN, " BETWEEN ", false},
	{PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN, " NOT BETWEEN ", true},
	{PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM, NULL, false},
	{PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM, NULL, true},
};

/* (x BETWEEN a AND b), each bound brought together with x. */
static int
emit_between(struct translator *t, const PgQuery__AExpr *expr, size_t low, const char *between)
{
	PgQuery__Node *const *bounds = expr->rexpr->list->items;
	struct expression left, list[2];

	translate_emit(t, "(");
	if (translate_expression(t, expr->lexpr, &left) < 0)
		return -1;
	translate_emit(t, between);
	if (translate_expression(t, bounds[low], &list[0]) < 0)
		return -1;
	translate_emit(t, " AND ");
	if (translate_expression(t, bounds[1 - low], &list[1]) < 0 || settle_left(t, &left, list, 2,
	    expr->location) < 0 ||
	    meet_items(t, &left, list, 2, expr->location) < 0)
		return -1;
	return translate_emit(t, ")");
}

int
translate_between(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__AExpr *expr = node->a_expr;
	size_t i = 0, start = t->out.length;

	while (betweens[i].kind != expr->kind)
		i++;
	if (betweens[i].between != NULL) {
		if (emit_between(t, expr, 0, betweens[i].between) < 0)
			return -1;
	} else {
		translate_emit(t, betweens[i].not ? "(NOT (" : "((");
		if (emit_between(t, expr, 0, " BETWEEN ") < 0 || translate_emit(t, " OR ") < 0 ||
		    emit_between(t, expr, 1, " BETWEEN ") < 0 || translate_emit(t, "))") < 0)
			return -1;
	}
	*type = expression_value(start, TYPE_BOOL);
	return 0;
}

/* (a, b) = (c, d): SQLite compares rows as PostgreSQL does. Columns must be comparable as they are stored. */
int
translate_row_comparison(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__AExpr *expr = node->a_expr;
	const PgQuery__RowExpr *a = expr->lexpr->row_expr, *b = expr->rexpr->row_expr;
	struct expression *left, *right;

	if (expr->rexpr->node_case != PG_QUERY__NODE__NODE_ROW_EXPR || a->n_args != b->n_args || a->n_args < 2)
		return translate_fail(t, expr->location, SQLSTATE_SYNTAX_ERROR,
		    "unequal number of entries in row expressions");
	*type = expression_value(t->out.length, TYPE_BOOL);
	translate_emit(t, "((");
	if ((left = translate_items(t, a->args, a->n_args)) == NULL)
		return -1;
	translate_emit_format(t, ") %s (", translate_last_string(expr->name, expr->n_name));
	if ((right = translate_items(t, b->args, b->n_args)) == NULL)
		return -1;
	for (size_t i = a->n_args; i-- > 0;)
		if (meet_items(t, &left[i], &right[i], 1, expr->location) < 0)
			return -1;
	for (size_t i = a->n_args; i-- > 0;)
		if (left[i].lifted || left[i].form == EXPRESSION_PARAMETER)
			expression_settle(t, &left[i], right[i].oid, -1);
	return translate_emit(t, "))");
}

int
translate_row(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	(void)type;
	return translate_refuse(t, node->row_expr->location, "a row as a value");
}
