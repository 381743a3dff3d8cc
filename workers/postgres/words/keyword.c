/*
 * Expands words.def into sorted tables, and looks a word up in them.
 */
#include "workers/postgres/words/keyword.h"

#include <string.h>

#define ROWS(table) table, sizeof(table) / sizeof((table)[0])

struct word_row {
	const char *text;
	unsigned value; /* flags of a name, or enum keyword */
};

static const struct word_row word_names[] = {
#define WORD_NAME(text, flags) { text, flags },
#include "workers/postgres/words/words.def"
};

static const struct word_row word_keywords[] = {
#define WORD_KEYWORD(NAME, text) { text, KEYWORD_##NAME },
#include "workers/postgres/words/words.def"
};

/* By first letter, a bit for each length that a word of the tables has: most words of a text are in no table. The unit
 * test of the words compares this with the tables. */
static const uint64_t word_lengths[26] = { ['a' - 'a'] = 0x2008ULL,
	['c' - 'a'] = 0x8bc0ULL,
	['d' - 'a'] = 0x14cc4ULL,
	['e' - 'a'] = 0x80ULL,
	['f' - 'a'] = 0x100ULL,
	['g' - 'a'] = 0x40ULL,
	['h' - 'a'] = 0x10ULL,
	['i' - 'a'] = 0x10ULL,
	['l' - 'a'] = 0xf0ULL,
	['n' - 'a'] = 0x20ULL,
	['o' - 'a'] = 0x4ULL,
	['p' - 'a'] = 0x808f10a80ULL,
	['q' - 'a'] = 0x4041000ULL,
	['r' - 'a'] = 0x4030ULL,
	['s' - 'a'] = 0x6d8ULL,
	['t' - 'a'] = 0xe94ULL,
	['u' - 'a'] = 0x140ULL,
	['w' - 'a'] = 0x10ULL,
	['x' - 'a'] = 0x808ULL,
	['z' - 'a'] = 0x10ULL };

static bool
may_be_word(const struct words_lexer *l)
{
	unsigned letter = (unsigned char)l->word[0] - (unsigned)'a';

	return letter < 26 && (word_lengths[letter] >> l->length & 1) != 0;
}

static unsigned
row_find(const struct word_row *rows, size_t nrows, const char *word)
{
	size_t from = 0, to = nrows;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = word[0] - rows[middle].text[0];

		if (order == 0 && (order = strcmp(word, rows[middle].text)) == 0)
			return rows[middle].value;
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return 0;
}

enum keyword
words_lookup(const struct words_lexer *lexer, unsigned *flags)
{
	*flags = 0;
	if (!may_be_word(lexer))
		return KEYWORD_NONE;
	*flags = row_find(ROWS(word_names), lexer->word);
	return row_find(ROWS(word_keywords), lexer->word);
}
