/*
 * Connecting and asking with a deadline, for bibctl doctor.
 */
#ifndef BIBD_CONTROL_DIAL_H
#define BIBD_CONTROL_DIAL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

/* Connects a stream socket within ms. Returns it, or -1 with errno; ETIMEDOUT when it took too long. */
int dial(const struct sockaddr *address, socklen_t length, int64_t ms);
int dial_unix(const char *path, int64_t ms);

/* Sends a request and reads the first bytes of the answer, both within ms. Returns its bytes, 0 when the peer closed,
 * -1 with errno (ETIMEDOUT). */
ssize_t dial_ask(int fd, const void *request, size_t size, void *answer, size_t answer_size, int64_t ms);

#endif
