/*
 * The entries of FROM and their joins, and the names under which a text can tell them apart.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/deparse/tree.h"
#include "workers/sqlite/schema/names.h"

bool
deparse_add_range(struct deparser *d, struct deparse_range *range, const PgQuery__Alias *alias, const char *name)
{
	struct deparse_range **end = &d->query->ranges;

	range->aliased = alias != NULL;
	range->given = alias != NULL ? alias->aliasname : name;
	if (d->t->renamed != NULL && d->t->renamed->column == NULL && range->given != NULL)
		d->t->renamed->unclear |=
		    (!range->meant || range->aliased) && strcmp(range->given, d->t->renamed->name) == 0;
	/* Names that were not written follow the table's columns: the text no longer says which those are. */
	if (d->t->renamed != NULL && d->t->renamed->column != NULL && range->meant && alias != NULL)
		d->t->renamed->unclear |= alias->n_colnames > 0;
	/* Columns with names of their own are not known by those of the table. */
	range->meant = range->meant && (alias == NULL || alias->n_colnames == 0);
	for (size_t i = 0; alias != NULL && i < alias->n_colnames; i++) {
		const char *column = translate_string(alias->colnames[i]);

		if (i >= range->n)
			return false;
		range->renamed |= range->kind != RANGE_TABLE || strcmp(range->columns[i].name, column) != 0;
		range->columns[i].name = column;
	}
	while (*end != NULL)
		end = &(*end)->next;
	*end = range;
	return true;
}

struct deparse_range *
deparse_new_range(struct deparser *d, enum deparse_range_kind kind, unsigned n)
{
	struct deparse_range *range = translator_alloc(d->t, sizeof(*range));

	if (range == NULL)
		return NULL;
	range->kind = kind;
	range->n = n;
	range->columns = translator_alloc(d->t, (n + 1) * sizeof(*range->columns));
	return range->columns == NULL ? NULL : range;
}

static struct deparse_range *
cte_range(struct deparser *d, const PgQuery__RangeVar *relation)
{
	const struct deparse_cte *cte = d->ctes;
	struct deparse_range *range;

	while (cte != NULL && strcmp(cte->name, relation->relname) != 0)
		cte = cte->next;
	if (cte == NULL || (relation->schemaname != NULL && *relation->schemaname != '\0'))
		return NULL;
	if ((range = deparse_new_range(d, RANGE_CTE, cte->n)) != NULL) {
		memcpy(range->columns, cte->columns, cte->n * sizeof(*range->columns));
		range->name = cte->name;
	}
	return range;
}

static bool
note_relation(struct deparser *d, const PgQuery__RangeVar *relation, const struct schema_table *table,
    struct deparse_range *range)
{
	struct deparse_renamed *renamed = d->t->renamed;
	PgQuery__RangeVar **grown;

	if (renamed == NULL || strcmp(table->schema, renamed->table->schema) != 0 ||
	    strcmp(table->name, renamed->table->name) != 0)
		return true;
	range->meant = true;
	if (renamed->column != NULL)
		return true;
	if ((grown = reallocarray(renamed->relations, renamed->nrelations + 1, sizeof(*grown))) == NULL)
		return false;
	renamed->relations = grown;
	grown[renamed->nrelations++] = (PgQuery__RangeVar *)(uintptr_t)relation;
	return true;
}

static struct deparse_range *
table_range(struct deparser *d, const PgQuery__RangeVar *relation)
{
	const struct schema_table *table = translate_find_table(d->t, relation);
	struct deparse_range *range = table == NULL ? NULL : deparse_new_range(d, RANGE_TABLE, table->ncolumns);
	char schema[NAMESPACE_BYTES];

	if (range == NULL || strncmp(table->name, "bibd_", 5) == 0)
		return NULL;
	namespace_of(table->name, schema);
	range->name = translator_copy(d->t, namespace_relation(table->name));
	range->schema = translator_copy(d->t, strcmp(table->schema, "public") == 0 ? schema : table->schema);
	range->only = !relation->inh;
	if (!note_relation(d, relation, table, range))
		return NULL;
	for (unsigned i = 0; i < table->ncolumns; i++) {
		range->columns[i] = (struct deparse_column) { .name = translator_copy(d->t, table->columns[i].name),
			.oid = table->columns[i].domain != 0 ? table->columns[i].domain : table->columns[i].oid,
			.typmod = table->columns[i].domain != 0 ? -1 : table->columns[i].typmod };
		if (range->columns[i].name == NULL)
			return NULL;
	}
	return range;
}

