/*
 * The storage worker and keeper talk through the supervisor about signed heads of the audit trail, and `bibctl audit
 * verify` asks whether the trail is whole.
 */
#ifndef BIBD_SUPERVISOR_AUDIT_REQUESTS_H
#define BIBD_SUPERVISOR_AUDIT_REQUESTS_H

#include <stdint.h>

#include "common/loop.h"
#include "common/message.h"

#define AUDIT_VERIFY_MAX 8
#define AUDIT_VERIFY_MS 110000 /* below what bibctl waits */

struct supervisor;

struct audit_requests {
	struct audit_verify_request {
		struct supervisor *supervisor;
		uint32_t asked_id;  /* control's id; 0: this place is free */
		uint32_t worker_id; /* ours, at the storage worker */
		struct loop_timer timer;
	} requests[AUDIT_VERIFY_MAX];
};

/* The storage worker has gone: all are answered. Or control has, and with it whoever asked. */
void audit_storage_gone(struct supervisor *supervisor);
void audit_control_gone(struct supervisor *supervisor);

/* Handlers of the workers' channels; the context is the struct child. */
void audit_conversation_event(void *context, struct frame *frame, const struct message_audit_event *message);
void audit_conversation_sign(void *context, struct frame *frame, const struct message_audit_sign *message);
void audit_conversation_signed(void *context, struct frame *frame, const struct message_audit_signed *message);
void audit_conversation_check(void *context, struct frame *frame, const struct message_audit_check *message);
void audit_conversation_checked(void *context, struct frame *frame, const struct message_audit_checked *message);
void audit_conversation_verify(void *context, struct frame *frame, const struct message_audit_verify *message);
void audit_conversation_verified(void *context, struct frame *frame, const struct message_audit_verified *message);

#endif
