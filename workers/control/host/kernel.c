/*
 * Reads /dev/kmsg, /proc/pressure and the memory.events of control groups.
 */
#include "workers/control/host/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"

#define KERNEL_RECORD_MAX 8192
#define KERNEL_RECORDS_MAX 100000
#define KERNEL_FILE_MAX 4096
#define KERNEL_PRESSURE_FELT 1.0 /* percent of the last minute */

/* The beginning of a small file; "" when it cannot be read. */
static const char *
kernel_read(const char *root, const char *path, char buf[KERNEL_FILE_MAX])
{
	char whole[PATH_MAX];
	ssize_t n = -1;
	int fd = -1;

	if ((size_t)snprintf(whole, sizeof(whole), "%s%s", root, path) < sizeof(whole))
		fd = open(whole, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd != -1) {
		n = read(fd, buf, KERNEL_FILE_MAX - 1);
		close(fd);
	}
	buf[n > 0 ? n : 0] = '\0';
	return buf;
}

/* ---- processes that were ended ---- */

/* When the clock of the kernel's log began, since 1970. */
static int64_t
kernel_booted_us(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now) == -1)
		return 0;
	return clock_realtime_us() - ((int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

/* Each read gives one record; EPIPE: some were overwritten, and the next read goes on after them. */
static void
kernel_tell_kills(struct story *story, const char *root)
{
	char path[PATH_MAX], record[KERNEL_RECORD_MAX];
	const int64_t booted_us = kernel_booted_us();
	ssize_t n;
	int fd = -1;

	if ((size_t)snprintf(path, sizeof(path), "%s/dev/kmsg", root) < sizeof(path))
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1) {
		if (errno == EACCES || errno == EPERM)
			story_note(story,
			    "The kernel's log is not readable for this user: whether it ended processes for "
			    "want of memory is not told here.");
		return;
	}
	for (int i = 0; i < KERNEL_RECORDS_MAX; i++) {
		if ((n = read(fd, record, sizeof(record) - 1)) <= 0) {
			if (n == -1 && (errno == EPIPE || errno == EINTR))
				continue;
			break;
		}
		record[n] = '\0';
		story_add_kmsg(story, record, booted_us);
	}
	close(fd);
}

/* ---- pressure ---- */

/* "some avg10=0.00 avg60=0.12 avg300=0.05 total=123": the second of them, or -1. */
static double
kernel_read_pressure(const char *text)
{
	const char *avg60 = strstr(text, "avg60=");

	return avg60 == NULL ? -1 : strtod(avg60 + sizeof("avg60=") - 1, NULL);
}

static void
kernel_tell_pressure(struct story *story, const char *root)
{
	static const struct {
		const char *path, *what;
	} rows[] = { { "/proc/pressure/memory", "memory" }, { "/proc/pressure/io", "the disk" },
		{ "/proc/pressure/cpu", "a processor" } };
	char text[KERNEL_FILE_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double felt = kernel_read_pressure(kernel_read(root, rows[i].path, text));

		if (felt >= KERNEL_PRESSURE_FELT)
			story_note(story,
			    "In the last minute processes of this host waited for %s in %.0f %% of the time.",
			    rows[i].what, felt);
	}
}

/* ---- control groups ---- */

/* How often a process of that group was ended, 0 where that cannot be told. */
static uint64_t
kernel_count_kills(const char *root, const char *group)
{
	char path[PATH_MAX], text[KERNEL_FILE_MAX];
	const char *line;

	if ((size_t)snprintf(path, sizeof(path), "/sys/fs/cgroup%s/memory.events", group) >= sizeof(path))
		return 0;
	line = strstr(kernel_read(root, path, text), "\noom_kill ");
	return line == NULL ? 0 : strtoull(line + sizeof("\noom_kill ") - 1, NULL, 10);
}

static void
kernel_tell_bibd_group(struct story *story, const char *root, const struct snapshot *status)
{
	char path[64], text[KERNEL_FILE_MAX];
	const char *group;
	uint64_t kills;

	(void)snprintf(path, sizeof(path), "/proc/%" PRIu32 "/cgroup", status->node.pid);
	/* The unified hierarchy is "0::/path". */
	if ((group = strstr(kernel_read(root, path, text), "0::/")) == NULL)
		return;
	group += sizeof("0::") - 1;
	text[strcspn(group, "\n") + (size_t)(group - text)] = '\0';
	if (strcmp(group, "/") != 0 && (kills = kernel_count_kills(root, group)) > 0)
		story_note(story,
		    "In bibd's control group (%s) the kernel has ended %" PRIu64
		    " processes for want of memory since it was made.",
		    group, kills);
}

static void
kernel_tell_server_group(struct story *story, const char *root, const struct snapshot *status)
{
	static const char *const forms[] = { "/system.slice/docker-%s.scope", "/docker/%s",
		"/machine.slice/libpod-%s.scope", "/libpod_parent/libpod-%s" };
	const char *id = status->server.container_id;
	char group[192];
	uint64_t kills;

	if (!status->has_server || *id == '\0' || strspn(id, "0123456789abcdef") != strlen(id) || strlen(id) > 80)
		return;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const char *at = strstr(forms[i], "%s");

		(void)snprintf(group, sizeof(group), "%.*s%s%s", (int)(at - forms[i]), forms[i], id, at + 2);
		if ((kills = kernel_count_kills(root, group)) > 0) {
			story_note(story,
			    "In the control group of PostgreSQL's container the kernel has ended %" PRIu64
			    " processes for want of memory since it was started.",
			    kills);
			return;
		}
	}
}

void
kernel_tell(struct story *story, const char *root, const struct snapshot *status, bool is_now)
{
	kernel_tell_kills(story, root);
	if (is_now)
		kernel_tell_pressure(story, root);
	if (status == NULL || !status->has_node)
		return;
	kernel_tell_bibd_group(story, root, status);
	kernel_tell_server_group(story, root, status);
}
