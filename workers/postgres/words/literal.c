/*
 * Strings that may be a date or a time: PostgreSQL turns them into values when it reads a text, by DateStyle, TimeZone
 * and IntervalStyle, and does so again when it reads the text again. A string counts as a date when it may be one.
 */
#include <string.h>

#include "workers/postgres/words/words.h"

/* "0405" is a time; fewer digits are a time only beside other digits. */
#define DIGITS_ALONE 4

void
words_literal_begin(struct words_lexer *l)
{
	l->words.literals = true;
}

void
words_literal_forget(struct words_lexer *l)
{
	l->literal_digits = l->literal_groups = l->literal_letters = 0;
}

/* Whether the word stands for a time without a digit ("now", "today"), also as the beginning of a longer word. */
static bool
is_time(const char *word, unsigned length)
{
	static const char *const times[] = { "now", "today", "tomorrow", "yesterday" };

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (strlen(times[i]) == length && memcmp(times[i], word, length) == 0)
			return true;
	return false;
}

static void
read_letter(struct words_lexer *l, uint8_t c)
{
	l->literal_digits = 0;
	if (l->literal_letters >= sizeof(l->literal_word))
		return;
	l->literal_word[l->literal_letters++] = (char)(c | 0x20);
	l->words.dates |= is_time(l->literal_word, l->literal_letters);
}

void
words_literal_read(struct words_lexer *l, const uint8_t *p, size_t size)
{
	for (size_t i = 0; i < size && !l->words.dates; i++) {
		uint8_t c = p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
			read_letter(l, c);
			continue;
		}
		l->literal_letters = 0;
		if (c < '0' || c > '9') {
			l->literal_digits = 0;
			continue;
		}
		l->literal_groups += l->literal_digits++ == 0 ? 1 : 0;
		l->words.dates |= l->literal_digits >= DIGITS_ALONE || l->literal_groups > 1;
	}
}
