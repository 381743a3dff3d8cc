/*
 * Connects to an address or a Unix socket, sends a question and reads the answer, each before a deadline.
 */
#include "workers/control/host/dial.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/clock.h"

/* Waits until the socket is ready for these events. False with errno. */
static bool
dial_wait(int fd, short events, int64_t deadline)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int64_t left;

	while ((left = deadline - clock_now_ms()) > 0) {
		int n = poll(&pfd, 1, (int)left);

		if (n == 1)
			return true;
		if (n == -1 && errno != EINTR)
			return false;
	}
	errno = ETIMEDOUT;
	return false;
}

static int
dial_connect(int fd, const struct sockaddr *address, socklen_t length, int64_t ms)
{
	int errnum = 0;
	socklen_t size = sizeof(errnum);

	if (connect(fd, address, length) == 0)
		return 0;
	/* A Unix socket whose backlog is full says EAGAIN: its owner accepts no connection. */
	if (errno != EINPROGRESS)
		return -1;
	if (!dial_wait(fd, POLLOUT, clock_now_ms() + ms))
		return -1;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &errnum, &size) == -1)
		return -1;
	errno = errnum;
	return errnum == 0 ? 0 : -1;
}

int
dial(const struct sockaddr *address, socklen_t length, int64_t ms)
{
	int saved, fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1 || dial_connect(fd, address, length, ms) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int
dial_unix(const char *path, int64_t ms)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int n = snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);

	if (n < 0 || (size_t)n >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return dial((const struct sockaddr *)&address, sizeof(address), ms);
}

ssize_t
dial_ask(int fd, const void *request, size_t size, void *answer, size_t answer_size, int64_t ms)
{
	int64_t deadline = clock_now_ms() + ms;
	ssize_t n;

	/* The requests are a few bytes, which a new socket takes whole. */
	if (send(fd, request, size, MSG_NOSIGNAL) != (ssize_t)size)
		return -1;
	do {
		if (!dial_wait(fd, POLLIN, deadline))
			return -1;
		n = recv(fd, answer, answer_size, 0);
	} while (n == -1 && (errno == EAGAIN || errno == EINTR));
	return n;
}
