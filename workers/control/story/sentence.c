/*
 * Tells an entry in a plain sentence: that of its code, or, where the code has none, its source and its text.
 */
#include <bsd/string.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "workers/control/story/story.h"

/* "pid 12: the rest": the pid, and where the rest begins; 0 and the text itself where it does not begin so. */
static long
sentence_read_pid(const char *text, const char **rest)
{
	char *end;
	long pid;

	*rest = text;
	if (strncmp(text, "pid ", 4) != 0)
		return 0;
	pid = strtol(text + 4, &end, 10);
	if (end == text + 4 || strncmp(end, ": ", 2) != 0)
		return 0;
	*rest = end + 2;
	return pid;
}

static int
sentence_failed(const struct story_entry *entry, char *buf, size_t size)
{
	const char *rest;
	long pid = sentence_read_pid(entry->text, &rest);
	bool passive = strncmp(rest, "killed by ", 10) == 0 || strncmp(rest, "ended by ", 9) == 0;

	if (pid == 0)
		return snprintf(buf, size, "%s failed: %s", entry->source, entry->text);
	return snprintf(buf, size, "%s (pid %ld) %s%s", entry->source, pid,
	    passive				   ? "was "
		: strncmp(rest, "exited ", 7) == 0 ? ""
						   : "failed: ",
	    rest);
}

static int
sentence_restarted(const struct story_entry *entry, char *buf, size_t size)
{
	const char *rest;
	static const char begin[] = "up again ";
	long pid = sentence_read_pid(entry->text, &rest);

	if (strncmp(rest, begin, sizeof(begin) - 1) == 0)
		rest += sizeof(begin) - 1;
	return snprintf(buf, size, "%s was up again (pid %ld), %s", entry->source, pid, rest);
}

static int
sentence_log(const struct story_entry *entry, char *buf, size_t size)
{
	return snprintf(buf, size, "PostgreSQL wrote to its log: %s", entry->text);
}

/* The sentences by code. % stands for the source, @ for the text, both as they came. */
static const struct {
	const char *code;
	const char *form;
	int (*write)(const struct story_entry *entry, char *buf, size_t size);
} sentences[] = {
	{ "process.failed", NULL, sentence_failed },
	{ "process.restarted", NULL, sentence_restarted },
	{ "process.start_failed", "a process could not be started: @", NULL },
	{ "process.unhealthy", "% was found not healthy: @", NULL },
	{ "process.healthy", "% was found healthy again", NULL },
	{ "component.failed", "% was @", NULL },
	{ "storage.failed", "% could not open the store: @", NULL },
	{ "node.down", "@", NULL },
	{ "node.recovered", "clients were served again", NULL },
	{ "node.ready", "clients were served from now on: @", NULL },
	{ "node.stopping", "bibd began to stop: @", NULL },
	{ STORY_STARTED, "@", NULL },
	{ "reload.done", "@", NULL },
	{ "clients.paused", "clients were paused: @", NULL },
	{ "clients.resumed", "clients were let go on: @", NULL },
	{ "server.started", "PostgreSQL was started: @", NULL },
	{ "server.adopted", "PostgreSQL ran already and was taken over: @", NULL },
	{ "server.initialised", "a new database was made: @", NULL },
	{ "server.restarting", "PostgreSQL was to be restarted: @", NULL },
	{ "server.restarted", "PostgreSQL was restarted: @", NULL },
	{ "server.process_died", "a process of PostgreSQL died: @", NULL },
	{ "server.process_out_of_memory", "a process of PostgreSQL ended for want of memory: @", NULL },
	{ "server.engine_lost", "the container engine went away: @", NULL },
	{ "server.engine_back", "the container engine is back: @", NULL },
	{ "server.disk_full", "the disk was full: @", NULL },
	{ "server.unlimited", "@", NULL },
	{ "disk.low", "there was little room on the disk: @", NULL },
	{ "disk.enough", "there was room on the disk again: @", NULL },
	{ STORY_LOG, NULL, sentence_log },
	{ STORY_OOM_KILL, "the kernel ended a process for want of memory: @", NULL },
};

