/*
 * ALTER TABLE ... DROP COLUMN, and the views, indexes and constraints that the column takes along or that hold it.
 */
#include <limits.h>
#include <string.h>

#include "workers/sqlite/dialect/define/alter.h"
#include "workers/sqlite/dialect/define/comment.h"
#include "workers/sqlite/dialect/define/routine.h"
#include "workers/sqlite/dialect/define/trigger.h"
#include "workers/sqlite/dialect/tree.h"
#include "workers/sqlite/schema/kept.h"

static bool
constraint_names_column(const struct definition_constraint *c, const char *name)
{
	if (c->kind == DEFINITION_CHECK)
		return schema_text_names(c->expression, name);
	return definition_names_has(&c->columns, name);
}

/* Indexes that use the column go with it. *found: there was one. */
static int
drop_column_indexes(struct alter *alter, const char *name, bool *found)
{
	struct schema_objects objects;
	int result = 0;

	if (schema_list_objects(schema_database(alter->t->schema), alter->rebuild.table->schema,
		alter->rebuild.table->name, &objects) == -1)
		return translate_out_of_memory(alter->t);
	for (unsigned i = 0; result == 0 && i < objects.count; i++) {
		if (objects.items[i].type != 'i' || objects.items[i].sql == NULL ||
		    !schema_text_names(objects.items[i].sql, name))
			continue;
		*found = true;
		result = definition_add_name(&alter->rebuild.dropped_indexes, objects.items[i].name);
	}
	schema_objects_free(&objects);
	return result == 0 ? 0 : translate_out_of_memory(alter->t);
}

int
alter_find_views(struct alter *alter, struct definition_names *views)
{
	const struct schema_table *table = alter->rebuild.table;
	const struct definition_names none = { 0 };

	return strcmp(table->schema, "temp") == 0
	    ? define_find_temporary_views(alter->t, "temp", table->name, &none, views)
	    : define_find_views(alter->t, table->name, &none, views);
}

/* Views that use the column: with CASCADE they go. */
static int
check_column_views(struct alter *alter, const char *column, bool cascade)
{
	struct definition_names views = { 0 };
	const struct schema_table *table = alter->rebuild.table;
	int result = alter_find_views(alter, &views);

	for (unsigned i = 0; result == 0 && i < views.count; i++) {
		const struct schema_table *view = schema_find_table(alter->t->schema, table->schema, views.names[i]);

		if (view == NULL || !define_view_uses_column(alter->t, view, table, column))
			continue;
		if (cascade) {
			result = alter_drop_view(alter, view);
			continue;
		}
		result = translate_fail(alter->t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
		    "cannot drop column %s of table %s because other objects depend on it", column, table->name);
		report_detail(alter->t->report, "%s %s depends on column %s of table %s", alter_view_word(view),
		    view->name, column, table->name);
		report_hint(alter->t->report, "Use DROP ... CASCADE to drop the dependent objects too.");
	}
	definition_names_free(&views);
	return result;
}

const char *
alter_view_word(const struct schema_table *view)
{
	return view->kind == 'm' ? "materialized view" : "view";
}

int
alter_drop_view(struct alter *alter, const struct schema_table *view)
{
	if (strcmp(view->schema, "public") != 0)
		return translate_refuse(alter->t, -1, "CASCADE to temporary views");
	if (definition_names_has(&alter->dropped_views, view->name))
		return 0;
	alter->native = false;
	alter->changed = true;
	if (definition_add_name(&alter->dropped_views, view->name) == -1)
		return translate_out_of_memory(alter->t);
	return define_add_notice(alter->t, "drop cascades to %s %s", alter_view_word(view), view->name);
}

static int
emit_drop_column(struct alter *alter, const char *name)
{
	const struct schema_table *table = alter->rebuild.table;

	if (translate_emit(alter->t, "ALTER TABLE ") == -1 ||
	    define_emit_relation(alter->t, table->schema, table->name) == -1 ||
	    translate_emit(alter->t, " DROP COLUMN ") == -1 || translate_identifier(alter->t, name) == -1)
		return -1;
	alter->t->plan->leaves_views = true;
	if (translate_emit(alter->t, ";\n") == -1)
		return -1;
	return strcmp(table->schema, "public") == 0 ? comment_drop(alter->t, COMMENT_COLUMN, table->name, name) : 0;
}

int
alter_drop_column(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	struct definition *d = &alter->rebuild.after;
	bool cascade = command->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE, bound = false;
	unsigned i = alter_column_index(d, command->name);

	if (i == UINT_MAX && command->missing_ok)
		return define_add_notice(alter->t, "column \"%s\" of relation \"%s\" does not exist, skipping",
		    command->name, alter->rebuild.table->name);
	if (alter_find_column(alter, command->name, &i) == -1 ||
	    check_column_views(alter, command->name, cascade) == -1 ||
	    routine_check_row_column(alter->t, alter->rebuild.table->schema, alter->rebuild.table->name, command->name,
		cascade) == -1 ||
	    (!d->temporary &&
		define_check_trigger_column(alter->t, alter->rebuild.table->name, command->name, cascade) == -1) ||
	    drop_column_indexes(alter, command->name, &bound) == -1)
		return -1;
	for (unsigned n = d->nconstraints; n-- > 0;) {
		if (!constraint_names_column(&d->constraints[n], command->name))
			continue;
		bound = true;
		if (alter_check_key_use(alter, &d->constraints[n], cascade) == -1)
			return -1;
		definition_remove_constraint(d, n);
	}
	for (unsigned n = 0; n < d->ncolumns; n++)
		bound |= d->columns[n].generated != NULL;
	if (alter_drop_sequences(alter, command->name, cascade) == -1)
		return -1;
	alter->changed = true;
	alter->nconstraints = d->nconstraints;
	alter->native &= !bound;
	definition_remove_column(d, i);
	define_rebuild_remove_source(&alter->rebuild, i);
	return bound ? 0 : emit_drop_column(alter, command->name);
}
