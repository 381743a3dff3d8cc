/*
 * PostgreSQL's regular expressions put into POSIX's words, and measured. Private to regex.c.
 */
#ifndef BIBD_SQLITE_REGEX_REWRITE_H
#define BIBD_SQLITE_REGEX_REWRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "workers/pgwire/pgwire.h"

/* The pattern as the library takes it, malloc'ed, its length in *size; flags (enum regex_flags) gain what the pattern
 * itself sets, and *boundaries says whether it asks where words begin or end. NULL with the report filled; see
 * regex_new. */
char *regex_rewrite(const char *pattern, size_t length, unsigned *flags, bool *boundaries, size_t *size,
    struct report *r);

#endif
