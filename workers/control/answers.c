/*
 * What the supervisor answers, handed on as it comes: to the bibctl that asked, to those who read metrics, or to nobody
 * when they have gone.
 */
#include "workers/control/control.h"

/* The client that asked, or NULL when it has gone. */
static struct control_client *
answers_find_asker(const struct control *control, uint32_t relayed_id)
{
	struct control_client *client;

	if (relayed_id == 0)
		return NULL;
	TAILQ_FOREACH(client, &control->clients, entry)
	if (client->relayed_id == relayed_id)
		return client;
	return NULL;
}

/* The receiver of an answer: a bibctl, the readers of the metrics, or nobody. */
struct answers_receiver {
	struct control_client *client;
	struct snapshot *snapshot;
};

static struct answers_receiver
answers_receiver(const struct worker *worker, const struct frame *frame)
{
	struct control *control = worker->state;

	if (control == NULL)
		return (struct answers_receiver) { NULL, NULL };
	return (struct answers_receiver) { answers_find_asker(control, frame->header.id),
		control_scrape_snapshot(control, frame->header.id) };
}

/* Sends STATUS_FAILURE: failures are counted in this process alone, and go out beside the supervisor's part. */
static void
answers_send_failures(struct control_client *client)
{
	const struct control_failures *failures = &client->control->failures;

	for (size_t i = 0; i < failures->count; i++) {
		struct message_status_failure failure = control_failures_get(failures, i);

		(void)channel_send_status_failure(&client->channel, client->asked_id, &failure, -1);
	}
}

void
control_relay_status_node(void *context, struct frame *frame, const struct message_status_node *message)
{
	struct answers_receiver to = answers_receiver(context, frame);

	if (to.snapshot != NULL)
		snapshot_keep_node(to.snapshot, message);
	if (to.client == NULL)
		return;
	(void)channel_send_status_node(&to.client->channel, to.client->asked_id, message, -1);
	answers_send_failures(to.client);
}

void
control_relay_status_process(void *context, struct frame *frame, const struct message_status_process *message)
{
	struct answers_receiver to = answers_receiver(context, frame);

	if (to.snapshot != NULL)
		snapshot_keep_process(to.snapshot, message);
	if (to.client != NULL)
		(void)channel_send_status_process(&to.client->channel, to.client->asked_id, message, -1);
}

void
control_relay_status_server(void *context, struct frame *frame, const struct message_status_server *message)
{
	struct answers_receiver to = answers_receiver(context, frame);

	if (to.snapshot != NULL)
		snapshot_keep_server(to.snapshot, message);
	if (to.client != NULL)
		(void)channel_send_status_server(&to.client->channel, to.client->asked_id, message, -1);
}

void
control_relay_status_disk(void *context, struct frame *frame, const struct message_status_disk *message)
{
	struct answers_receiver to = answers_receiver(context, frame);

	if (to.snapshot != NULL)
		snapshot_keep_disk(to.snapshot, message);
	if (to.client != NULL)
		(void)channel_send_status_disk(&to.client->channel, to.client->asked_id, message, -1);
}

void
control_relay_status_backup(void *context, struct frame *frame, const struct message_status_backup *message)
{
	struct answers_receiver to = answers_receiver(context, frame);

	if (to.snapshot != NULL)
		snapshot_keep_backup(to.snapshot, message);
	if (to.client != NULL)
		(void)channel_send_status_backup(&to.client->channel, to.client->asked_id, message, -1);
}

void
control_relay_statistics(void *context, struct frame *frame, const struct message_statistics *message)
{
	struct answers_receiver to = answers_receiver(context, frame);

	if (to.snapshot != NULL)
		snapshot_keep_statistics(to.snapshot, message);
	if (to.client != NULL)
		(void)channel_send_statistics(&to.client->channel, to.client->asked_id, message, -1);
}

void
control_relay_audit_verified(void *context, struct frame *frame, const struct message_audit_verified *message)
{
	struct answers_receiver to = answers_receiver(context, frame);

	if (to.client != NULL)
		(void)channel_send_audit_verified(&to.client->channel, to.client->asked_id, message, -1);
}

void
control_relay_identity(void *context, struct frame *frame, const struct message_identity *message)
{
	struct answers_receiver to = answers_receiver(context, frame);

	if (to.client != NULL)
		(void)channel_send_identity(&to.client->channel, to.client->asked_id, message, -1);
}

void
control_relay_certificate(void *context, struct frame *frame, const struct message_certificate *message)
{
	struct answers_receiver to = answers_receiver(context, frame);

	if (to.snapshot != NULL)
		snapshot_keep_certificate(to.snapshot, message);
	if (to.client != NULL)
		(void)channel_send_certificate(&to.client->channel, to.client->asked_id, message, -1);
}

void
control_relay_operator_certificate(void *context, struct frame *frame,
    const struct message_operator_certificate *message)
{
	struct answers_receiver to = answers_receiver(context, frame);

	(void)message;
	if (to.client != NULL)
		(void)channel_send_operator_certificate(&to.client->channel, to.client->asked_id, NULL,
		    frame_take_fd(frame));
}

/* Control does not read the log: it passes the descriptor on as it came. */
void
control_relay_log(void *context, struct frame *frame, const struct message_log *message)
{
	struct answers_receiver to = answers_receiver(context, frame);

	(void)message;
	if (to.client != NULL)
		(void)channel_send_log(&to.client->channel, to.client->asked_id, NULL, frame_take_fd(frame));
}

/* As with the log, the descriptor goes on unread. */
void
control_relay_clients(void *context, struct frame *frame, const struct message_clients *message)
{
	struct answers_receiver to = answers_receiver(context, frame);

	(void)message;
	if (to.client != NULL)
		(void)channel_send_clients(&to.client->channel, to.client->asked_id, NULL, frame_take_fd(frame));
}

void
control_relay_backup_report(void *context, struct frame *frame, const struct message_backup_report *message)
{
	struct answers_receiver to = answers_receiver(context, frame);

	(void)message;
	if (to.client != NULL)
		(void)channel_send_backup_report(&to.client->channel, to.client->asked_id, NULL, frame_take_fd(frame));
}

void
control_relay_result(void *context, struct frame *frame, const struct message_result *message)
{
	struct worker *worker = context;
	struct answers_receiver to = answers_receiver(worker, frame);

	if (to.snapshot != NULL)
		control_scrape_finish(worker->state);
	if (to.client != NULL)
		control_client_answer(to.client, to.client->asked_id, (enum status)message->status, message->code,
		    message->text);
}
