/*
 * Triggers dropped, renamed, enabled and disabled; and what becomes of them when what they are on, or call, changes.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/dialect/define/comment.h"
#include "workers/sqlite/dialect/define/trigger.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/partition.h"
#include "workers/sqlite/schema/routine.h"

static const struct schema_trigger *
all_triggers(struct translator *t, unsigned *n)
{
	*n = 0;
	if (schema_load_triggers(t->schema) == -1) {
		(void)translate_out_of_memory(t);
		return NULL;
	}
	return schema_triggers(t->schema, n);
}

static bool
has_triggers(struct translator *t, const char *relation)
{
	unsigned n;
	const struct schema_trigger *all = all_triggers(t, &n);

	for (unsigned i = 0; i < n; i++)
		if (strcmp(all[i].relation, relation) == 0)
			return true;
	return false;
}

/* Whether a partition has that one, or one, of its parent. */
static bool
has_clone(struct translator *t, const char *relation, const char *name)
{
	unsigned n;
	const struct schema_trigger *all = all_triggers(t, &n);

	for (unsigned i = 0; i < n; i++)
		if (all[i].parent != 0 && strcmp(all[i].relation, relation) == 0 &&
		    (name == NULL || strcmp(all[i].name, name) == 0))
			return true;
	return false;
}

/* Whether one of that name, or any, is a partition's too. */
static bool
is_handed_down(struct translator *t, const char *relation, const char *name)
{
	unsigned n;
	const struct schema_trigger *all = all_triggers(t, &n);

	for (unsigned i = 0; i < n; i++) {
		if (strcmp(all[i].relation, relation) != 0 || (name != NULL && strcmp(all[i].name, name) != 0))
			continue;
		for (unsigned j = 0; j < n; j++)
			if (all[j].parent == all[i].oid)
				return true;
	}
	return false;
}

/* Whether its columns are those of the table: it is on that, or on a partition of it. */
static bool
is_on_columns(const struct schema_trigger *trigger, const char *relation)
{
	return strcmp(trigger->relation, relation) == 0 ||
	    (trigger->root != NULL && strcmp(trigger->root, relation) == 0);
}

static int
emit_delete(struct translator *t, const struct schema_trigger *trigger)
{
	return translate_emit_format(t, "DELETE FROM public.bibd_triggers WHERE oid = %u;\n", trigger->oid);
}

/* ---- DROP TRIGGER ---- */

static int
missing(struct translator *t, const PgQuery__DropStmt *stmt, enum sqlstate state, const char *text)
{
	return stmt->missing_ok ? define_add_notice(t, "%s, skipping", text) : translate_fail(t, -1, state, "%s", text);
}

/* A partition's goes with its parent's. */
static int
fail_required(struct translator *t, const struct schema_trigger *trigger, const char *table)
{
	const struct schema_table *partition = schema_find_table(t->schema, "public", trigger->relation);
	const char *parent =
	    partition == NULL || partition->partition == NULL ? "" : namespace_relation(partition->partition->parent);

	(void)translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
	    "cannot drop trigger %s on table %s because trigger %s on table %s requires it", trigger->name, table,
	    trigger->name, parent);
	report_hint(t->report, "You can drop trigger %s on table %s instead.", trigger->name, parent);
	return -1;
}

static int
drop_one(struct translator *t, const PgQuery__DropStmt *stmt, const PgQuery__List *names)
{
	size_t n = names->n_items;
	const char *name = translate_string(names->items[n - 1]), *table = translate_string(names->items[n - 2]);
	const char *schema = n > 2 ? translate_string(names->items[n - 3]) : "", *database, *stored;
	PgQuery__RangeVar relation = PG_QUERY__RANGE_VAR__INIT;
	const struct schema_trigger *found;

	if (n > 2 && !schema_has_namespace(t->schema, schema))
		return missing(t, stmt, SQLSTATE_INVALID_SCHEMA_NAME,
		    translator_format(t, "schema \"%s\" does not exist", schema));
	relation.relname = (char *)(uintptr_t)table;
	relation.schemaname = (char *)(uintptr_t)schema;
	relation.location = -1;
	if (translate_relation_name(t, &relation, &database, &stored) == -1)
		return -1;
	if (database == NULL || schema_find_table(t->schema, database, stored) == NULL)
		return missing(t, stmt, SQLSTATE_UNDEFINED_TABLE,
		    translator_format(t,
			n > 2 ? "relation \"%s.%s\" does not exist" : "relation \"%s%s\" does not exist",
			n > 2 ? schema : "", table));
	if (schema_load_triggers(t->schema) == -1)
		return translate_out_of_memory(t);
	if ((found = schema_find_trigger(t->schema, stored, name)) == NULL)
		return missing(t, stmt, SQLSTATE_UNDEFINED_OBJECT,
		    translator_format(t, "trigger \"%s\" for %s \"%s\" does not exist", name,
			stmt->missing_ok ? "relation" : "table", table));
	if (found->parent != 0)
		return fail_required(t, found, table);
	return emit_delete(t, found) < 0 ? -1 : translate_emit(t, SCHEMA_ROUTINE_CHANGED);
}

