/*
 * VALUES: rows of expressions, whose columns meet in one type each.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/dialect/level.h"

struct value_rows {
	struct expression *cells;
	size_t rows, width;
};

static int
translate_rows(struct translator *t, const PgQuery__SelectStmt *select, struct value_rows *v)
{
	translate_emit(t, "VALUES ");
	for (size_t i = 0; i < v->rows; i++) {
		const PgQuery__List *row = select->values_lists[i]->list;

		if (row->n_items != v->width)
			return translate_fail(t, translate_location(row->items[0]), SQLSTATE_SYNTAX_ERROR,
			    "VALUES lists must all be the same length");
		translate_emit(t, i > 0 ? ", (" : "(");
		for (size_t j = 0; j < v->width; j++) {
			if (translate_is_star(row->items[j]))
				return translate_refuse(t, -1, "a star in VALUES");
			if ((j > 0 && translate_emit(t, ", ") < 0) ||
			    translate_expression(t, row->items[j], &v->cells[i * v->width + j]) < 0)
				return -1;
		}
		translate_emit(t, ")");
	}
	return 0;
}

static int
values_column(struct translator *t, const struct value_rows *v, size_t column, struct scope_column *out)
{
	uint32_t common = column < t->nwanted ? t->wanted[column].oid : TYPE_UNKNOWN;
	bool known = false, null = true;

	for (size_t i = 0; i < v->rows; i++) {
		const struct expression *cell = &v->cells[i * v->width + column];

		null = null && cell->form == EXPRESSION_NULL;
		if (cell->form != EXPRESSION_VALUE)
			continue;
		common = known ? type_select_common(common, cell->oid) : cell->oid;
		known = true;
		if (common == 0)
			return translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH, "VALUES types %s cannot be matched",
			    type_display(t, cell->oid));
	}
	out->name = out->emitted = translator_format(t, "column%zu", column + 1);
	out->oid = common == TYPE_UNKNOWN ? (uint32_t)TYPE_TEXT : common;
	out->typmod = -1;
	out->canonical = out->oid == TYPE_NUMERIC;
	out->null = null;
	for (size_t i = 0; out->oid == TYPE_RECORD && i < v->rows; i++) {
		const struct expression *cell = &v->cells[i * v->width + column];

		out->shape = i == 0 || translate_rows_alike(t, &v->cells[column], cell) ? cell->shape : NULL;
		if (out->shape == NULL)
			break;
	}
	return out->name == NULL ? -1 : 0;
}

/* SQLite's VALUES has no clauses behind it: one that has them becomes a subquery. */
bool
select_has_clauses(const PgQuery__SelectStmt *select)
{
	return select->n_sort_clause > 0 || select->limit_count != NULL || select->limit_offset != NULL;
}

int
translate_values(struct translator *t, const PgQuery__SelectStmt *select, struct query_columns *columns)
{
	struct value_rows v = { .rows = select->n_values_lists, .width = select->values_lists[0]->list->n_items };

	if (v.width > SHRT_MAX / 8)
		return translate_fail(t, -1, SQLSTATE_TOO_MANY_COLUMNS, "VALUES lists can have at most %d entries",
		    SHRT_MAX / 8);
	v.cells = translator_alloc(t, v.rows * v.width * sizeof(*v.cells));
	columns->n = (unsigned)v.width;
	columns->columns = translator_alloc(t, (v.width + 1) * sizeof(*columns->columns));
	if (select_has_clauses(select))
		translate_emit(t, "SELECT * FROM (");
	if (v.cells == NULL || columns->columns == NULL || translate_rows(t, select, &v) < 0)
		return -1;
	for (size_t j = 0; j < v.width; j++)
		if (values_column(t, &v, j, &columns->columns[j]) < 0)
			return -1;
	/* SQLite takes a column's collation from the first row. */
	for (size_t k = v.rows * v.width; k-- > 0;)
		if (expression_cast(t, &v.cells[k], columns->columns[k % v.width].oid, -1, CAST_IMPLICIT, -1) < 0 ||
		    (k < v.width && expression_collate(t, &v.cells[k]) < 0))
			return -1;
	if (select_has_clauses(select))
		translate_emit(t, ")");
	return translate_order_by(t, select->sort_clause, select->n_sort_clause, columns);
}
