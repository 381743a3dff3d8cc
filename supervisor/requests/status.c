#include "supervisor/requests/status.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/children/observe.h"
#include "supervisor/requests/remote.h"
#include "supervisor/supervisor.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

#define STATUS_STATISTICS_MS 1000

static void status_send_server(
    const struct supervisor *s, struct channel *control, uint32_t id, uint64_t memory_bytes);

static void
status_finish(struct status_request *request)
{
	struct child *control = supervisor_child(request->supervisor, PROCESS_CONTROL);
	struct message_result result = { .status = STATUS_OK, .code = "status", .text = "" };

	loop_timer_cancel(&request->timer);
	if (request->usage_id != 0)
		status_send_server(request->supervisor, &control->channel, request->asked_id, 0);
	(void)channel_send_result(&control->channel, request->asked_id, &result, -1);
	request->asked_id = request->statistics_id = request->usage_id = 0;
}

static void
status_is_late(struct loop_timer *timer)
{
	status_finish(timer->arg);
}

static void
status_send_node(const struct supervisor *s, struct channel *control, uint32_t id)
{
	const struct pause *pause = &s->pause;
	bool paused = pause->state != PAUSE_NONE && s->node.ready_since_us != 0;
	char tcp[REMOTE_ADDRESSES_SIZE];
	struct message_status_node node = {
		.version = PACKAGE_VERSION, .node_id = s->node.directories.node_id,
		.mode = conf_mode_names[s->node.conf->node.mode],
		.backend = conf_backend_names[s->node.conf->database.backend],
		.phase = !paused ? lifecycle_state_name(s->node.lifecycle.state) : pause->state == PAUSE_HELD ? "paused" : "being paused",
		.ready = s->node.ready_since_us != 0 && !paused,
		.started_us = s->node.started_us, .ready_since_us = s->node.ready_since_us, .separated = s->node.separated,
		.pid = (uint32_t)getpid(), .socket = s->node.listening.sockets[LISTEN_CLIENTS].path,
		.conf_path = s->node.conf_path, .paused_us = paused ? pause->since_us : 0,
		.paused_until_us = paused && pause->state == PAUSE_HELD && !pause->for_restart ? pause->until_us : 0,
		.paused_uid = pause->uid, .tcp = remote_addresses(s->node.conf, tcp, sizeof(tcp))
	};

	(void)channel_send_status_node(control, id, &node, -1);
}

/* When a timer that is set is due, by the wall clock. */
static int64_t
status_due_us(const struct loop_timer *timer)
{
	int64_t left_ms = timer->at - clock_now_ms();

	return clock_realtime_us() + (left_ms > 0 ? left_ms : 0) * 1000;
}

static void
status_send_process(const struct child *child, struct channel *control, uint32_t id)
{
	struct message_status_process process = {
		.name = child->name, .pid = (uint32_t)child->pid, .user = child->user.name,
		.state = child_state_names[child->state], .healthy = child->healthy, .since_us = child->since_us,
		.restarts = child->restarts, .last_cause = child->last_cause,
		.failed_us = child->failed_us,
		.next_try_us = child->state == CHILD_WAITING && child->timer.loop != NULL ? status_due_us(&child->timer) : 0,
		.landlock = child_has_process(child) ? child->landlock : 0
	};

	observe_process(child->pid, &process);
	(void)channel_send_status_process(control, id, &process, -1);
}

/* Where clients of PostgreSQL's own would find it. */
static void
status_server_address(const struct supervisor *s, char *buf, size_t size)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "run/.s.PGSQL.%" PRId64, s->node.conf->database.postgres.port);
	if (!s->node.conf->database.postgres.network.use_unix_socket)
		(void)snprintf(buf, size, "%s:%" PRId64, s->node.conf->database.postgres.network.bind_address,
		    s->node.conf->database.postgres.port);
	else if (conf_postgres_path(s->node.conf, name, buf, size) == -1)
		buf[0] = '\0';
}

static void
status_send_server(const struct supervisor *s, struct channel *control, uint32_t id, uint64_t memory_bytes)
{
	const struct server *server = &s->server;
	char address[PATH_MAX];
	struct message_status_server message = {
		.engine = server->engine, .engine_version = server->engine_version, .container = server->container,
		.container_id = server->container_id,
		.image = server->image[0] == '\0' ? s->node.conf->database.postgres.image : server->image,
		.image_id = server->image_id, .address = address, .state = server_state_names[server->state],
		.progress = server->progress, .since_us = server->since_us, .restarts = server->restarts,
		.crashes = server->crashes, .last_cause = server->last_cause, .failed_us = server->failed_us,
		.next_try_us = server->state == SERVER_WAITING && server->timer.loop != NULL ? status_due_us(&server->timer) : 0,
		.memory_bytes = memory_bytes,
		.memory_max_bytes = (uint64_t)s->node.conf->database.postgres.memory_mb << 20, .logins = server->logins,
		.rotated_us = server->rotated_us, .rotation = server->rotation, .warning = server->warning,
		.next_rotation_us = server->rotated_us == 0 ? 0 : server->rotated_us +
			s->node.conf->database.postgres.credential_rotation_interval * 1000
	};

	status_server_address(s, address, sizeof(address));
	(void)channel_send_status_server(control, id, &message, -1);
}

