/*
 * The options of bibctl: what stands after each, and which commands have it.
 */
#include "workers/control/bibctl/bibctl.h"

const struct bibctl_option_row bibctl_options[BIBCTL_OPTION_COUNT] = {
	[BIBCTL_OPTION_SOCKET] = { "socket", 's', BIBCTL_VALUE_FILE, 0, NULL,
	    "the control socket, or the directory that it is in" },
	[BIBCTL_OPTION_JSON] = { "json", '\0', BIBCTL_VALUE_NONE, BIBCTL_TAKES_JSON, "this command has no JSON",
	    "answer in JSON, one object a line" },
	[BIBCTL_OPTION_NO_COLOR] = { "no-color", '\0', BIBCTL_VALUE_NONE, 0, NULL, "no colour on a terminal" },
	[BIBCTL_OPTION_FOLLOW] = { "follow", 'f', BIBCTL_VALUE_NONE, BIBCTL_TAKES_FOLLOW,
	    "this command does not follow", "also what happens from now on" },
	[BIBCTL_OPTION_SINCE] = { "since", '\0', BIBCTL_VALUE_AGE, BIBCTL_TAKES_SINCE, "this command has no --since",
	    "what happened in the last 30s, 10m, 2h or 7d" },
	[BIBCTL_OPTION_AT] = { "at", '\0', BIBCTL_VALUE_TEXT, BIBCTL_TAKES_AT, "this command has no --at",
	    "what happened around that time" },
	[BIBCTL_OPTION_ONLY] = { "only", '\0', BIBCTL_VALUE_TEXT, BIBCTL_TAKES_FOLLOW, "this command has no --only",
	    "events of this source, or whose code begins so" },
	[BIBCTL_OPTION_VERBOSE] = { "verbose", '\0', BIBCTL_VALUE_NONE, BIBCTL_TAKES_VERBOSE,
	    "this command has no more to say", "also what each process has given up" },
	[BIBCTL_OPTION_TIMEOUT] = { "timeout", '\0', BIBCTL_VALUE_AGE, BIBCTL_TAKES_PAUSE,
	    "this command has no --timeout", "what open transactions get to end" },
	[BIBCTL_OPTION_FOR] = { "for", '\0', BIBCTL_VALUE_AGE, BIBCTL_TAKES_PAUSE, "this command has no --for",
	    "how long a pause lasts at most" },
	[BIBCTL_OPTION_INTERVAL] = { "interval", '\0', BIBCTL_VALUE_AGE, BIBCTL_TAKES_INTERVAL,
	    "this command has no --interval", "how long it is from one block to the next" },
	[BIBCTL_OPTION_LINES] = { "lines", 'n', BIBCTL_VALUE_TEXT, BIBCTL_TAKES_LINES | BIBCTL_TAKES_INTERVAL,
	    "this command takes no number of lines", "so many lines of the log, or blocks of top" },
	[BIBCTL_OPTION_FILE] = { "file", 'f', BIBCTL_VALUE_FILE, BIBCTL_TAKES_FILE,
	    "this command reads no configuration", "the configuration" },
	[BIBCTL_OPTION_IDENTITY] = { "identity", '\0', BIBCTL_VALUE_NONE, BIBCTL_TAKES_IDENTITY,
	    "this command takes no --identity", "set the identity of the node aside as well" },
	[BIBCTL_OPTION_FULL] = { "full", '\0', BIBCTL_VALUE_NONE, BIBCTL_TAKES_FULL, "this command has no --full",
	    "make a full backup" },
	[BIBCTL_OPTION_INTO] = { "into", '\0', BIBCTL_VALUE_DIRECTORY, BIBCTL_TAKES_RESTORE,
	    "this command has no --into", "make a data directory for another node" },
	[BIBCTL_OPTION_IN_PLACE] = { "in-place", '\0', BIBCTL_VALUE_NONE, BIBCTL_TAKES_RESTORE,
	    "this command has no --in-place", "restore this node, which is stopped" },
	[BIBCTL_OPTION_FILES] = { "files", '\0', BIBCTL_VALUE_NONE, BIBCTL_TAKES_RESTORE, "this command has no --files",
	    "the files of a PostgreSQL alone, for other tools" },
	[BIBCTL_OPTION_FROM] = { "from", '\0', BIBCTL_VALUE_DIRECTORY, BIBCTL_TAKES_RESTORE,
	    "this command has no --from", "the repository, if it is not where bibd.yaml says" },
	[BIBCTL_OPTION_KEY] = { "key", '\0', BIBCTL_VALUE_FILE, BIBCTL_TAKES_RESTORE, "this command has no --key",
	    "a file with the recovery key" },
	[BIBCTL_OPTION_TO] = { "to", '\0', BIBCTL_VALUE_TEXT, BIBCTL_TAKES_RESTORE, "this command has no --to",
	    "a backup, or a time: the last backup that ended before it" },
	[BIBCTL_OPTION_OUTPUT] = { "output", 'o', BIBCTL_VALUE_DIRECTORY, BIBCTL_TAKES_CERTIFICATE,
	    "this command writes no files", "where the files of a certificate go" },
	[BIBCTL_OPTION_DAYS] = { "days", '\0', BIBCTL_VALUE_TEXT, BIBCTL_TAKES_CERTIFICATE,
	    "this command takes no number of days", "for which a certificate is valid" },
	[BIBCTL_OPTION_HELP] = { "help", 'h', BIBCTL_VALUE_NONE, 0, NULL, "print a summary and exit" },
	[BIBCTL_OPTION_VERSION] = { "version", 'V', BIBCTL_VALUE_NONE, 0, NULL, "print the version and exit" },
};

bool
bibctl_has_option(const struct bibctl_command *command, enum bibctl_option option)
{
	return bibctl_options[option].takes == 0 || (command->takes & bibctl_options[option].takes) != 0;
}
