/*
 * How far the fetching of an image is, by what the engine's program says line by line.
 */
#ifndef BIBD_CONTAINER_PULL_H
#define BIBD_CONTAINER_PULL_H

#include <stdbool.h>
#include <stddef.h>

struct pull {
	unsigned layers; /* known so far */
	unsigned done;	 /* of these, fetched and unpacked, or there before */
};

/* The name to pull: one that names no registry gets this one's, as docker(1) has it. NULL: as it is. */
void pull_name(const char *image, const char *registry, char *buf, size_t size);

/* Takes a line of `docker pull` or `podman pull`. Returns whether it told of progress. */
bool pull_take_line(struct pull *pull, const char *line);

/* "pulling postgres:16-alpine: 3 of 8 layers". */
void pull_text(const struct pull *pull, const char *image, char *buf, size_t size);

#endif
