/*
 * Splits SQLite's text of a table into words, names and groups in parentheses.
 */
#include "workers/sqlite/schema/definition_lex.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool
is_word_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || c == '.' || (c & 0x80) != 0;
}

static size_t
skip_blanks(const char *text, size_t at)
{
	for (;;) {
		if (isspace((unsigned char)text[at])) {
			at++;
		} else if (text[at] == '-' && text[at + 1] == '-') {
			at += strcspn(text + at, "\n");
		} else if (text[at] == '/' && text[at + 1] == '*') {
			const char *close = strstr(text + at + 2, "*/");
			at = close == NULL ? strlen(text) : (size_t)(close - text) + 2;
		} else {
			return at;
		}
	}
}

/* The end of a quoted run whose closing quote is doubled inside. */
static size_t
quoted_end(const char *text, size_t at, char quote)
{
	for (at++; text[at] != '\0'; at++) {
		if (text[at] != quote)
			continue;
		if (quote == ']' || text[at + 1] != quote)
			return at + 1;
		at++;
	}
	return at;
}

void
definition_lex_next(struct definition_lexer *lexer)
{
	const char *text = lexer->text;
	size_t at = skip_blanks(text, lexer->end);
	char c = text[at];

	lexer->start = at;
	if (c == '\0') {
		lexer->kind = DEFINITION_END;
	} else if (c == '"' || c == '`' || c == '[') {
		lexer->kind = DEFINITION_QUOTED;
		at = quoted_end(text, at, c == '[' ? ']' : c);
	} else if (c == '\'') {
		lexer->kind = DEFINITION_STRING;
		at = quoted_end(text, at, c);
	} else if (c != '.' && is_word_byte(c)) {
		/* A dot belongs to a number only: a.b is three tokens. */
		bool number = isdigit((unsigned char)c);
		lexer->kind = DEFINITION_WORD;
		while (is_word_byte(text[at]) && (number || text[at] != '.'))
			at++;
	} else {
		lexer->kind = DEFINITION_OTHER;
		at++;
	}
	lexer->end = at;
}

void
definition_lex_begin(struct definition_lexer *lexer, const char *text)
{
	*lexer = (struct definition_lexer) { .text = text };
	definition_lex_next(lexer);
}

bool
definition_lex_is(const struct definition_lexer *lexer, const char *word)
{
	size_t length = lexer->end - lexer->start;

	if (lexer->kind != DEFINITION_WORD && lexer->kind != DEFINITION_OTHER)
		return false;
	return strlen(word) == length && strncasecmp(lexer->text + lexer->start, word, length) == 0;
}

bool
definition_lex_take(struct definition_lexer *lexer, const char *word)
{
	if (!definition_lex_is(lexer, word))
		return false;
	definition_lex_next(lexer);
	return true;
}

static char *
unquote(const char *text, size_t length)
{
	char quote = text[0] == '[' ? ']' : text[0];
	char *name = malloc(length), *put = name;

	if (name == NULL)
		return NULL;
	for (size_t i = 1; i + 1 < length; i++) {
		*put++ = text[i];
		if (text[i] == quote)
			i++;
	}
	*put = '\0';
	return name;
}

char *
definition_lex_name(struct definition_lexer *lexer)
{
	const char *text = lexer->text + lexer->start;
	size_t length = lexer->end - lexer->start;
	char *name;

	if (lexer->kind == DEFINITION_WORD)
		name = strndup(text, length);
	else if (lexer->kind == DEFINITION_QUOTED || lexer->kind == DEFINITION_STRING)
		name = unquote(text, length);
	else
		return NULL;
	definition_lex_next(lexer);
	return name;
}

char *
definition_lex_parenthesised(struct definition_lexer *lexer)
{
	size_t begin = lexer->end;
	unsigned depth = 0;

	if (!definition_lex_is(lexer, "("))
		return NULL;
	for (; lexer->kind != DEFINITION_END; definition_lex_next(lexer)) {
		if (definition_lex_is(lexer, "("))
			depth++;
		else if (definition_lex_is(lexer, ")") && --depth == 0)
			break;
	}
	if (lexer->kind == DEFINITION_END)
		return NULL;
	char *inner = strndup(lexer->text + begin, lexer->start - begin);
	definition_lex_next(lexer);
	return inner;
}
