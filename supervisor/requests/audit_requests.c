#include "supervisor/requests/audit_requests.h"

#include <unistd.h>

#include "common/advice.h"
#include "common/error.h"
#include "common/log.h"
#include "supervisor/supervisor.h"

/* ---- heads ---- */

static void
audit_take_sign(struct supervisor *supervisor, uint32_t id, const struct message_audit_sign *message)
{
	struct child *keeper = supervisor_child(supervisor, PROCESS_KEEPER);

	/* Whoever asked asks again: one that is not there is not answered for. */
	if (keeper != NULL && child_is_worker_up(keeper))
		(void)channel_send_audit_sign(&keeper->channel, id, message, -1);
}

/* Keeper's reason, kept in e, with advice that can be applied as it is printed. */
static const char *
audit_name_why(const struct supervisor *supervisor, struct error *e, const char *why)
{
	(void)error_set(e, STATUS_DATA, "audit.unsigned", "%s", why);
	advice_name_configuration(e->text, sizeof(e->text), supervisor->node.conf_path);
	return e->text;
}

static void
audit_take_signed(struct supervisor *supervisor, uint32_t id, const struct message_audit_signed *message)
{
	struct child *storage = supervisor_child(supervisor, PROCESS_STORAGE);
	struct message_audit_signed named = *message;
	struct error e;

	named.why = audit_name_why(supervisor, &e, message->why);
	if (storage != NULL && child_has_process(storage) && channel_is_open(&storage->channel))
		(void)channel_send_audit_signed(&storage->channel, id, &named, -1);
}

static void
audit_take_check(struct supervisor *supervisor, uint32_t id, int fd)
{
	struct child *keeper = supervisor_child(supervisor, PROCESS_KEEPER);

	if (keeper != NULL && child_is_worker_up(keeper))
		(void)channel_send_audit_check(&keeper->channel, id, NULL, fd);
	else
		close(fd);
}

static void
audit_take_checked(struct supervisor *supervisor, uint32_t id, const struct message_audit_checked *message)
{
	struct child *storage = supervisor_child(supervisor, PROCESS_STORAGE);
	struct message_audit_checked named = *message;
	struct error e;

	named.why = audit_name_why(supervisor, &e, message->why);
	if (storage != NULL && child_is_worker_up(storage))
		(void)channel_send_audit_checked(&storage->channel, id, &named, -1);
}

/* ---- bibctl audit verify ---- */

static void
audit_result(struct supervisor *s, uint32_t id, enum status status, const char *code, const char *text)
{
	struct child *control = supervisor_child(s, PROCESS_CONTROL);
	struct message_result result = { .status = status, .code = code, .text = text };

	if (control != NULL && id != 0)
		(void)channel_send_result(&control->channel, id, &result, -1);
}

static void
audit_finish_request(struct audit_verify_request *request, enum status status, const char *code, const char *text)
{
	uint32_t id = request->asked_id;

	loop_timer_cancel(&request->timer);
	request->asked_id = 0;
	audit_result(request->supervisor, id, status, code, text);
}

static void
audit_is_late(struct loop_timer *timer)
{
	audit_finish_request(timer->arg, STATUS_UNAVAILABLE, "audit.late", "the audit trail could not be read in time");
}

static void
audit_take_verify(struct supervisor *supervisor, uint32_t id)
{
	struct child *storage = supervisor_child(supervisor, PROCESS_STORAGE);
	struct child *keeper = supervisor_child(supervisor, PROCESS_KEEPER);
	bool can = storage != NULL && keeper != NULL && child_is_worker_up(keeper) &&
	    supervisor->node.lifecycle.state == LIFECYCLE_OPERATIONAL;
	struct audit_verify_request *request = NULL;

	for (size_t i = 0; i < AUDIT_VERIFY_MAX; i++)
		if (supervisor->audit_requests.requests[i].asked_id == 0)
			request = &supervisor->audit_requests.requests[i];
	if (request == NULL || !can) {
		audit_result(supervisor, id, STATUS_UNAVAILABLE, "audit.busy",
		    request == NULL ? "too many ask at once: try again" : "the store or bibd-keeper is not up: try again");
		return;
	}
	request->supervisor = supervisor;
	request->asked_id = id;
	request->worker_id = channel_next_id(&storage->channel);
	loop_timer_set(&supervisor->node.loop, &request->timer, AUDIT_VERIFY_MS, audit_is_late, request);
	(void)channel_send_audit_verify(&storage->channel, request->worker_id, NULL, -1);
}

static const char *
audit_verdict_code(uint32_t status)
{
	switch (status) {
	case STATUS_OK:
		return "audit.whole";
	case STATUS_DATA:
		return "audit.broken";
	case STATUS_UNAVAILABLE:
		return "audit.busy";
	default:
		return "audit.unread";
	}
}

static void
audit_take_verified(struct supervisor *supervisor, uint32_t id, const struct message_audit_verified *message)
{
	struct child *control = supervisor_child(supervisor, PROCESS_CONTROL);

	for (size_t i = 0; i < AUDIT_VERIFY_MAX; i++) {
		struct audit_verify_request *request = &supervisor->audit_requests.requests[i];

		if (request->asked_id == 0 || request->worker_id != id)
			continue;
		if (control != NULL)
			(void)channel_send_audit_verified(&control->channel, request->asked_id, message, -1);
		/* That a check could not be made is no word about the trail. */
		if (message->status == STATUS_DATA)
			log_warning("the audit trail is not intact: %s", message->why);
		audit_finish_request(request, (enum status)message->status, audit_verdict_code(message->status), message->why);
		return;
	}
}

void
audit_storage_gone(struct supervisor *supervisor)
{
	for (size_t i = 0; i < AUDIT_VERIFY_MAX; i++)
		if (supervisor->audit_requests.requests[i].asked_id != 0)
			audit_finish_request(&supervisor->audit_requests.requests[i], STATUS_UNAVAILABLE, "audit.busy",
			    "the storage worker has gone: try again");
}

void
audit_control_gone(struct supervisor *supervisor)
{
	for (size_t i = 0; i < AUDIT_VERIFY_MAX; i++) {
		loop_timer_cancel(&supervisor->audit_requests.requests[i].timer);
		supervisor->audit_requests.requests[i].asked_id = 0;
	}
}

/* ---- what workers say ---- */

void
audit_conversation_event(void *context, struct frame *frame, const struct message_audit_event *message)
{
	struct child *child = context;
	struct message_audit_event event = *message;

	(void)frame;
	/* Nobody speaks for another. */
	event.source = child->name;
	audit_take_event(&child->supervisor->audit, &event);
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
