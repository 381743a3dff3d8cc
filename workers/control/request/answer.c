/* The frames of an answer, as they come in. */
#include "workers/control/request/answer.h"

#include <stdio.h>
#include <string.h>

void
commands_set_result(struct commands_answer *answer, const struct error *e)
{
	answer->done = true;
	answer->result = *e;
}

static void
commands_take_status_node(void *context, struct frame *frame, const struct message_status_node *message)
{
	struct commands_answer *answer = context;

	if (frame->header.id == COMMANDS_REQUEST_ID)
		snapshot_keep_node(&answer->status, message);
}

static void
commands_take_status_process(void *context, struct frame *frame, const struct message_status_process *message)
{
	struct commands_answer *answer = context;

	if (frame->header.id == COMMANDS_REQUEST_ID)
		snapshot_keep_process(&answer->status, message);
}

static void
commands_take_statistics(void *context, struct frame *frame, const struct message_statistics *message)
{
	struct commands_answer *answer = context;

	if (frame->header.id == COMMANDS_REQUEST_ID)
		snapshot_keep_statistics(&answer->status, message);
}

static void
commands_take_status_server(void *context, struct frame *frame, const struct message_status_server *message)
{
	struct commands_answer *answer = context;

	if (frame->header.id == COMMANDS_REQUEST_ID)
		snapshot_keep_server(&answer->status, message);
}

static void
commands_take_status_failure(void *context, struct frame *frame, const struct message_status_failure *message)
{
	struct commands_answer *answer = context;

	if (frame->header.id == COMMANDS_REQUEST_ID)
		snapshot_keep_failure(&answer->status, message);
}

static void
commands_take_status_backup(void *context, struct frame *frame, const struct message_status_backup *message)
{
	struct commands_answer *answer = context;

	if (frame->header.id == COMMANDS_REQUEST_ID)
		snapshot_keep_backup(&answer->status, message);
}

static void
commands_take_status_disk(void *context, struct frame *frame, const struct message_status_disk *message)
{
	struct commands_answer *answer = context;

	if (frame->header.id == COMMANDS_REQUEST_ID)
		snapshot_keep_disk(&answer->status, message);
}

static void
commands_take_log(void *context, struct frame *frame, const struct message_log *message)
{
	struct commands_answer *answer = context;

	(void)message;
	if (frame->header.id != COMMANDS_REQUEST_ID || answer->fd != -1)
		return;
	answer->fd = frame_take_fd(frame);
}

static void
commands_take_clients(void *context, struct frame *frame, const struct message_clients *message)
{
	struct commands_answer *answer = context;

	(void)message;
	if (frame->header.id == COMMANDS_REQUEST_ID && answer->fd == -1)
		answer->fd = frame_take_fd(frame);
}

static void
commands_take_operator_certificate(void *context, struct frame *frame,
    const struct message_operator_certificate *message)
{
	struct commands_answer *answer = context;

	(void)message;
	if (frame->header.id == COMMANDS_REQUEST_ID && answer->fd == -1)
		answer->fd = frame_take_fd(frame);
}

static void
commands_take_backup_report(void *context, struct frame *frame, const struct message_backup_report *message)
{
	struct commands_answer *answer = context;

	(void)message;
	if (frame->header.id == COMMANDS_REQUEST_ID && answer->fd == -1)
		answer->fd = frame_take_fd(frame);
}

static void
commands_take_identity(void *context, struct frame *frame, const struct message_identity *message)
{
	struct commands_answer *answer = context;

	if (frame->header.id != COMMANDS_REQUEST_ID)
		return;
	(void)snprintf(answer->fingerprint, sizeof(answer->fingerprint), "%s", message->fingerprint);
	(void)snprintf(answer->public_pem, sizeof(answer->public_pem), "%s", message->public_pem);
}

static void
commands_take_certificate(void *context, struct frame *frame, const struct message_certificate *message)
{
	struct commands_answer *answer = context;

	if (frame->header.id == COMMANDS_REQUEST_ID)
		snapshot_keep_certificate(&answer->status, message);
}

static void
commands_take_audit_verified(void *context, struct frame *frame, const struct message_audit_verified *message)
{
	struct commands_answer *answer = context;

	if (frame->header.id != COMMANDS_REQUEST_ID)
		return;
	answer->verified = true;
	answer->audit = *message;
	answer->audit.why = "";
}

static bool
commands_wants_event(const struct bibctl *bibctl, const struct message_event *event)
{
	const char *only = bibctl->only;

	if (event->time_us < bibctl->since_us)
		return false;
	return only == NULL || strcmp(event->source, only) == 0 || strncmp(event->code, only, strlen(only)) == 0;
}

static void
commands_keep_event(struct bibctl_recent *recent, const struct message_event *event)
{
	size_t i = recent->count++ % BIBCTL_RECENT;

	recent->events[i].number = event->number;
	recent->events[i].time_us = event->time_us;
	(void)snprintf(recent->events[i].source, sizeof(recent->events[i].source), "%s", event->source);
	(void)snprintf(recent->events[i].code, sizeof(recent->events[i].code), "%s", event->code);
	(void)snprintf(recent->events[i].text, sizeof(recent->events[i].text), "%s", event->text);
}

static void
commands_take_event(void *context, struct frame *frame, const struct message_event *message)
{
	struct commands_answer *answer = context;

	if (frame->header.id != COMMANDS_REQUEST_ID || !commands_wants_event(answer->bibctl, message))
		return;
	if (answer->bibctl->story != NULL)
		story_add(answer->bibctl->story, message->time_us, message->source, message->code, message->text);
	else if (answer->bibctl->recent != NULL)
		commands_keep_event(answer->bibctl->recent, message);
	else
		answer->bibctl->output->event(&answer->bibctl->render, message);
}

static void
commands_take_result(void *context, struct frame *frame, const struct message_result *message)
{
	struct commands_answer *answer = context;

	if (frame->header.id != COMMANDS_REQUEST_ID && frame->header.id != 0)
		return;
	answer->done = true;
	(void)error_set(&answer->result, (enum status)message->status, answer->code, "%s", message->text);
	(void)snprintf(answer->code, sizeof(answer->code), "%s", message->code);
}

void
commands_receive(struct commands_answer *answer, struct bibctl_connection *connection, int64_t deadline)
{
	static const struct message_handlers handlers = {
		.status_node = commands_take_status_node,
		.status_process = commands_take_status_process,
		.status_server = commands_take_status_server,
		.status_disk = commands_take_status_disk,
		.status_backup = commands_take_status_backup,
		.status_failure = commands_take_status_failure,
		.statistics = commands_take_statistics,
		.log = commands_take_log,
		.clients = commands_take_clients,
		.backup_report = commands_take_backup_report,
		.audit_verified = commands_take_audit_verified,
		.identity = commands_take_identity,
		.certificate = commands_take_certificate,
		.operator_certificate = commands_take_operator_certificate,
		.event = commands_take_event,
		.result = commands_take_result,
	};
	struct error e;

	while (!answer->done)
		if (bibctl_receive(connection, &handlers, answer, deadline, &e) == -1) {
			(void)error_prefix(&e, "%s: ", answer->bibctl->path);
			commands_set_result(answer, &e);
		}
}
