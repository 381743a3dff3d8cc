/*
 * UPDATE and DELETE, and what they share with INSERT: the target, values for its columns, RETURNING.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/fire.h"
#include "workers/sqlite/dialect/partition.h"
#include "workers/sqlite/dialect/tree.h"
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

static const char *
alias_of(const PgQuery__RangeVar *relation)
{
	return relation->alias != NULL ? relation->alias->aliasname : relation->relname;
}

static int
find_subquery(void *arg, const PgQuery__Node *node)
{
	if (node->node_case == PG_QUERY__NODE__NODE_SUB_LINK)
		return 1;
	return tree_each_child(node, find_subquery, arg);
}

/* SQLite assigns row by row, and a subquery in SET would see the rows before: with a FROM all is computed first. */
static bool
reads_in_set(const PgQuery__UpdateStmt *update)
{
	for (size_t i = 0; i < update->n_target_list; i++)
		if (find_subquery(NULL, update->target_list[i]) != 0)
			return true;
	return false;
}

/* A row that another part of the statement has added or changed is none of those that this one sees, or is left alone;
 * the number of the watched table, or -1. */
static int
watched_once(const struct translator *t, const struct schema_table *table)
{
	for (unsigned i = 0; t->steps != NULL && i < t->steps->nwatched; i++)
		if (t->steps->watched[i].once && t->steps->watched[i].table == schema_table_root(table))
			return (int)i;
	return -1;
}

int
modify_emit_where(struct translator *t, const struct schema_table *table, const char *alias,
    const PgQuery__Node *condition)
{
	int watched = watched_once(t, table);

	if (condition == NULL && table->through == NULL && watched < 0)
		return 0;
	if (translate_emit(t, " WHERE ") < 0)
		return -1;
	if (watched >= 0) {
		translate_emit_format(t, "bibd_untouched(%d, ", watched);
		translate_identifier(t, alias);
		translate_emit_format(t, ".%s) AND ", modify_rowid(schema_table_root(table)));
	}
	if (view_emit_conditions(t, table, alias) < 0)
		return -1;
	if (condition == NULL)
		return translate_emit(t, "1");
	if (table->through == NULL && watched < 0)
		return translate_condition(t, condition, "WHERE");
	if (translate_emit(t, "(") < 0 || translate_condition(t, condition, "WHERE") < 0)
		return -1;
	return translate_emit(t, ")");
}

/* What is found of the rows, one by one: the select list instead of SET, and the target among what FROM names. beside:
 * that, where RETURNING names it. */
static int
emit_found(struct translator *t, const struct schema_table *table, const char *alias, const char *from, bool updates,
    const struct scope_range *beside)
{
	if (modify_fire_select(t, alias, updates) < 0 || modify_fire_keep(t, beside) < 0 ||
	    translate_emit(t, " FROM ") < 0 || modify_fire_target(t, table, alias) < 0)
		return -1;
	if (from == NULL || *from == '\0')
		return 0;
	return translate_emit(t, ", ") < 0 ? -1 : translate_emit(t, from);
}

static int
emit_changes(struct translator *t, const struct schema_table *table, const char *alias,
    const PgQuery__UpdateStmt *update, const char *from)
{
	if (modify_emit_set(t, table, update->target_list, update->n_target_list, MODIFY_UPDATE) < 0)
		return -1;
	if (t->fire != NULL)
		return emit_found(t, table, alias, from, true,
		    modify_names_others(update->returning_list, update->n_returning_list, alias)
			? t->scope->ranges->next
			: NULL);
	if (update->n_from_clause > 0 && (translate_emit(t, " FROM ") < 0 || translate_emit(t, from) < 0))
		return -1;
	if (update->n_from_clause == 0 && reads_in_set(update) &&
	    translate_emit(t, " FROM (SELECT 1) AS \"bibd_first\"") < 0)
		return -1;
	return 0;
}

/* 1 for a column that is not named as one of the table that is changed. */
static int
names_another(void *arg, const PgQuery__Node *node)
{
	const char *alias = arg, *qualifier;
	const PgQuery__ColumnRef *ref;

	if (node->node_case != PG_QUERY__NODE__NODE_COLUMN_REF)
		return tree_each_child(node, names_another, arg);
	ref = node->column_ref;
	qualifier = ref->n_fields < 2 ? NULL : translate_string(ref->fields[ref->n_fields - 2]);
	return qualifier == NULL || strcmp(qualifier, alias) != 0;
}

bool
modify_names_others(PgQuery__Node *const *returning, size_t n, const char *alias)
{
	for (size_t i = 0; i < n; i++)
		if (names_another((void *)(uintptr_t)alias, returning[i]) != 0)
			return true;
	return false;
}

/* A star without a name means the columns of FROM, or USING, too. */
static bool
has_star(PgQuery__Node *const *targets, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const PgQuery__Node *value = targets[i]->res_target->val;

		if (value->node_case == PG_QUERY__NODE__NODE_COLUMN_REF && value->column_ref->n_fields == 1 &&
		    value->column_ref->fields[0]->node_case == PG_QUERY__NODE__NODE_A_STAR)
			return true;
	}
	return false;
}

