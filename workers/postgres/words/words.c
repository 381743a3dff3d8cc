/* The lexer: from bytes to tokens. What the tokens mean is in statement.c. */
#include "workers/postgres/words/words.h"

#include <stdlib.h>
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

static void
read_byte(struct words_lexer *l, uint8_t c)
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

/* What a word has of each byte that may be in one and has nothing particular: lower case. 0: another byte. */
#define SAME(c) [c] = (c)
#define FOLDED(c) [c] = (c) + ('a' - 'A'), [(c) + ('a' - 'A')] = (c) + ('a' - 'A')
static const uint8_t word_bytes[256] = { FOLDED('A'), FOLDED('B'), FOLDED('C'), FOLDED('D'), FOLDED('E'), FOLDED('F'),
	FOLDED('G'), FOLDED('H'), FOLDED('I'), FOLDED('J'), FOLDED('K'), FOLDED('L'), FOLDED('M'), FOLDED('N'),
	FOLDED('O'), FOLDED('P'), FOLDED('Q'), FOLDED('R'), FOLDED('S'), FOLDED('T'), FOLDED('U'), FOLDED('V'),
	FOLDED('W'), FOLDED('X'), FOLDED('Y'), FOLDED('Z'), SAME('_'), SAME('$'), SAME('0'), SAME('1'), SAME('2'),
	SAME('3'), SAME('4'), SAME('5'), SAME('6'), SAME('7'), SAME('8'), SAME('9') };

static size_t
read_word(struct words_lexer *l, const uint8_t *p, size_t size)
{
	size_t i = 0, length = l->length;

	while (i < size && length < sizeof(l->word) - 1 && word_bytes[p[i]] != 0)
		l->word[length++] = (char)word_bytes[p[i++]];
	l->length = length;
	return i;
}

/* A quoted identifier's. */
static size_t
read_identifier(struct words_lexer *l, const uint8_t *p, size_t size)
{
	size_t i = 0;

	while (i < size && l->length < sizeof(l->word) - 1 && p[i] != '"' && p[i] < 0x80)
		l->word[l->length++] = (char)p[i++];
	return i;
}

static size_t
read_number(const uint8_t *p, size_t size)
{
	size_t i = 0;

	while (i < size && ((p[i] >= '0' && p[i] <= '9') || p[i] == '.'))
		i++;
	return i;
}

/* Blanks, and the word that comes after them. */
static size_t
read_blanks(struct words_lexer *l, const uint8_t *p, size_t size)
{
	size_t i = 0;

	while (i < size && p[i] == ' ')
		i++;
	if (i == size || word_bytes[p[i]] < '_')
		return i;
	l->mode = WORDS_MODE_WORD;
	return i + read_word(l, p + i, size - i);
}

struct words_lexer *
words_lexer_new(const struct words_names *names)
{
	struct words_lexer *lexer = calloc(1, sizeof(*lexer));

	if (lexer == NULL)
		return NULL;
	lexer->names = names;
	lexer->words.literals = lexer->words.dates = true;
	return lexer;
}

/* Strings are passed over at the speed of memchr, once one of them may be a date. */
static size_t
skip_string(struct words_lexer *l, const uint8_t *p, size_t size)
{
	const uint8_t *quote = NULL;
	size_t n;

	if (l->mode == WORDS_MODE_STRING)
		quote = memchr(p, '\'', size);
	else if (l->mode == WORDS_MODE_DOLLAR_STRING)
		quote = memchr(p, '$', size);
	else
		return 0;
	n = quote == NULL ? size : (size_t)(quote - p);
	words_literal_read(l, p, n);
	return n;
}

/* Reads what most of a text is: blanks, words, numbers, what is between quotes. Returns how many bytes. */
static size_t
read_run(struct words_lexer *l, const uint8_t *p, size_t size)
{
	switch (l->mode) {
	case WORDS_MODE_PLAIN:
		return read_blanks(l, p, size);
	case WORDS_MODE_WORD:
		return read_word(l, p, size);
	case WORDS_MODE_QUOTED:
		return read_identifier(l, p, size);
	case WORDS_MODE_NUMBER:
		return read_number(p, size);
	default:
		return skip_string(l, p, size);
	}
}

void
words_feed(struct words_lexer *l, const void *data, size_t size)
{
	const uint8_t *p = data, *nul = memchr(data, '\0', size);

	if (nul != NULL)
		size = (size_t)(nul - p);
	for (size_t i = 0; i < size && !l->ended; i++) {
		i += read_run(l, p + i, size - i);
		if (i < size)
			read_byte(l, p[i]);
	}
	l->ended |= nul != NULL;
}

const struct words *
words_end(struct words_lexer *l)
{
	/* A newline ends any token; if a string or comment is still open, that is an error to PostgreSQL, too. */
	read_byte(l, '\n');
	words_end_statement(l);
	if (l->nlistens > 0)
		l->words.flags |= l->nlistens + l->nunlistens == l->words.nstatements
		    ? WORDS_LISTEN
		    : WORDS_STATE | WORDS_LISTEN_AMONG;
	if (l->nunlistens > 0)
		l->words.flags |= WORDS_UNLISTEN;
	if ((l->words.flags & (WORDS_SETTING | WORDS_RESET | WORDS_DEALLOCATE | WORDS_DISCARD_ALL)) != 0 &&
	    l->words.nstatements > 1) {
		/* When one of several statements fails, the answers do not tell which have taken effect. */
		if ((l->words.flags & WORDS_DEALLOCATE) != 0)
			l->words.flags |= WORDS_STATEMENTS;
		l->words.flags &= ~(unsigned)(WORDS_SETTING | WORDS_RESET | WORDS_DEALLOCATE | WORDS_DISCARD_ALL);
		words_hide(l);
	}
	return &l->words;
}

void
words_read(const void *data, size_t size, const struct words_names *names, struct words *words)
{
	struct words_lexer lexer = { .names = names };

	words_feed(&lexer, data, size);
	*words = *words_end(&lexer);
}

void
words_channels(const void *data, size_t size, words_channel_fn *take, void *arg)
{
	struct words_lexer lexer = { .take_channel = take, .take_arg = arg };

	words_feed(&lexer, data, size);
	(void)words_end(&lexer);
}
