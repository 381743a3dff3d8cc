/*
 * Which column a name means: those of the entries of FROM, from the innermost query outwards; a system column, or a
 * variable of a routine.
 */
#include <string.h>

#include "workers/sqlite/dialect/lateral.h"
#include "workers/sqlite/dialect/level.h"
#include "workers/sqlite/dialect/partition.h"
#include "workers/sqlite/dialect/split.h"
#include "workers/sqlite/schema/names.h"

/* Whether a table's entry is one of that schema of PostgreSQL's. */
static bool
range_is_in(const struct scope_range *range, const char *schema)
{
	char own[NAMESPACE_BYTES];

	if (strcmp(range->schema, "temp") == 0)
		return strncmp(schema, "pg_temp", 7) == 0;
	if (strcmp(range->schema, "public") != 0)
		return strcmp(range->schema, schema) == 0;
	namespace_of(range->table, own);
	return strcmp(own, schema) == 0;
}

/* bibd's own tables are public's in the file, where their names begin with the schema. */
static bool
range_is_own(const struct scope_range *range, const char *schema, const char *name)
{
	return strcmp(schema, "bibd") == 0 && strncmp(range->table, "bibd_", strlen("bibd_")) == 0 &&
	    strcmp(range->table + strlen("bibd_"), name) == 0;
}

static bool
range_is_named(const struct scope_range *range, const char *schema, const char *name)
{
	const char *own = range->named != NULL ? range->named : range->alias;

	if (strcmp(own, name) != 0)
		return false;
	if (schema == NULL)
		return true;
	return range->table != NULL &&
	    (range_is_own(range, schema, own) ||
		(strcmp(own, namespace_relation(range->table)) == 0 && range_is_in(range, schema)));
}

static struct scope_column *
find_in_range(const struct scope_range *range, const char *name)
{
	for (unsigned i = 0; i < range->ncolumns; i++)
		if (strcmp(range->columns[i].name, name) == 0)
			return &range->columns[i];
	return NULL;
}

static int
report_ambiguous(struct translator *t, const char *name, int location)
{
	return translate_fail(t, location, SQLSTATE_AMBIGUOUS_COLUMN, "column reference \"%s\" is ambiguous", name);
}

/* Whether a subquery has two columns of the name of that one. */
static bool
is_twice(const struct scope_range *range, const struct scope_column *column)
{
	for (unsigned i = 0; i < range->ncolumns; i++)
		if (&range->columns[i] != column && !range->columns[i].merged &&
		    strcmp(range->columns[i].name, column->name) == 0)
			return true;
	return false;
}

/* By its bare name. -1: ambiguous, and reported. */
static int
find_bare(struct translator *t, const char *name, int location, struct found_column *found)
{
	for (const struct scope *scope = t->scope; scope != NULL; scope = scope->outer) {
		for (const struct scope_range *range = scope->ranges; range != NULL; range = range->next) {
			const struct scope_column *column = range->hidden ? NULL : find_in_range(range, name);

			if (column == NULL)
				continue;
			if (column->merged) {
				found->merged = true;
				continue;
			}
			if (found->column != NULL || is_twice(range, column))
				return report_ambiguous(t, name, location);
			found->range = range;
			found->column = column;
		}
		if (found->column != NULL)
			return 0;
	}
	return 0;
}

bool
translate_scope_has(struct translator *t, const char *name)
{
	for (const struct scope_range *range = t->scope->ranges; range != NULL; range = range->next)
		if (!range->hidden && find_in_range(range, name) != NULL)
			return true;
	return false;
}

const struct scope_range *
translate_scope_find(struct translator *t, const char *schema, const char *name)
{
	for (const struct scope *scope = t->scope; scope != NULL; scope = scope->outer)
		for (const struct scope_range *range = scope->ranges; range != NULL; range = range->next)
			if (range_is_named(range, schema, name))
				return range;
	return NULL;
}

int
translate_missing_range(struct translator *t, const char *name, int location)
{
	return translate_fail(t, location, SQLSTATE_UNDEFINED_TABLE, "missing FROM-clause entry for table \"%s\"",
	    name);
}

/* In FROM, what stands before may not always be named. */
static int
check_reachable(struct translator *t, const struct scope_range *range)
{
	if (range->barred > 0)
		return translate_fail(t, -1, SQLSTATE_INVALID_COLUMN_REFERENCE,
		    "invalid reference to FROM-clause entry for table \"%s\"", range->alias);
	return range->beyond > 0
	    ? translate_refuse(t, -1, "LATERAL in a join in parentheses, of what is outside of them")
	    : 0;
}

static bool
scope_has(const struct scope *scope, const struct scope_range *range)
{
	const struct scope_range *own = scope->ranges;

	while (own != NULL && own != range)
		own = own->next;
	return own != NULL;
}

