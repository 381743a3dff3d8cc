/*
 * DETACH PARTITION: its rows move to a table of their own, which is then what the partition was.
 */
#include <string.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/dialect/define/alter.h"
#include "workers/sqlite/dialect/define/like.h"
#include "workers/sqlite/schema/names.h"

struct detach {
	struct translator *t;
	const struct schema_table *root;
	struct partition_tree tree;
	struct partition *gone;	      /* that is detached */
	struct partition *below;      /* what lies below it */
	struct definition d;	      /* the table that it becomes */
	struct definition_names made; /* indexes */
};

/* Those below it leave the tree with it. */
static void
cut(struct detach *x)
{
	struct partition **end = &x->below;

	for (struct partition **at = &x->tree.partitions; *at != NULL;) {
		struct partition *p = *at, *above = p;

		while (above != NULL && above != x->gone)
			above = partition_find(&x->tree, above->parent);
		if (p == x->gone || above == NULL) {
			at = &p->next;
			continue;
		}
		*at = p->next;
		p->next = NULL;
		*end = p;
		end = &p->next;
	}
	for (struct partition **at = &x->tree.partitions; *at != NULL; at = &(*at)->next)
		if (*at == x->gone) {
			*at = x->gone->next;
			break;
		}
}

static int
emit_names(struct detach *x, const char *before)
{
	for (unsigned i = 0; i < x->d.ncolumns; i++) {
		if (x->d.columns[i].generated != NULL)
			continue;
		if (translate_emit(x->t, before) == -1 || translate_identifier(x->t, x->d.columns[i].name) == -1)
			return -1;
		before = ", ";
	}
	return 0;
}

/* The condition is that of the whole tree: it is written before the tree is cut. */
static int
emit_move(struct detach *x)
{
	if (define_settle(x->t, &x->d) == -1 || define_emit_table(x->t, &x->d, x->root->schema, x->d.name) == -1 ||
	    translate_emit(x->t, "INSERT INTO ") == -1 ||
	    define_emit_relation(x->t, x->root->schema, x->d.name) == -1 || emit_names(x, " (") == -1 ||
	    translate_emit(x->t, ") SELECT ") == -1 || emit_names(x, "") == -1 ||
	    translate_emit(x->t, " FROM ") == -1 || define_emit_partition_rows(x->t, &x->tree, x->gone) == -1 ||
	    translate_emit(x->t, ";\nDELETE FROM ") == -1 || define_emit_partition_rows(x->t, &x->tree, x->gone) == -1)
		return -1;
	return translate_emit(x->t, ";\n");
}

static int
emit_indexes(struct detach *x)
{
	struct schema_objects objects;
	int result = 0;

	if (schema_list_objects(schema_database(x->t->schema), x->root->schema, x->root->name, &objects) == -1)
		return translate_out_of_memory(x->t);
	for (unsigned i = 0; result == 0 && i < objects.count; i++)
		if (objects.items[i].type == 'i' && objects.items[i].sql != NULL)
			result = define_copy_index(x->t, x->root->schema, x->d.name, &objects.items[i], &x->made);
	schema_objects_free(&objects);
	return result;
}

/* The partitions below the detached one have that one as their root now: their definitions are written anew. */
static int
emit_below(struct detach *x)
{
	const struct schema_table *root = define_scope_table(x->t, &x->d);
	struct partition_tree tree = { .root = root, .partitions = x->below };

	if (root == NULL)
		return -1;
	for (const struct partition *p = x->below; p != NULL; p = p->next) {
		struct definition_names columns = { 0 };
		int result = define_partition_columns(x->t, &tree, p, &columns);

		if (result == 0)
			result = define_emit_partition(x->t, &tree, p, &columns);
		definition_names_free(&columns);
		if (result == -1)
			return -1;
	}
	return define_emit_partition_triggers(x->t, &tree);
}

static int
detach(struct detach *x)
{
	sqlite3 *db = schema_database(x->t->schema);

	if (define_refuse_references(x->t, x->root, "DETACH PARTITION of a table that foreign keys refer to") == -1)
		return -1;
	if (catalog_load_definition(db, x->root->schema, x->gone->name, &x->d) == -1)
		return translate_out_of_memory(x->t);
	for (unsigned i = 0; i < x->d.ncolumns; i++)
		x->d.columns[i].identity = DEFINITION_PLAIN;
	if (define_drop_partition_views(x->t, &x->tree, x->gone->name) == -1 ||
	    define_set_triggers_aside(x->t, x->root, true) == -1 || emit_move(x) == -1 || emit_indexes(x) == -1)
		return -1;
	cut(x);
	if (define_remake_default(x->t, &x->tree, x->gone->parent) == -1 ||
	    define_emit_partition_triggers(x->t, &x->tree) == -1 ||
	    define_set_triggers_aside(x->t, x->root, false) == -1)
		return -1;
	return x->gone->key == NULL ? 0 : emit_below(x);
}

static int
check_concurrent(struct detach *x)
{
	x->t->plan->alone = true;
	for (const struct partition *p = x->tree.partitions; p != NULL; p = p->next)
		if (strcmp(p->parent, x->gone->parent) == 0 && strcmp(p->bound, "DEFAULT") == 0)
			return translate_fail(x->t, -1, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
			    "cannot detach partitions concurrently when a default partition exists");
	return 0;
}

int
alter_detach(struct translator *t, const struct schema_table *table, const PgQuery__PartitionCmd *command)
{
	struct detach x = { .t = t };
	const struct schema_table *child;
	int result;

	if (table->partition_key == NULL)
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "table \"%s\" is not partitioned",
		    namespace_relation(table->name));
	if ((x.root = partition_root(t, table)) == NULL || partition_load(t, x.root, &x.tree) == -1 ||
	    (child = translate_find_changed(t, command->name)) == NULL)
		return -1;
	x.gone = partition_find(&x.tree, child->name);
	if (x.gone == NULL || strcmp(x.gone->parent, table->name) != 0)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_TABLE,
		    "relation \"%s\" is not a partition of relation \"%s\"", namespace_relation(child->name),
		    namespace_relation(table->name));
	if (command->concurrent && check_concurrent(&x) == -1)
		return -1;
	result = detach(&x);
	definition_free(&x.d);
	definition_names_free(&x.made);
	return result;
}
