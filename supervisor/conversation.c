/* What workers say to the supervisor, and its first words to them. */
#include <bsd/string.h>

#include "common/advice.h"
#include "common/clock.h"
#include "common/log.h"
#include "supervisor/children/observe.h"
#include "supervisor/requests/remote.h"
#include "supervisor/server/secrets.h"
#include "supervisor/supervisor.h"

static void
conversation_take_ready(void *context, struct frame *frame, const struct message_ready *message)
{
	struct child *child = context;

	(void)frame;
	child_ready(child);
	if (child->state != CHILD_UP)
		return;
	child->landlock = message->landlock;
	observe_note_sandbox(child->supervisor, message);
	if ((child->program->process & PROCESS_STORAGE) != 0) {
		/* Before it opens the store: it serves nobody in between. */
		pause_storage_ready(child->supervisor, child);
		lifecycle_take(&child->supervisor->node.lifecycle, LIFECYCLE_STORAGE_READY);
	}
	if (child->program->process == PROCESS_CONTROL)
		events_replay(&child->supervisor->node.events, &child->channel);
	if (child->program->process == PROCESS_KEEPER)
		secrets_open(child->supervisor);
	if (child->program->process == PROCESS_CONTAINER)
		server_begin(child->supervisor);
	if ((child->program->process & (PROCESS_KEEPER | PROCESS_POSTGRES)) != 0)
		secrets_connect(child->supervisor);
	if ((child->program->process & (PROCESS_KEEPER | PROCESS_REMOTE)) != 0)
		remote_connect(child->supervisor);
	if (child->program->process == PROCESS_REMOTE)
		remote_send_files(child->supervisor);
}

static void
conversation_take_health(void *context, struct frame *frame, const struct message_health *message)
{
	heartbeat_take(context, frame->header.id, message);
}

static void
conversation_take_store_opened(void *context, struct frame *frame, const struct message_store_opened *message)
{
	struct child *child = context;
	struct supervisor *s = child->supervisor;

	(void)message;
	if (frame->header.id == s->store_id)
		lifecycle_take(&s->node.lifecycle, LIFECYCLE_STORE_OPENED);
}

static void
conversation_take_store_answered(void *context, struct frame *frame, const struct message_store_answered *message)
{
	struct child *child = context;
	struct supervisor *s = child->supervisor;

	(void)message;
	if (frame->header.id == s->store_id)
		lifecycle_take(&s->node.lifecycle, LIFECYCLE_STORE_ANSWERED);
}

/* The store could not be opened. A status that a new try does not change ends the node with it; anything else is the
 * policy's. */
static void
conversation_take_store_failed(struct child *child, const struct error *e)
{
	struct supervisor *s = child->supervisor;

	if (!lifecycle_is_stopping(&s->node.lifecycle) && child->program->process != PROCESS_POSTGRES &&
	    store_wait_outside(s, e->code, e->text))
		return;
	events_add(&s->node.events, child->name, "storage.failed", "%s", e->text);
	if (lifecycle_is_stopping(&s->node.lifecycle))
		return;
	if (e->status == STATUS_DATA || e->status == STATUS_CONFIG || e->status == STATUS_PERMISSION) {
		log_failure(e);
		node_stop(&s->node, e->status, "the store cannot be opened");
		return;
	}
	if (child->program->process == PROCESS_POSTGRES) {
		server_take_unavailable(s, e->code, e->text);
		return;
	}
	if (s->node.lifecycle.state == LIFECYCLE_OPENING || s->node.lifecycle.state == LIFECYCLE_PINGING)
		(void)strlcpy(child->why, e->text, sizeof(child->why));
	lifecycle_take(&s->node.lifecycle, LIFECYCLE_STORE_FAILED);
}