int
define_drop_trigger(struct translator *t, const PgQuery__DropStmt *stmt)
{
	t->plan->tag = "DROP TRIGGER";
	t->plan->own = true;
	for (size_t i = 0; i < stmt->n_objects; i++) {
		const PgQuery__Node *node = stmt->objects[i];

		if (node->node_case != PG_QUERY__NODE__NODE_LIST || node->list->n_items < 2)
			return translate_refuse(t, -1, "this DROP");
		if (drop_one(t, stmt, node->list) == -1)
			return -1;
	}
	return 0;
}

/* ---- ALTER TRIGGER ... RENAME, ENABLE and DISABLE ---- */

static int
not_there(struct translator *t, const struct schema_table *table, const char *name)
{
	return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT, "trigger \"%s\" for table \"%s\" does not exist", name,
	    namespace_relation(table->name));
}

/* The name must be free on the partitions that have it of this one, and on theirs. */
static int
check_name_below(struct translator *t, const struct schema_trigger *trigger, const char *name)
{
	unsigned n;
	const struct schema_trigger *all = all_triggers(t, &n);

	for (unsigned i = 0; i < n; i++) {
		if (all[i].parent != trigger->oid)
			continue;
		if (schema_find_trigger(t->schema, all[i].relation, name) != NULL)
			return translate_fail(t, -1, SQLSTATE_DUPLICATE_OBJECT,
			    "trigger \"%s\" for relation \"%s\" already exists", name,
			    namespace_relation(all[i].relation));
		if (check_name_below(t, &all[i], name) == -1)
			return -1;
	}
	return 0;
}

int
define_rename_trigger(struct translator *t, const PgQuery__RenameStmt *stmt)
{
	const struct schema_table *table = translate_find_changed(t, stmt->relation);
	const struct schema_trigger *found;

	t->plan->tag = "ALTER TRIGGER";
	t->plan->own = true;
	if (table == NULL || schema_load_triggers(t->schema) == -1)
		return table == NULL ? -1 : translate_out_of_memory(t);
	if ((found = schema_find_trigger(t->schema, table->name, stmt->subname)) == NULL)
		return not_there(t, table, stmt->subname);
	if (found->parent != 0)
		return translate_fail(t, -1, SQLSTATE_INTERNAL_ERROR, "cannot rename trigger \"%s\" on table \"%s\"",
		    stmt->subname, namespace_relation(table->name));
	if (schema_find_trigger(t->schema, table->name, stmt->newname) != NULL)
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_OBJECT,
		    "trigger \"%s\" for relation \"%s\" already exists", stmt->newname,
		    namespace_relation(table->name));
	if (check_name_below(t, found, stmt->newname) == -1)
		return -1;
	if (comment_rename_part(t, COMMENT_TRIGGER, table->name, stmt->subname, stmt->newname) == -1)
		return -1;
	translate_emit(t, "UPDATE public.bibd_triggers SET name = ");
	translate_emit_string(t, stmt->newname);
	return translate_emit_format(t, " WHERE oid = %u;\n" SCHEMA_ROUTINE_CHANGED, found->oid);
}

int
define_enable_trigger(struct translator *t, const struct schema_table *table, const char *name, char enabled, bool only)
{
	if (schema_load_triggers(t->schema) == -1)
		return translate_out_of_memory(t);
	if (name != NULL && schema_find_trigger(t->schema, table->name, name) == NULL)
		return not_there(t, table, name);
	if (has_clone(t, table->name, name))
		return translate_refuse(t, -1, "ENABLE and DISABLE of a trigger that a partition has of its parent");
	if (only && is_handed_down(t, table->name, name))
		return translate_refuse(t, -1,
		    "ENABLE and DISABLE of a partitioned table's trigger without its partitions");
	if (!has_triggers(t, table->name))
		return 0;
	translate_emit_format(t, "UPDATE public.bibd_triggers SET enabled = '%c' WHERE relation = ", enabled);
	translate_emit_string(t, table->name);
	if (name != NULL) {
		translate_emit(t, " AND name = ");
		translate_emit_string(t, name);
	}
	return translate_emit(t, ";\n" SCHEMA_ROUTINE_CHANGED);
}

/* ---- with what they are on ---- */

int
define_drop_triggers(struct translator *t, const char *relation)
{
	if (!has_triggers(t, relation))
		return t->report->state == SQLSTATE_SUCCESSFUL_COMPLETION ? 0 : -1;
	translate_emit(t, "DELETE FROM public.bibd_triggers WHERE relation = ");
	translate_emit_string(t, relation);
	t->plan->triggers = true;
	return translate_emit(t, ";\n");
}

int
define_move_triggers(struct translator *t, const char *relation, const char *name)
{
	if (!has_triggers(t, relation))
		return t->report->state == SQLSTATE_SUCCESSFUL_COMPLETION ? 0 : -1;
	translate_emit(t, "UPDATE public.bibd_triggers SET relation = ");
	translate_emit_string(t, name);
	translate_emit(t, " WHERE relation = ");
	translate_emit_string(t, relation);
	t->plan->triggers = true;
	return translate_emit(t, ";\n");
}