static struct deparse_range *
relation(struct deparser *d, const PgQuery__RangeVar *relation)
{
	struct deparse_range *range = cte_range(d, relation);

	if (range == NULL)
		range = table_range(d, relation);
	return range != NULL && deparse_add_range(d, range, relation->alias, relation->relname) ? range : NULL;
}

static struct deparse_range *
subquery(struct deparser *d, const PgQuery__RangeSubselect *select)
{
	struct deparse_query *query;
	struct deparse_range *range;

	if (select->lateral || select->alias == NULL || select->subquery->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
		return NULL;
	query = deparse_query(d, select->subquery->select_stmt, DEPARSE_BLIND);
	if (query == NULL || (range = deparse_new_range(d, RANGE_QUERY, query->n)) == NULL)
		return NULL;
	memcpy(range->columns, query->columns, query->n * sizeof(*range->columns));
	range->query = query;
	return deparse_add_range(d, range, select->alias, NULL) ? range : NULL;
}

static bool
see_all(struct deparser *d, struct deparse_from *from)
{
	from->nvisible = from->range->n;
	from->visible = translator_alloc(d->t, (from->nvisible + 1) * sizeof(struct deparse_node *));
	for (unsigned i = 0; from->visible != NULL && i < from->nvisible; i++)
		if ((from->visible[i] = deparse_column_of(d, from->range, i)) == NULL)
			return false;
	return from->visible != NULL;
}

static int
find_visible(const struct deparse_from *from, const char *name)
{
	for (unsigned i = 0; i < from->nvisible; i++)
		if (strcmp(from->visible[i]->name, name) == 0)
			return (int)i;
	return -1;
}

static bool
find_merged(struct deparser *d, struct deparse_from *from, const PgQuery__JoinExpr *join)
{
	unsigned most = join->is_natural ? from->left->nvisible : (unsigned)join->n_using_clause;

	from->merged = translator_alloc(d->t, (most + 1) * sizeof(const char *));
	for (unsigned i = 0; from->merged != NULL && i < most; i++) {
		const char *name =
		    join->is_natural ? from->left->visible[i]->name : translate_string(join->using_clause[i]);

		if (find_visible(from->right, name) < 0)
			continue;
		from->merged[from->nmerged++] = name;
		if (d->t->renamed != NULL && d->t->renamed->column != NULL)
			d->t->renamed->unclear |= strcmp(name, d->t->renamed->column) == 0;
	}
	return from->merged != NULL;
}

static bool
is_merged(const struct deparse_from *from, const char *name)
{
	for (unsigned i = 0; i < from->nmerged; i++)
		if (strcmp(from->merged[i], name) == 0)
			return true;
	return false;
}

/* Merged columns first, then the others of the left, then those of the right. Where both sides' types differ, the
 * merged one is a cast: left. */
static bool
see_joined(struct deparser *d, struct deparse_from *from)
{
	struct deparse_from *sides[] = { from->left, from->right };

	from->visible =
	    translator_alloc(d->t, (from->left->nvisible + from->right->nvisible + 1) * sizeof(struct deparse_node *));
	if (from->visible == NULL || (from->nmerged > 0 && from->type == PG_QUERY__JOIN_TYPE__JOIN_FULL))
		return false;
	for (unsigned i = 0; i < from->nmerged; i++) {
		struct deparse_node *left = from->left->visible[find_visible(from->left, from->merged[i])];
		struct deparse_node *right = from->right->visible[find_visible(from->right, from->merged[i])];

		if (left->oid != right->oid || left->typmod != right->typmod)
			return false;
		from->visible[from->nvisible++] = from->type == PG_QUERY__JOIN_TYPE__JOIN_RIGHT ? right : left;
	}
	for (unsigned side = 0; side < 2; side++)
		for (unsigned i = 0; i < sides[side]->nvisible; i++)
			if (!is_merged(from, sides[side]->visible[i]->name))
				from->visible[from->nvisible++] = sides[side]->visible[i];
	return true;
}

static struct deparse_from *item(struct deparser *d, const PgQuery__Node *node);

/* ON sees the two sides alone, and what is around the query. */
static bool
join_condition(struct deparser *d, struct deparse_from *from, const PgQuery__Node *condition)
{
	struct deparse_query *query = d->query;
	struct deparse_from *only[1] = { from }, **before = query->from;
	size_t nbefore = query->nfrom;

	if (condition == NULL)
		return true;
	query->from = only;
	query->nfrom = 1;
	from->on = deparse_condition(d, condition);
	query->from = before;
	query->nfrom = nbefore;
	return from->on != NULL;
}

static void
hide(struct deparse_from *from)
{
	if (from->range != NULL) {
		from->range->hidden = true;
		return;
	}
	hide(from->left);
	hide(from->right);
}

/* A join with a name: its columns are known by that alone. Names that are written count with those of columns that a
 * table of it gets later, and PostgreSQL tells those of one name apart by numbers: such joins are left. */
static bool
name_join(struct deparser *d, struct deparse_from *from, const PgQuery__Alias *alias)
{
	struct deparse_range *range = deparse_new_range(d, RANGE_JOIN, from->nvisible);

	if (range == NULL || d->t->renamed != NULL)
		return false;
	for (unsigned i = 0; i < range->n; i++)
		range->columns[i] = (struct deparse_column) { .name = from->visible[i]->name,
			.oid = from->visible[i]->oid,
			.typmod = from->visible[i]->typmod };
	hide(from);
	range->name = alias->aliasname;
	if (!deparse_add_range(d, range, alias, NULL))
		return false;
	range->renamed = false;
	for (unsigned i = 0; i < range->n; i++) {
		if (strcmp(range->columns[i].name, from->visible[i]->name) != 0)
			return false;
		for (unsigned j = 0; j < i; j++)
			if (strcmp(range->columns[i].name, range->columns[j].name) == 0)
				return false;
	}
	for (unsigned i = 0; i < range->n; i++)
		if ((from->visible[i] = deparse_column_of(d, range, i)) == NULL)
			return false;
	from->named = range;
	return true;
}

static struct deparse_from *
join(struct deparser *d, const PgQuery__JoinExpr *source)
{
	struct deparse_from *from = translator_alloc(d->t, sizeof(*from));

	if (from == NULL || source->join_using_alias != NULL)
		return NULL;
	from->type = source->jointype;
	if ((from->left = item(d, source->larg)) == NULL || (from->right = item(d, source->rarg)) == NULL ||
	    ((source->is_natural || source->n_using_clause > 0) && !find_merged(d, from, source)) ||
	    !see_joined(d, from) || !join_condition(d, from, source->quals) ||
	    (source->alias != NULL && !name_join(d, from, source->alias)))
		return NULL;
	return from;
}

static struct deparse_from *
item(struct deparser *d, const PgQuery__Node *node)
{
	struct deparse_from *from;

	if (d->depth >= DEPARSE_DEPTH_MAX)
		return NULL;
	if (node->node_case == PG_QUERY__NODE__NODE_JOIN_EXPR) {
		d->depth++;
		from = join(d, node->join_expr);
		d->depth--;
		return from;
	}
	if ((from = translator_alloc(d->t, sizeof(*from))) == NULL)
		return NULL;
	if (node->node_case == PG_QUERY__NODE__NODE_RANGE_VAR)
		from->range = relation(d, node->range_var);
	else if (node->node_case == PG_QUERY__NODE__NODE_RANGE_SUBSELECT)
		from->range = subquery(d, node->range_subselect);
	else if (node->node_case == PG_QUERY__NODE__NODE_RANGE_FUNCTION)
		from->range = deparse_function_range(d, node->range_function);
	return from->range != NULL && see_all(d, from) ? from : NULL;
}

/* PostgreSQL gives a column another name where that of a USING means it too: such a query is left. */
static bool
names_are_plain(const struct deparse_query *query, const struct deparse_from *from)
{
	if (from->range != NULL)
		return true;
	for (unsigned i = 0; i < from->nmerged; i++) {
		unsigned found = 0;

		for (const struct deparse_range *range = query->ranges; range != NULL; range = range->next)
			for (unsigned j = 0; range->kind != RANGE_JOIN && j < range->n; j++)
				found += strcmp(range->columns[j].name, from->merged[i]) == 0;
		if (found > 2)
			return false;
	}
	return names_are_plain(query, from->left) && names_are_plain(query, from->right);
}

bool
deparse_from(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select)
{
	query->from = translator_alloc(d->t, (select->n_from_clause + 1) * sizeof(struct deparse_from *));
	if (query->from == NULL)
		return false;
	for (size_t i = 0; i < select->n_from_clause; i++) {
		struct deparse_from *from = item(d, select->from_clause[i]);

		if (from == NULL)
			return false;
		query->from[query->nfrom++] = from;
	}
	for (size_t i = 0; i < query->nfrom; i++)
		if (!names_are_plain(query, query->from[i]))
			return false;
	return true;
}
