/*
 * The supervisor's part in the audit trail: its own events and those of other workers go to the storage worker, which
 * keeps the trail, and wait here while there is none; the storage worker and keeper talk through it about signed heads.
 */
#ifndef BIBD_SUPERVISOR_AUDIT_H
#define BIBD_SUPERVISOR_AUDIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/loop.h"
#include "common/message.h"

/* Events that wait for a storage worker; later ones are lost and counted. */
#define AUDIT_WAITING_MAX 256
#define AUDIT_VERIFY_MAX 8
#define AUDIT_VERIFY_MS 110000 /* below what bibctl waits */

struct supervisor;
struct audit_waiting;

struct audit {
	STAILQ_HEAD(, audit_waiting) waiting;
	unsigned nwaiting;
	unsigned lost;
	struct audit_verify_request {
		struct supervisor *supervisor;
		uint32_t asked_id;  /* control's id; 0: this place is free */
		uint32_t worker_id; /* ours, at the storage worker */
		struct loop_timer timer;
	} requests[AUDIT_VERIFY_MAX];
};

void audit_open(struct audit *audit);
void audit_close(struct audit *audit);

/* An event that operators can read (events.h): if it is one of those that the trail has, an entry of its own. */
void audit_note_event(struct supervisor *supervisor, const char *source, const char *code, const char *text);
/* What another worker has for the trail. */
void audit_take_event(struct supervisor *supervisor, const struct message_audit_event *event);
/* The store is open: what waited is sent. */
void audit_store_opened(struct supervisor *supervisor);

/* Between the storage worker and keeper. The descriptor becomes ours. */
void audit_take_sign(struct supervisor *supervisor, uint32_t id, const struct message_audit_sign *message);
void audit_take_signed(struct supervisor *supervisor, uint32_t id, const struct message_audit_signed *message);
void audit_take_check(struct supervisor *supervisor, uint32_t id, int fd);
void audit_take_checked(struct supervisor *supervisor, uint32_t id, const struct message_audit_checked *message);

/* `bibctl audit verify`: control asks, the storage worker answers. */
void audit_take_verify(struct supervisor *supervisor, uint32_t id);
void audit_take_verified(struct supervisor *supervisor, uint32_t id, const struct message_audit_verified *message);
/* The storage worker has gone: all are answered. Or control has, and with it whoever asked. */
void audit_storage_gone(struct supervisor *supervisor);
void audit_control_gone(struct supervisor *supervisor);

/* ---- audit_conversation.c: the same, as handlers of the workers' channels; the context is the struct child ---- */
void audit_conversation_event(void *context, struct frame *frame, const struct message_audit_event *message);
void audit_conversation_sign(void *context, struct frame *frame, const struct message_audit_sign *message);
void audit_conversation_signed(void *context, struct frame *frame, const struct message_audit_signed *message);
void audit_conversation_check(void *context, struct frame *frame, const struct message_audit_check *message);
void audit_conversation_checked(void *context, struct frame *frame, const struct message_audit_checked *message);
void audit_conversation_verify(void *context, struct frame *frame, const struct message_audit_verify *message);
void audit_conversation_verified(void *context, struct frame *frame, const struct message_audit_verified *message);

#endif
