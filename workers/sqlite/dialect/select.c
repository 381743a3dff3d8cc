/*
 * Queries: SELECT, and what stands around several.
 */
#include <string.h>

#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/dialect/distinct.h"
#include "workers/sqlite/dialect/level.h"
#include "workers/sqlite/dialect/split.h"

/* ---- one SELECT ---- */

/* Expressions of FROM are read before those of the select list, but stand behind them. */
static int
translate_from_aside(struct translator *t, const PgQuery__SelectStmt *select, char **from)
{
	size_t start = t->out.length;

	*from = NULL;
	t->scope->reads = NULL;
	if (select->n_from_clause == 0)
		return 0;
	t->scope->reads = "JOIN conditions";
	if (translate_from(t, select->from_clause, select->n_from_clause) < 0 ||
	    (*from = translator_copy(t, t->out.data + start)) == NULL)
		return -1;
	sql_text_cut(&t->out, start);
	t->scope->reads = NULL;
	return 0;
}

/* `series` takes what moves from the list into FROM. */
static int
translate_select_list(struct translator *t, const PgQuery__SelectStmt *select, struct query_columns *columns,
    struct distinct_on *distinct, struct sql_text *series)
{
	bool distinct_on = select_is_distinct_on(select);
	unsigned ndraws = t->ndraws;
	int status;

	translate_emit(t, select->n_distinct_clause > 0 && !distinct_on ? "SELECT DISTINCT " : "SELECT ");
	t->scope->series = series;
	status = translate_targets(t, select->target_list, select->n_target_list, false, columns);
	t->scope->series = NULL;
	/* PostgreSQL draws for the rows that are left, in their order; SQLite before it sorts. */
	if (status == 0 && t->ndraws != ndraws && select->n_sort_clause > 0)
		return translate_refuse(t, -1, "nextval() in the select list of a query that is sorted");
	if (status == 0 && columns->n == 0)
		status = translate_emit(t, "1");
	t->scope->series = series;
	if (status == 0 && (distinct_on || select_has_ties(select)))
		status = distinct_on_columns(t, select, columns, distinct);
	t->scope->series = NULL;
	return series->failed ? translate_out_of_memory(t) : status;
}

static int
translate_where(struct translator *t, const PgQuery__SelectStmt *select)
{
	int status = 0;

	t->scope->reads = "WHERE";
	if (select->where_clause != NULL && (status = translate_emit(t, " WHERE ")) == 0)
		status = translate_condition(t, select->where_clause, "WHERE");
	t->scope->reads = NULL;
	return status;
}

static int
translate_named_windows(struct translator *t, const PgQuery__SelectStmt *select)
{
	for (size_t i = 0; i < select->n_window_clause; i++) {
		const PgQuery__WindowDef *window = select->window_clause[i]->window_def;

		translate_emit(t, i == 0 ? " WINDOW " : ", ");
		if (translate_identifier(t, window->name) < 0 || translate_emit(t, " AS ") < 0 ||
		    translate_window(t, window) < 0)
			return -1;
	}
	return 0;
}

static int
translate_clauses(struct translator *t, const PgQuery__SelectStmt *select, struct query_columns *columns)
{
	int status;

	if (translate_where(t, select) < 0)
		return -1;
	t->scope->reads = "GROUP BY";
	status = translate_group_by(t, select->group_clause, select->n_group_clause, columns);
	t->scope->reads = NULL;
	if (status < 0)
		return -1;
	if (select->having_clause != NULL &&
	    (translate_emit(t, " HAVING ") < 0 || translate_condition(t, select->having_clause, "HAVING") < 0))
		return -1;
	return translate_named_windows(t, select);
}

/* In FROM a function's rows come before rows are grouped or counted, in PostgreSQL's select list after. */
static int
check_series(struct translator *t, const PgQuery__SelectStmt *select, const struct sql_text *series)
{
	/* It runs for the rows that DISTINCT ON leaves, unless they are told apart or sorted by it; without an order
	 * nobody knows which those are. */
	if (series->length > 0 && select_is_distinct_on(select) &&
	    (select->n_sort_clause == 0 || !translate_sorts_sets(t, select)))
		return translate_refuse(t, -1, "a set-returning function in the select list beside DISTINCT ON");
	if (series->length == 0 ||
	    (!select_has_ties(select) && !t->scope->grouped &&
		(t->scope->split != NULL || (select->n_group_clause == 0 && select->having_clause == NULL))))
		return 0;
	return translate_refuse(t, -1, "a set-returning function in the select list beside a window function");
}

/* DISTINCT ON and WITH TIES are ordered around the query. */
static int
translate_order(struct translator *t, const PgQuery__SelectStmt *select, const struct query_columns *columns,
    struct sql_text *series)
{
	int status;

