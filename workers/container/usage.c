/*
 * USAGE_REQUEST: the memory in use, read from the control group of the container's first process. The engines' own
 * `stats` takes seconds.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workers/container/container.h"

static bool
usage_read(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd == -1)
		return false;
	n = read(fd, buf, size - 1);
	close(fd);
	buf[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* Where the memory of that group is counted: cgroups(7), version 2 ("0::/path") or 1 ("N:memory:/path"). */
static bool
usage_file(char *groups, char *path, size_t size)
{
	char *save = NULL;

	for (char *line = strtok_r(groups, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		char *names = strchr(line, ':'), *group = names != NULL ? strchr(names + 1, ':') : NULL;
		int n = 0;

		if (group == NULL)
			continue;
		if (strncmp(names, ":memory:", strlen(":memory:")) == 0)
			n = snprintf(path, size, "/sys/fs/cgroup/memory%s/memory.usage_in_bytes", group + 1);
		else if (strncmp(line, "0::", 3) == 0 && access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0)
			n = snprintf(path, size, "/sys/fs/cgroup%s/memory.current", group + 1);
		if (n > 0)
			return (size_t)n < size;
	}
	return false;
}

static uint64_t
usage_of(int64_t pid)
{
	char path[4096], text[4096];

	(void)snprintf(path, sizeof(path), "/proc/%lld/cgroup", (long long)pid);
	if (pid <= 0 || !usage_read(path, text, sizeof(text)) || !usage_file(text, path, sizeof(path)) ||
	    !usage_read(path, text, sizeof(text)))
		return 0;
	return strtoull(text, NULL, 10);
}

void
container_take_usage_request(void *context, struct frame *frame, const struct message_usage_request *message)
{
	struct worker *worker = context;
	struct container *container = worker->state;
	const struct message_usage usage = { .memory_bytes = usage_of(container->server.watch.pid) };

	(void)message;
	(void)channel_send_usage(&worker->channel, frame->header.id, &usage, -1);
}
