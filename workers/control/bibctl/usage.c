/*
 * What `bibctl help` prints, made of the table of commands.
 */
#include <string.h>

#include "workers/control/bibctl/bibctl.h"

#define USAGE_WIDTH 17

void
bibctl_usage(FILE *file)
{
	(void)fputs("usage: bibctl [-s SOCKET] [--json] [--no-color] COMMAND\n\n", file);
	for (const struct bibctl_command *command = bibctl_commands; command->name != NULL; command++) {
		bool is_long = strlen(command->synopsis) > USAGE_WIDTH;

		if (command->help == NULL)
			continue;
		(void)fprintf(file, "  %-*s%s", USAGE_WIDTH, command->synopsis, is_long ? "\n  " : "");
		(void)fprintf(file, "%*s %s\n", is_long ? USAGE_WIDTH : 0, "", command->help);
	}
	(void)fprintf(file,
	    "  %-*s %s\n\n"
	    "  -s, --socket PATH  the control socket, or the directory that it is in\n"
	    "                     (%s)\n"
	    "      --json         answer in JSON, one object a line\n"
	    "      --no-color     no colour on a terminal\n"
	    "      --since AGE    what happened in the last 30s, 10m, 2h or 7d\n"
	    "      --at TIME      what happened around 12:03 or '2026-11-30 12:03:10'\n"
	    "      --only WORD    events of this source, or whose code begins so\n"
	    "      --timeout AGE  what open transactions get to end, at most %d s (%d s)\n"
	    "      --for AGE      how long a pause lasts at most (%d s)\n"
	    "      --interval AGE from one block of top to the next (%d s)\n"
	    "  -n, --lines LINES  of the log (%d); of top: how many blocks\n"
	    "  -f, --file FILE    the configuration, for doctor, restore, credentials and login\n"
	    "                     (%s)\n"
	    "      --full         make a full backup\n"
	    "      --into DIR     restore a data directory for another node, or, --in-place, this one\n"
	    "      --files        restore the files of a backup of PostgreSQL alone, as they were\n"
	    "      --to WHEN      a time, a commit's number, a restore point, a backup, or latest\n"
	    "      --from DIR     the repository, if it is not where bibd.yaml says\n"
	    "      --key FILE     with its recovery key\n"
	    "      --identity     set the node's identity aside as well\n"
	    "  -o, --output DIR   where the files of a certificate go (.)\n"
	    "      --days DAYS    for which it is valid, 1 to %d (%d); a login's 1 to %d (%d)\n"
	    "  -V, --version      print the version and exit\n\n"
	    "bibctl(8) has the rest.\n",
	    USAGE_WIDTH, "help", "print this", BIBCTL_SOCKET, BIBCTL_DRAIN_MAX_S, BIBCTL_DRAIN_S, BIBCTL_HOLD_S,
	    BIBCTL_INTERVAL_S, BIBCTL_LINES, BIBCTL_CONF, BIBCTL_DAYS_MAX, BIBCTL_DAYS, BIBCTL_CLIENT_DAYS_MAX,
	    BIBCTL_CLIENT_DAYS);
}
