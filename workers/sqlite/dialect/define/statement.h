/*
 * Private to define/: one parsed statement to its translator.
 */
#ifndef BIBD_SQLITE_DIALECT_DEFINE_STATEMENT_H
#define BIBD_SQLITE_DIALECT_DEFINE_STATEMENT_H

#include "workers/sqlite/dialect/translate.h"

/* Has the statement translated into t->plan by what its kind wants. Returns -1 with the report filled; a kind that is
 * not supported is an error like others. */
int statement_translate(struct translator *t, const PgQuery__Node *node);

#endif
