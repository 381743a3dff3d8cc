/*
 * Takes a stream of tar (POSIX ustar, as PostgreSQL sends it) apart: names, sizes, contents. Nothing is kept.
 */
#ifndef BIBD_ARCHIVE_POSTGRES_TAR_H
#define BIBD_ARCHIVE_POSTGRES_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

#define TAR_BLOCK 512
#define TAR_NAME_SIZE 257

struct tar_entry {
	char name[TAR_NAME_SIZE]; /* without "./" before it and a slash at its end */
	bool directory;
	uint32_t mode;
	uint64_t size;
};

/* begin, then all of its bytes in pieces, then end. */
struct tar_calls {
	int (*begin)(void *arg, const struct tar_entry *entry, struct error *e);
	int (*data)(void *arg, const uint8_t *data, size_t size, struct error *e);
	int (*end)(void *arg, struct error *e);
};

/* Zeroed but for calls and arg. */
struct tar {
	const struct tar_calls *calls;
	void *arg;
	uint8_t block[TAR_BLOCK];
	size_t have;	/* of a header */
	uint64_t left;	/* of the contents */
	size_t padding; /* after them */
};

/* The next bytes. Errors: postgres.stream (65), and those of the calls. */
int tar_feed(struct tar *tar, const uint8_t *data, size_t size, struct error *e);
/* Whether the stream may end here. */
bool tar_is_whole(const struct tar *tar);

#endif
