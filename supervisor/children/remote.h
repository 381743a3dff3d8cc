/*
 * Remote applications, as far as the supervisor has to do with them: the files that listen.tcp names, which bibd-remote
 * may not open, and its clients on their way to the storage worker, unread.
 */
#ifndef BIBD_SUPERVISOR_REMOTE_H
#define BIBD_SUPERVISOR_REMOTE_H

#include "common/message.h"

struct children;

/* Sends bibd-remote the files of the configuration in force, if it is up; when it comes up, this is called again. A
 * file that cannot be opened, or a secret one that others can read, is told as an event; bibd-remote then keeps the
 * files that it has. */
void remote_send_files(struct children *children);

/* A client for the storage worker; takes over the descriptor. It is closed where no storage worker is up, or too many
 * wait for it already, which bibd-remote tells the client. */
void remote_take_client(struct children *children, const struct message_client *message, int fd);

/* bibd-remote and keeper get a channel of their own, once both are up. */
void remote_connect(struct children *children);

#endif
