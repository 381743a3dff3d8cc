/*
 * Looks for bibd's network, makes it, and removes it when it is wrong or no longer needed.
 */
#include "workers/container/network.h"

#include <string.h>

#include "workers/container/container.h"

static void
network_made(struct managed_server *server, const struct job_result *result)
{
	struct error e;

	/* Another node of this host may have made it in the same moment. */
	if (!job_succeeded(result) && strstr(result->error_text, "already") == NULL) {
		(void)managed_server_complain(server, "making the network of the server's container", result, &e);
		e.code = "container.network";
		managed_server_fail(server, &e);
		return;
	}
	server->network_ready = true;
	managed_server_advance(server);
}

static void
network_create(struct managed_server *server)
{
	struct arguments arguments = { 0 };

	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "network", "create", "--label", NETWORK_LABEL "=yes", NULL);
	arguments_add_list(&arguments, server->engine.kind->network_options);
	arguments_add(&arguments, server->worker->conf->database.postgres.network.bridge_network_name, NULL);
	(void)managed_server_run(server, MANAGED_SERVER_TASK_STEP, &arguments, NULL, network_made);
}

static bool
network_is_ours(const struct job_result *result)
{
	return strncmp(result->output, "yes", 3) == 0;
}

static void
network_inspected(struct managed_server *server, const struct job_result *result)
{
	char command[ENGINE_COMMAND_MAX];
	struct error e;

	if (!job_succeeded(result)) {
		network_create(server);
		return;
	}
	if (network_is_ours(result)) {
		server->network_ready = true;
		managed_server_advance(server);
		return;
	}
	engine_command(&server->engine, command);
	(void)error_set(&e, STATUS_DATA, "container.network",
	    "a network named %s is there that bibd did not make: choose another "
	    "database.postgres.network.bridge_network_name, or "
	    "remove it with `%s network rm %s`",
	    server->worker->conf->database.postgres.network.bridge_network_name, command,
	    server->worker->conf->database.postgres.network.bridge_network_name);
	managed_server_fail(server, &e);
}

static void
network_inspect(struct managed_server *server, managed_server_task_fn *done)
{
	struct arguments arguments = { 0 };

	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "network", "inspect", "--format", "{{index .Labels \"" NETWORK_LABEL "\"}}",
	    server->worker->conf->database.postgres.network.bridge_network_name, NULL);
	(void)managed_server_run(server, MANAGED_SERVER_TASK_STEP, &arguments,
	    &(struct job_request) { .deadline_ms = ENGINE_ANSWER_MS }, done);
}

void
network_make(struct managed_server *server)
{
	server->state = MANAGED_SERVER_CREATING;
	network_inspect(server, network_inspected);
}

/* ---- the end ---- */

/* Another node's server may be in it: the engine then refuses, and the last one removes it. */
static void
network_removed(struct managed_server *server, const struct job_result *result)
{
	(void)result;
	managed_server_advance(server);
}

static void
network_inspected_for_removal(struct managed_server *server, const struct job_result *result)
{
	struct arguments arguments = { 0 };

	if (!job_succeeded(result) || !network_is_ours(result)) {
		managed_server_advance(server);
		return;
	}
	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "network", "rm", server->worker->conf->database.postgres.network.bridge_network_name,
	    NULL);
	(void)managed_server_run(server, MANAGED_SERVER_TASK_STEP, &arguments, NULL, network_removed);
}

void
network_remove(struct managed_server *server)
{
	server->state = MANAGED_SERVER_REMOVING;
	server->network_left = true;
	network_inspect(server, network_inspected_for_removal);
}