static void
conversation_take_failed(void *context, struct frame *frame, const struct message_failed *message)
{
	struct child *child = context;
	struct supervisor *s = child->supervisor;
	uint32_t id = frame->header.id;
	struct error e;

	(void)error_set(&e, (enum status)message->status, message->code, "%s", message->text);
	if ((child->program->process & PROCESS_STORAGE) != 0) {
		if (id == s->store_id)
			conversation_take_store_failed(child, &e);
	} else if (child->program->process == PROCESS_KEEPER) {
		if (relay_fail(s, PROCESS_KEEPER, id, &e) || certificates_take_failed(s, id, &e) ||
		    lifecycle_is_stopping(&s->node.lifecycle) || secrets_wait_outside(s, e.text))
			return;
		advice_name_configuration(e.text, sizeof(e.text), s->node.conf_path);
		log_failure(&e);
		node_stop(&s->node, e.status, "the node's secrets cannot be opened");
	} else if (!log_requests_fail(s, id, &e) && !server_take_log(s, id, -1) && id == s->server.request_id)
		server_take_failed(s, &e);
}

/* ---- the PostgreSQL server and its secrets ---- */

static void
conversation_take_secrets_opened(void *context, struct frame *frame, const struct message_secrets_opened *message)
{
	struct child *child = context;

	(void)frame;
	secrets_take_opened(child->supervisor, message->created, message->verifier);
}

static void
conversation_take_certificates_prepared(
    void *context, struct frame *frame, const struct message_certificates_prepared *message)
{
	struct child *child = context;

	(void)message;
	certificates_take_prepared(child->supervisor, frame->header.id);
}

static void
conversation_take_give_file(void *context, struct frame *frame, const struct message_give_file *message)
{
	struct child *child = context;

	certificates_take_give_file(child->supervisor, frame->header.id, message->name, frame->fd);
}

static void
conversation_take_credentials_state(
    void *context, struct frame *frame, const struct message_credentials_state *message)
{
	struct child *child = context;

	(void)frame;
	server_take_credentials(child->supervisor, message);
}

static void
conversation_take_server_initialised(
    void *context, struct frame *frame, const struct message_server_initialised *message)
{
	struct child *child = context;

	(void)message;
	server_take_initialised(child->supervisor, frame->header.id);
}

static void
conversation_take_server_started(void *context, struct frame *frame, const struct message_server_started *message)
{
	struct child *child = context;

	server_take_started(child->supervisor, frame->header.id, message);
}

static void
conversation_take_server_progress(void *context, struct frame *frame, const struct message_server_progress *message)
{
	struct child *child = context;

	(void)frame;
	server_take_progress(child->supervisor, message->text);
}

static void
conversation_take_store_progress(void *context, struct frame *frame, const struct message_store_progress *message)
{
	struct child *child = context;

	(void)frame;
	server_take_progress(child->supervisor, message->text);
}

static void
conversation_take_server_died(void *context, struct frame *frame, const struct message_server_died *message)
{
	struct child *child = context;

	(void)frame;
	server_take_died(child->supervisor, message->code, message->cause);
}

static void
conversation_take_server_crashed(void *context, struct frame *frame, const struct message_server_crashed *message)
{
	struct child *child = context;

	(void)frame;
	server_take_crashed(child->supervisor, message->code, message->cause);
}

/* The storage worker asks, the container worker knows. */
static void
conversation_take_look_for_crash(void *context, struct frame *frame, const struct message_look_for_crash *message)
{
	struct child *child = context, *worker = server_worker(child->supervisor);

	(void)frame;
	(void)message;
	if (worker != NULL)
		(void)channel_send_look_for_crash(&worker->channel, 0, NULL, -1);
}

static void
conversation_take_server_stopped(void *context, struct frame *frame, const struct message_server_stopped *message)
{
	struct child *child = context;

	server_take_stopped(child->supervisor, frame->header.id, message);
}

static void
conversation_take_store_lost(void *context, struct frame *frame, const struct message_store_lost *message)
{
	struct child *child = context;

	(void)frame;
	server_take_lost(child->supervisor, message->cause);
}

static void
conversation_take_log(void *context, struct frame *frame, const struct message_log *message)
{
	struct child *child = context;

	(void)message;
	if (!server_take_log(child->supervisor, frame->header.id, frame->fd))
		(void)log_requests_answer(child->supervisor, frame->header.id, frame_take_fd(frame));
}

