/*
 * Writes what a view that can be changed puts before its table: expressions, conditions, check options.
 */
#include "workers/sqlite/dialect/view_target.h"

#include <string.h>

#include "workers/sqlite/dialect/fire.h"
#include "workers/sqlite/dialect/tree.h"
#include "workers/sqlite/schema/list.h"
#include "workers/sqlite/dialect/view_through.h"

/* The tree is not the client's text: its literals stay where they are, and it sees nothing of the statement around. */
struct aside {
	bool lift, partition;
	struct scope *scope;
	struct scope_cte *ctes;
	struct scope own;
};

static int
find_subquery(void *arg, const PgQuery__Node *node)
{
	return node->node_case == PG_QUERY__NODE__NODE_SUB_LINK ? 1 : tree_each_child(node, find_subquery, arg);
}

bool
view_column_has_subquery(const struct schema_table *table, unsigned i)
{
	return find_subquery(NULL, table->through->query->target_list[i]) != 0;
}

/* A subquery of the view in which the alias means another table would take the row's columns from there. */
static bool
is_captured(const struct schema_through *through, const PgQuery__Node *node, const char *alias)
{
	return strcmp(alias, through->alias) != 0 && schema_text_names(through->body, alias) &&
	    find_subquery(NULL, node) != 0;
}

static int
begin_aside(struct translator *t, struct aside *aside, const struct schema_table *table, const char *alias, bool bare)
{
	struct scope_range *range;

	*aside = (struct aside) { .lift = t->lift, .partition = t->partition, .scope = t->scope, .ctes = t->ctes };
	t->lift = false;
	t->partition = table->partition != NULL;
	t->ctes = NULL;
	translate_scope_open(t, &aside->own);
	aside->own.outer = NULL;
	if ((range = translate_scope_table(t, table->through->base, alias, bare)) == NULL)
		return -1;
	range->named = table->through->alias;
	range->written = bare ? schema_table_root(table)->name : NULL;
	return 0;
}

static int
end_aside(struct translator *t, const struct aside *aside, int status)
{
	t->lift = aside->lift;
	t->partition = aside->partition;
	t->scope = aside->scope;
	t->ctes = aside->ctes;
	return status;
}

int
view_emit_column(struct translator *t, const struct schema_table *table, unsigned i, const char *alias, bool bare,
    struct expression *type)
{
	const PgQuery__Node *value = table->through->query->target_list[i]->res_target->val;
	struct aside aside;
	int status;

	if (is_captured(table->through, value, alias))
		return translate_refuse(t, -1, "this alias for a view with subqueries");
	status = begin_aside(t, &aside, table, alias, bare);
	if (status == 0)
		status = translate_emit(t, "(") == -1 || translate_expression(t, value, type) == -1
		    ? -1
		    : translate_emit(t, ")");
	return end_aside(t, &aside, status);
}

int
view_emit_conditions(struct translator *t, const struct schema_table *table, const char *alias)
{
	struct aside aside;
	int status;

	if (table->through == NULL)
		return 0;
	if (view_emit_conditions(t, table->through->base, alias) == -1)
		return -1;
	if (table->through->query->where_clause == NULL)
		return 0;
	if (is_captured(table->through, table->through->query->where_clause, alias))
		return translate_refuse(t, -1, "this alias for a view with subqueries");
	status = begin_aside(t, &aside, table, alias, false);
	if (status == 0)
		status = translate_emit(t, "(") == -1 ||
			translate_condition(t, table->through->query->where_clause, "WHERE") == -1
		    ? -1
		    : translate_emit(t, ") AND ");
	return end_aside(t, &aside, status);
}

bool
view_has_checks(const struct schema_table *table)
{
	for (; table->through != NULL; table = table->through->base)
		if (table->through->check != '\0' || table->partition != NULL)
			return true;
	return false;
}

static int
emit_check(struct translator *t, const struct schema_table *table, const char *alias)
{
	bool bare = t->fire == NULL || !t->fire->answers;
	struct aside aside;
	int status;

	if (!bare && is_captured(table->through, table->through->query->where_clause, alias))
		return translate_refuse(t, -1, "this alias for a view with subqueries");
	if ((status = begin_aside(t, &aside, table, alias, bare)) == 0)
		status = translate_emit(t,
			     table->partition != NULL ? ", bibd_in_partition(" : ", bibd_check_option(") == -1 ||
			translate_condition(t, table->through->query->where_clause, "WHERE") == -1 ||
			translate_emit(t, ", ") == -1 || translate_emit_string(t, table->name) == -1
		    ? -1
		    : translate_emit(t, ")");
	t->plan->nhidden++;
	return end_aside(t, &aside, status);
}

int
view_emit_checks(struct translator *t, const struct schema_table *table, const char *alias, bool cascaded)
{
	if (table->through == NULL)
		return 0;
	if (view_emit_checks(t, table->through->base, alias, cascaded || table->through->check == 'c') == -1)
		return -1;
	if (table->through->query->where_clause == NULL ||
	    (!cascaded && table->through->check == '\0' && table->partition == NULL))
		return 0;
	return emit_check(t, table, alias);
}
