/*
 * bibctl: asks a running bibd, and tells it what to do. See bibctl(8).
 */
#include "workers/control/bibctl/bibctl.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/control/bibctl/arguments.h"

#define OPTION_LONG 256 /* getopt's number of an option that is written out: its row, and this */

/* The row of an option as getopt numbers it, or BIBCTL_OPTION_COUNT. */
static size_t
bibctl_find_option(int option)
{
	size_t i = 0;

	if (option >= OPTION_LONG)
		return (size_t)(option - OPTION_LONG);
	while (i < BIBCTL_OPTION_COUNT &&
	    (bibctl_options[i].letter != option || (bibctl_options[i].value != BIBCTL_VALUE_NONE) != (optarg != NULL)))
		i++;
	return i;
}

static void
bibctl_take_option(struct bibctl_arguments *arguments, int option, const char *word)
{
	const struct {
		const char **value;
		bool *flag;
	} rows[BIBCTL_OPTION_COUNT] = {
		[BIBCTL_OPTION_SOCKET] = { &arguments->socket, NULL },
		[BIBCTL_OPTION_FILE] = { &arguments->file, NULL },
		[BIBCTL_OPTION_LINES] = { &arguments->lines, NULL },
		[BIBCTL_OPTION_FULL] = { NULL, &arguments->full },
		[BIBCTL_OPTION_INTO] = { &arguments->into, NULL },
		[BIBCTL_OPTION_IN_PLACE] = { NULL, &arguments->in_place },
		[BIBCTL_OPTION_FILES] = { NULL, &arguments->files },
		[BIBCTL_OPTION_FROM] = { &arguments->from, NULL },
		[BIBCTL_OPTION_KEY] = { &arguments->key, NULL },
		[BIBCTL_OPTION_TO] = { &arguments->to, NULL },
		[BIBCTL_OPTION_OUTPUT] = { &arguments->output, NULL },
		[BIBCTL_OPTION_DAYS] = { &arguments->days, NULL },
		[BIBCTL_OPTION_SINCE] = { &arguments->since, NULL },
		[BIBCTL_OPTION_AT] = { &arguments->at, NULL },
		[BIBCTL_OPTION_ONLY] = { &arguments->only, NULL },
		[BIBCTL_OPTION_TIMEOUT] = { &arguments->timeout, NULL },
		[BIBCTL_OPTION_FOR] = { &arguments->hold, NULL },
		[BIBCTL_OPTION_INTERVAL] = { &arguments->interval, NULL },
		[BIBCTL_OPTION_JSON] = { NULL, &arguments->json },
		[BIBCTL_OPTION_NO_COLOR] = { NULL, &arguments->no_color },
		[BIBCTL_OPTION_FOLLOW] = { NULL, &arguments->follow },
		[BIBCTL_OPTION_VERBOSE] = { NULL, &arguments->verbose },
		[BIBCTL_OPTION_IDENTITY] = { NULL, &arguments->identity },
		[BIBCTL_OPTION_HELP] = { NULL, &arguments->help },
		[BIBCTL_OPTION_VERSION] = { NULL, &arguments->version },
	};
	size_t row = bibctl_find_option(option);

	if (row >= BIBCTL_OPTION_COUNT) {
		bibctl_set_wrong(arguments, option == ':' ? "this option needs a value" : "no such option", word);
		return;
	}
	arguments->given[row] = true;
	if (rows[row].value != NULL)
		*rows[row].value = optarg;
	else
		*rows[row].flag = true;
}

/* The command of that name; where several have it, the one with that word after it, if there is one. */
static const struct bibctl_command *
bibctl_find_command(const char *name, const char *word)
{
	const struct bibctl_command *found = NULL;

	for (const struct bibctl_command *command = bibctl_commands; command->name != NULL; command++) {
		if (strcmp(command->name, name) != 0)
			continue;
		if (found == NULL || (word != NULL && command->word != NULL && strcmp(command->word, word) == 0))
			found = command;
	}
	return found;
}

/* Whether -f stands for --file. That depends on the command, which may come after it: the first word that is a command
 * decides. */
static bool
bibctl_wants_file(char *const *argv)
{
	for (char *const *word = argv + 1; *word != NULL; word++) {
		const struct bibctl_command *command = bibctl_find_command(*word, word[1]);

		if (command != NULL)
			return (command->takes & BIBCTL_TAKES_FILE) != 0;
		if ((strcmp(*word, "-s") == 0 || strcmp(*word, "--socket") == 0) && word[1] != NULL)
			word++;
	}
	return false;
}

/* options has room for BIBCTL_OPTION_COUNT rows and one that ends them. */
static void
bibctl_fill_options(struct option *options)
{
	for (int i = 0; i < BIBCTL_OPTION_COUNT; i++)
		options[i] = (struct option) { bibctl_options[i].name,
			bibctl_options[i].value == BIBCTL_VALUE_NONE ? no_argument : required_argument, NULL,
			OPTION_LONG + i };
	options[BIBCTL_OPTION_COUNT] = (struct option) { NULL, 0, NULL, 0 };
}

/* Reads on after a mistake, since `ready`, wherever it stands, has an exit status of its own for mistakes. */
static void
bibctl_read_arguments(struct bibctl_arguments *arguments, int argc, char **argv)
{
	const char *letters = bibctl_wants_file(argv) ? ":hVs:n:o:f:" : ":hVs:n:o:f";
	struct option options[BIBCTL_OPTION_COUNT + 1];
	int option;

	bibctl_fill_options(options);
	opterr = 0;
	for (;;) {
		int at = optind == 0 ? 1 : optind;

		if ((option = getopt_long(argc, argv, letters, options, NULL)) == -1)
			break;
		bibctl_take_option(arguments, option,
		    option == ':' || option == '?' ? argv[optind > at ? optind - 1 : at] : "");
	}
	if (optind < argc)
		arguments->command = argv[optind++];
	if (optind < argc)
		arguments->word = argv[optind++];
	if (optind < argc)
		arguments->name = argv[optind++];
	if (optind < argc)
		bibctl_set_wrong(arguments, "one argument too many", argv[optind]);
}

