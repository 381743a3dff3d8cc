/*
 * What is asked of the supervisor on behalf of a bibctl. The id that travels to the supervisor is ours, so that no
 * client can be taken for another by the number it chose; an answer to a client that has gone is dropped.
 */
#include <stdio.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/control/control.h"

struct status_relay {
	const char *name;
	int (*send)(struct channel *supervisor, uint32_t id, const void *message); /* the message as it came */
	int64_t deadline_ms;
	bool privileged;
};

static int
status_send_status(struct channel *supervisor, uint32_t id, const void *message)
{
	(void)message;
	return channel_send_status_request(supervisor, id, NULL, -1);
}

static int
status_send_reload(struct channel *supervisor, uint32_t id, const void *message)
{
	(void)message;
	return channel_send_reload_request(supervisor, id, NULL, -1);
}

static int
status_send_stop(struct channel *supervisor, uint32_t id, const void *message)
{
	(void)message;
	return channel_send_stop_request(supervisor, id, NULL, -1);
}

static int
status_send_log(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_log_request(supervisor, id, message, -1);
}

static int
status_send_audit_verify(struct channel *supervisor, uint32_t id, const void *message)
{
	(void)message;
	return channel_send_audit_verify(supervisor, id, NULL, -1);
}

static int
status_send_identity(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_identity_request(supervisor, id, message, -1);
}

static int
status_send_certificates(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_certificates_request(supervisor, id, message, -1);
}

static int
status_send_operator_certificate(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_operator_certificate_request(supervisor, id, message, -1);
}

static int
status_send_rotate(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_rotate_request(supervisor, id, message, -1);
}

static int
status_send_clients(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_clients_request(supervisor, id, message, -1);
}

static int
status_send_kill(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_kill_request(supervisor, id, message, -1);
}

static int
status_send_pause(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_pause_request(supervisor, id, message, -1);
}

static int
status_send_resume(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_resume_request(supervisor, id, message, -1);
}

static int
status_send_restart(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_restart_request(supervisor, id, message, -1);
}

static const struct status_relay status_relay_status = { "status", status_send_status, CONTROL_STATUS_MS, false };
static const struct status_relay status_relay_reload = { "reload", status_send_reload, CONTROL_RELOAD_MS, true };
static const struct status_relay status_relay_stop = { "stop", status_send_stop, CONTROL_STOP_MS, true };
static const struct status_relay status_relay_audit_verify = { "audit verify", status_send_audit_verify,
	CONTROL_VERIFY_MS, false };

static const struct status_relay status_relay_log = { "log", status_send_log, CONTROL_LOG_MS, false };
static const struct status_relay status_relay_identity = { "identity", status_send_identity, CONTROL_STATUS_MS, false };
static const struct status_relay status_relay_certificates = { "certificates", status_send_certificates,
	CONTROL_STATUS_MS, false };
static const struct status_relay status_relay_operator_certificate = { "certificate operator",
	status_send_operator_certificate, CONTROL_STATUS_MS, true };
static const struct status_relay status_relay_rotate = { "rotate", status_send_rotate, CONTROL_RELOAD_MS, true };
static const struct status_relay status_relay_clients = { "clients", status_send_clients, CONTROL_STATUS_MS, false };
static const struct status_relay status_relay_kill = { "kill", status_send_kill, CONTROL_STATUS_MS, true };
static const struct status_relay status_relay_pause = { "pause", status_send_pause, CONTROL_PAUSE_MS, true };
static const struct status_relay status_relay_resume = { "resume", status_send_resume, CONTROL_STATUS_MS, true };
static const struct status_relay status_relay_restart = { "restart server", status_send_restart, CONTROL_PAUSE_MS, true };

/* Who orders something is in the audit trail, and who may not. */
static void
status_note_order(const struct control_client *client, const struct status_relay *relay, bool allowed)
{
	char code[64];
	struct message_audit_event event = { .time_us = clock_realtime_us(), .source = "", .uid = (int64_t)client->uid,
		.pid = (int64_t)client->pid, .code = code, .text = allowed ? "asked for" : "only for root",
		.result = allowed ? "started" : "refused" };

	(void)snprintf(code, sizeof(code), "order.%s", relay->name);
	(void)channel_send_audit_event(&client->control->worker->channel, 0, &event, -1);
}

