/*
 * Sends control the node, the processes and the server, and waits for the storage worker's part of a status.
 */
#include "supervisor/requests/status.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "common/clock.h"
#include "supervisor/children/children.h"
#include "supervisor/children/observe.h"
#include "supervisor/host/room.h"
#include "supervisor/node/node.h"
#include "supervisor/requests/requests.h"
#include "supervisor/server/server.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

/* How long workers may take to tell their part. */
#define STATUS_WAIT_MS 1000

/* What a request of ours asks for: at most one of each for every status that control asks. */
enum status_part { STATUS_PART_STATISTICS, STATUS_PART_USAGE, STATUS_PARTS };
_Static_assert((unsigned)STATUS_PARTS *REQUESTS_STATUS_MAX <= PENDING_MAX, "a place for each part");

/* ---- what is sent ---- */

static void
status_send_node(const struct requests *requests, struct channel *control, uint32_t id)
{
	const struct node *node = requests->node;
	const struct pause *pause = &requests->pause;
	bool paused = pause->state != PAUSE_NONE && node->ready_since_us != 0;
	char tcp[LISTEN_ADDRESSES_SIZE];
	struct message_status_node message = { .version = PACKAGE_VERSION,
		.node_id = node->directories.node_id,
		.mode = conf_mode_names[node->conf->node.mode],
		.backend = conf_backend_names[node->conf->database.backend],
		.phase = !paused		 ? lifecycle_state_name(node->lifecycle.state)
		    : pause->state == PAUSE_HELD ? "paused"
						 : "being paused",
		.ready = node->ready_since_us != 0 && !paused,
		.started_us = node->started_us,
		.ready_since_us = node->ready_since_us,
		.down_since_us = node->ready_since_us != 0 ? 0
		    : node->down_since_us != 0		   ? node->down_since_us
							   : node->started_us,
		.separated = node->separated,
		.pid = (uint32_t)getpid(),
		.socket = node->listening.sockets[LISTEN_CLIENTS].path,
		.conf_path = node->conf_path,
		.paused_us = paused ? pause->since_us : 0,
		.paused_until_us = paused && pause->state == PAUSE_HELD && pause->drained == NULL ? pause->until_us : 0,
		.paused_uid = pause->uid,
		.tcp = listen_addresses(node->conf, tcp, sizeof(tcp)) };

	(void)channel_send_status_node(control, id, &message, -1);
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
	struct message_status_process process = { .name = child->name,
		.pid = (uint32_t)child->pid,
		.user = child->user.name,
		.state = child_state_names[child->state],
		.healthy = child->healthy,
		.complaint = child->healthy || !child_is_worker_up(child) ? "" : child->complaint,
		.since_us = child->since_us,
		.restarts = child->restarts,
		.last_cause = child->last_cause,
		.failed_us = child->failed_us,
		.next_try_us =
		    child->state == CHILD_WAITING && child->timer.loop != NULL ? status_due_us(&child->timer) : 0,
		.landlock = child_has_process(child) ? child->landlock : 0 };

	observe_process(child->pid, &process);
	(void)channel_send_status_process(control, id, &process, -1);
}

/* Where clients of PostgreSQL's own would find it. */
static void
status_server_address(const struct conf *conf, char *buf, size_t size)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "run/.s.PGSQL.%" PRId64, conf->database.postgres.port);
	if (!conf->database.postgres.network.use_unix_socket)
		(void)snprintf(buf, size, "%s:%" PRId64, conf->database.postgres.network.bind_address,
		    conf->database.postgres.port);
	else if (conf_postgres_path(conf, name, buf, size) == -1)
		buf[0] = '\0';
}

static void
status_send_server(const struct requests *requests, struct channel *control, uint32_t id, uint64_t memory_bytes)
{
	const struct server *server = requests->server;
	const struct conf *conf = requests->node->conf;
	char address[PATH_MAX];
	struct message_status_server message = { .engine = server->engine,
		.engine_version = server->engine_version,
		.container = server->container,
		.container_id = server->container_id,
		.image = server->image[0] == '\0' ? conf->database.postgres.image : server->image,
		.image_id = server->image_id,
		.address = address,
		.state = server_state_names[server->state],
		.progress = server->progress,
		.since_us = server->since_us,
		.restarts = server->restarts,
		.crashes = server->crashes,
		.last_cause = server->last_cause,
		.failed_us = server->failed_us,
		.next_try_us =
		    server->state == SERVER_WAITING && server->timer.loop != NULL ? status_due_us(&server->timer) : 0,
		.memory_bytes = memory_bytes,
		.memory_max_bytes = (uint64_t)conf->database.postgres.memory_mb << 20,
		.logins = server->logins,
		.rotated_us = server->rotated_us,
		.rotation = server->rotation,
		.warning = server->warning,
		.outside = server_waits_for(server),
		.next_rotation_us = server->rotated_us == 0
		    ? 0
		    : server->rotated_us + conf->database.postgres.credential_rotation_interval * 1000 };

	status_server_address(conf, address, sizeof(address));
	(void)channel_send_status_server(control, id, &message, -1);
}