/* RETURNING is the end of the statement, or of what changes one row. */
static int
finish(struct translator *t, const struct schema_table *table, const char *alias, PgQuery__Node *const *targets,
    size_t n, size_t nfrom, enum modify_event event)
{
	size_t start = t->out.length;

	if (nfrom > 0 && has_star(targets, n) && (t->fire == NULL || t->fire->joined == NULL))
		return translate_refuse(t, -1, "RETURNING * of a statement with FROM or USING");

	if (modify_emit_returning(t, table, alias, targets, n, event) < 0)
		return -1;
	if (t->fire == NULL)
		return 0;
	return modify_fire_returning(t, start) < 0 ? -1 : modify_fire_finish(t, alias);
}

int
translate_update(struct translator *t, const PgQuery__UpdateStmt *update)
{
	const struct schema_table *table = modify_find_target(t, update->relation, MODIFY_UPDATE);
	const char *alias = alias_of(update->relation);
	struct scope_range *target;
	struct scope scope;
	size_t start;
	char *from;

	if (table == NULL || modify_fire_begin(t, table, MODIFY_UPDATE, false) < 0 ||
	    (update->with_clause != NULL && translate_with(t, update->with_clause) < 0))
		return -1;
	if (t->fire == NULL && (translate_emit(t, "UPDATE ") < 0 || modify_emit_target(t, table, alias) < 0))
		return -1;
	translate_scope_open(t, &scope);
	start = t->out.length;
	if ((target = translate_scope_table(t, table, alias, false)) == NULL)
		return -1;
	target->barred = 1;
	target->inherited = t->family != NULL && table->through == NULL;
	if (translate_from(t, update->from_clause, update->n_from_clause) < 0 ||
	    (from = translator_copy(t, t->out.data == NULL ? "" : t->out.data + start)) == NULL)
		return -1;
	target->barred = 0;
	sql_text_cut(&t->out, start);
	if (emit_changes(t, table, alias, update, from) < 0 ||
	    modify_emit_where(t, table, alias, update->where_clause) < 0)
		return -1;
	return finish(t, table, alias, update->returning_list, update->n_returning_list, update->n_from_clause,
	    MODIFY_UPDATE);
}

/* What RETURNING names of USING is kept beside each row; one that is found twice is deleted once. */
static int
find_deleted(struct translator *t, const struct schema_table *table, const char *alias,
    const PgQuery__DeleteStmt *statement, struct scope_range *target)
{
	size_t start = t->out.length;
	const char *from;

	target->barred = 1;
	if (translate_from(t, statement->using_clause, statement->n_using_clause) < 0 ||
	    (from = translator_copy(t, t->out.data + start)) == NULL)
		return -1;
	target->barred = 0;
	sql_text_cut(&t->out, start);
	if (emit_found(t, table, alias, from, false, target->next) < 0)
		return -1;
	return modify_emit_where(t, table, alias, statement->where_clause);
}

/* USING becomes a subquery that must find something: a row is deleted once however often it matches. */
static int
translate_using_clause(struct translator *t, const struct schema_table *table, const char *alias,
    const PgQuery__DeleteStmt *statement, struct scope_range *target)
{
	target->barred = 1;
	if (translate_emit(t, " WHERE EXISTS (SELECT 1 FROM ") < 0 ||
	    translate_from(t, statement->using_clause, statement->n_using_clause) < 0)
		return -1;
	target->barred = 0;
	if (modify_emit_where(t, table, alias, statement->where_clause) < 0)
		return -1;
	return translate_emit(t, ")");
}

int
translate_delete(struct translator *t, const PgQuery__DeleteStmt *statement)
{
	const struct schema_table *table = modify_find_target(t, statement->relation, MODIFY_DELETE);
	const char *alias = alias_of(statement->relation);
	struct scope_range *target;
	struct scope scope;
	bool kept;

	if (table == NULL || modify_fire_begin(t, table, MODIFY_DELETE, false) < 0 ||
	    (statement->with_clause != NULL && translate_with(t, statement->with_clause) < 0))
		return -1;
	kept = t->fire != NULL && statement->n_using_clause > 0 &&
	    modify_names_others(statement->returning_list, statement->n_returning_list, alias);
	if (kept		  ? 0
		: t->fire != NULL ? emit_found(t, table, alias, NULL, false, NULL) < 0
				  : translate_emit(t, "DELETE FROM ") < 0 || modify_emit_target(t, table, alias) < 0)
		return -1;
	translate_scope_open(t, &scope);
	if ((target = translate_scope_table(t, table, alias, false)) == NULL)
		return -1;
	target->inherited = t->family != NULL && table->through == NULL;
	if (kept) {
		if (find_deleted(t, table, alias, statement, target) < 0)
			return -1;
	} else if (statement->n_using_clause > 0) {
		if (translate_using_clause(t, table, alias, statement, target) < 0)
			return -1;
	} else if (modify_emit_where(t, table, alias, statement->where_clause) < 0)
		return -1;
	return finish(t, table, alias, statement->returning_list, statement->n_returning_list,
	    statement->n_using_clause, MODIFY_DELETE);
}
