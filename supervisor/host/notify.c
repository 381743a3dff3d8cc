/*
 * Sends READY, STATUS, STOPPING, WATCHDOG and EXTEND_TIMEOUT_USEC to the service manager's socket.
 */
#include "supervisor/host/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A decimal number in the environment, or 0. */
static int64_t
notify_number(const char *name)
{
	const char *text = getenv(name);
	char *end;
	long long value;

	if (text == NULL)
		return 0;
	errno = 0;
	value = strtoll(text, &end, 10);
	return errno != 0 || end == text || *end != '\0' || value < 0 ? 0 : value;
}

static int
notify_connect(const char *path, struct error *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(path);
	int fd;

	if ((path[0] != '/' && path[0] != '@') || length < 2 || length >= sizeof(address.sun_path))
		return error_set(e, STATUS_OS, "notify.socket", "NOTIFY_SOCKET is not a socket's path");
	memcpy(address.sun_path, path, length);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	if ((fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) == -1)
		return error_set_errno(e, STATUS_OS, "notify.socket", "cannot make a socket");
	if (connect(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) ==
	    -1) {
		(void)error_set_errno(e, STATUS_OS, "notify.socket", "cannot reach the service manager at %s", path);
		close(fd);
		return -1;
	}
	return fd;
}

int
notify_open(struct notify *notify, struct error *e)
{
	const char *path = getenv("NOTIFY_SOCKET");
	int64_t pid = notify_number("WATCHDOG_PID");
	int result = 0;

	*notify = (struct notify) { .fd = -1 };
	if (pid == 0 || pid == getpid())
		notify->watchdog_ms = notify_number("WATCHDOG_USEC") / 2000;
	if (path != NULL && (notify->fd = notify_connect(path, e)) == -1)
		result = -1;
	if (notify->fd == -1)
		notify->watchdog_ms = 0;
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	return result;
}

void
notify_close(struct notify *notify)
{
	if (notify->fd != -1)
		close(notify->fd);
	notify->fd = -1;
}

static void
notify_send(const struct notify *notify, const char *text)
{
	if (notify->fd != -1)
		(void)send(notify->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void
notify_ready(const struct notify *notify)
{
	notify_send(notify, "READY=1");
}

void
notify_stopping(const struct notify *notify)
{
	notify_send(notify, "STOPPING=1");
}

void
notify_watchdog(const struct notify *notify)
{
	notify_send(notify, "WATCHDOG=1");
}

void
notify_status(const struct notify *notify, const char *text)
{
	char line[512];

	(void)snprintf(line, sizeof(line), "STATUS=%s", text);
	notify_send(notify, line);
}

void
notify_extend_timeout(const struct notify *notify, int64_t ms)
{
	char line[64];

	(void)snprintf(line, sizeof(line), "EXTEND_TIMEOUT_USEC=%" PRId64, ms * 1000);
	notify_send(notify, line);
}
