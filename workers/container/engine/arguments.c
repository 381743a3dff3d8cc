/*
 * Adds words, formatted ones among them, to an argument vector, and frees it.
 */
#include "workers/container/engine/arguments.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGUMENTS_STEP 64

/* Takes over the word; NULL means that memory is out. */
static void
arguments_take(struct arguments *arguments, char *word)
{
	char **words;

	if (word == NULL || arguments->failed) {
		arguments->failed = true;
		free(word);
		return;
	}
	if (arguments->count + 1 >= arguments->room) {
		words = realloc(arguments->words, (arguments->room + ARGUMENTS_STEP) * sizeof(*words));
		if (words == NULL) {
			arguments->failed = true;
			free(word);
			return;
		}
		arguments->words = words;
		arguments->room += ARGUMENTS_STEP;
	}
	arguments->words[arguments->count++] = word;
	arguments->words[arguments->count] = NULL;
}

void
arguments_free(struct arguments *arguments)
{
	for (size_t i = 0; i < arguments->count; i++)
		free(arguments->words[i]);
	free(arguments->words);
	*arguments = (struct arguments) { 0 };
}

void
arguments_add(struct arguments *arguments, ...)
{
	const char *word;
	va_list ap;

	va_start(ap, arguments);
	while ((word = va_arg(ap, const char *)) != NULL)
		arguments_take(arguments, strdup(word));
	va_end(ap);
}

void
arguments_addf(struct arguments *arguments, const char *fmt, ...)
{
	char *word = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&word, fmt, ap) == -1)
		word = NULL;
	va_end(ap);
	arguments_take(arguments, word);
}

void
arguments_add_list(struct arguments *arguments, const char *const *words)
{
	for (; words != NULL && *words != NULL; words++)
		arguments_take(arguments, strdup(*words));
}
