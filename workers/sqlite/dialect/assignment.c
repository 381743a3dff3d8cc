/*
 * SET: values for columns one by one, and for several at once from a row or a query.
 */
#include <string.h>

#include "workers/sqlite/dialect/fire.h"

/* "column = ", which is left out where values are a query's columns, and the end of what was written from start on. */
static int
begin_value(struct translator *t, const struct schema_column *column)
{
	if (t->fire != NULL)
		return 0;
	translate_identifier(t, schema_column_stored(column));
	return translate_emit(t, " = ");
}

static int
end_value(struct translator *t, const struct schema_column *column, size_t start)
{
	return t->fire == NULL ? 0 : modify_fire_assign(t, column, start);
}

/* Where triggers see the row first, what stores it looks. The changed table is what FROM names first. */
static int
emit_passed_on(struct translator *t, const struct schema_table *table, const struct schema_column *column, size_t start)
{
	return t->fire != NULL ? 0 : modify_emit_passed_on(t, table, t->scope->ranges->alias, column, start);
}

static int
check_assigned(struct translator *t, const struct schema_column *column, const PgQuery__Node *value)
{
	if (modify_is_default(value))
		return column->serial || column->generated ? translate_refuse(t, -1, "this assignment of DEFAULT") : 0;
	if (column->generated)
		return modify_refuse_generated(t, column, true);
	if (!column->identity_always)
		return 0;
	translate_fail(t, -1, SQLSTATE_GENERATED_ALWAYS, "column \"%s\" can only be updated to DEFAULT", column->name);
	report_detail(t->report, "Column \"%s\" is an identity column defined as GENERATED ALWAYS.", column->name);
	return -1;
}

/* DEFAULT for a column of a view is the view's own; where it has none, NULL. */
static int
emit_no_default(struct translator *t, const struct schema_column *column)
{
	size_t from = t->out.length, start;

	if (column->generated)
		return modify_refuse_generated(t, column, true);
	if (column->domain != 0 && !column->own_default)
		return translate_refuse(t, -1, "DEFAULT for a view's column of a domain");
	if (column->identity_always)
		return translate_fail(t, -1, SQLSTATE_GENERATED_ALWAYS, "column \"%s\" can only be updated to DEFAULT",
		    column->name);
	if (begin_value(t, column) < 0)
		return -1;
	start = t->out.length;
	if (column->own_default ? modify_emit_default(t, column) < 0
				: translate_emit(t, "NULL") < 0 || modify_emit_key(t, column, start) < 0)
		return -1;
	return end_value(t, column, from);
}

static int
emit_assignment(struct translator *t, const struct schema_table *table, const PgQuery__ResTarget *target,
    const PgQuery__Node *value)
{
	int column = modify_find_column(t, table, target->name, target->location);
	size_t start = t->out.length, from;

	if (column < 0)
		return -1;
	if (target->n_indirection > 0)
		return translate_refuse(t, target->location, "assigning to parts of columns among several columns");
	if (table->through != NULL && modify_is_default(value))
		return emit_no_default(t, &table->columns[column]);
	if (check_assigned(t, &table->columns[column], value) < 0)
		return -1;
	if (table->columns[column].identity_always && value->node_case != PG_QUERY__NODE__NODE_SET_TO_DEFAULT)
		return translate_fail(t, target->location, SQLSTATE_GENERATED_ALWAYS,
		    "column \"%s\" can only be updated to DEFAULT", target->name);
	if (begin_value(t, &table->columns[column]) < 0)
		return -1;
	from = t->out.length;
	if (modify_emit_value(t, &table->columns[column], value, true) < 0 ||
	    emit_passed_on(t, table, &table->columns[column], from) < 0)
		return -1;
	return end_value(t, &table->columns[column], start);
}

