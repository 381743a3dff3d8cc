/*
 * The smallest pieces of a regular expression. Private to regex_parse.c.
 */
#ifndef BIBD_SQLITE_REGEX_LEX_H
#define BIBD_SQLITE_REGEX_LEX_H

#include "workers/sqlite/types/regex_tree.h"

struct regex_parser {
	struct regex_tree *tree;
	const char *at, *end;
	struct report *report;
	struct regex_part *groups[REGEX_SPANS];
	size_t parts;
	unsigned depth;
	bool look;   /* within what looks ahead or behind */
	bool failed; /* and reported */
};

/* Fills the report unless it is; false. */
bool regex_parser_fail(struct regex_parser *p, enum sqlstate state, const char *message);
/* "(?i)" at the beginning. */
bool regex_read_options(struct regex_parser *p);
/* Whether a quantifier stands here: "{" is one before a digit only. */
bool regex_at_quantifier(const struct regex_parser *p);
/* A character, a set or an anchor; or *group, to which a back reference refers. */
bool regex_read_simple(struct regex_parser *p, struct regex_node *node, unsigned *group);

#endif
