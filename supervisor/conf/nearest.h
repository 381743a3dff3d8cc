/*
 * What an unknown word may have been meant to be.
 */
#ifndef BIBD_SUPERVISOR_CONF_NEAREST_H
#define BIBD_SUPERVISOR_CONF_NEAREST_H

#include <stdbool.h>
#include <stddef.h>

/* The number of insertions, deletions, replacements and swaps of neighbours that make a of b. Words are compared in
 * their first 64 bytes. */
size_t conf_edit_distance(const char *a, const char *b);

/* Writes the path of the known key nearest to word in the section (a path, "" at the top): a sibling if one is near,
 * else a key of that name elsewhere, else the nearest sibling. Returns buf. */
const char *conf_nearest_key(const char *section, const char *word, char *buf, size_t size);

/* Whether the word is the name of a setting of PostgreSQL's own, as in postgresql.conf (any case). */
bool conf_is_postgres_setting(const char *word);

#endif
