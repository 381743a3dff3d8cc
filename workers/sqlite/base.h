/*
 * bibd-sqlite's side of a base backup: the file is held still for bibd-archive, which reads it and its log itself.
 */
#ifndef BIBD_SQLITE_BASE_H
#define BIBD_SQLITE_BASE_H

#include "common/message.h"

struct sqlite;

/* From here on commits may wait for the repository, and no longer than they are to, whatever bibd-archive does. */
void base_store_is_open(struct sqlite *sqlite);

/* PEER: the channel to bibd-archive (context: the worker). */
void base_take_peer(void *context, struct frame *frame, const struct message_peer *message);

#endif
