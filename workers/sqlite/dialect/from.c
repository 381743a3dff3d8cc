/*
 * FROM: tables, subqueries, functions. Each entry is written under an alias and added to the scope.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/dialect/lateral.h"
#include "workers/sqlite/dialect/modify.h"
#include "workers/sqlite/schema/inherit.h"
#include "workers/sqlite/schema/matview.h"
#include "workers/sqlite/schema/names.h"

/* The names of t(a, b) replace the columns' own; SQLite goes on calling them what it does. */
static int
apply_alias(struct translator *t, struct scope_range *range, const PgQuery__Alias *alias)
{
	if (alias == NULL)
		return 0;
	if (alias->n_colnames > range->ncolumns)
		return translate_fail(t, -1, SQLSTATE_INVALID_COLUMN_REFERENCE,
		    "table \"%s\" has %u columns available but %zu columns specified", alias->aliasname,
		    range->ncolumns, alias->n_colnames);
	for (size_t i = 0; i < alias->n_colnames; i++)
		range->columns[i].name = translate_string(alias->colnames[i]);
	return 0;
}

static int
check_alias(struct translator *t, const char *alias)
{
	for (const struct scope_range *range = t->scope->ranges; range != NULL; range = range->next)
		if (strcmp(range->alias, alias) == 0 && *alias != '\0')
			return translate_fail(t, -1, SQLSTATE_DUPLICATE_ALIAS,
			    "table name \"%s\" specified more than once", alias);
	return 0;
}

/* Tables of one name in different schemas are told apart by those on PostgreSQL. */
static int
check_twins(struct translator *t, const PgQuery__RangeVar *relation, const struct scope_cte *cte)
{
	const struct schema_table *table =
	    cte != NULL || relation->alias != NULL ? NULL : translate_named_table(t, relation);

	for (const struct scope_range *range = t->scope->ranges; table != NULL && range != NULL; range = range->next)
		if (range->table != NULL && strcmp(range->alias, relation->relname) == 0 &&
		    strcmp(range->alias, namespace_relation(range->table)) == 0 &&
		    (strcmp(range->table, table->name) != 0 || strcmp(range->schema, table->schema) != 0))
			return translate_refuse(t, relation->location,
			    "two tables of one name, of different schemas, without aliases");
	return 0;
}

static int
emit_as(struct translator *t, const char *alias)
{
	return translate_emit(t, " AS ") < 0 ? -1 : translate_identifier(t, alias);
}

static struct scope_range *
columns_range(struct translator *t, const char *alias, const struct scope_column *columns, unsigned n)
{
	struct scope_range *range = translate_scope_range(t, alias, n);

	for (unsigned i = 0; range != NULL && i < n; i++) {
		range->columns[i] = columns[i];
		range->columns[i].merged = false;
		range->columns[i].rank = 0;
	}
	return range;
}

static const struct scope_cte *
find_cte(const struct translator *t, const PgQuery__RangeVar *relation)
{
	if (relation->schemaname != NULL && *relation->schemaname != '\0')
		return NULL;
	for (const struct scope_cte *cte = t->ctes; cte != NULL; cte = cte->next)
		if (strcmp(cte->name, relation->relname) == 0)
			return cte;
	return NULL;
}

const struct schema_table *
translate_named_table(struct translator *t, const PgQuery__RangeVar *relation)
{
	const char *schema, *name;

	if (find_cte(t, relation) != NULL || translate_find_transition(t, relation) != NULL ||
	    translate_relation_name(t, relation, &schema, &name) < 0)
		return NULL;
	return schema == NULL ? NULL : schema_find_table(t->schema, schema, name);
}

/* In the text of a view that the file keeps, a table has no schema before it: programs other than bibd call the file's
 * database "main" and not "public", and would find all of it malformed. SQLite looks there only; but a WITH comes
 * first. */
static bool
may_be_bare(const struct translator *t, const struct schema_table *table)
{
	if (!t->stored_view || strcmp(table->schema, "public") != 0)
		return false;
	for (const struct scope_cte *cte = t->ctes; cte != NULL; cte = cte->next)
		if (sqlite3_stricmp(cte->name, table->name) == 0)
			return false;
	return true;
}

/* PostgreSQL's RETURNING and ON CONFLICT read tables as they were before the statement, SQLite's as they are: whatever
 * may be the one that is changed is refused, a view or a query of WITH too. */
