/*
 * Writes a name or a string in quotes.
 */
#include "workers/sqlite/types/quote.h"

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
