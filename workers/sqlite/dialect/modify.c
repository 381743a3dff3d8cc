/*
 * What INSERT, UPDATE and DELETE share: the target, values for its columns, RETURNING.
 */
#include <string.h>

#include "workers/sqlite/dialect/fire.h"
#include "workers/sqlite/dialect/partition.h"
#include "workers/sqlite/dialect/view_target.h"
#include "workers/sqlite/schema/inherit.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/trigger.h"

const struct schema_table *
modify_find_target(struct translator *t, const PgQuery__RangeVar *relation, enum modify_event event)
{
	const struct schema_table *table;

	if (translate_find_transition(t, relation) != NULL) {
		translate_fail(t, relation->location, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "relation \"%s\" cannot be the target of a modifying statement", relation->relname);
		return NULL;
	}
	table = translate_find_changed(t, relation);
	if (table != NULL && table->kind == 'S') {
		translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "cannot change sequence \"%s\"", table->name);
		return NULL;
	}
	if (table != NULL && table->kind == 'm') {
		translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "cannot change materialized view \"%s\"",
		    table->name);
		return NULL;
	}
	if (table != NULL && table->kind != 'r') {
		if (table->partition != NULL || !modify_is_instead(t, table, event))
			table = view_target(t, table, event);
		else if (!t->fires) {
			translate_refuse(t, -1, "changing a view with INSTEAD OF triggers within another statement");
			return NULL;
		} else
			table = view_with_defaults(t, table);
	}
	if (table != NULL && !relation->inh && event != MODIFY_INSERT && schema_table_is_partitioned(table)) {
		translate_refuse(t, relation->location, "changing ONLY a partitioned table, which has no rows");
		return NULL;
	}
	if (table == NULL || (t->plan->target = translator_plan_copy(t, schema_table_root(table)->name)) == NULL)
		return NULL;
	t->target = schema_table_root(table);
	t->family = NULL;
	if (event != MODIFY_INSERT && (table->through == NULL ? relation->inh : view_inherits(table)) &&
	    schema_has_children(t->schema, t->target))
		t->family = t->target;
	return table;
}

int
modify_emit_target(struct translator *t, const struct schema_table *table, const char *alias)
{
	const struct schema_table *root = schema_table_root(table);

	translate_identifier(t, root->schema);
	translate_emit(t, ".");
	translate_identifier(t, root->name);
	translate_emit(t, " AS ");
	return translate_identifier(t, alias);
}

const char *
modify_rowid(const struct schema_table *table)
{
	static const char *const names[] = { "rowid", "_rowid_", "oid" };

	for (size_t i = 0; !table->without_rowid && i < sizeof(names) / sizeof(names[0]); i++) {
		bool taken = false;

		for (unsigned n = 0; n < table->ncolumns; n++)
			taken |= sqlite3_stricmp(table->columns[n].name, names[i]) == 0;
		if (!taken)
			return names[i];
	}
	return NULL;
}

int
modify_check_columns(struct translator *t, const struct schema_table *table, const struct schema_column *const *columns,
    size_t n, enum modify_event event)
{
	for (size_t i = 0; table->through != NULL && i < n; i++) {
		if (view_check_column(t, table, columns[i], event) == -1)
			return -1;
		for (size_t j = 0; j < i; j++)
			if (columns[i] != columns[j] &&
			    strcmp(schema_column_stored(columns[i]), schema_column_stored(columns[j])) == 0)
				return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR,
				    "multiple assignments to same column \"%s\"", schema_column_stored(columns[i]));
	}
	return 0;
}

int
modify_find_column(struct translator *t, const struct schema_table *table, const char *name, int location)
{
	for (unsigned i = 0; i < table->ncolumns; i++)
		if (strcmp(table->columns[i].name, name) == 0)
			return (int)i;
	return translate_fail(t, location, SQLSTATE_UNDEFINED_COLUMN, "column \"%s\" of relation \"%s\" does not exist",
	    name, table->name);
}

/* SQLite makes up a number for a rowid that is NULL: a value for one goes through bibd_key(), where it is 23502. */
static int
emit_key(struct translator *t, const struct schema_column *column, size_t start)
{
	/* A trigger may still give it a value: it is looked at when the row is stored. */
	if (t->fire != NULL)
		return 0;
	return modify_emit_stored_key(t, column, start);
}

int
modify_emit_stored_key(struct translator *t, const struct schema_column *column, size_t start)
{
	if (!column->rowid)
		return 0;
	sql_text_insert(&t->out, start, "bibd_key(");
	translate_emit(t, ", ");
	translate_emit_string(t, t->plan->target);
	translate_emit(t, ", ");
	translate_emit_string(t, schema_column_stored(column));
	return translate_emit(t, ")");
}

uint32_t
modify_type_of(const struct schema_column *column)
{
	return column->domain != 0 ? column->domain : column->oid;
}