static void
status_send_backup(const struct requests *requests, struct channel *control, uint32_t id)
{
	const struct backup_told *told = &requests->backup;
	const struct message_status_backup message = { .backup_us = told->backup_us,
		.stored_us = told->stored_us,
		.proven_us = told->proven_us,
		.drilled_us = told->drilled_us,
		.opens = told->opens };

	if (told->given)
		(void)channel_send_status_backup(control, id, &message, -1);
}

void
status_take_backup(struct requests *requests, const struct message_status_backup *message)
{
	struct backup_told *told = &requests->backup;

	told->given = true;
	told->backup_us = message->backup_us;
	told->stored_us = message->stored_us;
	told->proven_us = message->proven_us;
	told->drilled_us = message->drilled_us;
	(void)snprintf(told->opens, sizeof(told->opens), "%s", message->opens);
}

/* ---- asking ---- */

/* Ends the answer when nothing is awaited any more. */
static void
status_finish(struct requests *requests, uint32_t asked_id)
{
	if (!pending_is_awaited(&requests->statuses, asked_id))
		requests_result(requests, asked_id, STATUS_OK, "status", "");
}

/* A worker did not tell its part, or has gone: the answer goes on without it. */
static void
status_ended(void *context, const struct pending_request *request, enum pending_end why)
{
	struct requests *requests = context;
	struct child *control = children_find(requests->children, PROCESS_CONTROL);

	(void)why;
	if (control != NULL && request->kind == STATUS_PART_USAGE)
		status_send_server(requests, &control->channel, request->asked_id, 0);
	status_finish(requests, request->asked_id);
}

void
status_init(struct requests *requests)
{
	pending_init(&requests->statuses, &requests->node->loop, STATUS_PARTS * REQUESTS_STATUS_MAX, status_ended,
	    requests);
}

/* Asks a worker for its part if it is up. */
static bool
status_ask_part(struct requests *requests, uint32_t asked_id, unsigned workers, enum status_part part)
{
	struct child *worker = children_find_up(requests->children, workers);
	struct pending_request request = { .asked_id = asked_id, .kind = part };
	int sent;

	if (worker == NULL)
		return false;
	request.worker = worker->program->process;
	request.worker_id = channel_next_id(&worker->channel);
	sent = part == STATUS_PART_USAGE
	    ? channel_send_usage_request(&worker->channel, request.worker_id, NULL, -1)
	    : channel_send_statistics_request(&worker->channel, request.worker_id, NULL, -1);
	return sent == 0 && pending_add(&requests->statuses, &request, STATUS_WAIT_MS);
}

void
status_ask(struct requests *requests, uint32_t asked_id)
{
	struct child *control = children_find(requests->children, PROCESS_CONTROL);

	if (asked_id == 0 || control == NULL)
		return;
	if (!pending_has_room(&requests->statuses, STATUS_PARTS)) {
		requests_result(requests, asked_id, STATUS_UNAVAILABLE, "status.busy",
		    "too many requests are under way: try again");
		return;
	}
	status_send_node(requests, &control->channel, asked_id);
	for (size_t i = 0; i < requests->children->n; i++)
		status_send_process(&requests->children->list[i], &control->channel, asked_id);
	certificates_send(requests->server, &control->channel, asked_id);
	room_send(requests->room, &control->channel, asked_id);
	status_send_backup(requests, &control->channel, asked_id);
	(void)status_ask_part(requests, asked_id, PROCESS_STORAGE, STATUS_PART_STATISTICS);
	if (!status_ask_part(requests, asked_id, PROCESS_CONTAINER, STATUS_PART_USAGE) &&
	    node_has_server(requests->node))
		status_send_server(requests, &control->channel, asked_id, 0);
	status_finish(requests, asked_id);
}

/* ---- answers ---- */

void
status_take_statistics(struct requests *requests, uint32_t id, const struct message_statistics *statistics)
{
	struct child *control = children_find(requests->children, PROCESS_CONTROL);
	struct pending_request request;

	if (control == NULL || !pending_take(&requests->statuses, PROCESS_STORAGE, id, &request))
		return;
	(void)channel_send_statistics(&control->channel, request.asked_id, statistics, -1);
	status_finish(requests, request.asked_id);
}

void
status_take_usage(struct requests *requests, uint32_t id, uint64_t memory_bytes)
{
	struct child *control = children_find(requests->children, PROCESS_CONTROL);
	struct pending_request request;

	if (control == NULL || !pending_take(&requests->statuses, PROCESS_CONTAINER, id, &request))
		return;
	status_send_server(requests, &control->channel, request.asked_id, memory_bytes);
	status_finish(requests, request.asked_id);
}
