/*
 * IN lists, BETWEEN, and rows side by side.
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"

/* Items of a list, written with commas between. */
static int
write_items(struct translator *t, PgQuery__Node *const *items, size_t n, struct expression *list)
{
	for (size_t i = 0; i < n; i++)
		if ((i > 0 && translate_emit(t, ", ") < 0) || translate_expression(t, items[i], &list[i]) < 0)
			return -1;
	return 0;
}

static struct expression *
translate_items(struct translator *t, PgQuery__Node *const *items, size_t n)
{
	struct expression *list = translator_alloc(t, (n + 1) * sizeof(*list));

	return list == NULL || write_items(t, items, n, list) < 0 ? NULL : list;
}

/* A list of rows beside a row: IN has many, BETWEEN two, a comparison one; a single value is a row of one. */
struct beside {
	struct expression *left;  /* width of them, before the items in the text */
	struct expression *items; /* rows * width */
	size_t width, rows;
	bool together; /* PostgreSQL makes an array of the items, of one type, which it looks for the left side in */
	int location;
};

static bool
has_canonical(const struct beside *b, size_t column)
{
	bool any = b->left[column].oid == TYPE_NUMERIC && b->left[column].canonical;

	for (size_t i = 0; !any && i < b->rows; i++)
		any = b->items[i * b->width + column].oid == TYPE_NUMERIC && b->items[i * b->width + column].canonical;
	return any;
}

/* The type in which a column's items meet its left side; 0, reported: there is none. */
static uint32_t
meeting_type(struct translator *t, const struct beside *b, size_t column)
{
	uint32_t (*meet)(uint32_t a, uint32_t b) = b->together ? type_common : type_compared;
	uint32_t common = b->left[column].oid;

	for (size_t i = 0; i < b->rows; i++) {
		const struct expression *item = &b->items[i * b->width + column];
		struct expression left = b->left[column], right = *item;

		if (item->form == EXPRESSION_VALUE && (common = meet(common, item->oid)) == 0) {
			translate_no_operator(t, "=", &left, &right, b->location);
			return 0;
		}
	}
	return common == TYPE_UNKNOWN ? (uint32_t)TYPE_TEXT : common;
}

static bool
has_citext(const struct beside *b, size_t column)
{
	bool found = b->left[column].oid == TYPE_CITEXT;

	for (size_t i = 0; i < b->rows; i++)
		found |= b->items[i * b->width + column].oid == TYPE_CITEXT;
	return found;
}

static bool
has_bigint(const struct beside *b, size_t column)
{
	bool found = b->left[column].oid == TYPE_INT8;

	for (size_t i = 0; i < b->rows; i++)
		found |= b->items[i * b->width + column].oid == TYPE_INT8;
	return found;
}

/* Whether all of a column must be brought to the common type; else SQLite compares what there is. */
static bool
must_meet(const struct beside *b, size_t column, uint32_t common)
{
	if (type_is_text(common))
		return has_citext(b, column);
	if (!type_is_number(common))
		return common != b->left[column].oid;
	if (has_bigint(b, column) && expression_meets_as_float(TYPE_INT8, common))
		return true;
	return has_canonical(b, column) || b->left[column].oid == TYPE_NUMERIC || common == TYPE_FLOAT4;
}

static int
meet_item(struct translator *t, const struct beside *b, struct expression *item, size_t column, uint32_t common,
    bool meets)
{
	const struct expression *left = &b->left[column];
	bool takes_common = meets || left->form != EXPRESSION_VALUE;
	uint32_t oid = takes_common ? common : left->oid == TYPE_VARCHAR ? (uint32_t)TYPE_TEXT : left->oid;
	bool fill = oid == TYPE_BPCHAR && left->column && left->typmod > 4 && item->form != EXPRESSION_NULL;

	if (item->form != EXPRESSION_VALUE)
		return expression_cast(t, item, oid, -1, CAST_IMPLICIT, b->location) < 0 ||
			(fill && expression_fill(t, item, left->typmod) < 0)
		    ? -1
		    : 0;
	if (!meets && (type_is_number(common) || type_is_text(common)))
		return 0;
	return expression_cast(t, item, oid, -1, CAST_IMPLICIT, b->location);
}

