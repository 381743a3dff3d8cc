/*
 * The lexer, a byte at a time: every mode in which it may be, and where the next token begins and ends.
 */
#include "workers/postgres/words/words.h"

#include <string.h>

enum { CLASS_OTHER, CLASS_SPACE, CLASS_WORD, CLASS_DIGIT };

static unsigned
byte_class(uint8_t c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80)
		return CLASS_WORD;
	if (c >= '0' && c <= '9')
		return CLASS_DIGIT;
	return c == ' ' || (c >= '\t' && c <= '\r') ? CLASS_SPACE : CLASS_OTHER;
}

static void
word_add(struct words_lexer *l, uint8_t c)
{
	/* client_encoding decides how such a byte is read. */
	l->words.literals |= c >= 0x80;
	if (l->length < sizeof(l->word) - 1)
		l->word[l->length++] = (char)c;
}

static void
word_add_folded(struct words_lexer *l, uint8_t c)
{
	word_add(l, c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static void
token_end(struct words_lexer *l, enum words_token token, char symbol)
{
	l->mode = WORDS_MODE_PLAIN;
	if (token != WORDS_TOKEN_VALUE)
		words_literal_forget(l);
	words_take(l, token, symbol);
	l->after_escape = false;
	l->length = 0;
}

/* Takes a byte outside of any token: a token begins with it, unless it is white space or begins a comment. */
static void
read_plain(struct words_lexer *l, uint8_t c)
{
	switch (byte_class(c)) {
	case CLASS_SPACE:
		l->newline |= c == '\n' || c == '\r';
		return;
	case CLASS_WORD:
		l->mode = WORDS_MODE_WORD;
		word_add_folded(l, c);
		return;
	case CLASS_DIGIT:
		l->mode = WORDS_MODE_NUMBER;
		return;
	default:
		break;
	}
	switch (c) {
	case '\'':
		/* This may be the next piece of an escape string, in which a backslash escapes a quote: such a text may
		 * hide words. */
		if (l->after_escape && l->newline)
			words_hide(l);
		l->mode = WORDS_MODE_STRING;
		words_literal_begin(l);
		return;
	case '"':
		l->mode = WORDS_MODE_QUOTED;
		return;
	case '-':
		l->mode = WORDS_MODE_DASH;
		return;
	case '/':
		l->mode = WORDS_MODE_SLASH;
		return;
	case '$':
		l->mode = WORDS_MODE_DOLLAR;
		l->tag_length = 0;
		return;
	default:
		token_end(l, WORDS_TOKEN_SYMBOL, (char)c);
	}
}

/* The word has ended before this byte, unless it is only the prefix of a string. */
static void
end_word(struct words_lexer *l, uint8_t c)
{
	char first = l->word[0];

	if (l->length == 1 && c == '\'' && (first == 'e' || first == 'b' || first == 'x' || first == 'n')) {
		l->mode = first == 'e' ? WORDS_MODE_ESCAPE_STRING : WORDS_MODE_STRING;
		words_literal_begin(l);
		l->length = 0;
		return;
	}
	if (l->length == 1 && c == '&' && first == 'u') {
		l->mode = WORDS_MODE_UNICODE;
		return;
	}
	l->word[l->length] = '\0';
	token_end(l, WORDS_TOKEN_WORD, '\0');
	read_plain(l, c);
}

static void
read_unicode(struct words_lexer *l, uint8_t c)
{
	/* An identifier whose letters are written as numbers may be any word. */
	if (c == '"')
		words_hide(l);
	if (c == '\'' || c == '"') {
		/* The characters of such a string may be written as numbers. */
		l->words.literals = l->words.dates = true;
		l->length = 0;
		l->mode = c == '"' ? WORDS_MODE_QUOTED : WORDS_MODE_STRING;
		return;
	}
	l->word[l->length] = '\0';
	token_end(l, WORDS_TOKEN_WORD, '\0');
	token_end(l, WORDS_TOKEN_SYMBOL, '&');
	read_plain(l, c);
}

/* In "$tag": a "$" opens the string; anything that cannot be in a tag means that it was a parameter, or nothing. */
static void
read_dollar(struct words_lexer *l, uint8_t c)
{
	unsigned class = byte_class(c);

	if (c == '$') {
		l->mode = WORDS_MODE_DOLLAR_STRING;
		words_literal_begin(l);
		return;
	}
	if (class == CLASS_WORD || (class == CLASS_DIGIT && l->tag_length > 0)) {
		if (l->tag_length == sizeof(l->tag)) {
			/* A tag of this length is never written in earnest: what follows cannot be recognised. */
			words_hide(l);
			l->ended = true;
			return;
		}
		l->tag[l->tag_length++] = (char)c;
		return;
	}
	l->mode = WORDS_MODE_NUMBER;
	if (class != CLASS_DIGIT) {
		token_end(l, WORDS_TOKEN_VALUE, '\0');
		read_plain(l, c);
	}
}

static void
read_dollar_string(struct words_lexer *l, uint8_t c)
{
	if (l->mode == WORDS_MODE_DOLLAR_STRING) {
		if (c == '$') {
			l->mode = WORDS_MODE_DOLLAR_STRING_TAG;
			l->tag_matched = 0;
		}
		return;
	}
	if (l->tag_matched < l->tag_length && c == (uint8_t)l->tag[l->tag_matched])
		l->tag_matched++;
	else if (c == '$' && l->tag_matched == l->tag_length)
		token_end(l, WORDS_TOKEN_VALUE, '\0');
	else {
		/* What looked like the closing tag was a part of the string. */
		l->words.dates = true;
		l->mode = c == '$' ? WORDS_MODE_DOLLAR_STRING_TAG : WORDS_MODE_DOLLAR_STRING;
		l->tag_matched = 0;
	}
}

static void
read_comment(struct words_lexer *l, uint8_t c)
{
	if (l->mode == WORDS_MODE_COMMENT_STAR && c == '/') {
		l->mode = --l->depth == 0 ? WORDS_MODE_PLAIN : WORDS_MODE_COMMENT;
		return;
	}
	if (l->mode == WORDS_MODE_COMMENT_SLASH && c == '*') {
		l->depth++;
		l->mode = WORDS_MODE_COMMENT;
		return;
	}
	l->mode = c == '*' ? WORDS_MODE_COMMENT_STAR : c == '/' ? WORDS_MODE_COMMENT_SLASH : WORDS_MODE_COMMENT;
}

/* After the quote that may have ended a string or a quoted identifier. */
static void
read_after_quote(struct words_lexer *l, uint8_t c)
{
	if (l->mode == WORDS_MODE_QUOTED_QUOTE) {
		if (c == '"') {
			word_add(l, c);
			l->mode = WORDS_MODE_QUOTED;
			return;
		}
		l->word[l->length] = '\0';
		token_end(l, WORDS_TOKEN_QUOTED, '\0');
	} else if (c == '\'') {
		l->mode--;
		return;
	} else {
		bool escape = l->mode == WORDS_MODE_ESCAPE_STRING_QUOTE;

		token_end(l, WORDS_TOKEN_VALUE, '\0');
		l->after_escape = escape;
		l->newline = false;
	}
	read_plain(l, c);
}

_Static_assert(WORDS_MODE_STRING_QUOTE == WORDS_MODE_STRING + 1 &&
	WORDS_MODE_ESCAPE_STRING_QUOTE == WORDS_MODE_ESCAPE_STRING + 1,
    "a doubled quote goes back into the string");

static void
read_quoted(struct words_lexer *l, uint8_t c)
{
	switch (l->mode) {
	case WORDS_MODE_STRING:
		if (c == '\'')
			l->mode = WORDS_MODE_STRING_QUOTE;
		break;
	case WORDS_MODE_ESCAPE_STRING:
		if (c == '\'')
			l->mode = WORDS_MODE_ESCAPE_STRING_QUOTE;
		else if (c == '\\')
			l->mode = WORDS_MODE_ESCAPE_STRING_BACKSLASH;
		else
			words_literal_read(l, &c, 1);
		break;
	case WORDS_MODE_ESCAPE_STRING_BACKSLASH:
		l->words.dates = true;
		l->mode = WORDS_MODE_ESCAPE_STRING;
		break;
	default:
		if (c == '"')
			l->mode = WORDS_MODE_QUOTED_QUOTE;
		else
			word_add(l, c);
	}
}

static void
read_operator(struct words_lexer *l, uint8_t c)
{
	bool dash = l->mode == WORDS_MODE_DASH;

	if (dash && c == '-') {
		l->mode = WORDS_MODE_LINE_COMMENT;
		return;
	}
	if (!dash && c == '*') {
		l->mode = WORDS_MODE_COMMENT;
		l->depth = 1;
		return;
	}
	token_end(l, WORDS_TOKEN_SYMBOL, dash ? '-' : '/');
	read_plain(l, c);
}

void
words_read_byte(struct words_lexer *l, uint8_t c)
{
	switch (l->mode) {
	case WORDS_MODE_PLAIN:
		read_plain(l, c);
		break;
	case WORDS_MODE_WORD:
		if (byte_class(c) >= CLASS_WORD || c == '$')
			word_add_folded(l, c);
		else
			end_word(l, c);
		break;
	case WORDS_MODE_NUMBER:
		if (byte_class(c) == CLASS_DIGIT || c == '.')
			break;
		token_end(l, WORDS_TOKEN_VALUE, '\0');
		read_plain(l, c);
		break;
	case WORDS_MODE_DASH:
	case WORDS_MODE_SLASH:
		read_operator(l, c);
		break;
	case WORDS_MODE_LINE_COMMENT:
		if (c == '\n' || c == '\r') {
			l->mode = WORDS_MODE_PLAIN;
			l->newline = true;
		}
		break;
	case WORDS_MODE_COMMENT:
	case WORDS_MODE_COMMENT_STAR:
	case WORDS_MODE_COMMENT_SLASH:
		read_comment(l, c);
		break;
	case WORDS_MODE_UNICODE:
		read_unicode(l, c);
		break;
	case WORDS_MODE_DOLLAR:
		read_dollar(l, c);
		break;
	case WORDS_MODE_DOLLAR_STRING:
	case WORDS_MODE_DOLLAR_STRING_TAG:
		read_dollar_string(l, c);
		break;
	case WORDS_MODE_STRING_QUOTE:
	case WORDS_MODE_ESCAPE_STRING_QUOTE:
	case WORDS_MODE_QUOTED_QUOTE:
		read_after_quote(l, c);
		break;
	default:
		read_quoted(l, c);
	}
}
