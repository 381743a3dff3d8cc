/*
 * What a view uses of a table, by PostgreSQL's text of it: a column, or the primary key that its GROUP BY relies on.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/dialect/deparse/deparse.h"
#include "workers/sqlite/dialect/memory.h"
#include "workers/sqlite/dialect/view_target.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/matview.h"

/* The text with the view's own query in it: that of a materialized view stands in another. */
static const char *
text_of(struct translator *t, const struct schema_table *view)
{
	const struct schema_table *query = view;

	if (view->kind == 'm')
		query = schema_find_table(t->schema, "public", translator_format(t, MATVIEW_QUERY "%s", view->name));
	return query == NULL ? "" : query->sql;
}

/* A translation of its own, whose errors and plan are nobody's. */
static bool
begin_probe(struct translator *t, struct translator *probe, struct report *report)
{
	*probe = (struct translator) { .schema = t->schema,
		.text = t->text,
		.source = "",
		.settings = t->settings,
		.report = report,
		.definition = true,
		.unread = true,
		.stored_view = true,
		.plan = calloc(1, sizeof(*probe->plan)) };
	return probe->plan != NULL;
}

static void
end_probe(struct translator *probe, struct report *report)
{
	translator_release(probe);
	dialect_plan_free(probe->plan);
	report_reset(report);
}

static const PgQuery__SelectStmt *
read_tree(struct translator *probe, const char *sql)
{
	const PgQuery__SelectStmt *select = NULL;
	struct kept_texts texts;
	char *text;

	if (kept_read(sql, &texts) == KEPT_TEXT &&
	    (text = kept_resolve(schema_database(probe->schema), texts.plain, "")) != NULL) {
		select = view_parse(probe, text);
		free(text);
	}
	kept_free(&texts);
	return select;
}

bool
define_view_uses_column(struct translator *t, const struct schema_table *view, const struct schema_table *table,
    const char *column)
{
	const char *sql = text_of(t, view), **names = translator_alloc(t, (view->ncolumns + 1) * sizeof(const char *));
	struct deparse_renamed use = { .table = table, .column = column, .name = "" };
	struct deparse_texts ignored;
	struct report report = { 0 };
	struct translator probe;
	const PgQuery__SelectStmt *select;
	bool used = true;

	for (unsigned i = 0; names != NULL && i < view->ncolumns; i++)
		names[i] = view->columns[i].name;
	if (names == NULL || !begin_probe(t, &probe, &report))
		return true;
	probe.renamed = &use;
	if ((select = read_tree(&probe, sql)) != NULL &&
	    deparse_view(&probe, select, names, view->ncolumns, &ignored) && !use.failed)
		used = use.ncolumns > 0 || use.unclear;
	else
		used = schema_text_names(sql, column);
	free(use.columns);
	free(use.relations);
	end_probe(&probe, &report);
	return used;
}

bool
define_view_needs_key(struct translator *t, const struct schema_table *view, const struct schema_table *table)
{
	struct query_columns columns = { 0 };
	struct report report = { 0 };
	struct translator probe;
	const PgQuery__SelectStmt *select;
	bool needs = false;

	if (!begin_probe(t, &probe, &report))
		return true;
	probe.without_key = table;
	if ((select = read_tree(&probe, text_of(t, view))) != NULL)
		needs = translate_select(&probe, select, &columns) == -1 && report.state == SQLSTATE_GROUPING_ERROR;
	end_probe(&probe, &report);
	return needs;
}
