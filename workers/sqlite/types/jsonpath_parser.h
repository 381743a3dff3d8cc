/*
 * Private to jsonpath_*.c: a jsonpath while it is read.
 */
#ifndef BIBD_SQLITE_TYPES_JSONPATH_PARSER_H
#define BIBD_SQLITE_TYPES_JSONPATH_PARSER_H

#include <stdbool.h>

#include "workers/sqlite/types/jsonpath_lex.h"

struct block {
	struct block *next;
	union {
		struct jsonpath_node node;
		char text[1];
	} u;
};

struct parser {
	struct jsonpath_lexer lexer;
	struct jsonpath *path;
	unsigned depth;
	unsigned filters, subscripts; /* that are around what is read */
};

typedef struct jsonpath_node node;

/* ---- jsonpath_parser.c ---- */

/* Memory that lives as long as the path; a node in it, and one with the token's text. NULL: reported. */
void *jsonpath_take_block(struct parser *p, size_t extra);
node *jsonpath_new_node(struct parser *p, enum jsonpath_kind kind, node *left, node *right);
node *jsonpath_text_node(struct parser *p, enum jsonpath_kind kind);
/* Reports a syntax error at the token, or that message, where nothing was reported yet. NULL. */
node *jsonpath_parse_fail(struct parser *p);
node *jsonpath_parse_fail_with(struct parser *p, const char *message);
bool jsonpath_is_sign(const struct parser *p, const char *sign);
/* null, true and false are words as they are written here, the others in any case. */
bool jsonpath_is_word(const struct parser *p, const char *word);
/* To the next token; false: it can't be read; reported, as below. */
bool jsonpath_advance(struct parser *p);
/* False: something else stands there, or what follows can't be read. */
bool jsonpath_take_sign(struct parser *p, const char *sign);
bool jsonpath_take_word(struct parser *p, const char *word);
/* One level deeper; false: that is too deep. */
bool jsonpath_enter(struct parser *p);
bool jsonpath_is_predicate(const node *n);

/* ---- jsonpath_steps.c ---- */

node *jsonpath_parse_text(struct parser *p, enum jsonpath_kind kind);
node *jsonpath_parse_scalar(struct parser *p);
/* The steps behind a value. */
node *jsonpath_parse_steps(struct parser *p, node *first);

/* ---- jsonpath_parse.c: with operators ---- */

node *jsonpath_parse_sum(struct parser *p);
node *jsonpath_parse_or(struct parser *p);

#endif
