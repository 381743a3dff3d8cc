/*
 * Which views can be changed, and through what: PostgreSQL's rules, on the tree of the view's kept text.
 */
#include "workers/sqlite/dialect/view_target.h"

#include <pg_query.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/tree.h"
#include "workers/sqlite/memory/memory.h"
#include "workers/sqlite/schema/inherit.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/kept_view.h"
#include "workers/sqlite/schema/list.h"
#include "workers/sqlite/schema/partition.h"

/* Bytes that the parser takes for a byte of text at most. */
#define PARSE_BYTES 256
/* Views on views on ... */
#define LEVELS_MAX 64

struct schema_through {
	const struct schema_table *base;
	const PgQuery__SelectStmt *query;
	const char *alias; /* of the base in the query */
	const char *body;  /* SQLite's text of the query */
	char check;	   /* its check option: kept_view.h */
};

static const char no_single_base[] =
    "Views that do not select from a single table or view are not automatically updatable.";
static const char no_column[] = "Views that have no updatable columns are not automatically updatable.";

/* ---- what is updatable ---- */

enum call_kind { CALL_AGGREGATE = 1, CALL_WINDOW = 2, CALL_SET = 4 };

static int
find_calls(void *arg, const PgQuery__Node *node)
{
	unsigned *found = arg;
	const struct function_fact *fact;
	const char *name;

	if (node->node_case == PG_QUERY__NODE__NODE_SUB_LINK)
		return 0;
	if (node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL) {
		name = translate_last_string(node->func_call->funcname, node->func_call->n_funcname);
		fact = function_fact_by_name(name);
		if (node->func_call->over != NULL)
			*found |= CALL_WINDOW;
		else if (fact != NULL && fact->kind == 'a')
			*found |= CALL_AGGREGATE;
		else if (function_is_set(name))
			*found |= CALL_SET;
	}
	return tree_each_child(node, find_calls, arg);
}

/* The column of the base that a column of the view is; NULL: it is none. */
static const char *
base_column(const PgQuery__Node *target)
{
	const PgQuery__Node *value = target->res_target->val;

	if (value->node_case != PG_QUERY__NODE__NODE_COLUMN_REF)
		return NULL;
	return translate_string(value->column_ref->fields[value->column_ref->n_fields - 1]);
}

static bool
has_columns(const PgQuery__SelectStmt *select)
{
	for (size_t i = 0; i < select->n_target_list; i++)
		if (base_column(select->target_list[i]) != NULL)
			return true;
	return false;
}

/* PostgreSQL's words for what is in the way, NULL: nothing. */
static const char *
obstacle(const PgQuery__SelectStmt *select)
{
	unsigned calls = 0;

	if (select->n_distinct_clause > 0)
		return "Views containing DISTINCT are not automatically updatable.";
	if (select->n_group_clause > 0)
		return "Views containing GROUP BY are not automatically updatable.";
	if (select->having_clause != NULL)
		return "Views containing HAVING are not automatically updatable.";
	if (select->op > PG_QUERY__SET_OPERATION__SETOP_NONE)
		return "Views containing UNION, INTERSECT, or EXCEPT are not automatically updatable.";
	if (select->with_clause != NULL)
		return "Views containing WITH are not automatically updatable.";
	if (select->limit_count != NULL || select->limit_offset != NULL)
		return "Views containing LIMIT or OFFSET are not automatically updatable.";
	for (size_t i = 0; i < select->n_target_list; i++)
		(void)find_calls(&calls, select->target_list[i]);
	if ((calls & CALL_AGGREGATE) != 0)
		return "Views that return aggregate functions are not automatically updatable.";
	if ((calls & CALL_WINDOW) != 0)
		return "Views that return window functions are not automatically updatable.";
	if ((calls & CALL_SET) != 0)
		return "Views that return set-returning functions are not automatically updatable.";
	if (select->n_values_lists > 0 || select->n_from_clause != 1 ||
	    select->from_clause[0]->node_case != PG_QUERY__NODE__NODE_RANGE_VAR)
		return no_single_base;
	return NULL;
}

