/*
 * The connections of bibctl: who is let in, how they greet, how long they may stay, how they end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/control/control.h"

#define CLIENTS_REFUSAL_LOG_MS 1000
#define CLIENTS_LAST_WORDS_MS 200

static bool
clients_privileged_uid(const struct control *control, uid_t uid)
{
	/* With separated privileges control runs as a user of its own, as which no operator gives orders. */
	return uid == 0 || (!control->worker->separated && uid == getuid());
}

bool
control_client_is_privileged(const struct control_client *client)
{
	return clients_privileged_uid(client->control, client->uid);
}

void
control_client_end(struct control_client *client)
{
	struct control *control = client->control;

	loop_timer_cancel(&client->deadline);
	loop_timer_cancel(&client->pump);
	channel_close(&client->channel);
	TAILQ_REMOVE(&control->clients, client, entry);
	control->nclients--;
	free(client);
}

static void
clients_closed(struct channel *channel, const struct error *why)
{
	struct control_client *client = channel->context;

	log_debug("bibctl of uid %u (pid %d): %s", (unsigned)client->uid, (int)client->pid, why->text);
	control_client_end(client);
}

static void
clients_send_result(struct control_client *client, uint32_t id, enum status status, const char *code, const char *text)
{
	struct message_result result = { .status = (uint32_t)status, .code = code, .text = text };

	(void)channel_send_result(&client->channel, id, &result, -1);
}

/* ---- deadlines and answers ---- */

static void
clients_deadline(struct loop_timer *timer)
{
	struct control_client *client = timer->arg;

	if (client->relayed_id != 0) {
		control_client_answer(client, client->asked_id, STATUS_UNAVAILABLE, "control.timeout",
		    "bibd took too long to answer; its log says what it is doing");
		return;
	}
	log_debug("bibctl of uid %u (pid %d): silent for too long", (unsigned)client->uid, (int)client->pid);
	control_client_end(client);
}

void
control_client_await(struct control_client *client, int64_t ms)
{
	loop_timer_set(&client->control->worker->loop, &client->deadline, ms, clients_deadline, client);
}

void
control_client_answer(struct control_client *client, uint32_t id, enum status status, const char *code,
    const char *text)
{
	client->relayed_id = 0;
	clients_send_result(client, id, status, code, text);
	control_client_await(client, CONTROL_IDLE_MS);
}

bool
control_client_may_ask(struct control_client *client, uint32_t id)
{
	if (!client->greeted || client->channel.queued > CONTROL_BACKLOG_MAX) {
		log_debug("bibctl of uid %u (pid %d): %s", (unsigned)client->uid, (int)client->pid,
		    client->greeted ? "does not read its answers" : "asks before HELLO");
		control_client_end(client);
		return false;
	}
	if (client->relayed_id != 0 || client->replaying || client->following) {
		clients_send_result(client, id, STATUS_USAGE, "control.busy",
		    "one request at a time: another is under way");
		return false;
	}
	return true;
}

/* ---- HELLO ---- */

static void
clients_refuse_version(struct control_client *client, uint32_t id, const struct message_hello *message)
{
	char text[ERROR_TEXT_MAX];
	int n;

	n = snprintf(text, sizeof(text),
	    "bibctl %.64s (protocol %u) and the running bibd %s (protocol %u) are of different builds: "
	    "restart bibd, or use the bibctl it came with",
	    message->version, message->protocol, PACKAGE_VERSION, (unsigned)MESSAGE_CONTROL_PROTOCOL);
	clients_send_result(client, id, STATUS_USAGE, "control.version", n < 0 ? "different builds" : text);
	control_client_end(client);
}

static void
clients_take_hello(void *context, struct frame *frame, const struct message_hello *message)
{
	struct control_client *client = context;
	struct message_hello hello = { .protocol = MESSAGE_CONTROL_PROTOCOL,
		.table_hash = message_table_hash(),
		.version = PACKAGE_VERSION };

	if (client->greeted) {
		control_client_end(client);
		return;
	}
	/* Sent also to another build: HELLO is the one frame that it can read for certain. */
	(void)channel_send_hello(&client->channel, frame->header.id, &hello, -1);
	if (message->protocol != hello.protocol || message->table_hash != hello.table_hash) {
		clients_refuse_version(client, frame->header.id, message);
		return;
	}
	client->greeted = true;
	control_client_await(client, CONTROL_IDLE_MS);
}

