/*
 * What depends on what is dropped: with CASCADE it goes too, else it is told.
 */
#include <string.h>

#include "workers/sqlite/dialect/define/routine.h"
#include "workers/sqlite/dialect/define/trigger.h"
#include "workers/sqlite/schema/inherit.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/dialect/define/drop_with.h"

static bool
is_matview(struct translator *t, const char *name)
{
	const struct schema_table *table = schema_find_table(t->schema, "public", name);

	return table != NULL && table->kind == 'm';
}

static void
detail_foreign_key(struct translator *t, const char *table, const char *child)
{
	const struct schema_table *found = schema_find_table(t->schema, "public", child);
	struct definition d;

	if (found == NULL || definition_parse(found->sql, &d) == -1)
		return;
	for (unsigned i = 0; i < d.nconstraints; i++) {
		if (d.constraints[i].kind == DEFINITION_FOREIGN_KEY && strcmp(d.constraints[i].parent, table) == 0) {
			report_detail(t->report, "constraint %s on table %s depends on table %s", d.constraints[i].name,
			    namespace_relation(child), namespace_relation(table));
			break;
		}
	}
	definition_free(&d);
}

static int
report_dependents(struct translator *t, const struct drop *drop, const char *name,
    const struct definition_names *children, const struct definition_names *views)
{
	(void)translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
	    "cannot drop %s %s because other objects depend on it", drop->kind->word, name);
	if (views->count > 0)
		report_detail(t->report, "%s %s depends on %s %s",
		    is_matview(t, views->names[0]) ? "materialized view" : "view", namespace_relation(views->names[0]),
		    drop->kind->word, namespace_relation(name));
	else
		detail_foreign_key(t, name, children->names[0]);
	report_hint(t->report, "Use DROP ... CASCADE to drop the dependent objects too.");
	return -1;
}

/* CASCADE: foreign keys that refer to the table go, the tables that have them stay. */
static int
drop_foreign_keys(struct translator *t, const char *child, const struct definition_names *parents)
{
	const struct schema_table *table = schema_find_table(t->schema, "public", child);
	struct define_rebuild rebuild;
	int result;

	if (table == NULL)
		return 0;
	if (define_rebuild_begin(t, table, &rebuild) == -1)
		return -1;
	for (unsigned i = rebuild.after.nconstraints; i-- > 0;) {
		const struct definition_constraint *c = &rebuild.after.constraints[i];

		if (c->kind == DEFINITION_FOREIGN_KEY && definition_names_has(parents, c->parent))
			definition_remove_constraint(&rebuild.after, i);
	}
	result = define_rebuild_emit(t, &rebuild);
	define_rebuild_free(&rebuild);
	return result;
}

static int
emit_drop_view(struct translator *t, const char *name)
{
	if (is_matview(t, name))
		return define_emit_drop_matview(t, name);
	/* It may depend on what is dropped in more than one way. */
	if (define_drop_triggers(t, name) == -1 || translate_emit(t, "DROP VIEW IF EXISTS ") == -1 ||
	    define_emit_relation(t, "public", name) == -1)
		return -1;
	return translate_emit(t, ";\n");
}

int
define_drop_views(struct translator *t, struct definition_names *views)
{
	for (unsigned i = 0; i < views->count; i++) {
		struct definition_names none = { 0 };

		if (define_find_views(t, views->names[i], &none, views) == -1)
			return -1;
	}
	for (unsigned i = views->count; i-- > 0;)
		if (emit_drop_view(t, views->names[i]) == -1)
			return -1;
	return 0;
}

static bool
is_child(struct translator *t, const struct drop *drop, unsigned i)
{
	const struct schema_table *table = schema_find_table(t->schema, drop->schemas.names[i], drop->names.names[i]);

	return table != NULL && table->inherits;
}