static const struct {
	const char *what, *doing, *event;
} events[] = {
	[MODIFY_INSERT] = { "insert into", "inserting into", "INSERT" },
	[MODIFY_UPDATE] = { "update", "updating", "UPDATE" },
	[MODIFY_DELETE] = { "delete from", "deleting from", "DELETE" },
};

static int
refuse(struct translator *t, const struct schema_table *view, enum modify_event event, const char *detail)
{
	translate_fail(t, -1, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE, "cannot %s view \"%s\"", events[event].what,
	    view->name);
	report_detail(t->report, "%s", detail);
	report_hint(t->report,
	    "To enable %s the view, provide an INSTEAD OF %s trigger or an unconditional ON %s DO INSTEAD rule.",
	    events[event].doing, events[event].event, events[event].event);
	return -1;
}

/* ---- the kept text as a tree ---- */

static void *
arena_alloc(void *t, size_t size)
{
	return translator_alloc(t, size);
}

static void
arena_free(void *t, void *pointer)
{
	(void)t;
	(void)pointer;
}

const PgQuery__SelectStmt *
view_parse(struct translator *t, const char *text)
{
	ProtobufCAllocator arena = { .alloc = arena_alloc, .free = arena_free, .allocator_data = t };
	PgQuery__ParseResult *tree = NULL;
	PgQueryProtobufParseResult result;
	bool before;

	if (memory_would_refuse(PARSE_BYTES * strlen(text))) {
		translate_out_of_memory(t);
		return NULL;
	}
	before = memory_guard(false);
	result = pg_query_parse_protobuf(text);
	if (result.error == NULL)
		tree = pg_query__parse_result__unpack(&arena, result.parse_tree.len,
		    (const uint8_t *)result.parse_tree.data);
	pg_query_free_protobuf_parse_result(result);
	(void)memory_guard(before);
	if (tree == NULL || tree->n_stmts != 1 || tree->stmts[0]->stmt->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
		return NULL;
	return tree->stmts[0]->stmt->select_stmt;
}

static const PgQuery__SelectStmt *
read_query(struct translator *t, const struct schema_table *view)
{
	const PgQuery__SelectStmt *select = NULL;
	struct kept_texts texts;
	char *text;

	if (kept_read(view->sql, &texts) == KEPT_TEXT && (text = kept_resolve(texts.plain, "\"\"")) != NULL) {
		select = view_parse(t, text);
		free(text);
	}
	kept_free(&texts);
	if (select == NULL && t->report->state == SQLSTATE_SUCCESSFUL_COMPLETION)
		translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "changing rows through the view \"%s\" is not supported on SQLite", view->name);
	return select;
}

/* ---- the view as a table ---- */

static const struct schema_table *find_through(struct translator *t, const struct schema_table *view,
    enum modify_event event, unsigned level);

/* What rows can be in that the view has: a sequence has one, and a materialized view is not written. */
static bool
is_base(const struct schema_table *base)
{
	return base->kind == 'r' || base->kind == 'v';
}

static const struct schema_table *
find_base(struct translator *t, const struct schema_table *view, const PgQuery__SelectStmt *query,
    enum modify_event event, unsigned level)
{
	const struct schema_table *base = translate_find_table(t, query->from_clause[0]->range_var);

	if (base == NULL)
		return NULL;
	if (strcmp(base->schema, "public") != 0 && strcmp(base->schema, "temp") != 0) {
		translate_refuse(t, -1, "changing the catalog through a view");
		return NULL;
	}
	if (!is_base(base)) {
		refuse(t, view, event, no_single_base);
		return NULL;
	}
	if (event != MODIFY_INSERT && query->from_clause[0]->range_var->inh && schema_has_children(t->schema, base)) {
		translate_refuse(t, -1, "changing rows of a table with children through a view");
		return NULL;
	}
	if (level == LEVELS_MAX) {
		translate_refuse(t, -1, "changing rows through so many views");
		return NULL;
	}
	return base->kind == 'v' ? find_through(t, base, event, level + 1) : base;
}

