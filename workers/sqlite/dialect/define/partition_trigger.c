/*
 * The triggers of a partitioned table: they look where a row belongs, and refuse one that belongs nowhere.
 */
#include "workers/sqlite/dialect/define/partition.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/partition.h"

static int
emit_nothing(struct translator *t, const struct partition_choice *choice, const struct partition *partition)
{
	(void)choice;
	(void)partition;
	return translate_emit(t, "NULL");
}

static int
emit_own_check(struct translator *t, const struct partition_choice *choice, const struct partition *partition,
    const struct schema_partition_own *own)
{
	struct kept_texts texts;
	struct expression e;
	char *text = NULL;
	int result = -1;

	if (kept_read(own->text, &texts) == KEPT_TEXT &&
	    (text = kept_resolve(schema_database(t->schema), texts.plain, "")) != NULL &&
	    translate_emit(t, " WHEN NOT (") == 0 &&
	    partition_emit_text(t, choice->tree->root, choice->alias, false, text, &e) == 0 &&
	    translate_emit(t, ") THEN bibd_partition_check(") == 0 && translate_emit_string(t, partition->name) == 0 &&
	    translate_emit(t, ", ") == 0 && translate_emit_string(t, own->name) == 0)
		result = translate_emit(t, ")");
	free(text);
	kept_free(&texts);
	return result;
}

/* What it has of its own, on the way to its rows. */
static int
emit_own(struct translator *t, const struct partition_choice *choice, const struct partition *partition, bool *any)
{
	const char *at = partition->own;
	struct schema_partition_own own;
	int result = 0;

	while (result == 0 && schema_partition_own_next(&at, &own)) {
		if (own.what == 'N') {
			*any = true;
			result = translate_emit(t, " WHEN \"NEW\".") == -1 || translate_identifier(t, own.name) == -1 ||
				translate_emit(t, " IS NULL THEN bibd_key(NULL, ") == -1 ||
				translate_emit_string(t, partition->name) == -1 || translate_emit(t, ", ") == -1 ||
				translate_emit_string(t, own.name) == -1
			    ? -1
			    : translate_emit(t, ")");
		} else if (own.what == 'C') {
			*any = true;
			result = emit_own_check(t, choice, partition, &own);
		}
		free(own.copy);
	}
	return result;
}

/* The columns of the key, as PostgreSQL shows them, and their values as text. */
static int
emit_missing(struct translator *t, const struct partition_choice *choice, const char *name)
{
	const char *text = partition_key_of(choice->tree, name), *open = text == NULL ? NULL : strchr(text, '(');
	struct partition_key *key = translator_alloc(t, sizeof(*key));

	if (key == NULL || open == NULL || partition_read_key(t, choice->tree->root, text, key) == -1 ||
	    define_check_hashed(t, key) == -1 || translate_emit(t, "bibd_no_partition(") == -1 ||
	    translate_emit_string(t, name) == -1 || translate_emit(t, ", ") == -1)
		return -1;
	sql_text_put_string(&t->out, open + 1, strlen(open + 1) - 1);
	for (unsigned i = 0; i < key->n; i++) {
		struct expression e = { 0 };

		if (translate_emit(t, ", ") == -1)
			return -1;
		e.start = t->out.length;
		if (partition_emit_text(t, choice->tree->root, choice->alias, false, key->parts[i].text, &e) == -1 ||
		    (e.oid != TYPE_TEXT && expression_cast(t, &e, TYPE_TEXT, -1, CAST_EXPLICIT, -1) == -1))
			return -1;
	}
	return translate_emit(t, ")");
}

static int
emit_trigger(struct translator *t, const struct partition_tree *tree, const char *event, const char *ending)
{
	const char *name = translator_format(t, PARTITION_TRIGGER "%s%s", tree->root->name, ending);
	struct partition_choice choice = { .tree = tree,
		.alias = "NEW",
		.enter = emit_own,
		.leaf = emit_nothing,
		.none = emit_missing };
	bool temporary = strcmp(tree->root->schema, "temp") == 0;

	if (name == NULL || translate_emit(t, temporary ? "CREATE TEMP TRIGGER " : "CREATE TRIGGER ") == -1 ||
	    (temporary ? translate_identifier(t, name) : define_emit_relation(t, tree->root->schema, name)) == -1 ||
	    translate_emit_format(t, " BEFORE %s ON ", event) == -1 ||
	    translate_identifier(t, tree->root->name) == -1 || translate_emit(t, " BEGIN SELECT ") == -1 ||
	    partition_emit_choice(t, &choice, tree->root->name) == -1)
		return -1;
	return translate_emit(t, "; END;\n");
}

int
define_drop_partition_triggers(struct translator *t, const struct schema_table *root)
{
	static const char *const endings[] = { " (insert)", " (update)" };

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		const char *name = translator_format(t, PARTITION_TRIGGER "%s%s", root->name, endings[i]);

		if (name == NULL || translate_emit(t, "DROP TRIGGER IF EXISTS ") == -1 ||
		    define_emit_relation(t, root->schema, name) == -1 || translate_emit(t, ";\n") == -1)
			return -1;
	}
	return 0;
}

int
define_emit_partition_triggers(struct translator *t, const struct partition_tree *tree)
{
	return define_drop_partition_triggers(t, tree->root) == -1 || emit_trigger(t, tree, "INSERT", " (insert)") == -1
	    ? -1
	    : emit_trigger(t, tree, "UPDATE", " (update)");
}

int
define_emit_partitioned(struct translator *t, const struct schema_table *root)
{
	struct partition_tree tree = { .root = root };

	return define_emit_key_check(t, root, root->partition_key) == -1 ? -1
									 : define_emit_partition_triggers(t, &tree);
}
