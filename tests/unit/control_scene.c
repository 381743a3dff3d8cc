/*
 * Plays the supervisor and the bibctl around a control worker, and notes what each of them was sent.
 */
#include "tests/unit/control_scene.h"
#include "tests/unit/run.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SCENE_ROUNDS_MAX 2000

struct scene scene;

static int64_t
scene_clock(void)
{
	return scene.now;
}

void
scene_advance_clock(int64_t ms)
{
	scene.now = clock_now_ms() + ms;
	clock_set_fake(scene_clock);
}

/* ---- the supervisor ---- */

static void
supervisor_note(struct frame *frame)
{
	ck_assert_uint_lt(scene.nasked, SCENE_ASKED_MAX);
	scene.asked[scene.nasked++] = frame->header.id;
	scene.asked_type = frame->header.type;
}

static void
supervisor_take_status(void *context, struct frame *frame, const struct message_status_request *message)
{
	(void)context;
	(void)message;
	supervisor_note(frame);
}

static void
supervisor_take_reload(void *context, struct frame *frame, const struct message_reload_request *message)
{
	(void)context;
	(void)message;
	supervisor_note(frame);
}

static void
supervisor_take_stop(void *context, struct frame *frame, const struct message_stop_request *message)
{
	(void)context;
	(void)message;
	supervisor_note(frame);
}

static void
supervisor_take_log(void *context, struct frame *frame, const struct message_log_request *message)
{
	(void)context;
	(void)message;
	supervisor_note(frame);
}

static void
supervisor_take_audit_event(void *context, struct frame *frame, const struct message_audit_event *message)
{
	(void)context;
	(void)frame;
	(void)snprintf(scene.audited, sizeof(scene.audited), "%s %s of %u", message->code, message->result,
	    (unsigned)message->uid);
}

static void
supervisor_take_audit_verify(void *context, struct frame *frame, const struct message_audit_verify *message)
{
	(void)context;
	(void)message;
	supervisor_note(frame);
}

static void
supervisor_take_clients(void *context, struct frame *frame, const struct message_clients_request *message)
{
	(void)context;
	scene.asked_uid = message->uid;
	supervisor_note(frame);
}

static void
supervisor_take_kill(void *context, struct frame *frame, const struct message_kill_request *message)
{
	(void)context;
	scene.asked_uid = message->uid;
	scene.asked_session = message->session;
	supervisor_note(frame);
}

static void
supervisor_take_pause(void *context, struct frame *frame, const struct message_pause_request *message)
{
	(void)context;
	scene.asked_uid = message->uid;
	scene.asked_ms[0] = message->drain_ms;
	scene.asked_ms[1] = message->hold_ms;
	supervisor_note(frame);
}

static void
supervisor_take_resume(void *context, struct frame *frame, const struct message_resume_request *message)
{
	(void)context;
	scene.asked_uid = message->uid;
	supervisor_note(frame);
}

static void
supervisor_take_restart(void *context, struct frame *frame, const struct message_restart_request *message)
{
	(void)context;
	scene.asked_uid = message->uid;
	supervisor_note(frame);
}

static const struct message_handlers supervisor_handlers = {
	.pause_request = supervisor_take_pause,
	.resume_request = supervisor_take_resume,
	.restart_request = supervisor_take_restart,
	.clients_request = supervisor_take_clients,
	.kill_request = supervisor_take_kill,
	.audit_event = supervisor_take_audit_event,
	.audit_verify = supervisor_take_audit_verify,
	.log_request = supervisor_take_log,
	.status_request = supervisor_take_status,
	.reload_request = supervisor_take_reload,
	.stop_request = supervisor_take_stop,
};

void
scene_answer_status(uint32_t id, const char *node_id)
{
	(void)channel_send_status_node(&scene.supervisor, id, &(struct message_status_node) { .node_id = node_id }, -1);
	(void)channel_send_status_process(&scene.supervisor, id,
	    &(struct message_status_process) { .name = "bibd-control" }, -1);
	(void)channel_send_status_process(&scene.supervisor, id,
	    &(struct message_status_process) { .name = "bibd-sqlite" }, -1);
	(void)channel_send_statistics(&scene.supervisor, id, &(struct message_statistics) { .store_state = "open" },
	    -1);
	(void)channel_send_result(&scene.supervisor, id, &(struct message_result) { .code = "status.done" }, -1);
}

void
scene_send_event(uint64_t number)
{
	(void)channel_send_event(&scene.supervisor, 0,
	    &(struct message_event) { .number = number, .time_us = 1, .source = "bibd", .code = "c", .text = "t" }, -1);
}

static void
supervisor_closed(struct channel *channel, const struct error *e)
{
	(void)channel;
	ck_abort_msg("the control worker ended the supervisor's channel: %s", e->text);
}

/* ---- bibctl ---- */

static void
peer_take_hello(void *context, struct frame *frame, const struct message_hello *message)
{
	struct scene_peer *peer = context;

	(void)frame;
	peer->hellos++;
	ck_assert_uint_eq(message->protocol, MESSAGE_CONTROL_PROTOCOL);
}

static void
peer_take_node(void *context, struct frame *frame, const struct message_status_node *message)
{
	struct scene_peer *peer = context;

	peer->nodes++;
	peer->last_id = frame->header.id;
	(void)snprintf(peer->text, sizeof(peer->text), "%s", message->node_id);
}

static void
peer_take_process(void *context, struct frame *frame, const struct message_status_process *message)
{
	(void)frame;
	(void)message;
	((struct scene_peer *)context)->processes++;
}

static void
peer_take_server(void *context, struct frame *frame, const struct message_status_server *message)
{
	(void)frame;
	(void)message;
	((struct scene_peer *)context)->servers++;
}

