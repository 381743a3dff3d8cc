/*
 * The checksums of a backup's files (CRC-32C), as they came, against those in PostgreSQL's manifest.
 */
#ifndef BIBD_ARCHIVE_POSTGRES_SUMS_H
#define BIBD_ARCHIVE_POSTGRES_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

/* Begin with 0; the next bytes. */
uint32_t crc32c(uint32_t crc, const void *data, size_t size);

struct sums_file {
	char *name;
	uint64_t size;
	uint32_t crc;
	bool found; /* in the manifest */
};

#define SUMS_LINE_MAX 2048

/* Zeroed before the first use. */
struct sums {
	struct sums_file *files;
	size_t count;
	char line[SUMS_LINE_MAX]; /* of the manifest, so far */
	size_t length;
	bool sorted;
};

/* A file that came. Errors: archive.memory. */
int sums_add(struct sums *sums, const char *name, uint64_t size, uint32_t crc, struct error *e);
/* The manifest's next bytes, after all files. Errors: postgres.stream: a file is not what the manifest says. */
int sums_check(struct sums *sums, const char *data, size_t size, struct error *e);
/* At the end of the manifest: each file was in it. */
int sums_finish(const struct sums *sums, struct error *e);
void sums_free(struct sums *sums);

#endif
