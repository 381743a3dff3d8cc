/*
 * One request of bibctl: a connection to bibd-control, what the command line says of it, and its answer.
 */
#ifndef BIBD_BIBCTL_REQUEST_H
#define BIBD_BIBCTL_REQUEST_H

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdbool.h>
#include <stdint.h>
#include <sys/un.h>

#include "common/error.h"
#include "common/message.h"
#include "workers/control/show/render.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif
#ifndef BIBD_SYSCONFDIR
#define BIBD_SYSCONFDIR "/etc"
#endif
#ifndef BIBD_RUNSTATEDIR
#define BIBD_RUNSTATEDIR "/run"
#endif

#define BIBCTL_SOCKET BIBD_RUNSTATEDIR "/bibd/control.sock"
#define BIBCTL_SOCKET_NAME "control.sock"
#define BIBCTL_CONF BIBD_SYSCONFDIR "/bibd/bibd.yaml"
#define BIBCTL_PATH_MAX sizeof(((struct sockaddr_un *)NULL)->sun_path)

#define BIBCTL_LINES 100 /* of a log, when nobody says how many */
#define BIBCTL_LINES_MAX 1000000
#define BIBCTL_LOG_MAX (4U << 20) /* bytes */

#define BIBCTL_DAYS 1 /* for which an operator's certificate is valid, when nobody says how many */
#define BIBCTL_DAYS_MAX 7
#define BIBCTL_CLIENT_DAYS 365 /* a login's */
#define BIBCTL_CLIENT_DAYS_MAX 3650

#define BIBCTL_DRAIN_S 30 /* pause: what open transactions get, and how long it lasts, when nobody says */
#define BIBCTL_DRAIN_MAX_S 100
#define BIBCTL_HOLD_S 300
#define BIBCTL_HOLD_MAX_S 3600

#define BIBCTL_INTERVAL_S 2 /* top: from one block to the next, when nobody says */
#define BIBCTL_INTERVAL_MAX_S 3600

#define BIBCTL_ANSWER_MS 10000
#define BIBCTL_LOG_MS 25000
#define BIBCTL_RELOAD_MS 60000
#define BIBCTL_VERIFY_MS 120000
#define BIBCTL_STOP_MS 120000
#define BIBCTL_BACKUP_MS (24 * INT64_C(3600000) + 60000)

/* A connection to bibd-control that is past HELLO. */
struct bibctl_connection {
	int fd;
	int daemon; /* a pidfd of the daemon, or -1 where the kernel could not tell who listens */
};

/* The last events that were told. */
#define BIBCTL_RECENT 5
struct bibctl_recent {
	struct {
		uint64_t number;
		int64_t time_us;
		char source[64], code[64], text[ERROR_TEXT_MAX];
	} events[BIBCTL_RECENT];
	size_t count; /* of all that were told: the last is at (count - 1) % BIBCTL_RECENT */
};

/* What the command line says. */
struct bibctl {
	char path[BIBCTL_PATH_MAX]; /* of the control socket */
	bool path_given;
	const char *conf_path; /* of bibd.yaml, for what works without the daemon */
	const struct render_output *output;
	struct render render;
	bool follow;
	int64_t since_us;	      /* events from then on, since 1970; 0: all that are kept */
	struct bibctl_recent *recent; /* takes the events instead of showing them, or NULL; not owned */
	int64_t at_us;		      /* why: around then; 0: nobody says when */
	struct story *story;	      /* takes the events instead, or NULL; not owned */
	const char *only;	      /* events of this source, or whose code begins so; NULL: all */
	bool identity;		      /* credentials reset: the identity too */
	uint32_t lines;
	uint32_t count;			    /* top: so many blocks; 0: until somebody ends it */
	uint32_t interval_ms;		    /* top */
	const char *point;		    /* restore-point */
	const char *statements;		    /* compat: the file, "-" for standard input */
	const char *name;		    /* of a login */
	const char *directory;		    /* certificate: where to */
	uint32_t days;			    /* and for how long */
	const char *what;		    /* rotate */
	const char *into, *from, *key, *to; /* restore; NULL: not said */
	bool in_place, files;
	bool full;		    /* backup */
	uint32_t session;	    /* kill */
	uint32_t drain_ms, hold_ms; /* pause */
};

/* ---- ask.c ---- */

/* Asks for the status, for at most ms, into the snapshot, which the caller clears. The result's status is 0, or why
 * there is none (control.*); its code lives as long as the program. */
void bibctl_ask_status(struct bibctl *bibctl, struct snapshot *snapshot, struct error *result, int64_t ms);

/* ---- client.c; deadlines are clock_now_ms() times, or CLOCK_NEVER ---- */

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
