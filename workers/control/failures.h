/*
 * Failures by cause, for the metrics. Private to bibd-control.
 */
#ifndef BIBD_CONTROL_FAILURES_H
#define BIBD_CONTROL_FAILURES_H

#include "workers/control/events.h"
#include "workers/control/shared/snapshot.h"

/* How often each process, or the server, ended for each cause. */
struct control_failures {
	struct control_failure {
		char source[CONTROL_EVENT_SOURCE_MAX];
		const char *cause; /* a literal */
		uint32_t number;
	} rows[SNAPSHOT_FAILURES_MAX];
	size_t count;
};

/* Counts an event that says that something ended; does nothing for others. */
void control_failures_note(struct control_failures *failures, const struct message_event *event);

/* The ith count; its texts live as long as failures. */
struct message_status_failure control_failures_get(const struct control_failures *failures, size_t i);

#endif
