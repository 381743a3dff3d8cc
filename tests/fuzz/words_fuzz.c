/*
 * libFuzzer's entry over the lexer of words: it must not depend on how a text is cut into pieces, and a word at the end
 * of whatever was closed must be found. Built by
 * clang -fsanitize=fuzzer,address,undefined -I. -D_GNU_SOURCE tests/fuzz/words_fuzz.c workers/postgres/words{,_keyword,
 * _statement}.c -lbsd
 */
#include <stdlib.h>
#include <string.h>

#include "workers/postgres/words/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct words_lexer lexer = { .mode = WORDS_MODE_PLAIN };
	struct words whole;
	const struct words *pieces;
	size_t cut = size > 0 ? data[0] % size : 0;

	words_read(data, size, NULL, &whole);
	words_feed(&lexer, data, cut);
	words_feed(&lexer, data + cut, size - cut);
	/* Between statements: the next word is the first of one. */
	if (lexer.mode == WORDS_MODE_PLAIN && lexer.stage == WORDS_STAGE_START && !lexer.begun && !lexer.ended) {
		struct words_lexer more = lexer;

		words_feed(&more, "listen x", 8);
		if ((words_end(&more)->flags & (WORDS_STATE | WORDS_LISTEN)) == 0)
			abort();
	}
	pieces = words_end(&lexer);
	if (pieces->flags != whole.flags || pieces->nstatements != whole.nstatements ||
	    strcmp(pieces->name, whole.name) != 0)
		abort();
	return 0;
}
