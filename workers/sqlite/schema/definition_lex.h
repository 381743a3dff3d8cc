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

/* Begins a text, and stands on its first token. */
void definition_lex_begin(struct definition_lexer *lexer, const char *text);
/* Goes on to the next token; blanks and comments are passed over. */
void definition_lex_next(struct definition_lexer *lexer);
/* Whether the token is this word, without quotes and whatever its case, or this single character. */
bool definition_lex_is(const struct definition_lexer *lexer, const char *word);
/* The same, and goes on to the next token when it is. */
bool definition_lex_take(struct definition_lexer *lexer, const char *word);
/* The token as a name, its quotes undone, malloc'ed; goes on to the next. NULL: the token is no name. */
char *definition_lex_name(struct definition_lexer *lexer);
/* Where the token is "(", goes past the matching ")". Returns the text between them, malloc'ed. NULL: the token is
 * none, or memory is out. */
char *definition_lex_parenthesised(struct definition_lexer *lexer);

#endif
