/*
 * What this host's kernel says about memory: processes that it has killed, how long processes wait for memory, disk and
 * processor, and what control groups have counted. Reads only what this user may read, and never blocks.
 */
#ifndef BIBD_BIBCTL_KERNEL_H
#define BIBD_BIBCTL_KERNEL_H

#include "workers/control/shared/snapshot.h"
#include "workers/control/story/story.h"

/* Adds to the story the processes that the kernel ended for want of memory, the pressure where it is felt and the time
 * is now, and how often the groups of bibd and of its server have had a process ended. root: "" or where /dev, /proc
 * and /sys are, for tests. status: of a node that answered, or NULL. */
void kernel_tell(struct story *story, const char *root, const struct snapshot *status, bool is_now);

#endif
