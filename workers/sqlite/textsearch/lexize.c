/*
 * A word as a dictionary has it: in small letters, and where the dictionary is a language's, no stop word and without
 * its ending (Snowball). Letters beyond ASCII stay as they are, as in a PostgreSQL of the locale C.
 */
#include <libstemmer.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/textsearch/textsearch.h"

/* What is longer is no word of a language, and is left as it is. */
#define STEMMED_MAX 1000

void
ts_lexizer_free(struct ts_lexizer *lexizer)
{
	if (lexizer->stemmer != NULL)
		sb_stemmer_delete(lexizer->stemmer);
	free(lexizer->text);
	*lexizer = (struct ts_lexizer) { .stemmer = NULL };
}

static int
out_of_memory(struct report *r)
{
	return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
}

static int
make_room(struct ts_lexizer *lexizer, size_t length, struct report *r)
{
	char *text;

	if (lexizer->room > length)
		return 0;
	if ((text = realloc(lexizer->text, length + 64)) == NULL)
		return out_of_memory(r);
	lexizer->text = text;
	lexizer->room = length + 64;
	return 0;
}

static int
compare_stop(const void *key, const void *item)
{
	return strcmp(key, *(const char *const *)item);
}

static bool
is_stop(const struct ts_dictionary *dictionary, const char *word)
{
	return dictionary->stop_words != NULL &&
	    bsearch(word, dictionary->stop_words, dictionary->nstop_words, sizeof(const char *), compare_stop) != NULL;
}

static int
choose_stemmer(struct ts_lexizer *lexizer, const struct ts_dictionary *dictionary, struct report *r)
{
	if (lexizer->stemmer != NULL && lexizer->dictionary == dictionary)
		return 0;
	if (lexizer->stemmer != NULL)
		sb_stemmer_delete(lexizer->stemmer);
	lexizer->dictionary = dictionary;
	lexizer->stemmer = sb_stemmer_new(dictionary->language, "UTF_8");
	return lexizer->stemmer == NULL ? out_of_memory(r) : 0;
}

static int
stem(struct ts_lexizer *lexizer, const struct ts_dictionary *dictionary, struct report *r)
{
	const sb_symbol *stemmed;
	size_t length;

	if (choose_stemmer(lexizer, dictionary, r) < 0)
		return -1;
	stemmed = sb_stemmer_stem(lexizer->stemmer, (const sb_symbol *)lexizer->text, (int)lexizer->length);
	if (stemmed == NULL)
		return out_of_memory(r);
	length = (size_t)sb_stemmer_length(lexizer->stemmer);
	if (make_room(lexizer, length, r) < 0)
		return -1;
	memcpy(lexizer->text, stemmed, length);
	lexizer->text[length] = '\0';
	lexizer->length = length;
	return 1;
}

int
ts_lexize(struct ts_lexizer *lexizer, const struct ts_dictionary *dictionary, const char *word, size_t length,
    struct report *r)
{
	if (make_room(lexizer, length, r) < 0)
		return -1;
	for (size_t i = 0; i < length; i++)
		lexizer->text[i] = (char)(word[i] >= 'A' && word[i] <= 'Z' ? word[i] | 0x20 : word[i]);
	lexizer->text[length] = '\0';
	lexizer->length = length;
	if (dictionary->language == NULL)
		return 1;
	if (length > STEMMED_MAX)
		return 1;
	if (length == 0 || is_stop(dictionary, lexizer->text))
		return 0;
	return stem(lexizer, dictionary, r);
}
