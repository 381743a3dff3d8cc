/*
 * The handlers of what workers say, the table of them all, and the first words to a worker.
 */
#include "supervisor/conversation.h"

#include <bsd/string.h>
#include <string.h>

#include "common/advice.h"
#include "common/log.h"
#include "supervisor/children/archive.h"
#include "supervisor/children/heartbeat.h"
#include "supervisor/children/observe.h"
#include "supervisor/children/remote.h"
#include "supervisor/requests/logs.h"
#include "supervisor/requests/pause.h"
#include "supervisor/requests/relay.h"
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
	observe_note_sandbox(child->children, message);
	if (child->is_source) {
		move_source_is_up(&supervisor_of(child)->move, child);
		return;
	}
	if (child_is(child, PROCESS_STORAGE)) {
		/* Paused before it opens the store, so that it serves no client in between. */
		pause_storage_ready(&supervisor_of(child)->requests, child);
		lifecycle_take(&child->node->lifecycle, LIFECYCLE_STORAGE_READY);
	}
	if (child->program->process == PROCESS_CONTROL)
		events_replay(&child->node->events, &child->channel);
	if (child->program->process == PROCESS_KEEPER)
		secrets_open_stored(&supervisor_of(child)->server);
	if (child->program->process == PROCESS_CONTAINER)
		server_begin(&supervisor_of(child)->server);
	if ((child->program->process & (PROCESS_KEEPER | PROCESS_POSTGRES)) != 0)
		secrets_connect(&supervisor_of(child)->server);
	if ((child->program->process & (PROCESS_KEEPER | PROCESS_REMOTE)) != 0)
		remote_connect(child->children);
	if ((child->program->process & (PROCESS_KEEPER | PROCESS_ARCHIVE)) != 0)
		children_connect(child->children, PROCESS_KEEPER, PROCESS_ARCHIVE);
	if ((child->program->process & (PROCESS_SQLITE | PROCESS_ARCHIVE)) != 0)
		children_connect(child->children, PROCESS_SQLITE, PROCESS_ARCHIVE);
	if ((child->program->process & (PROCESS_POSTGRES | PROCESS_ARCHIVE)) != 0)
		children_connect(child->children, PROCESS_POSTGRES, PROCESS_ARCHIVE);
	if (child->program->process == PROCESS_REMOTE)
		remote_send_files(child->children);
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
	struct supervisor *s = supervisor_of(context);

	(void)message;
	if (child->is_source)
		move_source_answered(&s->move, child, frame->header.id, true);
	else if (frame->header.id == s->store_id)
		lifecycle_take(&s->node.lifecycle, LIFECYCLE_STORE_OPENED);
}

static void
conversation_take_store_answered(void *context, struct frame *frame, const struct message_store_answered *message)
{
	struct child *child = context;
	struct supervisor *s = supervisor_of(context);

	(void)message;
	if (child->is_source)
		move_source_answered(&s->move, child, frame->header.id, false);
	else if (frame->header.id == s->store_id)
		lifecycle_take(&s->node.lifecycle, LIFECYCLE_STORE_ANSWERED);
}

/* The store could not be opened. When a new try would end with the same status, the node ends with it; otherwise the
 * restart policy decides. */