/* The columns of the query that stands at `start`, each brought to its target's type; several rows of it are 21000. */
static int
put_row(struct translator *t, size_t start, const struct schema_table *table, const struct schema_column *const *to,
    const struct query_columns *from)
{
	const char *names = "";

	for (unsigned i = 0; names != NULL && i < from->n; i++)
		names = translator_format(t, "%s%sc%u", names, i == 0 ? "" : ", ", i);
	sql_text_insert(&t->out, start, translator_format(t, "WITH bibd_row(%s) AS (", names));
	translate_emit(t, ") SELECT ");
	for (unsigned i = 0; i < from->n; i++) {
		struct expression e = expression_value(t->out.length + (i > 0 ? 2 : 0), from->columns[i].oid);

		if (translate_emit_format(t, "%sbibd_single(c%u)", i > 0 ? ", " : "", i) < 0)
			return -1;
		e.end = t->out.length;
		e.typmod = from->columns[i].typmod;
		e.canonical = from->columns[i].canonical;
		e.domain = from->columns[i].domain;
		if ((!from->columns[i].null || to[i]->domain != 0) &&
		    expression_cast(t, &e, modify_type_of(to[i]), to[i]->typmod, CAST_ASSIGNMENT, -1) < 0)
			return t->report->state != SQLSTATE_CANNOT_COERCE ||
				(from->columns[i].oid == TYPE_RECORD && type_is_row(to[i]->oid))
			    ? -1
			    : translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH,
				  "column \"%s\" is of type %s but expression is of type %s", to[i]->name,
				  type_display(t, to[i]->oid), type_display(t, from->columns[i].oid));
		if (modify_emit_key(t, to[i], e.start) < 0 || emit_passed_on(t, table, to[i], e.start) < 0)
			return -1;
	}
	return translate_emit(t, " FROM bibd_row");
}

/* The query that was written from start on has a value for each column: each takes its own of it. */
static int
share_row(struct translator *t, const struct schema_column *const *to, size_t n, size_t start)
{
	const char *query = translator_copy(t, t->out.data + start), *names = "";

	for (size_t i = 0; names != NULL && i < n; i++)
		names = translator_format(t, "%s%sc%zu", names, i == 0 ? "" : ", ", i);
	sql_text_cut(&t->out, start);
	for (size_t i = 0; query != NULL && names != NULL && i < n; i++) {
		translate_emit_format(t, "(WITH bibd_shared(%s) AS (", names);
		translate_emit(t, query);
		if (translate_emit_format(t, ") SELECT c%zu FROM bibd_shared)", i) < 0 ||
		    modify_fire_assign(t, to[i], start) < 0)
			return -1;
	}
	return query == NULL || names == NULL ? -1 : 0;
}

/* (a, b) = (SELECT ...) */
static int
emit_row_assignment(struct translator *t, const struct schema_table *table, PgQuery__Node *const *targets, size_t n,
    const PgQuery__Node *source)
{
	const struct schema_column **to = translator_alloc(t, (n + 1) * sizeof(*to));
	unsigned nvolatile = t->nvolatile;
	struct query_columns columns;
	size_t start, from = t->out.length;

	for (size_t i = 0; to != NULL && i < n; i++) {
		const PgQuery__ResTarget *target = targets[i]->res_target;
		int column = modify_find_column(t, table, target->name, target->location);

		if (column < 0 || check_assigned(t, &table->columns[column], source) < 0)
			return -1;
		if (target->n_indirection > 0)
			return translate_refuse(t, target->location,
			    "assigning to parts of columns among several columns");
		to[i] = &table->columns[column];
		translate_emit(t, i == 0 ? "(" : ", ");
		translate_identifier(t, schema_column_stored(to[i]));
	}
	if (to == NULL)
		return -1;
	if (source->node_case != PG_QUERY__NODE__NODE_SUB_LINK)
		return translate_refuse(t, -1, "this source of an assignment to several columns");
	if (t->fire != NULL)
		sql_text_cut(&t->out, from);
	else
		translate_emit(t, ") = (");
	start = t->out.length;
	if (translate_select(t, source->sub_link->subselect->select_stmt, &columns) < 0)
		return -1;
	for (unsigned i = 0; i < columns.n; i++) /* a NULL without a type is a text here */
		columns.columns[i].null = false;
	if (columns.n != n)
		return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR,
		    "number of columns does not match number of values");
	if (put_row(t, start, table, to, &columns) < 0)
		return -1;
	if (t->fire == NULL)
		return translate_emit(t, ")");
	return t->nvolatile > nvolatile ? translate_refuse(t, -1, "a volatile row of values for a table with triggers")
					: share_row(t, to, n, start);
}

