/*
 * Sequences that belong to a table: they are dropped, begun anew and renamed with what owns them; and what draws from a
 * sequence by default.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/sequence.h"

typedef int owned_fn(struct translator *t, struct schema_sequence *s, const char *schema, const char *name, void *arg);

/* Calls for each sequence that the table, or its column, owns. */
static int
each_owned(struct translator *t, const char *schema, const char *table, const char *column, owned_fn *each, void *arg)
{
	struct schema_objects objects;
	int result = 0;

	if (schema_list_objects(schema_database(t->schema), schema, NULL, &objects) == -1)
		return translate_out_of_memory(t);
	for (unsigned i = 0; result == 0 && i < objects.count; i++) {
		struct schema_sequence s;

		if (objects.items[i].type != 'S' || schema_sequence_parse(objects.items[i].sql, &s) == -1)
			continue;
		if (s.owner_table != NULL && s.owner_column != NULL && strcmp(s.owner_table, table) == 0 &&
		    (column == NULL || strcmp(s.owner_column, column) == 0))
			result = each(t, &s, schema, objects.items[i].name, arg);
		schema_sequence_free(&s);
	}
	schema_objects_free(&objects);
	return result;
}

static int
note_owned(struct translator *t, struct schema_sequence *s, const char *schema, const char *name, void *arg)
{
	(void)t;
	(void)s;
	(void)schema;
	(void)name;
	*(bool *)arg = true;
	return 0;
}

bool
define_owns_sequence(struct translator *t, const char *schema, const char *table)
{
	bool found = false;

	return each_owned(t, schema, table, NULL, note_owned, &found) == -1 || found;
}

/* ---- what draws from a sequence ---- */

/* The first column of the table whose default draws from it; NULL: none does. */
static struct definition_column *
find_drawing(const struct definition *d, const char *draw)
{
	for (unsigned i = 0; i < d->ncolumns; i++)
		if (d->columns[i].default_sql != NULL && strstr(d->columns[i].default_sql, draw) != NULL)
			return &d->columns[i];
	return NULL;
}

static int
report_use(struct translator *t, const char *name, const char *table, const struct definition_column *column)
{
	if (column->identity != DEFINITION_PLAIN) {
		(void)translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
		    "cannot drop sequence %s because column %s of table %s requires it", name, column->name, table);
		report_hint(t->report, "You can drop column %s of table %s instead.", column->name, table);
		return -1;
	}
	(void)translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
	    "cannot drop sequence %s because other objects depend on it", name);
	report_detail(t->report, "default value for column %s of table %s depends on sequence %s", column->name, table,
	    name);
	report_hint(t->report, "Use DROP ... CASCADE to drop the dependent objects too.");
	return -1;
}

static int
take_defaults(struct translator *t, const struct schema_table *table, const char *draw)
{
	struct define_rebuild rebuild;
	struct definition_column *column;
	int result = 0;

	if (define_rebuild_begin(t, table, &rebuild) == -1)
		return -1;
	while (result == 0 && (column = find_drawing(&rebuild.after, draw)) != NULL) {
		free(column->default_sql);
		column->default_sql = NULL;
		result = define_add_notice(t, "drop cascades to default value for column %s of table %s", column->name,
		    table->name);
	}
	if (result == 0)
		result = define_rebuild_emit(t, &rebuild);
	define_rebuild_free(&rebuild);
	return result;
}

static int
release_from(struct translator *t, const struct schema_object *object, const char *schema, const char *name,
    const char *draw, bool cascade)
{
	const struct definition_column *column;
	struct definition d;
	bool internal;
	int result = 0;

	if (object->sql == NULL || draw == NULL || strstr(object->sql, draw) == NULL)
		return 0;
	if (object->type == 'v' || object->type == 'q')
		return cascade ? translate_refuse(t, -1, "DROP ... CASCADE of a sequence that a view draws from")
			       : translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
				     "cannot drop sequence %s because other objects depend on it", name);
	if (object->type != 't' || definition_parse(object->sql, &d) == -1)
		return 0;
	column = find_drawing(&d, draw);
	internal = column != NULL && column->identity != DEFINITION_PLAIN;
	if (column != NULL && (!cascade || internal))
		result = report_use(t, name, object->name, column);
	else if (column != NULL)
		result = take_defaults(t, schema_find_table(t->schema, schema, object->name), draw);
	definition_free(&d);
	return result;
}

