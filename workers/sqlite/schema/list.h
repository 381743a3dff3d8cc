/*
 * Questions about the schema as a whole that only definitions and the catalog ask; answered from SQLite each time.
 */
#ifndef BIBD_SQLITE_SCHEMA_LIST_H
#define BIBD_SQLITE_SCHEMA_LIST_H

#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/schema.h"

/* One row of sqlite_schema. */
struct schema_object {
	/* 't' table, 'i' index, 'v' view, 'm' materialized view, 'S' sequence, 'P' partition, 'r' trigger; of a
	 * materialized view (matview.h) also 'q' its query, and 'x' what else belongs to it */
	char type;
	char *name;
	char *table;
	char *sql; /* NULL: a constraint made the index */
};

struct schema_objects {
	unsigned count;
	struct schema_object *items;
};

/* Finds the object of that stored name in "public" or "temp": 1; 0: there is none; -1: it could not be read. The
 * caller gives it back with schema_object_free(). */
int schema_seek_object(sqlite3 *db, const char *schema_name, const char *name, struct schema_object *out);
/* The same for a schema that notes what could not be read (schema_take_failure()): false then, and where there is
 * none. */
bool schema_find_object(struct schema *schema, const char *schema_name, const char *name, struct schema_object *out);
void schema_object_free(struct schema_object *object);
/* Lists all objects of a schema, or one table's indexes and triggers with the table itself, without those that
 * SQLite made. -1: out of memory or a failing read. */
int schema_list_objects(sqlite3 *db, const char *schema_name, const char *table, struct schema_objects *out);
void schema_objects_free(struct schema_objects *objects);
/* Whether a text of SQLite's has that name of a table or column in it, as a word or in quotes. */
bool schema_text_names(const char *sql, const char *name);

#endif
