/*
 * Private to connection/: a statement while it is made, and how it gets into the cache and out of it.
 */
#ifndef BIBD_SQLITE_CONNECTION_STATEMENT_MAKE_H
#define BIBD_SQLITE_CONNECTION_STATEMENT_MAKE_H

#include "workers/sqlite/connection/statement.h"

/* Brings the catalog's tables, which are copies, up to date where the plan reads them. -1: reported. */
int statement_prepare_catalog(struct connection *connection, const struct dialect_plan *plan, struct report *r);
/* Prepares all of SQLite's texts that the plan has. -1: reported. */
int statement_prepare_all(struct connection *connection, struct statement *s, struct report *r);

/* What a statement that is whole takes of memory, about. */
int64_t statement_size(const struct statement *s);
/* Keeps it if there is room, or room can be made by dropping what is older and not busy. */
void statement_enter(struct statement_cache *cache, struct statement *s);
/* Takes it out; it is the caller's. */
void statement_uncache(struct statement_cache *cache, struct statement *s);
void statement_free(struct statement *s);

#endif
