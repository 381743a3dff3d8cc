/*
 * Binds each listening socket, gives it its mode and group, removes a stale one, and duplicates it for a worker.
 */
#include "supervisor/host/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/log.h"
#include "common/port.h"

_Static_assert(LISTEN_PATH_SIZE == sizeof(((struct sockaddr_un *)NULL)->sun_path), "the kernel's size");

int
listen_client_path(const struct conf *conf, char *buf, size_t size)
{
	int n = snprintf(buf, size, "%s/.s.PGSQL.%" PRId64, conf->listen.path, conf->listen.port);

	return n < 0 || (size_t)n >= size ? -1 : 0;
}

int
listen_control_path(const struct conf *conf, char *buf, size_t size)
{
	int n = snprintf(buf, size, "%s/control.sock", conf->listen.path);

	return n < 0 || (size_t)n >= size ? -1 : 0;
}

int
listen_metrics_path(const struct conf *conf, char *buf, size_t size)
{
	int n = snprintf(buf, size, "%s/metrics.sock", conf->listen.path);

	return n < 0 || (size_t)n >= size ? -1 : 0;
}

/* What is different between the sockets. bibctl's frames want SOCK_SEQPACKET (channel.h). */
static const struct listen_kind {
	int (*path)(const struct conf *, char *, size_t); /* NULL: a TCP socket */
	mode_t mode;
	int type;
	bool for_group;
} listen_kinds[] = {
	[LISTEN_CLIENTS] = { listen_client_path, 0666, SOCK_STREAM, false },
	[LISTEN_CONTROL] = { listen_control_path, 0660, SOCK_SEQPACKET, true },
	[LISTEN_METRICS] = { listen_metrics_path, 0660, SOCK_STREAM, true },
	[LISTEN_METRICS_TCP] = { NULL, 0, SOCK_STREAM, false },
	[LISTEN_REMOTE] = { NULL, 0, SOCK_STREAM, false },
};
_Static_assert(sizeof(listen_kinds) / sizeof(listen_kinds[0]) == LISTEN_PURPOSES, "one kind for each purpose");

/* The lock is on the directory itself: it needs no file, and a dead bibd leaves none. */
static int
listen_lock(struct listen *listening, const char *path, struct error *e)
{
	bool made = mkdir(path, 0755) == 0;

	if (!made && errno != EEXIST)
		return error_set_errno(e, errno == EACCES || errno == EPERM ? STATUS_PERMISSION : STATUS_CANT_CREATE,
		    "listen.create", "cannot create listen.path: %s", path);
	if ((listening->lock_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return error_set_errno(e, STATUS_PERMISSION, "listen.permission", "cannot open listen.path: %s", path);
	if (made && fchmod(listening->lock_fd, 0755) == -1)
		return error_set_errno(e, STATUS_CANT_CREATE, "listen.create", "cannot set the mode of %s", path);
	if (flock(listening->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return error_set(e, STATUS_UNAVAILABLE, "listen.locked", "another bibd listens in %s", path);
	return error_set_errno(e, STATUS_OS, "listen.lock", "cannot lock %s", path);
}

/* While we hold the lock, no other bibd uses a socket of that name, so it is removed; anything but a socket is left
 * alone. */
static int
listen_remove_stale(const char *path, struct error *e)
{
	struct stat st;

	if (lstat(path, &st) == -1)
		return errno == ENOENT ? 0 : error_set_errno(e, STATUS_IO, "listen.create", "cannot examine %s", path);
	if (!S_ISSOCK(st.st_mode))
		return error_set(e, STATUS_CANT_CREATE, "listen.create",
		    "%s is in the way and is not a socket: move it away", path);
	if (unlink(path) == -1)
		return error_set_errno(e, STATUS_PERMISSION, "listen.permission", "cannot remove the stale socket %s",
		    path);
	return 0;
}

static int
listen_bind(struct listen_socket *s, const struct listen_kind *kind, struct error *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t saved;
	int result;

	memcpy(address.sun_path, s->path, sizeof(address.sun_path));
	if ((s->fd = socket(AF_UNIX, kind->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) == -1)
		return error_set_errno(e, STATUS_OS, "listen.create", "cannot make a socket");
	saved = umask(0777 & ~kind->mode);
	result = bind(s->fd, (struct sockaddr *)&address, sizeof(address));
	(void)umask(saved);
	if (result == -1) {
		close(s->fd);
		s->fd = -1;
		return error_set_errno(e, errno == EACCES || errno == EPERM ? STATUS_PERMISSION : STATUS_CANT_CREATE,
		    "listen.create", "cannot create the socket %s", s->path);
	}
	return 0;
}

/* Gives a socket to the group that may use it, where that group exists and we have the right to. */
static void
listen_give_to_group(const char *path, const char *name)
{
	const struct group *gr = name[0] == '\0' ? NULL : getgrnam(name);

	if (gr != NULL && gr->gr_gid != getegid() && lchown(path, (uid_t)-1, gr->gr_gid) == -1)
		log_debug("%s stays with bibd's own group: %s", path, strerror(errno));
}

/* ---- TCP ---- */

socklen_t
listen_parse_loopback(const char *text, struct sockaddr_storage *address)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)address;
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN] = "";
	size_t length = colon == NULL ? 0 : (size_t)(colon - text);
	bool bracketed = length > 2 && text[0] == '[' && colon[-1] == ']';
	long port;

	memset(address, 0, sizeof(*address));
	if (length == 0 || length >= sizeof(host) || strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
	    strlen(colon + 1) > 5 || (port = strtol(colon + 1, NULL, 10)) < 1 || port > UINT16_MAX)
		return 0;
	memcpy(host, text + (bracketed ? 1 : 0), length - (bracketed ? 2 : 0));
	if (!bracketed && inet_pton(AF_INET, host, &v4->sin_addr) == 1 && ntohl(v4->sin_addr.s_addr) >> 24 == 127) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		return sizeof(*v4);
	}
	if (bracketed && inet_pton(AF_INET6, host, &v6->sin6_addr) == 1 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr)) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		return sizeof(*v6);
	}
	return 0;
}

