/*
 * Writes LATERAL. What is a mere list of expressions stands in for its columns; everything else becomes a text that is
 * run for each row.
 */
#include "workers/sqlite/dialect/lateral.h"

#include <string.h>

#include "workers/sqlite/dialect/grouping.h"

/* ---- a list of expressions ---- */

static bool
is_expression_list(const struct translator *t, const PgQuery__SelectStmt *select)
{
	/* Beside an outer join its columns may be NULL though the expressions are not. */
	bool plain = t->outer_joins == 0 && !t->kept_by_outer_join &&
	    select->op <= PG_QUERY__SET_OPERATION__SETOP_NONE && select->n_values_lists == 0 &&
	    select->n_from_clause == 0 && select->where_clause == NULL && select->with_clause == NULL &&
	    select->n_group_clause == 0 && select->having_clause == NULL && select->n_distinct_clause == 0 &&
	    select->limit_count == NULL && select->limit_offset == NULL && select->n_sort_clause == 0;

	for (size_t i = 0; plain && i < select->n_target_list; i++)
		plain = select->target_list[i]->res_target->val->node_case != PG_QUERY__NODE__NODE_SUB_LINK &&
		    !translate_is_star(select->target_list[i]->res_target->val) &&
		    grouping_aggregate_in(select->target_list[i]) == NULL;
	return plain;
}

/* Sets a column that stands for an expression, or leaves `emitted` NULL where the expression must be computed once. */
static int
read_expression(struct translator *t, const PgQuery__ResTarget *target, struct scope_column *column)
{
	size_t start = t->out.length;
	unsigned nvolatile = t->nvolatile;
	struct expression e;

	if (translate_expression(t, target->val, &e) < 0 || expression_settle(t, &e, TYPE_TEXT, -1) < 0 ||
	    expression_canonize(t, &e, -1) < 0)
		return -1;
	*column = (struct scope_column) { .oid = e.oid,
		.typmod = e.typmod,
		.raw = true,
		.canonical = e.canonical,
		.shape = e.shape };
	column->name =
	    target->name != NULL && *target->name != '\0' ? target->name : translate_target_name(target->val);
	if (t->nvolatile == nvolatile && (column->emitted = translator_copy(t, t->out.data + start)) == NULL)
		return -1;
	sql_text_cut(&t->out, start);
	return 0;
}

/* 1: done; 0: it is no such list. */
static int
translate_expressions(struct translator *t, const PgQuery__RangeSubselect *sub)
{
	const PgQuery__SelectStmt *select = sub->subquery->select_stmt;
	struct scope_column *columns = translator_alloc(t, (select->n_target_list + 1) * sizeof(*columns));

	if (columns == NULL)
		return -1;
	if (!is_expression_list(t, select))
		return 0;
	for (size_t i = 0; i < select->n_target_list; i++) {
		if (read_expression(t, select->target_list[i]->res_target, &columns[i]) < 0)
			return -1;
		if (columns[i].emitted == NULL)
			return 0;
	}
	if (translate_emit(t, "(SELECT 1)") < 0 ||
	    translate_range_end(t, sub->alias->aliasname, columns, (unsigned)select->n_target_list, sub->alias) < 0)
		return -1;
	return 1;
}

/* ---- what comes from outside ---- */

/* Writes the argument whose text stands at `start`, which is outside of the query. */
static int
put_argument(struct translator *t, size_t start)
{
	struct lateral *l = t->lateral;
	const char *text = translator_copy(t, t->out.data + start);
	unsigned i = 0;

	if (text == NULL)
		return -1;
	sql_text_cut(&t->out, start);
	while (i < l->n && strcmp(l->arguments[i], text) != 0)
		i++;
	if (i == LATERAL_ARGUMENTS_MAX)
		return translate_refuse(t, -1, "LATERAL with so many columns and parameters from outside");
	l->arguments[i] = text;
	if (i == l->n)
		l->n++;
	return translate_emit_format(t, "?%u", i + 1);
}

int
lateral_column(struct translator *t, const struct found_column *found, struct expression *type)
{
	struct lateral *l = t->lateral;
	size_t start = t->out.length;
	int status;

	l->outside++;
	t->lateral = l->outer;
	status = translate_found_column(t, found, type);
	t->lateral = l;
	if (status < 0 || put_argument(t, start) < 0)
		return -1;
	type->collated = false;
	type->start = start;
	type->end = t->out.length;
	return 0;
}

int
lateral_parameter(struct translator *t, int number)
{
	struct lateral *l = t->lateral;
	size_t start = t->out.length;
	int status;

	if (l == NULL)
		return translate_emit_format(t, "?%d", number);
	t->lateral = l->outer;
	status = lateral_parameter(t, number);
	t->lateral = l;
	return status < 0 ? -1 : put_argument(t, start);
}

/* ---- a text ---- */

/* NULL: reported. */
static struct lateral *
open_lateral(struct translator *t)
{
	struct lateral *l = translator_alloc(t, sizeof(*l));

	if (l == NULL)
		return NULL;
	*l = (struct lateral) { .outer = t->lateral, .depth = t->lateral == NULL ? 1 : t->lateral->depth + 1 };
	if (t->definition) {
		translate_refuse(t, -1, "LATERAL in a view");
		return NULL;
	}
	if (l->depth > LATERAL_DEPTH_MAX) {
		translate_refuse(t, -1, "LATERAL so deep within LATERAL");
		return NULL;
	}
	return l;
}

/* Makes a call of the text that stands at `start`; the plan keeps it, to be looked at when it is prepared. */
static int
close_lateral(struct translator *t, const struct lateral *l, size_t start)
{
	const char *text = translator_copy(t, t->out.data + start);

	if (text == NULL)
		return -1;
	sql_text_cut(&t->out, start);
	if (translate_inner(t, text) < 0 || translate_emit(t, "bibd_lateral(") < 0 ||
	    translate_emit_string(t, text) < 0)
		return -1;
	for (unsigned i = 0; i < l->n; i++)
		if (translate_emit(t, ", ") < 0 || translate_emit(t, l->arguments[i]) < 0)
			return -1;
	return translate_emit(t, ")");
}

static int
translate_text(struct translator *t, const PgQuery__Node *query, struct query_columns *columns)
{
	struct lateral *l = open_lateral(t);
	size_t start = t->out.length;
	bool lift = t->lift;
	int status;

	if (l == NULL)
		return -1;
	t->lateral = l;
	t->lift = false;
	status = translate_subquery(t, query, columns);
	t->lift = lift;
	t->lateral = l->outer;
	if (status == 0 && columns->n > LATERAL_COLUMNS_MAX)
		return translate_refuse(t, -1, "LATERAL with so many columns");
	return status < 0 ? -1 : close_lateral(t, l, start);
}

int
translate_lateral(struct translator *t, const PgQuery__RangeSubselect *sub)
{
	struct query_columns columns;
	int status;

	if (sub->alias == NULL)
		return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR, "subquery in FROM must have an alias");
	if ((status = translate_expressions(t, sub)) != 0)
		return status < 0 ? -1 : 0;
	if (translate_text(t, sub->subquery, &columns) < 0)
		return -1;
	for (unsigned i = 0; i < columns.n; i++) {
		columns.columns[i].emitted = translator_format(t, "c%u", i);
		columns.columns[i].collated = false;
		if (columns.columns[i].emitted == NULL)
			return -1;
	}
	return translate_range_end(t, sub->alias->aliasname, columns.columns, columns.n, sub->alias);
}
