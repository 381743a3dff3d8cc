/*
 * The supervisor's part in the audit trail: its own events and those of other workers go to the storage worker, which
 * keeps the trail, and wait here while there is none.
 */
#ifndef BIBD_SUPERVISOR_AUDIT_H
#define BIBD_SUPERVISOR_AUDIT_H

#include <sys/queue.h>

#include "common/message.h"
#include "supervisor/record/events.h"

/* Events that wait for a storage worker; later ones are lost and counted. */
#define AUDIT_WAITING_MAX 256

struct audit_relay_waiting;
struct channel;

/* The storage worker's channel while it can take entries, else NULL. */
typedef struct channel *audit_relay_trail_fn(void *context);

struct audit_relay {
	STAILQ_HEAD(, audit_relay_waiting) waiting;
	unsigned nwaiting;
	unsigned lost;
	audit_relay_trail_fn *trail;
	void *context; /* given to trail */
};

void audit_relay_open(struct audit_relay *audit, audit_relay_trail_fn *trail, void *context);
void audit_relay_close(struct audit_relay *audit);

/* A sink of events (events.h; the context is the struct audit_relay): an event of a kind that the trail keeps becomes
 * an entry. */
void audit_relay_note_event(void *context, const struct event *event);
/* An entry for the trail from another worker. */
void audit_relay_take_event(struct audit_relay *audit, const struct message_audit_event *event);
/* The store is open: what waited is sent. */
void audit_relay_store_opened(struct audit_relay *audit);

#endif
