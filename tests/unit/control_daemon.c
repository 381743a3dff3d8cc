/*
 * Runs a control worker with a supervisor that answers as the test wants it.
 */
#include "tests/unit/control_daemon.h"

#include <check.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/memfd.h"
#include "workers/control/control.h"

struct daemon {
	struct worker worker;
	struct channel supervisor;
	struct loop_timer end;
	enum daemon_behaviour behaviour;
};

static void
daemon_take_status(void *context, struct frame *frame, const struct message_status_request *message)
{
	struct daemon *d = context;
	uint32_t id = frame->header.id;

	(void)message;
	(void)channel_send_status_node(&d->supervisor, id,
	    &(struct message_status_node) { .version = "0.1.0",
		.node_id = "node",
		.mode = "proxy",
		.backend = "sqlite",
		.phase = d->behaviour == DAEMON_READY ? "operational" : "opening the store",
		.ready = d->behaviour == DAEMON_READY,
		.started_us = 1,
		.ready_since_us = d->behaviour == DAEMON_READY ? 1 : 0,
		.pid = (uint32_t)getpid(),
		.socket = "/s" },
	    -1);
	(void)channel_send_status_process(&d->supervisor, id,
	    &(struct message_status_process) { .name = "bibd-sqlite",
		.pid = 7,
		.user = "u",
		.state = "up",
		.healthy = true },
	    -1);
	(void)channel_send_result(&d->supervisor, id, &(struct message_result) { .code = "status" }, -1);
}

static void
daemon_take_log(void *context, struct frame *frame, const struct message_log_request *message)
{
	struct daemon *d = context;
	uint32_t id = frame->header.id;
	char log[128];
	int n = snprintf(log, sizeof(log), "%u lines\n\033[31mred\tx\n", message->lines);

	if (d->behaviour == DAEMON_REFUSING) {
		(void)channel_send_result(&d->supervisor, id,
		    &(struct message_result) { .status = STATUS_USAGE,
			.code = "logs.none",
			.text = "this node runs no container" },
		    -1);
		return;
	}
	(void)channel_send_log(&d->supervisor, id, NULL, memfd_create_sealed("log", log, (size_t)n, NULL));
	(void)channel_send_result(&d->supervisor, id, &(struct message_result) { .code = "logs" }, -1);
}

static void
daemon_take_reload(void *context, struct frame *frame, const struct message_reload_request *message)
{
	struct daemon *d = context;

	(void)message;
	(void)channel_send_result(&d->supervisor, frame->header.id,
	    &(struct message_result) { .status = d->behaviour == DAEMON_REFUSING ? STATUS_CONFIG : STATUS_OK,
		.code = "conf.key",
		.text = d->behaviour == DAEMON_REFUSING ? "/etc/bibd.yaml:3:1: no" : "" },
	    -1);
}

static void
daemon_end(struct loop_timer *timer)
{
	(void)timer;
	_exit(0);
}

static void
daemon_take_stop(void *context, struct frame *frame, const struct message_stop_request *message)
{
	struct daemon *d = context;

	(void)message;
	if (d->behaviour != DAEMON_DYING)
		(void)channel_send_result(&d->supervisor, frame->header.id,
		    &(struct message_result) { .status =
						   d->behaviour == DAEMON_REFUSING ? STATUS_PERMISSION : STATUS_OK,
			.code = "node.stopped" },
		    -1);
	if (d->behaviour != DAEMON_REFUSING)
		loop_timer_set(&d->worker.loop, &d->end, 100, daemon_end, NULL);
}

static void
daemon_take_audit_event(void *context, struct frame *frame, const struct message_audit_event *message)
{
	(void)context;
	(void)frame;
	(void)message;
}

static void
daemon_take_audit_verify(void *context, struct frame *frame, const struct message_audit_verify *message)
{
	struct daemon *d = context;
	bool broken = d->behaviour == DAEMON_REFUSING;

	(void)message;
	(void)channel_send_audit_verified(&d->supervisor, frame->header.id,
	    &(struct message_audit_verified) { .status = broken ? STATUS_DATA : STATUS_OK,
		.rows = 12,
		.heads = 3,
		.signed_rows = 11,
		.broken = broken ? 7 : 0,
		.why = broken ? "row 7 was changed" : "" },
	    -1);
	(void)channel_send_result(&d->supervisor, frame->header.id,
	    &(struct message_result) { .status = broken ? STATUS_DATA : STATUS_OK,
		.code = "audit.broken",
		.text = broken ? "row 7 was changed" : "" },
	    -1);
}

static const struct message_handlers daemon_supervisor_handlers = {
	.audit_event = daemon_take_audit_event,
	.audit_verify = daemon_take_audit_verify,
	.status_request = daemon_take_status,
	.log_request = daemon_take_log,
	.reload_request = daemon_take_reload,
	.stop_request = daemon_take_stop,
};
static const struct message_handlers daemon_control_handlers = {
	.event = control_take_event,
	.status_node = control_relay_status_node,
	.status_process = control_relay_status_process,
	.status_server = control_relay_status_server,
	.status_disk = control_relay_status_disk,
	.status_backup = control_relay_status_backup,
	.log = control_relay_log,
	.audit_verified = control_relay_audit_verified,
	.statistics = control_relay_statistics,
	.result = control_relay_result,
};

int
daemon_main(enum daemon_behaviour behaviour, int acceptor)
{
	static const struct worker_program program = { .process = PROCESS_CONTROL };
	struct daemon d = { .worker = { .program = &program }, .behaviour = behaviour };
	struct error e;
	int pair[2];

	log_configure(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	if (listen(acceptor, 8) == -1 || loop_open(&d.worker.loop, &e) == -1 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == -1 ||
	    channel_open(&d.supervisor, &d.worker.loop, pair[0], PROCESS_SUPERVISOR, PROCESS_CONTROL,
		&daemon_supervisor_handlers, &d, NULL, &e) == -1 ||
	    channel_open(&d.worker.channel, &d.worker.loop, pair[1], PROCESS_CONTROL, PROCESS_SUPERVISOR,
		&daemon_control_handlers, &d.worker, NULL, &e) == -1 ||
	    control_start(&d.worker, &e) == -1)
		return 1;
	for (uint64_t n = 1; n <= 3; n++)
		(void)channel_send_event(&d.supervisor, 0,
		    &(struct message_event) { .number = n,
			.time_us = 1000000,
			.source = "bibd",
			.code = "node.phase",
			.text = "starting" },
		    -1);
	while (((struct control *)d.worker.state)->events.next < 3)
		if (loop_run_once(&d.worker.loop, 100, &e) == -1)
			return 1;
	control_listen(&d.worker, LISTEN_CONTROL, acceptor);
	return loop_run(&d.worker.loop, &e) == 0 ? 0 : 1;
}

int
daemon_of_another_build(int acceptor)
{
	struct message_hello hello = { .protocol = 99, .table_hash = 1, .version = "7.7" };
	struct frame frame;
	int fd;

	if (listen(acceptor, 8) == -1 || (fd = accept(acceptor, NULL, NULL)) == -1)
		return 1;
	if (message_encode_hello(&frame, 1, &hello, -1, NULL) == -1 || frame_send(fd, &frame, NULL) != 0)
		return 1;
	(void)pause();
	return 0;
}

int
daemon_bind(const char *path, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	ck_assert_int_ne(fd, -1);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}
