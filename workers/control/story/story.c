/*
 * Puts entries in order and finds which of them belong to one outage.
 */
#include "workers/control/story/story.h"

#include <bsd/string.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* A failure at most so long before clients were no longer served may be the reason. */
#define STORY_CAUSE_US (INT64_C(10) * 1000000)
#define STORY_AROUND_US (INT64_C(60) * 1000000)

void
story_add(struct story *story, int64_t time_us, const char *source, const char *code, const char *text)
{
	struct story_entry *entry;

	if (story->n == story->capacity && story->capacity < STORY_ENTRIES_MAX) {
		size_t capacity = story->capacity == 0 ? 64 : story->capacity * 2;
		struct story_entry *grown = realloc(story->entries, capacity * sizeof(*grown));

		if (grown != NULL) {
			story->entries = grown;
			story->capacity = capacity;
		}
	}
	if (story->n == story->capacity) {
		story->has_lost = true;
		return;
	}
	entry = &story->entries[story->n];
	*entry = (struct story_entry) { .time_us = time_us, .order = story->n++ };
	(void)strlcpy(entry->source, source, sizeof(entry->source));
	(void)strlcpy(entry->code, code, sizeof(entry->code));
	(void)strlcpy(entry->text, text, sizeof(entry->text));
}

void
story_note(struct story *story, const char *fmt, ...)
{
	va_list ap;

	if (story->nnotes == STORY_NOTES_MAX)
		return;
	va_start(ap, fmt);
	if (vsnprintf(story->notes[story->nnotes], sizeof(story->notes[0]), fmt, ap) >= 0)
		story->nnotes++;
	va_end(ap);
}

void
story_clear(struct story *story)
{
	free(story->entries);
	free(story->paragraphs);
	memset(story, 0, sizeof(*story));
}

