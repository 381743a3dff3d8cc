/*
 * bibctl's end of the control socket. It waits with poll(2), always up to a deadline.
 */
#include <bsd/string.h>
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/control/request/request.h"

#define CLIENT_PROBE_MS 50

int
bibctl_find_socket(const char *given, char *path, size_t size, struct error *e)
{
	struct stat st;
	int n;

	if (*given == '\0')
		return error_set(e, STATUS_USAGE, "control.path", "-s needs the path of a control socket");
	if (stat(given, &st) == 0 && S_ISDIR(st.st_mode))
		n = snprintf(path, size, "%s%s%s", given, given[strlen(given) - 1] == '/' ? "" : "/",
		    BIBCTL_SOCKET_NAME);
	else
		n = snprintf(path, size, "%s", given);
	if (n < 0 || (size_t)n >= size)
		return error_set(e, STATUS_USAGE, "control.path",
		    "%.300s: too long for the path of a socket, which has at most %zu bytes", given, size - 1);
	return 0;
}

/* ---- connecting ---- */

/* Names the group that opens the socket: only where one does, and never root's group, which opens everything else
 * too. */
static int
client_set_permission(const char *path, struct error *e)
{
	const struct group *group = NULL;
	struct stat st;

	if (stat(path, &st) == -1)
		return error_set(e, STATUS_PERMISSION, "control.permission",
		    "%s: no permission to connect; be root, or in the group that listen.group of bibd.yaml names",
		    path);
	if (st.st_gid != 0 && (st.st_mode & S_IWGRP) != 0)
		group = getgrgid(st.st_gid);
	if (group == NULL)
		return error_set(e, STATUS_PERMISSION, "control.permission",
		    "%s: no permission to connect; be root, or the user that bibd was started by", path);
	return error_set(e, STATUS_PERMISSION, "control.permission",
	    "%s: no permission to connect; be root, or in the group %s (usermod -aG %s USER, then log in anew)", path,
	    group->gr_name, group->gr_name);
}

/* What a failed connect means, where, and what to do. */
static int
client_set_unreachable(const char *path, int errnum, struct error *e)
{
	static const struct {
		int errnum;
		const char *code;
		const char *meaning;
	} meanings[] = {
		{ ENOENT, "control.unreachable", "there is no such socket; start bibd, or name the socket with -s" },
		{ ENOTDIR, "control.unreachable", "there is no such socket; name the one of bibd with -s" },
		{ ECONNREFUSED, "control.unreachable", "nobody listens there; start bibd, or name the socket with -s" },
		{ EAGAIN, "control.timeout", "bibd takes no connections; its log says what it is doing" },
		{ EPROTOTYPE, "control.not_control", "this is not a control socket of bibd; name that with -s" },
	};

	if (errnum == EACCES || errnum == EPERM)
		return client_set_permission(path, e);
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (meanings[i].errnum == errnum)
			return error_set(e, STATUS_UNAVAILABLE, meanings[i].code, "%s: %s", path, meanings[i].meaning);
	errno = errnum;
	return error_set_errno(e, STATUS_UNAVAILABLE, "control.unreachable", "%s: cannot connect", path);
}

/* Returns a connected socket, or -1 with errno. A full backlog is waited for, up to the deadline (EAGAIN then). */
static int
client_dial(const char *path, int64_t deadline)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int64_t left = deadline - clock_now_ms();
	struct timeval timeout = { .tv_sec = left > 0 ? left / 1000 : 0, .tv_usec = left > 0 ? left % 1000 * 1000 : 1 };
	int saved, fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -1;
	(void)strlcpy(address.sun_path, path, sizeof(address.sun_path));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) == 0 &&
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* Opens a pidfd of the supervisor, which the kernel names as the process that called listen(2): by that its end is
 * seen. */
static int
client_open_daemon(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == -1 || peer.pid <= 0)
		return -1;
	return (int)syscall(SYS_pidfd_open, peer.pid, 0);
}

/* ---- frames ---- */

int
bibctl_send(struct bibctl_connection *connection, const struct frame *frame, struct error *e)
{
	if (frame_send(connection->fd, frame, NULL) == 0)
		return 0;
	return error_set(e, STATUS_UNAVAILABLE, "control.closed", "bibd closed the connection");
}

/* Waits until the socket is readable. */
static int
client_wait(int fd, int64_t deadline, struct error *e)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	for (;;) {
		int64_t left = deadline - clock_now_ms();
		int n;

		if (left <= 0)
			break;
		n = poll(&pfd, 1, deadline == CLOCK_NEVER ? -1 : (int)left);
		if (n == 1)
			return 0;
		if (n == -1 && errno != EINTR)
			return error_set_errno(e, STATUS_OS, "control.wait", "cannot wait for bibd's answer");
	}
	return error_set(e, STATUS_UNAVAILABLE, "control.timeout",
	    "no answer from bibd in time; its log says what it is doing");
}