/* A mistake in the command line: said on standard error, except in JSON, where it is an object like every other. */
static int
bibctl_refuse(const struct bibctl *bibctl, const struct bibctl_arguments *arguments, const char *code)
{
	char text[ERROR_TEXT_MAX];
	struct message_result result = { .status = STATUS_USAGE, .code = code, .text = text };

	if (snprintf(text, sizeof(text), "%s%s%s; `bibctl help` says what there is",
		arguments->what == NULL ? "" : arguments->what, arguments->what == NULL ? "" : ": ",
		arguments->wrong) < 0)
		text[0] = '\0';
	bibctl->output->result(&bibctl->render, &result);
	return arguments->command != NULL && strcmp(arguments->command, "ready") == 0 ? RENDER_NO_ATTEMPT
										      : STATUS_USAGE;
}

static unsigned
bibctl_columns(void)
{
	struct winsize size;

	return isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* NO_COLOR: no-color.org. */
static bool
bibctl_wants_color(const struct bibctl_arguments *arguments)
{
	const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return !arguments->no_color && !arguments->json && (no_color == NULL || *no_color == '\0') &&
	    terminal != NULL && strcmp(terminal, "dumb") != 0 && isatty(STDOUT_FILENO) == 1;
}

/* Notes an argument or option that does not go with the command. */
static void
bibctl_check_command(struct bibctl_arguments *arguments, const struct bibctl_command *command)
{
	if (command->word == NULL && arguments->word != NULL &&
	    (command->takes & (BIBCTL_TAKES_SESSION | BIBCTL_TAKES_STATEMENTS | BIBCTL_TAKES_POINT)) == 0)
		bibctl_set_wrong(arguments, "one argument too many", arguments->word);
	if ((command->takes & BIBCTL_TAKES_STATEMENTS) != 0 && arguments->word == NULL)
		bibctl_set_wrong(arguments, "the file with the statements is missing", command->name);
	if ((command->takes & BIBCTL_TAKES_POINT) != 0 && arguments->word == NULL)
		bibctl_set_wrong(arguments, "the name of the restore point is missing", command->name);
	if ((command->takes & BIBCTL_TAKES_NAME) == 0 && arguments->name != NULL)
		bibctl_set_wrong(arguments, "one argument too many", arguments->name);
	if ((command->takes & BIBCTL_TAKES_NAME) != 0 && arguments->word != NULL && arguments->name == NULL)
		bibctl_set_wrong(arguments, "the name of the login is missing", command->name);
	if (command->word != NULL && (arguments->word == NULL || strcmp(command->word, arguments->word) != 0))
		bibctl_set_wrong(arguments, "the word that says what to do is missing", command->name);
	for (int i = 0; i < BIBCTL_OPTION_COUNT; i++)
		if (arguments->given[i] && !bibctl_has_option(command, (enum bibctl_option)i))
			bibctl_set_wrong(arguments, bibctl_options[i].wrong, command->name);
}

static int
bibctl_run(struct bibctl *bibctl, struct bibctl_arguments *arguments)
{
	const struct bibctl_command *command = NULL;

	if (arguments->wrong == NULL && arguments->command == NULL)
		bibctl_set_wrong(arguments, "a command is missing", NULL);
	if (arguments->wrong == NULL && (command = bibctl_find_command(arguments->command, arguments->word)) == NULL)
		bibctl_set_wrong(arguments, "no such command", arguments->command);
	if (arguments->wrong == NULL && command != NULL)
		bibctl_check_command(arguments, command);
	bibctl_read_values(bibctl, arguments, command);
	bibctl->path_given = arguments->socket != NULL;
	if (arguments->wrong == NULL &&
	    bibctl_find_socket(bibctl->path_given ? arguments->socket : BIBCTL_SOCKET, bibctl->path,
		sizeof(bibctl->path), &arguments->path) == -1)
		bibctl_set_wrong(arguments, arguments->path.text, NULL);
	if (arguments->wrong != NULL || command == NULL)
		return bibctl_refuse(bibctl, arguments, "control.usage");
	bibctl->conf_path = arguments->file != NULL ? arguments->file : BIBCTL_CONF;
	bibctl->follow = arguments->follow;
	bibctl->only = arguments->only;
	bibctl->render.verbose = arguments->verbose;
	bibctl->identity = arguments->identity;
	bibctl->name = arguments->name;
	bibctl->statements = bibctl->point = arguments->word;
	bibctl->directory = arguments->output != NULL ? arguments->output : ".";
	return command->run(bibctl);
}

int
main(int argc, char **argv)
{
	struct bibctl_arguments arguments = { .socket = NULL };
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
	bibctl.render = (struct render) { .out = stdout,
		.err = stderr,
		.terminal = isatty(STDOUT_FILENO) == 1,
		.columns = bibctl_columns(),
		.color = bibctl_wants_color(&arguments),
		.now_us = clock_realtime_us() };
	status = bibctl_run(&bibctl, &arguments);
	if (fflush(stdout) == EOF || ferror(stdout) != 0)
		return status == STATUS_OK ? STATUS_IO : status;
	return status;
}
