/*
 * A listening socket of bibd-control, whatever is served on it.
 */
#ifndef BIBD_CONTROL_LISTENER_H
#define BIBD_CONTROL_LISTENER_H

#include "common/loop.h"

struct control;

/* Takes over a connected socket. */
typedef void listener_admit_fn(struct control *control, int fd);

/* watch.fd is -1 while it is closed. */
struct listener {
	struct loop_watch watch;
	struct loop_timer pause; /* set while descriptors are short and nobody is let in */
	struct control *control;
	listener_admit_fn *admit;
	const char *what; /* for the log */
};

/* Takes over the socket and closes the one before it. A failure is logged, and the socket closed. */
void listener_open(struct listener *listener, struct control *control, int fd, listener_admit_fn *admit,
    const char *what);
void listener_close(struct listener *listener);

#endif