	if (select_is_distinct_on(select) || select_has_ties(select))
		return 0;
	t->scope->series = series;
	status = translate_order_by(t, select->sort_clause, select->n_sort_clause, columns);
	t->scope->series = NULL;
	return status;
}

/* Inserts FROM once it is known what moves into it: the functions run for each row, in its order. */
static int
insert_from(struct translator *t, size_t middle, const char *from, const struct sql_text *series)
{
	struct sql_text text = { 0 };

	sql_text_put(&text, from == NULL ? "" : from);
	if (series->length > 0) {
		sql_text_put(&text, from == NULL ? "" : " CROSS JOIN ");
		sql_text_put(&text, series->data);
	}
	if (text.length > 0)
		sql_text_insert(&t->out, middle, text.data);
	t->out.failed |= text.failed || series->failed;
	sql_text_free(&text);
	return t->out.failed ? translate_out_of_memory(t) : 0;
}

static int
end_distinct_on(struct translator *t, size_t start, const PgQuery__SelectStmt *select,
    const struct query_columns *columns, const struct distinct_on *distinct)
{
	if (select_has_ties(select))
		return distinct_ties_end(t, start, select, columns, distinct);
	return select_is_distinct_on(select) ? distinct_on_end(t, start, select, columns, distinct) : 0;
}

/* The query as it is written. */
static int
translate_whole(struct translator *t, const PgQuery__SelectStmt *select, const char *from,
    struct query_columns *columns, struct sql_text *series)
{
	size_t start = t->out.length, middle;
	struct distinct_on distinct = { 0 };
	bool has_from;

	if (translate_select_list(t, select, columns, &distinct, series) < 0)
		return -1;
	middle = t->out.length;
	if (translate_clauses(t, select, columns) < 0 || translate_order(t, select, columns, series) < 0)
		return -1;
	has_from = from != NULL || series->length > 0;
	if (has_from && insert_from(t, middle, from, series) < 0)
		return -1;
	sql_text_insert(&t->out, middle, has_from ? " FROM " : "");
	return end_distinct_on(t, start, select, columns, &distinct);
}

/* Around a subquery of its groups: HAVING is its WHERE. */
static int
translate_around(struct translator *t, const PgQuery__SelectStmt *select, const char *from, bool steady,
    struct query_columns *columns, struct sql_text *series)
{
	size_t start = t->out.length, middle;
	unsigned nvolatile = t->nvolatile;
	struct distinct_on distinct = { 0 };
	const struct sql_text no_series = { 0 };
	const char *where;
	struct split split;

	if (translate_where(t, select) < 0 ||
	    (where = translator_copy(t, t->out.length == start ? "" : t->out.data + start)) == NULL)
		return -1;
	sql_text_cut(&t->out, start);
	steady = steady && t->nvolatile == nvolatile;
	if (split_open(t, select, &split) < 0 || split_check(t, &split, steady) < 0 ||
	    translate_select_list(t, select, columns, &distinct, series) < 0)
		return -1;
	middle = t->out.length;
	if (select->having_clause != NULL &&
	    (translate_emit(t, " WHERE ") < 0 || translate_condition(t, select->having_clause, "HAVING") < 0))
		return -1;
	if (translate_named_windows(t, select) < 0)
		return -1;
	if (translate_order(t, select, columns, series) < 0 ||
	    (series->length > 0 &&
		(insert_from(t, middle, NULL, series) < 0 || insert_from(t, middle, " CROSS JOIN ", &no_series) < 0)) ||
	    split_end(t, &split, middle, from, where) < 0)
		return -1;
	return end_distinct_on(t, start, select, columns, &distinct);
}

static int
translate_simple(struct translator *t, const PgQuery__SelectStmt *select, struct query_columns *columns)
{
	struct sql_text series = { 0 };
	struct scope scope;
	unsigned nvolatile = t->nvolatile;
	char *from;
	int status = -1;

	if (select->into_clause != NULL)
		return translate_fail(t, select->into_clause->rel == NULL ? -1 : select->into_clause->rel->location,
		    SQLSTATE_SYNTAX_ERROR, "SELECT ... INTO is not allowed here");
	translate_scope_open(t, &scope);
	scope.query = select;
	if (translate_from_aside(t, select, &from) == 0 && translate_check_grouping(t, select) == 0 &&
	    translate_check_windows(t, select) == 0)
		status = select_is_split(t, select)
		    ? translate_around(t, select, from, t->nvolatile == nvolatile, columns, &series)
		    : translate_whole(t, select, from, columns, &series);
	if (status == 0)
		status = level_check_query(t, select);
	if (status == 0)
		status = translate_check_clauses(t, select, columns);
	if (status == 0)
		status = check_series(t, select, &series);
	sql_text_free(&series);
	translate_scope_close(t, &scope);
	return status;
}

/* ---- a whole query ---- */

