/*
 * Questions about the schema as a whole that only definitions and the catalog ask; answered from SQLite each time.
 */
#ifndef BIBD_SQLITE_SCHEMA_LIST_H
#define BIBD_SQLITE_SCHEMA_LIST_H

#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/schema.h"

/* One row of sqlite_schema. */
struct schema_object {
	/* 't' table, 'i' index, 'v' view, 'm' materialized view, 'S' sequence, 'P' partition, 'r' trigger; 'q': the
	 * query of a materialized view, 'x': what else belongs to one (matview.h) */
	char type;
	char *name;
	char *table;
	char *sql; /* NULL for an index that a constraint made */
};

struct schema_objects {
	unsigned count;
	struct schema_object *items;
};

/* The object of that name in "public" or "temp"; false: there is none. schema_object_free takes it back. */
bool schema_find_object(sqlite3 *db, const char *schema_name, const char *name, struct schema_object *out);
void schema_object_free(struct schema_object *object);
/* All objects of a schema, or those of one table (its indexes and triggers too); SQLite's own left out. -1: out of
 * memory or a failing read. */
int schema_list_objects(sqlite3 *db, const char *schema_name, const char *table, struct schema_objects *out);
void schema_objects_free(struct schema_objects *objects);
/* Whether a text of SQLite's names that table or column: a word or a quoted name of its own. */
bool schema_text_names(const char *sql, const char *name);

#endif