static int
check_unchanged(struct translator *t, const PgQuery__RangeVar *relation, const struct schema_table *table,
    const struct scope_cte *cte)
{
	bool changed = false;
	unsigned n = 0;

	if (t->changed == NULL)
		return 0;
	for (const struct scope_cte *named = t->before; named != NULL && cte != NULL && !changed; named = named->next)
		changed = named == cte;
	for (const struct schema_table *const *below =
		 table == NULL || t->family == NULL ? NULL : schema_descendants(t->schema, t->family, &n);
	     n > 0 && !changed; n--)
		changed = below[n - 1] == table;
	if (table != NULL)
		changed |=
		    table == t->changed || (table->kind == 'v' && strcmp(table->schema, t->changed->schema) == 0);
	return changed ? translate_refuse(t, relation->location,
			     "a subquery in RETURNING, or in ON CONFLICT of several rows, of the table that is "
			     "changed, of a view or of a query of WITH")
		       : 0;
}

/* A query of LATERAL is run as one of its own: it knows no WITH around it, and reads what the statement has changed so
 * far. */
static int
check_lateral(struct translator *t, const PgQuery__RangeVar *relation, const struct schema_table *table,
    const struct scope_cte *cte)
{
	if (t->lateral == NULL)
		return 0;
	if (cte != NULL && cte->depth < t->lateral->depth)
		return translate_refuse(t, relation->location, "LATERAL over a query of WITH");
	if (table != NULL && t->target != NULL && (table == t->target || table->kind == 'v'))
		return translate_refuse(t, relation->location,
		    "LATERAL over the table that is changed, or over a view");
	return 0;
}

/* Of a table that another part of the statement adds rows to, those of before; the number under which it is watched, or
 * -1. */
static int
watched_hidden(const struct translator *t, const struct schema_table *table)
{
	for (unsigned i = 0; t->steps != NULL && i < t->steps->nwatched; i++)
		if (t->steps->watched[i].hidden && t->steps->watched[i].table == table)
			return (int)i;
	return -1;
}

static int
emit_table(struct translator *t, const struct schema_table *table)
{
	int watched = watched_hidden(t, table);

	translate_emit(t, watched >= 0 ? "(SELECT * FROM " : "");
	if (!may_be_bare(t, table)) {
		translate_identifier(t, table->schema);
		translate_emit(t, ".");
	}
	translate_identifier(t, table->name);
	return watched < 0 ? translate_emit(t, "")
			   : translate_emit_format(t, " WHERE bibd_untouched(%d, %s))", watched, modify_rowid(table));
}

/* ---- a table with children ---- */

static int
emit_member(struct translator *t, const struct schema_table *table, const struct schema_table *parent)
{
	for (unsigned i = 0; i < parent->ncolumns; i++)
		if (translate_emit(t, i == 0 ? "SELECT " : ", ") < 0 ||
		    translate_identifier(t, parent->columns[i].name) < 0)
			return -1;
	if (translate_emit_format(t, ", %u AS \"" SCOPE_TABLEOID "\" FROM ",
		catalog_object_oid(table->schema, table->name)) < 0)
		return -1;
	return emit_table(t, table);
}

/* Its rows, and those of all tables below it. */
static int
emit_family(struct translator *t, const struct schema_table *table)
{
	unsigned n;
	const struct schema_table *const *below = schema_descendants(t->schema, table, &n);

	if (t->changed != NULL || (t->lateral != NULL && t->target != NULL) || t->steps != NULL)
		return translate_refuse(t, -1, "a table with children in this part of the statement");
	if (translate_emit(t, "(") < 0 || emit_member(t, table, table) < 0)
		return -1;
	for (unsigned i = 0; below != NULL && i < n; i++)
		if (translate_emit(t, " UNION ALL ") < 0 || emit_member(t, below[i], table) < 0)
			return -1;
	return translate_emit(t, ")");
}

/* A partitioned table has no rows of its own. */
static int
emit_no_rows(struct translator *t, const struct schema_table *table)
{
	return translate_emit(t, "(") < 0 || emit_member(t, table, table) < 0 ? -1 : translate_emit(t, " WHERE 0)");
}

/* Columns of a query have no collation of a table's. */
static void
set_inherited(struct scope_range *range)
{
	range->inherited = true;
	for (unsigned i = 0; i < range->ncolumns; i++)
		range->columns[i].collated = false;
}

/* A materialized view that was not populated can't be read, and no view that reads it. */
static int
check_filled(struct translator *t, const struct schema_table *table)
{
	char *unfilled = t->unread ? NULL : matview_find_unfilled(t->schema, table);

	if (unfilled == NULL)
		return 0;
	translate_fail(t, -1, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
	    "materialized view \"%s\" has not been populated", unfilled);
	free(unfilled);
	report_hint(t->report, "Use the REFRESH MATERIALIZED VIEW command.");
	return -1;
}

const struct dialect_transition *
translate_find_transition(const struct translator *t, const PgQuery__RangeVar *relation)
{
	const struct dialect_variables *variables = t->text->variables;

	if (relation->schemaname != NULL && *relation->schemaname != '\0')
		return NULL;
	for (unsigned i = 0; variables != NULL && i < variables->ntransitions; i++)
		if (strcmp(variables->transitions[i].name, relation->relname) == 0)
			return &variables->transitions[i];
	return NULL;
}

