/*
 * Scopes: the entries of FROM, and the columns that each of them has.
 */
#include <string.h>

#include "workers/sqlite/schema/catalog_tables.h"
#include "workers/sqlite/dialect/lateral.h"
#include "workers/sqlite/dialect/partition.h"
#include "workers/sqlite/dialect/view_target.h"

void
translate_scope_open(struct translator *t, struct scope *scope)
{
	*scope = (struct scope) { .outer = t->scope, .reads = "UPDATE" };
	t->scope = scope;
}

void
translate_scope_close(struct translator *t, struct scope *scope)
{
	t->scope = scope->outer;
}

struct scope_range *
translate_scope_add(struct translator *t, struct scope_range *range)
{
	struct scope_range **end = &t->scope->ranges;

	while (*end != NULL)
		end = &(*end)->next;
	*end = range;
	return range;
}

struct scope_range *
translate_scope_range(struct translator *t, const char *alias, unsigned ncolumns)
{
	struct scope_range *range = translator_alloc(t, sizeof(*range));

	if (range == NULL || (range->alias = alias == NULL ? "" : translator_copy(t, alias)) == NULL)
		return NULL;
	range->ncolumns = ncolumns;
	range->depth = t->lateral == NULL ? 0 : t->lateral->depth;
	range->columns = translator_alloc(t, (ncolumns + 1) * sizeof(*range->columns));
	return range->columns == NULL ? NULL : translate_scope_add(t, range);
}

static uint32_t
table_oid(const struct schema_table *table)
{
	const struct catalog_table *own = catalog_table_find(table->schema, table->name);

	return own != NULL ? own->oid : catalog_object_oid(table->schema, table->name);
}

/* A column of a view that is an expression over the table. */
static int
write_raw(struct translator *t, const struct schema_table *table, unsigned i, const struct scope_range *range)
{
	struct scope_column *column = &range->columns[i];
	size_t start = t->out.length;
	struct expression e;

	/* Bare names in a subquery would mean its own columns first: such a column can't be named in RETURNING. */
	if (range->bare && view_column_has_subquery(table, i)) {
		column->emitted = NULL;
		return 0;
	}
	if (view_emit_column(t, table, i, range->alias, range->bare, &e) == -1)
		return -1;
	column->emitted = translator_copy(t, t->out.data + start);
	column->raw = true;
	column->not_null = false;
	column->canonical = e.canonical;
	sql_text_cut(&t->out, start);
	return column->emitted == NULL ? -1 : 0;
}

/* The texts of views, of which some are not known: those are refused where they are read. */
static bool
is_definition(const struct schema_table *table, const struct schema_column *column)
{
	return strcmp(table->schema, "pg_catalog") == 0 && strcmp(column->name, "definition") == 0 &&
	    (strcmp(table->name, "pg_views") == 0 || strcmp(table->name, "pg_matviews") == 0);
}

static int
write_definition(struct translator *t, struct scope_range *range, struct scope_column *column)
{
	size_t start = t->out.length;

	translate_emit(t, "bibd_known_definition(");
	translate_identifier(t, range->alias);
	if (translate_emit(t, ".\"definition\")") < 0)
		return -1;
	column->emitted = translator_copy(t, t->out.data + start);
	column->raw = true;
	sql_text_cut(&t->out, start);
	return column->emitted == NULL ? -1 : 0;
}

struct scope_range *
translate_scope_table(struct translator *t, const struct schema_table *table, const char *alias, bool bare)
{
	struct scope_range *range = translate_scope_range(t, alias != NULL ? alias : table->name, table->ncolumns);

	if (range == NULL)
		return NULL;
	range->table = translator_copy(t, table->name);
	range->schema = translator_copy(t, table->schema);
	range->bare = bare;
	range->table_oid = table_oid(table);
	range->partitioned = table->partition_key == NULL ? NULL : table;
	for (unsigned i = 0; i < table->ncolumns; i++) {
		const struct schema_column *from = &table->columns[i];

		range->columns[i] = (struct scope_column) {
			.name = translator_copy(t, from->name),
			.oid = from->oid,
			.typmod = from->typmod,
			.domain = from->domain,
			.not_null = from->not_null || from->primary_key,
			.canonical = from->oid == TYPE_NUMERIC && table->canonical,
			/* A column of jsonb has its collation only since a later version of bibd. */
			.collated = from->oid == TYPE_NUMERIC && (table->kind == 'r' || table->kind == 'm') &&
			    (t->family == NULL || schema_table_root(table) != t->family),
			.table_oid = range->table_oid,
			.attribute = (int16_t)(i + 1),
		};
		range->columns[i].emitted =
		    from->stored == NULL ? range->columns[i].name : translator_copy(t, from->stored);
		if (range->columns[i].emitted == NULL || (from->fixed && write_raw(t, table, i, range) == -1) ||
		    (!bare && is_definition(table, from) && write_definition(t, range, &range->columns[i]) == -1))
			return NULL;
	}
	return range->table == NULL || range->schema == NULL ? NULL : range;
}
