/*
 * Reads an address; and finds the process that listens on a port: the kernel's tables say which socket that is, and
 * /proc/PID/fd who has it open (proc(5)).
 */
#include "common/port.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PORT_STATE_LISTEN 0x0a

socklen_t
port_parse_address(const char *text, uint16_t port, struct sockaddr_storage *address)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)address;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		return sizeof(*v6);
	}
	return 0;
}

/* The socket's inode and its user; 0 when the table has none. */
static unsigned long
port_find_inode(const char *table, uint16_t port, unsigned *uid)
{
	FILE *file = fopen(table, "re");
	char line[512];
	unsigned long inode = 0;

	while (file != NULL && inode == 0 && fgets(line, sizeof(line), file) != NULL) {
		unsigned local_port, state, owner;
		unsigned long found;

		/* sl, local and remote address, state, queues, timer, retransmits, uid, timeout, inode. */
		if (sscanf(line, "%*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*x:%*x %*x:%*x %*x %u %*d %lu",
			&local_port, &state, &owner, &found) == 4 &&
		    state == PORT_STATE_LISTEN && local_port == port) {
			inode = found;
			*uid = owner;
		}
	}
	if (file != NULL)
		(void)fclose(file);
	return inode;
}

static bool
port_is_open_in(const char *pid, const char *wanted)
{
	char path[PATH_MAX], target[64];
	struct dirent *entry;
	bool found = false;
	DIR *directory;

	(void)snprintf(path, sizeof(path), "/proc/%.32s/fd", pid);
	if ((directory = opendir(path)) == NULL)
		return false;
	while (!found && (entry = readdir(directory)) != NULL) {
		ssize_t n = readlinkat(dirfd(directory), entry->d_name, target, sizeof(target) - 1);

		target[n < 0 ? 0 : n] = '\0';
		found = strcmp(target, wanted) == 0;
	}
	(void)closedir(directory);
	return found;
}

/* The process that has the socket, by name and pid. False when none is seen: only root sees those of others. */
static bool
port_find_process(unsigned long inode, char *buf, size_t size)
{
	DIR *proc = opendir("/proc");
	char wanted[64], path[64], name[32] = "?";
	struct dirent *entry;
	bool found = false;
	FILE *file;

	(void)snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
	while (proc != NULL && !found && (entry = readdir(proc)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]) || !port_is_open_in(entry->d_name, wanted))
			continue;
		found = true;
		(void)snprintf(path, sizeof(path), "/proc/%.32s/comm", entry->d_name);
		if ((file = fopen(path, "re")) != NULL) {
			if (fgets(name, sizeof(name), file) != NULL)
				name[strcspn(name, "\n")] = '\0';
			(void)fclose(file);
		}
		(void)snprintf(buf, size, "%s (pid %.32s)", name, entry->d_name);
	}
	if (proc != NULL)
		(void)closedir(proc);
	return found;
}

void
port_describe_owner(uint16_t port, char *buf, size_t size)
{
	const struct passwd *user;
	unsigned uid = 0;
	unsigned long inode = port_find_inode("/proc/net/tcp", port, &uid);

	if (inode == 0)
		inode = port_find_inode("/proc/net/tcp6", port, &uid);
	if (inode == 0)
		(void)snprintf(buf, size, "a process that cannot be seen from here");
	else if (!port_find_process(inode, buf, size)) {
		user = getpwuid(uid);
		(void)snprintf(buf, size, "a process of %s (uid %u); `ss -ltnp sport = :%u` as root names it",
		    user != NULL ? user->pw_name : "an unnamed user", uid, (unsigned)port);
	}
}
