/*
 * Which partition a row is in, as SQLite's CASE; and what follows from it: tableoid.
 */
#include <string.h>

#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/dialect/partition.h"
#include "workers/sqlite/schema/partition.h"

static int
emit_condition(struct translator *t, const struct partition_choice *choice, const struct partition *partition)
{
	const struct schema_table *table = choice->table != NULL ? choice->table : choice->tree->root;
	struct sql_text text = { 0 };
	struct expression e;
	int result = partition_put_condition(t, choice->tree, partition, &text);

	if (result == 0)
		result = text.failed ? translate_out_of_memory(t)
				     : partition_emit_text(t, table, choice->alias, choice->bare, text.data, &e);
	sql_text_free(&text);
	return result;
}

static int
emit_within(struct translator *t, const struct partition_choice *choice, const struct partition *partition)
{
	bool any = false;
	size_t start = t->out.length;

	if (choice->enter != NULL && choice->enter(t, choice, partition, &any) == -1)
		return -1;
	if (any) {
		sql_text_insert(&t->out, start, "CASE");
		if (translate_emit(t, " ELSE ") == -1)
			return -1;
	}
	if ((partition->key == NULL ? choice->leaf(t, choice, partition)
				    : partition_emit_choice(t, choice, partition->name)) == -1)
		return -1;
	return translate_emit(t, any ? " END" : "");
}

/* The default partition takes what no other does: it stands behind ELSE. */
int
partition_emit_choice(struct translator *t, const struct partition_choice *choice, const char *name)
{
	const struct partition *rest = NULL;
	bool any = false;

	for (const struct partition *p = choice->tree->partitions; p != NULL; p = p->next) {
		if (strcmp(p->parent, name) != 0)
			continue;
		if (strcmp(p->bound, "DEFAULT") == 0) {
			rest = p;
			continue;
		}
		if (translate_emit(t, any ? " WHEN " : "CASE WHEN ") == -1 || emit_condition(t, choice, p) == -1 ||
		    translate_emit(t, " THEN ") == -1 || emit_within(t, choice, p) == -1)
			return -1;
		any = true;
	}
	if (any && translate_emit(t, " ELSE ") == -1)
		return -1;
	if ((rest != NULL ? emit_within(t, choice, rest) : choice->none(t, choice, name)) == -1)
		return -1;
	return translate_emit(t, any ? " END" : "");
}

/* ---- tableoid ---- */

static int
emit_oid(struct translator *t, const struct partition_choice *choice, const struct partition *partition)
{
	return translate_emit_format(t, "%u", catalog_object_oid(choice->tree->root->schema, partition->name));
}

static int
emit_null(struct translator *t, const struct partition_choice *choice, const char *name)
{
	(void)choice;
	(void)name;
	return translate_emit(t, "NULL");
}

int
partition_emit_tableoid(struct translator *t, const struct schema_table *table, const char *alias, bool bare)
{
	const struct schema_table *root = partition_root(t, table);
	struct partition_tree tree;
	struct partition_choice choice = { .tree = &tree,
		.table = table,
		.alias = alias,
		.bare = bare,
		.leaf = emit_oid,
		.none = emit_null };

	if (root == NULL || partition_load(t, root, &tree) == -1 || translate_emit(t, "(") == -1 ||
	    partition_emit_choice(t, &choice, table->name) == -1)
		return -1;
	return translate_emit(t, ")");
}
