/*
 * A call of a regular expression: its pattern taken from an argument, kept from row to row, and matched.
 */
#ifndef BIBD_SQLITE_REGEX_CALL_H
#define BIBD_SQLITE_REGEX_CALL_H

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/regex.h"

/* A pattern that is compiled, with the flags that it was given: a constant pattern may come with other options in each
 * row. */
struct pattern {
	struct regex *regex;
	unsigned flags;
};

/* The second argument, compiled: a constant one once for a statement, since SQLite keeps it then (pattern_keep). NULL:
 * the error was set. */
struct pattern *pattern_take(sqlite3_context *c, sqlite3_value **argv, unsigned flags, bool *is_fresh);
/* For the next row: after the last use, for SQLite frees at once what is not constant. */
void pattern_keep(sqlite3_context *c, struct pattern *pattern, bool is_fresh);
/* The letters of the options as flags, "g" in *all. -1: the error was set. */
int pattern_read_options(const char *options, unsigned *flags, bool *all, struct report *r);
int pattern_options(sqlite3_context *c, const char *options, unsigned *flags, bool *all);
/* As regex_find; a match that was stopped ends the statement. */
int pattern_find(sqlite3_context *c, const struct regex *regex, const char *text, size_t length, size_t from,
    struct regex_span *spans);
/* The text that replaces a match: \1 to \9 and \& are what its parts matched. */
void pattern_put_replacement(FILE *out, const char *with, const char *text, const struct regex_span *groups);

#endif
