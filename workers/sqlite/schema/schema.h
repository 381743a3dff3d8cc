/*
 * What the dialect must know of the tables of the file, read from SQLite's own schema: the only truth there is.
 * One per connection; entries are kept until the schema changes.
 */
#ifndef BIBD_SQLITE_SCHEMA_H
#define BIBD_SQLITE_SCHEMA_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/sqlite/schema/type.h"

struct schema_partition;
struct schema_sequence;

struct schema_column {
	char *name;
	uint32_t oid;
	int32_t typmod;
	uint32_t domain; /* that it was declared as, 0: none; oid and typmod are what that is made of */
	bool not_null;
	bool primary_key;
	bool identity;	      /* GENERATED ... AS IDENTITY */
	bool identity_always; /* GENERATED ALWAYS AS IDENTITY */
	bool serial;	      /* numbered by SQLite, in a table of an older bibd: there its sequence is no object */
	bool rowid;	      /* SQLite's own key, of a table of bibd's: it makes up a number for a NULL */
	bool generated;	      /* GENERATED ALWAYS AS */
	char *default_sql;    /* as SQLite keeps it, or NULL */
	/* Of a view that stands for a table (dialect/view_target.h): what the table calls it, NULL: the same; and that
	 * it is an expression. */
	const char *stored;
	bool fixed;
	bool own_default; /* default_sql is the view's own, and not the table's */
};

struct schema_table {
	char *name;	/* as it is stored: see names.h for one of a schema of the file's */
	char *schema;	/* SQLite's database: "public", "pg_catalog", "information_schema", "temp" */
	char kind;	/* 'r' table, 'v' view, 'm' materialized view, 'S' sequence */
	bool canonical; /* its numerics are texts in canonical form; not said of a view that an older bibd made */
	bool without_rowid;
	unsigned ncolumns;
	struct schema_column *columns;
	char *sql;			  /* sqlite_schema.sql */
	struct schema_sequence *sequence; /* of a sequence; else NULL */
	/* Of a partition, which is a view ('v') to SQLite and a table to clients; else NULL. */
	struct schema_partition *partition;
	bool inherits;	     /* it is a child */
	char *partition_key; /* what PARTITION BY said, as pg_get_partkeydef shows it; NULL: it is not partitioned */
	/* Of such a view: the table, and how it is reached; else NULL. */
	const struct schema_table *root;
	const struct schema_through *through;
};

static inline const char *
schema_column_stored(const struct schema_column *column)
{
	return column->stored != NULL ? column->stored : column->name;
}

/* The table whose rows they are. */
static inline const struct schema_table *
schema_table_root(const struct schema_table *table)
{
	return table->root != NULL ? table->root : table;
}

/* Whether clients see a view in it. */
static inline bool
schema_table_is_view(const struct schema_table *table)
{
	return table->kind == 'v' && table->partition == NULL;
}

struct schema;

/* The schema of a connection, which must outlive it. NULL: out of memory. */
struct schema *schema_open(sqlite3 *db);
void schema_close(struct schema *schema);
sqlite3 *schema_database(struct schema *schema);
/* Forgets everything when the file's schema has changed since the last call (PRAGMA schema_version, own and foreign
 * changes alike). Returns a number that changes with it. */
uint64_t schema_refresh(struct schema *schema);
/* The table of that stored name, exact case, in that database; schema_name NULL: temp, then public, then pg_catalog.
 * NULL: there is none. Valid until the next schema_refresh. */
const struct schema_table *schema_find_table(struct schema *schema, const char *schema_name, const char *name);
const struct schema_column *schema_find_column(const struct schema_table *table, const char *name);

/* The file's own types, by name and by OID (not of arrays of them). NULL: there is none. Valid as tables are. */
const struct schema_type *schema_find_type(struct schema *schema, const char *name);
const struct schema_type *schema_type_by_oid(struct schema *schema, uint32_t oid);
/* The type of a table's or view's rows; NULL: it has none here, as one of the catalog's. */
const struct schema_type *schema_row_type(struct schema *schema, const struct schema_table *table);
/* An OID for a type that is being defined: none that was there before has it. 0: there are no more. */
uint32_t schema_new_type(struct schema *schema, enum type_class class);
/* As type_format(), which does not know the file's own types. malloc'ed. */
char *schema_type_format(struct schema *schema, uint32_t oid, int32_t typmod);
/* ---- path.c: the session's search path, by which a name without a schema is looked for ---- */

/* Set before each translation; text NULL: the default. What cannot be read is taken for an empty list. */
void schema_set_path(struct schema *schema, const char *text, const char *user);
/* A place where names are looked for. schema: PostgreSQL's. */
struct schema_place {
	const char *database, *schema;
};
/* The i-th place of the path, of those that are there; false after the last. Valid until the next schema_refresh or
 * schema_set_path. */
bool schema_place_at(struct schema *schema, unsigned i, struct schema_place *place);
/* Where a new relation goes that no schema is given for; false: nowhere. */
bool schema_place_to_create(struct schema *schema, struct schema_place *place);
/* The first table or view of the path that has the name; NULL: there is none. */
const struct schema_table *schema_resolve(struct schema *schema, const char *relation);
/* Whether that is a schema: public, a catalog, or one of the file's. */
bool schema_has_namespace(struct schema *schema, const char *name);

/* What whoever the schema is read for may define (all at first): what he may not is 42501, for SCHEMA_DEFINES_NOTHING
 * before any name in it is looked at. */
enum schema_definer { SCHEMA_DEFINES_NOTHING, SCHEMA_DEFINES_TEMPORARY, SCHEMA_DEFINES_ALL };
void schema_set_definer(struct schema *schema, enum schema_definer definer);
enum schema_definer schema_definer(const struct schema *schema);
/* Whether it is read for bibd itself (true at first), who may make and change what is its own. */
void schema_set_own(struct schema *schema, bool own);
bool schema_is_own(const struct schema *schema);

/* Before and after a script that rebuilds a table (dialect_plan.rebuilds): foreign keys off, and views that name the
 * table left alone while it is away. Works inside an open transaction too, where PRAGMA foreign_keys does nothing. */
void schema_set_rebuilding(sqlite3 *db, bool on);
/* Before and after SQLite's own ALTER TABLE, where the views that it concerns have been seen to: others that SQLite has
 * trouble with do not keep it from its work. */
void schema_set_leaving_views(sqlite3 *db, bool on);

/* What stands before the types of a view's columns, "oid:typmod" each, in a comment of its text, and what follows them
 * where its numerics are canonical. */
#define SCHEMA_VIEW_TYPES "/*bibd:types "
#define SCHEMA_VIEW_CANONICAL "canonical"

#endif
