/*
 * What refers to a table: foreign keys of other tables, and views.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/matview.h"

static bool
refers_to(const char *sql, const char *table)
{
	struct definition d;
	bool found = false;

	if (!schema_text_names(sql, table) || definition_parse(sql, &d) == -1)
		return false;
	for (unsigned i = 0; !found && i < d.nconstraints; i++)
		found = d.constraints[i].kind == DEFINITION_FOREIGN_KEY && d.constraints[i].parent != NULL &&
		    strcmp(d.constraints[i].parent, table) == 0;
	definition_free(&d);
	return found;
}

static int
find(struct translator *t, char type, const char *name, const struct definition_names *besides,
    struct definition_names *found)
{
	struct schema_objects objects;
	int result = 0;

	if (schema_list_objects(schema_database(t->schema), "public", NULL, &objects) == -1)
		return translate_out_of_memory(t);
	for (unsigned i = 0; result == 0 && i < objects.count; i++) {
		const struct schema_object *object = &objects.items[i];
		/* The query of a materialized view stands for that. */
		bool query = type == 'v' && object->type == 'q';
		const char *own = query ? object->name + strlen(MATVIEW_QUERY) : object->name;

		if ((object->type != type && !query) || object->sql == NULL || strcmp(own, name) == 0 ||
		    strncmp(own, SCHEMA_TYPE_PREFIX, strlen(SCHEMA_TYPE_PREFIX)) == 0 ||
		    definition_names_has(besides, own) || definition_names_has(found, own))
			continue;
		if (type == 't' ? refers_to(object->sql, name) : schema_text_names(object->sql, name))
			result = definition_add_name(found, own);
	}
	schema_objects_free(&objects);
	return result == 0 ? 0 : translate_out_of_memory(t);
}

int
define_find_children(struct translator *t, const char *table, const struct definition_names *besides,
    struct definition_names *children)
{
	return find(t, 't', table, besides, children);
}

int
define_find_views(struct translator *t, const char *name, const struct definition_names *besides,
    struct definition_names *views)
{
	return find(t, 'v', name, besides, views);
}

/* In their texts every relation stands with its schema. */
int
define_find_temporary_views(struct translator *t, const char *schema, const char *name,
    const struct definition_names *besides, struct definition_names *views)
{
	struct schema_objects objects;
	char *written = sqlite3_mprintf("\"%w\".\"%w\"", schema, name);
	int result = 0;

	if (written == NULL || schema_list_objects(schema_database(t->schema), "temp", NULL, &objects) == -1) {
		sqlite3_free(written);
		return translate_out_of_memory(t);
	}
	for (unsigned i = 0; result == 0 && i < objects.count; i++) {
		const struct schema_object *object = &objects.items[i];

		if (object->type == 'v' && strstr(kept_body(object->sql), written) != NULL &&
		    !definition_names_has(besides, object->name) && !definition_names_has(views, object->name))
			result = definition_add_name(views, object->name);
	}
	schema_objects_free(&objects);
	sqlite3_free(written);
	return result == 0 ? 0 : translate_out_of_memory(t);
}
