/*
 * The rebuild: the old table is set aside under a name of its own, so that what goes wrong while rows are copied speaks
 * of the table by its right name. The engine turns foreign keys off and SQLite's old way of renaming on around the
 * script (schema_set_rebuilding), else other tables' references would follow the old table.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/comment.h"

int
define_rebuild_add_source(struct translator *t, struct define_rebuild *rebuild, char *source)
{
	unsigned n = rebuild->nsources + 1;
	char **sources = reallocarray(rebuild->sources, n, sizeof(*sources));
	bool *guarded = sources == NULL ? NULL : reallocarray(rebuild->guarded, n, sizeof(*guarded));

	if (sources != NULL)
		rebuild->sources = sources;
	if (guarded == NULL) {
		free(source);
		return translate_out_of_memory(t);
	}
	rebuild->guarded = guarded;
	sources[rebuild->nsources] = source;
	guarded[rebuild->nsources++] = false;
	return 0;
}

void
define_rebuild_remove_source(struct define_rebuild *rebuild, unsigned i)
{
	free(rebuild->sources[i]);
	rebuild->nsources--;
	memmove(&rebuild->sources[i], &rebuild->sources[i + 1], (rebuild->nsources - i) * sizeof(rebuild->sources[0]));
	memmove(&rebuild->guarded[i], &rebuild->guarded[i + 1], (rebuild->nsources - i) * sizeof(rebuild->guarded[0]));
}

void
define_rebuild_free(struct define_rebuild *rebuild)
{
	definition_free(&rebuild->before);
	definition_free(&rebuild->after);
	for (unsigned i = 0; i < rebuild->nsources; i++)
		free(rebuild->sources[i]);
	free(rebuild->sources);
	free(rebuild->guarded);
	definition_names_free(&rebuild->dropped_indexes);
	*rebuild = (struct define_rebuild) { 0 };
}

static char *
quote_name(const char *name)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	definition_put_name(out, name);
	return fclose(out) == 0 ? text : NULL;
}

int
define_rebuild_begin(struct translator *t, const struct schema_table *table, struct define_rebuild *rebuild)
{
	*rebuild = (struct define_rebuild) { .table = table };
	if (define_load(t, table, &rebuild->before) == -1)
		return -1;
	if (define_load(t, table, &rebuild->after) == -1) {
		define_rebuild_free(rebuild);
		return -1;
	}
	for (unsigned i = 0; i < rebuild->after.ncolumns; i++) {
		if (define_rebuild_add_source(t, rebuild, quote_name(rebuild->after.columns[i].name)) == -1) {
			define_rebuild_free(rebuild);
			return -1;
		}
	}
	return 0;
}

static int
emit_source(struct translator *t, const struct define_rebuild *rebuild, unsigned i)
{
	if (!rebuild->guarded[i])
		return translate_emit(t, rebuild->sources[i]);
	if (translate_emit(t, "bibd_not_null(") == -1 || translate_emit(t, rebuild->sources[i]) == -1 ||
	    translate_emit(t, ", ") == -1 || translate_emit_string(t, rebuild->after.columns[i].name) == -1 ||
	    translate_emit(t, ", ") == -1 || translate_emit_string(t, rebuild->table->name) == -1)
		return -1;
	return translate_emit(t, ")");
}

static bool
is_copied(const struct define_rebuild *rebuild, unsigned i)
{
	return rebuild->sources[i] != NULL && rebuild->after.columns[i].generated == NULL;
}

static int
emit_copy(struct translator *t, const struct define_rebuild *rebuild, const char *aside)
{
	const struct schema_table *table = rebuild->table;
	unsigned copied = 0;

	for (unsigned i = 0; i < rebuild->nsources; i++)
		copied += is_copied(rebuild, i);
	if (copied == 0)
		return translate_refuse(t, -1, "a change that leaves no column of the table");
	if (translate_emit(t, "INSERT INTO ") == -1 || define_emit_relation(t, table->schema, table->name) == -1)
		return -1;
	copied = 0;
	for (unsigned i = 0; i < rebuild->nsources; i++) {
		if (is_copied(rebuild, i) &&
		    (translate_emit(t, copied++ == 0 ? " (" : ", ") == -1 ||
			translate_identifier(t, rebuild->after.columns[i].name) == -1))
			return -1;
	}
	if (translate_emit(t, ") SELECT ") == -1)
		return -1;
	copied = 0;
	for (unsigned i = 0; i < rebuild->nsources; i++) {
		if (is_copied(rebuild, i) &&
		    (translate_emit(t, copied++ == 0 ? "" : ", ") == -1 || emit_source(t, rebuild, i) == -1))
			return -1;
	}
	if (translate_emit(t, " FROM ") == -1 || define_emit_relation(t, table->schema, aside) == -1)
		return -1;
	return translate_emit(t, ";\n");
}

/* A sequence goes on where it stood, also when the rows with its last numbers are gone. */
static int
emit_sequence(struct translator *t, const struct define_rebuild *rebuild, const char *aside)
{
	const struct definition_constraint *before = definition_primary_key(&rebuild->before);
	const struct definition_constraint *after = definition_primary_key(&rebuild->after);
	const char *schema = rebuild->table->schema;

	if (before == NULL || after == NULL || !before->autoincrement || !after->autoincrement)
		return 0;
	if (translate_emit(t, "DELETE FROM ") == -1 || define_emit_relation(t, schema, "sqlite_sequence") == -1 ||
	    translate_emit(t, " WHERE name = ") == -1 || translate_emit_string(t, rebuild->table->name) == -1 ||
	    translate_emit(t, ";\nUPDATE ") == -1 || define_emit_relation(t, schema, "sqlite_sequence") == -1 ||
	    translate_emit(t, " SET name = ") == -1 || translate_emit_string(t, rebuild->table->name) == -1 ||
	    translate_emit(t, " WHERE name = ") == -1 || translate_emit_string(t, aside) == -1)
		return -1;
	return translate_emit(t, ";\n");
}

