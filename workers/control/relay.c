/*
 * Asks the supervisor on behalf of a bibctl. The id that goes to the supervisor is control's own, so that no client can
 * be taken for another by the number that it chose; an answer to a client that has gone is dropped.
 */
#include <stdio.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/control/control.h"

/* What bibctl may ask by way of control. RESULT ends each answer; answers.c hands on the messages before it. */
enum control_relay_kind {
	CONTROL_RELAY_STATUS,
	CONTROL_RELAY_RELOAD,
	CONTROL_RELAY_STOP,
	CONTROL_RELAY_AUDIT_VERIFY,
	CONTROL_RELAY_LOG,
	CONTROL_RELAY_IDENTITY,
	CONTROL_RELAY_CERTIFICATES,
	CONTROL_RELAY_OPERATOR_CERTIFICATE,
	CONTROL_RELAY_ROTATE,
	CONTROL_RELAY_CLIENTS,
	CONTROL_RELAY_KILL,
	CONTROL_RELAY_BACKUP,
	CONTROL_RELAY_PAUSE,
	CONTROL_RELAY_RESUME,
	CONTROL_RELAY_RESTART,
	CONTROL_RELAYS
};

struct control_relay {
	const char *name; /* in the log and, where it is an order, in the audit trail */
	int (*send)(struct channel *supervisor, uint32_t id, const void *message); /* the message as it came */
	int64_t deadline_ms;							   /* for the whole answer */
	bool privileged; /* an order: for uid 0, and the daemon's own uid without separated privileges */
};

static int
relay_send_status(struct channel *supervisor, uint32_t id, const void *message)
{
	(void)message;
	return channel_send_status_request(supervisor, id, NULL, -1);
}

static int
relay_send_reload(struct channel *supervisor, uint32_t id, const void *message)
{
	(void)message;
	return channel_send_reload_request(supervisor, id, NULL, -1);
}

static int
relay_send_stop(struct channel *supervisor, uint32_t id, const void *message)
{
	(void)message;
	return channel_send_stop_request(supervisor, id, NULL, -1);
}

static int
relay_send_log(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_log_request(supervisor, id, message, -1);
}

static int
relay_send_audit_verify(struct channel *supervisor, uint32_t id, const void *message)
{
	(void)message;
	return channel_send_audit_verify(supervisor, id, NULL, -1);
}

static int
relay_send_identity(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_identity_request(supervisor, id, message, -1);
}

static int
relay_send_certificates(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_certificates_request(supervisor, id, message, -1);
}

static int
relay_send_operator_certificate(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_operator_certificate_request(supervisor, id, message, -1);
}

static int
relay_send_rotate(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_rotate_request(supervisor, id, message, -1);
}

static int
relay_send_clients(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_clients_request(supervisor, id, message, -1);
}

static int
relay_send_kill(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_kill_request(supervisor, id, message, -1);
}

static int
relay_send_pause(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_pause_request(supervisor, id, message, -1);
}

static int
relay_send_resume(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_resume_request(supervisor, id, message, -1);
}

static int
relay_send_restart(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_restart_request(supervisor, id, message, -1);
}

static int
relay_send_backup(struct channel *supervisor, uint32_t id, const void *message)
{
	return channel_send_backup_request(supervisor, id, message, -1);
}

static const struct control_relay relay_rows[] = {
	[CONTROL_RELAY_STATUS] = { "status", relay_send_status, CONTROL_STATUS_MS, false },
	[CONTROL_RELAY_RELOAD] = { "reload", relay_send_reload, CONTROL_RELOAD_MS, true },
	[CONTROL_RELAY_STOP] = { "stop", relay_send_stop, CONTROL_STOP_MS, true },
	[CONTROL_RELAY_AUDIT_VERIFY] = { "audit verify", relay_send_audit_verify, CONTROL_VERIFY_MS, false },
	[CONTROL_RELAY_LOG] = { "log", relay_send_log, CONTROL_LOG_MS, false },
	[CONTROL_RELAY_IDENTITY] = { "identity", relay_send_identity, CONTROL_STATUS_MS, false },
	[CONTROL_RELAY_CERTIFICATES] = { "certificates", relay_send_certificates, CONTROL_STATUS_MS, false },
	[CONTROL_RELAY_OPERATOR_CERTIFICATE] = { "certificate operator", relay_send_operator_certificate,
	    CONTROL_STATUS_MS, true },
	[CONTROL_RELAY_ROTATE] = { "rotate", relay_send_rotate, CONTROL_RELOAD_MS, true },
	[CONTROL_RELAY_CLIENTS] = { "clients", relay_send_clients, CONTROL_STATUS_MS, false },
	[CONTROL_RELAY_KILL] = { "kill", relay_send_kill, CONTROL_STATUS_MS, true },
	[CONTROL_RELAY_BACKUP] = { "backup", relay_send_backup, CONTROL_BACKUP_MS, true },
	[CONTROL_RELAY_PAUSE] = { "pause", relay_send_pause, CONTROL_PAUSE_MS, true },
	[CONTROL_RELAY_RESUME] = { "resume", relay_send_resume, CONTROL_STATUS_MS, true },
	[CONTROL_RELAY_RESTART] = { "restart server", relay_send_restart, CONTROL_PAUSE_MS, true },
};
_Static_assert(sizeof(relay_rows) / sizeof(relay_rows[0]) == CONTROL_RELAYS, "one row for each kind");

