/*
 * Types that the file defines: enums, domains, rows. Each is a view of bibd's own, "bibd_type_OID", whose rows say what
 * it is, so that a definition is made, changed and undone with the transaction of its DDL, and changes SQLite's schema
 * cookie like any other: what was prepared or planned by an older one is never used again.
 *
 * An enum's value is kept as INTEGER, in the order of its labels and 2^32 apart when they were made, so that a label
 * that comes between two others takes the middle, and renaming one touches no row. An array of them is kept as one of
 * bigint is.
 */
#ifndef BIBD_SQLITE_SCHEMA_TYPE_H
#define BIBD_SQLITE_SCHEMA_TYPE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "workers/sqlite/types/types.h"

#define SCHEMA_TYPE_PREFIX "bibd_type_"
#define SCHEMA_LABEL_GAP (INT64_C(1) << 32)

struct schema_label {
	int64_t value;
	char *text;
};

/* A constraint of a domain. */
struct schema_check {
	char *name;
	char *sql;	/* over ?1, as SQLite computes it */
	char *source;	/* over VALUE, as PostgreSQL shows it */
	bool not_valid; /* what was stored before it came has not been looked at */
};

struct schema_field {
	char *name;
	uint32_t oid;
	int32_t typmod;
};

struct schema_type {
	char *name;
	uint32_t oid;
	/* enum, in order */
	unsigned nlabels;
	struct schema_label *labels;
	/* domain */
	uint32_t over;	/* the type or domain that it was made of */
	uint32_t base;	/* what its values are: never a domain */
	int32_t typmod; /* of base, -1: none */
	bool not_null;
	char *default_sql, *default_source; /* NULL: none */
	unsigned nchecks;
	struct schema_check *checks;
	/* rows */
	unsigned nfields;
	struct schema_field *fields;
};

/* Reads the definition; false: there is none, or memory is out. schema_type_free frees what it has, and takes what is
 * zeroed. */
bool schema_type_read(sqlite3 *db, uint32_t oid, struct schema_type *out);
void schema_type_free(struct schema_type *type);
/* All of them, by OID, malloc'ed; *n is 0 where there is none or it failed. */
struct schema_type *schema_types_read(sqlite3 *db, unsigned *n);
void schema_types_free(struct schema_type *types, unsigned n);

/* The label of a value, or of a text; NULL: there is none. */
const struct schema_label *schema_type_label(const struct schema_type *type, int64_t value);
const struct schema_label *schema_type_label_of(const struct schema_type *type, const char *text, size_t length);
/* Each appends an empty one; NULL: out of memory. */
struct schema_label *schema_type_add_label(struct schema_type *type, unsigned at);
struct schema_check *schema_type_add_check(struct schema_type *type);
struct schema_field *schema_type_add_field(struct schema_type *type);

/* Its name as format_type() shows it, or that of arrays of it. malloc'ed. */
char *schema_type_show(const struct schema_type *type, bool array);
/* Writes the statement that makes the view. */
void schema_type_print(const struct schema_type *type, FILE *out);

#endif
