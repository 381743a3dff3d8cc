/*
 * Accepts connections of one listening socket, and pauses when descriptors are out.
 */
#include "workers/control/acceptor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "workers/control/control.h"

#define ACCEPTOR_PAUSE_MS 200

static void
acceptor_resume(struct loop_timer *timer)
{
	struct acceptor *acceptor = timer->arg;

	loop_watch_events(&acceptor->watch, EPOLLIN);
}

static void
acceptor_accept(struct loop_watch *watch, uint32_t events)
{
	struct acceptor *acceptor = watch->arg;
	int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd != -1) {
		acceptor->admit(acceptor->control, fd);
		return;
	}
	if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM)
		return;
	/* The connection stays in the queue and would wake the loop at once, again and again: rest for a while. */
	log_warning("cannot accept connections for %s: out of descriptors or memory", acceptor->what);
	loop_watch_events(watch, 0);
	loop_timer_set(watch->loop, &acceptor->pause, ACCEPTOR_PAUSE_MS, acceptor_resume, acceptor);
}

void
acceptor_close(struct acceptor *acceptor)
{
	int fd = acceptor->watch.fd;

	loop_timer_cancel(&acceptor->pause);
	if (fd == -1)
		return;
	loop_watch_delete(&acceptor->watch);
	close(fd);
}

void
acceptor_open(struct acceptor *acceptor, struct control *control, int fd, acceptor_admit_fn *admit, const char *what)
{
	struct error e;
	int flags;

	acceptor_close(acceptor);
	acceptor->control = control;
	acceptor->admit = admit;
	acceptor->what = what;
	/* A client that is gone before accept4 must not leave us waiting for the next one. */
	if ((flags = fcntl(fd, F_GETFL)) == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1 ||
	    loop_watch_add(&control->worker->loop, &acceptor->watch, fd, EPOLLIN, acceptor_accept, acceptor, &e) ==
		-1) {
		log_error("cannot serve %s", what);
		close(fd);
	}
}
