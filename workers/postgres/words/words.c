/*
 * The lexer's ways in: texts whole and in pieces. What most of a text is made of is read a run at a time; whatever else
 * goes byte by byte (bytes.c). What the tokens mean is in statement.c.
 */
#include "workers/postgres/words/words.h"

#include <stdlib.h>
#include <string.h>

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
			words_read_byte(l, p[i]);
	}
	l->ended |= nul != NULL;
}

const struct words *
words_end(struct words_lexer *l)
{
	/* A newline ends any token; if a string or comment is still open, that is an error to PostgreSQL, too. */
	words_read_byte(l, '\n');
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
