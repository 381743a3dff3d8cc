/*
 * A regular expression while it is parsed: its smallest pieces, its quantifiers, and what its tree is made of. Private
 * to regex_parse.c.
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

/* ---- regex_quantifier.c ---- */

/* How often something may stand. */
struct regex_count {
	int min, max;	     /* max -1: any number */
	unsigned preference; /* of more of it or less: bits of a node's flags; 0: its operand's */
};

/* Reads the quantifier that stands here; none: once. False: the report is filled. */
bool regex_read_quantifier(struct regex_parser *p, struct regex_count *q);

/* ---- regex_node.c: what a tree is made of; NULL: memory is out, and told ---- */

struct regex_node *regex_new_node(struct regex_parser *p, enum regex_node_kind kind, struct regex_node *left,
    struct regex_node *right);
/* One behind the other; of two of which one is empty, the other. */
struct regex_node *regex_join(struct regex_parser *p, struct regex_node *a, struct regex_node *b);
struct regex_node *regex_repeat(struct regex_parser *p, struct regex_node *node, int min, int max);
struct regex_part *regex_new_part(struct regex_parser *p, char op, unsigned flags, struct regex_node *node);

#endif
