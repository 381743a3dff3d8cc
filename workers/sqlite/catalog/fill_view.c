/*
 * Rows for a view and for the query of a materialized view: its rule, and what it depends on.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/fill.h"
#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/kept_view.h"
#include "workers/sqlite/schema/list.h"
#include "workers/sqlite/schema/matview.h"
#include "workers/sqlite/catalog/fill_relation.h"

static void
put_rule(struct relation *relation, const char *name)
{
	fill_row(relation->fill, "pg_catalog.pg_rewrite (oid, rulename, ev_class)", "isi",
	    (int64_t)catalog_object_oid("rule", name), "_RETURN", relation->oid);
}

void
fill_matview_rule(struct relation *relation)
{
	struct schema_object query;
	char *name = NULL;

	put_rule(relation, relation->object->name);
	if (asprintf(&name, MATVIEW_QUERY "%s", relation->object->name) < 0)
		return;
	if (schema_seek_object(relation->fill->db, "public", name, &query) == 1) {
		if (query.sql != NULL)
			fill_depend_view(relation->fill, relation->object->name, query.sql);
		schema_object_free(&query);
	}
	free(name);
}

/* A view's own defaults and options, which stand beside its text. */
static void
read_kept(struct relation *relation, const struct schema_table *view, struct kept_view *kept)
{
	struct kept_texts texts;

	*kept = (struct kept_view) { .options = NULL };
	if (kept_read(view->sql, &texts) == KEPT_TEXT && kept_view_read(texts.options, view->ncolumns, kept) == 0 &&
	    *kept->options != '\0' && asprintf(&relation->options, "{%s}", kept->options) < 0)
		relation->options = NULL;
	kept_free(&texts);
}

/* A view's columns: their names from SQLite, their types from its text. */
void
fill_view(struct relation *relation, struct schema *schema)
{
	const struct schema_table *view = schema_find_table(schema, relation->schema, relation->object->name);
	struct kept_view kept;

	if (view == NULL)
		return;
	read_kept(relation, view, &kept);
	fill_class(relation, view->name, relation->oid, "v", view->ncolumns, 0, false);
	for (unsigned i = 0; i < view->ncolumns; i++) {
		struct definition_column column = { .name = view->columns[i].name,
			.oid = view->columns[i].oid,
			.typmod = view->columns[i].typmod,
			.default_sql = kept.n > i ? kept.defaults[i] : NULL };

		fill_attribute(relation, relation->oid, (int64_t)i + 1, column.name, column.oid, column.typmod,
		    &column);
		fill_default(relation, (int64_t)i + 1, &column);
	}
	kept_view_free(&kept);
	free(relation->options);
	put_rule(relation, view->name);
	fill_depend_view(relation->fill, view->name, view->sql);
}
