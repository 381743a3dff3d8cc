/*
 * CREATE TABLE ... PARTITION OF, and what is made again whenever a tree of partitions changes: views and triggers.
 */
#include "workers/sqlite/dialect/define/partition.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/deparse/deparse.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/partition.h"

/* ---- views ---- */

/* The same in PostgreSQL's words, which is kept: what is written through the view is translated from it. */
static const char *
view_text(struct translator *t, const struct partition_tree *tree, const struct definition_names *columns,
    const char *condition)
{
	const struct schema_table *root = tree->root;
	struct sql_text out = { 0 };
	char schema[NAMESPACE_BYTES];
	const char *text;

	namespace_of(root->name, schema);
	for (unsigned i = 0; i < columns->count; i++) {
		sql_text_put(&out, i == 0 ? "SELECT " : ", ");
		sql_text_put_identifier(&out, columns->names[i]);
	}
	sql_text_put(&out, " FROM ");
	if (strcmp(root->schema, "temp") != 0)
		sql_text_format(&out, "%c%s%c", KEPT_SCHEMA_BEGIN, deparse_name(t, schema), KEPT_SCHEMA_END);
	sql_text_put_identifier(&out, namespace_relation(root->name));
	sql_text_format(&out, " WHERE %s", condition);
	text = out.failed ? NULL : translator_copy(t, out.data);
	sql_text_free(&out);
	return text;
}

/* SQLite's query; malloc'ed. */
static char *
view_query(struct translator *t, const struct partition_tree *tree, const struct definition_names *columns,
    const char *condition)
{
	size_t from = t->out.length;
	struct expression e;

	for (unsigned i = 0; i < columns->count; i++)
		if (translate_emit(t, i == 0 ? "SELECT " : ", ") == -1 ||
		    translate_identifier(t, columns->names[i]) == -1)
			return NULL;
	if (translate_emit(t, " FROM ") == -1 || translate_identifier(t, tree->root->name) == -1 ||
	    translate_emit(t, " WHERE ") == -1 ||
	    partition_emit_text(t, tree->root, tree->root->name, false, condition, &e) == -1)
		return NULL;
	return define_take(t, from);
}

static int
emit_columns(struct translator *t, const struct partition_tree *tree, const struct definition_names *columns)
{
	for (unsigned i = 0; i < columns->count; i++)
		if (translate_emit(t, i == 0 ? " (" : ", ") == -1 || translate_identifier(t, columns->names[i]) == -1)
			return -1;
	if (translate_emit(t, ") AS " SCHEMA_VIEW_TYPES) == -1)
		return -1;
	for (unsigned i = 0; i < columns->count; i++) {
		const struct schema_column *column = schema_find_column(tree->root, columns->names[i]);

		if (column == NULL)
			return translate_fail(t, -1, SQLSTATE_INTERNAL_ERROR,
			    "column \"%s\" of a partition was not found", columns->names[i]);
		if (translate_emit_format(t, "%u:%d ", (unsigned)(column->domain != 0 ? column->domain : column->oid),
			column->domain != 0 ? -1 : (int)column->typmod) == -1)
			return -1;
	}
	return translate_emit(t, SCHEMA_VIEW_CANONICAL "*/ ");
}

static int
emit_text_of_view(struct translator *t, const struct partition *partition, const char *kept, const char *query)
{
	const struct schema_partition marked = { .parent = (char *)(uintptr_t)partition->parent,
		.bound = (char *)(uintptr_t)partition->bound,
		.key = (char *)(uintptr_t)partition->key,
		.own = (char *)(uintptr_t)partition->own };
	char *mark = schema_partition_mark(&marked), *comment = kept_comment(kept, kept, false, NULL, query);
	int result = mark == NULL || comment == NULL ? translate_out_of_memory(t)
	    : translate_emit(t, mark) == -1 || translate_emit(t, comment) == -1 || translate_emit(t, query) == -1
	    ? -1
	    : translate_emit(t, ";\n");

	free(mark);
	free(comment);
	return result;
}

