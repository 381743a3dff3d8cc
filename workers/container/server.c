/*
 * Takes START_SERVER and STOP_SERVER, keeps what is wanted, and answers when it is reached or cannot be.
 */
#include "workers/container/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/container/bootstrap.h"
#include "workers/container/container.h"

void
managed_server_open(struct managed_server *server, struct worker *worker, struct jobs *jobs, const char *home)
{
	*server = (struct managed_server) { .worker = worker,
		.jobs = jobs,
		.home = home,
		.watch = { .process = { .fd = -1 }, .kills_fd = -1 } };
	for (int kind = 0; kind < MANAGED_SERVER_TASKS; kind++)
		server->tasks[kind].server = server;
}

static void
managed_server_forget_verifier(struct managed_server *server)
{
	if (server->verifier != NULL)
		explicit_bzero(server->verifier, strlen(server->verifier));
	free(server->verifier);
	server->verifier = NULL;
}

void
managed_server_close(struct managed_server *server)
{
	engine_find_cancel(&server->finder);
	managed_server_watch_end(server);
	for (int kind = 0; kind < MANAGED_SERVER_TASKS; kind++)
		managed_server_cancel(server, (enum managed_server_task_kind)kind);
	loop_timer_cancel(&server->stop_timer);
	loop_timer_cancel(&server->stop_limit);
	loop_timer_cancel(&server->tick);
	managed_server_forget_verifier(server);
	free(server->docker_socket);
	free(server->podman_sockets);
	server->docker_socket = server->podman_sockets = NULL;
}

struct spec
managed_server_spec(const struct managed_server *server)
{
	return (struct spec) { .conf = server->worker->conf,
		.node_id = server->worker->node_id,
		.engine = &server->engine,
		.uid = server->uid,
		.gid = server->gid,
		.archive = server->archive,
		.separated = server->worker->separated,
		.version = server->version };
}

/* ---- replies ---- */

void
managed_server_rest(struct managed_server *server)
{
	server->wanted = MANAGED_SERVER_WANT_NOTHING;
	server->late_start = false;
	server->start_id = 0;
	server->nstops = 0;
	server->setup_killing = false;
	managed_server_forget_verifier(server);
	loop_timer_cancel(&server->tick);
	loop_timer_cancel(&server->stop_timer);
	loop_timer_cancel(&server->stop_limit);
}

static void
managed_server_fail_start(struct managed_server *server, const struct error *e)
{
	if (server->start_id != 0)
		worker_fail(server->worker, server->start_id, e);
	server->start_id = 0;
	managed_server_forget_verifier(server);
}

void
managed_server_fail(struct managed_server *server, const struct error *e)
{
	if (server->wanted == MANAGED_SERVER_WANT_NOTHING) {
		log_warning("%s", e->text);
		return;
	}
	server->state = MANAGED_SERVER_ABSENT;
	loop_timer_cancel(&server->tick);
	if (server->wanted == MANAGED_SERVER_WANT_STOPPED) {
		log_warning("the server's container could not be stopped in an orderly way: %s", e->text);
		managed_server_say_stopped(server, e->text);
		return;
	}
	managed_server_fail_start(server, e);
	managed_server_rest(server);
}

void
managed_server_say_initialised(struct managed_server *server)
{
	server->state = MANAGED_SERVER_ABSENT;
	server->made = true;
	(void)channel_send_server_initialised(&server->worker->channel, server->start_id, NULL, -1);
	managed_server_rest(server);
}

static void
managed_server_tell_started(struct managed_server *server, bool adopted)
{
	char name[ENGINE_NAME_MAX];
	const struct message_server_started started = { .engine = server->engine.kind->name,
		.engine_version = server->engine.version,
		.name = name,
		.container_id = server->container.id,
		.image = server->worker->conf->database.postgres.image,
		.image_id = server->image_id,
		.adopted = adopted,
		.started_us = server->container.started_us,
		.warning = server->engine.unlimited
		    ? "database.postgres.memory_mb and cpu_cores have no effect: the engine "
		      "applies no limits (it is rootless on control groups of version 1, or the "
		      "kernel has none for memory or processors)"
		    : "" };

	spec_server_name(server->worker->node_id, name, sizeof(name));
	server->state = MANAGED_SERVER_RUNNING;
	server->engine_was_used = true;
	managed_server_note_image(server);
	(void)channel_send_server_started(&server->worker->channel, server->start_id, &started, -1);
	managed_server_rest(server);
	managed_server_watch_begin(server);
}

void
managed_server_say_started(struct managed_server *server, bool adopted)
{
	if (managed_server_is_busy(server, MANAGED_SERVER_TASK_IMAGE) ||
	    (engine_is_searched(&server->finder) && server->engine.version[0] == '\0')) {
		server->late_start = true;
		server->late_adopted = adopted;
		return;
	}
	managed_server_tell_started(server, adopted);
}

void
managed_server_say_stopped(struct managed_server *server, const char *text)
{
	const struct message_server_stopped stopped = { .killed = server->killed && server->stopped, .text = text };

	server->state = MANAGED_SERVER_ABSENT;
	for (size_t i = 0; i < server->nstops; i++)
		(void)channel_send_server_stopped(&server->worker->channel, server->stop_ids[i], &stopped, -1);
	managed_server_rest(server);
}

