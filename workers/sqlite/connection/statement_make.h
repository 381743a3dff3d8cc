/*
 * Private to connection/: a statement while it is made.
 */
#ifndef BIBD_SQLITE_CONNECTION_STATEMENT_MAKE_H
#define BIBD_SQLITE_CONNECTION_STATEMENT_MAKE_H

#include "workers/sqlite/connection/statement.h"

/* Brings the catalog's tables, which are copies, up to date where the plan reads them. -1: reported. */
int statement_prepare_catalog(struct connection *connection, const struct dialect_plan *plan, struct report *r);
/* Prepares all of SQLite's texts that the plan has. -1: reported. */
int statement_prepare_all(struct connection *connection, struct statement *s, struct report *r);

#endif