/* Whether WHEN has the word somewhere. */
static bool
condition_has(const struct schema_trigger *trigger, const char *column)
{
	struct definition_lexer lexer;
	bool found = false;

	if (trigger->condition == NULL)
		return false;
	for (definition_lex_begin(&lexer, trigger->condition); !found && lexer.kind != DEFINITION_END;) {
		char *name = lexer.kind == DEFINITION_WORD || lexer.kind == DEFINITION_QUOTED
		    ? definition_lex_name(&lexer)
		    : NULL;

		found = name != NULL && strcasecmp(name, column) == 0;
		if (name == NULL)
			definition_lex_next(&lexer);
		free(name);
	}
	return found;
}

int
define_rename_trigger_column(struct translator *t, const char *relation, const char *old, const char *name)
{
	unsigned n;
	const struct schema_trigger *all = all_triggers(t, &n);

	for (unsigned i = 0; i < n; i++) {
		if (!is_on_columns(&all[i], relation))
			continue;
		if (condition_has(&all[i], old))
			return translate_refuse(t, -1, "renaming a column that the condition of a trigger names");
		if (!schema_trigger_names(&all[i], old))
			continue;
		translate_emit(t,
		    "UPDATE public.bibd_triggers SET columns = substr(replace(char(31) || columns, char(31) || ");
		translate_emit_string(t, old);
		translate_emit(t, " || char(31), char(31) || ");
		translate_emit_string(t, name);
		translate_emit_format(t, " || char(31)), 2) WHERE oid = %u;\n", all[i].oid);
		t->plan->triggers = true;
	}
	return t->report->state == SQLSTATE_SUCCESSFUL_COMPLETION ? translate_emit(t, "") : -1;
}

int
define_check_trigger_column(struct translator *t, const char *relation, const char *column, bool cascade)
{
	unsigned n;
	const struct schema_trigger *all = all_triggers(t, &n);

	for (unsigned i = 0; i < n; i++) {
		if (!is_on_columns(&all[i], relation) || all[i].parent != 0 ||
		    (!schema_trigger_names(&all[i], column) && !condition_has(&all[i], column)))
			continue;
		if (cascade)
			return translate_refuse(t, -1, "DROP COLUMN ... CASCADE of one that a trigger names");
		(void)translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
		    "cannot drop column %s of table %s because other objects depend on it", column,
		    namespace_relation(relation));
		report_detail(t->report, "trigger %s on table %s depends on column %s of table %s", all[i].name,
		    namespace_relation(relation), column, namespace_relation(relation));
		report_hint(t->report, "Use DROP ... CASCADE to drop the dependent objects too.");
		return -1;
	}
	return t->report->state == SQLSTATE_SUCCESSFUL_COMPLETION ? 0 : -1;
}

/* ---- with what they call ---- */

static const char *
kind_of(struct translator *t, const struct schema_trigger *trigger)
{
	const struct schema_table *table = schema_find_table(t->schema, "public", trigger->relation);

	return table != NULL && table->kind == 'v' ? "view" : "table";
}

/* The line of the notice, or of the detail, that says so of the trigger. */
static const char *
line_of(struct translator *t, const struct schema_trigger *trigger, const char *before, const char *what,
    const char *line)
{
	return translator_format(t, "%s%s%strigger %s on %s %s%s%s", before, *before == '\0' ? "" : "\n", line,
	    trigger->name, kind_of(t, trigger), namespace_relation(trigger->relation),
	    what == NULL ? "" : " depends on function ", what == NULL ? "" : what);
}

int
define_release_function(struct translator *t, uint32_t oid, const char *what, bool cascade)
{
	const struct schema_trigger *last = NULL;
	const char *lines = "";
	unsigned n, fit = 0;
	const struct schema_trigger *all = all_triggers(t, &n);

	if (strchr(what, '(') == NULL && (what = translator_format(t, "%s()", what)) == NULL)
		return -1;
	for (unsigned i = 0; i < n && lines != NULL; i++) {
		if (all[i].function != oid || all[i].parent != 0)
			continue;
		last = &all[i];
		lines =
		    cascade ? line_of(t, last, lines, NULL, "drop cascades to ") : line_of(t, last, lines, what, "");
		fit++;
	}
	if (lines == NULL || t->report->state != SQLSTATE_SUCCESSFUL_COMPLETION)
		return -1;
	if (fit == 0)
		return 0;
	if (cascade) {
		if (fit == 1 ? define_add_notice(t, "%s", lines) == -1
			     : define_add_notice(t, "drop cascades to %u other objects", fit) == -1)
			return -1;
		return translate_emit_format(t, "DELETE FROM public.bibd_triggers WHERE function = %u;\n", oid);
	}
	(void)translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
	    "cannot drop function %s because other objects depend on it", what);
	report_detail(t->report, "%s", lines);
	report_hint(t->report, "Use DROP ... CASCADE to drop the dependent objects too.");
	return -1;
}
