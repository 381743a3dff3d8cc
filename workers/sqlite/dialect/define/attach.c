/*
 * ATTACH PARTITION: the rows of a table become rows of the partitioned one, and its name that of a partition.
 */
#include <string.h>

#include "workers/sqlite/dialect/define/alter.h"
#include "workers/sqlite/dialect/define/attach.h"
#include "workers/sqlite/schema/inherit.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/partition.h"
#include "workers/sqlite/schema/trigger.h"

/* ---- whether it may ---- */

/* What the table has of triggers stays, and may not bear the name of one that is to be its own. */
static int
check_triggers(const struct attach *a)
{
	unsigned n;
	const struct schema_trigger *all;

	if (schema_load_triggers(a->t->schema) == -1)
		return translate_out_of_memory(a->t);
	all = schema_triggers(a->t->schema, &n);
	for (unsigned i = 0; i < n; i++) {
		const struct schema_trigger *theirs;

		if (strcmp(all[i].relation, a->child->name) != 0)
			continue;
		if ((all[i].type & TRIGGER_ROW) != 0 && (all[i].old_table != NULL || all[i].new_table != NULL)) {
			(void)translate_fail(a->t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "trigger \"%s\" prevents table \"%s\" from becoming a partition", all[i].name,
			    namespace_relation(a->child->name));
			report_detail(a->t->report,
			    "ROW triggers with transition tables are not supported on partitions.");
			return -1;
		}
		theirs = schema_find_trigger(a->t->schema, a->parent->name, all[i].name);
		if (theirs != NULL && (theirs->type & TRIGGER_ROW) != 0)
			return translate_fail(a->t, -1, SQLSTATE_DUPLICATE_OBJECT,
			    "trigger \"%s\" for relation \"%s\" already exists", all[i].name,
			    namespace_relation(a->child->name));
	}
	return 0;
}