int
define_emit_partition(struct translator *t, const struct partition_tree *tree, const struct partition *partition,
    const struct definition_names *columns)
{
	bool temporary = strcmp(tree->root->schema, "temp") == 0;
	struct sql_text condition = { 0 };
	const char *kept = NULL;
	char *query = NULL;
	int result = -1;

	if (partition_put_whole_condition(t, tree, partition, &condition) == 0 && !condition.failed &&
	    (kept = view_text(t, tree, columns, condition.data)) != NULL &&
	    (query = view_query(t, tree, columns, condition.data)) != NULL)
		result = translate_emit(t, temporary ? "CREATE TEMP VIEW " : "CREATE VIEW ");
	if (result == 0)
		result = temporary ? translate_identifier(t, partition->name)
				   : define_emit_relation(t, tree->root->schema, partition->name);
	if (result == 0)
		result = emit_columns(t, tree, columns);
	if (result == 0)
		result = emit_text_of_view(t, partition, kept, query);
	sql_text_free(&condition);
	free(query);
	return result;
}

/* Whether it is, or lies below, the one of that name; NULL: all do. */
static bool
is_below(const struct partition_tree *tree, const struct partition *p, const char *name)
{
	while (name != NULL && p != NULL && strcmp(p->name, name) != 0)
		p = partition_find(tree, p->parent);
	return p != NULL;
}

int
define_drop_partition_views(struct translator *t, const struct partition_tree *tree, const char *name)
{
	for (const struct partition *p = tree->partitions; p != NULL; p = p->next)
		if (is_below(tree, p, name) &&
		    (translate_emit(t, "DROP VIEW ") == -1 ||
			define_emit_relation(t, tree->root->schema, p->name) == -1 || translate_emit(t, ";\n") == -1))
			return -1;
	return 0;
}

int
define_partition_columns(struct translator *t, const struct partition_tree *tree, const struct partition *p,
    struct definition_names *columns)
{
	const struct schema_table *view = schema_find_table(t->schema, tree->root->schema, p->name);

	*columns = (struct definition_names) { 0 };
	for (unsigned i = 0; view != NULL && i < view->ncolumns; i++)
		if (definition_add_name(columns, view->columns[i].name) == -1)
			return translate_out_of_memory(t);
	return view == NULL ? -1 : 0;
}

/* The default partition takes what is left: its condition, and that of all below it, changes with the others. */
int
define_remake_default(struct translator *t, const struct partition_tree *tree, const char *parent)
{
	const struct partition *rest = NULL;
	int result = 0;

	for (const struct partition *p = tree->partitions; p != NULL; p = p->next)
		if (strcmp(p->parent, parent) == 0 && strcmp(p->bound, "DEFAULT") == 0)
			rest = p;
	if (rest == NULL || define_drop_partition_views(t, tree, rest->name) == -1)
		return rest == NULL ? 0 : -1;
	for (const struct partition *p = tree->partitions; result == 0 && p != NULL; p = p->next) {
		struct definition_names columns = { 0 };

		if (!is_below(tree, p, rest->name))
			continue;
		result = define_partition_columns(t, tree, p, &columns);
		if (result == 0)
			result = define_emit_partition(t, tree, p, &columns);
		definition_names_free(&columns);
	}
	return result;
}

/* ---- CREATE TABLE ... PARTITION OF ---- */

/* The table that it is to be a partition of. */
static const struct schema_table *
find_parent(struct translator *t, const PgQuery__CreateStmt *stmt)
{
	const PgQuery__RangeVar *relation = stmt->inh_relations[0]->range_var;
	const struct schema_table *parent = translate_find_changed(t, relation);

	if (parent != NULL && parent->partition_key == NULL) {
		(void)translate_fail(t, -1, SQLSTATE_INVALID_OBJECT_DEFINITION, "\"%s\" is not partitioned",
		    namespace_relation(parent->name));
		return NULL;
	}
	return parent;
}

/* A partition that is partitioned itself: by columns of the root. */
static int
read_own_key(struct translator *t, const PgQuery__CreateStmt *stmt, const struct schema_table *root,
    struct partition *p)
{
	struct definition d;
	int result;

