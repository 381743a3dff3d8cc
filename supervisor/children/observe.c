/*
 * Reads user, capabilities and filters of a process from /proc, and says once what the kernel lacks.
 */
#include "supervisor/children/observe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/sandbox.h"
#include "supervisor/children/children.h"
#include "supervisor/node/node.h"

void
observe_process(pid_t pid, struct message_status_process *process)
{
	char path[48], line[256];
	unsigned found = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	if (pid <= 0 || (file = fopen(path, "re")) == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL) {
		char *value = strchr(line, ':');

		if (value == NULL)
			continue;
		*value++ = '\0';
		found++;
		if (strcmp(line, "Uid") == 0)
			process->uid = (uint32_t)strtoul(value, NULL, 10);
		else if (strcmp(line, "CapEff") == 0)
			process->capabilities = strtoull(value, NULL, 16);
		else if (strcmp(line, "NoNewPrivs") == 0)
			process->no_new_privileges = strtoul(value, NULL, 10) == 1;
		else if (strcmp(line, "Seccomp") == 0)
			process->seccomp = strtoul(value, NULL, 10) == 2;
	}
	(void)fclose(file);
	process->observed = found > 0;
}

int64_t
observe_cpu_ms(pid_t pid, bool *wants_to_run)
{
	static const char form[] = " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu";
	unsigned long user = 0, kernel = 0;
	char path[64], line[512], state = '?';
	const char *name_end;
	FILE *file;

	*wants_to_run = false;
	(void)snprintf(path, sizeof(path), "/proc/%ld/task/%ld/stat", (long)pid, (long)pid);
	if (pid <= 0 || (file = fopen(path, "re")) == NULL)
		return 0;
	/* The name in parentheses may have anything in it. */
	if (fgets(line, sizeof(line), file) != NULL && (name_end = strrchr(line, ')')) != NULL &&
	    sscanf(name_end + 1, form, &state, &user, &kernel) == 3)
		*wants_to_run = state == 'R';
	(void)fclose(file);
	return (int64_t)(user + kernel) * 1000 / sysconf(_SC_CLK_TCK);
}

void
observe_note_sandbox(struct children *children, const struct message_ready *ready)
{
	const char *lacks = ready->landlock == 0     ? "no Landlock: files are guarded by their modes alone"
	    : ready->landlock < SANDBOX_LANDLOCK_TCP ? "no Landlock for TCP: workers are kept from it by other means"
	    : ready->landlock < SANDBOX_LANDLOCK_SIGNALS ? "no Landlock for signals: user ids alone keep workers apart"
							 : NULL;

	if (children->said_sandbox || (lacks == NULL && ready->seccomp))
		return;
	children->said_sandbox = true;
	if (lacks != NULL) {
		log_notice("this kernel has %s", lacks);
		events_add(&children->node->events, "bibd", "sandbox.lacks", "this kernel has %s", lacks);
	}
	if (!ready->seccomp)
		log_notice("this build has no filter of system calls (seccomp)");
}
