/*
 * The sender's spool, for sender.c.
 */
#ifndef BIBD_ARCHIVE_SPOOL_H
#define BIBD_ARCHIVE_SPOOL_H

#include "workers/archive/sender.h"

/* A file of that object. Errors: archive.spool. */
int spool_write(struct sender *sender, const char *name, const void *bytes, size_t size, struct error *e);
/* Into the sender's buffer; as above. */
int spool_read(struct sender *sender, const struct sender_item *item, size_t *size, struct error *e);
/* Puts it at the queue's end. -1: errno says why. */
int sender_queue(struct sender *sender, const char *name, const struct change_info *head, size_t size);
/* The first one is done with: its file goes, too. */
void sender_drop(struct sender *sender, struct sender_item *item);
/* Queues what the process of before has left. */
void sender_load_spool(struct sender *sender);
/* Finds where the newest stream ends, in the repository or the spool. Errors: as of the repository. */
int sender_find_place(struct sender *sender, struct error *e);

#endif