void
managed_server_progress(struct managed_server *server, const char *text)
{
	(void)channel_send_server_progress(&server->worker->channel, server->start_id,
	    &(struct message_server_progress) { .text = text }, -1);
}

/* ---- requests ---- */

static int
managed_server_copy_request(struct managed_server *server, const struct message_start_server *message)
{
	char stamp[BOOTSTRAP_STAMP_SIZE];

	free(server->docker_socket);
	free(server->podman_sockets);
	server->docker_socket = strdup(message->docker_socket);
	server->podman_sockets = strdup(message->podman_sockets);
	bootstrap_stamp(server->worker->conf, stamp);
	server->outdated = !message->initialise && strcmp(message->setup, stamp) != 0;
	server->verifier = message->verifier[0] != '\0' ? strdup(message->verifier) : NULL;
	server->kubernetes = message->kubernetes;
	server->uid = message->uid;
	server->version = message->version;
	server->target = message->target;
	server->gid = message->gid;
	server->archive = message->archive;
	server->initialise = message->initialise;
	server->restored = message->restored;
	return server->docker_socket == NULL || server->podman_sockets == NULL ||
		(server->verifier == NULL) != (message->verifier[0] == '\0')
	    ? -1
	    : 0;
}

void
managed_server_take_start(struct managed_server *server, uint32_t id, const struct message_start_server *message)
{
	struct error e;

	if (server->wanted != MANAGED_SERVER_WANT_NOTHING) {
		(void)error_set(&e, STATUS_BUG, "container.busy", "another operation on the container is under way");
		worker_fail(server->worker, id, &e);
		return;
	}
	managed_server_watch_end(server);
	server->start_id = id;
	server->killed = server->stopped = server->wait_failed = server->hopeful = server->hope_spent =
	    server->port_free = server->network_ready = false;
	server->image_known = server->pulled = false;
	server->version_known = server->made;
	server->made = false;
	server->move.image[0] = '\0';
	if (managed_server_copy_request(server, message) == -1) {
		(void)error_set(&e, STATUS_OS, "container.memory", "cannot start the server: memory is out");
		managed_server_fail(server, &e);
		return;
	}
	server->wanted = message->initialise ? MANAGED_SERVER_WANT_INITIALISED
	    : message->target != 0	     ? MANAGED_SERVER_WANT_MOVED
					     : MANAGED_SERVER_WANT_RUNNING;
	server->stop_at = CLOCK_NEVER;
	managed_server_look(server);
}

/* The engine has not stopped the container in time: the supervisor is answered all the same. */
static void
managed_server_stop_overdue(struct loop_timer *timer)
{
	struct managed_server *server = timer->arg;

	for (int kind = 0; kind < MANAGED_SERVER_TASKS; kind++)
		managed_server_cancel(server, (enum managed_server_task_kind)kind);
	engine_find_cancel(&server->finder);
	log_warning("the engine did not stop the server's container in time");
	managed_server_say_stopped(server, "the engine did not stop the container in time; it may still be running");
}

/* A start under way is given up: a short step is finished, a step that may take long is ended. */
static void
managed_server_turn_to_stop(struct managed_server *server)
{
	struct error e;

	(void)error_set(&e, STATUS_UNAVAILABLE, "container.cancelled", "the start was given up: the server is to stop");
	managed_server_fail_start(server, &e);
	server->wanted = MANAGED_SERVER_WANT_STOPPED;
	if (server->late_start) {
		server->late_start = false;
		managed_server_advance(server);
	} else if (server->state == MANAGED_SERVER_PULLING) {
		managed_server_cancel(server, MANAGED_SERVER_TASK_STEP);
		managed_server_advance(server);
	} else if (server->state == MANAGED_SERVER_INITIALISING) {
		server->setup_killing = true;
		managed_server_kill_setup(server);
	} else if (server->state == MANAGED_SERVER_STOPPING)
		managed_server_stop_container(server);
}

void
managed_server_take_stop(struct managed_server *server, uint32_t id, uint32_t timeout_ms)
{
	int64_t at = clock_now_ms() + timeout_ms;

	if (server->nstops == MANAGED_SERVER_STOPS_MAX)
		server->nstops--;
	server->stop_ids[server->nstops++] = id;
	if (server->stop_at == CLOCK_NEVER || server->wanted != MANAGED_SERVER_WANT_STOPPED || at < server->stop_at)
		server->stop_at = at;
	loop_timer_set(&server->worker->loop, &server->stop_limit,
	    server->stop_at - clock_now_ms() + MANAGED_SERVER_STOP_SPARE_MS, managed_server_stop_overdue, server);
	if (server->wanted == MANAGED_SERVER_WANT_STOPPED) {
		if (server->state == MANAGED_SERVER_STOPPING)
			managed_server_stop_container(server);
		return;
	}
	server->killed = server->stopped = server->network_left = server->wait_failed = false;
	if (server->wanted != MANAGED_SERVER_WANT_NOTHING) {
		managed_server_turn_to_stop(server);
		return;
	}
	managed_server_watch_end(server);
	server->wanted = MANAGED_SERVER_WANT_STOPPED;
	if (!server->engine_was_used)
		managed_server_say_stopped(server, "");
	else if (server->state == MANAGED_SERVER_RUNNING && server->container.running)
		managed_server_advance(server);
	else
		managed_server_look(server);
}
