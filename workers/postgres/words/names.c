/*
 * A hash set of names, filled from the catalog and asked by the lexer.
 */
#include "workers/postgres/words/names.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 64

static uint32_t
hash_name(const char *name, size_t length)
{
	uint32_t hash = 0x811c9dc5u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (uint8_t)name[i]) * 0x01000193u;
	return hash;
}

/* The slot that has the name, or the free one where it would go. */
static unsigned
find_slot(char *const *slots, unsigned nslots, const char *name, size_t length)
{
	unsigned i = hash_name(name, length) & (nslots - 1);

	while (slots[i] != NULL && (strncmp(slots[i], name, length) != 0 || slots[i][length] != '\0'))
		i = (i + 1) & (nslots - 1);
	return i;
}

static int
names_grow(struct words_names *names)
{
	unsigned nslots = names->nslots == 0 ? SLOTS_FIRST : 2 * names->nslots;
	char **slots;

	if (2 * (names->n + 1) <= names->nslots)
		return 0;
	if (names->n >= WORDS_NAMES_MAX || (slots = calloc(nslots, sizeof(char *))) == NULL)
		return -1;
	for (unsigned i = 0; i < names->nslots; i++)
		if (names->slots[i] != NULL)
			slots[find_slot(slots, nslots, names->slots[i], strlen(names->slots[i]))] = names->slots[i];
	free(names->slots);
	names->slots = slots;
	names->nslots = nslots;
	return 0;
}

int
words_names_add(struct words_names *names, const char *name, size_t length)
{
	unsigned i;

	if (length == 0 || length > 63)
		return 0;
	if (words_names_has(names, name, length))
		return 0;
	if (names_grow(names) == -1)
		return -1;
	i = find_slot(names->slots, names->nslots, name, length);
	if ((names->slots[i] = strndup(name, length)) == NULL)
		return -1;
	names->n++;
	names->lengths |= UINT64_C(1) << length;
	return 0;
}

bool
words_names_has(const struct words_names *names, const char *word, size_t length)
{
	return (names->lengths >> length & 1) != 0 &&
	    names->slots[find_slot(names->slots, names->nslots, word, length)] != NULL;
}

void
words_names_free(struct words_names *names)
{
	for (unsigned i = 0; i < names->nslots; i++)
		free(names->slots[i]);
	free(names->slots);
	*names = (struct words_names) { 0 };
}
