/*
 * What happened, for operators and for the audit trail: the last events, numbered, kept here because this process lives
 * longest. Each goes to the sinks as it happens; the supervisor registers them (the audit trail, bibd-control).
 */
#ifndef BIBD_SUPERVISOR_EVENTS_H
#define BIBD_SUPERVISOR_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "common/channel.h"

#define EVENTS_KEPT 256
#define EVENTS_SINKS_MAX 4

struct event {
	uint64_t number;
	int64_t time_us; /* clock_realtime_us() */
	const char *source, *code, *text;
};

typedef void events_sink_fn(void *context, const struct event *event);

/* Zeroed is one without events and sinks. */
struct events {
	uint64_t count; /* of all that ever were; the number of the last */
	struct events_entry {
		int64_t time_us;
		char *strings; /* source, code and text, each with its NUL; owned */
	} ring[EVENTS_KEPT];
	struct events_sink {
		events_sink_fn *take;
		void *context;
	} sinks[EVENTS_SINKS_MAX];
	size_t nsinks;
};

/* From now on each event is given to that function too, after those that were registered before; the event is valid
 * until it returns. At most EVENTS_SINKS_MAX. */
void events_add_sink(struct events *events, events_sink_fn *take, void *context);

/* Keeps an event and gives it to the sinks. One that cannot be kept for want of memory still reaches them. */
void events_add(struct events *events, const char *source, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Sends an event, or all that are kept, as EVENT. */
void events_send(struct channel *channel, const struct event *event);
void events_replay(const struct events *events, struct channel *channel);
void events_free(struct events *events);

#endif