static void
conversation_take_usage(void *context, struct frame *frame, const struct message_usage *message)
{
	struct child *child = context;

	status_take_usage(child->supervisor, frame->header.id, message->memory_bytes);
}

static void
conversation_take_log_request(void *context, struct frame *frame, const struct message_log_request *message)
{
	struct child *child = context;

	log_requests_take(child->supervisor, frame->header.id, message->lines);
}

static void
conversation_take_prepared(void *context, struct frame *frame, const struct message_prepared *message)
{
	reload_take_prepared(context, frame->header.id, message->accepted, message->reason);
}

static void
conversation_take_stopped(void *context, struct frame *frame, const struct message_stopped *message)
{
	struct child *child = context;

	(void)frame;
	(void)message;
	log_debug("%s has finished", child->name);
}

static void
conversation_take_event(void *context, struct frame *frame, const struct message_event *message)
{
	struct child *child = context;

	(void)frame;
	events_add(&child->supervisor->node.events, child->name, message->code, "%s", message->text);
}

static void
conversation_take_statistics(void *context, struct frame *frame, const struct message_statistics *message)
{
	struct child *child = context;

	status_take_statistics(child->supervisor, frame->header.id, message);
}

static void
conversation_take_client(void *context, struct frame *frame, const struct message_client *message)
{
	struct child *child = context;

	remote_take_client(child->supervisor, message, frame_take_fd(frame));
}

/* ---- what bibd-control asks ---- */

static void
conversation_take_status_request(void *context, struct frame *frame, const struct message_status_request *message)
{
	struct child *child = context;

	(void)message;
	status_take_request(child->supervisor, frame->header.id);
}

static void
conversation_take_reload_request(void *context, struct frame *frame, const struct message_reload_request *message)
{
	struct child *child = context;

	(void)message;
	reload_begin(child->supervisor, frame->header.id);
}

static void
conversation_take_stop_request(void *context, struct frame *frame, const struct message_stop_request *message)
{
	struct child *child = context;
	struct supervisor *s = child->supervisor;

	(void)message;
	if (s->nstops < SUPERVISOR_STOPS_MAX)
		s->stop_ids[s->nstops++] = frame->header.id;
	/* Asking again is asking whether it is over, not to hurry: that is for signals. */
	if (!lifecycle_is_stopping(&s->node.lifecycle))
		node_stop(&s->node, STATUS_OK, "bibctl asks to stop");
}

static void
conversation_take_paused(void *context, struct frame *frame, const struct message_paused *message)
{
	struct child *child = context;

	(void)frame;
	pause_take_paused(child->supervisor, message);
}

static void
conversation_take_pause_request(void *context, struct frame *frame, const struct message_pause_request *message)
{
	struct child *child = context;

	pause_take_request(child->supervisor, frame->header.id, message);
}

static void
conversation_take_resume_request(void *context, struct frame *frame, const struct message_resume_request *message)
{
	struct child *child = context;

	pause_take_resume(child->supervisor, frame->header.id, message);
}

static void
conversation_take_restart_request(void *context, struct frame *frame, const struct message_restart_request *message)
{
	struct child *child = context;

	server_take_restart_request(child->supervisor, frame->header.id, message);
}

