/*
 * Common table expressions.
 */
#include <string.h>

#include "workers/sqlite/dialect/lateral.h"
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
	if (cte->ctequery->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
		return translate_refuse(t, cte->location, "INSERT, UPDATE or DELETE in WITH");
	if (with_check_search(t, cte, NULL) < 0)
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
	if (status < 0 || with_set_columns(t, out, &columns) < 0 || with_check_search(t, cte, out) < 0 ||
	    put_head(t, out, cte->ctematerialized, start) < 0)
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
	const size_t *order = with_order(t, with);
	unsigned nwanted = t->nwanted;

	if (order == NULL)
		return -1;
	t->nwanted = 0;
	translate_emit(t, with->recursive ? "WITH RECURSIVE " : "WITH ");
	for (size_t i = 0; i < with->n_ctes; i++)
		if ((i > 0 && translate_emit(t, ", ") < 0) ||
		    with_query(t, with->ctes[order[i]]->common_table_expr, with->recursive) < 0)
			return -1;
	t->wanted = wanted;
	t->nwanted = nwanted;
	t->recursive = recursive;
	return translate_emit(t, " ");
}
