/*
 * DISTINCT ON: the first row of each group. The query becomes a common table expression that has what it names in ON
 * and ORDER BY as columns of their own, where they aren't output columns; its rows are numbered within their group,
 * and those numbered 1 are the answer.
 */
#include <string.h>

#include "workers/sqlite/dialect/distinct.h"

static const char mismatch[] = "SELECT DISTINCT ON expressions must match initial ORDER BY expressions";

bool
select_is_distinct_on(const PgQuery__SelectStmt *select)
{
	return select->n_distinct_clause > 0 && select->distinct_clause[0]->node_case != PG_QUERY__NODE__NODE__NOT_SET;
}

bool
select_has_ties(const PgQuery__SelectStmt *select)
{
	return select->limit_option == PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_WITH_TIES && select->n_values_lists == 0 &&
	    select->op <= PG_QUERY__SET_OPERATION__SETOP_NONE;
}

/* How many expressions ON has. */
static size_t
n_on(const PgQuery__SelectStmt *select)
{
	return select_is_distinct_on(select) ? select->n_distinct_clause : 0;
}

/* How often a table stands in FROM. */
static unsigned
count_ranges(const struct translator *t, uint32_t table_oid)
{
	unsigned n = 0;

	for (const struct scope_range *range = t->scope->ranges; range != NULL; range = range->next)
		n += range->table_oid == table_oid;
	return n;
}

/* The column among the first n that has the same value: the same expression, or the same column of a table. */
static unsigned
find_alike(struct translator *t, const struct distinct_on *d, const PgQuery__Node *node, const struct expression *e)
{
	unsigned i = 0;
	bool is_own = e->table_oid != 0 && count_ranges(t, e->table_oid) == 1;

	while (i < d->n && !(d->columns[i].node != NULL && translate_alike(t, d->columns[i].node, node)) &&
	    !(is_own && d->columns[i].table_oid == e->table_oid && d->columns[i].attribute == e->attribute))
		i++;
	return i;
}

/* Appends an expression that is no output column, or finds the column that is alike. */
static int
add_expression(struct translator *t, struct distinct_on *d, const PgQuery__Node *node, unsigned *column)
{
	size_t start = t->out.length;
	bool is_column = node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF;
	struct expression e;

	if (!is_column && (*column = find_alike(t, d, node, &(struct expression) { 0 })) < d->n)
		return 0;
	if (translate_emit(t, ", ") < 0 || translate_expression(t, node, &e) < 0 ||
	    expression_settle(t, &e, TYPE_TEXT, -1) < 0 || expression_canonize(t, &e, translate_location(node)) < 0)
		return -1;
	if (is_column && (*column = find_alike(t, d, node, &e)) < d->n) {
		sql_text_cut(&t->out, start);
		return 0;
	}
	*column = d->n++;
	d->columns[*column] = (struct distinct_column) { .node = node,
		.oid = e.oid,
		.not_null = e.not_null,
		.table_oid = e.table_oid,
		.attribute = e.attribute };
	return expression_collate(t, &e);
}

static int
add_item(struct translator *t, struct distinct_on *d, const PgQuery__Node *node, const struct query_columns *output,
    const char *clause, unsigned *column)
{
	int position = translate_position(t, node, output, clause, false);

	if (position < 0)
		return -1;
	*column = (unsigned)position - 1;
	return position > 0 ? 0 : add_expression(t, d, node, column);
}

/* Output columns come first; a select list with a star doesn't say which expression each of them is. */
static void
add_output(struct distinct_on *d, const PgQuery__SelectStmt *select, const struct query_columns *output)
{
	for (d->n = 0; d->n < output->n; d->n++) {
		const struct scope_column *from = &output->columns[d->n];

		d->columns[d->n] = (struct distinct_column) { .oid = from->oid,
			.not_null = from->not_null,
			.table_oid = from->table_oid,
			.attribute = from->attribute };
		if (output->n == select->n_target_list)
			d->columns[d->n].node = select->target_list[d->n]->res_target->val;
	}
}

int
distinct_on_columns(struct translator *t, const PgQuery__SelectStmt *select, const struct query_columns *output,
    struct distinct_on *d)
{
	size_t n = output->n + n_on(select) + select->n_sort_clause;

	d->columns = translator_alloc(t, n * sizeof(*d->columns));
	d->on = translator_alloc(t, n * sizeof(*d->on));
	d->sorts = translator_alloc(t, n * sizeof(*d->sorts));
	if (d->columns == NULL || d->on == NULL || d->sorts == NULL)
		return -1;
	add_output(d, select, output);
	for (size_t i = 0; i < select->n_sort_clause; i++)
		if (add_item(t, d, select->sort_clause[i]->sort_by->node, output, "ORDER BY", &d->sorts[i]) < 0)
			return -1;
	for (size_t i = 0; i < n_on(select); i++)
		if (add_item(t, d, select->distinct_clause[i], output, "DISTINCT ON", &d->on[i]) < 0)
			return -1;
	return 0;
}

static size_t
find_column(const unsigned *list, size_t n, unsigned column)
{
	size_t i = 0;

	while (i < n && list[i] != column)
		i++;
	return i;
}

/* The expressions of ON come first in ORDER BY, in any order; it may name fewer. */
static int
check_order(struct translator *t, const PgQuery__SelectStmt *select, const struct distinct_on *d)
{
	size_t non = n_on(select), nsorts = select->n_sort_clause;
	bool passed = false;

	for (size_t i = 0; i < nsorts; i++) {
		size_t on = find_column(d->on, non, d->sorts[i]);

		if (on < non && passed)
			return translate_fail(t, translate_location(select->distinct_clause[on]),
			    SQLSTATE_INVALID_COLUMN_REFERENCE, mismatch);
		passed |= on == non;
	}
	for (size_t on = 0; passed && on < non; on++)
		if (find_column(d->sorts, nsorts, d->on[on]) == nsorts)
			return translate_fail(t, translate_location(select->distinct_clause[on]),
			    SQLSTATE_INVALID_COLUMN_REFERENCE, mismatch);
	return 0;
}

