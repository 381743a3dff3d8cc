/*
 * Takes the steps to the wanted state, in their order. What is known now says which step is needed next; when it has
 * ended, managed_server_advance decides again.
 */
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/container/container.h"
#include "workers/container/network.h"

struct managed_server_step {
	bool (*needed)(const struct managed_server *server);
	void (*begin)(struct managed_server *server);
};

bool
managed_server_wants_server(const struct managed_server *server)
{
	return server->wanted == MANAGED_SERVER_WANT_RUNNING || server->wanted == MANAGED_SERVER_WANT_INITIALISED ||
	    server->wanted == MANAGED_SERVER_WANT_MOVED;
}

/* ---- what was left behind, and what is to be replaced ---- */

static void
managed_server_removed_setup(struct managed_server *server, const struct job_result *result)
{
	struct error e;

	if (!job_succeeded(result) && strcasestr(result->error_text, "no such container") == NULL) {
		(void)managed_server_complain(server, "removing a one-shot container that was left behind", result, &e);
		managed_server_fail(server, &e);
		return;
	}
	if (server->source.present)
		server->source = (struct inspection) { 0 };
	else
		server->setup = (struct inspection) { 0 };
	managed_server_advance(server);
}

static bool
managed_server_needs_setup_removed(const struct managed_server *server)
{
	return server->setup.present || server->source.present;
}

static void
managed_server_remove_setup(struct managed_server *server)
{
	struct arguments arguments = { 0 };

	server->state = MANAGED_SERVER_REMOVING;
	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "rm", "--force", "--volumes",
	    server->source.present ? server->source.id : server->setup.id, NULL);
	(void)managed_server_run(server, MANAGED_SERVER_TASK_STEP, &arguments, NULL, managed_server_removed_setup);
}

static bool
managed_server_needs_stop(const struct managed_server *server)
{
	return server->container.running &&
	    (server->wanted != MANAGED_SERVER_WANT_RUNNING || managed_server_is_to_be_set_up(server) ||
		strcmp(server->container.hash, server->hash) != 0);
}

static void
managed_server_begin_stop(struct managed_server *server)
{
	if (server->wanted != MANAGED_SERVER_WANT_STOPPED)
		log_notice("the running container is not as the configuration wants it: it is stopped and made anew");
	managed_server_stop_container(server);
}

/* Whether the server has ended well. One that does not handle signals yet dies of SIGINT, and has done nothing. */
static bool
managed_server_ended_well(const struct managed_server *server)
{
	return server->stopped &&
	    (server->container.exit_code == 0 || server->container.exit_code == MANAGED_SERVER_EXIT_BY_SIGINT);
}

/* A container that did not end well is kept for its log until the next start. */
static bool
managed_server_needs_removal(const struct managed_server *server)
{
	return server->container.present && !server->container.running &&
	    (managed_server_wants_server(server) || managed_server_ended_well(server));
}

static void
managed_server_removed(struct managed_server *server, const struct job_result *result)
{
	struct error e;

	if (!job_succeeded(result) && strcasestr(result->error_text, "no such container") == NULL &&
	    strcasestr(result->error_text, "already in progress") == NULL) {
		(void)managed_server_complain(server, "removing the old container", result, &e);
		managed_server_fail(server, &e);
		return;
	}
	server->container = (struct inspection) { 0 };
	record_remove(server->home);
	managed_server_advance(server);
}

static void
managed_server_log_kept(struct managed_server *server, const struct job_result *result)
{
	struct arguments arguments = { 0 };
	struct error e;

	if (job_succeeded(result) && record_write_log(server->home, result->output, &e) == -1)
		log_warning("%s", e.text);
	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "rm", "--volumes", server->container.id, NULL);
	(void)managed_server_run(server, MANAGED_SERVER_TASK_STEP, &arguments, NULL, managed_server_removed);
}

/* Removes the container. Its log goes with it, so the end of that is kept for `bibctl logs`. */
static void
managed_server_remove(struct managed_server *server)
{
	struct arguments arguments = { 0 };

	server->state = MANAGED_SERVER_REMOVING;
	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "logs", "--tail", MANAGED_SERVER_DEATH_LOG_LINES, server->container.id, NULL);
	(void)managed_server_run(server, MANAGED_SERVER_TASK_STEP, &arguments,
	    &(struct job_request) { .deadline_ms = ENGINE_ANSWER_MS,
		.merged = true,
		.only_end = true,
		.output_max = MANAGED_SERVER_LOG_MAX },
	    managed_server_log_kept);
}

static bool
managed_server_leaves_network(const struct managed_server *server)
{
	return server->wanted == MANAGED_SERVER_WANT_STOPPED && server->stopped && !server->container.present &&
	    !server->network_left && spec_wants_network(server->worker->conf);
}

/* ---- the ends ---- */

static bool
managed_server_is_stopped(const struct managed_server *server)
{
	return server->wanted == MANAGED_SERVER_WANT_STOPPED;
}

static void
managed_server_finish_stop(struct managed_server *server)
{
	char text[128] = "";

	if (server->stopped && server->container.present)
		(void)snprintf(text, sizeof(text), "PostgreSQL ended with status %d; its container is kept for its log",
		    server->container.exit_code);
	managed_server_say_stopped(server, text);
}

static bool
managed_server_is_there(const struct managed_server *server)
{
	return server->container.running;
}

