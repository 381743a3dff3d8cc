/*
 * Names in the database that count as words: functions that leave something in the session, and what calls these.
 */
#ifndef BIBD_POSTGRES_WORDS_NAMES_H
#define BIBD_POSTGRES_WORDS_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORDS_NAMES_MAX 20000

/* Zeroed memory is an empty one. */
struct words_names {
	char **slots;
	unsigned nslots; /* a power of two */
	unsigned n;
	uint64_t lengths; /* a bit for each length that a name has */
};

/* Adds a name, copied, as the catalog has it. -1: memory is out, or there are too many. */
int words_names_add(struct words_names *names, const char *name, size_t length);
bool words_names_has(const struct words_names *names, const char *word, size_t length);
void words_names_free(struct words_names *names);

#endif