	if (stmt->partspec == NULL)
		return 0;
	if (define_load(t, root, &d) == -1)
		return -1;
	p->key = define_partition_key(t, &d, stmt->partspec);
	result = p->key == NULL ? -1 : define_check_keys(t, &d, p->key);
	definition_free(&d);
	return result;
}

int
define_emit_default_check(struct translator *t, const struct partition_tree *tree, const struct partition *made)
{
	for (const struct partition *p = tree->partitions; p != NULL; p = p->next) {
		struct sql_text condition = { 0 };
		struct expression e;
		int result;

		if (strcmp(p->parent, made->parent) != 0 || strcmp(p->bound, "DEFAULT") != 0 || p == made)
			continue;
		if (translate_emit(t, "SELECT bibd_default_overlaps(") == -1 ||
		    translate_emit_string(t, p->name) == -1 || translate_emit(t, ") FROM ") == -1 ||
		    define_emit_relation(t, tree->root->schema, tree->root->name) == -1 ||
		    translate_emit(t, " WHERE ") == -1 ||
		    partition_put_whole_condition(t, tree, made, &condition) == -1)
			return -1;
		result = partition_emit_text(t, tree->root, tree->root->name, false, condition.data, &e);
		sql_text_free(&condition);
		return result == -1 ? -1 : translate_emit(t, ";\n");
	}
	return 0;
}

/* Puts it at the end of the tree. */
static void
append(struct partition_tree *tree, struct partition *made)
{
	struct partition **end = &tree->partitions;

	while (*end != NULL)
		end = &(*end)->next;
	*end = made;
}

static int
emit_all(struct translator *t, struct partition_tree *tree, struct partition *made, const struct schema_table *parent)
{
	struct definition_names columns = { 0 };
	int result = 0;

	append(tree, made);
	for (unsigned i = 0; result == 0 && i < parent->ncolumns; i++)
		if (definition_add_name(&columns, parent->columns[i].name) == -1)
			result = translate_out_of_memory(t);
	if (result == 0)
		result = define_emit_default_check(t, tree, made);
	if (result == 0 && made->key != NULL)
		result = define_emit_key_check(t, tree->root, made->key);
	if (result == 0 && strcmp(made->bound, "DEFAULT") != 0) {
		made->next = NULL;
		result = define_remake_default(t, tree, made->parent);
	}
	if (result == 0)
		result = define_emit_partition(t, tree, made, &columns);
	if (result == 0)
		result = define_emit_partition_triggers(t, tree);
	definition_names_free(&columns);
	return result;
}

static int
check_persistence(struct translator *t, const struct schema_table *parent, const char *schema)
{
	if (strcmp(parent->schema, schema) == 0)
		return 0;
	return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE,
	    strcmp(schema, "temp") == 0
		? "cannot create a temporary relation as partition of permanent relation \"%s\""
		: "cannot create a permanent relation as partition of temporary relation \"%s\"",
	    namespace_relation(parent->name));
}

int
define_create_partition(struct translator *t, const PgQuery__CreateStmt *stmt)
{
	struct partition *made = translator_alloc(t, sizeof(*made));
	const struct schema_table *parent, *root;
	struct partition_tree tree;
	const char *schema, *name;
	bool skip = false;

	if (made == NULL || define_new_relation(t, stmt->relation, &schema, &name) == -1 ||
	    define_set_target(t, name) == -1 ||
	    (stmt->if_not_exists && define_check_free(t, schema, name, true, &skip) == -1))
		return -1;
	if (skip)
		return 0;
	if ((parent = find_parent(t, stmt)) == NULL || (root = partition_root(t, parent)) == NULL ||
	    partition_load(t, root, &tree) == -1 || check_persistence(t, parent, schema) == -1)
		return -1;
	*made = (struct partition) { .name = name, .parent = parent->name };
	if (define_partition_own(t, root, name, stmt, &made->own) == -1 ||
	    (made->bound = define_partition_bound(t, &tree, parent->name, namespace_relation(name), stmt->partbound)) ==
		NULL)
		return -1;
	if (read_own_key(t, stmt, root, made) == -1 || define_check_free(t, schema, name, false, &skip) == -1)
		return -1;
	return emit_all(t, &tree, made, parent);
}
