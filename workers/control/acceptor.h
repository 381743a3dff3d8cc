/*
 * A listening socket of bibd-control, whatever is served on it.
 */
#ifndef BIBD_CONTROL_LISTENER_H
#define BIBD_CONTROL_LISTENER_H

#include "common/loop.h"

struct control;

/* Takes over a connected socket. */
typedef void acceptor_admit_fn(struct control *control, int fd);

/* watch.fd is -1 while it is closed. */
struct acceptor {
	struct loop_watch watch;
	struct loop_timer pause; /* set while descriptors are short and nobody is let in */
	struct control *control;
	acceptor_admit_fn *admit;
	const char *what; /* for the log */
};

/* Takes over the socket and closes the one before it. A failure is logged, and the socket closed. */
void acceptor_open(struct acceptor *acceptor, struct control *control, int fd, acceptor_admit_fn *admit,
    const char *what);
void acceptor_close(struct acceptor *acceptor);

#endif
