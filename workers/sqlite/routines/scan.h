/*
 * Private to the parser of PL/pgSQL: its text as tokens. What SQL takes for one token (strings with their quotes,
 * comments, dollar quotes, operators) is one here; words are told apart without regard to their case.
 */
#ifndef BIBD_SQLITE_ROUTINES_SCAN_H
#define BIBD_SQLITE_ROUTINES_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "workers/pgwire/pgwire.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,   /* an identifier or a keyword, not quoted, or $1 */
	TOKEN_QUOTED, /* "an identifier" */
	TOKEN_NUMBER,
	TOKEN_STRING, /* with its quotes */
	TOKEN_SYMBOL, /* an operator, a bracket, ; , . .. := << >> */
};

struct token {
	enum token_kind kind;
	size_t start, end; /* in the text */
};

struct scanner {
	const char *text;
	size_t length;
	size_t at; /* behind the token at hand */
	struct token token;
	struct token before; /* the one before it */
};

/* Begins at the first token. -1: 42601, a string or a comment has no end. */
int scan_begin(struct scanner *s, const char *text, struct report *r);
int scan_next(struct scanner *s, struct report *r);
/* Goes back to a place that was scanner->token before. */
int scan_back(struct scanner *s, struct token to, struct report *r);

/* Whether the token at hand is that word, or that symbol. */
bool scan_is_word(const struct scanner *s, const char *word);
bool scan_is_symbol(const struct scanner *s, const char *symbol);
bool token_is_word(const struct scanner *s, struct token token, const char *word);

/* The identifier that a token is, as PostgreSQL folds it: malloc'ed. NULL: it is none, or memory is out. */
char *scan_identifier(const struct scanner *s, struct token token);
/* 42601 "syntax error at or near ...". -1. */
int scan_fail(const struct scanner *s, struct report *r);

#endif