/* Indexes and triggers went with the old table. */
static int
emit_objects(struct translator *t, const struct define_rebuild *rebuild)
{
	struct schema_objects objects;
	int result = 0;

	if (schema_list_objects(schema_database(t->schema), rebuild->table->schema, rebuild->table->name, &objects) ==
	    -1)
		return translate_out_of_memory(t);
	for (unsigned i = 0; result == 0 && i < objects.count; i++) {
		const struct schema_object *object = &objects.items[i];

		if ((object->type != 'i' && object->type != 'r') || object->sql == NULL ||
		    definition_names_has(&rebuild->dropped_indexes, object->name))
			continue;
		result = translate_emit(t, object->sql) == -1 ? -1 : translate_emit(t, ";\n");
	}
	schema_objects_free(&objects);
	return result;
}

/* A new column of the key without a default is NULL in the rows there are, which SQLite would number by itself. */
static int
guard_added(struct translator *t, struct define_rebuild *rebuild)
{
	const struct definition *d = &rebuild->after;
	const struct definition_constraint *key = definition_primary_key(d);

	for (unsigned i = 0; key != NULL && i < d->ncolumns; i++) {
		const struct definition_column *column = &d->columns[i];

		if (rebuild->sources[i] != NULL || column->generated != NULL || column->default_sql != NULL ||
		    column->identity != DEFINITION_PLAIN || !definition_names_has(&key->columns, column->name))
			continue;
		if ((rebuild->sources[i] = define_copy(t, "NULL")) == NULL)
			return -1;
		rebuild->guarded[i] = true;
	}
	return 0;
}

int
define_rebuild_emit(struct translator *t, struct define_rebuild *rebuild)
{
	const struct schema_table *table = rebuild->table;
	char *aside;

	if (rebuild->before.opaque)
		return translate_refuse(t, -1,
		    "changing a table that another program made with clauses of SQLite's "
		    "own");
	if (define_settle(t, &rebuild->after) == -1 || guard_added(t, rebuild) == -1 ||
	    (aside = translator_format(t, "~%s", table->name)) == NULL)
		return -1;
	t->plan->rebuilds = true;
	if (translate_emit(t, "ALTER TABLE ") == -1 || define_emit_relation(t, table->schema, table->name) == -1 ||
	    translate_emit(t, " RENAME TO ") == -1 || translate_identifier(t, aside) == -1 ||
	    translate_emit(t, ";\n") == -1 || define_emit_table(t, &rebuild->after, table->schema, table->name) == -1 ||
	    emit_copy(t, rebuild, aside) == -1 || emit_sequence(t, rebuild, aside) == -1 ||
	    translate_emit(t, "DROP TABLE ") == -1 || define_emit_relation(t, table->schema, aside) == -1 ||
	    translate_emit(t, ";\n") == -1 ||
	    define_emit_late(t, &rebuild->after, table->schema, table->name, true) == -1)
		return -1;
	return comment_drop_rebuilt(t, rebuild) == -1 ? -1 : emit_objects(t, rebuild);
}