/* Its values are in the form in which they are stored. */
static int
translate_transition(struct translator *t, const struct dialect_transition *from, const PgQuery__RangeVar *relation)
{
	const char *alias = relation->alias != NULL ? relation->alias->aliasname : relation->relname;
	struct scope_range *range = translate_scope_range(t, alias, from->ncolumns);

	if (t->definition)
		return translate_refuse(t, relation->location, "a transition table in a definition");
	if (from->ncolumns > SQL_TRANSITION_COLUMNS_MAX)
		return translate_refuse(t, relation->location, "a transition table of so many columns");
	if (range == NULL)
		return -1;
	for (unsigned i = 0; i < from->ncolumns; i++) {
		range->columns[i] = (struct scope_column) { .name = translator_copy(t, from->columns[i].name),
			.oid = from->columns[i].oid,
			.typmod = from->columns[i].typmod,
			.canonical = from->columns[i].oid == TYPE_NUMERIC };
		if ((range->columns[i].emitted = range->columns[i].name) == NULL)
			return -1;
		translate_emit_format(t, "%sc%u AS ", i == 0 ? "(SELECT " : ", ", i);
		translate_identifier(t, range->columns[i].name);
	}
	translate_emit_format(t, " FROM bibd_transition(%u))", (unsigned)(from - t->text->variables->transitions));
	return emit_as(t, alias) < 0 ? -1 : apply_alias(t, range, relation->alias);
}

static int
translate_table(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__RangeVar *relation = node->range_var;
	const char *alias = relation->alias != NULL ? relation->alias->aliasname : relation->relname;
	const struct scope_cte *cte = find_cte(t, relation);
	const struct schema_table *table;
	struct scope_range *range;
	bool inherited, rowless;

	if (cte == NULL && translate_find_transition(t, relation) != NULL)
		return check_alias(t, alias) < 0
		    ? -1
		    : translate_transition(t, translate_find_transition(t, relation), relation);
	if (check_twins(t, relation, cte) < 0 || check_alias(t, alias) < 0)
		return -1;
	if (cte != NULL) {
		if (cte->silent)
			return translate_fail(t, relation->location, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "WITH query \"%s\" does not have a RETURNING clause", cte->name);
		if (check_unchanged(t, relation, NULL, cte) < 0 || check_lateral(t, relation, NULL, cte) < 0)
			return -1;
		range = columns_range(t, alias, cte->columns, cte->ncolumns);
		if (range == NULL || translate_identifier(t, cte->name) < 0)
			return -1;
	} else {
		if ((table = translate_find_table(t, relation)) == NULL ||
		    check_unchanged(t, relation, table, NULL) < 0 || check_lateral(t, relation, table, NULL) < 0 ||
		    check_filled(t, table) < 0)
			return -1;
		rowless = !relation->inh && schema_table_is_partitioned(table);
		inherited = rowless || (relation->inh && schema_has_children(t->schema, table));
		if ((rowless		? emit_no_rows(t, table)
			    : inherited ? emit_family(t, table)
					: emit_table(t, table)) < 0 ||
		    (range = translate_scope_table(t, table, alias, false)) == NULL)
			return -1;
		if (inherited)
			set_inherited(range);
	}
	return emit_as(t, alias) < 0 ? -1 : apply_alias(t, range, relation->alias);
}

/* Reads a subquery as one that sees nothing of the FROM in which it stands. */
static int
translate_alone(struct translator *t, const PgQuery__Node *query, struct query_columns *columns)
{
	const PgQuery__SelectStmt *select = query->select_stmt;
	struct scope *here = t->scope;
	unsigned nvolatile = t->nvolatile;
	int status;

	t->scope = here->outer;
	status = translate_subquery(t, query, columns);
	/* SQLite would put the subquery's expressions in place of its columns, and compute them for each. */
	if (status == 0 && t->nvolatile != nvolatile && select->op <= PG_QUERY__SET_OPERATION__SETOP_NONE &&
	    select->n_values_lists == 0 && select->limit_count == NULL && select->limit_offset == NULL)
		status = translate_emit(t, " LIMIT -1 OFFSET 0");
	t->scope = here;
	return status;
}

/* SQLite does not mind case in names, and takes the first of those that are alike. */
static bool
names_clash(const struct query_columns *columns)
{
	for (unsigned i = 1; i < columns->n; i++)
		for (unsigned j = 0; j < i; j++)
			if (sqlite3_stricmp(columns->columns[i].emitted, columns->columns[j].emitted) == 0)
				return true;
	return false;
}

