/*
 * Private to definition_parse.c and definition_check.c: constraints of a CREATE TABLE that is read back.
 */
#ifndef BIBD_SQLITE_DEFINITION_CHECK_H
#define BIBD_SQLITE_DEFINITION_CHECK_H

#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/definition_lex.h"

/* Adds a constraint, which takes over the name (*name is NULL then), over the one column (NULL: none yet). Returns NULL
 * when memory is out. */
struct definition_constraint *definition_add_named(struct definition *d, enum definition_kind kind, char **name,
    const char *column);
/* Reads what stands behind the word CHECK. `column` is the index of the column that it stands at, or d->ncolumns for a
 * CHECK of the table. `name` is the constraint's, or NULL; it is taken over where a constraint is made. */
void definition_parse_check(struct definition_lexer *lexer, struct definition *d, unsigned column, char **name);

#endif