static uint16_t
listen_port_of(const struct sockaddr_storage *address)
{
	return ntohs(address->ss_family == AF_INET ? ((const struct sockaddr_in *)(const void *)address)->sin_port
						   : ((const struct sockaddr_in6 *)(const void *)address)->sin6_port);
}

/* By errno; who has the port is named, since it is to be ended, or another port taken. */
static int
listen_refused(const struct sockaddr_storage *address, const char *key, const char *text, struct error *e)
{
	int why = errno;
	uint16_t port = listen_port_of(address);
	char owner[128];

	if (why != EADDRINUSE)
		return error_set_errno(e, why == EACCES ? STATUS_PERMISSION : STATUS_CANT_CREATE, "listen.create",
		    "cannot listen on %s %s", key, text);
	port_describe_owner(port, owner, sizeof(owner));
	return error_set(e, STATUS_CANT_CREATE, "listen.create",
	    "cannot listen on %s %s: port %u is in use by %s: stop that, or choose another port", key, text, port,
	    owner);
}

/* key: whose value the text is. An IPv6 address is for IPv6 alone, so that both kinds can have the same port. */
static int
listen_open_tcp(int *fd, const struct sockaddr_storage *address, socklen_t length, const char *key, const char *text,
    struct error *e)
{
	const int on = 1;

