/*
 * Sealed memory files: how what is larger than a frame travels between processes.
 */
#ifndef BIBD_MEMFD_H
#define BIBD_MEMFD_H

#include <stddef.h>

#include "common/error.h"

/* A sealed (no write, grow, shrink) memfd with these bytes, or -1 (memfd.create). The name shows in /proc only. */
int memfd_create_sealed(const char *name, const void *data, size_t size, struct error *e);

/* Reads a memfd whole into malloc'ed memory with a NUL after it; the caller frees it. Refuses one that is not sealed,
 * or over max bytes (memfd.read). The descriptor stays open. Returns NULL on an error. */
char *memfd_read(int fd, size_t max, size_t *size, struct error *e);

#endif
