/*
 * Looks words up in the tables of words.def, which have the words that mean something, and follows the first ones of a
 * statement.
 */
#ifndef BIBD_POSTGRES_WORDS_KEYWORD_H
#define BIBD_POSTGRES_WORDS_KEYWORD_H

#include "workers/postgres/words/words.h"

enum keyword {
	KEYWORD_NONE,
#define WORD_KEYWORD(NAME, text) KEYWORD_##NAME,
#include "workers/postgres/words/words.def"
};

/* Which keyword the lexer's word is; flags: those of a name (0: none). */
enum keyword words_lookup(const struct words_lexer *lexer, unsigned *flags);

/* The stage to which a word, or a token that is none, takes the statement under way (stage.c). */
enum words_stage words_stage_word(struct words_lexer *lexer, enum keyword keyword, bool quoted);
enum words_stage words_stage_symbol(struct words_lexer *lexer, enum words_token token, char symbol);

#endif
