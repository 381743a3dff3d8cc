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
	float order; /* pg_enum.enumsortorder, which PostgreSQL numbers anew when there is no room left */
	char *made;  /* the transaction that added the label (schema_transaction()); NULL: it came with the type */
};

/* A constraint of a domain. */
struct schema_check {
	char *name;
	char *sql;	/* the condition as SQLite computes it, with ?1 for the value */
	char *source;	/* the condition as PostgreSQL shows it, with VALUE for the value */
	bool not_valid; /* NOT VALID: values stored before it was added have not been checked */
};

struct schema_field {
	char *name;
	uint32_t oid;
	int32_t typmod;
};

struct schema_type {
	char *name;
	uint32_t oid;
	/* an enum's labels, in their order */
	unsigned nlabels;
	struct schema_label *labels;
	/* of a domain */
	uint32_t over;	/* the type or domain under it */
	uint32_t base;	/* the type of its values, which is no domain */
	int32_t typmod; /* base's; -1: none */
	bool not_null;
	char *default_sql, *default_source; /* NULL: none */
	unsigned nchecks;
	struct schema_check *checks;
	/* of a row type: its fields */
	unsigned nfields;
	struct schema_field *fields;
};

/* Reads the type of that OID; false: there is none, or memory is out. schema_type_free() frees what it has, and
 * takes zeroed memory too. */
bool schema_type_read(sqlite3 *db, uint32_t oid, struct schema_type *out);
void schema_type_free(struct schema_type *type);
/* Reads all types of the file, sorted by OID, malloc'ed. Returns SQLITE_OK, or the code of the read that failed,
 * with what was read until then. */
int schema_types_read(sqlite3 *db, struct schema_type **types, unsigned *n);
void schema_types_free(struct schema_type *types, unsigned n);

/* The label of that value, and the one with that text; NULL: there is none. */
const struct schema_label *schema_type_label(const struct schema_type *type, int64_t value);
const struct schema_label *schema_type_label_of(const struct schema_type *type, const char *text, size_t length);
/* A name for the transaction under way that no other has; and whether that transaction added the label, which it may
 * not use before it ends. malloc'ed; NULL, and false: not known, as where there is no session. */
char *schema_transaction(sqlite3 *db);
bool schema_label_is_new(sqlite3 *db, const struct schema_label *label);
/* The order that a label of that value has unless another is kept. */
float schema_label_order(int64_t value);
/* Append an empty label, constraint or field; NULL: out of memory. */
struct schema_label *schema_type_add_label(struct schema_type *type, unsigned at);
struct schema_check *schema_type_add_check(struct schema_type *type);
struct schema_field *schema_type_add_field(struct schema_type *type);

/* The type's name as format_type() shows it, or that of arrays of it. malloc'ed. */
char *schema_type_show(const struct schema_type *type, bool array);
/* Writes the CREATE VIEW that holds the type. */
void schema_type_print(const struct schema_type *type, FILE *out);

#endif
