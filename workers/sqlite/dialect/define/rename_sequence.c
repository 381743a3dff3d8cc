/*
 * ALTER SEQUENCE ... RENAME: with the sequence the defaults are renamed that draw from it.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/dialect/define/comment.h"
#include "workers/sqlite/dialect/define/sequence.h"

/* PostgreSQL's text that is kept before it would name the old one. */
static int
replace_draws(struct translator *t, char **text, const char *old, const char *new)
{
	char *copy = NULL;
	size_t length;
	FILE *out = open_memstream(&copy, &length);

	if (out == NULL)
		return translate_out_of_memory(t);
	for (const char *at = kept_body(*text), *found; *at != '\0'; at = found + strlen(old)) {
		if ((found = strstr(at, old)) == NULL) {
			fputs(at, out);
			break;
		}
		fprintf(out, "%.*s%s", (int)(found - at), at, new);
	}
	if (fclose(out) != 0)
		return translate_out_of_memory(t);
	free(*text);
	*text = copy;
	return 0;
}

/* Defaults that draw from it are written anew, by rebuilds. */
static int
rename_draws(struct translator *t, const struct schema_object *object, const char *schema, const char *old,
    const char *new)
{
	const struct schema_table *table = schema_find_table(t->schema, schema, object->name);
	struct define_rebuild rebuild;
	int result = 0;

	if (object->sql == NULL || strstr(object->sql, old) == NULL)
		return 0;
	if (object->type != 't' || table == NULL)
		return translate_refuse(t, -1, "renaming a sequence that a view draws from");
	if (define_rebuild_begin(t, table, &rebuild) == -1)
		return -1;
	for (unsigned i = 0; result == 0 && i < rebuild.after.ncolumns; i++) {
		struct definition_column *column = &rebuild.after.columns[i];

		if (column->default_sql != NULL && strstr(column->default_sql, old) != NULL)
			result = replace_draws(t, &column->default_sql, old, new);
	}
	if (result == 0)
		result = define_rebuild_emit(t, &rebuild);
	define_rebuild_free(&rebuild);
	return result;
}

static int
rename_all_draws(struct translator *t, const char *schema, const char *old, const char *new)
{
	struct schema_objects objects;
	int result = 0;

	if (old == NULL || new == NULL || schema_list_objects(schema_database(t->schema), schema, NULL, &objects) == -1)
		return translate_out_of_memory(t);
	for (unsigned i = 0; result == 0 && i < objects.count; i++)
		result = rename_draws(t, &objects.items[i], schema, old, new);
	schema_objects_free(&objects);
	return result;
}

static int
rename_sequence_to(struct translator *t, const struct schema_table *table, const char *name)
{
	char *old = schema_sequence_draw(table->schema, table->name), *new = schema_sequence_draw(table->schema, name);
	struct schema_sequence s;
	bool skip;
	int result = define_check_free(t, table->schema, name, false, &skip);

	if (result == 0 && schema_sequence_parse(table->sql, &s) == 0) {
		result = translate_emit(t, "DROP VIEW ") == -1 ||
			define_emit_relation(t, table->schema, table->name) == -1 || translate_emit(t, ";\n") == -1 ||
			define_emit_sequence(t, &s, table->schema, name) == -1 ||
			(strcmp(table->schema, "public") == 0 && comment_rename(t, table->name, name) == -1)
		    ? -1
		    : rename_all_draws(t, table->schema, old, new);
		schema_sequence_free(&s);
	}
	free(old);
	free(new);
	return result;
}

int
define_rename_sequence(struct translator *t, const struct schema_table *table, const char *name)
{
	char *stored = define_copy_beside(t, table->name, name);
	int result = stored == NULL ? -1 : rename_sequence_to(t, table, stored);

	free(stored);
	return result;
}
