/*
 * What operators ask about the sessions: bibctl clients and bibctl kill. From the supervisor; the context is the
 * worker.
 */
#ifndef BIBD_SQLITE_CLIENTS_H
#define BIBD_SQLITE_CLIENTS_H

#include "common/message.h"

void clients_take_request(void *context, struct frame *frame, const struct message_clients_request *message);
void clients_take_kill(void *context, struct frame *frame, const struct message_kill_request *message);

#endif
