/*
 * Definitions of the file's own types while a function runs: each is read once for a run of a statement and kept with
 * it (sqlite3_set_auxdata), so that a statement sees those of its own snapshot.
 */
#ifndef BIBD_SQLITE_OWN_TYPE_H
#define BIBD_SQLITE_OWN_TYPE_H

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/schema/type.h"
#include "workers/sqlite/types/record.h"

/* A definition and, of a domain, what checks its constraints. */
struct own_type {
	struct schema_type type;
	sqlite3_stmt **checks; /* as many as type.nchecks */
	struct own_type *next;
};
struct own_types;

/* What is kept with argument i, which must be a constant. NULL: the call failed, as in all of these. */
struct own_types *own_types_at(sqlite3_context *c, int i);
struct own_type *own_type_of(sqlite3_context *c, struct own_types *types, uint32_t oid);
/* The definition whose OID argv[i] is. */
struct own_type *own_type_at(sqlite3_context *c, sqlite3_value **argv, int i);
/* Whether that domain alone takes the value; false: the call failed. */
bool own_domain_takes(sqlite3_context *c, struct own_type *domain, const struct type_value *value);
/* The same of a value that is stored: constraints that are not valid yet say nothing of it. */
bool own_domain_holds(sqlite3_context *c, struct own_type *domain, const struct type_value *value);
/* Whether it may be used: not in the transaction that adds it to an enum. False: the call failed. */
bool own_label_usable(sqlite3_context *c, const struct schema_type *type, const struct schema_label *label);
/* The label of an enum's value, and the other way. NULL: the call failed. */
const struct schema_label *own_label(sqlite3_context *c, const struct schema_type *type, const char *text,
    size_t length);
const struct schema_label *own_label_of(sqlite3_context *c, const struct schema_type *type, int64_t value);

/* ---- own_value.c ---- */

/* Reads what people write for a value of any type, as the type's input function does; text NULL: a null, which a domain
 * may refuse. False: the call failed. *out is to be freed. */
bool own_read(sqlite3_context *c, struct own_types *types, uint32_t oid, int32_t typmod, const char *text,
    size_t length, struct type_value *out);
/* Appends a kept value's text with the labels of enums in place of their values, wherever in it they are. */
bool own_label_text(sqlite3_context *c, struct own_types *types, uint32_t oid, const char *text, size_t length,
    struct pgwire_buffer *out);
/* A field's or element's type as values of it are kept: what a domain is made of. 0: the call failed. */
uint32_t own_kept_type(sqlite3_context *c, struct own_types *types, uint32_t oid);
/* Appends a value of that type to a row, NULL as such. */
bool own_write_field(sqlite3_context *c, struct record_writer *w, uint32_t oid, const struct type_value *value);

#endif
