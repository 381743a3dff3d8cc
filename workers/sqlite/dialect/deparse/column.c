/*
 * A name in the tree to the column, or the whole row, of the entry of FROM that it means.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/deparse/tree.h"

struct deparse_node *
deparse_column_of(struct deparser *d, struct deparse_range *range, unsigned i)
{
	struct deparse_node *node = deparse_new(d, DEPARSE_COLUMN, range->columns[i].oid, 0);

	if (node == NULL)
		return NULL;
	node->typmod = range->columns[i].typmod;
	node->name = range->columns[i].name;
	node->range = range;
	return node;
}

static struct deparse_node *
find_in(struct deparser *d, struct deparse_range *range, const char *name)
{
	for (unsigned i = 0; i < range->n; i++)
		if (strcmp(range->columns[i].name, name) == 0)
			return deparse_column_of(d, range, i);
	return NULL;
}

static struct deparse_query *
next_outer(const struct deparse_query *query)
{
	return query->blind && query->outer != NULL ? query->outer->outer : query->outer;
}

/* A bare name: among the columns of a star, so that one of USING is found once. */
static struct deparse_node *
find_bare(struct deparser *d, const char *name)
{
	if (d->table != NULL)
		return find_in(d, d->table, name);
	for (struct deparse_query *query = d->query; query != NULL; query = next_outer(query))
		for (size_t i = 0; i < query->nfrom; i++)
			for (unsigned j = 0; query->from[i] != NULL && j < query->from[i]->nvisible; j++)
				if (strcmp(query->from[i]->visible[j]->name, name) == 0)
					return query->from[i]->visible[j];
	return NULL;
}

static struct deparse_node *
find_qualified(struct deparser *d, const char *table, const char *name)
{
	if (d->table != NULL)
		return strcmp(d->table->given, table) == 0 ? find_in(d, d->table, name) : NULL;
	for (struct deparse_query *query = d->query; query != NULL; query = next_outer(query))
		for (struct deparse_range *range = query->ranges; range != NULL; range = range->next)
			if (!range->hidden && strcmp(range->given, table) == 0)
				return find_in(d, range, name);
	return NULL;
}

/* The tree is one that may be written to. */
static void
note_column(struct deparser *d, const PgQuery__ColumnRef *ref, const struct deparse_node *node)
{
	struct deparse_renamed *renamed = d->t->renamed;
	PgQuery__ColumnRef **grown;

	if (renamed == NULL || node == NULL || node->kind != DEPARSE_COLUMN || !node->range->meant)
		return;
	if (renamed->column == NULL ? node->range->aliased || ref->n_fields < 2
				    : strcmp(node->name, renamed->column) != 0)
		return;
	if ((grown = reallocarray(renamed->columns, renamed->ncolumns + 1, sizeof(*grown))) == NULL) {
		renamed->failed = true;
		return;
	}
	renamed->columns = grown;
	grown[renamed->ncolumns++] = (PgQuery__ColumnRef *)(uintptr_t)ref;
}

struct deparse_node *
deparse_column_ref(struct deparser *d, const PgQuery__ColumnRef *ref)
{
	const char *name = translate_string(ref->fields[ref->n_fields - 1]);
	struct deparse_node *node;

	if (name == NULL)
		return NULL;
	node = ref->n_fields == 1 ? find_bare(d, name)
				  : find_qualified(d, translate_string(ref->fields[ref->n_fields - 2]), name);
	note_column(d, ref, node);
	return node;
}

/* By which name it asks for a whole row: t, or t.*. */
static const char *
row_name(struct deparser *d, const PgQuery__ColumnRef *ref)
{
	const char *name = ref->n_fields > 2 ? NULL : translate_string(ref->fields[0]);

	if (ref->n_fields == 2)
		return ref->fields[1]->node_case == PG_QUERY__NODE__NODE_A_STAR ? name : NULL;
	return name != NULL && find_bare(d, name) == NULL ? name : NULL;
}

struct deparse_node *
deparse_whole_row(struct deparser *d, const PgQuery__Node *node)
{
	/* What a column is called shows in such a row: a renaming is left alone. */
	const char *name =
	    node->node_case != PG_QUERY__NODE__NODE_COLUMN_REF || d->table != NULL || d->t->renamed != NULL
	    ? NULL
	    : row_name(d, node->column_ref);
	struct deparse_node *row;

	for (struct deparse_query *query = d->query; name != NULL && query != NULL; query = next_outer(query))
		for (struct deparse_range *range = query->ranges; range != NULL; range = range->next) {
			if (range->hidden || strcmp(range->given, name) != 0)
				continue;
			if (range->kind == RANGE_FUNCTION || range->kind == RANGE_JOIN ||
			    (row = deparse_new(d, DEPARSE_COLUMN, TYPE_RECORD, 0)) == NULL)
				return NULL;
			row->typmod = -1;
			row->name = "*";
			row->star = true;
			row->range = range;
			return row;
		}
	return NULL;
}
