/*
 * What is asked of the supervisor on behalf of a bibctl. The id that travels to the supervisor is ours, so that no
 * client can be taken for another by the number it chose; an answer to a client that has gone is dropped.
 */
#include "common/log.h"
#include "workers/control/control.h"

struct status_relay {
	const char *name;
	int (*send)(struct channel *supervisor, uint32_t id);
	int64_t deadline_ms;
	bool privileged;
};

static int
status_send_status(struct channel *supervisor, uint32_t id)
{
	return channel_send_status_request(supervisor, id, NULL, -1);
}

static int
status_send_reload(struct channel *supervisor, uint32_t id)
{
	return channel_send_reload_request(supervisor, id, NULL, -1);
}

static int
status_send_stop(struct channel *supervisor, uint32_t id)
{
	return channel_send_stop_request(supervisor, id, NULL, -1);
}

static const struct status_relay status_relay_status = { "status", status_send_status, CONTROL_STATUS_MS, false };
static const struct status_relay status_relay_reload = { "reload", status_send_reload, CONTROL_RELOAD_MS, true };
static const struct status_relay status_relay_stop = { "stop", status_send_stop, CONTROL_STOP_MS, true };

static void
status_relay_request(struct control_client *client, uint32_t id, const struct status_relay *relay)
{
	struct worker *worker = client->control->worker;

	if (!control_client_may_ask(client, id))
		return;
	if (relay->privileged && !control_client_is_privileged(client)) {
		log_notice("refused %s to uid %u (pid %d)", relay->name, (unsigned)client->uid, (int)client->pid);
		control_client_answer(client, id, STATUS_PERMISSION, "control.permission",
		    "only root and the user that bibd runs as may do that");
		return;
	}
	if (relay->privileged)
		log_notice("%s asked for by uid %u (pid %d)", relay->name, (unsigned)client->uid, (int)client->pid);
	client->asked_id = id;
	client->relayed_id = channel_next_id(&worker->channel);
	if (relay->send(&worker->channel, client->relayed_id) == -1) {
		control_client_answer(client, id, STATUS_UNAVAILABLE, "control.supervisor",
		    "the control worker cannot reach bibd; its log says why");
		return;
	}
	control_client_await(client, relay->deadline_ms);
}

void
control_take_status_request(void *context, struct frame *frame, const struct message_status_request *message)
{
	(void)message;
	status_relay_request(context, frame->header.id, &status_relay_status);
}

void
control_take_reload_request(void *context, struct frame *frame, const struct message_reload_request *message)
{
	(void)message;
	status_relay_request(context, frame->header.id, &status_relay_reload);
}

void
control_take_stop_request(void *context, struct frame *frame, const struct message_stop_request *message)
{
	(void)message;
	status_relay_request(context, frame->header.id, &status_relay_stop);
}

/* ---- the supervisor's answers ---- */

/* Who asked, or NULL when nobody waits for it any more. */
static struct control_client *
status_asker(const struct worker *worker, uint32_t relayed_id)
{
	const struct control *control = worker->state;
	struct control_client *client;

	if (control == NULL || relayed_id == 0)
		return NULL;
	TAILQ_FOREACH(client, &control->clients, entry)
		if (client->relayed_id == relayed_id)
			return client;
	return NULL;
}

void
control_relay_status_node(void *context, struct frame *frame, const struct message_status_node *message)
{
	struct control_client *client = status_asker(context, frame->header.id);

	if (client != NULL)
		(void)channel_send_status_node(&client->channel, client->asked_id, message, -1);
}

void
control_relay_status_process(void *context, struct frame *frame, const struct message_status_process *message)
{
	struct control_client *client = status_asker(context, frame->header.id);

	if (client != NULL)
		(void)channel_send_status_process(&client->channel, client->asked_id, message, -1);
}

void
control_relay_statistics(void *context, struct frame *frame, const struct message_statistics *message)
{
	struct control_client *client = status_asker(context, frame->header.id);

	if (client != NULL)
		(void)channel_send_statistics(&client->channel, client->asked_id, message, -1);
}

void
control_relay_result(void *context, struct frame *frame, const struct message_result *message)
{
	struct control_client *client = status_asker(context, frame->header.id);

	if (client != NULL)
		control_client_answer(client, client->asked_id, (enum status)message->status, message->code, message->text);
}
