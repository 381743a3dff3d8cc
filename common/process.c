/*
 * The name of each program.
 */
#include "common/process.h"

#include <stddef.h>

static const struct {
	enum process process;
	const char *name;
} process_names[] = {
	{ PROCESS_SUPERVISOR, "bibd" },
	{ PROCESS_CONTROL, "bibd-control" },
	{ PROCESS_SQLITE, "bibd-sqlite" },
	{ PROCESS_POSTGRES, "bibd-postgres" },
	{ PROCESS_CONTAINER, "bibd-container" },
	{ PROCESS_KEEPER, "bibd-keeper" },
	{ PROCESS_REMOTE, "bibd-remote" },
	{ PROCESS_ARCHIVE, "bibd-archive" },
	{ PROCESS_BIBCTL, "bibctl" },
};

const char *
process_name(enum process process)
{
	for (size_t i = 0; i < sizeof(process_names) / sizeof(process_names[0]); i++)
		if (process_names[i].process == process)
			return process_names[i].name;
	return "unknown";
}