/* A range that is written without its alias is known to SQLite by the table's own name: it is written before the
 * column where another, of a subquery, could be meant first. */
static int
qualify_bare(struct translator *t, const struct scope_range *range)
{
	const char *name = range->written != NULL ? range->written : range->table;
	const struct scope *scope = t->scope;

	if (scope == NULL || name == NULL || (range->written == NULL && scope_has(scope, range)))
		return 0;
	for (; scope != NULL && !scope_has(scope, range); scope = scope->outer)
		for (const struct scope_range *own = scope->ranges; own != NULL; own = own->next)
			if (sqlite3_stricmp(own->alias, name) == 0)
				return translate_refuse(t, -1,
				    "a subquery in RETURNING with an alias that is the changed table's name");
	return translate_identifier(t, name) < 0 ? -1 : translate_emit(t, ".");
}

int
translate_found_column(struct translator *t, const struct found_column *found, struct expression *type)
{
	const struct scope_column *column = found->column;
	size_t start = t->out.length;

	if (column == NULL || column->emitted == NULL)
		return translate_refuse(t, -1, "a subquery of a view in RETURNING");
	if (t->lateral != NULL && found->range->depth < t->lateral->depth)
		return lateral_column(t, found, type);
	if (check_reachable(t, found->range) < 0)
		return -1;
	level_note_column(t, found);
	if (t->lateral != NULL)
		t->lateral->own++;
	if (found->range->split != NULL && found->range->split->inside == 0)
		return split_column(t, found, type) < 0 ? -1 : 0;
	if (found->range->bare && !column->raw && qualify_bare(t, found->range) < 0)
		return -1;
	if (!found->range->bare && !found->merged && !column->raw) {
		translate_identifier(t, found->range->alias);
		translate_emit(t, ".");
	}
	if ((column->raw ? translate_emit(t, column->emitted) : translate_identifier(t, column->emitted)) < 0)
		return -1;
	*type = expression_value(start, column->oid);
	type->typmod = column->typmod;
	type->domain = column->domain;
	if (found->merged && column->joined != 0) {
		type->oid = column->joined;
		type->typmod = -1;
		type->domain = 0;
	}
	type->not_null = column->not_null;
	type->canonical = column->canonical;
	type->collated = column->collated;
	type->column = !column->raw;
	type->table_oid = column->table_oid;
	type->attribute = column->attribute;
	type->shape = column->shape;
	type->end = t->out.length;
	return 0;
}

static const struct scope_column *
inherited_column(struct translator *t)
{
	struct scope_column *column = translator_alloc(t, sizeof(*column));

	if (column != NULL)
		*column = (struct scope_column) { .name = "tableoid",
			.oid = TYPE_OID,
			.typmod = -1,
			.emitted = SCOPE_TABLEOID };
	return column;
}

/* The OID of the partition that the row is in. NULL with the report. */
static const struct scope_column *
partition_column(struct translator *t, const struct scope_range *range)
{
	struct scope_column *column = translator_alloc(t, sizeof(*column));
	size_t start = t->out.length;

	if (range->outer) {
		translate_refuse(t, -1, "tableoid of a partitioned table within an outer join");
		return NULL;
	}
	if (column == NULL || partition_emit_tableoid(t, range->partitioned, range->alias, range->bare) == -1)
		return NULL;
	*column = (struct scope_column) { .name = "tableoid",
		.oid = TYPE_OID,
		.typmod = -1,
		.raw = true,
		.emitted = translator_copy(t, t->out.data + start) };
	sql_text_cut(&t->out, start);
	return column->emitted == NULL ? NULL : column;
}

/* tableoid is a constant; the others have no likeness here. NULL with or without a report. */
static const struct scope_column *
system_column(struct translator *t, const struct scope_range *range, const char *name)
{
	static const char *const others[] = { "ctid", "xmin", "xmax", "cmin", "cmax" };
	struct scope_column *column;

	if (range == NULL || range->table_oid == 0)
		return NULL;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(others[i], name) == 0)
			translate_refuse(t, -1, "a system column");
	if (strcmp(name, "tableoid") == 0 && range->partitioned != NULL)
		return partition_column(t, range);
	if (strcmp(name, "tableoid") == 0 && range->inherited)
		return inherited_column(t);
	if (strcmp(name, "tableoid") != 0 || (column = translator_alloc(t, sizeof(*column))) == NULL)
		return NULL;
	*column = (struct scope_column) { .name = "tableoid",
		.oid = TYPE_OID,
		.typmod = -1,
		.not_null = true,
		.raw = true,
		.emitted = translator_format(t, "%u", range->table_oid) };
	return column->emitted == NULL ? NULL : column;
}