/* A column that is one of the base's has its properties; the others keep what the view knows of them. A default of the
 * view's own comes before the base's. */
static void
take_column(struct schema_column *column, const struct schema_table *base, const PgQuery__Node *target,
    char *own_default)
{
	const char *name = base_column(target), *own = column->name;
	const struct schema_column *below = name == NULL ? NULL : schema_find_column(base, name);

	column->fixed = below == NULL || below->fixed;
	if (column->fixed)
		return;
	*column = *below;
	column->stored = schema_column_stored(below);
	column->name = (char *)(uintptr_t)own;
	column->own_default = own_default != NULL;
	if (own_default != NULL)
		column->default_sql = own_default;
}

/* What is kept beside the text; it lives as long as the translator. */
static int
read_kept(struct translator *t, const struct schema_table *view, struct kept_view *kept)
{
	struct kept_texts texts;
	int result = -1;

	*kept = (struct kept_view) { .options = NULL };
	if (kept_read(view->sql, &texts) == KEPT_TEXT && kept_view_read(texts.options, view->ncolumns, kept) == 0)
		result = 0;
	for (unsigned i = 0; result == 0 && i < kept->n; i++) {
		char *copy = kept->defaults[i] == NULL ? NULL : translator_copy(t, kept->defaults[i]);

		free(kept->defaults[i]);
		kept->defaults[i] = copy;
	}
	kept_free(&texts);
	return result == 0 ? 0 : translate_out_of_memory(t);
}

/* What read_kept() leaves, but for the defaults. */
static void
free_kept(struct kept_view *kept)
{
	for (unsigned i = 0; i < kept->n; i++)
		kept->defaults[i] = NULL;
	kept_view_free(kept);
}

/* A partition may have defaults of its own, for what is written into it and not into its parent. */
static int
own_defaults(struct translator *t, struct schema_table *table, const struct schema_table *view)
{
	const char *at = view->partition == NULL ? NULL : view->partition->own;
	struct schema_partition_own own;

	while (schema_partition_own_next(&at, &own)) {
		for (unsigned i = 0; own.what == 'D' && i < table->ncolumns; i++) {
			struct schema_column *column = &table->columns[i];

			if (strcmp(column->name, own.name) != 0)
				continue;
			column->own_default = true;
			column->default_sql = strcmp(own.text, "NULL") == 0 ? NULL : translator_copy(t, own.text);
		}
		free(own.copy);
	}
	return 0;
}

static const struct schema_table *
make_table(struct translator *t, const struct schema_table *view, const struct schema_table *base,
    const PgQuery__SelectStmt *query)
{
	struct schema_table *table = translator_alloc(t, sizeof(*table));
	struct schema_through *through = translator_alloc(t, sizeof(*through));
	const PgQuery__RangeVar *from = query->from_clause[0]->range_var;
	struct kept_view kept;

	if (table == NULL || through == NULL || query->n_target_list != view->ncolumns ||
	    read_kept(t, view, &kept) == -1)
		return NULL;
	*through = (struct schema_through) { .base = base,
		.query = query,
		.alias = from->alias != NULL ? from->alias->aliasname : from->relname,
		.body = kept_body(view->sql),
		.check = kept.check };
	*table = *view;
	table->through = through;
	table->root = schema_table_root(base);
	table->sql = base->sql;
	table->canonical = base->canonical;
	table->without_rowid = base->without_rowid;
	table->columns = translator_alloc(t, (view->ncolumns + 1) * sizeof(*table->columns));
	for (unsigned i = 0; table->columns != NULL && i < view->ncolumns; i++) {
		table->columns[i] = view->columns[i];
		take_column(&table->columns[i], base, query->target_list[i], kept.n > i ? kept.defaults[i] : NULL);
	}
	free_kept(&kept);
	return table->columns == NULL || own_defaults(t, table, view) == -1 ? NULL : table;
}

