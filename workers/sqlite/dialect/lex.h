/*
 * Private to the lexer: lex.c walks the statement, lex_key.c writes the key and keeps the literals.
 */
#ifndef BIBD_SQLITE_DIALECT_LEX_H
#define BIBD_SQLITE_DIALECT_LEX_H

#include "workers/sqlite/dialect/dialect.h"

/* A worker's threads have stacks of 256 MiB; sqlite_dialect_depth_test measures that what these bounds let pass can be
 * parsed, unpacked, translated and freed on one. */
#define LEX_DEPTH_MAX 20000
#define LEX_PARENTHESES_MAX 2000

/* Bind messages count their parameters in 16 bits. A greater $n is refused by the translator. */
#define LEX_PARAMETERS_MAX 65535

/* Marks in the key. Bytes below 0x20 that the text itself has outside of quotes are put with LEX_MARK_RAW before them,
 * so that no text can write a mark of its own. */
#define LEX_MARK_LITERAL 1 /* + enum dialect_literal_kind: 1 to 6 */
#define LEX_MARK_RAW 7
#define LEX_MARK_BROKEN 8 /* an unterminated comment */
#define LEX_MARK_PREFIX 9 /* before that of a literal: a pattern that begins with what it matches */

struct lex_level {
	uint32_t chain;	  /* tokens since the last comma */
	uint32_t inner;	  /* deepest closed pair of parentheses since then */
	uint32_t deepest; /* of the items before */
	uint32_t sets;	  /* UNION and its like */
};

struct lexer {
	const char *sql;
	size_t length;
	size_t at;
	struct dialect_text *out;
	struct report *report;
	bool blank; /* one is due in the key before the next token */
	bool like;  /* the token before was LIKE */
	unsigned level;
	struct lex_level levels[LEX_PARENTHESES_MAX + 1];
};

int lex_too_deep(struct lexer *l);
/* Copies sql[from..to) to the key, after a blank if one is due. */
int lex_keep(struct lexer *l, size_t from, size_t to);
int lex_put_mark(struct lexer *l, char mark);
/* Records the literal sql[from..l->at) and puts its mark. */
int lex_literal(struct lexer *l, enum dialect_literal_kind kind, size_t from);
/* The kind of a number as PostgreSQL's scanner takes it, without a sign. */
enum dialect_literal_kind lex_number_kind(const char *number, size_t n);
/* Digits that a minus before them brings into a narrower type: 2147483648 and 9223372036854775808. They stay in the
 * key, so that no plan made with one sign serves the other. */
bool lex_sign_decides(const char *digits, size_t n);
/* At a quote: takes the string, which begins (with its prefix) at `from`. */
int lex_string(struct lexer *l, size_t from, enum dialect_literal_kind kind);
/* At a letter with a quote behind it (or U&): takes E'', B'', X'', N'', U&'', U&"". 0: it is none of those. */
int lex_prefixed(struct lexer *l);
int lex_end_key(struct lexer *l);

#endif