/* FOR UPDATE and its like lock the rows of tables: there are none behind what is made of several rows. */
static int
check_locking(struct translator *t, const PgQuery__SelectStmt *select)
{
	const char *beside = select->op > PG_QUERY__SET_OPERATION__SETOP_NONE ? "UNION/INTERSECT/EXCEPT"
	    : select->n_distinct_clause > 0				      ? "DISTINCT clause"
	    : select->n_group_clause > 0				      ? "GROUP BY clause"
	    : select->having_clause != NULL				      ? "HAVING clause"
									      : NULL;

	t->plan->read_only = false;
	if (beside != NULL)
		return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED, "FOR UPDATE is not allowed with %s",
		    beside);
	for (size_t i = 0; i < select->n_from_clause; i++) {
		const PgQuery__Node *item = select->from_clause[i];
		const struct schema_table *table = item->node_case == PG_QUERY__NODE__NODE_RANGE_VAR
		    ? translate_named_table(t, item->range_var)
		    : NULL;

		if (table != NULL && (table->kind == 'm' || table->kind == 'S'))
			return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "cannot lock rows in %s \"%s\"",
			    table->kind == 'm' ? "materialized view" : "sequence", table->name);
	}
	return 0;
}

int
translate_query(struct translator *t, const PgQuery__SelectStmt *select, struct query_columns *columns)
{
	struct scope_cte *ctes = t->ctes;
	int status;

	if (++t->depth > TRANSLATE_DEPTH_MAX)
		return translate_fail(t, -1, SQLSTATE_STATEMENT_TOO_COMPLEX, "stack depth limit exceeded");
	if (select->with_clause != NULL && translate_with(t, select->with_clause) < 0)
		return -1;
	if (select->op > PG_QUERY__SET_OPERATION__SETOP_NONE)
		status = translate_compound(t, select, columns);
	else if (select->n_values_lists > 0)
		status = translate_values(t, select, columns);
	else
		status = translate_simple(t, select, columns);
	if (status == 0)
		status = translate_limit(t, select);
	if (status == 0 && select->n_locking_clause > 0)
		status = check_locking(t, select);
	t->ctes = ctes;
	t->depth--;
	return status;
}

int
translate_select(struct translator *t, const PgQuery__SelectStmt *select, struct query_columns *columns)
{
	struct query_columns unused;

	return translate_query(t, select, columns == NULL ? &unused : columns);
}

/* A routine keeps what is of the file's own types as it is. */
static bool
is_put_out_shown(const struct translator *t, uint32_t oid)
{
	return cast_is_shown(oid) && (t->text->variables == NULL || !type_is_user(oid));
}

/* Names come last, around the query: inside it regclass and its like are sorted and told apart by their OID. */
static int
show_names(struct translator *t, size_t start, const struct query_columns *columns)
{
	const char *names = "";

	for (unsigned i = 0; names != NULL && i < columns->n; i++)
		names = translator_format(t, "%s%sc%u", names, i == 0 ? "" : ", ", i);
	sql_text_insert(&t->out, start, translator_format(t, "WITH bibd_shown(%s) AS (", names));
	translate_emit(t, ") SELECT ");
	for (unsigned i = 0; i < columns->n; i++) {
		struct expression e =
		    expression_value(t->out.length + (i == 0 ? 0 : strlen(", ")), columns->columns[i].oid);

		if (translate_emit_format(t, "%sc%u", i == 0 ? "" : ", ", i) < 0)
			return -1;
		e.end = t->out.length;
		if (is_put_out_shown(t, e.oid) && expression_show(t, &e) < 0)
			return -1;
	}
	return translate_emit(t, " FROM bibd_shown");
}

int
translate_select_shown(struct translator *t, const PgQuery__SelectStmt *select, struct query_columns *columns)
{
	size_t start = t->out.length;

	if (translate_query(t, select, columns) < 0)
		return -1;
	/* SQLite has a column where PostgreSQL has none. */
	if (columns->n == 0)
		t->plan->nhidden = 1;
	for (unsigned i = 0; i < columns->n; i++)
		if (is_put_out_shown(t, columns->columns[i].oid))
			return show_names(t, start, columns);
	return 0;
}

int
translate_subquery(struct translator *t, const PgQuery__Node *node, struct query_columns *columns)
{
	const struct scope_column *wanted = t->wanted;
	struct scope_cte *recursive = t->recursive;
	unsigned nwanted = t->nwanted, outer_joins = t->outer_joins;
	int status;

	if (node->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
		return translate_refuse_node(t, node);
	t->nwanted = 0;
	t->recursive = NULL;
	t->outer_joins = 0;
	status = translate_select(t, node->select_stmt, columns);
	t->outer_joins = outer_joins;
	t->wanted = wanted;
	t->nwanted = nwanted;
	t->recursive = recursive;
	return status;
}