/* Each item is compared with the left side: takes its type, or both are brought to the one in which they meet. */
static int
meet_items(struct translator *t, struct beside *b)
{
	uint32_t *common = translator_alloc(t, b->width * sizeof(*common));
	bool *meets = translator_alloc(t, b->width * sizeof(*meets));

	for (size_t j = 0; common != NULL && meets != NULL && j < b->width; j++) {
		if ((common[j] = meeting_type(t, b, j)) == 0)
			return -1;
		meets[j] = must_meet(b, j, common[j]);
	}
	if (common == NULL || meets == NULL)
		return -1;
	for (size_t j = 0; j < b->width; j++)
		if (translate_is_padded(&b->left[j], &b->items[j], b->rows, b->width))
			return b->width == 1
			    ? translate_trim_items(t, b->left, b->items, b->rows, b->location)
			    : translate_refuse(t, b->location, "rows with char(n) of another length or type");
	for (size_t k = b->rows * b->width; k-- > 0;)
		if (meet_item(t, b, &b->items[k], k % b->width, common[k % b->width], meets[k % b->width]) < 0)
			return -1;
	for (size_t j = b->width; j-- > 0;)
		if ((meets[j] && expression_cast(t, &b->left[j], common[j], -1, CAST_IMPLICIT, b->location) < 0) ||
		    expression_collate_beside(t, &b->left[j], t->out.length) < 0)
			return -1;
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

/* Rows of a list, each of the width of the left side. */
static int
translate_list_rows(struct translator *t, const PgQuery__AExpr *expr, struct beside *b)
{
	const PgQuery__List *rows = expr->rexpr->list;

	b->rows = rows->n_items;
	if ((b->items = translator_alloc(t, (b->rows * b->width + 1) * sizeof(*b->items))) == NULL)
		return -1;
	for (size_t i = 0; i < b->rows; i++) {
		const PgQuery__RowExpr *item = translate_expanded_row(t, rows->items[i]->row_expr);

		if (item == NULL)
			return -1;
		if (item->n_args != b->width)
			return translate_fail(t, expr->location, SQLSTATE_SYNTAX_ERROR,
			    "unequal number of entries in row expressions");
		translate_emit(t, i > 0 ? ", (" : "(");
		if (write_items(t, item->args, b->width, &b->items[i * b->width]) < 0 || translate_emit(t, ")") < 0)
			return -1;
	}
	return 0;
}

static int
row_in_list(struct translator *t, const PgQuery__AExpr *expr, bool negated, struct expression *type)
{
	const PgQuery__RowExpr *row = translate_expanded_row(t, expr->lexpr->row_expr);
	struct beside b = { .location = expr->location };

	if (row == NULL)
		return -1;
	b.width = row->n_args;
	*type = expression_value(t->out.length, TYPE_BOOL);
	translate_emit(t, "((");
	if ((b.left = translate_items(t, row->args, row->n_args)) == NULL)
		return -1;
	translate_emit(t, negated ? ") NOT IN (VALUES " : ") IN (VALUES ");
	if (translate_list_rows(t, expr, &b) < 0 || meet_items(t, &b) < 0)
		return -1;
	return translate_emit(t, "))");
}

static bool
are_rows(const PgQuery__List *items)
{
	for (size_t i = 0; i < items->n_items; i++)
		if (items->items[i]->node_case != PG_QUERY__NODE__NODE_ROW_EXPR)
			return false;
	return true;
}

int
translate_in_list(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__AExpr *expr = node->a_expr;
	const PgQuery__List *items = expr->rexpr->list;
	bool negated = strcmp(translate_last_string(expr->name, expr->n_name), "<>") == 0;
	struct expression left;
	struct beside b = { .left = &left, .width = 1, .rows = items->n_items, .location = expr->location };
	size_t start = t->out.length;
	int together;

	if (expr->lexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR && are_rows(items))
		return row_in_list(t, expr, negated, type);
	translate_emit(t, "(");
	if (translate_expression(t, expr->lexpr, &left) < 0)
		return -1;
	if (left.form == EXPRESSION_VALUE && type_is_row(left.oid)) {
		sql_text_cut(&t->out, start);
		return translate_value_in_rows(t, expr, negated, type);
	}
	translate_emit(t, negated ? " NOT IN (" : " IN (");
	if ((b.items = translate_items(t, items->items, items->n_items)) == NULL ||
	    (together = translate_items_together(t, &left, b.items, b.rows, b.location)) < 0)
		return -1;
	b.together = together > 0;
	if (settle_left(t, &left, b.items, items->n_items, expr->location) < 0 || meet_items(t, &b) < 0)
		return -1;
	*type = expression_value(start, TYPE_BOOL);
	type->not_null = left.not_null;
	return translate_emit(t, "))");
}

static const struct {
	PgQuery__AExprKind kind;
	const char *between; /* NULL: symmetric, the bounds may be the other way round */
	bool negated;
} betweens[] = {
	{ PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN, " BETWEEN ", false },
	{ PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN, " NOT BETWEEN ", true },
	{ PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM, NULL, false },
	{ PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM, NULL, true },
};

/* (x BETWEEN a AND b), each bound brought together with x. */
static int
emit_between(struct translator *t, const PgQuery__AExpr *expr, size_t low, const char *between)
{
	PgQuery__Node *const *bounds = expr->rexpr->list->items;
	struct expression left, list[2];
	struct beside b = { .left = &left, .items = list, .width = 1, .rows = 2, .location = expr->location };

	translate_emit(t, "(");
	if (translate_expression(t, expr->lexpr, &left) < 0)
		return -1;
	translate_emit(t, between);
	if (translate_expression(t, bounds[low], &list[0]) < 0)
		return -1;
	translate_emit(t, " AND ");
	if (translate_expression(t, bounds[1 - low], &list[1]) < 0 ||
	    settle_left(t, &left, list, 2, expr->location) < 0 || meet_items(t, &b) < 0)
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
		translate_emit(t, betweens[i].negated ? "(NOT (" : "((");
		if (emit_between(t, expr, 0, " BETWEEN ") < 0 || translate_emit(t, " OR ") < 0 ||
		    emit_between(t, expr, 1, " BETWEEN ") < 0 || translate_emit(t, "))") < 0)
			return -1;
	}
	*type = expression_value(start, TYPE_BOOL);
	return 0;
}

