/*
 * Subqueries inside expressions.
 */
#include <string.h>

#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/dialect/grouping.h"
#include "workers/sqlite/dialect/tree.h"

static int
exists(struct translator *t, const PgQuery__SubLink *link, struct expression *type)
{
	*type = expression_value(t->out.length, TYPE_BOOL);
	type->not_null = true;
	if (translate_emit(t, "EXISTS (") < 0 || translate_subquery(t, link->subselect, NULL) < 0)
		return -1;
	return translate_emit(t, ")");
}

static int
one_column(struct translator *t, const PgQuery__SubLink *link, const struct query_columns *columns)
{
	if (columns->n == 1)
		return 0;
	return translate_fail(t, link->location, SQLSTATE_SYNTAX_ERROR, "subquery must return only one column");
}

static int
find_set_function(void *arg, const PgQuery__Node *node)
{
	if (node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL &&
	    translate_is_set(arg, translate_last_string(node->func_call->funcname, node->func_call->n_funcname)))
		return 1;
	return node->node_case == PG_QUERY__NODE__NODE_SELECT_STMT ? 0 : tree_each_child(node, find_set_function, arg);
}

/* A query without FROM, or an aggregate of all rows. */
static bool
answers_one_row(struct translator *t, const PgQuery__SelectStmt *select)
{
	bool aggregate = false;

	if (select->op > PG_QUERY__SET_OPERATION__SETOP_NONE || select->n_group_clause > 0)
		return false;
	if (select->n_values_lists > 0)
		return select->n_values_lists == 1;
	for (size_t i = 0; i < select->n_target_list; i++) {
		if (find_set_function(t, select->target_list[i]) != 0)
			return false;
		aggregate |= grouping_aggregate_in(select->target_list[i]) != NULL;
	}
	return aggregate || select->n_from_clause == 0;
}

static bool
takes_one_row(const PgQuery__SelectStmt *select)
{
	const PgQuery__AConst *limit =
	    select->limit_count != NULL && select->limit_count->node_case == PG_QUERY__NODE__NODE_A_CONST
	    ? select->limit_count->a_const
	    : NULL;

	return limit != NULL && limit->val_case == PG_QUERY__A__CONST__VAL_IVAL && limit->ival->ival <= 1;
}

/* SQLite takes the first of several rows: an aggregate that takes one, and no more, says 21000. */
static int
put_single(struct translator *t, size_t start, const struct scope_column *column)
{
	struct sql_text head = { 0 };

	sql_text_put(&head, "SELECT bibd_single(");
	sql_text_put_identifier(&head, column->emitted);
	sql_text_put(&head, ") FROM (");
	if (!head.failed)
		sql_text_insert(&t->out, start, head.data);
	t->out.failed |= head.failed;
	sql_text_free(&head);
	return translate_emit(t, ")");
}

static int
scalar(struct translator *t, const PgQuery__SubLink *link, struct expression *type)
{
	struct query_columns columns;
	size_t start = t->out.length + 1;
	unsigned noutside = t->noutside;
	bool one_row;

	*type = expression_value(t->out.length, TYPE_UNKNOWN);
	if (translate_emit(t, "(") < 0 || translate_subquery(t, link->subselect, &columns) < 0 ||
	    one_column(t, link, &columns) < 0)
		return -1;
	one_row = answers_one_row(t, link->subselect->select_stmt);
	if (t->noutside != noutside && link->subselect->select_stmt->n_from_clause > 0) {
		if (!takes_one_row(link->subselect->select_stmt))
			return translate_refuse(t, link->location,
			    "an aggregate of an outer query in a subquery that can have several rows (write LIMIT 1)");
		translate_pin(t, link->subselect->select_stmt->limit_count->a_const->location);
		one_row = true;
	}
	if (!one_row && put_single(t, start, &columns.columns[0]) < 0)
		return -1;
	type->oid = columns.columns[0].oid;
	type->typmod = columns.columns[0].typmod;
	type->domain = columns.columns[0].domain;
	type->canonical = type->oid == TYPE_NUMERIC;
	type->shape = columns.columns[0].shape;
	return translate_emit(t, ")");
}

static int
array(struct translator *t, const PgQuery__SubLink *link, struct expression *type)
{
	struct query_columns columns;
	size_t start = t->out.length;
	struct sql_text head = { 0 };
	uint32_t oid, array_oid;

	if (translate_subquery(t, link->subselect, &columns) < 0 || one_column(t, link, &columns) < 0)
		return -1;
	oid = columns.columns[0].oid;
	if (oid == TYPE_INT2VECTOR || oid == TYPE_OIDVECTOR)
		return translate_refuse(t, link->location, "an array of vectors");
	if ((array_oid = type_is_array(oid) ? oid : type_array_of(oid)) == 0)
		return translate_fail(t, link->location, SQLSTATE_UNDEFINED_OBJECT,
		    "could not find array type for data type %s", type_display(t, oid));
	*type = expression_value(start, array_oid);
	type->shape = columns.columns[0].shape;
	type->domain =
	    type_is_array(oid) ? columns.columns[0].domain : expression_array_domain(columns.columns[0].domain);
	sql_text_put(&head, type_is_array(oid) ? "(SELECT bibd_array_of_arrays(" : "(SELECT bibd_array_of(");
	sql_text_put_identifier(&head, columns.columns[0].emitted);
	if (!type_is_array(oid))
		sql_text_format(&head, ", %u", type_kept_as(oid));
	sql_text_put(&head, ") FROM (");
	if (!head.failed)
		sql_text_insert(&t->out, start, head.data);
	t->out.failed |= head.failed;
	sql_text_free(&head);
	return translate_emit(t, "))");
}

