/*
 * Regular expressions that the library of regex.c does not have: what looks ahead or behind, what is not greedy, groups
 * that capture nothing, back references, and anchors that are repeated. A pattern becomes a tree; which part of a text
 * each of its parts matches is found as PostgreSQL's manual says (9.7.3.5): a part prefers the longest or the shortest
 * of what it may match, and an earlier part decides before a later one. Private to regex.c and the files regex_*.c.
 */
#ifndef BIBD_SQLITE_REGEX_TREE_H
#define BIBD_SQLITE_REGEX_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/sqlite/types/regex.h"

struct regex_tree;

/* As regex_new() and its kin. */
struct regex_tree *regex_tree_new(const char *pattern, size_t length, unsigned flags, struct report *r);
void regex_tree_free(struct regex_tree *tree); /* takes NULL */
unsigned regex_tree_groups(const struct regex_tree *tree);
int regex_tree_find(struct regex_tree *tree, const char *text, size_t length, size_t from, struct regex_span *spans,
    bool (*must_stop)(void *), void *arg);

/* ---- between regex_parse.c and regex_match.c ---- */

enum regex_node_kind {
	REGEX_EMPTY,
	REGEX_SET, /* a character of a set */
	REGEX_CONCAT,
	REGEX_EITHER,
	REGEX_REPEAT,
	REGEX_BEGIN,	  /* ^ */
	REGEX_END,	  /* $ */
	REGEX_BEGIN_TEXT, /* \A, \Z */
	REGEX_END_TEXT,
	REGEX_WORD_BEGIN, /* \m, \M, \y, \Y */
	REGEX_WORD_END,
	REGEX_WORD_EDGE,
	REGEX_WORD_INSIDE,
	REGEX_LOOK, /* ahead or behind */
};

enum regex_class {
	REGEX_CLASS_ALNUM = 1 << 0,
	REGEX_CLASS_ALPHA = 1 << 1,
	REGEX_CLASS_BLANK = 1 << 2,
	REGEX_CLASS_CNTRL = 1 << 3,
	REGEX_CLASS_DIGIT = 1 << 4,
	REGEX_CLASS_GRAPH = 1 << 5,
	REGEX_CLASS_LOWER = 1 << 6,
	REGEX_CLASS_PRINT = 1 << 7,
	REGEX_CLASS_PUNCT = 1 << 8,
	REGEX_CLASS_SPACE = 1 << 9,
	REGEX_CLASS_UPPER = 1 << 10,
	REGEX_CLASS_XDIGIT = 1 << 11,
	REGEX_CLASS_WORD = 1 << 12,
};

struct regex_range {
	uint32_t first, last;
};

struct regex_set {
	struct regex_range *ranges;
	size_t n;
	unsigned classes, without; /* without: characters outside of these classes */
	bool negated, any_but_newline;
};

/* What a part matches, without regard to what it prefers: lives as long as the tree. */
struct regex_node {
	enum regex_node_kind kind;
	struct regex_set set;
	struct regex_node *left, *right; /* of two; the one that is repeated, or looked for, is left */
	int min, max;			 /* max -1: any number */
	bool behind, negative;
	struct regex_program *program; /* of what is looked for, once it is needed */
};

/* Preferences and what stands below, by which parts are taken apart. */
#define REGEX_LONGER 1
#define REGEX_SHORTER 2
#define REGEX_MIXED 4
#define REGEX_CAPTURES 8
#define REGEX_REFERS 16

struct regex_part {
	char op; /* '=' a whole, '.' in a row, '|' one of them, '*' again and again, 'b' back reference, '(' */
	unsigned flags;
	struct regex_node *node;
	struct regex_part *child, *sibling;
	unsigned capture; /* group; 0: none */
	unsigned refers;
	int min, max;
	struct regex_program *program;
};

#define REGEX_PARTS_MAX 20000

struct regex_tree {
	void **blocks; /* all that it is made of */
	size_t nblocks, capacity;
	struct regex_part *top;
	unsigned groups;
	bool ignore_case, newline;
	bool refers;
	size_t states; /* of its programs together */
};

/* Whether the automata of all its parts stay within bounds. */
bool regex_tree_fits(const struct regex_tree *tree);
void *regex_tree_alloc(struct regex_tree *tree, size_t size);
bool regex_set_has(const struct regex_tree *tree, const struct regex_set *set, uint32_t c);
bool regex_is_word(uint32_t c);
uint32_t regex_fold(uint32_t c);

#endif
