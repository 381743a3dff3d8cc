/*
 * Accepts connections of one listening socket, and pauses when descriptors are out.
 */
#include "workers/control/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "workers/control/control.h"

#define LISTENER_PAUSE_MS 200

static void
listener_resume(struct loop_timer *timer)
{
	struct listener *listener = timer->arg;

	loop_watch_events(&listener->watch, EPOLLIN);
}

static void
listener_accept(struct loop_watch *watch, uint32_t events)
{
	struct listener *listener = watch->arg;
	int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd != -1) {
		listener->admit(listener->control, fd);
		return;
	}
	if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM)
		return;
	/* The connection stays in the queue and would wake us at once, and again. */
	log_warning("cannot accept connections for %s: out of descriptors or memory", listener->what);
	loop_watch_events(watch, 0);
	loop_timer_set(watch->loop, &listener->pause, LISTENER_PAUSE_MS, listener_resume, listener);
}

void
listener_close(struct listener *listener)
{
	int fd = listener->watch.fd;

	loop_timer_cancel(&listener->pause);
	if (fd == -1)
		return;
	loop_watch_delete(&listener->watch);
	close(fd);
}

void
listener_open(struct listener *listener, struct control *control, int fd, listener_admit_fn *admit, const char *what)
{
	struct error e;
	int flags;

	listener_close(listener);
	listener->control = control;
	listener->admit = admit;
	listener->what = what;
	/* A client that is gone before accept4 must not leave us waiting for the next one. */
	if ((flags = fcntl(fd, F_GETFL)) == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1 ||
	    loop_watch_add(&control->worker->loop, &listener->watch, fd, EPOLLIN, listener_accept, listener, &e) == -1) {
		log_error("cannot serve %s", what);
		close(fd);
	}
}
