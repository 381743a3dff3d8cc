#include "supervisor/record/events.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "supervisor/supervisor.h"

static void
events_send(struct channel *channel, uint64_t number, int64_t time_us, const char *source, const char *code,
    const char *text)
{
	struct message_event event = {
		.number = number, .time_us = time_us, .source = source, .code = code, .text = text
	};

	(void)channel_send_event(channel, 0, &event, -1);
}

/* Three strings in one piece of memory. */
static char *
events_pack(const char *source, const char *code, const char *text)
{
	size_t a = strlen(source) + 1, b = strlen(code) + 1, c = strlen(text) + 1;
	char *strings = malloc(a + b + c);

	if (strings != NULL) {
		memcpy(strings, source, a);
		memcpy(strings + a, code, b);
		memcpy(strings + a + b, text, c);
	}
	return strings;
}

void
events_add(struct supervisor *supervisor, const char *source, const char *code, const char *fmt, ...)
{
	struct events *events = &supervisor->events;
	struct events_entry *entry = &events->ring[events->count++ % EVENTS_KEPT];
	struct child *control = supervisor_child(supervisor, PROCESS_CONTROL);
	char text[ERROR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	free(entry->strings);
	entry->strings = events_pack(source, code, text);
	entry->time_us = clock_realtime_us();
	audit_note_event(supervisor, source, code, text);
	/* One that is not up yet gets them all when it is. */
	if (control != NULL && child_is_worker_up(control))
		events_send(&control->channel, events->count, entry->time_us, source, code, text);
}

void
events_replay(const struct events *events, struct channel *channel)
{
	uint64_t first = events->count > EVENTS_KEPT ? events->count - EVENTS_KEPT : 0;

	for (uint64_t i = first; i < events->count; i++) {
		const struct events_entry *entry = &events->ring[i % EVENTS_KEPT];
		const char *source = entry->strings, *code;

		if (source == NULL)
			continue;
		code = source + strlen(source) + 1;
		events_send(channel, i + 1, entry->time_us, source, code, code + strlen(code) + 1);
	}
}

void
events_free(struct events *events)
{
	for (size_t i = 0; i < EVENTS_KEPT; i++) {
		free(events->ring[i].strings);
		events->ring[i].strings = NULL;
	}
}