static int
check_kind(struct attach *a)
{
	const char *name = namespace_relation(a->child->name);

	if (a->child->kind != 'r' && a->child->partition == NULL)
		return translate_fail(a->t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a table or foreign table",
		    name);
	if (a->child->partition != NULL && a->child != a->parent)
		return translate_fail(a->t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is already a partition", name);
	if (a->child == a->root || a->child == a->parent) {
		translate_fail(a->t, -1, SQLSTATE_DUPLICATE_TABLE, "circular inheritance not allowed");
		report_detail(a->t->report, "\"%s\" is already a child of \"%s\".", namespace_relation(a->parent->name),
		    name);
		return -1;
	}
	if (strcmp(a->child->schema, a->root->schema) != 0)
		return translate_fail(a->t, -1, SQLSTATE_WRONG_OBJECT_TYPE,
		    "cannot attach a %s relation as partition of %s relation \"%s\"",
		    strcmp(a->child->schema, "temp") == 0 ? "temporary" : "permanent",
		    strcmp(a->child->schema, "temp") == 0 ? "permanent" : "temporary",
		    namespace_relation(a->parent->name));
	if (check_triggers(a) == -1)
		return -1;
	if (a->child->inherits || schema_has_children(a->t->schema, a->child))
		return translate_fail(a->t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "cannot attach inheritance %s as partition",
		    a->child->inherits ? "child" : "parent");
	return a->parent->partition != NULL && a->parent->partition->own != NULL
	    ? translate_refuse(a->t, -1, "ATTACH PARTITION to a partition with constraints of its own")
	    : define_refuse_references(a->t, a->child, "ATTACH PARTITION of a table that foreign keys refer to");
}

static int
check_column(struct attach *a, const struct definition_column *parent)
{
	const struct definition_column *child = definition_find_column(&a->of_child, parent->name);
	const char *name = namespace_relation(a->child->name);

	if (child == NULL)
		return translate_fail(a->t, -1, SQLSTATE_DATATYPE_MISMATCH, "child table is missing column \"%s\"",
		    parent->name);
	if (child->oid != parent->oid || child->typmod != parent->typmod || child->domain != parent->domain)
		return translate_fail(a->t, -1, SQLSTATE_DATATYPE_MISMATCH,
		    "child table \"%s\" has different type for column \"%s\"", name, parent->name);
	if (parent->not_null && !child->not_null)
		return translate_fail(a->t, -1, SQLSTATE_DATATYPE_MISMATCH,
		    "column \"%s\" in child table must be marked NOT NULL", parent->name);
	if (parent->generated != NULL && child->generated == NULL)
		return translate_fail(a->t, -1, SQLSTATE_DATATYPE_MISMATCH,
		    "column \"%s\" in child table must be a generated column", parent->name);
	if (child->generated != NULL || child->identity == DEFINITION_IDENTITY ||
	    child->identity == DEFINITION_IDENTITY_ALWAYS)
		return parent->generated != NULL && strcmp(parent->generated, child->generated) == 0
		    ? 0
		    : translate_refuse(a->t, -1, "ATTACH PARTITION of a table with an identity or generated column");
	return 0;
}

static int
check_columns(struct attach *a)
{
	for (unsigned i = 0; i < a->of_child.ncolumns; i++)
		if (definition_find_column(&a->of_root, a->of_child.columns[i].name) == NULL) {
			translate_fail(a->t, -1, SQLSTATE_DATATYPE_MISMATCH,
			    "table \"%s\" contains column \"%s\" not found in parent \"%s\"",
			    namespace_relation(a->child->name), a->of_child.columns[i].name,
			    namespace_relation(a->parent->name));
			report_detail(a->t->report,
			    "The new partition may contain only the columns present in parent.");
			return -1;
		}
	for (unsigned i = 0; i < a->of_root.ncolumns; i++)
		if (check_column(a, &a->of_root.columns[i]) == -1)
			return -1;
	return 0;
}

/* ---- the script ---- */

static int
emit_row_check(struct attach *a, const struct partition_tree *tree, const struct partition *made)
{
	struct sql_text condition = { 0 };
	struct expression e;
	int result;

	if (translate_emit(a->t, "SELECT bibd_unattachable(") == -1 ||
	    translate_emit_string(a->t, a->child->name) == -1 || translate_emit(a->t, ") FROM ") == -1 ||
	    define_emit_relation(a->t, a->child->schema, a->child->name) == -1 ||
	    translate_emit(a->t, " WHERE NOT (") == -1)
		return -1;
	result = partition_put_whole_condition(a->t, tree, made, &condition);
	if (result == 0)
		result = partition_emit_text(a->t, a->child, a->child->name, false, condition.data, &e);
	sql_text_free(&condition);
	return result == -1 ? -1 : translate_emit(a->t, ");\n");
}

static int
emit_names(struct attach *a, const char *before)
{
	for (unsigned i = 0; i < a->of_child.ncolumns; i++) {
		if (a->of_child.columns[i].generated != NULL)
			continue;
		if (translate_emit(a->t, before) == -1 || translate_identifier(a->t, a->of_child.columns[i].name) == -1)
			return -1;
		before = ", ";
	}
	return 0;
}

static int
emit_move(struct attach *a)
{
	if (translate_emit(a->t, "INSERT INTO ") == -1 ||
	    define_emit_relation(a->t, a->root->schema, a->root->name) == -1 || emit_names(a, " (") == -1 ||
	    translate_emit(a->t, ") SELECT ") == -1 || emit_names(a, "") == -1 ||
	    translate_emit(a->t, " FROM ") == -1 ||
	    define_emit_relation(a->t, a->child->schema, a->child->name) == -1 ||
	    translate_emit(a->t, ";\nDROP TABLE ") == -1 ||
	    define_emit_relation(a->t, a->child->schema, a->child->name) == -1)
		return -1;
	return translate_emit(a->t, ";\n");
}

static void
append(struct partition_tree *tree, struct partition *list)
{
	struct partition **end = &tree->partitions;

	while (*end != NULL)
		end = &(*end)->next;
	*end = list;
}

static int
emit_views(struct attach *a, struct partition_tree *tree, const struct partition *made)
{
	struct definition_names columns = { 0 };
	unsigned i = 0;
	int result = 0;

	for (unsigned n = 0; result == 0 && n < a->of_child.ncolumns; n++)
		if (definition_add_name(&columns, a->of_child.columns[n].name) == -1)
			result = translate_out_of_memory(a->t);
	if (result == 0)
		result = define_emit_partition(a->t, tree, made, &columns);
	for (const struct partition *p = made->next; result == 0 && p != NULL; p = p->next)
		result = define_emit_partition(a->t, tree, p, &a->below.columns[i++]);
	definition_names_free(&columns);
	return result;
}

static int
emit_all(struct attach *a, struct partition_tree *tree, struct partition *made)
{
	append(tree, made);
	if (define_emit_default_check(a->t, tree, made) == -1 || emit_row_check(a, tree, made) == -1 ||
	    (a->child->partition_key != NULL && define_partitions_take(a->t, a->child, &a->below) == -1) ||
	    define_drop_partition_triggers(a->t, a->root) == -1 ||
	    define_set_triggers_aside(a->t, a->root, true) == -1 || emit_move(a) == -1)
		return -1;
	made->next = a->below.tree.partitions;
	if ((strcmp(made->bound, "DEFAULT") != 0 && define_remake_default(a->t, tree, made->parent) == -1) ||
	    emit_views(a, tree, made) == -1 || define_emit_partition_triggers(a->t, tree) == -1)
		return -1;
	return define_set_triggers_aside(a->t, a->root, false);
}

static int
attach(struct attach *a, const PgQuery__PartitionCmd *command)
{
	struct partition *made = translator_alloc(a->t, sizeof(*made));
	struct partition_tree tree;

	if (made == NULL || define_load(a->t, a->root, &a->of_root) == -1 ||
	    define_load(a->t, a->child, &a->of_child) == -1 || check_columns(a) == -1 || attach_check_checks(a) == -1 ||
	    partition_load(a->t, a->root, &tree) == -1)
		return -1;
	*made = (struct partition) { .name = a->child->name,
		.parent = a->parent->name,
		.key = a->child->partition_key,
		.bound = define_partition_bound(a->t, &tree, a->parent->name, namespace_relation(a->child->name),
		    command->bound) };
	if (made->bound == NULL || (made->key != NULL && define_check_keys(a->t, &a->of_root, made->key) == -1) ||
	    attach_take_own(a) == -1)
		return -1;
	made->own = a->own.length == 0 ? NULL : translator_copy(a->t, a->own.data);
	return emit_all(a, &tree, made);
}

/* Its rows would come, or go, unseen by a key that is DEFERRABLE. */
static int
check_late(struct translator *t, const struct schema_table *root)
{
	struct definition d;
	bool late = false;

	if (define_load(t, root, &d) == -1)
		return -1;
	for (unsigned i = 0; i < d.nconstraints; i++)
		late |= definition_is_late(&d.constraints[i]);
	definition_free(&d);
	return late ? translate_refuse(t, -1, "ATTACH or DETACH PARTITION of a table with a deferrable key") : 0;
}

int
alter_attach(struct translator *t, const struct schema_table *table, const PgQuery__AlterTableCmd *command)
{
	const PgQuery__PartitionCmd *partition = command->def->partition_cmd;
	struct attach a = { .t = t, .parent = table };
	const struct schema_table *root;
	int result = -1;

	if (table->partition_key == NULL && command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AttachPartition)
		return translate_fail(t, -1, SQLSTATE_INVALID_OBJECT_DEFINITION, "table \"%s\" is not partitioned",
		    namespace_relation(table->name));
	root = table->partition_key == NULL ? NULL : partition_root(t, table);
	if (table->partition_key != NULL && (root == NULL || check_late(t, root) == -1))
		return -1;
	if (command->subtype != PG_QUERY__ALTER_TABLE_TYPE__AT_AttachPartition)
		return alter_detach(t, table, partition);
	a.root = root;
	if ((a.child = translate_find_changed(t, partition->name)) != NULL && check_kind(&a) == 0)
		result = attach(&a, partition);
	definition_free(&a.of_root);
	definition_free(&a.of_child);
	define_partitions_free(&a.below);
	sql_text_free(&a.own);
	return result;
}
