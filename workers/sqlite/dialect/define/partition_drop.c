/*
 * DROP TABLE and TRUNCATE of partitions: their rows are deleted from the table that has them.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/partition.h"
#include "workers/sqlite/dialect/define/trigger.h"
#include "workers/sqlite/schema/partition.h"

/* Whether the trigger is not one that sees to where rows go. */
static bool
is_clients_trigger(const struct schema_object *object)
{
	return object->type == 'r' && object->sql != NULL &&
	    strncmp(object->name, PARTITION_TRIGGER, strlen(PARTITION_TRIGGER)) != 0;
}

/* Rows that are moved by DDL fire no triggers. */
int
define_set_triggers_aside(struct translator *t, const struct schema_table *root, bool aside)
{
	struct schema_objects objects;
	int result = 0;

	if (schema_list_objects(schema_database(t->schema), root->schema, root->name, &objects) == -1)
		return translate_out_of_memory(t);
	for (unsigned i = 0; result == 0 && i < objects.count; i++) {
		if (!is_clients_trigger(&objects.items[i]))
			continue;
		if (aside)
			result = translate_emit(t, "DROP TRIGGER ") == -1 ||
				define_emit_relation(t, root->schema, objects.items[i].name) == -1
			    ? -1
			    : translate_emit(t, ";\n");
		else
			result = translate_emit(t, objects.items[i].sql) == -1 ? -1 : translate_emit(t, ";\n");
	}
	schema_objects_free(&objects);
	return result;
}

int
define_emit_partition_rows(struct translator *t, const struct partition_tree *tree, const struct partition *partition)
{
	struct sql_text condition = { 0 };
	struct expression e;
	int result = partition_put_whole_condition(t, tree, partition, &condition);

	if (result == 0)
		result = define_emit_relation(t, tree->root->schema, tree->root->name) == -1 ||
			translate_emit(t, " WHERE ") == -1
		    ? -1
		    : partition_emit_text(t, tree->root, tree->root->name, false, condition.data, &e);
	sql_text_free(&condition);
	return result;
}

/* Foreign keys that refer to the rows know nothing of partitions. */
int
define_refuse_references(struct translator *t, const struct schema_table *root, const char *what)
{
	struct definition_names none = { 0 }, children = { 0 };
	int result = define_find_children(t, root->name, &none, &children);

	if (result == 0 && children.count > 0)
		result = translate_refuse(t, -1, what);
	definition_names_free(&children);
	return result;
}

static int
emit_delete(struct translator *t, const struct partition_tree *tree, const struct partition *partition)
{
	return translate_emit(t, "DELETE FROM ") == -1 || define_emit_partition_rows(t, tree, partition) == -1
	    ? -1
	    : translate_emit(t, ";\n");
}

int
define_truncate_partition(struct translator *t, const struct schema_table *table)
{
	const struct schema_table *root = partition_root(t, table);
	struct partition_tree tree;
	const struct partition *own;

	if (root == NULL || partition_load(t, root, &tree) == -1 ||
	    (own = partition_find(&tree, table->name)) == NULL || define_set_triggers_aside(t, root, true) == -1 ||
	    emit_delete(t, &tree, own) == -1)
		return -1;
	return define_set_triggers_aside(t, root, false);
}

int
define_add_partitions(struct translator *t, const struct schema_table *table, struct definition_names *names,
    struct definition_names *schemas)
{
	const struct schema_table *root = partition_root(t, table);
	struct partition_tree tree;

	if (root == NULL || partition_load(t, root, &tree) == -1)
		return -1;
	for (const struct partition *p = tree.partitions; p != NULL; p = p->next) {
		if (!definition_names_has(names, p->parent) || definition_names_has(names, p->name))
			continue;
		if (definition_add_name(names, p->name) == -1 || definition_add_name(schemas, table->schema) == -1)
			return translate_out_of_memory(t);
	}
	return 0;
}

/* Takes those that are dropped out of the tree; their parents, where those stay, go to *parents. */
static int
cut(struct translator *t, struct partition_tree *tree, const struct definition_names *names,
    struct definition_names *parents)
{
	for (struct partition **at = &tree->partitions; *at != NULL;) {
		if (!definition_names_has(names, (*at)->name)) {
			at = &(*at)->next;
			continue;
		}
		if (!definition_names_has(names, (*at)->parent) && !definition_names_has(parents, (*at)->parent) &&
		    definition_add_name(parents, (*at)->parent) == -1)
			return translate_out_of_memory(t);
		*at = (*at)->next;
	}
	return 0;
}

/* Those of one root, which stays. */
static int
drop_of(struct translator *t, const struct schema_table *root, const struct definition_names *names)
{
	struct definition_names parents = { 0 };
	struct partition_tree tree;
	int result = partition_load(t, root, &tree);

	if (result == 0)
		result = define_refuse_references(t, root, "DROP of a partition of a table that foreign keys refer to");
	if (result == 0)
		result = define_set_triggers_aside(t, root, true);
	for (const struct partition *p = tree.partitions; result == 0 && p != NULL; p = p->next)
		if (definition_names_has(names, p->name) && !definition_names_has(names, p->parent))
			result = emit_delete(t, &tree, p);
	for (const struct partition *p = tree.partitions; result == 0 && p != NULL; p = p->next)
		if (definition_names_has(names, p->name))
			result = translate_emit(t, "DROP VIEW ") == -1 ||
				define_emit_relation(t, root->schema, p->name) == -1
			    ? -1
			    : translate_emit(t, ";\n");
	if (result == 0)
		result = cut(t, &tree, names, &parents);
	for (unsigned i = 0; result == 0 && i < parents.count; i++)
		result = define_remake_default(t, &tree, parents.names[i]);
	if (result == 0)
		result = define_emit_partition_triggers(t, &tree);
	if (result == 0)
		result = define_set_triggers_aside(t, root, false);
	definition_names_free(&parents);
	return result;
}

int
define_drop_partition_own_triggers(struct translator *t, const struct schema_table *root, const char *name)
{
	struct partition_tree tree;

	if (strcmp(root->schema, "public") != 0)
		return 0;
	if (partition_load(t, root, &tree) == -1)
		return -1;
	for (const struct partition *p = tree.partitions; p != NULL; p = p->next) {
		const struct partition *at = p;

		while (at != NULL && strcmp(at->name, name) != 0 && strcmp(root->name, name) != 0)
			at = partition_find(&tree, at->parent);
		if (at != NULL && define_drop_triggers(t, p->name) == -1)
			return -1;
	}
	return 0;
}

/* Drops a partition with all those of the same table; *done: the tables that were seen to. */
int
define_drop_partition(struct translator *t, const struct schema_table *table, const struct definition_names *names,
    struct definition_names *done)
{
	const struct schema_table *root = partition_root(t, table);

	if (root == NULL || define_drop_partition_own_triggers(t, root, table->name) == -1)
		return -1;
	if (definition_names_has(names, root->name))
		return translate_emit(t, "DROP VIEW ") == -1 ||
			define_emit_relation(t, table->schema, table->name) == -1
		    ? -1
		    : translate_emit(t, ";\n");
	if (definition_names_has(done, root->name))
		return 0;
	if (definition_add_name(done, root->name) == -1)
		return translate_out_of_memory(t);
	return drop_of(t, root, names);
}
