/*
 * Finds the control group of the container's first process, and reads its memory and its count of kills.
 */
#include "workers/container/usage.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workers/container/container.h"

static bool
usage_read(int fd, char *buf, size_t size)
{
	ssize_t n = fd != -1 ? pread(fd, buf, size - 1, 0) : -1;

	buf[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static bool
usage_read_path(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool done = usage_read(fd, buf, size);

	if (fd != -1)
		close(fd);
	return done;
}

/* The file of that name in the memory group: "0::/path" is version 2, "N:memory:/path" version 1. */
static bool
usage_file(int64_t pid, const char *name1, const char *name2, char *path, size_t size)
{
	char groups[4096], *save = NULL;

	(void)snprintf(path, size, "/proc/%lld/cgroup", (long long)pid);
	if (pid <= 0 || !usage_read_path(path, groups, sizeof(groups)))
		return false;
	for (char *line = strtok_r(groups, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		char *names = strchr(line, ':'), *group = names != NULL ? strchr(names + 1, ':') : NULL;
		int n = 0;

		if (group == NULL)
			continue;
		if (strncmp(names, ":memory:", strlen(":memory:")) == 0)
			n = snprintf(path, size, "/sys/fs/cgroup/memory%s/%s", group + 1, name1);
		else if (strncmp(line, "0::", 3) == 0 && access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0)
			n = snprintf(path, size, "/sys/fs/cgroup%s/%s", group + 1, name2);
		if (n > 0)
			return (size_t)n < size;
	}
	return false;
}

uint64_t
usage_of(int64_t pid)
{
	char path[4096], text[64];

	if (!usage_file(pid, "memory.usage_in_bytes", "memory.current", path, sizeof(path)) ||
	    !usage_read_path(path, text, sizeof(text)))
		return 0;
	return strtoull(text, NULL, 10);
}

int
usage_open_kills(int64_t pid)
{
	char path[4096];

	if (!usage_file(pid, "memory.oom_control", "memory.events", path, sizeof(path)))
		return -1;
	return open(path, O_RDONLY | O_CLOEXEC);
}

int64_t
usage_read_kills(int fd)
{
	char text[512];
	const char *word;

	if (!usage_read(fd, text, sizeof(text)) || (word = strstr(text, "oom_kill ")) == NULL)
		return -1;
	return strtoll(word + strlen("oom_kill "), NULL, 10);
}

void
container_take_usage_request(void *context, struct frame *frame, const struct message_usage_request *message)
{
	struct worker *worker = context;
	struct container *container = worker->state;
	const struct message_usage usage = { .memory_bytes = usage_of(container->server.watch.pid) };

	(void)message;
	/* Counts the kills so far, since a process that was killed earlier is not why the server ends later. */
	if (container->server.watch.kills_fd != -1)
		container->server.watch.kills = usage_read_kills(container->server.watch.kills_fd);
	(void)channel_send_usage(&worker->channel, frame->header.id, &usage, -1);
}
