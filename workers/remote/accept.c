/*
 * Connections from other hosts: accepted a batch at a time once there is a certificate to show, and left waiting in
 * the kernel's queue while descriptors or memory are out.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workers/remote/remote.h"

/* Clients taken in one turn, so that those who are here already get theirs. */
#define REMOTE_ACCEPT_BATCH 64
#define REMOTE_ACCEPT_AGAIN_MS 100

static void
remote_accept_again(struct loop_timer *timer)
{
	struct remote *remote = timer->arg;

	for (size_t i = 0; i < remote->nlisteners; i++)
		loop_watch_events(&remote->listeners[i], EPOLLIN);
}

static void
remote_pause(struct remote *remote)
{
	log_warning("remote clients have to wait: no more descriptors or memory");
	for (size_t i = 0; i < remote->nlisteners; i++)
		loop_watch_events(&remote->listeners[i], 0);
	loop_timer_set(&remote->worker->loop, &remote->accept_again, REMOTE_ACCEPT_AGAIN_MS, remote_accept_again,
	    remote);
}

static void
remote_print_address(const struct sockaddr_storage *address, char text[PGWIRE_ADDRESS_SIZE])
{
	const void *bytes = address->ss_family == AF_INET6
	    ? (const void *)&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr
	    : (const void *)&((const struct sockaddr_in *)(const void *)address)->sin_addr;

	if (inet_ntop(address->ss_family, bytes, text, PGWIRE_ADDRESS_SIZE) == NULL)
		(void)snprintf(text, PGWIRE_ADDRESS_SIZE, "?");
}

static void
remote_accept(struct loop_watch *watch, uint32_t events)
{
	struct remote *remote = watch->arg;

	(void)events;
	for (unsigned i = 0; i < REMOTE_ACCEPT_BATCH; i++) {
		struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
		socklen_t size = sizeof(address);
		int fd = accept4(watch->fd, (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
		char text[PGWIRE_ADDRESS_SIZE];

		if (fd != -1) {
			remote_print_address(&address, text);
			client_accept(remote, fd, text);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			remote_pause(remote);
		if (errno != ECONNABORTED && errno != EINTR)
			return;
	}
}

void
remote_listen_now(struct remote *remote)
{
	for (size_t i = 0; i < remote->nlisteners && remote->tls.context != NULL; i++)
		loop_watch_events(&remote->listeners[i], EPOLLIN);
}

void
remote_listen(struct worker *worker, enum listen_purpose purpose, int fd)
{
	struct remote *remote = worker->state;
	struct error e;

	if (purpose != LISTEN_REMOTE || remote->nlisteners == REMOTE_LISTENERS_MAX) {
		close(fd);
		return;
	}
	if (loop_watch_add(&worker->loop, &remote->listeners[remote->nlisteners], fd, 0, remote_accept, remote, &e) ==
	    -1)
		fatal(&e);
	remote->nlisteners++;
	remote_listen_now(remote);
}