static int
story_compare(const void *a, const void *b)
{
	const struct story_entry *x = a, *y = b;

	if (x->time_us != y->time_us)
		return x->time_us < y->time_us ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static bool
story_has_code(const struct story_entry *entry, const char *code)
{
	return strcmp(entry->code, code) == 0;
}

/* ---- what begins, and what ends ---- */

/* The events by which clients are no longer served, and served again. */
static const struct {
	const char *code;
	enum story_kind begins, ends; /* STORY_BESIDE: nothing */
} story_turns[] = {
	{ "node.down", STORY_OUTAGE, STORY_BESIDE },
	{ "node.recovered", STORY_BESIDE, STORY_OUTAGE },
	{ "node.ready", STORY_BESIDE, STORY_OUTAGE },
	{ "clients.paused", STORY_PAUSE, STORY_BESIDE },
	{ "clients.resumed", STORY_BESIDE, STORY_PAUSE },
};

static enum story_kind
story_begins(const struct story_entry *entry)
{
	for (size_t i = 0; i < sizeof(story_turns) / sizeof(story_turns[0]); i++)
		if (story_has_code(entry, story_turns[i].code))
			return story_turns[i].begins;
	return STORY_BESIDE;
}

static enum story_kind
story_ends(const struct story_entry *entry)
{
	for (size_t i = 0; i < sizeof(story_turns) / sizeof(story_turns[0]); i++)
		if (story_has_code(entry, story_turns[i].code))
			return story_turns[i].ends;
	return STORY_BESIDE;
}

/* Whether the event may be the cause: something failed, or was asked for. Entries of the kernel and the server's log
 * only add to that. */
static bool
story_is_cause(const struct story_entry *entry)
{
	static const char *const codes[] = { "process.failed", "process.start_failed", "storage.failed",
		"node.stopping", "server.restarting", "server.exited", "server.killed", "server.out_of_memory",
		"server.unresponsive", "server.late", "server.removed", "server.disk_full", "server.engine_lost",
		"server.incompatible", "server.stopped_by_operator", "server.restarted_by_operator",
		"store.disk_full" };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (story_has_code(entry, codes[i]))
			return true;
	return false;
}

static bool
story_may_lead(const struct story_entry *entry, const struct story_entry *down)
{
	return down->time_us - entry->time_us <= STORY_CAUSE_US && story_ends(entry) == STORY_BESIDE &&
	    story_begins(entry) == STORY_BESIDE &&
	    (story_is_cause(entry) || story_has_code(entry, STORY_LOG) || story_has_code(entry, STORY_OOM_KILL) ||
		story_has_code(entry, "process.unhealthy"));
}

/* The first entry that belongs to what begins at `at`: what failed right before it. Not before `floor`. */
static size_t
story_lead(const struct story_entry *entries, size_t floor, size_t at)
{
	size_t first = at;

	while (first > floor && story_may_lead(&entries[first - 1], &entries[at]))
		first--;
	return first;
}

/* The one after the last entry of what begins at `at`. */
static size_t
story_end(const struct story_entry *entries, size_t n, size_t at, bool *ended)
{
	enum story_kind kind = story_begins(&entries[at]);
	size_t i = at + 1;

	while (i < n && story_ends(&entries[i]) != kind)
		i++;
	*ended = i < n;
	return i < n ? i + 1 : n;
}

/* What the cause meant for clients; only the death of the storage worker always means the same. */
static const char *
story_consequence(const struct story_entry *cause)
{
	if (!story_has_code(cause, "process.failed") ||
	    (strcmp(cause->source, "bibd-sqlite") != 0 && strcmp(cause->source, "bibd-postgres") != 0))
		return NULL;
	return "Clients that were connected lost their connections, and what they had not committed; those who "
	       "connected meanwhile waited.";
}

/* The cause that the event itself gives, where nothing failed before it, without the words that the heading has. */
static const char *
story_own_cause(const struct story_entry *turn)
{
	const char *colon = story_begins(turn) == STORY_OUTAGE ? strstr(turn->text, ": ") : NULL;

	return colon == NULL ? turn->text : colon + 2;
}

/* What failed last before the turn; or first after it, since the storage worker may have seen that its server has gone
 * before anybody knew why. NULL: nothing did. */
static const struct story_entry *
story_find_cause(const struct story_entry *lead, const struct story_entry *turn, const struct story_entry *end)
{
	const struct story_entry *cause = NULL;

	for (const struct story_entry *entry = lead; entry < turn; entry++)
		if (story_is_cause(entry))
			cause = entry;
	for (const struct story_entry *entry = turn; entry < end && cause == NULL; entry++)
		if (story_begins(turn) == STORY_OUTAGE && story_is_cause(entry) &&
		    entry->time_us - turn->time_us <= STORY_CAUSE_US)
			cause = entry;
	return cause;
}

/* Sets the cause, without its full stop, as a heading needs it. */
static void
story_set_cause(struct story_paragraph *paragraph, const struct story_entry *turn)
{
	const struct story_entry *cause = story_find_cause(paragraph->entries, turn, paragraph->entries + paragraph->n);
	size_t length;

	if (cause == NULL) {
		(void)strlcpy(paragraph->cause, story_own_cause(turn), sizeof(paragraph->cause));
		return;
	}
	paragraph->consequence = story_consequence(cause);
	(void)story_sentence(cause, paragraph->cause, sizeof(paragraph->cause));
	length = strlen(paragraph->cause);
	if (length > 0 && paragraph->cause[length - 1] == '.')
		paragraph->cause[length - 1] = '\0';
}

static void
story_add_paragraph(struct story *story, size_t first, size_t turn, size_t end, bool ended)
{
	struct story_paragraph *paragraph = &story->paragraphs[story->nparagraphs++];
	const struct story_entry *entries = story->entries;

	*paragraph = (struct story_paragraph) { .kind = turn < end ? story_begins(&entries[turn]) : STORY_BESIDE,
		.entries = entries + first,
		.n = end - first };
	if (paragraph->kind == STORY_BESIDE)
		return;
	paragraph->begin_us = entries[turn].time_us;
	paragraph->end_us = ended ? entries[end - 1].time_us : 0;
	story_set_cause(paragraph, entries + turn);
}

/* ---- the whole ---- */

bool
story_find_outage(struct story *story, int64_t now_us, int64_t *from_us, int64_t *to_us)
{
	bool ended;
	size_t i, end;

	if (story->n > 0)
		qsort(story->entries, story->n, sizeof(*story->entries), story_compare);
	for (i = story->n; i > 0 && story_begins(&story->entries[i - 1]) != STORY_OUTAGE; i--)
		;
	if (i == 0)
		return false;
	end = story_end(story->entries, story->n, i - 1, &ended);
	*from_us = story->entries[i - 1].time_us - STORY_AROUND_US;
	*to_us = ended ? story->entries[end - 1].time_us + STORY_AROUND_US : now_us;
	if (*to_us > now_us)
		*to_us = now_us;
	return true;
}

/* An outage that is under way at an end of the time is told whole. */
static void
story_widen(const struct story *story, int64_t *from_us, int64_t *to_us)
{
	const int64_t from = *from_us, to = *to_us;

	for (size_t i = 0; i < story->n; i++) {
		const struct story_entry *turn = &story->entries[i];
		size_t end;
		bool ended;

		if (story_begins(turn) == STORY_BESIDE || turn->time_us > to)
			continue;
		end = story_end(story->entries, story->n, i, &ended);
		if (story->entries[end - 1].time_us < from && ended)
			continue;
		if (turn->time_us < from && story->entries[story_lead(story->entries, 0, i)].time_us < *from_us)
			*from_us = story->entries[story_lead(story->entries, 0, i)].time_us;
		if (story->entries[end - 1].time_us > *to_us)
			*to_us = story->entries[end - 1].time_us;
	}
}

/* Keeps only the entries of that time, in order. */
static void
story_select(struct story *story)
{
	size_t kept = 0;

	if (story->n > 0)
		qsort(story->entries, story->n, sizeof(*story->entries), story_compare);
	story_widen(story, &story->from_us, &story->to_us);
	for (size_t i = 0; i < story->n; i++)
		if (story->entries[i].time_us >= story->from_us && story->entries[i].time_us <= story->to_us)
			story->entries[kept++] = story->entries[i];
	story->n = kept;
}

int
story_tell(struct story *story, int64_t from_us, int64_t to_us, struct error *e)
{
	size_t done = 0;

	story->from_us = from_us;
	story->to_us = to_us;
	story_select(story);
	free(story->paragraphs);
	story->nparagraphs = 0;
	/* At most one for each entry. */
	if ((story->paragraphs = calloc(story->n + 1, sizeof(*story->paragraphs))) == NULL)
		return error_set_errno(e, STATUS_OS, "story.memory", "cannot tell what happened");
	for (size_t i = 0; i < story->n; i++) {
		size_t first, end;
		bool ended;

		if (story_begins(&story->entries[i]) == STORY_BESIDE)
			continue;
		first = story_lead(story->entries, done, i);
		end = story_end(story->entries, story->n, i, &ended);
		if (first > done)
			story_add_paragraph(story, done, first, first, false);
		story_add_paragraph(story, first, i, end, ended);
		done = end;
		i = end - 1;
	}
	if (done < story->n)
		story_add_paragraph(story, done, story->n, story->n, false);
	return 0;
}
