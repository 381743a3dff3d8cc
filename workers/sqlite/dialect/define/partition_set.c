/*
 * All partitions of a table while it is altered: their views and triggers go before it, and are made again after it,
 * for the table that there is then.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/comment.h"
#include "workers/sqlite/dialect/define/partition.h"
#include "workers/sqlite/dialect/deparse/deparse.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/partition.h"

static int
read_columns(struct translator *t, struct define_partitions *set)
{
	unsigned i = 0;

	for (const struct partition *p = set->tree.partitions; p != NULL; p = p->next)
		set->n++;
	if ((set->columns = calloc(set->n + 1, sizeof(*set->columns))) == NULL)
		return translate_out_of_memory(t);
	for (const struct partition *p = set->tree.partitions; p != NULL; p = p->next)
		if (define_partition_columns(t, &set->tree, p, &set->columns[i++]) == -1)
			return -1;
	return 0;
}

/* What reads a partition would have to follow it. */
static int
refuse_views(struct translator *t, const struct define_partitions *set)
{
	struct definition_names none = { 0 }, views = { 0 };
	int result = 0;

	for (const struct partition *p = set->tree.partitions; result == 0 && p != NULL; p = p->next) {
		result = define_find_views(t, p->name, &none, &views);
		if (result == 0)
			result = define_find_temporary_views(t, set->tree.root->schema, p->name, &none, &views);
	}
	if (result == 0 && views.count > 0)
		result = translate_refuse(t, -1, "altering a table with a partition that a view reads");
	definition_names_free(&views);
	return result;
}

int
define_partitions_take(struct translator *t, const struct schema_table *root, struct define_partitions *set)
{
	*set = (struct define_partitions) { .n = 0 };
	if (partition_load(t, root, &set->tree) == -1 || read_columns(t, set) == -1 || refuse_views(t, set) == -1 ||
	    define_drop_partition_views(t, &set->tree, NULL) == -1)
		return -1;
	return define_drop_partition_triggers(t, root);
}

int
define_partitions_make(struct translator *t, struct define_partitions *set, const struct schema_table *root)
{
	unsigned i = 0;

	set->tree.root = root;
	for (const struct partition *p = set->tree.partitions; p != NULL; p = p->next)
		if (define_emit_partition(t, &set->tree, p, &set->columns[i++]) == -1)
			return -1;
	return define_emit_partition_triggers(t, &set->tree);
}

void
define_partitions_free(struct define_partitions *set)
{
	for (unsigned i = 0; set->columns != NULL && i < set->n; i++)
		definition_names_free(&set->columns[i]);
	free(set->columns);
	*set = (struct define_partitions) { .n = 0 };
}

/* ---- columns ---- */

static void
remove_name(struct definition_names *names, unsigned i)
{
	free(names->names[i]);
	memmove(&names->names[i], &names->names[i + 1], (--names->count - i) * sizeof(names->names[0]));
}

static void
put_own(struct sql_text *out, const struct schema_partition_own *own, const char *name)
{
	sql_text_format(out, "%c%s", own->what, name);
	if (*own->text != '\0')
		sql_text_format(out, "%c%s", PARTITION_OWN, own->text);
	sql_text_format(out, "%c", PARTITION_OWN_END);
}

/* A CHECK of its own that names a column goes with it. */
static int
drop_own(struct translator *t, struct partition *p, const struct schema_table *before, const struct definition *after)
{
	struct schema_partition_own own;
	struct sql_text out = { 0 };
	const char *at = p->own;

	while (schema_partition_own_next(&at, &own)) {
		bool keep = own.what == 'C' || definition_find_column(after, own.name) != NULL;

		for (unsigned i = 0; own.what == 'C' && keep && i < before->ncolumns; i++)
			keep = definition_find_column(after, before->columns[i].name) != NULL ||
			    !schema_text_names(kept_body(own.text), before->columns[i].name);
		if (keep)
			put_own(&out, &own, own.name);
		free(own.copy);
	}
	p->own = out.length == 0 ? NULL : translator_copy(t, out.data);
	sql_text_free(&out);
	return 0;
}

int
define_partitions_follow(struct translator *t, struct define_partitions *set, const struct definition *after)
{
	const struct schema_table *before = set->tree.root;
	unsigned n = 0;

	for (struct partition *p = set->tree.partitions; p != NULL; p = p->next, n++) {
		struct definition_names *names = &set->columns[n];

		for (unsigned i = names->count; i-- > 0;)
			if (definition_find_column(after, names->names[i]) == NULL) {
				if (comment_drop(t, COMMENT_COLUMN, p->name, names->names[i]) == -1)
					return -1;
				remove_name(names, i);
			}
		for (unsigned i = 0; i < after->ncolumns; i++)
			if (!definition_names_has(names, after->columns[i].name) &&
			    definition_add_name(names, after->columns[i].name) == -1)
				return translate_out_of_memory(t);
		if (p->own != NULL && drop_own(t, p, before, after) == -1)
			return -1;
	}
	return 0;
}