int
define_release_sequence(struct translator *t, const char *schema, const char *name,
    const struct definition_names *besides, bool cascade)
{
	static const char *const schemas[] = { "public", "temp" };
	char *draw = schema_sequence_draw(schema, name);
	int result = draw == NULL ? translate_out_of_memory(t) : 0;

	for (size_t n = 0; result == 0 && n < 2; n++) {
		struct schema_objects objects;

		if (schema_list_objects(schema_database(t->schema), schemas[n], NULL, &objects) == -1) {
			result = translate_out_of_memory(t);
			break;
		}
		for (unsigned i = 0; result == 0 && i < objects.count; i++)
			if (besides == NULL || !definition_names_has(besides, objects.items[i].name))
				result = release_from(t, &objects.items[i], schemas[n], name, draw, cascade);
		schema_objects_free(&objects);
	}
	free(draw);
	return result;
}

/* ---- with their owner ---- */

struct dropping {
	const struct definition_names *besides;
	bool cascade;
};

static int
drop_one(struct translator *t, struct schema_sequence *s, const char *schema, const char *name, void *arg)
{
	const struct dropping *dropping = arg;

	(void)s;
	if (define_release_sequence(t, schema, name, dropping->besides, dropping->cascade) == -1 ||
	    translate_emit(t, "DROP VIEW ") == -1 || define_emit_relation(t, schema, name) == -1)
		return -1;
	return translate_emit(t, ";\n");
}

int
define_drop_owned(struct translator *t, const char *schema, const char *table, const char *column,
    const struct definition_names *besides, bool cascade)
{
	struct dropping dropping = { .besides = besides, .cascade = cascade };

	return each_owned(t, schema, table, column, drop_one, &dropping);
}

static int
restart_one(struct translator *t, struct schema_sequence *s, const char *schema, const char *name, void *arg)
{
	(void)arg;
	s->identity = schema_sequence_new_identity();
	s->at = (struct sequence_position) { .value = s->start };
	return define_replace_sequence(t, s, schema, name);
}

int
define_restart_owned(struct translator *t, const char *schema, const char *table)
{
	return each_owned(t, schema, table, NULL, restart_one, NULL);
}

struct renaming {
	bool column;
	const char *name;
};

static int
rename_one(struct translator *t, struct schema_sequence *s, const char *schema, const char *name, void *arg)
{
	const struct renaming *renaming = arg;
	char **which = renaming->column ? &s->owner_column : &s->owner_table, *copy = define_copy(t, renaming->name);

	if (copy == NULL)
		return -1;
	free(*which);
	*which = copy;
	return define_replace_sequence(t, s, schema, name);
}

int
define_rename_owner(struct translator *t, const char *schema, const char *table, const char *column,
    const char *new_name)
{
	struct renaming renaming = { .column = column != NULL, .name = new_name };

	return each_owned(t, schema, table, column, rename_one, &renaming);
}

struct finding {
	struct schema_sequence *s;
	char **name;
};

static int
take_identity(struct translator *t, struct schema_sequence *s, const char *schema, const char *name, void *arg)
{
	const struct finding *finding = arg;

	(void)schema;
	if (!s->internal || *finding->name != NULL)
		return 0;
	if ((*finding->name = define_copy(t, name)) == NULL)
		return -1;
	*finding->s = *s;
	*s = (struct schema_sequence) { 0 };
	return 0;
}

bool
define_find_identity(struct translator *t, const char *schema, const char *table, const char *column,
    struct schema_sequence *s, char **name)
{
	struct finding finding = { .s = s, .name = name };

	*name = NULL;
	return each_owned(t, schema, table, column, take_identity, &finding) == 0 && *name != NULL;
}
