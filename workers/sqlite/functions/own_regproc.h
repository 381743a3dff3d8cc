/*
 * Private to functions/: regproc and regprocedure of the file's own functions.
 */
#ifndef BIBD_SQLITE_OWN_REGPROC_H
#define BIBD_SQLITE_OWN_REGPROC_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* How many have that name, perhaps with a schema, and take such a list of types ("int, text"; NULL: any). *oid: of one
 * of them. */
unsigned own_regproc_find(sqlite3_context *c, const char *text, const char *types, int64_t *oid);
/* "f", "public.f" or, with `types`, "f(integer)". malloc'ed; NULL: there is none of that OID, or memory is out. */
char *own_regproc_show(sqlite3_context *c, int64_t oid, bool types);
/* regtype.c: a type's OID by its name, not of an array's; 0: there is none. */
uint32_t catalog_type_of_text(sqlite3_context *c, const char *text);

#endif
