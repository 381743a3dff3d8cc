/* What bibd-control asks for bibctl, and what workers answer to that. */
#include "supervisor/conversation.h"
#include "supervisor/requests/audit_trail.h"
#include "supervisor/requests/logs.h"
#include "supervisor/requests/pause.h"
#include "supervisor/requests/relay.h"
#include "supervisor/requests/server_restart.h"
#include "supervisor/requests/status.h"
#include "supervisor/supervisor.h"

/* ---- requests ---- */

void
conversation_take_status_request(void *context, struct frame *frame, const struct message_status_request *message)
{
	(void)message;
	status_ask(&supervisor_of(context)->requests, frame->header.id);
}

void
conversation_take_reload_request(void *context, struct frame *frame, const struct message_reload_request *message)
{
	(void)message;
	reload_begin(&supervisor_of(context)->reload, frame->header.id);
}

void
conversation_take_stop_request(void *context, struct frame *frame, const struct message_stop_request *message)
{
	struct supervisor *s = supervisor_of(context);

	(void)message;
	requests_take_stop(&s->requests, frame->header.id);
	/* A second `bibctl stop` only waits for the end, too; a second signal is what hurries a stop. */
	if (!lifecycle_is_stopping(&s->node.lifecycle))
		node_stop(&s->node, STATUS_OK, "bibctl asks to stop");
}

void
conversation_take_paused(void *context, struct frame *frame, const struct message_paused *message)
{
	(void)frame;
	pause_take_paused(&supervisor_of(context)->requests, message);
}

void
conversation_take_pause_request(void *context, struct frame *frame, const struct message_pause_request *message)
{
	pause_take_request(&supervisor_of(context)->requests, frame->header.id, message);
}

void
conversation_take_resume_request(void *context, struct frame *frame, const struct message_resume_request *message)
{
	pause_take_resume_request(&supervisor_of(context)->requests, frame->header.id, message);
}

void
conversation_take_restart_request(void *context, struct frame *frame, const struct message_restart_request *message)
{
	server_restart_ask(&supervisor_of(context)->requests, frame->header.id, message);
}

void
conversation_take_log_request(void *context, struct frame *frame, const struct message_log_request *message)
{
	logs_ask(&supervisor_of(context)->requests, frame->header.id, message->lines);
}

void
conversation_take_audit_verify(void *context, struct frame *frame, const struct message_audit_verify *message)
{
	(void)message;
	audit_relay_trail_verify(&supervisor_of(context)->requests, frame->header.id);
}

void
conversation_take_identity_request(void *context, struct frame *frame, const struct message_identity_request *message)
{
	relay_ask(&supervisor_of(context)->requests, RELAY_IDENTITY, frame->header.id, message);
}

void
conversation_take_certificates_request(void *context, struct frame *frame,
    const struct message_certificates_request *message)
{
	relay_ask(&supervisor_of(context)->requests, RELAY_CERTIFICATES, frame->header.id, message);
}

void
conversation_take_operator_certificate_request(void *context, struct frame *frame,
    const struct message_operator_certificate_request *message)
{
	relay_ask(&supervisor_of(context)->requests, RELAY_OPERATOR_CERTIFICATE, frame->header.id, message);
}

void
conversation_take_rotate_request(void *context, struct frame *frame, const struct message_rotate_request *message)
{
	relay_ask(&supervisor_of(context)->requests, RELAY_ROTATE, frame->header.id, message);
}

void
conversation_take_clients_request(void *context, struct frame *frame, const struct message_clients_request *message)
{
	relay_ask(&supervisor_of(context)->requests, RELAY_CLIENTS, frame->header.id, message);
}

void
conversation_take_kill_request(void *context, struct frame *frame, const struct message_kill_request *message)
{
	relay_ask(&supervisor_of(context)->requests, RELAY_KILL, frame->header.id, message);
}

void
conversation_take_backup_request(void *context, struct frame *frame, const struct message_backup_request *message)
{
	relay_ask(&supervisor_of(context)->requests, RELAY_BACKUP, frame->header.id, message);
}

