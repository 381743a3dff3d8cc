/* What the lifecycle's table asks for: each action by its name, and what is told to whom when the state changes. */
#include <inttypes.h>

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/plan/plan.h"
#include "supervisor/requests/server_restart.h"
#include "supervisor/supervisor.h"

/* How much longer than a stop may take the service manager is asked to wait. */
#define PHASES_STOP_EXTRA_MS 10000

static struct child *
phases_storage(void *context)
{
	struct supervisor *s = context;

	return children_find(&s->children, PROCESS_STORAGE);
}

/* ---- start ---- */

/* Clients wait for the storage worker: it is first in the table. */
static void
phases_start_storage(void *context)
{
	struct supervisor *s = context;

	for (size_t i = 0; i < s->children.n; i++)
		if (s->children.list[i].program != NULL)
			child_start(&s->children.list[i]);
	log_info("started in %" PRId64 " ms; storage is coming up", (clock_realtime_us() - s->node.started_us) / 1000);
	lifecycle_take(&s->node.lifecycle, LIFECYCLE_WORKERS_STARTED);
}

static void
phases_start_components(void *context)
{
	struct supervisor *s = context;

	component_start_all(&s->children);
}

static void
phases_open_store(void *context)
{
	struct supervisor *s = context;
	struct child *storage = phases_storage(s);
	struct error e;

	/* An old container may still be answering although it is about to be replaced: wait until the container worker
	 * says SERVER_STARTED. */
	if ((node_has_server(&s->node) && s->server.state != SERVER_RUNNING) || move_waits(&s->move))
		return;
	if (s->node.moving && move_hand_source(&s->move, storage, &e) == -1) {
		log_failure(&e);
		node_stop(&s->node, e.status, "the rows cannot be moved; nothing was changed");
		return;
	}
	s->store_id = channel_next_id(&storage->channel);
	(void)channel_send_open_store(&storage->channel, s->store_id, NULL, -1);
}

/* Writes down where the rows are, before the first client can write one: clients are served from the answer to
 * PING_STORE on. When it cannot be written, the node serves all the same, as it did before, but not from a copy: then
 * false. */
static bool
phases_settle_home(struct supervisor *s)
{
	struct home *home = &s->node.directories.home;
	struct error e;
	bool changed;

	if ((s->node.moving && move_announce(&s->move, &e) == -1) ||
	    home_settle(s->node.directories.data_fd, s->node.conf, home, &changed, &e) == -1) {
		log_warning("%s", e.text);
		return !s->node.moving;
	}
	if (changed) {
		log_notice("the rows of this node are in %s from now on: %s", home_name(home->kind), home->path);
		events_add(&s->node.events, "bibd", "node.backend_changed", "the rows are in %s from now on: %s",
		    home_name(home->kind), home->path);
	}
	if (s->node.moving)
		move_done(&s->move);
	return true;
}

static void
phases_ping_store(void *context)
{
	struct supervisor *s = context;
	struct child *storage = phases_storage(s);

	if (!phases_settle_home(s)) {
		node_stop(&s->node, STATUS_IO, "where the rows are cannot be written down; they are in SQLite");
		return;
	}
	s->store_id = channel_next_id(&storage->channel);
	(void)channel_send_ping_store(&storage->channel, s->store_id, NULL, -1);
}

/* Keeps a copy of the configuration in force, for `bibctl plan`. Where that fails the node goes on without one. */
void
phases_keep_configuration(struct supervisor *s)
{
	struct error e;

	if (plan_keep(s->node.directories.data_fd, s->node.conf, &e) == -1)
		log_warning("%s", e.text);
}

static void
phases_serve(void *context)
{
	struct supervisor *s = context;
	struct child *storage = phases_storage(s);
	char tcp[LISTEN_ADDRESSES_SIZE];

	restart_note_healthy(&storage->restart, clock_now_ms());
	restart_note_healthy(&s->server.restart, clock_now_ms());
	s->node.ready_since_us = clock_realtime_us();
	s->node.down_since_us = 0;
	s->server.progress[0] = s->server.outside[0] = '\0';
	audit_relay_store_opened(&s->audit);
	server_restart_done(&s->requests);
	notify_status(&s->node.notify, "ready");
	if (s->node.was_ready) {
		log_notice("storage is back");
		events_add(&s->node.events, "bibd", "node.recovered", "storage is back");
		return;
	}
	s->node.was_ready = true;
	move_watch_kept(&s->move);
	phases_keep_configuration(s);
	notify_ready(&s->node.notify);
	(void)listen_addresses(s->node.conf, tcp, sizeof(tcp));
	log_notice("ready: clients are served on %s%s%s", s->node.listening.sockets[LISTEN_CLIENTS].path,
	    tcp[0] == '\0' ? "" : ", remote ones on ", tcp);
	events_add(&s->node.events, "bibd", "node.ready", "ready %" PRId64 " ms after the start",
	    (s->node.ready_since_us - s->node.started_us) / 1000);
}

/* ---- stop ---- */

static void
phases_kill_storage(void *context)
{
	struct supervisor *s = context;
	struct child *storage = phases_storage(s);

	if (lifecycle_is_stopping(&s->node.lifecycle))
		child_kill(storage, "it did not stop in time");
	else
		child_kill(storage, "the store was not ready within %" PRId64 " ms",
		    conf_health(s->node.conf)->startup_timeout);
}

/* On a node with a managed server, the server is at fault and not the storage worker, which is its client. */
static void
phases_end_wait(void *context)
{
	struct supervisor *s = context;

	if (children_find(&s->children, PROCESS_CONTAINER) != NULL)
		server_note_late(&s->server);
	else
		phases_kill_storage(s);
}

