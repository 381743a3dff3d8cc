/* What workers say about the audit trail. */
#include "supervisor/record/audit.h"
#include "supervisor/supervisor.h"

void
audit_conversation_event(void *context, struct frame *frame, const struct message_audit_event *message)
{
	struct child *child = context;
	struct message_audit_event event = *message;

	(void)frame;
	/* Nobody speaks for another. */
	event.source = child->name;
	audit_take_event(child->supervisor, &event);
}

void
audit_conversation_sign(void *context, struct frame *frame, const struct message_audit_sign *message)
{
	struct child *child = context;

	audit_take_sign(child->supervisor, frame->header.id, message);
}

void
audit_conversation_signed(void *context, struct frame *frame, const struct message_audit_signed *message)
{
	struct child *child = context;

	audit_take_signed(child->supervisor, frame->header.id, message);
}

void
audit_conversation_check(void *context, struct frame *frame, const struct message_audit_check *message)
{
	struct child *child = context;

	(void)message;
	audit_take_check(child->supervisor, frame->header.id, frame_take_fd(frame));
}

void
audit_conversation_checked(void *context, struct frame *frame, const struct message_audit_checked *message)
{
	struct child *child = context;

	audit_take_checked(child->supervisor, frame->header.id, message);
}

void
audit_conversation_verify(void *context, struct frame *frame, const struct message_audit_verify *message)
{
	struct child *child = context;

	(void)message;
	audit_take_verify(child->supervisor, frame->header.id);
}

void
audit_conversation_verified(void *context, struct frame *frame, const struct message_audit_verified *message)
{
	struct child *child = context;

	audit_take_verified(child->supervisor, frame->header.id, message);
}
