#include "supervisor/status.h"

#include <unistd.h>

#include "common/log.h"
#include "supervisor/supervisor.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

#define STATUS_STATISTICS_MS 1000

static void
status_finish(struct status_request *request)
{
	struct child *control = supervisor_child(request->supervisor, PROCESS_CONTROL);
	struct message_result result = { .status = STATUS_OK, .code = "status", .text = "" };

	loop_timer_cancel(&request->timer);
	(void)channel_send_result(&control->channel, request->asked_id, &result, -1);
	request->asked_id = request->statistics_id = 0;
}

static void
status_is_late(struct loop_timer *timer)
{
	status_finish(timer->arg);
}

static void
status_send_node(const struct supervisor *s, struct channel *control, uint32_t id)
{
	struct message_status_node node = {
		.version = PACKAGE_VERSION, .node_id = s->directories.node_id,
		.mode = conf_mode_names[s->conf->node.mode],
		.backend = conf_backend_names[s->conf->database.backend],
		.phase = lifecycle_state_name(s->lifecycle.state), .ready = s->ready_since_us != 0,
		.started_us = s->started_us, .ready_since_us = s->ready_since_us, .separated = s->separated,
		.pid = (uint32_t)getpid(), .socket = s->listening.sockets[LISTEN_CLIENTS].path
	};

	(void)channel_send_status_node(control, id, &node, -1);
}

static void
status_send_process(const struct child *child, struct channel *control, uint32_t id)
{
	struct message_status_process process = {
		.name = child->name, .pid = (uint32_t)child->pid, .user = child->user.name,
		.state = child_state_names[child->state], .healthy = child->healthy, .since_us = child->since_us,
		.restarts = child->restarts, .last_cause = child->last_cause
	};

	(void)channel_send_status_process(control, id, &process, -1);
}

static struct status_request *
status_find(struct supervisor *s, uint32_t asked_id, uint32_t statistics_id)
{
	for (size_t i = 0; i < STATUS_REQUESTS_MAX; i++) {
		struct status_request *request = &s->status_requests.requests[i];

		if (request->asked_id == asked_id || (statistics_id != 0 && request->statistics_id == statistics_id))
			return request;
	}
	return NULL;
}

void
status_take_request(struct supervisor *supervisor, uint32_t id)
{
	struct child *control = supervisor_child(supervisor, PROCESS_CONTROL);
	struct child *storage = supervisor_child(supervisor, PROCESS_STORAGE);
	struct status_request *request = status_find(supervisor, 0, 0);
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
	request->supervisor = supervisor;
	request->asked_id = id;
	if (storage == NULL || !child_is_worker_up(storage)) {
		status_finish(request);
		return;
	}
	request->statistics_id = channel_next_id(&storage->channel);
	(void)channel_send_statistics_request(&storage->channel, request->statistics_id, NULL, -1);
	loop_timer_set(&supervisor->loop, &request->timer, STATUS_STATISTICS_MS, status_is_late, request);
}

void
status_take_statistics(struct supervisor *supervisor, uint32_t id, const struct message_statistics *statistics)
{
	struct child *control = supervisor_child(supervisor, PROCESS_CONTROL);
	struct status_request *request = id == 0 ? NULL : status_find(supervisor, UINT32_MAX, id);

	if (request == NULL || request->asked_id == 0)
		return;
	(void)channel_send_statistics(&control->channel, request->asked_id, statistics, -1);
	status_finish(request);
}

void
status_forget(struct supervisor *supervisor)
{
	for (size_t i = 0; i < STATUS_REQUESTS_MAX; i++) {
		struct status_request *request = &supervisor->status_requests.requests[i];

		loop_timer_cancel(&request->timer);
		request->asked_id = request->statistics_id = 0;
	}
}

void
status_storage_gone(struct supervisor *supervisor)
{
	for (size_t i = 0; i < STATUS_REQUESTS_MAX; i++)
		if (supervisor->status_requests.requests[i].asked_id != 0)
			status_finish(&supervisor->status_requests.requests[i]);
}
