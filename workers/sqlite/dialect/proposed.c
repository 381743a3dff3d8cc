/*
 * What an INSERT of few rows of VALUES proposes for columns, kept as a text of its own: the row of a duplicate key is
 * told by it, which SQLite does not. Only what constants and parameters alone say is kept: it is the same when it is
 * asked again, and to ask does nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/modify.h"

/* Larger ones are not kept: an entry of the cache is not to grow by more than that. */
#define PROPOSED_VALUES_MAX 512
#define PROPOSED_BYTES_MAX 32768

/* A constant or a parameter, also with a sign or a cast. */
static bool
is_constant(const PgQuery__Node *node)
{
	const PgQuery__AExpr *expression;

	while (node != NULL)
		switch (node->node_case) {
		case PG_QUERY__NODE__NODE_A_CONST:
		case PG_QUERY__NODE__NODE_PARAM_REF:
			return true;
		case PG_QUERY__NODE__NODE_TYPE_CAST:
			node = node->type_cast->arg;
			break;
		case PG_QUERY__NODE__NODE_A_EXPR:
			expression = node->a_expr;
			if (expression->kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP || expression->lexpr != NULL)
				return false;
			node = expression->rexpr;
			break;
		default:
			return false;
		}
	return false;
}

int
modify_propose(struct translator *t, const struct schema_table *table, const struct schema_column *const *columns,
    unsigned n, size_t nrows)
{
	struct dialect_proposed *proposed;

	dialect_proposed_free(t->plan->proposed);
	t->plan->proposed = NULL;
	if (n == 0 || nrows > PROPOSED_VALUES_MAX / n || t->fire != NULL || t->steps != NULL || t->definition)
		return 0;
	if ((proposed = calloc(1, sizeof(*proposed) + n * sizeof(proposed->columns[0]))) == NULL)
		return translate_out_of_memory(t);
	t->plan->proposed = proposed;
	proposed->nrows = nrows;
	if ((proposed->database = strdup(table->schema)) == NULL || (proposed->table = strdup(table->name)) == NULL)
		return translate_out_of_memory(t);
	for (; proposed->ncolumns < n; proposed->ncolumns++) {
		const struct schema_column *column = columns[proposed->ncolumns];

		proposed->columns[proposed->ncolumns].oid = column->oid;
		proposed->columns[proposed->ncolumns].told =
		    !column->fixed && !column->generated && column->domain == 0;
		if ((proposed->columns[proposed->ncolumns].name =
			    strdup(column->fixed ? "" : schema_column_stored(column))) == NULL)
			return translate_out_of_memory(t);
	}
	return 0;
}

int
modify_propose_value(struct translator *t, unsigned i, const PgQuery__Node *value, size_t start)
{
	struct dialect_proposed *proposed = t->plan->proposed;
	bool told;

	if (proposed == NULL)
		return 0;
	told = value != NULL && t->out.length > start && is_constant(value);
	proposed->columns[i].told &= told;
	sql_text_put(&t->proposed, i > 0 ? ", " : t->proposed.length == 0 ? "(" : ", (");
	sql_text_put(&t->proposed, told ? t->out.data + start : "NULL");
	if (i + 1 == proposed->ncolumns)
		sql_text_put(&t->proposed, ")");
	if (t->proposed.failed)
		return translate_out_of_memory(t);
	if (t->proposed.length <= PROPOSED_BYTES_MAX)
		return 0;
	dialect_proposed_free(proposed);
	t->plan->proposed = NULL;
	return 0;
}

void
translate_finish_proposed(struct translator *t)
{
	struct sql_text rows = { 0 };

	if (t->plan->proposed == NULL || t->proposed.data == NULL || t->proposed.failed)
		return;
	if (translate_renumber_text(t, t->proposed.data, &rows))
		t->plan->proposed->rows = rows.data;
	else
		sql_text_free(&rows);
}

void
dialect_proposed_free(struct dialect_proposed *proposed)
{
	if (proposed == NULL)
		return;
	for (unsigned i = 0; i < proposed->ncolumns; i++)
		free(proposed->columns[i].name);
	free(proposed->database);
	free(proposed->table);
	free(proposed->rows);
	free(proposed);
}
