/*
 * The sockets on which bibd listens: the clients' (.s.PGSQL.<port>), bibctl's (control.sock), those of the metrics
 * (metrics.sock, and a loopback address where the configuration has one), and the addresses of listen.tcp for remote
 * applications. The supervisor binds them, keeps them for as long as it lives, and accepts on none: workers get a
 * duplicate.
 */
#ifndef BIBD_SUPERVISOR_LISTEN_H
#define BIBD_SUPERVISOR_LISTEN_H

#include <stddef.h>
#include <sys/socket.h>

#include "common/conf.h"
#include "common/message.h"

/* sun_path with its NUL: a path of at most 107 bytes. */
#define LISTEN_PATH_SIZE 108
#define LISTEN_BACKLOG 4096
#define LISTEN_REMOTE_MAX 8 /* addresses in listen.tcp */

struct listen {
	int lock_fd; /* listen.path, locked */
	struct listen_socket {
		int fd;			     /* -1: this one is not wanted */
		char path[LISTEN_PATH_SIZE]; /* "": not a Unix socket */
	} sockets[LISTEN_PURPOSES];	     /* all but LISTEN_REMOTE's, of which there may be several */
	int remote[LISTEN_REMOTE_MAX];
	size_t nremote;
};

/* Writes the path of a socket. -1 when it is too long for one. */
int listen_client_path(const struct conf *conf, char *buf, size_t size);
int listen_control_path(const struct conf *conf, char *buf, size_t size);
int listen_metrics_path(const struct conf *conf, char *buf, size_t size);

/* Reads "127.0.0.1:9187" or "[::1]:9187": a numeric loopback address and a port. Returns the address's length, or 0
 * when the text is no such address. */
socklen_t listen_parse_loopback(const char *text, struct sockaddr_storage *address);

/* Makes listen.path if it is missing, locks it, removes sockets that a dead bibd left there, and listens. Clients' mode
 * is 0666, since access is decided by who the kernel says is calling; control.sock and metrics.sock are 0660 with
 * listen.group. Errors: listen.create (73), listen.locked (69), listen.permission (77). What was opened is closed on an
 * error. */
int listen_open(struct listen *listening, const struct conf *conf, struct error *e);

/* Removes the sockets and gives the lock back. */
void listen_close(struct listen *listening);

/* How many sockets are open for a purpose, and a duplicate of one of them to give away, or -1 with errno set. */
size_t listen_count(const struct listen *listening, enum listen_purpose purpose);
int listen_duplicate(const struct listen *listening, enum listen_purpose purpose, size_t which);

#define LISTEN_ADDRESSES_SIZE 512

/* "0.0.0.0:5432, [::]:5432": what listen.tcp listens on; "" for nothing. Returns buf. */
const char *listen_addresses(const struct conf *conf, char *buf, size_t size);

#endif
