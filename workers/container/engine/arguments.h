/*
 * An argument vector that grows. A word that memory has no room for sets failed; later ones do nothing.
 */
#ifndef BIBD_CONTAINER_ARGUMENTS_H
#define BIBD_CONTAINER_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

struct arguments {
	char **words; /* owned, NULL-terminated once there is one */
	size_t count;
	size_t room;
	bool failed;
};

/* A zeroed struct is an empty vector. */
void arguments_free(struct arguments *arguments);

/* Adds copies of words; the list ends with NULL. */
void arguments_add(struct arguments *arguments, ...) __attribute__((sentinel));

/* Adds one word, made as printf makes it. */
void arguments_addf(struct arguments *arguments, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Adds copies of all words of a NULL-terminated list; takes NULL. */
void arguments_add_list(struct arguments *arguments, const char *const *words);

#endif