static void
status_relay_request(struct control_client *client, uint32_t id, const struct status_relay *relay, const void *message)
{
	struct worker *worker = client->control->worker;

	if (!control_client_may_ask(client, id))
		return;
	if (relay->privileged)
		status_note_order(client, relay, control_client_is_privileged(client));
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
	if (relay->send(&worker->channel, client->relayed_id, message) == -1) {
		control_client_answer(client, id, STATUS_UNAVAILABLE, "control.supervisor",
		    "the control worker cannot reach bibd; its log says why");
		return;
	}
	control_client_await(client, relay->deadline_ms);
}

void
control_take_status_request(void *context, struct frame *frame, const struct message_status_request *message)
{
	status_relay_request(context, frame->header.id, &status_relay_status, message);
}

void
control_take_reload_request(void *context, struct frame *frame, const struct message_reload_request *message)
{
	status_relay_request(context, frame->header.id, &status_relay_reload, message);
}

void
control_take_stop_request(void *context, struct frame *frame, const struct message_stop_request *message)
{
	status_relay_request(context, frame->header.id, &status_relay_stop, message);
}

void
control_take_log_request(void *context, struct frame *frame, const struct message_log_request *message)
{
	status_relay_request(context, frame->header.id, &status_relay_log, message);
}

void
control_take_audit_verify(void *context, struct frame *frame, const struct message_audit_verify *message)
{
	status_relay_request(context, frame->header.id, &status_relay_audit_verify, message);
}

void
control_take_identity_request(void *context, struct frame *frame, const struct message_identity_request *message)
{
	status_relay_request(context, frame->header.id, &status_relay_identity, message);
}

void
control_take_certificates_request(void *context, struct frame *frame,
    const struct message_certificates_request *message)
{
	status_relay_request(context, frame->header.id, &status_relay_certificates, message);
}

void
control_take_operator_certificate_request(void *context, struct frame *frame,
    const struct message_operator_certificate_request *message)
{
	status_relay_request(context, frame->header.id, &status_relay_operator_certificate, message);
}

void
control_take_rotate_request(void *context, struct frame *frame, const struct message_rotate_request *message)
{
	status_relay_request(context, frame->header.id, &status_relay_rotate, message);
}

/* Who asks is what the kernel says, not the message. */
void
control_take_clients_request(void *context, struct frame *frame, const struct message_clients_request *message)
{
	struct control_client *client = context;
	struct message_clients_request asked = {
		.uid = control_client_is_privileged(client) ? -1 : (int64_t)client->uid
	};

	(void)message;
	status_relay_request(client, frame->header.id, &status_relay_clients, &asked);
}

void
control_take_kill_request(void *context, struct frame *frame, const struct message_kill_request *message)
{
	struct control_client *client = context;
	struct message_kill_request asked = { .session = message->session, .uid = (int64_t)client->uid };

	status_relay_request(client, frame->header.id, &status_relay_kill, &asked);
}

void
control_take_pause_request(void *context, struct frame *frame, const struct message_pause_request *message)
{
	struct control_client *client = context;
	struct message_pause_request asked = *message;

	asked.uid = (int64_t)client->uid;
	status_relay_request(client, frame->header.id, &status_relay_pause, &asked);
}

void
control_take_resume_request(void *context, struct frame *frame, const struct message_resume_request *message)
{
	struct control_client *client = context;
	struct message_resume_request asked = { .uid = (int64_t)client->uid };

	(void)message;
	status_relay_request(client, frame->header.id, &status_relay_resume, &asked);
}

void
control_take_restart_request(void *context, struct frame *frame, const struct message_restart_request *message)
{
	struct control_client *client = context;
	struct message_restart_request asked = { .uid = (int64_t)client->uid };

	(void)message;
	status_relay_request(client, frame->header.id, &status_relay_restart, &asked);
}

/* ---- the supervisor's answers ---- */

/* Who asked, or NULL when nobody waits for it any more. */
static struct control_client *
status_asker(const struct control *control, uint32_t relayed_id)
{
	struct control_client *client;

	if (relayed_id == 0)
		return NULL;
	TAILQ_FOREACH(client, &control->clients, entry)
		if (client->relayed_id == relayed_id)
			return client;
	return NULL;
}

/* For whom an answer is: a bibctl, or those who read metrics, or nobody. */
struct status_receiver {
	struct control_client *client;
	struct snapshot *snapshot;
};

static struct status_receiver
status_receiver(const struct worker *worker, const struct frame *frame)
{
	struct control *control = worker->state;

	if (control == NULL)
		return (struct status_receiver) { NULL, NULL };
	return (struct status_receiver) {
		status_asker(control, frame->header.id), control_scrape_snapshot(control, frame->header.id)
	};
}