static const struct message_handlers clients_handlers = {
	.hello = clients_take_hello,
	.status_request = control_take_status_request,
	.reload_request = control_take_reload_request,
	.stop_request = control_take_stop_request,
	.identity_request = control_take_identity_request,
	.certificates_request = control_take_certificates_request,
	.operator_certificate_request = control_take_operator_certificate_request,
	.rotate_request = control_take_rotate_request,
	.log_request = control_take_log_request,
	.clients_request = control_take_clients_request,
	.kill_request = control_take_kill_request,
	.backup_request = control_take_backup_request,
	.pause_request = control_take_pause_request,
	.resume_request = control_take_resume_request,
	.restart_request = control_take_restart_request,
	.audit_verify = control_take_audit_verify,
	.events_request = control_take_events_request,
};

/* ---- who is let in ---- */

static unsigned
clients_of_uid(const struct control *control, uid_t uid)
{
	const struct control_client *client;
	unsigned count = 0;

	TAILQ_FOREACH(client, &control->clients, entry)
	if (client->uid == uid)
		count++;
	return count;
}

/* Why this uid is not let in now, or NULL. */
static const char *
clients_refusal(const struct control *control, uid_t uid)
{
	unsigned max = CONTROL_CLIENTS_MAX;

	if (!clients_privileged_uid(control, uid))
		max -= CONTROL_CLIENTS_RESERVED;
	if (control->nclients >= max)
		return "too many control connections are open: end some and try again";
	if (clients_of_uid(control, uid) >= CONTROL_CLIENTS_PER_UID)
		return "this user has too many control connections open: end some and try again";
	return NULL;
}

/* This connection gets the refusal and nothing more, so that it costs no memory when all places are taken. */
static void
clients_refuse(struct control *control, int fd, uid_t uid, const char *why)
{
	struct message_result result = { .status = STATUS_UNAVAILABLE, .code = "control.full", .text = why };
	struct frame frame;
	int64_t now = clock_now_ms();

	if (message_encode_result(&frame, 0, &result, -1, NULL) == 0)
		(void)frame_send(fd, &frame, NULL);
	close(fd);
	if (now - control->refusal_logged_at < CLIENTS_REFUSAL_LOG_MS && control->refusal_logged_at != 0)
		return;
	control->refusal_logged_at = now;
	log_warning("refused a control connection of uid %u: %s", (unsigned)uid, why);
}

void
control_admit(struct control *control, int fd)
{
	struct loop *loop = &control->worker->loop;
	struct control_client *client;
	struct ucred peer;
	socklen_t size = sizeof(peer);
	const char *why;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == -1) {
		close(fd);
		return;
	}
	if ((why = clients_refusal(control, peer.uid)) != NULL) {
		clients_refuse(control, fd, peer.uid, why);
		return;
	}
	if ((client = calloc(1, sizeof(*client))) == NULL) {
		close(fd);
		return;
	}
	client->control = control;
	client->uid = peer.uid;
	client->pid = peer.pid;
	if (channel_open(&client->channel, loop, fd, PROCESS_CONTROL, PROCESS_BIBCTL, &clients_handlers, client,
		clients_closed, NULL) == -1) {
		free(client);
		return;
	}
	TAILQ_INSERT_TAIL(&control->clients, client, entry);
	control->nclients++;
	control_client_await(client, CONTROL_HELLO_MS);
}

void
control_clients_close(struct control *control)
{
	struct control_client *client, *next;
	int64_t end = clock_now_ms() + CLIENTS_LAST_WORDS_MS;

	for (client = TAILQ_FIRST(&control->clients); client != NULL; client = next) {
		next = TAILQ_NEXT(client, entry);
		if ((client->replaying || client->following) && control_events_pump(client) == -1)
			continue;
		/* Whether the flush succeeds or ends the channel, the client is ended here and only here. */
		client->channel.closed = NULL;
		if (client->channel.queued > 0 && clock_now_ms() < end)
			channel_flush(&client->channel, (int)(end - clock_now_ms()));
		control_client_end(client);
	}
}
