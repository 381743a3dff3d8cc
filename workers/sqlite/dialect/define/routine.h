/*
 * Private to the DDL of functions: how one is found, named and taken out of its tables.
 */
#ifndef BIBD_SQLITE_DEFINE_ROUTINE_H
#define BIBD_SQLITE_DEFINE_ROUTINE_H

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/schema/routine.h"

#define ROUTINE_ARGUMENTS_MAX 100

/* A function's name without its schema. NULL: reported. */
const char *routine_name(struct translator *t, PgQuery__Node *const *names, size_t n);
/* "name(type, type)": what a routine is told by. NULL: reported. */
const char *routine_identity(struct translator *t, const char *name, const uint32_t *types, unsigned n);
/* The OID of the routine of that name with those inputs, 0: there is none. *found (may be NULL) becomes the caller's to
 * clear. */
uint32_t routine_find_same(struct translator *t, const char *name, const uint32_t *types, unsigned n,
    struct schema_routine *found);
/* A setting as it is called, and not as it was written. */
const char *routine_setting_name(const char *name);
/* "name=value" of SET in a function's definition. NULL: reported. */
const char *routine_setting(struct translator *t, const PgQuery__DefElem *option);
/* Whether PostgreSQL has a function of that name. */
bool routine_is_built_in(const char *name);
/* anyelement and its like; 0: it is another type. */
uint32_t routine_polymorphic(const PgQuery__TypeName *name);
/* What a statement names as a "function", "procedure" or "routine": 1: *found is the caller's to clear, *what its
 * identity; 0: there is none, and a notice says so; -1: reported. */
int routine_find(struct translator *t, const PgQuery__ObjectWithArgs *object, const char *word, bool missing_ok,
    struct schema_routine *found, const char **what);
int routine_emit_delete(struct translator *t, uint32_t oid);

/* ---- drop_routine.c ---- */

/* Whether something that stands in the file calls it: 2BP01, or with CASCADE its views go. `what` is its identity. */
int routine_release(struct translator *t, uint32_t oid, const char *what, bool cascade);
/* The same for functions that return rows of the relation that is to be dropped: 2BP01, or they go. */
int routine_release_type(struct translator *t, uint32_t oid, const char *name, bool cascade);
int routine_release_relation(struct translator *t, const char *database, const char *name, bool cascade);
/* Whether a column of the relation may go: not where something calls a function that answers its rows: 2BP01 where that
 * names the column, else refused. */
int routine_check_row_column(struct translator *t, const char *database, const char *table, const char *column,
    bool cascade);

#endif
