/*
 * Ends a container in an orderly way, or by force. The engine's `wait` tells of its end, not the event stream, so that
 * a stop does not depend on that.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/container/container.h"
#include "workers/container/owner.h"

#define MANAGED_SERVER_SETUP_RETRY_MS 100

static void
managed_server_stop_failed(struct managed_server *server, const char *what, const struct job_result *result)
{
	struct error e;

	managed_server_cancel(server, MANAGED_SERVER_TASK_KILL);
	managed_server_cancel(server, MANAGED_SERVER_TASK_WAIT);
	loop_timer_cancel(&server->stop_timer);
	(void)managed_server_complain(server, what, result, &e);
	managed_server_fail(server, &e);
}

/* A container that has ended in the meantime cannot be signalled: the wait tells of it. */
static void
managed_server_signalled(struct managed_server *server, const struct job_result *result)
{
	char complaint[256];

	(void)server;
	if (!job_succeeded(result))
		log_info("signalling the server's container: %s", job_complaint(result, complaint, sizeof(complaint)));
}

static int
managed_server_signal(struct managed_server *server, const char *name)
{
	struct arguments arguments = { 0 };

	managed_server_cancel(server, MANAGED_SERVER_TASK_KILL);
	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "kill", "--signal", name, server->container.id, NULL);
	return managed_server_run(server, MANAGED_SERVER_TASK_KILL, &arguments,
	    &(struct job_request) { .deadline_ms = ENGINE_ANSWER_MS }, managed_server_signalled);
}

static void
managed_server_ended(struct managed_server *server, const struct job_result *result)
{
	managed_server_cancel(server, MANAGED_SERVER_TASK_KILL);
	loop_timer_cancel(&server->stop_timer);
	if (job_succeeded(result)) {
		server->container.running = false;
		server->container.exit_code = (int)strtol(result->output, NULL, 10);
		server->stopped = true;
		managed_server_advance(server);
	} else if (result->end == JOB_EXITED && !server->wait_failed) {
		server->wait_failed = true;
		/* The container was removed by somebody, or the engine is ending: the next look decides. */
		server->container.running = false;
		managed_server_look(server);
	} else
		managed_server_stop_failed(server, "stopping the server's container", result);
}

static void
managed_server_stop_by_force(struct loop_timer *timer)
{
	struct managed_server *server = timer->arg;
	struct job_result nothing = { .end = JOB_TIMED_OUT,
		.output = "",
		.error_text = "",
		.ran_ms = MANAGED_SERVER_KILL_MS };

	if (server->killed) {
		managed_server_stop_failed(server, "killing the server's container", &nothing);
		return;
	}
	server->killed = true;
	log_warning("PostgreSQL did not stop in time and is killed; it will recover at its next start");
	if (managed_server_signal(server, "KILL") == 0)
		loop_timer_set(&server->worker->loop, &server->stop_timer, MANAGED_SERVER_KILL_MS,
		    managed_server_stop_by_force, server);
}

static int
managed_server_wait(struct managed_server *server)
{
	struct arguments arguments = { 0 };

	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "wait", NULL);
	arguments_add_list(&arguments, server->engine.kind->wait_options);
	arguments_add(&arguments, server->container.id, NULL);
	/* The wait has no deadline of its own: stop_timer ends it. */
	return managed_server_run(server, MANAGED_SERVER_TASK_WAIT, &arguments,
	    &(struct job_request) { .deadline_ms = JOB_NO_DEADLINE }, managed_server_ended);
}

void
managed_server_stop_container(struct managed_server *server)
{
	int64_t left;

	if (server->stop_at == CLOCK_NEVER)
		server->stop_at = clock_now_ms() + MANAGED_SERVER_REPLACE_STOP_MS;
	left = server->stop_at - clock_now_ms();
	if (!server->killed)
		loop_timer_set(&server->worker->loop, &server->stop_timer, left > 0 ? left : 0,
		    managed_server_stop_by_force, server);
	if (server->state == MANAGED_SERVER_STOPPING)
		return;
	server->state = MANAGED_SERVER_STOPPING;
	if (managed_server_wait(server) == 0 && left > 0)
		(void)managed_server_signal(server, "INT");
}

/* ---- the one-shot container ---- */

static void
managed_server_kill_setup_again(struct loop_timer *timer)
{
	managed_server_kill_setup(timer->arg);
}

static void
managed_server_setup_killed(struct managed_server *server, const struct job_result *result)
{
	(void)result;
	/* The engine may not have made it yet: as long as its job is there, so may be the container. */
	if (managed_server_is_busy(server, MANAGED_SERVER_TASK_STEP))
		loop_timer_set(&server->worker->loop, &server->stop_timer, MANAGED_SERVER_SETUP_RETRY_MS,
		    managed_server_kill_setup_again, server);
}

/* Removes the one-shot container by its id, never by its name, which a container of a copy of this node may have. */
static void
managed_server_setup_inspected(struct managed_server *server, const struct job_result *result)
{
	struct arguments arguments = { 0 };
	char name[ENGINE_NAME_MAX];

	spec_setup_name(server->worker->node_id, name, sizeof(name));
	inspection_find(result->output, name, &server->setup);
	if (owner_of_setup(server, &server->setup) != OWNER_US) {
		managed_server_setup_killed(server, result);
		return;
	}
	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "rm", "--force", "--volumes", server->setup.id, NULL);
	(void)managed_server_run(server, MANAGED_SERVER_TASK_KILL, &arguments, NULL, managed_server_setup_killed);
}

void
managed_server_kill_setup(struct managed_server *server)
{
	if (managed_server_is_busy(server, MANAGED_SERVER_TASK_STEP))
		(void)managed_server_inspect(server, managed_server_setup_inspected);
}
