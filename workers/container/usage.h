/*
 * The memory of the container, read from the control group of its first process: cgroups(7), version 1 or 2. The
 * engines' own command `stats` takes seconds.
 */
#ifndef BIBD_CONTAINER_USAGE_H
#define BIBD_CONTAINER_USAGE_H

#include <stdint.h>

/* Bytes in use; 0: not known. */
uint64_t usage_of(int64_t pid);

/* A descriptor on the file that counts the processes that were killed because memory was out, or -1. It can be read
 * until the group is removed, which is a moment after its last process ended. */
int usage_open_kills(int64_t pid);

/* That number now; -1 when the group is gone. */
int64_t usage_read_kills(int fd);

#endif
