/*
 * Private to the DDL of functions: how one is found, named and taken out of its tables.
 */
#ifndef BIBD_SQLITE_DEFINE_ROUTINE_H
#define BIBD_SQLITE_DEFINE_ROUTINE_H

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/schema/routine.h"

#define ROUTINE_ARGUMENTS_MAX 100

/* The stored name of a function from the names in a statement. NULL: the report is filled. */
const char *routine_name(struct translator *t, PgQuery__Node *const *names, size_t n);
/* "name(type, type)", which tells a routine from all others. NULL: the report is filled. */
const char *routine_identity(struct translator *t, const char *name, const uint32_t *types, unsigned n);
/* The OID of the routine of that name with those inputs; 0: there is none. *found, which may be NULL, is then the
 * caller's to free. */
uint32_t routine_find_same(struct translator *t, const char *name, const uint32_t *types, unsigned n,
    struct schema_routine *found);
/* An OID for a new routine of that identity. */
uint32_t routine_new_oid(struct translator *t, const char *what);
/* The name of a setting in the spelling of PostgreSQL's list. */
const char *routine_setting_name(const char *name);
/* "name=value" from SET in a function's definition. NULL: the report is filled. */
const char *routine_setting(struct translator *t, const PgQuery__DefElem *option);
/* Whether PostgreSQL has a function of that name. */
bool routine_is_built_in(const char *name);
/* The OID of anyelement or another polymorphic type; 0: it is another type. */
uint32_t routine_polymorphic(const PgQuery__TypeName *name);
/* Finds what a statement names as a "function", "procedure" or "routine". 1: *found is the caller's to free, *what
 * is its identity; 0: there is none, and a notice says so; -1: the report is filled. */
int routine_find(struct translator *t, const PgQuery__ObjectWithArgs *object, const char *word, bool missing_ok,
    struct schema_routine *found, const char **what);
int routine_emit_delete(struct translator *t, uint32_t oid);
/* Calls `each` for the routines of a schema, with the identity of each in `what`, until it returns other than 0;
 * returns that. */
int routine_each_of_schema(struct translator *t, const char *schema,
    int (*each)(void *arg, const struct schema_routine *routine, const char *what), void *arg);

/* ---- drop_routine.c ---- */

/* Adds the views that call the routine and are not among `views` yet; refuses where anything but views and those
 * tables calls it. */
int routine_add_callers(struct translator *t, const struct schema_routine *routine,
    const struct definition_names *tables, struct definition_names *views);
/* Drops a routine with its triggers. */
int routine_drop_with_schema(struct translator *t, const struct schema_routine *routine, const char *what);

/* ---- routine_depend.c ---- */

/* Whether SQL of the file's own has a call of the function with that OID, as own_call.c and own_set.c write one. */
bool routine_calls(const char *sql, uint32_t oid);
/* "name(type)"; NULL: the report is filled. */
const char *routine_identity_of(struct translator *t, const struct schema_routine *routine);

/* Where something in the file calls the routine: 2BP01, or, with CASCADE, drops the views that do. `what` is the
 * routine's identity. */
int routine_release(struct translator *t, uint32_t oid, const char *what, bool cascade);
/* Where functions return rows of a relation that is dropped: 2BP01, or, with CASCADE, drops them. */
int routine_release_type(struct translator *t, uint32_t oid, const char *name, bool cascade);
int routine_release_relation(struct translator *t, const char *database, const char *name, bool cascade);
/* Whether a column of the relation may go: not where something calls a function that answers its rows: 2BP01 where that
 * names the column, else refused. */
int routine_check_row_column(struct translator *t, const char *database, const char *table, const char *column,
    bool cascade);

#endif
