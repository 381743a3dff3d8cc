/*
 * Which views can be changed, and through what: PostgreSQL's rules, on the tree of the view's kept text.
 */
#include "workers/sqlite/dialect/view_target.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/fire.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/kept_view.h"
#include "workers/sqlite/schema/partition.h"
#include "workers/sqlite/dialect/view_through.h"

/* Views on views on ... */
#define LEVELS_MAX 64

static const char no_column[] = "Views that have no updatable columns are not automatically updatable.";

/* ---- what is updatable ---- */

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

static const PgQuery__SelectStmt *
read_query(struct translator *t, const struct schema_table *view)
{
	const PgQuery__SelectStmt *select = NULL;
	struct kept_texts texts;
	char *text;

	if (kept_read(view->sql, &texts) == KEPT_TEXT &&
	    (text = kept_resolve(schema_database(t->schema), texts.plain, "\"\"")) != NULL) {
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
		refuse(t, view, event, view_no_single_base);
		return NULL;
	}
	if (modify_is_instead(t, base, event)) {
		translate_refuse(t, -1, "changing rows through a view over one with an INSTEAD OF trigger");
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
	const char *name = view_base_column(target), *own = column->name;
	const struct schema_column *below = name == NULL ? NULL : schema_find_column(base, name);

	column->fixed = below == NULL || below->fixed;
	column->own_default = own_default != NULL;
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

const struct schema_table *
view_with_defaults(struct translator *t, const struct schema_table *view)
{
	struct schema_table *table = translator_alloc(t, sizeof(*table));
	struct kept_texts texts;
	struct kept_view kept;
	enum kept_state state = kept_read(view->sql, &texts);

	kept_free(&texts);
	if (state != KEPT_TEXT) /* then nothing was kept with it either */
		return view;
	if (table == NULL || read_kept(t, view, &kept) == -1)
		return NULL;
	*table = *view;
	table->columns = translator_alloc(t, (view->ncolumns + 1) * sizeof(*table->columns));
	if (table->columns == NULL) {
		free_kept(&kept);
		return NULL;
	}
	memcpy(table->columns, view->columns, view->ncolumns * sizeof(*table->columns));
	for (unsigned i = 0; i < view->ncolumns && i < kept.n; i++)
		if (kept.defaults[i] != NULL) {
			table->columns[i].own_default = true;
			table->columns[i].default_sql = kept.defaults[i];
		}
	free_kept(&kept);
	return table;
}

static const struct schema_table *
find_through(struct translator *t, const struct schema_table *view, enum modify_event event, unsigned level)
{
	const PgQuery__SelectStmt *query = read_query(t, view);
	const struct schema_table *base;
	const char *why;

	if (query == NULL)
		return NULL;
	why = view_obstacle(query);
	if (why == NULL && event != MODIFY_DELETE && !view_has_columns(query))
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

bool
view_inherits(const struct schema_table *table)
{
	while (table->through->base->through != NULL)
		table = table->through->base;
	return table->through->query->from_clause[0]->range_var->inh;
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
		const char *below =
		    view_base_column(query->target_list[schema_find_column(view, name) - view->columns]);

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

/* ---- for those who ask ---- */

int
view_describe(struct translator *t, const char *text, unsigned n, struct kept_view *view, const char **why)
{
	char *resolved =
	    kept_resolve(schema_database(t->schema), text, "\"\""); /* with every schema: whatever the path is */
	const PgQuery__SelectStmt *select = resolved == NULL ? NULL : view_parse(t, resolved);
	const struct schema_table *base;

	free(resolved);
	view->updatable = false;
	if (select == NULL)
		return t->report->state == SQLSTATE_SUCCESSFUL_COMPLETION ? translate_out_of_memory(t) : -1;
	if ((*why = view_obstacle(select)) != NULL)
		return 0;
	if (select->n_target_list != n || (base = translate_find_table(t, select->from_clause[0]->range_var)) == NULL)
		return translate_refuse(t, -1, "a view of that query");
	if (!is_base(base)) {
		*why = view_no_single_base;
		return 0;
	}
	*why = view_has_columns(select) ? NULL : no_column;
	view->schema = translator_copy(t, base->schema);
	view->name = translator_copy(t, base->name);
	view->columns = translator_alloc(t, (n + 1) * sizeof(*view->columns));
	if (view->defaults == NULL)
		view->defaults = translator_alloc(t, (n + 1) * sizeof(*view->defaults));
	if (view->schema == NULL || view->name == NULL || view->columns == NULL || view->defaults == NULL)
		return -1;
	for (unsigned i = 0; i < n; i++) {
		const char *name = view_base_column(select->target_list[i]);

		if ((view->columns[i] = translator_copy(t, name == NULL ? "" : name)) == NULL)
			return -1;
	}
	view->n = n;
	view->updatable = true;
	return 0;
}
