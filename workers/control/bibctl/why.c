/*
 * The command why: asks for what bibd has kept, for the server's log and for what the kernel says, and tells what
 * happened as one story.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/memfd.h"
#include "workers/control/bibctl/bibctl.h"
#include "workers/control/host/kernel.h"

#define WHY_AROUND_US (INT64_C(300) * 1000000)	/* told before and after the time of --at */
#define WHY_RECENT_US (INT64_C(3600) * 1000000) /* told when there was no outage */
#define WHY_EVENTS 256				/* so many bibd-control keeps (workers/control/events.h) */
#define WHY_LOG_LINES 2000
#define WHY_LOG_MS 8000 /* an engine that hangs for longer does not hold up the rest of the story */

/* All that bibd has kept. */
static int
why_ask_events(struct bibctl *bibctl, struct story *story, struct commands_answer *answer)
{
	int64_t since_us = bibctl->since_us;

	bibctl->story = story;
	bibctl->since_us = 0;
	commands_ask(answer, bibctl, MESSAGE_EVENTS_REQUEST, BIBCTL_ANSWER_MS);
	bibctl->since_us = since_us;
	bibctl->story = NULL;
	return answer->result.status == STATUS_OK ? 0 : -1;
}

static void
why_ask_log(struct bibctl *bibctl, struct story *story)
{
	struct commands_answer answer;
	struct error e;
	size_t size = 0;
	char *log = NULL;

	bibctl->lines = WHY_LOG_LINES;
	commands_ask(&answer, bibctl, MESSAGE_LOG_REQUEST, WHY_LOG_MS);
	if (answer.result.status != STATUS_OK)
		story_note(story, "PostgreSQL's log could not be read: %s", answer.result.text);
	if (answer.fd != -1) {
		if (answer.result.status == STATUS_OK &&
		    (log = memfd_read(answer.fd, BIBCTL_LOG_MAX, &size, &e)) != NULL)
			story_add_log(story, log);
		close(answer.fd);
	}
	free(log);
	snapshot_clear(&answer.status);
}

static void
why_choose_time(const struct bibctl *bibctl, struct story *story, int64_t *from_us, int64_t *to_us)
{
	const int64_t now_us = bibctl->render.now_us;

	*to_us = now_us;
	if (bibctl->since_us != 0)
		*from_us = bibctl->since_us;
	else if (bibctl->at_us != 0) {
		*from_us = bibctl->at_us - WHY_AROUND_US;
		*to_us = bibctl->at_us + WHY_AROUND_US;
	} else if (!story_find_outage(story, now_us, from_us, to_us)) {
		*from_us = now_us - WHY_RECENT_US;
		story_note(story, "No outage is known of; this is the last hour.");
	}
}

/* Says what cannot be known of that time: the daemon knows nothing of before its start, and keeps a bounded number of
 * events. */
static void
why_note_limits(struct story *story, const struct snapshot *status, size_t events, int64_t from_us)
{
	char text[128];

	if (status->node.started_us > from_us)
		story_note(story, "What was before the start of bibd is in its log, and not here.");
	else if (events >= WHY_EVENTS && story->entries[0].time_us > from_us)
		story_note(story, "bibd keeps its last %d events: what was before them is in its log, and not here.",
		    WHY_EVENTS);
	(void)snprintf(text, sizeof(text), "bibd %.64s was started (pid %u)", status->node.version,
	    (unsigned)status->node.pid);
	story_add(story, status->node.started_us, "bibd", STORY_STARTED, text);
}

/* When no daemon answers, the kernel's log is all there is to tell of. */
static int
why_tell(struct bibctl *bibctl, struct story *story, const struct snapshot *status, struct error *e)
{
	size_t events = story->n;
	int64_t from_us, to_us;

	why_choose_time(bibctl, story, &from_us, &to_us);
	if (status->has_node)
		why_note_limits(story, status, events, from_us);
	if (status->has_server)
		why_ask_log(bibctl, story);
	kernel_tell(story, "", status->has_node ? status : NULL, bibctl->render.now_us - to_us < WHY_AROUND_US);
	if (!status->has_node && story->n == 0)
		return 0;
	if (story_tell(story, from_us, to_us, e) == -1)
		return -1;
	bibctl->output->story(&bibctl->render, story);
	return 0;
}

int
bibctl_why(struct bibctl *bibctl)
{
	struct story story = { .n = 0 };
	struct commands_answer status, events;
	struct error e;

	commands_ask_status(&status, bibctl);
	if (status.result.status == STATUS_OK && why_ask_events(bibctl, &story, &events) == -1)
		commands_set_result(&status, &events.result);
	if (why_tell(bibctl, &story, &status.status, &e) == -1)
		commands_set_result(&status, &e);
	story_clear(&story);
	if (status.result.status != STATUS_OK)
		return commands_finish(&status, "");
	snapshot_clear(&status.status);
	return STATUS_OK;
}
