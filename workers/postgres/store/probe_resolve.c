/*
 * Runs getaddrinfo in a thread, and gives its result to the loop.
 */
#include "workers/postgres/store/probe_resolve.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define RESOLVE_STACK_BYTES (256 * 1024)

/* What loop and thread share; the last of the two to be done with it frees it. */
struct resolve {
	atomic_uint references;
	int wake_fd;
	char *host;
	char port[16];
	struct probe_target target;
	char why[PROBE_REASON_MAX];
	/* the loop's */
	struct loop_watch watch;
	resolve_done_fn *done;
	void *context;
};

static void
resolve_release(struct resolve *resolve)
{
	if (atomic_fetch_sub(&resolve->references, 1) != 1)
		return;
	close(resolve->wake_fd);
	free(resolve->host);
	free(resolve);
}

static void *
resolve_run(void *arg)
{
	struct resolve *resolve = arg;
	const struct addrinfo hints = { .ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV };
	struct addrinfo *list = NULL;
	int code = getaddrinfo(resolve->host, resolve->port, &hints, &list);

	if (code != 0)
		(void)snprintf(resolve->why, sizeof(resolve->why), "cannot look up %.160s: %s", resolve->host,
		    code == EAI_SYSTEM ? strerror(errno) : gai_strerror(code));
	for (struct addrinfo *row = list; row != NULL && resolve->target.naddresses < PROBE_ADDRESSES_MAX;
	     row = row->ai_next) {
		unsigned n = resolve->target.naddresses++;

		memcpy(&resolve->target.addresses[n].address, row->ai_addr, row->ai_addrlen);
		resolve->target.addresses[n].length = row->ai_addrlen;
	}
	if (list != NULL)
		freeaddrinfo(list);
	(void)eventfd_write(resolve->wake_fd, 1);
	resolve_release(resolve);
	return NULL;
}

static void
resolve_woken(struct loop_watch *watch, uint32_t events)
{
	struct resolve *resolve = watch->arg;

	(void)events;
	loop_watch_delete(watch);
	resolve->done(resolve->context, &resolve->target, resolve->why);
	resolve_release(resolve);
}

/* The thread takes no signals: they are the loop's. */
static int
resolve_spawn(struct resolve *resolve)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;
	int code;

	if ((code = pthread_attr_init(&attributes)) != 0)
		return code;
	(void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&attributes, RESOLVE_STACK_BYTES);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	code = pthread_create(&thread, &attributes, resolve_run, resolve);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attributes);
	return code;
}

struct resolve *
resolve_start(struct loop *loop, const char *host, unsigned port, resolve_done_fn *done, void *context, struct error *e)
{
	struct resolve *resolve = calloc(1, sizeof(*resolve));

	if (resolve == NULL || (resolve->host = strdup(host)) == NULL ||
	    (resolve->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) == -1) {
		(void)error_set_errno(e, STATUS_OS, "resolve.start", "cannot look up %s", host);
		if (resolve != NULL)
			free(resolve->host);
		free(resolve);
		return NULL;
	}
	(void)snprintf(resolve->port, sizeof(resolve->port), "%u", port);
	resolve->done = done;
	resolve->context = context;
	atomic_init(&resolve->references, 2);
	if (loop_watch_add(loop, &resolve->watch, resolve->wake_fd, EPOLLIN, resolve_woken, resolve, e) == -1) {
		atomic_store(&resolve->references, 1);
		resolve_release(resolve);
		return NULL;
	}
	if ((errno = resolve_spawn(resolve)) != 0) {
		(void)error_set_errno(e, STATUS_OS, "resolve.start", "cannot start a thread to look up %s", host);
		loop_watch_delete(&resolve->watch);
		atomic_store(&resolve->references, 1);
		resolve_release(resolve);
		return NULL;
	}
	return resolve;
}

void
resolve_cancel(struct resolve *resolve)
{
	if (resolve == NULL)
		return;
	loop_watch_delete(&resolve->watch);
	resolve_release(resolve);
}
