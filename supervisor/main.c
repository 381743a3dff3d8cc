/* The program bibd: options, the configuration, and then the supervisor. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/log.h"
#include "supervisor/conf/parse.h"
#include "supervisor/conf/print.h"
#include "supervisor/move/move.h"
#include "supervisor/plan/plan.h"
#include "supervisor/supervisor.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif
#ifndef BIBD_SYSCONFDIR
#define BIBD_SYSCONFDIR "/usr/local/etc"
#endif

enum main_task { MAIN_RUN, MAIN_CHECK, MAIN_PRINT, MAIN_PLAN, MAIN_VERSION, MAIN_HELP };

struct main_options {
	enum main_task task;
	const char *conf_path;
	bool verbose;
	bool json;	  /* of a plan */
	const char *move; /* what is asked of a move, or NULL */
};

static void
main_usage(FILE *out)
{
	(void)fputs("usage: bibd [-hnvV] [-f FILE] [--print-config | --plan [--json] | --move WORD]\n", out);
}

static void
main_help(void)
{
	main_usage(stdout);
	(void)puts(
	    "  -f, --file FILE     read FILE instead of " BIBD_SYSCONFDIR "/bibd/bibd.yaml\n"
	    "  -n, --check         check the configuration and exit\n"
	    "  -v, --verbose       log more, as log.level: debug does\n"
	    "  -V, --version       print the version and exit\n"
	    "      --print-config  print the configuration in force, secrets masked, and exit\n"
	    "      --plan          say what the configuration would change: exit 0 nothing, 1 something, 2 refused\n"
	    "      --json          with --plan: for programs\n"
	    "      --move WORD     status: say where the rows are; finish: remove the file that a move has kept\n"
	    "  -h, --help          print this and exit\n"
	    "bibd(8) and bibd.yaml(5) tell the rest.");
}

/* Returns -1 when the usage is wrong. Of several tasks, the one that ends soonest is done. */
static int
main_parse_options(struct main_options *options, int argc, char **argv)
{
	static const struct option names[] = {
		{ "file", required_argument, NULL, 'f' },
		{ "check", no_argument, NULL, 'n' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "version", no_argument, NULL, 'V' },
		{ "print-config", no_argument, NULL, 'p' },
		{ "plan", no_argument, NULL, 'P' },
		{ "json", no_argument, NULL, 'j' },
		{ "move", required_argument, NULL, 'm' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	static const struct {
		int option;
		enum main_task task;
	} tasks[] = { { 'n', MAIN_CHECK }, { 'p', MAIN_PRINT }, { 'P', MAIN_PLAN }, { 'V', MAIN_VERSION },
		{ 'h', MAIN_HELP } };
	int c;

	*options = (struct main_options) { .task = MAIN_RUN, .conf_path = BIBD_SYSCONFDIR "/bibd/bibd.yaml" };
	while ((c = getopt_long(argc, argv, "f:nvVh", names, NULL)) != -1) {
		if (c == '?')
			return -1;
		if (c == 'f')
			options->conf_path = optarg;
		if (c == 'v')
			options->verbose = true;
		if (c == 'm')
			options->move = optarg;
		if (c == 'j')
			options->json = true;
		for (size_t i = 0; i < sizeof(tasks) / sizeof(tasks[0]); i++)
			if (tasks[i].option == c && tasks[i].task > options->task)
				options->task = tasks[i].task;
	}
	return optind == argc ? 0 : -1;
}

/* Makes sure that descriptors 0 to 2 are open, so that nothing we open later is mistaken for one of them. */
static void
main_open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd != -1 && fd <= STDERR_FILENO);
	if (fd != -1)
		close(fd);
}

static enum status
main_with_configuration(const struct main_options *options)
{
	struct error e;
	struct conf *conf = conf_load(options->conf_path, &e);
	int result;

	if (conf == NULL) {
		log_failure(&e);
		return e.status;
	}
	if (options->task == MAIN_RUN)
		return supervisor_run(conf, options->conf_path, options->verbose);
	if (options->task == MAIN_PRINT)
		result = conf_print(conf, stdout);
	else
		result =
		    printf("%s: the configuration is valid\n", options->conf_path) < 0 || fflush(stdout) != 0 ? -1 : 0;
	conf_free(conf);
	return result == 0 ? STATUS_OK : STATUS_IO;
}

int
main(int argc, char **argv)
{
	struct main_options options;

	main_open_standard();
	if (main_parse_options(&options, argc, argv) == -1) {
		main_usage(stderr);
		return STATUS_USAGE;
	}
	if (options.task == MAIN_RUN)
		signals_block();
	log_init("bibd");
	if (options.verbose)
		log_configure(LOG_LEVEL_DEBUG, LOG_FORMAT_TEXT);
	if (options.task == MAIN_VERSION)
		(void)puts("bibd " PACKAGE_VERSION);
	else if (options.task == MAIN_HELP)
		main_help();
	else if (options.move != NULL)
		return move_run_command(options.move, options.conf_path);
	else if (options.task == MAIN_PLAN)
		return plan_run(options.conf_path, options.json);
	else
		return main_with_configuration(&options);
	return fflush(stdout) == 0 ? STATUS_OK : STATUS_IO;
}