/* The left side of IN, one expression or a row of them, in parentheses when it is a row. */
static int
left_side(struct translator *t, const PgQuery__Node *node, struct expression *list, unsigned max, unsigned *n)
{
	const PgQuery__RowExpr *row;

	if (node->node_case != PG_QUERY__NODE__NODE_ROW_EXPR) {
		*n = 1;
		return translate_expression(t, node, list);
	}
	if ((row = translate_expanded_row(t, node->row_expr)) == NULL)
		return -1;
	if (row->n_args > max)
		return translate_refuse(t, row->location, "a row of so many columns");
	*n = (unsigned)row->n_args;
	translate_emit(t, "(");
	for (unsigned i = 0; i < *n; i++)
		if ((i > 0 && translate_emit(t, ", ") < 0) || translate_expression(t, row->args[i], &list[i]) < 0)
			return -1;
	return translate_emit(t, ")");
}

#define ROW_COLUMNS_MAX 32

/* Whether a char(n) is compared with what has not the same blanks. */
static bool
is_padded(const struct expression *left, const struct scope_column *column)
{
	if (left->oid == TYPE_BPCHAR && column->oid == TYPE_BPCHAR)
		return left->typmod == -1 || left->typmod != column->typmod;
	return left->oid == TYPE_BPCHAR || (column->oid == TYPE_BPCHAR && type_is_text(left->oid));
}

/* The query's column has lost its blanks. */
static int
trim_left(struct translator *t, struct expression *left, const struct scope_column *column, int location)
{
	if (left->form != EXPRESSION_VALUE && expression_cast(t, left, TYPE_BPCHAR, -1, CAST_IMPLICIT, location) < 0)
		return -1;
	if (left->oid == TYPE_VARCHAR && column->oid == TYPE_BPCHAR)
		return expression_wrap(t, left, "rtrim(", ")");
	return expression_trim(t, left);
}

/* The subquery's columns at `sub`, which ends the text, and the left sides before it are brought to the types in which
 * they meet. */
static int
meet_sides(struct translator *t, const PgQuery__SubLink *link, struct expression *list, unsigned n, size_t sub,
    const struct query_columns *columns, const char *op)
{
	uint32_t common[ROW_COLUMNS_MAX];
	bool padded[ROW_COLUMNS_MAX];

	if (columns->n != n)
		return translate_fail(t, link->location, SQLSTATE_SYNTAX_ERROR, "subquery has too %s columns",
		    columns->n > n ? "many" : "few");
	for (unsigned i = 0; i < n; i++) {
		const struct scope_column *column = &columns->columns[i];
		struct expression right = expression_value(t->out.length, column->oid);

		common[i] = list[i].form != EXPRESSION_VALUE ? (column->oid == TYPE_VARCHAR ? TYPE_TEXT : column->oid)
		    : column->null			     ? list[i].oid
							     : type_compared(list[i].oid, column->oid);
		if (common[i] == 0)
			return translate_no_operator(t, op, &list[i], &right, link->location);
		padded[i] = type_is_text(common[i]) && !column->null &&
		    (list[i].form != EXPRESSION_VALUE ? column->oid == TYPE_BPCHAR : is_padded(&list[i], column));
		if (padded[i] && list[i].oid == TYPE_BPCHAR && column->oid == TYPE_VARCHAR)
			return translate_refuse(t, link->location, "a char(n) beside a query's varchar");
		if (padded[i])
			common[i] = TYPE_TEXT;
		right.shape = column->shape;
		if (type_is_row(common[i]) && list[i].form == EXPRESSION_VALUE && !column->null &&
		    !translate_rows_alike(t, &list[i], &right))
			return translate_refuse(t, link->location,
			    "comparing rows whose fields may differ in type here");
	}
	if (translate_recast(t, sub, t->out.length, columns, common) < 0)
		return -1;
	for (unsigned i = n; i-- > 0;) {
		bool text = type_is_text(common[i]) && list[i].form == EXPRESSION_VALUE && list[i].oid != TYPE_CITEXT;

		if (padded[i] && trim_left(t, &list[i], &columns->columns[i], link->location) < 0)
			return -1;
		if (!text && expression_cast(t, &list[i], common[i], -1, CAST_IMPLICIT, link->location) < 0)
			return -1;
		if (expression_collate(t, &list[i]) < 0)
			return -1;
	}
	return 0;
}

