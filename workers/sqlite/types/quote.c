/*
 * Writes a name or a string in quotes.
 */
#include "workers/sqlite/types/quote.h"

#include <stdlib.h>
#include <string.h>

void
quote_put(FILE *out, const char *text, size_t length, char quote)
{
	(void)fputc(quote, out);
	for (size_t i = 0; i < length; i++) {
		if (text[i] == quote)
			(void)fputc(quote, out);
		(void)fputc(text[i], out);
	}
	(void)fputc(quote, out);
}

static int
compare_words(const void *key, const void *word)
{
	return strcmp(key, *(const char *const *)word);
}

bool
quote_is_needed(const char *name)
{
	static const char *const keywords[] = {
#define KEYWORD(word) word,
#include "workers/sqlite/types/keywords.def"
#undef KEYWORD
	};

	if (*name != '_' && (*name < 'a' || *name > 'z'))
		return true;
	if (bsearch(name, keywords, sizeof(keywords) / sizeof(keywords[0]), sizeof(keywords[0]), compare_words) != NULL)
		return true;
	return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name);
}

void
quote_put_identifier(FILE *out, const char *name)
{
	if (quote_is_needed(name))
		quote_put(out, name, strlen(name), '"');
	else
		(void)fputs(name, out);
}
