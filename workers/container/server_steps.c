/*
 * The steps, in the order in which they can be in the way of what is wanted. Each is needed or not by what is known now,
 * and its end leads back to server_advance.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/container/bootstrap.h"
#include "workers/container/container.h"
#include "workers/container/network.h"

struct server_step {
	bool (*needed)(const struct server *server);
	void (*begin)(struct server *server);
};

static bool
server_wants_server(const struct server *server)
{
	return server->wanted == SERVER_WANT_RUNNING || server->wanted == SERVER_WANT_INITIALISED;
}

/* ---- a container of our name that is somebody else's ---- */

static bool
server_is_foreign(const struct server *server, const struct inspection *container, const char *role)
{
	return container->present &&
	       (strcmp(container->node, server->worker->node_id) != 0 || strcmp(container->role, role) != 0);
}

static bool
server_needs_refusal(const struct server *server)
{
	return server_is_foreign(server, &server->container, SPEC_ROLE_SERVER) ||
	       server_is_foreign(server, &server->setup, SPEC_ROLE_SETUP);
}

static void
server_refuse(struct server *server)
{
	bool setup = server_is_foreign(server, &server->setup, SPEC_ROLE_SETUP);
	const struct inspection *container = setup ? &server->setup : &server->container;
	struct error e;

	if (server->wanted == SERVER_WANT_STOPPED) {
		server_say_stopped(server, "");
		return;
	}
	(void)error_set(&e, STATUS_DATA, "container.not_ours",
	    "a container named %s is there that this node did not make: it is left alone; look at it with `%s inspect %s`, and "
	    "rename or remove it",
	    container->name, server->engine.kind->program, container->name);
	server_fail(server, &e);
}

/* ---- what was left behind, and what is to be replaced ---- */

static void
server_removed_setup(struct server *server, const struct job_result *result)
{
	struct error e;

	if (!job_succeeded(result) && strcasestr(result->error_text, "no such container") == NULL) {
		(void)server_complain(server, "removing a one-shot container that was left behind", result, &e);
		server_fail(server, &e);
		return;
	}
	server->setup = (struct inspection) { 0 };
	server_advance(server);
}

static bool
server_needs_setup_removed(const struct server *server)
{
	return server->setup.present;
}

static void
server_remove_setup(struct server *server)
{
	struct arguments arguments = { 0 };

	server->state = SERVER_REMOVING;
	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "rm", "--force", "--volumes", server->setup.id, NULL);
	(void)server_run(server, SERVER_TASK_STEP, &arguments, NULL, server_removed_setup);
}

static bool
server_needs_stop(const struct server *server)
{
	return server->container.running && (server->wanted != SERVER_WANT_RUNNING || server->verifier != NULL ||
	                                        strcmp(server->container.hash, server->hash) != 0);
}

static void
server_begin_stop(struct server *server)
{
	if (server->wanted != SERVER_WANT_STOPPED)
		log_notice("the container that runs was made otherwise than it would be now: it is stopped and made anew");
	server_stop_container(server);
}

/* A container that did not end well is kept for its log until the next start. */
static bool
server_needs_removal(const struct server *server)
{
	return server->container.present && !server->container.running &&
	       (server_wants_server(server) || (server->stopped && server->container.exit_code == 0));
}

static void
server_removed(struct server *server, const struct job_result *result)
{
	struct error e;

	if (!job_succeeded(result) && strcasestr(result->error_text, "no such container") == NULL &&
	    strcasestr(result->error_text, "already in progress") == NULL) {
		(void)server_complain(server, "removing the old container", result, &e);
		server_fail(server, &e);
		return;
	}
	server->container = (struct inspection) { 0 };
	server_advance(server);
}

static void
server_remove(struct server *server)
{
	struct arguments arguments = { 0 };

	server->state = SERVER_REMOVING;
	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "rm", "--volumes", server->container.id, NULL);
	(void)server_run(server, SERVER_TASK_STEP, &arguments, NULL, server_removed);
}

/* ---- the ends ---- */

static bool
server_is_stopped(const struct server *server)
{
	return server->wanted == SERVER_WANT_STOPPED;
}

static void
server_finish_stop(struct server *server)
{
	char text[128] = "";

	if (server->stopped && server->container.present)
		(void)snprintf(text, sizeof(text), "PostgreSQL ended with status %d; its container is kept for its log",
		    server->container.exit_code);
	server_say_stopped(server, text);
}

static bool
server_is_there(const struct server *server)
{
	return server->container.running;
}

static void
server_adopt(struct server *server)
{
	log_notice("the server runs already, from before: its container is taken over");
	(void)snprintf(server->image_id, sizeof(server->image_id), "%s", server->container.image_id);
	server_say_started(server, true);
}

/* ---- the image ---- */

static bool
server_needs_image(const struct server *server)
{
	return !server->image_known;
}

static void
server_pull_line(void *context, const char *line, bool from_error)
{
	struct server_task *task = context;
	struct server *server = task->server;
	char text[256];

	(void)from_error;
	if (!pull_take_line(&server->pull, line))
		return;
	pull_text(&server->pull, server->worker->conf->database.postgres.image, text, sizeof(text));
	server_progress(server, "%s", text);
}

static void
server_pulled(struct server *server, const struct job_result *result)
{
	char what[300];
	struct error e;

	if (job_succeeded(result) && !server->pulled) {
		server->pulled = true;
		log_info("pulled %s in %lld s", server->worker->conf->database.postgres.image, (long long)result->ran_ms / 1000);
		server_look(server);
		return;
	}
	(void)snprintf(what, sizeof(what), "the image %s is not there and cannot be pulled",
	    server->worker->conf->database.postgres.image);
	(void)server_complain(server, what, result, &e);
	e.code = "container.image";
	server_fail(server, &e);
}

