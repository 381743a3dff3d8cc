/*
 * Private to catalog/: what constraints and indexes are both written with.
 */
#ifndef BIBD_SQLITE_CATALOG_DESCRIBE_PUT_H
#define BIBD_SQLITE_CATALOG_DESCRIBE_PUT_H

#include <stdio.h>

#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/schema/definition_lex.h"

/* "a, b". */
void describe_put_names(FILE *out, const struct definition_names *names);
/* A relation by its stored name: with its schema, unless that is public. */
void describe_put_relation(FILE *out, const char *stored);
/* The schema of a stored name, between the marks that kept_resolve() looks for. */
void describe_put_schema(FILE *out, const char *stored);
/* Takes the parentheses around the whole off, in place; returns the text. */
char *describe_strip(char *text);
/* Closes `out` and returns its text, malloc'ed; NULL where it turned out not to be known (how->lost). */
char *describe_finish(FILE *out, char **text, const struct describe_how *how);

#endif
