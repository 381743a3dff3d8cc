/*
 * The words of a jsonpath: private to the files jsonpath*.c.
 */
#ifndef BIBD_SQLITE_JSONPATH_LEX_H
#define BIBD_SQLITE_JSONPATH_LEX_H

#include "workers/sqlite/types/jsonpath.h"

enum jsonpath_token {
	TOKEN_END,
	TOKEN_SIGN,	/* one of the language's signs, in text */
	TOKEN_NAME,	/* without quotes: a key or a word of the language */
	TOKEN_STRING,	/* in quotes */
	TOKEN_NUMBER,	/* in text */
	TOKEN_VARIABLE, /* $name */
};

struct jsonpath_lexer {
	const char *at, *end, *start; /* start: of the token at hand */
	enum jsonpath_token token;
	char *text; /* the token's, escapes undone; NUL-terminated, as long as the whole path at most */
	size_t length;
	bool escaped; /* a name with escapes in it is no word of the language */
	bool whole;   /* a number without a point or exponent */
	struct report *report;
};

/* `text` has room for the path and a NUL. */
void jsonpath_lex_open(struct jsonpath_lexer *l, const char *path, size_t length, char *text, struct report *r);
int jsonpath_lex_next(struct jsonpath_lexer *l);
/* 42601 at the token at hand. */
int jsonpath_lex_fail(struct jsonpath_lexer *l, const char *what);

#endif
