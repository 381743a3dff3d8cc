/*
 * Adds an event to the ring, tells each sink of it, and replays the ring for a control that was just started.
 */
#include "supervisor/record/events.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

void
events_add_sink(struct events *events, events_sink_fn *take, void *context)
{
	if (events->nsinks < EVENTS_SINKS_MAX)
		events->sinks[events->nsinks++] = (struct events_sink) { take, context };
}

void
events_send(struct channel *channel, const struct event *event)
{
	struct message_event message = { .number = event->number,
		.time_us = event->time_us,
		.source = event->source,
		.code = event->code,
		.text = event->text };

	(void)channel_send_event(channel, 0, &message, -1);
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
events_add(struct events *events, const char *source, const char *code, const char *fmt, ...)
{
	struct events_entry *entry = &events->ring[events->count++ % EVENTS_KEPT];
	struct event event = { .number = events->count, .source = source, .code = code };
	char text[ERROR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	free(entry->strings);
	entry->strings = events_pack(source, code, text);
	entry->time_us = event.time_us = clock_realtime_us();
	event.text = text;
	for (size_t i = 0; i < events->nsinks; i++)
		events->sinks[i].take(events->sinks[i].context, &event);
}

void
events_replay(const struct events *events, struct channel *channel)
{
	uint64_t first = events->count > EVENTS_KEPT ? events->count - EVENTS_KEPT : 0;

	for (uint64_t i = first; i < events->count; i++) {
		const struct events_entry *entry = &events->ring[i % EVENTS_KEPT];
		struct event event = { .number = i + 1, .time_us = entry->time_us, .source = entry->strings };

		if (event.source == NULL)
			continue;
		event.code = event.source + strlen(event.source) + 1;
		event.text = event.code + strlen(event.code) + 1;
		events_send(channel, &event);
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
