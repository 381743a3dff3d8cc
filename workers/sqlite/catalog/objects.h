/*
 * Names and OIDs of what the catalog shows, found in SQLite's own schema: no catalog table need be there.
 */
#ifndef BIBD_SQLITE_CATALOG_OBJECTS_H
#define BIBD_SQLITE_CATALOG_OBJECTS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/conf.h"
#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/list.h"
#include "workers/sqlite/settings/search_path.h"

/* OIDs that PostgreSQL fixes (src: pg_namespace.dat, pg_authid.dat, pg_am.dat). */
enum catalog_oid {
	OID_PG_CATALOG = 11,
	OID_PG_TOAST = 99,
	OID_PUBLIC = 2200,
	OID_INFORMATION_SCHEMA = 13000,
	OID_ROLE_FIRST = 10,
	OID_DATABASE = 5,
	OID_AM_HEAP = 2,
	OID_AM_BTREE = 403,
	OID_LANGUAGE_INTERNAL = 12,
	OID_DATABASE_OWNER = 6171, /* the role that has the schema public */
	OID_BIBD = 13200,
	OID_TEMP_SCHEMA = 13300,
	OID_COLLATION_DEFAULT = 100,
	OID_COLLATION_C = 950,
	OID_TABLESPACE_DEFAULT = 1663,
	OID_TABLESPACE_GLOBAL = 1664,
};

/* pg_authid.oid: the role admin is the superuser here. */
#define OID_OF_ROLE(role) ((role) == ROLE_ADMIN ? (int64_t)OID_ROLE_FIRST : (int64_t)16000 + (int64_t)(role))

/* Its name; NULL: there is no role with that OID. */
const char *catalog_role_name(int64_t oid);

/* A name as regclass reads it: folded unless quoted, "public." and the like taken off. malloc'ed; NULL: its syntax is
 * wrong. */
char *catalog_parse_name(const char *text);
/* The same with the schema: *schema is malloc'ed or NULL. */
char *catalog_parse_qualified(const char *text, char **schema);

/* pg_namespace.oid; 0: there is no schema of that name. */
uint32_t catalog_namespace_oid(sqlite3 *db, const char *schema);
/* Calls each schema there is until one returns true. */
bool catalog_each_namespace(sqlite3 *db, bool (*each)(void *arg, uint32_t oid, const char *schema), void *arg);

/* pg_class.oid of a row type. */
uint32_t catalog_row_type_oid(uint32_t type);

/* Calls each relation there is (tables, views, indexes, also those of constraints; sequences) until one returns true.
 * kind as in pg_class.relkind. */
struct catalog_relation {
	const char *schema; /* PostgreSQL's; "temp" for what is temporary */
	const char *name;   /* as shown */
	const char *stored; /* as the file has it, or would: see schema/names.h */
	const char *table;  /* SQLite's name of the table that it belongs to */
	char kind;
	uint32_t oid;
};
bool catalog_each_relation(sqlite3 *db, bool (*each)(void *arg, const struct catalog_relation *relation), void *arg);

/* A relation looked for by its name (and schema; NULL: by the path, or where that is NULL too in public and the
 * catalogs), or else by its OID. Fills in the rest, which catalog_found_free frees; false: there is none. */
struct catalog_found {
	uint32_t oid;
	const char *name, *schema;
	const struct search_path *path;
	char *found_name, *found_schema, *found_table, *found_stored;
	char kind;
};
bool catalog_find_relation(sqlite3 *db, struct catalog_found *found);
/* The same, by the list beside the catalog's tables where that is fresh; *internal as in directory.h. */
bool catalog_find_listed(sqlite3 *db, bool *internal, struct catalog_found *found);
/* Whether its name alone, without a schema, means that relation. */
bool catalog_is_visible_by(sqlite3 *db, const struct search_path *path, const struct catalog_found *found);
void catalog_found_free(struct catalog_found *found);

/* The text of a table in sqlite_schema ("public" or "temp"), taken apart, or a partition as a table; -1: none, or no
 * table. */
int catalog_load_definition(sqlite3 *db, const char *schema, const char *table, struct definition *d);
/* What a partition (an object of type 'P') is as a table; -1: its root was not found, or memory is out. */
int catalog_partition_definition(sqlite3 *db, const char *schema, const struct schema_object *object,
    struct definition *d);
/* The OIDs of a partition and of what lies above it, the root last, with commas between; "" for what is in no tree of
 * partitions. malloc'ed; NULL: out of memory. */
char *catalog_partition_ancestors(sqlite3 *db, uint32_t oid);
/* The sequence that the column of a table in "public" or "temp" owns, as schema.name; malloc'ed. NULL: it has none. */
char *catalog_sequence_of(sqlite3 *db, const char *schema, const char *table, const char *column);

#endif