const struct message_handlers conversation_handlers = {
	.paused = conversation_take_paused,
	.pause_request = conversation_take_pause_request,
	.resume_request = conversation_take_resume_request,
	.restart_request = conversation_take_restart_request,
	.ready = conversation_take_ready,
	.health = conversation_take_health,
	.store_opened = conversation_take_store_opened,
	.store_answered = conversation_take_store_answered,
	.failed = conversation_take_failed,
	.secrets_opened = conversation_take_secrets_opened,
	.certificates_prepared = conversation_take_certificates_prepared,
	.give_file = conversation_take_give_file,
	.credentials_state = conversation_take_credentials_state,
	.server_initialised = conversation_take_server_initialised,
	.server_started = conversation_take_server_started,
	.server_progress = conversation_take_server_progress,
	.server_died = conversation_take_server_died,
	.server_crashed = conversation_take_server_crashed,
	.look_for_crash = conversation_take_look_for_crash,
	.server_stopped = conversation_take_server_stopped,
	.store_progress = conversation_take_store_progress,
	.store_lost = conversation_take_store_lost,
	.log = conversation_take_log,
	.log_request = conversation_take_log_request,
	.usage = conversation_take_usage,
	.prepared = conversation_take_prepared,
	.stopped = conversation_take_stopped,
	.event = conversation_take_event,
	.statistics = conversation_take_statistics,
	.client = conversation_take_client,
	.audit_event = audit_conversation_event,
	.audit_sign = audit_conversation_sign,
	.audit_signed = audit_conversation_signed,
	.audit_check = audit_conversation_check,
	.audit_checked = audit_conversation_checked,
	.audit_verify = audit_conversation_verify,
	.audit_verified = audit_conversation_verified,
	.status_request = conversation_take_status_request,
	.reload_request = conversation_take_reload_request,
	.stop_request = conversation_take_stop_request,
	.result = relay_take_result,
#define RELAY_ROW(name, worker) .name = relay_take_##name,
	RELAY_REQUESTS(RELAY_ROW)
#undef RELAY_ROW
#define RELAY_ROW(name) .name = relay_take_##name,
	RELAY_ANSWERS(RELAY_ROW)
#undef RELAY_ROW
};

/* ---- the channel ---- */

/* How long a worker that has closed its channel may take to end. */
#define CONVERSATION_END_MS 1000

static void
conversation_end_is_late(struct loop_timer *timer)
{
	child_kill(timer->arg, "it closed its channel and did not end");
}

void
conversation_closed(struct channel *channel, const struct error *why)
{
	struct child *child = channel->context;

	if (strcmp(why->code, "channel.closed") != 0) {
		child_kill(child, "%s", why->text);
		return;
	}
	/* It has died, as SIGCHLD says, or is ending by itself. */
	loop_timer_set(&child->supervisor->node.loop, &child->timer, CONVERSATION_END_MS, conversation_end_is_late, child);
}

static int
conversation_send_socket(struct child *child, unsigned purpose, size_t which, struct error *e)
{
	struct message_listen message = { .purpose = purpose };
	int fd = listen_duplicate(&child->supervisor->node.listening, (enum listen_purpose)purpose, which);

	if (fd == -1)
		return error_set_errno(e, STATUS_OS, "child.channel", "cannot duplicate a socket for %s", child->name);
	if (channel_send_listen(&child->channel, 0, &message, fd) == -1)
		return error_set(e, STATUS_OS, "child.channel", "cannot send LISTEN to %s", child->name);
	return 0;
}

/* The sockets that the worker is to listen on, as far as they are open. */
static int
conversation_send_sockets(struct child *child, struct error *e)
{
	for (unsigned purpose = 0; purpose < LISTEN_PURPOSES; purpose++) {
		size_t n = listen_count(&child->supervisor->node.listening, (enum listen_purpose)purpose);

		for (size_t i = 0; i < n && (child->program->listens & PROCESS_LISTENS(purpose)) != 0; i++)
			if (conversation_send_socket(child, purpose, i, e) == -1)
				return -1;
	}
	return 0;
}

int
conversation_begin(struct child *child, struct error *e)
{
	const struct supervisor *s = child->supervisor;
	struct message_start start = {
		.table_hash = message_table_hash(), .incarnation = child->incarnation, .separated = s->node.separated,
		.node_id = s->node.directories.node_id, .boot_id = s->boot_id, .operational = s->node.was_ready,
		.migrations_dir = s->places.migrations
	};
	int fd = conf_send(s->node.conf, e);

	if (fd == -1)
		return -1;
	if (channel_send_start(&child->channel, 0, &start, fd) == -1)
		return error_set(e, STATUS_OS, "child.channel", "cannot send START to %s", child->name);
	return conversation_send_sockets(child, e);
}