/* left <middle> (subquery): IN, NOT IN, and row comparisons. */
static int
beside(struct translator *t, const PgQuery__SubLink *link, const char *op, const char *middle, struct expression *type)
{
	struct expression list[ROW_COLUMNS_MAX];
	struct query_columns columns;
	size_t start = t->out.length, sub;
	unsigned n = 0;

	if (translate_emit(t, "(") < 0 || left_side(t, link->testexpr, list, ROW_COLUMNS_MAX, &n) < 0 ||
	    translate_emit(t, middle) < 0)
		return -1;
	sub = t->out.length;
	if (translate_subquery(t, link->subselect, &columns) < 0 || meet_sides(t, link, list, n, sub, &columns, op) < 0)
		return -1;
	*type = expression_value(start, TYPE_BOOL);
	return translate_emit(t, "))");
}

int
translate_row_beside_query(struct translator *t, const PgQuery__AExpr *expr, const char *op, struct expression *type)
{
	const PgQuery__SelectStmt *select = expr->rexpr->sub_link->subselect->select_stmt;
	PgQuery__SubLink link = *expr->rexpr->sub_link;
	const char *middle = translator_format(t, " %s (", op);

	if (strspn(op, "<>=") != strlen(op))
		return translate_refuse(t, expr->location, "this operator between a row and a subquery");
	/* SQLite takes the first of several rows. */
	if (!answers_one_row(t, select) && !takes_one_row(select))
		return translate_refuse(t, expr->location,
		    "a row beside a subquery that can have several rows (write LIMIT 1)");
	if (!answers_one_row(t, select))
		translate_pin(t, select->limit_count->a_const->location);
	link.testexpr = expr->lexpr;
	link.location = expr->location;
	return middle == NULL ? -1 : beside(t, &link, op, middle, type);
}

/* The left side stands within a query of its own here, where an aggregate would be that query's. */
static int
left_of_each(struct translator *t, const PgQuery__SubLink *link, struct expression *left)
{
	bool grouped = t->scope->grouped, aggregate;

	t->scope->grouped = false;
	if (translate_expression(t, link->testexpr, left) < 0)
		return -1;
	aggregate = t->scope->grouped;
	t->scope->grouped |= grouped;
	return aggregate ? translate_refuse(t, link->location, "an aggregate beside ANY or ALL of a subquery") : 0;
}

/* x op ANY (subquery): true when it is for a row, else NULL when it is for a row, else false. ALL: false when it is for
 * a row, else NULL when it is for a row, else true. */
static int
each(struct translator *t, const PgQuery__SubLink *link, const char *op, bool all, struct expression *type)
{
	struct query_columns columns;
	struct expression left, right;
	unsigned number = ++t->serial;
	size_t start = t->out.length;

	if (strspn(op, "<>=!") != strlen(op))
		return translate_refuse(t, link->location, "this operator with ANY or ALL");
	if (link->testexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR)
		return translate_refuse(t, link->location, "a row beside ANY or ALL of a subquery");
	translate_emit_format(t, "(WITH \"bibd_each_%u\" AS (", number);
	if (translate_subquery(t, link->subselect, &columns) < 0 || one_column(t, link, &columns) < 0)
		return -1;
	translate_emit(t,
	    all ? ") SELECT CASE WHEN min(\"met\") = 0 THEN 0 WHEN count(\"met\") = count(*) THEN 1 END"
		: ") SELECT CASE WHEN max(\"met\") = 1 THEN 1 WHEN count(\"met\") = count(*) THEN 0 END");
	translate_emit(t, " FROM (SELECT ");
	if (left_of_each(t, link, &left) < 0 || translate_emit_format(t, " %s ", op) < 0)
		return -1;
	right = expression_value(t->out.length, columns.columns[0].oid);
	translate_emit_format(t, "\"bibd_each_%u\".", number);
	if (translate_identifier(t, columns.columns[0].emitted) < 0)
		return -1;
	right.end = t->out.length;
	if (expression_meet(t, op, &left, &right, link->location) < 0)
		return -1;
	*type = expression_value(start, TYPE_BOOL);
	return translate_emit_format(t, " AS \"met\" FROM \"bibd_each_%u\"))", number);
}

static int
any_or_all(struct translator *t, const PgQuery__SubLink *link, struct expression *type)
{
	bool all = link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__ALL_SUBLINK;
	const char *op = "=";

	if (link->n_oper_name > 0 &&
	    (op = translate_operator_name(t, link->oper_name, link->n_oper_name, link->location)) == NULL)
		return -1;
	if (!all && strcmp(op, "=") == 0)
		return beside(t, link, op, " IN (", type);
	if (all && (strcmp(op, "<>") == 0 || strcmp(op, "!=") == 0))
		return beside(t, link, op, " NOT IN (", type);
	return each(t, link, op, all, type);
}

int
translate_sub_link(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__SubLink *link = node->sub_link;

	switch (link->sub_link_type) {
	case PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK:
		return exists(t, link, type);
	case PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK:
		return scalar(t, link, type);
	case PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK:
		return array(t, link, type);
	case PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK:
	case PG_QUERY__SUB_LINK_TYPE__ALL_SUBLINK:
		return any_or_all(t, link, type);
	default:
		return translate_refuse(t, link->location, "this kind of subquery");
	}
}
