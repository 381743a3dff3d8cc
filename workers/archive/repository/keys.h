/*
 * What the files about the object "repository" share: its data key, wrapped and unwrapped. Private to this room.
 */
#ifndef BIBD_ARCHIVE_KEYS_H
#define BIBD_ARCHIVE_KEYS_H

#include "workers/archive/repository/repository.h"

/* Wraps the data key with that key, for whom: "node", "recovery", "command". */
int keys_wrap(struct repository *r, struct repository_wrap *wrap, const char *whom, const uint8_t *key,
    struct error *e);
/* Returns as seal_open: 0, also when nothing was wrapped for whom, or with another key. */
int keys_unwrap(struct repository *r, const struct repository_wrap *wrap, const char *whom, const uint8_t *key,
    struct error *e);

/* Opens the repository of that depot, with the key that the data key was wrapped with for whom; wrap is the member of r
 * for it. Returns as keys_unwrap. */
int keys_open(struct repository *r, struct depot *depot, const struct repository_wrap *wrap, const char *whom,
    const uint8_t *key, struct error *e);

/* What is there, not authenticated yet; *signed_size: what the mac is of. */
#define KEYS_SIZE_MAX 16384
struct keys_text {
	char text[KEYS_SIZE_MAX + 1];
	size_t signed_size;
	uint8_t mac[SEAL_HASH_SIZE];
};

/* Reads the object into r, which has only its depot. */
int keys_read(struct repository *r, struct keys_text *text, struct error *e);
/* After the data key is known. */
int keys_check_mac(const struct repository *r, const struct keys_text *text, struct error *e);
/* Writes the object anew; replace: over the one that is there. */
int keys_write(struct repository *r, bool replace, struct error *e);

#endif