static void
managed_server_adopt(struct managed_server *server)
{
	log_notice("the server is running already: its container is taken over");
	(void)snprintf(server->image_id, sizeof(server->image_id), "%s", server->container.image_id);
	/* Events from before now are not about this run of the container. */
	server->watch.since_us = 0;
	managed_server_say_started(server, true);
}

/* ---- the port, before anything that takes long ---- */

static bool
managed_server_needs_port(const struct managed_server *server)
{
	return spec_is_tcp(server->worker->conf) && !server->port_free && server->wanted != MANAGED_SERVER_WANT_MOVED;
}

static void
managed_server_check_port(struct managed_server *server)
{
	const struct conf *conf = server->worker->conf;
	struct error e;

	/* Podman's networks have IPv4 alone, and no kernel forwards from ::1. */
	if (server->engine.kind == &engine_podman &&
	    strchr(conf->database.postgres.network.bind_address, ':') != NULL) {
		(void)error_set(&e, STATUS_CONFIG, "container.bind_address",
		    "podman publishes no port on %s: set database.postgres.network.bind_address to 127.0.0.1, or "
		    "container_runtime to docker",
		    conf->database.postgres.network.bind_address);
		managed_server_fail(server, &e);
		return;
	}
	if (port_is_free(conf->database.postgres.network.bind_address, (unsigned)conf->database.postgres.port, &e) ==
	    -1) {
		managed_server_fail(server, &e);
		return;
	}
	server->port_free = true;
	managed_server_advance(server);
}

/* ---- the container ---- */

static bool
managed_server_needs_network(const struct managed_server *server)
{
	return spec_wants_network(server->worker->conf) && !server->network_ready;
}

static void
managed_server_created(struct managed_server *server, const struct job_result *result)
{
	size_t size = strcspn(result->output, "\r\n");
	struct error e;

	if (!job_succeeded(result) || size == 0 || size >= sizeof(server->container.id)) {
		if (result->end == JOB_EXITED)
			record_remove(server->home);
		if (server->wanted == MANAGED_SERVER_WANT_STOPPED || server->hopeful) {
			managed_server_cancel(server, MANAGED_SERVER_TASK_IMAGE);
			managed_server_look(server);
			return;
		}
		(void)managed_server_complain(server, "starting the server's container", result, &e);
		managed_server_fail(server, &e);
		return;
	}
	server->container = (struct inspection) { .present = true, .running = true, .started_us = clock_realtime_us() };
	(void)snprintf(server->container.id, sizeof(server->container.id), "%.*s", (int)size, result->output);
	(void)snprintf(server->container.hash, sizeof(server->container.hash), "%s", server->hash);
	(void)snprintf(server->container.node, sizeof(server->container.node), "%s", server->worker->node_id);
	(void)snprintf(server->container.role, sizeof(server->container.role), "%s", SPEC_ROLE_SERVER);
	(void)conf_postgres_path(server->worker->conf, "data", server->container.data, sizeof(server->container.data));
	if (record_write(server->home, &server->engine, server->container.id, &e) == -1)
		log_warning("%s", e.text);
	if (server->wanted == MANAGED_SERVER_WANT_RUNNING)
		managed_server_say_started(server, false);
	else
		managed_server_advance(server);
}

static bool
managed_server_needs_nothing_else(const struct managed_server *server)
{
	(void)server;
	return true;
}

const char *
managed_server_image(const struct managed_server *server)
{
	return server->image_id[0] != '\0' ? server->image_id : server->worker->conf->database.postgres.image;
}

void
managed_server_create(struct managed_server *server)
{
	struct spec spec = managed_server_spec(server);
	struct arguments arguments = { 0 };
	struct error e;

	server->state = MANAGED_SERVER_CREATING;
	server->engine_was_used = true;
	if (spec_server_arguments(&spec, managed_server_image(server), server->hash, &arguments, &e) == -1 ||
	    record_write(server->home, &server->engine, "", &e) == -1) {
		arguments_free(&arguments);
		managed_server_fail(server, &e);
		return;
	}
	server->watch.since_us = clock_realtime_us();
	(void)managed_server_run(server, MANAGED_SERVER_TASK_STEP, &arguments, NULL, managed_server_created);
}

static const struct managed_server_step managed_server_steps[] = {
	{ managed_server_needs_refusal, managed_server_refuse },
	{ managed_server_is_mapped, managed_server_refuse_mapping },
	{ managed_server_is_elsewhere, managed_server_refuse_second },
	{ managed_server_needs_setup_removed, managed_server_remove_setup },
	{ managed_server_needs_stop, managed_server_begin_stop },
	{ managed_server_needs_removal, managed_server_remove },
	{ managed_server_leaves_network, network_remove },
	{ managed_server_is_stopped, managed_server_finish_stop },
	{ managed_server_is_there, managed_server_adopt },
	{ managed_server_needs_port, managed_server_check_port },
	{ managed_server_needs_image, managed_server_pull_image },
	{ managed_server_needs_version, managed_server_ask_version },
	{ managed_server_needs_source, managed_server_find_source },
	{ managed_server_needs_move, managed_server_begin_move },
	{ managed_server_needs_setup, managed_server_begin_setup },
	{ managed_server_needs_network, network_make },
	{ managed_server_needs_nothing_else, managed_server_create },
};

void
managed_server_advance(struct managed_server *server)
{
	for (size_t i = 0; i < sizeof(managed_server_steps) / sizeof(managed_server_steps[0]); i++)
		if (managed_server_steps[i].needed(server)) {
			managed_server_steps[i].begin(server);
			return;
		}
}