static void
conversation_take_store_failed(struct child *child, const struct error *e)
{
	struct supervisor *s = supervisor_of(child);

	if (!lifecycle_is_stopping(&s->node.lifecycle) && child->program->process != PROCESS_POSTGRES &&
	    server_store_wait_outside(&s->server, e->code, e->text))
		return;
	events_add(&s->node.events, child->name, "storage.failed", "%s", e->text);
	if (lifecycle_is_stopping(&s->node.lifecycle))
		return;
	/* A move that was cut short begins anew, in an empty database: at the next start. */
	if (e->status == STATUS_DATA || e->status == STATUS_CONFIG || e->status == STATUS_PERMISSION ||
	    strncmp(e->code, "move.", strlen("move.")) == 0) {
		log_failure(e);
		node_stop(&s->node, e->status, "the store cannot be opened");
		return;
	}
	if (child->program->process == PROCESS_POSTGRES) {
		server_take_unavailable(&s->server, e->code, e->text);
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
	struct supervisor *s = supervisor_of(child);
	uint32_t id = frame->header.id;
	struct error e;

	(void)error_set(&e, (enum status)message->status, message->code, "%s", message->text);
	if (child->is_source)
		move_source_failed(&s->move, &e);
	else if (child_is(child, PROCESS_STORAGE)) {
		if (id == s->store_id)
			conversation_take_store_failed(child, &e);
	} else if (child->program->process == PROCESS_KEEPER) {
		if (relay_fail(&s->requests, PROCESS_KEEPER, id, &e) || certificates_take_failed(&s->server, id, &e) ||
		    lifecycle_is_stopping(&s->node.lifecycle) || secrets_wait_outside(&s->server, e.text))
			return;
		advice_name_configuration(e.text, sizeof(e.text), s->node.conf_path);
		log_failure(&e);
		node_stop(&s->node, e.status, "the node's secrets cannot be opened");
	} else if (!logs_fail(&s->requests, id, &e) && !server_take_log(&s->server, id, -1) &&
	    id == s->server.request_id)
		server_take_failed(&s->server, &e);
}

/* ---- the PostgreSQL server and its secrets ---- */

static void
conversation_take_secrets_opened(void *context, struct frame *frame, const struct message_secrets_opened *message)
{
	(void)frame;
	secrets_take_opened(&supervisor_of(context)->server, message->created, message->verifier);
}

static void
conversation_take_certificates_prepared(void *context, struct frame *frame,
    const struct message_certificates_prepared *message)
{
	(void)message;
	certificates_take_prepared(&supervisor_of(context)->server, frame->header.id);
}

static void
conversation_take_give_file(void *context, struct frame *frame, const struct message_give_file *message)
{
	certificates_take_give_file(&supervisor_of(context)->server, frame->header.id, message->name, frame->fd);
}

static void
conversation_take_credentials_state(void *context, struct frame *frame, const struct message_credentials_state *message)
{
	(void)frame;
	server_take_credentials(&supervisor_of(context)->server, message);
}

static void
conversation_take_server_initialised(void *context, struct frame *frame,
    const struct message_server_initialised *message)
{
	(void)message;
	server_take_initialised(&supervisor_of(context)->server, frame->header.id);
}

/* The image is of another major version than the database: the room above the server decides. */
static void
conversation_take_server_differs(void *context, struct frame *frame, const struct message_server_differs *message)
{
	struct supervisor *s = supervisor_of(context);

	if (server_awaits(&s->server, frame->header.id))
		move_take_version(&s->move, message->version);
}

static void
conversation_take_server_moved(void *context, struct frame *frame, const struct message_server_moved *message)
{
	struct supervisor *s = supervisor_of(context);

	if (server_awaits(&s->server, frame->header.id) && s->server.target != 0)
		move_take_moved(&s->move, s->server.target, message->tables, message->rows);
}

static void
conversation_take_server_started(void *context, struct frame *frame, const struct message_server_started *message)
{
	server_take_started(&supervisor_of(context)->server, frame->header.id, message);
}

static void
conversation_take_server_progress(void *context, struct frame *frame, const struct message_server_progress *message)
{
	(void)frame;
	server_take_progress(&supervisor_of(context)->server, message->text);
}

static void
conversation_take_store_progress(void *context, struct frame *frame, const struct message_store_progress *message)
{
	(void)frame;
	server_take_progress(&supervisor_of(context)->server, message->text);
}

static void
conversation_take_server_died(void *context, struct frame *frame, const struct message_server_died *message)
{
	(void)frame;
	server_take_died(&supervisor_of(context)->server, message->code, message->cause);
}

static void
conversation_take_server_crashed(void *context, struct frame *frame, const struct message_server_crashed *message)
{
	(void)frame;
	server_take_crashed(&supervisor_of(context)->server, message->code, message->cause);
}

/* The storage worker asks, the container worker knows. */
static void
conversation_take_look_for_crash(void *context, struct frame *frame, const struct message_look_for_crash *message)
{
	struct child *worker = server_worker(&supervisor_of(context)->server);

	(void)frame;
	(void)message;
	if (worker != NULL)
		(void)channel_send_look_for_crash(&worker->channel, 0, NULL, -1);
}

static void
conversation_take_server_stopped(void *context, struct frame *frame, const struct message_server_stopped *message)
{
	server_take_stopped(&supervisor_of(context)->server, frame->header.id, message);
}

static void
conversation_take_store_lost(void *context, struct frame *frame, const struct message_store_lost *message)
{
	(void)frame;
	server_take_lost(&supervisor_of(context)->server, message->cause);
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
	events_add(&child->node->events, child->name, message->code, "%s", message->text);
}

static void
conversation_take_s3_credentials_request(void *context, struct frame *frame,
    const struct message_s3_credentials_request *message)
{
	(void)frame;
	(void)message;
	archive_send_credentials(context);
}

/* bibd-archive asks for a proof, bibd-container makes it. */
static void
conversation_take_drill_prove(void *context, struct frame *frame, const struct message_drill_prove *message)
{
	static const struct message_drill_proven away = { .status = STATUS_UNAVAILABLE,
		.code = "drill.engine",
		.text = "bibd-container, which would prove it, is not there" };
	struct child *archive = context, *worker = children_find_up(archive->children, PROCESS_CONTAINER);

	if (worker != NULL)
		(void)channel_send_drill_prove(&worker->channel, frame->header.id, message, frame_take_fd(frame));
	else
		(void)channel_send_drill_proven(&archive->channel, frame->header.id, &away, -1);
}

static void
conversation_take_drill_proven(void *context, struct frame *frame, const struct message_drill_proven *message)
{
	struct child *archive = children_find_up(((struct child *)context)->children, PROCESS_ARCHIVE);

	if (archive != NULL)
		(void)channel_send_drill_proven(&archive->channel, frame->header.id, message, -1);
}

static void
conversation_take_client(void *context, struct frame *frame, const struct message_client *message)
{
	struct child *child = context;

	remote_take_client(child->children, message, frame_take_fd(frame));
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
	.server_differs = conversation_take_server_differs,
	.server_moved = conversation_take_server_moved,
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
	.status_backup = conversation_take_status_backup,
	.client = conversation_take_client,
	.s3_credentials_request = conversation_take_s3_credentials_request,
	.drill_prove = conversation_take_drill_prove,
	.drill_proven = conversation_take_drill_proven,
	.audit_event = conversation_take_audit_event,
	.audit_sign = conversation_take_audit_sign,
	.audit_signed = conversation_take_audit_signed,
	.audit_check = conversation_take_audit_check,
	.audit_checked = conversation_take_audit_checked,
	.audit_verify = conversation_take_audit_verify,
	.audit_verified = conversation_take_audit_verified,
	.status_request = conversation_take_status_request,
	.reload_request = conversation_take_reload_request,
	.stop_request = conversation_take_stop_request,
	.identity_request = conversation_take_identity_request,
	.certificates_request = conversation_take_certificates_request,
	.operator_certificate_request = conversation_take_operator_certificate_request,
	.rotate_request = conversation_take_rotate_request,
	.clients_request = conversation_take_clients_request,
	.kill_request = conversation_take_kill_request,
	.backup_request = conversation_take_backup_request,
	.backup_report = conversation_take_backup_report,
	.identity = conversation_take_identity,
	.certificate = conversation_take_certificate,
	.operator_certificate = conversation_take_operator_certificate,
	.clients = conversation_take_clients,
	.result = conversation_take_result,
};

/* ---- the first words ---- */

static int
conversation_send_socket(struct child *child, unsigned purpose, size_t which, struct error *e)
{
	struct message_listen message = { .purpose = purpose };
	int fd = listen_duplicate(&child->node->listening, (enum listen_purpose)purpose, which);

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
		size_t n = listen_count(&child->node->listening, (enum listen_purpose)purpose);

		for (size_t i = 0; i < n && (child->program->listens & PROCESS_LISTENS(purpose)) != 0; i++)
			if (conversation_send_socket(child, purpose, i, e) == -1)
				return -1;
	}
	return 0;
}

int
conversation_begin(void *context, struct child *child, struct error *e)
{
	const struct supervisor *s = context;
	struct message_start start = { .table_hash = message_table_hash(),
		.incarnation = child->incarnation,
		.separated = s->node.separated,
		.node_id = s->node.directories.node_id,
		.boot_id = s->boot_id,
		.operational = s->node.was_ready,
		.migrations_dir = s->places.migrations };
	int fd = conf_send(s->node.conf, e);

	if (fd == -1)
		return -1;
	if (channel_send_start(&child->channel, 0, &start, fd) == -1)
		return error_set(e, STATUS_OS, "child.channel", "cannot send START to %s", child->name);
	return conversation_send_sockets(child, e);
}