static struct status_request *
status_find_free(struct supervisor *s)
{
	for (size_t i = 0; i < STATUS_REQUESTS_MAX; i++)
		if (s->status_requests.requests[i].asked_id == 0)
			return &s->status_requests.requests[i];
	return NULL;
}

/* Asks a worker if it is up; the id of the question, or 0. */
static uint32_t
status_ask(struct child *child, int (*send)(struct channel *, uint32_t))
{
	uint32_t id;

	if (child == NULL || !child_is_worker_up(child))
		return 0;
	id = channel_next_id(&child->channel);
	return send(&child->channel, id) == 0 ? id : 0;
}

static int
status_ask_statistics(struct channel *channel, uint32_t id)
{
	return channel_send_statistics_request(channel, id, NULL, -1);
}

static int
status_ask_usage(struct channel *channel, uint32_t id)
{
	return channel_send_usage_request(channel, id, NULL, -1);
}

void
status_take_request(struct supervisor *supervisor, uint32_t id)
{
	struct child *control = supervisor_child(supervisor, PROCESS_CONTROL);
	struct status_request *request = status_find_free(supervisor);
	struct message_result busy = {
		.status = STATUS_UNAVAILABLE, .code = "status.busy", .text = "too many ask at once: try again"
	};

	if (id == 0)
		return;
	if (request == NULL) {
		(void)channel_send_result(&control->channel, id, &busy, -1);
		return;
	}
	status_send_node(supervisor, &control->channel, id);
	for (size_t i = 0; i < supervisor->nchildren; i++)
		status_send_process(&supervisor->children[i], &control->channel, id);
	certificates_send(supervisor, &control->channel, id);
	room_send(supervisor, &control->channel, id);
	request->supervisor = supervisor;
	request->asked_id = id;
	request->statistics_id = status_ask(supervisor_child(supervisor, PROCESS_STORAGE), status_ask_statistics);
	request->usage_id = status_ask(supervisor_child(supervisor, PROCESS_CONTAINER), status_ask_usage);
	if (request->usage_id == 0 && server_is_managed(supervisor))
		status_send_server(supervisor, &control->channel, id, 0);
	if (request->statistics_id == 0 && request->usage_id == 0)
		status_finish(request);
	else
		loop_timer_set(&supervisor->node.loop, &request->timer, STATUS_STATISTICS_MS, status_is_late, request);
}

void
status_take_statistics(struct supervisor *supervisor, uint32_t id, const struct message_statistics *statistics)
{
	struct child *control = supervisor_child(supervisor, PROCESS_CONTROL);

	for (size_t i = 0; i < STATUS_REQUESTS_MAX && id != 0; i++) {
		struct status_request *request = &supervisor->status_requests.requests[i];

		if (request->asked_id == 0 || request->statistics_id != id)
			continue;
		(void)channel_send_statistics(&control->channel, request->asked_id, statistics, -1);
		request->statistics_id = 0;
		if (request->usage_id == 0)
			status_finish(request);
		return;
	}
}

void
status_take_usage(struct supervisor *supervisor, uint32_t id, uint64_t memory_bytes)
{
	struct child *control = supervisor_child(supervisor, PROCESS_CONTROL);

	for (size_t i = 0; i < STATUS_REQUESTS_MAX && id != 0; i++) {
		struct status_request *request = &supervisor->status_requests.requests[i];

		if (request->asked_id == 0 || request->usage_id != id)
			continue;
		status_send_server(supervisor, &control->channel, request->asked_id, memory_bytes);
		request->usage_id = 0;
		if (request->statistics_id == 0)
			status_finish(request);
		return;
	}
}

void
status_forget(struct supervisor *supervisor)
{
	for (size_t i = 0; i < STATUS_REQUESTS_MAX; i++) {
		struct status_request *request = &supervisor->status_requests.requests[i];

		loop_timer_cancel(&request->timer);
		request->asked_id = request->statistics_id = request->usage_id = 0;
	}
}

void
status_storage_gone(struct supervisor *supervisor)
{
	for (size_t i = 0; i < STATUS_REQUESTS_MAX; i++)
		if (supervisor->status_requests.requests[i].asked_id != 0)
			status_finish(&supervisor->status_requests.requests[i]);
}