/* Whether what the table, or a partition of it, is partitioned by names the column; `expression`: in one. */
static bool
key_names(const char *key, const char *column, bool expression)
{
	char *without;
	bool named = key != NULL && schema_text_names(strchr(key, '('), column);

	if (!named || !expression)
		return named;
	without = schema_partition_rename_key(key, column, "0");
	named = without == NULL || schema_text_names(strchr(without, '('), column);
	free(without);
	return named;
}

bool
define_partitions_use(const struct define_partitions *set, const char *column, bool expression)
{
	if (key_names(set->tree.root->partition_key, column, expression))
		return true;
	for (const struct partition *p = set->tree.partitions; p != NULL; p = p->next)
		if (key_names(p->key, column, expression))
			return true;
	return false;
}

static int
rename_own(struct translator *t, struct partition *p, const char *old, const char *name)
{
	struct schema_partition_own own;
	struct sql_text out = { 0 };
	const char *at = p->own;
	int result = 0;

	while (result == 0 && schema_partition_own_next(&at, &own)) {
		if (own.what == 'C' && schema_text_names(kept_body(own.text), old))
			result = translate_refuse(t, -1, "renaming a column that a CHECK of a partition's own names");
		put_own(&out, &own, own.what != 'C' && strcmp(own.name, old) == 0 ? name : own.name);
		free(own.copy);
	}
	if (result == 0)
		p->own = translator_copy(t, out.data);
	sql_text_free(&out);
	return result;
}

static int
rename_key(struct translator *t, const char **key, const char *old, const char *shown)
{
	char *renamed = *key == NULL ? NULL : schema_partition_rename_key(*key, old, shown);

	if (renamed == NULL)
		return *key == NULL ? 0 : translate_out_of_memory(t);
	*key = translator_copy(t, renamed);
	free(renamed);
	return *key == NULL ? -1 : 0;
}

/* The root as it is when its column is renamed. */
static struct schema_table *
renamed_root(struct translator *t, const struct schema_table *root, const char *old, const char *name,
    const char *shown)
{
	struct schema_table *copy = translator_alloc(t, sizeof(*copy));
	const char *key = root->partition_key;

	if (copy == NULL || rename_key(t, &key, old, shown) == -1)
		return NULL;
	*copy = *root;
	copy->partition_key = (char *)(uintptr_t)key;
	if ((copy->columns = translator_alloc(t, (root->ncolumns + 1) * sizeof(*copy->columns))) == NULL)
		return NULL;
	for (unsigned i = 0; i < root->ncolumns; i++) {
		copy->columns[i] = root->columns[i];
		if (strcmp(root->columns[i].name, old) == 0)
			copy->columns[i].name = (char *)(uintptr_t)name;
	}
	return copy;
}

const struct schema_table *
define_partitions_rename_column(struct translator *t, struct define_partitions *set, const char *old, const char *name)
{
	const char *shown = deparse_name(t, name);
	unsigned n = 0;

	if (shown == NULL)
		return NULL;
	if (define_partitions_use(set, old, true) || (*shown == '"' && define_partitions_use(set, old, false))) {
		translate_refuse(t, -1, "renaming a column that an expression of PARTITION BY names");
		return NULL;
	}
	for (struct partition *p = set->tree.partitions; p != NULL; p = p->next, n++) {
		for (unsigned i = 0; i < set->columns[n].count; i++) {
			char *copy;

			if (strcmp(set->columns[n].names[i], old) != 0)
				continue;
			if ((copy = define_copy(t, name)) == NULL)
				return NULL;
			free(set->columns[n].names[i]);
			set->columns[n].names[i] = copy;
		}
		if (comment_rename_part(t, COMMENT_COLUMN, p->name, old, name) == -1 ||
		    rename_key(t, &p->key, old, shown) == -1 || (p->own != NULL && rename_own(t, p, old, name) == -1))
			return NULL;
	}
	return renamed_root(t, set->tree.root, old, name, shown);
}

/* ---- names of tables ---- */

const struct schema_table *
define_partitions_rename(struct translator *t, struct define_partitions *set, const char *old, const char *name)
{
	struct schema_table *copy = translator_alloc(t, sizeof(*copy));

	if (copy == NULL)
		return NULL;
	*copy = *set->tree.root;
	if (strcmp(copy->name, old) == 0 && (copy->name = translator_copy(t, name)) == NULL)
		return NULL;
	for (struct partition *p = set->tree.partitions; p != NULL; p = p->next) {
		if (strcmp(p->name, old) == 0)
			p->name = translator_copy(t, name);
		if (strcmp(p->parent, old) == 0)
			p->parent = translator_copy(t, name);
		if (p->name == NULL || p->parent == NULL)
			return NULL;
	}
	return copy;
}
