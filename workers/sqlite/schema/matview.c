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

bool
matview_is_unfilled(sqlite3 *db, const char *stored)
{
	char *mark = sqlite3_mprintf(MATVIEW_UNFILLED "%s", stored);
	struct schema_object found;
	bool any = mark != NULL && schema_find_object(db, "public", mark, &found);

	if (any)
		schema_object_free(&found);
	sqlite3_free(mark);
	return any;
}

static bool
any_unfilled(sqlite3 *db)
{
	sqlite3_stmt *stmt = NULL;
	bool any = sqlite3_prepare_v2(db,
		       "SELECT 1 FROM public.sqlite_schema WHERE substr(name, 1, 14) = '" MATVIEW_UNFILLED "'", -1,
		       &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW;

	sqlite3_finalize(stmt);
	return any;
}

/* By names: what names a view that reads one without rows reads it too. */
static char *
find_below(sqlite3 *db, const struct schema_objects *objects, const char *stored, unsigned level)
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
			found = find_below(db, objects, object->name, level + 1);
		else if (matview_is_unfilled(db, object->name))
			found = strdup(object->name);
	}
	return found;
}

char *
matview_find_unfilled(sqlite3 *db, const struct schema_table *table)
{
	struct schema_objects objects;
	char *found;

	if ((table->kind != 'v' && table->kind != 'm') || strcmp(table->schema, "public") != 0 || !any_unfilled(db))
		return NULL;
	if (table->kind == 'm')
		return matview_is_unfilled(db, table->name) ? strdup(table->name) : NULL;
	if (schema_list_objects(db, "public", NULL, &objects) == -1)
		return NULL;
	found = find_below(db, &objects, table->name, 0);
	schema_objects_free(&objects);
	return found;
}