/* What a domain has where a column says nothing; -1 with the report filled. */
static int
emit_domain_default(struct translator *t, const struct schema_column *column)
{
	const struct schema_type *domain = schema_type_by_oid(t->schema, column->domain);
	struct expression e = expression_value(t->out.length, column->oid);

	if (type_is_array(column->domain))
		return translate_emit(t, "NULL");
	if (domain == NULL)
		return translate_out_of_memory(t);
	if (translate_emit_format(t, domain->default_sql == NULL ? "NULL" : "(%s)", domain->default_sql) < 0)
		return -1;
	e.end = t->out.length;
	return expression_cast(t, &e, column->domain, -1, CAST_ASSIGNMENT, -1);
}

/* The NULL is what makes SQLite draw the next value of a sequence. */
int
modify_emit_default(struct translator *t, const struct schema_column *column)
{
	size_t start = t->out.length;

	t->plan->fills_serial |= column->serial;
	if (column->default_sql == NULL && column->domain != 0)
		return emit_domain_default(t, column);
	if (column->default_sql == NULL)
		translate_emit(t, "NULL");
	else
		translate_emit_format(t, "(%s)", kept_body(column->default_sql));
	return column->rowid && !column->serial ? emit_key(t, column, start) : translate_emit(t, "");
}

int
modify_emit_key(struct translator *t, const struct schema_column *column, size_t start)
{
	return column->rowid ? emit_key(t, column, start) : 0;
}

static int
refuse_always(struct translator *t, const struct schema_column *column, int location)
{
	translate_fail(t, location, SQLSTATE_GENERATED_ALWAYS, "cannot insert a non-DEFAULT value into column \"%s\"",
	    column->name);
	report_detail(t->report, "Column \"%s\" is an identity column defined as GENERATED ALWAYS.", column->name);
	report_hint(t->report, "Use OVERRIDING SYSTEM VALUE to override.");
	return -1;
}

int
modify_refuse_generated(struct translator *t, const struct schema_column *column, bool update)
{
	translate_fail(t, -1, SQLSTATE_GENERATED_ALWAYS,
	    update ? "column \"%s\" can only be updated to DEFAULT"
		   : "cannot insert a non-DEFAULT value into column \"%s\"",
	    column->name);
	report_detail(t->report, "Column \"%s\" is a generated column.", column->name);
	return -1;
}

bool
modify_is_default(const PgQuery__Node *value)
{
	return value->node_case == PG_QUERY__NODE__NODE_SET_TO_DEFAULT;
}

/* A literal that is no NULL needs no look at each row. */
static bool
may_be_null(const PgQuery__Node *value)
{
	return value->node_case != PG_QUERY__NODE__NODE_A_CONST || value->a_const->isnull;
}

int
modify_emit_value(struct translator *t, const struct schema_column *column, const PgQuery__Node *value, bool overriding)
{
	size_t start = t->out.length;

	if (modify_is_default(value))
		return modify_emit_default(t, column);
	if (column->generated)
		return modify_refuse_generated(t, column, false);
	if (column->identity_always && !overriding)
		return refuse_always(t, column, translate_location(value));
	if (translate_assignment(t, value, column->name, modify_type_of(column), column->typmod) == -1)
		return -1;
	return may_be_null(value) ? modify_emit_key(t, column, start) : 0;
}

/* Columns behind those that the client sees look at each row as it was written. */
int
modify_emit_returning(struct translator *t, const struct schema_table *table, const char *alias,
    PgQuery__Node *const *targets, size_t n, enum modify_event event)
{
	bool bare = t->fire == NULL || !t->fire->answers;
	bool checks = event != MODIFY_DELETE && view_has_checks(table);
	struct query_columns columns = { 0 }, *returned = t->steps == NULL ? NULL : t->steps->returned;
	struct scope_range *range;
	struct scope scope;
	int status;

	if (n == 0 && !checks)
		return 0;
	translate_scope_open(t, &scope);
	scope.outer = NULL;
	t->changed = schema_table_root(table);
	t->before = t->ctes;
	range = translate_scope_table(t, table, alias, bare);
	status = range == NULL || translate_emit(t, " RETURNING ") < 0 ? -1 : 0;
	if (range != NULL) {
		range->written = t->changed->name;
		range->next = t->fire != NULL ? t->fire->joined : t->steps != NULL ? t->steps->joined : NULL;
		range->inherited = t->family != NULL && table->through == NULL;
	}
	if (status == 0)
		status =
		    n == 0 ? translate_emit(t, "NULL") : translate_targets(t, targets, n, returned == NULL, &columns);
	if (status == 0 && checks)
		status = view_emit_checks(t, table, alias, false);
	t->scope = NULL;
	t->changed = NULL;
	if (status == 0 && returned != NULL)
		*returned = columns;
	return status < 0 || n == 0 || returned != NULL ? status : translate_plan_columns(t, &columns);
}
