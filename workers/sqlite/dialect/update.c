/*
 * UPDATE and DELETE: which rows of the target they find, and what becomes of them.
 */
#include <string.h>

#include "workers/sqlite/dialect/fire.h"
#include "workers/sqlite/dialect/tree.h"
#include "workers/sqlite/dialect/view_target.h"
#include "workers/sqlite/schema/inherit.h"

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