	if ((*fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) == -1)
		return error_set_errno(e, STATUS_OS, "listen.create", "cannot make a socket for %s %s", key, text);
	if (setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
	    (address->ss_family == AF_INET6 && setsockopt(*fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == -1) ||
	    bind(*fd, (const struct sockaddr *)address, length) == -1)
		return listen_refused(address, key, text, e);
	if (listen(*fd, LISTEN_BACKLOG) == -1)
		return listen_refused(address, key, text, e);
	return 0;
}

static int
listen_open_loopback(struct listen_socket *s, const char *text, struct error *e)
{
	struct sockaddr_storage address;
	socklen_t length = listen_parse_loopback(text, &address);

	if (length == 0)
		return error_set(e, STATUS_CONFIG, "listen.create", "metrics.address is no loopback address: %s", text);
	return listen_open_tcp(&s->fd, &address, length, "metrics.address", text, e);
}

/* ---- for remote applications ---- */

static int
listen_open_remote(struct listen *listening, const struct conf *conf, struct error *e)
{
	char *const *addresses = conf->listen.tcp.addresses;
	struct sockaddr_storage address;

	for (size_t i = 0; addresses != NULL && addresses[i] != NULL; i++) {
		socklen_t length = port_parse_address(addresses[i], (uint16_t)conf->listen.tcp.port, &address);
		int *fd = &listening->remote[listening->nremote];

		if (length == 0 || listening->nremote == LISTEN_REMOTE_MAX)
			return error_set(e, STATUS_CONFIG, "listen.create",
			    "listen.tcp.addresses must be at most %d IP addresses", LISTEN_REMOTE_MAX);
		*fd = -1;
		listening->nremote++;
		if (listen_open_tcp(fd, &address, length, "listen.tcp.addresses", addresses[i], e) == -1)
			return -1;
	}
	return 0;
}

static int
listen_open_socket(struct listen *listening, const struct conf *conf, enum listen_purpose purpose, struct error *e)
{
	struct listen_socket *s = &listening->sockets[purpose];
	char path[LISTEN_PATH_SIZE] = "";

	if (purpose == LISTEN_REMOTE)
		return listen_open_remote(listening, conf, e);
	if (listen_kinds[purpose].path == NULL)
		return conf->metrics.address[0] == '\0' ? 0 : listen_open_loopback(s, conf->metrics.address, e);
	if (listen_kinds[purpose].path(conf, path, sizeof(path)) == -1)
		return error_set(e, STATUS_CONFIG, "listen.create", "listen.path is too long for a socket");
	if (listen_remove_stale(path, e) == -1)
		return -1;
	memcpy(s->path, path, sizeof(path));
	if (listen_bind(s, &listen_kinds[purpose], e) == -1) {
		s->path[0] = '\0';
		return -1;
	}
	if (listen_kinds[purpose].for_group)
		listen_give_to_group(path, conf->listen.group);
	if (listen(s->fd, LISTEN_BACKLOG) == -1)
		return error_set_errno(e, STATUS_OS, "listen.create", "cannot listen on %s", path);
	return 0;
}

int
listen_open(struct listen *listening, const struct conf *conf, struct error *e)
{
	*listening = (struct listen) { .lock_fd = -1 };
	for (int i = 0; i < LISTEN_PURPOSES; i++)
		listening->sockets[i].fd = -1;
	if (listen_lock(listening, conf->listen.path, e) == 0) {
		int i = 0;

		while (i < LISTEN_PURPOSES && listen_open_socket(listening, conf, (enum listen_purpose)i, e) == 0)
			i++;
		if (i == LISTEN_PURPOSES)
			return 0;
	}
	listen_close(listening);
	return -1;
}

void
listen_close(struct listen *listening)
{
	for (int i = 0; i < LISTEN_PURPOSES; i++) {
		struct listen_socket *s = &listening->sockets[i];

		if (s->path[0] != '\0')
			(void)unlink(s->path);
		if (s->fd != -1)
			close(s->fd);
		*s = (struct listen_socket) { .fd = -1 };
	}
	for (size_t i = 0; i < listening->nremote; i++)
		if (listening->remote[i] != -1)
			close(listening->remote[i]);
	listening->nremote = 0;
	if (listening->lock_fd != -1)
		close(listening->lock_fd);
	listening->lock_fd = -1;
}

size_t
listen_count(const struct listen *listening, enum listen_purpose purpose)
{
	if (purpose == LISTEN_REMOTE)
		return listening->nremote;
	return listening->sockets[purpose].fd == -1 ? 0 : 1;
}

int
listen_duplicate(const struct listen *listening, enum listen_purpose purpose, size_t which)
{
	return fcntl(purpose == LISTEN_REMOTE ? listening->remote[which] : listening->sockets[purpose].fd,
	    F_DUPFD_CLOEXEC, 0);
}

const char *
listen_addresses(const struct conf *conf, char *buf, size_t size)
{
	char *const *addresses = conf->listen.tcp.addresses;
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; addresses != NULL && addresses[i] != NULL && used < size; i++) {
		bool is_v6 = strchr(addresses[i], ':') != NULL;
		int n = snprintf(buf + used, size - used, "%s%s%s%s:%" PRId64, i == 0 ? "" : ", ", is_v6 ? "[" : "",
		    addresses[i], is_v6 ? "]" : "", conf->listen.tcp.port);

		used += n < 0 ? 0 : (size_t)n;
	}
	return buf;
}
