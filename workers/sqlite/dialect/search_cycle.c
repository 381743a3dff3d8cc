/*
 * SEARCH and CYCLE of WITH RECURSIVE: what is wrong with them is said as PostgreSQL says it; what is right is not
 * supported.
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/with.h"

static bool
has_column(const struct scope_cte *cte, const char *name)
{
	for (unsigned i = 0; i < cte->ncolumns; i++)
		if (strcmp(cte->columns[i].name, name) == 0)
			return true;
	return false;
}

/* The columns that are searched or watched by, each one of the query's and named once. */
static int
check_columns(struct translator *t, const struct scope_cte *cte, PgQuery__Node *const *names, size_t n,
    const char *what, int location)
{
	for (size_t i = 0; i < n; i++) {
		const char *name = translate_string(names[i]);

		if (!has_column(cte, name))
			return translate_fail(t, location, SQLSTATE_SYNTAX_ERROR,
			    "%s column \"%s\" not in WITH query column list", what, name);
		for (size_t j = 0; j < i; j++)
			if (strcmp(name, translate_string(names[j])) == 0)
				return translate_fail(t, location, SQLSTATE_DUPLICATE_COLUMN,
				    "%s column \"%s\" specified more than once", what, name);
	}
	return 0;
}

/* A column that is added has a name of its own. */
static int
check_new(struct translator *t, const struct scope_cte *cte, const char *name, const char *what, int location)
{
	return has_column(cte, name) ? translate_fail(t, location, SQLSTATE_SYNTAX_ERROR,
					   "%s column name \"%s\" already used in WITH query column list", what, name)
				     : 0;
}

/* The marks of rows that close a cycle and of others have one type. */
static int
check_marks(struct translator *t, const PgQuery__CTECycleClause *cycle)
{
	struct expression marks[2];
	size_t start = t->out.length;
	uint32_t oid;
	int status;

	if (cycle->cycle_mark_value == NULL || cycle->cycle_mark_default == NULL)
		return 0;
	status = translate_expression(t, cycle->cycle_mark_value, &marks[0]) < 0 ||
		translate_expression(t, cycle->cycle_mark_default, &marks[1]) < 0 ||
		expression_common(t, marks, 2, "CYCLE", cycle->location, &oid) < 0
	    ? -1
	    : 0;
	sql_text_cut(&t->out, start);
	return status;
}

static int
check_cycle(struct translator *t, const struct scope_cte *cte, const PgQuery__CTECycleClause *cycle)
{
	if (check_columns(t, cte, cycle->cycle_col_list, cycle->n_cycle_col_list, "cycle", cycle->location) < 0 ||
	    check_new(t, cte, cycle->cycle_mark_column, "cycle mark", cycle->location) < 0 ||
	    check_new(t, cte, cycle->cycle_path_column, "cycle path", cycle->location) < 0)
		return -1;
	if (strcmp(cycle->cycle_mark_column, cycle->cycle_path_column) == 0)
		return translate_fail(t, cycle->location, SQLSTATE_SYNTAX_ERROR,
		    "cycle mark column name and cycle path column name are the same");
	return check_marks(t, cycle);
}

static int
check_both(struct translator *t, const PgQuery__CTESearchClause *search, const PgQuery__CTECycleClause *cycle)
{
	static const char *const words[] = { "mark", "path" };
	const char *names[] = { cycle->cycle_mark_column, cycle->cycle_path_column };

	for (size_t i = 0; i < 2; i++)
		if (strcmp(search->search_seq_column, names[i]) == 0)
			return translate_fail(t, search->location, SQLSTATE_SYNTAX_ERROR,
			    "search sequence column name and cycle %s column name are the same", words[i]);
	return 0;
}

/* Both sides of the UNION are plain queries, and the right one names the query at its top. */
static int
check_sides(struct translator *t, const PgQuery__CommonTableExpr *cte)
{
	const PgQuery__SelectStmt *select = cte->ctequery->select_stmt;
	static const char *const words[] = { "left", "right" };
	const PgQuery__SelectStmt *sides[] = { select->larg, select->rarg };

	if (select->op != PG_QUERY__SET_OPERATION__SETOP_UNION)
		return translate_fail(t, cte->location, SQLSTATE_SYNTAX_ERROR, "WITH query is not recursive");
	for (size_t i = 0; i < 2; i++)
		if (sides[i]->op > PG_QUERY__SET_OPERATION__SETOP_NONE)
			return translate_fail(t, cte->location,
			    i == 0 ? SQLSTATE_FEATURE_NOT_SUPPORTED : SQLSTATE_SYNTAX_ERROR,
			    "with a SEARCH or CYCLE clause, the %s side of the UNION must be a SELECT", words[i]);
	return 0;
}

int
with_check_search(struct translator *t, const PgQuery__CommonTableExpr *cte, const struct scope_cte *columns)
{
	const PgQuery__CTESearchClause *search = cte->search_clause;
	const PgQuery__CTECycleClause *cycle = cte->cycle_clause;

	if (search == NULL && cycle == NULL)
		return 0;
	if (columns == NULL)
		return check_sides(t, cte);
	if (search != NULL &&
	    (check_columns(t, columns, search->search_col_list, search->n_search_col_list, "search", search->location) <
		    0 ||
		check_new(t, columns, search->search_seq_column, "search sequence", search->location) < 0))
		return -1;
	if ((cycle != NULL && check_cycle(t, columns, cycle) < 0) ||
	    (search != NULL && cycle != NULL && check_both(t, search, cycle) < 0))
		return -1;
	return translate_refuse(t, cte->location, "SEARCH and CYCLE");
}