/* The rows on both sides of an operator. */
struct row_pair {
	const PgQuery__RowExpr *a, *b;
};

/* As many fields on both sides; -1: reported. */
static int
read_pair(struct translator *t, const PgQuery__AExpr *expr, struct row_pair *pair)
{
	pair->a = translate_expanded_row(t, expr->lexpr->row_expr);
	pair->b = translate_expanded_row(t, expr->rexpr->row_expr);
	if (pair->a == NULL || pair->b == NULL)
		return -1;
	return pair->a->n_args == pair->b->n_args
	    ? 0
	    : translate_fail(t, expr->location, SQLSTATE_SYNTAX_ERROR, "unequal number of entries in row expressions");
}

/* (a, b) = (c, d) is a = c AND b = d, (a, b) <> (c, d) is a <> c OR b <> d. */
static int
translate_each_pair(struct translator *t, const PgQuery__AExpr *expr, const struct row_pair *pair_of,
    const char *between, struct expression *type)
{
	const PgQuery__RowExpr *a = pair_of->a, *b = pair_of->b;
	PgQuery__AExpr pair = *expr;
	PgQuery__Node node = PG_QUERY__NODE__INIT;

	node.node_case = PG_QUERY__NODE__NODE_A_EXPR;
	node.a_expr = &pair;
	*type = expression_value(t->out.length, TYPE_BOOL);
	for (size_t i = 0; i < a->n_args; i++) {
		struct expression one;

		pair.lexpr = a->args[i];
		pair.rexpr = b->args[i];
		if (translate_emit(t, i == 0 ? "(" : between) < 0 || translate_expression(t, &node, &one) < 0)
			return -1;
	}
	return translate_emit(t, ")");
}

/* (a, b) < (c, d): SQLite compares rows as PostgreSQL does. Columns must be comparable as they are stored. */
int
translate_row_comparison(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__AExpr *expr = node->a_expr;
	const char *op = translate_last_string(expr->name, expr->n_name);
	struct beside r = { .rows = 1, .location = expr->location };
	const PgQuery__RowExpr *a, *b;
	struct row_pair pair;

	if (read_pair(t, expr, &pair) < 0)
		return -1;
	a = pair.a;
	b = pair.b;
	r.width = a->n_args;
	if (a->n_args == 0)
		return translate_fail(t, expr->location, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "cannot compare rows of zero length");
	if (op[strspn(op, "<>=!")] != '\0' && translate_each_pair(t, expr, &pair, " AND ", type) < 0)
		return -1;
	if (op[strspn(op, "<>=!")] != '\0')
		return translate_fail(t, expr->location, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "could not determine interpretation of row comparison operator %s", op);
	if (a->n_args == 1)
		return translate_each_pair(t, expr, &pair, "", type);
	if (strcmp(op, "=") == 0)
		return translate_each_pair(t, expr, &pair, " AND ", type);
	if (strcmp(op, "<>") == 0)
		return translate_each_pair(t, expr, &pair, " OR ", type);
	*type = expression_value(t->out.length, TYPE_BOOL);
	translate_emit(t, "((");
	if ((r.left = translate_items(t, a->args, a->n_args)) == NULL)
		return -1;
	translate_emit_format(t, ") %s (", op);
	if ((r.items = translate_items(t, b->args, b->n_args)) == NULL || meet_items(t, &r) < 0)
		return -1;
	for (size_t i = a->n_args; i-- > 0;)
		if (r.left[i].lifted || r.left[i].form == EXPRESSION_PARAMETER)
			expression_settle(t, &r.left[i], r.items[i].oid, -1);
	return translate_emit(t, "))");
}

int
translate_row_distinct(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__AExpr *expr = node->a_expr;
	bool negated = expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT;
	struct row_pair pair;

	if (read_pair(t, expr, &pair) < 0)
		return -1;
	if (pair.a->n_args == 0) {
		*type = expression_value(t->out.length, TYPE_BOOL);
		return translate_emit(t, negated ? "1" : "0");
	}
	return translate_each_pair(t, expr, &pair, negated ? " AND " : " OR ", type);
}