static void
peer_take_failure(void *context, struct frame *frame, const struct message_status_failure *message)
{
	(void)frame;
	ck_assert_str_eq(message->cause, "signal");
	((struct scene_peer *)context)->failures += message->count;
}

static void
peer_take_log(void *context, struct frame *frame, const struct message_log *message)
{
	struct scene_peer *peer = context;

	(void)message;
	peer->logs++;
	peer->log_fd = frame_take_fd(frame);
}

static void
peer_take_statistics(void *context, struct frame *frame, const struct message_statistics *message)
{
	(void)frame;
	(void)message;
	((struct scene_peer *)context)->statistics++;
}

static void
peer_take_event(void *context, struct frame *frame, const struct message_event *message)
{
	struct scene_peer *peer = context;

	(void)frame;
	if (peer->events++ == 0)
		peer->first_event = message->number;
	else if (message->number != peer->last_event + 1)
		peer->in_order = false;
	peer->last_event = message->number;
}

static void
peer_take_result(void *context, struct frame *frame, const struct message_result *message)
{
	struct scene_peer *peer = context;

	peer->results++;
	peer->last_id = frame->header.id;
	peer->status = message->status;
	(void)snprintf(peer->code, sizeof(peer->code), "%s", message->code);
	if (*message->text != '\0')
		(void)snprintf(peer->text, sizeof(peer->text), "%s", message->text);
}

static const struct message_handlers peer_handlers = {
	.hello = peer_take_hello,
	.status_node = peer_take_node,
	.status_process = peer_take_process,
	.status_server = peer_take_server,
	.status_failure = peer_take_failure,
	.log = peer_take_log,
	.statistics = peer_take_statistics,
	.event = peer_take_event,
	.result = peer_take_result,
};

void
scene_settle(void)
{
	struct error e;

	for (int i = 0; i < 300; i++)
		ck_assert_int_eq(loop_run_once(&scene.worker.loop, i % 30 == 0 ? 1 : 0, &e), 0);
}

void
scene_run_until(const unsigned *counter, unsigned value)
{
	struct error e;

	for (int i = 0; i < SCENE_ROUNDS_MAX && *counter < value; i++)
		ck_assert_int_eq(loop_run_once(&scene.worker.loop, 5, &e), 0);
	ck_assert_uint_eq(*counter, value);
}

struct scene_peer *
scene_connect(unsigned n)
{
	struct scene_peer *peer = &scene.peers[n];
	struct error e;
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	/* How much a socket takes differs from host to host: little, so that slow readers are met. */
	ck_assert_int_eq(setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &(int) { 8192 }, sizeof(int)), 0);
	*peer = (struct scene_peer) { .in_order = true };
	ck_assert_int_eq(channel_open(&peer->channel, &scene.worker.loop, pair[0], PROCESS_BIBCTL, PROCESS_CONTROL,
			     &peer_handlers, peer, NULL, &e),
	    0);
	control_admit(scene.control, pair[1]);
	return peer;
}

void
scene_send_hello(struct scene_peer *peer, uint32_t protocol, uint64_t hash)
{
	ck_assert_int_eq(channel_send_hello(&peer->channel, 1,
			     &(struct message_hello) { .protocol = protocol, .table_hash = hash, .version = "9.9" },
			     -1),
	    0);
}

struct scene_peer *
scene_greet(unsigned n)
{
	struct scene_peer *peer = scene_connect(n);

	scene_send_hello(peer, MESSAGE_CONTROL_PROTOCOL, message_table_hash());
	scene_run_until(&peer->hellos, 1);
	return peer;
}

void
scene_become_nobody(void)
{
	struct control_client *client;

	TAILQ_FOREACH(client, &scene.control->clients, entry)
	client->uid = 65534;
	scene.worker.separated = true;
}

/* ---- fixture ---- */

void
scene_set_up(void)
{
	static const struct worker_program program = { .process = PROCESS_CONTROL };
	static const struct message_handlers handlers = {
		.event = control_take_event,
		.status_node = control_relay_status_node,
		.status_process = control_relay_status_process,
		.status_server = control_relay_status_server,
		.status_disk = control_relay_status_disk,
		.status_backup = control_relay_status_backup,
		.log = control_relay_log,
		.statistics = control_relay_statistics,
		.result = control_relay_result,
	};
	struct error e;
	int pair[2];

	memset(&scene, 0, sizeof(scene));
	scene.worker.program = &program;
	ck_assert_int_eq(loop_open(&scene.worker.loop, &e), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	ck_assert_int_eq(channel_open(&scene.supervisor, &scene.worker.loop, pair[0], PROCESS_SUPERVISOR,
			     PROCESS_CONTROL, &supervisor_handlers, NULL, supervisor_closed, &e),
	    0);
	ck_assert_int_eq(channel_open(&scene.worker.channel, &scene.worker.loop, pair[1], PROCESS_CONTROL,
			     PROCESS_SUPERVISOR, &handlers, &scene.worker, NULL, &e),
	    0);
	ck_assert_int_eq(control_start(&scene.worker, &e), 0);
	scene.control = scene.worker.state;
}

void
scene_tear_down(void)
{
	clock_set_fake(NULL);
	control_free(scene.control);
	for (unsigned i = 0; i < SCENE_PEERS_MAX; i++)
		channel_close(&scene.peers[i].channel);
	channel_close(&scene.worker.channel);
	channel_close(&scene.supervisor);
	loop_close(&scene.worker.loop);
}

int
scene_main(const char *name, void (*add_tests)(TCase *))
{
	TCase *t = tcase_create(name);

	tcase_add_checked_fixture(t, scene_set_up, scene_tear_down);
	tcase_set_timeout(t, 30);
	add_tests(t);
	return unit_run(name, t, NULL);
}
