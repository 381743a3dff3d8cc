/*
 * A text in quotes as SQL writes it, what is a quote inside doubled: names and strings.
 */
#ifndef BIBD_SQLITE_QUOTE_H
#define BIBD_SQLITE_QUOTE_H

#include <stddef.h>
#include <stdio.h>

void quote_put(FILE *out, const char *text, size_t length, char quote);

#endif