/* Writes a column of the inner query. */
static int
emit_column(struct translator *t, const struct distinct_on *d, unsigned column, struct expression *e)
{
	*e = expression_value(t->out.length, d->columns[column].oid);
	e->not_null = d->columns[column].not_null;
	if (translate_emit_format(t, "c%u", column) < 0)
		return -1;
	e->end = t->out.length;
	return 0;
}

static int
emit_order(struct translator *t, const PgQuery__SelectStmt *select, const struct distinct_on *d)
{
	const char *comma = " ORDER BY ";
	struct expression e;

	for (size_t i = 0; i < select->n_sort_clause; i++, comma = ", ")
		if (translate_emit(t, comma) < 0 || emit_column(t, d, d->sorts[i], &e) < 0 ||
		    translate_sort_end(t, select->sort_clause[i]->sort_by, &e) < 0)
			return -1;
	for (size_t i = 0; i < n_on(select); i++) {
		if (find_column(d->sorts, select->n_sort_clause, d->on[i]) < select->n_sort_clause)
			continue;
		if (translate_emit(t, comma) < 0 || emit_column(t, d, d->on[i], &e) < 0 ||
		    expression_collate(t, &e) < 0 || translate_emit(t, " NULLS LAST") < 0)
			return -1;
		comma = ", ";
	}
	return 0;
}

static int
emit_groups(struct translator *t, const PgQuery__SelectStmt *select, const struct distinct_on *d)
{
	struct expression e;

	for (size_t i = 0; i < n_on(select); i++)
		if (translate_emit(t, i == 0 ? "PARTITION BY " : ", ") < 0 || emit_column(t, d, d->on[i], &e) < 0 ||
		    expression_collate(t, &e) < 0)
			return -1;
	return 0;
}

/* Puts what names the inner query's columns before it. */
static void
open_query(struct translator *t, size_t start, const struct distinct_on *d, const struct query_columns *output)
{
	struct sql_text head = { 0 };

	sql_text_put(&head, "SELECT ");
	for (unsigned i = 0; i < output->n; i++) {
		sql_text_format(&head, "%sc%u AS ", i == 0 ? "" : ", ", i);
		sql_text_put_identifier(&head, output->columns[i].emitted);
	}
	sql_text_put(&head, " FROM (WITH bibd_distinct(");
	for (unsigned i = 0; i < d->n; i++)
		sql_text_format(&head, "%sc%u", i == 0 ? "" : ", ", i);
	sql_text_put(&head, ") AS (");
	sql_text_insert(&t->out, start, head.failed ? NULL : head.data);
	sql_text_free(&head);
}

int
distinct_on_end(struct translator *t, size_t start, const PgQuery__SelectStmt *select,
    const struct query_columns *output, const struct distinct_on *d)
{
	if (output->n == 0)
		return translate_refuse(t, -1, "DISTINCT ON without columns");
	if (check_order(t, select, d) < 0)
		return -1;
	open_query(t, start, d, output);
	if (translate_emit(t, ") SELECT *, row_number() OVER (") < 0 || emit_groups(t, select, d) < 0 ||
	    emit_order(t, select, d) < 0 ||
	    translate_emit(t, ") AS bibd_row FROM bibd_distinct) WHERE bibd_row = 1") < 0)
		return -1;
	return emit_order(t, select, d);
}

/* What OFFSET skips, out of the text again. NULL: reported. */
static const char *
read_offset(struct translator *t, const PgQuery__SelectStmt *select)
{
	size_t start = t->out.length;
	const char *text;

	if (select->limit_offset == NULL)
		return "0";
	if (translate_offset(t, select->limit_offset) < 0)
		return NULL;
	text = translator_copy(t, t->out.data + start);
	sql_text_cut(&t->out, start);
	return text;
}

int
distinct_ties_end(struct translator *t, size_t start, const PgQuery__SelectStmt *select,
    const struct query_columns *output, const struct distinct_on *d)
{
	const PgQuery__AConst *count =
	    select->limit_count != NULL && select->limit_count->node_case == PG_QUERY__NODE__NODE_A_CONST
	    ? select->limit_count->a_const
	    : NULL;
	const char *offset;
	int n;

	if (count == NULL || count->val_case != PG_QUERY__A__CONST__VAL_IVAL || count->ival->ival < 0)
		return translate_refuse(t, -1, "FETCH ... WITH TIES of anything but a plain number of rows");
	if (output->n == 0 || select_is_distinct_on(select) || select->n_locking_clause > 0)
		return translate_refuse(t, -1, "FETCH ... WITH TIES beside DISTINCT ON, FOR UPDATE or without columns");
	translate_pin(t, count->location);
	n = count->ival->ival;
	open_query(t, start, d, output);
	if (translate_emit(t, ") SELECT *, row_number() OVER (") < 0 || emit_order(t, select, d) < 0 ||
	    translate_emit(t, ") AS bibd_row, rank() OVER (") < 0 || emit_order(t, select, d) < 0 ||
	    translate_emit(t, ") AS bibd_rank FROM bibd_distinct)") < 0 || (offset = read_offset(t, select)) == NULL ||
	    translate_emit_format(t, " WHERE %d > 0 AND bibd_row > %s AND bibd_rank <= %s + %d", n, offset, offset, n) <
		0)
		return -1;
	return emit_order(t, select, d);
}
