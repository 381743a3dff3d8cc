/*
 * A statement's text without what stands in its large literals.
 */
#ifndef BIBD_SQLITE_DIALECT_SHORTEN_H
#define BIBD_SQLITE_DIALECT_SHORTEN_H

#include "workers/sqlite/dialect/dialect.h"

/* True: *shorter (dialect_text_free) is a text of the same key, in *sql (the caller's to free). False: it has no large
 * literal, or there is no such text; nothing is to be freed. */
bool dialect_shorten(const struct dialect_text *text, struct dialect_text *shorter, char **sql);

#endif
