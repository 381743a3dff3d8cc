/*
 * Common table expressions.
 */
#include <string.h>

#include "workers/sqlite/dialect/lateral.h"
#include "workers/sqlite/dialect/tree.h"
#include "workers/sqlite/dialect/with.h"

int
with_read_aliases(struct translator *t, const PgQuery__CommonTableExpr *cte, struct scope_cte *out)
{
	out->name = cte->ctename;
	out->depth = t->lateral == NULL ? 0 : t->lateral->depth;
	out->naliases = (unsigned)cte->n_aliascolnames;
	out->aliases = translator_alloc(t, (cte->n_aliascolnames + 1) * sizeof(*out->aliases));
	for (unsigned i = 0; out->aliases != NULL && i < out->naliases; i++)
		out->aliases[i] = translate_string(cte->aliascolnames[i]);
	return out->aliases == NULL ? -1 : 0;
}

/* SQLite does not mind case in names, and takes the first of those that are alike: a later one gets a name of its own,
 * so that a star has both. */
static const char *
emitted_name(struct translator *t, const struct scope_cte *cte, unsigned i)
{
	for (unsigned j = 0; j < i; j++)
		if (sqlite3_stricmp(cte->columns[j].name, cte->columns[i].name) == 0)
			return translator_format(t, "bibd_column_%u", i + 1);
	return cte->columns[i].name;
}

/* The columns as later queries see them: under their aliases, and of no table. */
int
with_set_columns(struct translator *t, struct scope_cte *cte, const struct query_columns *columns)
{
	if (cte->naliases > columns->n)
		return translate_fail(t, -1, SQLSTATE_INVALID_COLUMN_REFERENCE,
		    "WITH query \"%s\" has %u columns available but %u columns specified", cte->name, columns->n,
		    cte->naliases);
	cte->ncolumns = columns->n;
	cte->columns = translator_alloc(t, (columns->n + 1) * sizeof(*cte->columns));
	for (unsigned i = 0; cte->columns != NULL && i < columns->n; i++) {
		cte->columns[i] = columns->columns[i];
		if (i < cte->naliases)
			cte->columns[i].name = cte->aliases[i];
		cte->columns[i].emitted = emitted_name(t, cte, i);
	}
	return cte->columns == NULL ? -1 : 0;
}

/* "name"("a", "b") AS ( ...put before the query once its columns are known. */
static int
put_head(struct translator *t, const struct scope_cte *cte, PgQuery__CTEMaterialize materialize, size_t start)
{
	struct sql_text head = { 0 };

	sql_text_put_identifier(&head, cte->name);
	for (unsigned i = 0; i < cte->ncolumns; i++) {
		sql_text_put(&head, i == 0 ? "(" : ", ");
		sql_text_put_identifier(&head, cte->columns[i].emitted);
	}
	sql_text_put(&head,
	    materialize == PG_QUERY__CTEMATERIALIZE__CTEMaterializeAlways      ? ") AS MATERIALIZED ("
		: materialize == PG_QUERY__CTEMATERIALIZE__CTEMaterializeNever ? ") AS NOT MATERIALIZED ("
									       : ") AS (");
	if (!head.failed)
		sql_text_insert(&t->out, start, head.data);
	t->out.failed |= head.failed;
	sql_text_free(&head);
	return translate_emit(t, ")");
}

/* ---- what a recursive query may not be ---- */

static int
find_reference(void *arg, const PgQuery__Node *node)
{
	const PgQuery__RangeVar *range = node->node_case == PG_QUERY__NODE__NODE_RANGE_VAR ? node->range_var : NULL;

	if (range != NULL && *range->schemaname == '\0' && strcmp(range->relname, arg) == 0)
		return 1;
	return tree_each_child(node, find_reference, arg);
}

static bool
refers_to(const PgQuery__Node *node, const char *name)
{
	return node != NULL && find_reference((void *)(uintptr_t)name, node) != 0;
}