/* ---- answers ---- */

void
conversation_take_backup_report(void *context, struct frame *frame, const struct message_backup_report *message)
{
	relay_take_part(&supervisor_of(context)->requests, context, frame, message);
}

void
conversation_take_usage(void *context, struct frame *frame, const struct message_usage *message)
{
	status_take_usage(&supervisor_of(context)->requests, frame->header.id, message->memory_bytes);
}

void
conversation_take_statistics(void *context, struct frame *frame, const struct message_statistics *message)
{
	status_take_statistics(&supervisor_of(context)->requests, frame->header.id, message);
}

void
conversation_take_status_backup(void *context, struct frame *frame, const struct message_status_backup *message)
{
	(void)frame;
	status_take_backup(&supervisor_of(context)->requests, message);
}

void
conversation_take_log(void *context, struct frame *frame, const struct message_log *message)
{
	(void)message;
	if (!server_take_log(&supervisor_of(context)->server, frame->header.id, frame->fd))
		(void)logs_answer(&supervisor_of(context)->requests, frame->header.id, frame_take_fd(frame));
}

void
conversation_take_prepared(void *context, struct frame *frame, const struct message_prepared *message)
{
	reload_take_prepared(&supervisor_of(context)->reload, context, frame->header.id, message->accepted,
	    message->reason);
}

void
conversation_take_identity(void *context, struct frame *frame, const struct message_identity *message)
{
	relay_take_part(&supervisor_of(context)->requests, context, frame, message);
}

void
conversation_take_operator_certificate(void *context, struct frame *frame,
    const struct message_operator_certificate *message)
{
	relay_take_part(&supervisor_of(context)->requests, context, frame, message);
}

void
conversation_take_clients(void *context, struct frame *frame, const struct message_clients *message)
{
	relay_take_part(&supervisor_of(context)->requests, context, frame, message);
}

void
conversation_take_certificate(void *context, struct frame *frame, const struct message_certificate *message)
{
	struct supervisor *s = supervisor_of(context);

	/* Unsolicited certificates (id 0) are cached here, not relayed. */
	if (frame->header.id == 0)
		certificates_keep(&s->server, message);
	relay_take_part(&s->requests, context, frame, message);
}

void
conversation_take_result(void *context, struct frame *frame, const struct message_result *message)
{
	relay_take_result(&supervisor_of(context)->requests, context, frame->header.id, message);
}

void
conversation_take_audit_verified(void *context, struct frame *frame, const struct message_audit_verified *message)
{
	audit_relay_trail_verified(&supervisor_of(context)->requests, frame->header.id, message);
}

/* ---- the storage worker and keeper, about heads of the audit trail ---- */

void
conversation_take_audit_event(void *context, struct frame *frame, const struct message_audit_event *message)
{
	struct child *child = context;
	struct message_audit_event event = *message;

	(void)frame;
	/* Overwrite source: a worker must not log in another's name. */
	event.source = child->name;
	audit_relay_take_event(&supervisor_of(child)->audit, &event);
}

void
conversation_take_audit_sign(void *context, struct frame *frame, const struct message_audit_sign *message)
{
	const struct child *child = context;

	/* What is signed is remembered, and no entry that is made after the copy counts. */
	if (!child->is_source)
		audit_relay_trail_sign(&supervisor_of(context)->requests, frame->header.id, message);
}

void
conversation_take_audit_signed(void *context, struct frame *frame, const struct message_audit_signed *message)
{
	audit_relay_trail_signed(&supervisor_of(context)->requests, frame->header.id, message);
}

void
conversation_take_audit_check(void *context, struct frame *frame, const struct message_audit_check *message)
{
	(void)message;
	audit_relay_trail_check(&supervisor_of(context)->requests, frame->header.id, frame_take_fd(frame));
}

void
conversation_take_audit_checked(void *context, struct frame *frame, const struct message_audit_checked *message)
{
	audit_relay_trail_checked(&supervisor_of(context)->requests, frame->header.id, message);
}
