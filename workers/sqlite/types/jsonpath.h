/*
 * jsonpath, the language of paths in JSON documents: its texts read into a tree, and written as PostgreSQL shows them.
 * Source: PostgreSQL's manual, 9.16.2 "The SQL/JSON Path Language".
 */
#ifndef BIBD_SQLITE_JSONPATH_H
#define BIBD_SQLITE_JSONPATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/sqlite/types/types.h"

/* Levels of a path's tree; deeper ones are 54001. */
#define JSONPATH_DEPTH_MAX 512

enum jsonpath_kind {
	/* values */
	JSONPATH_NULL,
	JSONPATH_TRUE,
	JSONPATH_FALSE,
	JSONPATH_STRING,
	JSONPATH_NUMBER,
	JSONPATH_VARIABLE,
	JSONPATH_ROOT,
	JSONPATH_CURRENT,
	JSONPATH_LAST,
	/* predicates */
	JSONPATH_OR,
	JSONPATH_AND,
	JSONPATH_NOT,
	JSONPATH_IS_UNKNOWN,
	JSONPATH_EXISTS,
	JSONPATH_EQUAL,
	JSONPATH_NOT_EQUAL,
	JSONPATH_LESS,
	JSONPATH_GREATER,
	JSONPATH_LESS_EQUAL,
	JSONPATH_GREATER_EQUAL,
	JSONPATH_STARTS_WITH,
	JSONPATH_LIKE_REGEX,
	/* arithmetic */
	JSONPATH_ADD,
	JSONPATH_SUBTRACT,
	JSONPATH_MULTIPLY,
	JSONPATH_DIVIDE,
	JSONPATH_MODULO,
	JSONPATH_PLUS,
	JSONPATH_MINUS,
	/* steps */
	JSONPATH_KEY,
	JSONPATH_ANY_KEY,
	JSONPATH_ANY_ELEMENT,
	JSONPATH_ELEMENTS,
	JSONPATH_ANY_LEVEL,
	JSONPATH_FILTER,
	/* methods */
	JSONPATH_TYPE,
	JSONPATH_SIZE,
	JSONPATH_ABS,
	JSONPATH_FLOOR,
	JSONPATH_CEILING,
	JSONPATH_DOUBLE,
	JSONPATH_DATETIME,
	JSONPATH_KEYVALUE,
};

#define JSONPATH_LAST_LEVEL UINT32_MAX

struct jsonpath_node {
	enum jsonpath_kind kind;
	struct jsonpath_node *left, *right; /* operands; an operator of one has left; [from to right] */
	struct jsonpath_node *next;	    /* the step behind it, or among JSONPATH_ELEMENTS the next subscript */
	char *text;			    /* a string, key, variable, pattern, or a number in canonical form */
	size_t length;
	uint32_t first, last; /* of JSONPATH_ANY_LEVEL */
	unsigned flags;	      /* of like_regex: bits of jsonpath_flags, in their order there */
};

/* The letters of like_regex's flags, as they are written out. */
extern const char jsonpath_flags[];
enum { JSONPATH_IGNORE_CASE = 1, JSONPATH_DOT_ALL = 2, JSONPATH_MULTILINE = 4, JSONPATH_QUOTE = 16 };

struct jsonpath {
	bool strict;
	struct jsonpath_node *root;
	void *blocks; /* what it is made of */
};

/* NULL with the report: 22P02 for nothing, 42601, 22003 and what reading a number may fail with, 54001, 53200. */
struct jsonpath *jsonpath_read(const char *text, size_t length, struct report *r);
void jsonpath_free(void *path); /* takes NULL */
/* Appends it in its one form. */
void jsonpath_put(struct pgwire_buffer *out, const struct jsonpath *path);

/* How tightly an operator binds, the loosest first. */
int jsonpath_priority(enum jsonpath_kind kind);
/* "$", "&&", "abs": as it is written. */
const char *jsonpath_word(enum jsonpath_kind kind);

#endif