/* Children depend on their parents, and go with them. */
static int
add_children(struct translator *t, struct drop *drop)
{
	for (unsigned i = 0; drop->kind->type == 't' && i < drop->names.count; i++) {
		const struct schema_table *table =
		    schema_find_table(t->schema, drop->schemas.names[i], drop->names.names[i]);
		const struct schema_table *const *below;
		unsigned n;

		below = table == NULL ? NULL : schema_descendants(t->schema, table, &n);
		for (unsigned k = 0; below != NULL && k < n; k++) {
			if (definition_names_has(&drop->names, below[k]->name))
				continue;
			if (!drop->cascade) {
				(void)translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
				    "cannot drop table %s because other objects depend on it", table->name);
				report_detail(t->report, "table %s depends on table %s",
				    namespace_relation(below[k]->name), namespace_relation(table->name));
				report_hint(t->report, "Use DROP ... CASCADE to drop the dependent objects too.");
				return -1;
			}
			if (definition_add_name(&drop->names, below[k]->name) == -1 ||
			    definition_add_name(&drop->schemas, below[k]->schema) == -1)
				return translate_out_of_memory(t);
			if (define_add_notice(t, "drop cascades to table %s", below[k]->name) == -1)
				return -1;
		}
	}
	return 0;
}

static int
find_dependents_of(struct translator *t, const struct drop *drop, unsigned i, struct dependents *found)
{
	const char *schema = drop->schemas.names[i], *name = drop->names.names[i];
	bool lasting = strcmp(schema, "public") == 0;
	int result = define_find_temporary_views(t, schema, name, &drop->names, &found->temporary);

	if (result == 0 && lasting)
		result = define_find_views(t, name, &drop->names, &found->views);
	if (result == 0 && found->views.count + found->temporary.count > 0 && is_child(t, drop, i))
		result = translate_refuse(t, -1, "DROP of a child of a table that a view reads");
	if (result == 0 && lasting && drop->kind->type == 't')
		result = define_find_children(t, name, &drop->names, &found->children);
	if (result == 0 && !drop->cascade && found->children.count + found->views.count > 0)
		result = report_dependents(t, drop, name, &found->children, &found->views);
	if (result == 0 && !drop->cascade && found->temporary.count > 0)
		result = report_dependents(t, drop, name, &found->children, &found->temporary);
	return result;
}

static int
find_dependents(struct translator *t, const struct drop *drop, struct dependents *found)
{
	int result = 0;

	for (unsigned i = 0; result == 0 && i < drop->names.count; i++) {
		result = routine_release_relation(t, drop->schemas.names[i], drop->names.names[i], drop->cascade);
		if (result == 0)
			result = find_dependents_of(t, drop, i, found);
	}
	return result;
}

/* Those of a view that goes with CASCADE, and theirs. */
static int
drop_temporary_views(struct translator *t, struct dependents *found)
{
	const struct definition_names none = { 0 };
	int result = 0;

	for (unsigned i = 0; result == 0 && i < found->views.count; i++)
		result = define_find_temporary_views(t, "public", found->views.names[i], &none, &found->temporary);
	for (unsigned i = 0; result == 0 && i < found->temporary.count; i++)
		result = define_find_temporary_views(t, "temp", found->temporary.names[i], &none, &found->temporary);
	for (unsigned i = found->temporary.count; result == 0 && i-- > 0;)
		result = translate_emit(t, "DROP VIEW IF EXISTS ") == -1 ||
			define_emit_relation(t, "temp", found->temporary.names[i]) == -1
		    ? -1
		    : translate_emit(t, ";\n");
	return result;
}

int
define_drop_dependents(struct translator *t, struct drop *drop, struct dependents *found)
{
	int result = add_children(t, drop) == -1 ? -1 : find_dependents(t, drop, found);

	if (result == 0)
		result = define_drop_views(t, &found->views);
	if (result == 0)
		result = drop_temporary_views(t, found);
	for (unsigned i = 0; result == 0 && i < found->children.count; i++)
		result = drop_foreign_keys(t, found->children.names[i], &drop->names);
	definition_names_free(&found->children);
	definition_names_free(&found->views);
	definition_names_free(&found->temporary);
	return result;
}
