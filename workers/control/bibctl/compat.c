/*
 * bibctl compat: runs what a file has on a scratch node, and tells what was not taken.
 */
#include <bsd/string.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "workers/control/bibctl/bibctl.h"
#include "workers/control/compat/compat.h"
#include "workers/control/show/compat.h"

#define COMPAT_NOT_ALL 1 /* the exit status where something was not taken */

/* The first words of a statement, in one line. */
static void
take_beginning(const char *statement, char beginning[COMPAT_BEGINNING_MAX])
{
	size_t n = 0;

	for (; *statement != '\0' && n < COMPAT_BEGINNING_MAX - 1; statement++) {
		bool blank = strchr(" \t\r\n", *statement) != NULL;

		if (!blank)
			beginning[n++] = *statement;
		else if (n > 0 && beginning[n - 1] != ' ')
			beginning[n++] = ' ';
	}
	beginning[n - (n > 0 && beginning[n - 1] == ' ')] = '\0';
}

/* The row of that reason, a new one if there is none; NULL when there are too many or memory is out: the statement is
 * counted all the same. */
static struct compat_reason *
find_reason(struct compat_report *report, const struct compat_answer *answer)
{
	struct compat_reason *grown;

	for (size_t i = 0; i < report->n; i++)
		if (strcmp(report->reasons[i].state, answer->state) == 0 &&
		    strcmp(report->reasons[i].message, answer->message) == 0)
			return &report->reasons[i];
	if (report->n == COMPAT_REASONS_MAX ||
	    (grown = reallocarray(report->reasons, report->n + 1, sizeof(*grown))) == NULL)
		return NULL;
	report->reasons = grown;
	grown += report->n++;
	*grown = (struct compat_reason) { .count = 0 };
	(void)strlcpy(grown->state, answer->state, sizeof(grown->state));
	(void)strlcpy(grown->message, answer->message, sizeof(grown->message));
	return grown;
}

static void
note(struct compat_report *report, const struct compat_answer *answer, const char *statement, uint64_t line)
{
	struct compat_reason *reason;

	report->statements++;
	if (answer->state[0] == '\0') {
		report->taken++;
		return;
	}
	if (strcmp(answer->state, "0A000") == 0)
		report->refused++;
	else
		report->failed++;
	if ((reason = find_reason(report, answer)) == NULL)
		return;
	if (reason->count == 0)
		take_beginning(statement, reason->statement);
	if (reason->count < COMPAT_LINES_MAX)
		reason->lines[reason->count] = line;
	reason->count++;
}

static int
compare_reasons(const void *a, const void *b)
{
	const struct compat_reason *left = a, *right = b;

	if (left->count != right->count)
		return left->count < right->count ? 1 : -1;
	return left->lines[0] < right->lines[0] ? -1 : 1;
}

/* Whether a signal asks bibctl to end; the scratch node is ended first. */
static bool
must_stop(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1);
}

static int
run_all(struct compat_reader *reader, struct compat_client *client, struct compat_report *report, struct error *e)
{
	struct compat_answer answer;
	const char *statement;
	uint64_t line;
	int more;

	while ((more = compat_next(reader, &statement, &line, e)) == 1) {
		if (must_stop())
			return error_set(e, STATUS_UNAVAILABLE, "compat.stopped", "stopped at line %llu",
			    (unsigned long long)line);
		if (compat_run(client, statement, &answer, e) == -1)
			return -1;
		note(report, &answer, statement, line);
	}
	report->skipped = reader->skipped;
	return more;
}

static int
run(struct compat_reader *reader, struct compat_report *report, struct error *e)
{
	struct compat_client client = { .fd = -1 };
	struct compat_node node;
	sigset_t stops;
	int result;

	(void)sigemptyset(&stops);
	(void)sigaddset(&stops, SIGINT);
	(void)sigaddset(&stops, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &stops, NULL);
	result = compat_node_start(&node, e);
	if (result == 0)
		result = compat_connect(&client, &node, e);
	if (result == 0)
		result = run_all(reader, &client, report, e);
	compat_disconnect(&client);
	compat_node_stop(&node);
	return result;
}

int
bibctl_compat(struct bibctl *bibctl)
{
	struct compat_report report = { .n = 0 };
	struct compat_reader reader;
	struct error e;
	int result = compat_open(&reader, bibctl->statements, &e);

	if (result == 0)
		result = run(&reader, &report, &e);
	compat_close(&reader);
	if (result == -1)
		bibctl->output->result(&bibctl->render,
		    &(struct message_result) { .status = e.status, .code = e.code, .text = e.text });
	else {
		if (report.n > 0)
			qsort(report.reasons, report.n, sizeof(report.reasons[0]), compare_reasons);
		bibctl->output->compat(&bibctl->render, &report);
	}
	free(report.reasons);
	return result == -1 ? (int)e.status : report.taken == report.statements ? STATUS_OK : COMPAT_NOT_ALL;
}
