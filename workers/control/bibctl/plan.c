/*
 * bibctl plan and bibctl move: what the program bibd knows of a node's files, and says; it is run for that, with the
 * daemon up or down.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/control/bibctl/bibctl.h"
#include "workers/control/host/printed_conf.h"
#include "workers/control/host/program.h"
#include "workers/control/shared/escape.h"

#define PLAN_TIMEOUT_MS 30000
#define PLAN_REFUSED 2 /* the last of the statuses that are an answer */

/* Line by line: what a key's value holds does not reach the terminal as it is. */
static void
show(FILE *out, char *text)
{
	char *line;

	while ((line = strsep(&text, "\n")) != NULL && (text != NULL || *line != '\0')) {
		escape_put_text(out, line);
		(void)fputc('\n', out);
	}
}

/* Runs bibd with an option and a word of it, or NULL, and shows what it says where its status is at most last. */
static int
run(struct bibctl *bibctl, const char *option, const char *word, int last, bool json)
{
	struct program_output *output = malloc(sizeof(*output));
	char bibd[PATH_MAX];
	const char *argv[] = { bibd, "-f", bibctl->conf_path, option, word, NULL };
	struct error e;
	int status = -1;

	if (output == NULL)
		(void)error_set_errno(&e, STATUS_OS, "plan.memory", "cannot read what bibd says");
	else if (!printed_conf_find_bibd(bibd, sizeof(bibd)))
		(void)error_set(&e, STATUS_OS, "plan.program",
		    "the program bibd, which knows, is neither beside bibctl nor in PATH");
	else if (program_run(argv, PLAN_TIMEOUT_MS, output, &e) == 0) {
		status = output->status;
		if (status > last)
			(void)error_set(&e, (enum status)status, "plan.failed", "%s", program_complaint(output));
		else if (json)
			(void)fputs(output->output, bibctl->render.out);
		else
			show(bibctl->render.out, output->output);
	}
	if (status == -1 || status > last) {
		bibctl->output->result(&bibctl->render,
		    &(struct message_result) { .status = e.status, .code = e.code, .text = e.text });
		status = (int)e.status;
	}
	free(output);
	return status;
}

int
bibctl_plan(struct bibctl *bibctl)
{
	bool json = bibctl->output != &render_text;

	return run(bibctl, "--plan", json ? "--json" : NULL, PLAN_REFUSED, json);
}

int
bibctl_move_status(struct bibctl *bibctl)
{
	return run(bibctl, "--move", "status", STATUS_OK, false);
}

int
bibctl_move_finish(struct bibctl *bibctl)
{
	return run(bibctl, "--move", "finish", STATUS_OK, false);
}