static const struct schema_table *
find_through(struct translator *t, const struct schema_table *view, enum modify_event event, unsigned level)
{
	const PgQuery__SelectStmt *query = read_query(t, view);
	const struct schema_table *base;
	const char *why;

	if (query == NULL)
		return NULL;
	why = obstacle(query);
	if (why == NULL && event != MODIFY_DELETE && !has_columns(query))
		why = no_column;
	if (why != NULL) {
		refuse(t, view, event, why);
		return NULL;
	}
	if ((base = find_base(t, view, query, event, level)) == NULL)
		return NULL;
	return make_table(t, view, base, query);
}

const struct schema_table *
view_target(struct translator *t, const struct schema_table *view, enum modify_event event)
{
	return find_through(t, view, event, 0);
}

const struct schema_table *
view_base(const struct schema_table *table)
{
	return table->through->base;
}

const struct schema_table *
view_partition(const struct schema_table *table)
{
	while (table != NULL && table->partition == NULL)
		table = table->through == NULL ? NULL : table->through->base;
	return table;
}

int
view_check_column(struct translator *t, const struct schema_table *table, const struct schema_column *column,
    enum modify_event event)
{
	const struct schema_table *view = table;
	const char *name = column->name;

	if (!column->fixed)
		return 0;
	/* The error is that of the lowest view that has the column for an expression. */
	while (view->through->base->through != NULL) {
		const PgQuery__SelectStmt *query = view->through->query;
		const char *below = base_column(query->target_list[schema_find_column(view, name) - view->columns]);

		if (below == NULL)
			break;
		view = view->through->base;
		name = below;
	}
	translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED, "cannot %s column \"%s\" of view \"%s\"",
	    events[event].what, name, view->name);
	report_detail(t->report, "View columns that are not columns of their base relation are not updatable.");
	return -1;
}

/* ---- its expressions, over the base ---- */

/* The tree is not the client's text: its literals stay where they are, and it sees nothing of the statement around. */
struct aside {
	bool lift;
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

	*aside = (struct aside) { .lift = t->lift, .scope = t->scope, .ctes = t->ctes };
	t->lift = false;
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

/* ---- check options ---- */

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
	struct aside aside;
	int status = begin_aside(t, &aside, table, alias, true);

	if (status == 0)
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

/* ---- for those who ask ---- */

int
view_describe(struct translator *t, const char *text, unsigned n, struct kept_view *view, const char **why)
{
	char *resolved = kept_resolve(text, "\"\""); /* with every schema: whatever the path is */
	const PgQuery__SelectStmt *select = resolved == NULL ? NULL : view_parse(t, resolved);
	const struct schema_table *base;

	free(resolved);
	view->updatable = false;
	if (select == NULL)
		return t->report->state == SQLSTATE_SUCCESSFUL_COMPLETION ? translate_out_of_memory(t) : -1;
	if ((*why = obstacle(select)) != NULL)
		return 0;
	if (select->n_target_list != n || (base = translate_find_table(t, select->from_clause[0]->range_var)) == NULL)
		return translate_refuse(t, -1, "a view of that query");
	if (!is_base(base)) {
		*why = no_single_base;
		return 0;
	}
	*why = has_columns(select) ? NULL : no_column;
	view->schema = translator_copy(t, base->schema);
	view->name = translator_copy(t, base->name);
	view->columns = translator_alloc(t, (n + 1) * sizeof(*view->columns));
	if (view->defaults == NULL)
		view->defaults = translator_alloc(t, (n + 1) * sizeof(*view->defaults));
	if (view->schema == NULL || view->name == NULL || view->columns == NULL || view->defaults == NULL)
		return -1;
	for (unsigned i = 0; i < n; i++) {
		const char *name = base_column(select->target_list[i]);

		if ((view->columns[i] = translator_copy(t, name == NULL ? "" : name)) == NULL)
			return -1;
	}
	view->n = n;
	view->updatable = true;
	return 0;
}
