/*
 * bibd-sqlite's side of a base backup: the file is held still for bibd-archive, which reads it and its log itself.
 */
#ifndef BIBD_SQLITE_BASE_H
#define BIBD_SQLITE_BASE_H

#include "common/message.h"

/* PEER: the channel to bibd-archive (context: the worker). */
void base_take_peer(void *context, struct frame *frame, const struct message_peer *message);

#endif
