/*
 * TRUNCATE: DELETE without WHERE, which SQLite does page by page when no trigger or foreign key is in the way.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/partition.h"
#include "workers/sqlite/dialect/define/sequence.h"
#include "workers/sqlite/schema/inherit.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/trigger.h"

static int
report_reference(struct translator *t, const char *table, const char *child)
{
	(void)translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "cannot truncate a table referenced in a foreign key constraint");
	report_detail(t->report, "Table \"%s\" references \"%s\".", namespace_relation(child),
	    namespace_relation(table));
	report_hint(t->report, "Truncate table \"%s\" at the same time, or use TRUNCATE ... CASCADE.",
	    namespace_relation(child));
	return -1;
}

/* Whose rows SQLite numbers: one that an older bibd made. */
static bool
is_numbered(const struct schema_table *table)
{
	for (unsigned i = 0; i < table->ncolumns; i++) {
		if (table->columns[i].serial)
			return true;
	}
	return false;
}

/* Sequences that it owns begin anew. Where one stands is its owner's to say. */
static int
emit_restart(struct translator *t, const struct schema_table *table)
{
	size_t from = t->out.length;

	if (define_restart_owned(t, table->schema, table->name) == -1)
		return -1;
	if ((t->out.length > from || is_numbered(table)) && strcmp(table->schema, "temp") != 0 &&
	    define_as_admin(t, "TRUNCATE RESTART IDENTITY of a table with a sequence") == -1)
		return -1;
	if (!is_numbered(table))
		return 0;
	if (translate_emit(t, "DELETE FROM ") == -1 ||
	    define_emit_relation(t, table->schema, "sqlite_sequence") == -1 ||
	    translate_emit(t, " WHERE name = ") == -1 || translate_emit_string(t, table->name) == -1)
		return -1;
	return translate_emit(t, ";\n");
}

static int
emit_truncate(struct translator *t, const struct schema_table *table, bool restart)
{
	if (table->partition != NULL)
		return define_set_target(t, table->name) == -1 ? -1 : define_truncate_partition(t, table);
	if (define_set_target(t, table->name) == -1 || translate_emit(t, "DELETE FROM ") == -1 ||
	    define_emit_relation(t, table->schema, table->name) == -1 || translate_emit(t, ";\n") == -1)
		return -1;
	return restart ? emit_restart(t, table) : 0;
}

static int
add_children(struct translator *t, const struct schema_table *table, struct definition_names *names)
{
	unsigned n;
	const struct schema_table *const *below = schema_descendants(t->schema, table, &n);

	for (unsigned i = 0; below != NULL && i < n; i++)
		if (!definition_names_has(names, below[i]->name) && definition_add_name(names, below[i]->name) == -1)
			return translate_out_of_memory(t);
	return 0;
}

/* The table that has the rows. */
static const char *
root_name(struct translator *t, const char *name)
{
	const struct schema_table *table = schema_find_table(t->schema, NULL, name);
	const struct schema_table *root = table == NULL ? NULL : partition_root(t, table);

	return root == NULL ? name : root->name;
}

/* The tables named, and with CASCADE those that refer to them. */
static int
collect(struct translator *t, const PgQuery__TruncateStmt *stmt, struct definition_names *names, bool *references)
{
	bool cascade = stmt->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;

	for (size_t i = 0; i < stmt->n_relations; i++) {
		const struct schema_table *table;

		if (stmt->relations[i]->node_case != PG_QUERY__NODE__NODE_RANGE_VAR ||
		    (table = translate_find_changed(t, stmt->relations[i]->range_var)) == NULL)
			return -1;
		if (table->partition_key != NULL && !stmt->relations[i]->range_var->inh)
			return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE,
			    "cannot truncate only a partitioned table");
		if (table->kind != 'r' && table->partition == NULL)
			return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a table", table->name);
		if (define_check_in_use(t, table, "TRUNCATE") == -1)
			return -1;
		if (!definition_names_has(names, table->name) && definition_add_name(names, table->name) == -1)
			return translate_out_of_memory(t);
		if (stmt->relations[i]->range_var->inh && add_children(t, table, names) == -1)
			return -1;
	}
	for (unsigned i = 0; i < names->count; i++) {
		struct definition_names children = { 0 }, none = { 0 };
		int result = define_find_children(t, root_name(t, names->names[i]), &none, &children);

		*references |= children.count > 0;
		for (unsigned n = 0; result == 0 && n < children.count; n++) {
			if (definition_names_has(names, children.names[n]))
				continue;
			if (!cascade)
				result = report_reference(t, names->names[i], children.names[n]);
			else if (definition_add_name(names, children.names[n]) == -1)
				result = translate_out_of_memory(t);
		}
		definition_names_free(&children);
		if (result == -1)
			return -1;
	}
	return 0;
}

/* Triggers of the partitions are fired with those of their tables. */
static int
add_partitions(struct translator *t, struct definition_names *names)
{
	struct definition_names schemas = { 0 };
	int result = 0;

	for (unsigned i = 0; result == 0 && i < names->count; i++) {
		const struct schema_table *table = schema_find_table(t->schema, NULL, names->names[i]);

		if (table != NULL && (table->partition != NULL || table->partition_key != NULL))
			result = define_add_partitions(t, table, names, &schemas);
	}
	definition_names_free(&schemas);
	return result;
}

/* Those with triggers for it, which are fired before and after all of them are emptied. */
static int
note_triggers(struct translator *t, const struct definition_names *names)
{
	struct dialect_fire *fire;

	if (schema_load_triggers(t->schema) == -1 || (fire = calloc(1, sizeof(*fire))) == NULL)
		return translate_out_of_memory(t);
	t->plan->fire = fire;
	fire->events = TRIGGER_TRUNCATE;
	if ((fire->members = calloc(names->count + 1, sizeof(*fire->members))) == NULL)
		return translate_out_of_memory(t);
	for (unsigned i = 0; i < names->count; i++) {
		const struct schema_table *table = schema_find_table(t->schema, NULL, names->names[i]);
		struct dialect_member *member = &fire->members[fire->nmembers];

		if (table == NULL || strcmp(table->schema, "public") != 0 ||
		    schema_trigger_types(t->schema, table->name, TRIGGER_TRUNCATE) == 0)
			continue;
		fire->nmembers++;
		if ((member->database = translator_plan_copy(t, table->schema)) == NULL ||
		    (member->relation = translator_plan_copy(t, table->name)) == NULL)
			return -1;
	}
	if (fire->nmembers > 0)
		return 0;
	dialect_fire_free(fire);
	t->plan->fire = NULL;
	return 0;
}

int
define_truncate(struct translator *t, const PgQuery__TruncateStmt *stmt)
{
	struct definition_names names = { 0 };
	bool references = false;
	int result = collect(t, stmt, &names, &references);

	/* Children and parents are emptied one after the other: keys are checked when all is done. */
	t->plan->rebuilds |= references;
	for (unsigned i = 0; result == 0 && i < names.count; i++) {
		const struct schema_table *table = schema_find_table(t->schema, NULL, names.names[i]);

		if (table != NULL)
			result = emit_truncate(t, table, stmt->restart_seqs);
	}
	if (result == 0 && (result = add_partitions(t, &names)) == 0)
		result = note_triggers(t, &names);
	definition_names_free(&names);
	return result;
}
