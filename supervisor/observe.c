#include "supervisor/observe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
