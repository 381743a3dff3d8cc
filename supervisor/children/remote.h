/*
 * Remote applications, as far as the supervisor has to do with them: the files that listen.tcp names, which bibd-remote
 * may not open, and its clients on their way to the storage worker, unread.
 */
#ifndef BIBD_SUPERVISOR_REMOTE_H
#define BIBD_SUPERVISOR_REMOTE_H

#include "common/message.h"

struct children;

/* Sends bibd-remote the files of the configuration in force; it is up, or is sent them when it is. One that cannot be
 * opened, or that others can read where it is secret, is told as an event, and then none of them changes anything. */
void remote_send_files(struct children *children);

/* A client for the storage worker; takes over the descriptor. It is closed where no storage worker is up, or too many
 * wait for it already, which bibd-remote tells the client. */
void remote_take_client(struct children *children, const struct message_client *message, int fd);

/* bibd-remote and keeper get a channel of their own, once both are up. */
void remote_connect(struct children *children);

#endif
