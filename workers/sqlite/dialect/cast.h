/*
 * Private to cast*.c: the ways by which a value becomes one of another type.
 */
#ifndef BIBD_SQLITE_DIALECT_CAST_H
#define BIBD_SQLITE_DIALECT_CAST_H

#include "workers/sqlite/dialect/expression.h"

/* ---- cast_shown.c ---- */

/* Whether values of the type are shown by a name and kept as an OID. */
bool cast_is_named(uint32_t oid);
/* The same, and oid itself. */
bool cast_kept_as_oid(uint32_t oid);
/* Around a text that is read as such a value, or (`in` false) around a value that is shown. */
int cast_wrap_named(struct translator *t, struct expression *e, uint32_t oid, bool in);
/* Around a value of the type `from`: the text that it is shown as. */
int cast_to_text(struct translator *t, struct expression *e, uint32_t from);

/* ---- cast.c ---- */

/* Calls the type's function: bibd_x(value[, typmod]), or bibd_to_x for an assignment, which truncates nothing. */
int cast_call(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod, enum cast_kind kind);

/* ---- cast_array.c ---- */

/* Elements of one type of numbers as those of another; others are read from their text, which must not depend on what
 * the session sees. */
int cast_array_elements(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod, enum cast_kind kind,
    int location);
/* An array of a domain: one of what that is made of, each of whose elements the domain checks. */
int cast_to_domain_array(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod, enum cast_kind kind,
    int location);
/* ARRAY[...]::type, also of a domain over an array, or an array of a domain: each element is cast by itself. */
int cast_array_expression(struct translator *t, const PgQuery__TypeCast *cast, uint32_t oid, int32_t typmod,
    struct expression *type);
/* ARRAY[...]::oidvector and ::int2vector: the numbers with blanks between, each of them cast by itself. */
int cast_vector(struct translator *t, const PgQuery__TypeCast *cast, uint32_t oid, struct expression *type);

#endif
