/*
 * Tries whether the server's port is free, and names the process that listens on it when it is not.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workers/container/network.h"

#define PORT_LISTENING 0x0A /* TCP_LISTEN in /proc/net/tcp */
#define PORT_HOLDER_MAX 128

/* Who listens: the socket's inode and owner, from proc_net(5). */
struct port_listener {
	unsigned long inode;
	unsigned uid;
};

static bool
port_find_listener(const char *table, unsigned port, struct port_listener *listener)
{
	FILE *f = fopen(table, "re");
	char line[512];
	bool found = false;

	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL) {
		unsigned local_port, state;

		if (sscanf(line, " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*x:%*x %*x:%*x %*x %u %*u %lu",
			&local_port, &state, &listener->uid, &listener->inode) == 4)
			found = local_port == port && state == PORT_LISTENING;
	}
	(void)fclose(f);
	return found;
}

/* Whether that process has the socket open; most processes of others cannot be looked into. */
static bool
port_is_open_in(const char *pid, const char *wanted)
{
	char path[64 + 256], target[64];
	struct dirent *entry;
	bool found = false;
	DIR *directory;

	(void)snprintf(path, sizeof(path), "/proc/%.32s/fd", pid);
	if ((directory = opendir(path)) == NULL)
		return false;
	while (!found && (entry = readdir(directory)) != NULL) {
		ssize_t n;

		(void)snprintf(path, sizeof(path), "/proc/%.32s/fd/%s", pid, entry->d_name);
		if ((n = readlink(path, target, sizeof(target) - 1)) > 0) {
			target[n] = '\0';
			found = strcmp(target, wanted) == 0;
		}
	}
	(void)closedir(directory);
	return found;
}

static bool
port_find_process(unsigned long inode, char *buf, size_t size)
{
	char wanted[64], path[64], name[32] = "";
	struct dirent *entry;
	bool found = false;
	DIR *directory = opendir("/proc");

	if (directory == NULL)
		return false;
	(void)snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
	while (!found && (entry = readdir(directory)) != NULL) {
		FILE *f;

		if (!isdigit((unsigned char)entry->d_name[0]) || !port_is_open_in(entry->d_name, wanted))
			continue;
		found = true;
		(void)snprintf(path, sizeof(path), "/proc/%.32s/comm", entry->d_name);
		if ((f = fopen(path, "re")) != NULL) {
			if (fgets(name, sizeof(name), f) != NULL)
				name[strcspn(name, "\n")] = '\0';
			(void)fclose(f);
		}
		(void)snprintf(buf, size, "%s, process %.32s", name, entry->d_name);
	}
	(void)closedir(directory);
	return found;
}

static void
port_name_holder(unsigned port, char *buf, size_t size)
{
	struct port_listener listener;
	const struct passwd *user;

	if (!port_find_listener("/proc/net/tcp", port, &listener) &&
	    !port_find_listener("/proc/net/tcp6", port, &listener))
		(void)snprintf(buf, size, "a process that cannot be seen from here");
	else if (!port_find_process(listener.inode, buf, size)) {
		user = getpwuid(listener.uid);
		(void)snprintf(buf, size, "a process of %s (uid %u); `ss -ltnp sport = :%u` as root names it",
		    user != NULL ? user->pw_name : "an unnamed user", listener.uid, port);
	}
}

static socklen_t
port_address(const char *text, unsigned port, struct sockaddr_storage *address)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)address;

	*address = (struct sockaddr_storage) { 0 };
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		return sizeof(*v6);
	}
	return 0;
}

int
port_is_free(const char *address, unsigned port, struct error *e)
{
	struct sockaddr_storage where;
	socklen_t size = port_address(address, port, &where);
	char holder[PORT_HOLDER_MAX];
	int fd, one = 1, result = 0;

	if (size == 0)
		return error_set(e, STATUS_CONFIG, "container.port",
		    "database.postgres.network.bind_address: %s is no address", address);
	if ((fd = socket(where.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return error_set_errno(e, STATUS_OS, "container.port", "cannot look whether port %u is free", port);
	/* As the engine does: connections of the last server that are only waiting to be forgotten are no hindrance. */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (const struct sockaddr *)&where, size) == -1 || listen(fd, 1) == -1) {
		if (errno == EADDRINUSE) {
			port_name_holder(port, holder, sizeof(holder));
			result = error_set(e, STATUS_UNAVAILABLE, "container.port_in_use",
			    "port %u on %s is in use by %s: stop that, or choose another database.postgres.port", port,
			    address, holder);
		} else
			result = error_set_errno(e, STATUS_UNAVAILABLE, "container.port",
			    "port %u on %s cannot be used", port, address);
	}
	close(fd);
	return result;
}