int
bibctl_receive(struct bibctl_connection *connection, const struct message_handlers *handlers, void *context,
    int64_t deadline, struct error *e)
{
	struct frame frame;
	int n;

	do {
		if (client_wait(connection->fd, deadline, e) == -1)
			return -1;
		/* A peer that ends with a frame of ours unread shows as a reset before what it said last. */
		if ((n = frame_receive(connection->fd, &frame, e)) == -1)
			n = frame_receive(connection->fd, &frame, e);
	} while (n == 0);
	if (n == 1)
		return message_dispatch(handlers, context, PROCESS_BIBCTL, PROCESS_CONTROL, &frame, e);
	if (strcmp(e->code, "channel.closed") == 0)
		return error_set(e, STATUS_UNAVAILABLE, "control.closed", "bibd closed the connection");
	return -1;
}

/* ---- HELLO ---- */

struct client_hello {
	bool greeted;
	bool refused;
	struct error why;
};

static void
client_take_hello(void *context, struct frame *frame, const struct message_hello *message)
{
	struct client_hello *hello = context;

	(void)frame;
	if (message->protocol == MESSAGE_CONTROL_PROTOCOL && message->table_hash == message_table_hash()) {
		hello->greeted = true;
		return;
	}
	hello->refused = true;
	(void)error_set(&hello->why, STATUS_USAGE, "control.version",
	    "the running bibd %.64s (protocol %u) and this bibctl %s (protocol %u) are of different builds: "
	    "restart bibd, or use the bibctl it came with",
	    message->version, message->protocol, PACKAGE_VERSION, (unsigned)MESSAGE_CONTROL_PROTOCOL);
}

static void
client_take_refusal(void *context, struct frame *frame, const struct message_result *message)
{
	struct client_hello *hello = context;

	(void)frame;
	hello->refused = true;
	(void)error_set(&hello->why, message->status == 0 ? STATUS_UNAVAILABLE : (enum status)message->status,
	    "control.refused", "%s", message->text);
}

static int
client_greet(struct bibctl_connection *connection, int64_t deadline, struct error *e)
{
	static const struct message_handlers handlers = { .hello = client_take_hello, .result = client_take_refusal };
	struct client_hello hello = { .greeted = false };
	struct message_hello ours = { .protocol = MESSAGE_CONTROL_PROTOCOL,
		.table_hash = message_table_hash(),
		.version = PACKAGE_VERSION };
	struct frame frame;

	if (message_encode_hello(&frame, 1, &ours, -1, e) == -1)
		return -1;
	/* When all places are taken, control refuses and closes before it reads our HELLO, so a failure to send is no
	 * error yet: its refusal is read below. */
	(void)bibctl_send(connection, &frame, NULL);
	while (!hello.greeted && !hello.refused)
		if (bibctl_receive(connection, &handlers, &hello, deadline, e) == -1)
			return -1;
	if (hello.greeted)
		return 0;
	*e = hello.why;
	return -1;
}

int
bibctl_connect(struct bibctl_connection *connection, const char *path, int64_t deadline, struct error *e)
{
	*connection = (struct bibctl_connection) { .fd = -1, .daemon = -1 };
	if ((connection->fd = client_dial(path, deadline)) == -1)
		return client_set_unreachable(path, errno, e);
	connection->daemon = client_open_daemon(connection->fd);
	if (client_greet(connection, deadline, e) == 0)
		return 0;
	bibctl_disconnect(connection);
	if (strcmp(e->code, "control.version") != 0)
		(void)error_prefix(e, "%s: ", path);
	return -1;
}

void
bibctl_disconnect(struct bibctl_connection *connection)
{
	if (connection->fd != -1)
		close(connection->fd);
	if (connection->daemon != -1)
		close(connection->daemon);
	connection->fd = connection->daemon = -1;
}

/* ---- the end of the daemon ---- */

int
bibctl_await_end(struct bibctl_connection *connection, const char *path, int64_t deadline, struct error *e)
{
	struct pollfd pfd = { .fd = connection->daemon, .events = POLLIN };
	int64_t left;

	while ((left = deadline - clock_now_ms()) > 0) {
		int fd;

		if (pfd.fd != -1) {
			if (poll(&pfd, 1, (int)left) == 1)
				return 0;
			continue;
		}
		/* The daemon is in another pid namespace and cannot be watched; its socket is removed when it ends. */
		if ((fd = client_dial(path, deadline)) == -1 && errno != EAGAIN)
			return 0;
		if (fd != -1)
			close(fd);
		(void)poll(NULL, 0, CLIENT_PROBE_MS);
	}
	return error_set(e, STATUS_UNAVAILABLE, "control.timeout",
	    "bibd was told to stop and has not stopped yet; its log says what it is doing");
}