/* Calls for each join below; 1 where one of them may leave the reference out of its rows. */
static int
find_outer_reference(void *arg, const PgQuery__Node *node)
{
	const PgQuery__JoinExpr *join = node->node_case == PG_QUERY__NODE__NODE_JOIN_EXPR ? node->join_expr : NULL;
	bool left, right;

	if (join != NULL) {
		left = join->jointype == PG_QUERY__JOIN_TYPE__JOIN_RIGHT ||
		    join->jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL;
		right = join->jointype == PG_QUERY__JOIN_TYPE__JOIN_LEFT ||
		    join->jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL;
		if ((left && refers_to(join->larg, arg)) || (right && refers_to(join->rarg, arg)))
			return 1;
	}
	return tree_each_child(node, find_outer_reference, arg);
}

/* SQLite would answer another way, or without an end. */
static int
check_recursion(struct translator *t, const PgQuery__CommonTableExpr *cte)
{
	const PgQuery__SelectStmt *select = cte->ctequery->select_stmt;
	const char *clause = select->n_sort_clause > 0 ? "ORDER BY"
	    : select->limit_offset != NULL	       ? "OFFSET"
	    : select->limit_count != NULL	       ? "LIMIT"
	    : select->n_locking_clause > 0	       ? "FOR UPDATE/SHARE"
						       : NULL;

	if (!refers_to(cte->ctequery, cte->ctename))
		return 0;
	if (find_outer_reference(cte->ctename, cte->ctequery) != 0)
		return translate_fail(t, cte->location, SQLSTATE_INVALID_RECURSION,
		    "recursive reference to query \"%s\" must not appear within an outer join", cte->ctename);
	if (clause != NULL)
		return translate_fail(t, cte->location, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "%s in a recursive query is not implemented", clause);
	return 0;
}

int
with_query(struct translator *t, const PgQuery__CommonTableExpr *cte, bool recursive)
{
	struct scope_cte *out = translator_alloc(t, sizeof(*out)), *before = t->ctes, *own = NULL;
	struct query_columns columns;
	struct scope *scope = t->scope;
	size_t start = t->out.length;
	int status;

	if (out == NULL || with_read_aliases(t, cte, out) < 0)
		return -1;
	if (cte->search_clause != NULL || cte->cycle_clause != NULL)
		return translate_refuse(t, cte->location, "SEARCH and CYCLE");
	if (cte->ctequery->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
		return translate_refuse(t, cte->location, "INSERT, UPDATE or DELETE in WITH");
	if (recursive && check_recursion(t, cte) < 0)
		return -1;
	if (recursive && cte->ctequery->select_stmt->op == PG_QUERY__SET_OPERATION__SETOP_UNION) {
		if ((own = translator_alloc(t, sizeof(*own))) == NULL)
			return -1;
		*own = *out;
	}
	t->recursive = own;
	status = translate_select(t, cte->ctequery->select_stmt, &columns);
	t->recursive = NULL;
	t->scope = scope;
	t->ctes = before;
	if (status < 0 || with_set_columns(t, out, &columns) < 0 || put_head(t, out, cte->ctematerialized, start) < 0)
		return -1;
	out->next = t->ctes;
	t->ctes = out;
	return 0;
}

int
translate_with(struct translator *t, const PgQuery__WithClause *with)
{
	const struct scope_column *wanted = t->wanted;
	struct scope_cte *recursive = t->recursive;
	unsigned nwanted = t->nwanted;

	t->nwanted = 0;
	translate_emit(t, with->recursive ? "WITH RECURSIVE " : "WITH ");
	for (size_t i = 0; i < with->n_ctes; i++)
		if ((i > 0 && translate_emit(t, ", ") < 0) ||
		    with_query(t, with->ctes[i]->common_table_expr, with->recursive) < 0)
			return -1;
	t->wanted = wanted;
	t->nwanted = nwanted;
	t->recursive = recursive;
	return translate_emit(t, " ");
}
