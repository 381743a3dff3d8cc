/*
 * What an operator should be able to read later: the last events, numbered, kept here because this process lives
 * longest. bibd-control gets each as it happens, and all of them when it is started.
 */
#ifndef BIBD_SUPERVISOR_EVENTS_H
#define BIBD_SUPERVISOR_EVENTS_H

#include <stdint.h>

#include "common/channel.h"

#define EVENTS_KEPT 256

struct events {
	uint64_t count; /* of all that ever were; the number of the last */
	struct events_entry {
		int64_t time_us;
		char *strings; /* source, code and text, each with its NUL; owned */
	} ring[EVENTS_KEPT];
};

struct supervisor;

/* Keeps an event and sends it to bibd-control. One that cannot be kept for want of memory is still sent. */
void events_add(struct supervisor *supervisor, const char *source, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Sends all that are kept. */
void events_replay(const struct events *events, struct channel *channel);
void events_free(struct events *events);

#endif
