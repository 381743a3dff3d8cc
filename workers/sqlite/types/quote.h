/*
 * A text in quotes as SQL writes it, what is a quote inside doubled: names and strings.
 */
#ifndef BIBD_SQLITE_QUOTE_H
#define BIBD_SQLITE_QUOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

void quote_put(FILE *out, const char *text, size_t length, char quote);
/* Whether PostgreSQL puts a name in quotes: all but lower-case words that are not SQL's own. */
bool quote_is_needed(const char *name);
/* The name, in quotes where it needs them. */
void quote_put_identifier(FILE *out, const char *name);

#endif
