/* The kernel's tables say which socket listens on a port, and /proc/PID/fd whose it is (proc(5)). */
#include "workers/control/host/port_owner.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define OWNER_STATE_LISTEN 0x0a

/* The socket's inode and its user; 0 when the table has none. */
static unsigned long
owner_find_inode(const char *table, uint16_t port, unsigned *uid)
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
		    state == OWNER_STATE_LISTEN && local_port == port) {
			inode = found;
			*uid = owner;
		}
	}
	if (file != NULL)
		(void)fclose(file);
	return inode;
}

static bool
owner_has_socket(const char *pid, const char *wanted)
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
owner_find_process(unsigned long inode, char *buf, size_t size)
{
	DIR *proc = opendir("/proc");
	char wanted[64], path[64], name[32] = "?";
	struct dirent *entry;
	bool found = false;
	FILE *file;

	(void)snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
	while (proc != NULL && !found && (entry = readdir(proc)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]) || !owner_has_socket(entry->d_name, wanted))
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
port_owner_describe(uint16_t port, char *buf, size_t size)
{
	unsigned uid = 0;
	unsigned long inode = owner_find_inode("/proc/net/tcp", port, &uid);

	if (inode == 0)
		inode = owner_find_inode("/proc/net/tcp6", port, &uid);
	if (inode == 0)
		(void)snprintf(buf, size, "something that the kernel does not show");
	else if (!owner_find_process(inode, buf, size))
		(void)snprintf(buf, size, "a process of uid %u", uid);
}