/* The sentences of kinds of codes, by what the code begins with, for codes that are not in the table above. */
static const struct {
	const char *begin, *form;
} sentence_kinds[] = {
	{ "reload.", "the configuration was not reloaded: @" },
	{ "conf.", "the configuration was not reloaded: @" },
	{ "server.", "PostgreSQL failed: @" },
	{ "container.", "PostgreSQL could not be started: @" },
	{ "", "%: @" },
};

static int
sentence_fill(const struct story_entry *entry, const char *form, char *buf, size_t size)
{
	char piece[2] = "";

	buf[0] = '\0';
	for (; *form != '\0'; form++) {
		piece[0] = *form;
		(void)strlcat(buf, *form == '%' ? entry->source : *form == '@' ? entry->text : piece, size);
	}
	return (int)strlen(buf);
}

/* Whether the text is a sentence already: some texts of the server begin with its name. */
static bool
sentence_is_whole(const struct story_entry *entry)
{
	return strncmp(entry->text, "PostgreSQL ", 11) == 0;
}

static int
sentence_write(const struct story_entry *entry, char *buf, size_t size)
{
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (strcmp(entry->code, sentences[i].code) == 0)
			return sentences[i].write != NULL ? sentences[i].write(entry, buf, size)
							  : sentence_fill(entry, sentences[i].form, buf, size);
	for (size_t i = 0; i < sizeof(sentence_kinds) / sizeof(sentence_kinds[0]); i++)
		if (strncmp(entry->code, sentence_kinds[i].begin, strlen(sentence_kinds[i].begin)) == 0)
			return sentence_fill(entry, sentence_is_whole(entry) ? "@" : sentence_kinds[i].form, buf, size);
	return 0;
}

/* Names of programs stay as they are. */
static void
sentence_capitalise(char *text)
{
	if (strncmp(text, "bibd", 4) != 0)
		*text = (char)toupper((unsigned char)*text);
}

char *
story_sentence(const struct story_entry *entry, char *buf, size_t size)
{
	size_t length;

	buf[0] = '\0';
	/* Room for the full stop. */
	if (sentence_write(entry, buf, size - 1) < 0)
		buf[0] = '\0';
	sentence_capitalise(buf);
	length = strlen(buf);
	if (length > 0 && strchr(".!?", buf[length - 1]) == NULL)
		(void)strlcat(buf, ".", size);
	return buf;
}

/* "16 ms", "1.8 s", "3 min 2 s" */
static void
sentence_put_length(int64_t us, char *buf, size_t size)
{
	int64_t s = us < 0 ? 0 : us / 1000000;

	if (s == 0)
		(void)snprintf(buf, size, "%d ms", (int)((us < 0 ? 0 : us) / 1000));
	else if (s < 60)
		(void)snprintf(buf, size, "%" PRId64 ".%d s", s, (int)(us % 1000000 / 100000));
	else if (s < 3600)
		(void)snprintf(buf, size, "%" PRId64 " min %" PRId64 " s", s / 60, s % 60);
	else
		(void)snprintf(buf, size, "%" PRId64 " h %" PRId64 " min", s / 3600, s % 3600 / 60);
}

char *
story_heading(const struct story_paragraph *paragraph, int64_t now_us, char *buf, size_t size)
{
	static const char *const words[STORY_KINDS][2] = { [STORY_BESIDE] = { "", "" },
		[STORY_OUTAGE] = { "Clients were not served for", "Clients have not been served for" },
		[STORY_PAUSE] = { "Clients were paused for", "Clients have been paused for" } };
	const bool goes_on = paragraph->end_us == 0;
	char length[48], cause[STORY_SENTENCE_MAX];

	(void)strlcpy(cause, paragraph->cause, sizeof(cause));
	/* In the middle of a sentence; a name stays as it is. */
	if (strncmp(cause, "PostgreSQL", 10) != 0)
		cause[0] = (char)tolower((unsigned char)cause[0]);
	sentence_put_length((goes_on ? now_us : paragraph->end_us) - paragraph->begin_us, length, sizeof(length));
	if (snprintf(buf, size, "%s %s%s: %s.", words[paragraph->kind][goes_on], length,
		goes_on ? ", and are not yet" : "", cause) < 0)
		buf[0] = '\0';
	return buf;
}