/* What only this process counts goes out beside the supervisor's part. */
static void
status_send_failures(struct control_client *client)
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
	struct status_receiver to = status_receiver(context, frame);

	if (to.snapshot != NULL)
		snapshot_keep_node(to.snapshot, message);
	if (to.client == NULL)
		return;
	(void)channel_send_status_node(&to.client->channel, to.client->asked_id, message, -1);
	status_send_failures(to.client);
}

void
control_relay_status_process(void *context, struct frame *frame, const struct message_status_process *message)
{
	struct status_receiver to = status_receiver(context, frame);

	if (to.snapshot != NULL)
		snapshot_keep_process(to.snapshot, message);
	if (to.client != NULL)
		(void)channel_send_status_process(&to.client->channel, to.client->asked_id, message, -1);
}

void
control_relay_status_server(void *context, struct frame *frame, const struct message_status_server *message)
{
	struct status_receiver to = status_receiver(context, frame);

	if (to.snapshot != NULL)
		snapshot_keep_server(to.snapshot, message);
	if (to.client != NULL)
		(void)channel_send_status_server(&to.client->channel, to.client->asked_id, message, -1);
}

void
control_relay_status_disk(void *context, struct frame *frame, const struct message_status_disk *message)
{
	struct status_receiver to = status_receiver(context, frame);

	if (to.snapshot != NULL)
		snapshot_keep_disk(to.snapshot, message);
	if (to.client != NULL)
		(void)channel_send_status_disk(&to.client->channel, to.client->asked_id, message, -1);
}

void
control_relay_statistics(void *context, struct frame *frame, const struct message_statistics *message)
{
	struct status_receiver to = status_receiver(context, frame);

	if (to.snapshot != NULL)
		snapshot_keep_statistics(to.snapshot, message);
	if (to.client != NULL)
		(void)channel_send_statistics(&to.client->channel, to.client->asked_id, message, -1);
}

void
control_relay_audit_verified(void *context, struct frame *frame, const struct message_audit_verified *message)
{
	struct status_receiver to = status_receiver(context, frame);

	if (to.client != NULL)
		(void)channel_send_audit_verified(&to.client->channel, to.client->asked_id, message, -1);
}

void
control_relay_identity(void *context, struct frame *frame, const struct message_identity *message)
{
	struct status_receiver to = status_receiver(context, frame);

	if (to.client != NULL)
		(void)channel_send_identity(&to.client->channel, to.client->asked_id, message, -1);
}

void
control_relay_certificate(void *context, struct frame *frame, const struct message_certificate *message)
{
	struct status_receiver to = status_receiver(context, frame);

	if (to.snapshot != NULL)
		snapshot_keep_certificate(to.snapshot, message);
	if (to.client != NULL)
		(void)channel_send_certificate(&to.client->channel, to.client->asked_id, message, -1);
}

void
control_relay_operator_certificate(void *context, struct frame *frame,
    const struct message_operator_certificate *message)
{
	struct status_receiver to = status_receiver(context, frame);

	(void)message;
	if (to.client != NULL)
		(void)channel_send_operator_certificate(&to.client->channel, to.client->asked_id, NULL, frame_take_fd(frame));
}

/* The log itself is not looked at here: its descriptor goes on as it came. */
void
control_relay_log(void *context, struct frame *frame, const struct message_log *message)
{
	struct status_receiver to = status_receiver(context, frame);

	(void)message;
	if (to.client != NULL)
		(void)channel_send_log(&to.client->channel, to.client->asked_id, NULL, frame_take_fd(frame));
}

/* As the log. */
void
control_relay_clients(void *context, struct frame *frame, const struct message_clients *message)
{
	struct status_receiver to = status_receiver(context, frame);

	(void)message;
	if (to.client != NULL)
		(void)channel_send_clients(&to.client->channel, to.client->asked_id, NULL, frame_take_fd(frame));
}

void
control_relay_result(void *context, struct frame *frame, const struct message_result *message)
{
	struct worker *worker = context;
	struct status_receiver to = status_receiver(worker, frame);

	if (to.snapshot != NULL)
		control_scrape_finish(worker->state);
	if (to.client != NULL)
		control_client_answer(to.client, to.client->asked_id, (enum status)message->status, message->code,
		    message->text);
}
