/*
 * Splits PL/pgSQL into tokens, by the rules of PostgreSQL's lexer (manual, chapter 4.1).
 */
#include "workers/sqlite/routines/scan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool
is_word_start(char c)
{
	return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool
is_word_part(char c)
{
	return is_word_start(c) || isdigit((unsigned char)c) || c == '$';
}

static char
char_at(const struct scanner *s, size_t at)
{
	return at < s->length ? s->text[at] : '\0';
}

static int
fail_unterminated(struct report *r, const char *what)
{
	return report_set(r, SQLSTATE_SYNTAX_ERROR, "unterminated %s", what);
}

/* Comments of the second kind nest. */
static int
skip_comment(struct scanner *s, struct report *r)
{
	unsigned depth = 0;

	do {
		if (char_at(s, s->at) == '\0')
			return fail_unterminated(r, "/* comment");
		if (s->text[s->at] == '/' && char_at(s, s->at + 1) == '*') {
			depth++;
			s->at += 2;
		} else if (s->text[s->at] == '*' && char_at(s, s->at + 1) == '/') {
			depth--;
			s->at += 2;
		} else
			s->at++;
	} while (depth > 0);
	return 0;
}

static int
skip_blanks(struct scanner *s, struct report *r)
{
	for (;;) {
		char c = char_at(s, s->at);

		if (c != '\0' && strchr(" \t\r\n\f\v", c) != NULL)
			s->at++;
		else if (c == '-' && char_at(s, s->at + 1) == '-')
			s->at += strcspn(s->text + s->at, "\r\n");
		else if (c == '/' && char_at(s, s->at + 1) == '*') {
			if (skip_comment(s, r) == -1)
				return -1;
		} else
			return 0;
	}
}

/* From the opening quote at s->at to behind the closing one. A doubled quote is a quote. */
static int
scan_quoted(struct scanner *s, char quote, bool escapes, struct report *r)
{
	for (s->at++; char_at(s, s->at) != '\0'; s->at++) {
		if (escapes && s->text[s->at] == '\\' && char_at(s, s->at + 1) != '\0')
			s->at++;
		else if (s->text[s->at] == quote && char_at(s, ++s->at) != quote)
			return 0;
	}
	return fail_unterminated(r, quote == '"' ? "quoted identifier" : "quoted string");
}

/* Behind a dollar quote's end; 0 at what is none, for which nothing is taken. -1: it has no end. */
static int
scan_dollar(struct scanner *s, struct report *r)
{
	size_t end = s->at + 1;
	const char *closing;

	if (isdigit((unsigned char)char_at(s, end)))
		return 0;
	while (is_word_part(char_at(s, end)) && s->text[end] != '$')
		end++;
	if (char_at(s, end) != '$')
		return 0;
	end++;
	for (closing = s->text + end; (closing = strchr(closing, '$')) != NULL; closing++)
		if (strncmp(closing, s->text + s->at, end - s->at) == 0) {
			s->at = (size_t)(closing - s->text) + (end - s->at);
			return 1;
		}
	return fail_unterminated(r, "dollar-quoted string");
}

/* Digits, a fraction, an exponent; but 1..10 has two numbers. */
static void
scan_number(struct scanner *s)
{
	while (isdigit((unsigned char)char_at(s, s->at)))
		s->at++;
	if (char_at(s, s->at) == '.' && char_at(s, s->at + 1) != '.')
		for (s->at++; isdigit((unsigned char)char_at(s, s->at));)
			s->at++;
	if ((char_at(s, s->at) | 0x20) == 'e') {
		size_t digits = s->at + 1 + (char_at(s, s->at + 1) == '-' || char_at(s, s->at + 1) == '+');

		if (isdigit((unsigned char)char_at(s, digits)))
			for (s->at = digits; isdigit((unsigned char)char_at(s, s->at));)
				s->at++;
	}
}

static void
scan_symbol(struct scanner *s)
{
	static const char *const pairs[] = { ":=", "::", "..", "=>", "<<", ">>" };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (strncmp(s->text + s->at, pairs[i], 2) == 0) {
			s->at += 2;
			return;
		}
	s->at++;
}

static int
scan_word(struct scanner *s, struct report *r)
{
	size_t start = s->at;

	while (is_word_part(char_at(s, s->at)))
		s->at++;
	s->token.kind = TOKEN_WORD;
	if (char_at(s, s->at) != '\'' || s->at != start + 1 || strchr("eEbBxXnN", s->text[start]) == NULL)
		return 0;
	s->token.kind = TOKEN_STRING;
	return scan_quoted(s, '\'', (s->text[start] | 0x20) == 'e', r);
}

static int
scan_token(struct scanner *s, struct report *r)
{
	char c = char_at(s, s->at);
	int dollar;

	if (is_word_start(c) || (c == '$' && isdigit((unsigned char)char_at(s, s->at + 1))))
		return scan_word(s, r);
	if (isdigit((unsigned char)c) || (c == '.' && isdigit((unsigned char)char_at(s, s->at + 1)))) {
		s->token.kind = TOKEN_NUMBER;
		scan_number(s);
		return 0;
	}
	if (c == '\'' || c == '"') {
		s->token.kind = c == '"' ? TOKEN_QUOTED : TOKEN_STRING;
		return scan_quoted(s, c, false, r);
	}
	s->token.kind = TOKEN_SYMBOL;
	if (c == '$' && (dollar = scan_dollar(s, r)) != 0) {
		s->token.kind = TOKEN_STRING;
		return dollar;
	}
	scan_symbol(s);
	return 0;
}

int
scan_next(struct scanner *s, struct report *r)
{
	s->before = s->token;
	if (skip_blanks(s, r) == -1)
		return -1;
	s->token = (struct token) { .kind = TOKEN_END, .start = s->at };
	if (s->at < s->length && scan_token(s, r) == -1)
		return -1;
	s->token.end = s->at;
	return 0;
}

int
scan_begin(struct scanner *s, const char *text, struct report *r)
{
	*s = (struct scanner) { .text = text, .length = strlen(text) };
	return scan_next(s, r);
}

int
scan_back(struct scanner *s, struct token to, struct report *r)
{
	s->at = to.start;
	return scan_next(s, r);
}

bool
token_is_word(const struct scanner *s, struct token token, const char *word)
{
	return token.kind == TOKEN_WORD && token.end - token.start == strlen(word) &&
	    strncasecmp(s->text + token.start, word, token.end - token.start) == 0;
}

bool
scan_is_word(const struct scanner *s, const char *word)
{
	return token_is_word(s, s->token, word);
}

bool
scan_is_symbol(const struct scanner *s, const char *symbol)
{
	return s->token.kind == TOKEN_SYMBOL && s->token.end - s->token.start == strlen(symbol) &&
	    strncmp(s->text + s->token.start, symbol, s->token.end - s->token.start) == 0;
}

char *
scan_identifier(const struct scanner *s, struct token token)
{
	char *name, *out;

	if (token.kind == TOKEN_WORD) {
		if ((name = strndup(s->text + token.start, token.end - token.start)) == NULL)
			return NULL;
		for (out = name; *out != '\0'; out++)
			if (*out >= 'A' && *out <= 'Z')
				*out = (char)(*out - 'A' + 'a');
		return name;
	}
	if (token.kind != TOKEN_QUOTED ||
	    (name = out = strndup(s->text + token.start + 1, token.end - token.start - 2)) == NULL)
		return NULL;
	for (const char *at = name; *at != '\0'; at += *at == '"' ? 2 : 1)
		*out++ = *at;
	*out = '\0';
	return name;
}

int
scan_fail(const struct scanner *s, struct report *r)
{
	if (s->token.kind == TOKEN_END)
		return report_set(r, SQLSTATE_SYNTAX_ERROR, "syntax error at end of input");
	return report_set(r, SQLSTATE_SYNTAX_ERROR, "syntax error at or near \"%.*s\"",
	    (int)(s->token.end - s->token.start), s->text + s->token.start);
}