/* The targets of one (a, b) = ... follow each other; each knows how many they are. */
static int
emit_multiple(struct translator *t, const struct schema_table *table, PgQuery__Node *const *targets)
{
	const PgQuery__MultiAssignRef *ref = targets[0]->res_target->val->multi_assign_ref;
	size_t n = (size_t)ref->ncolumns;

	if (ref->source->node_case != PG_QUERY__NODE__NODE_ROW_EXPR)
		return emit_row_assignment(t, table, targets, n, ref->source);
	if (ref->source->row_expr->n_args != n)
		return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR,
		    "number of columns does not match number of values");
	for (size_t i = 0; i < n; i++)
		if (translate_emit(t, i > 0 && t->fire == NULL ? ", " : "") < 0 ||
		    emit_assignment(t, table, targets[i]->res_target, ref->source->row_expr->args[i]) < 0)
			return -1;
	return 0;
}

/* A generated column is DEFAULT whatever is said; SQLite lets nobody say so. */
static bool
says_nothing(const struct schema_table *table, const PgQuery__ResTarget *target)
{
	const struct schema_column *column = schema_find_column(table, target->name);

	return table->through == NULL && column != NULL && column->generated && modify_is_default(target->val);
}

/* One target, or all that assign to parts of its column. */
static int
emit_target(struct translator *t, const struct schema_table *table, PgQuery__Node *const *targets, size_t i, size_t n)
{
	const PgQuery__ResTarget *target = targets[i]->res_target;
	int column;

	if (target->n_indirection == 0)
		return emit_assignment(t, table, target, target->val);
	if ((column = modify_find_column(t, table, target->name, target->location)) < 0 ||
	    check_assigned(t, &table->columns[column], target->val) < 0)
		return -1;
	if (modify_is_passed_on(t, table, &table->columns[column]))
		return translate_refuse(t, target->location, "assigning to a part of a key that other tables follow");
	return modify_emit_parts(t, &table->columns[column], targets, n);
}

/* SET of nothing: a column that keeps its value. */
static int
emit_same(struct translator *t, const struct schema_table *table)
{
	for (unsigned i = 0; i < table->ncolumns; i++) {
		if (table->columns[i].generated || table->columns[i].fixed)
			continue;
		translate_emit(t, " SET ");
		translate_identifier(t, schema_column_stored(&table->columns[i]));
		translate_emit(t, " = ");
		return translate_identifier(t, schema_column_stored(&table->columns[i]));
	}
	return translate_refuse(t, -1, "an UPDATE of generated columns alone");
}

static int
check_once(struct translator *t, PgQuery__Node *const *targets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(targets[i]->res_target->name, targets[j]->res_target->name) == 0 &&
			    (targets[i]->res_target->n_indirection == 0 || targets[j]->res_target->n_indirection == 0))
				return translate_fail(t, targets[i]->res_target->location, SQLSTATE_SYNTAX_ERROR,
				    "multiple assignments to same column \"%s\"", targets[i]->res_target->name);
	return 0;
}

/* What is set through a view is looked at when all of it has been read, as PostgreSQL does. */
static int
check_set(struct translator *t, const struct schema_table *table, PgQuery__Node *const *targets, size_t n,
    enum modify_event event)
{
	const struct schema_column **columns = translator_alloc(t, (n + 1) * sizeof(const struct schema_column *));

	for (size_t i = 0; columns != NULL && i < n; i++)
		columns[i] = schema_find_column(table, targets[i]->res_target->name);
	return columns == NULL ? -1 : modify_check_columns(t, table, columns, n, event);
}

int
modify_emit_set(struct translator *t, const struct schema_table *table, PgQuery__Node *const *targets, size_t n,
    enum modify_event event)
{
	size_t step, set = 0;

	if (check_once(t, targets, n) < 0)
		return -1;
	for (size_t i = 0; i < n; i += step) {
		const PgQuery__Node *value = targets[i]->res_target->val;
		bool multiple = value->node_case == PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF;

		step =
		    multiple && value->multi_assign_ref->ncolumns > 0 ? (size_t)value->multi_assign_ref->ncolumns : 1;
		if (step > n - i)
			return translate_refuse(t, -1, "this assignment to several columns");
		if (says_nothing(table, targets[i]->res_target) || modify_is_later_part(targets, i))
			continue;
		if (t->fire == NULL && translate_emit(t, set == 0 ? " SET " : ", ") < 0)
			return -1;
		set++;
		if ((multiple ? emit_multiple(t, table, targets + i) : emit_target(t, table, targets, i, n)) < 0)
			return -1;
	}
	if (table->through != NULL && check_set(t, table, targets, n, event) == -1)
		return -1;
	return set == 0 && t->fire == NULL ? emit_same(t, table) : 0;
}
