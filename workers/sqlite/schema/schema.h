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
	/* OID of the domain that the column was declared as, or 0; oid and typmod are those of the type below the
	 * domain */
	uint32_t domain;
	bool not_null;
	bool primary_key;
	bool identity;	      /* GENERATED ... AS IDENTITY */
	bool identity_always; /* GENERATED ALWAYS AS IDENTITY */
	/* SQLite numbers it: a table of an older bibd, in which the column's sequence is no object */
	bool serial;
	/* it is SQLite's own key (rowid), for which SQLite makes up a number where NULL is given */
	bool rowid;
	bool generated;	   /* GENERATED ALWAYS AS */
	char *default_sql; /* as SQLite keeps it, or NULL */
	/* In a view that stands for a table (dialect/view_target.h): the name that the table gives the column, NULL:
	 * the same; and `fixed`: the column is an expression. */
	const char *stored;
	bool fixed;
	bool own_default; /* default_sql is the view's own, and not that of the table behind it */
};

struct schema_table {
	char *name;	/* the stored name: names.h says how a schema of the file stands in it */
	char *schema;	/* SQLite's database: "public", "pg_catalog", "information_schema", "temp" */
	char kind;	/* 'r' table, 'v' view, 'm' materialized view, 'S' sequence */
	bool canonical; /* its numerics are texts in canonical form; false of a view that an older bibd made */
	bool without_rowid;
	unsigned ncolumns;
	struct schema_column *columns;
	char *sql;			  /* sqlite_schema.sql */
	struct schema_sequence *sequence; /* NULL: it is no sequence */
	/* Set for a partition, which is a view ('v') to SQLite and a table to clients; else NULL. */
	struct schema_partition *partition;
	bool inherits;	     /* it has a parent to inherit from */
	char *partition_key; /* what PARTITION BY said, as pg_get_partkeydef shows it; NULL: it is not partitioned */
	/* Of a view that stands for a table: the table, and how it is reached; else NULL. */
	const struct schema_table *root;
	const struct schema_through *through;
};

static inline const char *
schema_column_stored(const struct schema_column *column)
{
	return column->stored != NULL ? column->stored : column->name;
}

/* The table that holds the rows: the one behind a view that stands for it, or the table itself. */
static inline const struct schema_table *
schema_table_root(const struct schema_table *table)
{
	return table->root != NULL ? table->root : table;
}

/* Whether it is partitioned, by itself or as a partition of another one. */
bool schema_table_is_partitioned(const struct schema_table *table);

/* Whether clients see a view in it, and not a partition. */
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
/* ---- what could not be read ---- */

/* Each look-up below answers "there is none" also when reading failed or memory was out, and keeps nothing of it.
 * Whoever looks up asks afterwards, once for all of its look-ups; dialect_translate() does.
 *
 * Notes with which code a read of SQLite's schema ended. SQLITE_OK, SQLITE_ROW and SQLITE_DONE are no failure, nor is
 * SQLITE_ERROR: a view whose text SQLite does not take has no columns to it, but has been read. */
void schema_note(struct schema *schema, int code);
/* SQLite's code of a read that has failed since the last call, or SQLITE_OK. After a failure all that was read is
 * dropped: pointers to tables and types that were found before are no longer valid. */
int schema_take_failure(struct schema *schema);

/* ---- look-ups ---- */

/* Finds the table of that stored name, exact case, in that database of SQLite's; schema_name NULL: in temp, then
 * public, then pg_catalog. NULL: there is none. Valid until the next schema_refresh. */
const struct schema_table *schema_find_table(struct schema *schema, const char *schema_name, const char *name);
const struct schema_column *schema_find_column(const struct schema_table *table, const char *name);

/* Whether a table's rows are found by an index, of all rows and by the order of bytes, that has the column in it; all
 * three are SQLite's names. */
bool schema_has_index_with(struct schema *schema, const char *database, const char *table, const char *column);

/* Whether a table of the file, or a temporary one, has a key that is DEFERRABLE. */
bool schema_has_late_keys(struct schema *schema);

/* Find a type of the file's own, by its name, and by its OID, which is not that of arrays of it. NULL: there is
 * none. Valid until the next schema_refresh. */
const struct schema_type *schema_find_type(struct schema *schema, const char *name);
const struct schema_type *schema_type_by_oid(struct schema *schema, uint32_t oid);
/* The type of the rows of a table or view; NULL: it has none, as the catalog's tables. */
const struct schema_type *schema_row_type(struct schema *schema, const struct schema_table *table);
/* An OID for a type that is being defined, which no type of the file has had before. 0: there are no more. */
uint32_t schema_new_type(struct schema *schema, enum type_class class);
/* What format_type() shows of any type, the file's own too, which type_format() does not know. malloc'ed; NULL: out
 * of memory. */
char *schema_type_format(struct schema *schema, uint32_t oid, int32_t typmod);
/* ---- path.c: the session's search path, by which a name without a schema is looked for ---- */

/* Sets the path, before each translation; text NULL: the default. What cannot be read is taken for an empty list. */
void schema_set_path(struct schema *schema, const char *text, const char *user);
/* A place where names are looked for: SQLite's database, and PostgreSQL's schema in it. */
struct schema_place {
	const char *database, *schema;
};
/* The i-th place of the path, from 0, among those that are there; false after the last. Valid until the next
 * schema_refresh or schema_set_path. */
bool schema_place_at(struct schema *schema, unsigned i, struct schema_place *place);
/* Where a new relation goes when the statement names no schema; false: nowhere. */
bool schema_place_to_create(struct schema *schema, struct schema_place *place);
/* The first table or view of the path that has the name; NULL: there is none. */
const struct schema_table *schema_resolve(struct schema *schema, const char *relation);
/* Whether there is a schema of that name: public, a catalog, or one of the file. */
bool schema_has_namespace(struct schema *schema, const char *name);
/* Whether it is a schema of the file, which public and the catalogs are not. */
bool schema_has_own(struct schema *schema, const char *name);

/* What the session that the schema is read for may define; at first everything. What it may not define is refused
 * with 42501, for SCHEMA_DEFINES_NOTHING before any name in the statement is looked at. */
enum schema_definer { SCHEMA_DEFINES_NOTHING, SCHEMA_DEFINES_TEMPORARY, SCHEMA_DEFINES_ALL };
void schema_set_definer(struct schema *schema, enum schema_definer definer);
enum schema_definer schema_definer(const struct schema *schema);
/* Whether the schema is read for bibd itself (true at first), which may make and change relations of its own. */
void schema_set_own(struct schema *schema, bool own);
bool schema_is_own(const struct schema *schema);

/* Before and after a script that rebuilds a table (dialect_plan.rebuilds): foreign keys off, and views that name the
 * table left alone while it is away. Works inside an open transaction too, where PRAGMA foreign_keys does nothing. */
void schema_set_rebuilding(sqlite3 *db, bool on);
/* Called before and after SQLite's own ALTER TABLE, where bibd has seen to the views that it concerns: views that
 * SQLite cannot read for another reason do not stop it then. */
void schema_set_leaving_views(sqlite3 *db, bool on);

/* What stands before the types of a view's columns, "oid:typmod" each, in a comment of its text; and what follows
 * the types where the view's numerics are canonical. */
#define SCHEMA_VIEW_TYPES "/*bibd:types "
#define SCHEMA_VIEW_CANONICAL "canonical"

#endif