static int
find_qualified(struct translator *t, const PgQuery__ColumnRef *ref, size_t n, struct found_column *found)
{
	const char *column = translate_string(ref->fields[n - 1]), *table = translate_string(ref->fields[n - 2]);
	const char *schema = n > 2 ? translate_string(ref->fields[n - 3]) : NULL;

	if ((found->range = translate_scope_find(t, schema, table)) == NULL)
		return translate_missing_range(t, table, ref->location);
	found->column = find_in_range(found->range, column);
	if (found->column != NULL && is_twice(found->range, found->column))
		return report_ambiguous(t, column, ref->location);
	if (found->column != NULL || (found->column = system_column(t, found->range, column)) != NULL)
		return 0;
	if (t->report->state != SQLSTATE_SUCCESSFUL_COMPLETION)
		return -1;
	return translate_fail(t, ref->location, SQLSTATE_UNDEFINED_COLUMN, "column %s.%s does not exist", table,
	    column);
}

/* variable.field, of one that is a composite value. */
static int
find_variable_field(struct translator *t, const char *variable, const char *name, int location, struct expression *type)
{
	const struct dialect_variable *found = variable == NULL ? NULL : translate_find_variable(t, NULL, variable);
	size_t start = t->out.length;

	if (found == NULL || found->name == NULL || type_class(found->oid) != TYPE_CLASS_COMPOSITE ||
	    translate_scope_find(t, NULL, variable) != NULL)
		return 0;
	type->start = start;
	if (translate_variable(t, found, variable, location, type) < 0)
		return -1;
	type->end = t->out.length;
	return translate_row_field(t, type, name, location) < 0 ? -1 : 1;
}

/* The variable of a routine that a name of one or two parts means, where no column is meant: 1: it is written; 0: the
 * name means none; -1: the report is filled, among others for a name that means both. */
static int
find_variable(struct translator *t, const PgQuery__ColumnRef *ref, struct expression *type)
{
	size_t n = ref->n_fields;
	const char *name = translate_string(ref->fields[n - 1]);
	const char *qualifier = n == 2 ? translate_string(ref->fields[0]) : NULL;
	const struct dialect_variable *variable = n > 2 ? NULL : translate_find_variable(t, qualifier, name);
	const struct scope_range *range;
	struct found_column found = { 0 };

	if (variable == NULL && n == 2)
		return find_variable_field(t, qualifier, name, ref->location, type);
	if (variable == NULL)
		return 0;
	if (n == 1 && find_bare(t, name, ref->location, &found) < 0)
		return -1;
	range = translate_scope_find(t, NULL, n == 1 ? name : qualifier);
	if (found.column != NULL || (range != NULL && (n == 1 || find_in_range(range, name) != NULL))) {
		if (t->text->variables->columns_first || (n == 2 && variable->name == NULL))
			return 0;
		if (!t->text->variables->variables_first)
			return translate_variable_is_ambiguous(t, name, ref->location);
	}
	if (translate_variable(t, variable, variable->name != NULL || n == 2 ? name : NULL, ref->location, type) < 0)
		return -1;
	return 1;
}

int
translate_column(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__ColumnRef *ref = node->column_ref;
	struct found_column found = { .location = ref->location };
	size_t n = ref->n_fields;
	int variable;

	if (n > 1 && translate_string(ref->fields[n - 1]) == NULL)
		return translate_star_as_row(t, ref, type);
	for (size_t i = 0; i < n; i++)
		if (translate_string(ref->fields[i]) == NULL)
			return translate_refuse(t, ref->location, "all columns as a value");
	if (n == 0 || n > 4)
		return translate_fail(t, ref->location, SQLSTATE_SYNTAX_ERROR, "improper qualified name");
	if (t->text->variables != NULL && (variable = find_variable(t, ref, type)) != 0)
		return variable < 0 ? -1 : 0;
	if (n > 1)
		return find_qualified(t, ref, n, &found) < 0 ? -1 : translate_found_column(t, &found, type);
	if (find_bare(t, translate_string(ref->fields[0]), ref->location, &found) < 0)
		return -1;
	if (found.column == NULL && t->scope != NULL &&
	    (found.column = system_column(t, t->scope->ranges, translate_string(ref->fields[0]))) != NULL)
		found.range = t->scope->ranges;
	if (found.column == NULL) {
		const struct scope_range *range = translate_scope_find(t, NULL, translate_string(ref->fields[0]));

		if (t->report->state != SQLSTATE_SUCCESSFUL_COMPLETION)
			return -1;
		if (range != NULL)
			return translate_whole_row(t, range, ref->location, type);
		return translate_fail(t, ref->location, SQLSTATE_UNDEFINED_COLUMN, "column \"%s\" does not exist",
		    translate_string(ref->fields[0]));
	}
	return translate_found_column(t, &found, type);
}
