/*
 * The words of a SQLite text: as much of a lexer as reading back a CREATE TABLE needs.
 */
#ifndef BIBD_SQLITE_DEFINITION_LEX_H
#define BIBD_SQLITE_DEFINITION_LEX_H

#include <stdbool.h>
#include <stddef.h>

enum definition_token_kind { DEFINITION_END, DEFINITION_WORD, DEFINITION_QUOTED, DEFINITION_STRING, DEFINITION_OTHER };

/* Where reading stands; `start` and `end` bound the token at hand. */
struct definition_lexer {
	const char *text;
	size_t start, end;
	enum definition_token_kind kind;
};

/* Stands on the first token. */
void definition_lex_begin(struct definition_lexer *lexer, const char *text);
/* Goes on to the next token; blanks and comments are passed over. */
void definition_lex_next(struct definition_lexer *lexer);
/* The token is this word, unquoted, whatever its case; or this single character. */
bool definition_lex_is(const struct definition_lexer *lexer, const char *word);
/* As definition_lex_is, and goes on when it is. */
bool definition_lex_take(struct definition_lexer *lexer, const char *word);
/* The token as a name, quotes undone, and goes on; malloc'ed. NULL when it is no name. */
char *definition_lex_name(struct definition_lexer *lexer);
/* Standing on "(": goes past the matching ")". Returns the text between, malloc'ed, or NULL. */
char *definition_lex_parenthesised(struct definition_lexer *lexer);

#endif
