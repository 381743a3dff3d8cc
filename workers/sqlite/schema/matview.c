/*
 * Tells the tables and views of which a materialized view is made, and finds those without rows.
 */
#include "workers/sqlite/schema/matview.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/list.h"

bool
matview_is_query(const char *stored)
{
	return strncmp(stored, MATVIEW_QUERY, strlen(MATVIEW_QUERY)) == 0;
}

bool
matview_is_own(const char *stored)
{
	return matview_is_query(stored) || strncmp(stored, MATVIEW_UNFILLED, strlen(MATVIEW_UNFILLED)) == 0;
}

bool
matview_is(const char *sql)
{
	struct definition d;
	bool marked;

	if (sql == NULL || strstr(sql, "\"" DEFINITION_MATVIEW "\"") == NULL || definition_parse(sql, &d) == -1)
		return false;
	marked = d.matview;
	definition_free(&d);
	return marked;
}

int
matview_is_unfilled(sqlite3 *db, const char *stored)
{
	char *mark = sqlite3_mprintf(MATVIEW_UNFILLED "%s", stored);
	struct schema_object found;
	int any = mark == NULL ? -1 : schema_seek_object(db, "public", mark, &found);

	if (any == 1)
		schema_object_free(&found);
	sqlite3_free(mark);
	return any;
}

bool
schema_is_unfilled(struct schema *schema, const char *stored)
{
	int unfilled = matview_is_unfilled(schema_database(schema), stored);

	schema_note(schema, unfilled == -1 ? SQLITE_NOMEM : SQLITE_OK);
	return unfilled == 1;
}

static bool
any_unfilled(struct schema *schema)
{
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(schema_database(schema),
	    "SELECT 1 FROM public.sqlite_schema WHERE substr(name, 1, 14) = '" MATVIEW_UNFILLED "'", -1, &stmt, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	sqlite3_finalize(stmt);
	schema_note(schema, code);
	return code == SQLITE_ROW;
}

/* Goes by names: a text that names a view which reads a materialized view without rows reads that one too. */
static char *
find_below(struct schema *schema, const struct schema_objects *objects, const char *stored, unsigned level)
{
	const char *sql = NULL;
	char *found = NULL;

	for (unsigned i = 0; i < objects->count; i++)
		if (strcmp(objects->items[i].name, stored) == 0)
			sql = objects->items[i].sql;
	for (unsigned i = 0; sql != NULL && found == NULL && level < 64 && i < objects->count; i++) {
		const struct schema_object *object = &objects->items[i];

		if ((object->type != 'm' && object->type != 'v') || strcmp(object->name, stored) == 0 ||
		    !schema_text_names(sql, object->name))
			continue;
		if (object->type == 'v')
			found = find_below(schema, objects, object->name, level + 1);
		else if (schema_is_unfilled(schema, object->name))
			found = strdup(object->name);
	}
	return found;
}

char *
matview_find_unfilled(struct schema *schema, const struct schema_table *table)
{
	struct schema_objects objects;
	char *found;

	if ((table->kind != 'v' && table->kind != 'm') || strcmp(table->schema, "public") != 0 || !any_unfilled(schema))
		return NULL;
	if (table->kind == 'm')
		return schema_is_unfilled(schema, table->name) ? strdup(table->name) : NULL;
	if (schema_list_objects(schema_database(schema), "public", NULL, &objects) == -1) {
		schema_note(schema, SQLITE_NOMEM);
		return NULL;
	}
	found = find_below(schema, &objects, table->name, 0);
	schema_objects_free(&objects);
	return found;
}