static void
server_pull_image(struct server *server)
{
	struct arguments arguments = { 0 };

	server->state = SERVER_PULLING;
	server->pull = (struct pull) { 0 };
	server_progress(server, "pulling %s", server->worker->conf->database.postgres.image);
	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "pull", server->worker->conf->database.postgres.image, NULL);
	(void)server_run(server, SERVER_TASK_STEP, &arguments,
	    &(struct job_request) { .deadline_ms = SERVER_PULL_MS, .line = server_pull_line }, server_pulled);
}

/* ---- the database directory ---- */

static bool
server_needs_setup(const struct server *server)
{
	return server->wanted == SERVER_WANT_INITIALISED || server->verifier != NULL;
}

static void
server_set_up(struct server *server, const struct job_result *result)
{
	bool initialise = server->wanted == SERVER_WANT_INITIALISED;
	struct error e;

	server->setup_killing = false;
	if (server->wanted == SERVER_WANT_STOPPED) {
		server_cancel(server, SERVER_TASK_KILL);
		loop_timer_cancel(&server->stop_timer);
		server_look(server);
		return;
	}
	if (!job_succeeded(result) || strstr(result->output, BOOTSTRAP_COMPLETE) == NULL) {
		(void)server_complain(server, initialise ? "making the database" : "setting bibd's password in the database", result,
		    &e);
		e.code = "container.bootstrap";
		server_fail(server, &e);
		return;
	}
	if (initialise) {
		server_say_initialised(server);
		return;
	}
	explicit_bzero(server->verifier, strlen(server->verifier));
	free(server->verifier);
	server->verifier = NULL;
	server_advance(server);
}

static void
server_begin_setup(struct server *server)
{
	bool initialise = server->wanted == SERVER_WANT_INITIALISED;
	struct spec spec = server_spec(server);
	struct job_request request = { .deadline_ms = SERVER_SETUP_MS };
	struct arguments arguments = { 0 };
	struct error e;
	char *sql;

	server->state = SERVER_INITIALISING;
	sql = bootstrap_sql(server->verifier != NULL ? server->verifier : "", initialise ? spec.conf->database.name : NULL,
	    &request.input_size, &e);
	if (sql == NULL || spec_setup_arguments(&spec, server->image_id, initialise ? "data.new" : "data",
	                       initialise ? bootstrap_initialise_script : bootstrap_verifier_script, &arguments, &e) == -1)
		server_fail(server, &e);
	else {
		server_progress(server, initialise ? "making the database" : "setting bibd's password in the database");
		request.input = sql;
		(void)server_run(server, SERVER_TASK_STEP, &arguments, &request, server_set_up);
	}
	if (sql != NULL)
		explicit_bzero(sql, request.input_size);
	free(sql);
}

/* ---- the container ---- */

static bool
server_needs_network(const struct server *server)
{
	return spec_wants_network(server->worker->conf) && !server->network_ready;
}

static void
server_created(struct server *server, const struct job_result *result)
{
	size_t size = strcspn(result->output, "\r\n");
	struct error e;

	if (!job_succeeded(result) || size == 0 || size >= sizeof(server->container.id)) {
		if (server->wanted == SERVER_WANT_STOPPED) {
			server_look(server);
			return;
		}
		(void)server_complain(server, "starting the server's container", result, &e);
		server_fail(server, &e);
		return;
	}
	server->container = (struct inspection) { .present = true, .running = true, .started_us = clock_realtime_us() };
	(void)snprintf(server->container.id, sizeof(server->container.id), "%.*s", (int)size, result->output);
	(void)snprintf(server->container.hash, sizeof(server->container.hash), "%s", server->hash);
	(void)snprintf(server->container.node, sizeof(server->container.node), "%s", server->worker->node_id);
	(void)snprintf(server->container.role, sizeof(server->container.role), "%s", SPEC_ROLE_SERVER);
	if (server->wanted == SERVER_WANT_RUNNING)
		server_say_started(server, false);
	else
		server_advance(server);
}

static bool
server_needs_nothing_else(const struct server *server)
{
	(void)server;
	return true;
}

static void
server_create(struct server *server)
{
	struct spec spec = server_spec(server);
	struct arguments arguments = { 0 };
	struct error e;

	server->state = SERVER_CREATING;
	if (spec_server_arguments(&spec, server->image_id, server->hash, &arguments, &e) == -1 ||
	    (spec_is_tcp(spec.conf) && port_is_free(spec.conf->database.postgres.network.bind_address,
	                                    (unsigned)spec.conf->database.postgres.port, &e) == -1)) {
		arguments_free(&arguments);
		server_fail(server, &e);
		return;
	}
	server->watch.since_us = clock_realtime_us();
	(void)server_run(server, SERVER_TASK_STEP, &arguments, NULL, server_created);
}

static const struct server_step server_steps[] = {
	{ server_needs_refusal, server_refuse },
	{ server_needs_setup_removed, server_remove_setup },
	{ server_needs_stop, server_begin_stop },
	{ server_needs_removal, server_remove },
	{ server_is_stopped, server_finish_stop },
	{ server_is_there, server_adopt },
	{ server_needs_image, server_pull_image },
	{ server_needs_setup, server_begin_setup },
	{ server_needs_network, network_make },
	{ server_needs_nothing_else, server_create },
};

void
server_advance(struct server *server)
{
	for (size_t i = 0; i < sizeof(server_steps) / sizeof(server_steps[0]); i++)
		if (server_steps[i].needed(server)) {
			server_steps[i].begin(server);
			return;
		}
}
