/*
 * The program bibctl: one connection, one request, one answer. Private to it.
 */
#ifndef BIBD_BIBCTL_H
#define BIBD_BIBCTL_H

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdbool.h>
#include <stdint.h>
#include <sys/un.h>

#include "common/error.h"
#include "common/message.h"
#include "workers/control/bibctl_render.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif
#ifndef BIBD_RUNSTATEDIR
#define BIBD_RUNSTATEDIR "/run"
#endif

#define BIBCTL_SOCKET BIBD_RUNSTATEDIR "/bibd/control.sock"
#define BIBCTL_SOCKET_NAME "control.sock"
#define BIBCTL_PATH_MAX sizeof(((struct sockaddr_un *)NULL)->sun_path)

#define BIBCTL_ANSWER_MS 10000
#define BIBCTL_RELOAD_MS 60000
#define BIBCTL_STOP_MS 120000

/* A connection to bibd-control that is past HELLO. */
struct bibctl_connection {
	int fd;
	int daemon; /* a pidfd of the daemon, or -1 where the kernel could not tell who listens */
};

/* What the command line says. */
struct bibctl {
	char path[BIBCTL_PATH_MAX]; /* of the control socket */
	const struct render_output *output;
	struct render render;
	bool follow;
};

struct bibctl_command {
	const char *name;
	const char *help;
	bool follows; /* takes --follow */
	int (*run)(struct bibctl *bibctl); /* returns the exit status */
};

/* Ends with a row whose name is NULL. */
extern const struct bibctl_command bibctl_commands[];

/* ---- bibctl_client.c; deadlines are clock_now_ms() times, or CLOCK_NEVER ---- */

/* Finds the socket that -s means: a socket, or a directory that holds one. Errors: control.path. */
int bibctl_find_socket(const char *given, char *path, size_t size, struct error *e);

/* Connects and exchanges HELLO. On success bibctl_disconnect frees what the connection holds. Errors:
 * control.unreachable, control.permission, control.not_control, control.version, control.timeout, and what the daemon
 * answers. */
int bibctl_connect(struct bibctl_connection *connection, const char *path, int64_t deadline, struct error *e);
void bibctl_disconnect(struct bibctl_connection *connection);

/* Sends an encoded frame. Errors: control.unreachable. */
int bibctl_send(struct bibctl_connection *connection, const struct frame *frame, struct error *e);

/* Waits for one frame and hands it to its handler. Errors: control.timeout, control.closed, message.*, frame.*. */
int bibctl_receive(struct bibctl_connection *connection, const struct message_handlers *handlers, void *context,
    int64_t deadline, struct error *e);

/* Waits for the daemon's end. Returns 0 when it is gone, else -1 (control.timeout). */
int bibctl_await_end(struct bibctl_connection *connection, const char *path, int64_t deadline, struct error *e);

#endif
