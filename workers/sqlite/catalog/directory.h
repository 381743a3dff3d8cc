/*
 * A quick way to a relation, for functions that are called once for each row of a catalog: the list that is filled with
 * the catalog's tables. Where it is not as new as the file's schema the caller looks through the file
 * (catalog_each_relation()), which has the same relations in the same order.
 */
#ifndef BIBD_SQLITE_CATALOG_DIRECTORY_H
#define BIBD_SQLITE_CATALOG_DIRECTORY_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "workers/sqlite/catalog/fill.h"
#include "workers/sqlite/catalog/objects.h"

/* Fills the list anew. */
void directory_fill(struct fill *fill);
/* Each relation of that name, in any schema, or, where name is NULL, of that OID, until `each` returns true. *internal
 * is the session's mark that bibd itself asks. 0; -1: the list is not fresh, or could not be read, and `each` may have
 * been called. */
int directory_each(sqlite3 *db, bool *internal, const char *name, uint32_t oid,
    bool (*each)(void *arg, const struct catalog_relation *relation), void *arg);
/* The table that a constraint is of; 0: not known. */
uint32_t directory_constrained(sqlite3 *db, bool *internal, uint32_t oid);

#endif