/* Two columns of one name, as in (SELECT 1, 2) AS t(x, y), get names by which they can be told apart. */
static int
tell_apart(struct translator *t, size_t start, struct query_columns *columns)
{
	unsigned serial = ++t->serial;
	struct sql_text head = { 0 };

	if (!names_clash(columns))
		return 0;
	sql_text_format(&head, "WITH \"bibd_apart_%u\"(", serial);
	for (unsigned i = 0; i < columns->n; i++) {
		columns->columns[i].emitted = translator_format(t, "c%u", i + 1);
		sql_text_format(&head, "%s\"c%u\"", i == 0 ? "" : ", ", i + 1);
	}
	sql_text_put(&head, ") AS (");
	t->out.failed |= head.failed;
	if (!head.failed)
		sql_text_insert(&t->out, start, head.data);
	sql_text_free(&head);
	return translate_emit_format(t, ") SELECT * FROM \"bibd_apart_%u\"", serial);
}

static int
translate_subselect(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__RangeSubselect *sub = node->range_subselect;
	const char *alias = sub->alias != NULL ? sub->alias->aliasname : NULL;
	struct query_columns columns;
	struct scope_range *range;
	size_t start;

	if (sub->lateral)
		return translate_lateral(t, sub);
	if (alias == NULL)
		return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR, "subquery in FROM must have an alias");
	if (check_alias(t, alias) < 0 || translate_emit(t, "(") < 0)
		return -1;
	start = t->out.length;
	if (translate_alone(t, sub->subquery, &columns) < 0 || tell_apart(t, start, &columns) < 0)
		return -1;
	translate_emit(t, ")");
	if ((range = columns_range(t, alias, columns.columns, columns.n)) == NULL || emit_as(t, alias) < 0)
		return -1;
	return apply_alias(t, range, sub->alias);
}

int
translate_range_end(struct translator *t, const char *alias, const struct scope_column *columns, unsigned n,
    const PgQuery__Alias *names)
{
	struct scope_range *range;

	if (check_alias(t, alias) < 0 || (range = columns_range(t, alias, columns, n)) == NULL || emit_as(t, alias) < 0)
		return -1;
	return apply_alias(t, range, names);
}

int
translate_from_item(struct translator *t, const PgQuery__Node *item)
{
	static const struct {
		PgQuery__Node__NodeCase node;
		int (*translate)(struct translator *t, const PgQuery__Node *item);
	} items[] = {
		{ PG_QUERY__NODE__NODE_RANGE_VAR, translate_table },
		{ PG_QUERY__NODE__NODE_JOIN_EXPR, translate_join },
		{ PG_QUERY__NODE__NODE_RANGE_SUBSELECT, translate_subselect },
		{ PG_QUERY__NODE__NODE_RANGE_FUNCTION, translate_range_function },
	};

	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
		if (items[i].node == item->node_case)
			return items[i].translate(t, item);
	return translate_refuse_node(t, item);
}

/* An outer join behind a comma stands in parentheses, since SQLite's comma binds no weaker than JOIN: it must not take
 * in what came before, and can't name it. */
static int
translate_enclosed(struct translator *t, const PgQuery__Node *item)
{
	struct scope_range *range;
	unsigned n = 0;
	int status;

	for (range = t->scope->ranges; range != NULL; range = range->next, n++)
		range->beyond++;
	status = translate_emit(t, "(") < 0 || translate_from_item(t, item) < 0 ? -1 : translate_emit(t, ")");
	for (range = t->scope->ranges; n > 0; range = range->next, n--)
		range->beyond--;
	return status;
}

/* It runs once for each row of what stands before it, which is so where there is but one such entry. */
static int
check_unsteady(struct translator *t)
{
	unsigned n = 0;

	for (const struct scope_range *range = t->scope->ranges; range != NULL; range = range->next)
		n++;
	return t->scope->unsteady && n > 2
	    ? translate_refuse(t, -1, "a volatile function with columns of others in so large a FROM")
	    : 0;
}

/* An item of FROM's list is over: those of a star end with it. */
static void
end_item(struct translator *t)
{
	struct scope_range *range = t->scope->ranges;

	while (range != NULL && range->next != NULL)
		range = range->next;
	if (range != NULL)
		range->ends_item = true;
}

int
translate_from(struct translator *t, PgQuery__Node *const *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		/* USING of SQLite takes the first column of that name of all that stands on its left, also before the
		 * comma. */
		bool enclosed = i > 0 && items[i]->node_case == PG_QUERY__NODE__NODE_JOIN_EXPR &&
		    items[i]->join_expr->alias == NULL &&
		    (items[i]->join_expr->jointype != PG_QUERY__JOIN_TYPE__JOIN_INNER || translate_has_using(items[i]));

		if ((i > 0 && translate_emit(t, ", ") < 0) ||
		    (enclosed ? translate_enclosed(t, items[i]) : translate_from_item(t, items[i])) < 0)
			return -1;
		end_item(t);
	}
	return check_unsteady(t);
}
