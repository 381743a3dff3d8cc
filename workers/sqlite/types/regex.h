/*
 * Regular expressions as PostgreSQL writes them: the one way in for ~, ~*, SIMILAR TO, substring, regexp_replace and
 * regexp_match. Patterns and texts come from clients. Both are matched by an automaton (libtre) whose time grows with
 * their product and whose memory grows with the pattern; what would make it large is refused before it is built, and a
 * match asks now and then whether it is to stop.
 *
 * What the library does not have (what looks ahead or behind, what is not greedy, groups that capture nothing, back
 * references) is matched by regex_tree.h.
 */
#ifndef BIBD_SQLITE_REGEX_H
#define BIBD_SQLITE_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "workers/pgwire/pgwire.h"

/* \1 to \9, and all of it. */
#define REGEX_SPANS 10

enum regex_flags {
	REGEX_IGNORE_CASE = 1,
	REGEX_NEWLINE = 2,	/* . and [^...] do not match a newline, ^ and $ match at lines */
	REGEX_SPANS_WANTED = 4, /* what matched is asked for, not only whether */
};

struct regex;

/* Where a part matched, in bytes; from > to: it did not. */
struct regex_span {
	size_t from, to;
};

/* NULL with the report: 2201B for what is no regular expression, 0A000 for one that is not supported, 54000 for one
 * that is too large, 53200. flags: of enum regex_flags. */
struct regex *regex_new(const char *pattern, size_t length, unsigned flags, struct report *r);
void regex_free(void *regex); /* takes NULL */

/* How many pairs of parentheses it has. */
unsigned regex_groups(const struct regex *regex);

/* The leftmost of the longest matches at or after `from`, where a text goes on (^ does not match there unless from is
 * 0). 1: found, and REGEX_SPANS spans are filled if they are not NULL; 0: none; -1: must_stop said so (it may be NULL);
 * -2: memory is out. */
int regex_find(const struct regex *regex, const char *text, size_t length, size_t from, struct regex_span *spans,
    bool (*must_stop)(void *), void *arg);

#endif
