/*
 * bibctl: asks a running bibd, and tells it what to do. See bibctl(8).
 */
#include "workers/control/bibctl.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"

enum bibctl_option {
	OPTION_HELP = 'h',
	OPTION_VERSION = 'V',
	OPTION_SOCKET = 's',
	OPTION_FOLLOW = 'f',
	OPTION_JSON = 256,
	OPTION_NO_COLOR
};

static const struct option bibctl_options[] = {
	{ "socket", required_argument, NULL, OPTION_SOCKET },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "no-color", no_argument, NULL, OPTION_NO_COLOR },
	{ "follow", no_argument, NULL, OPTION_FOLLOW },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ NULL, 0, NULL, 0 },
};

/* The command line as it was read, before any of it is judged. */
struct bibctl_arguments {
	const char *socket;
	const char *command;
	bool json, follow, no_color, help, version;
	const char *wrong; /* what is wrong with it, or NULL */
	const char *what;  /* the word that is wrong, or NULL */
	struct error path; /* what is wrong with the socket's path */
};

static void
bibctl_usage(FILE *file)
{
	(void)fputs("usage: bibctl [-s SOCKET] [--json] [--no-color] COMMAND\n\n", file);
	for (const struct bibctl_command *command = bibctl_commands; command->name != NULL; command++)
		(void)fprintf(file, "  %-17s %s\n", command->follows ? "events [--follow]" : command->name, command->help);
	(void)fprintf(file,
	    "  %-17s %s\n\n"
	    "  -s, --socket PATH  the control socket, or the directory that it is in\n"
	    "                     (%s)\n"
	    "      --json         answer in JSON, one object a line\n"
	    "      --no-color     no colour on a terminal\n"
	    "  -V, --version      print the version and exit\n\n"
	    "bibctl(8) has the rest.\n",
	    "help", "print this", BIBCTL_SOCKET);
}

static void
bibctl_set_wrong(struct bibctl_arguments *arguments, const char *wrong, const char *what)
{
	if (arguments->wrong != NULL)
		return;
	arguments->wrong = wrong;
	arguments->what = what;
}

static void
bibctl_take_option(struct bibctl_arguments *arguments, int option, const char *word)
{
	switch (option) {
	case OPTION_SOCKET:
		arguments->socket = optarg;
		break;
	case OPTION_JSON:
		arguments->json = true;
		break;
	case OPTION_NO_COLOR:
		arguments->no_color = true;
		break;
	case OPTION_FOLLOW:
		arguments->follow = true;
		break;
	case OPTION_HELP:
		arguments->help = true;
		break;
	case OPTION_VERSION:
		arguments->version = true;
		break;
	case ':':
		bibctl_set_wrong(arguments, "this option needs a value", word);
		break;
	default:
		bibctl_set_wrong(arguments, "no such option", word);
		break;
	}
}

/* Reads on after a mistake: `ready` has an exit status of its own for one, wherever it stands. */
static void
bibctl_read_arguments(struct bibctl_arguments *arguments, int argc, char **argv)
{
	int option;

	opterr = 0;
	for (;;) {
		int at = optind == 0 ? 1 : optind;

		if ((option = getopt_long(argc, argv, ":hVs:f", bibctl_options, NULL)) == -1)
			break;
		bibctl_take_option(arguments, option, option == ':' || option == '?' ? argv[optind > at ? optind - 1 : at] : "");
	}
	if (optind < argc)
		arguments->command = argv[optind++];
	if (optind < argc)
		bibctl_set_wrong(arguments, "one argument too many", argv[optind]);
}

static const struct bibctl_command *
bibctl_find_command(const char *name)
{
	for (const struct bibctl_command *command = bibctl_commands; command->name != NULL; command++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}

/* A mistake in the command line: said on standard error, except in JSON, where it is an object like every other. */
static int
bibctl_refuse(const struct bibctl *bibctl, const struct bibctl_arguments *arguments, const char *code)
{
	char text[ERROR_TEXT_MAX];
	struct message_result result = { .status = STATUS_USAGE, .code = code, .text = text };

	if (snprintf(text, sizeof(text), "%s%s%s; `bibctl help` says what there is",
	        arguments->what == NULL ? "" : arguments->what, arguments->what == NULL ? "" : ": ", arguments->wrong) < 0)
		text[0] = '\0';
	bibctl->output->result(&bibctl->render, &result);
	return arguments->command != NULL && strcmp(arguments->command, "ready") == 0 ? RENDER_NO_ATTEMPT : STATUS_USAGE;
}

/* NO_COLOR: no-color.org. */
static bool
bibctl_wants_color(const struct bibctl_arguments *arguments)
{
	const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return !arguments->no_color && !arguments->json && (no_color == NULL || *no_color == '\0') &&
	    terminal != NULL && strcmp(terminal, "dumb") != 0 && isatty(STDOUT_FILENO) == 1;
}

static int
bibctl_run(struct bibctl *bibctl, struct bibctl_arguments *arguments)
{
	const struct bibctl_command *command = NULL;

	if (arguments->wrong == NULL && arguments->command == NULL)
		bibctl_set_wrong(arguments, "a command is missing", NULL);
	if (arguments->wrong == NULL && (command = bibctl_find_command(arguments->command)) == NULL)
		bibctl_set_wrong(arguments, "no such command", arguments->command);
	if (arguments->wrong == NULL && arguments->follow && !command->follows)
		bibctl_set_wrong(arguments, "this command does not follow", arguments->command);
	if (arguments->wrong == NULL &&
	    bibctl_find_socket(arguments->socket, bibctl->path, sizeof(bibctl->path), &arguments->path) == -1)
		bibctl_set_wrong(arguments, arguments->path.text, NULL);
	if (arguments->wrong != NULL || command == NULL)
		return bibctl_refuse(bibctl, arguments, "control.usage");
	return command->run(bibctl);
}

int
main(int argc, char **argv)
{
	struct bibctl_arguments arguments = { .socket = BIBCTL_SOCKET };
	struct bibctl bibctl = { .output = &render_text };
	int status;

	bibctl_read_arguments(&arguments, argc, argv);
	if (arguments.help || (arguments.command != NULL && strcmp(arguments.command, "help") == 0)) {
		bibctl_usage(stdout);
		return STATUS_OK;
	}
	if (arguments.version) {
		(void)printf("bibctl %s\n", PACKAGE_VERSION);
		return STATUS_OK;
	}
	if (arguments.json)
		bibctl.output = &render_json;
	bibctl.follow = arguments.follow;
	bibctl.render = (struct render) {
		.out = stdout, .err = stderr, .color = bibctl_wants_color(&arguments), .now_us = clock_realtime_us()
	};
	status = bibctl_run(&bibctl, &arguments);
	if (fflush(stdout) == EOF || ferror(stdout) != 0)
		return status == STATUS_OK ? STATUS_IO : status;
	return status;
}
