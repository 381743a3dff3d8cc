/*
 * Picks, line by line, what is worth telling from the log of PostgreSQL and from that of the kernel.
 */
#include <bsd/string.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "workers/control/story/story.h"

#define SOURCES_LINE_MAX 400

/* ---- PostgreSQL's ---- */

/* Whether the line is about the server's own life; errors of clients' statements are not part of the story. */
static bool
sources_is_worth(const char *line)
{
	static const char *const words[] = { "PANIC:", "terminated by signal", "terminating any other active",
		"database system was interrupted", "was not properly shut down", "ready to accept connections",
		"redo starts at", "redo done at", "received fast shutdown", "received immediate shutdown",
		"received smart shutdown", "database system is shut down", "ut of memory", "No space left",
		"could not write", "could not fsync", "exited with exit code", "invalid primary checkpoint" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(line, words[i]) != NULL)
			return true;
	return false;
}

/* "2026-11-30 07:28:41.324 UTC [1] ": the time, and what follows it; NULL: the line begins otherwise. */
static const char *
sources_read_time(const char *line, int64_t *us)
{
	struct tm tm = { 0 };
	const char *p = strptime(line, "%Y-%m-%d %H:%M:%S", &tm);
	char *end;
	long ms;

	if (p == NULL || *p != '.')
		return NULL;
	ms = strtol(p + 1, &end, 10);
	if (end != p + 4 || (strncmp(end, " UTC [", 6) != 0 && strncmp(end, " GMT [", 6) != 0) ||
	    (p = strstr(end, "] ")) == NULL)
		return NULL;
	*us = ((int64_t)timegm(&tm) * 1000 + ms) * 1000;
	return p + 2;
}

/* Whether the entry before tells the same already. */
static bool
sources_is_told(const struct story *story, const char *text)
{
	const struct story_entry *last = story->n == 0 ? NULL : &story->entries[story->n - 1];

	return last != NULL && strcmp(last->code, STORY_LOG) == 0 && strcmp(last->text, text) == 0;
}

static void
sources_add_line(struct story *story, const char *line)
{
	int64_t us;
	const char *text = sources_read_time(line, &us);

	if (text != NULL && sources_is_worth(text) && !sources_is_told(story, text))
		story_add(story, us, "server", STORY_LOG, text);
}

void
story_add_log(struct story *story, const char *log)
{
	char line[SOURCES_LINE_MAX];

	while (*log != '\0') {
		size_t length = strcspn(log, "\n");

		(void)strlcpy(line, log, length + 1 < sizeof(line) ? length + 1 : sizeof(line));
		sources_add_line(story, line);
		log += length + (log[length] == '\n');
	}
}

/* ---- the kernel's ---- */

void
story_add_kmsg(struct story *story, const char *record, int64_t booted_us)
{
	const char *text = strchr(record, ';'), *killed;
	char line[SOURCES_LINE_MAX], *end;
	long long us;

	/* "6,339,5140900,-;text": priority, number, microseconds since the kernel was started. */
	if (text == NULL || (killed = strstr(text, "Killed process ")) == NULL)
		return;
	if ((record = strchr(record, ',')) == NULL || (record = strchr(record + 1, ',')) == NULL)
		return;
	us = strtoll(record + 1, &end, 10);
	if (end == record + 1 || (*end != ',' && *end != ';'))
		return;
	/* "Memory cgroup out of memory: Killed process 12 (name) total-vm:..." */
	(void)strlcpy(line, killed + sizeof("Killed ") - 1, sizeof(line));
	line[strcspn(line, "\n")] = '\0';
	if ((end = strstr(line, " total-vm:")) != NULL)
		*(end[-1] == ',' ? end - 1 : end) = '\0';
	(void)strlcat(line, strncmp(text + 1, "Memory cgroup", 13) == 0 ? ", at the limit of its cgroup" : "",
	    sizeof(line));
	story_add(story, booted_us + us, "kernel", STORY_OOM_KILL, line);
}
