/*
 * ORDER BY, GROUP BY, LIMIT. PostgreSQL puts NULL last, SQLite first: it is said where a NULL is possible, and left out
 * where none is, so that an index gives the order.
 */
#include <string.h>

#include "workers/sqlite/dialect/distinct.h"

int
translate_position(struct translator *t, const PgQuery__Node *node, const struct query_columns *output,
    const char *clause, bool input_first)
{
	const char *name;

	if (output == NULL)
		return 0;
	if (node->node_case == PG_QUERY__NODE__NODE_A_CONST && !node->a_const->isnull) {
		int position = node->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL ? node->a_const->ival->ival : 0;

		if (node->a_const->val_case != PG_QUERY__A__CONST__VAL_IVAL)
			return translate_fail(t, node->a_const->location, SQLSTATE_SYNTAX_ERROR,
			    "non-integer constant in %s", clause);
		if (position < 1 || (unsigned)position > output->n)
			return translate_fail(t, node->a_const->location, SQLSTATE_INVALID_COLUMN_REFERENCE,
			    "%s position %d is not in select list", clause, position);
		translate_pin(t, node->a_const->location);
		return position;
	}
	if (node->node_case != PG_QUERY__NODE__NODE_COLUMN_REF || node->column_ref->n_fields != 1)
		return 0;
	name = translate_string(node->column_ref->fields[0]);
	if (name == NULL || (input_first && translate_scope_has(t, name)))
		return 0;
	for (unsigned i = 0; i < output->n; i++)
		if (strcmp(output->columns[i].name, name) == 0)
			return (int)i + 1;
	return 0;
}

/* Writes the item; *type is what its NULLs and collation depend on. */
static int
translate_item(struct translator *t, const PgQuery__Node *node, const struct query_columns *output, const char *clause,
    bool input_first, struct expression *type)
{
	int position = translate_position(t, node, output, clause, input_first);

	if (position < 0)
		return -1;
	if (position == 0)
		return translate_expression(t, node, type) < 0 || expression_settle(t, type, TYPE_TEXT, -1) < 0
		    ? -1
		    : expression_canonize(t, type, translate_location(node));
	*type = expression_value(t->out.length, output->columns[position - 1].oid);
	type->not_null = output->columns[position - 1].not_null;
	if (translate_emit_format(t, "%d", position) < 0)
		return -1;
	type->end = t->out.length;
	return 0;
}

/* json is a text as it was written: only jsonb has an order. */
static int
check_order(struct translator *t, const struct expression *type, const PgQuery__Node *node, const char *op)
{
	return translate_check_sortable(t, type, op, translate_location(node));
}

/* ORDER BY x USING <: ascending; USING >: descending. */
static int
direction(struct translator *t, const PgQuery__SortBy *sort, bool *descending)
{
	const char *op;

	*descending = sort->sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
	if (sort->sortby_dir != PG_QUERY__SORT_BY_DIR__SORTBY_USING)
		return 0;
	op = translate_last_string(sort->use_op, sort->n_use_op);
	*descending = strcmp(op, ">") == 0;
	if (!*descending && strcmp(op, "<") != 0)
		return translate_refuse(t, sort->location, "ORDER BY USING this operator");
	return 0;
}

int
translate_sort_end(struct translator *t, const PgQuery__SortBy *sort, struct expression *type)
{
	bool descending, first;

	if (check_order(t, type, sort->node, "ordering") < 0 || expression_collate(t, type) < 0 ||
	    direction(t, sort, &descending) < 0)
		return -1;
	t->sorted = type->oid;
	if (descending)
		translate_emit(t, " DESC");
	if (type->not_null && sort->sortby_nulls != PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST &&
	    sort->sortby_nulls != PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST)
		return 0;
	first = sort->sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST ||
	    (sort->sortby_nulls != PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST && descending);
	return translate_emit(t, first ? " NULLS FIRST" : " NULLS LAST");
}

int
translate_order_by(struct translator *t, PgQuery__Node *const *sorts, size_t n, const struct query_columns *output)
{
	struct expression type;

	for (size_t i = 0; i < n; i++)
		if (translate_emit(t, i == 0 ? " ORDER BY " : ", ") < 0 ||
		    translate_item(t, sorts[i]->sort_by->node, output, "ORDER BY", false, &type) < 0 ||
		    translate_sort_end(t, sorts[i]->sort_by, &type) < 0)
			return -1;
	return 0;
}

static int
group(struct translator *t, PgQuery__Node *const *groups, size_t n, const struct query_columns *output,
    const char *head)
{
	for (size_t i = 0; i < n; i++) {
		struct expression type;

		if (translate_emit(t, i == 0 ? head : ", ") < 0 ||
		    translate_item(t, groups[i], output, "GROUP BY", true, &type) < 0 ||
		    check_order(t, &type, groups[i], "equality") < 0 || expression_collate(t, &type) < 0)
			return -1;
	}
	return 0;
}

int
translate_group_by(struct translator *t, PgQuery__Node *const *groups, size_t n, const struct query_columns *output)
{
	return group(t, groups, n, output, " GROUP BY ");
}

int
translate_partition_by(struct translator *t, PgQuery__Node *const *parts, size_t n)
{
	return group(t, parts, n, NULL, "PARTITION BY ");
}

/* A literal is checked here; anything else by the function, which also makes NULL of LIMIT no limit. */
static int
translate_count(struct translator *t, const PgQuery__Node *node, const char *function)
{
	struct expression type;

	if (translate_expression(t, node, &type) < 0)
		return -1;
	if (type.form == EXPRESSION_NULL)
		return expression_replace(t, &type, strcmp(function, "bibd_limit(") == 0 ? "-1" : "0");
	if (type.lifted && type_is_integer(type.oid) && !t->plan->lifted[type.index].negative) {
		t->plan->lifted[type.index].oid = TYPE_INT8;
		return 0;
	}
	if (expression_cast(t, &type, TYPE_INT8, -1, CAST_ASSIGNMENT, translate_location(node)) < 0)
		return t->report->state != SQLSTATE_CANNOT_COERCE
		    ? -1
		    : translate_fail(t, translate_location(node), SQLSTATE_DATATYPE_MISMATCH,
			  "argument of %s must be type bigint, not type %s",
			  strcmp(function, "bibd_limit(") == 0 ? "LIMIT" : "OFFSET", type_display(t, type.oid));
	return expression_wrap(t, &type, function, ")");
}

int
translate_offset(struct translator *t, const PgQuery__Node *offset)
{
	return translate_count(t, offset, "bibd_offset(");
}

int
translate_limit(struct translator *t, const PgQuery__SelectStmt *select)
{
	if (select_has_ties(select)) /* written with the query already */
		return 0;
	if (select->limit_option == PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_WITH_TIES)
		return translate_refuse(t, -1, "FETCH ... WITH TIES behind a set operation or VALUES");
	if (select->limit_count == NULL && select->limit_offset == NULL)
		return 0;
	if (translate_emit(t, " LIMIT ") < 0)
		return -1;
	if (select->limit_count == NULL) {
		if (translate_emit(t, "-1") < 0)
			return -1;
	} else if (translate_count(t, select->limit_count, "bibd_limit(") < 0)
		return -1;
	if (select->limit_offset == NULL)
		return 0;
	return translate_emit(t, " OFFSET ") < 0 ? -1 : translate_count(t, select->limit_offset, "bibd_offset(");
}