/* Writes to the audit trail who has asked for something, or was refused it. */
static void
relay_note_order(const struct control_client *client, const struct control_relay *relay, bool allowed)
{
	char code[64];
	struct message_audit_event event = { .time_us = clock_realtime_us(),
		.source = "",
		.uid = (int64_t)client->uid,
		.pid = (int64_t)client->pid,
		.code = code,
		.text = allowed ? "asked for" : "only for root",
		.result = allowed ? "started" : "refused" };

	(void)snprintf(code, sizeof(code), "order.%s", relay->name);
	(void)channel_send_audit_event(&client->control->worker->channel, 0, &event, -1);
}

static void
relay_ask(struct control_client *client, uint32_t id, enum control_relay_kind kind, const void *message)
{
	const struct control_relay *relay = &relay_rows[kind];
	struct worker *worker = client->control->worker;

	if (!control_client_may_ask(client, id))
		return;
	if (relay->privileged)
		relay_note_order(client, relay, control_client_is_privileged(client));
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
	relay_ask(context, frame->header.id, CONTROL_RELAY_STATUS, message);
}

void
control_take_reload_request(void *context, struct frame *frame, const struct message_reload_request *message)
{
	relay_ask(context, frame->header.id, CONTROL_RELAY_RELOAD, message);
}

void
control_take_stop_request(void *context, struct frame *frame, const struct message_stop_request *message)
{
	relay_ask(context, frame->header.id, CONTROL_RELAY_STOP, message);
}

void
control_take_log_request(void *context, struct frame *frame, const struct message_log_request *message)
{
	relay_ask(context, frame->header.id, CONTROL_RELAY_LOG, message);
}

void
control_take_audit_verify(void *context, struct frame *frame, const struct message_audit_verify *message)
{
	relay_ask(context, frame->header.id, CONTROL_RELAY_AUDIT_VERIFY, message);
}

void
control_take_identity_request(void *context, struct frame *frame, const struct message_identity_request *message)
{
	relay_ask(context, frame->header.id, CONTROL_RELAY_IDENTITY, message);
}

void
control_take_certificates_request(void *context, struct frame *frame,
    const struct message_certificates_request *message)
{
	relay_ask(context, frame->header.id, CONTROL_RELAY_CERTIFICATES, message);
}

void
control_take_operator_certificate_request(void *context, struct frame *frame,
    const struct message_operator_certificate_request *message)
{
	relay_ask(context, frame->header.id, CONTROL_RELAY_OPERATOR_CERTIFICATE, message);
}

void
control_take_rotate_request(void *context, struct frame *frame, const struct message_rotate_request *message)
{
	relay_ask(context, frame->header.id, CONTROL_RELAY_ROTATE, message);
}

/* The asker's uid is the one that the kernel tells, whatever the message says. */
void
control_take_clients_request(void *context, struct frame *frame, const struct message_clients_request *message)
{
	struct control_client *client = context;
	struct message_clients_request asked = { .uid =
						     control_client_is_privileged(client) ? -1 : (int64_t)client->uid };

	(void)message;
	relay_ask(client, frame->header.id, CONTROL_RELAY_CLIENTS, &asked);
}

void
control_take_kill_request(void *context, struct frame *frame, const struct message_kill_request *message)
{
	struct control_client *client = context;
	struct message_kill_request asked = { .session = message->session, .uid = (int64_t)client->uid };

	relay_ask(client, frame->header.id, CONTROL_RELAY_KILL, &asked);
}

void
control_take_pause_request(void *context, struct frame *frame, const struct message_pause_request *message)
{
	struct control_client *client = context;
	struct message_pause_request asked = *message;

	asked.uid = (int64_t)client->uid;
	relay_ask(client, frame->header.id, CONTROL_RELAY_PAUSE, &asked);
}

void
control_take_resume_request(void *context, struct frame *frame, const struct message_resume_request *message)
{
	struct control_client *client = context;
	struct message_resume_request asked = { .uid = (int64_t)client->uid };

	(void)message;
	relay_ask(client, frame->header.id, CONTROL_RELAY_RESUME, &asked);
}

void
control_take_restart_request(void *context, struct frame *frame, const struct message_restart_request *message)
{
	struct control_client *client = context;
	struct message_restart_request asked = { .uid = (int64_t)client->uid };

	(void)message;
	relay_ask(client, frame->header.id, CONTROL_RELAY_RESTART, &asked);
}

void
control_take_backup_request(void *context, struct frame *frame, const struct message_backup_request *message)
{
	relay_ask(context, frame->header.id, CONTROL_RELAY_BACKUP, message);
}
