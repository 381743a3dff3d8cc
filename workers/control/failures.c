/*
 * Failures by cause, counted from the events that say so. The supervisor replays its events to a control worker that
 * was restarted, so that the counts start again from what is kept, as counters may.
 */
#include <bsd/string.h>
#include <string.h>

#include "workers/control/control.h"

/* Events that tell of the end of a process or the server, or of a start that failed. */
static const struct {
	const char *code;
	const char *cause; /* NULL: the text tells */
} failures_events[] = {
	{ "process.failed", NULL },
	{ "process.start_failed", "start_failed" },
	{ "storage.failed", "storage_failed" },
	{ "server.unresponsive", "unresponsive" },
	{ "server.late", "late" },
	{ "server.exited", "exited" },
	{ "server.killed", "killed" },
	{ "server.out_of_memory", "out_of_memory" },
	{ "server.stopped_by_operator", "stopped_by_operator" },
	{ "server.restarted_by_operator", "restarted_by_operator" },
	{ "server.process_died", "process_died" },
	{ "server.process_out_of_memory", "process_out_of_memory" },
	{ "server.removed", "removed" },
	{ "server.disk_full", "disk_full" },
	{ "server.engine_lost", "engine_lost" },
};

/* What the cause line of a process begins with, after its pid. */
static const struct {
	const char *words;
	const char *cause;
} failures_texts[] = {
	{ ": killed by signal", "signal" },
	{ ": killed by SIGKILL", "signal" },
	{ ": exited with", "exit" },
	{ ": ended by bibd", "ended_by_bibd" },
};

static const char *
failures_read_text(const char *text)
{
	for (size_t i = 0; i < sizeof(failures_texts) / sizeof(failures_texts[0]); i++)
		if (strstr(text, failures_texts[i].words) != NULL)
			return failures_texts[i].cause;
	return "other";
}

static void
failures_count(struct control_failures *failures, const char *source, const char *cause)
{
	struct control_failure *row = failures->rows;
	size_t i;

	for (i = 0; i < failures->count; i++, row++)
		if (strcmp(row->source, source) == 0 && strcmp(row->cause, cause) == 0)
			break;
	if (i == SNAPSHOT_FAILURES_MAX)
		return;
	if (i == failures->count) {
		(void)strlcpy(row->source, source, sizeof(row->source));
		row->cause = cause;
		row->number = 0;
		failures->count++;
	}
	row->number++;
}

void
control_failures_note(struct control_failures *failures, const struct message_event *event)
{
	/* The container worker's failures have many codes, which count as one cause: the server was not started. */
	if (strncmp(event->code, "container.", strlen("container.")) == 0) {
		failures_count(failures, event->source, "start_failed");
		return;
	}
	for (size_t i = 0; i < sizeof(failures_events) / sizeof(failures_events[0]); i++)
		if (strcmp(failures_events[i].code, event->code) == 0) {
			failures_count(failures, event->source,
			    failures_events[i].cause != NULL ? failures_events[i].cause
							     : failures_read_text(event->text));
			return;
		}
}

struct message_status_failure
control_failures_get(const struct control_failures *failures, size_t i)
{
	const struct control_failure *row = &failures->rows[i];

	return (struct message_status_failure) { .source = row->source, .cause = row->cause, .count = row->number };
}
