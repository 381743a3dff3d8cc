/*
 * Are workers alive? At each interval all of them are asked, at once, so that an idle node wakes up once for all of
 * them. One that does not answer in time is not healthy, and is asked again at once. If it answers neither within the
 * same time again, it is stuck: it is killed, and the policy acts. So a worker that hangs is found within
 * health.interval and twice health.timeout, however many there are. There is one exception: a worker that wants to run
 * and gets no processor from the machine is waited for longer, since a new process would get none either.
 */
#ifndef BIBD_SUPERVISOR_HEARTBEAT_H
#define BIBD_SUPERVISOR_HEARTBEAT_H

#include <stdint.h>

#include "common/message.h"

struct child;
struct children;

/* Begins, or goes on at the interval of the configuration in force. */
void heartbeat_start(struct children *children);
/* An answer came, or the child is gone. */
void heartbeat_take(struct child *child, uint32_t id, const struct message_health *health);
void heartbeat_forget(struct child *child);
/* The storage worker is asked now, unless it is being asked; the context is the struct children. */
void heartbeat_ask_storage(void *context);
/* The check of the client socket has failed, or come to its end; the context is the struct children. */
void heartbeat_note_check(void *context);

#endif