static void
phases_stop_storage(void *context)
{
	struct supervisor *s = context;
	struct child *storage = phases_storage(s);

	if (storage != NULL)
		child_stop(storage, s->node.lifecycle.times.shutdown);
	if (storage == NULL || !child_has_process(storage))
		lifecycle_take(&s->node.lifecycle, LIFECYCLE_STORAGE_DIED);
}

static void
phases_hurry_storage(void *context)
{
	struct supervisor *s = context;
	struct child *storage = phases_storage(s);

	if (storage != NULL)
		child_stop(storage, s->node.lifecycle.times.hurry);
}

static void
phases_stop_server(void *context)
{
	struct supervisor *s = context;

	server_stop(&s->server, s->node.lifecycle.times.server);
}

static void
phases_hurry_server(void *context)
{
	struct supervisor *s = context;

	server_stop(&s->server, s->node.lifecycle.times.hurry);
}

static void
phases_kill_server(void *context)
{
	struct supervisor *s = context;
	struct child *worker = children_find(&s->children, PROCESS_CONTAINER);

	if (worker != NULL)
		child_kill(worker, "it did not stop the container in time");
}

/* The first step of a stop. */
static void
phases_stop_components(void *context)
{
	struct supervisor *s = context;

	notify_stopping(&s->node.notify);
	notify_extend_timeout(&s->node.notify,
	    s->node.lifecycle.times.grace + s->node.lifecycle.times.shutdown + s->node.lifecycle.times.server +
		PHASES_STOP_EXTRA_MS);
	reload_abandon(&s->reload);
	component_stop_all(&s->children);
}

static void
phases_kill_components(void *context)
{
	struct supervisor *s = context;

	component_kill_all(&s->children);
}

/* Control is stopped here with the others, so a `bibctl stop` that waits is answered before. */
static void
phases_stop_workers(void *context)
{
	struct supervisor *s = context;

	requests_answer_stops(&s->requests);
	for (size_t i = 0; i < s->children.n; i++)
		if (s->children.list[i].program != NULL)
			child_stop(&s->children.list[i], s->node.lifecycle.times.hurry);
	children_note_worker_end(&s->children);
}

static void
phases_kill_workers(void *context)
{
	struct supervisor *s = context;

	for (size_t i = 0; i < s->children.n; i++)
		if (s->children.list[i].program != NULL)
			child_kill(&s->children.list[i], "it did not stop in time");
}

static void
phases_finish(void *context)
{
	struct supervisor *s = context;

	loop_stop(&s->node.loop);
}

void (*const phases_actions[LIFECYCLE_ACTIONS])(void *) = {
	[LIFECYCLE_START_STORAGE] = phases_start_storage,
	[LIFECYCLE_START_COMPONENTS] = phases_start_components,
	[LIFECYCLE_OPEN_STORE] = phases_open_store,
	[LIFECYCLE_PING_STORE] = phases_ping_store,
	[LIFECYCLE_SERVE] = phases_serve,
	[LIFECYCLE_END_WAIT] = phases_end_wait,
	[LIFECYCLE_KILL_STORAGE] = phases_kill_storage,
	[LIFECYCLE_STOP_STORAGE] = phases_stop_storage,
	[LIFECYCLE_HURRY_STORAGE] = phases_hurry_storage,
	[LIFECYCLE_STOP_SERVER] = phases_stop_server,
	[LIFECYCLE_HURRY_SERVER] = phases_hurry_server,
	[LIFECYCLE_KILL_SERVER] = phases_kill_server,
	[LIFECYCLE_STOP_COMPONENTS] = phases_stop_components,
	[LIFECYCLE_KILL_COMPONENTS] = phases_kill_components,
	[LIFECYCLE_STOP_WORKERS] = phases_stop_workers,
	[LIFECYCLE_KILL_WORKERS] = phases_kill_workers,
	[LIFECYCLE_FINISH] = phases_finish,
};

/* ---- what changes with the state ---- */

static void
phases_deadline(struct loop_timer *timer)
{
	struct supervisor *s = timer->arg;

	lifecycle_check_deadline(&s->node.lifecycle);
}

void
phases_changed(void *context, enum lifecycle_state from)
{
	struct supervisor *s = context;
	enum lifecycle_state to = s->node.lifecycle.state;

	if (s->node.lifecycle.deadline == CLOCK_NEVER)
		loop_timer_cancel(&s->deadline);
	else
		loop_timer_set(&s->node.loop, &s->deadline, s->node.lifecycle.deadline - clock_now_ms(),
		    phases_deadline, s);
	if (to == from)
		return;
	if (from == LIFECYCLE_OPERATIONAL) {
		s->node.ready_since_us = 0;
		s->node.down_since_us = clock_realtime_us();
		/* A stop has an event of its own, which is the last. */
		if (!lifecycle_is_stopping(&s->node.lifecycle))
			events_add(&s->node.events, "bibd", "node.down", "clients are no longer served: %s",
			    lifecycle_state_name(to));
	}
	log_debug("%s", lifecycle_state_name(to));
	if (to == LIFECYCLE_OPERATIONAL)
		return;
	notify_status(&s->node.notify, lifecycle_state_name(to));
	/* While a start goes on, each new attempt is progress. */
	if (to == LIFECYCLE_AWAITING_WORKER && !s->node.was_ready)
		notify_extend_timeout(&s->node.notify, s->node.lifecycle.times.startup + PHASES_STOP_EXTRA_MS);
}

void
phases_source_serves(void *context)
{
	struct supervisor *s = context;

	if (s->node.lifecycle.state == LIFECYCLE_OPENING)
		phases_open_store(s);
}
